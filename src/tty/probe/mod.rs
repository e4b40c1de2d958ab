//! The one question to the terminal and what its answers mean. It neither writes nor waits: the first frame is drawn
//! before any answer, and each answer, however late, makes the picture of the terminal more exact.

mod abilities;
mod ask;
mod between;
mod name;
mod question;
mod way;

use crate::graphics::{CellSize, Protocol};

use super::Window;
use super::fact::{Fact, Slot};
use super::tmux::Client;

pub use ask::ask;
pub use name::Notifier;
pub(super) use name::may_be_a_name;
pub use question::{Form, query_background};
pub use way::Way;

/// The picture that `a=q` asks about; it is stored nowhere.
const PICTURE: u32 = 31;
/// What a cell is taken to be where nobody says.
const ASSUMED: CellSize = CellSize {
    width: 10,
    height: 20,
};

/// What the environment says; over SSH little of it arrives, so it never decides alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// `TMUX` is set: we run inside tmux, or it is left over.
    pub tmux: bool,
    /// `STY` is set: likewise of GNU screen.
    pub screen: bool,
    /// `TERM` as it is: `screen` and its kin pass no pictures on.
    pub term: String,
    /// `TERM_PROGRAM`, on the machine of the terminal only.
    pub program: String,
    /// `LC_TERMINAL`, which ssh hands on: iTerm2 sets it. Inside tmux it is of whoever started the server.
    pub lc_terminal: String,
    /// The user's choice, which outranks everything.
    pub chosen: Option<Protocol>,
}

impl Hints {
    /// Terminals between us and the real one that know no pictures, and such as have none.
    fn passes_no_pictures(&self) -> bool {
        ["screen", "linux", "dumb"]
            .iter()
            .any(|term| self.term.starts_with(term))
    }
}

/// What is known of the terminal so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own")]
pub struct Facts {
    tmux: bool,
    /// The neighbor of the program has said whether it is tmux.
    settled: bool,
    device: Option<u16>,
    multiplexer: Option<String>,
    client: Option<Client>,
    attributes: Vec<u16>,
    cell: Option<CellSize>,
    pixels: Option<(u16, u16)>,
    window: Option<Window>,
    background: Option<[u8; 3]>,
    /// That is tmux's own word for its pane, given since it was asked last.
    own_background: bool,
    dark: Option<bool>,
    synchronized: Option<bool>,
    /// Characters that belong together are given the room of one (mode 2027).
    clusters: bool,
    keyboard: bool,
    other_keys: bool,
    truecolour: bool,
    /// What the terminal outside has said.
    outer: Outer,
    /// The same since it was asked last.
    renewed: Outer,
    /// How often the end of the question was answered since it was asked last.
    ready: u32,
}

/// What can only come from the terminal itself, and never from a tmux in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Outer {
    name: Option<String>,
    /// The answer to `a=q`.
    graphics: Option<String>,
    cell_report: Option<CellSize>,
    capabilities: Option<String>,
    /// OSC 5522 is known.
    clipboard: bool,
    notifies: bool,
}

impl Outer {
    fn learn(&mut self, fact: &Fact) {
        match fact {
            Fact::Name(name) => self.name = Some(name.clone()),
            Fact::Graphics { id: PICTURE, message } => self.graphics = Some(message.clone()),
            Fact::CellReport { width, height } => self.cell_report = plausible(*width, *height),
            Fact::Capabilities(capabilities) => self.capabilities = Some(capabilities.clone()),
            Fact::Mode { number: 5522, state } => self.clipboard = *state > 0,
            Fact::Notifies => self.notifies = true,
            _ => {}
        }
    }
}

impl Facts {
    /// Nothing is known yet; `tmux` as the environment has it.
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

    /// The size as the kernel had it last.
    pub fn window(&self) -> Option<Window> {
        self.window
    }

    /// The question is asked again, as after a suspension, and inside tmux whenever the focus comes back: another
    /// terminal may be outside now, and tmux drops a question that is asked before it shows the pane. What was known
    /// holds until the answers are complete without it.
    pub fn asked_again(&mut self) {
        self.ready = 0;
        self.own_background = false;
        self.renewed = Outer::default();
    }

    /// Takes an answer; true if it changed anything, and pictures may have to be shown otherwise. A
    /// [`Fact::Ready`] that the writer takes for its own ([`Writer::acknowledge`](super::Writer::acknowledge)) is not
    /// one of these answers.
    pub fn learn(&mut self, fact: &Fact) -> bool {
        let before = self.clone();
        match fact {
            // Inside tmux both answer, and only the content tells them apart.
            Fact::Name(name) if name.starts_with("tmux ") => self.multiplexer = Some(name.clone()),
            Fact::Tmux(_) if !self.tmux => {}
            Fact::Tmux(client) => {
                self.client = Some(client.clone());
                self.settle();
            }
            // The terminal outside is not asked: these are tmux's own.
            Fact::Attributes(attributes) => self.attributes.clone_from(attributes),
            Fact::Device(device) => self.device = Some(*device),
            Fact::CellPixels { width, height } => self.cell = plausible(*width, *height).or(self.cell),
            Fact::WindowPixels { width, height } => self.pixels = Some((*width, *height)),
            Fact::Colour {
                slot: Slot::Background,
                rgb,
            } => {
                // Whatever tmux answers itself comes before the end of its own questions. A pane may have another
                // background than the terminal outside.
                let is_own = self.tmux && self.ready == 0;
                if is_own || !self.own_background {
                    self.background = Some(*rgb);
                }
                self.own_background |= is_own;
            }
            Fact::Scheme { dark } => self.dark = Some(*dark),
            Fact::Mode { number: 2026, state } => self.synchronized = Some(matches!(state, 1 | 2)),
            Fact::Mode { number: 2027, state } => self.clusters = matches!(state, 1 | 3),
            Fact::Keyboard(_) => self.keyboard = true,
            Fact::OtherKeys(_) => self.other_keys = true,
            Fact::Truecolour(kept) => self.truecolour |= kept,
            Fact::Ready => {
                self.settle_between();
                self.ready = self.ready.saturating_add(1);
                self.settle();
            }
            fact => {
                self.outer.learn(fact);
                self.renewed.learn(fact);
            }
        }
        *self != before
    }

    /// Once everything has been answered, what was not answered again is not so any more.
    fn settle(&mut self) {
        if self.complete() {
            self.outer = self.renewed.clone();
        }
    }

    /// Whether every answer that can come has come. With tmux in between, the terminal outside answers only where
    /// `allow-passthrough` is on, so this may never become true: it is not to be waited for.
    pub fn complete(&self) -> bool {
        let closed = self.client.as_ref().and_then(|client| client.passthrough) == Some(false);
        self.ready >= if self.tmux && !closed { 2 } else { 1 }
    }

    /// Whether it may be another terminal whenever the focus comes, and is to be asked again then.
    pub fn asks_focus(&self) -> bool {
        self.tmux
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
        // tmux cuts pictures by what it takes a cell to be, and asks anew when it is attached from elsewhere.
        let by_tmux = self.client.as_ref().and_then(|client| client.cell);
        let by_tmux = by_tmux.and_then(|(width, height)| plausible(width, height));
        let known = by_tmux
            .or(self.cell)
            .or(by_kernel)
            .or(by_terminal)
            .or(self.outer.cell_report);
        (known.unwrap_or(ASSUMED), known.is_none())
    }
}

/// A cell that is thinner or larger than any font is a mistake of whoever said so.
fn plausible(width: u16, height: u16) -> Option<CellSize> {
    let sane = (2..=256).contains(&width) && (2..=512).contains(&height);
    sane.then_some(CellSize { width, height })
}

#[cfg(test)]
mod tests;
