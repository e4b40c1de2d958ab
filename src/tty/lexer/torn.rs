//! Input that a link or tmux has torn: the rest of something that was given up arrives late, and must not be taken for keys. A
//! key may stop a generation or begin one.
//!
//! A link keeps the order of what it carries, so the rest comes before anything else. tmux gives up on a torn reply as
//! well and passes it on as keys: `ESC [` as Alt+[, in a spelling of its own where `extended-keys` is on
//! (`ESC [ 27 ; 3 ; 91 ~` or `ESC [ 91 ; 3 u`), and the rest as characters. Each read that could be the rest is held
//! against what a terminal sends; what is not the rest is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use memchr::memmem;

use super::frame::{self, PASTE_END};
use super::{Input, Lexer, State};
use crate::tty::control::Control;
use crate::tty::fact::{Begins, Fact, Frame};
use crate::tty::{key, probe};

/// So much at a stroke, without a control character, was not typed.
const TYPED: usize = 64;
/// The number of bytes that may be typed before the rest is not waited for any longer.
const BETWEEN: usize = 256;

/// Alt+\ and Ctrl+G in tmux' spellings: the end of a string that it has torn.
const SPELT_ENDS: [&[u8]; 4] = [b"\x1b[27;3;92~", b"\x1b[92;3u", b"\x1b[27;5;103~", b"\x1b[103;5u"];

/// A sequence that was given up: the state that the lexer was in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    pub(super) state: State,
    pub(super) body: Vec<u8>,
    /// A key that may have been hit came instead of an introducer.
    spelt: bool,
    /// The number of bytes typed since; 0 while the next bytes are the first.
    between: usize,
}

/// The part that the next bytes have in a torn sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The rest begins with them.
    Rest,
    /// They may be a part of it.
    Perhaps,
    No,
}

impl From<bool> for Verdict {
    fn from(is_rest: bool) -> Self {
        if is_rest { Self::Rest } else { Self::No }
    }
}

/// The outcome of bytes that are taken as the rest.
enum Trial {
    /// So many of them complete it.
    Done(usize, Option<Input>),
    Open(State, Vec<u8>),
}

impl Cut {
    pub(super) fn new(state: State, body: Vec<u8>) -> Self {
        Self {
            state,
            body,
            spelt: false,
            between: 0,
        }
    }

    /// Returns the sequence that this key introduces, if tmux has made it of a reply that came torn.
    pub(super) fn spelt(key: &KeyEvent) -> Option<Self> {
        let is_alt = key.modifiers - KeyModifiers::SHIFT == KeyModifiers::ALT;
        let state = match key.code {
            KeyCode::Char('[') => State::Csi,
            KeyCode::Char(']') => State::String(Frame::Osc),
            KeyCode::Char('P') => State::String(Frame::Dcs),
            KeyCode::Char('_') => State::String(Frame::Apc),
            _ => return None,
        };
        is_alt.then(|| Self {
            spelt: true,
            ..Self::new(state, Vec::new())
        })
    }

    /// Nothing has come since.
    pub(super) fn is_new(&self) -> bool {
        self.between == 0
    }

    /// Whether the next bytes are the rest of it.
    pub(super) fn judge(&self, bytes: &[u8]) -> Verdict {
        match self.state {
            // An ESC at once is that of the next paste, or of a key.
            State::Paste => {
                let is_long = bytes.len() >= TYPED || memmem::find(bytes, PASTE_END).is_some();
                (!bytes.starts_with(b"\x1b") && is_long).into()
            }
            State::Character { .. } => (bytes[0] & 0xc0 == 0x80).into(),
            State::OldMouse => {
                let missing = bytes.get(..3 - self.body.len());
                missing
                    .is_some_and(|missing| missing.iter().all(|byte| *byte >= 0x20))
                    .into()
            }
            State::StringEscape(_) => bytes.starts_with(b"\\").into(),
            State::String(frame) if self.body.is_empty() => self.judge_beginning(frame, bytes),
            State::String(frame) => self.judge_string(frame, bytes),
            State::Escape => match (frame::introduced(bytes[0]), &bytes[1..]) {
                (Some(frame), behind) => self.judge_beginning(frame, behind),
                (None, _) => self.judge_sequence(bytes),
            },
            _ => self.judge_sequence(bytes),
        }
    }

    /// These bytes are not the rest, and are typed; false once it is waited for no longer.
    pub(super) fn outlasts(&mut self, typed: usize) -> bool {
        let is_awaited = !matches!(
            self.state,
            State::Paste | State::Character { .. } | State::OldMouse
        );
        self.between += typed;
        is_awaited && self.between <= BETWEEN
    }

    /// Nothing has followed bytes that may be a part of the rest: they are, but for a single one where it may have been
    /// typed. What it then begins is waited for all the same.
    pub(super) fn take_in(&mut self, bytes: &[u8]) -> bool {
        let is_sure = self.state == State::Csi && !self.spelt;
        let was_typed = bytes.len() == 1 && !is_sure;
        self.between += usize::from(was_typed);
        if let Trial::Open(state, body) = self.trial(bytes) {
            (self.state, self.body) = (state, body);
        }
        !was_typed
    }

    fn trial(&self, bytes: &[u8]) -> Trial {
        let mut trial = Lexer::new();
        (trial.state, trial.body) = (self.state, self.body.clone());
        let mut first = None;
        for (at, byte) in bytes.iter().enumerate() {
            trial.step(*byte, &mut |input| {
                first.get_or_insert(input);
            });
            if first.is_some() || matches!(trial.state, State::Ground | State::Paste) {
                return Trial::Done(at + 1, first);
            }
        }
        Trial::Open(trial.state, trial.body)
    }

    /// In a control sequence, or before one.
    fn judge_sequence(&self, bytes: &[u8]) -> Verdict {
        let is_first = self.is_new();
        match self.trial(bytes) {
            Trial::Done(length, input) => {
                let (sequence, behind) = bytes.split_at(length);
                let Some(is_reply) = self.is_sent(sequence, input.as_ref()) else {
                    return Verdict::No;
                };
                // Behind a single ESC, or Alt and a bracket, a key may have been hit: nobody types a reply at a
                // stroke, nor what is a key and nothing else.
                let is_alone = behind.is_empty() || behind.starts_with(b"\x1b");
                let introducer = usize::from(self.state == State::Escape);
                let length = sequence.len() - introducer;
                let is_long = length >= 2;
                let is_reply = is_reply || length >= 4 || sequence.ends_with(b"~");
                let is_rest = if self.body.is_empty() {
                    is_long && is_reply || is_first && is_alone && !self.spelt
                } else {
                    is_long || is_first
                };
                is_rest.into()
            }
            Trial::Open(State::Csi, _) if is_first || bytes.len() > 1 => Verdict::Perhaps,
            Trial::Open(..) => Verdict::No,
        }
    }

    /// In a string of which nothing had come.
    fn judge_beginning(&self, frame: Frame, bytes: &[u8]) -> Verdict {
        let control = bytes.iter().position(u8::is_ascii_control);
        match Fact::begins(frame, &bytes[..control.unwrap_or(bytes.len())]) {
            Begins::Reply => Verdict::Rest,
            Begins::Perhaps if control.is_none() && (self.is_new() || !bytes.is_empty()) => Verdict::Perhaps,
            Begins::Perhaps | Begins::No => Verdict::No,
        }
    }

    /// Returns whether terminals send this, which completes a sequence; true for what is no key.
    fn is_sent(&self, rest: &[u8], input: Option<&Input>) -> Option<bool> {
        let whole = match self.state {
            State::Escape => rest.to_vec(),
            State::Ss3 => [b"O", &*self.body, rest].concat(),
            _ => [b"[", &*self.body, rest].concat(),
        };
        let (last, body) = whole.split_last()?;
        match (body.split_first()?, input) {
            ((b'O', body), Some(Input::Key(_))) => key::ss3(body, *last).map(|_| false),
            // The old encoding of the mouse, three bytes behind its end.
            ((b'[', _), Some(Input::Mouse(_))) => Some(true),
            ((b'[', body), input) => {
                let control = Control::parse(body, *last);
                let is_key = matches!(input, Some(Input::Key(_) | Input::Focus(_)));
                control.is_sent().then_some(!is_key)
            }
            _ => None,
        }
    }

    /// In a string of which something had come.
    fn judge_string(&self, frame: Frame, bytes: &[u8]) -> Verdict {
        if Fact::begins(frame, &self.body) == Begins::Perhaps {
            let whole = [&self.body, bytes].concat();
            return self.judge_beginning(frame, &whole);
        }
        let control = bytes.iter().position(u8::is_ascii_control);
        let (text, end) = bytes.split_at(control.unwrap_or(bytes.len()));
        let is_ended = matches!(end, [0x07, ..] | [0x1b, b'\\', ..])
            || SPELT_ENDS.iter().any(|spelt| end.starts_with(spelt));
        if is_ended || text.len() >= TYPED {
            return Verdict::Rest;
        }
        let is_open = end.is_empty() || end == b"\x1b" && !text.is_empty();
        let is_likely = self.is_new() || text.len() > 1;
        if is_open && is_likely && may_go_on(frame, &self.body, text) {
            Verdict::Perhaps
        } else {
            Verdict::No
        }
    }
}

/// Returns whether the beginning of a reply may go on so. What may hold anything is not taken to: words are typed.
fn may_go_on(frame: Frame, body: &[u8], text: &[u8]) -> bool {
    let is_any_of = |also: &[u8]| {
        text.iter()
            .all(|byte| byte.is_ascii_hexdigit() || also.contains(byte))
    };
    match frame {
        Frame::Apc => text.iter().all(|byte| b"0123456789=,;OK".contains(byte)),
        Frame::Osc => {
            let colour = [&b"4;"[..], b"10;", b"11;", b"12;"];
            colour.iter().any(|start| body.starts_with(start)) && is_any_of(b"rgba:/;")
        }
        Frame::Dcs if body.starts_with(b">|") => {
            let name = [&body[2..], text].concat();
            std::str::from_utf8(&name).is_ok_and(probe::may_be_a_name)
        }
        Frame::Dcs => is_any_of(b"$r=+;: qm|!"),
        Frame::Pm | Frame::Sos => false,
    }
}
