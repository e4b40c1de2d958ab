//! A generation from its order to its end in the store.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot, watch};

use super::journal::{Journal, Origin};
use super::plan::Plan;
use super::queue::Batch;
use super::recording::Recording;
use super::workers::blocking;
use super::{Event, Order, Progress, Shared, attempts, fetch};
use crate::domain::{Turn, TurnId, TurnStatus};
use crate::error::{Error, Kind, Result, reason};
use crate::store::{NewTurn, Store, check_folder};

/// Who is told; nobody has to listen.
#[derive(Clone, Debug)]
pub(super) struct Listener {
    pub(super) events: mpsc::UnboundedSender<Event>,
    pub(super) progress: watch::Sender<Progress>,
    /// The turn that the listener knows of: what has been started has to be ended.
    started: Arc<Mutex<Option<TurnId>>>,
}

impl Listener {
    pub(super) fn new(events: mpsc::UnboundedSender<Event>, progress: watch::Sender<Progress>) -> Self {
        Self {
            events,
            progress,
            started: Arc::default(),
        }
    }

    /// One that nobody listens to.
    pub(super) fn deaf() -> Self {
        Self::new(mpsc::unbounded_channel().0, watch::Sender::default())
    }

    pub(super) fn tell(&self, event: Event) {
        if let Event::Started(turn) = &event {
            *self.started.lock().unwrap_or_else(PoisonError::into_inner) = Some(turn.id.clone());
        }
        let _nobody_listens = self.events.send(event);
    }

    /// The turn that was started, if one was.
    pub(super) fn started(&self) -> Option<TurnId> {
        self.started
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
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
    /// Its process ended; `complete` where the whole answer had come by then.
    Interrupted {
        complete: bool,
    },
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
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
    let started = Instant::now();
    let begun = match begin(shared, &order, batch, started).await {
        Ok(begun) => begun,
        Err(error) => return listener.tell(Event::Rejected(error)),
    };
    let Begun {
        turn,
        plan,
        mut journal,
        short_of_room,
    } = begun;
    log_begin(&turn, order.endpoint.host(), plan.stream);
    listener.tell(Event::Started(Box::new(turn.clone())));
    if let Err(error) = journal.turn(&turn) {
        let error = no_journal(&error, &shared.folders.journal);
        return fail_unsent(shared, turn, error, &journal, &listener).await;
    }
    let (capability, secrets) = (plan.capability.clone(), order.secrets());
    let mut recording = Recording::new(
        shared,
        turn,
        Some(journal),
        capability,
        secrets,
        listener,
        started,
    );
    for notice in plan.notices.iter().chain(&short_of_room) {
        recording.notice(notice);
    }
    let ending = attempts::converse(shared, &order, &plan, &mut recording, &mut stop).await;
    recording.end(ending).await;
    if !recording.is_saved() {
        return keep_unsaved(shared, recording);
    }
    let (mut turn, listener) = recording.into_end();
    if order.follow_links && fetch::is_wanted(&turn) {
        fetch::links(shared, &mut turn, Some(&order.endpoint), &listener, &mut stop).await;
    }
    listener.tell(ended(turn));
}

/// Holds what could not be saved, and says so.
fn keep_unsaved(shared: &Shared, recording: Recording) {
    let turn = recording.turn().clone();
    let listener = recording.listener();
    shared.unsaved.put(recording);
    listener.tell(ended(turn));
}

/// Tries once more to save what is held of a turn.
pub(super) async fn save_again(shared: &Shared, turn: &TurnId, listener: Listener) {
    let Some(mut recording) = shared.unsaved.take(turn) else {
        let error = Error::new(Kind::BadInput, "There is nothing left to save of this turn");
        return listener.tell(Event::Rejected(error));
    };
    listener.tell(Event::Started(Box::new(recording.turn().clone())));
    recording.tell_instead(listener);
    recording.settle().await;
    if !recording.is_saved() {
        return keep_unsaved(shared, recording);
    }
    let (turn, listener) = recording.into_end();
    listener.tell(ended(turn));
}

/// A turn that can be sent.
struct Begun {
    turn: Turn,
    plan: Plan,
    journal: Journal,
    /// A sentence for each disk that may be too full for the answers of the batch; empty but for the first of them.
    short_of_room: Vec<String>,
}

/// The last event of a turn.
pub(super) fn ended(turn: Turn) -> Event {
    log_end(&turn);
    if turn.status == TurnStatus::Finished {
        Event::Finished(Box::new(turn))
    } else {
        Event::Failed(Box::new(turn))
    }
}

fn log_begin(turn: &Turn, host: &str, stream: bool) {
    let request = &turn.request;
    tracing::info!(
        turn = %turn.id,
        session = %turn.session,
        provider = request.provider,
        host,
        model = request.model,
        references = request.references.len(),
        stream,
        "a generation begins"
    );
}

/// What a maintainer asks for first: no words of the prompt or of the server among it, nor a path made of them.
fn log_end(turn: &Turn) {
    let Turn {
        id,
        status,
        attempts,
        timing,
        images,
        error,
        ..
    } = turn;
    tracing::info!(
        turn = %id,
        status = status.as_str(),
        kind = error.as_ref().map(|error| tracing::field::display(error.kind)),
        http = error.as_ref().and_then(|error| error.http_status),
        attempts,
        first_byte_ms = timing.first_byte,
        total_ms = timing.total,
        pictures = images.len(),
        bytes = images.iter().map(|image| image.bytes).sum::<u64>(),
        "a generation ended"
    );
}

/// Makes the plan, opens the journal, proves that the answer can be written, and writes the turn down; nothing has been sent
/// when this fails. The journal comes first: a turn that is in the store and has none has no living owner.
async fn begin(shared: &Shared, order: &Order, batch: &Batch, started: Instant) -> Result<Begun> {
    let plan = batch.plan(&shared.store, &shared.catalog, order).await?;
    let parent = order.parent.clone();
    // Held until the turn is in the store: the others must not begin a session of their own meanwhile.
    let mut session = batch.session.lock().await;
    let (store, known, new) = (shared.store.clone(), session.clone(), plan.clone());
    let (folders, room) = (shared.folders.clone(), shared.room.clone());
    let machine = shared.machine.clone().ok();
    let answers = batch.begin_first();
    let (turn, journal, short_of_room) = blocking(move || {
        let id = store.new_turn_id(now_ms())?;
        let origin = Origin {
            data_folder: store.folder(),
            store: store.id(),
            machine: machine.as_ref(),
        };
        let journal = Journal::begin(&folders.journal, origin, &id, started, &room)
            .map_err(|error| no_journal(&error, &folders.journal))?;
        let ready = store.check_writable(&folders.spool, &id, now_ms());
        let begun = ready.and_then(|()| {
            store.begin_turn(NewTurn {
                id,
                session: known,
                parent,
                request: new.request,
                route: new.route,
                now_ms: now_ms(),
            })
        });
        if begun.is_err() {
            let _swept_later = journal.remove();
        }
        let turn = begun.map_err(unsent)?;
        let short = |count| store.short_of_room(&folders.spool, &folders.journal, count);
        Ok((turn, journal, answers.map(short).unwrap_or_default()))
    })
    .await?;
    *session = Some(turn.session.clone());
    Ok(Begun {
        turn,
        plan,
        journal,
        short_of_room,
    })
}

/// The error of a store that could not write the turn down, with what that means for the request.
pub(super) fn unsent(error: Error) -> Error {
    if error.kind != Kind::Store || error.hint.to_lowercase().contains("nothing was sent") {
        return error;
    }
    let hint = match error.hint.as_str() {
        "" => "Nothing was sent".to_owned(),
        way_out => format!("{way_out}; nothing was sent"),
    };
    error.hint(hint)
}

fn no_journal(error: &io::Error, folder: &Path) -> Error {
    // What the folder itself refuses is told as what it is.
    if let Err(refused) = check_folder(folder) {
        return unsent(refused);
    }
    let folder = folder.display();
    Error::new(
        Kind::Store,
        format!("Cannot write the journal in {folder}: {}", reason(error)),
    )
    .hint("Nothing was sent; free some space or set XDG_STATE_HOME to another folder")
}

/// Ends a turn whose request never went out, because there is nowhere to write its answer.
async fn fail_unsent(shared: &Shared, mut turn: Turn, error: Error, journal: &Journal, listener: &Listener) {
    turn.status = TurnStatus::Failed;
    turn.error = Some(error);
    finish(&shared.store, &mut turn).await;
    let _swept_later = journal.remove();
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
