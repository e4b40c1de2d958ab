//! A stored picture and the type of its bytes.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The type of a picture's bytes, told by their first bytes and never by a label: servers mislabel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mime {
    #[serde(rename = "image/png")]
    Png,
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/webp")]
    Webp,
    #[serde(rename = "image/gif")]
    Gif,
    #[serde(rename = "image/avif")]
    Avif,
    #[serde(rename = "image/heic")]
    Heic,
    /// Bytes that match no picture format known here; kept all the same.
    #[serde(rename = "application/octet-stream")]
    Unknown,
}

impl Mime {
    /// Tells the type from the first bytes of a file; 16 are enough.
    pub fn sniff(head: &[u8]) -> Self {
        match head {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            [b'G', b'I', b'F', b'8', ..] => Self::Gif,
            [
                _,
                _,
                _,
                _,
                b'f',
                b't',
                b'y',
                b'p',
                b'a',
                b'v',
                b'i',
                b'f' | b's',
                ..,
            ] => Self::Avif,
            [
                _,
                _,
                _,
                _,
                b'f',
                b't',
                b'y',
                b'p',
                b'h',
                b'e',
                b'i' | b'v',
                b'c' | b'x',
                ..,
            ]
            | [_, _, _, _, b'f', b't', b'y', b'p', b'm', b'i', b'f', b'1', ..] => Self::Heic,
            _ => Self::Unknown,
        }
    }

    /// The extension of a file that holds such bytes, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Avif => "avif",
            Self::Heic => "heic",
            Self::Unknown => "bin",
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Heic => "image/heic",
            Self::Unknown => "application/octet-stream",
        }
    }
}

impl fmt::Display for Mime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a stored picture is to its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageKind {
    /// What the user asked for.
    Result,
    /// An interim picture that the model made while thinking.
    Draft,
}

/// A picture on disk, its bytes exactly as they were received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    pub kind: ImageKind,
    /// Absolute path of the file.
    pub path: PathBuf,
    pub mime: Mime,
    /// The type that the server declared, verbatim; it is sent back on the next turn.
    pub declared_mime: Option<String>,
    /// Pixels; 0 where the header could not be read.
    pub width: u32,
    pub height: u32,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_their_type_whatever_they_are_called() {
        assert_eq!(Mime::sniff(b"\x89PNG\r\n\x1a\n0000"), Mime::Png);
        assert_eq!(Mime::sniff(b"\xff\xd8\xff\xe0"), Mime::Jpeg);
        assert_eq!(Mime::sniff(b"RIFF\0\0\0\0WEBPVP8 "), Mime::Webp);
        assert_eq!(Mime::sniff(b"\0\0\0\x20ftypavif"), Mime::Avif);
        assert_eq!(Mime::sniff(b"\0\0\0\x20ftypheic"), Mime::Heic);
        assert_eq!(Mime::sniff(b"<html>"), Mime::Unknown);
        assert_eq!(Mime::sniff(b""), Mime::Unknown);
    }
}
