//! Other processes' commits, told without asking: every store rings a bell after its commits (lock.rs), and a thread
//! that sleeps in the kernel until then looks whether it was somebody else's. It reads no row.
//!
//! On a network file system only this machine's commits ring here.

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use notify::event::{EventKind, ModifyKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::{Inner, Store, lock};
use crate::error::{Error, Kind, Result};

/// The shortest time between two calls.
const REST: Duration = Duration::from_millis(100);

/// Tells of changes until it is dropped.
pub struct Watch {
    /// The thread ends when this, and with it the sender of its bell, is gone.
    _watcher: RecommendedWatcher,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

impl Store {
    /// Calls `changed`, from a thread of its own, after something else than this store and its clones has changed the
    /// sessions: at most ten times a second, and always once after the last change. Dropping the watch ends it.
    pub fn watch(&self, changed: impl Fn() + Send + 'static) -> Result<Watch> {
        let path = lock::path(&self.inner.folder);
        let seen = version(&self.inner);
        let (ring, bell) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // An error may stand for events that were lost. Being opened and locked is no ring.
            if event.map_or(true, |event| is_ring(event.kind)) {
                let _gone = ring.send(());
            }
        })
        .map_err(|error| unwatched(&path, &error))?;
        watcher
            .watch(&path, RecursiveMode::NonRecursive)
            .map_err(|error| unwatched(&path, &error))?;
        let inner = Arc::downgrade(&self.inner);
        thread::Builder::new()
            .name("store watch".to_owned())
            .spawn(move || listen(&inner, &bell, seen, changed))
            .map_err(|error| unwatched(&path, &error))?;
        Ok(Watch { _watcher: watcher })
    }
}

fn is_ring(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Modify(ModifyKind::Metadata(_) | ModifyKind::Any) | EventKind::Any | EventKind::Other
    )
}

fn unwatched(path: &Path, error: &impl std::fmt::Display) -> Error {
    Error::new(
        Kind::Store,
        format!(
            "Changes by other processes will not be seen: {} cannot be watched: {error}",
            path.display()
        ),
    )
    .hint("The system may be out of file watches (fs.inotify.max_user_instances)")
}

fn listen(inner: &Weak<Inner>, bell: &Receiver<()>, mut seen: Option<i64>, changed: impl Fn()) {
    while bell.recv().is_ok() {
        // What rang by now is seen by the look that follows; what rings after it makes another.
        while bell.try_recv().is_ok() {}
        let Some(inner) = inner.upgrade() else { return };
        let now = version(&inner);
        drop(inner);
        if now.is_none() || now != seen {
            seen = now;
            changed();
            thread::sleep(REST);
        }
    }
}

/// A number that changes with every commit that was not made through this connection.
fn version(inner: &Inner) -> Option<i64> {
    let connection = inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
    let version = connection.pragma_query_value(None, "data_version", |row| row.get(0));
    version.ok()
}
