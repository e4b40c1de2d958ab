//! The decision table, and what goes back on the next turn.

use super::super::response::Payload;
use super::*;
use crate::error::{Billed, Kind};

fn picture(thought: bool) -> Event {
    Event::Picture {
        data: Payload::Blob(0),
        declared_mime: Some("image/png".to_owned()),
        thought,
        signature: None,
        whole: true,
    }
}

fn finish_reason(reason: &str) -> Event {
    Event::Finish {
        reason: Some(reason.to_owned()),
        message: None,
    }
}

fn error() -> Event {
    Event::Error(Error::new(Kind::Overloaded, "The provider is overloaded"))
}

fn blocked() -> Event {
    Event::Blocked {
        reason: "SAFETY".to_owned(),
        message: None,
    }
}

fn outcome(events: &[Event], leftover: &Leftover) -> Outcome {
    let mut answer = Answer::new();
    for (number, event) in events.iter().enumerate() {
        if let Some(slot) = answer.push(event) {
            let stored = Stored {
                sha256: number.to_string(),
                mime: Mime::Png,
                bytes: 1,
            };
            answer.stored(slot, stored);
        }
    }
    answer.finish(leftover, None)
}

fn kind(events: &[Event], leftover: &Leftover) -> Option<Kind> {
    outcome(events, leftover).result.err().map(|error| error.kind)
}

#[test]
fn pictures_win_then_errors_then_cuts_then_blocks_then_reasons() {
    let won = outcome(&[picture(false), error()], &Leftover::Cut);
    assert_eq!(won.result, Ok(()));
    assert_eq!(won.warnings.len(), 1);
    assert_eq!(outcome(&[picture(false)], &Leftover::Cut).warnings.len(), 1);
    assert_eq!(
        kind(&[error(), blocked()], &Leftover::Cut),
        Some(Kind::Overloaded)
    );
    assert_eq!(kind(&[blocked()], &Leftover::Cut), Some(Kind::Cut));
    assert_eq!(
        kind(&[blocked(), finish_reason("STOP")], &Leftover::None),
        Some(Kind::Blocked)
    );
    assert_eq!(kind(&[], &Leftover::None), Some(Kind::BadAnswer));
    let thought = Event::Thought { text: "t".to_owned() };
    assert_eq!(kind(&[thought], &Leftover::None), Some(Kind::NoImage));
    for (reason, expected) in [
        ("STOP", Kind::NoImage),
        ("NO_IMAGE", Kind::NoImage),
        ("MAX_TOKENS", Kind::NoImage),
        ("IMAGE_SAFETY", Kind::Refused),
        ("PROHIBITED_CONTENT", Kind::Refused),
        ("IMAGE_RECITATION", Kind::Refused),
        ("SOMETHING_NEW", Kind::NoImage),
    ] {
        assert_eq!(
            kind(&[finish_reason(reason)], &Leftover::None),
            Some(expected),
            "{reason}"
        );
    }
    let broken = Answer::new().finish(&Leftover::None, Some(Error::new(Kind::Timeout, "Nothing came")));
    assert_eq!(broken.result.map_err(|error| error.kind), Err(Kind::Timeout));
}

#[test]
fn a_draft_is_promoted_only_where_the_answer_ended_well() {
    use ImageKind::{Draft, Result};

    let kinds = |events: &[Event], leftover: &Leftover| -> Vec<ImageKind> {
        outcome(events, leftover)
            .pictures
            .iter()
            .map(|picture| picture.kind)
            .collect()
    };
    assert_eq!(
        kinds(&[picture(true), picture(true)], &Leftover::None),
        [Draft, Result]
    );
    assert_eq!(
        kinds(&[picture(true), finish_reason("STOP")], &Leftover::None),
        [Result]
    );
    assert_eq!(
        kinds(&[picture(true), picture(false)], &Leftover::None),
        [Draft, Result]
    );
    for event in [finish_reason("IMAGE_SAFETY"), error(), blocked()] {
        assert_eq!(kinds(&[picture(true), event], &Leftover::None), [Draft]);
    }
    assert_eq!(kinds(&[picture(true)], &Leftover::Cut), [Draft]);
}

#[test]
fn text_is_joined_only_while_no_signature_is_touched() {
    let text = |text: &str, signature: Option<&str>| Event::Text {
        text: text.to_owned(),
        signature: signature.map(|text| SignaturePayload::Inline(text.to_owned())),
    };
    let events = [
        text("a", None),
        Event::Thought { text: "t".to_owned() },
        text("b", None),
        text("c", Some("S")),
        text("d", None),
        picture(false),
        text("", Some("T")),
    ];
    let outcome = outcome(&events, &Leftover::None);
    let pieces: Vec<String> = outcome
        .pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text { text, signature } => {
                format!("{text}{}", if signature.is_some() { "+" } else { "" })
            }
            other => format!("{other:?}").chars().take(5).collect(),
        })
        .collect();
    assert_eq!(pieces, ["ab", "c+", "d", "Image", "+"]);
    assert_eq!((outcome.text.as_str(), outcome.thoughts.as_str()), ("abcd", "t"));
}

#[test]
fn a_repeat_is_dropped_and_leaves_its_signature() {
    let mut signed = picture(false);
    if let Event::Picture { signature, .. } = &mut signed {
        *signature = Some(SignaturePayload::Blob(9));
    }
    let mut answer = Answer::new();
    let hashes = ["a", "b", "a", "b"];
    for (event, sha256) in [picture(true), picture(false), picture(false), signed]
        .iter()
        .zip(hashes)
    {
        let slot = answer.push(event).unwrap();
        let stored = Stored {
            sha256: sha256.to_owned(),
            mime: Mime::Jpeg,
            bytes: 3,
        };
        answer.stored(slot, stored);
    }
    let outcome = answer.finish(&Leftover::None, None);
    let slots: Vec<usize> = outcome.pictures.iter().map(|picture| picture.slot).collect();
    assert_eq!(slots, [1, 2], "the draft became a result, the last is a repeat");
    assert_eq!(
        outcome.pieces[0],
        Piece::Image {
            picture: 0,
            signature: Some(SignaturePayload::Blob(9))
        }
    );
}

#[test]
fn a_refusal_quotes_the_server_and_believes_it_about_money() {
    let finish = |message: &str| Event::Finish {
        reason: Some("IMAGE_OTHER".to_owned()),
        message: Some(message.to_owned()),
    };
    let free = outcome(
        &[finish("You will not be charged for this request.")],
        &Leftover::None,
    );
    let error = free.result.unwrap_err();
    assert_eq!((error.kind, error.billed), (Kind::Refused, Billed::No));
    assert!(error.server.unwrap().contains("not be charged"));
    let error = outcome(&[finish("No.")], &Leftover::None).result.unwrap_err();
    assert_eq!(error.billed, Billed::Maybe);
    let words = Event::Text {
        text: "I cannot draw that. ".to_owned(),
        signature: None,
    };
    let error = outcome(&[words, finish_reason("STOP")], &Leftover::None)
        .result
        .unwrap_err();
    assert_eq!(error.server.as_deref(), Some("I cannot draw that."));
}

#[test]
fn a_link_in_place_of_a_picture_is_named_and_not_followed() {
    let link = Event::Link {
        url: "https://cdn.example.com/a.png".to_owned(),
        mime: None,
    };
    let outcome = outcome(&[link.clone(), link, finish_reason("STOP")], &Leftover::None);
    assert_eq!(outcome.links.len(), 1);
    let error = outcome.result.unwrap_err();
    assert_eq!(error.kind, Kind::NoImage);
    assert!(error.hint.contains("https://cdn.example.com/a.png"));
}
