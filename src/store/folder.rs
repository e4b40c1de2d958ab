//! The data folder: made private, its paths turned from relative to absolute and back. It opens no database.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Store;
use super::fault::{ELSEWHERE, disk};
use crate::error::{Error, Kind, Result};

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

/// A folder inside the data folder, such as `images/2026-11-20`, made where it is missing and really there: a symlink
/// in its place would carry what is written elsewhere.
pub(super) fn own_folder(root: &Path, name: &Path) -> Result<PathBuf> {
    let mut folder = root.to_owned();
    for part in name {
        let parent = folder.clone();
        folder.push(part);
        let failed = |error: &io::Error| disk("make the folder", &folder, error);
        match fs::symlink_metadata(&folder) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => {
                return Err(Error::new(
                    Kind::Store,
                    format!("{} is not a folder of its own", folder.display()),
                )
                .hint("Move it away; symlinks inside the data folder are not followed"));
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&error)),
            Err(_) => {
                match DirBuilder::new().mode(0o700).create(&folder) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                        return Err(failed(&error));
                    }
                    _ => {}
                }
                make_private(&folder, 0o700)?;
                sync_folder(&parent).map_err(|error| failed(&error))?;
            }
        }
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
