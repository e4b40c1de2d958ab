//! The mouse on the picture: a drag moves it, or the edge of a wipe; the wheel looks closer and further away.

use ratatui::layout::Position;

use crate::tui::closer::Zoom;
use crate::tui::compare::{Mode, WIDTH};
use crate::tui::layout::{self, Panes};
use crate::tui::looking::Grip;
use crate::tui::model::Model;
use crate::tui::scene;

use super::closely;

/// The button went down on the picture.
pub(in super::super) fn grip(model: &mut Model, at: Position) {
    model.looking.grip = match model.compares() {
        Some(Mode::Wipe) => Some(Grip::Edge),
        _ => closely(model).ok().and_then(|(closer, room)| {
            (closer.zoom != Zoom::Fit).then(|| Grip::Picture {
                from: at,
                middle: closer.middle(room),
            })
        }),
    };
}

pub(in super::super) fn let_go(model: &mut Model) {
    model.looking.grip = None;
}

/// The pointer moves with the button down.
pub(in super::super) fn drag(model: &mut Model, panes: &Panes, at: Position) {
    match model.looking.grip {
        None => {}
        Some(Grip::Edge) => {
            let (left, width) = scene::columns(model, panes);
            let column = u32::from(at.x.saturating_sub(left));
            let edge = column * u32::from(WIDTH) / u32::from(width.max(1));
            model.looking.comparison.edge = u16::try_from(edge).unwrap_or(WIDTH).min(WIDTH);
        }
        Some(Grip::Picture { from, middle }) => {
            if let Ok((mut closer, room)) = closely(model) {
                let by = |now: u16, then: u16| i32::from(now) - i32::from(then);
                closer.drag(room, middle, (by(at.x, from.x), by(at.y, from.y)));
                model.looking.closer = Some(closer);
            }
        }
    }
}

/// What is under the pointer stays there.
pub(in super::super) fn wheel(model: &mut Model, at: Position, up: bool) {
    let panes = layout::panes(model.size, model);
    let frame = scene::frame_at(model, &panes, at);
    if let Ok((mut closer, room)) = closely(model) {
        let inside = |at: u16, from: u16, cells: u16| at.saturating_sub(from).min(cells.saturating_sub(1));
        let column = inside(at.x, frame.x, frame.width);
        let row = inside(at.y, frame.y, frame.height);
        closer.step_at(room, up, (column, row));
        model.looking.closer = Some(closer);
    }
}
