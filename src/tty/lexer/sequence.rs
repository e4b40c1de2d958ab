//! The lexer inside an escape sequence: up to its end, and what it then is.

use crossterm::event::KeyEvent;

use super::torn::Cut;
use super::{Input, LONGEST_REPLY, Lexer, Out, State};
use crate::tty::control::Control;
use crate::tty::fact::{self, Fact, Frame};
use crate::tty::key::{self, Key};

/// What tmux puts before something that it passes on; each ESC in it is doubled.
const TMUX: &[u8] = b"tmux;";

impl Lexer {
    pub(super) fn ss3(&mut self, byte: u8, out: Out<'_>) {
        match byte {
            b'0'..=b'9' | b';' if self.body.len() < 8 => self.body.push(byte),
            _ => match key::ss3(&self.body, byte) {
                Some(key) => {
                    self.enter(State::Ground);
                    self.key(key, out);
                }
                // No terminal sends this: Alt+O was typed, and something after it.
                None if self.body.is_empty() => {
                    self.alt_key(b'O', out);
                    self.step(byte, out);
                }
                None => self.give_up(byte, out),
            },
        }
    }

    pub(super) fn csi(&mut self, byte: u8, out: Out<'_>) {
        match byte {
            b'[' if self.body.is_empty() => self.enter(State::Linux),
            // rxvt ends Shift with the key's number by `$`, which is no final byte elsewhere.
            b'$' if !self.body.is_empty() && self.body.iter().all(u8::is_ascii_digit) => {
                let control = Control {
                    intermediate: b'$',
                    ..Control::parse(&self.body, byte)
                };
                self.control(&control, out);
            }
            0x20..=0x3f => {
                if self.body.len() < LONGEST_REPLY {
                    self.body.push(byte);
                }
            }
            0x40..=0x7e => {
                let control = Control::parse(&self.body, byte);
                self.control(&control, out);
            }
            // Only replies are private.
            0x1b if matches!(self.body.first(), Some(b'?' | b'>')) => self.interrupt(State::Csi, out),
            _ => self.give_up(byte, out),
        }
    }

    /// A byte that cannot belong to the sequence: what came of it is dropped and the byte starts afresh.
    fn give_up(&mut self, byte: u8, out: Out<'_>) {
        self.release_held(out);
        self.enter(State::Ground);
        self.step(byte, out);
    }

    pub(super) fn old_mouse(&mut self, byte: u8, out: Out<'_>) {
        self.body.push(byte);
        let [button, column, row] = self.body[..] else {
            return;
        };
        let value = |byte: u8| u32::from(byte.saturating_sub(32));
        let event = key::mouse(value(button), value(column), value(row), false);
        self.enter(State::Ground);
        self.other(
            event.map_or(Input::Fact(Fact::Other(String::new())), Input::Mouse),
            out,
        );
    }

    pub(super) fn string(&mut self, frame: Frame, byte: u8, out: Out<'_>) {
        match byte {
            0x1b => self.state = State::StringEscape(frame),
            0x07 => self.string_ended(frame, out),
            // No reply contains a control character: someone hit Alt+] and went on typing.
            0..0x20 | 0x7f => self.give_up(byte, out),
            _ => {
                if self.body.len() < LONGEST_REPLY {
                    self.body.push(byte);
                }
            }
        }
    }

    pub(super) fn string_escape(&mut self, frame: Frame, byte: u8, out: Out<'_>) {
        if byte == b'\\' {
            self.string_ended(frame, out);
        } else if byte == 0x1b && frame == Frame::Dcs && self.body.starts_with(TMUX) {
            self.state = State::String(frame);
            self.body.push(byte);
        } else {
            self.interrupt(State::String(frame), out);
            self.escape(byte, out);
        }
    }

    fn string_ended(&mut self, frame: Frame, out: Out<'_>) {
        let body = std::mem::take(&mut self.body);
        self.enter(State::Ground);
        match body.strip_prefix(TMUX).filter(|_| frame == Frame::Dcs) {
            None => self.fact(fact::from_string(frame, &body), out),
            Some(wrapped) => {
                self.release_held(out);
                // Whoever wraps replies wraps no keys: what is no fact is not to be typed.
                Self::new().push(wrapped, &mut |input| {
                    if matches!(input, Input::Fact(_)) {
                        out(input);
                    }
                });
                self.go_on();
            }
        }
    }

    fn control(&mut self, control: &Control, out: Out<'_>) {
        let body = std::mem::take(&mut self.body);
        self.enter(State::Ground);
        match (control.prefix, control.last, control.fields.len()) {
            (0, b'~', _) if control.get(0) == Some(200) => {
                self.release_held(out);
                self.enter(State::Paste);
            }
            (0, b'I' | b'O', 0) => self.other(Input::Focus(control.last == b'I'), out),
            (0, b'M', 0) => self.enter(State::OldMouse),
            (b'<', b'M' | b'm', _) => {
                let at = |index| control.get(index).unwrap_or(0);
                let event = key::mouse(at(0), at(1), at(2), control.last == b'm');
                self.other(
                    event.map_or(Input::Fact(Fact::Other(String::new())), Input::Mouse),
                    out,
                );
            }
            (0, b'R', _) if !self.is_f3(control) => self.reply(control, &body, out),
            _ => match key::control(control) {
                Some(Key::Press(key)) => self.spelt_key(key, out),
                Some(Key::Text(text)) => {
                    for character in text {
                        self.key(key::character(character), out);
                    }
                }
                Some(Key::Nothing) => self.release_held(out),
                None => self.reply(control, &body, out),
            },
        }
    }

    /// A key that was spelt as a control sequence. Some are what tmux makes of a reply that came torn: Alt and what
    /// introduces or ends a string, or the other end of one, Ctrl+G.
    fn spelt_key(&mut self, key: KeyEvent, out: Out<'_>) {
        let is_end = key == key::alt(key::byte(b'\\')) || key == key::byte(0x07);
        match self.around.take() {
            Some((State::String(frame), body)) if is_end => {
                self.body = body;
                return self.string_ended(frame, out);
            }
            around => self.around = around,
        }
        self.key(key, out);
        self.cut = Cut::spelt(&key).or(self.cut.take());
    }

    /// `CSI 1 ; 5 R` is Ctrl+F3 as well as a cursor report: what was asked decides. Without modifiers, or with a
    /// row other than the first, it is a report even if nobody asked.
    fn is_f3(&mut self, control: &Control) -> bool {
        let modified = matches!(control.get(1), Some(2..=16)) && matches!(control.get(0), Some(1));
        let key = control.fields.is_empty() || (modified && self.reports == 0);
        if !key {
            self.reports = self.reports.saturating_sub(1);
        }
        key
    }

    fn reply(&mut self, control: &Control, body: &[u8], out: Out<'_>) {
        let mut raw = body.to_vec();
        raw.push(control.last);
        let fact = fact::from_control(
            control.prefix,
            &control.numbers(),
            control.intermediate,
            control.last,
            &raw,
        );
        self.fact(fact, out);
    }
}
