//! An image is a result when all of it is there, by its own bytes: however a relay spreads it over parts and events, and
//! wherever its data breaks off behind a proper end of the answer.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use tintype::domain::{Completeness, ImageKind, Mime};
use tintype::error::Kind;

use crate::examples::streams;
use crate::harness::{Seen, png, run};

fn answer(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/answers");
    std::fs::read(format!("{folder}/{name}.body")).unwrap()
}

fn is_whole(bytes: &[u8]) -> bool {
    let mut completeness = Completeness::default();
    completeness.push(bytes);
    Mime::sniff(bytes) != Mime::Unknown && completeness.is_whole()
}

/// Whether it is an image of which a part is missing.
fn is_partial(bytes: &[u8]) -> bool {
    Mime::sniff(bytes) != Mime::Unknown && !is_whole(bytes)
}

/// Runs a body whole, in halves and byte by byte: it comes to the same.
fn run_however_cut(body: &[u8]) -> Seen {
    let seen = run([body]);
    assert_eq!(run(body.chunks(body.len().div_ceil(2))).outcome, seen.outcome);
    assert_eq!(run(body.chunks(1)).slots, seen.slots);
    seen
}

#[test]
fn an_image_that_is_spread_over_parts_or_events_is_put_together() {
    for (name, bytes) in [("deltas-of-1000", 2152), ("inline-data-in-two-parts", 2152)] {
        let seen = run_however_cut(&answer(name));
        assert_eq!(seen.outcome.result, Ok(()), "{name}");
        let results = seen.results();
        assert_eq!(results.len(), 1, "{name}");
        assert!(results[0].len() == bytes && is_whole(results[0]), "{name}");
        assert!(
            !seen.outcome.text.contains("iVBOR") && !seen.outcome.text.contains("AAAA"),
            "{name}"
        );
    }
}

#[test]
fn a_long_image_in_parts_that_leave_their_events_is_put_together() {
    let image = png(31, 200_000);
    let data = base64_simd::STANDARD.encode_to_string(&image);
    for first in [70_000, 70_001, 70_002, 70_003, 200, 150_000] {
        let (one, two) = data.split_at(first);
        let part = |data: &str| format!(r#"{{"inlineData":{{"mimeType":"image/png","data":"{data}"}}}}"#);
        let text = |text: &str| format!(r#"{{"text":"{text}"}}"#);
        for (one, two) in [
            (part(one), part(two)),
            (
                text(&format!("![x](data:image/png;base64,{one}")),
                text(&format!("{two})")),
            ),
        ] {
            let event = |part: &str| {
                format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{part}]}}}}]}}\r\n\r\n")
            };
            let seen = run([format!("{}{}", event(&one), event(&two)).as_bytes()]);
            let lengths: Vec<usize> = seen.slots.iter().map(Vec::len).collect();
            assert_eq!(
                seen.outcome.result,
                Ok(()),
                "{first}: {lengths:?} of {}",
                image.len()
            );
            assert!(seen.results() == [image.as_slice()], "{first}");
        }
    }
}

#[test]
fn half_an_image_with_a_proper_end_is_cut_and_kept_as_a_draft() {
    let seen = run_however_cut(&answer("half-png-and-stop"));
    assert_eq!(seen.outcome.result.as_ref().unwrap_err().kind, Kind::Cut);
    assert_eq!(seen.results(), [&[0; 0]; 0]);
    assert_eq!(seen.pictures(ImageKind::Draft).len(), 1);
    let warnings = seen.outcome.warnings.join("\n");
    assert!(warnings.contains("broke off after"), "{warnings}");
}

#[test]
fn what_is_odd_beside_or_behind_an_image_does_not_cost_it() {
    for name in ["nan-beside-the-image", "bytes-after-iend", "draft-equals-result"] {
        let seen = run_however_cut(&answer(name));
        assert_eq!(seen.outcome.result, Ok(()), "{name}");
        assert_eq!(seen.outcome.pictures.len(), 1, "{name}");
        assert!(is_whole(seen.results()[0]), "{name}");
    }
}

/// Where the base64 of images stands in a body.
fn image_data(body: &[u8]) -> Vec<std::ops::Range<usize>> {
    let is_base64 =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_');
    let mut found = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let length = body[at..].iter().take_while(|byte| is_base64(byte)).count();
        let text = &body[at..at + length];
        if length > 60
            && [b"iVBOR".as_slice(), b"/9j/", b"_9j_"]
                .iter()
                .any(|head| text.starts_with(head))
        {
            found.push(at..at + length);
        }
        at += length.max(1);
    }
    found
}

#[test]
fn every_example_whose_image_data_ends_at_any_byte_is_finished_with_whole_images_or_cut() {
    let mut cuts = 0;
    for (name, _, body) in streams() {
        for data in image_data(&body) {
            for end in data.clone() {
                let seen = run([&body[..end], &body[data.end..]]);
                let results = seen.results();
                match &seen.outcome.result {
                    Ok(()) => assert!(
                        results.iter().any(|image| is_whole(image))
                            && !results.iter().any(|image| is_partial(image)),
                        "{name} at {end}"
                    ),
                    Err(error) => {
                        let kinds = [Kind::Cut, Kind::BadAnswer, Kind::NoImage];
                        assert!(kinds.contains(&error.kind), "{name} at {end}: {error:?}");
                        let has_partial = seen.slots.iter().any(|image| is_partial(image));
                        assert!(
                            !has_partial || error.kind == Kind::Cut,
                            "{name} at {end}: {error:?}"
                        );
                    }
                }
                cuts += 1;
            }
        }
    }
    assert!(cuts > 1000, "{cuts}");
}
