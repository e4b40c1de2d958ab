//! Answers that break off, lie, or mean harm.

use std::fmt::Write as _;

use tintype::error::Kind;
use tintype::provider::gemini::response::Event;
use tintype::provider::stream::{Decoder, Leftover, Output};

use crate::harness::{Seen, run};

fn stream(body: &str) -> Seen {
    let whole = run([body.as_bytes()]);
    for size in [1, 3, 1400] {
        assert!(run(body.as_bytes().chunks(size)) == whole, "in pieces of {size}");
    }
    whole
}

fn kind(seen: &Seen) -> Option<Kind> {
    seen.outcome.result.as_ref().err().map(|error| error.kind)
}

const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mO4oyEHAAMGASOxLw1cAAAAAElFTkSuQmCC";

fn good() -> String {
    format!(r#"data: {{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"data":"{PNG}"}}}}]}}}}]}}"#)
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    for body in [
        "[".repeat(100_000),
        format!("data: {}", r#"{"a":"#.repeat(100_000)),
    ] {
        let seen = run(body.as_bytes().chunks(4096));
        assert_eq!(kind(&seen), Some(Kind::BadAnswer));
        assert!(seen.stopped);
    }
}

#[test]
fn giant_keys_cost_nothing() {
    let key = r#"k\u0000\""#.repeat(50_000);
    let body = format!("data: {{\"{key}\":1,\"candidates\":[]}}\n\n{}\n\n", good());
    let seen = stream(&body);
    assert_eq!(seen.results().len(), 1);
    assert!(seen.blobs.is_empty());
    assert!(seen.husks[0].len() < 100);
}

#[test]
fn a_server_cannot_forge_a_reference_to_a_diverted_string() {
    let forged = [
        r#"{"\u0000":[{"p":0}]}"#.to_owned(),
        r#""\u0000""#.to_owned(),
        format!(r#"{{"{}":[{{"p":0}}]}}"#, "\0"),
    ];
    for value in forged {
        let secret = "A".repeat(70_000);
        let body = format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"inlineData\":{{\"data\":\"{secret}\"}},\"x\":1}},\
             {{\"inlineData\":{{\"data\":{value}}}}},{{\"text\":{value},\"thoughtSignature\":{value}}}]}}}}]}}\n\n"
        );
        let seen = stream(&body);
        let of_blobs = |event: &&Event| format!("{event:?}").contains("Blob(");
        assert_eq!(seen.events.iter().filter(of_blobs).count(), 1, "{value:?}");
    }
}

#[test]
fn what_is_never_closed_is_a_cut() {
    for body in [
        r#"data: {"candidates":[{"content":{"parts":[{"text":"a"#.to_owned(),
        r#"{"candidates":[{"content":{"parts":[{"text":"a"#.to_owned(),
        r#"[{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}"#.to_owned(),
        format!("data: {{\"x\":\"{}", "y".repeat(200_000)),
    ] {
        let seen = stream(&body);
        assert_eq!(seen.leftover, Leftover::Cut);
        assert_eq!(kind(&seen), Some(Kind::Cut));
    }
}

#[test]
fn an_event_that_breaks_off_does_not_take_the_next_one_with_it() {
    for broken in [
        r#"data: {"candidates":[{"content":{"parts":[{"text":"a"#.to_owned(),
        format!("data: {{\"x\":\"{}", "y".repeat(200_000)),
    ] {
        for gap in ["\n", "\n\n"] {
            let seen = stream(&format!("{broken}{gap}{}\n\n", good()));
            assert_eq!(seen.results().len(), 1, "{gap:?}");
            assert_eq!(seen.leftover, Leftover::Cut);
            assert_eq!(seen.outcome.warnings.len(), 1);
        }
    }
    let seen = stream(&format!("data: {{\"a\":\n\ndata: nonsense }}{{\n\n{}", good()));
    assert_eq!(seen.results().len(), 1);
}

#[test]
fn half_a_character_does_not_cost_the_picture_beside_it() {
    let text = |words: &[u8]| {
        let mut body = br#"data: {"candidates":[{"content":{"parts":[{"text":""#.to_vec();
        body.extend_from_slice(words);
        let rest = format!(r#""}},{{"inlineData":{{"data":"{PNG}"}}}}]}}}}]}}"#);
        body.extend_from_slice(rest.as_bytes());
        body
    };
    for (words, expected) in [
        (&br"a\ud83d b"[..], "a\u{fffd} b"),
        (br"a\ude00\\b", "a\u{fffd}\\b"),
        (br"\ud83d\ude00\ud83d", "\u{1f600}\u{fffd}"),
        (b"a\xff\xfeb", "a\u{fffd}\u{fffd}b"),
        (b"tab\there", "tab\there"),
    ] {
        let seen = run([text(words).as_slice()]);
        assert_eq!(seen.results().len(), 1);
        assert_eq!(seen.outcome.text, expected);
    }
}

#[test]
fn data_that_is_no_base64_is_told() {
    let seen = stream(&good().replace(PNG, "not base64!"));
    assert_eq!(kind(&seen), Some(Kind::NoImage));
    assert!(seen.outcome.warnings[0].contains("not base64!"));
    let seen = stream(&good().replace(PNG, "QUJDRA=="));
    assert_eq!(
        kind(&seen),
        Some(Kind::BadAnswer),
        "bytes that are no picture are no success"
    );
    assert_eq!(seen.results(), [b"ABCD"]);
}

#[test]
fn of_thousands_of_pictures_in_a_text_some_are_taken_out_and_the_rest_stays_text() {
    let mut body = String::from("data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"");
    body.push_str(&"x".repeat(70_000));
    for _ in 0..2000 {
        write!(body, " data:image/png;base64,{PNG}").unwrap();
    }
    write!(body, "\"}}]}}}}]}}\n\n{}\n\n", good()).unwrap();
    let seen = run(body.as_bytes().chunks(16 * 1024));
    assert!(!seen.stopped);
    assert_eq!(kind(&seen), None);
    assert!(seen.blobs.len() < 300);
    assert_eq!(seen.outcome.text.matches(PNG).count(), 2000 - 256);
}

#[test]
fn thousands_of_long_strings_do_not_end_the_reading() {
    let thought = format!(
        "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"thought\":true,\"text\":\"{}\"}}]}}}}]}}\n\n",
        "x ".repeat(35_000)
    );
    let body = [thought.repeat(1100), good()].concat();
    let seen = run(body.as_bytes().chunks(256 * 1024));
    assert_eq!((kind(&seen), seen.results().len()), (None, 1));
    assert!(seen.outcome.thoughts.len() <= 2_000_000);
    assert_eq!(
        seen.outcome.warnings,
        ["Thoughts longer than 2 MB are not shown; 75 MB left out"]
    );
}

#[test]
fn bounds_end_the_reading() {
    let out = &mut |output: Output<'_>| {
        if let Output::Event(event) = output {
            assert!(matches!(event, Event::Error(error) if error.kind == Kind::BadAnswer));
        }
    };
    let mut pushed = |head: &str, piece: &[u8]| {
        let mut decoder = Decoder::new();
        decoder.push(head.as_bytes(), out);
        let mut total = head.len();
        while !decoder.stopped() {
            decoder.push(piece, out);
            total += piece.len();
        }
        total >> 20
    };
    let piece = vec![b'A'; 1 << 20];
    assert_eq!(pushed("data: {\"data\":\"", &piece), 160, "one event");
    assert_eq!(pushed(": ", &piece), 512, "one body");
    assert_eq!(pushed("<html>", &piece), 512, "one page");
    let numbers = b"1,".repeat(1 << 19);
    assert!(pushed("data: [", &numbers) <= 9, "one husk");
}

#[test]
fn raw_errors_are_found_between_and_behind_everything() {
    let error = "{\n  \"error\": {\n    \"code\": 429,\n    \"message\": \"slow down\"\n  }\n}";
    for body in [
        error.to_string(),
        format!(": PING\n\n{error}"),
        format!("data: {{\"candidates\":[]}}\n{error}\n"),
        format!("data: [DONE]\n\n{error}\n\n"),
        format!("upstream trouble\n{error}"),
        format!("event: error\ndata: {}\n\n", error.replace('\n', "\ndata: ")),
        format!("data: {}\n\n", error.replace('\n', "")),
        format!("data: [{}]\n\n", error.replace('\n', "")),
        format!("[{error}]"),
        format!("data: {}\n\n", serde_json::Value::String(error.to_owned())),
    ] {
        let seen = stream(&body);
        assert_eq!(kind(&seen), Some(Kind::RateLimited), "{body}");
        let told = seen.outcome.result.unwrap_err();
        assert_eq!(told.server.as_deref(), Some("slow down"));
        assert_eq!(told.http_status, Some(429));
    }
}

#[test]
fn words_in_place_of_an_answer_are_told() {
    let seen = stream("event: error\ndata: upstream closed\ndata: the line\n\n");
    assert_eq!(kind(&seen), Some(Kind::Server));
    assert_eq!(
        seen.outcome.result.unwrap_err().server.as_deref(),
        Some("upstream closed\nthe line")
    );
    let seen = stream("Bad Gateway");
    assert_eq!(kind(&seen), Some(Kind::BadAnswer));
    assert_eq!(
        seen.outcome.result.unwrap_err().server.as_deref(),
        Some("Bad Gateway")
    );
    let seen = stream("data: {\"success\":false,\"message\":\"no such user\"}\n\n");
    assert_eq!(kind(&seen), Some(Kind::Server));
    let seen = stream(": PING\n\n<html><title>Login</title></html>");
    assert_eq!(kind(&seen), Some(Kind::WrongAddress));
    let seen = stream("data: {\"type\":\"ping\"}\n\n");
    assert_eq!(kind(&seen), Some(Kind::BadAnswer));
}
