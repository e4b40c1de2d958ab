//! Signals as values. It only listens: what a signal means is the shell's to say.

use std::io;

use tokio::signal::unix::{self, SignalKind};

/// A signal that the program was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Asked to end: SIGTERM.
    Terminate,
    /// SIGINT from outside: the terminal's own Ctrl+C is a key.
    Interrupt,
    /// SIGQUIT from outside.
    Quit,
    /// The link or the terminal is gone: SIGHUP.
    HangUp,
    /// The terminal has another size: SIGWINCH.
    Resize,
    /// Continued after a stop: SIGCONT.
    Continue,
    /// Asked to stop from outside: SIGTSTP.
    Suspend,
}

impl Signal {
    /// The exit code of a process that ends of it, where it is one that ends processes.
    pub fn exit_code(self) -> Option<u8> {
        match self {
            Self::HangUp => Some(129),
            Self::Interrupt => Some(130),
            Self::Quit => Some(131),
            Self::Terminate => Some(143),
            Self::Resize | Self::Continue | Self::Suspend => None,
        }
    }
}

/// Listens for signals; made once, within a tokio runtime, for a task of its own.
#[derive(Debug)]
pub struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
    quit: unix::Signal,
    hang_up: unix::Signal,
    resize: unix::Signal,
    proceed: unix::Signal,
    suspend: unix::Signal,
}

impl Signals {
    pub fn new() -> io::Result<Self> {
        let listen = |signal: rustix::process::Signal| unix::signal(SignalKind::from_raw(signal.as_raw()));
        Ok(Self {
            terminate: unix::signal(SignalKind::terminate())?,
            interrupt: unix::signal(SignalKind::interrupt())?,
            quit: unix::signal(SignalKind::quit())?,
            hang_up: unix::signal(SignalKind::hangup())?,
            resize: unix::signal(SignalKind::window_change())?,
            proceed: listen(rustix::process::Signal::CONT)?,
            suspend: listen(rustix::process::Signal::TSTP)?,
        })
    }

    /// The next signal. Several of one kind may come as one; a call that is dropped loses none.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            biased;
            _ = self.hang_up.recv() => Signal::HangUp,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.quit.recv() => Signal::Quit,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.suspend.recv() => Signal::Suspend,
            _ = self.proceed.recv() => Signal::Continue,
            _ = self.resize.recv() => Signal::Resize,
        }
    }
}
