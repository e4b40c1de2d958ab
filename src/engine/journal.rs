//! The journal of one generation: what arrived and when, so that a killed process loses nothing it had read.
//!
//! Only the write side. Every entry reaches the kernel before the next byte is read (a kill loses nothing), and the
//! disk at each event's end and once a second (a power loss costs one second). The lock on the file says that its
//! owner lives. Diverted strings are not in it: they are spool files, named here.
//!
//! Format: the line `tintype-journal 1`, then entries `TAG MS LENGTH\n` followed by LENGTH bytes and `\n`; MS counts
//! from the first entry. Tags: `T` the turn as JSON, `H` the husk of an event, `B` a spool file began (its name and
//! kind), `E` a spool file ended (its name, length and SHA-256).

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::domain::{Turn, TurnId};

/// An open journal; dropping it leaves the file for recovery, [`Journal::remove`] takes it away.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    begun: Instant,
}

impl Journal {
    /// Makes `DIR/TURN.journal`, readable by its owner only, locked, with the turn as its first entry.
    pub(super) fn begin(dir: &Path, turn: &Turn, begun: Instant) -> io::Result<Self> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)?;
        let path = Self::path(dir, &turn.id);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)?;
        file.write_all(b"tintype-journal 1\n")?;
        let mut journal = Self { file, path, begun };
        journal.entry('T', &serde_json::to_vec(turn)?)?;
        Ok(journal)
    }

    fn path(dir: &Path, turn: &TurnId) -> PathBuf {
        dir.join(format!("{turn}.journal"))
    }

    /// Appends one entry with a single write.
    fn entry(&mut self, tag: char, payload: &[u8]) -> io::Result<()> {
        let head = format!("{tag} {} {}\n", self.begun.elapsed().as_millis(), payload.len());
        let mut entry = Vec::with_capacity(head.len() + payload.len() + 1);
        entry.extend_from_slice(head.as_bytes());
        entry.extend_from_slice(payload);
        entry.push(b'\n');
        self.file.write_all(&entry)
    }

    /// The JSON of one event, its diverted strings replaced by markers.
    pub(super) fn husk(&mut self, husk: &[u8]) -> io::Result<()> {
        self.entry('H', husk)
    }

    pub(super) fn spool_began(&mut self, name: &str, kind: &str) -> io::Result<()> {
        self.entry('B', format!("{name} {kind}").as_bytes())
    }

    pub(super) fn spool_ended(&mut self, name: &str, bytes: u64, sha256: &str) -> io::Result<()> {
        self.entry('E', format!("{name} {bytes} {sha256}").as_bytes())
    }

    /// A second handle on the same file, for syncing it elsewhere.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Takes the journal away: its turn is in the store.
    pub(super) fn remove(&self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Request, SessionId};

    #[test]
    fn entries_are_framed_and_the_lock_says_that_the_owner_lives() {
        let dir = tempfile::tempdir().unwrap();
        let turn = Turn::new(TurnId::new(1, 1), SessionId::new(1, 2), 1, 1, Request::default());
        let mut journal = Journal::begin(dir.path(), &turn, Instant::now()).unwrap();
        journal.husk(b"{\"a\":\n1}").unwrap();
        journal.spool_began("x.1", "picture").unwrap();
        journal.spool_ended("x.1", 3, "ab").unwrap();
        let path = Journal::path(dir.path(), &turn.id);
        let other = File::open(&path).unwrap();
        assert!(rustix::fs::flock(&other, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_err());
        let text = std::fs::read_to_string(&path).unwrap();
        let mut rest = text.strip_prefix("tintype-journal 1\n").unwrap();
        let mut entries = Vec::new();
        while !rest.is_empty() {
            let (head, after) = rest.split_once('\n').unwrap();
            let mut words = head.split(' ');
            let (tag, _ms) = (words.next().unwrap(), words.next().unwrap());
            let length: usize = words.next().unwrap().parse().unwrap();
            entries.push((tag.to_owned(), after[..length].to_owned()));
            rest = after[length..].strip_prefix('\n').unwrap();
        }
        assert_eq!(entries.len(), 4);
        assert_eq!(serde_json::from_str::<Turn>(&entries[0].1).unwrap(), turn);
        assert_eq!(entries[1], ("H".to_owned(), "{\"a\":\n1}".to_owned()));
        assert_eq!(entries[3], ("E".to_owned(), "x.1 3 ab".to_owned()));
        journal.remove().unwrap();
        assert!(!path.exists());
    }
}
