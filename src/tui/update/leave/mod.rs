//! Getting out of whatever there is to get out of: an error, an overlay, a generation, the program.

pub(super) mod stop;

use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::model::{Focus, Model, Overlay, Recall};

use super::looking;

pub(super) fn escape(model: &mut Model) -> Vec<Effect> {
    if !model.problems.is_empty() {
        model.problems.remove(0);
        return Vec::new();
    }
    if looking::leave(model) {
        return Vec::new();
    }
    if layout::panes(model.size, model).over {
        model.focus = Focus::Prompt;
        return Vec::new();
    }
    stop::stop(model).unwrap_or_else(|| {
        model.focus = Focus::Prompt;
        Vec::new()
    })
}

pub(super) fn interrupt(model: &mut Model, was_leaving: bool) -> Vec<Effect> {
    if let Some(effects) = stop::stop(model) {
        return effects;
    }
    if !model.editor.is_empty() {
        model.editor.set("");
        model.recall = Recall::default();
        return Vec::new();
    }
    if was_leaving {
        return quit(model);
    }
    model.leaving = true;
    model.notice = Some("Ctrl+C again quits".to_owned());
    Vec::new()
}

/// Leaves, after asking what becomes of whatever is not saved, and of whatever runs.
pub(super) fn quit(model: &mut Model) -> Vec<Effect> {
    if !model.unsaved.is_empty() {
        model.overlay = Some(Overlay::Unsaved);
        return Vec::new();
    }
    quit_unsaved(model)
}

/// Leaves although something may not be saved, after asking what becomes of whatever runs.
pub(super) fn quit_unsaved(model: &mut Model) -> Vec<Effect> {
    if model.jobs.is_empty() {
        return vec![Effect::Quit { finish: false }];
    }
    model.overlay = Some(Overlay::Quit);
    Vec::new()
}

/// No question can be shown: what runs was paid for, so it is finished.
pub(super) fn quit_blind(model: &Model) -> Vec<Effect> {
    vec![Effect::Quit {
        finish: !model.jobs.is_empty(),
    }]
}
