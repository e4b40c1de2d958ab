//! Every shape that an answer may have, short and long: the same picture comes out of all of them.

use std::fmt::Write as _;

use tintype::domain::ImageKind;
use tintype::error::Kind;
use tintype::provider::stream::Leftover;

use crate::harness::{Seen, png, run};

/// The same however it is cut.
fn answer(body: &[u8]) -> Seen {
    let whole = run([body]);
    for size in [1, 2, 5, 1400] {
        if body.len() / size < 20_000 {
            assert!(run(body.chunks(size)) == whole, "in pieces of {size}");
        }
    }
    whole
}

/// A short picture, which stays in its event, and a long one, which leaves it.
fn pictures() -> [Vec<u8>; 2] {
    [png(21, 300), png(22, 100_000)]
}

fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

fn event(parts: &str) -> String {
    format!(r#"{{"candidates":[{{"content":{{"role":"model","parts":[{parts}]}},"index":0}}]}}"#)
}

fn inline(data: &str) -> String {
    event(&format!(
        r#"{{"inlineData":{{"mimeType":"image/png","data":"{data}"}}}}"#
    ))
}

fn kind(seen: &Seen) -> Option<Kind> {
    seen.outcome.result.as_ref().err().map(|error| error.kind)
}

#[test]
fn every_framing_gives_the_same_pictures() {
    for bytes in pictures() {
        let words = event(r#"{"text":"Here"}"#);
        let picture = inline(&base64(&bytes));
        let pretty: serde_json::Value = serde_json::from_str(&picture).unwrap();
        let pretty = serde_json::to_string_pretty(&pretty).unwrap();
        let pretty_crlf = pretty.replace('\n', "\r\n");
        let lines = pretty.replace('\n', "\ndata: ");
        #[rustfmt::skip]
        let bodies = [
            ("LF", format!("data: {words}\n\ndata: {picture}\n\n")),
            ("CRLF", format!("data: {words}\r\n\r\ndata: {picture}\r\n\r\n")),
            ("CR", format!("data: {words}\r\rdata: {picture}\r\r")),
            ("mixed line ends", format!("data: {words}\r\n\ndata: {picture}\r\r\n")),
            ("no blank after data:", format!("data:{words}\n\ndata:{picture}\n\n")),
            ("comments", format!(": PING\n\n:\ndata: {words}\n: keep-alive\n\n: x\n\ndata: {picture}\n\n")),
            ("ids and retries", format!("id: 1\nretry: 3\nevent: message\ndata: {words}\n\nid\ndata: {picture}\n\n")),
            ("one value on many data lines", format!("data: {words}\n\ndata: {lines}\n\n")),
            ("no blank lines", format!("data: {words}\ndata: {picture}\n")),
            ("no last blank line", format!("data: {words}\n\ndata: {picture}\n")),
            ("no last line end", format!("data: {words}\n\ndata: {picture}")),
            ("[DONE]", format!("data: {words}\n\ndata: {picture}\n\ndata: [DONE]\n\n")),
            ("[DONE] without a blank line", format!("data: {words}\ndata: {picture}\ndata: [DONE]")),
            ("a byte order mark", format!("\u{feff}data: {words}\n\ndata: {picture}\n\n")),
            ("a byte order mark and blanks", format!("\u{feff}\r\n\r\ndata: {words}\n\ndata: {picture}\n\n")),
            ("an array", format!("[{words},{picture}]")),
            ("an array as Google prints it", format!("[{words}\n,\r\n{pretty}\n]\n")),
            ("an array with CRLF", format!("[{words}\r\n,\r\n{pretty_crlf}\r\n]")),
            ("an array after blank lines", format!("\n\n \n[{words},\n{picture}]")),
            ("objects on lines", format!("{words}\n{picture}\n")),
            ("objects back to back", format!("{words}{pretty}")),
            ("an object after blank lines", format!("\n\n\n{}", picture.replacen(r#""parts":["#, r#""parts":[{"text":"Here"},"#, 1))),
            ("an array inside an event", format!("data: [{words},{picture}]\n\n")),
            ("bare JSON between events", format!("data: {words}\n\n{pretty}\n\n")),
        ];
        for (shape, body) in bodies {
            let seen = answer(body.as_bytes());
            assert_eq!(seen.outcome.result, Ok(()), "{shape}");
            assert!(seen.results() == [bytes.as_slice()], "{shape}");
            assert_eq!(seen.outcome.text, "Here", "{shape}");
            assert_eq!(seen.leftover, Leftover::None, "{shape}");
            assert!(
                seen.outcome.warnings.is_empty(),
                "{shape}: {:?}",
                seen.outcome.warnings
            );
        }
    }
}

/// The same base64 as servers spell it, for a string in JSON.
fn spellings(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let plain = base64(bytes);
    let wrapped = |end: &str| {
        let lines: Vec<&str> = (0..plain.len())
            .step_by(76)
            .map(|at| &plain[at..plain.len().min(at + 76)])
            .collect();
        lines.join(end)
    };
    vec![
        ("plain", plain.clone()),
        ("unpadded", plain.trim_end_matches('=').to_owned()),
        ("url-safe", plain.replace('+', "-").replace('/', "_")),
        (
            "url-safe and unpadded",
            base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes),
        ),
        ("wrapped", wrapped(r"\n")),
        ("wrapped as MIME does", wrapped(r"\r\n")),
        ("escaped slashes", plain.replace('/', r"\/")),
        (
            "escaped signs",
            plain.replace('+', r"\u002B").replace('=', r"\u003d"),
        ),
        ("an escaped letter", plain.replacen('i', r"\u0069", 1)),
    ]
}

#[test]
fn every_spelling_of_base64_gives_the_same_pictures_in_data_and_in_words() {
    for bytes in pictures() {
        for (spelling, data) in spellings(&bytes) {
            let places = [
                ("data", inline(&data)),
                ("a data URL", inline(&format!("data:image/png;base64,{data}"))),
                (
                    "Markdown",
                    event(&format!(r#"{{"text":"![image](data:image/png;base64,{data})"}}"#)),
                ),
                (
                    "Markdown with a title",
                    event(&format!(
                        r#"{{"text":"![image](data:image/png;base64,{data} \"a fox\")"}}"#
                    )),
                ),
                (
                    "Markdown with brackets",
                    event(&format!(
                        r#"{{"text":"![image](<data:image/png;base64,{data}>)"}}"#
                    )),
                ),
            ];
            for (place, event) in places {
                let seen = answer(format!("data: {event}\n\n").as_bytes());
                assert_eq!(seen.outcome.result, Ok(()), "{spelling} in {place}");
                assert!(seen.results() == [bytes.as_slice()], "{spelling} in {place}");
                assert_eq!(seen.outcome.text, "", "{spelling} in {place}");
                assert!(seen.outcome.warnings.is_empty(), "{spelling} in {place}");
            }
        }
        let bare = event(&format!(
            r#"{{"text":"data:image/png;base64,{}\nThere."}}"#,
            base64(&bytes)
        ));
        let seen = answer(format!("data: {bare}").as_bytes());
        assert!(seen.results() == [bytes.as_slice()]);
        assert_eq!(seen.outcome.text, "\nThere.");
    }
}

#[test]
fn camel_and_snake_give_the_same() {
    for bytes in pictures() {
        let camel = format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"mimeType":"image/png","data":"{}"}},"thoughtSignature":"S"}}]}},"finishReason":"STOP"}}],"usageMetadata":{{"totalTokenCount":7}},"modelVersion":"m"}}"#,
            base64(&bytes)
        );
        let mut snake = camel.clone();
        for (from, to) in [
            ("inlineData", "inline_data"),
            ("mimeType", "mime_type"),
            ("thoughtSignature", "thought_signature"),
            ("finishReason", "finish_reason"),
            ("usageMetadata", "usage_metadata"),
            ("totalTokenCount", "total_token_count"),
            ("modelVersion", "model_version"),
        ] {
            snake = snake.replace(from, to);
        }
        let (camel, snake) = (answer(camel.as_bytes()), answer(snake.as_bytes()));
        assert_eq!(camel.outcome, snake.outcome);
        assert!(camel.slots == snake.slots && camel.signatures() == ["S"]);
    }
}

#[test]
fn errors_are_found_in_every_dress_and_pictures_before_them_are_kept() {
    let error = r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;
    let doubled = serde_json::json!({"error": {"message": error, "code": 400, "status": "Bad Request"}});
    let text = serde_json::Value::String(error.to_owned());
    let pretty: serde_json::Value = serde_json::from_str(error).unwrap();
    let pretty = serde_json::to_string_pretty(&pretty).unwrap();
    #[rustfmt::skip]
    let dresses = [
        ("an event", format!("data: {error}\n\n")),
        ("an event without its end", format!("data: {error}")),
        ("bare JSON", format!("{error}\n")),
        ("bare JSON on many lines", pretty.clone()),
        ("bare JSON with CRLF", pretty.replace('\n', "\r\n")),
        ("double-encoded", format!("data: {doubled}\n\n")),
        ("a string that is JSON", format!("data: {text}\n\n")),
        ("an array of one", format!("data: [{error}]\n\n")),
        ("a bare array of one", format!("[{error}]\n")),
        ("event: error", format!("event: error\ndata: {error}\n\n")),
        ("event: error without the wrapping", format!("event: error\ndata: {}\n\n", &error[9..error.len() - 1])),
        ("after [DONE]", format!("data: [DONE]\n\ndata: {error}\n\n")),
        ("after pings", format!(": PING\n\n: PING\n\n{error}\n")),
        ("on many data lines", format!("data: {}\n\n", pretty.replace('\n', "\ndata: "))),
    ];
    let bytes = png(23, 300);
    let picture = format!("data: {}\n\n", inline(&base64(&bytes)));
    for (dress, body) in dresses {
        let seen = answer(body.as_bytes());
        let told = seen.outcome.result.clone().unwrap_err();
        // A doubly encoded error names two statuses; the inner one is the cause.
        assert_eq!(
            (told.kind, told.http_status),
            (Kind::Overloaded, Some(503)),
            "{dress}"
        );
        assert_eq!(
            told.server.as_deref(),
            Some("The model is overloaded."),
            "{dress}"
        );
        let seen = answer(format!("{picture}{body}").as_bytes());
        assert_eq!(seen.outcome.result, Ok(()), "{dress}");
        assert!(seen.results() == [bytes.as_slice()], "{dress}");
        assert_eq!(
            seen.outcome.warnings.len(),
            1,
            "{dress}: {:?}",
            seen.outcome.warnings
        );
    }
}

#[test]
fn usage_may_come_on_every_chunk_on_the_last_or_nowhere() {
    let picture = inline(&base64(&png(24, 300)));
    let usage = |numbers: &str| format!(r#""usageMetadata":{{{numbers}}}"#);
    let with = |event: &str, numbers: &str| format!("{},{}}}", &event[..event.len() - 1], usage(numbers));
    let words = event(r#"{"text":"Here"}"#);
    let full = r#""promptTokenCount":8,"candidatesTokenCount":1120,"totalTokenCount":1392,"thoughtsTokenCount":264,"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1100}]"#;
    let bodies = [
        format!(
            "data: {}\n\ndata: {}\n\n",
            with(&words, r#""promptTokenCount":8,"totalTokenCount":8"#),
            with(&picture, full)
        ),
        format!("data: {words}\n\ndata: {}\n\n", with(&picture, full)),
        format!(
            "data: {words}\n\ndata: {picture}\n\ndata: {{{}}}\n\n",
            usage(full)
        ),
        format!(
            "data: {}\n\ndata: {picture}\n\ndata: {{\"candidates\":[],{}}}\n\n",
            with(&words, full),
            usage(r#""trafficType":"ON_DEMAND""#)
        ),
        format!(
            "data: {}\n\ndata: {picture}\n\n",
            with(&words, &full.replace(":8,", ":\"8\","))
        ),
    ];
    for body in bodies {
        let seen = answer(body.as_bytes());
        let usage = seen.outcome.usage;
        assert_eq!(
            (
                usage.prompt,
                usage.output,
                usage.total,
                usage.thoughts,
                usage.image
            ),
            (Some(8), Some(1120), Some(1392), Some(264), Some(1100)),
            "{body}"
        );
    }
    let seen = answer(format!("data: {picture}\n\n").as_bytes());
    assert_eq!(seen.outcome.usage, tintype::domain::Usage::default());
    assert_eq!(seen.outcome.result, Ok(()));
}

#[test]
fn labels_that_lie_are_kept_beside_what_the_bytes_are() {
    let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xda\0\x02pixels\xff\xd9";
    let seen = answer(inline(&base64(jpeg)).as_bytes());
    assert_eq!(
        seen.outcome.pictures[0].declared_mime.as_deref(),
        Some("image/png")
    );
    assert_eq!(
        tintype::domain::Mime::sniff(&seen.slots[0]),
        tintype::domain::Mime::Jpeg
    );
    assert_eq!(seen.outcome.result, Ok(()));
}

#[test]
fn several_pictures_stay_in_order_and_repeats_go() {
    let (first, second, draft) = (png(25, 300), png(26, 90_000), png(27, 300));
    let part = |bytes: &[u8], more: &str| {
        format!(
            r#"{{"inlineData":{{"mimeType":"image/png","data":"{}"}}{more}}}"#,
            base64(bytes)
        )
    };
    let (one, two) = (part(&first, ""), part(&second, ""));
    let thought = part(&draft, r#","thought":true"#);
    let mut body = String::new();
    // Cumulative: every event repeats all that came before.
    for parts in [
        thought.clone(),
        format!("{thought},{one}"),
        format!("{thought},{one},{two}"),
    ] {
        write!(body, "data: {}\n\n", event(&parts)).unwrap();
    }
    let seen = answer(body.as_bytes());
    assert!(seen.results() == [first.as_slice(), second.as_slice()]);
    assert!(seen.pictures(ImageKind::Draft) == [draft.as_slice()]);
    assert_eq!(seen.outcome.pieces.len(), 2);
}

#[test]
fn links_are_offered_from_every_place_and_fetched_from_none() {
    for part in [
        r#"{"fileData":{"mimeType":"image/png","fileUri":"https://cdn.example.com/a.png"}}"#,
        r#"{"file_data":{"mime_type":"image/png","file_uri":"https://cdn.example.com/a.png"}}"#,
        r#"{"inlineData":{"mimeType":"image/png","data":"https://cdn.example.com/a.png"}}"#,
        r#"{"inlineData":{"mimeType":"image/png","data":" https:\/\/cdn.example.com\/a.png\n"}}"#,
        r#"{"text":"![image](https://cdn.example.com/a.png)"}"#,
        r#"{"text":"Here: ![](https:\/\/cdn.example.com\/a.png \"fox\")."}"#,
        r#"{"text":"![image](<https://cdn.example.com/a.png>)"}"#,
        r#"{"text":"![ima"},{"text":"ge](https://cdn."},{"text":"example.com/a.png)"}"#,
    ] {
        let seen = answer(format!("data: {}\n\n", event(part)).as_bytes());
        let urls: Vec<&str> = seen.outcome.links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(urls, ["https://cdn.example.com/a.png"], "{part}");
        assert_eq!(kind(&seen), Some(Kind::NoImage), "{part}");
    }
}

#[test]
fn what_nobody_has_listed_is_passed_over() {
    let picture = inline(&base64(&png(28, 300)));
    for odd in [
        r#"{"brandNew":{"a":[1,2,{"b":null}]}}"#,
        r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"x"}},{"executableCode":{}},{"partMetadata":{"x":1}}]},"safetyRatings":null,"avgLogprobs":-0.1}]}"#,
        r#"{"candidates":[{"content":{"role":"model"}}],"sparkle":true}"#,
        r#"{"candidates":[{"content":{"parts":null},"groundingMetadata":{}}]}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":7},{"text":null},{"thought":"yes"},null,3]}}]}"#,
        r#"{"modelStatus":{"modelStage":"LEGACY"}}"#,
        "null",
        "7",
        "[]",
        "{}",
    ] {
        for body in [
            format!("data: {odd}\n\ndata: {picture}\n\n"),
            format!("data: {picture}\n\ndata: {odd}\n\n"),
        ] {
            let seen = answer(body.as_bytes());
            assert_eq!(seen.outcome.result, Ok(()), "{odd}");
            assert_eq!(seen.results().len(), 1, "{odd}");
        }
    }
}
