//! Job control: whether the terminal is ours by now. The kernel stops a program that changes the modes of a terminal from
//! the background, or reads it there, and a stopped program hears of no signal that would end it. So it asks before, and
//! waits for the foreground without being stopped.

use std::io;
use std::os::fd::AsFd;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{getpgrp, getppid, getsid, tcgetpgrp};

use super::Device;

/// How often it is looked whether the terminal is ours: a shell's `fg` says nothing to a program that runs.
pub const LOOK: Duration = Duration::from_millis(200);

/// Whether the terminal listens to our process group. One that does not control our session listens to everybody.
pub(super) fn is_ours(terminal: impl AsFd) -> bool {
    tcgetpgrp(terminal).map_or(true, |group| group == getpgrp())
}

/// Whether a shell, or what it runs, is still there that could bring us to the foreground.
pub fn has_shell() -> bool {
    getsid(Some(getppid())).is_ok_and(|session| getsid(None) == Ok(session))
}

/// Waits until the terminal listens to us. It is to be called before any signal is caught: one that ends processes ends
/// this one meanwhile. An error where nobody is left who could bring us to the foreground.
pub fn wait(device: &Device) -> io::Result<()> {
    while !device.is_foreground() {
        if !has_shell() {
            return Err(io::Error::other(
                "it was started in the background, and no shell can bring it to the foreground",
            ));
        }
        thread::sleep(LOOK);
    }
    Ok(())
}

/// From here on this thread, and those that it starts, are not stopped for using the terminal from the background: to
/// read it is an error there, and its modes are not to be touched ([`Device::is_foreground`]).
pub fn hold_stops() {
    // Without it the kernel stops us, as it does every other program.
    let _ = SigSet::from_iter([Signal::SIGTTOU, Signal::SIGTTIN]).thread_block();
}
