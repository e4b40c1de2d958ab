//! The one question to the terminal and what its answers mean. It neither writes nor waits: the first frame is drawn
//! before any answer, and each answer, however late, makes the picture of the terminal more exact.

mod ask;

use crate::graphics::{CellSize, Protocol};

use super::Window;
use super::fact::{Fact, Slot};

pub use ask::ask;

/// The picture that `a=q` asks about; it is stored nowhere.
const PICTURE: u32 = 31;
const GRAPHICS: &str = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
const NAME: &str = "\x1b[>q";
const CELL: &str = "\x1b[16t";
const BACKGROUND: &str = "\x1b]11;?\x1b\\";
const READY: &str = "\x1b[5n";
/// DA1, the text area in pixels, whether frames can be bracketed, and the kitty keyboard protocol.
const PLAIN: &str = "\x1b[c\x1b[14t\x1b[?2026$p\x1b[?u";
/// What a cell is taken to be where nobody says.
const ASSUMED: CellSize = CellSize {
    width: 10,
    height: 20,
};

/// The question. Inside tmux it goes to tmux and, wrapped, to the terminal outside; the graphics question is never
/// asked of tmux itself, which would take it for the title of its pane.
pub fn query(tmux: bool) -> Vec<u8> {
    let outer = [NAME, GRAPHICS, CELL, BACKGROUND, READY].concat();
    if tmux {
        let inner = [NAME, CELL, BACKGROUND, PLAIN, READY].concat();
        // One wrapping each: an answer to one must not wait behind a question that tmux or the terminal drops.
        let wrapped = [NAME, GRAPHICS, CELL, BACKGROUND, READY].map(wrap).concat();
        (inner + &wrapped).into_bytes()
    } else {
        outer.replace(READY, &[PLAIN, READY].concat()).into_bytes()
    }
}

/// What tmux passes on to the terminal outside, where `allow-passthrough` is on.
fn wrap(sequence: &str) -> String {
    format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"))
}

/// What the environment says; over SSH little of it arrives, so it never decides alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// We run inside tmux (`TMUX` is set).
    pub tmux: bool,
    /// `TERM` as it is: `screen` and its kin pass no pictures on.
    pub term: String,
    /// The user's choice, which outranks everything.
    pub chosen: Option<Protocol>,
}

/// What is known of the terminal so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    tmux: bool,
    name: Option<String>,
    multiplexer: Option<String>,
    /// The answer to `a=q`.
    graphics: Option<String>,
    attributes: Vec<u16>,
    cell: Option<CellSize>,
    pixels: Option<(u16, u16)>,
    window: Option<Window>,
    background: Option<[u8; 3]>,
    dark: Option<bool>,
    synchronized: Option<bool>,
    keyboard: bool,
    /// How often the end of the question was answered since it was asked last.
    ready: u32,
    /// What was answered since then.
    renewed: Renewed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Renewed {
    name: bool,
    graphics: bool,
}

impl Facts {
    /// Nothing is known yet; `tmux` as it was for [`query`].
    pub fn new(tmux: bool) -> Self {
        Self {
            tmux,
            ..Self::default()
        }
    }

    /// Takes a size as the kernel has it; at the start and after each resize.
    pub fn set_window(&mut self, window: Window) {
        self.window = Some(window);
    }

    /// The question is asked again, as after a suspension, and inside tmux whenever the focus comes back: another
    /// terminal may be outside now, and tmux drops a question that is asked before it shows the pane. What was known
    /// holds until the answers are complete without it.
    pub fn asked_again(&mut self) {
        self.ready = 0;
        self.renewed = Renewed::default();
    }

    /// Takes an answer; true if it changed anything, and pictures may have to be shown otherwise. A
    /// [`Fact::Ready`] that the writer takes for its own ([`Writer::acknowledge`](super::Writer::acknowledge)) is not
    /// one of these answers.
    pub fn learn(&mut self, fact: &Fact) -> bool {
        let before = self.clone();
        match fact {
            // Inside tmux both answer, and only the content tells them apart.
            Fact::Name(name) if name.starts_with("tmux ") => self.multiplexer = Some(name.clone()),
            Fact::Name(name) => {
                self.name = Some(name.clone());
                self.renewed.name = true;
            }
            Fact::Graphics { id: PICTURE, message } => {
                self.graphics = Some(message.clone());
                self.renewed.graphics = true;
            }
            // The terminal outside is not asked: these are tmux's own.
            Fact::Attributes(attributes) => self.attributes.clone_from(attributes),
            Fact::CellPixels { width, height } => self.cell = plausible(*width, *height).or(self.cell),
            Fact::WindowPixels { width, height } => self.pixels = Some((*width, *height)),
            Fact::Colour {
                slot: Slot::Background,
                rgb,
            } => self.background = Some(*rgb),
            Fact::Scheme { dark } => self.dark = Some(*dark),
            Fact::Mode { number: 2026, state } => self.synchronized = Some(matches!(state, 1 | 2)),
            Fact::Keyboard(_) => self.keyboard = true,
            Fact::Ready => self.end_of_answers(),
            _ => {}
        }
        *self != before
    }

    fn end_of_answers(&mut self) {
        self.ready = self.ready.saturating_add(1);
        if self.complete() {
            self.name = self.name.take().filter(|_| self.renewed.name);
            self.graphics = self.graphics.take().filter(|_| self.renewed.graphics);
        }
    }

    /// Whether every answer that can come has come. With tmux in between, the terminal outside answers only where
    /// `allow-passthrough` is on, so this may never become true: it is not to be waited for.
    pub fn complete(&self) -> bool {
        self.ready >= if self.tmux { 2 } else { 1 }
    }

    /// The name and version that the terminal gives itself, such as `kitty(0.48.2)`.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The name and version of the tmux in between.
    pub fn multiplexer(&self) -> Option<&str> {
        self.multiplexer.as_deref()
    }

    /// The background colour, where the terminal told it.
    pub fn background(&self) -> Option<[u8; 3]> {
        self.background
    }

    /// Whether the background is dark, from what the terminal says or from its colour.
    pub fn is_dark(&self) -> Option<bool> {
        let luma = |[red, green, blue]: [u8; 3]| {
            2126 * u32::from(red) + 7152 * u32::from(green) + 722 * u32::from(blue)
        };
        let by_colour = self.background.map(|rgb| luma(rgb) < 10_000 * 128);
        by_colour.or(self.dark)
    }

    /// Whether Shift+Enter, Ctrl+Enter and Ctrl+I can be told apart from their plain forms.
    pub fn tells_keys_apart(&self) -> bool {
        self.keyboard
    }

    /// Whether the terminal takes text for its clipboard (OSC 52), by its own word; silence means nothing.
    pub fn takes_clipboard(&self) -> bool {
        self.attributes.contains(&52)
    }

    /// Whether the terminal shows a frame at once; `None` where it did not say.
    pub fn synchronizes(&self) -> Option<bool> {
        self.synchronized
    }

    /// Whether the terminal is known by its name to show 16 million colours: over SSH `COLORTERM` is lost. tmux
    /// rounds them whatever is outside, so nothing is known there.
    pub fn truecolour(&self) -> Option<bool> {
        const NAMES: [&str; 8] = [
            "kitty", "ghostty", "foot", "konsole", "wezterm", "iterm2", "xterm(", "mlterm",
        ];
        let name = self.name.as_ref().filter(|_| !self.tmux)?.to_ascii_lowercase();
        NAMES.iter().any(|known| name.starts_with(known)).then_some(true)
    }

    /// The size of a cell in pixels, and whether it is only assumed.
    pub fn cell(&self) -> (CellSize, bool) {
        let window = self.window;
        let per_cell = |(width, height): (u16, u16)| {
            let window = window?;
            // Rounded down: xterm and konsole count their border in.
            plausible(
                width.checked_div(window.columns)?,
                height.checked_div(window.rows)?,
            )
        };
        let by_kernel = window.and_then(|window| per_cell((window.width, window.height)));
        let by_terminal = self.pixels.filter(|_| !self.tmux).and_then(per_cell);
        let known = self.cell.or(by_kernel).or(by_terminal);
        (known.unwrap_or(ASSUMED), known.is_none())
    }

    /// How to put pictures on this terminal, as far as it is known by now.
    pub fn protocol(&self, hints: &Hints) -> Protocol {
        self.decide(hints).0
    }

    /// Why it is to be so, in one sentence.
    pub fn explain(&self, hints: &Hints) -> String {
        self.decide(hints).1
    }

    fn decide(&self, hints: &Hints) -> (Protocol, String) {
        let name = self.name.as_deref().unwrap_or("the terminal");
        let answers = self.graphics.as_deref() == Some("OK");
        let because = |protocol, why: String| (protocol, why);
        if let Some(chosen) = hints.chosen {
            return because(chosen, "The settings say so.".to_owned());
        }
        if hints.tmux {
            return self.decide_inside_tmux(name, answers);
        }
        if ["screen", "linux", "dumb"]
            .iter()
            .any(|term| hints.term.starts_with(term))
        {
            let why = format!("TERM is {}, which passes no pictures on.", hints.term);
            return because(Protocol::HalfBlocks, why);
        }
        if has_placeholders(name) {
            let why = format!("{name} knows kitty's Unicode placeholders.");
            return because(Protocol::KittyPlaceholders, why);
        }
        if other_protocol(name) {
            let why = format!("{name} has a picture protocol of its own, which is not spoken here.");
            return because(Protocol::HalfBlocks, why);
        }
        if answers {
            let why =
                format!("{name} answers kitty's graphics question, but is not known to have placeholders.");
            return because(Protocol::KittyClassic, why);
        }
        let why = match (&self.graphics, self.name.is_some() || self.complete()) {
            (Some(message), _) => format!("{name} refuses kitty's graphics: {message}."),
            (None, true) => format!("{name} does not answer kitty's graphics question."),
            (None, false) => "The terminal has not answered.".to_owned(),
        };
        because(Protocol::HalfBlocks, why)
    }

    fn decide_inside_tmux(&self, name: &str, answers: bool) -> (Protocol, String) {
        match (has_placeholders(name), answers) {
            (true, true) => (
                Protocol::KittyPlaceholders,
                format!("tmux passes pictures on to {name}, which knows kitty's Unicode placeholders."),
            ),
            (true, false) => (
                Protocol::HalfBlocks,
                format!("tmux passes nothing on to {name}'s graphics."),
            ),
            (false, true) => (
                Protocol::HalfBlocks,
                format!("{name} has no Unicode placeholders, and tmux would misplace other pictures."),
            ),
            (false, false) if self.name.is_some() => (
                Protocol::HalfBlocks,
                format!("{name} does not answer kitty's graphics question through tmux."),
            ),
            (false, false) => (
                Protocol::HalfBlocks,
                "Nothing comes through tmux from the terminal outside: \
                 pictures need `set -g allow-passthrough on` and kitty 0.28 or Ghostty."
                    .to_owned(),
            ),
        }
    }
}

/// A cell that is thinner or larger than any font is a mistake of whoever said so.
fn plausible(width: u16, height: u16) -> Option<CellSize> {
    let sane = (2..=256).contains(&width) && (2..=512).contains(&height);
    sane.then_some(CellSize { width, height })
}

/// Terminals that may answer kitty's question and still show nothing of use: iTerm2 and Warp know no placeholders,
/// WezTerm shows boxes.
fn other_protocol(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["wezterm", "iterm2", "warp"]
        .iter()
        .any(|other| name.starts_with(other))
}

/// kitty 0.28 and later, and Ghostty, by the name they give themselves.
fn has_placeholders(name: &str) -> bool {
    if name.to_ascii_lowercase().starts_with("ghostty") {
        return true;
    }
    let Some(version) = name.strip_prefix("kitty") else {
        return false;
    };
    let mut numbers = version
        .split(|character: char| !character.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse::<u32>().unwrap_or(0));
    let (major, minor) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    (major, minor) >= (0, 28)
}

#[cfg(test)]
mod tests;
