//! What a user of a terminal with pictures sees: text in cells, and pixels over them, put together from nothing but the
//! bytes that came, as kitty (placeholders, placements), a sixel terminal and iTerm2 do it. It answers nothing.
//!
//! What no terminal would forgive is written down as a fault: a picture that cannot be decoded, one that would scroll
//! the screen, text at a place that depends on the terminal's taste.

mod compare;
mod iterm2;
mod kitty;
mod screen;
mod sixel;
mod stream;

use ratatui::layout::Rect;

pub(crate) use compare::Sight;
use screen::Screen;
use stream::Token;

/// Pixels of a cell.
pub(crate) const CELL: (u16, u16) = (10, 20);

type Pixel = Option<[u8; 3]>;

pub(crate) struct Glass {
    screen: Screen,
    stream: stream::Stream,
    kitty: kitty::Kitty,
    multipart: Option<iterm2::Multipart>,
    /// Pixels that belong to the cells, of sixel and iTerm2.
    painted: Vec<Pixel>,
    faults: Vec<String>,
}

impl Glass {
    pub(crate) fn new(cols: u16, rows: u16) -> Self {
        Self {
            screen: Screen::new(cols, rows),
            stream: stream::Stream::default(),
            kitty: kitty::Kitty::default(),
            multipart: None,
            painted: blank(cols, rows),
            faults: Vec::new(),
        }
    }

    pub(crate) fn resize(&mut self, cols: u16, rows: u16) {
        let (old_cols, _) = self.size();
        let mut painted = blank(cols, rows);
        let width = usize::from(old_cols.min(cols)) * usize::from(CELL.0);
        let new = painted.chunks_mut(usize::from(cols * CELL.0));
        for (new, old) in new.zip(self.painted.chunks(usize::from(old_cols * CELL.0))) {
            new[..width].copy_from_slice(&old[..width]);
        }
        self.painted = painted;
        self.screen.resize(cols, rows);
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.stream.push(bytes);
        while let Some(token) = self.stream.next() {
            self.take(token);
        }
    }

    fn take(&mut self, token: Token) {
        match token {
            Token::Apc(body) => {
                if let Some(command) = body.strip_prefix(b"G") {
                    let at = self.screen.cursor();
                    self.kitty.take(command, at, &mut self.faults);
                }
            }
            Token::Dcs(body) => {
                if let Some(picture) = sixel::decode(&body) {
                    let at = self.screen.cursor();
                    self.paint(at, &picture);
                    self.screen.lose_cursor();
                }
            }
            Token::Osc(body) => self.osc(&body),
            Token::Text(text) => self.screen.put(&text, &mut self.faults),
            Token::Control(prefix, numbers, last) => {
                if last == 'J' && matches!(numbers.as_str(), "2" | "3") || prefix == "?" && numbers == "1049"
                {
                    self.kitty.clear_screen();
                }
                self.screen.control(&prefix, &numbers, last, &mut self.faults);
            }
            Token::Escape(byte) => self.screen.escape(byte),
            Token::Byte(byte) => self.screen.byte(byte, &mut self.faults),
            Token::Tmux(inner) => self.feed_inner(&inner),
        }
        for (x, y) in self.screen.take_written() {
            self.rub(x, y);
        }
    }

    /// What tmux hands on; nothing in it may be cut off.
    fn feed_inner(&mut self, inner: &[u8]) {
        let mut stream = stream::Stream::default();
        stream.push(inner);
        while let Some(token) = stream.next() {
            self.take(token);
        }
        if !stream.is_done() {
            self.faults
                .push("tmux was told to hand on a piece of a sequence".to_owned());
        }
    }

    fn osc(&mut self, body: &[u8]) {
        let Some(command) = body.strip_prefix(b"1337;") else {
            return;
        };
        match iterm2::command(command, &mut self.multipart) {
            Ok(None) => {}
            Ok(Some(shown)) => {
                let at = self.screen.cursor();
                self.paint(at, &shown.picture);
                if !shown.stays {
                    self.screen.lose_cursor();
                }
            }
            Err(fault) => self.faults.push(fault),
        }
    }

    /// Pixels with their upper left corner at this cell.
    fn paint(&mut self, (x, y): (u16, u16), picture: &Painting) {
        let (cols, rows) = self.size();
        let (left, top) = (usize::from(x * CELL.0), usize::from(y * CELL.1));
        let (width, height) = (usize::from(cols * CELL.0), usize::from(rows * CELL.1));
        if top + picture.height > height {
            self.faults.push(format!(
                "A picture {} pixels high at row {y} of {rows} scrolls the screen",
                picture.height
            ));
            return;
        }
        for (line, row) in picture.pixels.chunks(picture.width.max(1)).enumerate() {
            for (across, pixel) in row.iter().enumerate().filter(|(_, pixel)| pixel.is_some()) {
                if left + across < width {
                    self.painted[(top + line) * width + left + across] = *pixel;
                }
            }
        }
    }

    /// Text that is written into a cell, a blank too, takes its pixels away.
    fn rub(&mut self, x: u16, y: u16) {
        let width = usize::from(self.size().0 * CELL.0);
        let (left, top) = (usize::from(x * CELL.0), usize::from(y * CELL.1));
        for line in top..top + usize::from(CELL.1) {
            let start = line * width + left;
            if let Some(pixels) = self.painted.get_mut(start..start + usize::from(CELL.0)) {
                pixels.fill(None);
            }
        }
    }

    /// What the user sees, as far as it is pictures.
    pub(crate) fn pixels(&self) -> Vec<Pixel> {
        let mut pixels = self.painted.clone();
        self.kitty.draw(&self.screen, &mut pixels);
        pixels
    }

    pub(crate) fn size(&self) -> (u16, u16) {
        self.screen.size()
    }

    /// The inside of the pane or popup with this title.
    pub(crate) fn pane(&self, title: &str) -> Option<Rect> {
        self.screen.pane(title)
    }

    pub(crate) fn text(&self) -> String {
        self.screen.text()
    }

    /// What no terminal would forgive, so far.
    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Pictures of more than a pixel that the terminal keeps, and half ones.
    pub(crate) fn held(&self) -> usize {
        self.kitty.held()
    }
}

/// A picture as it is put on the screen: `width` pixels across; what is not there is seen through.
pub(crate) struct Painting {
    width: usize,
    height: usize,
    pixels: Vec<Pixel>,
}

fn blank(cols: u16, rows: u16) -> Vec<Pixel> {
    vec![None; usize::from(cols * CELL.0) * usize::from(rows * CELL.1)]
}
