//! The threads on which the engine blocks: disk and database. They are made when the engine starts, because an answer that
//! has begun is paid for: it must not end because the machine has no thread to spare in the middle of it. tokio's own
//! threads are made when they are needed and panic when they cannot be.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use crate::error::{Error, Kind, Result};
use crate::logs;

/// Two generations of an order run at a time; each may sync while its image is moved.
const THREADS: usize = 4;

type Work = Box<dyn FnOnce() + Send>;

/// One pool for the process, however many engines there are; `None` where no thread could be made.
static POOL: OnceLock<Option<Mutex<Sender<Work>>>> = OnceLock::new();

/// Makes the threads, unless they are there already.
pub(super) fn prepare() {
    pool();
}

fn pool() -> Option<&'static Mutex<Sender<Work>>> {
    let start_all = || {
        let (sender, receiver) = channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        let started = (0..THREADS).filter(|_| start_one(&receiver)).count();
        (started > 0).then(|| Mutex::new(sender))
    };
    POOL.get_or_init(start_all).as_ref()
}

fn start_one(receiver: &Arc<Mutex<Receiver<Work>>>) -> bool {
    let receiver = Arc::clone(receiver);
    let serve = move || {
        loop {
            let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(work) = next else { return };
            // A panic has been reported by the hook; the thread is needed for what comes next.
            let _reported = catch_unwind(AssertUnwindSafe(work));
        }
    };
    thread::Builder::new()
        .name("engine-worker".to_owned())
        .spawn(serve)
        .is_ok()
}

/// Runs `work` on one of the threads when one is free; on this one where there are none.
pub(super) fn start(work: impl FnOnce() + Send + 'static) {
    match pool() {
        Some(sender) => {
            let sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
            let _the_threads_never_end = sender.send(Box::new(work));
        }
        None => work(),
    }
}

/// Runs `work` where it may block, and returns its result; an error where it panicked.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = oneshot::channel();
    start(move || {
        let result = catch_unwind(AssertUnwindSafe(work));
        let failed = |panic: Box<dyn Any + Send>| Err(logs::worker_failed(&words_of(panic.as_ref())));
        let _nobody_waits = sender.send(result.unwrap_or_else(failed));
    });
    receiver
        .await
        .unwrap_or_else(|_| Err(Error::new(Kind::Internal, "A worker of the engine was lost")))
}

fn words_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it says nothing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_threads_go_on() {
        for _ in 0..2 * THREADS {
            let failed = blocking::<()>(|| panic!("no luck")).await.unwrap_err();
            assert_eq!(failed.kind, Kind::Internal);
        }
        assert_eq!(blocking(|| Ok(7)).await.unwrap(), 7);
    }
}
