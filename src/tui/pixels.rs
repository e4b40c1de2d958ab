//! What can be shown of each picture right now: a cache that the shell fills and the view reads. It encodes nothing and
//! is no part of the model, because encoded pictures are large and change without any decision.

use std::collections::HashMap;
use std::path::PathBuf;

use ratatui::layout::Rect;

/// Which picture: the file that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PictureKey {
    /// A complete file.
    Stored(PathBuf),
    /// A file that is still growing.
    Growing(PathBuf),
}

/// How many colours half blocks may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourDepth {
    /// `NO_COLOR`: shades only.
    None,
    Sixteen,
    TwoFiftySix,
    #[default]
    True,
}

/// A picture as half blocks: each cell has an upper and a lower colour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    pub cols: u16,
    pub rows: u16,
    /// Row by row, at most `cols × rows`; cells that are missing at the end have not arrived yet and stay blank.
    pub cells: Vec<([u8; 3], [u8; 3])>,
}

/// A picture as the terminal can take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    Blocks(Blocks),
    /// The terminal holds it under this id, or will before the frame that first names it.
    Kitty {
        id: u8,
        cols: u16,
        rows: u16,
        /// Unicode placeholders in the cells; else the writer places it over blank cells.
        placeholders: bool,
    },
}

impl Shown {
    /// Its size in cells.
    pub fn size(&self) -> (u16, u16) {
        match self {
            Self::Blocks(blocks) => (blocks.cols, blocks.rows),
            Self::Kitty { cols, rows, .. } => (*cols, *rows),
        }
    }
}

/// What the view can show, by picture. The latest encoding of a picture wins, whatever box it was made for: the view
/// centres it, or cuts it until the right one is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pixels {
    shown: HashMap<PictureKey, Shown>,
}

impl Pixels {
    pub fn put(&mut self, picture: PictureKey, shown: Shown) {
        self.shown.insert(picture, shown);
    }

    pub fn get(&self, picture: &PictureKey) -> Option<&Shown> {
        self.shown.get(picture)
    }

    pub fn remove(&mut self, picture: &PictureKey) -> Option<Shown> {
        self.shown.remove(picture)
    }

    /// Forgets everything: the terminal may be another one.
    pub fn clear(&mut self) {
        self.shown.clear();
    }

    pub fn keys(&self) -> impl Iterator<Item = &PictureKey> {
        self.shown.keys()
    }
}

/// A picture of the terminal's own protocol that is visible in this frame, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    pub picture: PictureKey,
    pub id: u8,
    /// The cells it covers.
    pub rect: Rect,
    /// The part of the picture that they show, in cells of the whole picture; all of it unless it is too large.
    pub crop: Rect,
    /// The cells carry placeholders: there is nothing to place.
    pub placeholders: bool,
}

/// Everything placed in this frame. A picture that an overlay touches is not among them when it has no placeholders,
/// because it would be drawn over the overlay's text.
pub type Placements = Vec<Placement>;
