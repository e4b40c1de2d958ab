//! What an answer looks like on the wire, in both styles.

use std::time::Instant;

use serde_json::{Value, json};
use tintype::demo::{Options, Style, start};

use super::{address, ask, bytes, client, events, parts, pixels, post, result, serve, stream, thoughts};

#[tokio::test]
async fn a_relay_streams_thoughts_a_draft_and_the_picture_with_usage_at_the_end() {
    let server = serve(Style::Relay, 0.0).await;
    let (status, body) = stream(&server, "gemini-3.1-flash-image", &ask("a red fox in snow")).await;
    assert_eq!(status, 200);
    let events = events(&body, "\n");
    let thoughts = thoughts(&events);
    assert!(thoughts.len() >= 4 && thoughts[0].starts_with("**"));
    assert!(thoughts[0].contains("a red fox in snow") && thoughts[0].ends_with("\n\n\n"));
    let draft = parts(&events)
        .into_iter()
        .position(|part| part["inlineData"].is_object() && part["thought"] == true);
    assert!(
        matches!(draft, Some(place) if place > 0 && place + 1 < thoughts.len()),
        "in the middle of the thoughts"
    );
    let picture = result(&events);
    assert!(picture["thoughtSignature"].is_string());
    assert_eq!(picture["inlineData"]["mimeType"], "image/png");
    assert_eq!(pixels(&bytes(&picture)).dimensions(), (688, 384));
    let [.., finish, usage] = &events[..] else {
        panic!("two last events")
    };
    assert_eq!(finish["candidates"][0]["finishReason"], "STOP");
    assert!(finish["createTime"].is_string() && finish["usageMetadata"]["trafficType"] == "ON_DEMAND");
    assert!(usage.get("candidates").is_none());
    let count = |name: &str| usage["usageMetadata"][name].as_u64().unwrap();
    assert_eq!(
        count("totalTokenCount"),
        count("promptTokenCount") + count("candidatesTokenCount") + count("thoughtsTokenCount")
    );
}

#[tokio::test]
async fn google_style_thinks_aloud_only_when_asked() {
    let server = serve(Style::Google, 0.0).await;
    let mut body = ask("a mountain lake at dusk");
    let (_, silent) = stream(&server, "gemini-3.1-flash-image", &body).await;
    assert!(thoughts(&events(&silent, "\r\n")).is_empty());
    body["generationConfig"]["thinkingConfig"] = json!({"includeThoughts": true});
    let (_, aloud) = stream(&server, "gemini-3.1-flash-image", &body).await;
    let events = events(&aloud, "\r\n");
    assert!(!thoughts(&events).is_empty());
    for event in &events {
        assert!(event["usageMetadata"]["promptTokenCount"].is_u64());
        assert!(event["modelVersion"].is_string() && event["responseId"].is_string());
    }
    assert_eq!(events.last().unwrap()["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test]
async fn without_sse_google_sends_an_array_and_a_relay_sse_all_the_same() {
    let body = ask("hills at dawn");
    let google = serve(Style::Google, 0.0).await;
    let (_, array) = post(
        &address(&google, "gemini-3-pro-image", "streamGenerateContent"),
        &{
            let mut body = body.clone();
            body["generationConfig"]["imageConfig"]["imageSize"] = json!("1K");
            body
        },
    )
    .await;
    let events: Vec<Value> = serde_json::from_str(&array).unwrap();
    let picture = result(&events);
    assert_eq!(
        picture["inlineData"]["mimeType"], "image/jpeg",
        "3 Pro answers JPEG"
    );
    assert_eq!(pixels(&bytes(&picture)).dimensions(), (1376, 768));
    let relay = serve(Style::Relay, 0.0).await;
    let (_, sse) = post(
        &address(&relay, "gemini-3.1-flash-image", "streamGenerateContent"),
        &body,
    )
    .await;
    assert!(sse.starts_with("data: "));
}

#[tokio::test]
async fn one_object_holds_everything_when_nothing_is_streamed() {
    for style in [Style::Relay, Style::Google] {
        let server = serve(style, 0.0).await;
        let mut body = ask("a lighthouse");
        body["generationConfig"]["thinkingConfig"] = json!({"includeThoughts": true});
        let url = address(&server, "gemini-3.1-flash-image", "generateContent").replace("v1beta", "v1");
        let (status, answer) = post(&url, &body).await;
        assert_eq!(status, 200);
        let events = [serde_json::from_str::<Value>(&answer).unwrap()];
        assert!(thoughts(&events).len() >= 4);
        assert!(pixels(&bytes(&result(&events))).width() == 688);
        assert!(events[0]["usageMetadata"]["totalTokenCount"].is_u64());
    }
}

#[tokio::test]
async fn snake_case_and_every_carrier_of_a_key_are_understood() {
    let server = serve(Style::Google, 0.0).await;
    let body = json!({
        "contents": [{"parts": [{"text": "dunes"}]}],
        "generation_config": {"image_config": {"aspect_ratio": "1:4", "image_size": "512"}},
    });
    let url = address(&server, "gemini-3.1-flash-image", "streamGenerateContent");
    let requests = [
        client().post(format!("{url}?alt=sse&key=abc")),
        client()
            .post(format!("{url}?alt=sse"))
            .header("x-goog-api-key", "abc"),
        client()
            .post(format!("{url}?alt=sse"))
            .header("authorization", "Bearer abc"),
    ];
    for request in requests {
        let answer = request
            .body(body.to_string())
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert_eq!(
            pixels(&bytes(&result(&events(&answer, "\r\n")))).dimensions(),
            (256, 1024)
        );
    }
    let bad = client()
        .post(format!("{url}?alt=sse&key=bad-key"))
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(bad.status(), 400, "a wrong key is 400 at Google");
    assert!(bad.text().await.unwrap().contains("API_KEY_INVALID"));
}

#[tokio::test]
async fn the_same_words_are_the_same_picture_and_other_words_another() {
    let server = serve(Style::Relay, 0.0).await;
    let mut pictures = Vec::new();
    for prompt in ["asdf qwerty", "asdf qwerty", "qwerty asdf"] {
        let (_, answer) = stream(&server, "m", &ask(prompt)).await;
        pictures.push(bytes(&result(&events(&answer, "\n"))));
    }
    assert_eq!(pictures[0], pictures[1]);
    assert_ne!(pictures[0], pictures[2]);
}

#[tokio::test]
async fn models_are_listed_as_each_style_lists_them() {
    for (style, name) in [
        (Style::Google, "models/gemini-3-pro-image"),
        (Style::Relay, "gemini-3-pro-image"),
    ] {
        let server = serve(style, 0.0).await;
        for version in ["v1beta", "v1"] {
            let url = format!("{}/{version}/models?pageSize=200", server.base_url());
            let list: Value =
                serde_json::from_str(&client().get(url).send().await.unwrap().text().await.unwrap()).unwrap();
            assert_eq!(list["models"][0]["name"], name);
        }
    }
}

#[tokio::test]
async fn at_a_watchable_pace_the_first_thought_comes_long_before_the_picture_and_that_in_pieces() {
    let server = serve(Style::Relay, 3.0).await;
    let url = address(&server, "m", "streamGenerateContent?alt=sse");
    #[expect(clippy::disallowed_methods, reason = "the pace is what is tested")]
    let begun = Instant::now();
    let mut response = client()
        .post(&url)
        .body(ask("a mountain lake at dusk").to_string())
        .send()
        .await
        .unwrap();
    let mut thought = None;
    let mut chunks = 0;
    while let Some(chunk) = response.chunk().await.unwrap() {
        thought.get_or_insert_with(|| {
            assert!(chunk.starts_with(b"data: "));
            begun.elapsed()
        });
        chunks += 1;
    }
    assert!(thought.unwrap() * 3 < begun.elapsed());
    assert!(chunks > 12, "{chunks} pieces can be watched arriving");
}

#[tokio::test]
async fn it_listens_on_the_loopback_and_is_gone_when_dropped() {
    let server = serve(Style::Relay, 1.0).await;
    let url = server.base_url().to_owned();
    assert!(url.starts_with("http://127.0.0.1:"));
    let port: u16 = url.rsplit_once(':').unwrap().1.parse().unwrap();
    let taken = start(Options {
        port,
        ..Options::default()
    })
    .await;
    assert!(taken.unwrap_err().hint.contains("--port"));
    let running = client()
        .post(address(&server, "m", "streamGenerateContent"))
        .body(ask("x fail:stall").to_string());
    let mut running = running.send().await.unwrap();
    server.shutdown().await;
    while let Ok(Some(_)) = running.chunk().await {}
    assert!(client().get(format!("{url}/v1beta/models")).send().await.is_err());
}
