//! What `update` wants done, as data. `shell` performs it; nothing here does anything.

use std::path::PathBuf;

use super::msg::{Ask, Doomed, JobId};
use super::pixels::Want;
use crate::domain::{Mime, Request, SessionId, TurnId};

/// One deed for the shell.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Start a generation for each job and report it as `Msg::Job(job, …)`. Without a session, the store makes one for
    /// all of them that is titled by the prompt.
    Send {
        jobs: Vec<JobId>,
        session: Option<SessionId>,
        parent: Option<TurnId>,
        request: Box<Request>,
    },
    /// Download what this turn links to; reported like a generation.
    Fetch { job: JobId, turn: TurnId },
    /// Save what is held in memory because it could not be saved; reported like a generation.
    SaveAgain { job: JobId, turn: TurnId },
    /// Tell `Msg::StoreChanged` whenever another process has written to the store.
    Watch,
    /// Recover what earlier runs have left behind, and tidy up; answer with `Msg::Recovered`.
    Recover,
    /// Search all sessions, once questions of this kind have ceased for a moment; answer with `Msg::Hits`.
    Search { ask: Ask, words: String },
    /// Move it to the trash; answer with `Msg::Deleted`.
    Delete { what: Doomed },
    /// Bring back what was deleted last; answer with `Msg::Restored`.
    Undo,
    /// Cancel it: what has come is kept as a cancelled turn. Its later events are dropped by `update`.
    Stop { job: JobId },
    /// List the sessions, newest first; answer with `Msg::Sessions`.
    LoadSessions { ask: Ask },
    /// Read one session with the outlines of all its turns; answer with `Msg::Session`.
    OpenSession { ask: Ask, id: SessionId },
    /// Read what a turn thought and said, or the end of it; answer with `Msg::Text`.
    LoadText { ask: Ask, turn: TurnId },
    /// Make sure that this provider can be asked, which may run a key command or start the demo; answer with `Msg::Routed`.
    Route { ask: Ask, provider: String },
    /// Take in a file that is to go along; answer with `Msg::Looked`. `~` is the user's home.
    Look { ask: Ask, path: PathBuf },
    /// Read a folder, as it was typed; answer with `Msg::Folder`. Empty is where the program was started.
    ListFolder { ask: Ask, folder: String },
    /// Put this request together without sending it, once questions of this kind have ceased for a moment; answer with
    /// `Msg::Weighed`.
    Weigh {
        ask: Ask,
        session: Option<SessionId>,
        parent: Option<TurnId>,
        request: Box<Request>,
    },
    /// Add up what has been spent since then; answer with `Msg::Spent`.
    LoadSpending { ask: Ask, since_ms: i64 },
    /// Show just these, the most important first, instead of what was wanted before: put each into `Pixels` and say so
    /// with `Msg::Preview`. A growing picture is painted again as it grows. Requests come in bursts while a list is
    /// scrolled or the window is resized: what is quick to make is shown at once, the rest when they have settled.
    Show(Vec<Want>),
    /// Do something on the machine of the terminal, which may be another one.
    Local(Local),
    /// Forget what the terminal shows, ask it again what it can do, draw everything.
    Redraw,
    /// Give the terminal back and stop the process until it is continued; then as `Redraw`.
    Suspend,
    /// Leave. What still runs is finished in the background, or cancelled.
    Quit { finish: bool },
}

/// What the terminal is to do for its user, where it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Local {
    /// Put this picture on the clipboard, or else its path.
    Copy { path: PathBuf, mime: Mime },
    /// Save this picture there.
    Download { path: PathBuf },
    /// Hand over the picture on the clipboard; answer with `Msg::Pasted`.
    PastePicture,
    /// Say this, for nobody looks.
    Notify(String),
}
