//! Sessions that leave as a folder and come in from one, also from one that somebody made to do harm.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tintype::domain::{Cost, Part, Signature, Turn, TurnStatus};
use tintype::store::{Imported, Label};

use super::found::finished;
use super::{NOW, Place, full_turn};

/// The beginning of a PNG file: signature and header.
const PNG: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0\x12\x16\xf1\x4d and so on";

/// A place with a session of two turns that has every kind of file, and its turns.
fn filled() -> (Place, Vec<Turn>) {
    let place = Place::new();
    let turn = full_turn(&place);
    fs::write(&turn.images[1].path, PNG).unwrap();
    let turn = Turn {
        cost: Some(Cost {
            usd: 0.25,
            exact: true,
        }),
        route: Some("secret route".to_owned()),
        ..turn
    };
    place.store.finish_turn(&turn).unwrap();
    let first = place.store.path_to_root(&turn.id).unwrap().remove(0);
    let first = finished(&place, &first, "", "");
    (place, vec![first, turn])
}

fn exported(place: &Place, turns: &[Turn], embed: bool) -> PathBuf {
    let folder = place.root.path().join("out");
    let chunks = |_: &Turn| b"\0\0\0\x04tEXta\0b!1234".to_vec();
    let label: Option<Label<'_>> = if embed { Some(&chunks) } else { None };
    place
        .store
        .export(&turns[0].session, &folder, label, false)
        .unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            names.extend(self::names(&entry.path()));
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
    names.sort();
    names
}

/// The bytes of every file of a turn, in order.
fn contents(turn: &Turn) -> Vec<Vec<u8>> {
    let signatures = turn.parts.iter().filter_map(|part| {
        let (Part::Text { signature, .. } | Part::Image { signature, .. }) = part;
        match signature {
            Some(Signature::File { path, .. }) => Some(path),
            _ => None,
        }
    });
    let references = turn.request.references.iter().map(|one| &one.path);
    let images = turn.images.iter().map(|one| &one.path);
    references
        .chain(images)
        .chain(signatures)
        .map(|path| fs::read(path).unwrap())
        .collect()
}

#[test]
fn a_session_comes_back_from_its_folder_as_it_was() {
    for embed in [false, true] {
        let (place, turns) = filled();
        let folder = exported(&place, &turns, embed);
        let made = names(&folder);
        assert!(made.contains(&"02-make-it-night.png".to_owned()), "{made:?}");
        assert!(
            made.contains(&"02-make-it-night-draft.jpg".to_owned()),
            "{made:?}"
        );
        let manifest = fs::read_to_string(folder.join("session.json")).unwrap();
        assert!(
            !manifest.contains("secret route") && !manifest.contains(place.root.path().to_str().unwrap())
        );
        let copy = fs::read(folder.join("02-make-it-night.png")).unwrap();
        assert_eq!(copy.len() - PNG.len(), if embed { 16 } else { 0 });
        assert_eq!(fs::read(&turns[1].images[1].path).unwrap(), PNG);

        let other = Place::new();
        let Imported { session, already } = other.store.import(&folder, false, NOW).unwrap();
        assert!(!already);
        assert_eq!(session.title, "a red fox");
        let back = other.store.session(&session.id).unwrap().unwrap();
        assert_eq!(back.turns.len(), 2);
        for (before, after) in turns.iter().zip(&back.turns) {
            assert_eq!(contents(before), contents(after));
            assert!(
                contents(after).is_empty()
                    || after.images[1]
                        .path
                        .starts_with(fs::canonicalize(other.data()).unwrap())
            );
            let mut bare = after.clone();
            bare.route.clone_from(&before.route);
            bare.images.clone_from(&before.images);
            bare.parts.clone_from(&before.parts);
            bare.request.references.clone_from(&before.request.references);
            assert_eq!(bare, *before);
        }
        // It was paid for elsewhere.
        assert_eq!(other.store.spending(0).unwrap(), []);
        assert_eq!(other.store.search("night", 5).unwrap().len(), 1);

        assert!(
            other
                .store
                .import(&folder.join("session.json"), false, NOW)
                .unwrap()
                .already
        );
        let again = other.store.import(&folder, true, NOW).unwrap().session;
        assert_ne!(again.id, session.id);
        assert_eq!((again.turns, other.store.recent(9).unwrap().len()), (2, 2));
        let copy = other.store.session(&again.id).unwrap().unwrap();
        assert_eq!(copy.turns[1].parent.as_ref(), Some(&copy.turns[0].id));
        other.store.trash_session(&session.id, NOW).unwrap();
        let error = other.store.import(&folder, false, NOW).unwrap_err();
        assert!(error.message.contains("is in the trash"), "{error}");
    }
}

#[test]
fn what_is_gone_is_left_out_and_told_and_nothing_is_written_over() {
    let (place, turns) = filled();
    fs::remove_file(&turns[1].images[0].path).unwrap();
    let folder = place.root.path().join("out");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("mine"), "mine").unwrap();
    let session = &turns[0].session;
    let error = place.store.export(session, &folder, None, false).unwrap_err();
    assert!(error.message.ends_with("is not empty"), "{error}");
    let exported = place.store.export(session, &folder, None, true).unwrap();
    assert_eq!(exported.missing, [turns[1].images[0].path.clone()]);
    assert_eq!(fs::read(folder.join("mine")).unwrap(), b"mine");
    let other = Place::new();
    let back = other.store.import(&folder, false, NOW).unwrap().session;
    let turn = other.store.turn_numbered(&back.id, 2).unwrap().unwrap();
    assert_eq!(turn.images.len(), 1);
    assert!(matches!(turn.parts[1], Part::Image { image: 0, .. }));
}

#[test]
fn what_still_ran_when_it_was_exported_comes_in_interrupted() {
    let place = Place::new();
    let session = place.session();
    place.begin(&session, None, "a fox");
    let folder = place.root.path().join("out");
    place.store.export(&session, &folder, None, false).unwrap();
    let other = Place::new();
    other.store.import(&folder, false, NOW).unwrap();
    let turn = other.store.latest_turn(&session).unwrap().unwrap();
    assert_eq!(turn.status, TurnStatus::Interrupted);
}

/// What may be wrong with a `session.json`: a word for it, and how it comes about.
type Harm = (&'static str, fn(&mut Value));

const HARMS: &[Harm] = &[
    ("not an export", |json| json["format"] = json!("zip")),
    ("version 2", |json| json["version"] = json!(2)),
    ("damaged", |json| json["session"]["turns"] = json!("none")),
    ("damaged", |json| {
        json["session"]["turns"][0]["number"] = json!(-1);
    }),
    ("damaged", |json| {
        json["session"]["turns"][0]["status"] = json!("rich");
    }),
    ("damaged", |json| json["files"][0]["bytes"] = json!(1e30)),
    ("not a file of its folder", |json| {
        json["files"][0]["path"] = json!("../tintype.db");
    }),
    ("not a file of its folder", |json| {
        json["files"][0]["path"] = json!("/etc/passwd");
    }),
    ("not a file of its folder", |json| {
        json["files"][0]["path"] = json!("references/../../x");
    }),
    ("not a file of its folder", |json| {
        json["files"][0]["path"] = json!("");
    }),
    ("does not list", |json| json["files"] = json!([])),
    ("does not list", |json| {
        json["session"]["turns"][1]["images"][0]["path"] = json!("/etc/passwd");
    }),
    ("larger than any", |json| {
        json["files"][0]["bytes"] = json!(1_u64 << 40);
    }),
    ("larger than any", |json| {
        json["files"][0]["embedded"] = json!(u64::MAX);
    }),
    ("another length", |json| json["files"][0]["bytes"] = json!(9999)),
    ("hash", |json| json["files"][0]["sha256"] = json!("ab".repeat(32))),
    ("hash", |json| json["files"][0]["sha256"] = json!("../x")),
    ("twice", |json| {
        let file = json["files"][0].clone();
        json["files"].as_array_mut().unwrap().push(file);
    }),
    ("more than", |json| {
        let file = json["files"][0].clone();
        json["files"] = Value::Array(vec![file; 20_001]);
    }),
    ("more than once", |json| {
        let path = json["session"]["turns"][1]["images"][0]["path"].clone();
        json["session"]["turns"][1]["images"][1]["path"] = path;
    }),
    ("is there twice", |json| {
        json["session"]["turns"][1]["number"] = json!(1);
    }),
    ("does not come before", |json| {
        json["session"]["turns"][0]["parent"] = json["session"]["turns"][1]["id"].clone();
    }),
    ("does not come before", |json| {
        json["session"]["turns"][1]["parent"] = json!("nobody");
    }),
    ("another session", |json| {
        json["session"]["turns"][0]["session"] = json!("1m7wnw58rz89pk2");
    }),
    ("not one", |json| json["session"]["id"] = json!("../../../../x")),
    ("not one", |json| {
        json["session"]["turns"][0]["id"] = json!("x; DROP TABLE");
    }),
    ("not one", |json| json["session"]["created_ms"] = json!(i64::MAX)),
    ("absurd", |json| {
        json["session"]["turns"][1]["images"][0]["width"] = json!(u32::MAX);
    }),
    ("absurd", |json| {
        json["session"]["turns"][1]["cost"]["usd"] = json!(-1e9);
    }),
    ("does not have", |json| {
        json["session"]["turns"][1]["parts"][1]["image"]["image"] = json!(7);
    }),
];

/// Importing is refused with this, and leaves nothing behind.
fn refused(folder: &Path, why: &str) {
    let place = Place::new();
    let error = place.store.import(folder, false, NOW).unwrap_err();
    assert!(error.to_string().contains(why), "{why}: {error}");
    assert!(!error.message.chars().any(char::is_control), "{error:?}");
    assert_eq!(place.store.recent(9).unwrap(), []);
    let left: Vec<String> = names(&place.data())
        .into_iter()
        .filter(|name| !name.starts_with("tintype."))
        // A reference is kept once per content; a whole one without a row is the sweep's.
        .filter(|name| name.len() != 68)
        .collect();
    assert_eq!(left, [""; 0], "{why}");
}

#[test]
fn a_hostile_session_is_refused_and_leaves_nothing() {
    let (place, turns) = filled();
    let folder = exported(&place, &turns, false);
    let file = folder.join("session.json");
    let good = fs::read_to_string(&file).unwrap();
    for (why, harm) in HARMS {
        let mut json: Value = serde_json::from_str(&good).unwrap();
        harm(&mut json);
        fs::write(&file, json.to_string()).unwrap();
        refused(&folder, why);
    }
    for (why, text) in [
        ("damaged", &good[..good.len() / 2]),
        ("damaged", ""),
        ("damaged", "\u{1b}]0;x\u{7}"),
        ("damaged", &"[".repeat(1_000_000)),
    ] {
        fs::write(&file, text).unwrap();
        refused(&folder, why);
    }
    fs::write(&file, &good).unwrap();

    let picture = folder.join("02-make-it-night.png");
    fs::write(&picture, [PNG, b"!"].concat()).unwrap();
    refused(&folder, "another length");
    let mut changed = PNG.to_vec();
    changed[40] ^= 1;
    fs::write(&picture, changed).unwrap();
    refused(&folder, "its hash differs");
    fs::remove_file(&picture).unwrap();
    refused(
        &folder,
        "02-make-it-night.png cannot be opened: it does not exist",
    );
    let outside = place.file("outside.png", PNG);
    symlink(&outside, &picture).unwrap();
    refused(&folder, "is a symlink");
    fs::remove_file(&picture).unwrap();
    fs::create_dir(&picture).unwrap();
    refused(&folder, "is not a file");
    fs::remove_dir(&picture).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &picture,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    refused(&folder, "is not a file");
    fs::remove_file(&picture).unwrap();
    fs::write(&picture, PNG).unwrap();

    fs::rename(folder.join("signatures"), place.root.path().join("elsewhere")).unwrap();
    symlink(place.root.path().join("elsewhere"), folder.join("signatures")).unwrap();
    refused(&folder, "signatures/");
    fs::remove_file(folder.join("signatures")).unwrap();
    fs::rename(place.root.path().join("elsewhere"), folder.join("signatures")).unwrap();
    Place::new().store.import(&folder, false, NOW).unwrap();
    refused(
        &place.root.path().join("nowhere/session.json"),
        "it does not exist",
    );
}
