//! The terminal room against real pseudo-terminals: what happens when the other end reads, does not, or is gone.

#![expect(clippy::disallowed_methods, reason = "what is tested is how long things take")]
#![expect(
    clippy::unwrap_used,
    reason = "clippy spares tests, but not the helpers of an integration test"
)]

use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tintype::tty::{Device, Guard, Reader, Window, Writer, guard, reader, writer};

/// Enough time for anything that happens at all; nothing is expected to take it.
const AMPLE: Duration = Duration::from_secs(10);

/// A pseudo-terminal: the side that a terminal program holds, and ours.
struct Pty {
    master: OwnedFd,
    device: Device,
    slave: OwnedFd,
}

impl Pty {
    fn new() -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        let slave = rustix::fs::open(name, flags, rustix::fs::Mode::empty()).unwrap();
        for fd in [&master, &slave] {
            // A child of another test would keep the terminal alive.
            rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC).unwrap();
        }
        let size = Winsize {
            ws_row: 30,
            ws_col: 100,
            ws_xpixel: 900,
            ws_ypixel: 540,
        };
        tcsetwinsize(&slave, size).unwrap();
        // Otherwise the line discipline would echo and translate what the tests compare.
        let mut raw = tcgetattr(&slave).unwrap();
        raw.make_raw();
        rustix::termios::tcsetattr(&slave, rustix::termios::OptionalActions::Now, &raw).unwrap();
        Self {
            device: Device::from_fd(&slave).unwrap(),
            master,
            slave,
        }
    }

    /// What the terminal receives, until it holds `end`.
    fn receive(&self, end: &[u8]) -> Vec<u8> {
        receive(&self.master, end)
    }

    /// The terminal program is gone.
    fn hang_up(self) -> Device {
        self.device
    }
}

fn receive(master: &OwnedFd, end: &[u8]) -> Vec<u8> {
    let deadline = Instant::now() + AMPLE;
    let mut received = Vec::new();
    let mut buffer = vec![0; 65536];
    while !received.windows(end.len()).any(|window| window == end) {
        let rest = deadline.saturating_duration_since(Instant::now());
        let ready = poll(
            &mut [PollFd::new(master, PollFlags::IN)],
            Some(&Timespec::try_from(rest).unwrap()),
        );
        assert_eq!(
            ready,
            Ok(1),
            "the terminal received only {:?}",
            String::from_utf8_lossy(&received)
        );
        let length = rustix::io::read(master, &mut buffer).unwrap();
        received.extend_from_slice(&buffer[..length]);
    }
    received
}

fn type_in(pty: &Pty, bytes: &[u8]) {
    assert_eq!(rustix::io::write(&pty.master, bytes), Ok(bytes.len()));
}

#[test]
fn the_size_is_the_kernels() {
    let expected = Window {
        columns: 100,
        rows: 30,
        width: 900,
        height: 540,
    };
    assert_eq!(Pty::new().device.window(), expected);
}

#[test]
fn bytes_arrive_and_a_hang_up_is_said_once() {
    let pty = Pty::new();
    let (_reader, mut messages) = Reader::start(&pty.device).unwrap();
    type_in(&pty, b"hello\x1b[A");
    assert_eq!(
        messages.blocking_recv(),
        Some(reader::Message::Bytes(b"hello\x1b[A".to_vec()))
    );
    let _device = pty.hang_up();
    assert_eq!(messages.blocking_recv(), Some(reader::Message::Detached));
    assert_eq!(messages.blocking_recv(), None, "the thread has ended");
}

#[test]
fn while_paused_the_bytes_are_someone_elses() {
    let pty = Pty::new();
    let (mut reader, mut messages) = Reader::start(&pty.device).unwrap();
    assert!(reader.pause());
    type_in(&pty, b"for the editor");
    let mut buffer = [0; 64];
    let length = rustix::io::read(&pty.slave, &mut buffer).unwrap();
    assert_eq!(&buffer[..length], b"for the editor");
    reader.resume();
    type_in(&pty, b"for us");
    assert_eq!(
        messages.blocking_recv(),
        Some(reader::Message::Bytes(b"for us".to_vec()))
    );
    drop(reader);
    assert_eq!(
        messages.blocking_recv(),
        None,
        "a dropped reader says no farewell"
    );
}

#[test]
fn frames_go_before_uploads_and_each_says_when_it_is_out() {
    let pty = Pty::new();
    let (mut writer, mut messages) = Writer::start(&pty.device).unwrap();
    assert!(writer.is_free());
    // The pseudo-terminal holds a few kilobytes, so the upload cannot be out before it is read.
    let slices = (0..4).map(|slice| vec![b'0' + slice; 4096]).collect();
    writer.upload(7, slices);
    writer.frame(b"<frame>".to_vec());
    writer.send(b"<small>".to_vec());
    let received = pty.receive(b"\x1b[5n");
    let at = |text: &[u8]| {
        received
            .windows(text.len())
            .position(|window| window == text)
            .unwrap()
    };
    assert!(at(b"<small>") < at(b"3333") && at(b"<frame>") < at(b"3333"));
    assert!(
        received.windows(4096).any(|window| window == [b'0'; 4096]),
        "a slice is never cut"
    );
    let said = [messages.blocking_recv(), messages.blocking_recv()];
    assert!(said.contains(&Some(writer::Message::Free)), "{said:?}");
    assert!(said.contains(&Some(writer::Message::Uploaded(7))), "{said:?}");
    assert!(writer.is_free());
    assert!(writer.shutdown());
    assert_eq!(messages.blocking_recv(), None);
}

#[test]
fn an_upload_waits_for_a_terminal_that_is_behind() {
    let pty = Pty::new();
    let (mut writer, mut messages) = Writer::start(&pty.device).unwrap();
    writer.upload(1, vec![vec![b'x'; 4096]; 24]);
    // Two stretches, and then nothing more until an answer.
    let mut received = pty.receive(b"\x1b[5n").len();
    while received < 2 * (12 * 1024 + 4) {
        received += pty.receive(b"x").len();
    }
    writer.frame(b"<frame>".to_vec());
    assert_eq!(
        pty.receive(b"<frame>"),
        b"<frame>",
        "a frame does not wait for the upload"
    );
    assert_eq!(messages.blocking_recv(), Some(writer::Message::Free));
    assert!(writer.cancel(1));
    assert!(!writer.cancel(1));
    writer.upload(2, vec![b"<second>".to_vec()]);
    assert!(writer.acknowledge(), "an upload had asked");
    pty.receive(b"<second>");
    assert_eq!(messages.blocking_recv(), Some(writer::Message::Uploaded(2)));
}

#[test]
fn a_terminal_that_does_not_read_blocks_nobody() {
    let pty = Pty::new();
    let (mut writer, _messages) = Writer::start(&pty.device).unwrap();
    let start = Instant::now();
    for _ in 0..100 {
        writer.frame(vec![b'x'; 65536]);
        writer.send(vec![b'y'; 64]);
    }
    assert!(!writer.is_free());
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "queueing took {:?}",
        start.elapsed()
    );
    let start = Instant::now();
    assert!(!writer.shutdown(), "not everything can be out");
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "giving up took {:?}",
        start.elapsed()
    );
    drop(pty);
}

#[test]
fn before_the_terminal_is_lent_everything_but_uploads_goes_out() {
    let pty = Pty::new();
    let (mut writer, _messages) = Writer::start(&pty.device).unwrap();
    writer.upload(3, vec![vec![b'x'; 4096]; 100]);
    writer.frame(b"<frame>".to_vec());
    let drained = thread::scope(|scope| {
        scope.spawn(|| pty.receive(b"<frame>"));
        writer.drain()
    });
    assert_eq!(drained, [3]);
    assert!(writer.is_free());
}

#[test]
fn a_terminal_that_is_gone_is_said_once() {
    let device = Pty::new().hang_up();
    let (mut writer, mut messages) = Writer::start(&device).unwrap();
    writer.frame(b"frame".to_vec());
    assert_eq!(messages.blocking_recv(), Some(writer::Message::Detached));
    assert_eq!(messages.blocking_recv(), None);
    // Nobody minds what comes after.
    writer.frame(b"frame".to_vec());
    let start = Instant::now();
    writer.shutdown();
    assert!(start.elapsed() < Duration::from_secs(2));
}

/// One of the tests below that need a process of their own, on this terminal.
fn alone(test: &str, terminal: &OwnedFd) -> Child {
    let terminal = || Stdio::from(terminal.try_clone().unwrap());
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .stdin(terminal())
        .stdout(terminal())
        .process_group(0)
        .spawn()
        .unwrap()
}

#[test]
fn nobody_wakes_without_cause() {
    let pty = Pty::new();
    let child = alone("alone_nobody_wakes", &pty.slave);
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
#[ignore = "run by nobody_wakes_without_cause in a process of its own"]
fn alone_nobody_wakes() {
    let pty = Pty::new();
    let (_reader, _bytes) = Reader::start(&pty.device).unwrap();
    let (mut writer, mut messages) = Writer::start(&pty.device).unwrap();
    writer.frame(b"frame".to_vec());
    assert_eq!(messages.blocking_recv(), Some(writer::Message::Free));
    let settled = || {
        // The threads go back to sleep a moment after they have spoken.
        let mut last = switches();
        loop {
            thread::sleep(Duration::from_millis(50));
            let now = switches();
            if now == last {
                return now;
            }
            last = now;
        }
    };
    let before = settled();
    thread::sleep(Duration::from_millis(700));
    assert_eq!(switches(), before, "a thread of the terminal has woken");
}

/// How often the terminal's threads of this process have slept, over all of them.
fn switches() -> u64 {
    let us = std::process::id();
    let tasks = std::fs::read_dir(format!("/proc/{us}/task")).unwrap();
    tasks
        .filter_map(|task| {
            let task = task.ok()?.path();
            let read = |name: &str| {
                let mut text = String::new();
                let mut file = std::fs::File::open(task.join(name)).ok()?;
                file.read_to_string(&mut text).ok()?;
                Some(text)
            };
            read("comm")?.starts_with("tty-").then_some(())?;
            let status = read("status")?;
            let line = status.lines().find(|line| line.starts_with("voluntary_ctxt"))?;
            line.split_whitespace().last()?.parse::<u64>().ok()
        })
        .sum()
}

/// `guard::restore` acts on the one guard of a program, so these tests take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn every_mode_that_is_taken_on_is_given_back() {
    let enter = String::from_utf8(guard::enter_bytes()).unwrap();
    let leave = String::from_utf8(guard::leave_bytes(b"")).unwrap();
    for (on, off) in [
        ("?1049h", "?1049l"),
        ("?2004h", "?2004l"),
        ("?1004h", "?1004l"),
        ("?1000h", "?1000l"),
        ("?1002h", "?1002l"),
        ("?1006h", "?1006l"),
        ("?25l", "?25h"),
        (">5u", "<u"),
        (">4;2m", ">4m"),
    ] {
        let place = |text: &str, sequence: &str| text.find(&format!("\x1b[{sequence}"));
        assert!(place(&enter, on).is_some(), "{on} is not taken on");
        assert!(place(&leave, off).is_some(), "{on} is not given back");
        // Kitty keeps its flags per screen: they go on after the screen and off before it.
        assert!(
            place(&enter, on) >= place(&enter, "?1049h"),
            "{on} comes too early"
        );
        assert!(
            place(&leave, off) <= place(&leave, "?1049l"),
            "{off} comes too late"
        );
    }
    assert_eq!(
        enter.matches('h').count(),
        leave.replace("?2026l", "").matches('l').count()
    );
}

#[test]
fn the_guard_leaves_the_terminal_as_it_was() {
    let _turn = turn();
    let pty = Pty::new();
    let mut cooked = tcgetattr(&pty.slave).unwrap();
    cooked.local_modes |= LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
    rustix::termios::tcsetattr(&pty.slave, rustix::termios::OptionalActions::Now, &cooked).unwrap();
    let local = || tcgetattr(&pty.slave).unwrap().local_modes;
    let before = local();

    let guard = Guard::enter(&pty.device).unwrap();
    assert!(!local().intersects(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG));
    assert_eq!(pty.receive(b"\x1b[?25l"), guard::enter_bytes());
    guard.set_farewell(b"\x1b_Ga=d,d=I,i=9,q=2\x1b\\".to_vec());
    guard.leave();
    guard.leave();
    assert_eq!(local(), before);
    let left = guard::leave_bytes(b"\x1b_Ga=d,d=I,i=9,q=2\x1b\\");
    assert_eq!(pty.receive(b"\x1b[?1049l"), left);

    guard.enter_again().unwrap();
    assert_eq!(pty.receive(b"\x1b[?25l"), guard::enter_bytes());
    // A stop from outside: the modes are given back before they are taken on, so that nothing is stacked twice.
    assert!(guard.continued() && guard.enter_again().unwrap());
    let again = [guard::leave_bytes(b""), guard::enter_bytes()].concat();
    assert_eq!(pty.receive(b"\x1b[?25l"), again);
    drop(guard);
    assert_eq!(pty.receive(b"\x1b[?1049l"), left);
    assert_eq!(local(), before);
}

#[test]
fn a_restore_from_a_panic_hook_ends_the_writer_too() {
    let _turn = turn();
    let pty = Pty::new();
    let guard = Guard::enter(&pty.device).unwrap();
    let (mut writer, mut messages) = Writer::start(&pty.device).unwrap();
    pty.receive(b"\x1b[?25l");
    guard::restore();
    guard::restore();
    assert_eq!(pty.receive(b"\x1b[?1049l"), guard::leave_bytes(b""));
    writer.frame(b"<frame>".to_vec());
    assert_eq!(messages.blocking_recv(), None, "the writer has ended");
    drop(guard);
    drop(pty.device);
    drop(pty.slave);
    // Nothing comes after the farewell but the end.
    let mut events = [PollFd::new(&pty.master, PollFlags::IN)];
    poll(&mut events, Some(&Timespec::try_from(AMPLE).unwrap())).unwrap();
    assert_eq!(events[0].revents(), PollFlags::HUP);
}

#[test]
fn a_guard_gives_up_on_a_terminal_that_does_not_read() {
    let _turn = turn();
    let pty = Pty::new();
    let guard = Guard::enter(&pty.device).unwrap();
    let (mut writer, _messages) = Writer::start(&pty.device).unwrap();
    writer.frame(vec![b'x'; 1 << 20]);
    while writer.is_free() {
        thread::yield_now();
    }
    writer.shutdown();
    let start = Instant::now();
    drop(guard);
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "giving up took {:?}",
        start.elapsed()
    );
    // Should it read again, it is put right.
    pty.receive(&guard::leave_bytes(b""));
}

#[test]
fn a_suspension_gives_the_terminal_back_and_takes_it_again() {
    let pty = Pty::new();
    let child = alone("alone_suspends", &pty.slave);
    let pid = rustix::process::Pid::from_child(&child);
    let enter = guard::enter_bytes();
    pty.receive(&[enter.clone(), guard::leave_bytes(b"")].concat());
    let options = rustix::process::WaitOptions::UNTRACED;
    let (_, status) = rustix::process::waitpid(Some(pid), options).unwrap().unwrap();
    assert!(status.stopped(), "{status:?}");
    rustix::process::kill_process_group(pid, rustix::process::Signal::CONT).unwrap();
    pty.receive(&[enter, guard::leave_bytes(b"")].concat());
    assert!(child.wait_with_output().unwrap().status.success());
}

#[test]
#[ignore = "run by a_suspension_gives_the_terminal_back_and_takes_it_again in a process of its own"]
fn alone_suspends() {
    let guard = Guard::enter(&Device::open().unwrap()).unwrap();
    assert!(guard::can_suspend());
    guard.suspend();
    assert!(guard.enter_again().unwrap());
    assert!(!guard.continued(), "the continuation of our own stop is no news");
}
