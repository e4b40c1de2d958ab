//! One task per generation: it owns the connection, the spool, the journal and the turn. It has no screen.
//!
//! The task reads and saves at network speed, whoever listens: text events append to a channel without a bound (they
//! are small), progress is latest-wins, and a receiver that went away costs nothing. A generation ends in the store
//! whatever happens to its listener; only [`Leash`] and [`Engine::stop_all`] end it early, and then what had come is
//! saved. What a process left behind that was killed is brought in by [`Engine::recover`]; what the disk does not take is
//! held in memory and offered again by [`Engine::save_again`].
#![expect(
    clippy::disallowed_methods,
    reason = "the engine starts the tasks, reads the clock and owns spool and journal"
)]

mod adopt;
mod attach;
mod attempts;
mod fetch;
mod hold;
mod journal;
mod locate;
mod machine;
mod plan;
mod queue;
mod reading;
mod recording;
mod recovery;
mod redact;
mod reference;
mod spool;
mod sync;
mod tape;
mod task;
mod unsaved;
mod workers;

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::domain::{Image, Request, Secret, Secrets, SessionId, Turn, TurnId, Usage};
use crate::error::Error;
use crate::provider::capability::Catalog;
use crate::provider::endpoint::Endpoint;
use crate::provider::http::Http;
use crate::store::Store;

use crate::error::Result;
use hold::Room;
use plan::Plan;
use queue::{Batch, Pauses};
use unsaved::Unsaved;

pub use attach::{Attaching, Origin, attach, attach_bytes, read_image, why_unreadable};
pub use locate::locate;
pub use machine::Machine;
pub use plan::Prepared;
pub use recovery::Recovered;

/// What to generate, and where it belongs.
#[derive(Clone, Debug)]
pub struct Order {
    /// `None` begins a session that is titled by the prompt.
    pub session: Option<SessionId>,
    /// The turn that this one grows from.
    pub parent: Option<TurnId>,
    pub request: Request,
    pub endpoint: Endpoint,
    pub key: Option<Secret>,
    /// How often it may be sent again where nothing can have been generated.
    pub retries: u32,
    pub budget: Budget,
    /// Whether a picture that the server only points at is fetched without asking.
    pub follow_links: bool,
}

impl Order {
    /// Returns the secrets that are taken out of everything that the server says.
    fn secrets(&self) -> Secrets {
        self.endpoint.secrets(self.key.as_ref())
    }
}

/// What may be spent, in US dollars by the table's estimate. A price that is not known is over every budget.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// For the order, all its pictures together.
    pub order: Option<f64>,
    /// For a day, whichever tintype spends it.
    pub daily: Option<f64>,
    /// When the day began, milliseconds since 1970.
    pub day_began_ms: i64,
}

/// What a listener is told, in order. Events after [`Event::Started`] end with exactly one `Finished` or `Failed`.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Nothing was sent and no turn was made.
    Rejected(Error),
    /// The turn is in the store; the request is about to be sent.
    Started(Box<Turn>),
    /// What the user should know before the request goes out: that it is not sent as it stands, and how it is.
    Notice(String),
    /// Nothing was generated; the request is sent again after the wait, unless it is stopped before.
    Retry {
        /// The number of the attempt to come; the first one was 1.
        attempt: u32,
        /// The last attempt there will be.
        of: u32,
        wait_ms: u64,
        error: Box<Error>,
    },
    /// The provider asked another request to wait, so this one waits as well.
    Paused {
        wait_ms: u64,
    },
    /// More of the model's thinking.
    Thought(String),
    /// More of the model's words.
    Text(String),
    /// A picture began to arrive in this file, which grows; whether it is a draft is known when it ends.
    PictureBegan {
        picture: u32,
        path: PathBuf,
    },
    /// A picture is complete on disk and stored.
    PictureEnded {
        picture: u32,
        image: Image,
    },
    Usage(Usage),
    /// The turn as it was stored, with at least one picture.
    Finished(Box<Turn>),
    /// The turn as it was stored, with its error, and with whatever had arrived.
    Failed(Box<Turn>),
}

/// How much has arrived; the latest value is all that counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the answer's body as they came over the wire.
    pub received: u64,
    /// Bytes of the picture that is arriving, decoded; 0 between pictures.
    pub picture: u64,
}

/// Ends the generation early when it is dropped; what had arrived is saved and the turn marked as cancelled.
#[derive(Debug, Default)]
pub struct Leash(Option<oneshot::Sender<()>>);

impl Leash {
    /// Lets the generation run to its end although nobody holds it any more.
    pub fn detach(mut self) {
        if let Some(sender) = self.0.take() {
            let _already_over = sender.send(());
        }
    }
}

/// A running generation as its listener holds it.
#[derive(Debug)]
pub struct Job {
    pub events: mpsc::UnboundedReceiver<Event>,
    pub progress: watch::Receiver<Progress>,
    pub leash: Leash,
}

/// Starts generations and knows which are still running. A cheap clone.
#[derive(Clone, Debug)]
pub struct Engine {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    runtime: Handle,
    store: Store,
    http: Http,
    folders: Folders,
    catalog: Catalog,
    pauses: Pauses,
    room: Room,
    unsaved: Unsaved,
    running: watch::Sender<usize>,
    stop: watch::Sender<bool>,
    /// Which machine this is, or why that cannot be told.
    machine: Result<Machine>,
    /// Folders in which journals of this store may lie besides its own.
    other_journals: Vec<PathBuf>,
}

/// Where the engine writes while an answer arrives.
#[derive(Clone, Debug)]
pub struct Folders {
    /// On the file system of the pictures, so that adopting one is a rename.
    pub spool: PathBuf,
    pub journal: PathBuf,
}

impl Engine {
    /// An engine whose tasks run on `runtime`.
    pub fn new(runtime: Handle, store: Store, http: Http, folders: Folders, catalog: Catalog) -> Self {
        workers::prepare();
        let shared = Shared {
            catalog,
            pauses: Pauses::default(),
            room: Room::default(),
            unsaved: Unsaved::default(),
            runtime,
            store,
            http,
            folders,
            running: watch::Sender::new(0),
            stop: watch::Sender::new(false),
            machine: Machine::this(),
            other_journals: Vec::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The engine, looking for journals of its store in these folders as well: where they lay before its data folder was
    /// moved or got settings of its own. For an engine that has just been made.
    #[must_use]
    pub fn with_journals_in(mut self, folders: Vec<PathBuf>) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.other_journals = folders;
        }
        self
    }

    /// The engine as it would be on another machine: how tests have two of them. For one that has just been made.
    #[doc(hidden)]
    #[must_use]
    pub fn on_machine(mut self, machine: Machine) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.machine = Ok(machine);
        }
        self
    }

    /// What is known of the models.
    pub fn catalog(&self) -> &Catalog {
        &self.shared.catalog
    }

    /// What the order would send, checked as if it were sent. It reads the store and may block; nothing is sent.
    pub fn prepare(&self, order: &Order) -> Result<Prepared> {
        let plan = Plan::of(&self.shared.store, &self.shared.catalog, order, 1)?;
        Ok(Prepared {
            body: plan.fitted(&plan.request)?.body,
            notices: plan.notices,
            stream: plan.stream,
        })
    }

    /// Starts a generation.
    pub fn start(&self, order: Order) -> Job {
        let batch = Arc::new(Batch::new(1, order.session.clone()));
        self.begin(order, batch)
    }

    /// Starts the same generation `count` times, two at a time; those of a new session share it. Each ends by itself,
    /// whatever becomes of the others.
    pub fn start_several(&self, order: &Order, count: usize) -> Vec<Job> {
        let batch = Arc::new(Batch::new(count, order.session.clone()));
        (0..count)
            .map(|_| self.begin(order.clone(), Arc::clone(&batch)))
            .collect()
    }

    /// Fetches the pictures that the answer of a stored turn only points at: to be called on the user's word. The
    /// `providers` are those that are known here; a link may lead into a private network only where the turn's is there.
    pub fn fetch(&self, turn: TurnId, providers: Vec<Endpoint>) -> Job {
        self.spawn(|shared, listener, stop| async move {
            fetch::run(&shared, turn, &providers, listener, stop).await;
        })
    }

    /// Brings in what processes have left behind that ended before their answers did: each as a turn that was interrupted,
    /// with all that had arrived. What living ones still write is left alone; doing it again changes nothing.
    pub async fn recover(&self) -> Recovered {
        Box::pin(recovery::recover(&self.shared)).await
    }

    /// The turns of which something is held in memory because it could not be saved.
    pub fn unsaved(&self) -> Vec<TurnId> {
        self.shared.unsaved.turns()
    }

    /// Tries once more to save what is held of a turn. Its events end with the turn as it was stored, or once more with
    /// one that failed because it could not be.
    pub fn save_again(&self, turn: TurnId) -> Job {
        self.spawn(|shared, listener, _stop| async move { task::save_again(&shared, &turn, listener).await })
    }

    /// Writes the pictures that are held of a turn into another folder, and tells where they are, together with those that
    /// have their place in the data folder already. May block.
    pub fn rescue(&self, turn: &TurnId, folder: &Path) -> Result<Vec<PathBuf>> {
        self.shared.unsaved.rescue(turn, folder)
    }

    /// Lets the disk take no more than this many bytes of what is received: a full disk for tests.
    #[doc(hidden)]
    pub fn limit_disk(&self, bytes: u64) {
        self.shared.room.limit_disk(bytes);
    }

    fn begin(&self, order: Order, batch: Arc<Batch>) -> Job {
        self.spawn(|shared, listener, stop| async move {
            Box::pin(task::run(&shared, order, &batch, listener, stop)).await;
        })
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(
        &self,
        work: impl FnOnce(Arc<Shared>, task::Listener, task::Stop) -> F,
    ) -> Job {
        let (events, event_receiver) = mpsc::unbounded_channel();
        let (progress, progress_receiver) = watch::channel(Progress::default());
        let (leash, leash_receiver) = oneshot::channel();
        self.shared.running.send_modify(|running| *running += 1);
        let finished = Running(Arc::clone(&self.shared));
        let stop = task::Stop::new(leash_receiver, self.shared.stop.subscribe());
        let listener = task::Listener::new(events, progress);
        let (shared, told) = (Arc::clone(&self.shared), listener.clone());
        let work = work(Arc::clone(&self.shared), listener, stop);
        self.shared.runtime.spawn(async move {
            let _finished = finished;
            if AssertUnwindSafe(work).catch_unwind().await.is_err() {
                Box::pin(recovery::after_panic(&shared, &told)).await;
            }
        });
        Job {
            events: event_receiver,
            progress: progress_receiver,
            leash: Leash(Some(leash)),
        }
    }

    /// How many generations are running.
    pub fn running(&self) -> usize {
        *self.shared.running.borrow()
    }

    /// Waits until every generation has ended in the store, at most this long; says how many are still running.
    pub async fn drain(&self, deadline: Duration) -> usize {
        let mut running = self.shared.running.subscribe();
        let ended = running.wait_for(|running| *running == 0);
        let _late = tokio::time::timeout(deadline, ended).await;
        self.running()
    }

    /// Ends every generation early; what had arrived is saved. [`Engine::drain`] waits for that.
    pub fn stop_all(&self) {
        self.shared.stop.send_replace(true);
    }
}

/// Counts a generation as over, also when its task panics.
struct Running(Arc<Shared>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0
            .running
            .send_modify(|running| *running = running.saturating_sub(1));
    }
}
