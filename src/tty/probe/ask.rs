//! The question to a terminal, asked outside the terminal UI: for whoever wants to know and then leave. It takes no
//! mode on but the one in which answers are not echoed, and gives it back.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::termios::{self, OptionalActions, Termios};

use super::{Facts, Form, Hints};
use crate::tty::{Device, Fact, Input, Lexer, tmux};

/// How long an answer is waited for: a link may be slow, and what comes later is typed into the shell.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The modes as they were, put back when this goes.
struct Quiet {
    terminal: OwnedFd,
    before: Termios,
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // A terminal that is gone has no modes to give back.
        let _gone = termios::tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

fn put(output: &OwnedFd, form: Form) -> io::Result<()> {
    let mut question = form.question();
    // What a terminal has printed of it goes again.
    question.extend_from_slice(b"\r\x1b[K");
    rustix::io::write(output, &question)?;
    Ok(())
}

/// What the terminal says of itself; an error where there is none. In the background it is not asked: it listens to
/// somebody else, who would be given the answers.
pub fn ask(hints: &Hints) -> io::Result<Facts> {
    let device = Device::open()?;
    if !device.is_foreground() {
        let mut facts = Facts::new(hints.tmux);
        facts.set_window(device.window());
        return Ok(facts);
    }
    let terminal = device.input()?;
    let before = termios::tcgetattr(&terminal)?;
    let mut raw = before.clone();
    raw.make_raw();
    termios::tcsetattr(&terminal, OptionalActions::Now, &raw)?;
    let quiet = Quiet { terminal, before };
    let mut facts = Facts::new(hints.tmux);
    facts.set_window(device.window());
    let output = device.output()?;
    let mut form = facts.form(hints);
    put(&output, form)?;
    // The terminal thinks meanwhile; its answers wait.
    if let Some(client) = hints.tmux.then(tmux::client).flatten() {
        facts.learn(&Fact::Tmux(client));
    }
    let mut lexer = Lexer::new();
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = [0; 1024];
    while !facts.complete() {
        let rest = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(rest).unwrap_or_default();
        match poll(&mut [PollFd::new(&quiet.terminal, PollFlags::IN)], Some(&timeout)) {
            Err(Errno::INTR) => continue,
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        match rustix::io::read(&quiet.terminal, &mut buffer) {
            Ok(0) => break,
            Ok(length) => lexer.push(&buffer[..length], &mut |input| {
                if let Input::Fact(fact) = input {
                    facts.learn(&fact);
                }
            }),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => break,
        }
        let next = facts.form(hints);
        if std::mem::replace(&mut form, next) != next {
            facts.asked_again();
            put(&output, next)?;
        }
    }
    Ok(facts)
}
