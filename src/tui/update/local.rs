//! The user's own machine: what goes to its clipboard and its disk, what comes from there, and when its user is told that
//! something has ended. How the terminal is made to do it is the shell's.

use crate::domain::{Image, Reference, clean_line};
use crate::error::Result;
use crate::tui::effect::{Effect, Local};
use crate::tui::model::{Focus, Model};
use crate::tui::msg::{JobEvent, JobId};

use super::{attach, chrome, job, sessions};

/// Letters of a prompt in a notification.
const PROMPT: usize = 60;

fn picture(model: &mut Model) -> Option<Image> {
    let picture = model.selected().and_then(|turn| turn.picture()).cloned();
    if picture.is_none() {
        model.notice = Some("there is no picture yet".to_owned());
    }
    picture
}

/// The selected picture, to the clipboard.
pub(super) fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(Image { path, mime, .. }) = picture(model) else {
        return Vec::new();
    };
    vec![Effect::Local(Local::Copy { path, mime })]
}

/// The selected picture, to the machine of the terminal.
pub(super) fn download(model: &mut Model) -> Vec<Effect> {
    let Some(Image { path, .. }) = picture(model) else {
        return Vec::new();
    };
    vec![Effect::Local(Local::Download { path })]
}

/// A picture from the clipboard goes along with the next prompt.
pub(super) fn pasted(model: &mut Model, result: Result<Reference>) -> Vec<Effect> {
    match result {
        Ok(reference) => {
            if model.overlay.is_none() {
                model.focus = Focus::Prompt;
            }
            model.notice = None;
            attach::attached(model, reference);
            Vec::new()
        }
        Err(error) => chrome::problem(model, error),
    }
}

/// Whether anybody looks.
pub(super) fn focus(model: &mut Model, gained: bool) -> Vec<Effect> {
    model.away = !gained;
    sessions::refresh(model, gained)
}

/// What a job says; that it is over is told also to a user who looks elsewhere.
pub(super) fn job(model: &mut Model, id: JobId, event: JobEvent) -> Vec<Effect> {
    let mut effects = ending(model, id, &event);
    effects.extend(job::event(model, id, event));
    effects
}

/// Nobody looks, and what was waited for is over.
fn ending(model: &Model, id: JobId, event: &JobEvent) -> Vec<Effect> {
    let Some(job) = model.job(id).filter(|_| model.away) else {
        return Vec::new();
    };
    let mut prompt: String = clean_line(&job.request.prompt).chars().take(PROMPT).collect();
    if prompt.is_empty() {
        prompt.push_str("a picture");
    }
    let words = match event {
        JobEvent::Finished(_) => format!("Ready: {prompt}"),
        JobEvent::Unsaved(_) => format!("Ready, but it could not be saved: {prompt}"),
        JobEvent::Failed(turn) => match &turn.error {
            Some(error) => format!("{}: {prompt}", clean_line(&error.message)),
            None => format!("Failed: {prompt}"),
        },
        JobEvent::Refused(error) => format!("{}: {prompt}", clean_line(&error.message)),
        _ => return Vec::new(),
    };
    vec![Effect::Local(Local::Notify(words))]
}
