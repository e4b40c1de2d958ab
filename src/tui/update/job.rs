//! Generations: sending, and what they say.

use crate::domain::{Request, Turn, TurnId, TurnText};
use crate::error::Error;
use crate::tui::effect::Effect;
use crate::tui::jobs::{Growing, Home, Job, Wait};
use crate::tui::model::{Focus, Model, Problem, Scroll};
use crate::tui::msg::{JobEvent, JobId, Progress};
use crate::tui::{transcript, words};

use super::follow::text;
use super::leave::stop;
use super::{keeping, sessions, spending};

/// Sends a request that grows from `parent`, so many times.
pub(super) fn send(model: &mut Model, parent: Option<TurnId>, request: Request, count: u32) -> Vec<Effect> {
    if keeping::is_refused(model) {
        return Vec::new();
    }
    let is_unborn = |job: &Job| matches!(job.home, Home::Unborn(_)) && model.is_here(job);
    if model.jobs.iter().any(is_unborn) {
        // Two first prompts at once would make two sessions.
        model.notice = Some("one moment: the first prompt of this session is just starting".to_owned());
        return Vec::new();
    }
    let jobs: Vec<JobId> = (0..count).map(|_| model.next_job()).collect();
    for id in &jobs {
        let job = new(model, *id, request.clone());
        model.jobs.push(job);
    }
    model.thoughts.scroll = Scroll::Tail;
    vec![Effect::Send {
        jobs,
        session: model.open.id.clone(),
        parent,
        request: Box::new(request),
    }]
}

pub(super) fn new(model: &Model, id: JobId, request: Request) -> Job {
    let home = match &model.open.id {
        Some(session) => Home::Session(session.clone()),
        None => Home::Unborn(model.open.epoch),
    };
    Job {
        id,
        home,
        from: model.open.selected.clone(),
        request,
        started_ms: model.now_ms,
        turn: None,
        text: TurnText::default(),
        progress: Progress::default(),
        growing: None,
        wait: None,
        notices: Vec::new(),
        fetches: false,
        saves: false,
    }
}

/// The request of the selected turn once more, beside it: once, whatever a prompt would send.
pub(super) fn again(model: &mut Model) -> Vec<Effect> {
    let Some(turn) = model.selected() else {
        return Vec::new();
    };
    let (parent, request) = (turn.parent.clone(), turn.request.clone());
    send(model, parent, request, 1)
}

/// Downloads what a turn links to: the user has said so.
pub(super) fn fetch(model: &mut Model, id: TurnId) -> Vec<Effect> {
    if keeping::is_refused(model) {
        return Vec::new();
    }
    let Some(turn) = model.turn(&id).cloned() else {
        return Vec::new();
    };
    let job = model.next_job();
    let mut fetching = new(model, job, turn.request.clone());
    fetching.turn = Some(turn);
    fetching.fetches = true;
    model.jobs.push(fetching);
    vec![Effect::Fetch { job, turn: id }]
}

/// One event of a job; of a job that is over or was stopped, nothing is wanted any more.
pub(super) fn event(model: &mut Model, id: JobId, event: JobEvent) -> Vec<Effect> {
    let now_ms = model.now_ms;
    let until = |wait_ms: u64| now_ms.saturating_add_unsigned(wait_ms);
    if model.job(id).is_none() {
        return Vec::new();
    }
    let event = text::heard(model, event);
    let Some(job) = model.job_mut(id) else {
        return Vec::new();
    };
    if is_news(&event) {
        job.wait = None;
    }
    match (event, &mut job.turn) {
        (JobEvent::Started(turn), _) => return started(model, id, *turn),
        (JobEvent::Finished(turn), _) => return finished(model, id, *turn),
        (JobEvent::Failed(turn), _) => return failed(model, id, *turn),
        (JobEvent::Unsaved(turn), _) => return keeping::unsaved(model, id, *turn),
        (JobEvent::Refused(error), _) => return refused(model, id, error),
        (JobEvent::Notice(words), _) => return noticed(model, id, words),
        (
            JobEvent::Retry {
                attempt,
                of,
                wait_ms,
                error,
            },
            _,
        ) => {
            job.wait = Some(Wait {
                until_ms: until(wait_ms),
                attempt: Some((attempt, of)),
                error: Some(*error),
            });
        }
        (JobEvent::Paused { wait_ms }, _) => {
            job.wait = Some(Wait {
                until_ms: until(wait_ms),
                attempt: None,
                error: None,
            });
        }
        (JobEvent::Progress(progress), _) => job.progress = progress,
        (JobEvent::PictureBegan { picture, path }, _) => job.growing = Some(Growing { picture, path }),
        (JobEvent::PictureEnded { picture, image }, turn) => {
            job.growing.take_if(|growing| growing.picture == picture);
            if let Some(turn) = turn {
                turn.images.push(image);
            }
        }
        (JobEvent::Thought(words), Some(_)) => job.text.thoughts.push(&words, transcript::MOST),
        (JobEvent::Text(words), Some(_)) => job.text.text.push(&words, transcript::MOST),
        (JobEvent::Usage(usage), Some(turn)) => turn.usage.update(usage),
        (JobEvent::Thought(_) | JobEvent::Text(_) | JobEvent::Usage(_), None) => {}
    }
    Vec::new()
}

/// Something of an answer has come, so nothing is waited for any more. Bytes alone may be those of the last attempt.
fn is_news(event: &JobEvent) -> bool {
    matches!(
        event,
        JobEvent::Thought(_) | JobEvent::Text(_) | JobEvent::Usage(_) | JobEvent::PictureBegan { .. }
    )
}

/// A word on the way: said at once, and kept with the turn.
fn noticed(model: &mut Model, id: JobId, words: String) -> Vec<Effect> {
    let is_here = model.job(id).is_some_and(|job| model.is_here(job));
    if is_here {
        model.notice = Some(crate::domain::clean_line(&words));
    }
    if let Some(job) = model.job_mut(id) {
        if let Some(turn) = &mut job.turn {
            keep_notices(turn, std::slice::from_ref(&words));
        }
        job.notices.push(words);
    }
    Vec::new()
}

fn keep_notices(turn: &mut Turn, notices: &[String]) {
    for notice in notices {
        if !turn.warnings.contains(notice) {
            turn.warnings.push(notice.clone());
        }
    }
}

fn started(model: &mut Model, id: JobId, mut turn: Turn) -> Vec<Effect> {
    let Some(index) = model.jobs.iter().position(|job| job.id == id) else {
        return Vec::new();
    };
    let is_here = model.is_here(&model.jobs[index]);
    let job = &mut model.jobs[index];
    keep_notices(&mut turn, &job.notices);
    let session = turn.session.clone();
    job.turn = Some(turn.clone());
    if job.is_afterwards() {
        return Vec::new();
    }
    let from = job.from.clone();
    let born = std::mem::replace(&mut job.home, Home::Session(session.clone()));
    if matches!(born, Home::Unborn(_)) {
        // The others that were sent with it are of the same session.
        for other in model.jobs.iter_mut().filter(|other| other.home == born) {
            other.home = Home::Session(session.clone());
        }
    }
    if is_here {
        if model.open.id.is_none() {
            model.open.id = Some(session.clone());
            model.open.title = words::title(&turn.request.prompt);
            model.sessions.cursor = Some(session);
        }
        if model.open.selected == from {
            model.open.selected = Some(turn.id.clone());
        }
        model.open.turns.put(turn);
    }
    vec![sessions::load(model)]
}

fn finished(model: &mut Model, id: JobId, turn: Turn) -> Vec<Effect> {
    let known = turn.clone();
    let effects = ended(model, id, turn);
    keeping::saved(model, &known);
    effects
}

/// The turn as the store keeps it replaces what the job had heard.
pub(super) fn ended(model: &mut Model, id: JobId, mut turn: Turn) -> Vec<Effect> {
    let Some(index) = model.jobs.iter().position(|job| job.id == id) else {
        return Vec::new();
    };
    let job = model.jobs.remove(index);
    keep_notices(&mut turn, &job.notices);
    stop::close_question(model, id);
    let is_here = model.is_here(&job);
    let mut effects = vec![sessions::load(model), spending::load(model)];
    // A session that is just being read may come with the turn still running: ask again.
    let asked = model.open.asked.as_ref().map(|(_, asked)| asked.clone());
    if asked.as_ref() == Some(&turn.session) {
        effects.extend(asked.map(|session| sessions::ask_for(model, session)));
    }
    if is_here {
        model.open.turns.put(turn);
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
        tell(model, error, about);
    }
    let notice = model.notice.take();
    let known = turn.clone();
    let effects = ended(model, id, turn);
    model.notice = notice;
    keeping::saved(model, &known);
    effects
}

fn refused(model: &mut Model, id: JobId, error: Error) -> Vec<Effect> {
    let Some(index) = model.jobs.iter().position(|job| job.id == id) else {
        return Vec::new();
    };
    let job = model.jobs.remove(index);
    stop::close_question(model, id);
    if let Some(turn) = job.turn.as_ref().filter(|_| job.saves) {
        model.unsaved.retain(|held| held.id != turn.id);
    }
    if !job.is_afterwards() {
        give_back(model, job.request);
    }
    tell(model, error, String::new());
    vec![sessions::load(model)]
}

/// Several that fail in one way are told once.
pub(super) fn tell(model: &mut Model, error: Error, about: String) {
    let is_told = |problem: &Problem| problem.error == error && problem.about == about;
    if !model.problems.iter().any(is_told) {
        model.problems.push(Problem { error, about });
    }
}

/// `#4 in red fox logo`, or `#4` in the session on screen.
pub(super) fn name(model: &Model, turn: &Turn) -> String {
    words::name(model, turn)
}

/// A prompt that never became a turn goes back to where it was typed, unless something else is there by now.
pub(super) fn give_back(model: &mut Model, request: Request) {
    if model.editor.is_blank() && model.references.list.is_empty() {
        model.editor.set(&request.prompt);
        model.references.list = request.references;
        model.focus = Focus::Prompt;
    }
}
