//! What has to wait for the way to its provider: orders, and questions what they would weigh. A way is asked for once,
//! off the loop, because it may run the user's key command or start the demo.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::AbortHandle;

use super::{Note, Shell};
use crate::domain::{Request, Secret, SessionId, TurnId};
use crate::engine::{Budget, Order};
use crate::error::Result;
use crate::provider::endpoint::Endpoint;
use crate::tui::model::Setup;
use crate::tui::msg::{Ask, JobEvent, JobId, Msg, Weight};

/// How long nothing must have changed before a request is put together to be weighed.
const SETTLED: Duration = Duration::from_millis(200);

/// Where generations are sent.
#[derive(Clone, Debug)]
pub struct Route {
    pub endpoint: Endpoint,
    pub key: Option<Secret>,
    /// A note for the user, in one line.
    pub note: Option<String>,
}

type Finding = Pin<Box<dyn Future<Output = Result<Route>> + Send>>;

/// Finds the way to a provider by its name.
#[derive(Clone)]
pub struct Routes {
    find: Arc<dyn Fn(String) -> Finding + Send + Sync>,
    /// The addresses of all providers, as far as they are known without finding a way.
    endpoints: Vec<Endpoint>,
}

impl Routes {
    pub fn new<F>(endpoints: Vec<Endpoint>, find: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Route>> + Send + 'static,
    {
        Self {
            find: Arc::new(move |provider| Box::pin(find(provider))),
            endpoints,
        }
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Routes")
    }
}

/// What every order may do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// How often it may be sent again where nothing can have been generated.
    pub retries: u32,
    /// US dollars for one order.
    pub order: Option<f64>,
    /// US dollars for one day.
    pub daily: Option<f64>,
}

/// A request and where it belongs.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) session: Option<SessionId>,
    pub(crate) parent: Option<TurnId>,
    pub(crate) request: Request,
}

/// Something that needs the way to a provider.
#[derive(Debug)]
pub(crate) enum Errand {
    Send { jobs: Vec<JobId>, letter: Letter },
    Weigh { ask: Ask, letter: Letter },
    Ask { ask: Ask, provider: String },
}

impl Errand {
    fn provider(&self) -> &str {
        match self {
            Self::Send { letter, .. } | Self::Weigh { letter, .. } => &letter.request.provider,
            Self::Ask { provider, .. } => provider,
        }
    }
}

/// The ways that are known, and what waits for others.
#[derive(Debug)]
pub(crate) struct Errands {
    known: HashMap<String, Route>,
    find: Routes,
    limits: Limits,
    utc_offset_s: i32,
    asked: HashSet<String>,
    waiting: Vec<Errand>,
    weighing: Option<AbortHandle>,
}

impl Errands {
    pub(crate) fn new(setup: &Setup, route: Route, find: Routes, limits: Limits) -> Self {
        Self {
            known: HashMap::from([(setup.settings.provider.clone(), route)]),
            find,
            limits,
            utc_offset_s: setup.utc_offset_s,
            asked: HashSet::new(),
            waiting: Vec::new(),
            weighing: None,
        }
    }

    /// Where the providers are, those first to which the way was found.
    pub(crate) fn endpoints(&self) -> Vec<Endpoint> {
        let found = self.known.values().map(|route| &route.endpoint);
        found.chain(&self.find.endpoints).cloned().collect()
    }

    /// A generation that waits here is not to be started any more.
    pub(crate) fn cancel(&mut self, job: JobId) {
        for errand in &mut self.waiting {
            if let Errand::Send { jobs, .. } = errand {
                jobs.retain(|waiting| *waiting != job);
            }
        }
    }

    /// Whether a generation waits here.
    pub(crate) fn has_unsent(&self) -> bool {
        let is_sent = |errand: &Errand| matches!(errand, Errand::Send { jobs, .. } if !jobs.is_empty());
        self.waiting.iter().any(is_sent)
    }

    fn order(&self, route: &Route, letter: Letter, now_ms: i64) -> Order {
        let (offset, day) = (i64::from(self.utc_offset_s) * 1_000, 86_400_000);
        Order {
            session: letter.session,
            parent: letter.parent,
            request: letter.request,
            endpoint: route.endpoint.clone(),
            key: route.key.clone(),
            retries: self.limits.retries,
            budget: Budget {
                order: self.limits.order,
                daily: self.limits.daily,
                day_began_ms: (now_ms + offset).div_euclid(day) * day - offset,
            },
            follow_links: false,
        }
    }
}

impl Shell {
    /// Does it where the way is known, else asks for the way first.
    pub(super) fn run(&mut self, errand: Errand) {
        let provider = errand.provider().to_owned();
        if let Some(route) = self.errands.known.get(&provider).cloned() {
            return self.do_it(errand, &route);
        }
        self.errands.waiting.push(errand);
        if self.errands.asked.insert(provider.clone()) {
            let finding = (self.errands.find.find)(provider.clone());
            let inbox = self.inbox.clone();
            tokio::spawn(async move {
                // A loop that has ended wants no answer.
                let _ = inbox.send(Note::Route(provider, finding.await));
            });
        }
    }

    /// The way was found, or not: what waited for it goes on, or is told why not.
    pub(crate) fn routed(&mut self, provider: &str, route: &Result<Route>) {
        self.errands.asked.remove(provider);
        if let Ok(route) = route {
            self.errands.known.insert(provider.to_owned(), route.clone());
        }
        let waiting = std::mem::take(&mut self.errands.waiting);
        let (due, others) = waiting
            .into_iter()
            .partition(|errand| errand.provider() == provider);
        self.errands.waiting = others;
        for errand in due {
            match (route, errand) {
                (Ok(route), errand) => self.do_it(errand, route),
                (Err(error), Errand::Send { jobs, .. }) => {
                    for job in jobs {
                        self.tell(Msg::Job(job, JobEvent::Refused(error.clone())));
                    }
                }
                (Err(error), Errand::Weigh { ask, .. }) => self.tell(Msg::Weighed {
                    ask,
                    result: Err(error.clone()),
                }),
                (Err(error), Errand::Ask { ask, .. }) => self.tell(Msg::Routed {
                    ask,
                    result: Err(error.clone()),
                }),
            }
        }
    }

    fn do_it(&mut self, errand: Errand, route: &Route) {
        match errand {
            Errand::Ask { ask, .. } => self.tell(Msg::Routed {
                ask,
                result: Ok(route.note.clone()),
            }),
            Errand::Send { jobs, letter } => {
                let order = self.errands.order(route, letter, crate::tui::run::now_ms());
                let started = self.engine.start_several(&order, jobs.len());
                for (id, job) in jobs.into_iter().zip(started) {
                    self.follow(id, job);
                }
            }
            Errand::Weigh { ask, letter } => {
                let order = self.errands.order(route, letter, crate::tui::run::now_ms());
                self.weigh(ask, order);
            }
        }
    }

    /// Only the last question counts: an earlier one that has not begun yet is dropped.
    fn weigh(&mut self, ask: Ask, order: Order) {
        let (engine, inbox) = (self.engine.clone(), self.inbox.clone());
        let task = tokio::spawn(async move {
            tokio::time::sleep(SETTLED).await;
            let prepared = tokio::task::spawn_blocking(move || engine.prepare(&order)).await;
            let Ok(prepared) = prepared else { return };
            let result = prepared.map(|prepared| Weight {
                bytes: prepared.body.len(),
                notices: prepared.notices,
            });
            let _ = inbox.send(Note::Msg(Msg::Weighed { ask, result }));
        });
        if let Some(earlier) = self.errands.weighing.replace(task.abort_handle()) {
            earlier.abort();
        }
    }

    fn tell(&self, msg: Msg) {
        // A loop that has ended wants no answer.
        let _ = self.inbox.send(Note::Msg(msg));
    }
}
