//! The ratatui backend: a frame as the fewest bytes that make the terminal show it. It writes nowhere: a frame is
//! taken out and given to the writer. It asks the terminal nothing, and the size is told to it.
//!
//! A cell that names a piece of a picture ([`crate::graphics::kitty::placeholder`]) is text only to a terminal that knows
//! such cells. On any other it stands for pixels that somebody else puts there: such a cell is blanked where it held
//! text, and left alone where it holds a picture already.
//!
//! It keeps where the cursor is and which colours are set from frame to frame, and writes only what differs, so an
//! unchanged frame is no bytes at all and a typed character is one. crossterm's output is not used: it resets colours
//! and cursor each time, and under `NO_COLOR` it drops the colour that carries a kitty picture's id.

mod doubt;

use std::convert::Infallible;
use std::io::Write;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};

use super::Window;
use crate::domain::is_harmless;
use crate::graphics::kitty::PLACEHOLDER;
use doubt::{Rows, reduced, room, trusted_width, widest};

/// A shorter frame reaches the terminal in one piece anyway.
const SYNCHRONIZED: usize = 64;
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
const HIDE: &[u8] = b"\x1b[?25l";
const SHOW: &[u8] = b"\x1b[?25h";
/// The modes in which text that does not fit stays in its row, or goes on in the next.
const NO_WRAP: &[u8] = b"\x1b[?7l";
const WRAP: &[u8] = b"\x1b[?7h";

/// What the next character would look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pen {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen {
    foreground: Color::Reset,
    background: Color::Reset,
    modifier: Modifier::empty(),
};

/// The screen as ratatui draws on it.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub struct Screen {
    bytes: Vec<u8>,
    window: Window,
    /// Where the terminal's cursor is, as far as that is certain.
    cursor: Option<Position>,
    pen: Option<Pen>,
    shown: Option<bool>,
    /// Where the cursor is to be after the frame, and whether it is to be seen.
    wanted: Option<Position>,
    visible: bool,
    /// The terminal shows nothing but what came from here.
    ours: bool,
    /// The terminal knows kitty's placeholders.
    placeholders: bool,
    /// The cells that hold pixels where it does not, row by row.
    pictured: Vec<bool>,
    /// The terminal gives joined emoji the room of one.
    joins: bool,
    /// Some were sent in part, because it does not.
    parted: bool,
    sent: Rows,
}

impl Screen {
    pub fn new(window: Window) -> Self {
        Self {
            bytes: Vec::new(),
            window,
            cursor: None,
            pen: None,
            shown: None,
            wanted: None,
            visible: false,
            ours: false,
            placeholders: true,
            pictured: Vec::new(),
            joins: false,
            parted: false,
            sent: Rows::default(),
        }
    }

    /// Tells whether cells that name a piece of a picture are text to this terminal. True if that is news: everything is
    /// to be painted anew.
    pub fn set_placeholders(&mut self, known: bool) -> bool {
        self.pictured.clear();
        std::mem::replace(&mut self.placeholders, known) != known
    }

    /// Tells whether the terminal gives joined emoji, such as a family, the room of one. True if everything is to be
    /// painted anew for it.
    pub fn set_joins(&mut self, joins: bool) -> bool {
        let is_news = std::mem::replace(&mut self.joins, joins) != joins;
        is_news && (!joins || self.parted)
    }

    /// These cells as a terminal has to be sent them, whatever it shows: it may leave the cursor and the colours
    /// anywhere.
    pub fn cells<'a>(&self, cells: impl Iterator<Item = (u16, u16, &'a Cell)>) -> Vec<u8> {
        let mut screen = Self {
            joins: self.joins,
            ..Self::new(self.window)
        };
        for (x, y, cell) in cells {
            screen.put_cell(Position::new(x, y), cell);
        }
        screen.bytes
    }

    /// Tells the size; ratatui's `autoresize` does the rest at the next draw.
    pub fn resize(&mut self, window: Window) {
        self.window = window;
        self.pictured.clear();
        self.sent.clear();
    }

    /// Forgets what the terminal is believed to show, as after a suspension. To be followed by ratatui's `clear`, so
    /// that everything is painted anew.
    pub fn forget(&mut self) {
        self.cursor = None;
        self.pen = None;
        self.shown = None;
        self.ours = false;
        self.pictured.clear();
        self.sent.clear();
        self.bytes.clear();
    }

    /// These bytes, which leave the cursor where it was, with the cursor out of sight meanwhile: xterm paints over pixels
    /// where it has shown it.
    pub fn unseen(&self, bytes: Vec<u8>) -> Vec<u8> {
        if self.shown != Some(true) {
            return bytes;
        }
        [HIDE, &bytes, SHOW].concat()
    }

    /// The frame that was drawn, or `None` where the terminal shows it already.
    pub fn take_frame(&mut self) -> Option<Vec<u8>> {
        let body = std::mem::take(&mut self.bytes);
        let long = body.len() > SYNCHRONIZED;
        let mut frame = Vec::with_capacity(body.len() + 64);
        if long {
            frame.extend_from_slice(BEGIN);
            if self.shown != Some(false) {
                // Where the brackets are unknown the cursor would be seen to run about.
                frame.extend_from_slice(HIDE);
                self.shown = Some(false);
            }
        }
        if !std::mem::replace(&mut self.ours, true) {
            // A terminal that does not know a question may have shown it as text.
            frame.extend_from_slice(b"\x1b[m\x1b[2J");
        }
        frame.extend_from_slice(&body);
        self.bytes = frame;
        if let Some(wanted) = self.wanted.filter(|_| self.visible) {
            self.move_to(wanted);
        }
        if self.shown != Some(self.visible) {
            self.bytes
                .extend_from_slice(if self.visible { SHOW } else { HIDE });
            self.shown = Some(self.visible);
        }
        if long {
            self.bytes.extend_from_slice(END);
        }
        let frame = std::mem::take(&mut self.bytes);
        (!frame.is_empty()).then_some(frame)
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing into memory does not fail.
        let _ = self.bytes.write_fmt(text);
    }

    fn move_to(&mut self, to: Position) {
        match self.cursor {
            Some(cursor) if cursor == to => return,
            Some(cursor) if cursor.y == to.y && to.x > cursor.x => match to.x - cursor.x {
                1 => self.put(format_args!("\x1b[C")),
                columns => self.put(format_args!("\x1b[{columns}C")),
            },
            _ if to.x == 0 => self.put(format_args!("\x1b[{}H", u32::from(to.y) + 1)),
            _ => self.put(format_args!(
                "\x1b[{};{}H",
                u32::from(to.y) + 1,
                u32::from(to.x) + 1
            )),
        }
        self.cursor = Some(to);
    }

    fn set_pen(&mut self, pen: Pen) {
        let before = self.pen;
        if before == Some(pen) {
            return;
        }
        self.pen = Some(pen);
        let kept = before.filter(|before| pen.modifier.contains(before.modifier));
        self.bytes.extend_from_slice(b"\x1b[");
        let start = self.bytes.len();
        // To take an attribute away is to begin anew: some of them share one code for "off".
        let from = kept.unwrap_or_else(|| {
            if pen != PLAIN {
                self.bytes.extend_from_slice(b"0;");
            }
            PLAIN
        });
        for (modifier, code) in MODIFIERS {
            if pen.modifier.contains(modifier) && !from.modifier.contains(modifier) {
                self.put(format_args!("{code};"));
            }
        }
        if pen.foreground != from.foreground {
            self.put_colour(pen.foreground, 30);
        }
        if pen.background != from.background {
            self.put_colour(pen.background, 40);
        }
        if self.bytes.len() > start {
            self.bytes.pop();
        }
        self.bytes.push(b'm');
    }

    /// A colour as parameters with a `;` at the end; `base` is 30 for the foreground and 40 for the background.
    fn put_colour(&mut self, colour: Color, base: u8) {
        let sixteen = match colour {
            Color::Reset => Some(9),
            Color::Black => Some(0),
            Color::Red => Some(1),
            Color::Green => Some(2),
            Color::Yellow => Some(3),
            Color::Blue => Some(4),
            Color::Magenta => Some(5),
            Color::Cyan => Some(6),
            Color::Gray => Some(7),
            Color::DarkGray => Some(60),
            Color::LightRed => Some(61),
            Color::LightGreen => Some(62),
            Color::LightYellow => Some(63),
            Color::LightBlue => Some(64),
            Color::LightMagenta => Some(65),
            Color::LightCyan => Some(66),
            Color::White => Some(67),
            Color::Indexed(_) | Color::Rgb(..) => None,
        };
        match (sixteen, colour) {
            (Some(code), _) => self.put(format_args!("{};", base + code)),
            (None, Color::Indexed(index)) => self.put(format_args!("{};5;{index};", base + 8)),
            (None, Color::Rgb(red, green, blue)) => {
                self.put(format_args!("{};2;{red};{green};{blue};", base + 8));
            }
            (None, _) => {}
        }
    }

    /// Whether the cell is left alone, because pixels are there or are to come.
    fn leave_to_pixels(&mut self, at: Position, is_piece: bool) -> bool {
        if self.placeholders {
            return false;
        }
        let columns = usize::from(self.window.columns);
        let index = usize::from(at.y) * columns + usize::from(at.x);
        if self.pictured.is_empty() && is_piece {
            self.pictured
                .resize(columns * usize::from(self.window.rows), false);
        }
        let pictured = self.pictured.get_mut(index);
        pictured.is_some_and(|pictured| std::mem::replace(pictured, is_piece) && is_piece)
    }

    fn put_cell(&mut self, at: Position, cell: &Cell) {
        let is_piece = cell.symbol().starts_with(PLACEHOLDER);
        if self.leave_to_pixels(at, is_piece) {
            return;
        }
        if is_piece && !self.placeholders {
            self.move_to(at);
            self.set_pen(PLAIN);
            self.bytes.push(b' ');
            let next = Position::new(at.x.saturating_add(1), at.y);
            self.cursor = Some(next).filter(|next| next.x < self.window.columns);
            return;
        }
        self.move_to(at);
        self.set_pen(Pen {
            foreground: cell.fg,
            background: cell.bg,
            modifier: cell.modifier,
        });
        // Whoever drew it cleaned it; a cell that was forgotten must not become a command.
        let symbol = Some(cell.symbol()).filter(|symbol| is_harmless(symbol));
        let symbol = symbol.unwrap_or("\u{fffd}");
        if let Some(columns) = trusted_width(symbol) {
            self.bytes.extend_from_slice(symbol.as_bytes());
            // After the last column the cursor hangs between two lines, each terminal in its own way.
            let next = Position::new(at.x.saturating_add(columns), at.y);
            self.cursor = Some(next).filter(|cursor| cursor.x < self.window.columns);
        } else {
            self.put_in_doubt(at, symbol, room(cell));
        }
    }

    /// Puts a symbol that may take more or fewer columns than those that are meant for it. Of those that it does not take
    /// nothing may be left; over those that it takes beyond them the rest of the row is written.
    fn put_in_doubt(&mut self, at: Position, symbol: &str, columns: u16) {
        let part = reduced(symbol).filter(|_| !self.joins);
        self.parted |= part.is_some();
        let symbol = part.unwrap_or(symbol);
        let room = self.window.columns.saturating_sub(at.x);
        if columns > 1 {
            let blanks = usize::from(columns.min(room));
            self.bytes.resize(self.bytes.len() + blanks, b' ');
            self.cursor = None;
            self.move_to(at);
        }
        if widest(symbol) > room {
            self.bytes.extend_from_slice(NO_WRAP);
            self.bytes.extend_from_slice(symbol.as_bytes());
            self.bytes.extend_from_slice(WRAP);
        } else {
            self.bytes.extend_from_slice(symbol.as_bytes());
        }
        self.cursor = None;
    }

    /// Puts what has changed of a row.
    fn put_row(&mut self, y: u16, updates: &[(u16, &Cell)]) {
        let size = (self.window.columns, self.window.rows);
        let from = self.sent.change(size, y, updates);
        for (x, cell) in updates.iter().filter(|(x, _)| from.is_none_or(|from| *x < from)) {
            self.put_cell(Position::new(*x, y), cell);
        }
        if let Some(from) = from {
            for (x, cell) in self.sent.seen(y, from) {
                self.put_cell(Position::new(x, y), &cell);
            }
        }
    }
}

const MODIFIERS: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

impl Backend for Screen {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut row: Vec<(u16, &Cell)> = Vec::new();
        let mut at = 0;
        for (x, y, cell) in content {
            // From left to right, as ratatui gives them.
            if row.last().is_some_and(|(last, _)| y != at || x <= *last) {
                self.put_row(at, &row);
                row.clear();
            }
            at = y;
            row.push((x, cell));
        }
        self.put_row(at, &row);
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.visible = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.visible = true;
        Ok(())
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        Ok(self.wanted.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.wanted = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), Infallible> {
        self.pictured.clear();
        self.sent.clear();
        // What is erased takes the background that is set.
        self.set_pen(PLAIN);
        if clear_type != ClearType::All
            && let Some(wanted) = self.wanted
        {
            self.move_to(wanted);
        }
        self.bytes.extend_from_slice(match clear_type {
            ClearType::All => b"\x1b[2J",
            ClearType::AfterCursor => b"\x1b[J",
            ClearType::BeforeCursor => b"\x1b[1J",
            ClearType::CurrentLine => b"\x1b[2K",
            ClearType::UntilNewLine => b"\x1b[K",
        });
        Ok(())
    }

    fn append_lines(&mut self, lines: u16) -> Result<(), Infallible> {
        for _ in 0..lines {
            self.bytes.push(b'\n');
        }
        self.cursor = None;
        Ok(())
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(Size::new(self.window.columns, self.window.rows))
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize {
            columns_rows: Size::new(self.window.columns, self.window.rows),
            pixels: Size::new(self.window.width, self.window.height),
        })
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
