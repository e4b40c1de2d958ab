//! The prompt: the editor, and in the title what Enter will send.

use ratatui::Frame;
use ratatui::layout::Position;

use super::frame::{self, Place, Title};
use super::has_keys;
use crate::domain::clean_line;
use crate::tui::layout::{self, Panes};
use crate::tui::model::{Focus, Model};
use crate::tui::text;
use crate::tui::theme::Theme;

pub(super) fn draw(model: &Model, panes: &Panes, theme: &Theme, frame: &mut Frame<'_>) {
    let facts = facts(model);
    let has_keys = has_keys(model, Focus::Prompt);
    let title = Title {
        name: "Prompt",
        focused: has_keys,
        facts: &facts,
    };
    frame::pane(frame.buffer_mut(), panes.prompt, Place::Bottom, &title, theme);
    let area = panes.prompt.text();
    let width = usize::from(area.width);
    let first = layout::prompt_first_row(model, panes.prompt);
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
    for (row, y) in rows.iter().skip(first).zip(area.y..area.bottom()) {
        let line = &model.editor.lines()[row.line][row.bytes.clone()];
        frame.buffer_mut().set_stringn(area.x, y, line, width, theme.text);
    }
    if has_keys {
        let (row, column) = model.editor.cursor_cell(width);
        let cell = |value: usize| u16::try_from(value).unwrap_or(0);
        frame.set_cursor_position(Position::new(area.x + cell(column), area.y + cell(row - first)));
    }
}

/// `from 4 · model · provider · 16:9 · 1K`; what is named elsewhere goes first when there is little room.
fn facts(model: &Model) -> Vec<String> {
    let settings = &model.settings;
    let from = match model.base() {
        Some(turn) => format!("from {}", turn.number),
        None if model.open.turns.is_empty() => "new session".to_owned(),
        None => "from the start".to_owned(),
    };
    let ratio = settings.ratio.as_ref().map(ToString::to_string);
    let size = settings.size.as_ref().map(ToString::to_string);
    let ratio_words = ratio.clone().unwrap_or_else(|| "any ratio".to_owned());
    let size_words = size.clone().unwrap_or_else(|| "any size".to_owned());
    let name = clean_line(&settings.model);
    let provider = clean_line(&settings.provider);
    let short = name.strip_prefix("gemini-").unwrap_or(&name).to_owned();
    let join = |parts: &[Option<&str>]| parts.iter().flatten().copied().collect::<Vec<_>>().join(" · ");
    let set = [ratio.as_deref(), size.as_deref()];
    vec![
        join(&[
            Some(&from),
            Some(&name),
            Some(&provider),
            Some(&ratio_words),
            Some(&size_words),
        ]),
        join(&[Some(&from), Some(&name), Some(&provider), set[0], set[1]]),
        join(&[Some(&from), Some(&short), Some(&provider), set[0], set[1]]),
        join(&[Some(&from), Some(&short), set[0], set[1]]),
        join(&[Some(&from), Some(&short)]),
        from,
    ]
}
