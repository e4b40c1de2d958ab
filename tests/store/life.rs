//! The life of a database: older, newer, on a read-only disk, watched, swept.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use tintype::domain::{ImageKind, Mime, Part, Reference, Signature, Turn, TurnStatus};
use tintype::error::Kind;
use tintype::store::{Store, Swept};

use super::{
    NOW, Place, RELEASED, arrival, child, everything_in, full_turn, mode, new_turn, old_folder, open, png,
    refused,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Longer than any machine should need.
const PATIENCE: Duration = Duration::from_mins(1);

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

pub(crate) fn database(folder: &Path) -> Connection {
    Connection::open(folder.join("tintype.db")).unwrap()
}

fn backups(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("backups"));
    let mut found: Vec<_> = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

#[test]
fn a_database_is_backed_up_before_it_is_migrated_and_a_new_one_is_not() {
    let newest = RELEASED.len();
    for (index, sql) in RELEASED.iter().enumerate().take(newest - 1) {
        let root = old_folder(sql);
        drop(open(root.path()));
        let made = backups(root.path());
        assert_eq!(made.len(), 1, "{made:?}");
        let name = made[0].file_name().unwrap().to_str().unwrap();
        assert!(
            name.starts_with(&format!("tintype-schema-{}-20", index + 1)),
            "{name}"
        );
        assert_eq!(name.len(), "tintype-schema-1-20261121-143055.db".len());
        assert_eq!(mode(&made[0]), 0o600);
        assert_eq!(mode(&root.path().join("backups")), 0o700);
        let backup = Connection::open(&made[0]).unwrap();
        let one = |sql: &str| backup.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(usize::try_from(one("PRAGMA user_version")).unwrap(), index + 1);
        let turns = sql.replace('"', "").matches("INSERT INTO turns VALUES").count();
        assert_eq!(usize::try_from(one("SELECT count(*) FROM turns")).unwrap(), turns);

        // Put back, it is migrated like the first time, and its sessions are there.
        fs::copy(&made[0], root.path().join("tintype.db")).unwrap();
        assert_eq!(open(root.path()).recent(50).unwrap().len(), 2);
        drop(open(root.path()));
        assert!(backups(root.path()).len() <= 2, "only a migration makes a backup");
    }
    let place = Place::new();
    assert_eq!(backups(&place.reopen().data()), Vec::<PathBuf>::new());
}

#[test]
fn the_three_newest_backups_are_kept() {
    let root = old_folder(RELEASED[0]);
    let folder = root.path().join("backups");
    fs::create_dir(&folder).unwrap();
    for name in [
        "tintype-schema-9-20250101-000000.db",
        "tintype-schema-1-20260301-000000.db",
        "tintype-schema-1-20260201-000000.db",
        "mine.db",
    ] {
        fs::write(folder.join(name), "").unwrap();
    }
    drop(open(root.path()));
    let names: Vec<String> = backups(root.path())
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(names.contains(&"mine.db".to_owned()));
    assert!(!names.iter().any(|name| name.contains("-20250101-")), "{names:?}");
}

#[test]
fn without_a_backup_there_is_no_migration() {
    let root = old_folder(RELEASED[0]);
    let in_the_way = root.path().join("backups");
    fs::write(&in_the_way, "a file").unwrap();
    let error = refused(root.path());
    assert_eq!(error.kind, Kind::Store);
    assert!(
        error.message.contains("no backup of them could be made first"),
        "{error}"
    );
    assert!(error.hint.ends_with("nothing was changed"), "{}", error.hint);
    let version: i64 = database(root.path())
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1);
    fs::remove_file(in_the_way).unwrap();
    assert_eq!(open(root.path()).recent(50).unwrap().len(), 2);
}

#[test]
fn a_newer_database_can_be_looked_at_and_not_written_to() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    let data = place.data();
    drop(place.store);
    database(&data)
        .execute_batch("ALTER TABLE turns ADD COLUMN mood TEXT; PRAGMA user_version = 9999;")
        .unwrap();

    let store = open(&data);
    let refusal = store.read_only().unwrap();
    assert!(
        refusal
            .message
            .contains("written by a newer tintype (schema 9999, this one knows"),
        "{refusal}"
    );
    assert!(refusal.hint.starts_with("Update tintype"), "{}", refusal.hint);
    assert!(
        store.notices()[0].contains("newer tintype"),
        "{:?}",
        store.notices()
    );
    assert_eq!(store.turn(&turn.id).unwrap().as_ref(), Some(&turn));
    assert_eq!(store.recent(50).unwrap().len(), 1);
    assert_eq!(store.health().unwrap().schema, 9999);

    let spool = place.root.path().join("spool");
    fs::write(&spool, "picture").unwrap();
    let before = everything_in(&data);
    let mut with_reference = new_turn(&turn.session, None, "a hen");
    with_reference.request.references = vec![Reference {
        path: spool.clone(),
        mime: Mime::Png,
        bytes: 7,
        ..Reference::default()
    }];
    let refusals = [
        store
            .begin_turn(new_turn(&turn.session, None, "a hen"))
            .unwrap_err(),
        store.begin_turn(with_reference).unwrap_err(),
        store.finish_turn(&turn).unwrap_err(),
        store.new_session("x", NOW).unwrap_err(),
        store
            .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Png), NOW)
            .unwrap_err()
            .hint(refusal.hint.clone()),
        store.sweep(NOW).unwrap_err(),
    ];
    for error in refusals {
        assert_eq!(error, refusal);
    }
    assert_eq!(everything_in(&data), before);
    drop(store);

    // A form that cannot be read here is refused with the same reason.
    database(&data)
        .execute_batch("ALTER TABLE turns RENAME TO pictures_asked_for")
        .unwrap();
    assert_eq!(open(&data).turn(&turn.id).unwrap_err(), refusal);
    assert!(!data.join("damaged").exists());
}

#[test]
fn a_folder_on_a_read_only_disk_can_be_looked_at() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    let data = place.data();
    drop(place.store);
    // A mount of one's own, seen by nobody else.
    let job = format!("look {}", turn.id);
    let mut command = Command::new("unshare");
    command
        .args([
            "-rm",
            "sh",
            "-c",
            "mount --bind \"$TINTYPE_TEST_DATA\" \"$TINTYPE_TEST_DATA\" \
             && mount -o remount,bind,ro \"$TINTYPE_TEST_DATA\" || exit 77; exec \"$0\" \"$@\"",
        ])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "life::read_only_process", "--ignored"])
        .env("TINTYPE_TEST_DATA", &data)
        .env("TINTYPE_TEST_JOB", job);
    match command.output() {
        Ok(output) if output.status.success() => {}
        Ok(output) if output.status.code() == Some(101) => {
            panic!("{}", String::from_utf8_lossy(&output.stdout));
        }
        // Not every machine lets a test mount something.
        other => eprintln!("not tested: {other:?}"),
    }
}

#[test]
#[ignore = "what the test above runs where its folder is read-only"]
fn read_only_process() {
    let data = PathBuf::from(std::env::var_os("TINTYPE_TEST_DATA").unwrap());
    let job = std::env::var("TINTYPE_TEST_JOB").unwrap();
    let turn = job.strip_prefix("look ").unwrap().to_owned();
    let store = open(&data);
    let refusal = store.read_only().unwrap();
    assert!(
        refusal.message.contains("the file system is read-only"),
        "{refusal}"
    );
    assert!(refusal.hint.contains("--data-dir"), "{}", refusal.hint);
    let turn = store.turn(&turn.into()).unwrap().unwrap();
    assert_eq!(turn.images.len(), 2);
    assert_eq!(store.new_session("x", NOW).unwrap_err(), refusal);
    assert_eq!(store.notices().len(), 1);
}

fn age(path: &Path, days: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    let then = SystemTime::now() - Duration::from_hours(days * 24);
    file.set_modified(then).unwrap();
}

#[test]
fn the_sweep_lists_pictures_without_a_row_and_removes_only_litter() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    let lost = place.begin(&turn.session, None, "a lost fox");
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x07\0\0\0\x05\x08\x06\0\0\0";
    let spool = place.file("spool", png);
    let image = place
        .store
        .adopt(&lost, arrival(spool, ImageKind::Result, Mime::Png), NOW)
        .unwrap();
    let day = place.data().join("images/2026-11-20");
    fs::write(day.join("143055-half-1f3a.png.part"), "half").unwrap();
    fs::write(day.join("143055-taken-1f3a.png"), "").unwrap();
    fs::write(place.data().join("references/.0000.part"), "half").unwrap();
    fs::write(place.data().join("references/unused.png"), "unused").unwrap();
    fs::write(place.data().join("signatures/nobody-0000.sig"), "unused").unwrap();
    fs::write(
        place.data().join(format!("signatures/{}-0000.sig", lost.id)),
        "of a running turn",
    )
    .unwrap();
    std::os::unix::fs::symlink("/etc/passwd", day.join("143055-link-1f3a.png")).unwrap();
    fs::remove_file(&turn.images[0].path).unwrap();
    let before = everything_in(&place.data()).len();

    // What is young may belong to a living process.
    let now = now_ms();
    let nothing = Swept {
        missing: 1,
        ..Swept::default()
    };
    assert_eq!(place.store.sweep(now).unwrap(), nothing);
    assert_eq!(everything_in(&place.data()).len(), before);

    for path in everything_in(&place.data()) {
        if path.is_file() && !path.is_symlink() {
            age(&path, 2);
        }
    }
    let swept = place.store.sweep(now + 2 * DAY_MS).unwrap();
    assert_eq!(
        swept,
        Swept {
            listed: 1,
            missing: 1,
            removed: 5
        }
    );
    assert_eq!(everything_in(&place.data()).len(), before - 5);
    let session = place.store.latest_session().unwrap().unwrap();
    assert_eq!(session.title, "Pictures found again");
    let found = place.store.session(&session.id).unwrap().unwrap().turns;
    assert_eq!(found.len(), 1);
    let picture = &found[0].images[0];
    assert_eq!(picture.path, image.path);
    assert_eq!(
        (picture.mime, picture.width, picture.height, picture.bytes),
        (Mime::Png, 7, 5, png.len() as u64)
    );
    assert_eq!(picture.sha256.len(), 64);
    assert_eq!(found[0].request.prompt, "a lost fox".trim_start_matches("a "));
    assert_eq!(
        (found[0].status, found[0].created_ms),
        (TurnStatus::Finished, NOW)
    );
    assert_eq!(found[0].warnings.len(), 1);
    // What rows name has stayed.
    assert!(turn.images[1].path.exists() && turn.request.references[0].path.exists());
    let Part::Image {
        signature: Some(Signature::File { path, .. }),
        ..
    } = &turn.parts[1]
    else {
        panic!()
    };
    assert!(path.exists());
    assert_eq!(place.store.sweep(now + 2 * DAY_MS).unwrap(), nothing);
    let place = place.reopen();
    assert_eq!(place.store.notices(), Vec::<String>::new());
}

#[test]
fn what_is_no_image_is_neither_listed_nor_removed() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    let day = place.data().join("images/2026-11-20");
    let notes = day.join("143055-notes-1f3a.bin");
    fs::write(&notes, "what a person has put there").unwrap();
    fs::write(day.join("143055-empty-1f3a.png"), "").unwrap();
    for path in everything_in(&place.data()) {
        if path.is_file() {
            age(&path, 2);
        }
    }
    let swept = place.store.sweep(now_ms() + 2 * DAY_MS).unwrap();
    assert_eq!((swept.listed, swept.removed), (0, 1), "the empty one is litter");
    assert!(notes.exists());
    let data = place.data();
    drop(place.store);
    fs::remove_file(data.join("tintype.db")).unwrap();
    assert_eq!(open(&data).notices(), Vec::<String>::new());
    assert!(notes.exists());
}

#[test]
fn a_reference_that_a_sweep_took_aside_comes_back() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    let reference = &turn.request.references[0].path;
    let mut aside = reference.clone().into_os_string();
    aside.push(".part");
    // A sweep was killed between taking it aside and putting it back.
    fs::rename(reference, &aside).unwrap();
    age(Path::new(&aside), 2);
    place.store.sweep(now_ms() + 2 * DAY_MS).unwrap();
    assert!(reference.exists());
}

#[test]
fn an_image_that_was_found_goes_to_the_turn_that_made_it() {
    let place = Place::new();
    let session = place.session();
    let turn = place.begin(&session, None, "a fox");
    let spool = place.file("spool", &png("a fox"));
    let image = place
        .store
        .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Png), NOW)
        .unwrap();
    age(&image.path, 2);
    assert_eq!(place.store.sweep(now_ms() + 2 * DAY_MS).unwrap().listed, 1);
    assert_eq!(place.store.recent(9).unwrap().len(), 2);
    // The journal of the turn turns up after all.
    let found = place.store.latest_session().unwrap().unwrap();
    let sha256 = place.store.session(&found.id).unwrap().unwrap().turns[0].images[0]
        .sha256
        .clone();
    let path = place.store.unlisted_picture(&turn, image.bytes, &sha256).unwrap();
    assert_eq!(path.as_ref(), Some(&image.path));
    let turn = Turn {
        status: TurnStatus::Interrupted,
        images: vec![image],
        ..turn
    };
    place.store.finish_turn(&turn).unwrap();
    let sessions = place.store.recent(9).unwrap();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!(
        place
            .store
            .unlisted_picture(&turn, turn.images[0].bytes, &sha256)
            .unwrap(),
        None
    );
}

/// A watch, and what it has told.
fn told(store: &Store) -> (tintype::store::Watch, Receiver<()>) {
    let (tell, told) = mpsc::channel();
    let watch = store
        .watch(move || {
            let _gone = tell.send(());
        })
        .unwrap();
    (watch, told)
}

#[test]
fn other_stores_commits_are_told_and_own_ones_are_not() {
    let place = Place::new();
    let (watch, told) = told(&place.store);
    place.store.new_session("my own", NOW).unwrap();
    place.store.clone().new_session("my clone's", NOW).unwrap();
    let other = open(&place.data());
    for n in 0..50 {
        other.new_session(&format!("session {n}"), NOW + n).unwrap();
    }
    // Whenever the last call comes, the last change is there to be read.
    let mut calls = 0;
    loop {
        told.recv_timeout(PATIENCE).unwrap();
        calls += 1;
        if place.store.recent(100).unwrap().len() == 52 {
            break;
        }
    }
    assert!(calls < 50, "{calls}");

    // A fresh watch knows nothing of what was before it, and of one's own changes.
    drop(watch);
    let (watch, told) = self::told(&place.store);
    place.store.new_session("my own", NOW).unwrap();
    drop(watch);
    // The thread ends with its watch, and its end of the channel with it.
    assert_eq!(told.recv_timeout(PATIENCE), Err(RecvTimeoutError::Disconnected));
}

#[test]
fn another_process_is_told_of() {
    let place = Place::new();
    let (_watch, told) = told(&place.store);
    let status = child(&place.data(), "one turn", "077").status().unwrap();
    assert!(status.success());
    loop {
        told.recv_timeout(PATIENCE).unwrap();
        let session = place.store.latest_session().unwrap();
        let turn: Option<Turn> = session.and_then(|session| place.store.latest_turn(&session.id).unwrap());
        if turn.is_some_and(|turn| !turn.images.is_empty()) {
            break;
        }
    }
}

#[test]
fn health_counts_what_there_is() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    fs::remove_file(&turn.images[0].path).unwrap();
    let health = place.store.health().unwrap();
    assert_eq!(health.database, place.store.folder().join("tintype.db"));
    assert_eq!(
        (health.schema, health.newest_schema),
        (health.newest_schema, health.schema)
    );
    assert_eq!(
        (health.sessions, health.turns, health.pictures, health.missing),
        (1, 2, 2, 1)
    );
    assert_eq!((health.picture_bytes, health.damage.len()), (7, 0));
    assert!(health.database_bytes > 0 && health.read_only.is_none());
    assert!(health.backups.is_empty() && health.damaged.is_empty());
}

#[test]
fn the_lock_file_is_private_and_no_symlink() {
    let place = Place::new();
    assert_eq!(mode(&place.data().join("tintype.lock")), 0o600);
    let other = place.root.path().join("other");
    fs::create_dir(&other).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o700)).unwrap();
    let target = place.root.path().join("target");
    std::os::unix::fs::symlink(&target, other.join("tintype.lock")).unwrap();
    assert_eq!(refused(&other).kind, Kind::Store);
    assert!(!target.exists());
}
