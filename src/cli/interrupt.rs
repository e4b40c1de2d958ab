//! What ends a command early, and what does not: the user's signals, a lost link, and a stop of the shell's.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use super::output;
use crate::tty::guard;

/// How long a command that was told to end may take for what it still has to save.
const HURRY: Duration = Duration::from_millis(900);

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

/// What a command is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Nothing new is wanted; what has come is to be saved.
    Stop,
    /// Nothing is waited for any more.
    Leave,
}

/// How long a command goes on. From the moment this is made it outlives its terminal: a lost link does not end what is
/// paid for, but for how long it may take then there is a limit.
pub(super) struct Patience {
    signals: Interrupt,
    hang_up: Option<Signal>,
    suspend: Option<Signal>,
    finish_within: Duration,
    /// The link is lost, and then it ends.
    link: Option<Instant>,
    /// It was told to end, and then it ends.
    end: Option<Instant>,
    interrupted: bool,
}

/// What happened, before it is weighed.
enum Happened {
    Interrupted,
    Told,
    LinkLost,
    Suspended,
    Late,
    Over,
}

impl Patience {
    pub(super) fn new(finish_within: Duration) -> Self {
        Self {
            signals: Interrupt::new(),
            hang_up: signal(SignalKind::hangup()).ok(),
            suspend: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw())).ok(),
            finish_within,
            link: None,
            end: None,
            interrupted: false,
        }
    }

    /// The next word. Cancel safe.
    pub(super) async fn word(&mut self) -> Word {
        loop {
            match self.happened().await {
                Happened::Suspended => suspend(),
                Happened::LinkLost => {
                    self.link.get_or_insert(Instant::now() + self.finish_within);
                }
                // The first Ctrl+C waits for what is to be saved; whoever presses it again means it.
                Happened::Interrupted if !self.interrupted => {
                    self.interrupted = true;
                    return Word::Stop;
                }
                Happened::Interrupted | Happened::Told => {
                    self.interrupted = true;
                    self.hurry();
                    return Word::Stop;
                }
                Happened::Late => {
                    self.hurry();
                    return Word::Stop;
                }
                Happened::Over => return Word::Leave,
            }
        }
    }

    /// Whether the user wants it to end.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// Everything is saved: a user who has interrupted it waits for no reader.
    pub(super) fn saved(&mut self) {
        if self.interrupted {
            self.hurry();
        }
    }

    fn hurry(&mut self) {
        self.end.get_or_insert(Instant::now() + HURRY);
    }

    async fn happened(&mut self) -> Happened {
        let (link, end) = (self.link, self.end);
        tokio::select! {
            biased;
            () = caught(&mut self.signals.terminate) => Happened::Told,
            () = caught(&mut self.signals.interrupt) => Happened::Interrupted,
            () = caught(&mut self.suspend) => Happened::Suspended,
            () = caught(&mut self.hang_up) => Happened::LinkLost,
            () = output::link_lost(), if link.is_none() => Happened::LinkLost,
            () = at(link), if end.is_none() => Happened::Late,
            () = at(end) => Happened::Over,
        }
    }
}

/// Stops as a program stops that does not catch the signal, with a word before it. Where no shell is above us that
/// could end the stop, it goes on.
fn suspend() {
    if guard::can_suspend() {
        output::aside(
            "tintype: stopped in mid-generation; `fg` or `bg` goes on, and a long stop may cut the stream",
        );
        guard::stop();
    }
}

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

async fn caught(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    }
}
