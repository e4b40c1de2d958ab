//! A link that is lost, and a terminal that stops reading, in each phase of a generation, in the terminal UI and in
//! `generate`: the gate is opened afterwards, and the picture is in the store with its exact bytes.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tintype::domain::{ImageKind, Turn, TurnStatus};
use tintype::store::Store;

use crate::provider::{Provider, picture};
use crate::terminal::{Above, Terminal};

/// How long anything may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(40);
/// Told to end, it saves what is there and ends within a second; the rest is for a busy machine.
const SOON: Duration = Duration::from_secs(2);

/// How far a generation has come.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    BeforeTheFirstByte,
    Thinking,
    MidPicture,
    BetweenPictures,
    Countdown,
}

const PHASES: [Phase; 5] = [
    Phase::BeforeTheFirstByte,
    Phase::Thinking,
    Phase::MidPicture,
    Phase::BetweenPictures,
    Phase::Countdown,
];

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// SIGHUP, as the shell sends it.
    HangUp,
    /// The terminal is gone, and every read and write says so.
    Eof,
    /// The terminal reads nothing any more.
    Stall,
}

/// The two front ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Front {
    Screen,
    Generate,
}

struct Scene {
    home: TempDir,
    provider: Provider,
    terminal: Terminal,
    front: Front,
    phase: Phase,
}

impl Scene {
    /// A generation that has come so far, and no further.
    fn at(front: Front, phase: Phase) -> Self {
        Self::with(front, phase, "")
    }

    /// The same with these settings.
    fn with(front: Front, phase: Phase, settings: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/tintype");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.toml"), settings).unwrap();
        let mut provider = Provider::new();
        let start = provider.client(home.path()).above(Above::Nothing);
        let terminal = match front {
            Front::Screen => start.run(),
            Front::Generate => start.args(&["generate", "a red fox"]).run(),
        };
        if front == Front::Screen {
            terminal.wait_start();
            terminal.send("a red fox");
        }
        provider.receive();
        let mut scene = Self {
            home,
            provider,
            terminal,
            front,
            phase,
        };
        scene.advance();
        scene
    }

    fn advance(&mut self) {
        match self.phase {
            Phase::BeforeTheFirstByte => {}
            Phase::Countdown => {
                self.provider.send_away(3);
                self.terminal.wait_text(match self.front {
                    Front::Screen => "again in",
                    Front::Generate => "; again in 3 s",
                });
            }
            phase => {
                self.provider.begin();
                self.provider.think("I begin with the fox.");
                self.terminal.wait_text("I begin with the fox.");
                match phase {
                    Phase::MidPicture => self.provider.half_a_picture(),
                    Phase::BetweenPictures => self.provider.draft(),
                    _ => return,
                }
                self.wait_recorded();
            }
        }
    }

    /// Waits until what the provider let through is on the disk.
    fn wait_recorded(&self) {
        let folder = match self.phase {
            Phase::MidPicture => "spool",
            _ => "images",
        };
        let folder = self.home.path().join(".local/share/tintype").join(folder);
        until("what was sent on the disk", || {
            bytes_below(&folder) >= picture().len() / 2 - 4096
        });
    }

    fn strike(&mut self, fault: Fault) {
        match fault {
            Fault::HangUp => self.terminal.signal(Signal::HUP),
            Fault::Eof => self.terminal.hang_up(),
            Fault::Stall => {
                self.terminal.stall_full();
                if self.front == Front::Screen {
                    // It has something to draw.
                    for cols in [80, 120, 80, 120] {
                        self.terminal.resize(cols, 40);
                    }
                }
            }
        }
    }

    /// The rest of the answer.
    fn open_the_gate(&mut self) {
        match self.phase {
            Phase::BeforeTheFirstByte => self.provider.begin(),
            Phase::Countdown => self.provider.answer(),
            Phase::Thinking | Phase::MidPicture | Phase::BetweenPictures => {}
        }
        if self.phase != Phase::MidPicture {
            for _ in 0..200 {
                self.provider.think("On and on about the fox.\n");
            }
            self.provider.half_a_picture();
        }
        self.provider.the_other_half();
    }

    fn assert_finished(&self) {
        let turn = only_turn(self.home.path()).expect("a turn");
        assert_eq!(turn.status, TurnStatus::Finished, "{turn:?}");
        assert_picture(self.home.path(), &turn);
        if !matches!(self.phase, Phase::BeforeTheFirstByte | Phase::Countdown) {
            assert!(
                turn.thoughts.starts_with("I begin with the fox."),
                "{}",
                turn.thoughts
            );
        }
    }

    /// Told to end, it does, and has kept what had come.
    fn assert_ends(&mut self, stalled: bool) {
        let told = Instant::now();
        self.terminal.signal(Signal::TERM);
        let code = self.terminal.exit();
        let took = told.elapsed();
        let what = (self.front, self.phase, stalled);
        assert!(took < SOON, "{what:?} took {took:?}");
        assert_eq!(
            code,
            if self.front == Front::Screen { 143 } else { 130 },
            "{what:?}"
        );
        let turn = only_turn(self.home.path()).expect("a turn");
        assert_eq!(turn.status, TurnStatus::Cancelled, "{what:?}: {turn:?}");
        let has_thought = !matches!(self.phase, Phase::BeforeTheFirstByte | Phase::Countdown);
        assert_eq!(!turn.thoughts.is_empty(), has_thought, "{what:?}");
        let drafts = turn
            .images
            .iter()
            .filter(|image| image.kind == ImageKind::Draft && image.bytes > 50_000);
        let has_draft = matches!(self.phase, Phase::MidPicture | Phase::BetweenPictures);
        assert_eq!(drafts.count(), usize::from(has_draft), "{what:?}: {turn:?}");
    }
}

/// Waits until this holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never saw {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn bytes_below(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => bytes_below(&entry.path()),
        Ok(about) => usize::try_from(about.len()).unwrap(),
        Err(_) => 0,
    });
    sizes.sum()
}

fn only_turn(home: &Path) -> Option<Turn> {
    let store = Store::open(&home.join(".local/share/tintype")).ok()?;
    let newest = store.recent(1).ok()?.into_iter().next()?;
    let mut turns = store.session(&newest.id).ok()??.turns;
    (turns.len() == 1).then(|| turns.remove(0))
}

fn assert_picture(home: &Path, turn: &Turn) {
    let path = &turn.picture().expect("a picture").path;
    let kept = std::fs::read(home.join(".local/share/tintype").join(path)).unwrap();
    assert!(kept == picture(), "the picture is not the one that was sent");
}

fn is_finished(home: &Path) -> bool {
    only_turn(home).is_some_and(|turn| turn.status == TurnStatus::Finished)
}

fn lose(front: Front, fault: Fault) {
    for phase in PHASES {
        let mut scene = Scene::at(front, phase);
        scene.strike(fault);
        scene.open_the_gate();
        if fault == Fault::Stall {
            until("the turn finished", || is_finished(scene.home.path()));
            let told = Instant::now();
            scene.terminal.signal(Signal::TERM);
            scene.terminal.exit();
            assert!(
                told.elapsed() < SOON,
                "{phase:?}: the end took {:?}",
                told.elapsed()
            );
        } else {
            let code = scene.terminal.exit();
            assert_eq!(
                code,
                if front == Front::Screen { 129 } else { 0 },
                "{front:?} {fault:?} {phase:?}"
            );
        }
        scene.assert_finished();
    }
}

#[test]
fn the_screen_finishes_after_a_hang_up() {
    lose(Front::Screen, Fault::HangUp);
}

#[test]
fn the_screen_finishes_when_its_terminal_is_gone() {
    lose(Front::Screen, Fault::Eof);
}

#[test]
fn the_screen_finishes_on_a_terminal_that_does_not_read() {
    lose(Front::Screen, Fault::Stall);
}

#[test]
fn generate_finishes_after_a_hang_up() {
    lose(Front::Generate, Fault::HangUp);
}

#[test]
fn generate_finishes_when_its_terminal_is_gone() {
    lose(Front::Generate, Fault::Eof);
}

#[test]
fn generate_finishes_on_a_terminal_that_does_not_read() {
    lose(Front::Generate, Fault::Stall);
}

#[test]
fn told_to_end_everything_that_had_come_is_kept() {
    for front in [Front::Screen, Front::Generate] {
        for phase in PHASES {
            for stalled in [false, true] {
                let mut scene = Scene::at(front, phase);
                if stalled {
                    scene.strike(Fault::Stall);
                }
                scene.assert_ends(stalled);
            }
        }
    }
}

/// The writing end of a pipe that nobody reads and that can hold no byte more; the reading end keeps it alive.
fn full_pipe() -> (std::io::PipeReader, Stdio) {
    let (reader, writer) = std::io::pipe().unwrap();
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap();
    let mut line = File::options()
        .write(true)
        .custom_flags(flags)
        .open(format!("/proc/self/fd/{}", writer.as_raw_fd()))
        .unwrap();
    while line.write(&[b' '; 512]).is_ok() {}
    (reader, writer.into())
}

/// `generate` without a terminal, asking this provider.
fn generate(provider: &Provider, home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tintype"));
    command
        .args(["generate", "a red fox", "-p", "demo", "--base-url"])
        .arg(provider.address())
        .args(args)
        .env_clear()
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null());
    command
}

#[test]
fn generate_is_held_up_by_no_pipe_and_ends_when_told() {
    for args in [&[][..], &["--events"], &["--json"], &["-o", "-"]] {
        for signal in [Signal::TERM, Signal::INT] {
            let home = tempfile::tempdir().unwrap();
            let mut provider = Provider::new();
            let ((_out, stdout), (_err, stderr)) = (full_pipe(), full_pipe());
            let mut command = generate(&provider, home.path(), args);
            let mut child = command.stdout(stdout).stderr(stderr).spawn().unwrap();
            provider.answer();
            for _ in 0..200 {
                provider.think("On and on about the fox.\n");
            }
            provider.half_a_picture();
            provider.the_other_half();
            until("the turn finished", || is_finished(home.path()));
            assert_eq!(child.try_wait().unwrap(), None, "{args:?} dropped its result");
            let told = Instant::now();
            kill_process(Pid::from_child(&child), signal).unwrap();
            let code = child.wait().unwrap().code();
            assert!(told.elapsed() < SOON, "{args:?} took {:?}", told.elapsed());
            assert_eq!(code, Some(130), "{args:?}");
            assert_picture(home.path(), &only_turn(home.path()).unwrap());
        }
    }
}

#[test]
fn a_slow_reader_gets_every_line_of_events_in_order() {
    const THOUGHTS: usize = 1_000;
    let home = tempfile::tempdir().unwrap();
    let mut provider = Provider::new();
    let mut command = generate(&provider, home.path(), &["--events", "-q"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    provider.answer();
    for number in 0..THOUGHTS {
        provider.think(&format!("Thought {number} {}", "of the fox ".repeat(20)));
    }
    provider.half_a_picture();
    provider.the_other_half();
    until("the turn finished", || is_finished(home.path()));
    let mut lines = String::new();
    child.stdout.take().unwrap().read_to_string(&mut lines).unwrap();
    assert!(child.wait().unwrap().success());
    let events: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let named = |name: &'static str| events.iter().filter(move |event| event["event"] == name);
    for (number, event) in named("thought").enumerate() {
        let text = event["text"].as_str().unwrap();
        assert!(text.starts_with(&format!("Thought {number} ")), "{text}");
    }
    assert_eq!(named("thought").count(), THOUGHTS);
    assert_eq!(named("image").count(), 1);
    assert_eq!(events.last().unwrap()["event"], "finished");
}

#[test]
fn a_slow_reader_gets_the_whole_picture() {
    let home = tempfile::tempdir().unwrap();
    let mut provider = Provider::new();
    let mut command = generate(&provider, home.path(), &["-o", "-", "-q"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    provider.answer();
    provider.half_a_picture();
    provider.the_other_half();
    until("the turn finished", || is_finished(home.path()));
    let mut bytes = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut bytes).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(bytes == picture(), "the picture is not the one that was sent");
}

#[test]
fn a_reader_that_goes_away_in_the_middle_costs_nothing() {
    for args in [&["--events"][..], &["--json"], &["-o", "-"], &[]] {
        let home = tempfile::tempdir().unwrap();
        let mut provider = Provider::new();
        let mut command = generate(&provider, home.path(), args);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        provider.answer();
        provider.think("I begin with the fox.");
        provider.half_a_picture();
        drop((child.stdout.take(), child.stderr.take()));
        provider.the_other_half();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}");
        assert_picture(home.path(), &only_turn(home.path()).unwrap());
    }
}

#[test]
fn what_waits_its_turn_is_in_flight_as_well() {
    let home = tempfile::tempdir().unwrap();
    let mut provider = Provider::new();
    let mut command = generate(&provider, home.path(), &["-n", "3", "--json", "-q"]);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut calls = vec![provider.take(), provider.take()];
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    provider.answer_whole(calls.remove(0));
    let third = provider.take();
    provider.answer_whole(calls.remove(0));
    provider.answer_whole(third);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let store = Store::open(&home.path().join(".local/share/tintype")).unwrap();
    let session = store.recent(1).unwrap().remove(0).id;
    let turns = store.session(&session).unwrap().unwrap().turns;
    assert_eq!(turns.len(), 3);
    for turn in turns {
        assert_eq!(turn.status, TurnStatus::Finished);
        assert_picture(home.path(), &turn);
    }
}

#[test]
fn nothing_runs_without_a_screen_for_longer_than_the_settings_say() {
    for front in [Front::Screen, Front::Generate] {
        for fault in [Fault::HangUp, Fault::Eof] {
            let mut scene = Scene::with(front, Phase::Thinking, "finish_within = 1");
            scene.strike(fault);
            let code = scene.terminal.exit();
            assert_eq!(
                code,
                if front == Front::Screen { 129 } else { 130 },
                "{front:?} {fault:?}"
            );
            let turn = only_turn(scene.home.path()).unwrap();
            assert_eq!(turn.status, TurnStatus::Cancelled);
            assert_eq!(turn.thoughts, "I begin with the fox.");
        }
    }
}
