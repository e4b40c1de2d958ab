//! An import killed, or failing, at any of its file system calls: all of the session is there afterwards, or nothing of it,
//! and doing it again brings it in once.

use std::path::{Path, PathBuf};

use tintype::domain::{ImageKind, Mime, Part, Reference, Request, Signature, Turn, TurnStatus};
use tintype::store::{Arrival, NewTurn, Store};

use crate::doubles::images_elsewhere;
use crate::inject::{Blow, Injection};
use crate::program::Home;
use crate::tally::{assert_even, assert_even_now_and_later, files, points, run};

/// 2026-11-20 14:30:55 UTC.
const THEN: i64 = 1_795_185_055_000;

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A turn with a reference, two images and a signature in a file of its own.
fn turn(store: &Store, folder: &Path, number: u8, first: Option<&Turn>) -> Turn {
    let reference = Reference {
        path: file(folder, "reference.png", b"\x89PNG\r\n\x1a\na fox"),
        mime: Mime::Png,
        bytes: 13,
        ..Reference::default()
    };
    let request = Request {
        prompt: format!("a red fox {number}"),
        provider: "demo".to_owned(),
        model: "gemini-3.1-flash-image".to_owned(),
        references: vec![reference],
        ..Request::default()
    };
    let turn = store
        .begin_turn(NewTurn {
            id: store.new_turn_id(THEN).unwrap(),
            session: first.map(|turn| turn.session.clone()),
            parent: first.map(|turn| turn.id.clone()),
            request,
            route: None,
            now_ms: THEN,
        })
        .unwrap();
    let image = |kind, bytes: &[u8]| {
        let arrival = Arrival {
            spool: file(folder, "spooled", bytes),
            kind,
            mime: Mime::Png,
            declared_mime: None,
            width: 3,
            height: 2,
            sha256: "ab".repeat(32),
        };
        store.adopt(&turn, arrival, THEN).unwrap()
    };
    let png = |what: &str| [b"\x89PNG\r\n\x1a\n", format!("{what} {number}").as_bytes()].concat();
    let images = vec![
        image(ImageKind::Draft, &png("draft")),
        image(ImageKind::Result, &png("result")),
    ];
    let signature: Signature = store
        .adopt_signature(&turn, &file(folder, "spooled", b"a heavy signature"))
        .unwrap();
    let turn = Turn {
        status: TurnStatus::Finished,
        parts: vec![Part::Image {
            image: 1,
            signature: Some(signature),
        }],
        images,
        ..turn
    };
    store.finish_turn(&turn).unwrap();
    turn
}

/// A session of two turns, exported.
fn exported(folder: &Path) -> PathBuf {
    let store = Store::open(&folder.join("other")).unwrap();
    let first = turn(&store, folder, 1, None);
    turn(&store, folder, 2, Some(&first));
    let target = folder.join("export");
    store.export(&first.session, &target, None, false).unwrap();
    target
}

fn sessions(home: &Home) -> Vec<Vec<Turn>> {
    let store = Store::open(&home.data()).unwrap();
    let sessions = store.recent(100).unwrap();
    let turns = |id| store.session(id).unwrap().unwrap().turns;
    sessions.iter().map(|session| turns(&session.id)).collect()
}

/// Sees that the session is there as a whole.
fn assert_whole(home: &Home, what: &str) {
    let sessions = sessions(home);
    assert_eq!(sessions.len(), 1, "{what}");
    assert_eq!(sessions[0].len(), 2, "{what}");
    for turn in &sessions[0] {
        assert_eq!(turn.images.len(), 2, "{what}");
        assert!(turn.request.references[0].path.is_file(), "{what}");
        let signature = turn.parts.iter().find_map(|part| match part {
            Part::Image {
                signature: Some(Signature::File { path, .. }),
                ..
            } => Some(path),
            _ => None,
        });
        assert!(signature.unwrap().is_file(), "{what}");
    }
    let data = home.data();
    let counts = ["images", "signatures", "references"].map(|folder| files(&data, folder).len());
    assert_eq!(counts, [4, 2, 1], "{what}");
}

fn strike(blow: Blow, sample: u32, elsewhere: bool) {
    let home = || {
        let home = Home::new();
        let disk = elsewhere.then(|| images_elsewhere(&home)).flatten();
        home.json(&["sessions", "list", "--json"]);
        (home, disk)
    };
    let exports = tempfile::tempdir().unwrap();
    let folder = exported(exports.path());
    let import = ["sessions", "import", folder.to_str().unwrap()];
    let (unharmed, _disk) = home();
    let total = run(&unharmed, &import, &Injection::below(unharmed.path())).counted;
    assert_whole(&unharmed, "unharmed");
    for at in points(total, sample) {
        let (home, _disk) = home();
        let injection = Injection {
            at: Some(at),
            blow,
            ..Injection::below(home.path())
        };
        let report = run(&home, &import, &injection);
        let what = format!("{blow:?} at {at} of {total}: {:?}", report.struck);
        home.json(&["sessions", "list", "--json"]);
        assert_even(&home, &what);
        let data = home.data();
        if sessions(&home).is_empty() {
            assert_eq!(files(&data, "images").len(), 0, "{what}");
            assert_eq!(files(&data, "signatures").len(), 0, "{what}");
        } else {
            assert_whole(&home, &what);
        }
        // Done again, it is there once.
        let again = home.program(&import).output().unwrap();
        assert!(again.status.success(), "{what}: {again:?}");
        assert_whole(&home, &what);
        assert_even_now_and_later(&home, &what);
        assert_whole(&home, &what);
    }
}

#[test]
fn an_import_killed_anywhere_leaves_all_or_nothing() {
    strike(Blow::Kill, 40, false);
    strike(Blow::Kill, 20, true);
}

#[test]
fn an_import_that_fails_anywhere_leaves_all_or_nothing() {
    strike(Blow::Fail(5), 15, false);
    // From there on the disk is full.
    strike(Blow::FailFrom(28), 15, false);
}

#[test]
fn what_a_living_import_has_made_is_left_alone() {
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = exported(elsewhere.path());
    let home = Home::new();
    let store = Store::open(&home.data()).unwrap();
    std::thread::scope(|scope| {
        let starts = scope.spawn(|| {
            for _ in 0..4 {
                home.json(&["sessions", "list", "--json"]);
            }
        });
        for _ in 0..12 {
            let imported = store.import(&folder, true, THEN).unwrap();
            assert!(!imported.already);
        }
        starts.join().unwrap();
    });
    let sessions = sessions(&home);
    assert_eq!(sessions.len(), 12);
    for turn in sessions.iter().flatten() {
        assert!(turn.images.len() == 2 && turn.images.iter().all(|image| image.path.is_file()));
    }
    assert_eq!(files(&home.data(), "images").len(), 48);
}
