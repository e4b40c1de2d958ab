//! What is around the panes: which key goes where, focus, folding, notices.

use crossterm::event::{KeyEvent, KeyEventKind};
use ratatui::layout::Size;

use crate::domain::clean_line;
use crate::error::Error;
use crate::keys::{self, Action, Key};
use crate::tui::effect::{Effect, Local};
use crate::tui::layout;
use crate::tui::model::{Focus, Model, Overlay, Preview, Problem};

use super::{
    attach, job, keeping, leave, local, looking, moves, overlay, prompt, search, sessions, settings, trash,
    typing,
};

pub(super) fn key(model: &mut Model, event: KeyEvent) -> Vec<Effect> {
    if event.kind == KeyEventKind::Release {
        return Vec::new();
    }
    model.notice = None;
    let key = Key::from(event);
    let was_leaving = std::mem::take(&mut model.leaving);
    let action = keys::action(model.contexts(), key);
    if layout::is_too_small(model.size) {
        // Nothing is in sight, so nothing may change but what leads out.
        return match action {
            Some(Action::Quit | Action::Interrupt) => leave::quit_blind(model),
            Some(action @ (Action::Suspend | Action::Redraw)) => act(model, action, false),
            _ => Vec::new(),
        };
    }
    match (action, key.typed()) {
        (Some(action), _) if model.overlay.is_some() => overlay::act(model, action),
        (Some(action), _) => act(model, action, was_leaving),
        (None, Some(character)) => typing::typed_in(model, character.encode_utf8(&mut [0; 4])),
        (None, None) => Vec::new(),
    }
}

/// What an action does when no overlay has the keys.
pub(super) fn act(model: &mut Model, action: Action, was_leaving: bool) -> Vec<Effect> {
    match action {
        Action::NextPane => turn_focus(model, true),
        Action::PreviousPane => turn_focus(model, false),
        Action::Sessions => toggle_sessions(model),
        Action::FoldLeft => fold_left(model),
        Action::FoldThoughts => fold_thoughts(model),
        Action::Settings => settings::open(model),
        Action::Attach => return attach::open(model, false),
        Action::Details => overlay::open_details(model),
        Action::FetchLinks => overlay::ask_to_fetch(model),
        Action::Search => search::open(model),
        Action::Copy => return local::copy(model),
        Action::Download => return local::download(model),
        Action::PastePicture => return vec![Effect::Local(Local::PastePicture)],
        Action::Delete => return trash::ask(model),
        Action::UndoDelete => return trash::undo(model),
        Action::SaveAgain => return keeping::save_again(model),
        Action::Help => {
            model.overlay = Some(Overlay::Help {
                scroll: 0,
                about: model.focus,
            });
        }
        Action::NewSession => return sessions::new(model),
        Action::Open => return sessions::open(model),
        Action::Continue => model.focus = Focus::Prompt,
        Action::Again => return job::again(model),
        Action::Edit => return prompt::edit(model),
        Action::Escape => return leave::escape(model),
        Action::Interrupt => return leave::interrupt(model, was_leaving),
        Action::Quit => return leave::quit(model),
        Action::Suspend => return afresh(model, Effect::Suspend),
        Action::Redraw => return afresh(model, Effect::Redraw),
        action if looking::act(model, action) => {}
        action if model.focus == Focus::Prompt => return prompt::act(model, action).unwrap_or_default(),
        action => moves::act(model, action),
    }
    Vec::new()
}

/// After this the terminal holds no picture any more.
fn afresh(model: &mut Model, effect: Effect) -> Vec<Effect> {
    model.preview = Preview::default();
    vec![effect]
}

const RING: [Focus; 5] = [
    Focus::Prompt,
    Focus::Sessions,
    Focus::History,
    Focus::Picture,
    Focus::Thoughts,
];

/// On to the next pane that there is anything to see of: folded thoughts are passed over.
fn turn_focus(model: &mut Model, forward: bool) {
    let here = RING.iter().position(|focus| *focus == model.focus).unwrap_or(0);
    let step = if forward { 1 } else { RING.len() - 1 };
    model.focus = RING[(here + step) % RING.len()];
    if model.focus == Focus::Thoughts && !layout::is_thoughts_open(model) {
        turn_focus(model, forward);
    }
}

fn toggle_sessions(model: &mut Model) {
    model.focus = if model.focus == Focus::Sessions {
        Focus::Prompt
    } else {
        Focus::Sessions
    };
}

fn fold_left(model: &mut Model) {
    let on_left = matches!(model.focus, Focus::Sessions | Focus::History);
    if layout::can_stand_beside(model.size) {
        model.left_folded = !model.left_folded;
        if model.left_folded && on_left {
            model.focus = Focus::Prompt;
        }
    } else {
        model.focus = if on_left { Focus::Prompt } else { Focus::Sessions };
    }
}

fn fold_thoughts(model: &mut Model) {
    let open = !layout::is_thoughts_open(model);
    model.thoughts.open = Some(open);
    if !layout::is_thoughts_open(model) {
        if open {
            model.notice = Some("there is no room to unfold the thoughts".to_owned());
        }
        if model.focus == Focus::Thoughts {
            model.focus = Focus::Prompt;
        }
    }
}

pub(super) fn resize(model: &mut Model, size: Size) -> Vec<Effect> {
    model.size = size;
    Vec::new()
}

pub(super) fn tick(model: &mut Model, now_ms: i64) -> Vec<Effect> {
    model.now_ms = now_ms;
    Vec::new()
}

pub(super) fn notice(model: &mut Model, text: &str) -> Vec<Effect> {
    model.notice = Some(clean_line(text));
    Vec::new()
}

pub(super) fn problem(model: &mut Model, error: Error) -> Vec<Effect> {
    model.problems.push(Problem {
        error,
        about: String::new(),
    });
    Vec::new()
}
