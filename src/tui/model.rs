//! The whole state of the terminal UI as plain data: no handle, no clock, no encoded picture.

use ratatui::layout::Size;

use super::consent::ProjectChoice;
use super::editor::Editor;
use super::files::Files;
use super::jobs::{Home, Job};
use super::looking::Looking;
use super::msg::{Ask, Doomed, JobId, Terminal, Weight};
use super::pixels::{PictureKey, Still, Subject, Want};
use super::search::Search;
use super::settings::{Picked, Picker, Provider, Settings};
use super::sheet::Sheet;
use super::transcript::Transcript;
use super::turns::Turns;
use crate::domain::{
    self, Cost, Image, Outline, Reference, SessionId, SessionSummary, Turn, TurnId, TurnStatus, TurnText,
};
use crate::error::{Error, Kind};
use crate::provider::capability::Catalog;

/// How often the time is wanted while something moves.
pub const TICK_MS: u64 = 100;

/// What the program knows when the UI opens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setup {
    pub now_ms: i64,
    /// Seconds east of UTC, for the days in the list of sessions.
    pub utc_offset_s: i32,
    pub size: Size,
    pub terminal: Terminal,
    /// The day it is, `YYYY-MM-DD`, for models that retire.
    pub today: String,
    /// What the first prompt is sent with.
    pub settings: Settings,
    /// What of them a project's file chose.
    pub project: Option<ProjectChoice>,
    /// What the user should know of them, in one line.
    pub notice: Option<String>,
    /// They were named on the command line, so the session that is opened at once does not bring its own.
    pub named: bool,
    /// Every provider that may be chosen, and those that only lack a key.
    pub providers: Vec<Provider>,
    /// What every model accepts and costs.
    pub catalog: Catalog,
    /// Why it opened on the demo and how to leave it, in one line.
    pub first_run: Option<String>,
    /// The session to open at once.
    pub session: Option<SessionId>,
    /// What the user should know of how the store was opened, a sentence each.
    pub notices: Vec<String>,
    /// Why nothing can be written to the store.
    pub read_only: Option<Error>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Focus {
    #[default]
    Prompt,
    Sessions,
    History,
    Picture,
    Thoughts,
}

/// What lies over the panes; it has the keys while it is there.
#[derive(Clone, Debug, PartialEq)]
pub enum Overlay {
    /// `scroll` is the first row shown.
    Help {
        scroll: usize,
        about: Focus,
    },
    Settings(Picker),
    /// The picker of reference pictures.
    Files(Files),
    /// Everything that is known of the error that stands there, or of a turn.
    Details {
        scroll: usize,
        about: Option<TurnId>,
    },
    /// A turn links to a picture, and the user wants it.
    Fetch(TurnId),
    /// The search over all sessions.
    Search(Search),
    /// All pictures of the session in small.
    Sheet(Sheet),
    /// The user wants this deleted.
    Delete(Doomed),
    /// A project's file makes the next prompt dearer, and the user wants to send it.
    Dearer,
    /// Something is not saved and the user wants to leave.
    Unsaved,
    /// Something runs and the user wants to leave.
    Quit,
    /// A picture is already arriving and the user wants to stop.
    Stop(JobId),
}

/// The list of sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sessions {
    pub list: Vec<SessionSummary>,
    pub cursor: Option<SessionId>,
    pub asked: Option<Ask>,
    /// An answer has come, so an empty list means that there are none.
    pub loaded: bool,
}

/// The session on screen. Without an id it is new: the store will name it with the first prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Open {
    pub id: Option<SessionId>,
    pub title: String,
    pub turns: Turns,
    pub selected: Option<TurnId>,
    pub text: Text,
    /// Counts new sessions, so that a turn that starts late does not land in a later one.
    pub epoch: u32,
    pub asked: Option<(Ask, SessionId)>,
    /// The turn to select once that session is there, where it is not the newest.
    pub wanted: Option<TurnId>,
}

/// The words of the selected turn, which its outline does not have. Those of a running turn are with its job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// What the store was asked for last.
    pub asked: Option<(Ask, TurnId)>,
    /// The turn whose words these are.
    pub known: Option<(TurnId, TurnText)>,
    /// Nothing can have changed in the store since they were read.
    pub is_fresh: bool,
}

/// Where the thoughts are scrolled to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    /// The end, as it grows.
    #[default]
    Tail,
    /// This row is the first shown.
    At(usize),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thoughts {
    /// What the user chose with the fold key; otherwise it is open while there is something to follow.
    pub open: Option<bool>,
    pub scroll: Scroll,
    /// What the pane shows, wrapped.
    pub transcript: Transcript,
}

/// What has been asked of the preview worker, and what it last said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preview {
    /// What is to be seen, the most important first: what the picture pane shows.
    pub wants: Vec<Want>,
    /// What was painted last for that pane and the turn it belongs to: it stays until the next of that turn can be
    /// shown.
    pub painted: Option<(TurnId, Subject)>,
    /// The same for the node that it is compared with.
    pub beside: Option<(TurnId, Subject)>,
    /// Rows painted of a picture that is arriving, of all its rows.
    pub rows: Option<(u32, u32)>,
    /// How much of the picture differs from the one that it is compared with, in thousandths.
    pub changed: Option<u16>,
    /// Why the picture asked for cannot be shown.
    pub problem: Option<Error>,
    /// The same for the node that it is compared with.
    pub beside_problem: Option<Error>,
}

/// Something that went wrong and has not been dismissed.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub error: Error,
    /// What it concerns, such as `#4 in red fox logo`; may be empty.
    pub about: String,
}

impl Problem {
    /// What the store says of itself at the start.
    fn of_store(sentence: String) -> Self {
        Self {
            error: Error::new(Kind::Store, sentence),
            about: String::new(),
        }
    }
}

/// The reference pictures of the next prompt.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct References {
    pub list: Vec<Reference>,
    /// Files that are being looked at, with the pasted text that each of them was, if it was.
    pub asked: Vec<(Ask, Option<String>)>,
}

/// What the next prompt would weigh on the wire, and what it would be instead of what was asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weighing {
    /// What was asked about; anything else needs another question.
    pub about: Option<Load>,
    pub asked: Option<Ask>,
    pub known: Option<Result<Weight, Error>>,
}

/// What makes a request heavy: where it grows from, how it is sent, and what it takes along.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    pub session: Option<SessionId>,
    pub parent: Option<TurnId>,
    pub settings: Settings,
    pub references: Vec<Reference>,
}

/// What this day has cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spending {
    pub asked: Option<Ask>,
    pub today: Option<Cost>,
}

/// Earlier prompts in the editor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recall {
    /// How many prompts back; 0 is what the user was typing.
    pub back: usize,
    /// What the user was typing.
    pub draft: String,
}

#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub struct Model {
    pub size: Size,
    pub now_ms: i64,
    pub utc_offset_s: i32,
    pub terminal: Terminal,
    pub focus: Focus,
    /// The terminal said that it has lost the focus.
    pub away: bool,
    pub overlay: Option<Overlay>,
    pub settings: Settings,
    pub settings_named: bool,
    /// The settings that were chosen for the next prompt.
    pub picked: Picked,
    /// The turn that the others were taken over from.
    pub grown_from: Option<TurnId>,
    /// A sentence for each of its settings that the model does not take.
    pub left_out: Vec<String>,
    /// `None` also once the user has consented to what it costs.
    pub project: Option<ProjectChoice>,
    pub providers: Vec<Provider>,
    pub catalog: Catalog,
    pub today: String,
    /// The question whether the chosen provider can be reached from here.
    pub route_asked: Option<Ask>,
    pub first_run: Option<String>,
    pub sessions: Sessions,
    pub open: Open,
    pub jobs: Vec<Job>,
    pub editor: Editor,
    pub recall: Recall,
    pub references: References,
    pub weighing: Weighing,
    pub spending: Spending,
    pub thoughts: Thoughts,
    pub left_folded: bool,
    pub looking: Looking,
    pub preview: Preview,
    pub notice: Option<String>,
    pub problems: Vec<Problem>,
    /// Turns whose pictures are held in memory, because they could not be saved.
    pub unsaved: Vec<Turn>,
    /// Why nothing can be written to the store.
    pub read_only: Option<Error>,
    /// Ctrl+C was the last key, on an empty prompt with nothing to stop: once more quits.
    pub leaving: bool,
    /// The last number given to a question or a job.
    pub last_number: u32,
}

impl Model {
    pub fn new(setup: Setup) -> Self {
        Self {
            size: setup.size,
            now_ms: setup.now_ms,
            utc_offset_s: setup.utc_offset_s,
            terminal: setup.terminal,
            first_run: setup.first_run,
            settings: setup.settings,
            settings_named: setup.named,
            project: setup.project,
            notice: setup.notice,
            providers: setup.providers,
            catalog: setup.catalog,
            today: setup.today,
            problems: setup.notices.into_iter().map(Problem::of_store).collect(),
            read_only: setup.read_only,
            ..Self::default()
        }
    }

    /// Whether time must be told: only while something moves.
    pub fn needs_tick(&self) -> bool {
        !self.jobs.is_empty()
    }

    pub fn next_ask(&mut self) -> Ask {
        self.last_number += 1;
        Ask(self.last_number)
    }

    pub fn next_job(&mut self) -> JobId {
        self.last_number += 1;
        JobId(self.last_number)
    }

    /// The job that works on this turn.
    pub fn job_of(&self, turn: &TurnId) -> Option<&Job> {
        let is_it = |job: &&Job| job.turn.as_ref().is_some_and(|running| running.id == *turn);
        self.jobs.iter().find(is_it)
    }

    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    pub fn job_mut(&mut self, id: JobId) -> Option<&mut Job> {
        self.jobs.iter_mut().find(|job| job.id == id)
    }

    /// A turn of the open session; what its job has heard outranks what the store last said.
    pub fn turn(&self, id: &TurnId) -> Option<&Turn> {
        let running = self.job_of(id).and_then(|job| job.turn.as_ref());
        running.or_else(|| self.open.turns.find(id))
    }

    /// The turn at this place of the open session; what its job has heard outranks what the store last said.
    pub fn at(&self, place: usize) -> Option<&Turn> {
        let turn = self.open.turns.get(place)?;
        let running = self.job_of(&turn.id).and_then(|job| job.turn.as_ref());
        Some(running.unwrap_or(turn))
    }

    /// What a turn of the open session thought and said, where it is known: of a running turn, and of the selected one.
    pub fn text_of(&self, id: &TurnId) -> Option<&TurnText> {
        let running = self.job_of(id).filter(|job| !job.is_afterwards());
        let known = self.open.text.known.as_ref().filter(|(turn, _)| turn == id);
        running.map(|job| &job.text).or(known.map(|(_, text)| text))
    }

    /// The selected node: it drives Picture and Thoughts, and the next prompt grows from it.
    pub fn selected(&self) -> Option<&Turn> {
        self.open.selected.as_ref().and_then(|id| self.turn(id))
    }

    /// The turn that the next prompt grows from: the selected one, or its nearest ancestor that has an answer.
    pub fn base(&self) -> Option<&Turn> {
        let mut turn = self.selected()?;
        while !can_continue(turn) && self.job_of(&turn.id).is_none() {
            turn = self.turn(turn.parent.as_ref()?)?;
        }
        Some(turn)
    }

    /// The job that a user means by "the running one": of the selected turn, else the latest of this session. What runs
    /// in other sessions is never meant, because it is not in sight.
    pub fn current_job(&self) -> Option<&Job> {
        let of_selected = self.open.selected.as_ref().and_then(|id| self.job_of(id));
        let here = || self.jobs.iter().rev().find(|job| self.is_here(job));
        of_selected.or_else(here)
    }

    /// Whether the job belongs to the session on screen.
    pub fn is_here(&self, job: &Job) -> bool {
        match &job.home {
            Home::Session(id) => self.open.id.as_ref() == Some(id),
            Home::Unborn(epoch) => self.open.id.is_none() && self.open.epoch == *epoch,
        }
    }

    /// The picture to show, with the turn it belongs to: what is arriving, else what stands for the selected turn.
    pub fn picture(&self) -> Option<(&TurnId, PictureKey)> {
        let turn = self.selected()?;
        let growing = self.job_of(&turn.id).and_then(|job| job.growing.as_ref());
        let key = match growing {
            Some(growing) => PictureKey::Growing(growing.path.clone()),
            None => PictureKey::Stored(still(turn.picture()?)),
        };
        Some((&turn.id, key))
    }
}

/// A picture of the library, to be shown.
pub fn still(image: &Image) -> Still {
    Still {
        path: image.path.clone(),
        hash: image.sha256.clone(),
    }
}

impl From<Outline> for Open {
    /// The newest turn is selected: what a user who comes back wants to see and continue.
    fn from(session: Outline) -> Self {
        Self {
            selected: session.turns.last().map(|turn| turn.id.clone()),
            id: Some(session.id),
            title: session.title,
            turns: session.turns.into(),
            text: Text::default(),
            epoch: 0,
            asked: None,
            wanted: None,
        }
    }
}

/// Whether a prompt can grow from it: it has an answer, or at least a picture of one.
pub fn can_continue(turn: &Turn) -> bool {
    let has_picture = || {
        turn.parts
            .iter()
            .any(|part| matches!(part, domain::Part::Image { .. }))
    };
    turn.status == TurnStatus::Finished || has_picture()
}
