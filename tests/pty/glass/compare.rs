//! Whether the glass shows just what it should: each cell of a picture its piece, and every other cell no pixel.

use std::fmt::Write as _;

use image::RgbImage;
use ratatui::layout::{Position, Rect};
use tintype::graphics::{CellSize, fit};

use super::{CELL, Glass, Pixel};

/// What is to be seen: this picture in the middle of this pane, except where something lies over it.
pub(crate) struct Sight<'a> {
    pub(crate) picture: &'a RgbImage,
    pub(crate) pane: Rect,
    pub(crate) over: &'a [Rect],
    /// The mean difference of a cell's bytes that still counts as the same.
    pub(crate) tolerance: f64,
}

impl Sight<'_> {
    /// The cells of the picture, and its pixels there.
    fn expected(&self) -> (Rect, RgbImage) {
        let cell = CellSize {
            width: CELL.0,
            height: CELL.1,
        };
        let (cols, rows) = fit(self.picture.dimensions(), self.pane.width, self.pane.height, cell);
        let rect = Rect {
            x: self.pane.x + (self.pane.width - cols) / 2,
            y: self.pane.y + (self.pane.height - rows) / 2,
            width: cols,
            height: rows,
        };
        let (width, height) = (u32::from(cols * CELL.0), u32::from(rows * CELL.1));
        let scaled = image::imageops::resize(
            self.picture,
            width,
            height,
            image::imageops::FilterType::CatmullRom,
        );
        (rect, scaled)
    }
}

impl Glass {
    /// Nothing where all is right; else a map of the cells: `#` right, `.` no pixels, `!` other pixels, `%` some, and
    /// `x` pixels where none belong.
    pub(crate) fn differs(&self, sight: &Sight<'_>) -> Option<String> {
        let (rect, expected) = sight.expected();
        let pixels = self.pixels();
        let (cols, rows) = self.size();
        let (mut map, mut right) = (String::new(), true);
        for y in 0..rows {
            for x in 0..cols {
                let at = Position { x, y };
                let hidden = sight.over.iter().any(|over| over.contains(at));
                let shown = self.cell(&pixels, x, y);
                let some = shown.iter().filter(|pixel| pixel.is_some()).count();
                let mark = if hidden || !rect.contains(at) {
                    if some == 0 { ' ' } else { 'x' }
                } else if some == 0 {
                    '.'
                } else if some < shown.len() {
                    '%'
                } else if off(&shown, &expected, x - rect.x, y - rect.y) > sight.tolerance {
                    '!'
                } else {
                    '#'
                };
                right &= matches!(mark, ' ' | '#');
                map.push(mark);
            }
            map.push('\n');
        }
        if right {
            return None;
        }
        let inventory = self.kitty.inventory();
        let text = self.text();
        let _ = writeln!(
            map,
            "the picture belongs into {rect}; {inventory}; the text is:\n{text}"
        );
        Some(map)
    }

    /// Every pixel of a picture that is on the glass, counted.
    pub(crate) fn lit(&self) -> usize {
        self.pixels().iter().filter(|pixel| pixel.is_some()).count()
    }

    fn cell(&self, pixels: &[Pixel], x: u16, y: u16) -> Vec<Pixel> {
        let line = usize::from(self.size().0 * CELL.0);
        let left = usize::from(x * CELL.0);
        let rows = usize::from(y * CELL.1)..usize::from((y + 1) * CELL.1);
        rows.flat_map(|row| pixels[row * line + left..][..usize::from(CELL.0)].to_vec())
            .collect()
    }
}

/// How far the pixels of a cell are from those of the picture's cell `(col, row)`, a byte on average.
fn off(shown: &[Pixel], picture: &RgbImage, col: u16, row: u16) -> f64 {
    let mut sum = 0_u32;
    for (index, pixel) in (0_u32..).zip(shown) {
        let (across, down) = (index % u32::from(CELL.0), index / u32::from(CELL.0));
        let wanted = picture.get_pixel(u32::from(col * CELL.0) + across, u32::from(row * CELL.1) + down);
        let bytes = wanted.0.iter().zip(pixel.unwrap_or_default());
        sum += bytes
            .map(|(wanted, is)| u32::from(wanted.abs_diff(is)))
            .sum::<u32>();
    }
    f64::from(sum) / f64::from(u32::try_from(shown.len()).unwrap() * 3)
}
