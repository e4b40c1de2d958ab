//! Databases that are damaged: moved aside, read back as far as can be, nothing on the disk lost.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tintype::domain::{ImageKind, Mime, SessionId, Turn, TurnStatus};
use tintype::store::Store;

use super::life::database;
use super::{NOW, Place, arrival, everything_in, mode, open, png, refused};

/// Sessions with a picture in each turn.
fn filled(sessions: usize, turns: usize) -> (Place, Vec<Turn>) {
    let place = Place::new();
    let mut made = Vec::new();
    for n in 0..sessions {
        let session = place.store.new_session(&format!("session {n}"), NOW).unwrap().id;
        for number in 0..turns {
            let turn = place.begin(&session, None, &format!("picture {n} {number}"));
            let spool = place.file("spool", &png(&format!("picture {n} {number}")));
            let image = place
                .store
                .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Png), NOW)
                .unwrap();
            let turn = Turn {
                status: TurnStatus::Finished,
                thoughts: "The fox sits. ".repeat(60),
                images: vec![image],
                ..turn
            };
            place.store.finish_turn(&turn).unwrap();
            made.push(turn);
        }
    }
    (place, made)
}

fn listed(store: &Store) -> BTreeSet<PathBuf> {
    let sessions = store.recent(1000).unwrap();
    let turns = sessions
        .iter()
        .flat_map(|session| store.session(&session.id).unwrap().unwrap().turns);
    turns
        .flat_map(|turn| turn.images)
        .map(|image| image.path)
        .collect()
}

fn pictures(turns: &[Turn]) -> BTreeSet<PathBuf> {
    turns.iter().map(|turn| turn.images[0].path.clone()).collect()
}

fn damaged(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder.join("damaged")) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    // The copy's own companions lie beside it.
    found.retain(|path| path.extension() == Some("db".as_ref()));
    found.sort();
    found
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn what_is_no_database_is_moved_aside_and_every_picture_listed_again() {
    let (place, turns) = filled(2, 3);
    let data = place.data();
    drop(place.store);
    let garbage = "not a database, and long enough to be read as one\n".repeat(100);
    fs::write(data.join("tintype.db"), &garbage).unwrap();

    let store = open(&data);
    let notices = store.notices();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(
        notices[0].contains("nothing in it could be read, 6 pictures listed again"),
        "{notices:?}"
    );
    let aside = damaged(&data);
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert_eq!(fs::read_to_string(&aside[0]).unwrap(), garbage);
    assert_eq!(mode(&aside[0]), 0o600);
    assert!(notices[0].contains(aside[0].to_str().unwrap()), "{notices:?}");
    assert_eq!(listed(&store), pictures(&turns));
    assert_eq!(store.health().unwrap().damaged, aside);

    // It is as good as new, and told once.
    let session = store.latest_session().unwrap().unwrap();
    assert_eq!(
        (session.title.as_str(), session.turns),
        ("Pictures found again", 6)
    );
    drop(store);
    let store = open(&data);
    assert_eq!(store.notices(), Vec::<String>::new());
    assert_eq!(listed(&store), pictures(&turns));
}

#[test]
fn what_can_be_read_of_a_damaged_database_is_read_back() {
    let (place, turns) = filled(20, 10);
    let data = place.data();
    drop(place.store);
    let path = data.join("tintype.db");
    let length = fs::metadata(&path).unwrap().len();
    // The last tenth is gone, and the file ends in the middle of a page.
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(length * 9 / 10 - 100)
        .unwrap();
    let store = open(&data);
    let notices = store.notices();
    assert!(notices[0].contains("could be read back from it"), "{notices:?}");
    assert_eq!(listed(&store), pictures(&turns), "{notices:?}");
    let same = turns
        .iter()
        .filter(|turn| store.turn(&turn.id).unwrap().as_ref() == Some(turn))
        .count();
    assert!(same > 20, "only {same} of {} turns came back whole", turns.len());
    assert_eq!(store.health().unwrap().damage, Vec::<String>::new());
}

#[test]
fn damage_that_a_statement_meets_is_mended_by_the_next_start() {
    let (place, turns) = filled(20, 10);
    let data = place.data();
    drop(place.store);
    let path = data.join("tintype.db");
    // The page that holds the first turns, somewhere in the middle of the file.
    let root: i64 = database(&data)
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'turns'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    overwrite(&path, (root.unsigned_abs() - 1) * 4096, &[0xff; 64]);
    let store = open(&data);
    let error = store.turn(&turns[0].id).unwrap_err();
    assert!(error.message.contains("is damaged"), "{error}");
    assert!(error.hint.contains("start again"), "{}", error.hint);
    drop(store);
    let store = open(&data);
    assert_eq!(store.notices().len(), 1);
    assert_eq!(listed(&store), pictures(&turns));
    assert_eq!(mode(&damaged(&data)[0]), 0o600);
    drop(store);
    assert_eq!(open(&data).notices(), Vec::<String>::new());
}

#[test]
fn an_old_damaged_database_is_read_back_into_the_newest_form() {
    let root = super::old_folder(super::RELEASED[0]);
    let folder = fs::canonicalize(root.path()).unwrap();
    let path = folder.join("tintype.db");
    let length = fs::metadata(&path).unwrap().len();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(length - 100)
        .unwrap();
    let store = open(&folder);
    let notices = store.notices();
    assert!(
        notices[0].contains("2 sessions with 3 turns could be read back"),
        "{notices:?}"
    );
    let session = &store.recent(50).unwrap()[1];
    let turns = store.session(&session.id).unwrap().unwrap().turns;
    assert_eq!(turns[1].parent.as_ref(), Some(&turns[0].id));
    assert_eq!(store.health().unwrap().damage, Vec::<String>::new());
}

#[test]
fn values_that_cannot_be_read_back_are_put_right() {
    let (place, turns) = filled(1, 3);
    let data = place.data();
    drop(place.store);
    database(&data)
        .execute_batch(
            "UPDATE turns SET usage = '{\"prompt_tok', status = 'finishfd' WHERE number = 1;
             UPDATE images SET mime = 'image/pmg' WHERE turn = 2;",
        )
        .unwrap();
    let store = open(&data);
    let error = store.session(&turns[0].session).unwrap_err();
    assert!(error.message.contains("is damaged"), "{error}");
    drop(store);
    let store = open(&data);
    assert_eq!(store.notices().len(), 1);
    assert_eq!(listed(&store), pictures(&turns));
    let first = store.turn(&turns[0].id).unwrap().unwrap();
    assert_eq!(
        (first.status, first.thoughts),
        (TurnStatus::Interrupted, turns[0].thoughts.clone())
    );
    assert_eq!(store.turn(&turns[2].id).unwrap().as_ref(), Some(&turns[2]));
}

#[test]
fn a_damaged_database_that_somebody_has_open_is_not_moved() {
    let (place, turns) = filled(1, 2);
    let data = place.data();
    let path = data.join("tintype.db");
    // Everything is in the file itself, so that no log mends it.
    database(&data)
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    overwrite(&path, 0, &[0; 100]);
    let before = everything_in(&data);
    let error = refused(&data);
    assert!(error.message.contains("another tintype has it open"), "{error}");
    assert!(error.hint.contains("End every tintype"), "{}", error.hint);
    assert_eq!(everything_in(&data), before);
    drop(place.store);
    assert_eq!(listed(&open(&data)), pictures(&turns));
}

#[test]
fn a_crash_in_the_middle_of_a_rescue_is_made_good_by_the_next_start() {
    for step in 0..4 {
        let (place, turns) = filled(2, 2);
        let data = place.data();
        // The rows are in the log only: whoever loses it loses them.
        std::mem::forget(place.store);
        // As the crashed process left them: another folder stands for its own, which this process still holds.
        let folder = place.root.path().join("after");
        fs::create_dir_all(folder.join("damaged/unread")).unwrap();
        fs::rename(data.join("images"), folder.join("images")).unwrap();
        let here = |part: &str| place.root.path().join(format!("tintype.db{part}"));
        for part in ["", "-wal"] {
            fs::copy(data.join(format!("tintype.db{part}")), here(part)).unwrap();
        }
        let name = |part: &str| format!("tintype-20261121-143055.db{part}");
        let there = |part: &str| folder.join("damaged/unread").join(name(part));
        fs::rename(here("-wal"), there("-wal")).unwrap();
        if step == 0 {
            fs::rename(here(""), folder.join("tintype.db")).unwrap();
        } else {
            fs::rename(here(""), there("")).unwrap();
        }
        if step >= 2 {
            drop(open(&folder));
            assert!(!folder.join("damaged/unread").exists());
        }
        if step == 3 {
            // It was filled, and only the last rename is missing.
            fs::create_dir(folder.join("damaged/unread")).unwrap();
            fs::rename(
                folder.join("damaged").join(there("").file_name().unwrap()),
                there(""),
            )
            .unwrap();
        }
        let store = open(&folder);
        let moved: BTreeSet<PathBuf> = turns
            .iter()
            .map(|turn| {
                let name = turn.images[0].path.strip_prefix(&data).unwrap();
                fs::canonicalize(&folder).unwrap().join(name)
            })
            .collect();
        assert_eq!(listed(&store), moved, "step {step}");
        let sessions: Vec<SessionId> = store
            .recent(10)
            .unwrap()
            .into_iter()
            .map(|session| session.id)
            .collect();
        assert!(
            sessions.contains(&turns[0].session),
            "step {step}: the rows are lost"
        );
        assert_eq!(sessions.len(), 2, "step {step}");
        assert_eq!(
            damaged(&folder),
            [folder.join("damaged").join(name(""))],
            "step {step}"
        );
    }
}

#[test]
fn pictures_beside_no_database_are_listed_again() {
    let (place, turns) = filled(1, 3);
    let data = place.data();
    drop(place.store);
    for emptied in [false, true] {
        if emptied {
            fs::write(data.join("tintype.db"), "").unwrap();
        } else {
            fs::remove_file(data.join("tintype.db")).unwrap();
        }
        let store = open(&data);
        assert!(store.notices()[0].contains("3 pictures"), "{:?}", store.notices());
        assert_eq!(listed(&store), pictures(&turns));
    }
}

#[test]
fn a_dozen_at_once_find_it_damaged_and_one_of_them_mends_it() {
    let (place, turns) = filled(3, 3);
    let data = place.data();
    drop(place.store);
    overwrite(&data.join("tintype.db"), 0, &[7; 4096]);
    let jobs: Vec<_> = (0..12)
        .map(|_| super::child(&data, "one turn", "077").spawn().unwrap())
        .collect();
    for mut process in jobs {
        assert!(process.wait().unwrap().success());
    }
    let store = open(&data);
    assert_eq!(damaged(&data).len(), 1);
    assert!(listed(&store).is_superset(&pictures(&turns)));
    assert_eq!(store.health().unwrap().sessions, 13);
}
