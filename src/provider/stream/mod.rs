//! The body of an answer, cut anywhere, to events and to the bytes of its pictures, as they arrive. Sans-IO: the engine
//! pushes what it read and is called back; nothing here reads, writes, waits or keeps a picture in memory.
//!
//! [`crate::provider::sse`] splits lines, [`crate::provider::blob`] takes long strings out of the JSON, `divert` decodes
//! them, `response` reads what is left. The first byte that is no blank tells what the body is; its label does not.

pub(crate) mod base64;
mod body;
pub(crate) mod divert;
pub(crate) mod marker;
pub(crate) mod mend;
mod redact;
pub(crate) mod weave;

use std::borrow::Cow;

pub use super::blob::BlobKind;
use super::gemini::response::Event;
use super::sse::Lines;
use crate::domain::Secrets;
pub use base64::Bits;
use body::Body;
use redact::Redaction;

/// What the decoder has to say.
#[derive(Debug)]
pub enum Output<'a> {
    /// One event's JSON on one line, its diverted strings replaced by markers; comes before its [`Output::Event`]s.
    /// `response::events` reads it again from a journal.
    Husk(&'a [u8]),
    /// A string above 64 KiB began to be diverted; at the end of a body that was cut, also a shorter picture that will
    /// not be complete. Its event comes later, or never if the stream is cut. From here on [`Decoder::partial`] is its own
    /// first `kept` bytes and then `marker`: its other bytes are this blob's.
    BlobBegan {
        blob: u32,
        kind: BlobKind,
        kept: usize,
        marker: &'a [u8],
    },
    /// Picture: decoded bytes. Signature and Text: the string with JSON's escapes undone.
    BlobBytes {
        blob: u32,
        bytes: &'a [u8],
    },
    /// The string is complete. A blob that never ends was cut.
    BlobEnded {
        blob: u32,
    },
    Event(Event),
    /// A comment: a sign of life.
    Activity,
}

/// What was left when the body ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leftover {
    None,
    /// Bytes that do not parse or a string that never ended: the connection was cut.
    Cut,
    /// The body was a web page.
    Html {
        title: Option<String>,
        /// Its beginning, as it came.
        page: String,
    },
    /// Words that belong to no event.
    Text(String),
}

/// The first bytes of a body that are enough to find a page's title.
const PAGE: usize = 64 * 1024;

/// What the body turned out to be.
#[derive(Debug)]
enum Mode {
    /// Blanks and a byte order mark, so far; `usize` bytes of the mark.
    Opening(usize),
    Lines,
    /// Values one after another; in an array if `array`.
    Json {
        array: bool,
    },
    Html(Vec<u8>),
}

/// The decoder of one response body.
#[derive(Debug)]
pub struct Decoder {
    mode: Mode,
    lines: Lines,
    body: Body,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            mode: Mode::Opening(0),
            lines: Lines::new(),
            body: Body::default(),
        }
    }
}

impl Decoder {
    pub fn new() -> Self {
        Self::default()
    }

    /// A decoder that takes these secrets out of everything that it gives out, for some servers repeat them. The bytes of images
    /// stay as they came.
    pub fn hiding(secrets: &Secrets) -> Self {
        Self {
            body: Body::hiding(secrets),
            ..Self::default()
        }
    }

    /// Takes in the next bytes of the body, however they are cut.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut dyn FnMut(Output<'_>)) {
        self.body.count(bytes.len(), out);
        while !bytes.is_empty() && !self.body.stopped() {
            let used = match &mut self.mode {
                Mode::Opening(mark) => {
                    let mut mark = *mark;
                    let (mode, used) = opening(bytes, &mut mark);
                    self.mode = mode.unwrap_or(Mode::Opening(mark));
                    used
                }
                Mode::Lines => {
                    let body = &mut self.body;
                    self.lines.push(bytes, &mut |field| body.field(field, out));
                    bytes.len()
                }
                Mode::Json { array } => {
                    let used = self.body.values(bytes, array, out);
                    if used == 0 {
                        self.mode = Mode::Lines;
                    }
                    used
                }
                Mode::Html(page) => {
                    let room = PAGE.saturating_sub(page.len());
                    page.extend_from_slice(&bytes[..bytes.len().min(room)]);
                    bytes.len()
                }
            };
            bytes = &bytes[used..];
        }
        self.body.flush(out);
    }

    /// Returns the JSON of the event that is still arriving, as [`Output::Husk`] would have it; what of it is known already
    /// may still change at its end. The words of a string that is being diverted are in it, in its marker. Empty between
    /// events. [`replay`] makes the best of it when nothing more comes.
    pub fn partial(&self) -> Cow<'_, [u8]> {
        self.body.partial()
    }

    /// Whether the decoder gave up (a limit was passed, its error event went out): reading on is of no use.
    pub fn stopped(&self) -> bool {
        self.body.stopped()
    }

    /// The body has ended: gives out what was complete without its last line end.
    pub fn finish(mut self, out: &mut dyn FnMut(Output<'_>)) -> Leftover {
        if let Mode::Html(page) = &self.mode {
            let page = self.body.redacted(&String::from_utf8_lossy(page));
            return Leftover::Html {
                title: super::gemini::failure::title(&page),
                page,
            };
        }
        if matches!(self.mode, Mode::Lines) {
            let body = &mut self.body;
            self.lines.finish(&mut |field| body.field(field, out));
        }
        let unclosed = matches!(self.mode, Mode::Json { array: true });
        self.body.finish(unclosed, out)
    }
}

/// What the last event of a journal says, of which no more than `partial` ever came: its words as far as they go, and
/// pictures whose bytes were complete. `blob` is a number that no diverted string of the answer has.
pub fn replay(partial: &[u8], blob: u32, out: &mut dyn FnMut(Output<'_>)) {
    body::give_mended(partial, blob, &mut Redaction::default(), out);
}

/// Looks for the first byte that is no blank: what the body is, and how many bytes were used up to it.
fn opening(bytes: &[u8], mark: &mut usize) -> (Option<Mode>, usize) {
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ if b"\xef\xbb\xbf".get(*mark) == Some(&byte) => *mark += 1,
            b'<' => return (Some(Mode::Html(Vec::new())), index),
            b'{' => return (Some(Mode::Json { array: false }), index),
            b'[' => return (Some(Mode::Json { array: true }), index + 1),
            _ => return (Some(Mode::Lines), index),
        }
    }
    (None, bytes.len())
}
