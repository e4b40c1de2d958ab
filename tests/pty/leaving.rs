//! The ways out: quitting, signals, panics, hang-ups and suspension, idle and in the middle of a generation.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use tintype::domain::{Turn, TurnStatus};

use crate::provider::{Provider, picture};
use crate::terminal::{Above, Like, Start, Terminal};
use crate::{home, newest_session};

/// A program with half a picture, and the provider that has the other half.
pub(crate) fn developing(above: Above) -> (TempDir, Provider, Terminal) {
    let home = home();
    let mut provider = Provider::new();
    let terminal = provider.client(home.path()).above(above).run();
    terminal.wait_start();
    terminal.send("a red fox");
    provider.answer();
    provider.think("I begin with the fox.");
    terminal.wait_text("I begin with the fox.");
    provider.half_a_picture();
    terminal.wait_text("developing");
    (home, provider, terminal)
}

pub(crate) fn only_turn(home: &TempDir) -> Turn {
    let mut turns = newest_session(home.path()).turns;
    assert_eq!(turns.len(), 1);
    turns.remove(0)
}

fn assert_finished(home: &TempDir) {
    let turn = only_turn(home);
    assert_eq!(turn.status, TurnStatus::Finished);
    assert_eq!(turn.thoughts, "I begin with the fox.");
    let path = &turn.picture().expect("a picture").path;
    let store = home.path().join(".local/share/tintype");
    assert_eq!(std::fs::read(store.join(path)).unwrap(), picture());
}

fn assert_cancelled(home: &TempDir) {
    let turn = only_turn(home);
    assert_eq!(turn.status, TurnStatus::Cancelled);
    assert_eq!(turn.thoughts, "I begin with the fox.");
}

#[test]
fn ctrl_c_twice_leaves_and_once_only_says_so() {
    let home = home();
    let mut terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.keys("\x03");
    terminal.wait_text("Ctrl+C again quits");
    terminal.keys("\x03");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
}

#[test]
fn quitting_while_it_runs_asks_and_staying_changes_nothing() {
    let (home, mut provider, mut terminal) = developing(Above::Nothing);
    terminal.keys("\x11");
    terminal.wait_text("A generation is still running.");
    terminal.keys("\x1b");
    terminal.wait_gone("A generation is still running.");
    provider.the_other_half();
    terminal.wait_text("#1 · 320×200 png");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    assert_finished(&home);
}

#[test]
fn quitting_may_stop_what_runs() {
    let (home, mut provider, mut terminal) = developing(Above::Nothing);
    terminal.keys("\x11");
    terminal.wait_text("A generation is still running.");
    terminal.keys("s");
    provider.wait_hung_up();
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
    assert_cancelled(&home);
}

#[test]
fn quitting_may_let_it_finish_without_a_screen() {
    let (home, mut provider, mut terminal) = developing(Above::Shell);
    terminal.keys("\x11");
    terminal.wait_text("A generation is still running.");
    terminal.keys("f");
    terminal.wait_restored();
    terminal.wait_text("Ctrl+Z and `bg` give the prompt back");
    terminal.wait_text("Ctrl+C stops");
    // It is an ordinary job of the shell now.
    terminal.keys("\x1a");
    terminal.wait_state('T');
    terminal.wait_text("back at the shell");
    terminal.keys("\r");
    provider.the_other_half();
    assert_eq!(terminal.exit(), 0);
    assert_finished(&home);
}

#[test]
fn what_finishes_in_the_background_outlives_its_shell_and_its_terminal() {
    let (home, mut provider, mut terminal) = developing(Above::Shell);
    terminal.keys("\x11");
    terminal.wait_text("A generation is still running.");
    terminal.keys("f");
    terminal.wait_text("Ctrl+C stops");
    terminal.keys("\x1a");
    terminal.wait_state('T');
    terminal.wait_text("back at the shell");
    terminal.keys("bg\r");
    terminal.wait_text("it runs on");
    let pid = terminal.pid();
    terminal.hang_up();
    provider.the_other_half();
    let deadline = Instant::now() + Duration::from_secs(40);
    while rustix::process::test_kill_process(pid).is_ok() {
        assert!(Instant::now() < deadline, "it never ended");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_finished(&home);
}

#[test]
fn with_no_shell_to_come_back_to_the_background_cannot_be_frozen() {
    let (home, mut provider, mut terminal) = developing(Above::Nothing);
    terminal.keys("\x11");
    terminal.wait_text("A generation is still running.");
    terminal.keys("f");
    terminal.wait_text("Ctrl+C stops");
    assert!(!terminal.screen().contains("Ctrl+Z"), "{}", terminal.screen());
    terminal.keys("\x1a");
    provider.the_other_half();
    assert_eq!(terminal.exit(), 0);
    assert_finished(&home);
}

#[test]
fn generate_stops_with_a_word_and_goes_on() {
    let home = home();
    let mut provider = Provider::new();
    let client = provider.client(home.path()).args(&["generate", "a red fox"]);
    let mut terminal = client.above(Above::Shell).run();
    provider.answer();
    provider.think("I begin with the fox.");
    terminal.wait_text("I begin with the fox.");
    provider.half_a_picture();
    terminal.keys("\x1a");
    terminal.wait_state('T');
    terminal.wait_text("a long stop may cut the stream");
    terminal.wait_text("back at the shell");
    provider.the_other_half();
    terminal.keys("\r");
    terminal.wait_text(".png");
    assert_eq!(terminal.exit(), 0);
    assert_finished(&home);
}

#[test]
fn what_finishes_without_a_screen_can_still_be_stopped() {
    let (home, mut provider, mut terminal) = developing(Above::Shell);
    terminal.keys("\x11");
    terminal.wait_text("A generation is still running.");
    terminal.keys("f");
    terminal.wait_restored();
    terminal.wait_text("Ctrl+C stops");
    terminal.keys("\x03");
    provider.wait_hung_up();
    assert_eq!(terminal.exit(), 130);
    assert_cancelled(&home);
}

#[test]
fn a_panic_gives_the_terminal_back_and_can_be_read() {
    let home = home();
    let mut terminal = Start::new(home.path())
        .like(Like::Kitty)
        .demo("0")
        .env("TINTYPE_PANIC", "key")
        .run();
    terminal.wait_start();
    terminal.keys("x");
    assert_eq!(terminal.exit(), 101);
    terminal.wait_restored();
    terminal.wait_text("asked to panic");
    let screen = terminal.screen();
    assert!(
        screen.contains("src/tui/run"),
        "where it happened is not said:\n{screen}"
    );
    assert!(
        !screen.contains("Sessions"),
        "the panes are still there:\n{screen}"
    );
    let straight = screen
        .lines()
        .any(|line| line.starts_with("tintype: The program failed: asked to panic"));
    assert!(straight, "the lines are staircases:\n{screen}");
    let report = report(home.path());
    assert!(
        report.contains("asked to panic") && report.contains("thread main"),
        "{report}"
    );
    assert!(report.contains("tintype::"), "it has no backtrace:\n{report}");
    assert!(
        !report.contains('\x1b') && !report.contains("TINTYPE_PANIC"),
        "{report}"
    );
}

#[test]
fn a_worker_s_panic_is_a_word_on_the_screen_with_its_report() {
    let home = home();
    let mut terminal = Start::new(home.path())
        .like(Like::Kitty)
        .demo("0")
        .env("TINTYPE_PANIC", "worker")
        .run();
    terminal.wait_start();
    terminal.keys("x");
    terminal.wait_text("A worker failed: asked to panic");
    let report = report(home.path());
    assert!(
        report.contains("asked to panic") && !report.contains("thread main"),
        "{report}"
    );
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
}

/// The one report of a panic below this home.
fn report(home: &std::path::Path) -> String {
    let mut folders = vec![home.to_owned()];
    let mut reports = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if name.starts_with("panic-") {
                let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap());
                assert_eq!(mode & 0o777, 0o600, "{}", path.display());
                reports.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

#[test]
fn told_to_end_it_saves_the_turn_and_is_quick() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::QUIT, 131)] {
        let (home, _provider, mut terminal) = developing(Above::Nothing);
        let told = Instant::now();
        terminal.signal(signal);
        assert_eq!(terminal.exit(), code);
        assert!(
            told.elapsed() < Duration::from_secs(2),
            "it took {:?}",
            told.elapsed()
        );
        terminal.wait_restored();
        assert_cancelled(&home);
    }
}

#[test]
fn told_to_end_it_does_not_wait_for_a_terminal_that_does_not_read() {
    let (home, _provider, mut terminal) = developing(Above::Nothing);
    terminal.stall();
    for cols in [80, 120, 80, 120, 80, 120] {
        terminal.resize(cols, 40);
        std::thread::sleep(Duration::from_millis(30));
    }
    let told = Instant::now();
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.exit(), 143);
    assert!(
        told.elapsed() < Duration::from_secs(2),
        "it took {:?}",
        told.elapsed()
    );
    assert_cancelled(&home);
}

#[test]
fn a_hang_up_finishes_the_generation_and_then_ends() {
    let (home, mut provider, mut terminal) = developing(Above::Nothing);
    terminal.hang_up();
    provider.the_other_half();
    assert_eq!(terminal.exit(), 129);
    assert_finished(&home);
}

#[test]
fn a_hang_up_signal_alone_finishes_the_generation_and_gives_the_terminal_back() {
    let (home, mut provider, mut terminal) = developing(Above::Nothing);
    terminal.signal(Signal::HUP);
    terminal.wait_restored();
    provider.the_other_half();
    assert_eq!(terminal.exit(), 129);
    assert_finished(&home);
}

#[test]
fn a_dead_terminal_is_noticed_without_any_signal() {
    let (home, mut provider, mut terminal) = developing(Above::Wrapper);
    terminal.hang_up();
    provider.the_other_half();
    assert_eq!(terminal.exit(), 0, "the wrapper's own");
    assert_eq!(
        std::fs::read_to_string(home.path().join("code")).unwrap().trim(),
        "129"
    );
    assert_finished(&home);
}

#[test]
fn a_program_without_a_terminal_can_be_told_to_end() {
    let (home, mut provider, mut terminal) = developing(Above::Wrapper);
    terminal.hang_up();
    // A second hang-up is no reason to drop a picture; being told to end is.
    terminal.signal(Signal::HUP);
    terminal.signal(Signal::TERM);
    provider.wait_hung_up();
    terminal.exit();
    assert_cancelled(&home);
}

#[test]
fn a_suspended_program_gives_the_terminal_back_and_comes_back_whole() {
    let home = home();
    let mut terminal = Start::new(home.path())
        .like(Like::Kitty)
        .above(Above::Shell)
        .demo("0")
        .run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text("#1 · 1024×1024 png");
    terminal.wait_text("\u{10eeee}");
    terminal.keys("kept");
    terminal.wait_text("kept");
    for _ in 0..2 {
        terminal.keys("\x1a");
        terminal.wait_state('T');
        terminal.wait_text("back at the shell");
        terminal.wait_restored();
        let stopped = terminal.written();
        terminal.keys("\r");
        for text in ["\x1b[?1049h", "\x1b[?2004h", "\x1b[>5u", "a=T,U=1"] {
            terminal.wait_bytes(stopped, text);
        }
        for text in ["┌ Sessions", "#1 · 1024×1024 png", "kept", "\u{10eeee}"] {
            terminal.wait_text(text);
        }
    }
    // Asked by a key it comes back as well.
    let before = terminal.written();
    terminal.keys("\x1br");
    terminal.wait_bytes(before, "a=T,U=1");
    terminal.wait_text("\u{10eeee}");
    terminal.keys(" and more");
    terminal.wait_text("kept and more");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
}

#[test]
fn a_generation_survives_a_suspension() {
    let (home, mut provider, mut terminal) = developing(Above::Shell);
    terminal.keys("\x1a");
    terminal.wait_state('T');
    terminal.wait_text("a long stop may cut its stream");
    terminal.wait_text("back at the shell");
    provider.the_other_half();
    terminal.keys("\r");
    terminal.wait_text("#1 · 320×200 png");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    assert_finished(&home);
}

#[test]
fn stopped_from_outside_it_repaints_when_it_is_continued() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.signal(Signal::STOP);
    terminal.wait_state('T');
    let stopped = terminal.written();
    terminal.signal(Signal::CONT);
    terminal.wait_bytes(stopped, "\x1b[?1049h");
    terminal.wait_bytes(stopped, "Describe a picture");
}

#[test]
fn with_no_shell_to_come_back_to_it_stays() {
    for above in [Above::Nothing, Above::Wrapper] {
        let home = home();
        let terminal = Start::new(home.path()).above(above).demo("0").run();
        terminal.wait_start();
        terminal.keys("\x1a");
        terminal.wait_text("There is no shell");
        terminal.keys("it listens");
        terminal.wait_text("it listens");
    }
}
