//! The journals that dead processes have left: which there are, whose they are, and whether their owners can still live.
//! It brings nothing in.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};

use super::leftovers;
use crate::domain::TurnId;
use crate::engine::journal::EXTENSION;
use crate::engine::machine::Machine;
use crate::engine::reading::Record;
use crate::error::{Error, Kind, Result, reason};
use crate::store::{self, Store, entries_if_present, if_present};

/// How long the owner of a journal counts as living that may run on another machine, after its last write. An owner
/// who lives writes more often, as long as anything comes.
const SILENCE: Duration = Duration::from_hours(1);

/// What the name of a file ends with that is made to see what time it is there.
pub(super) const CLOCK: &str = "clock";

/// The journals in a folder, oldest first.
pub(super) fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = entries_if_present(folder)?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
    Ok(paths)
}

/// The turn that a journal is about, by the name of its file.
pub(super) fn turn_of(path: &Path) -> Option<TurnId> {
    let stem = path.file_stem()?.to_str()?;
    Some(TurnId::from(stem.to_owned()))
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    let message = format!("Cannot read the journal {}: {}", path.display(), reason(error));
    Error::new(Kind::Store, message).hint("What it holds is brought in as soon as it can be read")
}

pub(super) fn no_follow() -> i32 {
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0)
}

/// A journal that nobody holds who could be seen here, locked for whoever brings it in.
pub(super) struct Found {
    pub(super) file: File,
    pub(super) bytes: Vec<u8>,
    /// When it was last written.
    written: SystemTime,
    /// Whether the file system has locks: one that has none tells nothing of an owner.
    is_locked: bool,
}

/// What opening a journal came to.
pub(super) enum Opened {
    /// Somebody has just brought it in.
    Gone,
    /// Its owner holds it, or somebody who brings it in.
    Held,
    Free(Found),
}

pub(super) fn open(path: &Path) -> io::Result<Opened> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(no_follow())
        .open(path);
    let Some(mut file) = if_present(opened)? else {
        return Ok(Opened::Gone);
    };
    let is_locked = match lock(&file) {
        Ok(()) => true,
        Err(error) if store::is_lock_unsupported(error) => false,
        Err(error) if io::Error::from(error).kind() == io::ErrorKind::WouldBlock => return Ok(Opened::Held),
        Err(error) => return Err(error.into()),
    };
    let metadata = file.metadata()?;
    if metadata.nlink() == 0 {
        return Ok(Opened::Gone);
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Opened::Free(Found {
        file,
        bytes,
        written: metadata.modified()?,
        is_locked,
    }))
}

fn lock(file: &File) -> rustix::io::Result<()> {
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::INTR) => {}
            done => return done,
        }
    }
}

impl Found {
    /// How far away its last write is by this machine's clock, in the future too: the clock may have been set back since.
    pub(super) fn age(&self) -> Duration {
        let now = SystemTime::now();
        now.duration_since(self.written)
            .unwrap_or_else(|future| future.duration())
    }

    /// Whether its owner can still live, as seen from `here`: on this running system the lock tells; on another machine,
    /// whose locks may not be seen here, one that has written within the hour does.
    pub(super) fn may_live(&self, path: &Path, owner: Option<&Machine>, here: &Machine) -> io::Result<bool> {
        match owner {
            None if self.is_locked => return Ok(false),
            Some(owner) if self.is_locked && here.shares_locks_with(owner) => return Ok(false),
            Some(owner) if here.has_restarted_since(owner) => return Ok(false),
            _ => {}
        }
        let now = clock_beside(path)?;
        if self.written > now {
            // The clock has been set back since. From now on it counts.
            self.file.set_modified(now)?;
        }
        Ok(now.duration_since(self.written).unwrap_or_default() < SILENCE)
    }

    /// Whether the journal has to be taken over by a new owner, because its lock is not seen by all who could bring it in.
    pub(super) fn is_seen_elsewhere(&self, owner: Option<&Machine>, here: &Machine) -> bool {
        !self.is_locked || owner.is_some_and(|owner| !here.shares_locks_with(owner))
    }
}

/// The time by the file system that a file lies on: the clocks of two machines may differ by more than an hour.
fn clock_beside(path: &Path) -> io::Result<SystemTime> {
    let clock = path.with_extension(CLOCK);
    store::remove_if_present(&clock)?;
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&clock)?;
    let now = made.metadata().and_then(|metadata| metadata.modified());
    store::remove_if_present(&clock)?;
    now
}

/// Whether the turn of a journal belongs into this store. The journal names the store by its id, and by the path that the
/// data folder had then; the folder may have been moved, copied, or made anew since.
pub(super) fn is_ours(
    store: &Store,
    spool: &Path,
    path: &Path,
    record: &Record,
    id: &TurnId,
) -> Result<bool> {
    let is_named = record.store.as_deref() == Some(store.id());
    if record.folder == store.folder() && (is_named || record.store.is_none()) {
        return Ok(true);
    }
    // Whoever has the turn, or what arrived of it, can bring it in.
    if !is_named && !store.has_turn(id)? && !leftovers::has_any(spool, id)? {
        return Ok(false);
    }
    // A data folder that was copied has brought its journals along, and those are its own.
    if path.starts_with(store.folder()) {
        return Ok(true);
    }
    match same_folder(&record.folder, store.folder()) {
        // Where it is nowhere, it has moved here.
        Ok(Some(true) | None) => Ok(true),
        // One of the two may be a copy of the other.
        Ok(Some(false)) => store::has_turn_in(&record.folder, id).map(|is_there| !is_there),
        Err(error) => {
            let message = format!(
                "Cannot tell whose the journal {} is: {} cannot be looked at: {}",
                path.display(),
                record.folder.display(),
                reason(&error)
            );
            Err(Error::new(Kind::Store, message).hint("The turn is left alone until that is known"))
        }
    }
}

/// Whether two paths lead to one folder; `None` where the first leads nowhere.
fn same_folder(one: &Path, other: &Path) -> io::Result<Option<bool>> {
    let Some(one) = if_present(fs::metadata(one))? else {
        return Ok(None);
    };
    let other = fs::metadata(other)?;
    Ok(Some((one.dev(), one.ino()) == (other.dev(), other.ino())))
}

/// The folders that may hold journals of a store: its own, those of other settings, and the one that a data folder with
/// settings of its own brings along.
pub(super) fn folders(own: &Path, others: &[PathBuf], store: &Store) -> Vec<PathBuf> {
    let beside = store.folder().join("state/journal");
    let mut seen = HashSet::new();
    [own]
        .into_iter()
        .chain(others.iter().map(PathBuf::as_path))
        .chain([beside.as_path()])
        // As the path of the store is resolved, so that what lies below it is known to.
        .map(|folder| fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf()))
        .filter(|folder| seen.insert(folder.clone()))
        .collect()
}
