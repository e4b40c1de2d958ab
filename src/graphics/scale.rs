//! How large a picture is shown, and making it that large. It decides no position and no protocol.

use fast_image_resize as fir;
use fir::images::{Image, ImageRef};

use super::{CellSize, Pixmap};

/// The most columns or rows that a picture may take: kitty's placeholders can count no further.
pub const MAX_CELLS: u16 = 297;

/// How many times a small picture is enlarged at most to fill its box; more shows pixels and no picture.
pub const MAX_ENLARGEMENT: f64 = 4.0;

/// The longer side, in pixels, of what is shown at once while the whole picture follows, and of thumbnails.
pub const FIRST_PAINT: u32 = 160;

/// The cells that a picture takes inside a box of `cols` by `rows`: as many as its shape allows, at most
/// [`MAX_ENLARGEMENT`] times its pixels, never none, at most [`MAX_CELLS`]. The side that does not fill the box is
/// rounded to whole cells, so the shape is off by half a cell at most.
pub fn fit(picture: (u32, u32), cols: u16, rows: u16, cell: CellSize) -> (u16, u16) {
    let (cols, rows) = (cols.clamp(1, MAX_CELLS), rows.clamp(1, MAX_CELLS));
    let (width, height) = (f64::from(picture.0.max(1)), f64::from(picture.1.max(1)));
    let (cell_width, cell_height) = (f64::from(cell.width.max(1)), f64::from(cell.height.max(1)));
    let across = f64::from(cols) * cell_width / width;
    let down = f64::from(rows) * cell_height / height;
    let factor = across.min(down).min(MAX_ENLARGEMENT);
    let cells = |pixels: f64, cell: f64, most: u16| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to a u16's range first"
        )]
        let count = (pixels * factor / cell).round().clamp(1.0, f64::from(most)) as u16;
        count
    };
    (cells(width, cell_width, cols), cells(height, cell_height, rows))
}

/// The picture at exactly this size, which need not keep its shape. At least one pixel each way.
pub fn scale(picture: &Pixmap, width: u32, height: u32) -> Pixmap {
    let (width, height) = (width.max(1), height.max(1));
    if picture.size() == (width, height) {
        return picture.clone();
    }
    resized(picture, width, height).unwrap_or_else(|| Pixmap::filled(width, height, [0; 3]))
}

/// The picture for a placement of `cols` by `rows` cells: scaled to their pixels where it has more, smaller where it
/// has fewer, for the terminal enlarges better than the link carries. Its shape is always that of the cells.
pub fn shrink(picture: &Pixmap, cols: u16, rows: u16, cell: CellSize) -> Pixmap {
    shrink_to(picture, cols, rows, cell, u32::MAX)
}

/// [`shrink`], to [`FIRST_PAINT`] pixels: what is shown at once, in the place where the whole picture will be.
pub fn first_paint(picture: &Pixmap, cols: u16, rows: u16, cell: CellSize) -> Pixmap {
    shrink_to(picture, cols, rows, cell, FIRST_PAINT)
}

/// [`shrink`], to at most this many pixels of the longer side.
pub fn shrink_to(picture: &Pixmap, cols: u16, rows: u16, cell: CellSize, longest: u32) -> Pixmap {
    let width = f64::from(cols.max(1)) * f64::from(cell.width.max(1));
    let height = f64::from(rows.max(1)) * f64::from(cell.height.max(1));
    let (own_width, own_height) = (f64::from(picture.width), f64::from(picture.height));
    let enough = (own_width / width).max(own_height / height);
    let factor = enough.min(f64::from(longest) / width.max(height)).min(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a fraction of two u16s' product"
    )]
    let pixels = |length: f64| (length * factor).round() as u32;
    scale(picture, pixels(width), pixels(height))
}

/// The picture at this size, each of its pixels a rectangle of one colour: for encodings that store runs.
pub fn enlarge(picture: &Pixmap, width: u32, height: u32) -> Pixmap {
    let mut large = Pixmap::filled(width.max(1), height.max(1), [0; 3]);
    if picture.rgb.is_empty() {
        return large;
    }
    let (own_width, own_height) = (picture.width as usize, picture.height as usize);
    let (width, height) = (large.width as usize, large.height as usize);
    let stride = large.stride();
    for (y, row) in large.rgb.chunks_exact_mut(stride).enumerate() {
        let line = &picture.rgb[y * own_height / height * own_width * 3..][..own_width * 3];
        for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            pixel.copy_from_slice(&line[x * own_width / width * 3..][..3]);
        }
    }
    large
}

/// Nothing where the source has no pixels or its bytes do not match its size.
fn resized(picture: &Pixmap, width: u32, height: u32) -> Option<Pixmap> {
    let source = ImageRef::new(picture.width, picture.height, &picture.rgb, fir::PixelType::U8x3).ok()?;
    let mut target = Image::new(width, height, fir::PixelType::U8x3);
    // In gamma-encoded light, as every viewer does: linear light costs ten times as much and differs in fine
    // black-and-white patterns only.
    let filter = fir::ResizeAlg::Convolution(fir::FilterType::CatmullRom);
    let options = fir::ResizeOptions::new().resize_alg(filter).use_alpha(false);
    fir::Resizer::new().resize(&source, &mut target, &options).ok()?;
    Pixmap::from_rgb(width, height, target.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: CellSize = CellSize { width: 9, height: 19 };

    #[test]
    fn a_picture_keeps_its_shape_but_for_half_a_cell() {
        for picture in [
            (1024, 1024),
            (12_288, 1536),
            (1536, 12_288),
            (6336, 2688),
            (848, 1264),
            (3, 2000),
        ] {
            for (cols, rows) in [(80, 40), (1, 1), (7, 90), (200, 3), (500, 500)] {
                let (fit_cols, fit_rows) = fit(picture, cols, rows, CELL);
                assert!((1..=cols).contains(&fit_cols) && (1..=rows).contains(&fit_rows));
                let width = f64::from(fit_cols) * f64::from(CELL.width);
                let height = f64::from(fit_rows) * f64::from(CELL.height);
                let shape = f64::from(picture.0) / f64::from(picture.1);
                // One cell is the least there is, however thin the picture.
                let off_across = (width - height * shape).abs() / f64::from(CELL.width);
                let off_down = (height - width / shape).abs() / f64::from(CELL.height);
                let thin = fit_cols == 1 || fit_rows == 1;
                assert!(
                    thin || off_across.min(off_down) <= 0.501,
                    "{picture:?} in {cols}×{rows}"
                );
            }
        }
    }

    #[test]
    fn a_picture_fills_its_box_unless_it_is_tiny() {
        assert_eq!(
            fit(
                (1024, 1024),
                80,
                40,
                CellSize {
                    width: 10,
                    height: 20
                }
            ),
            (80, 40)
        );
        assert_eq!(
            fit(
                (100, 100),
                80,
                40,
                CellSize {
                    width: 10,
                    height: 20
                }
            ),
            (40, 20)
        );
        assert_eq!(fit((0, 0), 0, 0, CellSize { width: 0, height: 0 }), (1, 1));
    }

    #[test]
    fn what_is_sent_has_the_shape_of_its_cells_and_no_more_pixels_than_help() {
        let cell = CellSize {
            width: 10,
            height: 20,
        };
        let picture = Pixmap::filled(1024, 768, [1, 2, 3]);
        assert_eq!(shrink(&picture, 80, 30, cell).size(), (800, 600));
        assert_eq!(first_paint(&picture, 80, 30, cell).size(), (160, 120));
        assert_eq!(shrink(&picture, 240, 90, cell).size(), (1024, 768));
        assert_eq!(
            first_paint(&Pixmap::filled(20, 10, [0; 3]), 4, 1, cell).size(),
            (20, 10)
        );
        assert_eq!(shrink(&picture, 80, 30, cell).rgb[..3], [1, 2, 3]);
    }
}
