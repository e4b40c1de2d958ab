//! The marks of the store: open at the newest 50 of many sessions, one session whole, one turn written down. On a
//! memory file system where there is one, so that the disk's own waiting is not measured.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot set up its data has nothing to measure"
)]

use std::path::Path;

use divan::Bencher;
use tempfile::TempDir;
use tintype::domain::{Request, SessionId};
use tintype::store::{NewTurn, Store};

const TURNS_EACH: u32 = 10;

fn main() {
    divan::main();
}

fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// A data folder with this many sessions of ten turns, written in one go.
fn filled(sessions: u32) -> TempDir {
    let root = folder();
    Store::open(root.path()).unwrap();
    let mut database = rusqlite::Connection::open(root.path().join("tintype.db")).unwrap();
    let transaction = database.transaction().unwrap();
    for key in 1..=sessions {
        transaction
            .prepare_cached("INSERT INTO sessions VALUES (?1, ?2, 'a red fox logo', ?1, ?1, ?3)")
            .unwrap()
            .execute((key, SessionId::new(u64::from(key), key).as_str(), TURNS_EACH))
            .unwrap();
        for number in 1..=TURNS_EACH {
            transaction
                .prepare_cached(
                    "INSERT INTO turns (id, session, number, created_ms, status, provider, model, settings, usage, timing,
                         warnings, prompt, thoughts, parts)
                     VALUES (?1, ?2, ?3, ?2, 'finished', 'demo', 'm', '{}', '{}', '{}', '[]', ?4, ?5, '[]')",
                )
                .unwrap()
                .execute((format!("{key}-{number}"), key, number, "make it night", "The fox sits. ".repeat(40)))
                .unwrap();
        }
    }
    transaction.commit().unwrap();
    root
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 20)]
fn open_and_newest_50(bencher: Bencher<'_, '_>, sessions: u32) {
    let root = filled(sessions);
    bencher.bench_local(|| Store::open(root.path()).unwrap().recent(50).unwrap());
}

#[divan::bench(args = [1_000, 100_000], sample_count = 20)]
fn one_session_of_ten_turns(bencher: Bencher<'_, '_>, sessions: u32) {
    let root = filled(sessions);
    let store = Store::open(root.path()).unwrap();
    let id = store.recent(50).unwrap()[25].id.clone();
    bencher.bench_local(|| store.session(&id).unwrap().unwrap().turns.len());
}

#[divan::bench(sample_count = 50)]
fn one_turn_begun_and_finished(bencher: Bencher<'_, '_>) {
    let root = folder();
    let store = Store::open(Path::new(root.path())).unwrap();
    let session = store.new_session("", 0).unwrap().id;
    bencher.bench_local(|| {
        let request = Request {
            prompt: "a red fox".to_owned(),
            ..Request::default()
        };
        let turn = store
            .begin_turn(NewTurn {
                id: store.new_turn_id(0).unwrap(),
                session: Some(session.clone()),
                parent: None,
                request,
                route: None,
                now_ms: 0,
            })
            .unwrap();
        store.finish_turn(&turn).unwrap();
    });
}
