//! What tmux says of the terminal outside, which a program inside cannot ask in every case; and the way of a text to
//! the clipboard that needs no `allow-passthrough`. It runs `tmux` without a shell and for a limited time, and knows
//! nothing of pictures.

use std::io;
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// How long `tmux` may take; its server answers in milliseconds, unless it is stuck.
const PATIENCE: Duration = Duration::from_secs(1);

/// An answer is one line.
const LONGEST: usize = 4096;

/// A version that knows less leaves the field empty.
const FORMAT: &str = "#{client_termtype}|#{client_termname}|#{client_termfeatures}|#{allow-passthrough}|\
                      #{client_cell_width}x#{client_cell_height} #{client_tty} #{client_created}";

/// The terminal that shows the tmux session, as tmux knows it. With several, it is one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// What it answered to XTVERSION, such as `kitty(0.48.2)`; empty where it did not, or where tmux is too old.
    pub kind: String,
    /// `TERM` outside.
    pub term: String,
    /// What tmux makes use of, such as `RGB` or `sixel`.
    pub features: Vec<String>,
    /// Whether tmux hands sequences on, where it says so.
    pub passthrough: Option<bool>,
    /// The pixels of a cell, width and height.
    pub cell: Option<(u16, u16)>,
    /// Which client it is: its terminal device and when it was attached. Another one holds none of our pictures.
    pub which: String,
}

impl Client {
    /// The line that `tmux display-message` prints; `None` where it is of another make.
    pub fn parse(line: &str) -> Option<Self> {
        // From the right: what a terminal calls itself is its own affair.
        let mut fields = line.trim_end_matches(['\r', '\n']).rsplitn(5, '|');
        let (cell, passthrough, features) = (fields.next()?, fields.next()?, fields.next()?);
        let (term, kind) = (fields.next()?, fields.next()?);
        let (cell, which) = cell.split_once(' ').unwrap_or((cell, ""));
        let cell = cell
            .split_once('x')
            .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
            .filter(|(width, height)| *width > 0 && *height > 0);
        Some(Self {
            kind: crate::domain::clean_line(kind),
            term: crate::domain::clean_line(term),
            features: features
                .split(',')
                .map(str::trim)
                .filter(|feature| !feature.is_empty())
                .map(str::to_owned)
                .collect(),
            passthrough: match passthrough {
                "off" | "0" => Some(false),
                "" => None,
                _ => Some(true),
            },
            cell,
            which: which.to_owned(),
        })
    }

    /// Whether tmux makes use of this with the terminal outside.
    pub fn has(&self, feature: &str) -> bool {
        self.features
            .iter()
            .any(|known| known.eq_ignore_ascii_case(feature))
    }
}

/// Asks tmux of the terminal outside; `None` where nobody answers within a second. It blocks.
pub fn client() -> Option<Client> {
    let mut child = Command::new("tmux")
        .args(["display-message", "-p", FORMAT])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let said = listen(&mut child);
    // It has ended by itself, or is to.
    let _ended = child.kill();
    let _status = child.wait();
    Client::parse(&String::from_utf8_lossy(&said))
}

fn listen(child: &mut Child) -> Vec<u8> {
    let mut said = Vec::new();
    let Some(stdout) = child.stdout.take() else {
        return said;
    };
    let deadline = Instant::now() + PATIENCE;
    let mut buffer = [0; 1024];
    while said.len() < LONGEST {
        let rest = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(rest).unwrap_or_default();
        match poll(&mut [PollFd::new(&stdout, PollFlags::IN)], Some(&timeout)) {
            Err(Errno::INTR) => continue,
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        match rustix::io::read(stdout.as_fd(), &mut buffer) {
            Ok(0) => break,
            Ok(length) => said.extend_from_slice(&buffer[..length]),
            Err(Errno::INTR) => {}
            Err(_) => break,
        }
    }
    said
}

/// Gives tmux a text for its paste buffer and, by `-w`, for the clipboard of the terminal outside. It blocks.
pub fn copy(text: &str) -> io::Result<()> {
    use io::Write as _;

    let mut child = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(_) => return Err(io::Error::other("tmux refused it")),
            None if Instant::now() >= deadline => {
                child.kill()?;
                child.wait()?;
                return Err(io::Error::other("tmux did not answer"));
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_tmux_is_read_field_by_field() {
        let client = Client::parse("kitty(0.48.2)|xterm-kitty|RGB,sixel,title|on|9x18\n").unwrap();
        assert_eq!((&*client.kind, &*client.term), ("kitty(0.48.2)", "xterm-kitty"));
        assert!(client.has("rgb") && client.has("sixel") && !client.has("mouse"));
        assert_eq!((client.passthrough, client.cell), (Some(true), Some((9, 18))));
    }

    #[test]
    fn an_old_tmux_leaves_fields_empty_and_a_terminal_may_call_itself_anything() {
        let client = Client::parse("|xterm-256color|||x").unwrap();
        assert_eq!(
            client,
            Client {
                term: "xterm-256color".to_owned(),
                ..Client::default()
            }
        );
        let client = Client::parse("a|b\u{1b}]52;c;x\u{7}|xterm|RGB|off|0x0").unwrap();
        assert!(client.kind.starts_with("a|b") && !client.kind.contains('\u{1b}'));
        assert_eq!((client.passthrough, client.cell), (Some(false), None));
        for line in ["", "no client", "a|b|c|d"] {
            assert_eq!(Client::parse(line), None, "{line:?}");
        }
    }
}
