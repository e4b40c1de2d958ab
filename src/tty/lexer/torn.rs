//! What a link has torn: the rest of something that was given up arrives late, and must not be taken for keys. A key may
//! stop a generation or begin one.

use memchr::memmem;

use super::frame::PASTE_END;
use super::{Input, Lexer, State};
use crate::tty::fact::Fact;

/// So much at a stroke, without a control character, was not typed.
const TYPED: usize = 64;

/// What was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// An ESC, and what introduces a sequence if that had come: they have become a key.
    Escape(Option<u8>),
    /// Within a string: where, and what had come of it.
    String(State, Vec<u8>),
    /// A paste, of which what had come was handed on.
    Paste,
}

impl Cut {
    /// Whether the next bytes are the rest of it.
    pub(super) fn goes_on_with(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Escape(None) => begins_a_reply(bytes),
            Self::Escape(Some(introducer)) => begins_a_reply(&[&[*introducer], bytes].concat()),
            Self::String(State::StringEscape(_), _) => bytes.starts_with(b"\\"),
            Self::String(..) => ends_a_string(bytes),
            // An ESC at once is that of the next paste, or of a key.
            Self::Paste => {
                !bytes.starts_with(b"\x1b")
                    && (bytes.len() >= TYPED || memmem::find(bytes, PASTE_END).is_some())
            }
        }
    }
}

/// What follows the ESC of a reply: no one types one at a stroke.
fn begins_a_reply(bytes: &[u8]) -> bool {
    let mut first = None;
    if let [b'[' | b']' | b'P' | b'_', next, _, ..] = bytes
        && !next.is_ascii_control()
    {
        let mut trial = Lexer::new();
        trial.state = State::Escape;
        trial.push(bytes, &mut |input| {
            first.get_or_insert(matches!(input, Input::Fact(_) | Input::Mouse(_)));
        });
        if let (None, State::String(frame) | State::StringEscape(frame)) = (first, trial.state) {
            return Fact::may_begin(frame, &trial.body);
        }
    }
    first == Some(true)
}

fn ends_a_string(bytes: &[u8]) -> bool {
    let control = bytes.iter().position(u8::is_ascii_control);
    match control.map(|at| bytes.split_at(at)) {
        None => bytes.len() >= TYPED,
        Some((text, end)) => text.len() >= TYPED || matches!(end, [0x07, ..] | [0x1b, b'\\', ..]),
    }
}
