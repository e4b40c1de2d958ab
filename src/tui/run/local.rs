//! The terminal's help for its user: what was asked for is sent to it, and what it hands over goes where it belongs.

use super::Loop;
use crate::graphics::kitty::Wrap;
use crate::tty::pasting::Step;
use crate::tui::effect::Local;
use crate::tui::msg::Msg;

impl Loop {
    pub(super) fn local(&mut self, deed: Local) {
        let (facts, hints) = self.display.terminal_facts();
        let (facts, hints) = (facts.clone(), hints.clone());
        match deed {
            Local::Copy { path, mime } => {
                if let Some((bytes, words)) = self.shell.copy(&facts, &hints, path, mime) {
                    self.send(bytes);
                    self.feed(Msg::Notice(words));
                }
            }
            Local::Download { path } => {
                if let Some(wrap) = facts.way_out().filter(|_| facts.downloads(&hints)) {
                    self.shell.download(path, facts.takes_parts(), wrap);
                } else {
                    let words = self.helper.by_hand(&path);
                    self.feed(Msg::Notice(words));
                }
            }
            Local::PastePicture => {
                let words = if let Some(wrap) = facts.way_out().filter(|_| facts.copies_pictures()) {
                    let question = self.helper.pasting.picture(wrap);
                    self.send(question);
                    "asking for the picture on your clipboard"
                } else {
                    "this terminal hands over no pictures; Ctrl+Shift+V, or its own key, pastes text and paths"
                };
                self.feed(Msg::Notice(words.to_owned()));
            }
            Local::Notify(words) => {
                let bytes = self.helper.notification(&facts, &words);
                self.send(bytes);
            }
        }
    }

    /// The terminal tells of its clipboard.
    pub(super) fn clipboard(&mut self, packet: &str) {
        let wrap = self.display.terminal_facts().0.way_out().unwrap_or(Wrap::None);
        match self.helper.pasting.take(packet, wrap) {
            Step::Wait => {}
            Step::Ask(bytes) => self.send(bytes),
            Step::Text(text) => self.feed(Msg::Paste(text)),
            Step::Picture(bytes) => self.shell.pasted(bytes),
            Step::Copied => self.feed(Msg::Notice("copied the picture".to_owned())),
            Step::Refused(why) => self.feed(Msg::Notice(why.to_owned())),
        }
    }

    /// A file goes out between frames, as pictures do.
    pub(super) fn carry(&mut self, pieces: Vec<Vec<u8>>, words: String) {
        self.last_carried = self.last_carried.wrapping_sub(1);
        self.writer.upload(self.last_carried, pieces);
        self.feed(Msg::Notice(words));
    }

    /// What the terminal is to show beside the panes by now.
    pub(super) fn follow(&mut self) {
        let running = !self.model.jobs.is_empty();
        let bytes = self.helper.follow(self.display.terminal_facts().0, running);
        self.send(bytes);
    }
}
