//! A generation from its order to its end in the store.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot, watch};

use super::recording::Recording;
use super::{Event, Order, Progress, Shared};
use crate::domain::{Turn, TurnStatus};
use crate::error::{Error, Kind, Result};
use crate::provider::gemini::{failure, request};
use crate::provider::http;
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
    async fn requested(&mut self) {
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

pub(super) async fn run(shared: &Shared, order: Order, listener: Listener, mut stop: Stop) {
    let (turn, history) = match begin(shared, &order).await {
        Ok(begun) => begun,
        Err(error) => return listener.tell(Event::Rejected(error)),
    };
    listener.tell(Event::Started(Box::new(turn.clone())));
    let started = Instant::now();
    let mut recording = match Recording::begin(shared, turn.clone(), order.key.clone(), listener, started) {
        Ok(recording) => recording,
        Err(unsent) => {
            let (error, listener) = *unsent;
            return fail_unsent(shared, turn, error, &listener).await;
        }
    };
    let ending = receive(shared, &order, &history, &mut recording, &mut stop).await;
    recording.end(ending).await;
}

/// Checks the order and writes the turn down; nothing has been sent when this fails.
async fn begin(shared: &Shared, order: &Order) -> Result<(Turn, Vec<Turn>)> {
    let capability = shared.catalog.find(&order.request.provider, &order.request.model);
    capability.check(&order.request)?;
    let (store, order) = (shared.store.clone(), order.clone());
    blocking(move || {
        let history = match &order.parent {
            Some(parent) => store.path_to_root(parent)?,
            None => Vec::new(),
        };
        let session = match order.session {
            Some(session) => session,
            None => store.new_session("", now_ms())?.id,
        };
        let (parent, request) = (order.parent, order.request);
        let turn = store.begin_turn(NewTurn {
            session,
            parent,
            request,
            route: None,
            now_ms: now_ms(),
        })?;
        Ok((turn, history))
    })
    .await
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

/// Sends the request and records its answer until the body ends. Only the waits on the network can be stopped: what
/// has been read is always recorded to its end.
async fn receive(
    shared: &Shared,
    order: &Order,
    history: &[Turn],
    recording: &mut Recording,
    stop: &mut Stop,
) -> Ending {
    let model = &order.request.model;
    let capability = shared.catalog.find(&order.request.provider, model);
    // The turn's own request names the store's copies of the references: those cannot vanish meanwhile.
    let body = request::body(&recording.turn().request, history, &capability);
    let stream = order.endpoint.stream && capability.stream;
    recording.attempt();
    let mut answer = tokio::select! {
        biased;
        () = stop.requested() => return Ending::Stopped,
        sent = shared.http.send(&order.endpoint, order.key.as_ref(), model, stream, body) => match sent {
            Ok(answer) => answer,
            Err(error) => return Ending::Broken(error),
        },
    };
    recording.first_byte();
    if !answer.is_success() {
        return tokio::select! {
            biased;
            () = stop.requested() => Ending::Stopped,
            error = refusal(answer) => Ending::Broken(error),
        };
    }
    loop {
        let read = tokio::select! {
            biased;
            () = stop.requested() => return Ending::Stopped,
            read = answer.next() => read,
        };
        match read {
            Ok(Some(bytes)) => match recording.push(&bytes).await {
                Ok(true) => {}
                // The decoder gave up, and its reason is among the events: reading on is of no use.
                Ok(false) => return Ending::Body,
                Err(error) => return Ending::Broken(error),
            },
            Ok(None) => return Ending::Body,
            Err(error) => return Ending::Broken(error),
        }
    }
}

/// What a status other than 2xx means.
async fn refusal(mut answer: http::Answer) -> Error {
    let (status, head) = (answer.status(), answer.head());
    failure::classify(status, &head, &answer.error_body().await)
}
