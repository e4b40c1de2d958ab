//! A generation from its order to its end in the store.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot, watch};

use super::plan::Plan;
use super::queue::Batch;
use super::recording::Recording;
use super::{Event, Order, Progress, Shared, attempts, fetch};
use crate::domain::{Turn, TurnStatus};
use crate::error::{Error, Kind, Result};
use crate::store::{NewTurn, Store};

/// Who is told; nobody has to listen.
pub(super) struct Listener {
    pub(super) events: mpsc::UnboundedSender<Event>,
    pub(super) progress: watch::Sender<Progress>,
}

impl Listener {
    pub(super) fn tell(&self, event: Event) {
        let _nobody_listens = self.events.send(event);
    }
}

/// What can end a generation early.
pub(super) struct Stop {
    leash: Option<oneshot::Receiver<()>>,
    all: watch::Receiver<bool>,
}

impl Stop {
    pub(super) fn new(leash: oneshot::Receiver<()>, all: watch::Receiver<bool>) -> Self {
        Self {
            leash: Some(leash),
            all,
        }
    }

    /// Returns when the generation has to end early. Cancel safe.
    pub(super) async fn requested(&mut self) {
        let all = async {
            if self.all.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let leash = async {
            if let Some(receiver) = &mut self.leash
                && receiver.await.is_err()
            {
                return;
            }
            self.leash = None;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = all => {}
            () = leash => {}
        }
    }
}

/// How an answer ended before anybody judged what it said.
pub(super) enum Ending {
    /// The body came to its end.
    Body,
    /// The transport, the spool or the server's status broke it off.
    Broken(Error),
    Stopped,
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Runs `work` where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(panic) => Err(Error::new(Kind::Internal, format!("A worker failed: {panic}"))
            .hint("This is a fault in tintype; what had arrived is kept")),
    }
}

pub(super) async fn run(shared: &Shared, order: Order, batch: &Batch, listener: Listener, mut stop: Stop) {
    let slot = tokio::select! {
        biased;
        () = stop.requested() => None,
        slot = batch.slot() => slot,
    };
    let Some(_slot) = slot else {
        return listener.tell(Event::Rejected(attempts::stopped_waiting(None)));
    };
    let (turn, plan) = match begin(shared, &order, batch).await {
        Ok(begun) => begun,
        Err(error) => return listener.tell(Event::Rejected(error)),
    };
    listener.tell(Event::Started(Box::new(turn.clone())));
    let started = Instant::now();
    let begun = Recording::begin(shared, turn.clone(), &plan, order.key.clone(), listener, started);
    let mut recording = match begun {
        Ok(recording) => recording,
        Err(unsent) => {
            let (error, listener) = *unsent;
            return fail_unsent(shared, turn, error, &listener).await;
        }
    };
    for notice in &plan.notices {
        recording.notice(notice);
    }
    let ending = attempts::converse(shared, &order, &plan, &mut recording, &mut stop).await;
    let (mut turn, listener) = recording.end(ending).await;
    if order.follow_links && fetch::is_wanted(&turn) {
        fetch::links(shared, &mut turn, &listener, &mut stop).await;
    }
    listener.tell(ended(turn));
}

/// The last event of a turn.
pub(super) fn ended(turn: Turn) -> Event {
    if turn.status == TurnStatus::Finished {
        Event::Finished(Box::new(turn))
    } else {
        Event::Failed(Box::new(turn))
    }
}

/// Makes the plan and writes the turn down; nothing has been sent when this fails.
async fn begin(shared: &Shared, order: &Order, batch: &Batch) -> Result<(Turn, Plan)> {
    let plan = batch.plan(&shared.store, &shared.catalog, order).await?;
    let parent = order.parent.clone();
    // Held until the turn is in the store: the others must not begin a session of their own meanwhile.
    let mut session = batch.session.lock().await;
    let (store, known, new) = (shared.store.clone(), session.clone(), plan.clone());
    let turn = blocking(move || {
        let session = match known {
            Some(session) => session,
            None => store.new_session("", now_ms())?.id,
        };
        store.begin_turn(NewTurn {
            session,
            parent,
            request: new.request,
            route: new.route,
            now_ms: now_ms(),
        })
    })
    .await?;
    *session = Some(turn.session.clone());
    Ok((turn, plan))
}

/// Ends a turn whose request never went out, because there is nowhere to write its answer.
async fn fail_unsent(shared: &Shared, mut turn: Turn, error: Error, listener: &Listener) {
    turn.status = TurnStatus::Failed;
    turn.error = Some(error);
    finish(&shared.store, &mut turn).await;
    listener.tell(Event::Failed(Box::new(turn)));
}

/// Writes a turn's end into the store; a store that fails turns it into a failed turn that says so.
pub(super) async fn finish(store: &Store, turn: &mut Turn) {
    let (store, copy) = (store.clone(), turn.clone());
    if let Err(error) = blocking(move || store.finish_turn(&copy)).await {
        turn.status = TurnStatus::Failed;
        turn.error = Some(error);
    }
}
