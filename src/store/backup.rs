//! Copies of the database from before each migration, the three newest kept. It migrates nothing.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OpenFlags};

use super::fault::{disk, is_damage};
use super::folder::{own_folder, sync_folder};
use super::present::entries_if_present;
use crate::error::{Error, Result};

/// How many are kept.
const KEPT: usize = 3;
/// The length of the time in a name, `YYYYMMDD-HHMMSS`.
const STAMP: usize = 15;

/// Copies what is committed in the database of `folder` into `backups/`. Whoever calls holds the write lock, so that
/// nothing is committed between the copy and the migration.
pub(super) fn make(folder: &Path, version: usize, zone: Option<&TimeZone>) -> Result<()> {
    let made = copy(folder, version, zone);
    made.map_err(|error| {
        if is_damage(&error) {
            return error;
        }
        let message = format!(
            "The sessions need a new form in this version of tintype, and no backup of them could be made first: {}",
            lower(&error.message)
        );
        let hint = if error.hint.is_empty() {
            "Nothing was changed".to_owned()
        } else {
            format!("{}; nothing was changed", error.hint)
        };
        Error { message, ..error }.hint(hint)
    })
}

fn copy(folder: &Path, version: usize, zone: Option<&TimeZone>) -> Result<()> {
    let backups = own_folder(folder, Path::new("backups"))?;
    let path = backups.join(format!("tintype-schema-{version}-{}.db", stamp(zone)?));
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let _ = fs::remove_file(&part);
    // SQLite takes an empty file for its copy; that one is private from its first byte.
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&part)
        .map_err(|error| disk("write", &part, &error))?;
    let copied = vacuum_into(folder, &part).and_then(|()| {
        file.sync_all()
            .and_then(|()| fs::rename(&part, &path))
            .and_then(|()| sync_folder(&backups))
            .map_err(|error| disk("write", &path, &error))
    });
    if copied.is_err() {
        let _ = fs::remove_file(&part);
        return copied;
    }
    // Where they cannot be listed, none is too many; one that cannot be removed is removed after the next backup.
    for old in list(folder).unwrap_or_default().into_iter().skip(KEPT) {
        let _next_time = fs::remove_file(old);
    }
    Ok(())
}

fn vacuum_into(folder: &Path, part: &Path) -> Result<()> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut reader = Connection::open_with_flags(folder.join("tintype.db"), flags)?;
    super::opening::wait_for_locks(&mut reader)?;
    reader.execute("VACUUM INTO ?1", [part.to_string_lossy()])?;
    Ok(())
}

/// The backups of a folder, the newest first.
pub(super) fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let time = |path: &PathBuf| {
        let stem = path.file_stem()?.to_str()?;
        stem.get(stem.len().checked_sub(STAMP)?..).map(str::to_owned)
    };
    let ours = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("tintype-schema-"))
            && path.extension() == Some("db".as_ref())
    };
    let backups = folder.join("backups");
    let mut found = entries_if_present(&backups).map_err(|error| disk("look into", &backups, &error))?;
    found.retain(ours);
    found.sort_by_cached_key(|path| std::cmp::Reverse(time(path)));
    Ok(found)
}

/// The local time for a file's name. What needs it happens before any caller could say what time it is, so SQLite is
/// asked.
pub(super) fn stamp(zone: Option<&TimeZone>) -> Result<String> {
    let zone = zone.cloned().unwrap_or_else(TimeZone::system);
    let now = Timestamp::from_millisecond(clock()?).unwrap_or_default();
    Ok(now.to_zoned(zone).strftime("%Y%m%d-%H%M%S").to_string())
}

/// Milliseconds since 1970.
pub(super) fn clock() -> Result<i64> {
    let now = "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)";
    Ok(Connection::open_in_memory()?.query_row(now, [], |row| row.get(0))?)
}

fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}
