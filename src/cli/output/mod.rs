//! The only place that prints. Standard output carries results, standard error everything said to a person.
//!
//! A reader that went away (`tintype … | head`) is no error: what cannot be printed is dropped, so that a
//! generation never fails because nobody listens. A reader that only does not read must not stop one either: where a
//! generation runs, a thread of its own prints ([`from_a_thread`]).
//!
//! Nothing that would act on a terminal comes out of here, whoever wrote it: prose and tables are cleaned, JSON has it as
//! escapes. Two things go out as they are, and only to what is no terminal: a picture's bytes, and its path, which a
//! script has to open.
#![expect(
    clippy::disallowed_methods,
    reason = "the line's pace is for the eye and decides nothing"
)]

mod press;
mod question;

use std::fs::File;
use std::io::{self, IsTerminal};
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use self::press::Piece;
use crate::domain::{clean, clean_json, clean_line};
use crate::error::{Error, Kind, Result};
use crate::graphics::Pixmap;
use crate::tty::osc;

pub use question::confirmed;

/// How long an aside waits for a terminal that does not read.
const PATIENCE: Duration = Duration::from_millis(200);

/// From here on nobody who prints waits for a reader. What was said is out once [`printed`] returns.
pub fn from_a_thread() {
    press::start();
}

/// Returns when everything that was said is out. Cancel safe.
pub async fn printed() {
    if let Some(press) = press::running() {
        press.idle().await;
    }
}

/// Returns when nobody can be told anything any more, because the terminal or standard error is gone. Cancel safe.
pub async fn link_lost() {
    match press::running() {
        Some(press) => press.lost().await,
        None => std::future::pending().await,
    }
}

/// Says something to a person whose terminal may have stopped reading: it is waited for, but not for long.
pub fn aside(text: &str) {
    from_a_thread();
    note(text);
    settle();
}

/// Waits a moment until everything that was said is out.
pub fn settle() {
    if let Some(press) = press::running() {
        press.settle(PATIENCE);
    }
}

/// Whether this is how a terminal that is gone answers.
pub fn is_hang_up(error: &io::Error) -> bool {
    press::is_hang_up(error)
}

fn put(piece: Piece) {
    match press::running() {
        Some(press) => press.put(piece),
        None => drop(press::print(piece)),
    }
}

/// Writes one line of a result, or a text of several, to standard output.
pub fn line(text: &str) {
    put(Piece::Out(format!("{}\n", clean(text)).into_bytes()));
}

/// How long tmux may take to move the terminal's cursor to where its own is.
const MOVED: Duration = Duration::from_millis(50);

/// Writes the sequences of a picture to standard output as they are. With `pause`, tmux gets the time to bring the real
/// cursor to its place before each but the first.
pub fn picture(pieces: Vec<Vec<u8>>, pause: bool) {
    for (index, piece) in pieces.into_iter().enumerate() {
        if pause && index > 0 {
            std::thread::sleep(MOVED);
        }
        put(Piece::Out(piece));
    }
}

/// Prints a picture as half blocks, one of its pixels for the upper half of a cell and one for the lower, so many cells
/// wide and high.
pub fn half_blocks(picture: Pixmap, cols: u16, rows: u16, truecolour: bool) -> Result<()> {
    let config = viuer::Config {
        transparent: false,
        absolute_offset: false,
        width: Some(cols.into()),
        height: Some(rows.into()),
        truecolor: truecolour,
        use_kitty: false,
        use_iterm: false,
        ..viuer::Config::default()
    };
    match viuer::print(&picture.into(), &config) {
        Ok(_) => Ok(()),
        // A reader that went away is no error.
        Err(viuer::ViuError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Error::new(
            Kind::Internal,
            format!("The picture cannot be printed: {error}"),
        )),
    }
}

/// Whether standard output is a terminal.
pub fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// Writes JSON to standard output; what it holds is the same, escaped where it could act on a terminal.
pub fn json(text: &str) {
    put(Piece::Out(format!("{}\n", clean_json(text)).into_bytes()));
}

/// Whether paths are links where standard output is a terminal.
static LINKS: AtomicBool = AtomicBool::new(false);

/// From here on paths are links on a terminal, or are not: a terminal that does not know links may print them.
pub fn link_paths(links: bool) {
    LINKS.store(links, Ordering::Relaxed);
}

/// Writes where a file is: in its own bytes to a script, so that it can be opened; readable to a person, and a link where
/// the terminal has them.
pub fn path(path: &Path) {
    if io::stdout().is_terminal() {
        return line_with_path("", &path.to_string_lossy(), path);
    }
    let mut bytes = path.as_os_str().as_bytes().to_vec();
    bytes.push(b'\n');
    put(Piece::Out(bytes));
}

/// Writes a line that ends in a text with this path in it: a link where standard output is a terminal that has them.
pub fn line_with_path(before: &str, text: &str, path: &Path) {
    let (start, text) = (clean_line_part(before), clean_line(text));
    let name = clean_line(&path.to_string_lossy());
    let links = LINKS.load(Ordering::Relaxed) && io::stdout().is_terminal();
    let parts = text.split_once(&name).filter(|_| links && !name.is_empty());
    let printed = match (parts, address(path)) {
        (Some((before, after)), Some(address)) => {
            format!("{start}{before}{}{after}\n", osc::link(&address, &name))
        }
        _ => format!("{start}{text}\n"),
    };
    put(Piece::Out(printed.into_bytes()));
}

/// Where a file is, for a terminal that may run on another machine.
fn address(path: &Path) -> Option<String> {
    let whole = std::path::absolute(path).ok()?;
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Some(osc::file_address(&host, whole.as_os_str().as_bytes()))
}

/// As [`json`], but of the moment only: a reader that is far behind does without it.
pub fn passing_json(text: &str) {
    let piece = Piece::Out(format!("{}\n", clean_json(text)).into_bytes());
    match press::running() {
        Some(press) => press.put_passing(piece),
        None => put(piece),
    }
}

/// Writes a line of a result, these of its bytes emphasized where standard output is a terminal.
pub fn emphasized_line(text: &str, hits: &[Range<usize>]) {
    if !io::stdout().is_terminal() {
        return line(text);
    }
    let part = |bytes: Range<usize>| clean_line_part(text.get(bytes).unwrap_or_default());
    let mut emphasized = String::with_capacity(text.len() + hits.len() * 9);
    let mut at = 0;
    for hit in hits {
        emphasized.push_str(&part(at..hit.start));
        emphasized.push_str("\x1b[1m");
        emphasized.push_str(&part(hit.clone()));
        emphasized.push_str("\x1b[22m");
        at = hit.end;
    }
    emphasized.push_str(&part(at..text.len()));
    emphasized.push('\n');
    put(Piece::Out(emphasized.into_bytes()));
}

/// A piece of a line: its spaces stay, for what stands beside it.
fn clean_line_part(text: &str) -> String {
    clean(text).replace('\n', " ")
}

/// Writes a file, a picture, to standard output; what became of it comes when it is out.
pub fn copy(file: File) -> oneshot::Receiver<io::Result<()>> {
    let (told, receiver) = oneshot::channel();
    put(Piece::File(file, told));
    receiver
}

/// Writes prose to standard error; control characters in it are made visible.
pub fn note(text: &str) {
    put(Piece::Err(format!("{}\n", clean(text)).into_bytes()));
}

/// Tells a person what went wrong, whether it may cost, and what to do next, on standard error; `verbose` adds the
/// server's answer as it came.
pub fn error(error: &Error, verbose: bool) {
    note(&format!("tintype: {error}"));
    let mut facts = Vec::new();
    if let Some(status) = error.http_status {
        facts.push(format!("HTTP {status}"));
    }
    if let Some(id) = &error.request_id {
        facts.push(format!("request {}", clean_line(id)));
    }
    facts.extend(error.billed.says().map(str::to_owned));
    if !facts.is_empty() {
        note(&format!("  {}", facts.join(" \u{b7} ")));
    }
    if !error.hint.is_empty() {
        note(&format!("  {}", error.hint));
    }
    if let Some(body) = error.body.as_deref().filter(|_| verbose) {
        note("  The server's answer:");
        for line in body.lines() {
            note(&format!("  {line}"));
        }
    }
}

/// The progress of one generation on standard error: a line that changes on a terminal, plain lines otherwise.
#[derive(Debug)]
pub struct Progress {
    live: bool,
    quiet: bool,
    shown: bool,
    last: Option<Instant>,
}

impl Progress {
    pub fn new(quiet: bool) -> Self {
        Self {
            live: io::stderr().is_terminal(),
            quiet,
            shown: false,
            last: None,
        }
    }

    /// Says where the generation stands; on a terminal the line is replaced, at most ten times a second.
    pub fn status(&mut self, text: &str) {
        if self.quiet || !self.live {
            return;
        }
        let now = Instant::now();
        if self
            .last
            .is_some_and(|last| now.duration_since(last) < Duration::from_millis(100))
        {
            return;
        }
        self.last = Some(now);
        self.shown = true;
        put(Piece::Status(
            format!("\r\x1b[2K{}", clean_line(text)).into_bytes(),
        ));
    }

    /// Says something that stays, above the changing line.
    pub fn say(&mut self, text: &str) {
        if self.quiet {
            return;
        }
        self.clear();
        note(text);
    }

    /// Takes the changing line away.
    pub fn clear(&mut self) {
        if self.shown {
            self.shown = false;
            put(Piece::Err(b"\r\x1b[2K".to_vec()));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
