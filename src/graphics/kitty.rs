//! kitty's graphics protocol: pictures uploaded once as PNG under a number, then shown by placeholder characters
//! or placed at the cursor. It only makes the bytes; who writes them, when and in what pieces is decided elsewhere.
//!
//! Every sequence asks for no answer (`q=2`), so that none arrives as ghost keys, and is whole: text may be written
//! between two of them. Other graphics sequences may not: between the first and the last sequence of an upload a
//! deletion ends the upload and another upload joins it, without a word. Finish it, or [`abort`] it.

use super::diacritics::MARKS;
use super::{Pixmap, Window, near_lossless};

/// Base64 characters in one sequence: kitty's own limit.
const CHUNK: usize = 4096;

/// The character that a terminal replaces with a piece of a picture.
pub const PLACEHOLDER: char = '\u{10eeee}';

/// Whether sequences pass through tmux on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Wrap {
    #[default]
    None,
    /// Wrapped for tmux to hand on; it must have `allow-passthrough` on.
    Tmux,
}

/// What an upload prepares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Placement {
    /// [`placeholder`] cells will show the picture.
    Virtual,
    /// [`place`] will show it.
    AtCursor,
}

/// How a picture is sent to the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload {
    /// 1 to 255: such a number fits in an indexed foreground colour, which tmux hands on as it is.
    pub id: u8,
    /// The cells that the picture will take, whatever its pixels.
    pub cols: u16,
    pub rows: u16,
    pub placement: Placement,
    pub wrap: Wrap,
    /// How coarse the pixels may become, see [`near_lossless::encode`]; 1 keeps them.
    pub step: u8,
}

impl Upload {
    /// The sequences to write, in this order, to make the picture known to the terminal.
    pub fn encode(&self, picture: &Pixmap) -> Vec<Vec<u8>> {
        self.send(&near_lossless::encode(picture, self.step))
    }

    /// [`Upload::encode`] for a PNG file that exists already; its `step` plays no part.
    pub fn send(&self, png: &[u8]) -> Vec<Vec<u8>> {
        let Self { id, cols, rows, .. } = self;
        let head = match self.placement {
            Placement::Virtual => format!("a=T,U=1,f=100,i={id},c={cols},r={rows},q=2,"),
            Placement::AtCursor => format!("a=t,f=100,i={id},q=2,"),
        };
        let pieces = png.chunks(CHUNK / 4 * 3);
        let last = pieces.len().saturating_sub(1);
        let sequence = |(index, piece): (usize, &[u8])| {
            let more = u8::from(index < last);
            let control = if index == 0 {
                format!("{head}m={more}")
            } else {
                format!("m={more},q=2")
            };
            sequence(&control, piece, self.wrap)
        };
        pieces.enumerate().map(sequence).collect()
    }
}

/// Shows an uploaded picture with its upper left corner at the cursor, which does not move. Placing it again moves
/// it. The picture lies over text: under it
/// (`z=-1`) kitty 0.26 no longer clears what it draws, and letters pile up all over the screen.
pub fn place(id: u8, cols: u16, rows: u16, wrap: Wrap) -> Vec<u8> {
    sequence(&format!("a=p,i={id},p=1,c={cols},r={rows},C=1,q=2"), &[], wrap)
}

/// Shows a part of an uploaded picture with its upper left corner at the cursor, which does not move. `source` counts
/// the pixels that were uploaded. Each `placement` of a picture is a piece by itself, from 1 on; placing it again moves
/// it, and [`place`] uses the first.
pub fn place_part(id: u8, placement: u32, source: Window, cols: u16, rows: u16, wrap: Wrap) -> Vec<u8> {
    let Window { x, y, width, height } = source;
    let control =
        format!("a=p,i={id},p={placement},x={x},y={y},w={width},h={height},c={cols},r={rows},C=1,q=2");
    sequence(&control, &[], wrap)
}

/// Takes one placement of a picture off the screen; the others stay, and so do the pixels.
pub fn delete_one(id: u8, placement: u32, wrap: Wrap) -> Vec<u8> {
    sequence(&format!("a=d,d=i,i={id},p={placement},q=2"), &[], wrap)
}

/// Takes a picture off the screen and out of the terminal's memory.
pub fn delete(id: u8, placement: Placement, wrap: Wrap) -> Vec<u8> {
    match placement {
        Placement::Virtual => sequence(&format!("a=d,d=I,i={id},q=2"), &[], wrap),
        // kitty 0.26 would free every picture that is not on the screen, whatever its number, and Konsole none.
        // Both let go of the pixels when a single black one takes their number.
        Placement::AtCursor => {
            let mut bytes = delete_placement(id, wrap);
            bytes.extend(sequence(&format!("a=t,f=24,s=1,v=1,i={id},q=2"), &[0; 3], wrap));
            bytes
        }
    }
}

/// Ends an upload of which some sequences were written but not the last, and [`delete`]s what there is of it. The
/// next upload may follow at once.
pub fn abort(id: u8, placement: Placement, wrap: Wrap) -> Vec<u8> {
    // Without a last piece kitty up to 0.26 and Konsole take the next upload for more of this one.
    let mut bytes = sequence("m=0,q=2", &[], wrap);
    bytes.extend(delete(id, placement, wrap));
    bytes
}

/// Takes a picture off the screen; the terminal keeps it for the next [`place`].
pub fn delete_placement(id: u8, wrap: Wrap) -> Vec<u8> {
    sequence(&format!("a=d,d=i,i={id},q=2"), &[], wrap)
}

/// The text of the cell that shows this piece of a picture; its indexed foreground colour is the picture's number.
/// Every cell names both its row and its column, so that one overwritten by something else shifts no other. A piece
/// beyond [`super::MAX_CELLS`] is a blank.
pub fn placeholder(row: u16, col: u16) -> String {
    let mark = |index: u16| MARKS.get(usize::from(index));
    match (mark(row), mark(col)) {
        (Some(row), Some(col)) => String::from_iter([PLACEHOLDER, *row, *col]),
        _ => " ".to_owned(),
    }
}

/// The row and the column that a cell's text names, if it is a [`placeholder`].
pub fn piece(symbol: &str) -> Option<(u16, u16)> {
    let mut characters = symbol.strip_prefix(PLACEHOLDER)?.chars();
    // The marks are in the order of their code points.
    let mut index = || MARKS.binary_search(&characters.next()?).ok()?.try_into().ok();
    Some((index()?, index()?))
}

/// A whole escape sequence as it is sent on this way. tmux takes a sequence of at most a megabyte.
pub(super) fn wrapped(sequence: Vec<u8>, wrap: Wrap) -> Vec<u8> {
    match wrap {
        Wrap::None => sequence,
        Wrap::Tmux => {
            let mut bytes = Vec::with_capacity(sequence.len() + 16);
            bytes.extend_from_slice(b"\x1bPtmux;");
            // The passthrough ends at the first escape that is not doubled.
            for (number, part) in sequence.split(|byte| *byte == 0x1b).enumerate() {
                bytes.extend_from_slice(if number > 0 { &[0x1b; 2] } else { &[] });
                bytes.extend_from_slice(part);
            }
            bytes.extend_from_slice(b"\x1b\\");
            bytes
        }
    }
}

/// `ESC _ G control ; payload ESC \`, wrapped where asked. The payload is not yet base64.
fn sequence(control: &str, payload: &[u8], wrap: Wrap) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len() / 3 * 4 + control.len() + 32);
    let (open, close): (&[u8], &[u8]) = match wrap {
        Wrap::None => (b"\x1b_G", b"\x1b\\"),
        // tmux ends the passthrough at the first escape that is not doubled.
        Wrap::Tmux => (b"\x1bPtmux;\x1b\x1b_G", b"\x1b\x1b\\\x1b\\"),
    };
    bytes.extend_from_slice(open);
    bytes.extend_from_slice(control.as_bytes());
    if !payload.is_empty() {
        bytes.push(b';');
        base64_simd::STANDARD.encode_append(payload, &mut bytes);
    }
    bytes.extend_from_slice(close);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_as_kitty_numbers_them() {
        assert_eq!(MARKS.len(), usize::from(super::super::MAX_CELLS));
        assert_eq!(placeholder(0, 0), "\u{10eeee}\u{305}\u{305}");
        assert_eq!(placeholder(1, 9), "\u{10eeee}\u{30d}\u{34a}");
        assert_eq!(placeholder(296, 0), "\u{10eeee}\u{1d244}\u{305}");
        assert_eq!(placeholder(297, 0), " ");
        let distinct: std::collections::HashSet<_> = MARKS.iter().collect();
        assert_eq!(distinct.len(), MARKS.len());
    }

    #[test]
    fn inside_tmux_only_the_wrapping_has_single_escapes() {
        let bytes = delete(7, Placement::Virtual, Wrap::Tmux);
        assert_eq!(bytes, b"\x1bPtmux;\x1b\x1b_Ga=d,d=I,i=7,q=2\x1b\x1b\\\x1b\\");
    }

    #[test]
    fn freeing_one_picture_at_the_cursor_frees_no_other() {
        let bytes = String::from_utf8(delete(7, Placement::AtCursor, Wrap::None)).unwrap();
        assert!(
            !bytes.contains("d=I"),
            "kitty 0.26 takes it for all that are not shown"
        );
        assert!(bytes.starts_with("\x1b_Ga=d,d=i,i=7,q=2\x1b\\\x1b_Ga=t,f=24,s=1,v=1,i=7,q=2;AAAA\x1b\\"));
    }

    #[test]
    fn a_part_names_its_pixels_its_cells_and_itself() {
        let source = Window {
            x: 20,
            y: 40,
            width: 100,
            height: 60,
        };
        let bytes = place_part(7, 3, source, 10, 3, Wrap::None);
        assert_eq!(
            bytes,
            b"\x1b_Ga=p,i=7,p=3,x=20,y=40,w=100,h=60,c=10,r=3,C=1,q=2\x1b\\"
        );
        assert_eq!(delete_one(7, 3, Wrap::None), b"\x1b_Ga=d,d=i,i=7,p=3,q=2\x1b\\");
    }

    #[test]
    fn an_upload_cut_short_is_ended_before_it_is_deleted() {
        for placement in [Placement::Virtual, Placement::AtCursor] {
            let bytes = abort(7, placement, Wrap::None);
            let rest = bytes.strip_prefix(b"\x1b_Gm=0,q=2\x1b\\");
            assert_eq!(rest, Some(&delete(7, placement, Wrap::None)[..]));
        }
    }
}
