//! Spool files: each diverted string of an answer as it arrives, already decoded.
//!
//! Every read is written at once, unbuffered: what a kill leaves behind is what had been read. The file lies in the
//! data folder, so that adopting it as a picture is a rename and its bytes are written once.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A spool file that is still being written.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    path: PathBuf,
    name: String,
    bytes: u64,
    hash: Sha256,
}

/// A spool file that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spooled {
    pub(super) path: PathBuf,
    pub(super) name: String,
    pub(super) bytes: u64,
    /// Lower-case hexadecimal.
    pub(super) sha256: String,
}

impl Spool {
    /// Makes `DIR/NAME`, readable by its owner only; a file that is there already is an error.
    pub(super) fn create(dir: &Path, name: &str) -> io::Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)?;
        let path = dir.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self {
            file,
            path,
            name: name.to_owned(),
            bytes: 0,
            hash: Sha256::new(),
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A second handle on the same file, for syncing it elsewhere.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    pub(super) fn end(self) -> Spooled {
        let mut sha256 = String::with_capacity(64);
        for byte in self.hash.finalize() {
            let _infallible = write!(sha256, "{byte:02x}");
        }
        Spooled {
            path: self.path,
            name: self.name,
            bytes: self.bytes,
            sha256,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_on_disk_before_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::create(&dir.path().join("spool"), "t.1").unwrap();
        spool.write(b"hel").unwrap();
        assert_eq!(std::fs::read(spool.path()).unwrap(), b"hel");
        spool.write(b"lo").unwrap();
        let done = spool.end();
        assert_eq!(
            (done.bytes, std::fs::read(&done.path).unwrap()),
            (5, b"hello".to_vec())
        );
        assert_eq!(
            done.sha256,
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
        );
        assert!(Spool::create(&dir.path().join("spool"), "t.1").is_err());
    }
}
