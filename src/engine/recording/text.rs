//! Diverted strings that come back into memory: of a long text as much as is wanted, of signatures nothing.

use super::{Recording, replay};
use crate::engine::tape::BEYOND_KEPT;
use crate::error::Result;
use crate::provider::gemini::response::{self, SignaturePayload};

/// The part of a long text that was not read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unread {
    thought: bool,
    bytes: u64,
}

impl Recording {
    /// The event with the words that its spool file holds, as far as they are wanted, and how much of them was not read. In a
    /// replay, a spool file that cannot be read is an error, for it may be read later; while an answer arrives its words are
    /// left out, for the answer goes on.
    pub(super) fn with_words(&mut self, event: response::Event) -> Result<(response::Event, Option<Unread>)> {
        let response::Event::LongText { blob, thought, .. } = event else {
            return Ok((event, None));
        };
        let room = match self.answer.room(thought) {
            0 => 0,
            room => room + BEYOND_KEPT,
        };
        let mut text = match (self.tape.texts.remove(&blob).flatten(), self.tape.done.get(&blob)) {
            (Some(text), _) => text,
            (None, Some(spooled)) if room > 0 => match spooled.beginning(room) {
                Ok(text) => text,
                Err(error) if self.replayed_ms.is_some() => {
                    return Err(replay::unreadable(&spooled.path, &error));
                }
                Err(_) => Vec::new(),
            },
            _ => Vec::new(),
        };
        text.truncate(room);
        let all = self.tape.done.get(&blob).map_or(0, |spooled| spooled.bytes);
        let bytes = all.saturating_sub(text.len() as u64);
        // A character that is cut is not wanted.
        if bytes > 0
            && let Err(error) = std::str::from_utf8(&text)
            && error.error_len().is_none()
        {
            text.truncate(error.valid_up_to());
        }
        let event = event.with_long_words(|_| String::from_utf8_lossy(&text).into_owned());
        Ok((event, (bytes > 0).then_some(Unread { thought, bytes })))
    }

    /// Counts what was not read, once what was read is in the answer.
    pub(super) fn leave_out(&mut self, unread: Option<Unread>) {
        if let Some(Unread { thought, bytes }) = unread {
            self.answer.leave_out(thought, bytes);
        }
    }

    /// The event without a signature that is larger than any that goes back.
    pub(super) fn without_large_signature(&mut self, mut event: response::Event) -> response::Event {
        if let response::Event::Text { signature, .. } | response::Event::Picture { signature, .. } =
            &mut event
            && let Some(SignaturePayload::Blob(blob)) = signature
            && let Some(spooled) = self.tape.done.get(blob)
            && !self.answer.takes_signature(spooled.bytes)
        {
            *signature = None;
        }
        event
    }
}
