//! The only place that prints. Standard output carries results, standard error everything said to a person.
//!
//! A reader that went away (`tintype … | head`) is no error: what cannot be printed is dropped, so that a
//! generation never fails because nobody listens.
#![expect(
    clippy::disallowed_methods,
    reason = "the line's pace is for the eye and decides nothing"
)]

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::domain::{clean, clean_line};
use crate::error::Error;

/// Writes one line of a result to standard output.
pub fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    let _gone = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Writes a file, a picture, to standard output.
pub fn copy(mut file: File) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    std::io::copy(&mut file, &mut out).and_then(|_bytes| out.flush())
}

/// Writes prose to standard error; control characters in it are made visible.
pub fn note(text: &str) {
    let mut out = std::io::stderr().lock();
    let _gone = writeln!(out, "{}", clean(text));
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
            live: std::io::stderr().is_terminal(),
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
        let mut out = std::io::stderr().lock();
        let _gone = write!(out, "\r\x1b[2K{}", clean_line(text)).and_then(|()| out.flush());
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
            let mut out = std::io::stderr().lock();
            let _gone = write!(out, "\r\x1b[2K").and_then(|()| out.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
