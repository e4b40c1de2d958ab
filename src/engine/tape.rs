//! The part of a recording that the decoder calls back: every byte into spool or journal, at once. It only writes, and
//! never waits.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

use super::hold::Room;
use super::journal::Journal;
use super::spool::{Spool, Spooled};
use super::task::Listener;
use super::{Event, Progress};
use crate::provider::gemini::{bounds, response};
use crate::provider::stream::{BlobKind, Output};

/// The bytes of a long text that have to be known beyond those that are kept: a text is not cut within a word.
pub(super) const BEYOND_KEPT: usize = 1024;
/// The most that is read back of a long text from its spool file, in bytes.
const LONG_TEXT: usize = bounds::THOUGHTS + BEYOND_KEPT;
/// The most that is held in memory of all long texts that wait for their event, in bytes. The rest is read from the spool files
/// when its event comes.
const WAITING_TEXT: usize = 4 * LONG_TEXT;

/// What has been written of one answer, and what has not been looked at yet.
pub(super) struct Tape {
    /// `None` in a replay, which has nothing to write down.
    pub(super) journal: Option<Journal>,
    pub(super) folder: PathBuf,
    pub(super) room: Room,
    /// What this turn's spool files are called before their number.
    pub(super) stem: String,
    pub(super) spools: u32,
    pub(super) open: HashMap<u32, Growing>,
    pub(super) done: HashMap<u32, Spooled>,
    /// The beginnings of long texts that no event has taken yet: `None` where one is in its spool file only.
    pub(super) texts: HashMap<u32, Option<Vec<u8>>>,
    /// The number by which the listener knows the picture of a diverted string.
    pub(super) pictures: HashMap<u32, u32>,
    pub(super) next_picture: u32,
    pub(super) events: Vec<response::Event>,
    pub(super) event_ended: bool,
    /// What the journal knows of the event that is arriving, once every new spool file is named in it.
    partial: Vec<u8>,
    /// Spool files were made whose names are not on the disk yet.
    pub(super) new_files: bool,
    /// The first write that failed; nothing is written after it.
    pub(super) broken: Option<io::Error>,
    pub(super) listener: Listener,
    pub(super) progress: Progress,
}

/// A spool file that still grows.
pub(super) struct Growing {
    pub(super) spool: Spool,
    pub(super) kind: BlobKind,
    /// What the read at hand has brought: it is written at once and as a whole when the read has been decoded, and no
    /// later than the next read.
    brought: Vec<u8>,
    /// The journal does not name the file yet.
    unnamed: Option<Unnamed>,
}

/// What the journal's entry for a new spool file will say.
struct Unnamed {
    name: String,
    /// The event that is arriving, without the string that the file takes.
    partial: Vec<u8>,
}

impl Growing {
    fn flush(&mut self) -> io::Result<()> {
        if !self.brought.is_empty() {
            self.spool.write(&self.brought)?;
            self.brought.clear();
        }
        Ok(())
    }
}

impl Tape {
    /// A tape for the turn of this name, whose spool files go into `folder`.
    pub(super) fn new(
        journal: Option<Journal>,
        folder: PathBuf,
        room: Room,
        stem: String,
        listener: Listener,
    ) -> Self {
        Self {
            journal,
            folder,
            room,
            stem,
            spools: 0,
            open: HashMap::new(),
            done: HashMap::new(),
            texts: HashMap::new(),
            pictures: HashMap::new(),
            next_picture: 0,
            events: Vec::new(),
            event_ended: false,
            partial: Vec::new(),
            new_files: false,
            broken: None,
            listener,
            progress: Progress::default(),
        }
    }

    pub(super) fn take(&mut self, output: Output<'_>) {
        if self.broken.is_none()
            && let Err(error) = self.write(output)
        {
            self.broken = Some(error);
        }
    }

    /// Writes out what the read at hand has brought, `partial` of it to an event that is still arriving; to be called
    /// before the next one.
    pub(super) fn flush(&mut self, partial: &[u8]) {
        let written = self.record(|journal| journal.partial(partial));
        if let Err(error) = written {
            self.broken.get_or_insert(error);
        }
        partial.clone_into(&mut self.partial);
        for growing in self.open.values() {
            if growing.kind == BlobKind::Picture {
                self.progress.picture = growing.spool.bytes();
            }
        }
    }

    /// Makes an entry in the journal, where there is one.
    ///
    /// Invariant: bytes are in their spool file before any entry that makes their other copy dispensable. The entry that
    /// names a spool file takes its string out of the event that is arriving, and every later entry may do so too. So this is
    /// the only place that writes to the journal, and it empties what waits for the spool files first.
    fn record(&mut self, entry: impl FnOnce(&mut Journal) -> io::Result<()>) -> io::Result<()> {
        let mut blobs: Vec<u32> = self.open.keys().copied().collect();
        blobs.sort_unstable();
        for growing in self.open.values_mut() {
            growing.flush()?;
        }
        let Some(journal) = &mut self.journal else {
            return Ok(());
        };
        for blob in blobs {
            if let Some(growing) = self.open.get_mut(&blob)
                && let Some(Unnamed { name, partial }) = &growing.unnamed
            {
                journal.spool_began(blob, name, label(growing.kind), partial)?;
                growing.unnamed = None;
            }
        }
        entry(journal)
    }

    /// The request is about to be sent, or to be sent again: what came before was no answer.
    pub(super) fn attempt(&mut self) {
        self.partial.clear();
        if let Err(error) = self.record(Journal::attempt) {
            self.broken.get_or_insert(error);
        }
    }

    fn write(&mut self, output: Output<'_>) -> io::Result<()> {
        match output {
            Output::Husk(husk) => {
                self.record(|journal| journal.husk(husk))?;
                self.partial.clear();
                self.event_ended = true;
            }
            Output::BlobBegan {
                blob,
                kind,
                kept,
                marker,
            } => self.blob_began(blob, kind, kept, marker)?,
            Output::BlobBytes { blob, bytes } => {
                if let Some(growing) = self.open.get_mut(&blob) {
                    growing.brought.extend_from_slice(bytes);
                }
            }
            Output::BlobEnded { blob } => {
                // Names the file, if nothing has yet.
                self.record(|_| Ok(()))?;
                if let Some(growing) = self.open.remove(&blob) {
                    if growing.kind == BlobKind::Text {
                        // While the file is open: later the machine may be out of file descriptors.
                        let waiting: usize = self.texts.values().flatten().map(Vec::len).sum();
                        let has_room = waiting + LONG_TEXT <= WAITING_TEXT;
                        let text = has_room.then(|| growing.spool.read_back(LONG_TEXT));
                        self.texts.insert(blob, text.transpose()?);
                    }
                    let spooled = growing.spool.end(growing.kind == BlobKind::Picture);
                    self.record(|journal| journal.spool_ended(blob, spooled.bytes, &spooled.sha256))?;
                    self.done.insert(blob, spooled);
                }
            }
            Output::Event(event) => self.events.push(event),
            Output::Activity => {}
        }
        Ok(())
    }

    /// Makes the spool file. The journal names it when it holds its first bytes.
    fn blob_began(&mut self, blob: u32, kind: BlobKind, kept: usize, marker: &[u8]) -> io::Result<()> {
        let name = self.next_name();
        let spool = Spool::create(&self.folder, &name, &self.room)?;
        self.new_files = true;
        if kind == BlobKind::Picture {
            let picture = self.next_picture();
            self.pictures.insert(blob, picture);
            self.listener.tell(Event::PictureBegan {
                picture,
                path: spool.path().to_owned(),
            });
        }
        // Where the string began after the last flush, none of it is in the journal, nor all of what stands before it.
        if self.partial.len() >= kept {
            self.partial.truncate(kept);
            self.partial.extend_from_slice(marker);
        }
        let partial = self.partial.clone();
        let growing = Growing {
            spool,
            kind,
            brought: Vec::new(),
            unnamed: Some(Unnamed { name, partial }),
        };
        self.open.insert(blob, growing);
        Ok(())
    }

    /// A name that no other spool file of this turn has had, nor has from the run that is being replayed.
    fn next_name(&mut self) -> String {
        self.spools += 1;
        format!("{}.{}", self.stem, self.spools)
    }

    pub(super) fn next_picture(&mut self) -> u32 {
        self.next_picture += 1;
        self.next_picture
    }

    /// Makes a spool file that the journal does not name: a replay makes what is in it again.
    pub(super) fn new_spool(&mut self) -> io::Result<Spool> {
        let name = self.next_name();
        Spool::create(&self.folder, &name, &self.room)
    }

    /// A short string that stayed in its event, as a spool file like any other.
    pub(super) fn spool_inline(&mut self, bytes: &[u8]) -> io::Result<Spooled> {
        let mut spool = self.new_spool()?;
        spool.write(bytes)?;
        Ok(spool.end(true))
    }
}

fn label(kind: BlobKind) -> &'static str {
    match kind {
        BlobKind::Picture => "picture",
        BlobKind::Signature => "signature",
        BlobKind::Text => "text",
    }
}
