//! The mouse: a click focuses and selects, the wheel scrolls what it is over. Nothing needs it.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use crate::keys::Action;
use crate::tui::effect::Effect;
use crate::tui::layout::{self, Panes};
use crate::tui::model::{Focus, Model};

use super::{moves, overlay, sessions};

pub(super) fn mouse(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let panes = layout::panes(model.size, model);
    let up = match event.kind {
        MouseEventKind::ScrollUp => true,
        MouseEventKind::ScrollDown => false,
        MouseEventKind::Down(MouseButton::Left) if model.overlay.is_none() => {
            return click(model, &panes, Position::new(event.column, event.row));
        }
        _ => return Vec::new(),
    };
    if model.overlay.is_some() {
        let action = if up { Action::Up } else { Action::Down };
        return overlay::act(model, action);
    }
    if let Some((focus, _)) = panes.at(Position::new(event.column, event.row)) {
        moves::wheel(model, focus, up);
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
        Focus::Sessions | Focus::Picture | Focus::Thoughts => {}
    }
    Vec::new()
}
