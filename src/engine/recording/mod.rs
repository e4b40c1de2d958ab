//! One answer as it is recorded: every byte onto the tape, every event into the turn, and the turn into the store.

mod ending;
mod images;
mod incomplete;
mod replay;
mod rescue;
mod telling;
mod text;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Instant;

use super::adopt::Arriving;
use super::journal::Journal;
use super::spool::Spooled;
use super::sync::Sync;
use super::tape::Tape;
use super::task::Listener;
use super::{Event, Shared};
use crate::domain::{Image, Secrets, Signature, Turn, TurnStatus};
use crate::error::{Error, Kind, Result, reason};
use crate::provider::capability::Capability;
use crate::provider::gemini::answer::Answer;
use crate::provider::gemini::response::{self, Joiner};
use crate::provider::stream::{Decoder, Leftover};
use crate::store::Store;

use incomplete::Incomplete;
use telling::Telling;

pub(super) use replay::FIRST_NAME as FIRST_REPLAYED;

/// The number of events that are worked off before other tasks get a turn: a few milliseconds' worth.
const AT_ONCE: usize = 64;

/// A picture of the answer, by its slot number.
#[derive(Debug, Default)]
enum Slot {
    #[default]
    Empty,
    /// Complete, but its place among the pictures could not be taken yet.
    Waiting(Arriving),
    Stored(Image),
}

/// The recording of one generation.
pub(super) struct Recording {
    store: Store,
    /// Boxed, for a future that holds a recording is large enough without it.
    decoder: Box<Decoder>,
    tape: Tape,
    answer: Answer,
    turn: Turn,
    /// Taken out of whatever the server says: by the decoder as it arrives, and once more out of the whole.
    secrets: Secrets,
    telling: Telling,
    slots: Vec<Slot>,
    joiner: Joiner,
    incomplete: Option<Incomplete>,
    /// The spool files of images that were put together from several parts.
    parts: Vec<Spooled>,
    /// Pictures that broke off.
    unfinished: Vec<Arriving>,
    /// Signatures that have become files, by their diverted string.
    signatures: HashMap<u32, Signature>,
    started: Instant,
    /// In a replay, the moment that is being replayed, in milliseconds.
    replayed_ms: Option<u64>,
    sync: Sync,
    /// What was left over when the body ended, once it has.
    leftover: Option<Leftover>,
    /// From the head of the answer.
    request_id: Option<String>,
    /// Judges what came against what was asked for, and prices it.
    capability: Box<Capability>,
    judged: Option<ending::Judged>,
    /// What is written down of how it ended, however often that has to be tried.
    verdict: Option<(TurnStatus, Option<Error>)>,
    saved: bool,
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
    .hint("Free some space, or choose another folder with --data-dir; what had arrived is held in memory")
    .maybe_billed()
}

impl Recording {
    /// A recording of the answer to this turn, whose journal has been begun.
    pub(super) fn new(
        shared: &Shared,
        turn: Turn,
        journal: Option<Journal>,
        capability: Capability,
        secrets: Secrets,
        listener: Listener,
        started: Instant,
    ) -> Self {
        let (folder, room) = (shared.folders.spool.clone(), shared.room.clone());
        let tape = Tape::new(journal, folder, room, turn.id.to_string(), listener);
        Self {
            store: shared.store.clone(),
            decoder: Box::new(Decoder::hiding(&secrets)),
            tape,
            answer: Answer::new(),
            turn,
            secrets,
            telling: Telling::default(),
            slots: Vec::new(),
            joiner: Joiner::default(),
            incomplete: None,
            parts: Vec::new(),
            unfinished: Vec::new(),
            signatures: HashMap::new(),
            started,
            replayed_ms: None,
            sync: Sync::new(started),
            leftover: None,
            request_id: None,
            capability: Box::new(capability),
            judged: None,
            verdict: None,
            saved: false,
        }
    }

    /// Whether all of it is in the store.
    pub(super) fn is_saved(&self) -> bool {
        self.saved
    }

    /// The turn and who is told its end.
    pub(super) fn into_end(self) -> (Turn, Listener) {
        (self.turn, self.tape.listener)
    }

    /// Tells another listener from now on.
    pub(super) fn tell_instead(&mut self, listener: Listener) {
        self.tape.listener = listener;
    }

    pub(super) fn turn(&self) -> &Turn {
        &self.turn
    }

    pub(super) fn listener(&self) -> Listener {
        self.tape.listener.clone()
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
        *self.decoder = Decoder::hiding(&self.secrets);
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
        self.digest().await?;
        for event in self.joiner.finish() {
            self.apply(event).await?;
        }
        self.close_incomplete().await;
        self.telling.rest(&self.tape.listener);
        Ok(())
    }

    /// The request is about to be sent once more.
    pub(super) fn attempt(&mut self) {
        self.turn.attempts += 1;
        self.tape.attempt();
        self.sync.wrote(true);
    }

    /// The answer's head is there; `request_id` is what the provider's own logs call it.
    pub(super) fn first_byte(&mut self, request_id: Option<String>) {
        self.request_id = request_id;
        let now = self.now_ms();
        self.turn.timing.first_byte.get_or_insert(now);
    }

    /// Records what was read; false when reading on is of no use.
    pub(super) async fn push(&mut self, bytes: &[u8]) -> Result<bool> {
        self.tape.progress.received += bytes.len() as u64;
        self.decoder.push(bytes, &mut |output| self.tape.take(output));
        self.digest().await?;
        self.tape.listener.progress.send_replace(self.tape.progress);
        Ok(!self.decoder.stopped())
    }

    /// Works off the events that have come in, and sends what was written on its way to the disk. It lets others work in
    /// between, so that a stop is heard however much one read has brought.
    async fn digest(&mut self) -> Result<()> {
        self.tape.flush(&self.decoder.partial());
        if let Some(error) = self.tape.broken.take() {
            return Err(unwritable(&error, &self.tape.folder));
        }
        for (number, event) in std::mem::take(&mut self.tape.events).into_iter().enumerate() {
            if number % AT_ONCE == AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
            self.arrived(event).await?;
        }
        self.telling.end_of_read(&self.tape.listener);
        let event_ended = std::mem::take(&mut self.tape.event_ended);
        self.sync.wrote(event_ended || self.tape.new_files);
        if self.sync.is_due() {
            self.start_sync();
        }
        Ok(())
    }

    /// Returns when what was written has to go to the disk though nothing more comes. Cancel safe.
    pub(super) async fn sync_due(&mut self) {
        self.sync.due().await;
    }

    /// Sends what was written on its way to the disk: the journal last, for it says what the other files hold.
    pub(super) fn start_sync(&mut self) {
        let spools = self.tape.open.values().map(|growing| growing.spool.handle());
        let journal = self.tape.journal.as_ref().and_then(Journal::handle);
        let folder = std::mem::take(&mut self.tape.new_files).then(|| self.tape.folder.clone());
        self.sync
            .start(spools.chain([journal]).flatten().collect(), folder);
    }

    /// Takes in an event, together with those before it and with long words in it.
    async fn arrived(&mut self, event: response::Event) -> Result<()> {
        let (event, unread) = self.with_words(event)?;
        for event in self.joined(event) {
            self.apply(event).await?;
        }
        self.leave_out(unread);
        Ok(())
    }

    fn joined(&mut self, event: response::Event) -> Vec<response::Event> {
        self.joiner.push(event, self.incomplete.is_some())
    }

    async fn apply(&mut self, event: response::Event) -> Result<()> {
        if let response::Event::Picture { .. } = event {
            return self.apply_image(event).await;
        }
        let (thoughts, words) = (self.answer.thoughts().len(), self.answer.text().len());
        let event = self.without_large_signature(event);
        self.answer.push(&event);
        match event {
            response::Event::Thought { .. } => {
                let now = self.now_ms();
                self.turn.timing.first_thought.get_or_insert(now);
                let told = &self.answer.thoughts()[thoughts..];
                self.telling.thought(told, &self.tape.listener);
            }
            response::Event::Text { .. } => {
                let told = &self.answer.text()[words..];
                self.telling.words(told, &self.tape.listener);
            }
            response::Event::Usage(usage) => {
                self.turn.usage.update(usage);
                self.telling.usage(self.turn.usage);
            }
            _ => {}
        }
        Ok(())
    }

    fn now_ms(&self) -> u64 {
        self.replayed_ms.unwrap_or_else(|| elapsed_ms(self.started))
    }

    fn without_key_in(&self, mut error: Error) -> Error {
        super::redact::error(&mut error, &self.secrets);
        error
    }
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
