//! What can happen to the terminal UI, as data. It carries no handle: every answer names its question instead.

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};
use ratatui::layout::Size;

use super::files::Listing;
use super::pixels::{CellSize, ColourDepth, Subject};
use super::search::Hit;
use crate::domain::{
    Cost, Image, Outline, Reference, SessionId, SessionSummary, Turn, TurnId, TurnText, Usage,
};
use crate::error::{Error, Result};

/// One question to the store or to the preview worker. Its answer carries it back; an answer to anything but the
/// latest question of its kind is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ask(pub u32);

/// One generation that this program started, from before its turn has a name until its last event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u32);

/// Everything that `update` can be told.
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// Keys in their order, all that came at once.
    Keys(Vec<KeyEvent>),
    Mouse(MouseEvent),
    /// A bracketed paste, as it came.
    Paste(String),
    /// The terminal gained or lost the focus.
    Focus(bool),
    Resize(Size),
    /// The time, in milliseconds since 1970. It comes first in every batch of messages, and every
    /// [`super::model::TICK_MS`] while [`super::model::Model::needs_tick`] says so.
    Tick(i64),
    /// What the terminal turned out to be able to show.
    Terminal(Terminal),
    Job(JobId, JobEvent),
    /// Answers `Effect::LoadSessions`.
    Sessions {
        ask: Ask,
        result: Result<Vec<SessionSummary>>,
    },
    /// Answers `Effect::OpenSession`.
    Session {
        ask: Ask,
        result: Result<Box<Outline>>,
    },
    /// Answers `Effect::LoadText`; `None` where the turn is gone.
    Text {
        ask: Ask,
        result: Result<Option<TurnText>>,
    },
    /// Answers `Effect::Show`, any number of times: `Pixels` now holds something new for that.
    Preview {
        subject: Subject,
        paint: Paint,
    },
    /// Answers `Effect::Route`: whether the provider can be asked from here, and what the user should know of that.
    Routed {
        ask: Ask,
        result: Result<Option<String>>,
    },
    /// Answers `Effect::Look`.
    Looked {
        ask: Ask,
        result: Result<Reference>,
    },
    /// Answers `Local::PastePicture`, and comes of a paste that was a picture.
    Pasted(Result<Reference>),
    /// Answers `Effect::ListFolder`.
    Folder {
        ask: Ask,
        result: Result<Listing>,
    },
    /// Answers `Effect::Weigh`.
    Weighed {
        ask: Ask,
        result: Result<Weight>,
    },
    /// Answers `Effect::LoadSpending`.
    Spent {
        ask: Ask,
        result: Result<Cost>,
    },
    /// Another process has written to the store.
    StoreChanged,
    /// Answers `Effect::Recover`: what earlier runs had left behind, now in the store, and what could not be recovered.
    Recovered {
        turns: Vec<Turn>,
        problems: Vec<Error>,
    },
    /// Answers `Effect::Search`.
    Hits {
        ask: Ask,
        result: Result<Vec<Hit>>,
    },
    /// Answers `Effect::Delete` with how many turns went.
    Deleted {
        what: Doomed,
        result: Result<u32>,
    },
    /// Answers `Effect::Undo`; `None` where nothing was deleted.
    Restored(Result<Option<Restored>>),
    /// A word for the status line; the next key clears it.
    Notice(String),
    /// Something failed that belongs to no generation; it stays until it is dismissed.
    Problem(Error),
}

/// What a running generation says.
#[derive(Clone, Debug, PartialEq)]
pub enum JobEvent {
    /// The store has given the turn its name and number, and its session where that was new.
    Started(Box<Turn>),
    /// What the user should know before the request goes out.
    Notice(String),
    /// It is sent again after the wait; see `engine::Event::Retry`.
    Retry {
        attempt: u32,
        of: u32,
        wait_ms: u64,
        error: Box<Error>,
    },
    /// It waits because the provider asked another one to.
    Paused {
        wait_ms: u64,
    },
    Thought(String),
    Text(String),
    /// A picture has begun to arrive in `path`; whether it is a draft is known when it ends.
    PictureBegan {
        picture: u32,
        path: PathBuf,
    },
    Progress(Progress),
    PictureEnded {
        picture: u32,
        image: Image,
    },
    Usage(Usage),
    /// The turn as the store keeps it; the last event.
    Finished(Box<Turn>),
    /// The turn with its `error`; the last event.
    Failed(Box<Turn>),
    /// The turn with its `error`, and its picture is held in memory until it can be saved; the last event.
    Unsaved(Box<Turn>),
    /// It never became a turn (no key, a request that the model table refuses, a store that cannot write); the last
    /// event.
    Refused(Error),
}

/// How far a generation has come; only the latest counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the answer so far.
    pub received: u64,
}

/// What is to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doomed {
    Session(SessionId),
    /// With everything that grew from it.
    Turn(TurnId),
}

/// What came back from the trash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub session: SessionSummary,
    pub turns: u32,
    /// The session itself had been deleted.
    pub whole: bool,
}

/// A request as it would go out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Bytes of its body.
    pub bytes: u64,
    /// What it is instead of what was asked for, a sentence each.
    pub notices: Vec<String>,
}

/// What became of a preview.
#[derive(Clone, Debug, PartialEq)]
pub enum Paint {
    /// `Pixels` holds it.
    Painted {
        /// Of a picture that is still arriving, the rows painted so far of all its rows.
        rows: Option<(u32, u32)>,
        /// Of a difference, how much of the picture it is, in thousandths.
        changed: Option<u16>,
    },
    /// The bytes cannot be shown; the file is kept all the same.
    Failed(Error),
}

/// What the terminal can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub colours: ColourDepth,
    /// Pictures can be shown at all (`--preview off` says no).
    pub pictures: bool,
    /// The pixels of a cell.
    pub cell: CellSize,
    /// Cells of two pictures can stand side by side, so that one picture can be wiped over another.
    pub mixes: bool,
    /// Why pictures are not sharper, in a few words; shown beside the picture's facts.
    pub why: Option<String>,
}

impl Default for Terminal {
    fn default() -> Self {
        Self {
            colours: ColourDepth::True,
            pictures: true,
            cell: CellSize::default(),
            mixes: true,
            why: None,
        }
    }
}
