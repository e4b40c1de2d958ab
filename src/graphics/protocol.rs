//! The ways in which a terminal can show a picture. Which one a terminal has is found out elsewhere.

/// How pictures reach the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Uploaded once, then shown by text cells that name picture, row and column: kitty since 0.28 and Ghostty,
    /// also inside tmux. Scrolls, clips and disappears like the text it is.
    KittyPlaceholders,
    /// Uploaded once, then placed at the cursor: older kitty and Konsole. Stays where it is until deleted.
    KittyClassic,
    /// Sent as JPEG or PNG to the place where it is shown: iTerm2, WezTerm, mlterm.
    Iterm2,
    /// Sent as rows of six coloured pixels to the place where it is shown: foot, xterm, Windows Terminal.
    Sixel,
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

    /// Whether pictures are painted onto the screen in [`Strip`]s, and sent again where something was over them.
    pub fn is_strips(self) -> bool {
        matches!(self, Self::Iterm2 | Self::Sixel)
    }

    /// Whether pictures have finer pixels than characters can show.
    pub fn has_pixels(self) -> bool {
        self.is_kitty() || self.is_strips()
    }
}

/// A piece of a picture as wide as the whole, for a terminal that draws at the cursor: whole escape sequences that fill
/// whole rows of cells.
///
/// Where the cursor is afterwards differs from terminal to terminal: address it before each strip and bracket the strip
/// with `ESC 7` and `ESC 8`. Some go to the row below, and scroll when there is none: keep the last row of the screen
/// free of pictures.
#[derive(Clone, PartialEq, Eq)]
pub struct Strip {
    /// The first of its rows, counted from the top of the picture.
    pub row: u16,
    pub rows: u16,
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Strip {
    /// Without the bytes: a failed assertion must stay readable.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Strip({} rows from {}, {} bytes)",
            self.rows,
            self.row,
            self.bytes.len()
        )
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
