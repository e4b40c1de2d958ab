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
fn pending(folder: &Path) -> Option<String> {
    let names = fs::read_dir(unread(folder)).ok()?.flatten();
    let mut names = names.filter_map(|entry| entry.file_name().into_string().ok());
    names.find_map(|name| Some(name.split_once(".db")?.0.to_owned()))
}

/// Whether a rescue was begun and not ended.
pub(super) fn is_pending(folder: &Path) -> bool {
    pending(folder).is_some()
}

/// Moves the database aside and fills a new one; or ends what was begun. The sentence is for the user.
pub(super) fn run(folder: &Path, zone: Option<&TimeZone>, network: Option<&str>) -> Result<String> {
    let unread = own_folder(folder, Path::new("damaged/unread"))?;
    let name = match pending(folder) {
        Some(name) => name,
        None => free_name(folder, zone)?,
    };
    let aside = unread.join(format!("{name}.db"));
    if fs::symlink_metadata(&aside).is_err() {
        for part in PARTS {
            carry(&with(&folder.join("tintype.db"), part), &with(&aside, part))?;
        }
        sync_both(&unread, folder)?;
    }
    let mut saved = (salvage::Salvaged::default(), 0);
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
    Ok(told(&last, saved.0, saved.1))
}

/// The time, and a number where two come in one second.
fn free_name(folder: &Path, zone: Option<&TimeZone>) -> Result<String> {
    let stamp = stamp(zone)?;
    let taken = |name: &str| {
        let path = folder.join("damaged").join(format!("{name}.db"));
        fs::symlink_metadata(path).is_ok()
    };
    let names = (1_u32..).map(|number| match number {
        1 => format!("tintype-{stamp}"),
        _ => format!("tintype-{stamp}-{number}"),
    });
    Ok(names.take(10_000).find(|name| !taken(name)).unwrap_or(stamp))
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

fn told(last: &Path, salvaged: salvage::Salvaged, pictures: u32) -> String {
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
    let listed = match pictures {
        0 => "no picture was left without its place".to_owned(),
        _ => format!(
            "{} listed again in \u{201c}{}\u{201d}",
            many(pictures, "picture"),
            found::TITLE
        ),
    };
    format!(
        "The session database was damaged and is now {}: {read}, {listed}",
        last.display()
    )
}
