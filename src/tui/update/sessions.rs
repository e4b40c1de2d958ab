//! The list of sessions, opening one, beginning a new one.

use crate::domain::{Outline, SessionId, SessionSummary};
use crate::error::Result;
use crate::tui::effect::Effect;
use crate::tui::jobs::Home;
use crate::tui::model::{Focus, Model, Open, Recall, Scroll};
use crate::tui::msg::Ask;

use super::{chrome, settings, spending};

/// Asks for the list; an earlier question is forgotten.
pub(super) fn load(model: &mut Model) -> Effect {
    let ask = model.next_ask();
    model.sessions.asked = Some(ask);
    Effect::LoadSessions { ask }
}

/// Asks for a session; an earlier question is forgotten.
pub(super) fn ask_for(model: &mut Model, id: SessionId) -> Effect {
    let ask = model.next_ask();
    let is_same = model.open.asked.as_ref().is_some_and(|(_, asked)| *asked == id);
    if !is_same {
        model.open.wanted = None;
    }
    model.open.asked = Some((ask, id.clone()));
    Effect::OpenSession { ask, id }
}

/// The user came back to this terminal: other programs may have added to the store meanwhile.
pub(super) fn refresh(model: &mut Model, gained: bool) -> Vec<Effect> {
    if !gained {
        return Vec::new();
    }
    let mut effects = vec![load(model), spending::load(model)];
    if model.open.asked.is_none() {
        let open = model.open.id.clone();
        effects.extend(open.map(|id| ask_for(model, id)));
    }
    effects
}

pub(super) fn listed(model: &mut Model, ask: Ask, result: Result<Vec<SessionSummary>>) -> Vec<Effect> {
    if model.sessions.asked != Some(ask) {
        return Vec::new();
    }
    model.sessions.asked = None;
    match result {
        Ok(list) => {
            let is_listed = |id: &&SessionId| list.iter().any(|session| session.id == **id);
            let kept = model.sessions.cursor.as_ref().filter(is_listed);
            let open = model.open.id.as_ref().filter(is_listed);
            model.sessions.cursor = kept.or(open).or(list.first().map(|session| &session.id)).cloned();
            model.sessions.list = list;
            model.sessions.loaded = true;
            Vec::new()
        }
        Err(error) => chrome::problem(model, error),
    }
}

/// Opens the session under the cursor.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.sessions.cursor.clone() else {
        return Vec::new();
    };
    if model.open.id.as_ref() == Some(&id) {
        model.open.asked = None;
        model.focus = Focus::Prompt;
        return Vec::new();
    }
    vec![ask_for(model, id)]
}

pub(super) fn opened(model: &mut Model, ask: Ask, result: Result<Box<Outline>>) -> Vec<Effect> {
    let Some((_, id)) = model.open.asked.take_if(|(asked, _)| *asked == ask) else {
        return Vec::new();
    };
    let session = match result {
        Ok(session) => *session,
        Err(error) => return chrome::problem(model, error),
    };
    let is_refresh = model.open.id.as_ref() == Some(&id);
    let mut open = Open {
        epoch: model.open.epoch,
        ..Open::from(session)
    };
    // A turn that began while the session was being read may not be in it yet.
    let here = model
        .jobs
        .iter()
        .filter(|job| job.home == Home::Session(id.clone()));
    for turn in here.filter_map(|job| job.turn.as_ref()) {
        if open.turns.place(&turn.id).is_none() {
            open.turns.put(turn.clone());
        }
    }
    let mut wanted = model.open.wanted.take();
    if is_refresh {
        wanted = wanted.or(model.open.selected.take());
        // What is shown stays until it has been read again.
        open.text.known = model.open.text.known.take();
    } else {
        look_anew(model);
        model.sessions.cursor = Some(id);
    }
    if let Some(wanted) = wanted.filter(|id| open.turns.place(id).is_some()) {
        open.selected = Some(wanted);
    }
    model.open = open;
    if is_refresh {
        Vec::new()
    } else {
        settings::remember(model)
    }
}

pub(super) fn new(model: &mut Model) -> Vec<Effect> {
    let epoch = model.open.epoch + 1;
    model.open = Open {
        epoch,
        ..Open::default()
    };
    look_anew(model);
    Vec::new()
}

/// Another session is on screen: what was scrolled or recalled belonged to the last one.
fn look_anew(model: &mut Model) {
    model.focus = Focus::Prompt;
    model.thoughts.scroll = Scroll::Tail;
    model.recall = Recall::default();
}
