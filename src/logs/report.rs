//! The report of a panic: written into the state folder wherever it happened, told on the screen by whoever can.
//!
//! A panic of the main thread ends the program; that of a worker (another thread, or a task) does not touch the terminal,
//! and comes to the screen as an error. The report has what a maintainer needs and nothing of the environment.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use color_eyre::config::{HookBuilder, PanicHook, Theme};

use super::redacted;
use crate::domain::{clean, clean_line};
use crate::error::{Error, Kind};
use crate::store::private_folder;

pub(super) const FOLDER: &str = "reports";

/// So many reports are kept.
const MOST: usize = 20;

/// A panic that has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it said, and where, on one line.
    pub words: String,
    /// Where its report is, if it could be written.
    pub report: Option<PathBuf>,
}

type Listener = Box<dyn Fn(&Fault) + Send>;

static STATE: Mutex<Option<PathBuf>> = Mutex::new(None);
static LAST: Mutex<Option<Fault>> = Mutex::new(None);
static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);
static COUNT: AtomicU32 = AtomicU32::new(0);

pub(super) fn keep_in(state: &Path) {
    *STATE.lock().unwrap_or_else(PoisonError::into_inner) = Some(state.to_owned());
}

/// Has `listener` told of every worker's panic, in place of any listener before.
pub fn on_fault(listener: impl Fn(&Fault) + Send + 'static) {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
}

/// The last panic of this process.
pub fn last_fault() -> Option<Fault> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl Fault {
    /// What the user is told.
    pub fn error(&self, what: &str) -> Error {
        let hint = match &self.report {
            Some(path) => format!(
                "This is a fault in tintype; a report of it is in {}",
                path.display()
            ),
            None => "This is a fault in tintype".to_owned(),
        };
        Error::new(Kind::Internal, format!("{what}: {}", self.words)).hint(hint)
    }
}

/// The error of a worker that panicked.
pub fn worker_failed(panic: &dyn std::fmt::Display) -> Error {
    let fault = last_fault().unwrap_or_else(|| Fault {
        words: clean_line(&redacted(&panic.to_string())),
        report: None,
    });
    let error = fault.error("A worker failed");
    let hint = format!("{}; what had arrived is kept", error.hint);
    error.hint(hint)
}

/// Makes every panic leave a report. `on_main` is called for one that ends the program: it gives the terminal back and
/// tells the user.
pub fn report_panics(on_main: impl Fn(&Error) + Send + Sync + 'static) {
    let hooks = HookBuilder::default()
        .display_env_section(false)
        .theme(Theme::new())
        .try_into_hooks();
    let Ok((panics, errors)) = hooks else {
        return;
    };
    std::panic::set_hook(Box::new(move |panic| {
        let fault = take_down(panic, &panics);
        tracing::error!(report = ?fault.report, "panic: {}", fault.words);
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault.clone());
        // A task of the main thread's runtime is a worker as well: its panic is caught there.
        let is_main = std::thread::current().name() == Some("main") && tokio::task::try_id().is_none();
        if is_main {
            on_main(&fault.error("The program failed"));
        } else if let Some(listener) = &*LISTENER.lock().unwrap_or_else(PoisonError::into_inner) {
            listener(&fault);
        }
    }));
    let _already_installed = errors.install();
}

fn take_down(panic: &PanicHookInfo<'_>, hook: &PanicHook) -> Fault {
    let payload = panic.payload();
    let said = payload
        .downcast_ref::<&str>()
        .map(|said| (*said).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "something that cannot be printed".to_owned());
    let place = panic
        .location()
        .map(|place| format!(" ({}:{})", place.file(), place.line()));
    let words = clean_line(&redacted(&format!("{said}{}", place.unwrap_or_default())));
    let thread = std::thread::current();
    let text = format!(
        "tintype {} on {} {}\nthread {}\n\n{}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        thread.name().unwrap_or("without a name"),
        hook.panic_report(panic),
        std::backtrace::Backtrace::force_capture(),
    );
    let state = STATE.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let report = state.and_then(|state| write(&state.join(FOLDER), &clean(&redacted(&text))).ok());
    Fault { words, report }
}

/// A new file for a report; the oldest make room for it.
fn write(folder: &Path, text: &str) -> std::io::Result<PathBuf> {
    private_folder(folder)?;
    let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let path = folder.join(format!("panic-{now}-{}-{count}.txt", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(text.as_bytes())?;
    let mut reports: Vec<_> = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("panic-"))
        })
        .collect();
    reports.sort();
    let excess = reports.len().saturating_sub(MOST);
    reports
        .iter()
        .take(excess)
        .for_each(|old| drop(fs::remove_file(old)));
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_private_and_few() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(FOLDER);
        let mut last = PathBuf::new();
        for _ in 0..MOST + 5 {
            last = write(&folder, "x").unwrap();
        }
        assert!(last.is_file());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), MOST);
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&last).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
}
