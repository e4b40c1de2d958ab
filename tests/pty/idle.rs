//! A program that nobody asks anything does nothing: it writes nothing, and nothing wakes it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::home;
use crate::terminal::{Like, Start, Terminal};

/// How long it has to be quiet, and how long it may take to come to rest.
const QUIET: Duration = Duration::from_secs(2);
const SETTLING: Duration = Duration::from_secs(30);

/// How often each thread has gone to sleep so far.
fn sleeps(terminal: &Terminal) -> BTreeMap<String, String> {
    let tasks = format!("/proc/{}/task", terminal.pid().as_raw_nonzero());
    let mut sleeps = BTreeMap::new();
    for task in std::fs::read_dir(tasks).unwrap() {
        let path = task.unwrap().path();
        let Ok(status) = std::fs::read_to_string(path.join("status")) else {
            continue;
        };
        let count = status
            .lines()
            .find(|line| line.starts_with("voluntary_ctxt_switches"));
        let name = status.lines().next().unwrap_or_default();
        sleeps.insert(
            format!("{} {name}", path.display()),
            count.unwrap_or_default().to_owned(),
        );
    }
    sleeps
}

fn wait_quiet(terminal: &Terminal) {
    let deadline = Instant::now() + SETTLING;
    loop {
        let before = (terminal.written(), sleeps(terminal));
        std::thread::sleep(QUIET);
        let after = (terminal.written(), sleeps(terminal));
        if before == after {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "it never rests: {before:#?} then {after:#?}"
        );
    }
}

#[test]
fn nothing_happens_while_nothing_happens() {
    let home = home();
    let terminal = Start::new(home.path()).like(Like::Kitty).demo("0").run();
    terminal.wait_start();
    wait_quiet(&terminal);
    terminal.send("a lighthouse");
    terminal.wait_text("#1 · 1024×1024 png");
    wait_quiet(&terminal);
}
