//! When what was written goes to the disk: at each event's end and once a second, beside the reading.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// What a power loss may cost.
const INTERVAL: Duration = Duration::from_secs(1);

/// The syncing of one generation: at most one at a time, so that a slow disk never slows the reading.
#[derive(Debug)]
pub(super) struct Sync {
    last: Instant,
    wanted: bool,
    busy: Arc<AtomicBool>,
}

impl Sync {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            last: now,
            wanted: false,
            busy: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Whether to start one now; a wish that comes while one is running is remembered.
    pub(super) fn is_due(&mut self, event_ended: bool) -> bool {
        self.wanted |= event_ended || self.last.elapsed() >= INTERVAL;
        self.wanted && !self.busy.load(Ordering::Acquire)
    }

    /// Sends the contents of `files` to the disk, and the names in `folder`.
    pub(super) fn start(&mut self, files: Vec<File>, folder: Option<PathBuf>) {
        self.wanted = false;
        self.last = Instant::now();
        self.busy.store(true, Ordering::Release);
        let busy = Arc::clone(&self.busy);
        tokio::task::spawn_blocking(move || {
            for file in files {
                // Nothing can be done about a disk that refuses; the picture's own adoption syncs again and reports.
                let _reported_later = file.sync_data();
            }
            if let Some(folder) = folder.and_then(|folder| File::open(folder).ok()) {
                let _reported_later = folder.sync_all();
            }
            busy.store(false, Ordering::Release);
        });
    }
}
