//! The signals by which a user ends a command, and the one that does not.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Ctrl+C or SIGTERM; a system without signals never interrupts.
///
/// The signals are caught from the moment this is made, and one that comes while nobody waits is not lost.
pub(super) struct Interrupt {
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
}

impl Interrupt {
    pub(super) fn new() -> Self {
        Self {
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
        }
    }

    /// Returns when one of them has come. Cancel safe.
    pub(super) async fn wait(&mut self) {
        tokio::select! {
            () = caught(&mut self.interrupt) => {}
            () = caught(&mut self.terminate) => {}
        }
    }
}

async fn caught(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}

/// From here on the command outlives its terminal: a lost connection does not end what is paid for.
pub(super) fn outlive_terminal() {
    // Once it is caught, the signal never goes back to ending the process.
    drop(signal(SignalKind::hangup()));
}
