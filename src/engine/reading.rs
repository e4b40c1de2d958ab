//! A journal read back, as far as it was written. Pure; what to make of it is `recovery`'s to know.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::journal::MAGIC;
use super::machine::Machine;
use crate::domain::Turn;
use crate::provider::stream::BlobKind;

/// What a journal says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Record {
    /// The data folder that the turn belongs to.
    pub(super) folder: PathBuf,
    /// The id of the store in it; `None` in a journal of before version 0.2.
    pub(super) store: Option<String>,
    /// The machine of the process that writes it, or wrote it last; `None` in a journal of before version 0.2.
    pub(super) owner: Option<Machine>,
    /// `None` where the turn was never written down: nothing was sent.
    pub(super) turn: Option<Turn>,
    /// How often the request was sent.
    pub(super) attempts: u32,
    /// What came of the last attempt, each with its time in milliseconds.
    pub(super) entries: Vec<(u64, Entry)>,
    /// The spool files of all attempts, by their names.
    pub(super) spools: HashMap<String, BlobKind>,
    /// The husk of the event that was arriving.
    pub(super) partial: Vec<u8>,
    /// When the last of it was written, in milliseconds.
    pub(super) last_ms: u64,
    /// How many bytes of the journal make sense.
    pub(super) length: u64,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Husk(Vec<u8>),
    /// A spool file of this name began.
    Began {
        blob: u32,
        name: String,
        kind: BlobKind,
    },
    /// It is complete.
    Ended {
        blob: u32,
        bytes: u64,
        sha256: String,
    },
}

/// Reads a journal up to where it breaks off or makes no sense. `None` where it is none.
pub(super) fn read(bytes: &[u8]) -> Option<Record> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut record = Record::default();
    while let Some((tag, ms, payload, after)) = entry(rest) {
        if record.take(tag, ms, payload).is_none() {
            break;
        }
        if let (b'B', Some((_, Entry::Began { name, kind, .. }))) = (tag, record.entries.last()) {
            record.spools.insert(name.clone(), *kind);
        }
        record.last_ms = ms;
        rest = after;
    }
    record.length = (bytes.len() - rest.len()) as u64;
    Some(record)
}

/// The next entry: its tag, its time, what it holds, and what follows.
fn entry(bytes: &[u8]) -> Option<(u8, u64, &[u8], &[u8])> {
    let end = memchr::memchr(b'\n', bytes)?;
    let mut words = std::str::from_utf8(&bytes[..end]).ok()?.split(' ');
    let tag = words.next()?;
    let ms = words.next()?.parse().ok()?;
    let length: usize = words.next()?.parse().ok()?;
    let payload = bytes.get(end + 1..)?.get(..length)?;
    let after = bytes[end + 1 + length..].strip_prefix(b"\n")?;
    match (tag.as_bytes(), words.next()) {
        ([tag], None) => Some((*tag, ms, payload, after)),
        _ => None,
    }
}

impl Record {
    fn take(&mut self, tag: u8, ms: u64, payload: &[u8]) -> Option<()> {
        match tag {
            b'F' => Path::new(OsStr::from_bytes(payload)).clone_into(&mut self.folder),
            b'S' => self.store = Some(std::str::from_utf8(payload).ok()?.to_owned()),
            b'O' => self.owner = Some(Machine::read(std::str::from_utf8(payload).ok()?)?),
            b'T' => self.turn = Some(serde_json::from_slice(payload).ok()?),
            b'A' => {
                self.attempts += 1;
                self.entries.clear();
                self.partial.clear();
            }
            b'H' => {
                self.partial.clear();
                self.entries.push((ms, Entry::Husk(payload.to_vec())));
            }
            b'P' => self.change_partial(payload)?,
            b'B' => {
                let mut words = payload.splitn(4, |byte| *byte == b' ');
                let began = spool_began(words.next()?, words.next()?, words.next()?)?;
                // An entry of before version 0.2 leaves the partial event to a `P`.
                if let Some(change) = words.next() {
                    self.change_partial(change)?;
                }
                self.entries.push((ms, began));
            }
            b'E' => self
                .entries
                .push((ms, spool_ended(std::str::from_utf8(payload).ok()?)?)),
            _ => return None,
        }
        Some(())
    }

    /// Replaces the event that is arriving from an offset on: `OFFSET BYTES`.
    fn change_partial(&mut self, change: &[u8]) -> Option<()> {
        let space = memchr::memchr(b' ', change)?;
        let offset: usize = std::str::from_utf8(&change[..space]).ok()?.parse().ok()?;
        if offset > self.partial.len() {
            return None;
        }
        self.partial.truncate(offset);
        self.partial.extend_from_slice(&change[space + 1..]);
        Some(())
    }
}

fn spool_began(blob: &[u8], name: &[u8], kind: &[u8]) -> Option<Entry> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'.';
    Some(Entry::Began {
        blob: std::str::from_utf8(blob).ok()?.parse().ok()?,
        name: std::str::from_utf8(name)
            .ok()
            .filter(|name| name.as_bytes().iter().all(is_plain))?
            .to_owned(),
        kind: match kind {
            b"picture" => BlobKind::Picture,
            b"signature" => BlobKind::Signature,
            b"text" => BlobKind::Text,
            _ => return None,
        },
    })
}

fn spool_ended(text: &str) -> Option<Entry> {
    let words: Vec<&str> = text.split(' ').collect();
    let [blob, bytes, sha256] = words.as_slice() else {
        return None;
    };
    Some(Entry::Ended {
        blob: blob.parse().ok()?,
        bytes: bytes.parse().ok()?,
        sha256: (*sha256).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::super::hold::Room;
    use super::super::journal::{Journal, Origin};
    use super::*;
    use crate::domain::{Request, SessionId, TurnId};

    /// Small numbers without rhyme or reason, the same in every run of one seed.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
        }
    }

    /// A journal of random entries, and what a reader has to say of it.
    fn written(seed: u64) -> (Vec<u8>, Record) {
        let dir = tempfile::tempdir().unwrap();
        let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let id = TurnId::new(seed, 7);
        let turn = Turn::new(id.clone(), SessionId::new(1, 2), 1, 1, Request::default());
        let folder = Path::new("/data/f\u{f6}lder");
        let machine = Machine::new("fox", "1");
        let origin = Origin {
            data_folder: folder,
            store: "5f0c",
            machine: Some(&machine),
        };
        let mut journal = Journal::begin(dir.path(), origin, &id, Instant::now(), &Room::default()).unwrap();
        journal.turn(&turn).unwrap();
        let mut expected = Record {
            folder: folder.to_owned(),
            store: Some("5f0c".to_owned()),
            owner: Some(machine),
            turn: Some(turn),
            ..Record::default()
        };
        let texts = [
            "{\"a\":\"\\n\"}",
            "",
            "T 0 0\n\n",
            "{\"text\":\"the key is ***\"}",
            "x\ny \u{1f98a}",
        ];
        for _ in 0..chance.below(40) {
            let text = texts[chance.below(texts.len())];
            let bytes = text.as_bytes().to_vec();
            let blob = u32::try_from(chance.below(9)).unwrap();
            match chance.below(5) {
                0 => {
                    journal.husk(text.as_bytes()).unwrap();
                    expected.partial.clear();
                    expected.entries.push((0, Entry::Husk(bytes)));
                }
                1 => {
                    journal.partial(text.as_bytes()).unwrap();
                    expected.partial = bytes;
                }
                2 => {
                    journal
                        .spool_began(blob, "t.1", "picture", text.as_bytes())
                        .unwrap();
                    let (name, kind) = ("t.1".to_owned(), BlobKind::Picture);
                    expected.partial = bytes;
                    expected.spools.insert(name.clone(), kind);
                    expected.entries.push((0, Entry::Began { blob, name, kind }));
                }
                3 => {
                    journal.spool_ended(blob, 12, "abc").unwrap();
                    let (bytes, sha256) = (12, "abc".to_owned());
                    expected.entries.push((0, Entry::Ended { blob, bytes, sha256 }));
                }
                _ => {
                    journal.attempt().unwrap();
                    expected.attempts += 1;
                    expected.entries.clear();
                    expected.partial.clear();
                }
            }
        }
        let path = dir.path().join(format!("{id}.journal"));
        (std::fs::read(path).unwrap(), expected)
    }

    fn timeless(mut record: Record) -> Record {
        record.last_ms = 0;
        record.length = 0;
        record.entries.iter_mut().for_each(|(ms, _)| *ms = 0);
        record
    }

    #[test]
    fn what_is_written_is_read_back() {
        for seed in 1..200 {
            let (bytes, expected) = written(seed);
            assert_eq!(timeless(read(&bytes).unwrap()), expected, "seed {seed}");
        }
    }

    #[test]
    fn a_journal_that_breaks_off_anywhere_says_what_it_said_up_to_there() {
        for seed in 1..20 {
            let (bytes, whole) = written(seed);
            let mut had = 0;
            for end in 0..=bytes.len() {
                let Some(record) = read(&bytes[..end]) else {
                    assert!(end < MAGIC.len(), "seed {seed} at {end}");
                    continue;
                };
                if record.attempts == whole.attempts {
                    let entries = timeless(record.clone()).entries;
                    assert!(whole.entries.starts_with(&entries), "seed {seed} at {end}");
                    assert!(entries.len() >= had, "seed {seed} at {end}");
                    had = entries.len();
                }
            }
        }
    }

    #[test]
    fn a_journal_with_broken_bytes_is_read_without_a_panic() {
        let mut chance = Chance(99);
        for seed in 1..100 {
            let (mut bytes, _) = written(seed);
            for _ in 0..8 {
                let at = chance.below(bytes.len());
                bytes[at] = u8::try_from(chance.below(256)).unwrap();
            }
            let _whatever = read(&bytes);
        }
        assert_eq!(read(b"tintype-journal 2\n"), None);
    }

    #[test]
    fn a_spool_file_cannot_lie_elsewhere() {
        assert_eq!(spool_began(b"1", b"../x", b"picture"), None);
        assert_eq!(spool_began(b"1", b"/x", b"picture"), None);
        assert!(spool_began(b"1", b"01abc.2", b"picture").is_some());
    }

    #[test]
    fn a_journal_of_before_version_0_2_is_still_read() {
        let old = [MAGIC, b"P 1 10\n0 {\"text\":\n", b"B 2 13\n1 t.1 picture\n"].concat();
        let record = read(&old).unwrap();
        assert_eq!(record.partial, b"{\"text\":");
        assert_eq!(record.length, old.len() as u64);
        assert!(matches!(&record.entries[..], [(2, Entry::Began { name, .. })] if name == "t.1"));
    }
}
