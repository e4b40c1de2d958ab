//! A thread that prints, so that whoever has something to say never waits for a terminal that stalls or a pipe that
//! nobody reads. Results wait for their reader in order, however long it takes; what is only of the moment gives way.
//! It does not know what it prints.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::{oneshot, watch};

/// With so many pieces in the queue the reader is behind, and what is only of the moment is not queued any more.
const BEHIND: usize = 64;

/// The errno of a terminal that is gone; `io::ErrorKind` has no stable name for it.
const EIO: i32 = 5;

/// Something to print, in the order in which it was said.
pub(super) enum Piece {
    Out(Vec<u8>),
    Err(Vec<u8>),
    /// Standard error's changing line: only the latest is worth printing.
    Status(Vec<u8>),
    /// A file for standard output, and who wants to know what became of it.
    File(File, oneshot::Sender<io::Result<()>>),
}

/// What the press says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    /// Everything that was queued is out.
    idle: bool,
    /// Nobody can be told anything: the terminal is gone, or standard error is.
    lost: bool,
}

#[derive(Default)]
struct Queue {
    pieces: VecDeque<Piece>,
    printing: bool,
}

/// The queue and the thread behind it.
pub(super) struct Press {
    queue: Mutex<Queue>,
    changed: Condvar,
    state: watch::Sender<State>,
}

static PRESS: OnceLock<Arc<Press>> = OnceLock::new();

/// The press, if one was started.
pub(super) fn running() -> Option<&'static Press> {
    PRESS.get().map(Arc::as_ref)
}

/// Starts the press, unless it runs already. Without a thread to spare everything is printed as before: at once.
pub(super) fn start() {
    if PRESS.get().is_some() {
        return;
    }
    let press = Arc::new(Press {
        queue: Mutex::default(),
        changed: Condvar::new(),
        state: watch::Sender::new(State {
            idle: true,
            lost: false,
        }),
    });
    let theirs = Arc::clone(&press);
    let thread = thread::Builder::new()
        .name("printer".to_owned())
        .spawn(move || theirs.run());
    if thread.is_ok() {
        let _one_is_enough = PRESS.set(press);
    }
}

impl Press {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a piece.
    pub(super) fn put(&self, piece: Piece) {
        let mut queue = self.lock();
        if matches!(piece, Piece::Status(_)) && matches!(queue.pieces.back(), Some(Piece::Status(_))) {
            queue.pieces.pop_back();
        }
        queue.pieces.push_back(piece);
        self.state.send_modify(|state| state.idle = false);
        drop(queue);
        self.changed.notify_all();
    }

    /// Queues a piece of the moment, which the next one makes good if the reader is too far behind for it.
    pub(super) fn put_passing(&self, piece: Piece) {
        if self.lock().pieces.len() < BEHIND {
            self.put(piece);
        }
    }

    /// Returns when everything is out. Cancel safe.
    pub(super) async fn idle(&self) {
        let mut state = self.state.subscribe();
        // The sender is never dropped, so the wait ends only as it should.
        let _idle = state.wait_for(|state| state.idle).await;
    }

    /// Returns when nobody can be told anything any more. Cancel safe.
    pub(super) async fn lost(&self) {
        let mut state = self.state.subscribe();
        let _lost = state.wait_for(|state| state.lost).await;
    }

    /// Waits until everything is out, at most this long.
    pub(super) fn settle(&self, patience: Duration) {
        let busy = |queue: &mut Queue| queue.printing || !queue.pieces.is_empty();
        // Late is late: the caller goes on in any case.
        drop(self.changed.wait_timeout_while(self.lock(), patience, busy));
    }

    fn run(&self) {
        let mut lost = false;
        loop {
            let mut queue = self.lock();
            queue.printing = false;
            if queue.pieces.is_empty() {
                self.state.send_modify(|state| state.idle = true);
                self.changed.notify_all();
            }
            let mut queue = self
                .changed
                .wait_while(queue, |queue| queue.pieces.is_empty())
                .unwrap_or_else(PoisonError::into_inner);
            let Some(piece) = queue.pieces.pop_front() else {
                continue;
            };
            queue.printing = true;
            drop(queue);
            lost |= print(piece);
            self.state.send_if_modified(|state| {
                let news = lost && !state.lost;
                state.lost = lost;
                news
            });
        }
    }
}

/// Prints a piece; true if that showed that nobody is there any more. What cannot be printed is dropped.
pub(super) fn print(piece: Piece) -> bool {
    match piece {
        Piece::Out(bytes) => {
            let mut out = io::stdout().lock();
            let written = out.write_all(&bytes).and_then(|()| out.flush());
            written.is_err_and(|error| is_hang_up(&error))
        }
        Piece::Err(bytes) | Piece::Status(bytes) => {
            let written = io::stderr().lock().write_all(&bytes);
            written.is_err_and(|error| is_hang_up(&error) || error.kind() == io::ErrorKind::BrokenPipe)
        }
        Piece::File(mut file, told) => {
            let mut out = io::stdout().lock();
            let copied = io::copy(&mut file, &mut out).and_then(|_bytes| out.flush());
            let lost = copied.as_ref().is_err_and(is_hang_up);
            let _nobody_asks = told.send(copied);
            lost
        }
    }
}

/// Whether this is how a terminal that is gone answers.
pub(super) fn is_hang_up(error: &io::Error) -> bool {
    error.raw_os_error() == Some(EIO)
}
