//! The search over all sessions, as it is typed; an answer to what was typed before is dropped.

use crate::domain::{clean_line, without_controls};
use crate::error::Result;
use crate::keys::Action;
use crate::tui::effect::Effect;
use crate::tui::lists;
use crate::tui::model::{Focus, Model, Overlay, Scroll};
use crate::tui::msg::Ask;
use crate::tui::search::{Hit, Search};

use super::{moves, sessions};

pub(super) fn open(model: &mut Model) {
    model.overlay = Some(Overlay::Search(Search::default()));
}

pub(super) fn typed(model: &mut Model, mut search: Search, text: &str) -> Vec<Effect> {
    search
        .typed
        .push_str(&without_controls(text).replace(['\n', '\t'], " "));
    changed(model, search)
}

/// What a key does in the search.
pub(super) fn act(model: &mut Model, mut search: Search, action: Action) -> Vec<Effect> {
    match action {
        Action::DeleteLeft => search.erase(false),
        Action::KillWordLeft => search.erase(true),
        Action::KillToStart => search.typed.clear(),
        Action::OpenHit => return take(model, search),
        action => {
            let row = moves::target(
                action,
                search.cursor,
                search.hits.len(),
                usize::from(lists::PICKER_PAGE),
            );
            search.cursor = row.unwrap_or(search.cursor);
            model.overlay = Some(Overlay::Search(search));
            return Vec::new();
        }
    }
    changed(model, search)
}

/// Other words: what was found for the last ones stays until the answer comes, so that the list does not flicker.
fn changed(model: &mut Model, mut search: Search) -> Vec<Effect> {
    let words = search.typed.trim().to_owned();
    let mut effects = Vec::new();
    if words.is_empty() {
        search = Search {
            typed: search.typed,
            ..Search::default()
        };
    } else {
        let ask = model.next_ask();
        search.asked = Some(ask);
        effects.push(Effect::Search { ask, words });
    }
    model.overlay = Some(Overlay::Search(search));
    effects
}

pub(super) fn found(model: &mut Model, ask: Ask, result: Result<Vec<Hit>>) -> Vec<Effect> {
    if let Some(Overlay::Search(search)) = &mut model.overlay
        && search.asked == Some(ask)
    {
        search.asked = None;
        search.answered = true;
        search.cursor = 0;
        (search.hits, search.problem) = match result {
            Ok(hits) => (hits, None),
            Err(error) => (Vec::new(), Some(clean_line(&error.message))),
        };
    }
    Vec::new()
}

/// Opens the session at the turn under the cursor.
fn take(model: &mut Model, search: Search) -> Vec<Effect> {
    let Some(hit) = search.under_cursor().cloned() else {
        model.overlay = Some(Overlay::Search(search));
        return Vec::new();
    };
    let turn = hit.turn.map(|(turn, _)| turn);
    if model.open.id.as_ref() == Some(&hit.session) {
        let is_there = |id: &crate::domain::TurnId| model.turn(id).is_some();
        if let Some(turn) = turn.filter(is_there) {
            model.open.selected = Some(turn);
            model.thoughts.scroll = Scroll::Tail;
        }
        model.open.asked = None;
        model.focus = Focus::Prompt;
        return Vec::new();
    }
    let asking = sessions::ask_for(model, hit.session);
    model.open.wanted = turn;
    vec![asking]
}
