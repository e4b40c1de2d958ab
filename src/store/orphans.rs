//! Orphans that a turn takes over: images that its process had moved into their places, and of which it could not write the
//! rows any more. They are known by their bytes. It moves no file.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Transaction, params};

use super::Store;
use super::fault::disk;
use super::files::open_plain;
use super::folder::{IMAGES, is_own_folder};
use super::found::{TITLE, UNKNOWN, hash};
use super::present::{entries_if_present, if_present, metadata_if_present};
use crate::error::{Error, Result};

impl Store {
    /// An image of exactly these bytes that lies under `images/` and belongs to no turn, or only to one that was made for
    /// it when it was found: its process ended between moving it there and writing down the turn. Those from the day
    /// before `since_ms` on come first, and then all others: a clock that was set back has given it an earlier day. An
    /// error means that it may be there.
    pub fn unlisted_picture(&self, bytes: u64, sha256: &str, since_ms: i64) -> Result<Option<PathBuf>> {
        // An empty file is a name that was taken for a picture, and none itself.
        if bytes == 0 {
            return Ok(None);
        }
        let eve = Timestamp::from_millisecond(since_ms - 86_400_000).unwrap_or_default();
        let first = eve.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string();
        let images = self.inner.folder.join(IMAGES);
        if !is_own_folder(&self.inner.folder, &images)? {
            return Ok(None);
        }
        let days = entries_if_present(&images).map_err(|error| disk("look into", &images, &error))?;
        let is_recent = |day: &PathBuf| day.file_name().is_some_and(|name| *name >= *first);
        let (recent, earlier): (Vec<_>, Vec<_>) = days.into_iter().partition(is_recent);
        let mut unread = None;
        for day in recent.iter().chain(earlier.iter().rev()) {
            let found = self.unlisted_on(day, bytes, sha256, &mut unread)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        unread.map_or(Ok(None), Err)
    }

    /// Looks into the folder of one day. What cannot be read there is noted: the picture may still be found elsewhere.
    fn unlisted_on(
        &self,
        day: &Path,
        bytes: u64,
        sha256: &str,
        unread: &mut Option<Error>,
    ) -> Result<Option<PathBuf>> {
        let mut note = |path: &Path, error: &io::Error| {
            unread.get_or_insert_with(|| disk("look at", path, error));
        };
        // A symlink in the place of a folder may lead anywhere.
        let is_folder =
            metadata_if_present(day).map(|metadata| metadata.is_some_and(|metadata| metadata.is_dir()));
        let entries = match is_folder {
            Ok(false) => return Ok(None),
            Ok(true) => entries_if_present(day),
            Err(error) => Err(error),
        };
        let paths = entries.unwrap_or_else(|error| {
            note(day, &error);
            Vec::new()
        });
        for path in paths {
            match has_content(&path, bytes, sha256) {
                Ok(true) if !self.is_listed(&path)? => return Ok(Some(path)),
                Ok(_) => {}
                Err(error) => note(&path, &error),
            }
        }
        Ok(None)
    }

    fn is_listed(&self, path: &Path) -> Result<bool> {
        self.read(|connection| is_listed(connection, &self.relative(path)))
    }
}

/// Whether a path is a file of this length and hash.
fn has_content(path: &Path, bytes: u64, sha256: &str) -> io::Result<bool> {
    let metadata = metadata_if_present(path)?;
    if !metadata.is_some_and(|there| there.is_file() && there.len() == bytes) {
        return Ok(false);
    }
    let hashed = if_present(open_plain(path).and_then(|mut file| hash(&mut file)))?;
    Ok(hashed.is_some_and(|(hash, _)| hash == sha256))
}

/// Whether a turn has the image of this name that is more than a row for what was found.
fn is_listed(connection: &Connection, name: &str) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM images JOIN turns ON turns.key = images.turn
         WHERE images.path = ?1 AND NOT (turns.provider = ?2 AND turns.model = ?2)",
    )?;
    Ok(statement.exists([name, UNKNOWN])?)
}

/// Removes the turns that were made for images when they were found, and that a turn has now which really made them. One
/// that is in the trash, or that another turn goes on from, stays.
pub(super) fn give_way(transaction: &Transaction<'_>, turn: i64) -> Result<()> {
    let removed = transaction
        .prepare_cached(
            "DELETE FROM turns WHERE provider = ?2 AND model = ?2 AND key != ?1 AND deletion IS NULL
                 AND key IN (SELECT found.turn FROM images AS mine JOIN images AS found ON found.path = mine.path
                     WHERE mine.turn = ?1)
                 AND NOT EXISTS (SELECT 1 FROM turns AS next WHERE next.parent = turns.key)",
        )?
        .execute(params![turn, UNKNOWN])?;
    if removed > 0 {
        transaction.execute(
            "DELETE FROM sessions WHERE title = ?1 AND deletion IS NULL
                 AND NOT EXISTS (SELECT 1 FROM turns WHERE turns.session = sessions.key)",
            [TITLE],
        )?;
    }
    Ok(())
}
