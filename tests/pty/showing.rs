//! `tintype show` in terminals: a picture in the scrollback, and the shell's line below it.

use std::path::Path;

use memchr::memmem;
use tintype::graphics::{Pixmap, near_lossless};

use crate::home;
use crate::terminal::{Like, Start};

const PLACEHOLDER: char = '\u{10eeee}';

/// A picture of 40 × 40 pixels; in four cells across it is two high.
fn picture(home: &Path) -> String {
    let path = home.join("red.png");
    let png = near_lossless::encode(&Pixmap::filled(40, 40, [200, 30, 30]), 1);
    std::fs::write(&path, png).unwrap();
    path.into_os_string().into_string().unwrap()
}

fn shown(like: Like, more: &[&str]) -> (Vec<u8>, String) {
    let home = home();
    let path = picture(home.path());
    let mut args = vec!["show", &path];
    args.extend(more);
    let mut terminal = Start::new(home.path()).like(like).args(&args).run();
    assert_eq!(terminal.exit(), 0);
    (terminal.raw(), terminal.screen())
}

fn has(raw: &[u8], bytes: &str) -> bool {
    memmem::find(raw, bytes.as_bytes()).is_some()
}

#[test]
fn kitty_gets_the_picture_as_lines_of_text() {
    let (raw, screen) = shown(Like::Kitty, &["--width", "4"]);
    assert!(has(&raw, "\x1b_Ga=T,U=1,f=100,"));
    let lines: Vec<_> = screen.lines().filter(|line| line.contains(PLACEHOLDER)).collect();
    assert_eq!(lines.len(), 2, "{screen}");
    assert_eq!(lines[0].matches(PLACEHOLDER).count(), 4, "{screen}");
    assert!(!has(&raw, "\x1b[?1049h"), "the scrollback is where it belongs");
}

#[test]
fn konsole_gets_it_placed_with_room_below() {
    let (raw, screen) = shown(Like::Konsole, &["--width", "4"]);
    let place = memmem::find(&raw, b"\x1b_Ga=p,").expect("it was not placed");
    let room = memmem::find(&raw, b"\n\r\n\r\x1b[2A").expect("no room was made");
    assert!(room < place && has(&raw[place..], "\x1b[2B"));
    assert!(!screen.contains(PLACEHOLDER));
}

#[test]
fn strips_and_half_blocks_are_printed_as_they_are_asked_for() {
    let (raw, _) = shown(Like::Konsole, &["--protocol", "sixel"]);
    assert!(has(&raw, "\x1b7\x1bP") && has(&raw, "\x1b8"));
    let (raw, _) = shown(Like::Konsole, &["--protocol", "iterm2"]);
    assert!(has(&raw, "\x1b7\x1b]1337;File="));
    // A terminal that says nothing gets what every terminal shows, and no picture protocol's bytes but the question.
    let (raw, screen) = shown(Like::Silent, &["--width", "4"]);
    assert!(screen.contains('▄') || screen.contains('▀'), "{screen}");
    assert!(!has(&raw, "f=100") && !has(&raw, "]1337;File="));
}
