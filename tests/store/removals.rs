//! Files that are to go: a purge or an import that is cut short anywhere leaves nothing that is taken for an image whose
//! row was lost, and nothing goes that a row names.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tintype::domain::{Turn, TurnStatus};
use tintype::store::Purged;

use super::{NOW, Place, everything_in, full_turn};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Later than a day after anything that a test can have written.
const LATER: i64 = 4_000_000_000_000;

fn images(place: &Place) -> Vec<PathBuf> {
    let mut files = everything_in(&place.data().join("images"));
    files.retain(|path| path.is_file());
    files
}

fn noted(place: &Place) -> i64 {
    let database = Connection::open(place.data().join("tintype.db")).unwrap();
    let count = "SELECT count(*) FROM removals";
    database.query_row(count, [], |row| row.get(0)).unwrap()
}

/// A session with images in the trash for long enough.
fn thrown_away() -> (Place, Turn) {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    let first = place.store.path_to_root(&turn.id).unwrap().remove(0);
    place
        .store
        .finish_turn(&Turn {
            status: TurnStatus::Finished,
            ..first
        })
        .unwrap();
    place.store.trash_session(&turn.session, NOW + 915).unwrap();
    (place, turn)
}

#[test]
fn what_cannot_be_removed_now_is_not_listed_and_goes_later() {
    let (place, _turn) = thrown_away();
    // The disk of the images is not mounted when the trash is emptied.
    let (folder, moved) = (place.data().join("images"), place.root.path().join("disk"));
    fs::rename(&folder, &moved).unwrap();
    symlink(place.root.path().join("mounted"), &folder).unwrap();
    let purged = place.store.purge(NOW + 31 * DAY_MS).unwrap();
    assert_eq!((purged.sessions, purged.turns), (1, 2));
    fs::rename(&moved, place.root.path().join("mounted")).unwrap();
    assert_eq!(images(&place).len(), 2);
    assert_eq!(
        place.store.sweep(LATER).unwrap().listed,
        0,
        "they were thrown away"
    );

    let place = place.reopen();
    assert_eq!(place.store.finish_removals(LATER).unwrap().files, 2);
    assert_eq!((images(&place), noted(&place)), (Vec::new(), 0));
    assert_eq!(place.store.sweep(LATER).unwrap().listed, 0);
    assert_eq!(place.store.recent(9).unwrap(), []);
}

#[test]
fn a_row_keeps_its_file_whatever_is_to_go() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    let database = Connection::open(place.data().join("tintype.db")).unwrap();
    database
        .execute_batch("INSERT INTO removals (path) SELECT path FROM images UNION SELECT path FROM inputs")
        .unwrap();
    for name in [
        "../mine.png",
        "/etc/passwd",
        "images",
        "tintype.db",
        "images/../../mine.png",
    ] {
        database
            .execute("INSERT INTO removals (path) VALUES (?1)", [name])
            .unwrap();
    }
    let mine = place.file("mine.png", b"mine");
    assert_eq!(place.store.finish_removals(LATER).unwrap().files, 0);
    assert!(mine.exists() && Path::new("/etc/passwd").exists());
    assert_eq!((images(&place).len(), noted(&place)), (2, 0));
}

#[test]
fn a_turn_that_was_purged_is_not_brought_back_by_a_journal() {
    let (place, turn) = thrown_away();
    let purged = place.store.purge(NOW + 31 * DAY_MS).unwrap();
    assert_ne!(purged, Purged::default());
    assert_eq!(place.store.reinstate(&turn).unwrap(), None);
    assert_eq!(place.store.recent(9).unwrap(), []);
}

#[test]
fn a_new_file_never_takes_a_name_that_is_to_go() {
    let place = Place::new();
    let turn = place.begin(&place.session(), None, "a fox");
    let database = Connection::open(place.data().join("tintype.db")).unwrap();
    let adopt = |n| {
        let spool = place.file("spooled", format!("picture {n}").as_bytes());
        let kind = tintype::domain::ImageKind::Result;
        let arrival = super::arrival(spool, kind, tintype::domain::Mime::Png);
        place.store.adopt(&turn, arrival, NOW).unwrap().path
    };
    // The names that images of this turn get first.
    let taken: Vec<_> = (0..30).map(adopt).collect();
    for path in &taken {
        std::fs::remove_file(path).unwrap();
        let name = path.strip_prefix(std::fs::canonicalize(place.data()).unwrap());
        let noted = "INSERT INTO removals (path) VALUES (?1)";
        database
            .execute(noted, [name.unwrap().to_str().unwrap()])
            .unwrap();
    }
    for n in 0..30 {
        let path = adopt(n);
        assert!(!taken.contains(&path), "{}", path.display());
    }
}
