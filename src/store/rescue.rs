//! A damaged database is moved aside, a new one takes its place, and what can still be read goes into that. Whoever
//! calls has the folder alone.
//!
//! ```text
//! tintype.db-wal, tintype.db  ->  damaged/unread/   ->  new tintype.db  ->  damaged/
//! ```
//!
//! Each step is a rename or one transaction, and what lies in `damaged/unread/` tells which came last, so that a crash
//! between two of them is made good by the next start. Nothing is ever removed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::backup::{clock, stamp};
use super::fault::disk;
use super::folder::{make_private, own_folder, sync_folder};
use super::present::{entries_if_present, metadata_if_present};
use super::{found, opening, salvage};
use crate::error::Result;

/// What belongs to a database, in the order in which it is moved: the database itself comes last, because a log of
/// another database beside a new one would be taken for its own.
const PARTS: [&str; 4] = ["-wal", "-journal", "-shm", ""];

/// Where a database lies that has been moved and not been read yet.
fn unread(folder: &Path) -> PathBuf {
    folder.join("damaged/unread")
}

/// The name that a database which is being moved has there, without its extension.
fn pending(folder: &Path) -> Result<Option<String>> {
    let unread = unread(folder);
    // Taken for one that is not there, a database of nothing would be made in its place.
    let paths = entries_if_present(&unread).map_err(|error| disk("look into", &unread, &error))?;
    let name = |path: &PathBuf| Some(path.file_name()?.to_str()?.split_once(".db")?.0.to_owned());
    Ok(paths.iter().find_map(name))
}

/// Whether a rescue was begun and not ended.
pub(super) fn is_pending(folder: &Path) -> Result<bool> {
    Ok(pending(folder)?.is_some())
}

/// Moves the database aside and fills a new one; or ends what was begun. The sentence is for the user.
pub(super) fn run(folder: &Path, zone: Option<&TimeZone>, network: Option<&str>) -> Result<String> {
    let unread = own_folder(folder, Path::new("damaged/unread"))?;
    let name = match pending(folder)? {
        Some(name) => name,
        None => free_name(folder, zone)?,
    };
    let aside = unread.join(format!("{name}.db"));
    let is_aside = metadata_if_present(&aside).map_err(|error| disk("look at", &aside, &error))?;
    if is_aside.is_none() {
        for part in PARTS {
            carry(&with(&folder.join("tintype.db"), part), &with(&aside, part))?;
        }
        sync_both(&unread, folder)?;
    }
    opening::require_readable(&aside)?;
    let mut saved = (salvage::Salvaged::default(), found::Listed::default());
    let now_ms = clock()?;
    let filled = opening::connect(folder, zone, network, &mut |transaction| {
        let salvaged = salvage::copy(transaction, &aside)?;
        saved = (salvaged, found::list_all(transaction, folder, zone, now_ms)?);
        Ok(())
    })?;
    drop(filled);
    let damaged = folder.join("damaged");
    let last = damaged.join(format!("{name}.db"));
    for part in PARTS {
        carry(&with(&aside, part), &with(&last, part))?;
    }
    sync_both(&damaged, &unread)?;
    let _ = fs::remove_dir(&unread);
    opening::unmark(folder);
    Ok(told(&last, saved.0, &saved.1))
}

/// The time, and a number where two come in one second.
fn free_name(folder: &Path, zone: Option<&TimeZone>) -> Result<String> {
    let stamp = stamp(zone)?;
    for number in 1..10_000_u32 {
        let name = match number {
            1 => format!("tintype-{stamp}"),
            _ => format!("tintype-{stamp}-{number}"),
        };
        let path = folder.join("damaged").join(format!("{name}.db"));
        let taken = metadata_if_present(&path).map_err(|error| disk("look at", &path, &error))?;
        if taken.is_none() {
            return Ok(name);
        }
    }
    Ok(stamp)
}

fn with(path: &Path, part: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(part);
    PathBuf::from(name)
}

/// Moves a file if it is there, and sees that it is private.
fn carry(from: &Path, to: &Path) -> Result<()> {
    match fs::rename(from, to) {
        Ok(()) => make_private(to, 0o600),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(disk("move aside", from, &error)),
    }
}

fn sync_both(one: &Path, other: &Path) -> Result<()> {
    for folder in [one, other] {
        sync_folder(folder).map_err(|error| disk("save", folder, &error))?;
    }
    Ok(())
}

fn told(last: &Path, salvaged: salvage::Salvaged, listed: &found::Listed) -> String {
    let many = |count: u32, one: &str| match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {one}s"),
    };
    let read = match (salvaged.sessions, salvaged.turns) {
        (0, 0) => "nothing in it could be read".to_owned(),
        (sessions, turns) => format!(
            "{} with {} could be read back from it",
            many(sessions, "session"),
            many(turns, "turn")
        ),
    };
    let pictures = match listed.pictures {
        0 => "no picture was left without its place".to_owned(),
        _ => format!(
            "{} listed again in \u{201c}{}\u{201d}",
            many(listed.pictures, "picture"),
            found::TITLE
        ),
    };
    let told = format!(
        "The session database was damaged and is now {}: {read}, {pictures}",
        last.display()
    );
    [told]
        .into_iter()
        .chain(listed.unread())
        .collect::<Vec<_>>()
        .join(". ")
}
