//! The terminal's bytes on their way to the model: what was typed, pasted, clicked and answered.

use crossterm::event::KeyEvent;
use tokio::time::Instant;

use super::{AT_ONCE, LAG, Loop, Wake};
use crate::tty::{self, Input, Typed, burst};
use crate::tui::msg::Msg;

fn panic_now() {
    let asked = true;
    assert!(!asked, "asked to panic");
}

impl Loop {
    /// Takes in what was read, with all that has been read since: the terminal's driver hands out small pieces.
    pub(super) fn read(&mut self, mut bytes: Vec<u8>) {
        let mut behind = None;
        while bytes.len() < AT_ONCE && behind.is_none() {
            match self.bytes.try_recv() {
                Ok(tty::reader::Message::Bytes(more)) => bytes.extend(more),
                Ok(other) => behind = Some(other),
                Err(_) => break,
            }
        }
        self.input(&bytes);
        if behind.is_some() {
            self.take(Wake::Reader(behind));
        }
    }

    fn input(&mut self, bytes: &[u8]) {
        let mut inputs = Vec::new();
        self.lexer.push(bytes, &mut |input| inputs.push(input));
        self.flush_at = self.lexer.wait().map(|wait| Instant::now() + wait);
        self.inputs(inputs);
        if self.lexer.take_cut() {
            self.say_cut();
        }
    }

    /// Takes them in their order, keys that follow each other at once. Keys that can be a part of pasted text wait for
    /// what they turn out to be; what the terminal says of itself may come in the middle of them.
    fn inputs(&mut self, inputs: Vec<Input>) {
        let (mut text, mut keys) = (Vec::new(), Vec::new());
        for input in inputs {
            match input {
                Input::Key(key) if burst::is_text(&key) => {
                    self.keys(std::mem::take(&mut keys));
                    text.push(key);
                }
                Input::Key(key) => {
                    self.text_keys(&mut text);
                    if !self.burst.swallows(&key) {
                        self.end_burst();
                        keys.push(key);
                    }
                }
                input => {
                    self.text_keys(&mut text);
                    self.keys(std::mem::take(&mut keys));
                    if matches!(input, Input::Mouse(_) | Input::Paste(_)) {
                        self.end_burst();
                    }
                    self.one_input(input);
                }
            }
        }
        self.text_keys(&mut text);
        self.keys(keys);
    }

    /// Takes these keys out and hands on what need not wait.
    fn text_keys(&mut self, keys: &mut Vec<KeyEvent>) {
        if keys.is_empty() {
            return;
        }
        let now = Instant::now().into_std();
        let at_once = self.burst.push(keys, self.model.is_typed_into(), now);
        keys.clear();
        self.keys(at_once);
    }

    /// Hands on the keys or the text of a burst.
    fn end_burst(&mut self) {
        match self.burst.end() {
            None => {}
            Some(Typed::Keys(keys)) => self.keys(keys),
            Some(Typed::Text { text, cut }) => {
                self.ask_tmux_at_times();
                let has_enter = text.ends_with('\n');
                self.feed(Msg::Paste(text));
                if cut {
                    self.say_cut();
                } else if has_enter && self.model.is_prompt_typed_into() {
                    self.feed(Msg::Notice("taken as pasted text; Enter sends it".to_owned()));
                }
            }
        }
    }

    fn say_cut(&mut self) {
        self.feed(Msg::Notice(
            "only the first 1 MB of the paste was taken".to_owned(),
        ));
    }

    fn keys(&mut self, keys: Vec<KeyEvent>) {
        if keys.is_empty() {
            return;
        }
        self.ask_tmux_at_times();
        self.panic_if_asked();
        self.feed(Msg::Keys(keys));
    }

    /// Ends the waiting for the rest of a sequence or of a burst.
    pub(super) fn overdue_input(&mut self, now: Instant) {
        // If bytes are here, only this machine was too busy to read them.
        let is_behind =
            |this: &Self| this.background.is_none() && (!this.bytes.is_empty() || this.device.has_input());
        if self.flush_at.is_some_and(|due| due <= now) {
            if is_behind(self) {
                self.flush_at = Some(now + LAG);
            } else {
                let mut inputs = Vec::new();
                self.lexer.flush(&mut |input| inputs.push(input));
                self.flush_at = self.lexer.wait().map(|wait| now + wait);
                self.inputs(inputs);
            }
        }
        if self.burst.due().is_some_and(|due| due <= now.into_std()) {
            if is_behind(self) {
                self.burst.wait_until(now.into_std() + LAG);
            } else {
                self.end_burst();
            }
        }
    }

    pub(super) fn one_input(&mut self, input: Input) {
        if matches!(input, Input::Mouse(_) | Input::Paste(_)) {
            self.ask_tmux_at_times();
        }
        match input {
            Input::Key(key) => self.keys(vec![key]),
            Input::Mouse(mouse) => self.feed(Msg::Mouse(mouse)),
            Input::Paste(text) => self.feed(Msg::Paste(text)),
            Input::Focus(gained) => {
                if gained {
                    let question = self.display.question_on_focus();
                    self.send(question);
                    self.ask_tmux();
                }
                self.feed(Msg::Focus(gained));
            }
            Input::Fact(fact) => {
                // The writer asks the same of the terminal to pace uploads; its answers are no facts.
                let paces = fact == tty::Fact::Ready && self.writer.acknowledge();
                if !paces {
                    self.learn(&fact);
                }
            }
        }
    }

    fn panic_if_asked(&self) {
        match self.panic.as_deref() {
            Some("key") => panic_now(),
            Some("worker") => drop(std::thread::spawn(panic_now)),
            _ => {}
        }
    }
}
