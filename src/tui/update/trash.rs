//! Deleting, after a question, and bringing back. What runs is not deleted.

use std::collections::HashSet;

use crate::domain::{SessionId, Turn, TurnId, TurnStatus, clean_line};
use crate::error::Result;
use crate::keys::{self, Action, Context};
use crate::tui::effect::Effect;
use crate::tui::jobs::Home;
use crate::tui::model::{Focus, Model, Overlay};
use crate::tui::msg::{Doomed, Restored};
use crate::tui::{lists, words};

use super::{chrome, keeping, sessions};

/// Asks about the session under the cursor, or about the selected turn.
pub(super) fn ask(model: &mut Model) -> Vec<Effect> {
    if keeping::is_refused(model) {
        return Vec::new();
    }
    let doomed = if model.focus == Focus::Sessions {
        model.sessions.cursor.clone().map(Doomed::Session)
    } else {
        model.open.selected.clone().map(Doomed::Turn)
    };
    let Some(doomed) = doomed else {
        model.notice = Some("there is nothing to delete here".to_owned());
        return Vec::new();
    };
    match running(model, &doomed) {
        Some(words) => model.notice = Some(words),
        None => model.overlay = Some(Overlay::Delete(doomed)),
    }
    Vec::new()
}

/// Why it cannot be deleted now.
fn running(model: &Model, doomed: &Doomed) -> Option<String> {
    match doomed {
        Doomed::Session(id) => {
            let runs = model.jobs.iter().any(|job| job.home == Home::Session(id.clone()));
            runs.then(|| "something still runs in that session: stop it first".to_owned())
        }
        Doomed::Turn(id) => {
            let runs = |turn: &&Turn| turn.status == TurnStatus::Running || model.job_of(&turn.id).is_some();
            let turn = model.open.turns.grown_from(id).find(runs)?;
            let number = turn.number;
            Some(if model.job_of(&turn.id).is_some() {
                format!("#{number} still runs: stop it first")
            } else {
                format!("#{number} runs elsewhere: it can be deleted when it has ended")
            })
        }
    }
}

pub(super) fn deleted(model: &mut Model, what: &Doomed, result: Result<u32>) -> Vec<Effect> {
    match (what, result) {
        (_, Err(error)) => return chrome::problem(model, error),
        (Doomed::Session(id), Ok(_)) => session_deleted(model, id),
        (Doomed::Turn(id), Ok(turns)) => turn_deleted(model, id, turns),
    }
    reload(model)
}

/// The next session takes the cursor; on the screen a new one begins where it was open.
fn session_deleted(model: &mut Model, id: &SessionId) {
    let row = lists::session_cursor(model);
    let list = &mut model.sessions.list;
    if let Some(at) = list.iter().position(|session| session.id == *id) {
        let title = words::title(&list.remove(at).title);
        let next = row.map(|row| row.min(list.len().saturating_sub(1)));
        let next = next.and_then(|row| list.get(row));
        model.sessions.cursor = next.map(|session| session.id.clone());
        model.notice = Some(format!("deleted: {title}; {} brings it back", undo_key()));
    }
    if model.open.id.as_ref() == Some(id) {
        let focus = model.focus;
        drop(sessions::new(model));
        model.focus = focus;
    }
}

/// The parent is selected, where the selected turn went.
fn turn_deleted(model: &mut Model, id: &TurnId, turns: u32) {
    let gone = model.turn(id);
    let parent = gone.and_then(|turn| turn.parent.clone());
    let number = gone.map(|turn| turn.number).unwrap_or_default();
    let undo = undo_key();
    model.notice = Some(match turns {
        0 | 1 => format!("deleted #{number}; {undo} brings it back"),
        2 => format!("deleted #{number} and what grew from it; {undo} brings both back"),
        turns => format!(
            "deleted #{number} and {} that grew from it; {undo} brings them back",
            turns - 1
        ),
    });
    let grown = model.open.turns.grown_from(id);
    let gone: HashSet<TurnId> = grown.map(|turn| turn.id.clone()).collect();
    let open = &mut model.open;
    open.turns
        .edit(|turns| turns.retain(|turn| !gone.contains(&turn.id)));
    if open
        .selected
        .as_ref()
        .is_none_or(|selected| gone.contains(selected))
    {
        let last = open.turns.last().map(|turn| turn.id.clone());
        open.selected = parent.or(last);
    }
}

/// The key that both lists have for it.
fn undo_key() -> String {
    keys::key_for(&[Context::Turn], Action::UndoDelete)
        .map(keys::Key::short)
        .unwrap_or_default()
}

/// What is on screen may be otherwise in the store now.
fn reload(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![sessions::load(model)];
    let open = model.open.id.clone();
    effects.extend(open.map(|id| sessions::ask_for(model, id)));
    effects
}

pub(super) fn undo(model: &mut Model) -> Vec<Effect> {
    if keeping::is_refused(model) {
        return Vec::new();
    }
    vec![Effect::Undo]
}

/// What came back is opened: whoever asks for it wants to see it.
pub(super) fn restored(model: &mut Model, result: Result<Option<Restored>>) -> Vec<Effect> {
    let restored = match result {
        Ok(Some(restored)) => restored,
        Ok(None) => {
            model.notice = Some("nothing was deleted".to_owned());
            return Vec::new();
        }
        Err(error) => return chrome::problem(model, error),
    };
    let Restored {
        session,
        turns,
        whole,
    } = restored;
    let title = clean_line(&words::title(&session.title));
    let counted = words::count(usize::try_from(turns).unwrap_or(usize::MAX), "turn");
    model.notice = Some(match (whole, counted.as_str()) {
        (true, "") => format!("back again: {title}"),
        (true, counted) => format!("back again: {title}, {counted}"),
        (false, counted) => format!("back again: {counted} of {title}"),
    });
    model.sessions.cursor = Some(session.id.clone());
    vec![sessions::load(model), sessions::ask_for(model, session.id)]
}
