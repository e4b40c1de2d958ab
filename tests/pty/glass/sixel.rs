//! Sixel: six rows of pixels at a time, one colour after the other.

use super::{Painting, Pixel};

/// The picture that a DCS string holds, if it is sixel.
pub(super) fn decode(body: &[u8]) -> Option<Painting> {
    let start = body
        .iter()
        .position(|byte| !byte.is_ascii_digit() && *byte != b';')?;
    if body[start] != b'q' {
        return None;
    }
    let parameters = String::from_utf8_lossy(&body[..start]).into_owned();
    // 1: pixels that are not set are seen through; else the background is painted, where the size is told.
    let through = parameters.split(';').nth(1) == Some("1");
    let mut sixel = Sixel {
        rest: &body[start + 1..],
        palette: vec![[0; 3]; 1024],
        colour: 0,
        rows: Vec::new(),
        size: None,
    };
    sixel.draw();
    let background = if through { None } else { Some([0; 3]) };
    let (width, height) = sixel.size.unwrap_or_default();
    let width = sixel.rows.iter().map(Vec::len).max().unwrap_or(0).max(width);
    let height = sixel.rows.len().max(height);
    let mut pixels = Vec::with_capacity(width * height);
    for line in 0..height {
        let row = sixel.rows.get(line).map_or(&[][..], Vec::as_slice);
        let inside = sixel.size.is_some_and(|(_, height)| line < height);
        pixels.extend((0..width).map(|across| {
            let set = row.get(across).copied().flatten();
            set.or(background.filter(|_| inside))
        }));
    }
    // Rows below the last that has a pixel take no room.
    let height = pixels
        .chunks(width.max(1))
        .rposition(|row| row.iter().any(Option::is_some))
        .map_or(0, |last| last + 1);
    pixels.truncate(width * height);
    Some(Painting {
        width,
        height,
        pixels,
    })
}

struct Sixel<'a> {
    rest: &'a [u8],
    palette: Vec<[u8; 3]>,
    colour: usize,
    rows: Vec<Vec<Pixel>>,
    size: Option<(usize, usize)>,
}

impl Sixel<'_> {
    fn numbers(&mut self) -> Vec<usize> {
        let end = self
            .rest
            .iter()
            .position(|byte| !byte.is_ascii_digit() && *byte != b';');
        let (numbers, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        let numbers = String::from_utf8_lossy(numbers);
        numbers
            .split(';')
            .map(|number| number.parse().unwrap_or(0))
            .collect()
    }

    fn draw(&mut self) {
        let (mut x, mut y, mut times) = (0, 0, 1);
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            match byte {
                b'"' => {
                    let numbers = self.numbers();
                    if let [_, _, width, height] = numbers[..] {
                        self.size = Some((width, height));
                    }
                }
                b'#' => match self.numbers()[..] {
                    [index] => self.colour = index,
                    [index, 2, red, green, blue] => {
                        self.colour = index;
                        let byte = |percent: usize| u8::try_from((percent * 255 + 50) / 100).unwrap();
                        self.palette[index] = [red, green, blue].map(byte);
                    }
                    _ => {}
                },
                b'!' => times = self.numbers()[0],
                b'$' => x = 0,
                b'-' => (x, y) = (0, y + 6),
                b'?'..=b'~' => {
                    self.set(x..x + times, y, byte - b'?');
                    x += times;
                    times = 1;
                }
                _ => {}
            }
        }
    }

    fn set(&mut self, across: std::ops::Range<usize>, top: usize, bits: u8) {
        for bit in (0..6).filter(|bit| bits & (1 << bit) != 0) {
            if self.rows.len() <= top + bit {
                self.rows.resize(top + bit + 1, Vec::new());
            }
            let row = &mut self.rows[top + bit];
            if row.len() < across.end {
                row.resize(across.end, None);
            }
            row[across.clone()].fill(Some(self.palette[self.colour]));
        }
    }
}
