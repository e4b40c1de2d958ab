//! What is proven before a request goes out, and the one symlink that is followed: `images`, into a folder of the same
//! owner.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown, symlink};
use std::path::{Path, PathBuf};

use tintype::domain::{ImageKind, Mime, TurnId};
use tintype::error::{Error, Kind};
use tintype::store::{examine, short_of_room};

use super::{NOW, Place, arrival, everything_in};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn check(place: &Place) -> Result<(), Error> {
    let turn = TurnId::from("1m7wnw58rz89pk2".to_owned());
    place
        .store
        .check_writable(&place.data().join("spool"), &turn, NOW)
}

/// The files that lie in a data folder, the database and its companions left out.
fn files(place: &Place) -> Vec<PathBuf> {
    let mut files = everything_in(&place.data());
    files.retain(|path| path.is_file() && !path.to_string_lossy().contains("tintype."));
    files
}

#[test]
fn a_folder_that_takes_files_passes_and_nothing_is_left_in_it() {
    let place = Place::new();
    check(&place).unwrap();
    for folder in ["images/2026-11-20", "signatures", "spool"] {
        let facts = fs::metadata(place.data().join(folder)).unwrap();
        assert_eq!(facts.mode() & 0o7777, 0o700, "{folder}");
    }
    assert_eq!(files(&place), Vec::<PathBuf>::new());
    assert_eq!(
        examine(&place.data(), &place.data().join("none"), "2026-11-20"),
        Ok(())
    );
    assert_eq!(files(&place), Vec::<PathBuf>::new());
}

#[test]
fn what_stands_in_the_way_is_named_with_the_way_out() {
    type Obstruct = fn(&Path, &Path);
    let obstacles: [(&str, &str, Obstruct); 9] = [
        ("images", "is not a folder", |path, _| {
            fs::write(path, "").unwrap();
        }),
        ("images", "nowhere, which does not exist", |path, root| {
            symlink(root.join("nowhere"), path).unwrap();
        }),
        ("images", "file, which is not a folder", |path, root| {
            fs::write(root.join("file"), "").unwrap();
            symlink(root.join("file"), path).unwrap();
        }),
        ("images", "images, which cannot be followed", |path, _| {
            symlink(path, path).unwrap();
        }),
        ("images/2026-11-20", "is not a folder", |path, _| {
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }),
        ("images/2026-11-20", "is a symlink", |path, root| {
            fs::create_dir(path.parent().unwrap()).unwrap();
            symlink(root, path).unwrap();
        }),
        ("signatures", "is not a folder", |path, _| {
            fs::write(path, "").unwrap();
        }),
        ("signatures", "is a symlink", |path, root| {
            symlink(root, path).unwrap();
        }),
        ("spool", "is a symlink", |path, root| symlink(root, path).unwrap()),
    ];
    for (name, why, obstruct) in obstacles {
        let place = Place::new();
        let path = place.data().join(name);
        obstruct(&path, place.root.path());
        let error = check(&place).unwrap_err();
        assert_eq!(error.kind, Kind::Store);
        assert!(error.message.starts_with(path.to_str().unwrap()), "{error}");
        assert!(error.message.contains(why), "{error}");
        assert!(!error.hint.is_empty(), "{error}");
        let found = examine(&place.data(), &place.data().join("none"), "2026-11-20").unwrap_err();
        assert_eq!(found.message, error.message, "doctor says the same");
    }
}

#[test]
fn images_may_be_a_symlink_into_a_folder_of_the_same_owner_and_no_other() {
    let place = Place::new();
    let target = place.root.path().join("larger disk/images");
    fs::create_dir_all(&target).unwrap();
    symlink(&target, place.data().join("images")).unwrap();
    check(&place).unwrap();
    let turn = place.begin(&place.session(), None, "a fox");
    let spool = place.file("spooled", b"\x89PNG\r\n\x1a\npicture");
    let image = place
        .store
        .adopt(&turn, arrival(spool, ImageKind::Result, Mime::Png), NOW)
        .unwrap();
    assert!(
        image
            .path
            .starts_with(fs::canonicalize(place.data()).unwrap().join("images"))
    );
    let name = image.path.file_name().unwrap();
    assert_eq!(
        fs::read(target.join("2026-11-20").join(name)).unwrap(),
        b"\x89PNG\r\n\x1a\npicture"
    );

    // Its row never comes: recovery finds it by its bytes, and the sweep lists it.
    let hash = "6b1da8fbd5f7a2f66ffcaebc4a9c7f850c9ec3c484db03ef25fd15e01ff23496";
    let found = place.store.own_unlisted_picture(&turn, 15, hash).unwrap();
    assert_eq!(found.as_ref(), Some(&image.path));
    let swept = place.store.sweep(i64::MAX / 2).unwrap();
    assert_eq!((swept.listed, swept.missing), (1, 0));
    let found = place.store.latest_session().unwrap().unwrap();
    assert_eq!(place.store.health().unwrap().picture_bytes, 15);

    // And what is thrown away goes from where the symlink leads.
    let at = place.store.session(&found.id).unwrap().unwrap().updated_ms;
    place.store.trash_session(&found.id, at).unwrap();
    assert_eq!(place.store.purge(at + 31 * DAY_MS).unwrap().files, 1);
    assert_eq!(fs::read_dir(target.join("2026-11-20")).unwrap().count(), 0);

    if !rustix::process::geteuid().is_root() {
        return;
    }
    chown(target.join("2026-11-20"), Some(12345), None).unwrap();
    let error = check(&place).unwrap_err();
    assert!(
        error
            .message
            .contains("images/2026-11-20 does not belong to the owner"),
        "{error}"
    );
    chown(&target, Some(12345), None).unwrap();
    let error = check(&place).unwrap_err();
    assert!(
        error.message.contains("which does not belong to the owner"),
        "{error}"
    );
    assert!(error.hint.contains("a folder of your own"), "{}", error.hint);
}

#[test]
fn a_disk_that_is_nearly_full_is_told_of_by_what_is_asked_for() {
    let root = tempfile::tempdir().unwrap();
    let told = short_of_room(root.path(), usize::MAX).unwrap();
    assert!(
        told.starts_with("The disk of /") && told.contains(" images can take "),
        "{told}"
    );
    assert_eq!(short_of_room(&root.path().join("missing"), 1), None);
}
