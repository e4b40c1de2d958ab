//! Answers with long strings: every spelling of a picture, signatures longer than pictures, text with pictures in it,
//! cut around every structural byte and at random.

use tintype::domain::ImageKind;
use tintype::provider::gemini::response::{Event, Payload, events};
use tintype::provider::stream::{BlobKind, Leftover};

use crate::harness::{Chance, Seen, png, run};

const LONG: usize = 64 * 1024;

fn standard(bytes: &[u8]) -> String {
    base64_simd::STANDARD.encode_to_string(bytes)
}

fn event(parts: &str) -> String {
    format!(r#"{{"candidates":[{{"content":{{"role":"model","parts":[{parts}]}},"finishReason":"STOP"}}]}}"#)
}

fn picture(data: &str) -> String {
    event(&format!(
        r#"{{"inlineData":{{"mimeType":"image/png","data":"{data}"}}}}"#
    ))
}

fn sse(events: &[String]) -> Vec<u8> {
    let lines: Vec<String> = events
        .iter()
        .map(|event| format!("data: {event}\r\n\r\n"))
        .collect();
    lines.concat().into_bytes()
}

/// Cut in two around every byte that means something to the structure, in pieces of many sizes, and at random.
fn same_however_cut(body: &[u8]) -> Seen {
    let whole = run([body]);
    let structural = |at: &usize| {
        let near = &body[at.saturating_sub(1)..body.len().min(at + 1)];
        near.iter()
            .any(|byte| !byte.is_ascii_alphanumeric() && *byte != b'+' && *byte != b'/')
    };
    let mut places: Vec<usize> = (0..=body.len()).filter(structural).collect();
    let mut chance = Chance(7);
    while places.len() > 300 {
        places.swap_remove(chance.below(places.len()));
    }
    // Around the byte where a string becomes long.
    let edge = body.len().min(LONG);
    places.extend(edge.saturating_sub(4)..body.len().min(edge + 400).max(edge));
    for at in places {
        let (left, right) = body.split_at(at);
        assert!(run([left, right]) == whole, "cut at {at}");
    }
    for size in [1, 2, 3, 7, 511, 512, 513, 1400, 16 * 1024, 100_000] {
        assert!(run(body.chunks(size)) == whole, "in pieces of {size}");
    }
    for seed in 1..40 {
        assert!(run(random_cuts(body, seed)) == whole, "cut by chance {seed}");
    }
    whole
}

fn random_cuts(body: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut cuts = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let most = [3, 100, 2000, 70_000][chance.below(4)];
        let (cut, next) = rest.split_at(rest.len().min(chance.below(most) + 1));
        cuts.push(cut);
        rest = next;
    }
    cuts
}

#[test]
fn every_spelling_of_a_long_picture_gives_its_bytes() {
    let bytes = png(1, 230_000);
    let plain = standard(&bytes);
    let safe = base64_simd::URL_SAFE_NO_PAD.encode_to_string(&bytes);
    let lines: Vec<&str> = (0..plain.len())
        .step_by(76)
        .map(|at| &plain[at..plain.len().min(at + 76)])
        .collect();
    let spellings = [
        plain.clone(),
        plain.trim_end_matches('=').to_owned(),
        safe,
        plain.replace('/', r"\/"),
        plain.replace('+', r"\u002B").replace('=', r"\u003d"),
        lines.join(r"\r\n"),
        format!("  data:image/png;base64,{plain}"),
        plain.replacen('i', r"\u0069", 1),
    ];
    for data in spellings {
        let seen = same_however_cut(&sse(&[picture(&data)]));
        assert_eq!(seen.outcome.result, Ok(()));
        assert!(seen.results() == [bytes.as_slice()]);
        assert!(seen.outcome.warnings.is_empty());
        assert!(seen.husks[0].len() < 300, "the husk is small");
    }
}

#[test]
fn a_picture_arrives_while_its_line_does() {
    let body = sse(&[picture(&standard(&png(1, 300_000)))]);
    let seen = run([&body[..200_000]]);
    assert_eq!(seen.leftover, Leftover::Cut);
    let blob = &seen.blobs[&0];
    assert!(blob.bytes.len() > 149_000 && !blob.ended);
    assert!(png(1, 300_000).starts_with(&blob.bytes));
}

#[test]
fn signatures_longer_than_pictures_come_back_letter_for_letter() {
    let bytes = png(2, 250_000);
    let signature = format!("{}==", &standard(&Chance(3).bytes(200_000))[..200_001]);
    for spelled in [
        signature.clone(),
        signature.replace('/', r"\/").replace('=', r"\u003D"),
    ] {
        let part = format!(
            r#"{{"thoughtSignature":"{spelled}","inlineData":{{"data":"{}","mimeType":"image/png"}}}}"#,
            standard(&bytes)
        );
        let text = format!(r#"{{"text":"","thought_signature":"{spelled}"}}"#);
        let seen = same_however_cut(&sse(&[event(&part), event(&text)]));
        assert!(seen.signatures() == [signature.clone(), signature.clone()]);
        assert!(seen.results() == [bytes.as_slice()]);
        let kinds: Vec<BlobKind> = seen.blobs.values().map(|blob| blob.kind).collect();
        assert_eq!(
            kinds,
            [BlobKind::Signature, BlobKind::Picture, BlobKind::Signature]
        );
    }
}

#[test]
fn long_pictures_in_text_are_pictures_and_the_words_around_them_stay() {
    let (first, second) = (png(4, 90_000), png(5, 200));
    let text = format!(
        r#"Here:\n![a](data:image/png;base64,{})\nand ![b](data:image/png;base64,{} \"t\") done \ud83d\ude00"#,
        standard(&first).replace('/', r"\/"),
        standard(&second)
    );
    let seen = same_however_cut(&sse(&[event(&format!(
        r#"{{"text":"{text}","thoughtSignature":"S"}}"#
    ))]));
    assert!(seen.results() == [first.as_slice(), second.as_slice()]);
    assert_eq!(seen.outcome.text, "Here:\n\nand  done \u{1f600}");
    assert_eq!(seen.signatures(), ["S"]);
    assert_eq!(
        seen.outcome.pictures[0].declared_mime.as_deref(),
        Some("image/png")
    );
}

#[test]
fn long_words_are_kept_in_a_blob() {
    let words = "wörter, \u{1f600} ".repeat(20_000);
    let seen = same_however_cut(&sse(&[event(&format!(r#"{{"text":"{words}"}}"#))]));
    assert!(seen.blobs[&0].bytes == words.as_bytes());
    assert!(seen.outcome.text == words);
    let thought = same_however_cut(&sse(&[event(&format!(r#"{{"text":"{words}","thought":true}}"#))]));
    assert!(thought.outcome.thoughts == words && thought.outcome.pieces.is_empty());
}

#[test]
fn what_is_under_data_but_no_base64_is_neither_decoded_nor_lost() {
    let link = format!("https://cdn.example.com/{}", "a".repeat(LONG));
    let seen = same_however_cut(&sse(&[picture(&link)]));
    assert!(seen.results().is_empty());
    assert_eq!(seen.blobs[&0].kind, BlobKind::Text);
    assert!(seen.blobs[&0].bytes == link.as_bytes());

    let bytes = png(6, 100_000);
    let broken = format!("{}!!{}", standard(&bytes), "A".repeat(5000));
    let seen = same_however_cut(&sse(&[picture(&broken)]));
    assert!(seen.results() == [bytes.as_slice()]);
    assert_eq!(seen.outcome.warnings.len(), 1);
}

#[test]
fn every_wrapping_of_a_body_carries_long_pictures() {
    let (first, second) = (png(8, 120_000), png(9, 70_000));
    let events = [picture(&standard(&first)), picture(&standard(&second))];
    let [one, two] = &events;
    let bodies = [
        format!("[{one}\n,\r\n{two}]"),
        format!("\u{feff}\n\n{one}\n{two}\n"),
        format!("{one}{two}"),
        format!(": PING\n\n{one}\n\n{two}"),
        format!("data: {one}\ndata:{two}\n"),
        format!("data: {one}\n\ndata: [{two}]\n\ndata: [DONE]\n\n"),
    ];
    for body in bodies {
        let seen = same_however_cut(body.as_bytes());
        assert_eq!(seen.leftover, Leftover::None, "{}", &body[..10]);
        assert!(seen.results() == [first.as_slice(), second.as_slice()]);
        assert!(seen.outcome.warnings.is_empty());
    }
}

#[test]
fn cumulative_repeats_are_dropped_and_drafts_stay_apart() {
    let (draft, result) = (png(10, 80_000), png(11, 90_000));
    let thought = event(&format!(
        r#"{{"thought":true,"inlineData":{{"mimeType":"image/png","data":"{}"}}}}"#,
        standard(&draft)
    ));
    let result_event = picture(&standard(&result));
    let seen = run([sse(&[thought.clone(), result_event.clone(), result_event]).as_slice()]);
    assert!(seen.results() == [result.as_slice()]);
    assert!(seen.pictures(ImageKind::Draft) == [draft.as_slice()]);
    assert_eq!(seen.outcome.pieces.len(), 1);
    let alone = run([sse(&[thought]).as_slice()]);
    assert!(alone.results() == [draft.as_slice()]);
    assert_eq!(alone.outcome.warnings.len(), 1);
}

#[test]
fn a_journal_of_husks_says_the_same_again() {
    let body = sse(&[
        picture(&standard(&png(12, 100_000))),
        event(r#"{"text":"and words","thoughtSignature":"S"}"#),
    ]);
    let seen = run([body.as_slice()]);
    let again: Vec<Event> = seen.husks.iter().flat_map(|husk| events(husk)).collect();
    assert_eq!(again, seen.events);
    assert!(again.iter().any(|event| matches!(
        event,
        Event::Picture {
            data: Payload::Blob(0),
            ..
        }
    )));
}

#[test]
fn what_had_come_of_an_event_that_was_cut_is_kept() {
    let bytes = png(11, 200_000);
    let body = sse(&[picture(&standard(&bytes))]);
    let end = body.len() - "\"}}]},\"finishReason\":\"STOP\"}]}\r\n\r\n".len();
    // The picture's last character has come, and its quote has not; then it has, and the brackets have not.
    let open = run([&body[..end]]);
    assert!(open.results().is_empty());
    let seen = run([&body[..=end]]);
    assert_eq!(seen.leftover, Leftover::Cut);
    assert_eq!(seen.results(), [bytes.as_slice()]);

    let words = sse(&[event(
        r#"{"text":"a red fox","thought":true},{"text":"and so on"}"#,
    )]);
    let cut = memchr::memmem::find(&words, b"so on").unwrap();
    let seen = run([&words[..cut]]);
    assert_eq!(
        (seen.outcome.thoughts.as_str(), seen.outcome.text.as_str()),
        ("a red fox", "and ")
    );
}
