//! The trash emptied by a program that is killed, or fails, at any of its file system calls: what was purged never comes
//! back, and what was kept stays.

use std::path::Path;

use tintype::domain::{ImageKind, Mime, Request, Turn, TurnStatus};
use tintype::store::{Arrival, NewTurn, Store};

use crate::inject::{Blow, Injection};
use crate::program::Home;
use crate::tally::{assert_even, assert_even_now_and_later, files, now_ms, points, rows, run};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn turn(store: &Store, folder: &Path, number: u32, now_ms: i64) -> Turn {
    let request = Request {
        prompt: format!("a red fox {number}"),
        provider: "demo".to_owned(),
        model: "gemini-3.1-flash-image".to_owned(),
        ..Request::default()
    };
    let turn = store
        .begin_turn(NewTurn {
            id: store.new_turn_id(now_ms).unwrap(),
            session: None,
            parent: None,
            request,
            route: None,
            now_ms,
        })
        .unwrap();
    let spool = folder.join("spooled");
    std::fs::write(&spool, format!("picture {number}")).unwrap();
    let arrival = Arrival {
        spool,
        kind: ImageKind::Result,
        mime: Mime::Png,
        declared_mime: None,
        width: 3,
        height: 2,
        sha256: "ab".repeat(32),
    };
    let image = store.adopt(&turn, arrival, now_ms).unwrap();
    let turn = Turn {
        status: TurnStatus::Finished,
        images: vec![image],
        ..turn
    };
    store.finish_turn(&turn).unwrap();
    turn
}

/// A home with three sessions in the trash since forty days ago, and one that is kept.
fn thrown_away() -> Home {
    let home = Home::new();
    let store = Store::open(&home.data()).unwrap();
    let then = now_ms() - 40 * DAY_MS;
    for number in 0..3 {
        let turn = turn(&store, home.path(), number, then);
        store.trash_session(&turn.session, then + 1).unwrap();
    }
    turn(&store, home.path(), 3, then);
    home
}

fn strike(blow: Blow, sample: u32) {
    let list = ["sessions", "list", "--json"];
    let home = thrown_away();
    let total = run(&home, &list, &Injection::below(home.path())).counted;
    assert_eq!(files(&home.data(), "images").len(), 1);
    for at in points(total, sample) {
        let home = thrown_away();
        let injection = Injection {
            at: Some(at),
            blow,
            ..Injection::below(home.path())
        };
        let report = run(&home, &list, &injection);
        let what = format!("{blow:?} at {at} of {total}: {:?}", report.struck);
        // Whatever has no row by now must not come back, even if it has been lying there for a day when it is looked at.
        let purged = rows(&home.data()).len() < 4;
        let store = Store::open(&home.data()).unwrap();
        let swept = store.sweep(now_ms() + 2 * DAY_MS).unwrap();
        assert_eq!((swept.listed, swept.missing), (0, 0), "{what}");
        drop(store);
        let sessions = home.json(&list);
        assert_eq!(sessions.as_array().unwrap().len(), 1, "{what}");
        assert_even(&home, &what);
        if purged {
            assert_eq!(files(&home.data(), "images").len(), 1, "{what}");
        }
        assert_even_now_and_later(&home, &what);
        assert_eq!(home.json(&list).as_array().unwrap().len(), 1, "{what}");
    }
}

#[test]
fn a_purge_killed_anywhere_is_ended_by_the_next_start() {
    strike(Blow::Kill, 40);
}

#[test]
fn a_purge_that_fails_anywhere_is_ended_by_the_next_start() {
    strike(Blow::Fail(5), 20);
    strike(Blow::Fail(13), 20);
}
