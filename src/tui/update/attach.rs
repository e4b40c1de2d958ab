//! Reference pictures: the file picker, pasted paths, and what comes of looking at a file.

use std::path::PathBuf;

use crate::domain::{Reference, clean_line, paths};
use crate::error::Result;
use crate::keys::Action;
use crate::tui::effect::Effect;
use crate::tui::files::{EntryKind, Files, Listing};
use crate::tui::lists;
use crate::tui::model::{Focus, Model, Overlay};
use crate::tui::msg::Ask;

use super::{chrome, moves};

/// Opens the picker in the folder that was last chosen from, else where the program was started.
pub(super) fn open(model: &mut Model, by_at: bool) -> Vec<Effect> {
    let mut files = Files {
        by_at,
        ..Files::default()
    };
    let effects = list(model, &mut files);
    model.overlay = Some(Overlay::Files(files));
    effects
}

/// Asks for the folder that is typed, unless that is the one at hand.
fn list(model: &mut Model, files: &mut Files) -> Vec<Effect> {
    let folder = files.typed_folder().to_owned();
    if files.folder.as_ref() == Some(&folder) {
        return Vec::new();
    }
    let ask = model.next_ask();
    files.asked = Some(ask);
    files.folder = Some(folder.clone());
    files.listing = None;
    files.problem = None;
    vec![Effect::ListFolder { ask, folder }]
}

pub(super) fn listed(model: &mut Model, ask: Ask, result: Result<Listing>) -> Vec<Effect> {
    if let Some(Overlay::Files(files)) = &mut model.overlay
        && files.asked == Some(ask)
    {
        files.asked = None;
        match result {
            Ok(listing) => files.listing = Some(listing),
            Err(error) => files.problem = Some(clean_line(&error.message)),
        }
        files.cursor = 0;
    }
    Vec::new()
}

/// Characters for the path.
pub(super) fn typed(model: &mut Model, mut files: Files, text: &str) -> Vec<Effect> {
    for character in text.chars() {
        files.typed.push(character);
        // Nobody has a folder of that name, and whoever types it means their home.
        if files.typed == "~" {
            files.typed.push('/');
        }
    }
    changed(model, files)
}

/// A path that is pasted into the picker stands in for what was typed.
pub(super) fn pasted_into(model: &mut Model, mut files: Files, text: &str) -> Vec<Effect> {
    let pasted = paths::pasted(text);
    files.typed = match pasted.first() {
        Some(path) => path.to_string_lossy().into_owned(),
        None => format!("{}{}", files.typed, clean_line(text)),
    };
    changed(model, files)
}

fn changed(model: &mut Model, mut files: Files) -> Vec<Effect> {
    files.cursor = 0;
    let effects = list(model, &mut files);
    model.overlay = Some(Overlay::Files(files));
    effects
}

/// What a key does in the picker.
pub(super) fn act(model: &mut Model, mut files: Files, action: Action) -> Vec<Effect> {
    match action {
        Action::DeleteLeft => files.erase(false),
        Action::KillWordLeft => files.erase(true),
        Action::KillToStart => files.typed.clear(),
        Action::Complete => {
            let path = files.under_cursor().map(|entry| files.path_of(entry));
            files.typed = path.unwrap_or(files.typed);
        }
        Action::AttachThis => return attach(model, files),
        action => {
            let len = files.rows().len();
            let row = moves::target(action, files.cursor, len, usize::from(lists::PICKER_PAGE));
            files.cursor = row.unwrap_or(files.cursor);
            model.overlay = Some(Overlay::Files(files));
            return Vec::new();
        }
    }
    changed(model, files)
}

/// A folder is looked into, a picture goes along; a path that no row matches is taken at its word.
fn attach(model: &mut Model, mut files: Files) -> Vec<Effect> {
    let found = files
        .under_cursor()
        .map(|entry| (entry.kind.clone(), files.path_of(entry)));
    match found {
        Some((EntryKind::Folder, path)) => {
            files.typed = path;
            changed(model, files)
        }
        Some((EntryKind::Picture { .. }, path)) => vec![look(model, path.into(), None)],
        None if files.typed_name().is_empty() => {
            model.overlay = Some(Overlay::Files(files));
            Vec::new()
        }
        None => vec![look(model, files.typed.into(), None)],
    }
}

/// Leaves the picker; what was typed after an `@` was meant for the prompt.
pub(super) fn leave(model: &mut Model, files: &Files) {
    if files.by_at {
        model.editor.paste(&format!("@{}", files.typed));
    }
}

fn look(model: &mut Model, path: PathBuf, pasted: Option<String>) -> Effect {
    let ask = model.next_ask();
    model.references.asked.push((ask, pasted));
    model.focus = Focus::Prompt;
    Effect::Look { ask, path }
}

/// Pasted text: pictures go along, if that is what it names; anything else is text.
pub(super) fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    let paths = paths::pasted(text);
    let only = paths.len() == 1;
    let word = |path: &PathBuf| {
        if only {
            text.to_owned()
        } else {
            format!("{} ", path.display())
        }
    };
    paths
        .iter()
        .map(|path| look(model, path.clone(), Some(word(path))))
        .collect()
}

pub(super) fn looked(model: &mut Model, ask: Ask, result: Result<Reference>) -> Vec<Effect> {
    let asked = &mut model.references.asked;
    let Some(index) = asked.iter().position(|(asked, _)| *asked == ask) else {
        return Vec::new();
    };
    let (_, pasted) = asked.remove(index);
    match (result, pasted) {
        (Ok(reference), _) => attached(model, reference),
        (Err(error), Some(text)) => {
            model.editor.paste(&text);
            let message = clean_line(&error.message);
            model.notice = Some(format!("pasted as text: {message}"));
        }
        (Err(error), None) => return chrome::problem(model, error),
    }
    Vec::new()
}

pub(super) fn attached(model: &mut Model, reference: Reference) {
    let is_same = |there: &Reference| there.path == reference.path;
    if model.references.list.iter().any(is_same) {
        model.notice = Some("it is attached already".to_owned());
        return;
    }
    model.references.list.push(reference);
    let cap = model.chosen();
    let count = model.references.list.len();
    if let Some(most) = cap.references.max.filter(|most| count > *most) {
        let name = clean_line(&cap.name);
        model.notice = Some(format!("{name} takes at most {most} reference pictures"));
    }
}

/// Takes the last one off, first of all one that is still being looked at.
pub(super) fn drop_last(model: &mut Model) {
    if model.references.asked.pop().is_none() && model.references.list.pop().is_none() {
        model.notice = Some("no reference picture is attached".to_owned());
    }
}
