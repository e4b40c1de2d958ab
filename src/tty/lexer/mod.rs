//! Bytes of the terminal into keys, mouse, paste, focus and [`Fact`]s, however they are cut. Sans-IO and without a
//! clock: the caller arms a timer for [`Lexer::wait`] and calls [`Lexer::flush`] when it runs out.
//!
//! Replies never become keys, whenever they arrive: a string is swallowed up to its end, known or not. Only
//! silence or a control character, which no reply contains, ends a string that has no end.

mod frame;
mod sequence;
mod torn;

use std::time::Duration;

use crossterm::event::{KeyEvent, MouseEvent};

use super::fact::{Fact, Frame};
use super::key;
pub(super) use frame::LONGEST_PASTE;
use frame::Paste;
use torn::{Cut, Verdict};

/// What the terminal sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key press; a repeat is one, a release is none, and locks are left out, so that it compares to a key table.
    Key(KeyEvent),
    Mouse(MouseEvent),
    /// Pasted text, its line ends as `\n`, without control characters but tab.
    Paste(String),
    /// Whether the terminal has the focus now.
    Focus(bool),
    Fact(Fact),
}

/// How long a lone ESC may be the start of something.
const ESCAPE: Duration = Duration::from_millis(50);
/// How long ESC and an introducer may be the start of something. As keys they are Alt with a bracket, a capital or a
/// mark, which mean nothing here: they can wait for a reply that was torn there.
const INTRODUCER: Duration = Duration::from_millis(500);
/// How long a sequence may stand unfinished: links stall for a second and recover.
const SEQUENCE: Duration = Duration::from_secs(2);
/// How long a paste may stand unfinished.
const PASTE: Duration = Duration::from_secs(5);
/// More of a reply than this is swallowed unread.
const LONGEST_REPLY: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ground,
    /// After ESC.
    Escape,
    /// After `ESC O`.
    Ss3,
    /// After `ESC [`.
    Csi,
    /// After `ESC [ [`.
    Linux,
    /// After `ESC [ M`, which three bytes follow.
    OldMouse,
    String(Frame),
    /// After an ESC inside a string: its end, or the start of something else.
    StringEscape(Frame),
    /// Inside a character of more than one byte.
    Character {
        length: usize,
        /// It came after ESC.
        alt: bool,
    },
    Paste,
}

/// The state between two batches of bytes.
#[derive(Debug)]
pub struct Lexer {
    state: State,
    /// The sequence so far, without its introducer.
    body: Vec<u8>,
    /// An Escape is held back: Alt of the key that follows it, or a key of its own.
    held: bool,
    /// What was given up when nothing had followed in time: the rest may still come, and is no keys.
    cut: Option<Cut>,
    /// Bytes that may be a part of that rest.
    doubt: Vec<u8>,
    /// The reply that another one has come into the middle of: tmux passes on what the terminal outside says character
    /// by character, and puts its own answers wherever it is at.
    around: Option<(State, Vec<u8>)>,
    /// A reply has come, and not the last of them: an ESC is rather the next one than a key.
    more: bool,
    /// A string was given up; its terminator may still come and is no key.
    orphan: bool,
    paste: Paste,
    /// How many cursor reports have been asked for and not come.
    reports: u32,
}

impl Default for Lexer {
    fn default() -> Self {
        Self::new()
    }
}

type Out<'a> = &'a mut dyn FnMut(Input);

impl Lexer {
    pub fn new() -> Self {
        Self {
            state: State::Ground,
            body: Vec::new(),
            held: false,
            cut: None,
            doubt: Vec::new(),
            around: None,
            more: false,
            orphan: false,
            paste: Paste::default(),
            reports: 0,
        }
    }

    /// Says that `CSI 6 n` was sent: the next `CSI 1 ; 2 R` is then an answer and not Shift+F3.
    pub fn expect_cursor_report(&mut self) {
        self.reports = self.reports.saturating_add(1);
    }

    /// Returns whether the end of a paste was cut off since this was asked last.
    pub fn take_cut(&mut self) -> bool {
        self.paste.take_cut()
    }

    /// Takes the next bytes of the terminal.
    pub fn push(&mut self, bytes: &[u8], out: Out<'_>) {
        if bytes.is_empty() {
            return;
        }
        let mut joined = std::mem::take(&mut self.doubt);
        let mut rest = if joined.is_empty() {
            bytes
        } else {
            joined.extend_from_slice(bytes);
            &joined
        };
        // What was torn goes on at the beginning of a read, or behind what tmux has made of its beginning.
        let mut may_go_on = true;
        while let Some((byte, behind)) = rest.split_first() {
            if may_go_on && !self.goes_on(rest) {
                return;
            }
            self.step(*byte, out);
            may_go_on = self.cut.as_ref().is_some_and(Cut::is_new);
            rest = behind;
        }
    }

    /// Goes on with what was given up, if these bytes are the rest of it. False if they are kept until that is known.
    fn goes_on(&mut self, bytes: &[u8]) -> bool {
        let Some(mut cut) = self.cut.take_if(|_| self.state == State::Ground) else {
            return true;
        };
        match cut.judge(bytes) {
            Verdict::Rest => {
                self.orphan = false;
                self.enter(cut.state);
                self.body = cut.body;
            }
            Verdict::Perhaps => {
                self.cut = Some(cut);
                self.doubt = bytes.to_vec();
                return false;
            }
            Verdict::No => self.cut = cut.outlasts(bytes.len()).then_some(cut),
        }
        true
    }

    /// Whether what is pending can be a key that was hit: ESC, or ESC and one more character.
    pub fn pending_escape(&self) -> bool {
        match self.state {
            State::Escape => true,
            State::Ss3 | State::Csi | State::String(_) => self.body.is_empty(),
            _ => false,
        }
    }

    /// How long after the last byte [`flush`](Self::flush) is due; `None` when nothing is pending.
    pub fn wait(&self) -> Option<Duration> {
        match self.state {
            State::Ground if self.doubt.is_empty() => None,
            State::Ground if self.doubt.len() == 1 => Some(INTRODUCER),
            State::Paste => Some(PASTE),
            State::Escape if !self.more => Some(ESCAPE),
            _ if self.pending_escape() => Some(INTRODUCER),
            _ => Some(SEQUENCE),
        }
    }

    /// Nothing has followed in time: what is pending becomes the key it can be, or is dropped.
    pub fn flush(&mut self, out: Out<'_>) {
        if self.state == State::Ground {
            return self.end_doubt(out);
        }
        let lone = self.body.is_empty();
        let state = std::mem::replace(&mut self.state, State::Ground);
        let body = std::mem::take(&mut self.body);
        match state {
            State::Paste => out(Input::Paste(self.paste.take())),
            State::Escape => {
                self.release_held(out);
                out(Input::Key(key::byte(0x1b)));
            }
            State::Ss3 if lone => self.alt_key(b'O', out),
            State::Csi if lone => self.alt_key(b'[', out),
            State::String(frame) if lone => self.alt_key(frame::introducer(frame), out),
            _ => self.release_held(out),
        }
        self.orphan |= !lone && matches!(state, State::String(_)) || matches!(state, State::StringEscape(_));
        self.cut = (state != State::Linux).then(|| Cut::new(state, body));
        self.more = false;
    }

    fn end_doubt(&mut self, out: Out<'_>) {
        let bytes = std::mem::take(&mut self.doubt);
        let is_rest = match &mut self.cut {
            Some(cut) => cut.take_in(&bytes),
            None => false,
        };
        for byte in bytes.iter().filter(|_| !is_rest) {
            self.step(*byte, out);
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.body.clear();
    }

    fn step(&mut self, byte: u8, out: Out<'_>) {
        match self.state {
            State::Ground => self.ground(byte, out),
            State::Escape => self.escape(byte, out),
            State::Ss3 => self.ss3(byte, out),
            State::Csi => self.csi(byte, out),
            State::Linux => {
                self.enter(State::Ground);
                match key::linux(byte) {
                    Some(key) => self.key(key, out),
                    None => self.fact(Fact::Other(String::new()), out),
                }
            }
            State::OldMouse => self.old_mouse(byte, out),
            State::String(frame) => self.string(frame, byte, out),
            State::StringEscape(frame) => self.string_escape(frame, byte, out),
            State::Character { length, alt } => self.character(length, alt, byte, out),
            State::Paste => {
                if let Some(text) = self.paste.push(byte) {
                    self.enter(State::Ground);
                    out(Input::Paste(text));
                }
            }
        }
    }

    fn ground(&mut self, byte: u8, out: Out<'_>) {
        // What came into the middle of a reply was no reply: there was none around it.
        self.around = None;
        match byte {
            0x1b => self.enter(State::Escape),
            0..0x80 => {
                self.orphan = false;
                self.key(key::byte(byte), out);
            }
            _ => self.begin_character(byte, false, out),
        }
    }

    fn begin_character(&mut self, byte: u8, alt: bool, out: Out<'_>) {
        match frame::utf8_length(byte) {
            Some(length) => {
                self.enter(State::Character { length, alt });
                self.body.push(byte);
            }
            None => self.typed('\u{fffd}', alt, out),
        }
    }

    fn escape(&mut self, byte: u8, out: Out<'_>) {
        match byte {
            0x1b => {
                self.release_held(out);
                self.held = true;
            }
            b'[' => self.enter(State::Csi),
            b'O' => self.enter(State::Ss3),
            b'P' => self.enter(State::String(Frame::Dcs)),
            b']' => self.enter(State::String(Frame::Osc)),
            b'_' => self.enter(State::String(Frame::Apc)),
            b'^' => self.enter(State::String(Frame::Pm)),
            b'X' => self.enter(State::String(Frame::Sos)),
            b'\\' if self.orphan => {
                self.orphan = false;
                self.release_held(out);
                self.enter(State::Ground);
            }
            0..0x80 => self.alt_key(byte, out),
            _ => {
                self.release_held(out);
                self.enter(State::Ground);
                self.begin_character(byte, true, out);
            }
        }
    }

    fn character(&mut self, length: usize, alt: bool, byte: u8, out: Out<'_>) {
        if byte & 0xc0 != 0x80 {
            self.enter(State::Ground);
            self.typed('\u{fffd}', alt, out);
            return self.step(byte, out);
        }
        self.body.push(byte);
        if self.body.len() == length {
            let text = std::str::from_utf8(&self.body).ok();
            let character = text.and_then(|text| text.chars().next()).unwrap_or('\u{fffd}');
            self.enter(State::Ground);
            self.typed(character, alt, out);
        }
    }

    fn fact(&mut self, fact: Fact, out: Out<'_>) {
        self.more = fact.is_followed();
        self.other(Input::Fact(fact), out);
    }

    /// Passes on what is no key: an Escape that was held back before it was a key of its own.
    fn other(&mut self, input: Input, out: Out<'_>) {
        self.release_held(out);
        out(input);
        self.go_on();
    }

    /// An ESC in the middle of a reply may begin another one.
    fn interrupt(&mut self, state: State, out: Out<'_>) {
        self.release_held(out);
        if self.around.is_none() {
            self.around = Some((state, std::mem::take(&mut self.body)));
        }
        self.enter(State::Escape);
    }

    /// Goes on with the reply that another one came into the middle of.
    fn go_on(&mut self) {
        if let Some((state, body)) = self.around.take() {
            (self.state, self.body) = (state, body);
        }
    }

    fn key(&mut self, key: KeyEvent, out: Out<'_>) {
        self.more = false;
        let alt = std::mem::take(&mut self.held);
        out(Input::Key(if alt { key::alt(key) } else { key }));
    }

    fn typed(&mut self, character: char, alt: bool, out: Out<'_>) {
        let typed = key::character(character);
        self.key(if alt { key::alt(typed) } else { typed }, out);
    }

    /// ESC and a byte: that key with Alt.
    fn alt_key(&mut self, byte: u8, out: Out<'_>) {
        self.release_held(out);
        self.enter(State::Ground);
        self.more = false;
        out(Input::Key(key::alt(key::byte(byte))));
    }

    fn release_held(&mut self, out: Out<'_>) {
        if std::mem::take(&mut self.held) {
            out(Input::Key(key::byte(0x1b)));
        }
    }
}

#[cfg(test)]
mod tests;
