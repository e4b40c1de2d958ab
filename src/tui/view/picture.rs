//! The picture pane: the picture of the selected turn, as it arrives and when it is there, or a word of why there is
//! none.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::frame::{self, Place, Title};
use super::{Words, cells, has_keys, words_in_the_middle};
use crate::domain::{ImageKind, Turn, TurnStatus, clean_line};
use crate::keys::{self, Action, Context};
use crate::tui::layout::Panes;
use crate::tui::model::{Focus, Model};
use crate::tui::pixels::{PictureKey, Pixels, Placements, Shown};
use crate::tui::theme::Theme;
use crate::tui::words;

pub(super) fn draw(
    model: &Model,
    pixels: &Pixels,
    panes: &Panes,
    theme: &Theme,
    frame: &mut Frame<'_>,
) -> Placements {
    let facts = facts(model);
    let title = Title {
        name: "Picture",
        focused: has_keys(model, Focus::Picture),
        facts: &facts,
    };
    frame::pane(frame.buffer_mut(), panes.picture, Place::Top, &title, theme);
    let area = panes.picture.inner;
    if let Some((key, shown)) = showable(model, pixels) {
        return Vec::from_iter(cells::draw(frame.buffer_mut(), area, key, shown, theme.depth));
    }
    match model.selected() {
        None => nothing_yet(model, area, theme, frame),
        Some(turn) => without_picture(model, turn, area, theme, frame),
    }
    Placements::new()
}

/// The picture that is asked for, else the last painted one of the same turn.
fn showable<'a>(model: &'a Model, pixels: &'a Pixels) -> Option<(&'a PictureKey, &'a Shown)> {
    let (_, asked, _) = model.preview.asked.as_ref()?;
    let last = model.preview.painted.as_ref().map(|(_, key)| key);
    let known = |key: &'a PictureKey| pixels.get(key).map(|shown| (key, shown));
    // A picture that has only begun would replace a finished draft by next to nothing.
    let has_begun = model.preview.rows.is_none_or(|(painted, _)| painted > 0);
    let asked = if has_begun { known(asked) } else { None };
    asked.or_else(|| last.and_then(known))
}

/// Facts for the title, the longest wording first.
fn facts(model: &Model) -> Vec<String> {
    let Some(turn) = model.selected() else {
        return Vec::new();
    };
    let number = format!("#{}", turn.number);
    let Some(job) = model.job_of(&turn.id) else {
        let mut wordings = words::picture(turn);
        let end = match turn.status {
            TurnStatus::Finished => "",
            TurnStatus::Running => " · running elsewhere",
            TurnStatus::Failed => " · failed",
            TurnStatus::Cancelled => " · stopped",
            TurnStatus::Interrupted => " · interrupted",
        };
        for wording in &mut wordings {
            wording.push_str(end);
        }
        if let Some(why) = model.terminal.why.as_ref().filter(|_| turn.picture().is_some()) {
            wordings.insert(0, format!("{} · {}", wordings[0], clean_line(why)));
        }
        return wordings;
    };
    let received = words::bytes(job.progress.received);
    let is_draft = turn
        .images
        .last()
        .is_some_and(|image| image.kind == ImageKind::Draft);
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
    let number = turn.number;
    let again = key(Action::Again);
    let edit = key(Action::Edit);
    let offer = format!("In Picture or History: {again} sends it again, {edit} edits its prompt");
    let runs = model.job_of(&turn.id).is_some();
    let quiet = theme.quiet;
    let mut paragraphs: Vec<(String, Style)> = Vec::new();
    if let Some(problem) = model
        .preview
        .problem
        .as_ref()
        .filter(|_| turn.picture().is_some())
    {
        let (happened, next) = words::error(problem);
        paragraphs.push((format!("#{number} cannot be shown: {happened}"), theme.text));
        paragraphs.push((next, quiet));
        paragraphs.push((kept(turn), quiet));
    } else if let Some(error) = turn.error.as_ref().filter(|_| turn.picture().is_none()) {
        let (happened, next) = words::error(error);
        paragraphs.push((format!("✗ #{number} failed: {happened}"), theme.error));
        paragraphs.push((next, theme.text));
        paragraphs.push((offer, quiet));
    } else if turn.picture().is_some() && !model.terminal.pictures {
        paragraphs.push((
            "Pictures are switched off (--preview off).".to_owned(),
            theme.text,
        ));
        paragraphs.push((kept(turn), quiet));
    } else if turn.picture().is_some() || model.job_of(&turn.id).is_some_and(|job| job.growing.is_some()) {
        paragraphs.push((format!("#{number} is being drawn …"), quiet));
    } else {
        let (what, offer) = match turn.status {
            TurnStatus::Running if runs => {
                ("The picture develops here as soon as it arrives.", String::new())
            }
            TurnStatus::Running => (
                "Another program is at it; the picture is here when it is done.",
                String::new(),
            ),
            TurnStatus::Cancelled => ("It was stopped before a picture came.", offer),
            TurnStatus::Interrupted => ("Its program ended before a picture came.", offer),
            TurnStatus::Failed => ("It failed.", offer),
            TurnStatus::Finished => ("The answer had no picture.", offer),
        };
        paragraphs.push((
            format!("#{number} {}", clean_line(&turn.request.prompt)),
            theme.text,
        ));
        paragraphs.push((what.to_owned(), quiet));
        paragraphs.push((offer, quiet));
    }
    let paragraphs: Vec<_> = paragraphs
        .iter()
        .map(|(text, style)| Words { text, style: *style })
        .collect();
    words_in_the_middle(frame, area, &paragraphs);
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
