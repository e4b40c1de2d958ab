//! What is left in the spool of turns that have ended. What may be removed is empty, or kept elsewhere; all else stays for
//! whoever may want it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::TIDIED;
use crate::domain::{Image, Mime, Turn, TurnId, TurnStatus};
use crate::engine::adopt::{begin_alike, sniff};
use crate::engine::reading::Record;
use crate::engine::recording::FIRST_REPLAYED;
use crate::error::{Error, Kind, Result, reason};
use crate::provider::stream::BlobKind;
use crate::store::{Store, entries_if_present, if_present, metadata_if_present, remove_if_present};

/// How many first bytes tell an image: so much of one is worth something.
const HEAD: u64 = 16;

fn unusable(path: &Path, error: &io::Error) -> Error {
    let message = format!("Cannot clear the spool at {}: {}", path.display(), reason(error));
    Error::new(Kind::Store, message).hint("It is tried again at the next start")
}

/// The spool files of a turn, each with what its name ends with.
fn of_turn(spool: &Path, id: &TurnId) -> Result<Vec<(PathBuf, String)>> {
    let paths = entries_if_present(spool).map_err(|error| unusable(spool, &error))?;
    let named = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        let end = name.strip_prefix(id.as_str())?.strip_prefix('.')?.to_owned();
        Some((path, end))
    };
    Ok(paths.into_iter().filter_map(named).collect())
}

/// Whether anything of a turn lies in the spool.
pub(super) fn has_any(spool: &Path, id: &TurnId) -> Result<bool> {
    Ok(!of_turn(spool, id)?.is_empty())
}

/// A spool file of a turn whose journal is gone.
pub(super) struct Abandoned {
    /// The name of the file.
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) mime: Mime,
    pub(super) modified: SystemTime,
}

/// What lies in the spool of a turn and is not empty, in the order in which it came.
pub(super) fn abandoned(spool: &Path, id: &TurnId) -> Result<Vec<Abandoned>> {
    let mut found = Vec::new();
    for (path, end) in of_turn(spool, id)? {
        let failed = |error: &io::Error| unusable(&path, error);
        // What was fetched from a link can be fetched again.
        let Ok(number) = end.parse::<u32>() else { continue };
        let Some(metadata) = metadata_if_present(&path).map_err(|error| failed(&error))? else {
            continue;
        };
        if metadata.len() == 0 || !metadata.is_file() {
            continue;
        }
        let mime = sniff(&path).map_err(|error| failed(&error))?;
        let modified = metadata.modified().map_err(|error| failed(&error))?;
        let name = format!("{id}.{end}");
        let bytes = metadata.len();
        let file = Abandoned {
            name,
            path,
            bytes,
            mime,
            modified,
        };
        found.push((number, file));
    }
    found.sort_by_key(|(number, _)| *number);
    Ok(found.into_iter().map(|(_, file)| file).collect())
}

/// Removes the files that an earlier replay of a journal has made: this one makes them again.
pub(super) fn clear_replayed(spool: &Path, id: &TurnId) -> Result<()> {
    for (path, end) in of_turn(spool, id)? {
        if end.parse::<u32>().is_ok_and(|number| number >= FIRST_REPLAYED) {
            remove_if_present(&path).map_err(|error| unusable(&path, &error))?;
        }
    }
    Ok(())
}

/// Removes the spool files of a turn that is in the store, with these images. What is neither empty nor kept there stays,
/// and is told.
pub(super) fn clear(spool: &Path, id: &TurnId, record: &Record, images: &[Image]) -> Result<Vec<Error>> {
    let mut kept = Vec::new();
    for (path, end) in of_turn(spool, id)? {
        let is_spent = match record.spools.get(&format!("{id}.{end}")) {
            // Its words are in the turn, and half a signature is of no use.
            Some(BlobKind::Text | BlobKind::Signature) => true,
            Some(BlobKind::Picture) | None if !is_of_process(&end) => true,
            Some(BlobKind::Picture) => false,
            // Words or a signature: what had been reported of them is in the event that was arriving.
            None => is_text(&path).map_err(|error| unusable(&path, &error))?,
        };
        let is_kept_elsewhere =
            is_spent || is_covered(&path, images).map_err(|error| unusable(&path, &error))?;
        if is_kept_elsewhere {
            remove_if_present(&path).map_err(|error| unusable(&path, &error))?;
        } else {
            kept.push(told(&path)?);
        }
    }
    Ok(kept)
}

/// Returns whether the end of a spool file's name says that the process of the turn has made it, and no replay.
pub(super) fn is_of_process(end: &str) -> bool {
    end.parse::<u32>().is_ok_and(|number| number < FIRST_REPLAYED)
}

/// Returns whether a file begins as a text does.
fn is_text(path: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(path)?.take(4096).read_to_end(&mut head)?;
    // A character that is cut does not speak against it.
    Ok(!std::str::from_utf8(&head).is_err_and(|error| error.error_len().is_some()))
}

fn told(path: &Path) -> Result<Error> {
    let metadata = metadata_if_present(path).map_err(|error| unusable(path, &error))?;
    let bytes = metadata.map_or(0, |metadata| metadata.len());
    Ok(left_lying(path, bytes))
}

/// What is said of bytes that are paid for and are no image that is known.
pub(in crate::engine) fn left_lying(path: &Path, bytes: u64) -> Error {
    let message = format!(
        "{bytes} bytes arrived that are no image of a known type; they are kept in {}",
        path.display()
    );
    Error::new(Kind::BadAnswer, message).hint("Look at the file; tintype does not remove it")
}

/// Removes old spool files of turns that have ended and have no journal any more: those that are empty, or kept as images.
pub(super) fn sweep(store: &Store, spool: &Path) -> Result<()> {
    let paths = entries_if_present(spool).map_err(|error| unusable(spool, &error))?;
    for path in paths {
        let failed = |error: &io::Error| unusable(&path, error);
        let Some(metadata) = metadata_if_present(&path).map_err(|error| failed(&error))? else {
            continue;
        };
        let changed = metadata.modified().map_err(|error| failed(&error))?;
        let is_old = SystemTime::now()
            .duration_since(changed)
            .is_ok_and(|age| age > TIDIED);
        let name = path.file_name().and_then(|name| name.to_str());
        let Some((turn, _)) = name.and_then(|name| name.split_once('.')).filter(|_| is_old) else {
            continue;
        };
        let turn = store.turn(&TurnId::from(turn.to_owned()))?;
        if let Some(Turn { images, .. }) = turn.filter(|turn| turn.status != TurnStatus::Running)
            && is_covered(&path, &images).map_err(|error| failed(&error))?
        {
            remove_if_present(&path).map_err(|error| failed(&error))?;
        }
    }
    Ok(())
}

/// Whether a file is gone or empty, or an image has its bytes: all of them, or the first of them where the rest came too
/// late to be noted.
fn is_covered(path: &Path, images: &[Image]) -> io::Result<bool> {
    let Some(metadata) = metadata_if_present(path)? else {
        return Ok(true);
    };
    if !metadata.is_file() {
        return Ok(false);
    }
    if metadata.len() == 0 {
        return Ok(true);
    }
    for image in images
        .iter()
        .filter(|image| metadata.len().min(image.bytes) >= HEAD)
    {
        if let Some(stored) = if_present(File::open(&image.path))?
            && begin_alike(File::open(path)?, stored)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}
