//! The loop: bytes, signals and answers in, frames out. It drains what has come, then draws once; with nothing to do
//! it sleeps and nothing wakes it.
#![expect(
    clippy::disallowed_methods,
    reason = "the loop tells the model the time and paces its frames"
)]

mod local;
mod pictures;
mod screen;
mod turning;
mod typing;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ratatui::Terminal as Canvas;
use ratatui::buffer::Buffer;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::model::{Model, Setup};
use super::pixels::Want;
use super::shell::display::Display;
use super::shell::keeping::save_at_last;
use super::shell::local::Helper;
use super::shell::placer::Stroke;
use super::shell::{Limits, Note, Route, Routes, Shell};
use crate::engine::{Attaching, Engine};
use crate::error::{Error, Kind, Result};
use crate::store::Store;
use crate::tty::{self, Burst, Device, Guard, Hints, Lexer, Reader, Screen, Signal, Signals, Writer};

/// At most this much is taken in before the screen is drawn again.
const DRAIN: Duration = Duration::from_millis(4);
/// So many bytes of the terminal are taken in as one piece.
const AT_ONCE: usize = 256 * 1024;
/// No frame follows another faster than this: 60 a second.
const FRAME: Duration = Duration::from_micros(16_600);
/// A key asks tmux who is outside no more often than this.
const TMUX: Duration = Duration::from_secs(3);
/// How long bytes that the terminal has sent may take to get from the reader to the loop.
const LAG: Duration = Duration::from_millis(10);
/// How long generations are waited for when the program is told to end.
const HURRY: Duration = Duration::from_millis(900);

/// What the terminal UI is made of.
#[derive(Debug)]
pub struct House {
    pub setup: Setup,
    pub store: Store,
    pub engine: Engine,
    /// The way to the provider that it opens with.
    pub route: Route,
    /// The ways to the others.
    pub routes: Routes,
    pub limits: Limits,
    pub hints: Hints,
    /// What the environment says about colours, before the terminal has said anything.
    pub colours: super::pixels::ColourDepth,
    /// The user is told when a generation ends while they look elsewhere.
    pub notify: bool,
    /// The terminal shows that a generation runs.
    pub progress: bool,
    /// Pictures travel over a network: they are sent a little coarser.
    pub remote: bool,
    /// The options for taking references in.
    pub attaching: Attaching,
    /// Where previews are kept that can be made again at any time.
    pub cache_dir: PathBuf,
    /// Says a line to the user once the terminal is theirs again.
    pub note: fn(&str),
    /// How long generations are waited for once nobody watches them.
    pub finish_within: Duration,
    /// Who panics at the first key, `key` or a `worker`: how the tests of debug builds see what becomes of it.
    pub panic: Option<String>,
}

/// How the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The user left; what runs is finished or stopped.
    Quit { finish: bool },
    /// The terminal is gone: what runs is finished without it.
    Detached,
    /// Told to end, with this exit code.
    Killed(u8),
}

impl End {
    /// Whether what runs goes on without a screen.
    fn finishes(self) -> bool {
        matches!(self, Self::Detached | Self::Quit { finish: true })
    }
}

/// Opens the terminal, runs until the user leaves or the terminal does, and gives the exit code.
pub async fn run(house: House) -> Result<u8> {
    let no_terminal = |error: std::io::Error| {
        let message = format!(
            "There is no terminal to draw on: {}",
            crate::error::reason(&error)
        );
        Error::new(Kind::Usage, message)
            .hint("Run tintype in a terminal, or use `tintype generate` in scripts")
    };
    let device = Device::open().map_err(no_terminal)?;
    let (engine, note, within) = (house.engine.clone(), house.note, house.finish_within);
    let mut event_loop = Loop::start(house, device).map_err(no_terminal)?;
    let end = event_loop.turn_until_end().await;
    let told = Instant::now();
    if !end.finishes() {
        // What comes now takes its time on a terminal that does not read: saving begins before it.
        engine.stop_all();
    }
    let remains = event_loop.leave(end);
    let code = match end {
        End::Quit { finish: true } => {
            farewell(engine.running(), note);
            remains.finish(&engine, within).await.unwrap_or(0)
        }
        End::Detached => {
            let told_to_end = remains.finish(&engine, within).await;
            told_to_end.or(Signal::HangUp.exit_code()).unwrap_or_default()
        }
        End::Quit { finish: false } => stop(&engine, told, 0).await,
        End::Killed(code) => stop(&engine, told, code).await,
    };
    save_at_last(&engine, note).await;
    Ok(code)
}

/// What a user can do who has left while something runs: the shell waits for the whole process.
fn farewell(running: usize, note: fn(&str)) {
    let what = match running {
        0 => return,
        1 => "one generation finishes".to_owned(),
        count => format!("{count} generations finish"),
    };
    if tty::guard::can_suspend() {
        note(&format!(
            "{what}: Ctrl+Z and `bg` give the prompt back, the terminal may be closed, Ctrl+C stops it"
        ));
    } else {
        note(&format!("{what}: the terminal may be closed, Ctrl+C stops it"));
    }
}

/// Ends what runs, what had come of it saved, within a moment of having been told to.
async fn stop(engine: &Engine, told: Instant, code: u8) -> u8 {
    engine.stop_all();
    let _stuck = engine.drain(HURRY.saturating_sub(told.elapsed())).await;
    code
}

/// What is left of the loop when the screen is gone.
struct Remains {
    signals: Signals,
    shell: Shell,
    notes: mpsc::UnboundedReceiver<Note>,
}

impl Remains {
    /// Generations run to their end, unless a signal says stop; then its exit code is the answer. A hang-up says nothing
    /// new, and a stop is the shell's to end. What is not saved in time is stopped, and what had come of it saved.
    async fn finish(mut self, engine: &Engine, within: Duration) -> Option<u8> {
        let deadline = Instant::now() + within;
        let told_to_end = async {
            loop {
                match self.signals.next().await {
                    Signal::Suspend if tty::guard::can_suspend() => tty::guard::stop(),
                    Signal::HangUp => {}
                    signal => {
                        if let Some(code) = signal.exit_code() {
                            return code;
                        }
                    }
                }
            }
        };
        let finished = async {
            // What still looks for the way to its provider was sent by the user as well.
            while self.shell.has_unsent() {
                match self.notes.recv().await {
                    Some(Note::Route(provider, route)) => self.shell.routed(&provider, &route),
                    Some(_) => {}
                    None => break,
                }
            }
            self.shell.leave(true);
            engine
                .drain(deadline.saturating_duration_since(Instant::now()))
                .await
        };
        let (code, stuck) = tokio::select! {
            finished = tokio::time::timeout_at(deadline, finished) => (None, finished.unwrap_or(1)),
            code = told_to_end => (Some(code), 1),
        };
        if stuck > 0 {
            stop(engine, Instant::now(), 0).await;
        }
        code
    }
}

/// Milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// What is said of a picture once it can be shown.
#[derive(Debug)]
struct Painting {
    want: Want,
    rows: Option<(u32, u32)>,
    changed: Option<u16>,
    sketch: bool,
    done: Option<oneshot::Sender<()>>,
}

/// A picture that has been made, on its way to the terminal under its number.
#[derive(Debug)]
struct Pending {
    painting: Painting,
    id: u8,
    /// In cells.
    cols: u16,
    rows: u16,
    png: Vec<u8>,
    pixels: (u32, u32),
}

/// What the writer has beside frames: one thing at a time, because nothing may come between the pieces of an upload.
#[derive(Debug)]
enum Errand {
    Upload(Pending),
    Stroke(Stroke),
}

/// What woke the loop.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
enum Wake {
    Reader(Option<tty::reader::Message>),
    Writer(Option<tty::writer::Message>),
    Note(Option<Note>),
    Signal(Signal),
    /// A deadline has passed: an escape key, the next tick, or the next frame.
    Time,
}

struct Loop {
    model: Model,
    shell: Shell,
    display: Display,
    helper: Helper,
    /// Files that went out, counted down from the highest number: pictures count up.
    last_carried: u32,
    canvas: Canvas<Screen>,
    lexer: Lexer,
    reader: Reader,
    bytes: mpsc::Receiver<tty::reader::Message>,
    writer: Writer,
    written: mpsc::UnboundedReceiver<tty::writer::Message>,
    notes: mpsc::UnboundedReceiver<Note>,
    signals: Signals,
    // Dropped after the writer has ended, so that nothing is drawn on the shell's screen.
    guard: Guard,
    /// When tmux was asked last.
    tmux_asked: Option<Instant>,
    /// What the writer is at, by its number.
    errand: Option<(u32, Errand)>,
    last_errand: u32,
    /// Uploads that wait for their turn.
    uploads: VecDeque<Pending>,
    /// Who waits for the last picture to be painted.
    watched: Option<oneshot::Sender<()>>,
    /// The last frame, where strips are painted beside it.
    frame: Buffer,
    /// What goes out behind the next frame.
    after_frame: Vec<u8>,
    dirty: bool,
    drawn: Option<Instant>,
    /// When the lexer gives up waiting for the rest of a sequence.
    flush_at: Option<Instant>,
    /// Keys that may be a paste without brackets.
    burst: Burst,
    tick_at: Option<Instant>,
    /// The program is in the background: when it is looked again whether the terminal is ours.
    background: Option<Instant>,
    end: Option<End>,
    panic: Option<String>,
    note: fn(&str),
    device: Device,
}
