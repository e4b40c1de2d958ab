//! Hostile text in the terminal UI: what the program writes to the terminal holds no command but its own.

use crate::corpus::{answer, corpus, everything, refusal};
use crate::server::Echo;
use crate::terminal::{Like, Start, Terminal};
use crate::tintype;

/// Commands that only hostile text has: the program itself sends none of them.
const FOREIGN: [&[u8]; 14] = [
    b"\x1b]0;",
    b"\x1b]2;",
    b"\x1b]52;",
    b"\x1b]8;",
    b"\x1b]1337;F",
    b"\x1b]1337;M",
    b"\x1b]1337;S",
    // Progress is OSC 9;4, and our own.
    b"\x1b]9;owned",
    b"\x1b]4;",
    b"\x1b[20t",
    b"\x1b[21t",
    b"\x1b[6n",
    b"\x1bc",
    b"\x1b(0",
];

fn assert_own_words(what: &str, raw: &[u8]) {
    for foreign in FOREIGN {
        let found = raw.windows(foreign.len()).position(|window| window == foreign);
        assert!(
            found.is_none(),
            "{what}: {:?} was written",
            String::from_utf8_lossy(foreign)
        );
    }
    for (name, text) in corpus() {
        // What is longer than a few bytes is in no frame by chance.
        // These the program sends itself.
        let own = ["main-screen", "mouse", "keyboard", "dcs-decrqss"].contains(&name.as_str());
        let has_teeth = !own && text.iter().any(|byte| *byte < 0x20);
        let found = has_teeth && text.len() > 5 && raw.windows(text.len()).any(|window| window == text);
        assert!(!found, "{what}: {name} was written as it came");
    }
    let shown = String::from_utf8_lossy(raw);
    let c1 = shown
        .chars()
        .find(|letter| ('\u{80}'..='\u{9f}').contains(letter) || ('\u{202a}'..='\u{202e}').contains(letter));
    assert_eq!(c1, None, "{what}");
}

fn quit(mut terminal: Terminal, what: &str) {
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0, "{what}");
    assert_own_words(what, &terminal.raw());
}

#[test]
fn answers_and_refusals_are_drawn_and_not_obeyed() {
    let home = tempfile::tempdir().unwrap();
    let server = Echo::start();
    let evil = everything();
    for (number, answer) in [answer(&evil), refusal(&evil, 400), refusal(&evil, 302)]
        .into_iter()
        .enumerate()
    {
        server.answer_with(answer);
        let terminal = Start::new(home.path())
            .like(Like::Kitty)
            .args(&["-p", "demo", "--base-url", &server.base_url])
            .run();
        terminal.wait_start();
        terminal.send("a fox");
        let _head = server.head();
        if number == 0 {
            terminal.wait_text("1 source");
            terminal.keys("\x14");
            terminal.wait_text("Sources");
        } else {
            terminal.wait("the refusal", |screen| {
                screen.contains("failed") || screen.contains("redirects")
            });
        }
        // Another size draws everything anew; so does a look at the details.
        terminal.keys("\x1b");
        terminal.keys("i");
        terminal.resize(100, 30);
        terminal.wait_text("fox");
        quit(terminal, &format!("answer {number}"));
    }
}

#[test]
fn what_is_kept_pasted_or_lies_in_a_folder_is_drawn_and_not_obeyed() {
    use std::os::unix::ffi::OsStrExt;
    let home = tempfile::tempdir().unwrap();
    let server = Echo::start();
    let evil = everything();
    server.answer_with(answer(&evil));
    let mut command = tintype(
        home.path(),
        &["-p", "demo", "--base-url", &server.base_url, "generate", "--json"],
    );
    let output = command.arg(evil.replace('\0', "")).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let session = report["session"].as_str().unwrap();
    let _head = server.head();
    let folder = home.path().join("pictures");
    std::fs::create_dir(&folder).unwrap();
    for (name, mut text) in corpus() {
        text.retain(|byte| !matches!(byte, 0 | b'/'));
        text.truncate(200);
        text.extend_from_slice(b".png");
        let file = folder.join(std::ffi::OsStr::from_bytes(&text));
        std::fs::write(file, super::pictures::png(2, 2)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let terminal = Start::new(home.path())
        .like(Like::Kitty)
        .demo("0")
        .args(&["--session", session])
        .run();
    terminal.wait_start();
    terminal.wait_text("1 source");
    terminal.keys("\x14");
    terminal.wait_text("Sources");
    for (_, text) in corpus() {
        let Ok(text) = String::from_utf8(text) else {
            continue;
        };
        terminal.keys(&format!("\x1b[200~{}\x1b[201~", text.replace("\x1b[201~", "")));
    }
    terminal.keys("\x15");
    terminal.keys("\x06");
    terminal.keys("pictures/");
    terminal.wait_text(".png");
    for _ in 0..50 {
        terminal.keys("\x1b[B");
    }
    terminal.keys("\x1b");
    terminal.wait_gone(".png");
    terminal.keys("\x03");
    quit(terminal, "what is kept");
}
