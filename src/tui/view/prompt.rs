//! The prompt: the editor, and in the title what Enter will send.

use ratatui::Frame;
use ratatui::layout::Position;

use super::frame::{self, Place, Title};
use super::has_keys;
use crate::tui::layout::{self, Panes};
use crate::tui::model::{Focus, Model};
use crate::tui::sending::{self, Above};
use crate::tui::text;
use crate::tui::theme::Theme;

pub(super) fn draw(model: &Model, panes: &Panes, theme: &Theme, frame: &mut Frame<'_>) {
    let facts = match &model.read_only {
        Some(_) => vec![
            "read-only: nothing can be sent".to_owned(),
            "read-only".to_owned(),
        ],
        None => sending::title(model),
    };
    let has_keys = has_keys(model, Focus::Prompt);
    let title = Title {
        name: "Prompt",
        focused: has_keys,
        facts: &facts,
    };
    frame::pane(frame.buffer_mut(), panes.prompt, Place::Bottom, &title, theme);
    let area = panes.editor();
    let width = usize::from(area.width);
    let first = layout::prompt_first_row(model, panes);
    let top = panes.prompt.text();
    for (row, y) in sending::above(model, width).iter().zip(top.y..area.y) {
        let (words, style) = match row {
            Above::References(chips) => (chips, theme.accent),
            Above::Notice(words) => (words, theme.strong),
        };
        frame.buffer_mut().set_string(top.x, y, words, style);
    }
    if model.editor.is_empty() {
        let words = match model.selected() {
            Some(_) => "Say what to change, or describe another picture",
            None => "Describe a picture",
        };
        let words = text::fit(words, width.saturating_sub(1));
        // One cell in, so that the cursor stands before the first letter and not on it.
        frame
            .buffer_mut()
            .set_string(area.x + 1, area.y, words, theme.quiet);
    }
    let rows = model.editor.rows(width);
    for (row, y) in (first..)
        .map_while(|row| rows.get(row))
        .zip(area.y..area.bottom())
    {
        let line = &model.editor.lines()[row.line][row.bytes.clone()];
        let line = text::shown(line);
        frame.buffer_mut().set_stringn(area.x, y, line, width, theme.text);
    }
    if has_keys {
        let (row, column) = model.editor.cursor_cell(width);
        let cell = |value: usize| u16::try_from(value).unwrap_or(0);
        frame.set_cursor_position(Position::new(area.x + cell(column), area.y + cell(row - first)));
    }
}
