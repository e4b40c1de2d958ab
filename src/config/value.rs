//! A value that knows where it came from, and the values that are words.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::keys::Place;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    Default,
    /// The user's settings file.
    File(PathBuf),
    /// The settings file of the project that one works in.
    Project(PathBuf),
    /// The variable of this name.
    Environment(&'static str),
    /// The flag of this name.
    Flag(&'static str),
    /// It follows from a key being there.
    Key(Place),
    /// It was picked while the program ran.
    Picked,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) | Self::Project(path) => write!(f, "{}", path.display()),
            Self::Environment(name) | Self::Flag(name) => f.write_str(name),
            Self::Key(Place::Command(program)) => write!(f, "the key of the command {program}"),
            Self::Key(place) => write!(f, "the key in {place}"),
            Self::Picked => f.write_str("picked"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub source: Source,
}

impl<T> Sourced<T> {
    pub fn new(value: T, source: Source) -> Self {
        Self { value, source }
    }
}

/// How pictures are shown in the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preview {
    /// As the terminal can.
    #[default]
    Auto,
    Kitty,
    Iterm2,
    Sixel,
    HalfBlocks,
    Off,
}

impl FromStr for Preview {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "auto" => Ok(Self::Auto),
            "kitty" => Ok(Self::Kitty),
            "iterm2" => Ok(Self::Iterm2),
            "sixel" => Ok(Self::Sixel),
            "halfblocks" => Ok(Self::HalfBlocks),
            "off" => Ok(Self::Off),
            _ => Err(format!("\u{201c}{text}\u{201d} is not a way to show pictures")),
        }
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Kitty => "kitty",
            Self::Iterm2 => "iterm2",
            Self::Sixel => "sixel",
            Self::HalfBlocks => "halfblocks",
            Self::Off => "off",
        })
    }
}
