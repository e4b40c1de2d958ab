//! The modes of the terminal: taken on, given back whatever happens, and put aside while the program is suspended or
//! the terminal is lent. It writes nothing but modes, and never waits longer than 200 ms for a terminal that does not
//! read.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::{getpgrp, getsid};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, kill_current_process_group};
use rustix::termios::{self, OptionalActions, QueueSelector, Termios};

use super::{Device, foreground};

/// How long a terminal that does not read is waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// Each mode with what undoes it, in the order in which they are taken on.
///
/// Kitty's flags are kept per screen, so they come after the alternate one: 1 tells Ctrl+I from Tab, 4 names the
/// Latin key of a Cyrillic one. `CSI > 4 ; 2 m` is the same for xterm and for tmux; a terminal that takes it for
/// colours is put right by what follows it.
const MODES: [(&str, &str); 10] = [
    ("\x1b[?1049h", "\x1b[?1049l"),
    ("\x1b[?2004h", "\x1b[?2004l"),
    ("\x1b[?1004h", "\x1b[?1004l"),
    ("\x1b[?1000h", "\x1b[?1000l"),
    ("\x1b[?1002h", "\x1b[?1002l"),
    ("\x1b[?1006h", "\x1b[?1006l"),
    // It tells when its colors become light or dark.
    ("\x1b[?2031h", "\x1b[?2031l"),
    ("\x1b[>5u", "\x1b[<u"),
    ("\x1b[>4;2m\x1b[0m", "\x1b[>4m\x1b[0m"),
    ("\x1b[?25l", "\x1b[?25h"),
];

/// What takes the modes on.
pub fn enter_bytes() -> Vec<u8> {
    MODES.iter().flat_map(|(on, _)| on.bytes()).collect()
}

/// What gives them back, after `farewell` (such as the deletion of our pictures). A string that was cut is ended
/// first, and so is a synchronized update.
pub fn leave_bytes(farewell: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x1b\\\x1b[?2026l".to_vec();
    bytes.extend_from_slice(farewell);
    bytes.extend(MODES.iter().rev().flat_map(|(_, off)| off.bytes()));
    bytes
}

/// The guard that a restore from elsewhere, as a panic hook, acts on.
static CURRENT: Mutex<Weak<Held>> = Mutex::new(Weak::new());

#[derive(Debug)]
struct Held {
    terminal: OwnedFd,
    before: Termios,
    state: Mutex<State>,
    silence: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct State {
    entered: bool,
    /// We have stopped ourselves: the SIGCONT that ended it is no news.
    stopped: bool,
    farewell: Vec<u8>,
}

impl Held {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the modes on; false if the terminal listens to somebody else.
    fn enter(&self) -> io::Result<bool> {
        let mut state = self.lock();
        if !foreground::is_ours(&self.terminal) {
            return Ok(false);
        }
        let mut raw = self.before.clone();
        raw.make_raw();
        // Never the variants that drain: on a terminal that does not read they wait for ever.
        termios::tcsetattr(&self.terminal, OptionalActions::Now, &raw)?;
        let mut bytes = Vec::new();
        if state.entered {
            // A second alternate screen would forget where the cursor was on the first.
            bytes.extend(leave_bytes(&[]));
        }
        bytes.extend(enter_bytes());
        write_within(&self.terminal, &bytes, PATIENCE);
        state.entered = true;
        Ok(true)
    }

    fn leave(&self) {
        let mut state = self.lock();
        if std::mem::take(&mut state.entered) {
            let bytes = leave_bytes(&state.farewell);
            if !write_within(&self.terminal, &bytes, PATIENCE) {
                // What it has not read is of no use any more, and makes room: should it read again, it is put right.
                let _ = termios::tcflush(&self.terminal, QueueSelector::OFlush);
                write_within(&self.terminal, &bytes, Duration::ZERO);
            }
            // A shell that has the terminal by now has set its own modes.
            if foreground::is_ours(&self.terminal) {
                // The terminal may be gone, and then nothing is left to put right.
                let _ = termios::tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
            }
        }
    }
}

/// Holds the terminal's modes; dropping it gives them back.
#[derive(Debug)]
pub struct Guard {
    held: Arc<Held>,
}

impl Guard {
    /// Takes the modes on.
    pub fn enter(device: &Device) -> io::Result<Self> {
        let terminal = device.output()?;
        let held = Arc::new(Held {
            before: termios::tcgetattr(&terminal)?,
            terminal,
            state: Mutex::default(),
            silence: device.silence(),
        });
        if !held.enter()? {
            return Err(io::Error::other("it listens to another program"));
        }
        *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&held);
        Ok(Self { held })
    }

    /// Sets what is written before the modes are given back: the deletion of the pictures that we have put up.
    pub fn set_farewell(&self, bytes: Vec<u8>) {
        self.held.lock().farewell = bytes;
    }

    /// Gives the modes back, as before the terminal is lent; nothing happens the second time.
    pub fn leave(&self) {
        self.held.leave();
    }

    /// Takes the modes on again after [`leave`](Self::leave): whoever had the terminal in between may have changed
    /// anything. Everything is to be painted, uploaded and asked anew. False where nothing was done, because the
    /// program is in the background.
    pub fn enter_again(&self) -> io::Result<bool> {
        self.held.enter()
    }

    /// To be called at [`Signal::Continue`](super::Signal::Continue). True if the stop was not our own, so that
    /// [`enter_again`](Self::enter_again) is due.
    pub fn continued(&self) -> bool {
        !std::mem::take(&mut self.held.lock().stopped)
    }

    /// Gives the terminal back, stops the process group and returns when it has been continued:
    /// [`enter_again`](Self::enter_again) is due then.
    pub fn suspend(&self) {
        self.leave();
        self.held.lock().stopped = true;
        stop();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Stops the process group, with nothing done to the terminal, and returns when it has been continued.
///
/// The whole group stops, so that a wrapper we run under gives way to the shell as well. SIGTSTP would be dropped
/// where no shell is above us in the session, and is ours to catch; SIGSTOP is neither.
pub fn stop() {
    // One's own group can always be sent a signal.
    let _ = kill_current_process_group(Signal::STOP);
    // The signal may take effect on another thread first: this one must not go on before the stop.
    thread::sleep(Duration::from_millis(20));
}

/// Whether there can be a shell to come back from a suspension. One with job control gives each command a process
/// group of its own; in the group of the session's leader everybody would stop, and freeze the terminal.
///
/// The ids of a leader outside our PID namespace are 0, which rustix takes for impossible (undefined in release, a panic
/// in debug).
pub fn can_suspend() -> bool {
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Gives the terminal back from wherever the program is, such as a panic hook, and silences the writer. Does nothing
/// where there is no guard, or for the second time.
pub fn restore() {
    let held = CURRENT.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
    if let Some(held) = held {
        held.silence.store(true, Ordering::SeqCst);
        held.leave();
    }
}

/// Writes what the terminal takes in this time; true if that was everything.
fn write_within(terminal: &OwnedFd, mut bytes: &[u8], patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    while !bytes.is_empty() {
        let rest = deadline.saturating_duration_since(Instant::now());
        let Ok(timeout) = Timespec::try_from(rest) else {
            return false;
        };
        match poll(&mut [PollFd::new(terminal, PollFlags::OUT)], Some(&timeout)) {
            Err(Errno::INTR) => continue,
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
        match rustix::io::write(terminal, bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => return false,
        }
    }
    true
}
