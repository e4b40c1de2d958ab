//! A picture into cells: half blocks in as many colours as the terminal has, or kitty's placeholders, which name the
//! piece of the picture that belongs there on every terminal that shows pixels.

use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use crate::graphics::Palette;
use crate::graphics::kitty::placeholder;
use crate::tui::pixels::{Blocks, ColourDepth, Shown};

/// Draws a picture in the middle of `area`, cut where it is larger.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, shown: &Shown, depth: ColourDepth) {
    let (rect, crop) = place(area, shown);
    paint(buffer, rect, crop, shown, depth);
}

/// [`draw`], of these columns of the screen alone.
pub(super) fn draw_columns(
    buffer: &mut Buffer,
    area: Rect,
    shown: &Shown,
    columns: Range<u16>,
    depth: ColourDepth,
) {
    let (rect, crop) = place(area, shown);
    let left = rect.x.max(columns.start);
    let right = rect.right().min(columns.end);
    if left < right {
        let width = right - left;
        let x = crop.x + (left - rect.x);
        let part = |of: Rect, x: u16| Rect { x, width, ..of };
        paint(buffer, part(rect, left), part(crop, x), shown, depth);
    }
}

/// Where the picture goes in the middle of `area`, and which of its cells are seen there.
pub(super) fn place(area: Rect, shown: &Shown) -> (Rect, Rect) {
    let (cols, rows) = shown.size();
    let (width, height) = (cols.min(area.width), rows.min(area.height));
    let rect = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    let crop = Rect {
        x: (cols - width) / 2,
        y: (rows - height) / 2,
        width,
        height,
    };
    (rect, crop)
}

/// Draws these cells of a picture into `rect`, which is as large as they are.
pub(super) fn paint(buffer: &mut Buffer, rect: Rect, crop: Rect, shown: &Shown, depth: ColourDepth) {
    match shown {
        Shown::Blocks(blocks) => blocks_into(buffer, rect, crop, blocks, depth),
        // The number is a colour, because that is where kitty looks for it.
        Shown::Pieces { id, .. } => {
            let style = Style::reset().fg(Color::Indexed(*id));
            for_each(buffer, rect, crop, |cell, col, row| {
                cell.set_symbol(&placeholder(row, col)).set_style(style);
            });
        }
    }
}

/// Every cell of `rect` with its column and row in the whole picture.
fn for_each(buffer: &mut Buffer, rect: Rect, crop: Rect, mut paint: impl FnMut(&mut Cell, u16, u16)) {
    for row in 0..rect.height {
        for col in 0..rect.width {
            if let Some(cell) = buffer.cell_mut((rect.x + col, rect.y + row)) {
                paint(cell, crop.x + col, crop.y + row);
            }
        }
    }
}

fn blocks_into(buffer: &mut Buffer, rect: Rect, crop: Rect, blocks: &Blocks, depth: ColourDepth) {
    for_each(buffer, rect, crop, |cell, col, row| {
        let index = usize::from(row) * usize::from(blocks.cols) + usize::from(col);
        let Some((top, bottom)) = blocks.cells.get(index) else {
            return;
        };
        if depth == ColourDepth::None {
            cell.set_symbol(shade(*top, *bottom));
        } else {
            let style = Style::new().fg(colour(*top, depth)).bg(colour(*bottom, depth));
            cell.set_symbol("▀").set_style(style);
        }
    });
}

/// Without colours a cell is as dense as its two pixels are bright.
fn shade(top: [u8; 3], bottom: [u8; 3]) -> &'static str {
    let light = u32::midpoint(luma(top), luma(bottom));
    [" ", "░", "▒", "▓", "█"][usize::try_from(light * 5 / 256).unwrap_or(0).min(4)]
}

fn luma([red, green, blue]: [u8; 3]) -> u32 {
    (u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114) / 1000
}

fn colour(rgb @ [red, green, blue]: [u8; 3], depth: ColourDepth) -> Color {
    match depth {
        ColourDepth::True | ColourDepth::None => Color::Rgb(red, green, blue),
        ColourDepth::TwoFiftySix => Color::Indexed(indexed(rgb)),
        ColourDepth::Sixteen => sixteen(rgb),
    }
}

/// The nearest of the 6×6×6 cube and of the 24 greys.
fn indexed(rgb: [u8; 3]) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |value: u8| {
        (0..6u8)
            .min_by_key(|level| LEVELS[usize::from(*level)].abs_diff(value))
            .unwrap_or(0)
    };
    let [red, green, blue] = rgb.map(nearest);
    let cube = [red, green, blue].map(|level| LEVELS[usize::from(level)]);
    let step = u8::try_from((luma(rgb).saturating_sub(3) / 10).min(23)).unwrap_or(23);
    let grey = 8 + 10 * step;
    if distance(rgb, [grey; 3]) < distance(rgb, cube) {
        232 + step
    } else {
        16 + 36 * red + 6 * green + blue
    }
}

/// The nearest of the terminal's own sixteen, as xterm paints them: what a theme made of them is not known.
fn sixteen(rgb: [u8; 3]) -> Color {
    const NAMES: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    let nearest = (0..)
        .zip(NAMES)
        .min_by_key(|(index, _)| distance(rgb, Palette::rgb(*index)));
    nearest.map_or(Color::Reset, |(_, colour)| colour)
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter()
        .zip(other)
        .map(|(one, other)| u32::from(one.abs_diff(other)).pow(2))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_fall_to_the_nearest_the_terminal_has() {
        assert_eq!(indexed([255, 0, 0]), 196);
        assert_eq!(indexed([0, 0, 0]), 16);
        assert_eq!(indexed([128, 128, 128]), 244);
        assert_eq!(sixteen([250, 250, 250]), Color::White);
        assert_eq!(sixteen([20, 150, 20]), Color::Green);
        assert_eq!(shade([255; 3], [255; 3]), "█");
        assert_eq!(shade([0; 3], [0; 3]), " ");
    }

    #[test]
    fn a_picture_too_large_for_its_box_is_cut_in_the_middle() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 4));
        let shown = Shown::Pieces {
            id: 7,
            cols: 10,
            rows: 2,
        };
        let area = Rect::new(1, 0, 4, 4);
        draw(&mut buffer, area, &shown, ColourDepth::True);
        assert_eq!(buffer[(1, 1)].symbol(), placeholder(0, 3));
        assert_eq!(buffer[(4, 2)].symbol(), placeholder(1, 6));
        assert_eq!(buffer[(4, 2)].fg, Color::Indexed(7));
        assert_eq!(buffer[(5, 1)].symbol(), " ");
    }

    #[test]
    fn cells_that_have_not_arrived_stay_blank() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 2));
        let cells = vec![([255, 0, 0], [0, 0, 255]); 2];
        let shown = Shown::Blocks(Blocks {
            cols: 2,
            rows: 2,
            cells,
        });
        draw(&mut buffer, Rect::new(0, 0, 2, 2), &shown, ColourDepth::True);
        assert_eq!(buffer[(1, 0)].symbol(), "▀");
        assert_eq!(
            (buffer[(1, 0)].fg, buffer[(1, 0)].bg),
            (Color::Rgb(255, 0, 0), Color::Rgb(0, 0, 255))
        );
        assert_eq!(buffer[(0, 1)].symbol(), " ");
    }
}
