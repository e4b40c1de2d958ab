//! Absurd amounts: a prompt of many thousand characters without brackets, a session of ten thousand turns, a terminal as
//! large as its numbers allow, and hardly a file that may be opened.

use std::path::Path;

use rusqlite::Connection;

use crate::terminal::{Start, Terminal};
use crate::{home, newest_session};

/// Words that differ, so that none can be lost or doubled unseen.
fn words(bytes: usize) -> String {
    let numbers = 0..bytes / 9;
    let words: Vec<String> = numbers.map(|number| format!("fox{number:05} ")).collect();
    words.concat() + "in snow"
}

#[test]
fn what_is_pasted_without_brackets_is_all_there() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    let prompt = words(30_000);
    for piece in prompt.as_bytes().chunks(1_000) {
        terminal.keys(std::str::from_utf8(piece).unwrap());
    }
    terminal.wait_text("in snow");
    // What is typed behind it, and taken away, is where it belongs.
    terminal.keys("!\x7f\r");
    terminal.wait_text("#1 · 1024×1024 png");
    assert_eq!(newest_session(home.path()).turns[0].request.prompt, prompt);
}

/// A session of so many turns, each grown from the one before, in the store of this home.
fn fill(home: &Path, turns: u32) {
    let terminal = Start::new(home).demo("0").run();
    terminal.wait_start();
    terminal.send("a red fox");
    terminal.wait_text("#1 · 1024×1024 png");
    drop(terminal);
    let path = home.join(".local/share/tintype/tintype.db");
    let database = Connection::open(path).unwrap();
    let columns = |table: &str, left_out: &[&str]| {
        let mut names = database
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .unwrap();
        let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let names = names
            .map(Result::unwrap)
            .filter(|name| !left_out.contains(&name.as_str()));
        names.collect::<Vec<_>>().join(", ")
    };
    let others = columns("turns", &["key", "id", "number", "parent", "prompt"]);
    let of_image = columns("images", &["turn"]);
    let script = format!(
        "BEGIN;
         CREATE TEMP TABLE n AS WITH RECURSIVE n (at) AS (SELECT 2 UNION ALL SELECT at + 1 FROM n WHERE at < {turns})
             SELECT at FROM n;
         INSERT INTO turns (key, id, number, parent, prompt, {others})
             SELECT at, 'turn' || at, at, at - 1, 'prompt ' || at, {others} FROM n JOIN turns ON turns.key = 1
             ORDER BY at;
         INSERT INTO images (turn, {of_image}) SELECT at, {of_image} FROM n JOIN images ON images.turn = 1;
         UPDATE sessions SET last_number = {turns}, title = 'many turns';
         COMMIT;"
    );
    database.execute_batch(&script).unwrap();
}

#[test]
fn ten_thousand_turns_open_and_are_walked_through() {
    let home = home();
    fill(home.path(), 10_000);
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.wait_text("many turns");
    terminal.keys("\x13\r");
    terminal.wait_text("many turns · 10000 turns");
    terminal.wait_text("◉ 10000 prompt 10000");
    terminal.keys("\t\tk");
    terminal.wait_text("◉ 9999 prompt 9999");
    terminal.keys("g");
    terminal.wait_text("◉ 1 a red fox");
    // Each key goes one further, however quickly they come.
    terminal.keys(&"j".repeat(300));
    terminal.wait_text("◉ 301 prompt 301");
    terminal.keys("G");
    terminal.wait_text("◉ 10000 prompt 10000");
    // The words of a turn are read when it is selected.
    terminal.keys("\x14");
    terminal.wait_text("Finishing the surface");
}

#[test]
fn a_terminal_of_any_size_is_drawn_on_and_left() {
    let home = home();
    let mut terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text("#1 · 1024×1024 png");
    let has_panes = |terminal: &Terminal| {
        terminal.wait("the panes", |screen| {
            screen.starts_with('┌') && screen.contains("F1 help") && screen.contains("▀▀▀▀")
        });
    };
    for (cols, rows) in [
        (30_000, 30_000),
        (0, 0),
        (u16::MAX, u16::MAX),
        (1, 1),
        (u16::MAX, 12),
        (40, u16::MAX),
    ] {
        let written = terminal.written();
        terminal.claim(cols, rows);
        terminal.wait_more(written, 1);
        terminal.claim(120, 40);
        has_panes(&terminal);
        let bytes = terminal.since(written).len();
        assert!(bytes < 4_000_000, "{bytes} bytes for {cols}×{rows}");
    }
    let pid = terminal.pid().as_raw_nonzero();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: u64 = peak.unwrap().trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 300_000, "{kilobytes} KB");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
}

#[test]
fn started_on_an_absurd_terminal_it_listens_and_is_left() {
    let home = home();
    for (cols, rows) in [(30_000, 30_000), (0, 0), (1, 1)] {
        let mut terminal = Start::new(home.path()).demo("0").claim(cols, rows).run();
        terminal.wait_bytes(0, "\x1b[?1049h");
        terminal.keys("\x11");
        assert_eq!(terminal.exit(), 0, "{cols}×{rows}");
        terminal.wait_restored();
    }
}

#[test]
fn with_few_files_it_says_so_or_runs() {
    for files in [9, 11, 12, 14, 17, 24, 33, 48, 60] {
        let home = home();
        let files = files.to_string();
        let mut terminal = Start::new(home.path()).demo("0").env("FILES", &files).run();
        assert_eq!(terminal.exit(), 1, "{files}: {}", terminal.screen());
        let screen = terminal.screen();
        assert!(
            screen.contains("limit of open files is too low"),
            "{files}: {screen}"
        );
        assert!(screen.contains("ulimit -n 1024"), "{files}: {screen}");
    }
    let home = home();
    let terminal = Start::new(home.path()).demo("0").env("FILES", "80").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text("#1 · 1024×1024 png");
}
