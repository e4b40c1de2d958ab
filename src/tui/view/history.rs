//! The open session as a tree of turns.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::frame::{self, Place, Title};
use super::{Words, cells, has_keys, words_in_the_middle};
use crate::domain::{Turn, TurnStatus, clean_line};
use crate::tui::jobs::{Job, Phase};
use crate::tui::layout::Pane;
use crate::tui::model::{Focus, Model, still};
use crate::tui::nodes::{self, Row};
use crate::tui::pixels::{Pixels, Subject};
use crate::tui::sending;
use crate::tui::text;
use crate::tui::theme::Theme;

/// What stands behind the number of the marked node.
pub(super) const MARKED: &str = "◆ ";

pub(super) fn draw(model: &Model, pixels: &Pixels, pane: Pane, theme: &Theme, frame: &mut Frame<'_>) {
    let facts = queued(model);
    let title = Title {
        name: "History",
        focused: has_keys(model, Focus::History),
        facts: &facts,
    };
    frame::pane(frame.buffer_mut(), pane, Place::Bottom, &title, theme);
    let area = pane.inner;
    let nodes = nodes::nodes(model, pane);
    if nodes.len == 0 {
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
    for (row, place) in nodes.visible() {
        if let Some(turn) = model.turn(&row.turn) {
            match nodes.thumbnail_in(row, place) {
                Some(at) => tall(model, pixels, turn, (row, place, at), theme, frame),
                None => node(model, turn, &row.lines, place, theme, frame),
            }
        }
    }
}

/// A node in one row.
fn node(model: &Model, turn: &Turn, lines: &str, place: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let is_selected = model.open.selected.as_ref() == Some(&turn.id);
    if is_selected {
        frame.buffer_mut().set_string(place.x, place.y, "▌", theme.accent);
    }
    let warned = if turn.warnings.is_empty() { "" } else { "! " };
    let marked = if model.is_marked(&turn.id) { MARKED } else { "" };
    let number = format!(" {} ", turn.number);
    let state = match sending::state(model, turn) {
        state if state.is_empty() => state,
        state => format!("{state} · "),
    };
    let before = [lines, "●", &number, marked, warned];
    let used: usize = before.iter().map(|part| text::width(part)).sum();
    let room = usize::from(place.width - 1).saturating_sub(used);
    let state = text::fit(&state, room);
    let room = room.saturating_sub(text::width(&state));
    let style = if is_selected { theme.selected } else { theme.text };
    let line = Line::from(vec![
        Span::styled(lines, theme.quiet),
        Span::styled(mark(model, turn, is_selected), style),
        Span::styled(number, style),
        Span::styled(marked, theme.strong),
        Span::styled(warned, theme.strong),
        Span::styled(state, theme.quiet),
        Span::styled(text::fit(&clean_line(&turn.request.prompt), room), style),
    ]);
    frame
        .buffer_mut()
        .set_line(place.x + 1, place.y, &line, place.width - 1);
}

/// A node with its picture: the words stand right of it, the lines to the next nodes go on left of it.
fn tall(
    model: &Model,
    pixels: &Pixels,
    turn: &Turn,
    (row, place, at): (&Row, Rect, Rect),
    theme: &Theme,
    frame: &mut Frame<'_>,
) {
    let is_selected = model.open.selected.as_ref() == Some(&turn.id);
    let style = if is_selected { theme.selected } else { theme.text };
    let buffer = frame.buffer_mut();
    for y in place.y..place.bottom() {
        if is_selected && y < at.bottom() {
            buffer.set_string(place.x, y, "▌", theme.accent);
        }
        if y > place.y {
            buffer.set_string(place.x + 1, y, &row.lines_below, theme.quiet);
        }
    }
    let line = Line::from(vec![
        Span::styled(row.lines.as_str(), theme.quiet),
        Span::styled(mark(model, turn, is_selected), style),
    ]);
    buffer.set_line(place.x + 1, place.y, &line, place.width - 1);
    let image = turn.picture();
    match image.and_then(|image| pixels.get(&Subject::Thumbnail(still(image)))) {
        // At the top, so that it stands beside its number.
        Some(shown) => {
            let height = shown.size().1.min(at.height);
            cells::draw(buffer, Rect { height, ..at }, shown, theme.depth);
        }
        None if image.is_some() => {
            buffer.set_string(at.x, at.y, "…", theme.quiet);
        }
        None => {}
    }
    let words = words_beside(
        model,
        turn,
        usize::from(place.right().saturating_sub(at.right() + 1)),
    );
    for ((row, words), y) in words.iter().enumerate().zip(at.y..at.bottom()) {
        let style = if row == 0 { style } else { theme.text };
        buffer.set_string(at.right() + 1, y, words, style);
    }
}

/// Number, state and prompt in rows of this width; the last of them says if there is more.
fn words_beside(model: &Model, turn: &Turn, width: usize) -> Vec<String> {
    let marked = if model.is_marked(&turn.id) { MARKED } else { "" };
    let warned = if turn.warnings.is_empty() { "" } else { "! " };
    let state = match sending::state(model, turn) {
        state if state.is_empty() => state,
        state => format!("{state} · "),
    };
    let prompt = clean_line(&turn.request.prompt);
    let all = format!("{} {marked}{warned}{state}{prompt}", turn.number);
    let mut rows: Vec<String> = text::wrap(&all, width).into_iter().map(str::to_owned).collect();
    if rows.len() > 3 {
        rows.truncate(3);
        if let Some(last) = rows.last_mut() {
            *last = text::fit(&format!("{last} …"), width.max(1));
        }
    }
    rows
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
pub(super) fn mark(model: &Model, turn: &Turn, is_selected: bool) -> &'static str {
    match turn.status {
        TurnStatus::Finished if is_selected => "◉",
        TurnStatus::Finished => "●",
        TurnStatus::Running if model.job_of(&turn.id).is_some() => "◐",
        TurnStatus::Running | TurnStatus::Cancelled | TurnStatus::Interrupted => "○",
        TurnStatus::Failed => "✗",
    }
}
