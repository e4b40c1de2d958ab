//! Who has the data folder open: a lock file that every store holds shared for its life, and that is held alone for
//! the moment in which a damaged database is moved aside. It is also the bell that tells the others of a commit. It
//! knows no database.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::{FlockOperation, OFlags, Timespec, Timestamps, UTIME_NOW, flock, futimens};

use super::fault::disk;
use super::{WAIT_STEP, folder};
use crate::error::{Error, Kind, Result};

/// Two minutes of waiting for one that has the folder alone: it may have many pictures to look at.
const PATIENCE: u32 = 24_000;

pub(super) struct Lock {
    /// `None` where the folder takes no new file.
    file: Option<File>,
}

/// The lock file of a data folder.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("tintype.lock")
}

impl Lock {
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = path(folder);
        let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(no_follow)
            .open(&path)
            .map_err(|error| disk("open", &path, &error))?;
        folder::make_private(&path, 0o600)?;
        Ok(Self { file: Some(file) })
    }

    /// For a folder that is only looked at: nothing there can be moved, so nothing needs to be held.
    pub(super) fn none() -> Self {
        Self { file: None }
    }

    /// Holds the folder together with others, after whoever has it alone. Where the file system has no locks the
    /// folder works without: only [`Lock::alone`] is then never granted.
    pub(super) fn share(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        for _ in 0..PATIENCE {
            match flock(file, FlockOperation::NonBlockingLockShared) {
                Err(error) if is_taken(error) => thread::sleep(WAIT_STEP),
                _ => return Ok(()),
            }
        }
        Err(Error::new(
            Kind::Store,
            "Another tintype is still putting a damaged session database in order",
        )
        .hint("Wait for it, or end it, and start again"))
    }

    /// Holds the folder alone if nobody else, in this process or another, has it open.
    pub(super) fn alone(&self) -> bool {
        let lock = |file| flock(file, FlockOperation::NonBlockingLockExclusive).is_ok();
        self.file.as_ref().is_some_and(lock)
    }

    pub(super) fn release(&self) {
        if let Some(file) = &self.file {
            let _ = flock(file, FlockOperation::Unlock);
        }
    }

    /// Tells everybody who watches the folder that something has been committed. It comes after the commit: what
    /// SQLite writes on the way to one is seen too early by those who would read it.
    pub(super) fn ring(&self) {
        const NOW: Timespec = Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_NOW,
        };
        let now = Timestamps {
            last_access: NOW,
            last_modification: NOW,
        };
        if let Some(file) = &self.file {
            let _ = futimens(file, &now);
        }
    }
}

fn is_taken(error: rustix::io::Errno) -> bool {
    io::Error::from(error).kind() == io::ErrorKind::WouldBlock || error == rustix::io::Errno::INTR
}
