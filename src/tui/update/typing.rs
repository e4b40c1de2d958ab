//! Keys that came at once: over a slow link, or because one was held down. Characters for a field go in as one piece.
//! Keys that spend, delete or leave take no part in it: such a key is one that came alone, so that nobody answers a
//! question that they have not seen, and a paste that is short enough for keys does no harm.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use crate::keys::{self, Action, Key};
use crate::tui::effect::Effect;
use crate::tui::model::{Focus, Model, Overlay};

use super::{attach, chrome, search};

/// Takes keys in their order; each finds the model as the ones before have left it.
pub(super) fn keys(model: &mut Model, events: &[KeyEvent]) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut rest = events;
    let is_crowd = events.iter().filter(|event| is_plain(event)).count() > 1;
    while let Some((first, behind)) = rest.split_first() {
        let typed = typed_at_once(model, rest);
        if let Some((text, count)) = typed.filter(|(_, count)| *count > 1) {
            model.notice = None;
            model.leaving = false;
            effects.extend(typed_in(model, &text));
            rest = &rest[count..];
        } else if is_crowd && is_weighty(model, *first) {
            model.notice = Some("too many keys at once: hit this one again".to_owned());
            rest = behind;
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

/// Enter, Tab or a character, as they stand in pasted text.
fn is_plain(event: &KeyEvent) -> bool {
    let is_key = matches!(event.code, KeyCode::Enter | KeyCode::Tab) && event.modifiers.is_empty();
    is_key || Key::from(*event).typed().is_some()
}

/// Returns whether this key, which is one of text, spends or answers a question where it is hit now.
fn is_weighty(model: &Model, event: KeyEvent) -> bool {
    let action = keys::action(model.contexts(), event.into());
    is_plain(&event) && (model.is_asked() || matches!(action, Some(Action::Send | Action::Again)))
}

/// The characters that these keys begin with, and how many keys those are, where characters are typed into something.
fn typed_at_once(model: &Model, events: &[KeyEvent]) -> Option<(String, usize)> {
    if !model.is_typed_into() {
        return None;
    }
    let is_prompt = model.is_prompt_typed_into();
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
