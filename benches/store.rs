//! The marks of the store: open at the newest 50 of many sessions, one session whole, one turn written down, a search.
//! On a memory file system where there is one, so that the disk's own waiting is not measured.
//!
//! The floor of a search is the same number of hits read from a plain index (`newest_50_by_key`): milliseconds move from
//! machine to machine, what a search takes above that does not. Each search is for words that every turn has, some have
//! and few have: the first must not collect a million hits to show fifty.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot set up its data has nothing to measure"
)]

use std::path::Path;
use std::sync::OnceLock;

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
            .prepare_cached(
                "INSERT INTO sessions (key, id, title, created_ms, updated_ms, last_number)
                 VALUES (?1, ?2, 'a red fox logo', ?1, ?1, ?3)",
            )
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
                .execute((format!("{key}-{number}"), key, number, prompt(key, number), thoughts(key)))
                .unwrap();
        }
    }
    transaction.commit().unwrap();
    drop(database);
    // Opening indexes what has been written past the store.
    Store::open(root.path()).unwrap();
    root
}

/// Made once: it takes longer than all that is measured.
fn large() -> &'static TempDir {
    static LARGE: OnceLock<TempDir> = OnceLock::new();
    LARGE.get_or_init(|| filled(100_000))
}

/// Words as language has them: some in every text, some in one of hundred, some in one of ten thousand.
fn prompt(session: u32, number: u32) -> String {
    let (common, rare) = (session % 97, (session * 10 + number) % 9973);
    format!("make it night with a c{common}lour and r{rare}re things")
}

fn thoughts(session: u32) -> String {
    let words = [
        "fox", "mountain", "lantern", "harbour", "meadow", "glass", "狐狸", "paper", "velvet", "comet",
    ];
    (0..40).fold(String::new(), |text, at| {
        let word = words[(session as usize + at * at) % words.len()];
        text + "The " + word + " sits in place. "
    })
}

/// What a user types, from the commonest to what nothing has.
const TYPED: [&str; 9] = [
    "n",
    "ni",
    "night",
    "nigh",
    "make it night",
    "c42lour",
    "r4711re",
    "狐",
    "nothing like that",
];

#[divan::bench(args = TYPED, sample_count = 20)]
fn search_100_000(bencher: Bencher<'_, '_>, typed: &str) {
    let store = Store::open(large().path()).unwrap();
    bencher.bench_local(|| store.search(typed, 50).unwrap());
}

/// The floor: fifty turns, newest first, with what a search reads of each.
#[divan::bench(sample_count = 20)]
fn newest_50_by_key(bencher: Bencher<'_, '_>) {
    let database = rusqlite::Connection::open(large().path().join("tintype.db")).unwrap();
    bencher.bench_local(|| {
        let mut statement = database
            .prepare_cached(
                "SELECT turns.id, turns.prompt, turns.text, turns.thoughts, sessions.title FROM turns
                 JOIN sessions ON sessions.key = turns.session ORDER BY turns.key DESC LIMIT 50",
            )
            .unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        rows.map(|row| row.unwrap().len()).sum::<usize>()
    });
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
