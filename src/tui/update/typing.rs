//! Keys that came at once, as a terminal without bracketed paste sends what is pasted: what is only typed goes in as one
//! piece, whatever its length.

use crossterm::event::{KeyEvent, KeyEventKind};

use crate::keys::{self, Key};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::model::{Focus, Model, Overlay};

use super::{attach, chrome, search};

/// Takes keys in their order; each finds the model as the ones before have left it.
pub(super) fn keys(model: &mut Model, events: &[KeyEvent]) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut rest = events;
    while let Some((first, behind)) = rest.split_first() {
        let typed = typed_at_once(model, rest);
        if let Some((text, count)) = typed.filter(|(_, count)| *count > 1) {
            model.notice = None;
            model.leaving = false;
            effects.extend(typed_in(model, &text));
            rest = &rest[count..];
        } else {
            effects.extend(chrome::key(model, *first));
            rest = behind;
        }
        if !rest.is_empty() {
            effects.extend(super::follow::follow(model));
        }
    }
    effects
}

/// The characters that these keys begin with, and how many keys those are, where characters are typed into something.
fn typed_at_once(model: &Model, events: &[KeyEvent]) -> Option<(String, usize)> {
    let is_prompt = match model.overlay {
        None => model.focus == Focus::Prompt,
        Some(Overlay::Files(_) | Overlay::Search(_)) => false,
        Some(_) => return None,
    };
    let is_field = is_prompt || model.overlay.is_some();
    if !is_field || layout::is_too_small(model.size) {
        return None;
    }
    let contexts = model.contexts();
    let mut is_word_start = is_prompt && model.editor.is_at_word_start();
    let mut text = String::new();
    let mut count = 0;
    for event in events {
        let key = Key::from(*event);
        let typed = key.typed().filter(|_| event.kind != KeyEventKind::Release);
        let Some(character) = typed.filter(|_| keys::action(contexts, key).is_none()) else {
            break;
        };
        // It opens the file picker, into which the rest is typed.
        if character == '@' && is_word_start {
            break;
        }
        is_word_start = is_prompt && character.is_whitespace();
        text.push(character);
        count += 1;
    }
    Some((text, count))
}

/// Characters that no key is bound to: for the path in the file picker or the words of the search, else for the prompt.
pub(super) fn typed_in(model: &mut Model, text: &str) -> Vec<Effect> {
    match model.overlay.take() {
        Some(Overlay::Files(files)) => return attach::typed(model, files, text),
        Some(Overlay::Search(search)) => return search::typed(model, search, text),
        Some(overlay) => model.overlay = Some(overlay),
        None if model.focus != Focus::Prompt => {}
        None if text == "@" && model.editor.is_at_word_start() => return attach::open(model, true),
        None => model.editor.insert(text),
    }
    Vec::new()
}
