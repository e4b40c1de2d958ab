//! Orphans that a turn takes over: images that its process had moved into their places, and of which it could not write the
//! rows any more. They are known by their bytes. It moves no file.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Transaction, params};

use super::fault::disk;
use super::files::{is_marked, open_plain};
use super::folder::{IMAGES, is_own_folder};
use super::found::{TITLE, UNKNOWN, hash};
use super::present::{entries_if_present, if_present, metadata_if_present};
use super::{Store, removals};
use crate::domain::Turn;
use crate::error::{Error, Result};

impl Store {
    /// An image of exactly these bytes that lies under `images/` and belongs to no turn, or only to one that was made for
    /// it when it was found: the process of `turn` ended between moving it there and writing down the turn. Where several
    /// turns were answered with the same bytes, one that was moved there for this turn comes first, then those from the day
    /// before the turn on, and then all others: a clock that was set back has given it an earlier day. An error means that
    /// it may be there.
    pub fn unlisted_picture(&self, turn: &Turn, bytes: u64, sha256: &str) -> Result<Option<PathBuf>> {
        let (found, unread) = self.unlisted_pictures(turn, bytes, sha256)?;
        let own = found.iter().find(|path| is_marked(path, &turn.id));
        match (own.or(found.first()), unread) {
            (Some(path), _) => Ok(Some(path.clone())),
            (None, Some(error)) => Err(error),
            (None, None) => Ok(None),
        }
    }

    /// [`Store::unlisted_picture`] among those only that were moved there for this turn.
    pub fn own_unlisted_picture(&self, turn: &Turn, bytes: u64, sha256: &str) -> Result<Option<PathBuf>> {
        let (found, unread) = self.unlisted_pictures(turn, bytes, sha256)?;
        match (found.into_iter().find(|path| is_marked(path, &turn.id)), unread) {
            (None, Some(error)) => Err(error),
            (found, _) => Ok(found),
        }
    }

    /// All of them, and why some of the folder could not be looked at.
    fn unlisted_pictures(
        &self,
        turn: &Turn,
        bytes: u64,
        sha256: &str,
    ) -> Result<(Vec<PathBuf>, Option<Error>)> {
        let (mut found, mut unread) = (Vec::new(), None);
        let images = self.inner.folder.join(IMAGES);
        // An empty file is a name that was taken for a picture, and none itself.
        if bytes == 0 || !is_own_folder(&self.inner.folder, &images)? {
            return Ok((found, unread));
        }
        let eve = Timestamp::from_millisecond(turn.created_ms - 86_400_000).unwrap_or_default();
        let first = eve.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string();
        let mut days = entries_if_present(&images).map_err(|error| disk("look into", &images, &error))?;
        days.sort();
        let is_recent = |day: &PathBuf| day.file_name().is_some_and(|name| *name >= *first);
        let (recent, earlier): (Vec<_>, Vec<_>) = days.into_iter().partition(is_recent);
        for day in recent.iter().chain(earlier.iter().rev()) {
            self.unlisted_on(day, bytes, sha256, &mut found, &mut unread)?;
        }
        Ok((found, unread))
    }

    /// Looks into the folder of one day. What cannot be read there is noted: the picture may still be found elsewhere.
    fn unlisted_on(
        &self,
        day: &Path,
        bytes: u64,
        sha256: &str,
        found: &mut Vec<PathBuf>,
        unread: &mut Option<Error>,
    ) -> Result<()> {
        let mut note = |path: &Path, error: &io::Error| {
            unread.get_or_insert_with(|| disk("look at", path, error));
        };
        // A symlink in the place of a folder may lead anywhere.
        let is_folder =
            metadata_if_present(day).map(|metadata| metadata.is_some_and(|metadata| metadata.is_dir()));
        let entries = match is_folder {
            Ok(false) => return Ok(()),
            Ok(true) => entries_if_present(day),
            Err(error) => Err(error),
        };
        let mut paths = entries.unwrap_or_else(|error| {
            note(day, &error);
            Vec::new()
        });
        paths.sort();
        paths.retain(|path| path.extension() != Some("part".as_ref()));
        for path in paths {
            match has_content(&path, bytes, sha256) {
                Ok(true) if !self.is_listed(&path)? => found.push(path),
                Ok(_) => {}
                Err(error) => note(&path, &error),
            }
        }
        Ok(())
    }

    /// Whether a row names the file, or it is to go, or an import is making it.
    fn is_listed(&self, path: &Path) -> Result<bool> {
        let name = self.relative(path);
        self.snapshot(
            |connection| Ok(is_listed(connection, &name)? || removals::is_noted(connection, &name)?),
        )
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
