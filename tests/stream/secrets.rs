//! A server that repeats the key: whatever its spelling and wherever it is cut, nothing that the decoder gives out holds
//! it, and everything else comes out as it came in.

use serde_json::Value;
use tintype::domain::{Secret, Secrets, Spellings};
use tintype::provider::gemini::response::Event;
use tintype::provider::stream::{BlobKind, Decoder, Leftover};

use crate::examples::streams;
use crate::harness::{Chance, Seen, run, run_by};

const KEY: &str = "sk-Hid/den+123qQ==";

/// The most letters of a key that may come out of it.
const TELLING: usize = 8;

/// The key as encodings spell it, each as it may stand in a JSON string.
fn spelled() -> Vec<String> {
    let every = |form: &dyn Fn(char) -> String| KEY.chars().map(form).collect::<String>();
    vec![
        KEY.to_owned(),
        KEY.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"),
        every(&|letter| format!("%{:02x}", u32::from(letter))),
        KEY.replace('/', r"\/").replace('+', r"\u002b"),
        every(&|letter| format!("\\u{:04X}", u32::from(letter))),
        // A text that quotes JSON, and one that quotes HTML.
        KEY.replace('/', r"\\/").replace('+', r"\\u002b"),
        KEY.replace('+', "&#43;").replace('=', r"\u0026#x3d;"),
    ]
}

fn assert_hidden(bytes: &[u8], what: &str) {
    let spellings = Spellings::of(&Secret::new(KEY).into()).unwrap();
    assert_eq!(
        spellings.redacted_where_whole(bytes),
        None,
        "{what}: {}",
        bytes.escape_ascii()
    );
    for part in KEY.as_bytes().windows(TELLING + 1) {
        let found = memchr::memmem::find(bytes, part);
        assert_eq!(found, None, "{what}: {}", bytes.escape_ascii());
    }
}

/// The strings of an event, escapes undone.
fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|value| strings(value, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            found.push(name.clone());
            strings(value, found);
        }),
        _ => {}
    }
}

/// The answer in these cuts, of which nothing may hold the key: neither what is told, nor what is written down on the way.
fn hidden<'a>(cuts: impl IntoIterator<Item = &'a [u8]>, what: &str) -> Seen {
    let key = Secrets::from(Secret::new(KEY));
    let mut look = |partial: &[u8]| assert_hidden(partial, what);
    let seen = run_by(Decoder::hiding(&key), cuts, &mut look);
    let mut texts: Vec<String> = Vec::new();
    for husk in &seen.husks {
        assert_hidden(husk, what);
        if let Ok(value) = serde_json::from_slice(husk) {
            strings(&value, &mut texts);
        }
    }
    for blob in seen.blobs.values().filter(|blob| blob.kind != BlobKind::Picture) {
        assert_hidden(&blob.bytes, what);
    }
    texts.push(format!("{:?}", seen.events));
    texts.push(format!("{:?} {:?}", seen.outcome, seen.leftover));
    for text in texts.iter().chain([&seen.outcome.thoughts, &seen.outcome.text]) {
        assert_hidden(text.as_bytes(), what);
    }
    seen
}

fn event(parts: &str, rest: &str) -> String {
    format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{parts}]}}{rest}}}]}}\n\n")
}

fn thought(text: &str) -> String {
    event(&format!("{{\"text\":\"{text}\",\"thought\":true}}"), "")
}

fn words(text: &str) -> String {
    event(&format!("{{\"text\":\"{text}\"}}"), "")
}

fn png(length: usize) -> Vec<u8> {
    crate::harness::png(5, length)
}

fn base64(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

#[test]
fn a_key_is_hidden_in_every_string_of_an_answer_wherever_it_is_cut() {
    for key in spelled() {
        let body = [
            thought(&format!("thinking of {key}, well")),
            words(&format!("your key is {key}.")),
            event(
                &format!("{{\"fileData\":{{\"fileUri\":\"https://a.example/?key={key}&x=1\",\"mimeType\":\"{key}\"}}}}"),
                &format!(
                    ",\"finishReason\":\"STOP {key}\",\"finishMessage\":\"not for {key}\",\"groundingMetadata\":\
                     {{\"groundingChunks\":[{{\"web\":{{\"uri\":\"https://b.example/{key}\",\"title\":\"{key}\"}}}}]}}"
                ),
            ),
            format!("data: {{\"modelVersion\":\"{key}\",\"responseId\":\"{key}\",\"{key}\":{{\"a\":[\"{key}\"]}}}}\n\n"),
            format!("data: {{\"error\":{{\"code\":500,\"message\":\"bad key {key}\"}}}}\n\n"),
        ]
        .concat();
        let body = body.as_bytes();
        let whole = hidden([body], &key);
        assert_eq!(whole.outcome.thoughts, "thinking of ***, well", "{key}");
        assert_eq!(whole.outcome.text, "your key is ***.", "{key}");
        assert_eq!(
            whole.outcome.links[0].url, "https://a.example/?key=***&x=1",
            "{key}"
        );
        assert_eq!(whole.outcome.sources[0].title.as_deref(), Some("***"), "{key}");
        assert_eq!(
            whole.outcome.finish_message.as_deref(),
            Some("not for ***"),
            "{key}"
        );
        // Every byte for the key as it is; the others have more bytes to a letter.
        let step = 1 + 2 * (key.len() - KEY.len()).min(3);
        for at in (0..=body.len()).step_by(step) {
            let (left, right) = body.split_at(at);
            assert!(hidden([left, right], &key) == whole, "{key}, cut at {at}");
        }
        assert!(hidden(body.chunks(1), &key) == whole, "{key}");
        // The connection breaks off anywhere.
        for end in (0..=body.len()).step_by(step + 1) {
            hidden([&body[..end]], &key);
        }
    }
}

#[test]
fn a_key_is_hidden_where_a_text_ends_within_it_and_goes_on_in_another_one() {
    for key in spelled() {
        let places = (0..=key.len()).filter(|at| !is_in_escape(&key, *at));
        for (at, kind) in places.flat_map(|at| [(at, true), (at, false)]) {
            let (left, right) = key.split_at(at);
            let say = |text: &str| if kind { thought(text) } else { words(text) };
            let other = |text: &str| if kind { words(text) } else { thought(text) };
            let told = |seen: &Seen| {
                let outcome = &seen.outcome;
                if kind {
                    outcome.thoughts.clone()
                } else {
                    outcome.text.clone()
                }
            };
            // In two events, with one of another kind between them, and in two parts of one event.
            let flag = if kind { ",\"thought\":true" } else { "" };
            let parts = format!("{{\"text\":\"it is {left}\"{flag}}},{{\"text\":\"{right}, yes\"{flag}}}");
            let image = format!(
                "{{\"inlineData\":{{\"mimeType\":\"image/png\",\"data\":\"{}\"}}}}",
                base64(&png(40))
            );
            for body in [
                [say(&format!("it is {left}")), say(&format!("{right}, yes"))].concat(),
                [
                    say(&format!("it is {left}")),
                    other("well"),
                    say(&format!("{right}, yes")),
                ]
                .concat(),
                [
                    say(&format!("it is {left}")),
                    event(&image, ""),
                    say(&format!("{right}, yes")),
                ]
                .concat(),
                event(&parts, ""),
            ] {
                let seen = hidden([body.as_bytes()], &body);
                let told = told(&seen);
                assert!(
                    told.starts_with("it is ") && told.ends_with("***, yes"),
                    "{told} of {body}"
                );
            }
        }
    }
}

/// Whether a string that ends here would end within an escape of JSON.
fn is_in_escape(text: &str, at: usize) -> bool {
    (at.saturating_sub(5)..at).any(|slash| {
        let escape = &text[slash..];
        let before = text[..slash]
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'\\')
            .count();
        let length = if escape.starts_with("\\u") { 6 } else { 2 };
        escape.starts_with('\\') && before % 2 == 0 && at < slash + length
    })
}

#[test]
fn a_key_is_hidden_in_a_long_text_and_at_its_ends() {
    let filler = "The fox looks at the moon. ".repeat(3000);
    for key in spelled() {
        for (before, text) in [
            ("", format!("{filler}{key}{filler}")),
            ("", format!("{key} {filler}")),
            ("", format!("{filler} {key}")),
            // At the place where the string becomes long.
            ("", format!("{}{key}{filler}", &filler[..65_530])),
            ("sk-Hid/d", format!("en+123qQ== {filler}")),
            ("sk-H", format!("id/den+123qQ== {filler}")),
        ] {
            let body = [thought(before), thought(&text), words("done")].concat();
            let body = body.as_bytes();
            let whole = hidden([body], &key);
            assert!(whole.outcome.thoughts.contains("***"), "{key}");
            assert_eq!(whole.blobs.len(), 1);
            let mut chance = Chance(3);
            let found = memchr::memmem::find(body, &key.as_bytes()[1..]).unwrap_or(before.len() + 90);
            let near = (found.saturating_sub(3)..found + key.len() + 3).step_by(1 + key.len() / 20);
            let anywhere: Vec<usize> = (0..5).map(|_| chance.below(body.len())).collect();
            for at in near.chain(anywhere) {
                let (left, right) = body.split_at(at.min(body.len()));
                let seen = hidden([left, right], &key);
                let masked = seen.outcome.thoughts.replace("***", "");
                assert!(masked.len() < filler.len() * 2 + 40, "{key}, cut at {at}");
                assert!(seen.outcome.thoughts.contains("***"), "{key}, cut at {at}");
            }
            hidden(body.chunks(1400), &key);
        }
    }
}

#[test]
fn the_bytes_of_an_image_stay_as_they_came_although_they_spell_a_key() {
    for length in [2_000, 120_000] {
        let bytes = png(length);
        let text = base64(&bytes);
        // What a short key looks like: letters that stand somewhere in the base64.
        let key = Secret::new(&text[1_000..1_007]);
        let inline = format!("{{\"inlineData\":{{\"mimeType\":\"image/png\",\"data\":\"{text}\"}}}}");
        let woven = format!(
            "{{\"text\":\"Here it is: ![fox](data:image/png;base64,{text}) {} \"}}",
            key.reveal()
        );
        let escaped = format!(
            "{{\"inlineData\":{{\"data\":\"{}\",\"mimeType\":\"image/png\"}}}}",
            text.replace('/', r"\/").replace('+', r"\u002b")
        );
        for (parts, says) in [(inline, ""), (woven, "Here it is:  *** "), (escaped, "")] {
            let body = event(&parts, ",\"finishReason\":\"STOP\"");
            let body = body.as_bytes();
            for size in [body.len(), 7_001, 100] {
                let mut last = Vec::new();
                let mut look = |partial: &[u8]| last = partial.to_vec();
                let seen = run_by(Decoder::hiding(&key.clone().into()), body.chunks(size), &mut look);
                assert!(
                    seen.results() == [bytes.as_slice()],
                    "{length} in pieces of {size}"
                );
                assert_eq!(seen.outcome.text, says);
            }
            // What is written down of one that is still arriving holds it as far as it has come.
            if length == 2_000 {
                let mut partial = Vec::new();
                let half = &body[..1_500];
                run_by(Decoder::hiding(&key.clone().into()), [half], &mut |now| {
                    partial = now.to_vec();
                });
                assert!(half.ends_with(&partial[partial.len() - 1_000..]));
            }
        }
    }
}

#[test]
fn a_signature_stays_valid_unless_the_key_is_really_in_it() {
    let signature = base64(&Chance(9).bytes(300));
    let part = |signature: &str| {
        event(
            &format!("{{\"text\":\"a\",\"thoughtSignature\":\"{signature}\"}}"),
            ",\"finishReason\":\"STOP\"",
        )
    };
    let long = base64(&Chance(9).bytes(90_000));
    for text in [
        signature,
        "sk-Hid/den".to_owned(),
        format!("{long}sk-Hid/den+123"),
        long,
    ] {
        let body = part(&text);
        for size in [body.len(), 5_000, 100] {
            let seen = hidden_but_signatures(body.as_bytes().chunks(size));
            assert_eq!(seen.signatures(), [text.as_str()], "in pieces of {size}");
        }
        let body = part(&format!("{text}{KEY}"));
        for size in [body.len(), 5_000, 100] {
            let seen = hidden_but_signatures(body.as_bytes().chunks(size));
            assert_eq!(seen.signatures(), [format!("{text}***")], "in pieces of {size}");
        }
    }
}

fn hidden_but_signatures<'a>(cuts: impl IntoIterator<Item = &'a [u8]>) -> Seen {
    run_by(Decoder::hiding(&Secret::new(KEY).into()), cuts, &mut |partial| {
        assert_eq!(memchr::memmem::find(partial, KEY.as_bytes()), None);
    })
}

#[test]
fn what_is_no_json_is_told_without_the_key() {
    for (body, says) in [
        (format!("hello {KEY} and more"), "hello *** and more"),
        (format!("data: {KEY}\n\n"), "***"),
        (format!("{}{KEY}", "x".repeat(4_085)), "***"),
    ] {
        let seen = hidden([body.as_bytes()], &body);
        let Leftover::Text(text) = &seen.leftover else {
            panic!("{:?}", seen.leftover)
        };
        assert!(text.ends_with(says), "{text}");
    }
    let page = format!("<title>{KEY}</title>");
    let seen = hidden([page.as_bytes()], &page);
    assert!(matches!(&seen.leftover, Leftover::Html { title: Some(title), .. } if title == "***"));
    // Neither a broken event, nor one that holds the key where no JSON has a word.
    for body in [
        format!("data: {{\"a\": {KEY}, \"b\"}}\n\n"),
        format!(
            "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{KEY}\\ud83d\"}}]}}}}]}}\n\n"
        ),
        format!("event: error\ndata: {KEY}\n\n"),
        format!("data: \"{{\\\"error\\\":{{\\\"message\\\":\\\"{KEY}\\\"}}}}\"\n\n"),
    ] {
        for at in 0..=body.len() {
            let (left, right) = body.as_bytes().split_at(at);
            hidden([left, right], &body);
        }
    }
}

#[test]
fn an_answer_without_the_key_is_the_same_with_and_without_redaction() {
    for (name, _, body) in streams() {
        let plain = run([body.as_slice()]);
        let key = Secrets::from(Secret::new(KEY));
        for size in [body.len().max(1), 1400, 1] {
            let cuts = body.chunks(size);
            let seen = run_by(Decoder::hiding(&key), cuts, &mut |_| {});
            assert!(seen == plain, "{name} in pieces of {size}");
        }
    }
}

#[test]
fn a_key_that_is_too_short_is_left_alone() {
    let body = words("the key is k.");
    let seen = run_by(
        Decoder::hiding(&Secret::new("k").into()),
        [body.as_bytes()],
        &mut |_| {},
    );
    assert!(matches!(&seen.events[..], [Event::Text { text, .. }] if text == "the key is k."));
}
