//! Puts the pixels of pictures where a frame names their pieces, on terminals that know no placeholders. It compares
//! what the cells say with what the terminal shows, and makes the bytes for the difference; it sends nothing.
//!
//! Two kinds of terminals: one keeps the picture and places rectangles of it over the text (kitty before 0.28, Konsole);
//! on the other pixels are paint, which text wipes away and which is brushed on again strip by strip.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;

use super::gallery::{Gallery, Held};
use crate::graphics::Window;
use crate::graphics::kitty::{self, Wrap};

/// Which piece of which picture a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    id: u8,
    row: u16,
    col: u16,
}

impl Piece {
    fn of(cell: &Cell) -> Option<Self> {
        let (row, col) = kitty::piece(cell.symbol())?;
        let Color::Indexed(id) = cell.fg else { return None };
        Some(Self { id, row, col })
    }
}

/// A rectangle of cells that shows a rectangle of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Patch {
    id: u8,
    on_screen: Rect,
    /// Its first cell in the picture.
    row: u16,
    col: u16,
}

/// What the terminal shows of pictures.
#[derive(Debug, Default)]
pub(crate) struct Placer {
    columns: u16,
    /// What the cells of the last frame say.
    wanted: Vec<Option<Piece>>,
    /// What was painted and has not been wiped away since.
    painted: Vec<Option<Piece>>,
    /// What is placed, each under its number.
    placed: BTreeMap<u32, Patch>,
    last: u32,
}

/// A strip to be painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stroke {
    id: u8,
    strip: usize,
    /// The cells that it covers.
    area: Rect,
}

impl Stroke {
    /// The bytes of a strip at its place. They are to end in `ESC 8`, which undoes what they do to the cursor.
    pub(crate) fn bytes(&self, gallery: &Gallery) -> Option<Vec<u8>> {
        let strip = gallery.get(self.id)?.strips.get(self.strip)?;
        let mut bytes = Vec::with_capacity(strip.bytes.len() + 64);
        let (x, y) = (u32::from(self.area.x) + 1, u32::from(self.area.y) + 1);
        // Writing into memory does not fail.
        let _ = write!(bytes, "\x1b7\x1b[{y};{x}H");
        bytes.extend_from_slice(&strip.bytes);
        Some(bytes)
    }
}

impl Placer {
    /// Takes in what a frame says, before its pixels are put up.
    pub(crate) fn look(&mut self, frame: &Buffer) {
        self.columns = frame.area.width;
        self.wanted.clear();
        self.wanted.extend(frame.content().iter().map(Piece::of));
        self.painted.resize(self.wanted.len(), None);
        for (painted, wanted) in self.painted.iter_mut().zip(&self.wanted) {
            // What is no picture any more was written over.
            if wanted.is_none() {
                *painted = None;
            }
        }
    }

    /// The screen is empty, or is another one.
    pub(crate) fn forget(&mut self) {
        self.painted.clear();
        self.placed.clear();
    }

    fn at(&self, index: usize) -> (u16, u16) {
        let columns = usize::from(self.columns.max(1));
        let short = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
        (short(index % columns), short(index / columns))
    }

    // ---- pictures that the terminal keeps and places

    /// Whether [`Placer::place`] has nothing to do.
    pub(crate) fn is_placed(&self) -> bool {
        let patches = self.patches();
        patches.len() == self.placed.len()
            && patches
                .iter()
                .all(|patch| self.placed.values().any(|placed| placed == patch))
    }

    /// The bytes that place just what the frame says: the new before the old is taken away, so that nothing flickers.
    pub(crate) fn place(&mut self, gallery: &Gallery, wrap: Wrap) -> Vec<u8> {
        let patches = self.patches();
        let mut bytes = Vec::new();
        for patch in &patches {
            if self.placed.values().any(|placed| placed == patch) {
                continue;
            }
            let Some(held) = gallery.get(patch.id) else {
                continue;
            };
            self.last = self.last % 1_000_000 + 1;
            let Rect { x, y, width, height } = patch.on_screen;
            // Writing into memory does not fail.
            let _ = write!(bytes, "\x1b7\x1b[{};{}H", u32::from(y) + 1, u32::from(x) + 1);
            bytes.extend(kitty::place_part(
                patch.id,
                self.last,
                source(held, patch),
                width,
                height,
                wrap,
            ));
            bytes.extend_from_slice(b"\x1b8");
            self.placed.insert(self.last, *patch);
        }
        let gone: Vec<_> = self
            .placed
            .iter()
            .filter(|(_, placed)| !patches.contains(placed))
            .map(|(number, placed)| (*number, placed.id))
            .collect();
        for (number, id) in gone {
            self.placed.remove(&number);
            bytes.extend(kitty::delete_one(id, number, wrap));
        }
        bytes
    }

    /// The cells that show pieces as few rectangles, each of which shows one of its picture.
    fn patches(&self) -> Vec<Patch> {
        let mut patches: Vec<Patch> = Vec::new();
        // Rectangles that may go on in the next row, by where they begin.
        let mut open: HashMap<(u16, u8), usize> = HashMap::new();
        let columns = usize::from(self.columns.max(1));
        for (y, line) in self.wanted.chunks(columns).enumerate() {
            let mut next = HashMap::new();
            for run in runs(line, u16::try_from(y).unwrap_or(u16::MAX)) {
                let key = (run.on_screen.x, run.id);
                let grown = open
                    .get(&key)
                    .and_then(|at| patches.get_mut(*at))
                    .filter(|patch| {
                        patch.on_screen.width == run.on_screen.width
                            && patch.col == run.col
                            && patch.row + patch.on_screen.height == run.row
                    });
                if let Some(patch) = grown {
                    patch.on_screen.height += 1;
                    next.extend(open.get(&key).map(|at| (key, *at)));
                } else {
                    next.insert(key, patches.len());
                    patches.push(run);
                }
            }
            open = next;
        }
        patches
    }

    // ---- pictures that are painted

    /// The next strip that is not, or no longer whole, on the screen.
    pub(crate) fn stroke(&self, gallery: &Gallery) -> Option<Stroke> {
        let owed = self.wanted.iter().zip(&self.painted).enumerate();
        let mut owed = owed.filter_map(|(index, (wanted, painted))| {
            wanted.filter(|_| wanted != painted).map(|piece| (index, piece))
        });
        owed.find_map(|(index, piece)| {
            let held = gallery.get(piece.id)?;
            let is_it =
                |strip: &crate::graphics::Strip| (strip.row..strip.row + strip.rows).contains(&piece.row);
            let strip = held.strips.iter().position(is_it)?;
            let (x, y) = self.at(index);
            let below = piece.row - held.strips[strip].row;
            let area = Rect {
                x: x.checked_sub(piece.col)?,
                y: y.checked_sub(below)?,
                width: held.cols,
                height: held.strips[strip].rows,
            };
            Some(Stroke {
                id: piece.id,
                strip,
                area,
            })
        })
    }

    /// The cells under a strip that show something else.
    pub(crate) fn covered(&self, stroke: &Stroke) -> Vec<(u16, u16)> {
        let cells = stroke.area.positions().filter(|at| at.x < self.columns);
        let is_covered =
            |&(x, y): &(u16, u16)| matches!(self.index(x, y).map(|at| self.wanted[at]), Some(None));
        cells.map(|at| (at.x, at.y)).filter(is_covered).collect()
    }

    /// The strip is on its way: until it is known to be there, nobody can say what its cells show.
    pub(crate) fn begun(&mut self, stroke: &Stroke) {
        self.cover(stroke, |_| None);
    }

    /// The strip is on the screen.
    pub(crate) fn painted(&mut self, stroke: &Stroke) {
        self.cover(stroke, |wanted| wanted.filter(|piece| piece.id == stroke.id));
    }

    fn cover(&mut self, stroke: &Stroke, with: impl Fn(Option<Piece>) -> Option<Piece>) {
        for at in stroke.area.positions() {
            if let Some(index) = self.index(at.x, at.y) {
                self.painted[index] = with(self.wanted[index]);
            }
        }
    }

    fn index(&self, x: u16, y: u16) -> Option<usize> {
        let index = usize::from(y) * usize::from(self.columns) + usize::from(x);
        (x < self.columns && index < self.wanted.len().min(self.painted.len())).then_some(index)
    }
}

/// The pixels of a picture behind these cells.
fn source(held: &Held, patch: &Patch) -> Window {
    let along = |cells: u16, of: u16, pixels: u32| {
        let exact = (u64::from(cells) * u64::from(pixels) + u64::from(of) / 2) / u64::from(of.max(1));
        u32::try_from(exact).unwrap_or(u32::MAX)
    };
    let across = |cells| along(cells, held.cols, held.pixels.0);
    let down = |cells| along(cells, held.rows, held.pixels.1);
    let Rect { width, height, .. } = patch.on_screen;
    let (x, y) = (across(patch.col), down(patch.row));
    Window {
        x,
        y,
        width: across(patch.col + width).saturating_sub(x).max(1),
        height: down(patch.row + height).saturating_sub(y).max(1),
    }
}

/// Neighbouring cells of a row that show neighbouring pieces.
fn runs(line: &[Option<Piece>], y: u16) -> Vec<Patch> {
    let mut runs: Vec<Patch> = Vec::new();
    for (x, piece) in (0..).zip(line) {
        let Some(Piece { id, row, col }) = *piece else {
            continue;
        };
        if let Some(run) = runs.last_mut()
            && (run.id, run.row) == (id, row)
            && run.on_screen.right() == x
            && run.col + run.on_screen.width == col
        {
            run.on_screen.width += 1;
        } else {
            let on_screen = Rect::new(x, y, 1, 1);
            runs.push(Patch {
                id,
                on_screen,
                row,
                col,
            });
        }
    }
    runs
}

#[cfg(test)]
#[path = "placer/tests.rs"]
mod tests;
