//! The data folder: made private, its paths turned from relative to absolute and back. It opens no database.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Store;
use super::fault::{ELSEWHERE, disk};
use crate::error::{Error, Kind, Result, reason};

/// Makes the folder where it is missing, sees that nobody else can look into it, and resolves its path. A folder that
/// cannot be written to and has a database comes with the reason: it can be looked at.
pub(super) fn prepare(data_dir: &Path) -> Result<(PathBuf, Option<Error>)> {
    let failed = |what: &str, error: &io::Error| {
        let error = disk(what, data_dir, error);
        if error.hint.is_empty() {
            error.hint(ELSEWHERE)
        } else {
            error
        }
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data_dir)
        .map_err(|error| failed("make the data folder", &error))?;
    let folder = fs::canonicalize(data_dir).map_err(|error| failed("open the data folder", &error))?;
    let is_ours = is_ours(&folder).map_err(|error| failed("look into the data folder", &error))?;
    let writable = rustix::fs::access(
        &folder,
        rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK,
    );
    match writable {
        Ok(()) if is_ours => make_private(&folder, 0o700)?,
        Ok(()) => {}
        Err(error) => {
            let refusal = failed("write to the data folder", &error.into());
            let has_database = folder.join("tintype.db").symlink_metadata().is_ok();
            return if has_database {
                Ok((folder, Some(refusal)))
            } else {
                Err(refusal)
            };
        }
    }
    Ok((folder, None))
}

/// A folder that holds our database, or nothing at all. Anything else (`--data-dir ~/Pictures`) keeps its mode: what
/// we put into it is private all the same.
fn is_ours(folder: &Path) -> io::Result<bool> {
    Ok(folder.join("tintype.db").symlink_metadata().is_ok() || fs::read_dir(folder)?.next().is_none())
}

/// Takes everybody else's access to what is ours; somebody else's file is left to its owner.
pub(super) fn make_private(path: &Path, mode: u32) -> Result<()> {
    let failed = |error: &io::Error| disk("protect", path, error);
    let metadata = fs::symlink_metadata(path).map_err(|error| failed(&error))?;
    let theirs = metadata.uid() != rustix::process::geteuid().as_raw();
    if metadata.is_symlink() || theirs || metadata.permissions().mode() & 0o7777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).map_err(|error| failed(&error))
}

/// Makes a folder that is nobody else's, whatever the umask takes away; one that is there keeps its mode, as long as its
/// owner can use it. `NotADirectory` where a symlink stands in its place: that would carry what is written elsewhere.
pub fn private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let facts = fs::symlink_metadata(path)?;
    if !facts.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    if facts.mode() & 0o700 != 0o700 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// The only folder inside the data folder that may be a symlink. Images take nearly all of the room, so they are what is
/// moved to another disk.
pub(super) const IMAGES: &str = "images";

/// Why a folder inside the data folder cannot be used, as a sentence and what to do about it.
fn unusable(what: String, way_out: &str) -> Error {
    Error::new(Kind::Store, what).hint(way_out)
}

/// Looks at what stands in the place of a folder inside the data folder `root`; false where nothing does. An error says
/// why it must not be written into. A symlink would carry what is written elsewhere: only `images` may be one, and only
/// one into a folder that belongs to the owner of the data folder.
pub(super) fn is_own_folder(root: &Path, folder: &Path) -> Result<bool> {
    let facts = match fs::symlink_metadata(folder) {
        Ok(facts) => facts,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(disk("look into", folder, &error)),
    };
    if facts.is_symlink() && folder == root.join(IMAGES) {
        return leads_home(root, folder);
    }
    if !facts.is_dir() {
        return Err(in_the_way(folder, &facts));
    }
    // Where a symlink leads, others may be able to make folders.
    let is_behind_a_link = folder
        .parent()
        .is_some_and(|parent| fs::symlink_metadata(parent).is_ok_and(|facts| facts.is_symlink()));
    if is_behind_a_link && !is_of_owner(root, &facts)? {
        return Err(unusable(
            format!(
                "{} does not belong to the owner of the data folder",
                folder.display()
            ),
            "Move it away: a folder is made in its place",
        ));
    }
    Ok(true)
}

/// Whether a symlink in the place of `images` leads into a folder of the owner of the data folder.
fn leads_home(root: &Path, link: &Path) -> Result<bool> {
    let target = fs::read_link(link).unwrap_or_default();
    let refused = |why: &str, way_out: &str| {
        let what = format!(
            "{} is a symlink to {}, which {why}",
            link.display(),
            target.display()
        );
        Err(unusable(what, way_out))
    };
    let another = "Let it lead to a folder of your own, or remove it";
    match fs::metadata(link) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => refused(
            "does not exist",
            "Make that folder, mount its disk, or remove the symlink",
        ),
        Err(error) => refused(&format!("cannot be followed: {}", reason(&error)), another),
        Ok(there) if !there.is_dir() => refused("is not a folder", another),
        Ok(there) if !is_of_owner(root, &there)? => {
            refused("does not belong to the owner of the data folder", another)
        }
        Ok(_) => Ok(true),
    }
}

fn is_of_owner(root: &Path, facts: &fs::Metadata) -> Result<bool> {
    let root = fs::metadata(root).map_err(|error| disk("look into", root, &error))?;
    Ok(facts.uid() == root.uid())
}

/// What is said of something that is no folder where one of ours belongs.
fn in_the_way(folder: &Path, facts: &fs::Metadata) -> Error {
    if facts.is_symlink() {
        unusable(
            format!("{} is a symlink", folder.display()),
            "Replace it with a folder: of those in the data folder only images/ may be a symlink, to a folder of the same owner",
        )
    } else {
        unusable(
            format!("{} is not a folder", folder.display()),
            "Move it away: a folder is made in its place",
        )
    }
}

/// Whether a folder is there that may be written into, however it is reached; an error where something else is in its place.
pub(super) fn is_plain_folder(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(facts) if facts.is_dir() => Ok(true),
        Ok(facts) => Err(in_the_way(path, &facts)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(disk("look into", path, &error)),
    }
}

/// [`private_folder`] with the reason in plain words where it fails.
pub(super) fn usable_folder(path: &Path) -> Result<()> {
    private_folder(path).map_err(|error| match fs::symlink_metadata(path) {
        Ok(facts) if !facts.is_dir() => in_the_way(path, &facts),
        _ => disk("make the folder", path, &error),
    })
}

/// A folder inside the data folder, such as `images/2026-11-20`, made where it is missing.
pub(super) fn own_folder(root: &Path, name: &Path) -> Result<PathBuf> {
    let mut folder = root.to_owned();
    for part in name {
        let parent = folder.clone();
        folder.push(part);
        if is_own_folder(root, &folder)? {
            continue;
        }
        let failed = |error: &io::Error| disk("make the folder", &folder, error);
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(&error));
            }
            _ => {}
        }
        make_private(&folder, 0o700)?;
        sync_folder(&parent).map_err(|error| failed(&error))?;
    }
    Ok(folder)
}

impl Store {
    /// A folder of this name to write into; refused where nothing may be written.
    pub(super) fn subfolder(&self, name: &Path) -> Result<PathBuf> {
        self.refuse()?;
        own_folder(&self.inner.folder, name)
    }

    /// A path as rows hold it: relative where it is inside the data folder.
    pub(super) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.inner.folder)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    }

    /// A path as the nouns hold it.
    pub(super) fn absolute(&self, path: &str) -> PathBuf {
        self.inner.folder.join(path)
    }
}

/// Makes what was created in or renamed into a folder survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
