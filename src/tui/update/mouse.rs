//! The mouse: a click focuses and selects, the wheel scrolls what it is over, a drag moves the picture. Nothing needs it.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use crate::keys::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Panes};
use crate::tui::model::{Focus, Model};

use super::{looking, moves, overlay, sessions};

pub(super) fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let panes = layout::panes(model.size, model);
    let at = Position::new(event.column, event.row);
    let up = match event.kind {
        MouseEventKind::ScrollUp => true,
        MouseEventKind::ScrollDown => false,
        MouseEventKind::Down(MouseButton::Left) if model.overlay.is_none() => {
            return click(model, &panes, at);
        }
        MouseEventKind::Down(MouseButton::Left) => {
            looking::click_sheet(model, at);
            return Vec::new();
        }
        MouseEventKind::Drag(MouseButton::Left) if model.overlay.is_none() => {
            looking::drag(model, &panes, at);
            return Vec::new();
        }
        MouseEventKind::Up(_) => {
            looking::let_go(model);
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    if model.overlay.is_some() {
        let action = if up { Action::Up } else { Action::Down };
        return overlay::act(model, action);
    }
    match panes.at(at) {
        Some((Focus::Picture, _)) => looking::wheel(model, at, up),
        Some((focus, _)) => moves::wheel(model, focus, up),
        None => {}
    }
    Vec::new()
}

/// Focuses what was clicked and selects the row that was clicked; a row that was selected already is opened.
fn click(model: &mut Model, panes: &Panes, at: Position) -> Vec<Effect> {
    let Some((focus, pane)) = panes.at(at) else {
        return Vec::new();
    };
    model.focus = focus;
    if focus == Focus::Thoughts && !layout::is_thoughts_open(model) {
        model.thoughts.open = Some(true);
    }
    if !pane.inner.contains(at) {
        return Vec::new();
    }
    let row = usize::from(at.y - pane.inner.y);
    match focus {
        Focus::Prompt => {
            let text = panes.editor();
            let first = layout::prompt_first_row(model, panes);
            let row = usize::from(at.y.saturating_sub(text.y));
            let column = usize::from(at.x.saturating_sub(text.x));
            model.editor.click(first + row, column, usize::from(text.width));
        }
        Focus::Sessions if moves::click_session(model, pane, row) => return sessions::open(model),
        Focus::History => moves::click_turn(model, pane, row),
        Focus::Picture => looking::grip(model, at),
        Focus::Sessions | Focus::Thoughts => {}
    }
    Vec::new()
}
