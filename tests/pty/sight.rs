//! What a user sees of a picture, pixel by pixel, while things happen around it: the terminal's own model of the screen is
//! compared with the picture in the library.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use image::RgbImage;
use memchr::memmem;
use ratatui::layout::{Margin, Rect};

use crate::glass::{Glass, Sight};
use crate::terminal::{Like, Link, Start, Terminal};
use crate::{home, newest_session};

/// How long a picture may take before a test calls it missing.
const PATIENCE: Duration = Duration::from_secs(40);
/// Where it is right, it stays so: what comes late would be seen within this.
const CALM: Duration = Duration::from_millis(150);

/// A session of two pictures; they are returned.
fn two_pictures(home: &Path) -> [RgbImage; 2] {
    for arguments in [&["a lighthouse"][..], &["-c", "make it night"]] {
        let made = Command::new(env!("CARGO_BIN_EXE_tintype"))
            .args(["--demo", "--demo-speed", "0", "generate", "-q"])
            .args(arguments)
            .env_clear()
            .env("HOME", home)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let session = newest_session(home);
    let pictures = session.turns.iter().map(|turn| {
        let path = home
            .join(".local/share/tintype")
            .join(&turn.picture().unwrap().path);
        image::open(path).unwrap().to_rgb8()
    });
    let [first, second]: [RgbImage; 2] = pictures.collect::<Vec<_>>().try_into().unwrap();
    assert_ne!(first, second);
    [first, second]
}

/// A search path on which `tmux` is one that has kitty outside and hands things on.
pub(crate) fn tmux_in(home: &Path) -> String {
    let folder = home.join("bin");
    std::fs::create_dir(&folder).unwrap();
    let script = "#!/bin/sh\necho 'kitty(0.48.2)|xterm-kitty|RGB,title|on|10x20'\n";
    std::fs::write(folder.join("tmux"), script).unwrap();
    std::fs::set_permissions(folder.join("tmux"), Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
}

/// The program in a terminal whose screen is watched.
pub(crate) struct Watched {
    pub(crate) terminal: Terminal,
    glass: Glass,
    read: usize,
    pane: Rect,
    tolerance: f64,
}

impl Watched {
    pub(crate) fn new(start: Start<'_>, (cols, rows): (u16, u16), tolerance: f64) -> Self {
        let terminal = start.size(cols, rows).run();
        Self {
            terminal,
            glass: Glass::new(cols, rows),
            read: 0,
            pane: Rect::default(),
            tolerance,
        }
    }

    fn look(&mut self) {
        for (size, bytes) in self.terminal.news(self.read) {
            if let Some((cols, rows)) = size
                && (cols, rows) != self.glass.size()
            {
                self.glass.resize(cols, rows);
            }
            self.glass.feed(&bytes);
            self.read += bytes.len();
        }
    }

    /// Waits until this is nothing, and stays so.
    fn until_right(&mut self, what: &str, mut wrong: impl FnMut(&mut Self) -> Option<String>) {
        let deadline = Instant::now() + PATIENCE;
        let mut right_since = None;
        loop {
            let before = self.read;
            self.look();
            assert_eq!(
                self.glass.faults(),
                <&[String]>::default(),
                "while waiting for {what}"
            );
            if self.read != before || right_since.is_none() {
                match wrong(self) {
                    None => right_since = right_since.or_else(|| Some(Instant::now())),
                    Some(how) => {
                        assert!(Instant::now() < deadline, "never saw {what}:\n{how}");
                        right_since = None;
                    }
                }
            }
            if right_since.is_some_and(|since| since.elapsed() > CALM) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until just this picture is seen, except under what has these titles.
    pub(crate) fn sees(&mut self, what: &str, picture: &RgbImage, over: &[&str]) {
        self.until_right(what, |watched| {
            let glass = &watched.glass;
            if over.is_empty() {
                let Some(pane) = glass.pane("Picture") else {
                    return Some(glass.text());
                };
                watched.pane = pane;
            }
            let frames: Option<Vec<_>> = over
                .iter()
                .map(|title| Some(glass.pane(title)?.outer(Margin::new(1, 1))))
                .collect();
            let Some(frames) = frames else {
                return Some(glass.text());
            };
            glass.differs(&Sight {
                picture,
                pane: watched.pane,
                over: &frames,
                tolerance: watched.tolerance,
            })
        });
    }

    pub(crate) fn keys(&self, keys: &str) {
        self.terminal.keys(keys);
    }

    /// The session's last picture is opened.
    fn open(&mut self, picture: &RgbImage) {
        self.terminal.wait_start();
        self.keys("\x13");
        self.terminal.wait_text("lighthouse");
        self.keys("\r");
        self.terminal.wait_text("#2 · 1024×1024 png");
        self.sees("the first picture", picture, &[]);
    }

    /// Leaves, and nothing is left.
    pub(crate) fn leave(&mut self) {
        self.keys("\x11");
        assert_eq!(self.terminal.exit(), 0);
        self.terminal.wait_restored();
        self.until_right("the end of every picture", |watched| {
            let (lit, held) = (watched.glass.lit(), watched.glass.held());
            (lit + held > 0)
                .then(|| format!("{lit} pixels are on the screen, {held} pictures in the terminal"))
        });
    }
}

/// How far a picture may be from what was stored, and what its way must look like on the wire.
pub(crate) fn way_of(like: Like) -> (f64, &'static str) {
    match like {
        Like::Kitty => (3.0, "\x1b_Ga=T,U=1,"),
        Like::TmuxKitty => (3.0, "\x1bPtmux;\x1b\x1b_Ga=T,U=1,"),
        Like::Konsole => (3.0, "\x1b_Ga=p,"),
        Like::Iterm2 => (8.0, "\x1b]1337;File="),
        Like::Foot | Like::Xterm | Like::Mlterm => (16.0, "\x1bP"),
        Like::Screen | Like::Silent => (0.0, ""),
    }
}

/// Everything that happens around a picture, in a terminal of this kind.
fn journey(like: Like) {
    let home = home();
    let [first, second] = two_pictures(home.path());
    let path = tmux_in(home.path());
    let start = Start::new(home.path()).like(like).env("PATH", &path).demo("0");
    let (tolerance, mark) = way_of(like);
    let mut watched = Watched::new(start, (120, 40), tolerance);
    watched.open(&second);
    watched.terminal.wait_bytes(0, mark);
    let before = watched.terminal.written();
    watched.keys("\x1bOP");
    watched.sees("the picture around the help", &second, &["Help"]);
    watched.keys("\x1b");
    watched.sees("the picture after the help", &second, &[]);
    if mark.contains("_G") {
        let since = watched.terminal.since(before);
        let uploaded = |command: &[u8]| memmem::find(&since, command).is_some();
        assert!(
            !uploaded(b"_Ga=t") && !uploaded(b"_Ga=T"),
            "the terminal has it already"
        );
    }
    watched.terminal.resize(100, 30);
    watched.sees("a smaller picture", &second, &[]);
    watched.terminal.resize(130, 44);
    watched.sees("a larger picture", &second, &[]);
    watched.keys("\x13\tk");
    watched.sees("the other picture", &first, &[]);
    watched.keys("j");
    watched.sees("the picture once more", &second, &[]);
    watched.keys("\x1br");
    watched.sees("the picture drawn anew", &second, &[]);
    watched.keys("\x1b");
    watched.terminal.resize(80, 24);
    watched.sees("the picture on a small screen", &second, &[]);
    watched.keys("\x13");
    watched.sees(
        "the picture beside the sessions",
        &second,
        &["Sessions", "History"],
    );
    watched.keys("\x1b");
    watched.sees("the picture after the sessions", &second, &[]);
    watched.leave();
}

#[test]
fn kitty_shows_a_picture_whole_and_nowhere_else() {
    journey(Like::Kitty);
}

#[test]
fn konsole_shows_a_picture_whole_and_nowhere_else() {
    journey(Like::Konsole);
}

/// A picture is on its slow way when another is chosen, and the terminal has neither half a picture nor a wrong one.
fn overtaken(like: Like) {
    let home = home();
    let [first, second] = two_pictures(home.path());
    let path = tmux_in(home.path());
    let (tolerance, _) = way_of(like);
    let start = Start::new(home.path())
        .like(like)
        .env("PATH", &path)
        .link(Link::Slow)
        .demo("0");
    let mut watched = Watched::new(start, (80, 24), tolerance);
    watched.open(&second);
    watched.keys("\x13\t");
    watched.terminal.wait_text("Enter continue");
    for _ in 0..3 {
        let before = watched.terminal.written();
        watched.keys("k");
        watched.terminal.wait_more(before, 8000);
        watched.keys("j");
    }
    watched.keys("k\x1b");
    watched.sees("the picture that was chosen last", &first, &[]);
    watched.leave();
}

#[test]
fn kitty_is_never_left_with_half_a_picture() {
    overtaken(Like::Kitty);
}

#[test]
fn konsole_is_never_left_with_half_a_picture() {
    overtaken(Like::Konsole);
}

#[test]
fn foot_shows_a_picture_whole_and_nowhere_else() {
    journey(Like::Foot);
}

#[test]
fn xterm_shows_a_picture_whole_and_nowhere_else() {
    journey(Like::Xterm);
}

#[test]
fn mlterm_shows_a_picture_whole_and_nowhere_else() {
    journey(Like::Mlterm);
}

#[test]
fn foot_is_never_left_with_half_a_picture() {
    overtaken(Like::Foot);
}

#[test]
fn iterm2_shows_a_picture_whole_and_nowhere_else() {
    journey(Like::Iterm2);
}

#[test]
fn iterm2_is_never_left_with_half_a_picture() {
    overtaken(Like::Iterm2);
}

#[test]
fn kitty_around_tmux_shows_a_picture_whole_and_nowhere_else() {
    journey(Like::TmuxKitty);
}

#[test]
fn kitty_around_tmux_is_never_left_with_half_a_picture() {
    overtaken(Like::TmuxKitty);
}
