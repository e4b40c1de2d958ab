//! A stored picture and the type of its bytes.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The type of a picture's bytes, told by their first bytes and never by a label: servers mislabel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    #[serde(rename = "image/heif")]
    Heif,
    #[serde(rename = "image/bmp")]
    Bmp,
    #[serde(rename = "image/tiff")]
    Tiff,
    /// A picture of a rarer kind, which can be read here and is taken by nobody: QOI, ICO, PNM, HDR, DDS, farbfeld.
    #[serde(rename = "image/x-other")]
    Other,
    /// Bytes that match no picture format known here; kept all the same.
    #[default]
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
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Self::of_brand(brand),
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Self::Tiff,
            // Two letters are no proof: the empty fields and the length of the header behind them are.
            [
                b'B',
                b'M',
                _,
                _,
                _,
                _,
                0,
                0,
                0,
                0,
                _,
                _,
                _,
                _,
                12 | 40 | 52 | 56 | 64 | 108 | 124,
                0,
                ..,
            ] => Self::Bmp,
            _ if Self::is_other(head) => Self::Other,
            _ => Self::Unknown,
        }
    }

    fn of_brand(brand: &[u8]) -> Self {
        match brand {
            [b'a', b'v', b'i', b'f' | b's', ..] => Self::Avif,
            [b'h', b'e', b'i' | b'v', b'c' | b'm' | b's' | b'x', ..] => Self::Heic,
            [b'm', b'i' | b's', b'f', b'1', ..] => Self::Heif,
            _ => Self::Unknown,
        }
    }

    fn is_other(head: &[u8]) -> bool {
        let begins = [&b"qoif"[..], b"DDS ", b"farbfeld", b"#?RADIANCE"];
        let is_plain = matches!(
            head,
            [
                b'P',
                b'1'..=b'7',
                b'\n' | b' ' | b'\t' | b'\r',
                b'0'..=b'9' | b'#' | b'W',
                ..
            ]
        );
        // How many pictures an icon holds, then the first one's entry with its empty field.
        let is_icon = matches!(head, [0, 0, 1, 0, 1..=64, 0, _, _, _, 0, ..]);
        is_plain || is_icon || begins.iter().any(|begin| head.starts_with(begin))
    }

    /// What people call it: `PNG`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Webp => "WebP",
            Self::Gif => "GIF",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
            Self::Heif => "HEIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Other => "of a rare kind",
            Self::Unknown => "of an unknown type",
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
            Self::Heif => "heif",
            Self::Bmp => "bmp",
            Self::Tiff => "tiff",
            Self::Other => "img",
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
            Self::Heif => "image/heif",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
            Self::Other => "image/x-other",
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
        assert_eq!(Mime::sniff(b"\0\0\0\x20ftypmif1"), Mime::Heif);
        assert_eq!(Mime::sniff(b"\0\0\0\x20ftypmp42"), Mime::Unknown);
        assert_eq!(Mime::sniff(b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0"), Mime::Bmp);
        assert_eq!(Mime::sniff(b"BMW is a maker of cars"), Mime::Unknown);
        assert_eq!(Mime::sniff(b"MM\0\x2a\0\0\0\x08"), Mime::Tiff);
        assert_eq!(Mime::sniff(b"P6 640 480 255\n"), Mime::Other);
        assert_eq!(Mime::sniff(b"P6 is a processor"), Mime::Unknown);
        assert_eq!(Mime::sniff(b"qoif\0\0\0\x10"), Mime::Other);
        assert_eq!(Mime::sniff(b"<html>"), Mime::Unknown);
        assert_eq!(Mime::sniff(b""), Mime::Unknown);
    }
}
