//! Undoes what a server or a gateway did to a body although nobody asked for it: gzip, deflate, brotli and zstd, one on
//! top of the other, labelled in any spelling, wrongly, or not at all. It works on what has come so far, and gives no more at
//! once than it is asked for, whatever a few bytes unpack to. The codecs are those of `compression-codecs`; what is here
//! are labels and magic numbers. It reads nothing.

mod coding;

use bytes::{Buf, Bytes, BytesMut};
use compression_codecs::DecodeV2;
use compression_codecs::core::util::{PartialBuffer, WriteBuffer};
use compression_codecs::zstd::params::DParameter;
use compression_codecs::{BrotliDecoder, DeflateDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use reqwest::header::{CONTENT_ENCODING, HeaderMap, TRANSFER_ENCODING};

use coding::{Coding, Found};

pub(super) use coding::Label;

/// The most that one step of a codec gives, in bytes.
const STEP_BYTES: usize = 32 * 1024;

/// As much waits between two codecs at most, about.
const BETWEEN_BYTES: usize = 2 * STEP_BYTES;

/// No body is packed more often.
const DEPTH: usize = 4;

/// RFC 9659: no window of zstd is larger on the web, as a power of two.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Why a body cannot be unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An encoding of this name is not known.
    Unknown(String),
    /// The bytes are not in this encoding, as they should be.
    Damaged(&'static str),
    /// It ended in the middle of what is in this encoding.
    BrokenOff(&'static str),
    /// It was packed time and again.
    TooDeep,
}

/// The encodings of a body as its head tells them, the one to undo first in front.
pub(super) fn labels(headers: &HeaderMap) -> Vec<Label> {
    // A transfer's encoding lies around the content's.
    let named = [CONTENT_ENCODING, TRANSFER_ENCODING]
        .into_iter()
        .flat_map(|name| {
            let values = headers.get_all(name).iter();
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
    let named: Vec<String> = named.collect();
    let mut labels: Vec<Label> = named
        .iter()
        .flat_map(|value| value.split(','))
        .filter_map(Label::named)
        .collect();
    labels.reverse();
    labels
}

/// Returns whether a body without a label may be packed all the same, by its first byte.
pub(super) fn may_be_packed(first: u8) -> bool {
    coding::begins_magic(first)
}

/// A body being unpacked.
#[derive(Debug)]
pub(super) struct Unpacker {
    stages: Vec<Stage>,
    step: Box<[u8]>,
}

impl Unpacker {
    pub(super) fn new(labels: Vec<Label>) -> Self {
        let labels = labels.into_iter().map(Some).chain([None]);
        Self {
            stages: labels.map(Stage::new).collect(),
            step: vec![0; STEP_BYTES].into_boxed_slice(),
        }
    }

    /// Takes what has come.
    pub(super) fn push(&mut self, bytes: &Bytes) {
        self.stages[0].input.extend_from_slice(bytes);
    }

    /// Unpacks until `out` holds about `most` bytes or nothing is left to unpack. `is_over` tells that no more will come.
    pub(super) fn pull(&mut self, out: &mut BytesMut, most: usize, is_over: bool) -> Result<(), Fault> {
        if self.stages.len() > DEPTH + 1 {
            return Err(Fault::TooDeep);
        }
        loop {
            let mut has_moved = false;
            for at in 0..self.stages.len() {
                let has_room = match self.stages.get(at + 1) {
                    Some(next) => next.input.len() < BETWEEN_BYTES,
                    None => out.len() < most,
                };
                if has_room {
                    has_moved |= self.advance(at, out, is_over)?;
                }
            }
            if !has_moved {
                return Ok(());
            }
        }
    }

    /// Takes one step of one stage, and tells whether anything came of it.
    fn advance(&mut self, at: usize, out: &mut BytesMut, is_over: bool) -> Result<bool, Fault> {
        let is_last_input = is_over && self.stages[..at].iter().all(Stage::is_spent);
        let stage = &mut self.stages[at];
        let Moved { consumed, produced } = stage.step(&mut self.step, is_last_input)?;
        // Packed without a label: what is in it may be packed again.
        let has_surprise = stage.is_codec() && at + 1 == self.stages.len();
        if has_surprise {
            if self.stages.len() > DEPTH {
                return Err(Fault::TooDeep);
            }
            self.stages.push(Stage::new(None));
        }
        let next = self.stages.get_mut(at + 1).map(|next| &mut next.input);
        next.unwrap_or(out).extend_from_slice(&self.step[..produced]);
        Ok(consumed || produced > 0)
    }

    /// Judges the end of a body, once all that came is pulled.
    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        let step = &mut self.step;
        self.stages.iter_mut().try_for_each(|stage| stage.finish(step))
    }
}

/// One encoding, or what is still to be recognized as one.
#[derive(Debug)]
struct Stage {
    input: BytesMut,
    state: State,
}

enum State {
    Unseen(Option<Label>),
    Plain,
    Codec(Codec),
    /// The encoding has ended.
    Over,
}

struct Codec {
    coding: Coding,
    decoder: Box<dyn DecodeV2 + Send + Sync>,
    /// True if the last step filled its room, so that more may be ready without any more input.
    is_full: bool,
    is_done: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unseen(label) => f.debug_tuple("Unseen").field(label).finish(),
            Self::Plain => f.write_str("Plain"),
            Self::Codec(codec) => f.debug_tuple("Codec").field(&codec.coding).finish(),
            Self::Over => f.write_str("Over"),
        }
    }
}

/// The outcome of a step.
struct Moved {
    consumed: bool,
    produced: usize,
}

impl Stage {
    fn new(label: Option<Label>) -> Self {
        Self {
            input: BytesMut::new(),
            state: State::Unseen(label),
        }
    }

    fn is_codec(&self) -> bool {
        matches!(self.state, State::Codec(_))
    }

    /// Returns whether nothing more can come of what is here.
    fn is_spent(&self) -> bool {
        let is_full = matches!(&self.state, State::Codec(codec) if codec.is_full);
        self.input.is_empty() && !is_full
    }

    fn step(&mut self, room: &mut [u8], is_over: bool) -> Result<Moved, Fault> {
        if let State::Unseen(label) = &self.state {
            self.state = match coding::found(label.as_ref(), &self.input, is_over) {
                Found::More => {
                    return Ok(Moved {
                        consumed: false,
                        produced: 0,
                    });
                }
                Found::Plain => State::Plain,
                Found::Coding(coding) => State::Codec(Codec::new(coding)),
                Found::Unknown(name) => return Err(Fault::Unknown(name)),
            };
        }
        let before = self.input.len();
        let produced = match &mut self.state {
            State::Plain => {
                let length = before.min(room.len());
                room[..length].copy_from_slice(&self.input[..length]);
                self.input.advance(length);
                length
            }
            State::Codec(codec) if codec.is_done => match codec.coding.goes_on_with(&self.input) {
                None => 0,
                Some(true) => {
                    codec.restart()?;
                    codec.step(&mut self.input, room)?
                }
                Some(false) => {
                    self.state = State::Over;
                    0
                }
            },
            State::Codec(codec) => codec.step(&mut self.input, room)?,
            State::Unseen(_) | State::Over => 0,
        };
        if matches!(self.state, State::Over) {
            // What follows the end is nothing.
            self.input.clear();
        }
        Ok(Moved {
            consumed: self.input.len() < before,
            produced,
        })
    }

    fn finish(&mut self, room: &mut [u8]) -> Result<(), Fault> {
        match &mut self.state {
            State::Codec(codec) if !codec.is_done => {
                let mut output = WriteBuffer::new_initialized(room);
                let is_whole = codec.decoder.finish(&mut output).unwrap_or(false);
                let broken_off = || Fault::BrokenOff(codec.coding.name());
                is_whole.then_some(()).ok_or_else(broken_off)
            }
            _ => Ok(()),
        }
    }
}

impl Codec {
    fn new(coding: Coding) -> Self {
        let decoder: Box<dyn DecodeV2 + Send + Sync> = match coding {
            Coding::Gzip => Box::new(GzipDecoder::new()),
            Coding::Zlib => Box::new(ZlibDecoder::new()),
            Coding::Deflate => Box::new(DeflateDecoder::new()),
            Coding::Brotli => Box::new(BrotliDecoder::new()),
            Coding::Zstd => {
                let window = DParameter::window_log_max(ZSTD_WINDOW_LOG);
                Box::new(ZstdDecoder::new_with_params(&[window]))
            }
        };
        Self {
            coding,
            decoder,
            is_full: false,
            is_done: false,
        }
    }

    fn step(&mut self, input: &mut BytesMut, room: &mut [u8]) -> Result<usize, Fault> {
        if input.is_empty() && !self.is_full {
            return Ok(0);
        }
        let mut bytes = PartialBuffer::new(&input[..]);
        let mut output = WriteBuffer::new_initialized(room);
        let is_flate = matches!(self.coding, Coding::Gzip | Coding::Zlib | Coding::Deflate);
        let decoded = if input.is_empty() && is_flate {
            // It takes a call without input for an error.
            self.decoder.flush(&mut output).map(|_| false)
        } else {
            self.decoder.decode(&mut bytes, &mut output)
        };
        let (consumed, produced) = (bytes.written_len(), output.written_len());
        self.is_full = output.has_no_spare_space();
        self.is_done = decoded.map_err(|_| Fault::Damaged(self.coding.name()))?;
        input.advance(consumed);
        Ok(produced)
    }

    fn restart(&mut self) -> Result<(), Fault> {
        self.is_done = false;
        let damaged = |_| Fault::Damaged(self.coding.name());
        self.decoder.reinit().map_err(damaged)
    }
}

#[cfg(test)]
mod tests;
