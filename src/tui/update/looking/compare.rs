//! Comparing two nodes: marking one, beginning with the other, and in which way.

use crate::domain::TurnId;
use crate::keys::{self, Action, Context};
use crate::tui::compare::{Against, Mode, WIDTH};
use crate::tui::model::{Focus, Model};

/// How far a key moves the edge of a wipe.
const STEP: u16 = WIDTH / 25;

/// Marks this node, or takes its mark off.
pub(super) fn mark(model: &mut Model, turn: Option<&TurnId>) {
    let Some(turn) = turn.and_then(|id| model.turn(id)) else {
        model.notice = Some("there is no node to mark yet".to_owned());
        return;
    };
    let (id, number) = (turn.id.clone(), turn.number);
    let notice = if model.is_marked(&id) {
        model.looking.marked = None;
        format!("#{number} is no longer marked")
    } else if model.is_complete(turn) {
        model.looking.marked = Some(id);
        format!("#{number} is marked: {} on another node compares the two", key())
    } else {
        format!("#{number} has no picture to compare with")
    };
    model.notice = Some(notice);
}

fn key() -> String {
    keys::key_for(&[Context::Turn], Action::Compare)
        .map(keys::Key::short)
        .unwrap_or_default()
}

/// Compares the selected node with the marked one, else with what it grew from; once more ends it.
pub(super) fn begin(model: &mut Model) {
    if model.looking.comparison.against.take().is_some() {
        return;
    }
    match wanted(model) {
        Ok(against) => {
            model.looking.comparison.against = Some(against);
            model.looking.comparison.turned = false;
            model.focus = Focus::Picture;
        }
        Err(why) => model.notice = Some(why),
    }
}

fn wanted(model: &Model) -> Result<Against, String> {
    let turn = model.selected().ok_or("there is nothing to compare yet")?;
    let number = turn.number;
    if !model.is_complete(turn) {
        return Err(format!("#{number} has no picture to compare"));
    }
    if !model.terminal.pictures {
        return Err("pictures are switched off".to_owned());
    }
    match model.marked() {
        Some(marked) if marked.id != turn.id => Ok(Against::Marked),
        None if model.grown_from(turn).is_some() => Ok(Against::Parent),
        None => Err(format!(
            "#{number} grew from no picture: m marks it, then {} on another node compares the two",
            key()
        )),
        Some(_) => Err(format!(
            "#{number} is the marked node: {} on another one compares the two",
            key()
        )),
    }
}

pub(super) fn set_mode(model: &mut Model, mode: Mode) {
    model.looking.comparison.mode = mode;
    model.looking.comparison.turned = false;
}

/// Blinks; while it does, the other of the two comes into sight.
pub(super) fn blink(model: &mut Model) {
    let comparison = &mut model.looking.comparison;
    if comparison.mode == Mode::Blink {
        comparison.turned = !comparison.turned;
    } else {
        comparison.mode = Mode::Blink;
        comparison.turned = true;
    }
}

pub(super) fn move_edge(model: &mut Model, right: bool) {
    let edge = &mut model.looking.comparison.edge;
    *edge = if right {
        (*edge + STEP).min(WIDTH)
    } else {
        edge.saturating_sub(STEP)
    };
}
