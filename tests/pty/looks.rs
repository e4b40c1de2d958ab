//! Images on every terminal: transparent ones over its background, photographs upright.

use std::path::Path;
use std::time::{Duration, Instant};

use image::{DynamicImage, ImageFormat, RgbImage, Rgba, RgbaImage};
use memchr::memmem;
use tintype::graphics::{Backdrop, decode_over};

use crate::glass::Glass;
use crate::home;
use crate::photo::{self, differs, photograph};
use crate::provider::Provider;
use crate::sight::{Watched, tmux_in, way_of};
use crate::terminal::{Like, PATIENCE, Start, Terminal};

const BLACK: &str = "0000/0000/0000";
const WHITE: &str = "ffff/ffff/ffff";

/// Every way to show pixels.
const TERMINALS: [Like; 7] = [
    Like::Kitty,
    Like::TmuxKitty,
    Like::Konsole,
    Like::Iterm2,
    Like::Foot,
    Like::Xterm,
    Like::Mlterm,
];

/// A broad black line across nothing, as PNG.
fn black_line() -> Vec<u8> {
    let line = RgbaImage::from_fn(1440, 960, |_, y| {
        Rgba([0, 0, 0, if (360..600).contains(&y) { 255 } else { 0 }])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    DynamicImage::from(line)
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

/// Composes it over this backdrop.
fn over(file: &[u8], backdrop: Backdrop) -> RgbImage {
    let picture = decode_over(file, backdrop).unwrap();
    RgbImage::from_raw(picture.width, picture.height, picture.rgb).unwrap()
}

/// The program after a provider has sent it an image.
fn watched(home: &Path, like: Like, background: &'static str, mime: &str, file: &[u8]) -> Watched {
    let mut provider = Provider::new();
    let path = tmux_in(home);
    let start = provider
        .client(home)
        .like(like)
        .background(background)
        .env("PATH", &path);
    let watched = Watched::new(start, (100, 30), way_of(like).0);
    watched.terminal.wait_start();
    watched.terminal.send("a line");
    provider.answer_with(mime, file);
    watched.terminal.wait_text("#1 · ");
    watched
}

#[test]
fn a_black_line_is_seen_on_black_and_on_white_and_where_nobody_knows() {
    let file = black_line();
    for like in TERMINALS {
        let backdrops = [
            (WHITE, Backdrop::WHITE),
            ("", Backdrop::Checkerboard),
            (BLACK, Backdrop::BLACK),
        ];
        // Black is what a terminal of these tests has by itself; elsewhere it is seen all the time.
        let count = if like == Like::Kitty { 3 } else { 2 };
        for (background, backdrop) in backdrops.into_iter().take(count) {
            let home = home();
            let mut watched = watched(home.path(), like, background, "image/png", &file);
            let what = format!("the line on {backdrop:?} in {like:?}");
            watched.sees(&what, &over(&file, backdrop), &[]);
            watched.leave();
        }
    }
}

#[test]
fn a_changed_background_is_noticed() {
    let file = black_line();
    let (dark, light) = (over(&file, Backdrop::BLACK), over(&file, Backdrop::WHITE));
    for like in [Like::Kitty, Like::Foot, Like::Iterm2] {
        let home = home();
        let mut watched = watched(home.path(), like, BLACK, "image/png", &file);
        watched.sees("the line on black", &dark, &[]);
        for (background, picture, how) in [
            // The focus comes back, the terminal says that its colors are others, the user asks for it.
            (WHITE, &light, "\x1b[I"),
            (BLACK, &dark, "\x1b[?997;1n"),
            (WHITE, &light, "\x1br"),
        ] {
            watched.terminal.change_background(background);
            watched.keys(how);
            watched.sees(&format!("the line after {how:?}"), picture, &[]);
        }
        watched.leave();
    }
}

#[test]
fn a_terminal_is_asked_to_tell_of_its_colors_and_not_again_for_what_it_does_not_tell() {
    let home = home();
    let start = Start::new(home.path()).like(Like::Konsole).background("");
    let mut terminal = start.demo("0").run();
    terminal.wait_start();
    terminal.wait_bytes(0, "\x1b[?2031h");
    let before = terminal.written();
    terminal.keys("\x1b[O\x1b[I");
    terminal.send("a lighthouse");
    terminal.wait_text("· 1 turn");
    let since = terminal.since(before);
    assert!(memmem::find(&since, b"\x1b]11;?").is_none());
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    assert!(memmem::find(&terminal.raw(), b"\x1b[?2031l").is_some());
}

fn block_colors(terminal: &Terminal) -> Vec<[u8; 3]> {
    let colors = terminal.colours_of('\u{2580}').into_iter();
    colors
        .filter_map(|color| match color {
            vt100::Color::Rgb(red, green, blue) => Some([red, green, blue]),
            _ => None,
        })
        .collect()
}

#[test]
fn half_blocks_show_the_line_too() {
    let file = black_line();
    for (background, light) in [(BLACK, 0), (WHITE, 255)] {
        let home = home();
        let mut provider = Provider::new();
        let terminal = provider
            .client(home.path())
            .like(Like::Konsole)
            .background(background)
            .args(&["--preview", "halfblocks"])
            .run();
        terminal.wait_start();
        terminal.send("a line");
        provider.answer_with("image/png", &file);
        terminal.wait_text("#1 · ");
        let deadline = Instant::now() + PATIENCE;
        while block_colors(&terminal).len() <= 300 {
            assert!(Instant::now() < deadline, "never saw the line");
            std::thread::sleep(Duration::from_millis(20));
        }
        let colors = block_colors(&terminal);
        let count = |wanted: u8| colors.iter().filter(|color| **color == [wanted; 3]).count();
        assert!(count(0) > 50 && count(light) > 50, "{background}: {colors:?}");
    }
}

#[test]
fn photographs_are_upright_in_the_pane_of_every_terminal() {
    let seen = photo::upright(1440, 960);
    // The graphics suite has each type in each orientation.
    let stored = [
        ("jpg", 6),
        ("png", 8),
        ("webp", 6),
        ("jpg", 5),
        ("png", 3),
        ("webp", 7),
        ("jpg", 2),
    ];
    for (like, (kind, orientation)) in TERMINALS.into_iter().zip(stored) {
        let home = home();
        let mime = format!("image/{}", kind.replace("jpg", "jpeg"));
        let file = photograph(&seen, kind, orientation);
        let mut watched = watched(home.path(), like, BLACK, &mime, &file);
        watched.terminal.wait_text("#1 · 1440×960");
        let what = format!("{kind}, orientation {orientation} in {like:?}");
        // Where colors meet, a JPEG differs from what it was made of by more than the terminal may.
        let shown = over(&file, Backdrop::BLACK);
        assert!(!differs(shown.as_raw(), seen.as_raw()), "{what}");
        watched.sees(&what, &shown, &[]);
        watched.leave();
    }
}

/// Returns the colors of a file that `show` prints, in this column of pixels of the terminal's screen, from the top.
fn shown(like: Like, background: &'static str, file: &[u8], column: usize) -> Vec<[u8; 3]> {
    let home = home();
    std::fs::write(home.path().join("image"), file).unwrap();
    let path = tmux_in(home.path());
    let mut terminal = Start::new(home.path())
        .like(like)
        .background(background)
        .env("PATH", &path)
        .size(60, 30)
        .args(&["show", "image", "--width", "24"])
        .run();
    assert_eq!(terminal.exit(), 0);
    let (raw, mark) = (terminal.raw(), way_of(like).1);
    assert!(
        memmem::find(&raw, mark.as_bytes()).is_some(),
        "{like:?} was not shown an image in its own way: {}",
        terminal.screen()
    );
    let mut glass = Glass::new(60, 30);
    glass.feed(&raw);
    glass.pixels().chunks(600).filter_map(|row| row[column]).collect()
}

#[test]
fn show_looks_as_the_pane_does() {
    let file = black_line();
    for like in TERMINALS {
        for (background, light) in [(BLACK, 0..=20), (WHITE, 235..=255), ("", 190..=255)] {
            let column = shown(like, background, &file, 120);
            assert!(column.len() > 80, "{like:?}: {} pixels", column.len());
            let share = |is: &dyn Fn(u8) -> bool| {
                let there = column.iter().filter(|color| color.iter().all(|part| is(*part)));
                there.count() * 100 / column.len()
            };
            let (line, ground) = (share(&|part| part < 30), share(&|part| light.contains(&part)));
            let expected = if background == BLACK { 95..=100 } else { 20..=30 };
            assert!(
                expected.contains(&line),
                "{like:?} on {background}: {line} % line"
            );
            assert!(ground >= 65, "{like:?} on {background}: {ground} % ground");
        }
    }
}

#[test]
fn show_turns_photographs_upright() {
    let seen = photo::upright(240, 160);
    for like in [Like::Kitty, Like::Foot, Like::Iterm2] {
        for kind in ["jpg", "png", "webp", "tiff"] {
            for orientation in [3, 6, 8] {
                // Through the middle of the right half: green above, yellow below.
                let column = shown(like, BLACK, &photograph(&seen, kind, orientation), 180);
                let what = format!("{kind} {orientation} in {like:?}");
                assert!(column.len() > 120, "{what}: {} pixels", column.len());
                let [above, below] = [1, 3].map(|quarter| column[column.len() * quarter / 4]);
                assert!(above[0] < 90 && above[1] > 140, "{what}: {above:?}");
                assert!(below[0] > 140 && below[1] > 140, "{what}: {below:?}");
            }
        }
    }
}
