//! The example exchanges, each served to the real program: what it reports, how it exits, how often it asks, and that
//! its key is nowhere afterwards.

use serde_json::Value;

use crate::house::{House, said};
use crate::server::Echo;

const KEY: &str = "sk-secret-7c41d09be2";

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchanges");

/// What the program makes of an exchange.
struct Row {
    name: &'static str,
    exit: i32,
    pictures: usize,
    finish: Option<&'static str>,
    kind: Option<&'static str>,
    http: Option<u64>,
}

const fn ok(name: &'static str, pictures: usize, finish: Option<&'static str>) -> Row {
    Row {
        name,
        exit: 0,
        pictures,
        finish,
        kind: None,
        http: None,
    }
}

const fn fails(
    name: &'static str,
    exit: i32,
    kind: &'static str,
    http: Option<u64>,
    finish: Option<&'static str>,
) -> Row {
    Row {
        name,
        exit,
        pictures: 0,
        finish,
        kind: Some(kind),
        http,
    }
}

#[rustfmt::skip]
const ROWS: [Row; 30] = [
    ok("01-relay-vertex-normal", 1, None),
    ok("02-google-pro-thought-image", 1, Some("STOP")),
    ok("03-google-25-text-then-image", 1, Some("STOP")),
    ok("04-two-images-sig-on-empty-text", 2, Some("STOP")),
    ok("05-grounded", 1, Some("STOP")),
    fails("06-prompt-blocked", 3, "blocked", None, None),
    fails("07-image-refused", 3, "refused", None, Some("IMAGE_OTHER")),
    fails("08-text-only-stop", 3, "no_image", None, Some("STOP")),
    fails("09-no-image-no-content", 3, "no_image", None, Some("NO_IMAGE")),
    ok("10-relay-noise", 1, Some("STOP")),
    fails("11-raw-error-mid-stream", 5, "server", Some(499), None),
    fails("12-data-error-mid-stream", 5, "overloaded", Some(503), None),
    fails("13-event-error", 5, "server", None, None),
    fails("14-http-429-google", 5, "quota", Some(429), None),
    fails("15-http-400-bad-key-array", 4, "bad_key", Some(400), None),
    fails("16-http-400-signature", 4, "signature", Some(400), None),
    fails("17-http-503-newapi-no-channel", 4, "no_channel", Some(503), None),
    fails("18-http-403-newapi-balance", 4, "no_balance", Some(403), None),
    fails("19-http-429-newapi-upstream", 5, "rate_limited", Some(429), None),
    fails("20-http-524-html", 5, "timeout", Some(524), None),
    fails("21-truncated-image", 5, "cut", None, None),
    ok("22-no-final-blank-line", 1, Some("STOP")),
    ok("23-json-array", 1, Some("STOP")),
    ok("24-unary-json-on-stream-url", 1, Some("STOP")),
    ok("25-odd-image-carriers", 3, Some("STOP")),
    fails("26-html-200-wrong-base", 2, "wrong_address", None, None),
    ok("27-unknown-values", 1, Some("IMAGE_SOMETHING_NEW")),
    fails("28-empty-stream", 5, "bad_answer", None, None),
    fails("29-ping-then-bare-error", 5, "rate_limited", Some(429), None),
    fails("30-doubly-encoded-error", 4, "signature", Some(400), None),
];

/// The only one after which the same request may go out again: the server refused it before anything was made, and
/// says nothing of a quota that will not come back.
const AGAIN: &str = "19-http-429-newapi-upstream";

fn index() -> Vec<Value> {
    let index = std::fs::read_to_string(format!("{FOLDER}/index.json")).unwrap();
    serde_json::from_str(&index).unwrap()
}

/// The exchange as it goes over the wire; its end is the connection's. Whoever may ask again may do so at once.
fn response(entry: &Value, body: &[u8]) -> Vec<u8> {
    let status = &entry["status"];
    let kind = entry["headers"]["content-type"].as_str().unwrap();
    let head =
        format!("HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nretry-after: 0\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// The names of `index.json` for what the program calls by other names.
fn outcome(row: &Row) -> &'static [&'static str] {
    match row.kind {
        None => &["ok"],
        Some("blocked") => &["prompt_blocked"],
        Some("refused") => &["refused"],
        Some("no_image") => &["no_image"],
        Some("cut") => &["truncated"],
        Some("bad_answer") => &["empty"],
        Some(_) => &["api_error"],
    }
}

fn generate(house: &House, server: &Echo, provider: &str, variable: &str) -> (i32, Value, String) {
    let args = [
        "-p",
        provider,
        "-m",
        "gemini-3-pro-image",
        "--base-url",
        &server.base_url,
        "generate",
        "a fox",
        "--json",
    ];
    let said = said(house.tintype(&args).env(variable, KEY));
    let stdout = String::from_utf8(said.stdout).unwrap();
    let report = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{}", said.stderr));
    (said.code.unwrap(), report, format!("{stdout}{}", said.stderr))
}

fn nowhere(house: &House, what: &str) {
    for (path, bytes) in house.files() {
        let found = bytes.windows(KEY.len()).any(|window| window == KEY.as_bytes());
        assert!(!found, "{what}: {} holds the key", path.display());
    }
}

#[test]
fn every_exchange_is_reported_as_the_reference_says() {
    let (house, server) = (House::new(), Echo::start());
    let entries = index();
    assert_eq!(entries.len(), ROWS.len());
    for (entry, row) in entries.iter().zip(&ROWS) {
        let name = row.name;
        assert_eq!(entry["name"], name);
        let body = std::fs::read(format!("{FOLDER}/{name}.body")).unwrap();
        server.answer_with(response(entry, &body));
        let (exit, report, printed) = generate(&house, &server, "google", "GEMINI_API_KEY");
        let calls = server.heads();
        assert!(!printed.contains(KEY), "{name}: {printed}");
        assert_eq!(exit, row.exit, "{name}: {printed}");
        let status = if row.exit == 0 { "finished" } else { "failed" };
        assert_eq!(report["status"], status, "{name}");
        let pictures = report["images"].as_array().map_or(0, Vec::len);
        assert_eq!(pictures, row.pictures, "{name}");
        assert_eq!(report["finish_reason"].as_str(), row.finish, "{name}");
        assert_eq!(report["error"]["kind"].as_str(), row.kind, "{name}");
        assert_eq!(report["error"]["http_status"].as_u64(), row.http, "{name}");
        if row.kind.is_some() {
            assert!(!report["error"]["hint"].as_str().unwrap().is_empty(), "{name}");
        }
        for image in report["images"].as_array().into_iter().flatten() {
            let bytes = std::fs::read(image["path"].as_str().unwrap()).unwrap();
            assert!(
                image::guess_format(&bytes).is_ok(),
                "{name}: a picture that is none"
            );
        }
        // The index agrees.
        let expect = &entry["expect"];
        assert!(
            outcome(row).contains(&expect["outcome"].as_str().unwrap()),
            "{name}"
        );
        if let Some(images) = expect["images"].as_u64() {
            assert_eq!(pictures as u64, images, "{name}");
        }
        if let Some(code) = expect["code"].as_u64() {
            assert_eq!(row.http, Some(code), "{name}");
        }
        assert!(expect["retry"] != "never" || name != AGAIN);
        // Whatever may have been paid for is asked for once.
        assert_eq!(report["attempts"], calls.len(), "{name}");
        let times = if name == AGAIN { 4 } else { 1 };
        assert_eq!(calls.len(), times, "{name}: how often it is sent");
    }
    nowhere(&house, "after all of them");
}

#[test]
fn a_server_that_repeats_the_key_everywhere_leaves_it_nowhere() {
    for (provider, variable) in [("anyfast", "ANYFAST_API_KEY"), ("google", "GEMINI_API_KEY")] {
        let (house, server) = (House::new(), Echo::start());
        for (entry, row) in index().iter().zip(&ROWS) {
            let body = std::fs::read(format!("{FOLDER}/{}.body", row.name)).unwrap();
            let mut body = String::from_utf8(body).unwrap();
            for place in [
                "\"message\":\"",
                "\"message\": \"",
                "\"text\":\"",
                "\"text\": \"",
                "\"finishMessage\":\"",
                "\"modelVersion\":\"",
                "\"responseId\":\"",
                "\"title\":\"",
                "\"fileUri\":\"",
                "https://",
                "(request id: ",
                "<title>",
            ] {
                body = body.replace(place, &format!("{place}{KEY} "));
            }
            server.answer_with(response(entry, body.as_bytes()));
            let (exit, _, printed) = generate(&house, &server, provider, variable);
            server.heads();
            assert!(!printed.contains(KEY), "{provider}, {}: {printed}", row.name);
            assert_eq!(exit, row.exit, "{provider}, {}: {printed}", row.name);
        }
        nowhere(&house, provider);
    }
}
