//! The picture pane: the picture of the selected turn, as it arrives and when it is there, or a word of why there is
//! none.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::frame::{self, Place, Title};
use super::{Words, has_keys, looking, words_in_the_middle};
use crate::domain::{ImageKind, Turn, TurnStatus, TurnText, beginning, clean, clean_line};
use crate::error::{Billed, Error};
use crate::keys::{self, Action, Context};
use crate::tui::jobs::Job;
use crate::tui::layout::Panes;
use crate::tui::model::{Focus, Model};
use crate::tui::pixels::Pixels;
use crate::tui::theme::Theme;
use crate::tui::words;

/// More of a text has no room in any pane; all of it is below the thoughts.
const MOST_WORDS: usize = 8000;

pub(super) fn draw(model: &Model, pixels: &Pixels, panes: &Panes, theme: &Theme, frame: &mut Frame<'_>) {
    if !panes.full {
        let facts = facts(model, panes);
        let title = Title {
            name: "Picture",
            focused: has_keys(model, Focus::Picture),
            facts: &facts,
        };
        frame::pane(frame.buffer_mut(), panes.picture, Place::Top, &title, theme);
    }
    let area = panes.picture.inner;
    if looking::draw(model, pixels, panes, theme, frame) {
        return;
    }
    match model.selected() {
        None => nothing_yet(model, area, theme, frame),
        Some(turn) => without_picture(model, turn, area, theme, frame),
    }
}

/// Facts for the title, the longest wording first.
pub(super) fn facts(model: &Model, panes: &Panes) -> Vec<String> {
    let Some(turn) = model.selected() else {
        return Vec::new();
    };
    let number = format!("#{}", turn.number);
    let Some(job) = model.job_of(&turn.id) else {
        if let Some(wordings) = looking::facts(model, panes) {
            return wordings;
        }
        let mut wordings = words::picture(turn);
        let end = match turn.status {
            TurnStatus::Finished => "",
            TurnStatus::Running => " · running elsewhere",
            TurnStatus::Failed => " · failed",
            TurnStatus::Cancelled => " · stopped",
            TurnStatus::Interrupted => " · interrupted",
        };
        let links = match words::count(turn.links.len(), "link") {
            links if links.is_empty() => links,
            links => format!(" · {links}"),
        };
        for wording in &mut wordings {
            wording.push_str(&links);
            wording.push_str(end);
        }
        if let Some(why) = model.terminal.why.as_ref().filter(|_| turn.picture().is_some()) {
            wordings.insert(0, format!("{} · {}", wordings[0], clean_line(why)));
        }
        return looking::with_scale(model, panes, wordings);
    };
    let received = words::bytes(job.progress.received);
    let is_draft = turn
        .images
        .last()
        .is_some_and(|image| image.kind == ImageKind::Draft);
    if let Some(wait) = &job.wait {
        return vec![format!("{number} · {}", wait.short(model.now_ms)), number];
    }
    match (&job.growing, model.preview.rows) {
        (Some(_), Some((painted, all))) => vec![
            format!("{number} · developing · row {painted} of {all} · {received}"),
            format!("{number} · row {painted} of {all}"),
            number,
        ],
        (Some(_), None) => vec![format!("{number} · developing · {received}"), number],
        (None, _) if is_draft => vec![format!("{number} · draft"), number],
        (None, _) => vec![number],
    }
}

fn nothing_yet(model: &Model, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let first_run = model.first_run.as_deref().unwrap_or_default();
    let words = if model.current_job().is_some() {
        "Starting …"
    } else if model.open.asked.is_some() {
        "Opening the session …"
    } else {
        "Type a prompt below and press Enter: the picture develops here."
    };
    words_in_the_middle(
        frame,
        area,
        &[
            Words {
                text: words,
                style: theme.text,
            },
            Words {
                text: first_run,
                style: theme.quiet,
            },
        ],
    );
}

fn without_picture(model: &Model, turn: &Turn, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    paragraphs_in_the_middle(frame, area, &paragraphs(model, turn, theme));
}

pub(super) fn paragraphs_in_the_middle(frame: &mut Frame<'_>, area: Rect, paragraphs: &[(String, Style)]) {
    let paragraphs: Vec<_> = paragraphs
        .iter()
        .map(|(text, style)| Words { text, style: *style })
        .collect();
    words_in_the_middle(frame, area, &paragraphs);
}

/// Why a picture that is kept cannot be shown.
pub(super) fn unshowable(turn: &Turn, problem: &Error, theme: &Theme) -> Vec<(String, Style)> {
    let (happened, next) = words::error(problem);
    vec![
        (
            format!("#{} cannot be shown: {happened}", turn.number),
            theme.text,
        ),
        (next, theme.quiet),
        (kept(turn), theme.quiet),
    ]
}

pub(super) fn drawing(turn: &Turn, theme: &Theme) -> (String, Style) {
    (format!("#{} is being drawn …", turn.number), theme.quiet)
}

/// What stands in the picture's place.
fn paragraphs(model: &Model, turn: &Turn, theme: &Theme) -> Vec<(String, Style)> {
    let (quiet, text) = (theme.quiet, theme.text);
    let has_picture = turn.picture().is_some();
    let cannot = model.preview.problem.as_ref().filter(|_| has_picture);
    if let Some(problem) = cannot {
        return unshowable(turn, problem, theme);
    }
    if let Some(job) = model.job_of(&turn.id) {
        return running(model, turn, job, theme);
    }
    if !turn.links.is_empty() && !has_picture && turn.status != TurnStatus::Finished {
        return linked(turn, theme);
    }
    match &turn.error {
        Some(error) if !has_picture && turn.status != TurnStatus::Cancelled => {
            failed(model, turn, error, theme)
        }
        _ if has_picture && !model.terminal.pictures => vec![
            ("Pictures are switched off (--preview off).".to_owned(), text),
            (kept(turn), quiet),
        ],
        _ if has_picture => vec![drawing(turn, theme)],
        _ if turn.status == TurnStatus::Finished && is_in_words(model, turn) => in_words(model, turn, theme),
        _ => {
            let what = match turn.status {
                TurnStatus::Running => {
                    "It runs elsewhere: in another tintype, or in the last one in the background. Its picture is here as soon as it is done."
                }
                TurnStatus::Cancelled => stopped(turn),
                TurnStatus::Interrupted => "Its program ended before a picture came.",
                TurnStatus::Failed => "It failed.",
                TurnStatus::Finished => "The answer had no picture.",
            };
            let offer = match turn.status {
                TurnStatus::Running => String::new(),
                _ => offer(),
            };
            vec![(prompt(turn), text), (what.to_owned(), quiet), (offer, quiet)]
        }
    }
}

/// Returns whether the answer has words, or may have: they are still being read.
fn is_in_words(model: &Model, turn: &Turn) -> bool {
    let is_said = |said: &TurnText| said.text.before() > 0 || !said.text.as_str().trim().is_empty();
    model.text_of(&turn.id).is_none_or(is_said)
}

/// An answer in words alone.
fn in_words(model: &Model, turn: &Turn, theme: &Theme) -> Vec<(String, Style)> {
    let said = model.text_of(&turn.id).map(|said| &said.text);
    let missing = said.filter(|said| said.before() > 0).map_or("", |_| "\u{2026} ");
    let said = said.map_or("", |said| beginning(said.as_str().trim(), MOST_WORDS));
    vec![
        (prompt(turn), theme.quiet),
        (format!("{missing}{}", clean(said)), theme.text),
    ]
}

/// A generation that has no picture yet: what it waits for, and what the user was told on the way.
fn running(model: &Model, turn: &Turn, job: &Job, theme: &Theme) -> Vec<(String, Style)> {
    let (quiet, text) = (theme.quiet, theme.text);
    if job.growing.is_some() || turn.picture().is_some() {
        return vec![drawing(turn, theme)];
    }
    let mut all = vec![(prompt(turn), text)];
    match &job.wait {
        Some(wait) => {
            let words = wait.words(model.now_ms);
            let stop = keys::key_for(model.focus.contexts(), Action::Escape);
            let stop = stop.map(|key| format!(" · {key} stops")).unwrap_or_default();
            all.push((format!("{words}{stop}"), theme.strong));
            all.extend(wait.error.as_ref().map(|error| (words::error(error).0, quiet)));
        }
        None if job.saves => all.push(("The picture is being saved.".to_owned(), quiet)),
        None if job.fetches => all.push(("The picture is being fetched.".to_owned(), quiet)),
        None => all.push((
            "The picture develops here as soon as it arrives.".to_owned(),
            quiet,
        )),
    }
    let notices = job.notices.iter();
    all.extend(notices.map(|notice| (format!("! {}", clean_line(notice)), text)));
    all
}

/// An answer that only points at its picture.
fn linked(turn: &Turn, theme: &Theme) -> Vec<(String, Style)> {
    let mut hosts: Vec<String> = turn.links.iter().map(|link| words::host(&link.url)).collect();
    hosts.dedup();
    let what = match turn.links.len() {
        1 => "a link instead of a picture",
        _ => "links instead of pictures",
    };
    vec![
        (
            format!("#{} answered with {what}, at {}.", turn.number, hosts.join(", ")),
            theme.text,
        ),
        (
            format!(
                "In Picture or History: {} fetches it, {} shows the address",
                key(Action::FetchLinks),
                key(Action::Details)
            ),
            theme.quiet,
        ),
    ]
}

/// A stop is no failure; what it may have cost is the question that is left.
fn stopped(turn: &Turn) -> &'static str {
    match turn.error.as_ref().map(|error| error.billed) {
        Some(Billed::No) => "It was stopped while it waited to be sent: nothing is owed for it.",
        Some(Billed::Maybe) => "It was stopped before a picture came; this call may have been billed.",
        None => "It was stopped before a picture came.",
    }
}

/// What happened, the literal reason where the sentence does not have it, and what to do next.
fn failed(model: &Model, turn: &Turn, error: &Error, theme: &Theme) -> Vec<(String, Style)> {
    let (happened, next) = words::error(error);
    let of_server = |text: &Option<String>| {
        let text = clean_line(text.as_deref().unwrap_or_default());
        Some(text).filter(|text| !text.is_empty() && !happened.contains(text.as_str()))
    };
    let reason = of_server(&turn.finish_reason).map(|reason| format!("Reason: {reason}"));
    let said = of_server(&turn.finish_message).map(|said| format!("\u{201c}{said}\u{201d}"));
    let reason: Vec<_> = reason.into_iter().chain(said).collect();
    // Whoever sends it again pays again, and the picture is still here.
    let offer = if model.unsaved.iter().any(|held| held.id == turn.id) {
        let save = keys::key_for(&[Context::Anywhere], Action::SaveAgain).map(keys::Key::short);
        let save = save.unwrap_or_default();
        format!("Its picture is in memory until tintype ends: {save} saves it again")
    } else {
        offer()
    };
    vec![
        (
            match turn.status {
                TurnStatus::Interrupted => format!("○ #{} was interrupted: {happened}", turn.number),
                _ => format!("✗ #{} failed: {happened}", turn.number),
            },
            theme.error,
        ),
        (reason.join(" · "), theme.text),
        (next, theme.text),
        (offer, theme.quiet),
    ]
}

fn prompt(turn: &Turn) -> String {
    format!("#{} {}", turn.number, clean_line(&turn.request.prompt))
}

fn offer() -> String {
    let (again, edit, details) = (key(Action::Again), key(Action::Edit), key(Action::Details));
    format!("In Picture or History: {again} sends it again, {edit} edits its prompt, {details} tells more")
}

fn kept(turn: &Turn) -> String {
    let path = turn
        .picture()
        .map(|image| image.path.to_string_lossy().into_owned());
    format!("The file is kept: {}", clean_line(&path.unwrap_or_default()))
}

fn key(action: Action) -> String {
    keys::key_for(&[Context::Turn], action)
        .map(keys::Key::short)
        .unwrap_or_default()
}
