//! When what was written goes to the disk: at each event's end and once a second, beside the reading, also while no byte
//! comes.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::workers;

/// What a power loss may cost.
const INTERVAL: Duration = Duration::from_secs(1);

/// The syncing of one generation: at most one at a time, so that a slow disk never slows the reading.
#[derive(Debug)]
pub(super) struct Sync {
    last: Instant,
    /// Something was written since the last one began.
    dirty: bool,
    /// An event ended since the last one began.
    urgent: bool,
    /// Closes when the one that is running ends.
    running: Option<oneshot::Receiver<()>>,
}

impl Sync {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            last: now,
            dirty: false,
            urgent: false,
            running: None,
        }
    }

    /// Something was written; `urgent` where it ended an event or made a file.
    pub(super) fn wrote(&mut self, urgent: bool) {
        self.dirty = true;
        self.urgent |= urgent;
    }

    /// Whether to start one now. One that would be due while another is running comes after it.
    pub(super) fn is_due(&mut self) -> bool {
        self.dirty && !self.is_running() && (self.urgent || self.last.elapsed() >= INTERVAL)
    }

    fn is_running(&mut self) -> bool {
        let ended = |running: &mut oneshot::Receiver<()>| {
            !matches!(running.try_recv(), Err(oneshot::error::TryRecvError::Empty))
        };
        if self.running.as_mut().is_some_and(ended) {
            self.running = None;
        }
        self.running.is_some()
    }

    /// Returns when one is due though nothing more is written. Cancel safe.
    pub(super) async fn due(&mut self) {
        if !self.dirty {
            std::future::pending::<()>().await;
        }
        if let Some(running) = &mut self.running {
            let _ended = running.await;
            self.running = None;
        }
        if !self.urgent {
            tokio::time::sleep_until((self.last + INTERVAL).into()).await;
        }
    }

    /// Sends the contents of `files` to the disk in this order, and then the names in `folder`.
    pub(super) fn start(&mut self, files: Vec<Arc<File>>, folder: Option<PathBuf>) {
        let (ended, running) = oneshot::channel::<()>();
        self.dirty = false;
        self.urgent = false;
        self.last = Instant::now();
        self.running = Some(running);
        workers::start(move || {
            for file in files {
                // Nothing can be done about a disk that refuses; the image's own way into the store syncs again and reports.
                let _reported_later = file.sync_data();
            }
            if let Some(folder) = folder.and_then(|folder| File::open(folder).ok()) {
                let _reported_later = folder.sync_all();
            }
            drop(ended);
        });
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn what_is_written_is_due_within_a_second_though_nothing_follows() {
        let mut sync = Sync::new(Instant::now());
        assert!(sync.due().now_or_never().is_none(), "nothing was written");
        sync.wrote(false);
        assert!(sync.due().now_or_never().is_none());
        tokio::time::timeout(10 * INTERVAL, sync.due()).await.unwrap();
        assert!(sync.is_due());
        sync.wrote(true);
        assert!(sync.is_due());
        sync.start(Vec::new(), None);
        sync.wrote(true);
        tokio::time::timeout(10 * INTERVAL, sync.due()).await.unwrap();
        assert!(sync.is_due(), "the one before has ended");
    }
}
