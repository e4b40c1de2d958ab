//! Pictures as characters: each cell an upper half block whose two colours are two pixels, one above the other.

use super::{Palette, Pixmap, scale};

/// The character whose foreground is the upper pixel and whose background is the lower.
pub const UPPER_HALF: char = '▀';

/// A picture as coloured cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    pub cols: u16,
    pub rows: u16,
    /// Row by row from the top, `cols * rows` of them: the upper and the lower pixel of each cell.
    pub cells: Vec<([u8; 3], [u8; 3])>,
}

impl Blocks {
    /// The two pixels of a cell; nothing outside the picture.
    pub fn cell(&self, col: u16, row: u16) -> Option<([u8; 3], [u8; 3])> {
        let inside = col < self.cols && row < self.rows;
        let index = usize::from(row) * usize::from(self.cols) + usize::from(col);
        inside.then(|| self.cells.get(index).copied()).flatten()
    }

    /// The same cells in a terminal's indexed colours, dithered: what a pixel's colour is off by is spread over its
    /// neighbours, so that a meadow stays green on average. It takes milliseconds: keep the result.
    pub fn indexed(&self, palette: Palette) -> Vec<(u8, u8)> {
        let cols = usize::from(self.cols.max(1));
        // Errors carried into the pixel row at hand and into the next, with a spare place at both ends.
        let (mut here, mut below) = (vec![[0_i16; 3]; cols + 2], vec![[0_i16; 3]; cols + 2]);
        let mut row = |colours: &mut dyn Iterator<Item = [u8; 3]>| -> Vec<u8> {
            let mut indices = Vec::with_capacity(cols);
            for (col, colour) in colours.enumerate() {
                let (index, error) = dithered(palette, colour, here[col + 1]);
                indices.push(index);
                // Floyd and Steinberg's shares.
                for channel in 0..3 {
                    here[col + 2][channel] += error[channel] * 7 / 16;
                    below[col][channel] += error[channel] * 3 / 16;
                    below[col + 1][channel] += error[channel] * 5 / 16;
                    below[col + 2][channel] += error[channel] / 16;
                }
            }
            std::mem::swap(&mut here, &mut below);
            below.fill([0; 3]);
            indices
        };
        let mut cells = Vec::with_capacity(self.cells.len());
        for line in self.cells.chunks(cols) {
            let top = row(&mut line.iter().map(|cell| cell.0));
            let bottom = row(&mut line.iter().map(|cell| cell.1));
            cells.extend(top.into_iter().zip(bottom));
        }
        cells
    }
}

/// The nearest index to a colour that is already off by `carried`, and what that leaves. What goes far beyond black
/// or white is dropped, or colours that the palette cannot reach would smear over the picture.
fn dithered(palette: Palette, colour: [u8; 3], carried: [i16; 3]) -> (u8, [i16; 3]) {
    let wanted: [i16; 3] =
        std::array::from_fn(|channel| (i16::from(colour[channel]) + carried[channel]).clamp(-128, 383));
    let index = palette.nearest_light(wanted);
    let shown = Palette::rgb(index);
    let share = match palette {
        // The cube is fine enough for half of the error to do; all of it would show more grain than picture.
        Palette::Xterm256 => 2,
        Palette::Ansi16 => 1,
    };
    (
        index,
        std::array::from_fn(|channel| (wanted[channel] - i16::from(shown[channel])) / share),
    )
}

/// The picture stretched over `cols` by `rows` cells; [`super::fit`] chooses them so that its shape is kept.
pub fn encode(picture: &Pixmap, cols: u16, rows: u16) -> Blocks {
    let (cols, rows) = (cols.max(1), rows.max(1));
    let pixels = scale(picture, u32::from(cols), u32::from(rows) * 2);
    let (lines, _) = pixels.rgb.as_chunks::<3>();
    let mut cells = Vec::with_capacity(usize::from(cols) * usize::from(rows));
    for pair in lines.chunks_exact(usize::from(cols) * 2) {
        let (top, bottom) = pair.split_at(usize::from(cols));
        cells.extend(top.iter().copied().zip(bottom.iter().copied()));
    }
    Blocks { cols, rows, cells }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_the_pixel_above_and_the_pixel_below() {
        let rgb = vec![255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
        let picture = Pixmap::from_rgb(2, 2, rgb).unwrap();
        let blocks = encode(&picture, 2, 1);
        assert_eq!(
            blocks.cells,
            vec![([255, 0, 0], [0, 0, 255]), ([0, 255, 0], [255, 255, 255])]
        );
        assert_eq!(blocks.cell(1, 0), Some(([0, 255, 0], [255, 255, 255])));
        assert_eq!(blocks.cell(2, 0), None);
        assert_eq!(blocks.indexed(Palette::Xterm256)[0], (196, 21));
    }

    #[test]
    fn indexed_colours_are_right_on_average() {
        for colour in [[90, 120, 60], [200, 160, 140], [30, 30, 40]] {
            let blocks = encode(&Pixmap::filled(40, 40, colour), 40, 20);
            for palette in [Palette::Xterm256, Palette::Ansi16] {
                let shown = blocks.indexed(palette);
                let halves = || shown.iter().flat_map(|cell| [cell.0, cell.1]).map(Palette::rgb);
                for (channel, wanted) in colour.into_iter().enumerate() {
                    let mean = halves().map(|rgb| u32::from(rgb[channel])).sum::<u32>() / 1600;
                    assert!(
                        mean.abs_diff(u32::from(wanted)) < 32,
                        "{colour:?}, {palette:?}: {mean}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_large_picture_fills_every_cell() {
        let blocks = encode(&Pixmap::filled(333, 77, [9, 8, 7]), 41, 13);
        assert_eq!(blocks.cells.len(), 41 * 13);
        assert!(blocks.cells.iter().all(|cell| *cell == ([9, 8, 7], [9, 8, 7])));
    }
}
