//! Sixel: pictures as bands of six rows of pixels, colour by colour, drawn at the cursor. It makes the bytes of whole
//! strips; where and when they are written is decided elsewhere.

use super::kitty::{Wrap, wrapped};
use super::quantise::{Quantised, quantise};
use super::{CellSize, Pixmap, Strip, scale};

/// Rows of pixels in a band.
const BAND: usize = 6;

/// No strip of more than one row of cells is longer: tmux drops sequences of a megabyte.
const LONGEST: usize = 900_000;

/// Blanks within a colour that are cheaper to write than to go on in another place.
const SHORT_GAP: usize = 6;

/// How a picture becomes sixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// 16 to 256. Fewer make less to send.
    pub colours: u16,
    /// Rows of cells in a strip; [`u16::MAX`] makes one strip of all, unless it gets too long for tmux. Each strip
    /// tells its colours again, and begins a new band: strips of a few rows cost some percent more, single rows a
    /// third.
    pub rows: u16,
    pub wrap: Wrap,
}

/// The picture for `cols` by `rows` cells, scaled to exactly their pixels. All strips share one palette, so that no edge
/// is seen between them.
pub fn encode(picture: &Pixmap, cols: u16, rows: u16, cell: CellSize, options: &Options) -> Vec<Strip> {
    let (width, line) = (
        usize::from(cols.max(1)) * usize::from(cell.width.max(1)),
        usize::from(cell.height.max(1)),
    );
    let pixels = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    let small = scale(picture, pixels(width), pixels(line * usize::from(rows.max(1))));
    let quantised = quantise(&small, usize::from(options.colours.clamp(16, 256)));
    let mut press = Press::new(width, &quantised);
    let mut strips = Vec::new();
    // What is still to be done, the last first.
    let mut pieces: Vec<(u16, u16)> = Vec::new();
    for row in (0..rows.max(1)).step_by(usize::from(options.rows.max(1))) {
        pieces.push((row, options.rows.max(1).min(rows.max(1) - row)));
    }
    pieces.reverse();
    while let Some((row, rows)) = pieces.pop() {
        let from = usize::from(row) * line * width;
        let bytes = press.strip(&quantised.indices[from..from + usize::from(rows) * line * width]);
        if bytes.len() > LONGEST && rows > 1 {
            let half = rows / 2;
            pieces.extend([(row + half, rows - half), (row, half)]);
            continue;
        }
        let bytes = wrapped(bytes, options.wrap);
        strips.push(Strip { row, rows, bytes });
    }
    strips
}

/// Where colours are laid over each other, with room that is used again for every band.
///
/// A pixel shows the colour that was drawn last, so a colour drawn early may cover whatever is drawn over later, and
/// its runs grow long: a background is one run however much stands before it.
struct Press<'a> {
    width: usize,
    colours: &'a [[u8; 3]],
    /// Of each colour the columns that it has pixels in, and which of the six.
    columns: Vec<Vec<(usize, u8)>>,
    /// Of each column the pixels that have their colour and must keep it.
    settled: Vec<u8>,
    /// Of each column the number of passes so far that drew there.
    passes: Vec<usize>,
    lines: Vec<Line>,
}

/// One pass of the head from left to right, in colours that do not touch each other.
#[derive(Default)]
struct Line {
    end: usize,
    colour: usize,
    bytes: Vec<u8>,
}

/// The same six pixels, several times.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    bits: u8,
}

impl<'a> Press<'a> {
    fn new(width: usize, quantised: &'a Quantised) -> Self {
        Self {
            width,
            colours: &quantised.colours,
            columns: vec![Vec::new(); quantised.colours.len()],
            settled: vec![0; width],
            passes: vec![0; width],
            lines: Vec::new(),
        }
    }

    /// A whole sequence for these rows of pixels.
    fn strip(&mut self, indices: &[u8]) -> Vec<u8> {
        let height = indices.len() / self.width;
        let mut out = Vec::with_capacity(indices.len());
        // Square pixels, so many of them; those that no band sets stay what they were.
        out.extend_from_slice(format!("\x1bP0;1;0q\"1;1;{};{height}", self.width).as_bytes());
        self.define(indices, &mut out);
        for (number, band) in indices.chunks(self.width * BAND).enumerate() {
            if number > 0 {
                out.push(b'-');
            }
            self.band(band, &mut out);
        }
        out.extend_from_slice(b"\x1b\\");
        out
    }

    /// Tells the colours that these pixels have.
    fn define(&self, indices: &[u8], out: &mut Vec<u8>) {
        let mut used = [false; 256];
        for &index in indices {
            used[usize::from(index)] = true;
        }
        for (number, colour) in self
            .colours
            .iter()
            .enumerate()
            .filter(|(number, _)| used[*number])
        {
            let [red, green, blue] = colour.map(|byte| (u32::from(byte) * 100 + 127) / 255);
            out.extend_from_slice(format!("#{number};2;{red};{green};{blue}").as_bytes());
        }
    }

    fn band(&mut self, indices: &[u8], out: &mut Vec<u8>) {
        self.sort(indices);
        let mut order: Vec<usize> = (0..self.columns.len())
            .filter(|&colour| !self.columns[colour].is_empty())
            .collect();
        // Those in the most pieces first: they have the most to cover.
        order.sort_by_key(|&colour| std::cmp::Reverse(self.columns[colour].len()));
        let mut runs = Vec::new();
        for colour in order {
            let columns = std::mem::take(&mut self.columns[colour]);
            self.runs(&columns, &mut runs);
            for (column, bits) in &columns {
                self.settled[*column] |= bits;
            }
            self.columns[colour] = columns;
            for piece in runs.chunk_by(|one, next| next.start - one.end <= SHORT_GAP) {
                self.draw(colour, piece);
            }
        }
        for (number, line) in self
            .lines
            .iter_mut()
            .enumerate()
            .take_while(|(_, line)| line.end > 0)
        {
            if number > 0 {
                out.push(b'$');
            }
            out.append(&mut line.bytes);
            line.end = 0;
        }
    }

    /// Sorts a band's pixels by their colours. Pixels below the strip count as settled: they are not ours.
    fn sort(&mut self, indices: &[u8]) {
        self.columns.iter_mut().for_each(Vec::clear);
        let rows = indices.len() / self.width;
        self.settled.fill(!((1 << rows) - 1));
        self.passes.fill(0);
        for column in 0..self.width {
            for row in 0..rows {
                let columns = &mut self.columns[usize::from(indices[row * self.width + column])];
                match columns.last_mut() {
                    Some((last, bits)) if *last == column => *bits |= 1 << row,
                    _ => columns.push((column, 1 << row)),
                }
            }
        }
    }

    /// The runs of one colour, each as long as what is settled allows.
    fn runs(&self, columns: &[(usize, u8)], runs: &mut Vec<Run>) {
        runs.clear();
        let mut rest = columns;
        while let [(start, bits), after @ ..] = rest {
            let (mut bits, mut free) = (*bits, !self.settled[*start]);
            let (mut end, mut column) = (start + 1, start + 1);
            rest = after;
            while let [(next, wanted), after @ ..] = rest {
                let wanted = if *next == column { *wanted } else { 0 };
                let still_free = free & !self.settled[column];
                if (bits | wanted) & !still_free != 0 {
                    break;
                }
                free = still_free;
                bits |= wanted;
                if *next == column {
                    rest = after;
                    end = column + 1;
                }
                column += 1;
            }
            runs.push(Run {
                start: *start,
                end,
                bits,
            });
        }
    }

    /// Draws a piece of one colour in the first pass that has room for it and comes after all that it may cover.
    fn draw(&mut self, colour: usize, piece: &[Run]) {
        let [first, ..] = piece else { return };
        let end = piece.last().map_or(first.end, |last| last.end);
        let after = self.passes[first.start..end].iter().max().map_or(0, |most| *most);
        let found = (after..self.lines.len()).find(|&line| self.lines[line].end <= first.start);
        let number = found.unwrap_or_else(|| {
            self.lines
                .resize_with((self.lines.len() + 1).max(after + 1), Line::default);
            self.lines.len() - 1
        });
        let line = &mut self.lines[number];
        if line.end == 0 || line.colour != colour {
            line.colour = colour;
            line.bytes.push(b'#');
            push_number(colour, &mut line.bytes);
        }
        for run in piece {
            push_run(run.start - line.end, 0, &mut line.bytes);
            push_run(run.end - run.start, run.bits, &mut line.bytes);
            line.end = run.end;
            self.passes[run.start..run.end].fill(number + 1);
        }
    }
}

fn push_run(count: usize, bits: u8, out: &mut Vec<u8>) {
    let character = b'?' + (bits & 63);
    if count > 3 {
        out.push(b'!');
        push_number(count, out);
        out.push(character);
    } else {
        out.extend(std::iter::repeat_n(character, count));
    }
}

fn push_number(number: usize, out: &mut Vec<u8>) {
    if number >= 10 {
        push_number(number / 10, out);
    }
    out.push(b'0' + u8::try_from(number % 10).unwrap_or(0));
}

#[cfg(test)]
mod tests;
