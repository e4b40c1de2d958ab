//! Performs effects: starts generations, asks the store, makes previews. It owns the tasks and their handles, and
//! decides nothing: what comes of an effect goes back to the model as a message.
#![expect(
    clippy::disallowed_methods,
    reason = "the shell starts the tasks of the UI, reads pictures for it, and tells it the time"
)]

mod cache;
mod darkroom;
pub(super) mod desk;
pub(super) mod display;
pub(super) mod errands;
mod folder;
mod gallery;
mod growing;
mod jobs;
pub(super) mod keeping;
pub(super) mod local;
pub(super) mod placer;
pub(super) mod preview;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use self::cache::Cache;
use self::desk::{Desk, Sketches};
use self::errands::{Errand, Errands, Letter};
use self::preview::{Encoding, Preview};
use super::effect::{Effect, Local};
use super::msg::{Ask, JobId, Msg};
use super::pixels::Want;
use crate::domain::SessionId;
use crate::engine::{self, Attaching, Engine, Leash};
use crate::error::{Error, Kind, Result};
use crate::store::{Store, Watch};
use crate::tty::{Fact, tmux};

pub use self::errands::{Limits, Route, Routes};

/// How many sessions the list asks for.
const SESSIONS: u32 = 500;

/// What comes back from the shell's tasks.
#[derive(Debug)]
pub(super) enum Note {
    Msg(Msg),
    Preview(Preview),
    /// The way to a provider, or why there is none.
    Route(String, Result<Route>),
    /// What somebody other than the terminal says of it.
    Fact(Fact),
    /// Whole sequences for the terminal, many of them, and what is said when they are on their way.
    Carry(Vec<Vec<u8>>, String),
}

/// What an effect asks of the loop itself, which has the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Local(Local),
    Redraw,
    Suspend,
    Quit {
        finish: bool,
    },
    /// Show these; the loop knows what the terminal can show and holds already.
    Show(Vec<Want>),
}

/// The performer of effects.
#[derive(Debug)]
pub(super) struct Shell {
    store: Store,
    engine: Engine,
    errands: Errands,
    inbox: mpsc::UnboundedSender<Note>,
    leashes: HashMap<JobId, Leash>,
    attaching: Attaching,
    desk: Desk,
    grown: watch::Sender<u64>,
    searching: Option<AbortHandle>,
    reading: Option<AbortHandle>,
    watch: Arc<Mutex<Option<Watch>>>,
}

impl Shell {
    pub(super) fn new(
        store: Store,
        engine: Engine,
        errands: Errands,
        inbox: mpsc::UnboundedSender<Note>,
        cache_dir: &Path,
        attaching: Attaching,
    ) -> Self {
        let desk = Desk::new(inbox.clone(), Cache::new(cache_dir));
        Self {
            store,
            engine,
            errands,
            inbox,
            leashes: HashMap::new(),
            attaching,
            desk,
            grown: watch::Sender::new(0),
            searching: None,
            reading: None,
            watch: Arc::default(),
        }
    }

    /// Performs one effect, or says what the loop has to do for it.
    pub(super) fn perform(&mut self, effect: Effect) -> Option<Deed> {
        match effect {
            Effect::Send {
                jobs,
                session,
                parent,
                request,
            } => {
                let letter = Letter {
                    session,
                    parent,
                    request: *request,
                };
                self.run(Errand::Send { jobs, letter });
            }
            Effect::Weigh {
                ask,
                session,
                parent,
                request,
            } => {
                let letter = Letter {
                    session,
                    parent,
                    request: *request,
                };
                self.run(Errand::Weigh { ask, letter });
            }
            Effect::Local(local) => return Some(Deed::Local(local)),
            Effect::Route { ask, provider } => self.run(Errand::Ask { ask, provider }),
            Effect::Fetch { job, turn } => {
                let fetching = self.engine.fetch(turn, self.errands.endpoints());
                self.follow(job, fetching);
            }
            Effect::Watch
            | Effect::Recover
            | Effect::SaveAgain { .. }
            | Effect::Search { .. }
            | Effect::LoadText { .. }
            | Effect::Delete { .. }
            | Effect::Undo => self.keep(effect),
            Effect::Stop { job } => {
                self.errands.cancel(job);
                drop(self.leashes.remove(&job));
            }
            Effect::Look { ask, path } => self.attach(ask, path),
            Effect::ListFolder { ask, folder } => self.ask(move |_| Msg::Folder {
                ask,
                result: folder::list(&folder),
            }),
            Effect::LoadSpending { ask, since_ms } => self.ask(move |store| Msg::Spent {
                ask,
                result: store.spent_since(since_ms),
            }),
            Effect::LoadSessions { ask } => {
                self.ask(move |store| Msg::Sessions {
                    ask,
                    result: store.recent(SESSIONS),
                });
            }
            Effect::OpenSession { ask, id } => self.ask(move |store| {
                let found = store
                    .outline(&id)
                    .and_then(|session| session.ok_or_else(|| gone(&id)));
                Msg::Session {
                    ask,
                    result: found.map(Box::new),
                }
            }),
            Effect::Show(wants) => return Some(Deed::Show(wants)),
            Effect::Redraw => return Some(Deed::Redraw),
            Effect::Suspend => return Some(Deed::Suspend),
            Effect::Quit { finish } => return Some(Deed::Quit { finish }),
        }
        None
    }

    /// Takes in a file that is to go along.
    fn attach(&self, ask: Ask, path: PathBuf) {
        let how = self.attaching;
        self.ask(move |store| Msg::Looked {
            ask,
            result: engine::attach(store, path.as_os_str(), how),
        });
    }

    fn follow(&mut self, id: JobId, job: engine::Job) {
        let leash = jobs::follow(
            id,
            job,
            self.engine.clone(),
            self.inbox.clone(),
            self.grown.clone(),
        );
        self.leashes.insert(id, leash);
    }

    /// Asks the store off the loop.
    fn ask(&self, question: impl FnOnce(&Store) -> Msg + Send + 'static) {
        let (store, inbox) = (self.store.clone(), self.inbox.clone());
        tokio::task::spawn_blocking(move || {
            // A loop that has ended wants no answer.
            let _ = inbox.send(Note::Msg(question(&store)));
        });
    }

    /// Asks tmux what it knows of the terminal outside.
    pub(super) fn ask_tmux(&self) {
        let inbox = self.inbox.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(client) = tmux::client() {
                // A loop that has ended wants no answer.
                let _ = inbox.send(Note::Fact(Fact::Tmux(client)));
            }
        });
    }

    /// Makes what is missing of all that is to be seen, in place of anything else.
    pub(super) fn make(&mut self, missing: Vec<Want>, all: &[Want], encoding: Encoding, sketches: Sketches) {
        self.desk
            .work(missing, all, encoding, sketches, self.grown.subscribe());
    }

    /// Forgets a generation that is over.
    pub(super) fn over(&mut self, job: JobId) {
        if let Some(leash) = self.leashes.remove(&job) {
            leash.detach();
        }
    }

    /// How many generations run.
    pub(super) fn running(&self) -> usize {
        self.engine.running()
    }

    /// Whether something that was sent still looks for the way to its provider.
    pub(super) fn has_unsent(&self) -> bool {
        self.errands.has_unsent()
    }

    /// Lets every generation run to its end without the screen, or stops them all.
    pub(super) fn leave(&mut self, finish: bool) {
        for leash in self.leashes.drain().map(|(_, leash)| leash) {
            if finish {
                leash.detach();
            }
        }
    }
}

fn gone(id: &SessionId) -> Error {
    Error::new(Kind::Store, format!("Session {id} is gone")).hint("Another tintype may have deleted it")
}
