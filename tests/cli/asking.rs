//! `tintype providers --check`: what is asked, what is made of the answers, and that nothing of a key comes out.

use crate::house::{House, Said, said};
use crate::secrets::{KEY, answers};
use crate::server::Echo;

fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn check(house: &House, server: &Echo, provider: &str, variable: &str) -> (Said, serde_json::Value) {
    let args = [
        "-p",
        provider,
        "--base-url",
        &server.base_url,
        "providers",
        "--check",
    ];
    let mut command = house.tintype(&args);
    let plain = said(command.env(variable, KEY));
    let mut command = house.tintype(&args);
    let output = said(command.env(variable, KEY).arg("--json"));
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.code, plain.code);
    let printed = format!("{}{}{rows}", String::from_utf8_lossy(&plain.stdout), plain.stderr);
    assert!(!printed.contains(KEY), "{printed}");
    (plain, rows[0]["check"].clone())
}

#[test]
fn the_list_of_models_is_asked_for_with_the_key_where_the_provider_takes_it() {
    let house = House::new();
    let server = Echo::start();
    server.answer_with(json(
        "200 OK",
        r#"{"models":[{"name":"models/gemini-3-pro-image","supportedGenerationMethods":["generateContent"]},
            {"name":"gemini-2.5-flash-image","supportedGenerationMethods":null},{"name":"text-only"},
            {"name":"models/imagen-4","supportedGenerationMethods":["predict"]}],"nextPageToken":null}"#,
    ));
    for (provider, variable, place) in [
        ("anyfast", "ANYFAST_API_KEY", "&key=sk-test-4f8a2c9d7e "),
        ("google", "GEMINI_API_KEY", "x-goog-api-key: sk-test-4f8a2c9d7e"),
        (
            "tokaify",
            "TOKAIFY_API_KEY",
            "authorization: Bearer sk-test-4f8a2c9d7e",
        ),
    ] {
        let (said, outcome) = check(&house, &server, provider, variable);
        let head = server.head();
        assert!(head.starts_with("GET /v1beta/models?pageSize=200"), "{head}");
        assert!(head.contains(place), "{head}");
        assert_eq!(head.matches(KEY).count(), 1, "{head}");
        server.head();
        assert_eq!(said.code, Some(0));
        let text = String::from_utf8(said.stdout).unwrap();
        assert!(text.contains("Key accepted, 3 models, "), "{text}");
        assert_eq!((&outcome["ok"], &outcome["models"]), (&true.into(), &3.into()));
        assert!(outcome["known"].to_string().contains("gemini-2.5-flash-image"));
    }
}

#[test]
fn what_a_provider_says_to_a_key_is_classified_and_never_repeats_it() {
    let house = House::new();
    let server = Echo::start();
    let mut given: Vec<(&str, String, &str, i32)> = vec![
        (
            "Google's bad key",
            json(
                "400 Bad Request",
                r#"{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
            ),
            "bad_key",
            4,
        ),
        (
            "no such route",
            json("404 Not Found", "nothing here"),
            "wrong_address",
            2,
        ),
        (
            "something else",
            json("200 OK", r#"{"hello":1}"#),
            "bad_answer",
            5,
        ),
        (
            "too many",
            json("429 Too Many Requests", r#"{"error":{"message":"slow down"}}"#),
            "rate_limited",
            5,
        ),
    ];
    let kinds = [
        ("a refusal", "bad_key", 4),
        ("a fault", "server", 5),
        ("a web page", "wrong_address", 2),
        ("a redirect", "wrong_address", 2),
    ];
    for (what, answer) in answers() {
        if let Some((what, kind, code)) = kinds.iter().find(|(known, ..)| *known == what) {
            given.push((what, answer, kind, *code));
        }
    }
    assert_eq!(given.len(), 8);
    for (what, answer, kind, code) in given {
        server.answer_with(answer);
        let (said, outcome) = check(&house, &server, "google", "GEMINI_API_KEY");
        let text = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said.code, Some(code), "{what}: {text}");
        assert_eq!(outcome["error"]["kind"], kind, "{what}: {outcome}");
        assert!(text.contains(&format!("({kind})")), "{what}: {text}");
        assert!(
            outcome["error"]["hint"]
                .as_str()
                .is_some_and(|hint| !hint.is_empty()),
            "{what}"
        );
    }
}

#[test]
fn pages_are_followed_as_far_as_it_makes_sense() {
    let house = House::new();
    let server = Echo::start();
    server.answer_with(json(
        "200 OK",
        r#"{"models":[{"name":"m"}],"nextPageToken":"a b"}"#,
    ));
    let (_, outcome) = check(&house, &server, "google", "GEMINI_API_KEY");
    assert_eq!(outcome["models"], 1);
    // A server that names the same page for ever is asked for it once.
    let pages = [server.head(), server.head()];
    assert!(!pages[0].contains("pageToken"), "{}", pages[0]);
    assert!(pages[1].contains("pageToken=a%20b"), "{}", pages[1]);
}
