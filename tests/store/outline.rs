//! A session as its history shows it: all turns, without what is read of one turn at a time.

use tintype::domain::{Part, Signature, Tail, Turn, TurnStatus, TurnText};

use crate::{NOW, Place, full_turn};

#[test]
fn an_outline_has_everything_of_a_turn_but_its_words() {
    let place = Place::new();
    let mut turn = full_turn(&place);
    turn.warnings = vec!["It was cut".to_owned()];
    place.store.finish_turn(&turn).unwrap();
    let outline = place.store.outline(&turn.session).unwrap().unwrap();
    let session = place.store.session(&turn.session).unwrap().unwrap();
    assert_eq!((outline.id, outline.title), (session.id, session.title));
    let whole = session.turns.into_iter();
    let bare = whole.map(|turn| Turn {
        thoughts: String::new(),
        text: String::new(),
        parts: Vec::new(),
        ..turn
    });
    assert_eq!(outline.turns, bare.collect::<Vec<_>>());
    assert_eq!(outline.turns.len(), 2);
}

#[test]
fn what_did_not_finish_still_says_which_pictures_go_back() {
    let place = Place::new();
    let mut turn = full_turn(&place);
    turn.status = TurnStatus::Cancelled;
    let signature = Some(Signature::Inline("abc".to_owned()));
    turn.parts = vec![
        Part::Text {
            text: "Here".to_owned(),
            signature: signature.clone(),
        },
        Part::Image { image: 1, signature },
    ];
    place.store.finish_turn(&turn).unwrap();
    let outline = place.store.outline(&turn.session).unwrap().unwrap();
    let bare = Part::Image {
        image: 1,
        signature: None,
    };
    assert_eq!(outline.turns[1].parts, [bare]);
}

#[test]
fn the_words_of_a_turn_are_read_by_themselves_or_only_their_end() {
    let place = Place::new();
    let mut turn = full_turn(&place);
    turn.thoughts = "äöü".repeat(1_000);
    place.store.finish_turn(&turn).unwrap();
    let read = |most| place.store.turn_text(&turn.id, most).unwrap();
    let text = Tail::new(turn.text.clone(), 0);
    let whole = TurnText {
        thoughts: Tail::new(turn.thoughts.clone(), 0),
        text: text.clone(),
    };
    assert_eq!(read(10_000), Some(whole));
    let end = TurnText {
        thoughts: Tail::new("üäöüäöüäöüäöü".chars().skip(1).collect(), 5_976),
        text: Tail::new(turn.text.clone(), 0),
    };
    assert_eq!(read(12), Some(end));
    place.store.trash_turn(&turn.id, NOW).unwrap();
    assert_eq!(read(12), None);
}
