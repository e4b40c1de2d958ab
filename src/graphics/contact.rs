//! A contact sheet: many pictures small on one, each with its number and the words of its prompt below it.
//!
//! The letters are a bitmap of five by seven dots for `a` to `z` and the digits, drawn twice as large. That is all that
//! the names of exported files have of Latin; words in other scripts are left to the file names, and the number stands
//! below every picture. A font for all of them would weigh more than the rest of the program.

use super::{Pixmap, decode_over, scale};
use crate::error::Result;

/// The box of a thumbnail, and of its label.
const SIDE: u32 = 240;
const LABEL: u32 = 26;
const GAP: u32 = 12;
const COLUMNS: u32 = 6;
/// The most pictures on one sheet: it stays below what any viewer can open.
pub const MOST_TILES: usize = 240;

const PAPER: [u8; 3] = [0xf4, 0xf2, 0xee];
const EMPTY: [u8; 3] = [0xdd, 0xda, 0xd4];
const INK: [u8; 3] = [0x22, 0x22, 0x22];
const DOT: u32 = 2;
const ADVANCE: u32 = 6 * DOT;

/// A picture for [`contact_sheet`], from the bytes of its file.
pub fn thumbnail(bytes: &[u8]) -> Result<Pixmap> {
    let picture = decode_over(bytes, PAPER)?;
    let longest = picture.width.max(picture.height).max(1);
    let side = |length: u32| {
        let scaled = u64::from(length) * u64::from(SIDE) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(SIDE).clamp(1, SIDE)
    };
    Ok(scale(&picture, side(picture.width), side(picture.height)))
}

/// The sheet, row by row; an empty place stands for a picture that cannot be shown.
pub fn contact_sheet(tiles: &[(String, Option<Pixmap>)]) -> Pixmap {
    let tiles = &tiles[..tiles.len().min(MOST_TILES)];
    let count = u32::try_from(tiles.len()).unwrap_or(0).max(1);
    let columns = count.min(COLUMNS);
    let rows = count.div_ceil(COLUMNS);
    let (across, down) = (SIDE + GAP, SIDE + LABEL + GAP);
    let mut sheet = Pixmap::filled(columns * across + GAP, rows * down + GAP, PAPER);
    for (index, (label, picture)) in (0..).zip(tiles) {
        let (x, y) = (GAP + index % COLUMNS * across, GAP + index / COLUMNS * down);
        let blank = || Pixmap::filled(SIDE, SIDE, EMPTY);
        let picture = picture.clone().unwrap_or_else(blank);
        let (left, top) = (
            (SIDE - picture.width.min(SIDE)) / 2,
            SIDE - picture.height.min(SIDE),
        );
        paste(&mut sheet, &picture, x + left, y + top);
        write(&mut sheet, label, x, y + SIDE + 6);
    }
    sheet
}

fn paste(sheet: &mut Pixmap, picture: &Pixmap, x: u32, y: u32) {
    let (from, to) = (picture.stride(), sheet.stride());
    for (row, line) in picture.rgb.chunks_exact(from.max(1)).enumerate() {
        let start = (y as usize + row) * to + x as usize * 3;
        if let Some(target) = sheet.rgb.get_mut(start..start + from) {
            target.copy_from_slice(line);
        }
    }
}

/// Writes as much of a label as fits below a picture.
fn write(sheet: &mut Pixmap, label: &str, x: u32, y: u32) {
    let known = |word: &str| -> Vec<[u8; 5]> { word.chars().filter_map(glyph).collect() };
    let words: Vec<_> = label
        .split(' ')
        .map(known)
        .filter(|word| !word.is_empty())
        .collect();
    for (place, columns) in (0..SIDE / ADVANCE).zip(words.join(&[0; 5])) {
        for (column, dots) in (0..).zip(columns) {
            for row in (0..8).filter(|row| dots >> row & 1 == 1) {
                let dot = Pixmap::filled(DOT, DOT, INK);
                paste(sheet, &dot, x + place * ADVANCE + column * DOT, y + row * DOT);
            }
        }
    }
}

/// Five columns from the left, the lowest bit on top.
fn glyph(letter: char) -> Option<[u8; 5]> {
    const DIGITS: [[u8; 5]; 10] = [
        [0x3e, 0x51, 0x49, 0x45, 0x3e],
        [0x00, 0x42, 0x7f, 0x40, 0x00],
        [0x42, 0x61, 0x51, 0x49, 0x46],
        [0x21, 0x41, 0x45, 0x4b, 0x31],
        [0x18, 0x14, 0x12, 0x7f, 0x10],
        [0x27, 0x45, 0x45, 0x45, 0x39],
        [0x3c, 0x4a, 0x49, 0x49, 0x30],
        [0x01, 0x71, 0x09, 0x05, 0x03],
        [0x36, 0x49, 0x49, 0x49, 0x36],
        [0x06, 0x49, 0x49, 0x29, 0x1e],
    ];
    const LETTERS: [[u8; 5]; 26] = [
        [0x20, 0x54, 0x54, 0x54, 0x78],
        [0x7f, 0x48, 0x44, 0x44, 0x38],
        [0x38, 0x44, 0x44, 0x44, 0x20],
        [0x38, 0x44, 0x44, 0x48, 0x7f],
        [0x38, 0x54, 0x54, 0x54, 0x18],
        [0x08, 0x7e, 0x09, 0x01, 0x02],
        [0x18, 0xa4, 0xa4, 0xa4, 0x7c],
        [0x7f, 0x08, 0x04, 0x04, 0x78],
        [0x00, 0x44, 0x7d, 0x40, 0x00],
        [0x40, 0x80, 0x84, 0x7d, 0x00],
        [0x7f, 0x10, 0x28, 0x44, 0x00],
        [0x00, 0x41, 0x7f, 0x40, 0x00],
        [0x7c, 0x04, 0x18, 0x04, 0x78],
        [0x7c, 0x08, 0x04, 0x04, 0x78],
        [0x38, 0x44, 0x44, 0x44, 0x38],
        [0xfc, 0x24, 0x24, 0x24, 0x18],
        [0x18, 0x24, 0x24, 0x24, 0xfc],
        [0x7c, 0x08, 0x04, 0x04, 0x08],
        [0x48, 0x54, 0x54, 0x54, 0x20],
        [0x04, 0x3f, 0x44, 0x40, 0x20],
        [0x3c, 0x40, 0x40, 0x20, 0x7c],
        [0x1c, 0x20, 0x40, 0x20, 0x1c],
        [0x3c, 0x40, 0x30, 0x40, 0x3c],
        [0x44, 0x28, 0x10, 0x28, 0x44],
        [0x1c, 0xa0, 0xa0, 0xa0, 0x7c],
        [0x44, 0x64, 0x54, 0x4c, 0x44],
    ];
    let place = |first: char| usize::try_from(u32::from(letter) - u32::from(first)).ok();
    match letter {
        '0'..='9' => place('0').map(|at| DIGITS[at]),
        'a'..='z' => place('a').map(|at| LETTERS[at]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_has_a_place_for_each_picture_and_its_label() {
        let red = Pixmap::filled(SIDE, SIDE / 2, [255, 0, 0]);
        let mut tiles = vec![("1 red fox".to_owned(), Some(red)), ("2 狐".to_owned(), None)];
        let sheet = contact_sheet(&tiles);
        assert_eq!(sheet.size(), (2 * 252 + 12, 240 + 26 + 24));
        let count = |colour: [u8; 3]| sheet.rgb.chunks_exact(3).filter(|pixel| *pixel == colour).count();
        assert_eq!(count([255, 0, 0]), 240 * 120);
        assert_eq!(count(EMPTY), 240 * 240);
        assert!(count(INK) > 300);
        tiles = vec![(String::new(), None); 10_000];
        assert_eq!(contact_sheet(&tiles).size(), (6 * 252 + 12, 40 * 278 + 12));
        assert_eq!(contact_sheet(&[]).size(), (252 + 12, 278 + 12));
    }
}
