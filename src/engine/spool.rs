//! Spool files: each diverted string of an answer as it arrives, already decoded.
//!
//! Every read is written at once, unbuffered: what a kill leaves behind is what had been read. The file lies in the
//! data folder, so that adopting it as a picture is a rename and its bytes are written once.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::hold::{Held, Room};
use crate::domain::{Completeness, Mime, hexadecimal};
use crate::store;

/// A spool file that is still being written.
#[derive(Debug)]
pub(super) struct Spool {
    file: Held,
    path: PathBuf,
    bytes: u64,
    hash: Sha256,
    looks: Looks,
}

/// What the bytes of a file look like. Kept as they come: to read them again takes a file descriptor, and the machine may be
/// out of those.
#[derive(Clone, Debug, Default)]
struct Looks {
    /// The first bytes, which tell the type.
    head: Vec<u8>,
    completeness: Completeness,
}

/// The first bytes that are enough to tell a type.
const HEAD_BYTES: usize = 16;

impl Looks {
    fn push(&mut self, bytes: &[u8]) {
        let missing = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
        self.completeness.push(bytes);
    }
}

/// A spool file to which nothing is added any more.
#[derive(Debug)]
pub(super) struct Spooled {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    /// Lower-case hexadecimal.
    pub(super) sha256: String,
    looks: Looks,
    /// The open file and what is not on the disk yet; `None` where all of it is, and whoever wants it opens it again.
    held: Option<Held>,
}

impl Spool {
    /// Makes `DIR/NAME`, readable by its owner only; a file that is there already is an error.
    pub(super) fn create(dir: &Path, name: &str, room: &Room) -> io::Result<Self> {
        // A folder that a symlink leads elsewhere is refused; whatever else is wrong with it, the bytes wait in memory.
        if let Err(error) = store::private_folder(dir)
            && error.kind() == io::ErrorKind::NotADirectory
        {
            return Err(error);
        }
        let path = dir.join(name);
        Ok(Self {
            file: room.create(&path)?,
            path,
            bytes: 0,
            hash: Sha256::new(),
            looks: Looks::default(),
        })
    }

    /// Appends. An error means that neither the disk nor the memory has room for it.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write(bytes)?;
        self.hash.update(bytes);
        self.looks.push(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Whether all of an image is there, as its own structure tells.
    pub(super) fn is_whole(&self) -> bool {
        self.looks.completeness.is_whole()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The same file, for syncing it elsewhere; `None` while there is no file.
    pub(super) fn handle(&self) -> Option<Arc<File>> {
        self.file.handle()
    }

    /// Returns its first bytes, at most this many, from disk and memory.
    pub(super) fn read_back(&self, limit: usize) -> io::Result<Vec<u8>> {
        self.file.read_back(limit)
    }

    /// Ends the file. With `keep_open` it can be read without a file descriptor to spare.
    pub(super) fn end(mut self, keep_open: bool) -> Spooled {
        let settled = self.file.settle().is_ok();
        Spooled {
            path: self.path,
            bytes: self.bytes,
            sha256: hexadecimal(&self.hash.finalize()),
            looks: self.looks,
            held: (keep_open || !settled).then_some(self.file),
        }
    }
}

impl Spooled {
    /// A file that was left behind, as it is now.
    pub(super) fn found(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let (mut hash, mut bytes, mut looks) = (Sha256::new(), 0, Looks::default());
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                length => {
                    hash.update(&buffer[..length]);
                    looks.push(&buffer[..length]);
                    bytes += length as u64;
                }
            }
        }
        Ok(Self {
            path: path.to_owned(),
            bytes,
            sha256: hexadecimal(&hash.finalize()),
            looks,
            held: None,
        })
    }

    /// Brings to the disk what is only in memory.
    pub(super) fn settle(&mut self) -> io::Result<()> {
        self.held.as_mut().map_or(Ok(()), Held::settle)
    }

    /// Whether nothing of it is only in memory.
    pub(super) fn is_on_disk(&self) -> bool {
        self.held
            .as_ref()
            .is_none_or(|held| held.file().is_some() && held.waiting().is_empty())
    }

    /// All of it, wherever it is.
    pub(super) fn read(&self) -> io::Result<Vec<u8>> {
        match &self.held {
            Some(held) => held.read_back(usize::MAX),
            None => std::fs::read(&self.path),
        }
    }

    /// Its first bytes on the disk, at most this many.
    pub(super) fn beginning(&self, limit: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.path)?
            .take(limit as u64)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// The type that its first bytes tell.
    pub(super) fn mime(&self) -> Mime {
        Mime::sniff(&self.looks.head)
    }

    /// Whether all of the image is there, as its own structure tells.
    pub(super) fn is_whole(&self) -> bool {
        self.looks.completeness.is_whole()
    }

    /// Takes the file away.
    pub(super) fn remove(self) {
        let _swept_later = std::fs::remove_file(self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_on_disk_before_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let room = Room::default();
        let mut spool = Spool::create(&dir.path().join("spool"), "t.1", &room).unwrap();
        spool.write(b"hel").unwrap();
        assert_eq!(std::fs::read(spool.path()).unwrap(), b"hel");
        spool.write(b"lo").unwrap();
        let done = spool.end(false);
        assert_eq!(
            (done.bytes, std::fs::read(&done.path).unwrap()),
            (5, b"hello".to_vec())
        );
        assert_eq!(
            done.sha256,
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        );
        assert_eq!(Spooled::found(&done.path).unwrap().sha256, done.sha256);
        assert!(Spool::create(&dir.path().join("spool"), "t.1", &room).is_err());
    }

    #[test]
    fn what_the_disk_refused_can_be_read_and_is_written_later() {
        let dir = tempfile::tempdir().unwrap();
        let room = Room::default();
        room.limit_disk(2);
        let mut spool = Spool::create(dir.path(), "t.1", &room).unwrap();
        spool.write(b"hello").unwrap();
        let mut done = spool.end(false);
        assert_eq!(
            (done.read().unwrap(), done.looks.head.clone()),
            (b"hello".to_vec(), b"hello".to_vec())
        );
        done.settle().unwrap_err();
        room.limit_disk(u64::MAX);
        done.settle().unwrap();
        assert_eq!(std::fs::read(&done.path).unwrap(), b"hello");
    }
}
