//! Performs effects: starts generations, asks the store, makes previews. It owns the tasks and their handles, and
//! decides nothing: what comes of an effect goes back to the model as a message.
#![expect(
    clippy::disallowed_methods,
    reason = "the shell starts the tasks of the UI, reads pictures for it, and tells it the time"
)]

pub(super) mod display;
mod gallery;
mod jobs;
pub(super) mod preview;

use std::collections::HashMap;

use ratatui::layout::Size;
use tokio::sync::{mpsc, watch};

use self::preview::{Desk, Encoding, Preview, Wish};
use super::effect::Effect;
use super::msg::{Ask, JobId, Msg};
use super::pixels::PictureKey;
use crate::domain::{Request, Secret, SessionId, TurnId};
use crate::engine::{Budget, Engine, Leash, Order};
use crate::error::{Error, Kind};
use crate::provider::endpoint::Endpoint;
use crate::store::Store;

/// How many sessions the list asks for.
const SESSIONS: u32 = 500;

/// What comes back from the shell's tasks.
#[derive(Debug)]
pub(super) enum Note {
    Msg(Msg),
    Preview(Preview),
}

/// What an effect asks of the loop itself, which has the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Redraw,
    Suspend,
    Quit {
        finish: bool,
    },
    /// Make this preview; the loop knows what the terminal can show and holds already.
    Preview {
        ask: Ask,
        picture: PictureKey,
        area: Size,
    },
    StopPreview,
}

/// Where generations are sent.
#[derive(Clone, Debug)]
pub struct Route {
    pub endpoint: Endpoint,
    pub key: Option<Secret>,
}

/// The performer of effects.
#[derive(Debug)]
pub(super) struct Shell {
    store: Store,
    engine: Engine,
    route: Route,
    inbox: mpsc::UnboundedSender<Note>,
    leashes: HashMap<JobId, Leash>,
    desk: Desk,
    grown: watch::Sender<u64>,
}

impl Shell {
    pub(super) fn new(
        store: Store,
        engine: Engine,
        route: Route,
        inbox: mpsc::UnboundedSender<Note>,
    ) -> Self {
        let desk = Desk::new(inbox.clone());
        Self {
            store,
            engine,
            route,
            inbox,
            leashes: HashMap::new(),
            desk,
            grown: watch::Sender::new(0),
        }
    }

    /// Performs one effect, or says what the loop has to do for it.
    pub(super) fn perform(&mut self, effect: Effect) -> Option<Deed> {
        match effect {
            Effect::Send {
                job,
                session,
                parent,
                request,
            } => self.send(job, session, parent, *request),
            Effect::Stop { job } => drop(self.leashes.remove(&job)),
            Effect::LoadSessions { ask } => {
                self.ask(move |store| Msg::Sessions {
                    ask,
                    result: store.recent(SESSIONS),
                });
            }
            Effect::OpenSession { ask, id } => self.ask(move |store| {
                let found = store
                    .session(&id)
                    .and_then(|session| session.ok_or_else(|| gone(&id)));
                Msg::Session {
                    ask,
                    result: found.map(Box::new),
                }
            }),
            Effect::Preview { ask, picture, area } => return Some(Deed::Preview { ask, picture, area }),
            Effect::StopPreview => return Some(Deed::StopPreview),
            Effect::Redraw => return Some(Deed::Redraw),
            Effect::Suspend => return Some(Deed::Suspend),
            Effect::Quit { finish } => return Some(Deed::Quit { finish }),
        }
        None
    }

    fn send(&mut self, job: JobId, session: Option<SessionId>, parent: Option<TurnId>, request: Request) {
        let Route { endpoint, key } = self.route.clone();
        let order = Order {
            session,
            parent,
            request,
            endpoint,
            key,
            retries: 3,
            budget: Budget::default(),
            follow_links: false,
        };
        let leash = jobs::follow(
            job,
            self.engine.start(order),
            self.inbox.clone(),
            self.grown.clone(),
        );
        self.leashes.insert(job, leash);
    }

    /// Asks the store off the loop.
    fn ask(&self, question: impl FnOnce(&Store) -> Msg + Send + 'static) {
        let (store, inbox) = (self.store.clone(), self.inbox.clone());
        tokio::task::spawn_blocking(move || {
            // A loop that has ended wants no answer.
            let _ = inbox.send(Note::Msg(question(&store)));
        });
    }

    /// Begins to make a preview, in place of any other.
    pub(super) fn preview(
        &mut self,
        ask: Ask,
        picture: PictureKey,
        area: Size,
        encoding: Encoding,
        ids: [u8; 2],
    ) {
        let wish = Wish {
            ask,
            picture,
            area,
            encoding,
            ids,
        };
        self.desk.work(wish, self.grown.subscribe());
    }

    /// Ends the work on the preview at hand.
    pub(super) fn stop_preview(&mut self) {
        self.desk.clear();
    }

    /// Forgets a generation that is over.
    pub(super) fn over(&mut self, job: JobId) {
        if let Some(leash) = self.leashes.remove(&job) {
            leash.detach();
        }
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
