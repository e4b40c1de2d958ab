//! The decision table, and what goes back on the next turn.

use super::super::response::{Joint, Payload};
use super::*;
use crate::error::{Billed, Kind};

fn picture(thought: bool) -> Event {
    Event::Picture {
        data: Payload::Blob(0),
        declared_mime: Some("image/png".to_owned()),
        thought,
        signature: None,
        whole: true,
        joint: Joint::default(),
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
                whole: true,
            };
            answer.stored(slot, stored);
        }
    }
    answer.finish(leftover, None)
}

/// The decision at the end, a line per row: what came, what was left over, and what it is.
#[test]
#[rustfmt::skip]
fn the_decision_at_the_end_follows_the_table() {
    let thought = || Event::Thought { text: "t".to_owned() };
    let words = || Event::Text { text: "w".to_owned(), signature: None };
    let unknown = || Event::Unknown { what: "{}".to_owned() };
    let usage = || Event::Usage(Usage { total: Some(9), ..Usage::default() });
    let (none, cut) = (Leftover::None, Leftover::Cut);
    let text = Leftover::Text("upstream closed".to_owned());
    let html = Leftover::Html { title: Some("Console".to_owned()), page: "<title>Console</title>".to_owned() };
    // Events, what was left over, the kind if it failed, and how many warnings.
    let table: Vec<(Vec<Event>, &Leftover, Option<Kind>, usize)> = vec![
        (vec![picture(false)], &none, None, 0),
        (vec![picture(false), finish_reason("STOP")], &none, None, 0),
        (vec![finish_reason("STOP"), picture(false)], &none, None, 0),
        (vec![picture(false), finish_reason("IMAGE_SAFETY")], &none, None, 1),
        (vec![picture(false), error()], &none, None, 1),
        (vec![error(), picture(false)], &none, None, 1),
        (vec![picture(false)], &cut, None, 1),
        (vec![picture(false)], &text, None, 1),
        (vec![picture(false), blocked()], &none, None, 0),
        (vec![error()], &none, Some(Kind::Overloaded), 0),
        (vec![thought(), error(), blocked(), finish_reason("STOP")], &cut, Some(Kind::Overloaded), 0),
        (vec![picture(true), error()], &none, Some(Kind::Overloaded), 0),
        (vec![thought()], &cut, Some(Kind::Cut), 0),
        (vec![picture(true)], &cut, Some(Kind::Cut), 0),
        (vec![thought(), finish_reason("STOP")], &cut, Some(Kind::Cut), 0),
        (vec![blocked()], &cut, Some(Kind::Cut), 0),
        (vec![thought()], &text, Some(Kind::Cut), 0),
        (vec![], &text, Some(Kind::BadAnswer), 0),
        (vec![], &html, Some(Kind::WrongAddress), 0),
        (vec![blocked()], &none, Some(Kind::Blocked), 0),
        (vec![blocked(), usage()], &none, Some(Kind::Blocked), 0),
        (vec![blocked(), finish_reason("STOP")], &none, Some(Kind::Blocked), 0),
        (vec![], &none, Some(Kind::BadAnswer), 0),
        (vec![unknown()], &none, Some(Kind::BadAnswer), 0),
        (vec![thought()], &none, Some(Kind::NoImage), 0),
        (vec![usage()], &none, Some(Kind::NoImage), 0),
        (vec![words()], &none, Some(Kind::NoImage), 0),
        (vec![picture(true)], &none, None, 1),
        (vec![picture(true), finish_reason("STOP")], &none, None, 1),
        (vec![picture(true), finish_reason("IMAGE_SAFETY")], &none, Some(Kind::Refused), 0),
    ];
    for (number, (events, leftover, kind, warnings)) in table.into_iter().enumerate() {
        let outcome = outcome(&events, leftover);
        assert_eq!(outcome.result.as_ref().err().map(|error| error.kind), kind, "line {number}: {outcome:?}");
        assert_eq!(outcome.warnings.len(), warnings, "line {number}: {:?}", outcome.warnings);
        if let Err(error) = outcome.result {
            assert!(kind == Some(Kind::Overloaded) || !error.hint.is_empty(), "line {number}");
        }
    }
    let broken = Answer::new().finish(&Leftover::None, Some(Error::new(Kind::Timeout, "Nothing came")));
    assert_eq!(broken.result.map_err(|error| error.kind), Err(Kind::Timeout));
}

/// What a finish reason means where no picture came, a line per row of the reference.
#[test]
#[rustfmt::skip]
fn every_finish_reason_has_its_kind_and_is_named() {
    for (reason, kind) in [
        ("STOP", Kind::NoImage), ("NO_IMAGE", Kind::NoImage), ("IMAGE_OTHER", Kind::Refused),
        ("IMAGE_SAFETY", Kind::Refused), ("SAFETY", Kind::Refused), ("SPII", Kind::Refused),
        ("BLOCKLIST", Kind::Refused), ("IMAGE_PROHIBITED_CONTENT", Kind::Refused),
        ("PROHIBITED_CONTENT", Kind::Refused), ("IMAGE_RECITATION", Kind::Refused),
        ("RECITATION", Kind::Refused), ("MAX_TOKENS", Kind::NoImage), ("LANGUAGE", Kind::Refused),
        ("OTHER", Kind::NoImage), ("MALFORMED_RESPONSE", Kind::NoImage),
        ("MALFORMED_FUNCTION_CALL", Kind::NoImage), ("UNEXPECTED_TOOL_CALL", Kind::NoImage),
        ("TOO_MANY_TOOL_CALLS", Kind::NoImage), ("FINISH_REASON_UNSPECIFIED", Kind::NoImage),
        ("IMAGE_SOMETHING_NEW", Kind::NoImage),
    ] {
        let error = outcome(&[finish_reason(reason)], &Leftover::None).result.unwrap_err();
        assert_eq!(error.kind, kind, "{reason}");
        assert_eq!(error.exit_code(), 3, "{reason}");
        assert!(reason == "STOP" || error.message.contains(reason), "{}", error.message);
        assert!(!error.hint.is_empty() && error.billed == Billed::Maybe, "{reason}");
    }
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
            image @ Piece::Image { .. } => format!("{image:?}").chars().take(5).collect(),
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
            whole: true,
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

#[test]
fn a_link_that_comes_letter_by_letter_is_found_whole() {
    let letters = "Here: ![image](https://cdn.example.com/a.png) done".chars();
    let mut events: Vec<Event> = letters
        .map(|letter| Event::Text {
            text: letter.to_string(),
            signature: None,
        })
        .collect();
    events.push(picture(true));
    let outcome = outcome(&events, &Leftover::None);
    let urls: Vec<&str> = outcome.links.iter().map(|link| link.url.as_str()).collect();
    assert_eq!(urls, ["https://cdn.example.com/a.png"]);
    assert_eq!(
        outcome.pictures[0].kind,
        ImageKind::Draft,
        "what the link points at is the result, not the draft"
    );
    assert!(outcome.result.is_err());
}

/// Where text was asked for: what came, what was left over, whether it is a success, and how many warnings.
#[test]
#[rustfmt::skip]
fn a_text_is_a_success_where_it_was_asked_for_and_came_to_its_end() {
    let words = |text: &str| Event::Text { text: text.to_owned(), signature: None };
    let usage = || Event::Usage(Usage { total: Some(9), ..Usage::default() });
    let thought = || Event::Thought { text: "t".to_owned() };
    let (none, cut) = (Leftover::None, Leftover::Cut);
    let text = Leftover::Text("upstream closed".to_owned());
    let html = Leftover::Html { title: None, page: "<title>Console</title>".to_owned() };
    let table: Vec<(Vec<Event>, &Leftover, bool, usize)> = vec![
        (vec![words("roses"), finish_reason("STOP")], &none, true, 0),
        (vec![words("roses"), usage()], &none, true, 0),
        (vec![words("roses")], &none, true, 1),
        (vec![words("roses"), finish_reason("NO_IMAGE")], &none, true, 1),
        (vec![words("roses"), finish_reason("MAX_TOKENS")], &none, true, 1),
        (vec![words("roses"), finish_reason("SOMETHING_NEW")], &none, true, 1),
        (vec![words("roses"), finish_reason("STOP")], &text, true, 1),
        (vec![words("roses"), picture(false), finish_reason("STOP")], &none, true, 0),
        (vec![picture(false)], &none, true, 0),
        (vec![words("I"), finish_reason("SAFETY")], &none, false, 0),
        (vec![words("I"), finish_reason("IMAGE_PROHIBITED_CONTENT")], &none, false, 0),
        (vec![words("I"), finish_reason("STOP"), blocked()], &none, false, 0),
        (vec![words("ro"), error()], &none, false, 0),
        (vec![words("ro"), usage()], &cut, false, 0),
        (vec![words("ro"), usage()], &text, false, 0),
        (vec![words("ro")], &html, false, 0),
        (vec![words(" \n"), finish_reason("STOP")], &none, false, 0),
        (vec![words("![image](https://cdn.example.com/a.png)\n"), finish_reason("STOP")], &none, false, 0),
        (vec![words("See https://cdn.example.com/a.png"), finish_reason("STOP")], &none, true, 0),
        (vec![words("\u{8bd7}"), finish_reason("STOP")], &none, true, 0),
        (vec![words("\u{1f98a}!"), finish_reason("STOP")], &none, true, 0),
        (vec![thought(), finish_reason("STOP")], &none, false, 0),
        (vec![], &none, false, 0),
    ];
    for (number, (events, leftover, success, warnings)) in table.into_iter().enumerate() {
        let mut answer = Answer::new();
        answer.accept_text();
        for event in &events {
            answer.push(event);
        }
        let outcome = answer.finish(leftover, None);
        assert_eq!(outcome.result.is_ok(), success, "line {number}: {outcome:?}");
        assert_eq!(outcome.warnings.len(), warnings, "line {number}: {:?}", outcome.warnings);
    }
    let mut broken = Answer::new();
    broken.accept_text();
    broken.push(&words("ro"));
    let outcome = broken.finish(&none, Some(Error::new(Kind::Cut, "gone")));
    assert_eq!(outcome.result.unwrap_err().kind, Kind::Cut);
}

#[test]
fn candidates_that_arrive_in_turns_are_put_together_each_by_itself() {
    let words = |text: &str| Event::Text {
        text: text.to_owned(),
        signature: None,
    };
    let mut answer = Answer::new();
    let events = [
        words("One "),
        Event::Candidate(2),
        words("Three "),
        Event::Candidate(0),
        Event::Candidate(1),
        picture(false),
        Event::Candidate(0),
        words("fox"),
        picture(false),
        finish_reason("STOP"),
        Event::Candidate(1),
        Event::Finish {
            reason: Some("IMAGE_SAFETY".to_owned()),
            message: Some("Filtered. ".to_owned()),
        },
        Event::Candidate(0),
        Event::Candidate(2),
        words("foxes"),
        finish_reason("STOP"),
        Event::Candidate(0),
    ];
    for (number, event) in events.iter().enumerate() {
        if let Some(slot) = answer.push(event) {
            let stored = Stored {
                sha256: number.to_string(),
                mime: Mime::Png,
                bytes: 1,
                whole: true,
            };
            answer.stored(slot, stored);
        }
    }
    let outcome = answer.finish(&Leftover::None, None);
    assert_eq!(outcome.result, Ok(()));
    assert_eq!(outcome.text, "One fox\n\nThree foxes");
    assert_eq!(outcome.pictures.len(), 2, "the images of all of them are kept");
    let text = |text: &str| Piece::Text {
        text: text.to_owned(),
        signature: None,
    };
    let image = |picture| Piece::Image {
        picture,
        signature: None,
    };
    // In the order of the candidates; an image keeps the number that it arrived with.
    assert_eq!(
        outcome.pieces,
        [
            text("One "),
            text("fox"),
            image(1),
            image(0),
            text("Three "),
            text("foxes")
        ]
    );
    assert_eq!(outcome.finish_reason.as_deref(), Some("STOP"));
    assert_eq!(
        outcome.warnings,
        ["Candidate 2 ended with IMAGE_SAFETY: \u{201c}Filtered.\u{201d}"]
    );
}
