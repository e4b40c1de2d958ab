//! What the program needs of the machine before it begins: files that may be open and threads that may run. Without them
//! it would fail half way, in places where nobody could say why.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex};
use std::thread;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::stdio::stderr;

use crate::error::{Error, Kind, Result};

/// What a command needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    /// Files open at once, beside those that are open already.
    files: usize,
    /// Threads beside the first.
    threads: usize,
}

/// The terminal UI, with several generations at once and a demo to send them to.
pub(super) const SCREEN: Needs = Needs {
    files: 64,
    threads: 12,
};
/// One generation after the other, and a demo to send them to.
pub(super) const GENERATION: Needs = Needs {
    files: 48,
    threads: 8,
};
/// Everything that opens the store or asks a provider.
pub(super) const OTHERS: Needs = Needs {
    files: 24,
    threads: 4,
};

/// What a machine usually allows; a lower limit is raised to it where that is the user's to do.
const USUAL: u64 = 1024;
/// Where so many threads may run, nobody has set a limit to try.
const MANY: u64 = 4096;

/// An error where the machine does not allow what is needed.
pub(super) fn check(needs: Needs) -> Result<()> {
    raise();
    let free = free_files(needs.files);
    if free < needs.files {
        let limit = getrlimit(Resource::Nofile).current.unwrap_or_default();
        let needed = limit + (needs.files - free) as u64;
        let message =
            format!("The limit of open files is too low: it is {limit}, and tintype needs {needed}");
        let hint = format!("Raise it with `ulimit -n {USUAL}` and start tintype again");
        return Err(Error::new(Kind::Internal, message).hint(hint));
    }
    let is_low = getrlimit(Resource::Nproc)
        .current
        .is_some_and(|limit| limit < MANY);
    if is_low && !has_threads(needs.threads) {
        return Err(no_threads());
    }
    Ok(())
}

fn no_threads() -> Error {
    Error::new(
        Kind::Internal,
        "The limit of processes and threads is too low: tintype cannot start its own",
    )
    .hint("End some programs, or raise it with `ulimit -u`, and start tintype again")
}

/// Raises a low limit as far as the user may.
fn raise() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(USUAL, |maximum| maximum.min(USUAL));
    if current.is_some_and(|current| current < wanted) {
        // What cannot be raised is looked at next.
        let _ = setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(wanted),
                maximum,
            },
        );
    }
}

/// How many files can be opened, counted no further than `most`.
fn free_files(most: usize) -> usize {
    let open = |_| stderr().as_fd().try_clone_to_owned().ok();
    let opened: Vec<OwnedFd> = (0..most).map_while(open).collect();
    opened.len()
}

/// Whether so many threads can run at once.
fn has_threads(count: usize) -> bool {
    let gate = Arc::new(Mutex::new(()));
    let shut = gate.lock();
    let start = |_| -> io::Result<thread::JoinHandle<()>> {
        let gate = Arc::clone(&gate);
        thread::Builder::new().spawn(move || drop(gate.lock()))
    };
    let started: Vec<_> = (0..count).map_while(|index| start(index).ok()).collect();
    let has_all = started.len() == count;
    drop(shut);
    for thread in started {
        // They do nothing that could panic.
        let _ = thread.join();
    }
    has_all
}
