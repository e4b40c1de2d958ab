//! Sessions and turns in SQLite, pictures as files beside it. Synchronous; it knows no provider, no clock and no
//! screen: the time is an argument, and callers that must not block call it from a blocking thread.
//!
//! ```text
//! tintype.db                                       what is searched and listed (schema.rs, index.rs, trash.rs)
//! images/2026-11-20/143055-red-fox-logo-1f3a.png   pictures, byte for byte as they were received
//! references/<sha-256>.png                         what the user gave along, once per content
//! signatures/<turn>-1f3a.sig                       signatures too heavy for a row
//! ```
//!
//! The order in which a paid picture becomes safe: its file is synced, then renamed into `images/`, then its row is
//! committed by [`Store::finish_turn`]. Rows hold paths relative to the folder, so that the folder can be moved; the
//! nouns hold absolute ones.

mod costs;
mod fault;
mod files;
mod folder;
mod index;
mod names;
mod out;
mod rows;
mod schema;
mod sessions;
mod snippet;
mod trash;
mod turns;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::Result;

pub use costs::Spending;
pub use files::Arrival;
pub use index::Found;
pub use names::title;
pub use out::{check_out, copy_out};
pub use trash::{Purged, Restored, Trashed};
pub use turns::NewTurn;

/// The sessions of one data folder. Clones share one connection; any number of processes may have the folder open.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    /// `None` asks the system when a picture is named, not before: reading its zone costs a file.
    zone: Option<TimeZone>,
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the data folder, making it and its database where they are missing.
    pub fn open(data_dir: &Path) -> Result<Self> {
        Self::open_at(data_dir, None)
    }

    /// [`Store::open`], with pictures named by the time of day in `zone` instead of the system's.
    pub fn open_in_zone(data_dir: &Path, zone: TimeZone) -> Result<Self> {
        Self::open_at(data_dir, Some(zone))
    }

    fn open_at(data_dir: &Path, zone: Option<TimeZone>) -> Result<Self> {
        let folder = folder::prepare(data_dir)?;
        let connection = connect(&folder).map_err(|error| fault::opening(&folder, error))?;
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                zone,
                connection: Mutex::new(connection),
            }),
        })
    }

    /// The data folder, absolute and without symlinks.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// Runs `work` on the connection, outside a transaction: for a single statement that only reads.
    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        // A poisoned lock is as good as any: a transaction that a panic cut short has been rolled back by its drop.
        let connection = self
            .inner
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        work(&connection)
    }

    /// Runs `work` in a transaction that sees one state of the database throughout.
    fn snapshot<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.transact(TransactionBehavior::Deferred, |transaction| work(transaction))
    }

    /// Runs `work` in a transaction that holds the write lock from the start. A transaction that reads first and
    /// asks for the lock later can be refused at once, whatever the waiting time.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.transact(TransactionBehavior::Immediate, |transaction| {
            let value = work(transaction)?;
            index::keep_up(transaction);
            Ok(value)
        })
    }

    fn transact<T>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut connection = self
            .inner
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction = connection.transaction_with_behavior(behavior)?;
        let value = work(&transaction)?;
        transaction.commit()?;
        Ok(value)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("folder", &self.inner.folder)
            .finish_non_exhaustive()
    }
}

/// How often and how long a connection waits for a lock that another process holds: 20 seconds in all. SQLite's own
/// waiting grows to steps of 100 ms, in which the quick keep overtaking the unlucky; short steps are fair.
const WAIT_STEP: Duration = Duration::from_millis(5);
const WAIT_STEPS: i32 = 4000;

fn connect(folder: &Path) -> Result<Connection> {
    let path = folder.join("tintype.db");
    // The folder has been resolved, so NOFOLLOW refuses nothing but a database that is itself a symlink. The file is
    // never opened by other means than SQLite's: closing it would drop the locks that this process holds on it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(&path, flags)?;
    // Its companions (-wal, -shm) take over the mode of the database, so this must come before the first of them.
    folder::make_private(&path, 0o600)?;
    connection.busy_handler(Some(|tries: i32| {
        std::thread::sleep(WAIT_STEP);
        tries < WAIT_STEPS
    }))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // FULL: a commit is on the disk when it returns. NORMAL would lose the row of a paid picture to a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    schema::migrate(&mut connection, folder)?;
    index::catch_up(&mut connection)?;
    Ok(connection)
}
