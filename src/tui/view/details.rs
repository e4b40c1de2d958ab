//! Everything that is known of a turn or an error, scrolled.

use ratatui::Frame;

use super::{frame, rows_below};
use crate::domain::TurnId;
use crate::tui::details::{self, NAMES, Row};
use crate::tui::model::Model;
use crate::tui::theme::Theme;

pub(super) fn draw(
    model: &Model,
    scroll: usize,
    about: Option<&TurnId>,
    theme: &Theme,
    frame: &mut Frame<'_>,
) {
    let Some(details) = details::details(model, about, frame.area()) else {
        return;
    };
    let last = details.last_first();
    let first = scroll.min(last);
    let below = rows_below(last - first).unwrap_or_default();
    let inner = frame::overlay(frame, details.area, &details.name, &below, theme);
    let buffer = frame.buffer_mut();
    let names = u16::try_from(NAMES).unwrap_or(0);
    for (row, y) in details.rows.iter().skip(first).zip(inner.y..inner.bottom()) {
        match row {
            Row::Gap => {}
            Row::Heading(name) => {
                buffer.set_string(inner.x + 1, y, name, theme.strong);
            }
            Row::Fact { name, value } => {
                buffer.set_string(inner.x + 2, y, name, theme.quiet);
                buffer.set_string(inner.x + 2 + names, y, value, theme.text);
            }
            Row::Text(text) => {
                buffer.set_string(inner.x + 2, y, text, theme.text);
            }
        }
    }
}
