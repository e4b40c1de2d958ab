//! The prompt: typing, sending, and going back through what was sent.

use std::collections::HashSet;

use crate::keys::Action;
use crate::tui::editor::{Edit, Editor};
use crate::tui::effect::Effect;
use crate::tui::model::{Focus, Model, Overlay, Recall, References};
use crate::tui::settings::Setting;
use crate::tui::{layout, sending};

use super::{attach, job, leave, search, settings};

pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if layout::is_too_small(model.size) {
        return Vec::new();
    }
    match model.overlay.take() {
        Some(Overlay::Files(files)) => return attach::pasted_into(model, files, text),
        Some(Overlay::Search(search)) => return search::typed(model, search, text),
        Some(overlay) => {
            model.overlay = Some(overlay);
            if model.is_asked() {
                model.notice = Some("pasted text answers no question".to_owned());
            }
        }
        None => {
            // Pasted text can only be meant for the prompt, whichever pane has the keys.
            model.focus = Focus::Prompt;
            let effects = attach::paste(model, text);
            if effects.is_empty() {
                model.editor.paste(text);
            }
            return effects;
        }
    }
    Vec::new()
}

/// What an action does in the prompt; `None` when it has no meaning there.
pub(super) fn act(model: &mut Model, action: Action) -> Option<Vec<Effect>> {
    let edit = match action {
        Action::Send => return Some(send(model)),
        Action::RowUp => return Some(row(model, Editor::up, 1)),
        Action::RowDown => return Some(row(model, Editor::down, -1)),
        Action::DeleteRightOrQuit if model.editor.is_empty() => return Some(leave::quit(model)),
        Action::DropReference => {
            attach::drop_last(model);
            return Some(Vec::new());
        }
        Action::DeleteLeft if model.editor.is_at_start() && !model.references.list.is_empty() => {
            attach::drop_last(model);
            return Some(Vec::new());
        }
        Action::NewLine => Edit::NewLine,
        Action::Left => Edit::Left,
        Action::Right => Edit::Right,
        Action::WordLeft => Edit::WordLeft,
        Action::WordRight => Edit::WordRight,
        Action::LineStart => Edit::LineStart,
        Action::LineEnd => Edit::LineEnd,
        Action::DeleteLeft => Edit::Backspace,
        Action::DeleteRight | Action::DeleteRightOrQuit => Edit::Delete,
        Action::KillWordLeft => Edit::KillWordLeft,
        Action::KillWordRight => Edit::KillWordRight,
        Action::KillToStart => Edit::KillToStart,
        Action::KillToEnd => Edit::KillToEnd,
        Action::Yank => Edit::Yank,
        Action::Undo => Edit::Undo,
        _ => return None,
    };
    model.editor.apply(edit);
    Some(Vec::new())
}

/// Sends the prompt, after a question where a project's file makes it dearer.
fn send(model: &mut Model) -> Vec<Effect> {
    if model.editor.is_blank() {
        model.notice = Some("type what the picture should show, then press Enter".to_owned());
        return Vec::new();
    }
    let base = model.base();
    if let Some(running) = base.filter(|turn| model.job_of(&turn.id).is_some()) {
        let number = running.number;
        model.notice = Some(format!(
            "#{number} is still running: wait for it, or select another node"
        ));
        return Vec::new();
    }
    if !model.references.asked.is_empty() {
        model.notice = Some("one moment: a reference picture is still being read".to_owned());
        return Vec::new();
    }
    let parent = base.map(|turn| turn.id.clone());
    if model.dearer().is_some() {
        model.overlay = Some(Overlay::Dearer);
        return Vec::new();
    }
    let request = sending::draft(model);
    let effects = job::send(model, parent, request, model.settings.count());
    if !effects.is_empty() {
        model.editor = Editor::default();
        model.recall = Recall::default();
        model.references = References::default();
        model.settings.sent();
        model.picked.clear();
    }
    effects
}

/// Sends what a project's file makes dearer. The user has seen the price: it is not asked again while the program runs.
pub(super) fn send_dearer(model: &mut Model) -> Vec<Effect> {
    model.project = None;
    send(model)
}

/// Sends with the user's own default, which holds from now on.
pub(super) fn send_own(model: &mut Model) -> Vec<Effect> {
    if let Some(dearer) = model.dearer() {
        model.settings = dearer.own;
        model.picked.insert(Setting::Size);
    }
    send(model)
}

/// A visible row up or down; beyond the first or last, an earlier (`back` 1) or later (-1) prompt.
fn row(model: &mut Model, go: fn(&mut Editor, usize) -> bool, back: isize) -> Vec<Effect> {
    let width = layout::panes(model.size, model).editor().width;
    if !go(&mut model.editor, usize::from(width)) {
        recall(model, back);
    }
    Vec::new()
}

/// The prompts of this session, the newest first, each once.
fn earlier(model: &Model) -> impl Iterator<Item = &str> {
    let mut told = HashSet::new();
    let prompts = model.open.turns.iter().rev();
    let prompts = prompts.map(|turn| turn.request.prompt.as_str());
    prompts.filter(move |prompt| told.insert(*prompt))
}

fn recall(model: &mut Model, back: isize) {
    let Some(back) = model.recall.back.checked_add_signed(back) else {
        return;
    };
    let earlier = back
        .checked_sub(1)
        .map(|index| earlier(model).nth(index).map(str::to_owned));
    if earlier == Some(None) {
        return;
    }
    if model.recall.back == 0 {
        model.recall.draft = model.editor.text();
    }
    model.recall.back = back;
    let text = earlier.flatten();
    let text = text.unwrap_or_else(|| std::mem::take(&mut model.recall.draft));
    model.editor.set(&text);
}

/// Loads the selected turn's prompt, references and settings.
pub(super) fn edit(model: &mut Model) -> Vec<Effect> {
    let Some(turn) = model.selected() else {
        return Vec::new();
    };
    let request = turn.request.clone();
    model.editor.set(&request.prompt);
    model.references = References {
        list: request.references.clone(),
        asked: Vec::new(),
    };
    model.focus = Focus::Prompt;
    settings::load(model, &request)
}
