//! Several pictures of one order, an order put together without being sent, and links fetched on the user's word.

use tokio::sync::{mpsc, oneshot, watch};

use super::{Engine, Event, Job, Leash, Order, Progress, task};
use crate::domain::TurnId;
use crate::error::{Error, Kind, Result};
use crate::provider::gemini::request::{Body, fitted};

/// An order as it would go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    pub body: Body,
    /// What it is instead of what was asked for, a sentence each.
    pub notices: Vec<String>,
    pub stream: bool,
}

impl Engine {
    /// Puts the order together; nothing is sent or stored. It blocks.
    pub fn prepare(&self, order: &Order) -> Result<Prepared> {
        let Order { request, parent, .. } = order;
        let cap = self.shared.catalog.find(&request.provider, &request.model);
        let history = match parent {
            Some(parent) => self.shared.store.path_to_root(parent)?,
            None => Vec::new(),
        };
        let fitted = fitted(request, &history, &cap, None)?;
        Ok(Prepared {
            body: fitted.body,
            notices: Vec::from_iter(fitted.notice),
            stream: order.endpoint.stream && cap.stream,
        })
    }

    /// Starts the order so many times, all in one session.
    pub fn start_several(&self, mut order: Order, count: usize) -> Vec<Job> {
        if count > 1 && order.session.is_none() {
            match self.shared.store.new_session("", task::now_ms()) {
                Ok(session) => order.session = Some(session.id),
                Err(error) => return (0..count).map(|_| rejected(error.clone())).collect(),
            }
        }
        (0..count).map(|_| self.start(order.clone())).collect()
    }

    /// Downloads what a turn links to.
    #[expect(clippy::needless_pass_by_value, reason = "a job keeps the name of its turn")]
    pub fn fetch(&self, turn: TurnId) -> Job {
        rejected(
            Error::new(
                Kind::Internal,
                format!("The links of turn {turn} cannot be fetched"),
            )
            .hint("Open them in a browser"),
        )
    }
}

fn rejected(error: Error) -> Job {
    let (events, receiver) = mpsc::unbounded_channel();
    let _heard = events.send(Event::Rejected(error));
    Job {
        events: receiver,
        progress: watch::channel(Progress::default()).1,
        leash: Leash(Some(oneshot::channel().0)),
    }
}
