//! Help for the pane that had the keys: a query on the key table.

use ratatui::Frame;

use super::{frame, rows_below};
use crate::tui::lists::{self, HelpRow};
use crate::tui::model::Focus;
use crate::tui::theme::Theme;

pub(super) fn draw(scroll: usize, about: Focus, theme: &Theme, frame: &mut Frame<'_>) {
    let help = lists::help(about, frame.area());
    let first = scroll.min(help.last_first());
    let name = format!("Help · {}", about.name());
    let facts = rows_below(help.last_first() - first).unwrap_or_default();
    let inner = frame::overlay(frame, help.area, &name, &facts, theme);
    let buffer = frame.buffer_mut();
    for (row, y) in help.rows.iter().skip(first).zip(inner.y..inner.bottom()) {
        match row {
            HelpRow::Gap => {}
            HelpRow::Heading(name) => {
                buffer.set_string(inner.x + 1, y, name, theme.strong);
            }
            HelpRow::Keys { keys, does } => {
                buffer.set_string(inner.x + 2, y, keys, theme.accent);
                buffer.set_string(inner.x + 2 + help.column + 2, y, does, theme.text);
            }
        }
    }
}
