//! The store as the rest of the program meets it: what was saved is there after a restart, whoever else is writing.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests: they look at the files that the store writes, and pass a folder to child processes"
)]

#[path = "store/carried.rs"]
mod carried;
#[path = "store/damage.rs"]
mod damage;
#[path = "store/found.rs"]
mod found;
#[path = "store/identity.rs"]
mod identity;
#[path = "store/life.rs"]
mod life;
#[path = "store/outline.rs"]
mod outline;
#[path = "store/preflight.rs"]
mod preflight;
#[path = "store/removals.rs"]
mod removals;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use jiff::tz::TimeZone;
use tempfile::TempDir;
use tintype::domain::{
    Cost, Image, ImageKind, Mime, Part, Reference, Request, SessionId, Signature, Timing, Tuning, Turn,
    TurnId, TurnStatus, Usage,
};
use tintype::error::{Error, Kind};
use tintype::store::{Arrival, NewTurn, Store, check_out, copy_out, title};

/// 2026-11-20 14:30:55 UTC.
const NOW: i64 = 1_795_185_055_000;

struct Place {
    root: TempDir,
    store: Store,
}

impl Place {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let store = open(&root.path().join("data"));
        Self { root, store }
    }

    fn reopen(self) -> Self {
        let data = self.data();
        drop(self.store);
        Self {
            root: self.root,
            store: open(&data),
        }
    }

    fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// A file outside the data folder.
    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.root.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn session(&self) -> SessionId {
        self.store.new_session("", NOW).unwrap().id
    }

    fn begin(&self, session: &SessionId, parent: Option<&Turn>, prompt: &str) -> Turn {
        self.store.begin_turn(new_turn(session, parent, prompt)).unwrap()
    }
}

fn open(folder: &Path) -> Store {
    Store::open_in_zone(folder, TimeZone::UTC).unwrap()
}

fn refused(folder: &Path) -> Error {
    Store::open(folder).unwrap_err()
}

fn new_turn(session: &SessionId, parent: Option<&Turn>, prompt: &str) -> NewTurn {
    static MADE: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    NewTurn {
        id: TurnId::new(
            u64::from(std::process::id()),
            MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
        ),
        session: Some(session.clone()),
        parent: parent.map(|turn| turn.id.clone()),
        request: Request {
            prompt: prompt.to_owned(),
            provider: "demo".to_owned(),
            model: "gemini-3.1-flash-image".to_owned(),
            aspect_ratio: Some("16:9".parse().unwrap()),
            size: Some("2K".parse().unwrap()),
            references: Vec::new(),
            tuning: Tuning::default(),
        },
        route: None,
        now_ms: NOW,
    }
}

fn arrival(spool: PathBuf, kind: ImageKind, mime: Mime) -> Arrival {
    Arrival {
        spool,
        kind,
        mime,
        declared_mime: Some("image/png".to_owned()),
        width: 3,
        height: 2,
        sha256: "ab".repeat(32),
    }
}

/// Bytes that are told to be a PNG.
fn png(rest: &str) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n", rest.as_bytes()].concat()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// A turn with something in every field.
fn full_turn(place: &Place) -> Turn {
    let session = place.session();
    let root = place.begin(&session, None, "a red fox");
    let mut new = new_turn(&session, Some(&root), "make it night");
    new.request.references = vec![Reference {
        path: place.file("fox.png", b"a fox"),
        mime: Mime::Png,
        bytes: 5,
        ..Reference::default()
    }];
    let turn = place.store.begin_turn(new).unwrap();
    let draft = place.file("draft.spool", b"draft");
    let picture = place.file("picture.spool", b"picture");
    let heavy = place.file("signature.spool", b"heavy signature");
    Turn {
        status: TurnStatus::Finished,
        thoughts: "**Composing**\n the scene \u{1f98a}".to_owned(),
        text: "Here it is.".to_owned(),
        images: vec![
            place
                .store
                .adopt(&turn, arrival(draft, ImageKind::Draft, Mime::Jpeg), NOW)
                .unwrap(),
            place
                .store
                .adopt(&turn, arrival(picture, ImageKind::Result, Mime::Png), NOW)
                .unwrap(),
        ],
        parts: vec![
            Part::Text {
                text: String::new(),
                signature: Some(Signature::Inline("c2ln\u{0}".to_owned())),
            },
            Part::Image {
                image: 1,
                signature: Some(place.store.adopt_signature(&turn, &heavy).unwrap()),
            },
        ],
        finish_reason: Some("STOP".to_owned()),
        finish_message: Some("done".to_owned()),
        model_version: Some("v1".to_owned()),
        response_id: Some("r1".to_owned()),
        usage: Usage {
            prompt: Some(8),
            total: Some(u64::MAX),
            ..Usage::default()
        },
        timing: Timing {
            first_byte: Some(41),
            total: Some(915),
            ..Timing::default()
        },
        attempts: 2,
        warnings: vec!["the server said image/png, the bytes are image/jpeg".to_owned()],
        error: Some(
            Error::new(Kind::Cut, "the answer was cut off")
                .hint("try again")
                .maybe_billed(),
        ),
        ..turn
    }
}

#[test]
fn everything_of_a_turn_is_there_after_a_restart() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    let place = place.reopen();

    assert_eq!(place.store.turn(&turn.id).unwrap().as_ref(), Some(&turn));
    let session = place.store.session(&turn.session).unwrap().unwrap();
    assert_eq!(session.title, "a red fox");
    assert_eq!(session.turns.len(), 2);
    assert_eq!(session.turns[1], turn);
    assert_eq!(session.updated_ms, NOW + 915);
    assert_eq!(fs::read(&turn.images[1].path).unwrap(), b"picture");
    assert_eq!(fs::read(&turn.request.references[0].path).unwrap(), b"a fox");
    let Part::Image {
        signature: Some(Signature::File { path, bytes: 15 }),
        ..
    } = &turn.parts[1]
    else {
        panic!("the signature has become {:?}", turn.parts[1]);
    };
    assert_eq!(fs::read(path).unwrap(), b"heavy signature");
}

#[test]
fn finishing_twice_is_the_same_as_once_and_a_later_state_wins() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    place.store.finish_turn(&turn).unwrap();
    assert_eq!(place.store.turn(&turn.id).unwrap().as_ref(), Some(&turn));

    let later = Turn {
        status: TurnStatus::Cancelled,
        images: turn.images[1..].to_vec(),
        error: None,
        ..turn
    };
    place.store.finish_turn(&later).unwrap();
    assert_eq!(place.store.turn(&later.id).unwrap(), Some(later));
}

#[test]
fn a_turn_that_was_only_begun_is_found_running_with_its_request() {
    let place = Place::new();
    let begun = place.begin(&place.session(), None, "a fox");
    let place = place.reopen();
    let found = place.store.turn(&begun.id).unwrap().unwrap();
    assert_eq!(found.status, TurnStatus::Running);
    assert_eq!(found, begun);
}

#[test]
fn turns_grow_into_a_tree() {
    let place = Place::new();
    let session = place.session();
    let fox = place.begin(&session, None, "a red fox");
    let night = place.begin(&session, Some(&fox), "make it night");
    let colours = place.begin(&session, Some(&fox), "as watercolour");
    let moon = place.begin(&session, Some(&night), "add a moon");
    assert_eq!(
        [fox.number, night.number, colours.number, moon.number],
        [1, 2, 3, 4]
    );

    let path = place.store.path_to_root(&moon.id).unwrap();
    assert_eq!(path, [fox.clone(), night, moon.clone()]);
    assert_eq!(place.store.path_to_root(&fox.id).unwrap(), [fox]);
    assert_eq!(place.store.turn_numbered(&session, 3).unwrap(), Some(colours));
    assert_eq!(place.store.turn_numbered(&session, 5).unwrap(), None);
    assert_eq!(place.store.latest_turn(&session).unwrap(), Some(moon));
    assert_eq!(
        place
            .store
            .path_to_root(&TurnId::from("nobody".to_owned()))
            .unwrap(),
        []
    );
}

#[test]
fn a_turn_grows_only_from_its_own_session() {
    let place = Place::new();
    let stranger = place.begin(&place.session(), None, "a fox");
    let session = place.session();
    let error = place
        .store
        .begin_turn(new_turn(&session, Some(&stranger), "a hen"))
        .unwrap_err();
    assert_eq!(error.kind, Kind::BadInput);
    let nowhere = SessionId::from("nowhere".to_owned());
    let error = place
        .store
        .begin_turn(new_turn(&nowhere, None, "a hen"))
        .unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (Kind::BadInput, "There is no session \u{201c}nowhere\u{201d}")
    );
    // What was refused has taken no number.
    assert_eq!(place.begin(&session, None, "a hen").number, 1);
}

#[test]
fn the_newest_activity_comes_first() {
    let place = Place::new();
    let sessions: Vec<SessionId> = (0..5)
        .map(|n| {
            place
                .store
                .new_session(&format!("session {n}"), NOW + n)
                .unwrap()
                .id
        })
        .collect();
    let mut new = new_turn(&sessions[1], None, "a fox");
    new.now_ms = NOW + 100;
    place.store.begin_turn(new).unwrap();
    place
        .store
        .rename_session(&sessions[0], "renamed\nand still last")
        .unwrap();

    let titles = |limit| -> Vec<String> {
        place
            .store
            .recent(limit)
            .unwrap()
            .into_iter()
            .map(|session| session.title)
            .collect()
    };
    assert_eq!(titles(3), ["session 1", "session 4", "session 3"]);
    assert_eq!(titles(50).last().unwrap(), "renamed and still last");
    let latest = place.store.latest_session().unwrap().unwrap();
    assert_eq!(
        (latest.id, latest.turns, latest.updated_ms),
        (sessions[1].clone(), 1, NOW + 100)
    );
    let error = place
        .store
        .rename_session(&SessionId::from("x".to_owned()), "y")
        .unwrap_err();
    assert_eq!(error.kind, Kind::BadInput);
}

#[test]
fn a_session_is_named_after_its_first_prompt_unless_it_has_a_name() {
    let place = Place::new();
    let session = place.session();
    place.begin(&session, None, "a red fox\non \x1b[31msnow");
    place.begin(&session, None, "a hen");
    let named = place.store.new_session("my logo", NOW).unwrap().id;
    place.begin(&named, None, "a cow");
    let title_of = |id: &SessionId| place.store.session(id).unwrap().unwrap().title;
    assert_eq!(title_of(&session), "a red fox on \u{241b}[31msnow");
    assert_eq!(title_of(&named), "my logo");
    assert_eq!(title("a fox"), "a fox");
}

#[test]
fn sessions_are_found_by_the_beginning_of_their_name() {
    let place = Place::new();
    let first = place.store.new_session("first", 1_000).unwrap();
    let second = place.store.new_session("second", NOW).unwrap();
    place.store.new_session("third", NOW + 1).unwrap();
    let found = |name: &str| place.store.find_session(name).map(|session| session.id);
    assert_eq!(found(first.id.as_str()), Ok(first.id.clone()));
    assert_eq!(
        found(&second.id.as_str().to_uppercase()[..9]),
        Ok(second.id.clone())
    );
    let ambiguous = found(&second.id.as_str()[..5]).unwrap_err();
    assert!(ambiguous.message.contains("More than one session"), "{ambiguous}");
    for nobody in ["", "%", "zzz", "_"] {
        assert_eq!(found(nobody).unwrap_err().kind, Kind::BadInput, "{nobody}");
    }
}

#[test]
fn pictures_get_names_that_a_person_can_read() {
    let place = Place::new();
    let turn = place.begin(&place.session(), None, "A red fox, ../logo");
    let mut names = BTreeSet::new();
    for n in 0..20 {
        let spool = place.file("spool", format!("picture {n}").as_bytes());
        let image = place
            .store
            .adopt(&turn, arrival(spool.clone(), ImageKind::Result, Mime::Jpeg), NOW)
            .unwrap();
        assert!(!spool.exists(), "the picture has left the spool");
        assert_eq!(fs::read(&image.path).unwrap(), format!("picture {n}").as_bytes());
        assert_eq!(image.bytes, fs::metadata(&image.path).unwrap().len());
        names.insert(image.path);
    }
    assert_eq!(names.len(), 20, "pictures of the same second never share a name");
    let day = fs::canonicalize(place.data()).unwrap().join("images/2026-11-20");
    for name in &names {
        assert_eq!(name.parent(), Some(day.as_path()));
        let name = name.file_name().unwrap().to_str().unwrap();
        let suffix = name
            .strip_prefix("143055-red-fox-logo-")
            .and_then(|rest| rest.strip_suffix(".jpg"));
        assert!(
            suffix.is_some_and(|suffix| [4, 6].contains(&suffix.len())),
            "{name}"
        );
    }
    let draft = arrival(place.file("spool", b"draft"), ImageKind::Draft, Mime::Unknown);
    let draft = place
        .store
        .adopt(&turn, draft, NOW)
        .unwrap()
        .path
        .display()
        .to_string();
    assert!(
        draft.contains("143055-red-fox-logo-draft-") && draft.contains(".bin"),
        "{draft}"
    );
}

#[test]
fn the_day_of_a_name_is_the_local_one() {
    let root = tempfile::tempdir().unwrap();
    let store = Store::open_in_zone(root.path(), TimeZone::fixed(jiff::tz::offset(10))).unwrap();
    let session = store.new_session("", NOW).unwrap().id;
    let turn = store.begin_turn(new_turn(&session, None, "a fox")).unwrap();
    let spool = root.path().join("spool");
    fs::write(&spool, "x").unwrap();
    let image = store
        .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Png), NOW)
        .unwrap();
    assert!(
        image
            .path
            .display()
            .to_string()
            .contains("/2026-11-21/003055-fox-"),
        "{}",
        image.path.display()
    );
}

#[test]
fn a_picture_crosses_from_one_file_system_to_another() {
    let place = Place::new();
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else {
        return;
    };
    let device = |path: &Path| fs::metadata(path).unwrap().dev();
    if device(elsewhere.path()) == device(&place.data()) {
        return;
    }
    let spool = elsewhere.path().join("spool");
    fs::write(&spool, vec![7; 3_000_000]).unwrap();
    let turn = place.begin(&place.session(), None, "a fox");
    let image = place
        .store
        .adopt(&turn, arrival(spool.clone(), ImageKind::Result, Mime::Png), NOW)
        .unwrap();
    assert!(!spool.exists());
    assert_eq!(fs::read(&image.path).unwrap(), vec![7; 3_000_000]);
    assert_eq!(mode(&image.path), 0o600);
    let names: Vec<_> = fs::read_dir(image.path.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "nothing but the picture is left behind");
}

#[test]
fn a_picture_that_cannot_be_taken_in_stays_where_it_is() {
    let place = Place::new();
    let turn = place.begin(&place.session(), None, "a fox");
    fs::write(place.data().join("images"), "in the way").unwrap();
    let spool = place.file("spool", b"picture");
    let error = place
        .store
        .adopt(&turn, arrival(spool.clone(), ImageKind::Result, Mime::Png), NOW)
        .unwrap_err();
    assert_eq!(error.kind, Kind::Store);
    assert!(error.hint.contains(spool.to_str().unwrap()), "{}", error.hint);
    assert_eq!(fs::read(&spool).unwrap(), b"picture");
}

#[test]
fn references_are_kept_once_and_outlive_the_users_files() {
    let place = Place::new();
    let session = place.session();
    let reference = |path: PathBuf| Reference {
        path,
        mime: Mime::Png,
        bytes: 0,
        ..Reference::default()
    };
    let mut new = new_turn(&session, None, "like these");
    new.request.references = vec![
        reference(place.file("one.png", b"same")),
        reference(place.file("two.png", b"same")),
        reference(place.file("three.png", b"other")),
    ];
    let turn = place.store.begin_turn(new.clone()).unwrap();
    let kept = &turn.request.references;
    assert_eq!(kept[0], kept[1]);
    assert_ne!(kept[0].path, kept[2].path);
    assert_eq!((kept[0].bytes, kept[2].bytes), (4, 5));
    for name in ["one.png", "two.png", "three.png"] {
        fs::remove_file(place.root.path().join(name)).unwrap();
    }
    assert_eq!(fs::read(&kept[2].path).unwrap(), b"other");
    assert_eq!(mode(&kept[2].path), 0o600);

    // Again with the same request, which now names the store's own copies.
    new.request.references.clone_from(kept);
    new.id = place.store.new_turn_id(NOW).unwrap();
    let again = place.store.begin_turn(new).unwrap();
    assert_eq!(&again.request.references, kept);
    assert_eq!(place.store.turn(&again.id).unwrap(), Some(again));
    let names: Vec<_> = fs::read_dir(place.data().join("references")).unwrap().collect();
    assert_eq!(names.len(), 2, "equal contents are kept once, and no litter");
}

#[test]
fn a_reference_that_cannot_be_read_stops_the_turn_before_it_begins() {
    let place = Place::new();
    let session = place.session();
    for path in [place.root.path().join("missing.png"), place.data()] {
        let mut new = new_turn(&session, None, "like this");
        new.request.references = vec![Reference {
            path: path.clone(),
            mime: Mime::Png,
            bytes: 1,
            ..Reference::default()
        }];
        let error = place.store.begin_turn(new).unwrap_err();
        assert_eq!(error.kind, Kind::BadInput);
        assert!(error.message.contains(path.to_str().unwrap()), "{error}");
    }
    assert_eq!(place.store.session(&session).unwrap().unwrap().turns, []);
}

#[test]
fn the_folder_can_be_moved() {
    let place = Place::new();
    let turn = full_turn(&place);
    place.store.finish_turn(&turn).unwrap();
    drop(place.store);
    let moved = place.root.path().join("moved");
    fs::rename(place.root.path().join("data"), &moved).unwrap();
    let turn = open(&moved).turn(&turn.id).unwrap().unwrap();
    assert_eq!(fs::read(&turn.images[1].path).unwrap(), b"picture");
    assert!(turn.request.references[0].path.is_file());
    assert!(matches!(
        &turn.parts[1],
        Part::Image { signature: Some(Signature::File { path, .. }), .. } if path.is_file()
    ));
}

/// Every file and folder below `folder`.
#[test]
fn what_was_spent_is_summed_by_day_provider_and_model() {
    let place = Place::new();
    let session = place.session();
    // Half past two in the afternoon, and ten hours later.
    let spend = |now_ms: i64, provider: &str, end: fn(&mut Turn)| {
        let mut new = new_turn(&session, None, "a fox");
        new.request.provider = provider.to_owned();
        new.now_ms = now_ms;
        let mut turn = place.store.begin_turn(new).unwrap();
        turn.status = TurnStatus::Finished;
        end(&mut turn);
        place.store.finish_turn(&turn).unwrap();
    };
    let (early, late) = (NOW, NOW + 36_000_000);
    spend(early, "google", |turn| {
        turn.cost = Some(Cost {
            usd: 0.1,
            exact: true,
        });
    });
    spend(early, "google", |turn| {
        turn.cost = Some(Cost {
            usd: 0.2,
            exact: true,
        });
    });
    spend(early, "anyfast", |turn| {
        turn.cost = Some(Cost {
            usd: 0.4,
            exact: false,
        });
    });
    // Refused for nothing; refused, and perhaps billed; still at it.
    spend(early, "google", |turn| {
        turn.status = TurnStatus::Failed;
        turn.error = Some(Error::new(Kind::BadKey, "no"));
    });
    spend(late, "google", |turn| {
        turn.status = TurnStatus::Failed;
        turn.error = Some(Error::new(Kind::Cut, "gone").maybe_billed());
    });
    spend(late, "google", |turn| turn.status = TurnStatus::Running);
    let rows = |offset: i32| -> Vec<(String, String, u32, u32, String, bool)> {
        let rows = place.store.spending(offset).unwrap().into_iter();
        rows.map(|row| {
            (
                row.day,
                row.provider,
                row.turns,
                row.unknown,
                format!("{:.2}", row.usd),
                row.exact,
            )
        })
        .collect()
    };
    let row = |day: &str, provider: &str, turns, unknown, usd: &str, exact| {
        (
            day.to_owned(),
            provider.to_owned(),
            turns,
            unknown,
            usd.to_owned(),
            exact,
        )
    };
    assert_eq!(
        rows(0),
        [
            row("2026-11-21", "google", 1, 1, "0.00", true),
            row("2026-11-20", "anyfast", 1, 0, "0.40", false),
            row("2026-11-20", "google", 2, 0, "0.30", true),
        ]
    );
    // Further west it is still the same day.
    assert_eq!(rows(-3600).len(), 2);
    let since = |ms: i64| place.store.spent_since(ms).unwrap();
    assert!((since(early).usd - 0.7).abs() < 1e-9 && !since(early).exact);
    assert_eq!(
        since(late),
        Cost {
            usd: 0.0,
            exact: false
        }
    );
    assert_eq!(
        since(late + 1),
        Cost {
            usd: 0.0,
            exact: true
        }
    );
}

fn everything_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(everything_in(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn nobody_else_can_look_in_whatever_the_umask() {
    for umask in ["000", "027", "077"] {
        let root = tempfile::tempdir().unwrap();
        let data = root.path().join("share/tintype");
        child(&data, "one turn", umask)
            .status()
            .map(|status| assert!(status.success()))
            .unwrap();
        let found = everything_in(&data);
        assert!(found.len() >= 6, "{found:?}");
        for path in found {
            assert_eq!(
                mode(&path),
                if path.is_dir() { 0o700 } else { 0o600 },
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn an_open_folder_of_ours_is_closed_and_a_strangers_is_left_alone() {
    let root = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let folder = root.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    };
    let empty = make("empty");
    open(&empty);
    assert_eq!(mode(&empty), 0o700);
    let strangers = make("strangers");
    fs::write(strangers.join("notes.txt"), "mine").unwrap();
    open(&strangers);
    assert_eq!(mode(&strangers), 0o755);
    assert_eq!(mode(&strangers.join("tintype.db")), 0o600);
}

#[test]
fn symlinks_are_not_followed_where_files_are_written() {
    let place = Place::new();
    let turn = place.begin(&place.session(), None, "a fox");
    let elsewhere = place.root.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let day = place.data().join("images/2026-11-20");
    fs::create_dir(day.parent().unwrap()).unwrap();
    symlink(&elsewhere, &day).unwrap();
    symlink(&elsewhere, place.data().join("signatures")).unwrap();
    let spool = place.file("spool", b"picture");
    let error = place
        .store
        .adopt(&turn, arrival(spool.clone(), ImageKind::Result, Mime::Png), NOW)
        .unwrap_err();
    assert!(
        error.message.contains("images/2026-11-20 is a symlink"),
        "{error}"
    );
    let error = place.store.adopt_signature(&turn, &spool).unwrap_err();
    assert!(error.message.contains("signatures is a symlink"), "{error}");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);

    let other = place.root.path().join("other");
    fs::create_dir(&other).unwrap();
    symlink(place.root.path().join("target.db"), other.join("tintype.db")).unwrap();
    assert_eq!(refused(&other).kind, Kind::Store);
    assert!(!place.root.path().join("target.db").exists());

    // The way to the folder may well lead over symlinks.
    let link = place.root.path().join("link");
    symlink(place.data(), &link).unwrap();
    assert_eq!(open(&link).turn(&turn.id).unwrap(), Some(turn));
}

#[test]
fn a_folder_that_cannot_be_used_is_refused_with_a_next_step() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "").unwrap();
    let mut unusable = vec![file.clone(), file.join("below")];
    let read_only = root.path().join("read-only");
    fs::create_dir(&read_only).unwrap();
    fs::set_permissions(&read_only, fs::Permissions::from_mode(0o500)).unwrap();
    if !rustix::process::geteuid().is_root() {
        unusable.push(read_only.join("data"));
    }
    unusable.push(PathBuf::from("/proc/tintype"));
    for folder in unusable {
        let error = refused(&folder);
        assert_eq!((error.kind, error.exit_code()), (Kind::Store, 1));
        assert!(error.message.contains(folder.to_str().unwrap()), "{error}");
        assert!(
            error.hint.contains("--data-dir or TINTYPE_DATA_DIR"),
            "{error}: {}",
            error.hint
        );
    }
}

#[test]
fn a_database_that_is_not_for_us_is_left_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    let database = |name: &str, sql: &str| {
        let folder = root.path().join(name);
        fs::create_dir(&folder).unwrap();
        rusqlite::Connection::open(folder.join("tintype.db"))
            .unwrap()
            .execute_batch(sql)
            .unwrap();
        folder
    };
    let foreign = database("foreign", "CREATE TABLE sessions (x); PRAGMA user_version = 1;");
    let error = refused(&foreign);
    assert!(error.message.contains("was not made by tintype"), "{error}");
}

#[test]
fn copies_never_overwrite_and_are_called_what_they_are() {
    let place = Place::new();
    let turn = place.begin(&place.session(), None, "a fox");
    let spool = place.file("spool", b"picture");
    let image = place
        .store
        .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Jpeg), NOW)
        .unwrap();
    let out = place.root.path().join("out");
    fs::create_dir(&out).unwrap();
    let copy = |name: &str, force| copy_out(&image, &out.join(name), force).unwrap();

    fs::write(out.join("taken.jpg"), "mine").unwrap();
    assert_eq!(copy("new.jpg", false), out.join("new.jpg"));
    assert_eq!(copy("taken.jpg", false), out.join("taken_1.jpg"));
    assert_eq!(copy("taken.png", false), out.join("taken_2.jpg"));
    assert_eq!(fs::read(out.join("taken.jpg")).unwrap(), b"mine");
    assert_eq!(copy("taken.jpg", true), out.join("taken.jpg"));
    assert_eq!(fs::read(out.join("taken.jpg")).unwrap(), b"picture");
    assert_eq!(copy("", false).file_name(), image.path.file_name());
    assert_eq!(fs::read_dir(&out).unwrap().count(), 5, "no litter");
    assert_eq!(fs::read(&image.path).unwrap(), b"picture");
    assert_eq!(
        copy_out(&image, Path::new("/dev/null"), false).unwrap(),
        Path::new("/dev/null")
    );
}

#[test]
fn a_copy_takes_the_place_of_a_symlink_and_keeps_the_mode_of_a_file() {
    let place = Place::new();
    let turn = place.begin(&place.session(), None, "a fox");
    let spool = place.file("spool", b"picture");
    let image = place
        .store
        .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Png), NOW)
        .unwrap();
    let out = place.root.path().join("out");
    fs::create_dir(&out).unwrap();
    let (link, dangling, theirs) = (out.join("link.png"), out.join("dangling.png"), out.join("theirs"));
    fs::write(&theirs, "theirs").unwrap();
    symlink(&theirs, &link).unwrap();
    symlink(out.join("nowhere"), &dangling).unwrap();

    assert_eq!(copy_out(&image, &link, false).unwrap(), out.join("link_1.png"));
    assert_eq!(
        copy_out(&image, &dangling, false).unwrap(),
        out.join("dangling_1.png")
    );
    for path in [&link, &dangling] {
        assert!(path.symlink_metadata().unwrap().is_symlink());
        assert_eq!(copy_out(&image, path, true).unwrap(), *path);
        assert!(path.symlink_metadata().unwrap().is_file());
        assert_eq!(fs::read(path).unwrap(), b"picture");
    }
    assert_eq!(fs::read(&theirs).unwrap(), b"theirs");
    assert!(!out.join("nowhere").exists());

    let private = out.join("private.png");
    fs::write(&private, "old").unwrap();
    fs::set_permissions(&private, fs::Permissions::from_mode(0o640)).unwrap();
    copy_out(&image, &private, true).unwrap();
    assert_eq!(private.metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 6, "no litter");
}

#[test]
fn a_place_that_no_copy_can_go_to_is_told_before_anything_is_paid_for() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    for unusable in ["missing/out.png", "file/out.png", "missing/"] {
        let error = check_out(&root.path().join(unusable)).unwrap_err();
        assert_eq!(error.kind, Kind::BadInput, "{unusable}");
        assert!(!error.hint.is_empty());
    }
    for usable in ["out.png", "file", ""] {
        assert_eq!(check_out(&root.path().join(usable)), Ok(()), "{usable}");
    }
    assert_eq!(check_out(Path::new("out.png")), Ok(()));
}

#[test]
fn a_picture_whose_row_was_never_written_is_still_a_whole_file() {
    let place = Place::new();
    let turn = place.begin(&place.session(), None, "a fox");
    let spool = place.file("spool", b"picture");
    let image: Image = place
        .store
        .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Png), NOW)
        .unwrap();
    let place = place.reopen();
    assert_eq!(fs::read(&image.path).unwrap(), b"picture");
    assert_eq!(place.store.turn(&turn.id).unwrap().unwrap().images, []);
    place
        .store
        .finish_turn(&Turn {
            images: vec![image.clone()],
            ..turn.clone()
        })
        .unwrap();
    assert_eq!(place.store.turn(&turn.id).unwrap().unwrap().images, [image]);
}

const WRITERS: usize = 12;
const TURNS_EACH: usize = 10;

/// Begins and finishes turns in a session, each with a picture, each growing from the last.
fn write_turns(store: &Store, session: &SessionId, writer: usize) {
    let mut parent: Option<Turn> = None;
    for n in 0..TURNS_EACH {
        let prompt = format!("writer {writer} turn {n}");
        let turn = store
            .begin_turn(new_turn(session, parent.as_ref(), &prompt))
            .unwrap();
        let spool = store.folder().join(format!("spool-{writer}-{n}"));
        fs::write(&spool, &prompt).unwrap();
        let image = store
            .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Png), NOW)
            .unwrap();
        let turn = Turn {
            status: TurnStatus::Finished,
            images: vec![image],
            ..turn
        };
        store.finish_turn(&turn).unwrap();
        assert_eq!(store.recent(50).unwrap().len(), 1);
        parent = Some(turn);
    }
}

fn assert_nothing_lost(store: &Store, session: &SessionId) {
    let session = store.session(session).unwrap().unwrap();
    let numbers: Vec<u32> = session.turns.iter().map(|turn| turn.number).collect();
    let count = u32::try_from(WRITERS * TURNS_EACH).unwrap();
    assert_eq!(numbers, (1..=count).collect::<Vec<_>>());
    let prompts: BTreeSet<&str> = session
        .turns
        .iter()
        .map(|turn| turn.request.prompt.as_str())
        .collect();
    assert_eq!(prompts.len(), WRITERS * TURNS_EACH);
    for turn in &session.turns {
        assert_eq!(turn.status, TurnStatus::Finished);
        assert_eq!(
            fs::read_to_string(&turn.images[0].path).unwrap(),
            turn.request.prompt
        );
        assert!(store.path_to_root(&turn.id).unwrap().len() <= TURNS_EACH);
    }
}

#[test]
fn many_threads_with_stores_of_their_own_lose_nothing() {
    let place = Place::new();
    let session = place.session();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (data, session) = (place.data(), &session);
            scope.spawn(move || write_turns(&open(&data), session, writer));
        }
    });
    assert_nothing_lost(&place.store, &session);
}

#[test]
fn clones_share_one_connection_between_threads() {
    let place = Place::new();
    let session = place.session();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (store, session) = (place.store.clone(), &session);
            scope.spawn(move || write_turns(&store, session, writer));
        }
    });
    assert_nothing_lost(&place.store, &session);
}

#[test]
fn a_dozen_processes_on_one_folder_lose_nothing_and_meet_no_lock_error() {
    let place = Place::new();
    let session = place.session();
    let jobs = (0..WRITERS).map(|writer| {
        let job = format!("{writer} {session}");
        child(&place.data(), &job, "077").spawn().unwrap()
    });
    for mut process in jobs.collect::<Vec<_>>() {
        assert!(process.wait().unwrap().success());
    }
    assert_nothing_lost(&place.store, &session);
}

#[test]
fn a_dozen_processes_can_make_one_folder_at_once() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("data");
    let jobs = (0..WRITERS).map(|_| child(&data, "one turn", "077").spawn().unwrap());
    for mut process in jobs.collect::<Vec<_>>() {
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(open(&data).recent(50).unwrap().len(), WRITERS);
}

/// This test binary once more, as [`child_process`], under an umask.
fn child(data: &Path, job: &str, umask: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", "umask \"$1\"; shift; exec \"$@\"", "sh", umask])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child_process", "--ignored", "--quiet"])
        .env("TINTYPE_TEST_DATA", data)
        .env("TINTYPE_TEST_JOB", job)
        .stdout(std::process::Stdio::null());
    command
}

#[test]
#[ignore = "what the tests above run in processes of its own"]
fn child_process() {
    let data = PathBuf::from(std::env::var_os("TINTYPE_TEST_DATA").unwrap());
    let job = std::env::var("TINTYPE_TEST_JOB").unwrap();
    let store = open(&data);
    if let Some((writer, session)) = job.split_once(' ').filter(|(writer, _)| *writer != "one") {
        write_turns(
            &store,
            &SessionId::from(session.to_owned()),
            writer.parse().unwrap(),
        );
        return;
    }
    let session = store.new_session("", NOW).unwrap().id;
    let own = data.join(format!("spool-{}", std::process::id()));
    let mut new = new_turn(&session, None, "a fox");
    fs::write(&own, "reference").unwrap();
    new.request.references = vec![Reference {
        path: own.clone(),
        mime: Mime::Png,
        bytes: 9,
        ..Reference::default()
    }];
    let turn = store.begin_turn(new).unwrap();
    let image = store
        .adopt(&turn, arrival(own, ImageKind::Result, Mime::Png), NOW)
        .unwrap();
    store
        .finish_turn(&Turn {
            images: vec![image],
            ..turn
        })
        .unwrap();
    // Where the process ends without closing, the database's companions stay and are looked at too.
    std::mem::forget(store);
}

/// A database of every schema that was ever released.
const RELEASED: &[&str] = &[
    include_str!("fixtures/schema-1.sql"),
    include_str!("fixtures/schema-2.sql"),
    include_str!("fixtures/schema-3.sql"),
    include_str!("fixtures/schema-4.sql"),
    include_str!("fixtures/schema-5.sql"),
];

/// A folder with a database as an older version wrote it.
fn old_folder(sql: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let database = rusqlite::Connection::open(root.path().join("tintype.db")).unwrap();
    database.execute_batch(sql).unwrap();
    root
}

#[test]
fn databases_of_every_released_schema_open() {
    for sql in RELEASED {
        let root = old_folder(sql);
        let store = open(root.path());
        let recent = store.recent(50).unwrap();
        let titles: Vec<(&str, u32)> = recent
            .iter()
            .map(|session| (session.title.as_str(), session.turns))
            .collect();
        assert_eq!(titles, [("empty", 0), ("a red fox", 3)]);
        assert_eq!(found::found(&store, "狐"), ["3 赤い[狐]、水彩で"]);
        assert_eq!(
            found::found(&store, "compos"),
            ["2 **[Composing]** the scene \u{1f98a}"]
        );
        assert_eq!(found::found(&store, "empty"), ["title [empty]"]);

        let session = store.session(&recent[1].id).unwrap().unwrap();
        let [fox, night, colours] = session.turns.as_slice() else {
            panic!("{session:?}")
        };
        assert_eq!((fox.status, fox.parent.as_ref()), (TurnStatus::Running, None));
        assert_eq!(colours.parent.as_ref(), Some(&fox.id));
        assert_eq!(colours.request.prompt, "赤い狐、水彩で");
        assert_eq!(night.request.size.as_ref().unwrap().as_str(), "2K");
        assert_eq!(night.thoughts, "**Composing**\n the scene \u{1f98a}");
        assert_eq!(night.images.len(), 2);
        assert_eq!(
            (night.images[0].kind, night.images[1].mime),
            (ImageKind::Draft, Mime::Png)
        );
        assert_eq!(night.usage.total, Some(u64::MAX));
        assert_eq!(night.error.as_ref().unwrap().kind, Kind::Cut);
        let signature = fs::canonicalize(root.path())
            .unwrap()
            .join("signatures/1m7wnw58rb8kswt-a021.sig");
        assert_eq!(
            night.parts[1],
            Part::Image {
                image: 1,
                signature: Some(Signature::File {
                    path: signature,
                    bytes: 15
                })
            }
        );

        // It is as good as a new one: the next turn gets the next number, and it opens again.
        let turn = store
            .begin_turn(new_turn(&session.id, Some(night), "larger"))
            .unwrap();
        assert_eq!(turn.number, 4);
        store.finish_turn(&turn).unwrap();
        drop(store);
        assert_eq!(open(root.path()).turn(&turn.id).unwrap(), Some(turn));
    }
}
