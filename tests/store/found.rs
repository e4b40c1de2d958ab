//! Full text and the trash: what is written is found, what is deleted is not, and comes back.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;

use tintype::domain::{Cost, Turn, TurnStatus};
use tintype::store::{Found, Purged, Store};

use super::{NOW, Place, full_turn, new_turn};

pub(super) fn found(store: &Store, words: &str) -> Vec<String> {
    let say = |found: Found| {
        let mut line = found
            .turn
            .map_or("title".to_owned(), |(_, number)| number.to_string());
        let mut at = 0;
        line.push(' ');
        for hit in found.hits {
            let _ = write!(
                line,
                "{}[{}]",
                &found.snippet[at..hit.start],
                &found.snippet[hit.clone()]
            );
            at = hit.end;
        }
        line + &found.snippet[at..]
    };
    store.search(words, 50).unwrap().into_iter().map(say).collect()
}

pub(super) fn finished(place: &Place, turn: &Turn, text: &str, thoughts: &str) -> Turn {
    let turn = Turn {
        status: TurnStatus::Finished,
        text: text.to_owned(),
        thoughts: thoughts.to_owned(),
        ..turn.clone()
    };
    place.store.finish_turn(&turn).unwrap();
    turn
}

#[test]
fn words_are_found_in_prompts_replies_thoughts_and_titles_newest_first() {
    let place = Place::new();
    let session = place.session();
    let fox = place.begin(&session, None, "a red fox");
    let night = place.begin(&session, Some(&fox), "make it night");
    assert_eq!(found(&place.store, "fox"), ["1 a red [fox]"]);
    finished(
        &place,
        &night,
        "Here is the fox at night.",
        "**Moonlight** suits\na fox",
    );
    assert_eq!(
        found(&place.store, "fo"),
        ["2 Here is the [fox] at night.", "1 a red [fox]"]
    );
    // In the same turn, in any of its texts.
    assert_eq!(found(&place.store, "make moonl"), ["2 [make] it night"]);
    assert_eq!(found(&place.store, "red night"), [""; 0]);
    // Only the last word may go on.
    assert_eq!(found(&place.store, "fo red"), [""; 0]);

    place.store.rename_session(&session, "Études, renamed").unwrap();
    assert_eq!(found(&place.store, "etud"), ["title [Études], renamed"]);
    place.store.rename_session(&session, "again").unwrap();
    assert_eq!(found(&place.store, "etud"), [""; 0]);
    assert_eq!(place.store.search("a", 1).unwrap().len(), 1);
}

#[test]
fn chinese_japanese_and_korean_are_found_in_the_middle_of_a_run() {
    let place = Place::new();
    let session = place.session();
    for prompt in ["赤い狐のロゴ、水彩で", "月光下的红狐狸", "눈 속의 빨간여우"] {
        place.begin(&session, None, prompt);
    }
    assert_eq!(
        found(&place.store, "狐"),
        ["2 月光下的红[狐]狸", "1 赤い[狐]のロゴ、水彩で"]
    );
    assert_eq!(found(&place.store, "の狐"), [""; 0]);
    assert_eq!(found(&place.store, "狐のロ"), ["1 赤い[狐のロ]ゴ、水彩で"]);
    assert_eq!(found(&place.store, "的红狐"), ["2 月光下[的红狐]狸"]);
    assert_eq!(found(&place.store, "간여"), ["3 눈 속의 빨[간여]우"]);
    assert_eq!(found(&place.store, "狐 水彩"), ["1 赤い[狐]のロゴ、[水彩]で"]);
}

#[test]
fn what_is_deleted_is_out_of_sight_and_comes_back_step_by_step() {
    let place = Place::new();
    let session = place.session();
    let fox = finished(&place, &place.begin(&session, None, "a red fox"), "", "");
    let night = finished(
        &place,
        &place.begin(&session, Some(&fox), "make it night"),
        "",
        "",
    );
    let moon = finished(&place, &place.begin(&session, Some(&night), "add a moon"), "", "");
    let other = place.session();
    finished(&place, &place.begin(&other, None, "an owl"), "", "");

    assert_eq!(place.store.trash_turn(&night.id, NOW), Ok(2));
    assert_eq!(
        place.store.session(&session).unwrap().unwrap().turns,
        std::slice::from_ref(&fox)
    );
    assert_eq!(place.store.turn(&moon.id).unwrap(), None);
    assert_eq!(place.store.turn_numbered(&session, 2).unwrap(), None);
    assert_eq!(place.store.latest_turn(&session).unwrap(), Some(fox.clone()));
    assert_eq!(found(&place.store, "moon"), [""; 0]);
    place
        .store
        .begin_turn(new_turn(&session, Some(&night), "from the dead"))
        .unwrap_err();

    place.store.trash_session(&session, NOW).unwrap();
    let place = place.reopen();
    assert_eq!(place.store.recent(50).unwrap().len(), 1);
    assert_eq!(place.store.latest_session().unwrap().unwrap().id, other);
    assert_eq!(place.store.session(&session).unwrap(), None);
    assert_eq!(place.store.turn(&fox.id).unwrap(), None);
    assert_eq!(found(&place.store, "fox"), [""; 0]);
    place.store.find_session(session.as_str()).unwrap_err();
    place.store.rename_session(&session, "x").unwrap_err();
    place.store.trash_session(&session, NOW).unwrap_err();
    place.store.trash_turn(&fox.id, NOW).unwrap_err();
    place
        .store
        .begin_turn(new_turn(&session, None, "into the trash"))
        .unwrap_err();
    let trash: Vec<_> = place
        .store
        .trash()
        .unwrap()
        .iter()
        .map(|one| (one.whole, one.turns))
        .collect();
    assert_eq!(trash, [(true, 1), (false, 2)]);

    let whole = place.store.undo_delete().unwrap().unwrap();
    assert_eq!(
        (whole.session.id.as_str(), whole.turns, whole.whole),
        (session.as_str(), 1, true)
    );
    assert_eq!(whole.session, place.store.find_session(session.as_str()).unwrap());
    assert_eq!(found(&place.store, "fox"), ["1 a red [fox]"]);
    let part = place.store.undo_delete_of(session.as_str()).unwrap();
    assert_eq!((part.turns, part.whole, part.session.turns), (2, false, 3));
    assert_eq!(found(&place.store, "moon"), ["3 add a [moon]"]);
    assert_eq!(
        place.store.session(&session).unwrap().unwrap().turns,
        [fox, night, moon]
    );
    assert_eq!(place.store.undo_delete().unwrap(), None);
}

#[test]
fn what_still_runs_is_not_deleted() {
    let place = Place::new();
    let session = place.session();
    let fox = finished(&place, &place.begin(&session, None, "a red fox"), "", "");
    place.begin(&session, Some(&fox), "make it night");
    for error in [
        place.store.trash_session(&session, NOW).unwrap_err(),
        place.store.trash_turn(&fox.id, NOW).unwrap_err(),
    ] {
        assert!(error.message.contains("still being made"), "{error}");
    }
    assert_eq!(place.store.trash().unwrap(), []);
}

const DAY: i64 = 24 * 60 * 60 * 1000;

#[test]
fn after_thirty_days_the_trash_is_emptied_and_the_money_stays_spent() {
    let place = Place::new();
    let turn = full_turn(&place);
    let first = place.store.path_to_root(&turn.id).unwrap().remove(0);
    let turn = Turn {
        cost: Some(Cost {
            usd: 0.2,
            exact: true,
        }),
        ..turn
    };
    place.store.finish_turn(&turn).unwrap();
    finished(&place, &first, "", "");
    // Another session was given the same picture.
    let other = place.session();
    let mut new = new_turn(&other, None, "the same fox");
    new.request.references = turn.request.references.clone();
    let kept = place.store.begin_turn(new).unwrap();
    let spent = place.store.spending(0).unwrap();

    place.store.trash_session(&turn.session, NOW + 915).unwrap();
    assert_eq!(
        place.store.purge(NOW + 915 + 30 * DAY - 1).unwrap(),
        Purged::default()
    );
    assert!(turn.images[0].path.exists());
    assert_eq!(place.store.spending(0).unwrap(), spent);

    let purged = place.store.purge(NOW + 915 + 30 * DAY).unwrap();
    assert_eq!((purged.sessions, purged.turns, purged.files), (1, 2, 3));
    assert_eq!(purged.bytes, 5 + 7 + 15);
    assert!(!turn.images.iter().any(|image| image.path.exists()));
    assert!(kept.request.references[0].path.exists());
    assert_eq!(place.store.undo_delete().unwrap(), None);
    assert_eq!(place.store.spending(0).unwrap(), spent);
    assert!((place.store.spent_since(NOW).unwrap().usd - 0.2).abs() < 1e-9);
    assert_eq!(place.store.purge(NOW + 100 * DAY).unwrap(), Purged::default());
}

#[test]
fn the_trash_removes_nothing_but_what_is_the_store_s() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    finished(&place, &place.store.path_to_root(&turn.id).unwrap()[0], "", "");
    let mine = place.file("mine.png", b"mine");
    fs::create_dir(place.root.path().join("elsewhere")).unwrap();
    let linked = place.file("elsewhere/linked.png", b"linked");
    symlink(
        place.root.path().join("elsewhere"),
        place.data().join("images/link"),
    )
    .unwrap();
    let database = rusqlite::Connection::open(place.data().join("tintype.db")).unwrap();
    for (ordinal, path) in [
        (10, mine.to_str().unwrap()),
        (11, "../mine.png"),
        (12, "images/../../mine.png"),
        (13, "images/link/linked.png"),
        (14, "tintype.db"),
        (15, "images"),
    ] {
        database
            .execute(
                "INSERT INTO images SELECT turn, ?1, kind, ?2, mime, declared_mime, width, height, bytes, sha256
                 FROM images WHERE ordinal = 0",
                rusqlite::params![ordinal, path],
            )
            .unwrap();
    }
    place.store.trash_session(&turn.session, NOW).unwrap();
    assert_eq!(place.store.purge(NOW + 31 * DAY).unwrap().sessions, 1);
    assert!(mine.exists() && linked.exists() && place.data().join("tintype.db").exists());
}

#[test]
fn an_index_that_is_damaged_loses_no_turn() {
    let place = Place::new();
    let session = place.session();
    let database = rusqlite::Connection::open(place.data().join("tintype.db")).unwrap();
    database.execute_batch("DELETE FROM turn_words_data").unwrap();
    let fox = finished(&place, &place.begin(&session, None, "a red fox"), "", "");
    assert_eq!(place.store.turn(&fox.id).unwrap(), Some(fox));
}

/// Numbers from a seed, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn text(&mut self, pieces: usize) -> String {
        const PIECES: &[&str] = &[
            "fox",
            "fo",
            "red",
            " ",
            "  ",
            "\n",
            "\"",
            "\"\"",
            "'",
            "*",
            "^",
            "-",
            "+",
            "(",
            ")",
            "{",
            "}",
            ":",
            ",",
            ";",
            "AND",
            "OR",
            "NOT",
            "NEAR",
            "NEAR(",
            "prompt:",
            "- thoughts :",
            "turn_words",
            "%",
            "_",
            "\\",
            "/",
            "\0",
            "\x1b[31m",
            "\u{202e}",
            "e\u{301}",
            "\u{301}",
            "É",
            "ß",
            "İ",
            "狐",
            "赤い狐",
            "여우",
            "\u{1112}\u{1161}",
            "ｷﾂﾈ",
            "🦊",
            "👩\u{200d}🎨",
            "ก็",
            "हिन्दी",
            "\u{feff}",
            "½",
            "16:9",
            "\u{fdfa}",
            "x'00'",
            "--",
            "/*",
        ];
        (0..self.roll(pieces + 1))
            .map(|_| PIECES[self.roll(PIECES.len())])
            .collect()
    }
}

#[test]
fn nothing_that_can_be_typed_is_an_error_and_what_was_written_is_found() {
    let place = Place::new();
    let session = place.session();
    let mut dice = Dice(0x7469_6e74);
    let prompts: Vec<String> = (0..60).map(|_| dice.text(12)).collect();
    for prompt in &prompts {
        place.begin(&session, None, prompt);
    }
    for _ in 0..2000 {
        let typed = dice.text(8);
        for hit in place.store.search(&typed, 5).unwrap() {
            assert!(
                !hit.snippet.chars().any(char::is_control),
                "{typed:?}: {:?}",
                hit.snippet
            );
            let mut at = 0;
            for range in hit.hits {
                assert!(
                    range.start >= at && range.start < range.end,
                    "{typed:?}: {:?}",
                    hit.snippet
                );
                assert!(
                    hit.snippet.get(range.clone()).is_some(),
                    "{typed:?}: {:?}",
                    hit.snippet
                );
                at = range.end;
            }
        }
    }
    place.store.search(&"fox ".repeat(10_000), 5).unwrap();
    place.store.search(&"狐".repeat(10_000), 5).unwrap();
    // Each prompt is found by itself, where it has a word at all.
    let mut quiet = 0;
    for (number, prompt) in (1..).zip(&prompts) {
        let hits = place.store.search(prompt, 1000).unwrap();
        let itself = |hit: &Found| hit.turn.as_ref().is_some_and(|(_, found)| *found == number);
        if !hits.iter().any(itself) {
            assert!(hits.is_empty(), "{prompt:?} is found in others, not in itself");
            quiet += 1;
        }
    }
    assert!(quiet < 30, "{quiet} of 60 prompts are not found");
}
