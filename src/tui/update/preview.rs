//! What is asked for to be seen: followed after every message, so that no change can forget to ask.

use crate::tui::effect::Effect;
use crate::tui::layout::Panes;
use crate::tui::model::{Model, Preview};
use crate::tui::msg::{Paint, Terminal};
use crate::tui::pixels::{Still, Subject, Want};
use crate::tui::wants::{main, wants};

/// Asks for what should be on screen, when it is not what was last asked for.
pub(super) fn follow(model: &mut Model, panes: &Panes) -> Option<Effect> {
    let wants = wants(model, panes);
    if wants == model.preview.wants {
        return None;
    }
    let subject = |wants: &[Want]| main(wants).map(|want| want.subject.clone());
    let (before, now) = (subject(&model.preview.wants), subject(&wants));
    if now.is_none() {
        model.preview = Preview::default();
    }
    let selected = model.open.selected.as_ref();
    if model.preview.painted.as_ref().map(|(turn, _)| turn) != selected {
        model.preview.painted = None;
    }
    let other = model.pair().map(|[other, _]| other.id.clone());
    if model.preview.beside.as_ref().map(|(turn, _)| turn) != other.as_ref() {
        model.preview.beside = None;
    }
    let second = |wants: &[Want]| wants.get(1).map(|want| want.subject.clone());
    if second(&model.preview.wants) != second(&wants) {
        model.preview.beside_problem = None;
    }
    if before != now {
        // How much differs is said of the whole, whichever part of it is seen.
        if before.as_ref().and_then(differing) != now.as_ref().and_then(differing) {
            model.preview.changed = None;
        }
        model.preview.rows = None;
        model.preview.problem = None;
    }
    model.preview.wants.clone_from(&wants);
    Some(Effect::Show(wants))
}

/// The two that a difference is of.
fn differing(subject: &Subject) -> Option<[&Still; 2]> {
    match subject {
        Subject::Difference(before, after, _) => Some([before, after]),
        _ => None,
    }
}

pub(super) fn painted(model: &mut Model, subject: Subject, paint: Paint) -> Vec<Effect> {
    if main(&model.preview.wants).map(|want| &want.subject) != Some(&subject) {
        painted_beside(model, subject, paint);
        return Vec::new();
    }
    match paint {
        Paint::Painted { rows, changed } => {
            model.preview.painted = model.open.selected.clone().map(|turn| (turn, subject));
            model.preview.rows = rows;
            model.preview.changed = changed;
            model.preview.problem = None;
        }
        Paint::Failed(error) => model.preview.problem = Some(error),
    }
    Vec::new()
}

/// The second of two that are compared; what is small is shown when it is there, and stays where it is not.
fn painted_beside(model: &mut Model, subject: Subject, paint: Paint) {
    let is_second = model.preview.wants.get(1).map(|want| &want.subject) == Some(&subject);
    let Some([other, _]) = model.pair().filter(|_| is_second) else {
        return;
    };
    match paint {
        Paint::Painted { .. } => {
            model.preview.beside = Some((other.id.clone(), subject));
            model.preview.beside_problem = None;
        }
        Paint::Failed(error) => model.preview.beside_problem = Some(error),
    }
}

/// The terminal may be another one: whatever was painted for the last is asked for again.
pub(super) fn terminal(model: &mut Model, terminal: Terminal) -> Vec<Effect> {
    model.terminal = terminal;
    model.preview = Preview::default();
    Vec::new()
}
