//! Who has the data folder open: a lock file that every store holds shared for its life, and that is held alone for
//! the moment in which a damaged database is moved aside. It is also the bell that tells the others of a commit, and it
//! holds a copy of the store's id. It knows no database.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;

use rustix::fs::{FlockOperation, OFlags, Timespec, Timestamps, UTIME_NOW, flock, futimens};
use rustix::io::Errno;

use super::fault::disk;
use super::{WAIT_STEP, folder, identity};
use crate::error::{Error, Kind, Result};

/// Two minutes of waiting for one that has the folder alone: it may have many pictures to look at.
const PATIENCE: u32 = 24_000;

pub(super) struct Lock {
    /// `None` where the folder takes no new file.
    file: Option<File>,
    path: PathBuf,
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
        Ok(Self {
            file: Some(file),
            path,
        })
    }

    /// For a folder that is only looked at: nothing there can be moved, so nothing needs to be held.
    pub(super) fn none() -> Self {
        Self {
            file: None,
            path: PathBuf::new(),
        }
    }

    /// Holds the folder together with others, after whoever has it alone. Where the file system has no locks the
    /// folder works without: only [`Lock::alone`] is then never granted.
    pub(super) fn share(&self) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        for _ in 0..PATIENCE {
            match flock(file, FlockOperation::NonBlockingLockShared) {
                Err(error) if is_taken(error) => thread::sleep(WAIT_STEP),
                Err(error) if !is_unsupported(error) => {
                    return Err(disk("lock", &self.path, &error.into()));
                }
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

    /// The id of the store that was written here last; `None` where none was.
    pub(super) fn remembered(&self) -> Result<Option<String>> {
        let Some(file) = &self.file else { return Ok(None) };
        let mut text = [0; 64];
        let length = file
            .read_at(&mut text, 0)
            .map_err(|error| disk("read", &self.path, &error))?;
        Ok(identity::read(&text[..length]))
    }

    /// Writes the id of the store down. It is a copy for the case that the database is lost, so nothing fails without it.
    pub(super) fn remember(&self, id: &str) {
        if let Some(file) = &self.file {
            let written = file.write_all_at(format!("{id}\n").as_bytes(), 0);
            if let Err(error) = written.and_then(|()| file.sync_data()) {
                let _logged = disk("write", &self.path, &error);
            }
        }
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

fn is_taken(error: Errno) -> bool {
    io::Error::from(error).kind() == io::ErrorKind::WouldBlock || error == Errno::INTR
}

/// Whether a lock was refused because the file system has none, such as NFS without its lock service.
pub fn is_unsupported(error: Errno) -> bool {
    [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL].contains(&error)
}
