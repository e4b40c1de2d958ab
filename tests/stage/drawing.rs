//! What `view` draws on a stage, as text with its colours.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Size;
use tintype::tui::view::view;

use super::stage::Stage;

impl Stage {
    pub(crate) fn draw(&self) -> (Buffer, Option<(u16, u16)>) {
        let Size { width, height } = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal
            .draw(|frame| view(&self.model, &self.pixels, frame))
            .unwrap();
        let cursor = terminal.backend().cursor_position();
        let cursor = terminal
            .backend()
            .cursor_visible()
            .then_some((cursor.x, cursor.y));
        (terminal.backend().buffer().clone(), cursor)
    }

    /// The screen as text, then its colours as a map of letters with their legend.
    pub(crate) fn screen(&self) -> String {
        let (buffer, cursor) = self.draw();
        let mut out = String::new();
        let width = usize::from(buffer.area.width);
        for row in buffer.content().chunks(width) {
            let mut skip = 0;
            let mut line = String::new();
            for cell in row {
                if skip == 0 {
                    line.push_str(&symbol(cell));
                    skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).max(1);
                }
                skip -= 1;
            }
            writeln!(out, "{}", line.trim_end()).unwrap();
        }
        let cursor = cursor.map_or("hidden".to_owned(), |(x, y)| format!("{x},{y}"));
        writeln!(out, "cursor {cursor}").unwrap();
        out.push_str(&colours(&buffer));
        out
    }
}

/// What a cell shows; a letter where it is a piece of a picture, the same for all of one.
fn symbol(cell: &Cell) -> String {
    use ratatui::style::Color;
    match (cell.symbol().chars().next(), cell.fg) {
        (Some('\u{10EEEE}'), Color::Indexed(id)) => char::from(b'A' + (id - 1) % 26).to_string(),
        _ => cell.symbol().to_owned(),
    }
}

/// One letter for each look, in the order of their first appearance; a point for the terminal's own.
fn colours(buffer: &Buffer) -> String {
    let mut letters: BTreeMap<String, char> = BTreeMap::new();
    let mut legend = Vec::new();
    let mut out = String::new();
    for row in buffer.content().chunks(usize::from(buffer.area.width)) {
        let mut line = String::new();
        for cell in row {
            let look = look(cell);
            if look.is_empty() {
                line.push('.');
                continue;
            }
            let next = u8::try_from(letters.len()).unwrap();
            let letter = *letters.entry(look.clone()).or_insert_with(|| {
                let letter = char::from(b'a' + next);
                legend.push(format!("{letter} {look}"));
                letter
            });
            line.push(letter);
        }
        writeln!(out, "{}", line.trim_end_matches('.')).unwrap();
    }
    for look in legend {
        writeln!(out, "{look}").unwrap();
    }
    out
}

/// True colours are only told from the terminal's own: a picture's cells are all one look.
fn look(cell: &Cell) -> String {
    use ratatui::style::Color;
    let name = |colour: Color| match colour {
        Color::Reset => None,
        Color::Rgb(..) => Some("picture".to_owned()),
        colour => Some(format!("{colour}")),
    };
    let mut parts = Vec::new();
    parts.extend(name(cell.fg));
    parts.extend(name(cell.bg).map(|colour| format!("on {colour}")));
    if !cell.modifier.is_empty() {
        parts.push(format!("{:?}", cell.modifier));
    }
    parts.join(" ")
}
