//! In the background: the terminal listens to somebody else, and a signal is heard all the same.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tintype::domain::TurnStatus;

use crate::home;
use crate::leaving::{developing, only_turn};
use crate::terminal::{Above, PATIENCE, Start, Terminal};

const WAITS: &str = "waits in the background";

fn in_background(home: &Path) -> Terminal {
    let terminal = Start::new(home).above(Above::Background).demo("0").run();
    terminal.wait_text(WAITS);
    terminal
}

/// Nothing was drawn, and no mode was touched.
fn assert_untouched(terminal: &Terminal) {
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(!raw.contains("\x1b["), "{raw:?}");
}

#[test]
fn what_is_started_in_the_background_ends_when_it_is_told_to() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let home = home();
        let mut terminal = in_background(home.path());
        terminal.signal(signal);
        terminal.wait_ended();
        terminal.keys("\r");
        assert_eq!(terminal.exit(), 128 + signal.as_raw());
        assert_untouched(&terminal);
    }
}

#[test]
fn a_timeout_in_a_script_ends_it() {
    let home = home();
    let mut terminal = Start::new(home.path()).above(Above::Timeout).demo("0").run();
    assert_eq!(terminal.exit(), 124);
    assert_untouched(&terminal);
}

#[test]
fn brought_to_the_foreground_it_begins() {
    let home = home();
    let mut terminal = in_background(home.path());
    assert_untouched(&terminal);
    terminal.keys("fg\r");
    terminal.wait_start();
    terminal.keys("it listens");
    terminal.wait_text("it listens");
    terminal.keys("\x03\x11");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
}

#[test]
fn what_runs_goes_on_in_the_background_and_is_there_in_the_foreground() {
    let (home, mut provider, mut terminal) = developing(Above::Shell);
    terminal.keys("\x1a");
    terminal.wait_text("back at the shell");
    let stopped = terminal.written();
    terminal.keys("bg\r");
    terminal.wait_text("it runs on");
    provider.the_other_half();
    let deadline = Instant::now() + PATIENCE;
    while only_turn(&home).status != TurnStatus::Finished {
        assert!(Instant::now() < deadline, "it never finished");
        std::thread::sleep(Duration::from_millis(20));
    }
    let written = String::from_utf8_lossy(&terminal.since(stopped)).into_owned();
    assert!(!written.contains("\x1b["), "{written:?}");
    // It can still be told to end, with nobody to continue it.
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.exit(), 143);
    terminal.wait_restored();
}

#[test]
fn with_no_shell_left_it_says_so() {
    let home = home();
    let terminal = Start::new(home.path()).above(Above::Nobody).demo("0").run();
    terminal.wait_text("no shell can bring it to the foreground");
    assert_untouched(&terminal);
}
