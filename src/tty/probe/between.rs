//! Finds out who stands between the program and the terminal: the environment's word holds only until the first answers have
//! come. `TMUX` is left over in a terminal that was started from within tmux, and in a GNU screen; it is missing where
//! ssh was called inside tmux.

use super::name::Known;
use super::question::Form;
use super::{Facts, Hints};

/// The device number (DA2) of tmux, of no other; before version 2 it was 0.
const TMUX: u16 = 84;
/// The device number of GNU screen.
const SCREEN: u16 = 83;
/// The answers of tmux to DA1: a VT100, with sixel where it was built so.
const ATTRIBUTES: [&[u16]; 2] = [&[1, 2], &[1, 2, 4]];

impl Facts {
    /// Returns whether a tmux is in between: by its own word, or by the terminal's, or, until either has come, by the
    /// environment's.
    pub fn is_tmux(&self) -> bool {
        self.tmux
    }

    /// Returns whether it is GNU screen, by its own word: it makes other colours of 16 million unless it is told not to.
    pub(super) fn is_screen(&self) -> bool {
        self.device == Some(SCREEN)
    }

    /// Returns whether the `tmux` command can tell of it: it runs on this machine.
    pub fn has_tmux_command(&self, hints: &Hints) -> bool {
        self.tmux && hints.tmux
    }

    /// The first questions are answered: whoever is next to the program has said who it is. tmux answers what it is
    /// asked itself before it hands anything on, so all that has come by now is its word, or there is no tmux.
    pub(super) fn settle_between(&mut self) {
        if std::mem::replace(&mut self.settled, true) {
            return;
        }
        let is_tmux = self.multiplexer.is_some()
            || self.device == Some(TMUX)
            || self.tmux
                && self.outer.name.is_none()
                && self.device.is_none_or(|device| device == 0)
                && (self.attributes.is_empty() || ATTRIBUTES.contains(&&*self.attributes));
        if !is_tmux {
            // It told of a terminal that shows something else.
            self.client = None;
        }
        self.tmux = is_tmux;
    }

    /// Returns whether a string that the terminal does not know is printed as text, or as `screen` does, handed on as such; or
    /// may be, as long as it is not known who that is.
    pub fn prints_strings(&self, hints: &Hints) -> bool {
        if self.tmux && self.settled {
            return false;
        }
        let is_known = self.name().and_then(Known::by).is_some();
        hints.passes_no_pictures() || !is_known && (hints.screen || hints.program == "Apple_Terminal")
    }

    /// Returns the questions that the terminal can be asked by now. When this changes, it is to be asked again.
    pub fn form(&self, hints: &Hints) -> Form {
        if self.prints_strings(hints) {
            Form::Controls
        } else if self.tmux {
            Form::Tmux
        } else {
            Form::Direct
        }
    }
}
