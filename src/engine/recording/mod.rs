//! One answer as it is recorded: every byte onto the tape, every event into the turn, and the turn into the store.

mod ending;

use std::io;
use std::path::Path;
use std::time::Instant;

use super::journal::Journal;
use super::plan::Plan;
use super::spool::Spooled;
use super::sync::Sync;
use super::tape::Tape;
use super::task::Listener;
use super::{Event, Shared, adopt};
use crate::domain::{Image, ImageKind, Secret, Turn};
use crate::error::{Error, Kind, Result, reason};
use crate::provider::capability::Capability;
use crate::provider::gemini::answer::{Answer, Stored};
use crate::provider::gemini::response::{self, Payload};
use crate::provider::stream::{Decoder, Leftover};
use crate::store::Store;

/// The recording of one generation.
pub(super) struct Recording {
    store: Store,
    decoder: Decoder,
    tape: Tape,
    answer: Answer,
    turn: Turn,
    /// Taken out of whatever the server says.
    key: Option<Secret>,
    /// By the answer's slot number.
    slots: Vec<Option<Image>>,
    started: Instant,
    sync: Sync,
    /// What was left over when the body ended, once it has.
    leftover: Option<Leftover>,
    /// From the head of the answer.
    request_id: Option<String>,
    /// Judges what came against what was asked for, and prices it.
    capability: Capability,
}

/// What a failed write to spool or journal means to the user.
pub(super) fn unwritable(error: &io::Error, folder: &Path) -> Error {
    Error::new(
        Kind::Store,
        format!(
            "Cannot write the answer to {}: {}",
            folder.display(),
            reason(error)
        ),
    )
    .hint("Free some space or choose another folder with --data-dir; what had arrived is kept")
    .maybe_billed()
}

impl Recording {
    /// Opens the journal; on failure the listener comes back with the error.
    pub(super) fn begin(
        shared: &Shared,
        turn: Turn,
        plan: &Plan,
        key: Option<Secret>,
        listener: Listener,
        started: Instant,
    ) -> std::result::Result<Self, Box<(Error, Listener)>> {
        let journal = match Journal::begin(&shared.folders.journal, &turn, started) {
            Ok(journal) => journal,
            Err(error) => {
                let folder = shared.folders.journal.display();
                let error = Error::new(
                    Kind::Store,
                    format!("Cannot write the journal in {folder}: {}", reason(&error)),
                )
                .hint("Nothing was sent; free some space or set XDG_STATE_HOME to another folder");
                return Err(Box::new((error, listener)));
            }
        };
        let folder = shared.folders.spool.clone();
        let tape = Tape::new(journal, folder, turn.id.to_string(), listener);
        Ok(Self {
            store: shared.store.clone(),
            decoder: Decoder::new(),
            tape,
            answer: Answer::new(),
            turn,
            key,
            slots: Vec::new(),
            started,
            sync: Sync::new(started),
            leftover: None,
            request_id: None,
            capability: plan.capability.clone(),
        })
    }

    pub(super) fn turn(&self) -> &Turn {
        &self.turn
    }

    pub(super) fn tell(&self, event: Event) {
        self.tape.listener.tell(event);
    }

    /// Says what the user should know before the request goes out, and keeps it with the turn.
    pub(super) fn notice(&mut self, text: &str) {
        self.turn.warnings.push(text.to_owned());
        self.tell(Event::Notice(text.to_owned()));
    }

    /// Whether nothing of an answer has arrived, so that the request can be sent again.
    pub(super) fn is_untouched(&self) -> bool {
        self.tape.progress.received == 0
    }

    /// At the body's end: the error of an answer that is nothing but one, which a server that had begun to answer can
    /// give in no other way.
    pub(super) async fn refused(&mut self) -> Result<Option<Error>> {
        self.body_ended().await?;
        Ok(self.answer.only_failed().cloned())
    }

    /// Forgets an answer that was nothing but an error: the request is sent in another form.
    pub(super) fn rewind(&mut self) {
        self.decoder = Decoder::new();
        self.answer = Answer::new();
        self.leftover = None;
        self.tape.progress.received = 0;
    }

    /// Takes what the decoder held back for lack of an end.
    async fn body_ended(&mut self) -> Result<()> {
        if self.leftover.is_none() {
            let decoder = std::mem::take(&mut self.decoder);
            self.leftover = Some(decoder.finish(&mut |output| self.tape.take(output)));
        }
        self.digest().await
    }

    /// The request is about to be sent once more.
    pub(super) fn attempt(&mut self) {
        self.turn.attempts += 1;
    }

    /// The answer's head is there; `request_id` is what the provider's own logs call it.
    pub(super) fn first_byte(&mut self, request_id: Option<String>) {
        self.request_id = request_id;
        self.turn
            .timing
            .first_byte
            .get_or_insert(elapsed_ms(self.started));
    }

    /// Records what was read; false when reading on is of no use.
    pub(super) async fn push(&mut self, bytes: &[u8]) -> Result<bool> {
        self.tape.progress.received += bytes.len() as u64;
        self.decoder.push(bytes, &mut |output| self.tape.take(output));
        self.digest().await?;
        self.tape.listener.progress.send_replace(self.tape.progress);
        Ok(!self.decoder.stopped())
    }

    /// Works off the events that have come in, and sends what was written on its way to the disk.
    async fn digest(&mut self) -> Result<()> {
        self.tape.flush();
        if let Some(error) = self.tape.broken.take() {
            return Err(unwritable(&error, &self.tape.folder));
        }
        for event in std::mem::take(&mut self.tape.events) {
            self.apply(event).await?;
        }
        let event_ended = std::mem::take(&mut self.tape.event_ended);
        if self.sync.is_due(event_ended) {
            let spools = self.tape.open.values().map(|growing| growing.spool.handle());
            self.sync
                .start(spools.chain([self.tape.journal.handle()]).flatten().collect());
        }
        Ok(())
    }

    async fn apply(&mut self, event: response::Event) -> Result<()> {
        let slot = self.answer.push(&event);
        match event {
            response::Event::Thought { text } => {
                self.turn
                    .timing
                    .first_thought
                    .get_or_insert(elapsed_ms(self.started));
                self.tape.listener.tell(Event::Thought(self.without_key(text)));
            }
            response::Event::Text { text, .. } if !text.is_empty() => {
                self.tape.listener.tell(Event::Text(self.without_key(text)));
            }
            response::Event::Usage(usage) => {
                self.turn.usage.update(usage);
                self.tape.listener.tell(Event::Usage(self.turn.usage));
            }
            response::Event::Picture {
                data,
                declared_mime,
                thought,
                ..
            } => {
                let kind = if thought {
                    ImageKind::Draft
                } else {
                    ImageKind::Result
                };
                let (picture, spooled) = self.picture_bytes(data)?;
                let image = self.adopt(spooled, kind, declared_mime).await?;
                self.tape.progress.picture = 0;
                if kind == ImageKind::Result {
                    self.turn.timing.image = Some(elapsed_ms(self.started));
                }
                if let Some(slot) = slot {
                    let (sha256, mime, bytes) = (image.sha256.clone(), image.mime, image.bytes);
                    self.answer.stored(slot, Stored { sha256, mime, bytes });
                    self.slots.resize(self.slots.len().max(slot + 1), None);
                    self.slots[slot] = Some(image.clone());
                }
                self.tape.listener.tell(Event::PictureEnded { picture, image });
            }
            _ => {}
        }
        Ok(())
    }

    fn without_key(&self, text: String) -> String {
        match &self.key {
            Some(key) => key.redact(&text),
            None => text,
        }
    }

    /// The spool file of a picture that has ended, and the number by which the listener knows it.
    fn picture_bytes(&mut self, data: Payload) -> Result<(u32, Spooled)> {
        match data {
            Payload::Blob(blob) => {
                let picture = self.tape.pictures.get(&blob).copied().unwrap_or_default();
                let missing = || Error::new(Kind::Internal, "A picture named a string that never arrived");
                Ok((picture, self.tape.done.remove(&blob).ok_or_else(missing)?))
            }
            Payload::Inline(bytes) => {
                let spooled = self.tape.spool_inline(&bytes);
                let spooled = spooled.map_err(|error| unwritable(&error, &self.tape.folder))?;
                Ok((self.tape.next_picture(), spooled))
            }
        }
    }

    /// Moves a complete spool file among the pictures. The same bytes again are not kept twice.
    async fn adopt(&self, spooled: Spooled, kind: ImageKind, declared_mime: Option<String>) -> Result<Image> {
        let mut known = self.slots.iter().flatten();
        if let Some(image) = known.find(|image| image.kind == kind && image.sha256 == spooled.sha256) {
            let _swept_later = std::fs::remove_file(&spooled.path);
            return Ok(image.clone());
        }
        adopt::picture(&self.store, &self.turn, spooled, kind, declared_mime).await
    }
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
