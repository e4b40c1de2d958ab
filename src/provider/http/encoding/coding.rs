//! The encodings of bodies: their names, and how each begins. Data where it can be.

use crate::domain::clean_line;

/// An encoding that can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Zlib,
    /// Deflate without zlib's head, as many send it under that name.
    Deflate,
    Brotli,
    Zstd,
}

impl Coding {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib | Self::Deflate => "deflate",
            Self::Brotli => "brotli",
            Self::Zstd => "zstd",
        }
    }

    /// Returns whether what follows the end of a member or frame begins another one; `None` where more bytes are needed to
    /// tell.
    pub(super) fn goes_on_with(self, bytes: &[u8]) -> Option<bool> {
        let found = match self {
            Self::Gzip => begins(bytes, &GZIP),
            Self::Zstd => begins(bytes, &ZSTD).or(is_skipped(bytes)),
            Self::Zlib | Self::Deflate | Self::Brotli => return Some(false),
        };
        match found {
            Begun::Whole => Some(true),
            Begun::Part => None,
            Begun::Not => Some(false),
        }
    }
}

/// The part of a magic number that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begun {
    Whole,
    Part,
    Not,
}

impl Begun {
    fn or(self, other: Self) -> Self {
        if self == Self::Not { other } else { self }
    }
}

fn begins(bytes: &[u8], magic: &[u8]) -> Begun {
    let length = bytes.len().min(magic.len());
    match bytes[..length] == magic[..length] {
        true if length == magic.len() => Begun::Whole,
        true => Begun::Part,
        false => Begun::Not,
    }
}

/// RFC 8878: a frame of zstd that holds nothing of the content begins with one of sixteen numbers.
fn is_skipped(bytes: &[u8]) -> Begun {
    match bytes.split_first() {
        Some((first, rest)) if first & 0xf0 == 0x50 => begins(rest, &[0x2a, 0x4d, 0x18]),
        _ => Begun::Not,
    }
}

/// An encoding as a head names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider::http) enum Label {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
    Unknown(String),
}

impl Label {
    /// The label of one name in a list; `None` for names that stand for nothing to undo.
    pub(super) fn named(name: &str) -> Option<Self> {
        // Parameters, and quotes that are none of the standard's.
        let name = name.split(';').next().unwrap_or_default();
        let name = name.trim_matches(|letter: char| letter.is_whitespace() || "\"'".contains(letter));
        let name = name.to_ascii_lowercase();
        match name.strip_prefix("x-").unwrap_or(&name) {
            "gzip" | "gz" => Some(Self::Gzip),
            "deflate" | "zlib" => Some(Self::Deflate),
            "br" | "brotli" => Some(Self::Brotli),
            "zstd" | "zst" => Some(Self::Zstd),
            // The first few are names of nothing, the others are put there by mistake.
            "" | "identity" | "none" | "chunked" | "aws-chunked" | "utf-8" | "utf8" | "8bit" | "binary" => {
                None
            }
            _ => Some(Self::Unknown(clean_line(&name).chars().take(40).collect())),
        }
    }
}

/// The encoding that a body turns out to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// More bytes are needed to tell.
    More,
    Plain,
    Coding(Coding),
    /// It is in the encoding of this name.
    Unknown(String),
}

/// RFC 1952, with the only method there is.
const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];
/// RFC 8878.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// RFC 1950, with a window of 32 KiB at the levels that are in use and no letter in its second byte.
const ZLIB: [[u8; 2]; 3] = [[0x78, 0x01], [0x78, 0x9c], [0x78, 0xda]];

/// The beginnings of answers that are packed in nothing, as far as two bytes tell them from brotli and raw deflate.
const TEXT: [&[u8]; 9] = [b"{", b"[", b"da", b"ev", b"id", b"re", b":", b"<", b"\xef\xbb"];

/// Returns whether something packed without a label may begin with this byte.
pub(super) fn begins_magic(byte: u8) -> bool {
    [GZIP[0], ZSTD[0], ZLIB[0][0]].contains(&byte)
}

/// Tells from the first bytes of a body what it is in. The bytes count more than the label where they are certain.
pub(super) fn found(label: Option<&Label>, bytes: &[u8], is_over: bool) -> Found {
    if bytes.is_empty() {
        return if is_over { Found::Plain } else { Found::More };
    }
    match magic(bytes) {
        Found::More if !is_over => return Found::More,
        Found::Coding(coding) => return Found::Coding(coding),
        _ => {}
    }
    match label {
        // These have a magic number, and it is not there: somebody unpacked it and left the label on.
        None | Some(Label::Gzip) => Found::Plain,
        Some(Label::Zstd) => match is_skipped(bytes) {
            Begun::Whole => Found::Coding(Coding::Zstd),
            Begun::Part if !is_over => Found::More,
            _ => Found::Plain,
        },
        Some(_) if bytes.len() < 2 && !is_over => Found::More,
        Some(_) if is_text(bytes) => Found::Plain,
        Some(Label::Brotli) => Found::Coding(Coding::Brotli),
        Some(Label::Deflate) if is_zlib(bytes) => Found::Coding(Coding::Zlib),
        Some(Label::Deflate) => Found::Coding(Coding::Deflate),
        Some(Label::Unknown(name)) => Found::Unknown(name.clone()),
    }
}

fn magic(bytes: &[u8]) -> Found {
    let numbers = [
        (&GZIP[..], Coding::Gzip),
        (&ZSTD, Coding::Zstd),
        (&ZLIB[0], Coding::Zlib),
        (&ZLIB[1], Coding::Zlib),
        (&ZLIB[2], Coding::Zlib),
    ];
    let found = |(magic, coding): &(&[u8], Coding)| match begins(bytes, magic) {
        Begun::Whole => Some(Found::Coding(*coding)),
        Begun::Part => Some(Found::More),
        Begun::Not => None,
    };
    numbers.iter().find_map(found).unwrap_or(Found::Plain)
}

/// RFC 1950: the method is 8, the window at most 32 KiB, and both bytes together a multiple of 31.
fn is_zlib(bytes: &[u8]) -> bool {
    let [first, second, ..] = *bytes else { return false };
    first & 0x0f == 8 && first >> 4 <= 7 && u16::from_be_bytes([first, second]) % 31 == 0
}

fn is_text(bytes: &[u8]) -> bool {
    let second = bytes.get(1).copied();
    let is_plain =
        second.is_none_or(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~') || bytes[0] == 0xef);
    is_plain && TEXT.iter().any(|start| bytes.starts_with(start))
}
