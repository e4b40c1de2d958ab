//! How the user looks at pictures: how closely, which two side by side, alone on the screen, and in small. Plain data.

use ratatui::layout::Position;

use super::closer::Closer;
use super::compare::Comparison;
use crate::domain::TurnId;

/// What a button of the mouse that was pressed on the picture holds until it is let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// The picture, with this pixel in its middle when the button went down.
    Picture { from: Position, middle: (u32, u32) },
    /// The edge of a wipe.
    Edge,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looking {
    /// It stays for as long as pictures of the same size are looked at, which is how a drift is seen.
    pub closer: Option<Closer>,
    /// The picture is alone on the screen.
    pub full: bool,
    pub grip: Option<Grip>,
    pub marked: Option<TurnId>,
    pub comparison: Comparison,
    /// History shows the pictures in small.
    pub thumbnails: bool,
}
