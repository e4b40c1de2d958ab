//! What is kept, seen by its user: recovered after a kill, shown while another program is at it, deleted and brought
//! back, found again.

use rustix::process::Signal;
use tintype::domain::TurnStatus;

use crate::leaving::{developing, only_turn};
use crate::terminal::{Above, Start, Terminal};
use crate::{home, newest_session};

#[test]
fn what_another_program_is_at_appears_finished_without_a_key() {
    let (home, mut provider, mut first) = developing(Above::Nothing);
    let mut second = Start::new(home.path()).demo("0").run();
    second.wait_text("▌a red fox");
    second.keys("\x13\r");
    second.wait_text("#1 runs elsewhere");
    second.wait_text("running elsewhere");
    provider.the_other_half();
    second.wait_text("#1 · 320×200 png");
    second.wait_gone("elsewhere");
    for terminal in [&mut first, &mut second] {
        terminal.keys("\x11");
        assert_eq!(terminal.exit(), 0);
    }
}

#[test]
fn what_was_killed_is_recovered_at_the_next_start() {
    let (home, _provider, mut terminal) = developing(Above::Nothing);
    terminal.signal(Signal::KILL);
    terminal.exit();
    let mut terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_text("A turn was recovered from an interrupted run: #1 in a red fox");
    terminal.wait_text("▌a red fox");
    terminal.keys("\x13\r");
    terminal.wait_text("#1 was interrupted");
    terminal.wait_text("· interrupted");
    terminal.wait("the rows that had come", |screen| {
        screen.contains('\u{2580}') || screen.contains('\u{10eeee}')
    });
    let turn = only_turn(&home);
    assert_eq!(turn.status, TurnStatus::Interrupted);
    assert_eq!(turn.thoughts, "I begin with the fox.");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
}

fn with_a_lighthouse(home: &std::path::Path) -> Terminal {
    let terminal = Start::new(home).demo("0").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text("#1 · 1024×1024 png");
    terminal
}

#[test]
fn what_was_deleted_comes_back_in_another_run() {
    let home = home();
    let mut terminal = with_a_lighthouse(home.path());
    terminal.keys("\x13d");
    terminal.wait_text("Delete “a lighthouse” with its 1 turn?");
    terminal.keys("d");
    terminal.wait_text("u brings it back");
    terminal.wait_text("None yet");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    let mut terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.keys("\x13");
    terminal.wait_text("None yet");
    terminal.keys("u");
    terminal.wait_text("back again: a lighthouse");
    terminal.wait_text("#1 · 1024×1024 png");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    assert_eq!(newest_session(home.path()).turns.len(), 1);
}

#[test]
fn a_session_is_found_by_what_was_asked_in_it() {
    let home = home();
    let mut terminal = with_a_lighthouse(home.path());
    terminal.keys("\x0e\x13/lighth");
    terminal.wait_text("1 hit");
    terminal.wait_text("a lighthouse · #1");
    terminal.keys("\r");
    terminal.wait_text("#1 · 1024×1024 png");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
}
