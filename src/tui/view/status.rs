//! The last line: what is going on, and the two keys that matter now.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use crate::domain::{ImageKind, clean_line};
use crate::keys::{self, Action};
use crate::tui::layout::Panes;
use crate::tui::model::{Focus, Job, Model, Overlay};
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::words;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

pub(super) fn draw(model: &Model, panes: &Panes, theme: &Theme, frame: &mut Frame<'_>) {
    let area = panes.status;
    let hints = hints(model, theme);
    let hints_width = u16::try_from(hints.width()).unwrap_or(0).min(area.width);
    let x = area.right().saturating_sub(hints_width + 1);
    let room = usize::from(x.saturating_sub(area.x + 3));
    let wordings = phase(model);
    let fitting = wordings.iter().find(|words| text::width(words) <= room);
    let said = text::fit(fitting.or(wordings.last()).map_or("", String::as_str), room);
    frame
        .buffer_mut()
        .set_string(area.x + 1, area.y, said, theme.text);
    frame.buffer_mut().set_line(x, area.y, &hints, hints_width);
}

/// What is going on, in ever shorter wordings.
fn phase(model: &Model) -> Vec<String> {
    if let Some(notice) = &model.notice {
        return vec![clean_line(notice)];
    }
    let elsewhere = model.jobs.iter().filter(|job| !model.is_here(job)).count();
    let Some(job) = model.current_job() else {
        return match elsewhere {
            0 => vec![idle(model)],
            1 => vec![format!("{} 1 running in another session", spinner(model))],
            count => vec![format!("{} {count} running in other sessions", spinner(model))],
        };
    };
    let seconds = words::duration(model.now_ms.abs_diff(job.started_ms));
    let Doing { verb, amount, rows } = doing(model, job);
    let spinner = spinner(model);
    let others = (model.jobs.len() > 1).then(|| format!("{} running", model.jobs.len()));
    let join = |parts: &[Option<&str>]| {
        let parts: Vec<_> = parts.iter().flatten().copied().collect();
        format!("{spinner} {}", parts.join(" · "))
    };
    let what = match &amount {
        Some(amount) => format!("{verb} {amount}"),
        None => verb.clone(),
    };
    let (rows, others) = (rows.as_deref(), others.as_deref());
    vec![
        join(&[Some(&what), rows, Some(&seconds), others]),
        join(&[Some(&what), rows, Some(&seconds)]),
        join(&[Some(&what), Some(&seconds)]),
        join(&[Some(&verb), Some(&seconds)]),
        join(&[Some(&verb)]),
    ]
}

fn spinner(model: &Model) -> &'static str {
    let step = usize::try_from(model.now_ms.rem_euclid(1_000) / 100).unwrap_or(0);
    SPINNER[step]
}

/// What a job is at, and how far with it.
#[derive(Default)]
struct Doing {
    verb: String,
    amount: Option<String>,
    rows: Option<String>,
}

/// The phase of a job, from what has come so far.
fn doing(model: &Model, job: &Job) -> Doing {
    let verb = |verb: &str| Doing {
        verb: verb.to_owned(),
        ..Doing::default()
    };
    let progress = &job.progress;
    let Some(turn) = &job.turn else {
        return verb("starting");
    };
    let amount = (progress.received > 0).then(|| words::bytes(progress.received));
    if job.growing.is_some() {
        let is_selected = model.open.selected.as_ref() == Some(&turn.id);
        let rows = model.preview.rows.filter(|_| is_selected);
        let rows = rows.map(|(row, rows)| format!("row {row} of {rows}"));
        return Doing {
            amount,
            rows,
            ..verb("developing")
        };
    }
    if turn.images.iter().any(|image| image.kind == ImageKind::Result) {
        Doing {
            amount,
            ..verb("finishing")
        }
    } else if turn.thoughts.is_empty() && turn.images.is_empty() {
        verb("waiting")
    } else {
        verb("thinking")
    }
}

/// Nothing runs: the session on screen, or what went wrong with the selected turn.
fn idle(model: &Model) -> String {
    if let Some(turn) = model.selected()
        && let Some(error) = &turn.error
        && turn.picture().is_some()
    {
        return format!("✗ #{} failed: {}", turn.number, words::error(error).0);
    }
    match model.open.turns.len() {
        0 => String::new(),
        1 => format!("{} · 1 turn", clean_line(&model.open.title)),
        count => format!("{} · {count} turns", clean_line(&model.open.title)),
    }
}

fn hints(model: &Model, theme: &Theme) -> Line<'static> {
    let mut spans = Vec::new();
    for (action, word) in two(model) {
        let Some(key) = keys::key_for(model.contexts(), action) else {
            continue;
        };
        if !spans.is_empty() {
            spans.push(Span::raw("  "));
        }
        spans.push(Span::styled(key.short(), theme.strong));
        spans.push(Span::styled(
            format!(" {}", word.unwrap_or(action.hint())),
            theme.quiet,
        ));
    }
    Line::from(spans)
}

/// The two actions that matter now; one of them in other words than its own where the moment gives it another meaning.
fn two(model: &Model) -> [(Action, Option<&'static str>); 2] {
    let help = (Action::Help, None);
    if let Some(overlay) = &model.overlay {
        return match overlay {
            Overlay::Help { .. } => [(Action::Down, None), (Action::Escape, Some("close"))],
            Overlay::Settings(_) => [(Action::Take, None), (Action::Escape, Some("close"))],
            Overlay::Quit => [(Action::FinishInBackground, None), (Action::Escape, Some("stay"))],
            Overlay::Stop(_) => [(Action::StopIt, None), (Action::Escape, Some("let it finish"))],
        };
    }
    if !model.problems.is_empty() {
        return [(Action::Escape, Some("dismiss")), help];
    }
    if model.current_job().is_some() {
        return [(Action::Escape, None), help];
    }
    match model.focus {
        Focus::Prompt if model.editor.is_blank() => [(Action::Sessions, None), help],
        Focus::Prompt => [(Action::Send, None), (Action::NewLine, None)],
        Focus::Sessions => [(Action::Open, None), help],
        Focus::History => [(Action::Continue, None), (Action::Again, None)],
        Focus::Picture => [(Action::Again, None), (Action::Edit, None)],
        Focus::Thoughts => [(Action::FoldThoughts, None), help],
    }
}
