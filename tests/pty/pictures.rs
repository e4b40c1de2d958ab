//! Pictures on terminals of each kind, what they answer, and what must never reach them.

use std::process::Command;

use memchr::memmem;
use vt100::Color;

use crate::home;
use crate::provider::Provider;
use crate::terminal::{Like, Link, Start, Terminal};

const PLACEHOLDER: char = '\u{10eeee}';

fn with_a_picture(home: &std::path::Path, like: Like) -> Terminal {
    let terminal = Start::new(home).like(like).demo("0").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text("#1 · 1024×1024 png");
    terminal
}

#[test]
fn kitty_gets_the_picture_once_and_cells_that_stand_for_it() {
    let home = home();
    let mut terminal = with_a_picture(home.path(), Like::Kitty);
    terminal.wait_bytes(0, "\x1b_Ga=T,U=1,");
    terminal.wait("the placeholders", |screen| screen.contains(PLACEHOLDER));
    let colours = terminal.colours_of(PLACEHOLDER);
    let Color::Idx(id @ 1..) = colours[0] else {
        panic!("the number is no indexed colour: {:?}", colours[0])
    };
    assert!(
        colours.iter().all(|colour| *colour == Color::Idx(id)),
        "one picture has one number"
    );
    terminal.wait_bytes(0, &format!("i={id},"));
    // Ctrl+Q as the terminal was asked to say it.
    terminal.keys("\x1b[113;5u");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
    let raw = terminal.raw();
    let deleted =
        memmem::rfind(&raw, format!("a=d,d=I,i={id},").as_bytes()).expect("the picture stays behind");
    assert!(deleted < memmem::rfind(&raw, b"\x1b[?1049l").unwrap());
}

#[test]
fn konsole_gets_the_picture_placed_and_an_overlay_takes_away_what_it_covers() {
    let home = home();
    let mut terminal = with_a_picture(home.path(), Like::Konsole);
    terminal.wait_bytes(0, "\x1b_Ga=t,f=100,");
    terminal.wait_bytes(0, "\x1b_Ga=p,");
    let raw = terminal.raw();
    assert!(memmem::find(&raw, b"U=1").is_none() && !terminal.screen().contains(PLACEHOLDER));
    let before = terminal.written();
    terminal.keys("\x1bOP");
    terminal.wait_bytes(before, "\x1b_Ga=d,d=i,");
    terminal.wait_text("Help");
    let before = terminal.written();
    terminal.keys("\x1b");
    terminal.wait_bytes(before, "\x1b_Ga=p,");
    let before = terminal.written();
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
    assert!(
        memmem::find(&terminal.since(before), b"\x1b_Ga=d,d=i,").is_some(),
        "the picture stays behind"
    );
}

#[test]
fn a_silent_terminal_gets_half_blocks_in_colour() {
    let home = home();
    let terminal = with_a_picture(home.path(), Like::Silent);
    terminal.wait_text("▀▀▀▀");
    let colours = terminal.colours_of('▀');
    assert!(colours.iter().all(|colour| matches!(colour, Color::Rgb(..))));
    assert!(memmem::find(&terminal.raw(), b"\x1b_Ga=t").is_none());
}

/// Starts a program with the variables that tmux leaves behind, or that ssh takes away inside one.
fn with_tmux(home: &std::path::Path, like: Like, tmux: &str, term: &str) -> Terminal {
    let start = Start::new(home).like(like).env("TMUX", tmux).env("TERM", term);
    let terminal = start.demo("0").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal
}

#[test]
fn a_tmux_that_is_left_over_takes_no_pictures_away() {
    for (like, picture) in [
        (Like::Foot, "\x1bP0;1;0q"),
        (Like::Xterm, "\x1bP0;1;0q"),
        (Like::Iterm2, "\x1b]1337;File="),
        (Like::Kitty, "\x1b_Ga=T,U=1,"),
        (Like::Konsole, "\x1b_Ga=t,f=100,"),
    ] {
        let home = home();
        let terminal = with_tmux(home.path(), like, "/nonexistent/tmux,1,0", "xterm-256color");
        terminal.wait_bytes(0, picture);
    }
    // A screen was started in it: nothing but text gets through.
    let home = home();
    let terminal = with_tmux(home.path(), Like::Screen, "/nonexistent/tmux,1,0", "screen");
    terminal.wait_text("▀▀▀▀");
    let raw = terminal.raw();
    for string in ["\x1bP", "\x1b_", "\x1b]"] {
        assert!(
            memmem::find(&raw, string.as_bytes()).is_none(),
            "{string:?} was sent"
        );
    }
}

#[test]
fn a_tmux_beyond_ssh_passes_pictures_on() {
    let home = home();
    let terminal = with_tmux(home.path(), Like::TmuxKitty, "", "tmux-256color");
    terminal.wait_bytes(0, "\x1bPtmux;\x1b\x1b_Ga=T,U=1,");
    terminal.wait("the placeholders", |screen| screen.contains(PLACEHOLDER));
}

#[test]
fn without_colour_there_is_none_but_the_number_of_a_picture() {
    let home = home();
    let terminal = Start::new(home.path())
        .like(Like::Kitty)
        .demo("0")
        .env("NO_COLOR", "1")
        .run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait("the placeholders", |screen| screen.contains(PLACEHOLDER));
    terminal.wait_text("#1 · 1024×1024 png");
    assert!(matches!(terminal.colours_of(PLACEHOLDER)[0], Color::Idx(1..)));
    for frame in ['│', '─', '▌', '◉'] {
        assert!(
            terminal
                .colours_of(frame)
                .iter()
                .all(|colour| *colour == Color::Default),
            "{frame} has a colour"
        );
    }
}

#[test]
fn answers_never_appear_as_text_however_they_travel() {
    for (like, link) in [
        (Like::Kitty, Link::Torn),
        (Like::Kitty, Link::Late),
        (Like::Konsole, Link::Torn),
    ] {
        let home = home();
        let terminal = Start::new(home.path()).like(like).link(link).demo("0").run();
        terminal.wait_start();
        terminal.send("a lighthouse");
        terminal.wait_text("#1 · 1024×1024 png");
        terminal.wait_bytes(
            0,
            if like == Like::Kitty {
                "\x1b_Ga=T,U=1,"
            } else {
                "\x1b_Ga=p,"
            },
        );
        // Whatever had come as a key before this would be in front of it.
        terminal.keys("here");
        terminal.wait_text("│ here ");
        for answer in ["OK", "rgb", "kitty(", "Konsole", "62;"] {
            assert!(
                !terminal.screen().contains(answer),
                "{answer} in\n{}",
                terminal.screen()
            );
        }
    }
}

/// What must never come back to the terminal as it is.
const HOSTILE: &str = "fox\x1b]0;owned\x07\x1b[2J\x1b_Ga=d\x1b\\\u{9b}2J\u{9d}0;owned\u{9c}\rend";

fn assert_harmless(terminal: &Terminal) {
    let raw = terminal.raw();
    for bytes in ["\x1b]0;owned", "\x1b]0;", "\x1b_Ga=d\x1b\\", "\u{9b}", "\u{9d}"] {
        assert!(
            memmem::find(&raw, bytes.as_bytes()).is_none(),
            "{bytes:?} reached the terminal"
        );
    }
}

#[test]
fn what_a_model_says_never_reaches_the_terminal_raw() {
    let home = home();
    let mut provider = Provider::new();
    let terminal = provider.client(home.path()).run();
    terminal.wait_start();
    terminal.send("a red fox");
    provider.answer();
    provider.think(HOSTILE);
    provider.talk(HOSTILE);
    terminal.wait_text("end");
    provider.half_a_picture();
    provider.the_other_half();
    terminal.wait_text("#1 · 320×200 png");
    assert_harmless(&terminal);
}

#[test]
fn a_pasted_or_stored_prompt_never_reaches_the_terminal_raw() {
    let home = home();
    let made = Command::new(env!("CARGO_BIN_EXE_tintype"))
        .args(["--demo", "--demo-speed", "0", "generate", "-q", HOSTILE])
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.wait_text("owned");
    terminal.keys("\x13\r");
    terminal.wait_text("#1 · 1024×1024 png");
    terminal.keys(&format!("\x1b[200~{HOSTILE}\x1b[201~"));
    terminal.wait_text("end");
    terminal.keys("\r");
    terminal.wait_text("#2 · 1024×1024 png");
    assert_harmless(&terminal);
}
