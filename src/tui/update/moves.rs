//! Moving through lists and scrolling: the same keys and the wheel, whatever has the focus.

use crate::domain::TurnId;
use crate::keys::Action;
use crate::tui::layout::{self, Pane};
use crate::tui::lists::{self, SessionRow};
use crate::tui::model::{Focus, Model, Scroll};
use crate::tui::nodes;

/// Rows that a turn of the wheel scrolls text by; a list moves by one.
const WHEEL: isize = 3;

/// Where a move leads from row `here` of `len`, with pages of `height` rows.
pub(super) fn target(action: Action, here: usize, len: usize, height: usize) -> Option<usize> {
    let page = isize::try_from(height.max(1)).unwrap_or(isize::MAX);
    let half = (page / 2).max(1);
    let last = len.checked_sub(1)?;
    let by = match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::First => return Some(0),
        Action::Last => return Some(last),
        Action::HalfPageUp => -half,
        Action::HalfPageDown => half,
        Action::PageUp => -page,
        Action::PageDown => page,
        _ => return None,
    };
    Some(here.saturating_add_signed(by).min(last))
}

/// Moves in the pane that has the focus.
pub(super) fn act(model: &mut Model, action: Action) {
    let panes = layout::panes(model.size, model);
    let Some(pane) = panes.of(model.focus) else { return };
    let height = usize::from(pane.inner.height);
    match model.focus {
        Focus::Sessions => {
            let here = lists::session_cursor(model).unwrap_or(0);
            if let Some(row) = target(action, here, model.sessions.list.len(), height) {
                model.sessions.cursor = Some(model.sessions.list[row].id.clone());
            }
        }
        Focus::History => {
            let in_sight = nodes::nodes(model, pane).page();
            go(model, action, in_sight);
        }
        Focus::Thoughts => scroll_thoughts(model, pane, |here, len| target(action, here, len, height)),
        Focus::Prompt | Focus::Picture => {}
    }
}

/// On to another node of the session, in the order of History.
pub(super) fn step(model: &mut Model, action: Action) {
    go(model, action, 1);
}

fn go(model: &mut Model, action: Action, page: usize) {
    let turns = &model.open.turns;
    let here = model
        .open
        .selected
        .as_ref()
        .and_then(|id| turns.row(id))
        .unwrap_or(0);
    let row = target(action, here, turns.len(), page);
    if let Some(turn) = row.and_then(|row| turns.in_row(row)) {
        let id = turn.id.clone();
        select(model, id);
    }
}

pub(super) fn wheel(model: &mut Model, focus: Focus, up: bool) {
    let action = if up { Action::Up } else { Action::Down };
    let panes = layout::panes(model.size, model);
    match (focus, panes.of(focus)) {
        (Focus::Thoughts, Some(pane)) => {
            let by = if up { -WHEEL } else { WHEEL };
            scroll_thoughts(model, pane, |here, _| Some(here.saturating_add_signed(by)));
        }
        (Focus::Sessions | Focus::History, Some(_)) => {
            let kept = std::mem::replace(&mut model.focus, focus);
            act(model, action);
            model.focus = kept;
        }
        _ => {}
    }
}

/// At the end the thoughts are followed again.
fn scroll_thoughts(model: &mut Model, pane: Pane, to: impl Fn(usize, usize) -> Option<usize>) {
    let rows = lists::transcript(model, pane.text().width).len();
    let last = rows.saturating_sub(usize::from(pane.inner.height));
    let here = match model.thoughts.scroll {
        Scroll::Tail => last,
        Scroll::At(row) => row.min(last),
    };
    if let Some(row) = to(here, last + 1) {
        model.thoughts.scroll = if row >= last {
            Scroll::Tail
        } else {
            Scroll::At(row)
        };
    }
}

/// Selects a node: Picture and Thoughts show it, and the next prompt grows from it.
pub(super) fn select(model: &mut Model, turn: TurnId) {
    if model.open.selected.as_ref() != Some(&turn) {
        model.open.selected = Some(turn);
        model.thoughts.scroll = Scroll::Tail;
    }
}

/// Whether the row was under the cursor already.
pub(super) fn click_session(model: &mut Model, pane: Pane, row: usize) -> bool {
    let rows = lists::session_rows(model);
    let first = lists::first_session_row(model, &rows, pane.inner.height);
    let Some(SessionRow::Session(index)) = rows.get(first + row) else {
        return false;
    };
    let id = Some(model.sessions.list[*index].id.clone());
    let again = model.sessions.cursor == id;
    model.sessions.cursor = id;
    again
}

pub(super) fn click_turn(model: &mut Model, pane: Pane, row: usize) {
    let nodes = nodes::nodes(model, pane);
    if let Some(row) = nodes.at(row) {
        select(model, row.turn.clone());
    }
}
