//! What a maintainer reads afterwards: the log, and the report of a panic. Both are files in the state folder that only
//! their owner may read; the screen gets nothing from here.
//!
//! Keys never get in: whoever has a key tells it here ([`hide`]), and it is taken out of every line and report, whoever
//! repeats it. Prompts, thoughts and server's sentences are left out by those who log, at every level. Only what this
//! program says is written: what libraries trace may hold whole requests.

mod book;
mod report;

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::domain::{Secret, Secrets, Spellings, clean_line};

pub use report::{Fault, last_fault, on_fault, report_panics, worker_failed};

/// The secrets that this process knows, and their spellings.
static HIDDEN: Mutex<(Vec<Secret>, Option<Spellings>)> = Mutex::new((Vec::new(), None));

/// Takes these secrets out of everything that is written from now on.
pub fn hide(secrets: &Secrets) {
    let mut hidden = HIDDEN.lock().unwrap_or_else(PoisonError::into_inner);
    let (known, spellings) = &mut *hidden;
    let count = known.len();
    for secret in secrets.as_slice() {
        if !known.contains(secret) {
            known.push(secret.clone());
        }
    }
    if known.len() > count {
        *spellings = Spellings::of(&Secrets::new(known.iter().cloned()));
    }
}

/// Returns `text` without any secret that is known.
fn redacted(text: &str) -> String {
    let hidden = HIDDEN.lock().unwrap_or_else(PoisonError::into_inner);
    match &hidden.1 {
        Some(spellings) => spellings.redact(text).into_owned(),
        None => text.to_owned(),
    }
}

/// Begins to log into `state`, and to leave the reports of panics there. Every `-v` says more. No file is made before
/// there is something to say, and a log that cannot be written is done without.
pub fn begin(state: &Path, verbose: u8) {
    report::keep_in(state);
    let level = match verbose {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let book = book::Book::new(state);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(move || book.clone());
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    let _already_begun = tracing_subscriber::registry().with(lines).with(ours).try_init();
}

/// Where the log of this state folder is.
pub fn path(state: &Path) -> std::path::PathBuf {
    state.join(book::NAME)
}

/// Where the reports of panics are.
pub fn reports(state: &Path) -> std::path::PathBuf {
    state.join(report::FOLDER)
}

/// One line of the log, as it may be written: without keys, without anything that would act on a terminal that shows
/// it, and without a line end that would forge the next line.
fn line(text: &str) -> String {
    format!("{} {}\n", std::process::id(), clean_line(&redacted(text)))
}
