//! A file that never refuses: what the disk does not take waits in memory, within a bound, until it does. It decides
//! nothing about what is written.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much of what was received may wait in memory, all generations together, in bytes.
const MEMORY: u64 = 256 * 1024 * 1024;

/// The room there is, shared by everything that one engine writes.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// What may still be kept in memory.
    memory: Arc<AtomicU64>,
    /// What the disk still takes: how tests fill a disk that has room.
    disk: Arc<AtomicU64>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            memory: Arc::new(AtomicU64::new(MEMORY)),
            disk: Arc::new(AtomicU64::new(u64::MAX)),
        }
    }
}

impl Room {
    /// Lets the disk take no more than this from now on.
    pub(super) fn limit_disk(&self, bytes: u64) {
        self.disk.store(bytes, Ordering::Relaxed);
    }

    /// A new file that only its owner can read. On a disk where even that has no room, it is made with its first bytes.
    pub(super) fn create(&self, path: &Path) -> io::Result<Held> {
        let file = match self.open(path) {
            Ok(file) => Some(Arc::new(file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) => None,
        };
        Ok(Held {
            file,
            path: path.to_owned(),
            waiting: Vec::new(),
            room: self.clone(),
            refused: None,
        })
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        if self.disk.load(Ordering::Relaxed) == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
    }

    fn take_memory(&self, bytes: usize) -> bool {
        take(&self.memory, bytes as u64)
    }

    fn give_memory(&self, bytes: usize) {
        self.memory.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Writes what the disk takes of `bytes` at once.
    fn write(&self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        let disk = self.disk.load(Ordering::Relaxed);
        if disk == u64::MAX {
            return file.write(bytes);
        }
        let length = bytes.len().min(usize::try_from(disk).unwrap_or(usize::MAX));
        if length == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let written = file.write(&bytes[..length])?;
        take(&self.disk, written as u64);
        Ok(written)
    }
}

fn take(room: &AtomicU64, bytes: u64) -> bool {
    let less = |room: u64| room.checked_sub(bytes);
    room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
        .is_ok()
}

/// A file that is written from its beginning to its end.
#[derive(Debug)]
pub(super) struct Held {
    file: Option<Arc<File>>,
    path: PathBuf,
    /// What comes next in the file and is not in it yet.
    waiting: Vec<u8>,
    room: Room,
    /// Why the disk took no more.
    refused: Option<io::ErrorKind>,
}

impl Held {
    /// Appends. An error means that there is no room in memory either, and nothing of `bytes` was taken.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let done = match self.settle() {
            Ok(()) => self.write_out(bytes),
            Err(_) => 0,
        };
        let rest = &bytes[done..];
        if rest.is_empty() {
            return Ok(());
        }
        if !self.room.take_memory(rest.len()) {
            return Err(self.refusal());
        }
        self.waiting.extend_from_slice(rest);
        Ok(())
    }

    /// Appends to the disk and nowhere else.
    pub(super) fn write_through(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.settle()?;
        if self.write_out(bytes) < bytes.len() {
            return Err(self.refusal());
        }
        Ok(())
    }

    /// Tries to bring to the disk what waits. An error means that some of it still waits.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let done = self.write_out(&waiting);
        self.room.give_memory(done);
        if done < waiting.len() {
            self.waiting = waiting;
            self.waiting.drain(..done);
            return Err(self.refusal());
        }
        self.waiting = Vec::new();
        Ok(())
    }

    /// What is not on the disk.
    pub(super) fn waiting(&self) -> &[u8] {
        &self.waiting
    }

    /// The file, once it is made.
    pub(super) fn file(&self) -> Option<&File> {
        self.file.as_deref()
    }

    /// The file for somebody else to sync. It is shared, not opened again: that would take a file descriptor, and the machine
    /// may be out of those.
    pub(super) fn handle(&self) -> Option<Arc<File>> {
        self.file.clone()
    }

    /// Returns the first bytes of what was written, at most `limit`: those on the disk, then those that wait.
    pub(super) fn read_back(&self, limit: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Some(file) = &self.file {
            let mut buffer = vec![0; 64 * 1024];
            while bytes.len() < limit {
                let most = buffer.len().min(limit - bytes.len());
                match file.read_at(&mut buffer[..most], bytes.len() as u64) {
                    Ok(0) => break,
                    Ok(length) => bytes.extend_from_slice(&buffer[..length]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        }
        let missing = limit.saturating_sub(bytes.len());
        bytes.extend_from_slice(&self.waiting[..self.waiting.len().min(missing)]);
        Ok(bytes)
    }

    /// How many of the bytes the disk took.
    fn write_out(&mut self, bytes: &[u8]) -> usize {
        let mut done = 0;
        while done < bytes.len() {
            match self.write_some(&bytes[done..]) {
                Ok(0) => break,
                Ok(written) => done += written,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.refused = Some(error.kind());
                    break;
                }
            }
        }
        done
    }

    fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(Arc::new(self.room.open(&self.path)?)),
        };
        self.room.write(file, bytes)
    }

    fn refusal(&self) -> io::Error {
        io::Error::from(self.refused.unwrap_or(io::ErrorKind::StorageFull))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.room.give_memory(self.waiting.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_disk_refuses_waits_and_goes_out_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let room = Room::default();
        room.limit_disk(3);
        let mut held = room.create(&path).unwrap();
        held.write(b"abcde").unwrap();
        held.write(b"fg").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abc");
        assert_eq!(held.waiting(), b"defg");
        assert_eq!(
            held.write_through(b"x").unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        room.limit_disk(2);
        held.write(b"h").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abcde");
        room.limit_disk(u64::MAX);
        held.settle().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abcdefgh");
        assert_eq!(room.memory.load(Ordering::Relaxed), MEMORY);
    }

    #[test]
    fn memory_has_a_bound_and_is_given_back() {
        let room = Room::default();
        room.limit_disk(0);
        room.memory.store(4, Ordering::Relaxed);
        let dir = tempfile::tempdir().unwrap();
        let mut held = room.create(&dir.path().join("file")).unwrap();
        assert!(held.file().is_none());
        held.write(b"abc").unwrap();
        held.write(b"de").unwrap_err();
        held.write(b"d").unwrap();
        assert_eq!(held.waiting(), b"abcd");
        drop(held);
        assert_eq!(room.memory.load(Ordering::Relaxed), 4);
    }
}
