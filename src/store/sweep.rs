//! The sweep reconciles files and rows: pictures that no row names are listed again, and what nobody can want any more
//! is removed. What is younger than a day may belong to a living process and is left alone. It removes no picture, nor
//! anything of which it cannot tell what it is.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::fault::disk;
use super::present::{entries_if_present, metadata_if_present, remove_if_present};
use super::{Store, found, removals};
use crate::error::{Error, Result};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Pictures that no row named; they are in the session "Pictures found again" now.
    pub listed: u32,
    /// Pictures whose file is gone. Their rows stay, and the preview says that the file cannot be read.
    pub missing: u32,
    /// Files removed: halves of copies, names that were taken for nothing, references and signatures of no turn.
    pub removed: u32,
}

impl Store {
    /// Reconciles files and rows, as of this moment (milliseconds since 1970). Doing it again, or from several
    /// processes at once, is right. What cannot be read is left for the next time, and is the error when all the rest is
    /// done.
    pub fn sweep(&self, now_ms: i64) -> Result<Swept> {
        self.refuse()?;
        let folder = &self.inner.folder;
        let found::Look { files, mut unread } = found::lying(folder)?;
        let named = self.read(found::named)?;
        let to_go = self.read(removals::noted)?;
        let mut swept = Swept {
            missing: self.missing(&named, &files),
            ..Swept::default()
        };
        let is_old = |metadata: &Metadata| age_ms(metadata, now_ms) > DAY_MS;
        let (litter, unnamed): (Vec<_>, Vec<_>) = files
            .iter()
            .filter(|file| !named.contains(&file.name) && !to_go.contains(&file.name))
            .filter(|file| is_old(&file.metadata))
            .partition(|file| is_litter(&file.path, &file.metadata));
        let mut pictures = found::look_at_all(unnamed, self.inner.zone.as_ref(), &mut unread)?;
        let mut contents = HashSet::new();
        pictures.retain(|picture| contents.insert(picture.content()));
        let copies = self.read(|connection| {
            pictures
                .iter()
                .map(|picture| found::is_copy(connection, folder, picture))
                .collect::<Result<Vec<bool>>>()
        })?;
        let mut copies = copies.into_iter();
        pictures.retain(|_| copies.next() == Some(false));
        if !pictures.is_empty() {
            swept.listed = self.write(|transaction| found::list(transaction, folder, &pictures, now_ms))?;
        }
        for file in litter {
            let removed = note(remove_if_present(&file.path), "remove", &file.path, &mut unread);
            swept.removed += u32::from(removed.is_some());
        }
        swept.removed += self.sweep_folder("references", now_ms, &mut unread, |connection, name| {
            let named = "SELECT 1 FROM inputs WHERE path = ?1";
            Ok(connection
                .prepare_cached(named)?
                .exists([format!("references/{name}")])?)
        })?;
        swept.removed += self.sweep_folder("signatures", now_ms, &mut unread, is_signature_wanted)?;
        match unread.into_iter().next() {
            Some(error) => Err(error),
            None => Ok(swept),
        }
    }

    /// How many rows name a picture whose file is gone.
    pub(super) fn missing(&self, named: &HashSet<String>, files: &[found::Lying]) -> u32 {
        let there: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let gone = |name: &&String| {
            !there.contains(name.as_str()) && matches!(metadata_if_present(&self.absolute(name)), Ok(None))
        };
        u32::try_from(named.iter().filter(gone).count()).unwrap_or(u32::MAX)
    }

    /// Removes the files of a folder that are old and not wanted. A file that somebody is about to name in a row is made
    /// young first (files.rs); so each is taken away under another name, looked at once more, and put back if it has
    /// become young meanwhile.
    fn sweep_folder(
        &self,
        folder: &str,
        now_ms: i64,
        unread: &mut Vec<Error>,
        is_wanted: impl Fn(&Connection, &str) -> Result<bool>,
    ) -> Result<u32> {
        let folder = self.inner.folder.join(folder);
        let metadata = note(metadata_if_present(&folder), "look at", &folder, unread);
        if !metadata.flatten().is_some_and(|metadata| metadata.is_dir()) {
            return Ok(0);
        }
        let mut removed = 0;
        for path in note(entries_if_present(&folder), "look into", &folder, unread).unwrap_or_default() {
            let Some(name) = path.file_name().and_then(OsStr::to_str) else {
                continue;
            };
            let metadata = note(metadata_if_present(&path), "look at", &path, unread).flatten();
            let is_old =
                metadata.is_some_and(|metadata| metadata.is_file() && age_ms(&metadata, now_ms) > DAY_MS);
            if !is_old {
                continue;
            }
            let done = if let Some(whole) = name.strip_suffix(PART) {
                let whole_is_wanted = self.read(|connection| is_wanted(connection, whole))?;
                remove_part(&path, &folder.join(whole), whole_is_wanted)
            } else if !self.read(|connection| is_wanted(connection, name))? {
                remove_unless_touched(&path, now_ms)
            } else {
                Ok(false)
            };
            removed += u32::from(note(done, "remove", &path, unread).unwrap_or(false));
        }
        Ok(removed)
    }
}

/// How the name of a file ends that is half a copy, or that a sweep has taken aside.
const PART: &str = ".part";

/// The value; `None`, with the reason noted, where something about a file failed.
fn note<T>(done: io::Result<T>, what: &str, path: &Path, unread: &mut Vec<Error>) -> Option<T> {
    done.map_err(|error| unread.push(disk(what, path, &error))).ok()
}

/// Removes half a copy. What a sweep took aside and could not put back goes back now, where a row names it.
fn remove_part(part: &Path, whole: &Path, whole_is_wanted: bool) -> io::Result<bool> {
    if whole_is_wanted && metadata_if_present(whole)?.is_none() {
        return fs::rename(part, whole).map(|()| false);
    }
    remove_if_present(part).map(|()| true)
}

fn remove_unless_touched(path: &Path, now_ms: i64) -> io::Result<bool> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(PART);
    let aside = PathBuf::from(aside);
    match fs::rename(path, &aside) {
        // Another sweep was here first.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    }
    // Renaming has just changed the time of the name, so only that of the bytes tells.
    let is_old = |metadata: Metadata| now_ms - metadata.mtime().saturating_mul(1000) > DAY_MS;
    let metadata = metadata_if_present(&aside);
    if metadata
        .as_ref()
        .is_ok_and(|metadata| metadata.clone().is_some_and(is_old))
    {
        return remove_if_present(&aside).map(|()| true);
    }
    fs::rename(&aside, path)?;
    metadata.map(|_| false)
}

/// Whether a turn names the signature file, or is still running and may come to.
fn is_signature_wanted(connection: &Connection, name: &str) -> Result<bool> {
    let turn = name.rsplit_once('-').map_or(name, |(turn, _)| turn);
    let found: Option<(String, String)> = connection
        .prepare_cached("SELECT status, parts FROM turns WHERE id = ?1")?
        .query_row([turn], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.is_some_and(|(status, parts)| status == "running" || parts.contains(name)))
}

/// Whether a file of the pictures' folder is none: half a copy, or a name taken for one that never came.
fn is_litter(path: &Path, metadata: &Metadata) -> bool {
    path.extension() == Some(PART[1..].as_ref()) || metadata.len() == 0
}

/// How long ago a file was last written, or got its name.
fn age_ms(metadata: &Metadata, now_ms: i64) -> i64 {
    let last = metadata.mtime().max(metadata.ctime());
    now_ms.saturating_sub(last.saturating_mul(1000))
}
