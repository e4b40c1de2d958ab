//! What a user waits for: the first frame after the start, and a typed character's way to the screen, in a pty of
//! 120×40 beside a bare ratatui program with panes, which is the floor. Times are from fork to the last byte.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench measures time, reports it, and has nothing to measure if it cannot start"
)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use memchr::memmem;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout};
use ratatui::widgets::{Block, Paragraph};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use tempfile::TempDir;
use tintype::domain::SessionId;
use tintype::store::Store;

const STARTS: usize = 30;
const KEYS: usize = 100;
/// Set in the environment of the floor: this very program, which then only draws.
const FLOOR: &str = "TINTYPE_BENCH_FLOOR";
/// The last words of a first frame; nothing but the way the cursor is left follows them.
const LAST: &str = "help";
/// No more bytes for so long: that was all.
const SILENCE: Duration = Duration::from_millis(40);

fn main() {
    if std::env::var_os(FLOOR).is_some() {
        return floor();
    }
    let (home, full) = (home(), home());
    fill(full.path());
    let own = std::env::current_exe().unwrap();
    let bare = || (Command::new(&own), true);
    let tintype = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tintype"));
        command.arg("--demo");
        (command, false)
    };
    // Interleaved, so that a busy machine is as unkind to the one as to the other.
    let (mut firsts, mut fulls, mut floors) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        floors.push(Program::start(bare(), home.path()).first);
        firsts.push(Program::start(tintype(), home.path()).first);
        fulls.push(Program::start(tintype(), full.path()).first);
    }
    let floor = report("first frame, bare ratatui", &mut floors);
    for (name, times) in [
        ("first frame, tintype", &mut firsts),
        ("the same, 100,000 sessions", &mut fulls),
    ] {
        let first = report(name, times);
        println!(
            "{:28} {:.2} of the floor",
            "",
            first.as_secs_f64() / floor.as_secs_f64()
        );
    }
    for (name, command) in [("key, bare ratatui", bare()), ("key, tintype", tintype())] {
        let mut program = Program::start(command, home.path());
        let (mut times, mut bytes) = (Vec::new(), Vec::new());
        for index in 0..KEYS {
            let letter = b'a' + u8::try_from(index % 26).unwrap();
            let (time, count) = program.key(letter);
            times.push(time);
            bytes.push(count);
        }
        report(name, &mut times);
        let most = bytes.iter().max().unwrap();
        println!(
            "{:28} {} bytes a character, at most {most}",
            "",
            bytes.iter().sum::<usize>() / KEYS
        );
    }
}

fn home() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// A hundred thousand sessions in the store of this home, written in one go.
fn fill(home: &Path) {
    let data = home.join(".local/share/tintype");
    std::fs::create_dir_all(&data).unwrap();
    Store::open(&data).unwrap();
    let mut database = rusqlite::Connection::open(data.join("tintype.db")).unwrap();
    let transaction = database.transaction().unwrap();
    for key in 1..=100_000_u32 {
        transaction
            .prepare_cached("INSERT INTO sessions VALUES (?1, ?2, 'a red fox logo', ?1, ?1, 1)")
            .unwrap()
            .execute((key, SessionId::new(u64::from(key), key).as_str()))
            .unwrap();
    }
    transaction.commit().unwrap();
}

fn report(name: &str, times: &mut [Duration]) -> Duration {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    let (least, median, most) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    println!(
        "{name:28} {:.2} ms (least {:.2}, most {:.2})",
        ms(median),
        ms(least),
        ms(most)
    );
    median
}

/// A program in a pty that has drawn its first frame, and how long that took.
struct Program {
    child: Child,
    master: File,
    _slave: OwnedFd,
    first: Duration,
}

impl Program {
    fn start((mut command, is_floor): (Command, bool), home: &Path) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
        let slave = rustix::fs::open(name.as_c_str(), flags, rustix::fs::Mode::empty()).unwrap();
        let size = Winsize {
            ws_row: 40,
            ws_col: 120,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&slave, size).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        command
            .env_clear()
            .env("HOME", home)
            .env("TERM", "xterm-256color");
        if is_floor {
            command.env(FLOOR, "1");
        }
        command.stdin(end()).stdout(end()).stderr(end());
        let began = Instant::now();
        let child = command.spawn().unwrap();
        let mut program = Self {
            child,
            master: File::from(master),
            _slave: slave,
            first: Duration::ZERO,
        };
        let mut seen = Vec::new();
        while memmem::find(&seen, LAST.as_bytes()).is_none() {
            assert!(
                program.read(&mut seen, Duration::from_secs(10)),
                "{}",
                String::from_utf8_lossy(&seen)
            );
        }
        program.first = began.elapsed();
        while program.read(&mut seen, SILENCE) {}
        program
    }

    /// Types a letter: the time until its echo, and how many bytes that were.
    fn key(&mut self, letter: u8) -> (Duration, usize) {
        let mut seen = Vec::new();
        let typed = Instant::now();
        self.master.write_all(&[letter]).unwrap();
        assert!(self.read(&mut seen, Duration::from_secs(10)));
        let time = typed.elapsed();
        while self.read(&mut seen, SILENCE) {}
        (time, seen.len())
    }

    /// Reads what there is, waiting at most so long for it; false if there was nothing.
    fn read(&mut self, seen: &mut Vec<u8>, patience: Duration) -> bool {
        let mut waiting = [PollFd::new(&self.master, PollFlags::IN)];
        if poll(&mut waiting, Some(&Timespec::try_from(patience).unwrap())).unwrap() == 0 {
            return false;
        }
        let mut buffer = vec![0; 1 << 16];
        let more = self.master.read(&mut buffer).unwrap_or(0);
        seen.extend_from_slice(&buffer[..more]);
        more > 0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The least that draws panes with a prompt: ratatui's own terminal, crossterm's own reader.
fn floor() {
    let mut terminal = ratatui::init();
    let mut text = String::new();
    loop {
        terminal.draw(|frame| panes(&text, frame)).unwrap();
        if let crossterm::event::Event::Key(key) = crossterm::event::read().unwrap()
            && let crossterm::event::KeyCode::Char(letter) = key.code
        {
            text.push(letter);
        }
    }
}

fn panes(text: &str, frame: &mut Frame<'_>) {
    let [above, status] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(frame.area());
    let [left, right] = Layout::horizontal([Constraint::Length(30), Constraint::Min(0)]).areas(above);
    let [sessions, history] = Layout::vertical([Constraint::Length(15), Constraint::Min(0)]).areas(left);
    let rows = [Constraint::Min(0), Constraint::Length(9), Constraint::Length(3)];
    let [picture, thoughts, prompt] = Layout::vertical(rows).areas(right);
    let titled = [
        (sessions, "Sessions"),
        (history, "History"),
        (picture, "Picture"),
        (thoughts, "Thoughts"),
    ];
    for (area, title) in titled {
        frame.render_widget(Block::bordered().title(title), area);
    }
    frame.render_widget(
        Paragraph::new(text).block(Block::bordered().title("Prompt")),
        prompt,
    );
    frame.render_widget(Paragraph::new(LAST).right_aligned(), status);
}
