//! What the terminal does for its user beside showing: clipboard, downloads, notifications, progress. It makes bytes and
//! writes none, and each of them only for a terminal that is known to understand it.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Note, Shell};
use crate::domain::Mime;
use crate::engine::{self, Origin};
use crate::error::{Error, Kind, reason};
use crate::graphics::READABLE;
use crate::graphics::kitty::Wrap;
use crate::tty::pasting::Pasting;
use crate::tty::{Facts, Hints, osc, tmux};
use crate::tui::msg::Msg;

/// What the terminal was made to show and do, to be taken back in the end.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting or a state of its own"
)]
pub(crate) struct Helper {
    notify: bool,
    progress: bool,
    remote: bool,
    /// The progress that it shows, and in what that was wrapped.
    shown: Option<Wrap>,
    /// It tells of pastes instead of typing them.
    events: bool,
    pub(crate) pasting: Pasting,
}

impl Helper {
    pub(crate) fn new(notify: bool, progress: bool, remote: bool) -> Self {
        Self {
            notify,
            progress,
            remote,
            shown: None,
            events: false,
            pasting: Pasting::default(),
        }
    }

    /// What is to be sent so that the terminal shows whether something runs, and tells of pastes.
    pub(crate) fn follow(&mut self, facts: &Facts, running: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        let way = facts
            .way_out()
            .filter(|_| self.progress && running && facts.shows_progress());
        match (self.shown, way) {
            (None, Some(wrap)) => bytes.extend(osc::progress(osc::Progress::Running, wrap)),
            (Some(wrap), None) => bytes.extend(osc::progress(osc::Progress::None, wrap)),
            _ => {}
        }
        self.shown = way;
        // Inside tmux the terminal would tell every pane of its pastes, and none but ours would understand.
        let events = facts.copies_pictures() && facts.way_out() == Some(Wrap::None);
        if events != self.events {
            bytes.extend(osc::paste_events(events, Wrap::None));
            self.events = events;
        }
        bytes
    }

    /// What takes that back.
    pub(crate) fn farewell(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Some(wrap) = self.shown {
            bytes.extend(osc::progress(osc::Progress::None, wrap));
        }
        if self.events {
            bytes.extend(osc::paste_events(false, Wrap::None));
        }
        bytes
    }

    /// The terminal has been given back in between.
    pub(crate) fn forget(&mut self) {
        self.shown = None;
        self.events = false;
        self.pasting = Pasting::default();
    }

    /// Says something to a user who looks elsewhere.
    pub(crate) fn notification(&self, facts: &Facts, words: &str) -> Vec<u8> {
        if !self.notify {
            return Vec::new();
        }
        let told = facts.notifier().zip(facts.way_out());
        let mut bytes = told.map_or(Vec::new(), |(notifier, wrap)| {
            osc::notification(notifier, "tintype", words, wrap)
        });
        // tmux marks the window that rang, whoever looks at another one.
        if facts.is_tmux() || told.is_none() {
            bytes.push(0x07);
        }
        bytes
    }

    /// How the picture gets to the user's machine where the terminal takes no files.
    pub(crate) fn by_hand(&self, path: &Path) -> String {
        if self.remote {
            let host = rustix::system::uname();
            let host = host.nodename().to_string_lossy();
            let quoted = path.to_string_lossy().replace('\'', "'\\''");
            format!("this terminal takes no files; there: scp {host}:'{quoted}' .")
        } else {
            format!("it is on this machine: {}", path.display())
        }
    }
}

impl Shell {
    /// Puts the picture on the user's clipboard, or else its path; the bytes are for the terminal, and with them what
    /// the user is told.
    pub(crate) fn copy(
        &self,
        facts: &Facts,
        hints: &Hints,
        path: PathBuf,
        mime: Mime,
    ) -> Option<(Vec<u8>, String)> {
        if let Some(wrap) = facts.way_out().filter(|_| facts.copies_pictures()) {
            self.carry(path, "copying the picture", move |_, bytes| {
                osc::copy(mime.as_str(), &bytes, wrap)
            });
            return None;
        }
        let text = path.to_string_lossy().into_owned();
        if facts.has_tmux_command(hints) {
            let inbox = self.inbox.clone();
            tokio::task::spawn_blocking(move || {
                let words = match tmux::copy(&text) {
                    Ok(()) => "copied the path".to_owned(),
                    Err(error) => format!("the path was not copied: {}", reason(&error)),
                };
                // A loop that has ended wants no answer.
                let _ = inbox.send(Note::Msg(Msg::Notice(words)));
            });
            return None;
        }
        if facts.prints_strings(hints) {
            return Some((Vec::new(), format!("no clipboard is known here: {text}")));
        }
        let Some(bytes) = osc::clipboard(&text, Wrap::None) else {
            return Some((Vec::new(), format!("no clipboard takes so long a path: {text}")));
        };
        let words = if facts.takes_clipboard() {
            "copied the path".to_owned()
        } else {
            format!("copied, if the terminal lets it: {text}")
        };
        Some((bytes, words))
    }

    /// Saves the picture on the machine of the terminal.
    pub(crate) fn download(&self, path: PathBuf, parts: bool, wrap: Wrap) {
        self.carry(
            path,
            "downloading the picture; the terminal asks first",
            move |name, bytes| osc::download(name, &bytes, parts, wrap),
        );
    }

    fn carry(
        &self,
        path: PathBuf,
        words: &'static str,
        pieces: impl FnOnce(&str, Vec<u8>) -> Vec<Vec<u8>> + Send + 'static,
    ) {
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let note = match contents(&path) {
                Ok(bytes) => Note::Carry(pieces(&name, bytes), words.to_owned()),
                Err(error) => {
                    let message = format!("Cannot read {}: {}", path.display(), reason(&error));
                    let hint = "The session still lists it; put the file back";
                    Note::Msg(Msg::Problem(Error::new(Kind::Store, message).hint(hint)))
                }
            };
            // A loop that has ended wants no answer.
            let _ = inbox.send(note);
        });
    }

    /// Keeps a picture that came from the clipboard.
    pub(crate) fn pasted(&self, bytes: Vec<u8>) {
        let how = self.attaching;
        self.ask(move |store| Msg::Pasted(engine::attach_bytes(store, &bytes, Origin::Clipboard, how)));
    }
}

fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(READABLE).read_to_end(&mut bytes)?;
    Ok(bytes)
}
