//! Sessions and turns in SQLite, pictures as files beside it. Synchronous; it knows no provider, no clock and no
//! screen: the time is an argument, and callers that must not block call it from a blocking thread.
//!
//! ```text
//! tintype.db                                       what is searched and listed (schema.rs, index.rs, trash.rs)
//! images/2026-11-20/143055-red-fox-logo-1f3a.png   pictures, byte for byte as they were received
//! references/<sha-256>.png                         what the user gave along, once per content
//! signatures/<turn>-1f3a.sig                       signatures too heavy for a row
//! backups/tintype-schema-2-20261121-143055.db      the database before a migration, the three newest
//! damaged/tintype-20261121-143055.db               a database that could not be read as a whole
//! tintype.lock                                     held by every store that has the folder open (lock.rs); its id
//! tintype.check                                    there while damage is suspected (opening.rs)
//! ```
//!
//! The order in which a paid picture becomes safe: its file is synced, then renamed into `images/`, then its row is
//! committed by [`Store::finish_turn`]. Rows hold paths relative to the folder, so that the folder can be moved; the
//! nouns hold absolute ones.

mod backup;
mod costs;
mod export;
mod fault;
mod files;
mod folder;
mod found;
mod health;
mod identity;
mod import;
mod index;
mod lock;
mod manifest;
mod names;
mod opening;
mod orphans;
mod out;
mod outline;
mod place;
mod preflight;
mod present;
mod removals;
mod rescue;
mod rows;
mod salvage;
mod schema;
mod sessions;
mod snippet;
mod sweep;
mod trash;
mod turns;
mod watch;
mod words;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::tz::TimeZone;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{Error, Kind, Result};

pub use costs::Spending;
pub use export::{Exported, ExportedPicture, Label};
pub use files::Arrival;
pub use folder::private_folder;
pub use health::Health;
pub use identity::has_turn_in;
pub use import::Imported;
pub use index::Found;
pub use lock::is_unsupported as is_lock_unsupported;
pub use names::title;
pub use out::{check_out, copy_out};
pub use preflight::{check_folder, examine, free_bytes, short_of_room};
pub use present::{entries_if_present, if_present, is_shortage, metadata_if_present, remove_if_present};
pub use removals::Removed;
pub use sweep::Swept;
pub use trash::{Purged, Restored, Trashed};
pub use turns::NewTurn;
pub use watch::Watch;

/// The sessions of one data folder. Clones share one connection; any number of processes may have the folder open.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    id: String,
    /// `None` asks the system when a picture is named, not before: reading its zone costs a file.
    zone: Option<TimeZone>,
    connection: Mutex<Connection>,
    lock: lock::Lock,
    /// Why nothing may be written.
    refusal: Option<Error>,
    notices: Vec<String>,
    /// The kind of network file system that the folder lies on.
    network: Option<String>,
}

impl Store {
    /// Opens the data folder, making it and its database where they are missing. A database from a newer version, or
    /// one that cannot be written to, is opened to be looked at ([`Store::read_only`]); a damaged one is moved aside,
    /// and what can be read of it goes into a new one ([`Store::notices`]).
    pub fn open(data_dir: &Path) -> Result<Self> {
        Self::open_at(data_dir, None, place::network)
    }

    /// [`Store::open`], with pictures named by the time of day in `zone` instead of the system's.
    pub fn open_in_zone(data_dir: &Path, zone: TimeZone) -> Result<Self> {
        Self::open_at(data_dir, Some(zone), place::network)
    }

    fn open_at(
        data_dir: &Path,
        zone: Option<TimeZone>,
        network: impl Fn(&Path) -> Option<String>,
    ) -> Result<Self> {
        let (folder, refusal) = folder::prepare(data_dir)?;
        let network = network(&folder);
        let opened = match refusal {
            Some(refusal) => opening::to_look(&folder, refusal),
            None => opening::open(&folder, zone.as_ref(), network.as_deref()),
        };
        let opened = opened.map_err(|error| fault::opening(&folder, error))?;
        Ok(Self {
            inner: Arc::new(Inner {
                folder,
                id: opened.id,
                zone,
                connection: Mutex::new(opened.connection),
                lock: opened.lock,
                refusal: opened.refusal,
                notices: opened.notices,
                network,
            }),
        })
    }

    /// What the user should be told of how the folder was opened, a sentence each.
    pub fn notices(&self) -> Vec<String> {
        self.inner.notices.clone()
    }

    /// Why nothing can be written, if that is so; every write then fails with this very error.
    pub fn read_only(&self) -> Option<Error> {
        self.inner.refusal.clone()
    }

    fn refuse(&self) -> Result<()> {
        self.read_only().map_or(Ok(()), Err)
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
        self.heed(work(&connection))
    }

    /// Sees to it that damage is looked for at the next start. What a newer version has written may be there in a form
    /// that cannot be read here: that it is newer is then the whole of the reason.
    fn heed<T>(&self, done: Result<T>) -> Result<T> {
        done.map_err(|error| match &self.inner.refusal {
            Some(refusal) if error.kind == Kind::Store => refusal.clone(),
            None if fault::is_damage(&error) => {
                opening::note_damage(&self.inner.folder);
                error
            }
            _ => error,
        })
    }

    /// Runs `work` in a transaction that sees one state of the database throughout.
    fn snapshot<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.transact(TransactionBehavior::Deferred, |transaction| work(transaction))
    }

    /// Runs `work` in a transaction that holds the write lock from the start. A transaction that reads first and
    /// asks for the lock later can be refused at once, whatever the waiting time.
    fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.refuse()?;
        let value = self.transact(TransactionBehavior::Immediate, |transaction| {
            let value = work(transaction)?;
            index::keep_up(transaction);
            Ok(value)
        })?;
        self.inner.lock.ring();
        Ok(value)
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
        let run = || {
            let transaction = connection.transaction_with_behavior(behavior)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        };
        self.heed(run())
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("folder", &self.inner.folder)
            .finish_non_exhaustive()
    }
}

/// How often and how long a connection waits for a lock that another process holds.
const WAIT_STEP: Duration = Duration::from_millis(5);
const WAIT_STEPS: i32 = 4000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollback_journal_is_kept_on_a_network_and_the_mode_follows_the_folder() {
        let root = tempfile::tempdir().unwrap();
        let open = |network: Option<&str>| {
            let network = network.map(str::to_owned);
            Store::open_at(root.path(), None, move |_| network.clone()).unwrap()
        };
        for (network, journal, why) in [
            (Some("NFS"), "delete", "The data folder is on NFS"),
            (None, "wal", "a disk of this machine"),
            (Some("fuse.sshfs"), "delete", "The data folder is on fuse.sshfs"),
        ] {
            let store = open(network);
            let session = store.new_session("one", 1).unwrap();
            let health = store.health().unwrap();
            assert_eq!(health.journal, journal);
            assert!(health.journal_why.contains(why), "{}", health.journal_why);
            assert!(store.session(&session.id).unwrap().is_some());
            // Two at once write in turns, whatever the journal.
            let other = open(network);
            std::thread::scope(|scope| {
                for store in [&store, &other] {
                    scope.spawn(|| {
                        for n in 0..20 {
                            store.new_session("another", n).unwrap();
                            store.recent(50).unwrap();
                        }
                    });
                }
            });
        }
        assert_eq!(open(None).health().unwrap().sessions, 3 * 41);
    }
}
