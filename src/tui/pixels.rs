//! What can be shown right now: a cache that the shell fills and the view reads. It encodes nothing and is no part of
//! the model, because encoded pictures are large and change without any decision.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use ratatui::layout::Size;

pub use crate::graphics::{CellSize, MAX_CELLS, Window, fit};

/// A picture of the library: a complete file that never changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Still {
    pub path: PathBuf,
    /// SHA-256 of the file, lower-case hexadecimal; empty where nobody knows it.
    pub hash: String,
}

impl<P: AsRef<Path>> From<P> for Still {
    /// A file of which only the name is known.
    fn from(path: P) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            hash: String::new(),
        }
    }
}

/// Which picture: the file that holds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PictureKey {
    Stored(Still),
    /// A file that is still growing.
    Growing(PathBuf),
}

/// What is to be seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Subject {
    /// All of a picture.
    Whole(PictureKey),
    /// A rectangle of it, in its own pixels. It fills its box, which has its shape.
    Part(Still, Window),
    /// All of it, small, as lists show it.
    Thumbnail(Still),
    /// Where the second differs from the first: all of it, or a rectangle in the pixels of the second, which fills its
    /// box.
    Difference(Still, Still, Option<Window>),
    /// The one left of an edge, in thousandths of the width, and the other right of it: for terminals on which the
    /// cells of two pictures cannot be mixed ([`super::msg::Terminal::mixes`]).
    Wipe {
        left: Still,
        right: Still,
        /// Of the width that is seen.
        edge: u16,
        /// A rectangle in the pixels of the right one, which fills its box; else all of both.
        window: Option<Window>,
    },
}

impl Subject {
    /// A picture that is complete.
    pub fn stored(picture: impl Into<Still>) -> Self {
        Self::Whole(PictureKey::Stored(picture.into()))
    }

    /// A picture that is still arriving.
    pub fn growing(path: impl Into<PathBuf>) -> Self {
        Self::Whole(PictureKey::Growing(path.into()))
    }
}

/// Something to be seen in a box of this many cells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Want {
    pub subject: Subject,
    pub area: Size,
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

/// Something as the terminal can take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    Blocks(Blocks),
    /// Each cell names its piece; the terminal, or whoever writes to it, holds the picture under this number.
    Pieces {
        id: u8,
        cols: u16,
        rows: u16,
    },
}

impl Shown {
    /// Its size in cells.
    pub fn size(&self) -> (u16, u16) {
        match self {
            Self::Blocks(blocks) => (blocks.cols, blocks.rows),
            Self::Pieces { cols, rows, .. } => (*cols, *rows),
        }
    }
}

/// What the view can show. The latest encoding wins, whatever box it was made for: the view centres it, or cuts it until
/// the right one is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pixels {
    shown: HashMap<Subject, Shown>,
    broken: HashSet<Subject>,
}

impl Pixels {
    pub fn put(&mut self, subject: Subject, shown: Shown) {
        self.broken.remove(&subject);
        self.shown.insert(subject, shown);
    }

    /// This cannot be shown, as far as is known.
    pub fn fails(&mut self, subject: Subject) {
        self.broken.insert(subject);
    }

    pub fn is_broken(&self, subject: &Subject) -> bool {
        self.broken.contains(subject)
    }

    pub fn get(&self, subject: &Subject) -> Option<&Shown> {
        self.shown.get(subject)
    }

    pub fn remove(&mut self, subject: &Subject) -> Option<Shown> {
        self.shown.remove(subject)
    }

    /// Forgets everything: the terminal may be another one.
    pub fn clear(&mut self) {
        self.shown.clear();
        self.broken.clear();
    }

    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.shown.keys()
    }
}
