//! A request and its history as the body of a call: pieces with an exact length, so that the call, its dry run and its
//! size are one thing. Pictures and long signatures stay files until they are sent; nothing here opens one.
//!
//! Every name is camelCase, the one spelling that no relay on the way drops, but the data of an image at a provider that
//! documents `inline_data`.

mod fitting;
mod history;
mod pretty;
mod settings;
mod writer;

use std::path::PathBuf;

use crate::domain::{Image, Request, Turn};
use crate::provider::capability::Capability;

pub use fitting::{Fitted, fitted};

use history::Answered;
use writer::Writer;

/// A piece of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    Literal(Vec<u8>),
    /// A file of `bytes` bytes, sent as base64 (standard alphabet, padded).
    Base64File {
        path: PathBuf,
        bytes: u64,
    },
    /// A file of `bytes` bytes, sent as it is inside a JSON string.
    TextFile {
        path: PathBuf,
        bytes: u64,
    },
}

impl Segment {
    /// The bytes it takes on the wire.
    pub fn wire_len(&self) -> u64 {
        match self {
            Self::Literal(bytes) => bytes.len() as u64,
            Self::Base64File { bytes, .. } => bytes.div_ceil(3) * 4,
            Self::TextFile { bytes, .. } => *bytes,
        }
    }
}

/// The body of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    segments: Vec<Segment>,
}

impl Body {
    /// The exact number of bytes on the wire.
    #[expect(clippy::len_without_is_empty, reason = "a body is never empty")]
    pub fn len(&self) -> u64 {
        self.segments.iter().map(Segment::wire_len).sum()
    }

    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    pub fn into_segments(self) -> Vec<Segment> {
        self.segments
    }

    /// The body as readable JSON, with `<N bytes>` in the place of every file.
    pub fn dry_run(&self) -> String {
        let mut json = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(bytes) => json.push_str(&String::from_utf8_lossy(bytes)),
                Segment::Base64File { bytes, .. } | Segment::TextFile { bytes, .. } => {
                    json.push('<');
                    json.push_str(&bytes.to_string());
                    json.push_str(" bytes>");
                }
            }
        }
        pretty::pretty(&json)
    }
}

/// The body for `request`, which continues `history`: the turns from the root to its parent.
///
/// Turns are replayed as they were received. What cannot be replayed, because it ended without a picture, is only a
/// draft, or was made by another provider or model whose signatures mean nothing here, gives no more than the picture
/// that stands for it: it goes along with the next message as a reference.
pub fn body(request: &Request, history: &[Turn], cap: &Capability) -> Body {
    let answered = history::replay(request, history);
    write(request, &answered.turns, answered.carried, cap)
}

/// The body for `request` as a message of its own: the picture of the last turn goes along as a reference, and no
/// signature is needed. It is what helps when a server refuses the signatures of a history.
pub fn body_afresh(request: &Request, history: &[Turn], cap: &Capability) -> Body {
    let picture = history.iter().rev().find_map(Turn::picture);
    write(request, &[], picture, cap)
}

fn write(request: &Request, turns: &[Answered<'_>], carried: Option<&Image>, cap: &Capability) -> Body {
    let mut writer = Writer::new(cap.inline_data);
    writer.raw("{\"contents\":[");
    for answered in turns {
        writer.user(&answered.turn.request, answered.carried);
        writer.raw(",");
        writer.model(answered.turn);
        writer.raw(",");
    }
    writer.user(request, carried);
    writer.raw("]");
    settings::write(&mut writer, request, cap);
    writer.raw("}");
    Body {
        segments: writer.finish(),
    }
}

#[cfg(test)]
mod tests;
