//! The sweep reconciles files and rows: pictures that no row names are listed again, and what nobody can want any more
//! is removed. What is younger than a day may belong to a living process and is left alone. It removes no picture.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};

use super::{Store, found};
use crate::error::Result;

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
    /// processes at once, is right.
    pub fn sweep(&self, now_ms: i64) -> Result<Swept> {
        self.refuse()?;
        let files = found::lying(&self.inner.folder);
        let named = self.read(found::named)?;
        let mut swept = Swept {
            missing: self.missing(&named, &files),
            ..Swept::default()
        };
        let is_old = |metadata: &Metadata| age_ms(metadata, now_ms) > DAY_MS;
        let (mut pictures, mut litter) = (Vec::new(), Vec::new());
        for file in files
            .iter()
            .filter(|file| !named.contains(&file.name) && is_old(&file.metadata))
        {
            match found::look_at(file, self.inner.zone.as_ref()) {
                Some(picture) => pictures.push(picture),
                None if is_litter(&file.path, &file.metadata) => litter.push(file.path.clone()),
                None => {}
            }
        }
        if !pictures.is_empty() {
            swept.listed = self.write(|transaction| found::list(transaction, &pictures, now_ms))?;
        }
        for path in litter {
            swept.removed += u32::from(fs::remove_file(path).is_ok());
        }
        swept.removed += self.sweep_folder("references", now_ms, |connection, name| {
            let named = "SELECT 1 FROM inputs WHERE path = ?1";
            Ok(connection
                .prepare_cached(named)?
                .exists([format!("references/{name}")])?)
        })?;
        swept.removed += self.sweep_folder("signatures", now_ms, is_signature_wanted)?;
        Ok(swept)
    }

    /// How many rows name a picture whose file is gone.
    pub(super) fn missing(&self, named: &HashSet<String>, files: &[found::Lying]) -> u32 {
        let there: HashSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let gone = |name: &&String| {
            !there.contains(name.as_str()) && fs::symlink_metadata(self.absolute(name)).is_err()
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
        is_wanted: impl Fn(&Connection, &str) -> Result<bool>,
    ) -> Result<u32> {
        let folder = self.inner.folder.join(folder);
        if !fs::symlink_metadata(&folder).is_ok_and(|metadata| metadata.is_dir()) {
            return Ok(0);
        }
        let mut removed = 0;
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_old = || {
                fs::symlink_metadata(&path)
                    .is_ok_and(|metadata| metadata.is_file() && age_ms(&metadata, now_ms) > DAY_MS)
            };
            let Some(name) = path.file_name().and_then(OsStr::to_str) else {
                continue;
            };
            if !is_old() {
                continue;
            }
            if path.extension() == Some("part".as_ref()) {
                removed += u32::from(fs::remove_file(&path).is_ok());
            } else if !self.read(|connection| is_wanted(connection, name))? {
                removed += u32::from(remove_unless_touched(&path, now_ms));
            }
        }
        Ok(removed)
    }
}

fn remove_unless_touched(path: &Path, now_ms: i64) -> bool {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".part");
    let aside = PathBuf::from(aside);
    if fs::rename(path, &aside).is_err() {
        return false;
    }
    // Renaming has just changed the time of the name, so only that of the bytes tells.
    let is_old = |metadata: Metadata| now_ms - metadata.mtime().saturating_mul(1000) > DAY_MS;
    if fs::symlink_metadata(&aside).is_ok_and(is_old) {
        return fs::remove_file(&aside).is_ok();
    }
    let _ = fs::rename(&aside, path);
    false
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
    path.extension() == Some("part".as_ref()) || metadata.len() == 0
}

/// How long ago a file was last written, or got its name.
fn age_ms(metadata: &Metadata, now_ms: i64) -> i64 {
    let last = metadata.mtime().max(metadata.ctime());
    now_ms.saturating_sub(last.saturating_mul(1000))
}
