//! What is kept and what is not yet: recovery at the start, changes by other programs, a store that cannot be written,
//! pictures that could not be saved.

use crate::domain::Turn;
use crate::error::Error;
use crate::tui::effect::Effect;
use crate::tui::jobs::Home;
use crate::tui::model::{Model, Overlay, Problem};
use crate::tui::msg::JobId;

use super::{job, sessions, spending};

/// Another program has written, or recovery has: what is on screen may be otherwise in the store now.
pub(super) fn changed(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![sessions::load(model), spending::load(model)];
    // What is being read already may have been read before the change.
    let asked = model.open.asked.as_ref().map(|(_, id)| id.clone());
    let open = asked.or_else(|| model.open.id.clone());
    effects.extend(open.map(|id| sessions::ask_for(model, id)));
    effects
}

/// What earlier runs had left behind is in the store now.
pub(super) fn recovered(model: &mut Model, turns: &[Turn], problems: Vec<Error>) -> Vec<Effect> {
    for error in problems {
        job::tell(model, error, String::new());
    }
    if turns.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = turns.iter().map(|turn| job::name(model, turn)).collect();
    let which = match names.as_slice() {
        [one] => format!("A turn was recovered from an interrupted run: {one}"),
        several => format!(
            "{} turns were recovered from an interrupted run: {}",
            several.len(),
            several.join(", ")
        ),
    };
    model.notice = Some(which);
    changed(model)
}

/// Whether nothing can be written; then the user is told why.
pub(super) fn is_refused(model: &mut Model) -> bool {
    let Some(error) = model.read_only.clone() else {
        return false;
    };
    job::tell(model, error, String::new());
    true
}

/// The turn has ended and its picture is only in memory: that is said until it is saved.
pub(super) fn unsaved(model: &mut Model, id: JobId, turn: Turn) -> Vec<Effect> {
    let about = job::name(model, &turn);
    let error = turn.error.clone();
    model.unsaved.retain(|known| known.id != turn.id);
    model.unsaved.push(turn.clone());
    let effects = job::ended(model, id, turn);
    if let Some(error) = error {
        job::tell(model, error, about);
    }
    effects
}

/// The turn has ended otherwise: nothing of it is held any more.
pub(super) fn saved(model: &mut Model, turn: &Turn) {
    let before = model.unsaved.len();
    model.unsaved.retain(|known| known.id != turn.id);
    if model.unsaved.len() == before {
        return;
    }
    let about = job::name(model, turn);
    model
        .problems
        .retain(|Problem { about: whose, .. }| *whose != about);
    if model.unsaved.is_empty() && model.overlay == Some(Overlay::Unsaved) {
        model.overlay = None;
    }
    model.notice = Some(format!("saved: {about}"));
}

/// Saves again what could not be saved, all of it.
pub(super) fn save_again(model: &mut Model) -> Vec<Effect> {
    let due: Vec<Turn> = model
        .unsaved
        .iter()
        .filter(|turn| model.job_of(&turn.id).is_none())
        .cloned()
        .collect();
    if due.is_empty() {
        model.notice = Some(if model.unsaved.is_empty() {
            "everything is saved".to_owned()
        } else {
            "it is being saved".to_owned()
        });
        return Vec::new();
    }
    due.into_iter().map(|turn| save(model, turn)).collect()
}

fn save(model: &mut Model, turn: Turn) -> Effect {
    let id = model.next_job();
    let mut saving = job::new(model, id, turn.request.clone());
    saving.home = Home::Session(turn.session.clone());
    let effect = Effect::SaveAgain {
        job: id,
        turn: turn.id.clone(),
    };
    saving.turn = Some(turn);
    saving.saves = true;
    model.jobs.push(saving);
    effect
}
