//! The error that has not been dismissed: what happened, the server's own sentence, what to do next.

use ratatui::Frame;

use crate::keys::{self, Action};
use crate::tui::layout::{self, Panes};
use crate::tui::model::Model;
use crate::tui::text;
use crate::tui::theme::Theme;

pub(super) fn draw(model: &Model, panes: &Panes, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(area) = panes.problem else { return };
    let rows = layout::problem_rows(model, area.width);
    let room = usize::from(area.height).saturating_sub(1);
    let width = usize::from(area.width).saturating_sub(4);
    let buffer = frame.buffer_mut();
    buffer.set_string(area.x + 1, area.y, "✗", theme.error);
    for (index, (row, y)) in rows.iter().zip(area.y..area.bottom() - 1).enumerate() {
        let cut = index + 1 == room && rows.len() > room;
        let row = if cut {
            text::fit(&format!("{row} …"), width)
        } else {
            row.clone()
        };
        buffer.set_string(
            area.x + 3,
            y,
            row,
            if index == 0 { theme.strong } else { theme.text },
        );
    }
    let key = |action| keys::key_for(model.focus.contexts(), action);
    let dismiss = key(Action::Escape).map(|key| format!("{key} dismisses it"));
    let details = key(Action::Details).map(|key| format!(" · {key} tells all of it"));
    let more = match model.problems.len() {
        1 => String::new(),
        count => format!(" · 1 of {count}"),
    };
    let last = format!(
        "{}{}{more}",
        dismiss.unwrap_or_default(),
        details.unwrap_or_default()
    );
    buffer.set_string(
        area.x + 3,
        area.bottom() - 1,
        text::fit(&last, width),
        theme.quiet,
    );
}
