//! The journal of one generation: what arrived and when, so that a killed process loses nothing it had read.
//!
//! Only the write side; `reading` is the other. Every entry reaches the kernel before the next byte is read (a kill loses
//! nothing), and the disk at each event's end and once a second (a power loss costs one second). The lock on the file
//! says that its owner lives. Diverted strings are not in it: they are spool files, named here, and an entry that makes a
//! spool file's other copy dispensable comes after the bytes of the file (`Tape::record`). No key is in it: the decoder has
//! taken it out of all that it gives out.
//!
//! Format: the line `tintype-journal 1`, then entries `TAG MS LENGTH\n` followed by LENGTH bytes and `\n`; MS counts
//! from the first entry. Tags:
//!
//! - `F` the data folder that the turn belongs to; it comes first
//! - `S` the id of the store in that folder, by which it is known when the folder has moved. Since version 0.2
//! - `O` the machine of the owner: `HOST BOOT`; a later one takes the place of an earlier. Since version 0.2
//! - `T` the turn as JSON
//! - `A` the request is about to be sent, or to be sent again: what came before was nothing but an error
//! - `H` the husk of an event, complete
//! - `P` the husk of the event that is still arriving, from an offset on: `OFFSET BYTES`; what was there is replaced
//! - `B` a spool file holds its first bytes: `BLOB NAME KIND OFFSET BYTES`, the last two as in `P`. In one entry, because
//!   what the file has taken over must leave the husk at the moment at which the file counts. Before version 0.2 it ended
//!   with KIND, and a `P` followed
//! - `E` a spool file ended: `BLOB LENGTH SHA-256`

use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::hold::{Held, Room};
use super::machine::Machine;
use crate::domain::{Turn, TurnId};
use crate::store;

/// The first line.
pub(super) const MAGIC: &[u8] = b"tintype-journal 1\n";
/// Whose turn a journal is about, and who writes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    pub(super) data_folder: &'a Path,
    /// The id of the store in that folder.
    pub(super) store: &'a str,
    /// `None` where it is not known: only the lock tells then that the owner lives.
    pub(super) machine: Option<&'a Machine>,
}

/// How long the journal of an answer that is arriving stays without a write at most.
const SIGN_OF_LIFE: Duration = Duration::from_mins(5);
/// What a journal's name ends with.
pub(super) const EXTENSION: &str = "journal";

/// An open journal; dropping it leaves the file for recovery, [`Journal::remove`] takes it away.
#[derive(Debug)]
pub(super) struct Journal {
    file: Held,
    path: PathBuf,
    begun: Instant,
    /// What the file says of the event that is still arriving.
    partial: Vec<u8>,
    /// What the entry of its owner says.
    owner: Option<String>,
    /// When it was last written.
    written: Instant,
}

impl Journal {
    /// Makes `DIR/TURN.journal`, readable by its owner only, and locks it: from here on the turn has a living owner.
    pub(super) fn begin(
        dir: &Path,
        origin: Origin<'_>,
        turn: &TurnId,
        begun: Instant,
        room: &Room,
    ) -> io::Result<Self> {
        store::private_folder(dir)?;
        let path = dir.join(format!("{turn}.{EXTENSION}"));
        let file = room.create(&path)?;
        if let Some(file) = file.file() {
            // Whoever looks for journals without an owner holds a new one for a moment. Where the file system has no
            // locks, the machine and the time of the last write tell that the owner lives.
            match rustix::fs::flock(file, rustix::fs::FlockOperation::LockExclusive) {
                Err(error) if store::is_lock_unsupported(error) => {}
                locked => locked?,
            }
        }
        let mut journal = Self {
            file,
            path,
            begun,
            partial: Vec::new(),
            owner: origin.machine.map(Machine::written),
            written: begun,
        };
        // A file that could not be made could not be locked either.
        let owner = journal.owner.as_ref();
        let owner = owner.map(|owner| journal.framed('O', owner.as_bytes()));
        let head = [
            MAGIC.to_vec(),
            journal.framed('F', origin.data_folder.as_os_str().as_bytes()),
            journal.framed('S', origin.store.as_bytes()),
            owner.unwrap_or_default(),
        ];
        let begun = journal
            .handle()
            .ok_or(io::ErrorKind::StorageFull.into())
            .and_then(|_made| journal.file.write_through(&head.concat()));
        if let Err(error) = begun {
            let _swept_later = journal.remove();
            return Err(error);
        }
        Ok(journal)
    }

    /// The turn that is about to be sent. An error means that it must not be.
    pub(super) fn turn(&mut self, turn: &Turn) -> io::Result<()> {
        self.entry_through('T', &serde_json::to_vec(turn)?)
    }

    /// Writes a journal that was lost anew, as far as the spool tells: the request was sent, and these spool files hold
    /// images as far as they came.
    pub(super) fn found_again(&mut self, spool_files: &[String]) -> io::Result<()> {
        self.entry_through('A', &[])?;
        for (blob, name) in (1..).zip(spool_files) {
            self.entry_through('B', format!("{blob} {name} picture").as_bytes())?;
        }
        Ok(())
    }

    fn framed(&self, tag: char, payload: &[u8]) -> Vec<u8> {
        framed(tag, self.begun.elapsed().as_millis(), payload)
    }

    /// Appends one entry with a single write.
    fn entry(&mut self, tag: char, payload: &[u8]) -> io::Result<()> {
        let entry = self.framed(tag, payload);
        self.written = Instant::now();
        self.file.write(&entry)
    }

    fn entry_through(&mut self, tag: char, payload: &[u8]) -> io::Result<()> {
        let entry = self.framed(tag, payload);
        self.file.write_through(&entry)
    }

    /// The request is about to be sent.
    pub(super) fn attempt(&mut self) -> io::Result<()> {
        self.partial.clear();
        self.entry('A', &[])
    }

    /// The JSON of one event, its diverted strings replaced by markers.
    pub(super) fn husk(&mut self, husk: &[u8]) -> io::Result<()> {
        self.partial.clear();
        self.entry('H', husk)
    }

    /// The JSON of the event that is still arriving, as far as it has come.
    pub(super) fn partial(&mut self, husk: &[u8]) -> io::Result<()> {
        if husk == self.partial {
            return self.show_life();
        }
        let change = self.change_partial(husk);
        self.entry('P', &change)
    }

    /// A spool file holds the first bytes of a string, and `husk` is the event that is still arriving without that string.
    pub(super) fn spool_began(&mut self, blob: u32, name: &str, kind: &str, husk: &[u8]) -> io::Result<()> {
        let mut payload = format!("{blob} {name} {kind} ").into_bytes();
        payload.extend_from_slice(&self.change_partial(husk));
        self.entry('B', &payload)
    }

    /// Takes over a newer husk, and returns what makes it of the old one: an offset, and the bytes from there on.
    fn change_partial(&mut self, husk: &[u8]) -> Vec<u8> {
        let same = common_prefix(husk, &self.partial);
        let mut change = format!("{same} ").into_bytes();
        change.extend_from_slice(&husk[same..]);
        self.partial.truncate(same);
        self.partial.extend_from_slice(&husk[same..]);
        change
    }

    /// Writes the owner down once more where a large image has been arriving in its spool file for a while: other machines
    /// see by the journal that it lives.
    fn show_life(&mut self) -> io::Result<()> {
        match self.owner.clone() {
            Some(owner) if self.written.elapsed() >= SIGN_OF_LIFE => self.entry('O', owner.as_bytes()),
            _ => Ok(()),
        }
    }

    pub(super) fn spool_ended(&mut self, blob: u32, bytes: u64, sha256: &str) -> io::Result<()> {
        self.entry('E', format!("{blob} {bytes} {sha256}").as_bytes())
    }

    /// The same file, for syncing it elsewhere.
    pub(super) fn handle(&self) -> Option<Arc<File>> {
        self.file.handle()
    }

    /// Takes the journal away: its turn is in the store.
    pub(super) fn remove(&self) -> io::Result<()> {
        std::fs::remove_file(&self.path)
    }
}

/// The length of what two byte strings begin with alike. By blocks, because an event may hold megabytes and is compared
/// at every read.
fn common_prefix(one: &[u8], other: &[u8]) -> usize {
    const BLOCK: usize = 4096;
    let blocks = one
        .chunks(BLOCK)
        .zip(other.chunks(BLOCK))
        .take_while(|(one, other)| one.len() == BLOCK && one == other)
        .count();
    let from = blocks * BLOCK;
    let rest = one[from..].iter().zip(&other[from..]);
    from + rest.take_while(|(one, other)| one == other).count()
}

fn framed(tag: char, ms: u128, payload: &[u8]) -> Vec<u8> {
    let head = format!("{tag} {ms} {}\n", payload.len());
    let mut entry = Vec::with_capacity(head.len() + payload.len() + 1);
    entry.extend_from_slice(head.as_bytes());
    entry.extend_from_slice(payload);
    entry.push(b'\n');
    entry
}

/// The entry by which recovery takes a journal over from its owner, which is dead.
pub(super) fn taken_over(ms: u64, machine: &Machine) -> Vec<u8> {
    framed('O', u128::from(ms), machine.written().as_bytes())
}

/// The entry by which recovery names a spool file of an image that its process could not name any more. With a husk, that is
/// the event that was arriving without the image.
pub(super) fn began(ms: u64, blob: u32, name: &str, husk: Option<&[u8]>) -> Vec<u8> {
    let mut payload = format!("{blob} {name} picture").into_bytes();
    if let Some(husk) = husk {
        payload.extend_from_slice(b" 0 ");
        payload.extend_from_slice(husk);
    }
    framed('B', u128::from(ms), &payload)
}

/// The entry by which recovery says that a spool file that broke off counts as complete.
pub(super) fn ended(ms: u64, blob: u32, bytes: u64, sha256: &str) -> Vec<u8> {
    framed('E', u128::from(ms), format!("{blob} {bytes} {sha256}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::reading;

    #[test]
    fn a_journal_shows_that_its_owner_lives_while_an_image_arrives() {
        let dir = tempfile::tempdir().unwrap();
        let machine = Machine::new("fox", "1");
        let origin = Origin {
            data_folder: Path::new("/data"),
            store: "5f0c",
            machine: Some(&machine),
        };
        let id = TurnId::new(1, 7);
        let mut journal = Journal::begin(dir.path(), origin, &id, Instant::now(), &Room::default()).unwrap();
        let path = dir.path().join(format!("{id}.journal"));
        let length = || std::fs::metadata(&path).unwrap().len();
        journal.partial(b"{").unwrap();
        let before = length();
        journal.partial(b"{").unwrap();
        assert_eq!(length(), before);
        let Some(long_ago) = Instant::now().checked_sub(SIGN_OF_LIFE) else {
            // The machine has only just started.
            return;
        };
        journal.written = long_ago;
        journal.partial(b"{").unwrap();
        let after = length();
        assert!(after > before);
        journal.partial(b"{").unwrap();
        assert_eq!(length(), after);
        let record = reading::read(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!((record.owner, record.length), (Some(machine), after));
        assert_eq!(record.partial, b"{");
    }
}
