//! Cells, the cursor and colours, as far as a program that draws whole screens uses them.

use ratatui::layout::Rect;
use tintype::graphics::kitty::PLACEHOLDER;
use unicode_width::UnicodeWidthChar;

#[derive(Clone)]
pub(super) struct Cell {
    pub(super) text: String,
    /// The foreground, when it is an indexed colour.
    pub(super) colour: Option<u8>,
}

pub(super) struct Screen {
    cols: u16,
    rows: u16,
    cells: Vec<Cell>,
    x: u16,
    y: u16,
    /// Something was written into the last column, and the next character goes to the next line.
    full: bool,
    /// Where the cursor is differs from terminal to terminal.
    lost: bool,
    saved: (u16, u16),
    colour: Option<u8>,
    written: Vec<(u16, u16)>,
}

const EMPTY: Cell = Cell {
    text: String::new(),
    colour: None,
};

impl Screen {
    pub(super) fn new(cols: u16, rows: u16) -> Self {
        Self {
            cols,
            rows,
            cells: vec![EMPTY; usize::from(cols) * usize::from(rows)],
            x: 0,
            y: 0,
            full: false,
            lost: false,
            saved: (0, 0),
            colour: None,
            written: Vec::new(),
        }
    }

    pub(super) fn size(&self) -> (u16, u16) {
        (self.cols, self.rows)
    }

    pub(super) fn cursor(&self) -> (u16, u16) {
        (self.x, self.y)
    }

    pub(super) fn lose_cursor(&mut self) {
        self.lost = true;
    }

    /// The cells that have been written into since the last call.
    pub(super) fn take_written(&mut self) -> Vec<(u16, u16)> {
        std::mem::take(&mut self.written)
    }

    pub(super) fn resize(&mut self, cols: u16, rows: u16) {
        let mut new = Self::new(cols, rows);
        for y in 0..rows.min(self.rows) {
            for x in 0..cols.min(self.cols) {
                let index = new.index(x, y);
                new.cells[index] = self.cell(x, y).clone();
            }
        }
        self.cells = new.cells;
        (self.cols, self.rows) = (cols, rows);
        (self.x, self.y) = (self.x.min(cols - 1), self.y.min(rows - 1));
        self.full = false;
    }

    fn index(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.cols) + usize::from(x)
    }

    pub(super) fn cell(&self, x: u16, y: u16) -> &Cell {
        &self.cells[self.index(x, y)]
    }

    fn write(&mut self, x: u16, y: u16, cell: Cell) {
        if x < self.cols && y < self.rows {
            let index = self.index(x, y);
            self.cells[index] = cell;
            self.written.push((x, y));
        }
    }

    pub(super) fn put(&mut self, text: &str, faults: &mut Vec<String>) {
        if self.lost && !text.is_empty() {
            faults.push(format!("{text:?} is written where a picture has left the cursor"));
            self.lost = false;
        }
        for character in text.chars() {
            let wide = character.width().unwrap_or(0);
            if wide == 0 {
                let (x, y) = (
                    if self.full {
                        self.x
                    } else {
                        self.x.saturating_sub(1)
                    },
                    self.y,
                );
                let index = self.index(x, y);
                self.cells[index].text.push(character);
                continue;
            }
            let wide = u16::try_from(wide).unwrap();
            if self.full || self.x + wide > self.cols {
                (self.x, self.full) = (0, false);
                self.line_feed(faults);
            }
            let (text, colour) = (character.to_string(), self.colour);
            self.write(self.x, self.y, Cell { text, colour });
            if wide == 2 {
                self.write(self.x + 1, self.y, EMPTY);
            }
            self.x += wide;
            if self.x >= self.cols {
                (self.x, self.full) = (self.cols - 1, true);
            }
        }
    }

    fn line_feed(&mut self, faults: &mut Vec<String>) {
        if self.y + 1 < self.rows {
            self.y += 1;
            return;
        }
        if !self.text().trim().is_empty() {
            faults.push("The screen scrolls".to_owned());
        }
    }

    pub(super) fn byte(&mut self, byte: u8, faults: &mut Vec<String>) {
        match byte {
            b'\r' => (self.x, self.full) = (0, false),
            b'\n' => self.line_feed(faults),
            0x08 => (self.x, self.full) = (self.x.saturating_sub(1), false),
            _ => {}
        }
    }

    pub(super) fn escape(&mut self, byte: u8) {
        match byte {
            b'7' => self.saved = (self.x, self.y),
            b'8' => self.go(self.saved.0, self.saved.1),
            _ => {}
        }
    }

    fn go(&mut self, x: u16, y: u16) {
        (self.x, self.y) = (x.min(self.cols - 1), y.min(self.rows - 1));
        (self.full, self.lost) = (false, false);
    }

    fn erase(&mut self, x: std::ops::Range<u16>, y: u16) {
        for x in x {
            self.write(x, y, EMPTY);
        }
    }

    pub(super) fn control(&mut self, marks: &str, numbers: &str, last: char, faults: &mut Vec<String>) {
        let given: Vec<u16> = numbers
            .split([';', ':'])
            .map(|number| number.parse().unwrap_or(0))
            .collect();
        let at = |index: usize| given.get(index).copied().unwrap_or(0).max(1);
        match (marks, last) {
            ("", 'm') => self.paint(&given),
            ("", 'H' | 'f') => self.go(at(1) - 1, at(0) - 1),
            ("", 'A') => self.go(self.x, self.y.saturating_sub(at(0))),
            ("", 'B') => self.go(self.x, self.y + at(0)),
            ("", 'C') => self.go(self.x + at(0), self.y),
            ("", 'D') => self.go(self.x.saturating_sub(at(0)), self.y),
            ("", 'G') => self.go(at(0) - 1, self.y),
            ("", 'd') => self.go(self.x, at(0) - 1),
            ("", 'J' | 'K' | 'X') => self.erasing(last, given.first().copied().unwrap_or(0)),
            ("?", 'h' | 'l') if numbers == "1049" => {
                for y in 0..self.rows {
                    self.erase(0..self.cols, y);
                }
                self.full = false;
            }
            ("", 'L' | 'M' | 'P' | '@' | 'S' | 'T' | 'b' | 'r') => {
                faults.push(format!("The glass does not know CSI {numbers} {last}"));
            }
            _ => {}
        }
    }

    fn erasing(&mut self, last: char, how: u16) {
        let (cols, rows) = (self.cols, self.rows);
        match (last, how) {
            ('X', _) => self.erase(self.x..(self.x + how.max(1)).min(cols), self.y),
            (_, 0) => self.erase(self.x..cols, self.y),
            (_, 1) => self.erase(0..self.x + 1, self.y),
            _ => self.erase(0..cols, self.y),
        }
        let lines = match (last, how) {
            ('J', 0) => self.y + 1..rows,
            ('J', 1) => 0..self.y,
            ('J', 2) => 0..rows,
            _ => 0..0,
        };
        for y in lines {
            self.erase(0..cols, y);
        }
    }

    fn paint(&mut self, given: &[u16]) {
        let mut rest = given.iter();
        while let Some(&number) = rest.next() {
            match number {
                0 | 39 | 30..=37 | 90..=97 => self.colour = None,
                38 | 48 | 58 => {
                    let colour = if rest.next() == Some(&5) {
                        rest.next().and_then(|&index| u8::try_from(index).ok())
                    } else {
                        let _rgb = rest.by_ref().take(3).count();
                        None
                    };
                    if number == 38 {
                        self.colour = colour;
                    }
                }
                _ => {}
            }
        }
    }

    fn line(&self, y: u16) -> impl Iterator<Item = &str> {
        (0..self.cols).map(move |x| match self.cell(x, y).text.as_str() {
            "" => " ",
            text if text.starts_with(PLACEHOLDER) => "▒",
            text => text,
        })
    }

    pub(super) fn text(&self) -> String {
        (0..self.rows)
            .map(|y| self.line(y).collect::<String>().trim_end().to_owned() + "\n")
            .collect()
    }

    /// The inside of the frame that has this title.
    pub(super) fn pane(&self, title: &str) -> Option<Rect> {
        let is = |x: u16, y: u16, corners: &str| {
            self.cell(x, y)
                .text
                .chars()
                .next()
                .is_some_and(|first| corners.contains(first))
        };
        let title = format!(" {title}");
        let begins = |x: u16, y: u16| {
            let rest: String = self
                .line(y)
                .skip(usize::from(x) + 1)
                .take(title.chars().count())
                .collect();
            is(x, y, "┌├") && rest == title
        };
        let (x, y) = (0..self.rows)
            .flat_map(|y| (0..self.cols).map(move |x| (x, y)))
            .find(|&(x, y)| begins(x, y))?;
        let right = (x + 1..self.cols).find(|&x| is(x, y, "┐┤"))?;
        let bottom = (y + 1..self.rows).find(|&y| is(x, y, "└├"))?;
        Some(Rect::new(x + 1, y + 1, right - x - 1, bottom - y - 1))
    }
}
