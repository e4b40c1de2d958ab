//! The log's file: appended to by any number of processes at once, a line a write, and turned over when it is full.
//!
//! A process looks before each line whether the file that it has open still is the log: another may have turned it over
//! meanwhile. Only who holds the lock on a full file may turn it. A line that loses that race is found in the older file.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{FlockOperation, OFlags};

use crate::store::private_folder;

pub(super) const NAME: &str = "log";

/// A file of the log is turned over before it is larger.
const LARGEST: u64 = 1 << 20;
/// How many older ones are kept: `log.1` is the newest of them.
const OLDER: u32 = 3;

/// The log, shared by the threads of a process.
#[derive(Clone, Debug)]
pub(super) struct Book(Arc<Mutex<Pages>>);

#[derive(Debug)]
struct Pages {
    folder: PathBuf,
    file: Option<File>,
}

impl Book {
    pub(super) fn new(folder: &Path) -> Self {
        Self(Arc::new(Mutex::new(Pages {
            folder: folder.to_owned(),
            file: None,
        })))
    }
}

impl Write for Book {
    /// Takes whole events. A disk that is full must not fail a generation: what cannot be written is dropped.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = super::line(&String::from_utf8_lossy(event));
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let _lost = pages.write(line.as_bytes());
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pages {
    fn path(&self) -> PathBuf {
        self.folder.join(NAME)
    }

    fn older(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{NAME}.{number}"))
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let file = self.current()?;
        if file.metadata()?.len() + line.len() as u64 > LARGEST {
            self.turn_over()?;
        }
        self.current()?.write_all(line)
    }

    /// The file that has the log's name by now.
    fn current(&mut self) -> io::Result<&mut File> {
        if !self.file.as_ref().is_some_and(|file| self.is_current(file)) {
            self.file = None;
            self.file = Some(open(&self.folder, &self.path())?);
        }
        self.file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn is_current(&self, file: &File) -> bool {
        let named = fs::symlink_metadata(self.path());
        matches!((file.metadata(), named), (Ok(ours), Ok(named)) if ours.ino() == named.ino() && ours.dev() == named.dev())
    }

    /// Makes room, unless another process is at it.
    fn turn_over(&mut self) -> io::Result<()> {
        let Some(file) = self.file.take() else {
            return Ok(());
        };
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err()
            || !self.is_current(&file)
        {
            return Ok(());
        }
        for number in (1..OLDER).rev() {
            let _none = fs::rename(self.older(number), self.older(number + 1));
        }
        fs::rename(self.path(), self.older(1))
    }
}

/// Opens the log to append to it; never what a symlink points to, nor a pipe that would wait for its reader.
fn open(folder: &Path, path: &Path) -> io::Result<File> {
    // The state folder itself may be a link of its owner's.
    private_folder(&fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()))?;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags.bits().cast_signed())
        .open(path)?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    if facts.mode() & 0o777 != 0o600 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests read files")]

    use super::*;

    fn say(book: &Book, text: &str) {
        book.clone().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn a_full_log_is_turned_over_and_only_so_many_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("state");
        // Two processes, as far as a file can tell.
        let books = [Book::new(&folder), Book::new(&folder)];
        for number in 0..6_000 {
            say(&books[number % 2], &format!("{number} {}\n", "x".repeat(1_000)));
        }
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["log", "log.1", "log.2", "log.3"]);
        for name in &names {
            let facts = fs::metadata(folder.join(name)).unwrap();
            assert!(facts.len() <= LARGEST, "{name:?} is {} bytes", facts.len());
            assert_eq!(facts.mode() & 0o7777, 0o600);
        }
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o7777, 0o700);
        let newest = fs::read_to_string(folder.join("log")).unwrap();
        assert!(newest.lines().last().unwrap().contains(" 5999 xxx"));
    }

    #[test]
    fn many_at_once_lose_no_line() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..12 {
                let book = Book::new(dir.path());
                scope.spawn(move || {
                    for number in 0..200 {
                        say(&book, &format!("<{writer}/{number}> {}\n", "y".repeat(800)));
                    }
                });
            }
        });
        let mut all = String::new();
        for name in ["log.3", "log.2", "log.1", "log"] {
            all += &fs::read_to_string(dir.path().join(name)).unwrap_or_default();
        }
        for (writer, number) in (0..12).flat_map(|writer| (0..200).map(move |number| (writer, number))) {
            assert_eq!(all.matches(&format!("<{writer}/{number}> yyy")).count(), 1);
        }
        assert_eq!(all.lines().count(), 2_400);
    }

    #[test]
    fn neither_symlinks_nor_pipes_nor_a_full_disk_disturb() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        std::os::unix::fs::symlink(&elsewhere, dir.path().join(NAME)).unwrap();
        say(&Book::new(dir.path()), "hello");
        assert!(!elsewhere.exists());
        fs::remove_file(dir.path().join(NAME)).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(dir.path().join(NAME))
            .status();
        assert!(made.unwrap().success());
        say(&Book::new(dir.path()), "hello");
        say(&Book::new(Path::new("/proc/nowhere")), "hello");
    }

    #[test]
    fn a_line_is_one_line_without_keys_and_commands() {
        let dir = tempfile::tempdir().unwrap();
        super::super::hide(&crate::domain::Secret::new("sk-hidden-in-logs").into());
        say(&Book::new(dir.path()), "one\ntwo \x1b[2J sk-hidden-in-logs\n");
        let text = fs::read_to_string(dir.path().join(NAME)).unwrap();
        assert_eq!(text, format!("{} one two \u{241b}[2J ***\n", std::process::id()));
    }
}
