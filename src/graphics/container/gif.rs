//! GIF: blocks of images and extensions.

use super::{Found, Malformed};

/// A block with its bytes, and the name of the program where it is an extension of one.
struct Block<'a> {
    whole: &'a [u8],
    kind: Kind<'a>,
}

#[derive(PartialEq, Eq)]
enum Kind<'a> {
    Image,
    Comment,
    Application(&'a [u8]),
    /// How the next image is shown, or a text in the image.
    Control,
}

/// The header with its color table, the blocks behind it, and whether they come to the end mark.
fn blocks(bytes: &[u8]) -> Option<(&[u8], Vec<Block<'_>>, usize, bool)> {
    let start = 13 + table(*bytes.get(10)?);
    let head = bytes.get(..start)?;
    let (mut blocks, mut at) = (Vec::new(), start);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let (kind, length) = match *rest {
            [0x3b, ..] => return Some((head, blocks, at + 1, true)),
            [0x2c, ..] => {
                // Place and size, a table of its own, the width of a code.
                let pixels = rest.get(9).map(|flags| 11 + table(*flags));
                (Kind::Image, pixels.and_then(|from| sub_blocks(rest, from)))
            }
            [0x21, label, ..] => {
                let kind = match label {
                    0xfe => Kind::Comment,
                    0xff => Kind::Application(rest.get(3..14).unwrap_or_default()),
                    _ => Kind::Control,
                };
                (kind, sub_blocks(rest, 2))
            }
            _ => return Some((head, blocks, at, false)),
        };
        let Some(whole) = length.and_then(|length| rest.get(..length)) else {
            return Some((head, blocks, at, false));
        };
        blocks.push(Block { whole, kind });
        at += whole.len();
    }
}

/// The bytes of a color table, by the flags that announce it.
fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

/// Where the run of sub-blocks that begins here ends.
fn sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

pub(super) fn is_whole(bytes: &[u8]) -> bool {
    blocks(bytes).is_some_and(|(_, _, _, ends)| ends)
}

pub(super) fn strip(bytes: &[u8]) -> Result<(Vec<u8>, Found), Malformed> {
    let Some((head, blocks, end, true)) = blocks(bytes) else {
        return Err(Malformed);
    };
    let mut found = Found::default();
    let mut out = head.to_vec();
    out.reserve(bytes.len());
    for Block { whole, kind } in &blocks {
        match kind {
            Kind::Comment => found.texts = true,
            Kind::Application(name) if name.starts_with(b"XMP Data") => found.xmp(whole),
            Kind::Application(name) if !matches!(*name, b"NETSCAPE2.0" | b"ANIMEXTS1.0" | b"ICCRGBG1012") => {
                found.other = true;
            }
            Kind::Image | Kind::Control | Kind::Application(_) => out.extend_from_slice(whole),
        }
    }
    out.push(0x3b);
    found.other |= end < bytes.len();
    Ok((out, found))
}
