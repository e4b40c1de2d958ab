//! The screen: drawing, and everything after which it has to be drawn anew.

use ratatui::layout::Size;
use tokio::time::Instant;

use super::{End, Loop, Remains};
use crate::tty::{self, Signal};
use crate::tui::msg::Msg;
use crate::tui::view;

impl Loop {
    pub(super) fn draw(&mut self) {
        let (model, pixels) = (&self.model, self.display.pixels());
        let drawn = self.canvas.draw(|frame| view::view(model, pixels, frame));
        let drawn = drawn.unwrap_or_else(|never| match never {});
        if self.display.encoding().protocol.is_strips() {
            self.frame = drawn.buffer.clone();
        }
        self.display.look(drawn.buffer);
        let mut bytes = self.canvas.backend_mut().take_frame().unwrap_or_default();
        self.make_way();
        if !self.is_uploading() {
            bytes.extend(self.display.place());
            bytes.append(&mut self.after_frame);
        }
        self.follow();
        let farewell = [self.display.farewell(), self.helper.farewell()].concat();
        self.guard.set_farewell(farewell);
        self.dirty = false;
        self.drawn = Some(Instant::now());
        if !bytes.is_empty() {
            self.writer.frame(bytes);
        }
        self.next_errand();
    }

    pub(super) fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Resize => {
                // It may be that another terminal was attached.
                self.ask_tmux();
                self.resize();
            }
            Signal::Suspend => self.suspend(),
            Signal::Continue => {
                if self.guard.continued() || self.background.is_some() {
                    self.come_back();
                }
            }
            Signal::HangUp => self.end = Some(End::Detached),
            Signal::Terminate | Signal::Interrupt | Signal::Quit => {
                self.end = Some(End::Killed(signal.exit_code().unwrap_or(1)));
            }
        }
    }

    pub(super) fn resize(&mut self) {
        let window = self.device.window();
        self.canvas.backend_mut().resize(window);
        let changed = self.display.resize(window);
        // ratatui wipes the screen before the next frame, and some terminals move pictures about.
        self.cancel_uploads();
        let bytes = self.display.wiped();
        self.send(bytes);
        self.feed(Msg::Resize(Size::new(window.columns, window.rows)));
        if changed {
            self.start_over();
        }
    }

    /// Pictures are made otherwise from now on: those at hand are of no use.
    pub(super) fn start_over(&mut self) {
        self.cancel_uploads();
        let bytes = self.display.forget_pictures();
        self.send(bytes);
        self.mind_symbols();
        self.feed(Msg::Terminal(self.display.terminal()));
    }

    /// Pieces of pictures are text to some terminals and not to others, and so it is with joined emoji.
    pub(super) fn mind_symbols(&mut self) {
        let screen = self.canvas.backend_mut();
        let other_pieces = screen.set_placeholders(self.display.knows_placeholders());
        let other_emoji = screen.set_joins(self.display.terminal_facts().0.joins_emoji());
        if other_pieces || other_emoji {
            self.canvas.clear().unwrap_or_else(|never| match never {});
            // What was put up beside the text goes with it.
            self.cancel_uploads();
            let bytes = self.display.wiped();
            self.send(bytes);
            self.dirty = true;
        }
    }

    /// Draws everything anew and asks the terminal again: it may be another one.
    pub(super) fn redraw(&mut self) {
        self.helper.forget();
        self.canvas.backend_mut().forget();
        self.canvas.clear().unwrap_or_else(|never| match never {});
        self.start_over();
        let question = self.display.question();
        self.ask_tmux();
        self.writer.send(question);
        self.resize();
    }

    pub(super) fn suspend(&mut self) {
        if !tty::guard::can_suspend() {
            let why = "There is no shell to come back from a suspension";
            return self.feed(Msg::Notice(why.to_owned()));
        }
        self.reader.pause();
        self.cancel_uploads();
        self.writer.drain();
        self.guard.leave();
        match self.shell.running() {
            0 => {}
            1 => (self.note)(
                "tintype: one generation stops as well, and a long stop may cut its stream; `fg` goes on",
            ),
            count => (self.note)(&format!(
                "tintype: {count} generations stop as well, and a long stop may cut their streams; `fg` goes on"
            )),
        }
        self.guard.suspend();
        self.come_back();
    }

    /// After a stop, and whenever it is looked again: the terminal is taken, if it is ours. In the background nothing is
    /// done to it; what runs goes on. Where no shell is left, nobody can give the terminal back to us.
    pub(super) fn come_back(&mut self) {
        match self.guard.enter_again() {
            Ok(true) => {
                self.background = None;
                self.reader.resume();
                self.redraw();
            }
            Ok(false) if tty::foreground::has_shell() => {
                if self.background.is_none() {
                    self.reader.pause();
                    self.cancel_uploads();
                }
                self.background = Some(Instant::now() + tty::foreground::LOOK);
            }
            Ok(false) | Err(_) => self.end = Some(End::Detached),
        }
    }

    /// Gives the terminal back, and what runs its head or its end. Signals that came meanwhile are not lost.
    pub(super) fn leave(mut self, end: End) -> Remains {
        self.cancel_uploads();
        self.shell.leave(end.finishes());
        self.writer.shutdown();
        self.guard.leave();
        Remains {
            signals: self.signals,
            shell: self.shell,
            notes: self.notes,
        }
    }
}
