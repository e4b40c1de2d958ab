//! The ways in which a terminal can show a picture. Which one a terminal has is found out elsewhere.

/// How pictures reach the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Uploaded once, then shown by text cells that name picture, row and column: kitty since 0.28 and Ghostty,
    /// also inside tmux. Scrolls, clips and disappears like the text it is.
    KittyPlaceholders,
    /// Uploaded once, then placed at the cursor: older kitty and Konsole. Stays where it is until deleted.
    KittyClassic,
    /// Two coloured pixels a character, with `▀`: everywhere else.
    HalfBlocks,
    /// No pictures at all.
    Off,
}

impl Protocol {
    /// Whether pictures are uploaded as pixels.
    pub fn is_kitty(self) -> bool {
        matches!(self, Self::KittyPlaceholders | Self::KittyClassic)
    }
}

/// The pixels of one character cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellSize {
    pub width: u16,
    pub height: u16,
}

impl Default for CellSize {
    /// A common font's cell, for terminals that do not tell.
    fn default() -> Self {
        Self {
            width: 10,
            height: 20,
        }
    }
}
