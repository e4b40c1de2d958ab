//! A terminal for the real binary: a pty whose other end answers questions as a named terminal does, and keeps the
//! screen. It waits for what a user would see; it never sleeps for luck.

use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::num::NonZero;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use memchr::memmem;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};

#[path = "like.rs"]
mod like;

pub(crate) use like::Like;
use like::{Question, Questions};

/// How long anything may take before a test calls it a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(40);

/// How the answers travel.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Link {
    Good,
    /// Byte by byte, but for the first two.
    Torn,
    /// Long after anybody would wait for them.
    Late,
    /// At once, but the terminal reads no more than a hundred kilobytes a second.
    Slow,
}

/// What runs the program.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Above {
    /// Nothing: it leads its session, as `ssh -t host tintype` makes it.
    Nothing,
    /// A shell with job control.
    Shell,
    /// A wrapper that does not care for a hang-up, so that the program is sent none either.
    Wrapper,
    /// A shell with job control that has started it in the background.
    Background,
    /// Somebody who is gone before it starts, with its group in the background.
    Nobody,
    /// `timeout` in a script, which puts what it runs into a group of its own: the terminal listens to the script's.
    Timeout,
}

/// The program writes down who it is, since it may be a grandchild. It may be allowed to open only so many files.
const PROGRAM: &str = r#"echo $$ >"$HOME/pid"; [ -z "$FILES" ] || ulimit -n "$FILES"; exec "$@""#;
/// What a user does at a shell after the program was stopped: the program again on Enter, `bg` if that is typed. 147 is
/// 128 + SIGSTOP.
const SHELL: &str = r#"
set -m
sh -c "$PROGRAM" sh "$@"; code=$?
while [ $code = 147 ]; do
  echo 'back at the shell'; read -r line
  case $line in bg) bg %1 >/dev/null; echo 'it runs on'; wait %1;; *) fg %1 >/dev/null;; esac; code=$?
done
exit $code"#;
const BACKGROUND: &str = r#"
set -m
sh -c "$PROGRAM" sh "$@" &
read -r line
case $line in fg) fg %1 >/dev/null;; *) wait %1;; esac"#;
const NOBODY: &str = r#"
set -m
(sh -c 'until [ -e "$HOME/alone" ]; do sleep 0.05; done; exec "$@"' sh "$@" &)
: >"$HOME/alone"; read -r line"#;
const TIMEOUT: &str = r#"timeout 1 sh -c "$PROGRAM" sh "$@""#;
const WRAPPER: &str = r#"trap '' HUP; sh -c "$PROGRAM" sh "$@"; echo $? >"$HOME/code""#;

/// An operating system command that says nothing to a terminal.
const END: &[u8] = b"\x1b]tintype-tests;end\x1b\\";

struct Seen {
    screen: vt100::Parser,
    /// Every screen that was ever seen, so that none is missed that was seen for a moment.
    screens: Vec<String>,
    raw: Vec<u8>,
    questions: Questions,
    /// Sizes that the terminal took, and how much had been written before each.
    sizes: Vec<(usize, u16, u16)>,
}

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        self.screen.process(bytes);
        let now = self.screen.screen().contents();
        if self.screens.last() != Some(&now) {
            self.screens.push(now);
        }
    }

    fn now(&self) -> &str {
        self.screens.last().map_or("", String::as_str)
    }
}

/// A program that is about to be started.
pub(crate) struct Start<'a> {
    home: &'a Path,
    like: Like,
    link: Link,
    above: Above,
    size: (u16, u16),
    claimed: Option<(u16, u16)>,
    background: &'static str,
    args: Vec<String>,
    env: Vec<(&'a str, &'a str)>,
}

impl<'a> Start<'a> {
    /// `tintype` on a silent terminal of 120 columns and 40 rows, with its own home.
    pub(crate) fn new(home: &'a Path) -> Self {
        let (like, link, above) = (Like::Silent, Link::Good, Above::Nothing);
        Self {
            home,
            like,
            link,
            above,
            size: (120, 40),
            claimed: None,
            background: "0000/0000/0000",
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    /// The demo at this many times its pace; 0 is at once.
    pub(crate) fn demo(self, speed: &str) -> Self {
        self.args(&["--demo", "--demo-speed", speed])
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.args.extend(args.iter().map(|&arg| arg.to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &'a str, value: &'a str) -> Self {
        self.env.push((name, value));
        self
    }

    pub(crate) fn like(self, like: Like) -> Self {
        Self { like, ..self }
    }

    pub(crate) fn link(self, link: Link) -> Self {
        Self { link, ..self }
    }

    pub(crate) fn above(self, above: Above) -> Self {
        Self { above, ..self }
    }

    pub(crate) fn size(self, cols: u16, rows: u16) -> Self {
        Self {
            size: (cols, rows),
            ..self
        }
    }

    /// The line claims to have a size that no screen has.
    pub(crate) fn claim(self, cols: u16, rows: u16) -> Self {
        Self {
            claimed: Some((cols, rows)),
            ..self
        }
    }

    /// The background that the terminal tells of itself, as `RRRR/GGGG/BBBB`; it says nothing where this is empty.
    pub(crate) fn background(self, background: &'static str) -> Self {
        Self { background, ..self }
    }

    fn command(&self) -> Command {
        // It makes the pty the controlling terminal, which a test could not without `unsafe`.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "sh", "-c"]).arg(match self.above {
            Above::Nothing => PROGRAM,
            Above::Shell => SHELL,
            Above::Wrapper => WRAPPER,
            Above::Background => BACKGROUND,
            Above::Nobody => NOBODY,
            Above::Timeout => TIMEOUT,
        });
        command
            .arg("sh")
            .arg(env!("CARGO_BIN_EXE_tintype"))
            .args(&self.args);
        command
            .env_clear()
            .env("HOME", self.home)
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor");
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("PROGRAM", PROGRAM);
        command.envs(self.like.environment().iter().copied());
        command.envs(self.env.iter().copied()).current_dir(self.home);
        command
    }

    pub(crate) fn run(self) -> Terminal {
        // Close on exec, all of them: the programs of other tests would keep this terminal alive.
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC;
        let slave = rustix::fs::open(name.as_c_str(), flags, rustix::fs::Mode::empty()).unwrap();
        let (cols, rows) = self.size;
        let (claimed_cols, claimed_rows) = self.claimed.unwrap_or(self.size);
        tcsetwinsize(&slave, winsize(claimed_cols, claimed_rows)).unwrap();
        let before = tcgetattr(&slave).unwrap();
        let _old = std::fs::remove_file(self.home.join("pid"));
        let end = || Stdio::from(slave.try_clone().unwrap());
        let child = self
            .command()
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let screen = vt100::Parser::new(cells(rows), cells(cols), 0);
        let seen = Seen {
            screen,
            screens: Vec::new(),
            raw: Vec::new(),
            questions: Questions::default(),
            sizes: vec![(0, cols, rows)],
        };
        let seen = Arc::new((Mutex::new(seen), Condvar::new()));
        let master = File::from(master);
        let input = Arc::new(Mutex::new(master.try_clone().unwrap()));
        let (woken, stop) = std::io::pipe().unwrap();
        let (like, link, ours, shared) = (self.like, self.link, Arc::clone(&input), Arc::clone(&seen));
        let background = Arc::new(Mutex::new(self.background));
        let ground = Arc::clone(&background);
        let reader = std::thread::spawn(move || {
            let answer = |question: &Question| {
                let background = *ground.lock().unwrap();
                answer(&ours, &like.answer(question, background), link);
            };
            play(master, &woken, &shared, &answer, link);
        });
        let home = self.home.to_owned();
        let open = Some(Open {
            input,
            slave,
            reader: Some(reader),
            stop,
        });
        Terminal {
            child,
            home,
            open,
            seen,
            background,
            before,
            from: 0,
        }
    }
}

fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).unwrap()
}

fn winsize(cols: u16, rows: u16) -> Winsize {
    Winsize {
        ws_row: rows,
        ws_col: cols,
        ws_xpixel: cols.saturating_mul(10),
        ws_ypixel: rows.saturating_mul(20),
    }
}

/// Reads what the program writes and answers its questions, until told to stop.
fn play(
    mut master: File,
    woken: &PipeReader,
    seen: &(Mutex<Seen>, Condvar),
    answer: &dyn Fn(&Question),
    link: Link,
) {
    let mut buffer = vec![0; if link == Link::Slow { 2048 } else { 1 << 16 }];
    loop {
        let mut waiting = [
            PollFd::new(woken, PollFlags::IN),
            PollFd::new(&master, PollFlags::IN),
        ];
        poll(&mut waiting, None).unwrap();
        if !waiting[0].revents().is_empty() {
            return;
        }
        let Ok(more @ 1..) = master.read(&mut buffer) else {
            return;
        };
        let mut now = seen.0.lock().unwrap();
        now.take(&buffer[..more]);
        let Seen { questions, raw, .. } = &mut *now;
        let questions = questions.new_in(raw);
        drop(now);
        seen.1.notify_all();
        for question in questions {
            answer(&question);
        }
        if link == Link::Slow {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Sends an answer over the link; what is typed meanwhile comes after it.
fn answer(input: &Mutex<File>, answer: &[u8], link: Link) {
    if link == Link::Late {
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut input = input.lock().unwrap();
    if link != Link::Torn {
        let _closed = input.write_all(answer);
        return;
    }
    // A lone ESC is a key after 50 ms, and a busy machine may make that of a pause: the lexer's own tests cut there.
    let (head, rest) = answer.split_at(answer.len().min(2));
    for piece in std::iter::once(head).chain(rest.chunks(1)) {
        let _closed = input.write_all(piece);
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The terminal's end of the line, while there is one.
struct Open {
    input: Arc<Mutex<File>>,
    slave: OwnedFd,
    /// None once it has stalled.
    reader: Option<JoinHandle<()>>,
    stop: PipeWriter,
}

/// The real program in a terminal of its own.
pub(crate) struct Terminal {
    child: Child,
    home: PathBuf,
    open: Option<Open>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    background: Arc<Mutex<&'static str>>,
    before: Termios,
    /// Screens before this one have been looked at.
    from: usize,
}

/// A size that the window was given at this moment, if it was, and what was written then.
pub(crate) type News = (Option<(u16, u16)>, Vec<u8>);

impl Terminal {
    fn open(&self) -> &Open {
        self.open.as_ref().unwrap()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.0.lock().unwrap()
    }

    /// Types these bytes.
    pub(crate) fn keys(&self, bytes: &str) {
        self.open()
            .input
            .lock()
            .unwrap()
            .write_all(bytes.as_bytes())
            .unwrap();
    }

    /// Types a prompt, sees it in the editor, and sends it.
    pub(crate) fn send(&self, prompt: &str) {
        self.keys(prompt);
        self.wait_text(prompt);
        self.keys("\r");
    }

    /// Its user has chosen other colors.
    pub(crate) fn change_background(&self, background: &'static str) {
        *self.background.lock().unwrap() = background;
    }

    pub(crate) fn resize(&self, cols: u16, rows: u16) {
        let mut seen = self.seen();
        seen.screen.screen_mut().set_size(cells(rows), cells(cols));
        let written = seen.raw.len();
        seen.sizes.push((written, cols, rows));
        drop(seen);
        tcsetwinsize(&self.open().slave, winsize(cols, rows)).unwrap();
    }

    /// The line claims to have a size that no screen has; the terminal stays as it is.
    pub(crate) fn claim(&self, cols: u16, rows: u16) {
        tcsetwinsize(&self.open().slave, winsize(cols, rows)).unwrap();
    }

    pub(crate) fn screen(&self) -> String {
        self.seen().screen.screen().contents()
    }

    /// Everything that the program wrote, as bytes.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.seen().raw.clone()
    }

    /// What it has written since it had written so much, and the sizes that the terminal had taken before each piece.
    pub(crate) fn news(&self, written: usize) -> Vec<News> {
        let seen = self.seen();
        let sizes = seen.sizes.iter().filter(|(at, ..)| *at >= written);
        let mut pieces = vec![(None, written)];
        pieces.extend(sizes.map(|&(at, cols, rows)| (Some((cols, rows)), at)));
        let ends = pieces.iter().skip(1).map(|(_, at)| *at).chain([seen.raw.len()]);
        let pieces = pieces.iter().zip(ends);
        pieces
            .map(|((size, from), to)| (*size, seen.raw[*from..to].to_vec()))
            .collect()
    }

    /// How much it has written.
    pub(crate) fn written(&self) -> usize {
        self.seen().raw.len()
    }

    /// What it has written since it had written so much.
    pub(crate) fn since(&self, written: usize) -> Vec<u8> {
        self.seen().raw[written..].to_vec()
    }

    /// The foreground colours of the cells with this character.
    pub(crate) fn colours_of(&self, character: char) -> Vec<vt100::Color> {
        let seen = self.seen();
        let screen = seen.screen.screen();
        let (rows, cols) = screen.size();
        let cells =
            (0..rows.get()).flat_map(|row| (0..cols.get()).filter_map(move |col| screen.cell(row, col)));
        cells
            .filter(|cell| cell.contents().starts_with(character))
            .map(vt100::Cell::fgcolor)
            .collect()
    }

    /// Waits until this holds of what was seen; fails with the screen after [`PATIENCE`].
    fn until(&self, what: &str, mut holds: impl FnMut(&Seen) -> bool) {
        let (lock, changed) = &*self.seen;
        let deadline = Instant::now() + PATIENCE;
        let mut seen = lock.lock().unwrap();
        while !holds(&seen) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "never saw {what}; the screen is:\n{}",
                seen.now()
            );
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until this holds of the screen.
    pub(crate) fn wait(&self, what: &str, holds: impl Fn(&str) -> bool) {
        self.until(what, |seen| holds(seen.now()));
    }

    /// Waits until the screen shows this text.
    pub(crate) fn wait_text(&self, text: &str) {
        self.wait(&format!("{text:?}"), |screen| screen.contains(text));
    }

    /// Waits until the screen shows this text no more.
    pub(crate) fn wait_gone(&self, text: &str) {
        self.wait(&format!("the end of {text:?}"), |screen| !screen.contains(text));
    }

    /// Waits until the program has written these bytes after it had written so much.
    pub(crate) fn wait_bytes(&self, written: usize, bytes: &str) {
        let holds = |seen: &Seen| memmem::find(&seen.raw[written..], bytes.as_bytes()).is_some();
        self.until(&format!("{bytes:?}"), holds);
    }

    /// Waits until the program has written so many bytes more.
    pub(crate) fn wait_more(&self, written: usize, bytes: usize) {
        self.until(&format!("{bytes} bytes more"), |seen| {
            seen.raw.len() >= written + bytes
        });
    }

    /// Waits until the screen has shown this text, for however short a moment, after what was waited for so before.
    pub(crate) fn wait_passing(&mut self, text: &str) {
        let mut from = self.from;
        self.until(&format!("{text:?} in passing"), |seen| {
            let found = seen.screens[from..]
                .iter()
                .position(|screen| screen.contains(text));
            from = found.map_or(seen.screens.len(), |index| from + index);
            found.is_some()
        });
        self.from = from;
    }

    /// Waits for the program's first whole frame; with a session it may be the second that is seen first.
    pub(crate) fn wait_start(&self) {
        let words = ["Describe a picture", "Say what to change"];
        self.wait("a whole frame", |screen| {
            words.iter().any(|word| screen.contains(word))
        });
    }

    /// The program's own number, whatever it runs under.
    pub(crate) fn pid(&self) -> Pid {
        let read = || {
            std::fs::read_to_string(self.home.join("pid"))
                .ok()?
                .trim()
                .parse()
                .ok()
        };
        Pid::from_raw(read().expect("the program has not started")).unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Waits until the program is in this state, as /proc names it: `T` is stopped.
    pub(crate) fn wait_state(&self, state: char) {
        let path = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        let deadline = Instant::now() + PATIENCE;
        let is = || std::fs::read_to_string(&path).is_ok_and(|stat| stat.contains(&format!(") {state} ")));
        while !is() {
            assert!(
                Instant::now() < deadline,
                "never in state {state}; the screen is:\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the program has ended, whether or not anybody has taken note of it.
    pub(crate) fn wait_ended(&self) {
        let path = format!("/proc/{}/stat", self.pid().as_raw_nonzero());
        let deadline = Instant::now() + PATIENCE;
        let runs = || std::fs::read_to_string(&path).is_ok_and(|stat| !stat.contains(") Z "));
        while runs() {
            assert!(Instant::now() < deadline, "never ended");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the program's end and for all that it wrote, and gives its exit code.
    pub(crate) fn exit(&mut self) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "never exited; the screen is:\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(5));
        };
        self.drain();
        status
            .code()
            .unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
    }

    /// Waits until what was written before is read: a program may be gone while its last words are still in the line.
    fn drain(&self) {
        let Some(Open {
            slave,
            reader: Some(_),
            ..
        }) = &self.open
        else {
            return;
        };
        // What is written behind them arrives behind them, and no terminal shows it.
        File::from(slave.try_clone().unwrap()).write_all(END).unwrap();
        self.until("all that was written", |seen| {
            memmem::rfind(&seen.raw, END).is_some()
        });
    }

    /// Waits until the terminal is as it was found: main screen, cursor shown, no mode left on, cooked input.
    pub(crate) fn wait_restored(&self) {
        // The last that is written on the way out; it may still be on its way through the pty.
        self.until("the terminal given back", |seen| {
            let last = |bytes: &[u8]| memmem::rfind(&seen.raw, bytes);
            last(b"\x1b[?1049l") > last(b"\x1b[?1049h")
        });
        let raw = self.raw();
        let last = |bytes: &str| memmem::rfind(&raw, bytes.as_bytes());
        let modes = ["1049", "2004", "1004", "1000", "1002", "1006"]
            .map(|mode| [format!("\x1b[?{mode}h"), format!("\x1b[?{mode}l")]);
        let others = [
            ["\x1b[>5u", "\x1b[<u"],
            ["\x1b[>4;2m", "\x1b[>4m"],
            ["\x1b[?25l", "\x1b[?25h"],
            ["\x1b[?2026h", "\x1b[?2026l"],
        ];
        let others = others.map(|pair| pair.map(str::to_owned));
        for [on, off] in modes.iter().chain(&others) {
            assert!(last(off) >= last(on), "{on:?} was left on");
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let after = tcgetattr(&self.open().slave).unwrap();
            let is_cooked =
                after.local_modes == self.before.local_modes && after.input_modes == self.before.input_modes;
            if is_cooked && after.output_modes == self.before.output_modes {
                return;
            }
            assert!(Instant::now() < deadline, "the line was left raw");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops reading, as a terminal does whose link stalls; what the program writes then fills the line.
    pub(crate) fn stall(&mut self) {
        let Open {
            input,
            slave,
            reader,
            stop,
        } = self.open.take().unwrap();
        drop(stop);
        reader.unwrap().join().unwrap();
        let (_, stop) = std::io::pipe().unwrap();
        self.open = Some(Open {
            input,
            slave,
            reader: None,
            stop,
        });
    }

    /// Stops reading, and what the line can hold is full already: the next byte that the program writes has to wait.
    pub(crate) fn stall_full(&mut self) {
        self.stall();
        let slave = &self.open.as_ref().unwrap().slave;
        // The flag belongs to the open file, and the program's must not have it.
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        let mut line = File::options()
            .write(true)
            .custom_flags(i32::try_from(flags.bits()).unwrap())
            .open(format!("/proc/self/fd/{}", slave.as_raw_fd()))
            .unwrap();
        while line.write(&[b' '; 512]).is_ok() {}
    }

    /// Closes the terminal's end: the link is gone.
    pub(crate) fn hang_up(&mut self) {
        self.stall();
        // The last of the master's descriptors; the slave's is ours, and keeps nothing alive.
        self.open = None;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_some()) {
            return;
        }
        if let Ok(Ok(pid)) = std::fs::read_to_string(self.home.join("pid")).map(|pid| pid.trim().parse()) {
            let _gone = Pid::from_raw(pid).map(|pid| kill_process(pid, Signal::KILL));
        }
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}
