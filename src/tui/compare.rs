//! Comparing two nodes as data: which two, and in which of four ways. It shows nothing.

use super::model::Model;
use crate::domain::{Turn, TurnId};

/// What the selected node is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    Marked,
    /// What it grew from: the nearest of its ancestors that has a picture.
    Parent,
}

/// How two pictures are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Beside,
    /// In one place, the one or the other.
    Blink,
    /// In one place, the one left of an edge and the other right of it.
    Wipe,
    /// Where they differ.
    Difference,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Beside => "side by side",
            Self::Blink => "blink",
            Self::Wipe => "wipe",
            Self::Difference => "difference",
        }
    }
}

/// All of the width, as the place of a wipe's edge counts it.
pub const WIDTH: u16 = 1000;

/// The comparison; how it was made the last time is how the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What with, while two are compared at all.
    pub against: Option<Against>,
    pub mode: Mode,
    /// Blinking shows the other one, not the selected one.
    pub turned: bool,
    /// Where the edge of a wipe is, from the left, in parts of [`WIDTH`].
    pub edge: u16,
}

impl Default for Comparison {
    fn default() -> Self {
        Self {
            against: None,
            mode: Mode::Beside,
            turned: false,
            edge: WIDTH / 2,
        }
    }
}

impl Model {
    /// The marked node, where it is one of the session on screen.
    pub fn marked(&self) -> Option<&Turn> {
        self.turn(self.looking.marked.as_ref()?)
    }

    /// The nearest ancestor that has a picture.
    pub fn grown_from(&self, turn: &Turn) -> Option<&Turn> {
        let mut turn = self.turn(turn.parent.as_ref()?)?;
        while !self.is_complete(turn) {
            turn = self.turn(turn.parent.as_ref()?)?;
        }
        Some(turn)
    }

    /// The two that are compared, the selected one second; none where one of them has no complete picture.
    pub fn pair(&self) -> Option<[&Turn; 2]> {
        let after = self.selected().filter(|turn| self.is_complete(turn))?;
        let before = match self.looking.comparison.against? {
            Against::Marked => self.marked()?,
            Against::Parent => self.grown_from(after)?,
        };
        (before.id != after.id && self.is_complete(before)).then_some([before, after])
    }

    /// Whether two are compared right now, and how.
    pub fn compares(&self) -> Option<Mode> {
        self.pair().map(|_| self.looking.comparison.mode)
    }

    /// Whether a picture stands for this turn, and none is arriving for it.
    pub fn is_complete(&self, turn: &Turn) -> bool {
        let grows = self.job_of(&turn.id).is_some_and(|job| job.growing.is_some());
        turn.picture().is_some() && !grows
    }

    /// Whether this is the marked node.
    pub fn is_marked(&self, turn: &TurnId) -> bool {
        self.looking.marked.as_ref() == Some(turn)
    }
}
