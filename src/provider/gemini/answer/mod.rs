//! Folds the events of one answer into its outcome: pictures, words, what goes back on the next turn, and whether
//! it was a success. Pure; it neither stores bytes nor decides a retry.

mod candidates;
mod limits;
mod pictures;
mod verdict;

use super::response::parts::links;
use super::response::{Event, Payload, SignaturePayload};
use crate::domain::{ImageKind, Link, Mime, Source, Usage};
use crate::error::{Error, Result};
use crate::provider::stream::Leftover;
use candidates::Candidates;
use limits::Tally;
use verdict::End;
pub use verdict::partial_warning;

/// What the engine found out about a picture when it had all its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Lower-case hexadecimal; tells byte-identical repeats.
    pub sha256: String,
    pub mime: Mime,
    pub bytes: u64,
    /// Whether the image is all there, as its own bytes tell.
    pub whole: bool,
}

/// A picture of the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The number that [`Answer::push`] gave it.
    pub slot: usize,
    pub kind: ImageKind,
    pub declared_mime: Option<String>,
}

/// A piece of the answer that goes back on the next turn: everything that is not a thought, in order of arrival.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text {
        text: String,
        signature: Option<SignaturePayload>,
    },
    Image {
        /// An index into [`Outcome::pictures`].
        picture: usize,
        signature: Option<SignaturePayload>,
    },
}

/// An answer that has ended. Everything is filled in whatever the result is.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub result: Result<()>,
    /// Results and drafts without repeats, in order of arrival: `Turn::images`, one for one.
    pub pictures: Vec<Picture>,
    pub pieces: Vec<Piece>,
    pub thoughts: String,
    pub text: String,
    pub usage: Usage,
    pub finish_reason: Option<String>,
    pub finish_message: Option<String>,
    pub model_version: Option<String>,
    pub response_id: Option<String>,
    pub links: Vec<Link>,
    pub sources: Vec<Source>,
    pub warnings: Vec<String>,
}

/// A picture that arrived.
#[derive(Clone, Debug)]
struct Slot {
    thought: bool,
    declared_mime: Option<String>,
    whole: bool,
    stored: Option<Stored>,
}

impl Slot {
    /// Whether its bytes are a picture of a known kind, as far as is known.
    fn is_picture(&self) -> bool {
        self.stored
            .as_ref()
            .is_none_or(|stored| stored.mime != Mime::Unknown)
    }

    /// Whether its bytes are a picture of which a part is missing.
    fn is_partial(&self) -> bool {
        self.is_picture() && self.stored.as_ref().is_some_and(|stored| !stored.whole)
    }
}

/// The fold. Push every event, say what each picture turned out to be, finish.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    slots: Vec<Slot>,
    /// Pieces in order of arrival; images by slot until the end.
    pieces: Vec<Piece>,
    thoughts: String,
    text: String,
    usage: Usage,
    finish_reason: Option<String>,
    finish_message: Option<String>,
    model_version: Option<String>,
    response_id: Option<String>,
    links: Vec<Link>,
    sources: Vec<Source>,
    warnings: Vec<String>,
    tally: Box<Tally>,
    blocked: Option<(String, Option<String>)>,
    error: Option<Error>,
    /// Something that is no part of the protocol, the first of its kind.
    unknown: Option<String>,
    events: usize,
    candidates: Box<Candidates>,
    /// Whether text without an image is a success.
    text_counts: bool,
}

impl Answer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in one event, as far as the bounds allow. For a picture that is kept it returns the picture's slot, counted from
    /// 0, drafts included.
    pub fn push(&mut self, event: &Event) -> Option<usize> {
        self.events += 1;
        match event {
            Event::Thought { text } => self.push_thought(text),
            Event::Text { text, signature } => self.push_text(text, signature.as_ref()),
            // Whoever has its words gives them as a thought or a text.
            Event::LongText { .. } => {}
            Event::Picture {
                data: Payload::Inline(_),
                ..
            } if !self.takes_small_image() => {}
            Event::Picture {
                declared_mime,
                thought,
                signature,
                whole,
                ..
            } => return Some(self.push_picture(declared_mime.clone(), *thought, signature.as_ref(), *whole)),
            Event::Link { url, mime } => self.push_link(url, mime.as_ref()),
            Event::Usage(usage) => self.usage.update(*usage),
            Event::Finish { reason, message } => {
                self.candidate_ended(reason.as_ref(), message.as_ref());
                self.finish_reason = reason.clone().or(self.finish_reason.take());
                self.finish_message = message.clone().or(self.finish_message.take());
            }
            Event::Blocked { reason, message } => self.blocked = Some((reason.clone(), message.clone())),
            Event::Model { version, response_id } => {
                self.model_version = version.clone().or(self.model_version.take());
                self.response_id = response_id.clone().or(self.response_id.take());
            }
            Event::Sources(sources) => sources.iter().for_each(|source| self.push_source(source)),
            Event::LeftOut(more) => self.tally.left_out.add(*more),
            Event::Notice { text } => self.remark(text),
            // The first error is the cause, what follows is its echo.
            Event::Error(error) => self.error = self.error.take().or_else(|| Some(error.clone())),
            Event::Candidate(index) => self.go_on_with(*index),
            Event::Unknown { what } => self.unknown = self.unknown.take().or_else(|| Some(what.clone())),
        }
        None
    }

    /// Text without an image will do as well: it is what was asked for.
    pub fn accept_text(&mut self) {
        self.text_counts = true;
    }

    /// Tells what the picture in `slot` turned out to be; needed to drop repeats and what is no picture.
    pub fn stored(&mut self, slot: usize, stored: Stored) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.stored = Some(stored);
        }
    }

    /// The data of the picture in `slot` goes on; what came with it may carry the signature.
    pub fn extend(&mut self, slot: usize, signature: Option<&SignaturePayload>) {
        let piece = self.pieces.iter_mut().rev().find_map(|piece| match piece {
            Piece::Image { picture, signature } if *picture == slot => Some(signature),
            _ => None,
        });
        if let Some(known @ None) = piece {
            *known = signature.cloned();
        }
    }

    /// Whether the model has said that it is done.
    pub fn has_finished(&self) -> bool {
        self.finish_reason.is_some()
    }

    /// The error of an answer that has been nothing else.
    pub fn only_failed(&self) -> Option<&Error> {
        let silent = self.slots.is_empty()
            && self.pieces.is_empty()
            && self.thoughts.is_empty()
            && self.links.is_empty()
            && self.blocked.is_none()
            && self.finish_reason.is_none();
        self.error.as_ref().filter(|_| silent)
    }

    /// The outcome. `leftover` is what the decoder was left with, `broken` the transport's error if it failed.
    pub fn finish(mut self, leftover: &Leftover, broken: Option<Error>) -> Outcome {
        self.put_candidates_in_order();
        // A relay may send a text letter by letter: only the whole of it holds a whole link.
        for url in links(&self.text) {
            self.push_link(&url, None);
        }
        self.warn_of_limits();
        let repeats = self.repeats();
        let mut kinds: Vec<Option<ImageKind>> = self
            .slots
            .iter()
            .zip(&repeats)
            .map(|(slot, repeat)| match repeat {
                Some(_) => None,
                // What is not all there is no result, whatever the answer calls it.
                None if slot.thought || slot.is_partial() => Some(ImageKind::Draft),
                None => Some(ImageKind::Result),
            })
            .collect();
        self.promote(&mut kinds, leftover, broken.is_some());
        let result = self.verdict(&kinds, &End { leftover, broken });
        let (pictures, pieces) = self.gather(&kinds, &repeats);
        Outcome {
            result,
            pictures,
            pieces,
            thoughts: self.thoughts,
            text: self.text,
            usage: self.usage,
            finish_reason: self.finish_reason,
            finish_message: self.finish_message,
            model_version: self.model_version,
            response_id: self.response_id,
            links: self.links,
            sources: self.sources,
            warnings: self.warnings,
        }
    }

    fn warn(&mut self, warning: &str) {
        if !self.warnings.iter().any(|known| known == warning) {
            self.warnings.push(warning.to_owned());
        }
    }

    /// Neighbouring text is joined only while neither carries a signature: that stays on the part it came with.
    fn push_text(&mut self, text: &str, signature: Option<&SignaturePayload>) {
        let Some((text, signature)) = self.wanted_text(text, signature) else {
            return;
        };
        let begins_a_stretch = self.begins_a_stretch();
        self.text.push_str(text);
        if let (
            None,
            Some(Piece::Text {
                text: last,
                signature: None,
            }),
        ) = (signature, self.pieces.last_mut())
            && !begins_a_stretch
        {
            last.push_str(text);
            return;
        }
        self.pieces.push(Piece::Text {
            text: text.to_owned(),
            signature: signature.cloned(),
        });
    }

    fn push_picture(
        &mut self,
        declared_mime: Option<String>,
        thought: bool,
        signature: Option<&SignaturePayload>,
        whole: bool,
    ) -> usize {
        let signature = self.wanted_signature(signature);
        let slot = self.slots.len();
        self.slots.push(Slot {
            thought,
            declared_mime,
            whole,
            stored: None,
        });
        self.pieces.push(Piece::Image {
            picture: slot,
            signature: signature.cloned(),
        });
        slot
    }
}

#[cfg(test)]
mod tests;
