//! A key never comes out again, whatever the server does with it.

use crate::house::{House, png, said};
use crate::server::Echo;
use base64::Engine as _;

pub(crate) const KEY: &str = "sk-test-4f8a2c9d7e";

/// Answers that repeat the key, each a whole response.
pub(crate) fn answers() -> Vec<(&'static str, String)> {
    let json = |status: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-request-id: {KEY}\r\ncontent-length: {length}\r\n\
             connection: close\r\n\r\n{body}"
        )
    };
    let stream = |events: &[String]| {
        let body = format!("data: {}\n\n", events.join("\n\ndata: "));
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n{body}")
    };
    let parts = |parts: &str, rest: &str| {
        format!("{{\"candidates\":[{{\"content\":{{\"parts\":[{parts}]}}{rest}}}]}}")
    };
    let thought = parts(
        &format!("{{\"text\":\"thinking of {KEY}\",\"thought\":true}}"),
        "",
    );
    let words = parts(&format!("{{\"text\":\"your key is {KEY}\"}}"), "");
    let picture = base64::engine::general_purpose::STANDARD.encode(png());
    let picture = parts(
        &format!("{{\"inlineData\":{{\"mimeType\":\"image/png\",\"data\":\"{picture}\"}}}}"),
        "",
    );
    let refused = parts(
        "",
        &format!(",\"finishReason\":\"IMAGE_SAFETY\",\"finishMessage\":\"not for {KEY}\""),
    );
    let broken = format!("{{\"error\":{{\"code\":500,\"message\":\"upstream refused {KEY}\"}}}}");
    vec![
        (
            "a refusal",
            json(
                "401 Unauthorized",
                &format!("{{\"error\":{{\"message\":\"bad key {KEY}\"}}}}"),
            ),
        ),
        (
            "a fault",
            json("500 Internal Server Error", &format!("key={KEY} crashed us")),
        ),
        ("no answer of the API", json("200 OK", &format!("hello {KEY}"))),
        (
            "a web page",
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n<title>{KEY}</title>"
            ),
        ),
        (
            "a redirect",
            format!(
                "HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/?key={KEY}\r\ncontent-length: 0\r\n\r\n"
            ),
        ),
        ("an error in the stream", stream(&[thought.clone(), broken])),
        ("words only", stream(&[thought.clone(), words.clone()])),
        ("a withheld picture", stream(&[thought.clone(), refused])),
        ("a picture", stream(&[thought, words, picture])),
    ]
}

#[test]
fn a_key_is_in_nothing_that_is_printed_or_written() {
    for (provider, variable) in [
        ("anyfast", "ANYFAST_API_KEY"),
        ("google", "GEMINI_API_KEY"),
        ("tokaify", "TOKAIFY_API_KEY"),
    ] {
        let house = House::new();
        let server = Echo::start();
        for (what, answer) in answers() {
            server.answer_with(answer);
            for json in [&["--json"][..], &[]] {
                let mut command = house.tintype(&[
                    "-p",
                    provider,
                    "--base-url",
                    &server.base_url,
                    "generate",
                    "a fox",
                ]);
                let said = said(command.args(json).env(variable, KEY));
                assert!(server.head().contains(KEY), "{what}: the key was sent");
                let printed = format!("{}{}", String::from_utf8_lossy(&said.stdout), said.stderr);
                assert!(!printed.contains(KEY), "{provider}, {what}:\n{printed}");
                assert_eq!(
                    said.code == Some(0),
                    what == "a picture",
                    "{provider}, {what}:\n{printed}"
                );
            }
        }
        assert!(house.files().len() > 2, "there is something to look at");
        for (path, bytes) in house.files() {
            let found = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
            assert!(!found, "{provider}: {} holds the key", path.display());
        }
    }
}

#[test]
fn a_dry_run_shows_the_request_without_a_key_or_its_place() {
    let house = House::new();
    let args = [
        "-p",
        "anyfast",
        "--base-url",
        "https://www.anyfast.ai",
        "generate",
        "a fox",
        "--dry-run",
    ];
    let with = said(house.tintype(&args).env("ANYFAST_API_KEY", KEY));
    let without = house.run(&args);
    assert_eq!(
        (with.code, without.code),
        (Some(0), Some(0)),
        "{}",
        without.stderr
    );
    assert_eq!((with.stdout, &with.stderr), (without.stdout, &without.stderr));
    assert!(!with.stderr.contains("key="), "{}", with.stderr);
}
