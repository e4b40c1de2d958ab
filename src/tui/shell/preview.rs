//! What is made of a picture for the terminal: pixels to bytes, by the terminal's protocol. It reads no file and knows
//! no task; who wants it when is the desk's.

use ratatui::layout::Size;
use tokio::sync::oneshot;

use crate::error::{Error, Kind, Result};
use crate::graphics::MAX_CELLS;
use crate::graphics::kitty::Wrap;
use crate::graphics::{
    self, Backdrop, CellSize, Palette, Pixmap, Protocol, Strip, halfblocks, iterm2, near_lossless, sixel,
};
use crate::tui::pixels::{Blocks, Subject, Want};

/// Of a first paint: what is under way to be better need not be good.
const COARSE: u8 = 12;
/// Errors up to half of this are not seen, and half the bytes of a picture are saved; see `near_lossless`.
const FINE: u8 = 6;
/// Colours of a first paint by sixel.
const FEW: u16 = 24;

/// How pictures are made for this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(crate) protocol: Protocol,
    pub(crate) cell: CellSize,
    pub(crate) wrap: Wrap,
    /// The bytes travel over a network.
    pub(crate) remote: bool,
    /// tmux paints the pixels itself, and keeps few of them: a picture is one strip.
    pub(crate) whole: bool,
    /// The colours of half blocks, where there are few.
    pub(crate) palette: Option<Palette>,
    /// What shows through where a picture is transparent, and stands in for rows that have not arrived.
    pub(crate) backdrop: Backdrop,
}

/// How good a picture is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Grade {
    /// Its longer side has at most so many pixels, and they are coarse.
    Sketch(u32),
    /// As many as help, and no error that is seen.
    Good,
    /// Just its pixels.
    Exact,
}

/// A picture ready for the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Blocks(Blocks),
    /// A PNG file for kitty to keep.
    Png {
        png: Vec<u8>,
        cols: u16,
        rows: u16,
        pixels: (u32, u32),
    },
    /// Strips to be painted.
    Strips {
        strips: Vec<Strip>,
        cols: u16,
        rows: u16,
    },
}

/// The answer to one wish; most have two, a growing picture many.
#[derive(Debug)]
pub(crate) struct Preview {
    pub(crate) want: Want,
    pub(crate) result: Result<Made>,
    /// Rows painted of all rows, of a picture that is still arriving.
    pub(crate) rows: Option<(u32, u32)>,
    /// How much of it differs, in thousandths, of a difference.
    pub(crate) changed: Option<u16>,
    /// A better one follows.
    pub(crate) sketch: bool,
    /// Dropped or sent once the terminal shows it: what follows waits for that.
    pub(crate) shown: Option<oneshot::Sender<()>>,
}

/// The cells that a picture of this size takes in the area.
pub(crate) fn fit(size: (u32, u32), area: Size, encoding: &Encoding) -> Size {
    graphics::fit(size, area.width, area.height, encoding.cell).into()
}

/// What fills these cells with all of a picture.
pub(crate) fn make(picture: &Pixmap, cells: Size, encoding: &Encoding, grade: Grade) -> Result<Made> {
    let cell = encoding.cell;
    let (cols, rows) = (cells.width.clamp(1, MAX_CELLS), cells.height.clamp(1, MAX_CELLS));
    match encoding.protocol {
        Protocol::Off => Err(Error::new(Kind::Internal, "Pictures are off")),
        Protocol::HalfBlocks => {
            let blocks = halfblocks::encode(picture, cols, rows);
            let cells = match encoding.palette {
                // Spread over neighbours, what a colour is off by is seen less.
                Some(palette) => {
                    let rgb = |(top, bottom)| (Palette::rgb(top), Palette::rgb(bottom));
                    blocks.indexed(palette).into_iter().map(rgb).collect()
                }
                None => blocks.cells,
            };
            Ok(Made::Blocks(Blocks { cols, rows, cells }))
        }
        Protocol::KittyPlaceholders | Protocol::KittyClassic => {
            let small = shrunk(picture, cols, rows, cell, grade);
            let step = match grade {
                Grade::Sketch(_) => COARSE,
                Grade::Good if encoding.remote => FINE,
                Grade::Good | Grade::Exact => 1,
            };
            Ok(Made::Png {
                png: near_lossless::encode(&small, step),
                cols,
                rows,
                pixels: small.size(),
            })
        }
        Protocol::Iterm2 | Protocol::Sixel => Ok(Made::Strips {
            strips: strips(picture, cols, rows, encoding, grade),
            cols,
            rows,
        }),
    }
}

fn shrunk(picture: &Pixmap, cols: u16, rows: u16, cell: CellSize, grade: Grade) -> Pixmap {
    match grade {
        Grade::Sketch(longest) => graphics::shrink_to(picture, cols, rows, cell, longest),
        Grade::Good | Grade::Exact => graphics::shrink(picture, cols, rows, cell),
    }
}

fn strips(picture: &Pixmap, cols: u16, rows: u16, encoding: &Encoding, grade: Grade) -> Vec<Strip> {
    let &Encoding { cell, wrap, .. } = encoding;
    let small = shrunk(picture, cols, rows, cell, grade);
    // A strip is what a key may have to wait for, and what an overlay that closes costs.
    let at_once = |rows: u16| if encoding.whole { u16::MAX } else { rows };
    if encoding.protocol == Protocol::Iterm2 {
        let (quality, strip) = match grade {
            Grade::Sketch(_) => (Some(70), u16::MAX),
            Grade::Good if encoding.remote => (Some(85), 8),
            Grade::Good => (Some(92), 8),
            Grade::Exact => (None, 4),
        };
        let options = iterm2::Options {
            quality,
            rows: at_once(strip),
            wrap,
        };
        return iterm2::encode(&small, cols, rows, cell, &options);
    }
    // Sixel knows no enlarging, and smooth colours make long lines: the pixels of a sketch are blocks.
    let small = match grade {
        Grade::Sketch(_) => {
            let pixels = |cells: u16, pixels: u16| u32::from(cells) * u32::from(pixels);
            let coarse = shrunk(&small, cols, rows, cell, Grade::Sketch(graphics::FIRST_PAINT / 2));
            graphics::enlarge(&coarse, pixels(cols, cell.width), pixels(rows, cell.height))
        }
        Grade::Good | Grade::Exact => small,
    };
    let colours = match grade {
        Grade::Sketch(_) => FEW,
        Grade::Good if encoding.remote => 64,
        Grade::Good | Grade::Exact => 256,
    };
    let options = |colours| sixel::Options {
        colours,
        rows: at_once(2),
        wrap,
    };
    let all = sixel::encode(&small, cols, rows, cell, &options(colours));
    if !encoding.whole || fits_tmux(&all) {
        return all;
    }
    let fewer = sixel::encode(&small, cols, rows, cell, &options(32));
    if fits_tmux(&fewer) {
        return fewer;
    }
    let (width, height) = small.size();
    let coarse = graphics::scale(&small, width / 3, height / 3);
    sixel::encode(
        &graphics::enlarge(&coarse, width, height),
        cols,
        rows,
        cell,
        &options(32),
    )
}

/// tmux drops what is longer than a megabyte without a word.
fn fits_tmux(strips: &[Strip]) -> bool {
    strips.iter().all(|strip| strip.bytes.len() < 1_000_000)
}

/// How good this is to be in the end: pixels that are looked at one by one are kept as they are.
pub(crate) fn grade(want: &Want, cell: CellSize) -> Grade {
    let has_room = |cells: u16, cell: u16, pixels: u32| u32::from(cells) * u32::from(cell) >= pixels;
    match &want.subject {
        Subject::Part(_, window)
        | Subject::Wipe {
            window: Some(window), ..
        } if has_room(want.area.width, cell.width, window.width)
            && has_room(want.area.height, cell.height, window.height) =>
        {
            Grade::Exact
        }
        _ => Grade::Good,
    }
}
