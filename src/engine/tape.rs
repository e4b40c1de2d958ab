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
use crate::provider::gemini::response;
use crate::provider::stream::{BlobKind, Output};

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
    /// The number by which the listener knows the picture of a diverted string.
    pub(super) pictures: HashMap<u32, u32>,
    pub(super) next_picture: u32,
    pub(super) events: Vec<response::Event>,
    pub(super) event_ended: bool,
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
            pictures: HashMap::new(),
            next_picture: 0,
            events: Vec::new(),
            event_ended: false,
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
        let written = self.note(|journal| journal.partial(partial));
        if let Err(error) = written {
            self.broken.get_or_insert(error);
        }
        for growing in self.open.values_mut() {
            if let Err(error) = growing.flush() {
                self.broken.get_or_insert(error);
            } else if growing.kind == BlobKind::Picture {
                self.progress.picture = growing.spool.bytes();
            }
        }
    }

    /// Writes something down, where there is a journal.
    fn note(&mut self, entry: impl FnOnce(&mut Journal) -> io::Result<()>) -> io::Result<()> {
        self.journal.as_mut().map_or(Ok(()), entry)
    }

    /// The request is about to be sent, or to be sent again: what came before was no answer.
    pub(super) fn attempt(&mut self) {
        if let Err(error) = self.note(Journal::attempt) {
            self.broken.get_or_insert(error);
        }
    }

    fn write(&mut self, output: Output<'_>) -> io::Result<()> {
        match output {
            Output::Husk(husk) => {
                self.note(|journal| journal.husk(husk))?;
                self.event_ended = true;
            }
            Output::BlobBegan { blob, kind } => self.blob_began(blob, kind)?,
            Output::BlobBytes { blob, bytes } => {
                if let Some(growing) = self.open.get_mut(&blob) {
                    growing.brought.extend_from_slice(bytes);
                }
            }
            Output::BlobEnded { blob } => {
                if let Some(mut growing) = self.open.remove(&blob) {
                    growing.flush()?;
                    let spooled = growing.spool.end();
                    self.note(|journal| journal.spool_ended(blob, spooled.bytes, &spooled.sha256))?;
                    self.done.insert(blob, spooled);
                }
            }
            Output::Event(event) => self.events.push(event),
            Output::Activity => {}
        }
        Ok(())
    }

    fn blob_began(&mut self, blob: u32, kind: BlobKind) -> io::Result<()> {
        let name = self.next_name();
        let spool = Spool::create(&self.folder, &name, &self.room)?;
        let label = match kind {
            BlobKind::Picture => "picture",
            BlobKind::Signature => "signature",
            BlobKind::Text => "text",
        };
        self.note(|journal| journal.spool_began(blob, &name, label))?;
        self.new_files = true;
        if kind == BlobKind::Picture {
            let picture = self.next_picture();
            self.pictures.insert(blob, picture);
            self.listener.tell(Event::PictureBegan {
                picture,
                path: spool.path().to_owned(),
            });
        }
        let brought = Vec::new();
        self.open.insert(blob, Growing { spool, kind, brought });
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

    /// A short string that stayed in its event, as a spool file like any other.
    pub(super) fn spool_inline(&mut self, bytes: &[u8]) -> io::Result<Spooled> {
        let name = self.next_name();
        let mut spool = Spool::create(&self.folder, &name, &self.room)?;
        spool.write(bytes)?;
        Ok(spool.end())
    }
}
