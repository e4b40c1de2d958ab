//! Every failure that the demo knows, as the program's own client understands it: the kind is what was asked for.

use serde_json::Value;
use tintype::demo::{Style, failures};
use tintype::domain::{ImageKind, Mime};
use tintype::error::{Error, Kind, Retry};
use tintype::provider::gemini::failure::{Head, classify};

use super::harness::{Seen, run};
use super::{address, ask, client, pixels, serve};

const MODEL: &str = "gemini-3.1-flash-image";

/// How an answer came out.
#[derive(Debug)]
enum Came {
    Refused(Error),
    Answered(Box<Seen>),
    /// The connection broke after this.
    Broke(Box<Seen>),
}

impl Came {
    fn error(&self) -> Option<Error> {
        match self {
            Self::Refused(error) => Some(error.clone()),
            Self::Answered(seen) => seen.outcome.result.clone().err(),
            Self::Broke(_) => Some(Error::new(Kind::Cut, "The connection broke")),
        }
    }

    fn seen(&self) -> &Seen {
        match self {
            Self::Answered(seen) | Self::Broke(seen) => seen,
            Self::Refused(error) => panic!("refused: {error}"),
        }
    }
}

async fn call(base: &str, prompt: &str) -> Came {
    call_with(base, &ask(prompt)).await
}

async fn call_with(url: &str, body: &Value) -> Came {
    let mut response = client().post(url).body(body.to_string()).send().await.unwrap();
    let status = response.status().as_u16();
    let text = |name: &str| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    let head = Head {
        request_id: None,
        retry_after: text("retry-after"),
        date: text("date"),
    };
    let mut pieces = Vec::new();
    let broke = loop {
        match response.chunk().await {
            Ok(Some(piece)) => pieces.push(piece),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    if status != 200 {
        return Came::Refused(classify(status, &head, &pieces.concat()));
    }
    let seen = Box::new(run(pieces.iter().map(|piece| &piece[..])));
    if broke {
        Came::Broke(seen)
    } else {
        Came::Answered(seen)
    }
}

/// What the client makes of a failure, in relay style and in google style; `None` for a picture.
fn meant(name: &str) -> [Option<Kind>; 2] {
    use Kind::{
        BadAnswer, BadInput, BadKey, BadRequest, Blocked, Cut, ModelNotFound, NoBalance, NoChannel, NoImage,
        Overloaded, Permission, Quota, RateLimited, Refused, Server, Signature, Timeout, TooLarge,
        WrongAddress,
    };
    let kind = match name {
        "429" | "429-empty" | "429-long" | "relay-429" | "upstream-429" | "ping-error" => RateLimited,
        "quota" | "no-quota" => Quota,
        "401" | "leaked" => BadKey,
        "permission" | "region" | "gate" => Permission,
        "balance" | "402" | "billing" => NoBalance,
        "channel" => NoChannel,
        "400" | "field" => BadRequest,
        "reference" => BadInput,
        "signature" => Signature,
        "404" => ModelNotFound,
        "route" | "html" => WrongAddress,
        "413" => TooLarge,
        "500" | "502" | "520" | "499" | "error" | "bare-error" | "event-error" => Server,
        "503" | "relay-503" | "once" | "upstream" | "double" => Overloaded,
        "504" | "524" => Timeout,
        "words" | "blocked" => Blocked,
        "safety" | "draft-refused" => Refused,
        "no-image" | "text" | "empty" | "finish=REASON" | "link" | "link-file" | "link-data" => NoImage,
        "nothing" => BadAnswer,
        "cut" | "cut-before" => Cut,
        "draft-only" | "slow" | "repeat" | "wrong-type" | "wrong-size" | "wrong-model" | "grounded" => {
            return [None, None];
        }
        other => panic!("what is fail:{other} meant to be?"),
    };
    [Some(kind), Some(kind)]
}

#[tokio::test]
async fn every_failure_is_understood_as_what_it_is_in_both_styles() {
    let styles = [Style::Relay, Style::Google];
    let servers = [serve(styles[0], 0.0).await, serve(styles[1], 0.0).await];
    let mut kinds = Vec::new();
    for (name, says) in failures() {
        // Silence has tests of its own.
        if ["stall", "silence"].contains(&name) {
            continue;
        }
        for (server, meant) in servers.iter().zip(meant(name)) {
            let url = address(server, MODEL, "streamGenerateContent?alt=sse");
            let came = call(&url, &format!("a red fox fail:{name}")).await;
            let error = came.error();
            assert_eq!(error.as_ref().map(|error| error.kind), meant, "{name}: {came:?}");
            if let Some(error) = error {
                let words = format!("{name}: {error:?}");
                assert!(
                    !matches!(came, Came::Refused(_)) || !error.hint.is_empty(),
                    "{words}"
                );
                kinds.push(error.kind);
            }
        }
        assert!(
            !says.ends_with('.') && says.starts_with(|letter: char| !letter.is_uppercase() || letter == 'C'),
            "{says}"
        );
    }
    for kind in [
        Kind::BadInput,
        Kind::BadRequest,
        Kind::TooLarge,
        Kind::ModelNotFound,
        Kind::WrongAddress,
        Kind::Blocked,
        Kind::Refused,
        Kind::NoImage,
        Kind::BadKey,
        Kind::Permission,
        Kind::NoBalance,
        Kind::NoChannel,
        Kind::Signature,
        Kind::Timeout,
        Kind::RateLimited,
        Kind::Quota,
        Kind::Overloaded,
        Kind::Server,
        Kind::Cut,
        Kind::BadAnswer,
    ] {
        assert!(kinds.contains(&kind), "no failure of the demo is {kind}");
    }
}

#[tokio::test]
async fn a_failure_may_come_a_few_times_only() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, MODEL, "streamGenerateContent?alt=sse");
    for prompt in ["a red fox fail:429*2", "another fail:429*2"] {
        for _ in 0..2 {
            let error = call(&url, prompt).await.error().unwrap();
            assert_eq!(
                error.retry,
                Retry::Safe {
                    after_seconds: Some(2.0)
                }
            );
        }
        assert!(call(&url, prompt).await.error().is_none());
    }
    assert_eq!(
        call(&url, "x fail:signature").await.error().unwrap().kind,
        Kind::Signature
    );
    assert!(call(&url, "x fail:signature").await.error().is_none());
}

#[tokio::test]
async fn delays_ids_and_billing_are_those_of_the_real_thing() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, MODEL, "streamGenerateContent?alt=sse");
    for (name, retry) in [
        (
            "429",
            Retry::Safe {
                after_seconds: Some(2.0),
            },
        ),
        ("429-long", Retry::Never),
        ("relay-429", Retry::Safe { after_seconds: None }),
        ("quota", Retry::Never),
        ("channel", Retry::Never),
        ("500", Retry::Safe { after_seconds: None }),
        ("502", Retry::Safe { after_seconds: None }),
        ("524", Retry::Never),
        ("504", Retry::Never),
    ] {
        let error = call(&url, &format!("fail:{name}")).await.error().unwrap();
        assert_eq!(error.retry, retry, "{name}");
    }
    let error = call(&url, "fail:channel").await.error().unwrap();
    assert_eq!(error.request_id.as_deref(), Some("demo"));
}

#[tokio::test]
async fn reasons_for_an_end_come_by_their_names() {
    let server = serve(Style::Google, 0.0).await;
    let url = address(&server, MODEL, "streamGenerateContent?alt=sse");
    for (name, reason) in [
        ("IMAGE_PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT"),
        ("image_recitation", "IMAGE_RECITATION"),
        ("MAX_TOKENS", "MAX_TOKENS"),
        ("finish=IMAGE_SOMETHING_NEW", "IMAGE_SOMETHING_NEW"),
    ] {
        let came = call(&url, &format!("a fox, fail:{name}.")).await;
        assert_eq!(came.seen().outcome.finish_reason.as_deref(), Some(reason));
        assert!(came.error().unwrap().message.contains(reason), "{name}");
    }
}

#[tokio::test]
async fn drafts_repeats_and_lies_are_what_they_say() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, MODEL, "streamGenerateContent?alt=sse");
    let promoted = call(&url, "a fox fail:draft-only").await;
    assert_eq!(promoted.seen().results().len(), 1);
    assert_eq!(promoted.seen().outcome.warnings.len(), 1);
    let refused = call(&url, "a fox fail:draft-refused").await;
    assert_eq!(refused.seen().pictures(ImageKind::Draft).len(), 1);
    assert!(
        refused.seen().results().is_empty(),
        "after a refusal a draft stays one"
    );
    let twice = call(&url, "a fox fail:repeat").await;
    assert_eq!(
        (twice.seen().slots.len(), twice.seen().results().len()),
        (3, 1),
        "a draft, and one picture twice"
    );

    let lie = call(&url, "a fox fail:wrong-type").await;
    let seen = lie.seen();
    let picture = seen
        .outcome
        .pictures
        .iter()
        .find(|picture| picture.kind == ImageKind::Result)
        .unwrap();
    assert_eq!(picture.declared_mime.as_deref(), Some("image/jpeg"));
    assert_eq!(Mime::sniff(seen.results()[0]), Mime::Png);

    let mut large = ask("a fox fail:wrong-size");
    large["generationConfig"]["imageConfig"]["imageSize"] = "4K".into();
    let small = call_with(&url, &large).await;
    assert_eq!(
        pixels(small.seen().results()[0]).dimensions(),
        (1376, 768),
        "4K was asked for, 1K came"
    );
    let other = call(&url, "a fox fail:wrong-model").await;
    assert_eq!(
        other.seen().outcome.model_version.as_deref(),
        Some("gemini-2.5-flash-image")
    );
    let grounded = call(&url, "a fox fail:grounded").await;
    assert_eq!(grounded.seen().outcome.sources.len(), 2);
    assert_eq!(grounded.seen().results().len(), 1);
}

#[tokio::test]
async fn a_link_leads_to_the_picture_and_nowhere_else() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, MODEL, "streamGenerateContent?alt=sse");
    for name in ["link", "link-file", "link-data"] {
        let came = call(&url, &format!("a red fox in snow fail:{name}")).await;
        let links = &came.seen().outcome.links;
        assert_eq!(links.len(), 1, "{name}");
        assert!(links[0].url.starts_with(server.base_url()), "{}", links[0].url);
        let response = client().get(&links[0].url).send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "image/png");
        let bytes = response.bytes().await.unwrap();
        assert_eq!(pixels(&bytes).dimensions(), (688, 384), "{name}");
    }
    for wrong in [
        "pictures/1x1/Zm94.png",
        "pictures/100x100/!.png",
        "pictures/99999x99999/Zm94.png",
        "pictures/a",
    ] {
        let response = client()
            .get(format!("{}/{wrong}", server.base_url()))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 404, "{wrong}");
    }
}

#[tokio::test]
async fn silence_from_the_beginning_is_silence() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, MODEL, "streamGenerateContent?alt=sse");
    let mut response = client()
        .post(&url)
        .body(ask("a fox fail:silence").to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    let first = tokio::time::timeout(std::time::Duration::from_millis(300), response.chunk()).await;
    assert!(first.is_err(), "nothing comes");
}
