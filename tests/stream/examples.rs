//! Every example exchange, whole and cut at every byte, against what `index.json` expects.

use serde_json::Value;
use tintype::domain::ImageKind;
use tintype::error::{Error, Kind, Retry};
use tintype::provider::gemini::failure::{Head, classify};
use tintype::provider::gemini::response::Event;

use crate::harness::{Seen, run};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchanges");

fn exchanges() -> Vec<(Value, Vec<u8>)> {
    let index = std::fs::read_to_string(format!("{FOLDER}/index.json")).unwrap();
    let index: Vec<Value> = serde_json::from_str(&index).unwrap();
    let body =
        |entry: &Value| std::fs::read(format!("{FOLDER}/{}", entry["file"].as_str().unwrap())).unwrap();
    index
        .into_iter()
        .map(|entry| (entry.clone(), body(&entry)))
        .collect()
}

pub(crate) fn streams() -> impl Iterator<Item = (String, Value, Vec<u8>)> {
    let all = exchanges()
        .into_iter()
        .filter(|(entry, _)| entry["status"] == 200);
    all.map(|(entry, body)| {
        (
            entry["name"].as_str().unwrap().to_owned(),
            entry["expect"].clone(),
            body,
        )
    })
}

/// The name that the index has for an outcome.
fn outcome(result: &Result<(), Error>, seen: &Seen) -> &'static str {
    match result.as_ref().map_err(|error| error.kind) {
        Ok(()) => "ok",
        Err(Kind::Blocked) => "prompt_blocked",
        Err(Kind::Refused) => "refused",
        Err(Kind::NoImage) => "no_image",
        Err(Kind::Cut) => "truncated",
        Err(Kind::BadAnswer) if seen.events.is_empty() => "empty",
        Err(_) => "api_error",
    }
}

fn kinds(name: &str) -> &'static [Kind] {
    match name {
        "auth" => &[Kind::BadKey],
        "signature" => &[Kind::Signature],
        "routing" => &[Kind::NoChannel],
        "balance" => &[Kind::NoBalance],
        "rate" => &[Kind::RateLimited],
        "gateway" => &[Kind::Timeout],
        "not_api" => &[Kind::WrongAddress],
        other => panic!("unknown kind {other}"),
    }
}

fn check_error(name: &str, expect: &Value, error: &Error) {
    if let Some(code) = expect["code"].as_u64() {
        assert_eq!(error.http_status.map(u64::from), Some(code), "{name}");
    }
    if let Some(kind) = expect["kind"].as_str() {
        assert!(kinds(kind).contains(&error.kind), "{name}: {error:?}");
    }
    if expect["retry"] == "never" {
        assert_eq!(error.retry, Retry::Never, "{name}");
    }
    assert!(
        !error.message.is_empty() && !error.message.ends_with('.'),
        "{name}: {}",
        error.message
    );
    assert!(!error.hint.is_empty(), "{name}");
}

fn check(name: &str, expect: &Value, seen: &Seen) {
    let result = &seen.outcome.result;
    assert_eq!(
        outcome(result, seen),
        expect["outcome"].as_str().unwrap(),
        "{name}: {result:?}"
    );
    let count = |key: &str, found: usize| {
        if let Some(expected) = expect[key].as_u64() {
            assert_eq!(found as u64, expected, "{name}: {key}");
        }
    };
    count("images", seen.results().len());
    count("thought_images", seen.pictures(ImageKind::Draft).len());
    let thoughts = seen
        .events
        .iter()
        .filter(|event| matches!(event, Event::Thought { .. }));
    count("thoughts", thoughts.count());
    count("sig", seen.signatures().len());
    count("urls", seen.outcome.links.len());
    if let Some(text) = expect["text"].as_str() {
        assert_eq!(seen.outcome.text, text, "{name}");
    }
    if let Some(finish) = expect.get("finish") {
        assert_eq!(seen.outcome.finish_reason.as_deref(), finish.as_str(), "{name}");
    }
    if expect["grounding"] == true {
        assert!(!seen.outcome.sources.is_empty(), "{name}");
    }
    if let (Some(reason), Err(error)) = (expect["reason"].as_str(), result) {
        assert!(error.message.contains(reason), "{name}: {error}");
    }
    if let Err(error) = result {
        check_error(name, expect, error);
    }
    for husk in &seen.husks {
        assert!(!husk.contains(&b'\n'), "{name}: a husk is one line");
    }
}

#[test]
fn every_example_ends_as_expected() {
    for (name, expect, body) in streams() {
        check(&name, &expect, &run([body.as_slice()]));
    }
}

#[test]
fn every_example_ends_the_same_cut_in_two_at_every_byte() {
    for (name, _, body) in streams() {
        let whole = run([body.as_slice()]);
        for at in 0..=body.len() {
            let (left, right) = body.split_at(at);
            assert_eq!(run([left, right]), whole, "{name} cut at {at}");
        }
    }
}

#[test]
fn every_example_ends_the_same_in_pieces_of_any_size() {
    for (name, _, body) in streams() {
        let whole = run([body.as_slice()]);
        for size in [1, 2, 3, 7, 1400] {
            assert_eq!(run(body.chunks(size)), whole, "{name} in pieces of {size}");
        }
    }
}

#[test]
fn every_example_ends_the_same_with_other_line_ends_and_a_byte_order_mark() {
    for (name, _, body) in streams() {
        let whole = run([body.as_slice()]);
        let text = String::from_utf8(body).unwrap().replace("\r\n", "\n");
        for end in ["\n", "\r\n", "\r"] {
            let body = format!("\u{feff}{}", text.replace('\n', end));
            for size in [1, 5000] {
                let seen = run(body.as_bytes().chunks(size));
                assert_eq!(
                    seen.outcome, whole.outcome,
                    "{name} with {end:?} in pieces of {size}"
                );
            }
        }
    }
}

#[test]
fn every_http_error_is_classified_as_expected() {
    let mut seen = 0;
    for (entry, body) in exchanges() {
        let name = entry["name"].as_str().unwrap();
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        if status == 200 {
            continue;
        }
        seen += 1;
        let error = classify(status, &Head::default(), &body);
        check_error(name, &entry["expect"], &error);
        assert!(error.server.is_some(), "{name}");
        if String::from_utf8_lossy(&body).contains("request id") {
            assert!(error.request_id.is_some(), "{name}");
        }
    }
    assert!(seen >= 8);
}

/// How the body of a stream that ends early may be told: as what it is, or as what it had become by then.
fn may_end_as(kind: Kind, whole: &Seen) -> bool {
    let own = whole.outcome.result.as_ref().err().map(|error| error.kind);
    matches!(kind, Kind::Cut | Kind::BadAnswer | Kind::NoImage) || Some(kind) == own
}

#[test]
fn every_example_that_ends_at_any_byte_ends_sanely() {
    for (name, _, body) in streams() {
        let whole = run([body.as_slice()]);
        let mut had: Vec<Vec<u8>> = Vec::new();
        for end in 0..=body.len() {
            let seen = run([&body[..end]]);
            let results: Vec<Vec<u8>> = seen.results().into_iter().map(<[u8]>::to_vec).collect();
            match &seen.outcome.result {
                Ok(()) => assert!(
                    !results.is_empty(),
                    "{name} ends at {end} without a picture, as a success"
                ),
                Err(error) => {
                    assert!(may_end_as(error.kind, &whole), "{name} ends at {end}: {error:?}");
                    assert!(
                        !error.message.is_empty() && !error.hint.is_empty(),
                        "{name} ends at {end}"
                    );
                }
            }
            // What was whole before the end stays, whatever follows; nothing half is taken for whole.
            let all: Vec<Vec<u8>> = seen.slots.clone();
            assert!(all.starts_with(&had), "{name} ends at {end}: a picture was lost");
            assert!(
                whole.slots.starts_with(&all),
                "{name} ends at {end}: a picture that is none"
            );
            had = all;
            for result in &results {
                assert!(whole.slots.contains(result), "{name} ends at {end}");
            }
        }
        assert_eq!(had, whole.slots, "{name}");
    }
}

#[test]
fn every_http_error_that_ends_at_any_byte_is_an_error_that_is_not_billed_twice() {
    for (entry, body) in exchanges() {
        let name = entry["name"].as_str().unwrap();
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        if status == 200 {
            continue;
        }
        let whole = classify(status, &Head::default(), &body);
        for end in 0..=body.len() {
            let error = classify(status, &Head::default(), &body[..end]);
            assert!(
                !error.message.is_empty() && !error.hint.is_empty(),
                "{name} ends at {end}"
            );
            assert_eq!(error.http_status, Some(status), "{name}");
            // What is known only from the body's end may be missed, but the status alone decides these.
            if [400, 403, 524].contains(&status) {
                assert_eq!(error.retry, Retry::Never, "{name} ends at {end}");
            }
            if end == body.len() {
                assert_eq!(error, whole);
            }
        }
    }
}
