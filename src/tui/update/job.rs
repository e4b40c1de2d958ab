//! Generations: sending, and what they say.

use crate::domain::{Request, Turn, TurnId};
use crate::error::Error;
use crate::tui::effect::Effect;
use crate::tui::model::{Focus, Growing, Home, Job, Model, Problem, Scroll};
use crate::tui::msg::{JobEvent, JobId, Progress};
use crate::tui::words;

use super::{sessions, stop};

/// Sends a request that grows from `parent`.
pub(super) fn send(model: &mut Model, parent: Option<TurnId>, request: Request) -> Vec<Effect> {
    let is_unborn = |job: &Job| matches!(job.home, Home::Unborn(_)) && model.is_here(job);
    if model.jobs.iter().any(is_unborn) {
        // Two first prompts at once would make two sessions.
        model.notice = Some("one moment: the first prompt of this session is just starting".to_owned());
        return Vec::new();
    }
    let id = model.next_job();
    let home = match &model.open.id {
        Some(session) => Home::Session(session.clone()),
        None => Home::Unborn(model.open.epoch),
    };
    model.jobs.push(Job {
        id,
        home,
        from: model.open.selected.clone(),
        prompt: request.prompt.clone(),
        started_ms: model.now_ms,
        turn: None,
        progress: Progress::default(),
        growing: None,
    });
    model.thoughts.scroll = Scroll::Tail;
    vec![Effect::Send {
        job: id,
        session: model.open.id.clone(),
        parent,
        request: Box::new(request),
    }]
}

/// The request of the selected turn once more, beside it.
pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    let Some(turn) = model.selected() else {
        return Vec::new();
    };
    let (parent, request) = (turn.parent.clone(), turn.request.clone());
    send(model, parent, request)
}

/// One event of a job; of a job that is over or was stopped, nothing is wanted any more.
pub(super) fn event(model: &mut Model, id: JobId, event: JobEvent) -> Vec<Effect> {
    let Some(job) = model.job_mut(id) else {
        return Vec::new();
    };
    match (event, &mut job.turn) {
        (JobEvent::Started(turn), _) => return started(model, id, *turn),
        (JobEvent::Finished(turn), _) => return ended(model, id, *turn),
        (JobEvent::Failed(turn), _) => return failed(model, id, *turn),
        (JobEvent::Refused(error), _) => return refused(model, id, error),
        (JobEvent::Progress(progress), _) => job.progress = progress,
        (JobEvent::PictureBegan { picture, path }, _) => job.growing = Some(Growing { picture, path }),
        (JobEvent::PictureEnded { picture, image }, turn) => {
            job.growing.take_if(|growing| growing.picture == picture);
            if let Some(turn) = turn {
                turn.images.push(image);
            }
        }
        (JobEvent::Thought(text), Some(turn)) => turn.thoughts.push_str(&text),
        (JobEvent::Text(text), Some(turn)) => turn.text.push_str(&text),
        (JobEvent::Usage(usage), Some(turn)) => turn.usage.update(usage),
        (JobEvent::Notice(_) | JobEvent::Retry { .. } | JobEvent::Paused { .. }, _) => {}
        (JobEvent::Thought(_) | JobEvent::Text(_) | JobEvent::Usage(_), None) => {}
    }
    Vec::new()
}

fn started(model: &mut Model, id: JobId, turn: Turn) -> Vec<Effect> {
    let Some(index) = model.jobs.iter().position(|job| job.id == id) else {
        return Vec::new();
    };
    let is_here = model.is_here(&model.jobs[index]);
    let job = &mut model.jobs[index];
    job.home = Home::Session(turn.session.clone());
    job.turn = Some(turn.clone());
    if is_here {
        if model.open.id.is_none() {
            model.open.id = Some(turn.session.clone());
            model.open.title = words::title(&turn.request.prompt);
            model.sessions.cursor = Some(turn.session.clone());
        }
        if model.open.selected == job.from {
            model.open.selected = Some(turn.id.clone());
        }
        put(model, turn);
    }
    vec![sessions::load(model)]
}

/// The turn as the store keeps it replaces what the job had heard.
fn ended(model: &mut Model, id: JobId, turn: Turn) -> Vec<Effect> {
    let Some(index) = model.jobs.iter().position(|job| job.id == id) else {
        return Vec::new();
    };
    let job = model.jobs.remove(index);
    stop::close_question(model, id);
    let is_here = model.is_here(&job);
    let mut effects = vec![sessions::load(model)];
    // A session that is just being read may come with the turn still running: ask again.
    let asked = model.open.asked.as_ref().map(|(_, asked)| asked.clone());
    if asked.as_ref() == Some(&turn.session) {
        effects.extend(asked.map(|session| sessions::ask_for(model, session)));
    }
    if is_here {
        put(model, turn);
    } else {
        model.notice = Some(format!("finished elsewhere: {}", name(model, &turn)));
    }
    effects
}

fn failed(model: &mut Model, id: JobId, turn: Turn) -> Vec<Effect> {
    // A selected turn tells its own error in the picture's place, for as long as it is selected.
    let is_seen = model.open.selected.as_ref() == Some(&turn.id);
    if let Some(error) = turn.error.clone().filter(|_| !is_seen) {
        let about = name(model, &turn);
        model.problems.push(Problem { error, about });
    }
    let notice = model.notice.take();
    let effects = ended(model, id, turn);
    model.notice = notice;
    effects
}

fn refused(model: &mut Model, id: JobId, error: Error) -> Vec<Effect> {
    let prompt = model.job(id).map(|job| job.prompt.clone());
    model.jobs.retain(|job| job.id != id);
    give_back(model, prompt);
    model.problems.push(Problem {
        error,
        about: String::new(),
    });
    vec![sessions::load(model)]
}

/// `#4 in red fox logo`, or `#4` in the session on screen.
fn name(model: &Model, turn: &Turn) -> String {
    let number = format!("#{}", turn.number);
    if model.open.id.as_ref() == Some(&turn.session) {
        return number;
    }
    let session = model
        .sessions
        .list
        .iter()
        .find(|session| session.id == turn.session);
    session.map_or(number.clone(), |session| {
        format!("{number} in {}", words::title(&session.title))
    })
}

pub(super) fn put(model: &mut Model, turn: Turn) {
    match model.open.turns.iter_mut().find(|known| known.id == turn.id) {
        Some(known) => *known = turn,
        None => model.open.turns.push(turn),
    }
}

/// A prompt that never became a turn goes back to where it was typed, unless something else is there by now.
pub(super) fn give_back(model: &mut Model, prompt: Option<String>) {
    if let Some(prompt) = prompt.filter(|_| model.editor.is_blank()) {
        model.editor.set(&prompt);
        model.focus = Focus::Prompt;
    }
}
