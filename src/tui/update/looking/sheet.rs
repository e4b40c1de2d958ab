//! What the keys and the mouse do on the contact sheet.

use ratatui::layout::Position;

use crate::keys::Action;
use crate::tui::layout;
use crate::tui::model::{Focus, Model, Overlay};
use crate::tui::sheet::{self, Grid, Sheet};

use super::{compare, moves};

pub(super) fn open(model: &mut Model) {
    match model.open.selected.clone() {
        Some(cursor) => model.overlay = Some(Overlay::Sheet(Sheet { cursor })),
        None => model.notice = Some("the contact sheet is empty: this session has no nodes yet".to_owned()),
    }
}

/// What an action does while the sheet has the keys.
pub(in super::super) fn act(model: &mut Model, sheet: Sheet, action: Action) {
    if model.turn(&sheet.cursor).is_none() {
        // Its session is no longer the one on screen, or the node is deleted.
        return open(model);
    }
    match action {
        Action::GoThere => go_to(model, sheet),
        Action::ContactSheet => {}
        Action::Compare => {
            go_to(model, sheet.clone());
            model.looking.comparison.against = None;
            compare::begin(model);
            if model.compares().is_none() {
                // It says why, and the node to choose instead is here.
                model.overlay = Some(Overlay::Sheet(sheet));
            }
        }
        Action::Mark => {
            compare::mark(model, Some(&sheet.cursor));
            model.overlay = Some(Overlay::Sheet(sheet));
        }
        action => {
            let panes = layout::panes(model.size, model);
            let grid = sheet::grid(model, &sheet, &panes);
            let turns = &model.open.turns;
            let tile = target(&grid, action).and_then(|to| turns.tiles().get(to));
            let turn = tile.and_then(|tile| turns.get(tile.place));
            let cursor = turn.map_or(sheet.cursor, |turn| turn.id.clone());
            model.overlay = Some(Overlay::Sheet(Sheet { cursor }));
        }
    }
}

/// The tile that a move leads to. Up and down stay in their column; below the last row there is only its end.
fn target(grid: &Grid, action: Action) -> Option<usize> {
    let (here, last) = (grid.cursor, grid.len.checked_sub(1)?);
    match action {
        Action::PreviousNode => return Some(here.saturating_sub(1)),
        Action::NextNode => return Some((here + 1).min(last)),
        Action::First => return Some(0),
        Action::Last => return Some(last),
        _ => {}
    }
    let rows = last / grid.across + 1;
    let row = moves::target(action, here / grid.across, rows, grid.down)?;
    Some((row * grid.across + here % grid.across).min(last))
}

fn go_to(model: &mut Model, sheet: Sheet) {
    moves::select(model, sheet.cursor);
    if model.focus != Focus::History {
        model.focus = Focus::Picture;
    }
}

/// Selects the tile that was clicked; one that was selected already is gone to.
pub(in super::super) fn click(model: &mut Model, at: Position) {
    let Some(Overlay::Sheet(sheet)) = &model.overlay else {
        return;
    };
    let grid = sheet::grid(model, sheet, &layout::panes(model.size, model));
    let hit = grid.shown.iter().find(|(_, _, place)| place.contains(at));
    let Some((index, turn)) = hit.and_then(|(index, tile, _)| Some((*index, model.at(tile.place)?))) else {
        return;
    };
    let hit = Sheet {
        cursor: turn.id.clone(),
    };
    if index == grid.cursor {
        model.overlay = None;
        go_to(model, hit);
    } else {
        model.overlay = Some(Overlay::Sheet(hit));
    }
}
