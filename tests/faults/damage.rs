//! A database cut off and overwritten at random places: it opens again or says clearly why not, every picture is listed
//! again, and nothing on the disk is lost. `TINTYPE_FAULT_SEED` asks for other places.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests: they harm the files that the store writes, as a seed from the environment says"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tintype::domain::{ImageKind, Mime, Request, Tuning, Turn, TurnStatus};
use tintype::error::Error;
use tintype::store::{Arrival, NewTurn, Store};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tintype");
const ROUNDS: u64 = 100;
/// What is damaged is the same in every run, unless another seed is asked for.
const SEED: u64 = 832_947_069;
const NOW: i64 = 1_795_185_055_000;
/// Later than a day after anything that a test can have written.
const LATER: i64 = 4_000_000_000_000;

/// Marsaglia's xorshift: all that is asked of it is to be the same again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % limit.max(1)
    }
}

fn seed() -> u64 {
    let told = std::env::var("TINTYPE_FAULT_SEED").ok();
    told.map_or(SEED, |seed| seed.parse().unwrap())
}

/// Eight sessions of six turns, each with a picture, all of it in the database file itself.
fn fill(data: &Path) {
    let store = Store::open(data).unwrap();
    for n in 0..8 {
        let session = store.new_session(&format!("session {n}"), NOW).unwrap().id;
        for number in 0..6 {
            let prompt = format!("picture {n} {number}");
            let new = NewTurn {
                id: store.new_turn_id(NOW).unwrap(),
                session: Some(session.clone()),
                parent: None,
                request: Request {
                    prompt: prompt.clone(),
                    provider: "demo".to_owned(),
                    model: "gemini-3.1-flash-image".to_owned(),
                    aspect_ratio: None,
                    size: None,
                    references: Vec::new(),
                    tuning: Tuning::default(),
                },
                route: None,
                now_ms: NOW,
            };
            let turn = store.begin_turn(new).unwrap();
            let spool = data.join("spooled");
            fs::write(&spool, [b"\x89PNG\r\n\x1a\n", prompt.as_bytes()].concat()).unwrap();
            let arrival = Arrival {
                spool,
                kind: ImageKind::Result,
                mime: Mime::Png,
                declared_mime: None,
                width: 3,
                height: 2,
                sha256: "ab".repeat(32),
            };
            let image = store.adopt(&turn, arrival, NOW).unwrap();
            let turn = Turn {
                status: TurnStatus::Finished,
                thoughts: "The fox sits left of centre. ".repeat(40),
                images: vec![image],
                ..turn
            };
            store.finish_turn(&turn).unwrap();
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

fn harm(database: &Path, chance: &mut Chance) -> (String, Vec<u8>) {
    let mut bytes = fs::read(database).unwrap();
    let length = bytes.len() as u64;
    let at = usize::try_from(chance.below(length)).unwrap();
    let what = if chance.below(2) == 0 {
        bytes.truncate(at);
        format!("cut off at {at} of {length}")
    } else {
        let count = usize::try_from(1 + chance.below(200)).unwrap();
        for byte in bytes.iter_mut().skip(at).take(count) {
            *byte = u8::try_from(chance.below(256)).unwrap();
        }
        format!("{count} bytes overwritten at {at} of {length}")
    };
    fs::write(database, &bytes).unwrap();
    (what, bytes)
}

/// Reads everything, as somebody who looks at one session after the other.
fn read(store: &Store) -> Result<(), Error> {
    for session in store.recent(1000)? {
        store.session(&session.id)?;
    }
    store.sweep(LATER)?;
    Ok(())
}

/// The pictures that rows name, by the table itself.
fn listed(data: &Path) -> BTreeSet<PathBuf> {
    let database = rusqlite::Connection::open(data.join("tintype.db")).unwrap();
    let mut statement = database.prepare("SELECT path FROM images NOT INDEXED").unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names.map(|name| data.join(name.unwrap())).collect()
}

#[derive(Default)]
struct Tally {
    mended: u32,
    unharmed: u32,
    refused: u32,
}

fn round(data: &Path, what: &str, harmed: &[u8], tally: &mut Tally) {
    let pictures = files(&data.join("images"));
    let mut notices = Vec::new();
    for attempt in 0.. {
        assert!(attempt < 4, "{what}: it is damaged at every start");
        let store = match Store::open(data) {
            Ok(store) => store,
            Err(error) => {
                // Nothing but a header that says that it is somebody else's, or of a form that does not fit it.
                assert!(!error.message.contains("is damaged"), "{what}: {error}");
                assert!(!error.message.is_empty(), "{what}");
                assert_eq!(
                    fs::read(data.join("tintype.db")).unwrap(),
                    harmed,
                    "{what}: {error}"
                );
                tally.refused += 1;
                return;
            }
        };
        if let Some(refusal) = store.read_only() {
            assert!(refusal.message.contains("newer tintype"), "{what}: {refusal}");
            tally.refused += 1;
            return;
        }
        notices.extend(store.notices());
        match read(&store) {
            Ok(()) => break,
            Err(error) => assert!(error.message.contains("is damaged"), "{what}: {error}"),
        }
    }
    assert_eq!(files(&data.join("images")), pictures, "{what}");
    let missing: Vec<_> = pictures.difference(&listed(data)).cloned().collect();
    assert!(missing.is_empty(), "{what}: not listed: {missing:?}; {notices:?}");
    let aside = data.join("damaged");
    if aside.exists() {
        tally.mended += 1;
        assert!(!notices.is_empty(), "{what}: nobody was told");
        let kept = files(&aside);
        let is_kept = kept.iter().any(|path| fs::read(path).unwrap() == harmed);
        assert!(is_kept || !notices[0].contains("was damaged"), "{what}: {kept:?}");
    } else {
        tally.unharmed += 1;
    }
}

#[test]
fn a_database_damaged_at_random_places_costs_no_picture() {
    let seed = seed();
    println!("seed {seed}");
    let mut chance = Chance(seed);
    let root = tempfile::tempdir().unwrap();
    let whole = root.path().join("whole");
    fill(&whole);
    let mut tally = Tally::default();
    for number in 0..ROUNDS {
        let data = root.path().join("data");
        copy(&whole, &data);
        let (what, harmed) = harm(&data.join("tintype.db"), &mut chance);
        let what = format!("seed {seed}, round {number}: {what}");
        // The program itself meets it first in some rounds.
        if number % 12 == 0 {
            let said = Command::new(PROGRAM)
                .args(["sessions", "list", "--data-dir"])
                .arg(&data)
                .env_clear()
                .env("HOME", root.path())
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&said.stderr);
            assert!(said.status.code().is_some_and(|code| code < 2), "{what}: {told}");
            assert!(!told.contains("panicked"), "{what}: {told}");
            let missing: Vec<_> = files(&whole.join("images"))
                .into_iter()
                .filter(|path| !data.join(path.strip_prefix(&whole).unwrap()).exists())
                .collect();
            assert!(missing.is_empty(), "{what}: {missing:?}");
        } else {
            round(&data, &what, &harmed, &mut tally);
        }
        fs::remove_dir_all(&data).unwrap();
    }
    println!(
        "{} mended, {} without harm, {} refused with a reason",
        tally.mended, tally.unharmed, tally.refused
    );
    assert!(tally.mended > 20, "{} were mended", tally.mended);
}
