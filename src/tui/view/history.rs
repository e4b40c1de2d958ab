//! The open session as a tree of turns.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::frame::{self, Place, Title};
use super::{Words, has_keys, words_in_the_middle};
use crate::domain::{Turn, TurnStatus, clean_line};
use crate::tui::jobs::{Job, Phase};
use crate::tui::layout::Pane;
use crate::tui::lists;
use crate::tui::model::{Focus, Model};
use crate::tui::sending;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::tree;

pub(super) fn draw(model: &Model, pane: Pane, theme: &Theme, frame: &mut Frame<'_>) {
    let facts = queued(model);
    let title = Title {
        name: "History",
        focused: has_keys(model, Focus::History),
        facts: &facts,
    };
    frame::pane(frame.buffer_mut(), pane, Place::Bottom, &title, theme);
    let area = pane.inner;
    let rows = tree::rows(&model.open.turns, area.width);
    if rows.is_empty() {
        let text = "Each prompt you send becomes a node here.";
        words_in_the_middle(
            frame,
            area,
            &[Words {
                text,
                style: theme.quiet,
            }],
        );
        return;
    }
    let first = lists::first_turn_row(model, &rows, area.height);
    for (row, y) in rows.iter().skip(first).zip(area.y..area.bottom()) {
        let Some(turn) = model.turn(&row.turn) else {
            continue;
        };
        let is_selected = model.open.selected.as_ref() == Some(&row.turn);
        if is_selected {
            frame.buffer_mut().set_string(area.x, y, "▌", theme.accent);
        }
        let warned = if turn.warnings.is_empty() { "" } else { "! " };
        let number = format!(" {} ", turn.number);
        let state = match sending::state(model, turn) {
            state if state.is_empty() => state,
            state => format!("{state} · "),
        };
        let before = [row.lines.as_str(), "●", &number, warned];
        let used: usize = before.iter().map(|part| text::width(part)).sum();
        let room = usize::from(area.width - 1).saturating_sub(used);
        let state = text::fit(&state, room);
        let room = room.saturating_sub(text::width(&state));
        let style = if is_selected { theme.selected } else { theme.text };
        let line = Line::from(vec![
            Span::styled(row.lines.as_str(), theme.quiet),
            Span::styled(mark(model, turn, is_selected), style),
            Span::styled(number, style),
            Span::styled(warned, theme.strong),
            Span::styled(state, theme.quiet),
            Span::styled(text::fit(&clean_line(&turn.request.prompt), room), style),
        ]);
        frame.buffer_mut().set_line(area.x + 1, y, &line, area.width - 1);
    }
}

/// What was sent and has no node yet.
fn queued(model: &Model) -> Vec<String> {
    let is_queued = |job: &&Job| job.phase() == Phase::Queued && model.is_here(job);
    match model.jobs.iter().filter(is_queued).count() {
        0 => Vec::new(),
        count => vec![format!("{count} queued")],
    }
}

/// How a turn stands, by its shape.
fn mark(model: &Model, turn: &Turn, is_selected: bool) -> &'static str {
    match turn.status {
        TurnStatus::Finished if is_selected => "◉",
        TurnStatus::Finished => "●",
        TurnStatus::Running if model.job_of(&turn.id).is_some() => "◐",
        TurnStatus::Running | TurnStatus::Cancelled | TurnStatus::Interrupted => "○",
        TurnStatus::Failed => "✗",
    }
}
