//! The ways in which a terminal can show a picture. Which one a terminal has is found out elsewhere.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Kind};

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
    pub const ALL: [Self; 4] = [
        Self::KittyPlaceholders,
        Self::KittyClassic,
        Self::HalfBlocks,
        Self::Off,
    ];

    /// Whether pictures are uploaded as pixels.
    pub fn is_kitty(self) -> bool {
        matches!(self, Self::KittyPlaceholders | Self::KittyClassic)
    }

    fn name(self) -> &'static str {
        match self {
            Self::KittyPlaceholders => "kitty",
            Self::KittyClassic => "kitty-classic",
            Self::HalfBlocks => "half-blocks",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for Protocol {
    /// The name used in settings and flags.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Protocol {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|protocol| protocol.name() == name);
        found.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|protocol| protocol.name()).collect();
            Error::new(
                Kind::Usage,
                format!("There is no way to show pictures called {name:?}"),
            )
            .hint(format!("Use one of: {}", names.join(", ")))
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_a_wrong_one_lists_them() {
        for protocol in Protocol::ALL {
            assert_eq!(protocol.to_string().parse(), Ok(protocol));
        }
        let error = "sixel".parse::<Protocol>().unwrap_err();
        assert!(error.hint.contains("half-blocks"), "{}", error.hint);
    }
}
