//! The terminal as files: which descriptor to read, which to write, and how large it is.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{self, Winsize};

use super::foreground;

/// The size of the terminal in cells and, where it says so, in pixels (else 0): of the part of it that is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub columns: u16,
    pub rows: u16,
    pub width: u16,
    pub height: u16,
}

/// Cells of a terminal that are used, from its upper left corner on: more than there are on the largest screen in the
/// smallest type, and few enough for memory and a frame's time.
const MOST: (u16, u16) = (1_000, 500);

impl Window {
    /// A size as somebody claims it, cut to what is used; `None` where it is none.
    fn new(claimed: Winsize) -> Option<Self> {
        let Winsize { ws_col, ws_row, .. } = claimed;
        // The pixels of what is used, so that a cell stays as large as it is.
        let share = |pixels: u16, used: u16, all: u16| {
            let share = u32::from(pixels) * u32::from(used) / u32::from(all);
            u16::try_from(share).unwrap_or(u16::MAX)
        };
        let (columns, rows) = (ws_col.min(MOST.0), ws_row.min(MOST.1));
        (columns > 0 && rows > 0).then(|| Self {
            columns,
            rows,
            width: share(claimed.ws_xpixel, columns, ws_col),
            height: share(claimed.ws_ypixel, rows, ws_row),
        })
    }
}

/// The controlling terminal, open for reading and writing.
#[derive(Debug)]
pub struct Device {
    input: OwnedFd,
    output: OwnedFd,
    /// Set when the terminal was given back in an emergency: nobody is to write to it any more.
    silence: Arc<AtomicBool>,
}

impl Device {
    /// The terminal that standard input and output are, or else `/dev/tty`.
    pub fn open() -> io::Result<Self> {
        let (stdin, stdout) = (io::stdin(), io::stdout());
        let input = if termios::isatty(&stdin) {
            stdin.as_fd().try_clone_to_owned()?
        } else {
            OwnedFd::from(File::open("/dev/tty")?)
        };
        let terminal = if termios::isatty(&stdout) {
            stdout.as_fd()
        } else {
            input.as_fd()
        };
        let output = Self::unblocked(terminal)?;
        Ok(Self {
            input,
            output,
            silence: Arc::default(),
        })
    }

    /// The terminal behind a descriptor, as in a test's own pair.
    pub fn from_fd(terminal: &OwnedFd) -> io::Result<Self> {
        Ok(Self {
            input: terminal.try_clone()?,
            output: Self::unblocked(terminal.as_fd())?,
            silence: Arc::default(),
        })
    }

    /// Opens the terminal anew for writing without blocking. The flag belongs to the open file, which the shell and
    /// every other program on the terminal share: on a duplicate it would break them.
    fn unblocked(terminal: BorrowedFd<'_>) -> io::Result<OwnedFd> {
        let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits();
        let open = |path: PathBuf| {
            OpenOptions::new()
                .write(true)
                .custom_flags(i32::try_from(flags).unwrap_or(0))
                .open(path)
        };
        let name = termios::ttyname(terminal, Vec::new())
            .map(|name| PathBuf::from(std::ffi::OsString::from_vec(name.into_bytes())));
        // After `su` the terminal's own name may be closed to us while its alias is not; what blocks is the last
        // resort, since whoever writes waits for room first.
        let opened = name.map_err(io::Error::from).and_then(open);
        match opened.or_else(|_| open(PathBuf::from("/dev/tty"))) {
            Ok(file) => Ok(file.into()),
            Err(_) => terminal.try_clone_to_owned(),
        }
    }

    pub(super) fn input(&self) -> io::Result<OwnedFd> {
        self.input.try_clone()
    }

    pub(super) fn output(&self) -> io::Result<OwnedFd> {
        self.output.try_clone()
    }

    pub(super) fn silence(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.silence)
    }

    /// Whether bytes have come that nobody has read yet.
    pub fn has_input(&self) -> bool {
        let mut waiting = [PollFd::new(&self.input, PollFlags::IN)];
        poll(&mut waiting, Some(&Timespec::default())).is_ok_and(|ready| ready > 0)
    }

    /// Whether the terminal listens to our process group: in the background its modes are not ours to change.
    pub fn is_foreground(&self) -> bool {
        foreground::is_ours(&self.output)
    }

    /// The size as the kernel has it, or 80 × 24 where it has none.
    pub fn window(&self) -> Window {
        let size = termios::tcgetwinsize(&self.output).ok();
        size.and_then(Window::new).unwrap_or(Window {
            columns: 80,
            rows: 24,
            width: 0,
            height: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(columns: u16, rows: u16, pixels: (u16, u16)) -> Option<(u16, u16, u16, u16)> {
        let claimed = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: pixels.0,
            ws_ypixel: pixels.1,
        };
        let window = Window::new(claimed)?;
        Some((window.columns, window.rows, window.width, window.height))
    }

    #[test]
    fn an_absurd_size_is_cut_and_none_is_none() {
        assert_eq!(window(120, 40, (1200, 800)), Some((120, 40, 1200, 800)));
        assert_eq!(window(30_000, 30_000, (0, 0)), Some((1_000, 500, 0, 0)));
        assert_eq!(
            window(u16::MAX, u16::MAX, (u16::MAX, u16::MAX)),
            Some((1_000, 500, 1_000, 500))
        );
        assert_eq!(window(2_000, 40, (20_000, 800)), Some((1_000, 40, 10_000, 800)));
        assert_eq!(window(1, 1, (u16::MAX, 0)), Some((1, 1, u16::MAX, 0)));
        assert_eq!((window(0, 24, (1, 1)), window(80, 0, (1, 1))), (None, None));
    }
}
