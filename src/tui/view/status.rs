//! The last line: what is going on, and the two keys that matter now. A notice that is longer than the line stands above it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{frame, picture};
use crate::domain::{TurnStatus, clean_line};
use crate::keys::{self, Action, Key};
use crate::tui::compare::Mode;
use crate::tui::jobs::{Job, Phase};
use crate::tui::layout::Panes;
use crate::tui::model::{Focus, Model, Overlay};
use crate::tui::money;
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
    let notice = model.notice.as_deref().map(clean_line);
    let is_long = |notice: &String| text::width(notice) > room;
    if let Some(notice) = notice.as_ref().filter(|notice| is_long(notice)) {
        draw_long_notice(notice, panes, theme, frame);
    }
    let wordings = match notice.filter(|notice| !is_long(notice)) {
        Some(notice) => vec![notice],
        None if is_alone(model, panes) => picture::facts(model, panes),
        None => phase(model),
    };
    let longest = wordings.first().map_or(0, |words| text::width(words));
    // What is going on comes first: money is said where it leaves room.
    let money = money(model)
        .into_iter()
        .find(|money| text::width(money) + 3 + longest <= room);
    let money_width = money.as_deref().map_or(0, |money| text::width(money) + 3);
    if let Some(money) = &money {
        let at = x.saturating_sub(u16::try_from(money_width).unwrap_or(0));
        frame.buffer_mut().set_string(at, area.y, money, theme.quiet);
    }
    let room = room.saturating_sub(money_width);
    let fitting = wordings.iter().find(|words| text::width(words) <= room);
    let said = text::fit(fitting.or(wordings.last()).map_or("", String::as_str), room);
    frame
        .buffer_mut()
        .set_string(area.x + 1, area.y, said, theme.text);
    frame.buffer_mut().set_line(x, area.y, &hints, hints_width);
}

/// Whether this line is all that is said of the picture, and nothing else is to be said.
fn is_alone(model: &Model, panes: &Panes) -> bool {
    panes.full && model.notice.is_none() && model.current_job().is_none() && model.unsaved.is_empty()
}

/// `$0.067 next · $0.41 today`, in ever shorter wordings; nothing where nothing costs anything.
fn money(model: &Model) -> Vec<String> {
    let price = model.settings.price(&model.chosen());
    let next = price.is_paid().then(|| format!("{} next", price.short()));
    let spent = model.spending.today.filter(|cost| cost.usd > 0.0);
    let today = spent.map(|cost| format!("{} today", money::cost(cost)));
    match (next, today) {
        (Some(next), Some(today)) => vec![format!("{next} · {today}"), today],
        (next, today) => next.or(today).into_iter().collect(),
    }
}

/// Draws a notice to its end over the rows above the last line, which have nothing else in them: a path or a command can be
/// selected there. The next key removes it. It covers the prompt instead of moving the panes, because a pane of another size
/// would have its image sent again.
fn draw_long_notice(notice: &str, panes: &Panes, theme: &Theme, frame: &mut Frame<'_>) {
    let width = usize::from(panes.screen.width.saturating_sub(2));
    let rows = text::wrap(notice, width);
    let most = usize::from(panes.screen.height / 2);
    let shown = rows.len().min(most);
    let height = u16::try_from(shown).unwrap_or(u16::MAX);
    let area = Rect {
        y: panes.status.y.saturating_sub(height),
        height,
        ..panes.status
    };
    frame::clear(frame.buffer_mut(), area);
    for (index, (row, y)) in rows.iter().take(shown).zip(area.y..).enumerate() {
        let is_cut = index + 1 == shown && rows.len() > shown;
        let row = if is_cut {
            text::fit(&format!("{row} \u{2026}"), width)
        } else {
            (*row).to_owned()
        };
        frame.buffer_mut().set_string(area.x + 1, y, row, theme.text);
    }
}

/// What is going on, in ever shorter wordings.
fn phase(model: &Model) -> Vec<String> {
    let elsewhere = model.jobs.iter().filter(|job| !model.is_here(job)).count();
    let Some(job) = model.current_job() else {
        return match elsewhere {
            0 => idle(model),
            1 => vec![format!("{} 1 running in another session", spinner(model))],
            count => vec![format!("{} {count} running in other sessions", spinner(model))],
        };
    };
    if let Some(wait) = &job.wait {
        let words = wait.words(model.now_ms);
        let stop = keys::key_for(model.focus.contexts(), Action::Escape).map(Key::short);
        let stop = stop.map(|key| format!(" · {key} stops")).unwrap_or_default();
        let spinner = spinner(model);
        return vec![
            format!("{spinner} {words}{stop}"),
            format!("{spinner} {words}"),
            format!("{spinner} {}", wait.short(model.now_ms)),
        ];
    }
    let seconds = words::duration(model.now_ms.abs_diff(job.started_ms));
    let Doing { verb, amount, rows } = doing(model, job);
    let spinner = spinner(model);
    let others = others(model);
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

/// `3 running`, or `2 running, 2 queued`.
fn others(model: &Model) -> Option<String> {
    let all = model.jobs.len();
    let queued = model
        .jobs
        .iter()
        .filter(|job| job.phase() == Phase::Queued)
        .count();
    match (all, queued) {
        (0 | 1, _) => None,
        (_, 0) => Some(format!("{all} running")),
        (_, queued) if queued == all => Some(format!("{all} queued")),
        (_, queued) => Some(format!("{} running, {queued} queued", all - queued)),
    }
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
    let received = job.progress.received;
    let amount = (received > 0).then(|| words::bytes(received));
    match job.phase() {
        Phase::Queued => verb("starting"),
        Phase::Developing => {
            let turn = job.turn.as_ref().map(|turn| &turn.id);
            let is_selected = turn.is_some() && model.open.selected.as_ref() == turn;
            let rows = model.preview.rows.filter(|_| is_selected);
            let rows = rows.map(|(row, rows)| format!("row {row} of {rows}"));
            Doing {
                amount,
                rows,
                ..verb("developing")
            }
        }
        phase @ (Phase::Finishing | Phase::Fetching | Phase::Saving) => Doing {
            amount,
            ..verb(phase.name())
        },
        phase => verb(phase.name()),
    }
}

/// Nothing runs here: what is not saved, what the selected turn is at or what went wrong with it, or the session on
/// screen.
fn idle(model: &Model) -> Vec<String> {
    if !model.unsaved.is_empty() {
        let key = keys::key_for(model.contexts(), Action::SaveAgain).map(Key::short);
        let key = key
            .map(|key| format!(": {key} saves it again"))
            .unwrap_or_default();
        let names: Vec<_> = model
            .unsaved
            .iter()
            .map(|turn| words::name(model, turn))
            .collect();
        let names = names.join(", ");
        return vec![
            format!("! {names} not saved{key}"),
            format!("! {names} not saved"),
        ];
    }
    if let Some(turn) = model.selected() {
        let number = turn.number;
        if turn.status == TurnStatus::Running {
            return vec![
                format!("#{number} runs elsewhere: in another tintype, or in the last one in the background"),
                format!("#{number} runs elsewhere"),
            ];
        }
        if let Some(error) = turn.error.as_ref().filter(|_| turn.picture().is_some()) {
            let what = match turn.status {
                TurnStatus::Interrupted => "○ #{} was interrupted",
                TurnStatus::Cancelled => "○ #{} was stopped",
                _ => "✗ #{} failed",
            };
            let what = what.replace("{}", &number.to_string());
            return vec![format!("{what}: {}", words::error(error).0)];
        }
    }
    vec![title(model)]
}

fn title(model: &Model) -> String {
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
            Overlay::Help { .. } | Overlay::Details { .. } => {
                [(Action::Down, None), (Action::Escape, Some("close"))]
            }
            Overlay::Settings(_) => [(Action::Take, None), (Action::Escape, Some("close"))],
            Overlay::Files(_) => [(Action::AttachThis, None), (Action::Complete, None)],
            Overlay::Fetch(_) => [(Action::FetchIt, None), (Action::Escape, Some("leave it"))],
            Overlay::Search(_) => [(Action::OpenHit, None), (Action::Escape, Some("close"))],
            Overlay::Sheet(_) => [(Action::GoThere, None), (Action::Escape, Some("close"))],
            Overlay::Delete(_) => [(Action::DeleteIt, None), (Action::Escape, Some("keep it"))],
            Overlay::Dearer => [(Action::SendDearer, None), (Action::SendOwn, None)],
            Overlay::Unsaved => [(Action::SaveAgain, None), (Action::Escape, Some("stay"))],
            Overlay::Quit => [(Action::FinishInBackground, None), (Action::Escape, Some("stay"))],
            Overlay::Stop(_) => [(Action::StopIt, None), (Action::Escape, Some("let it finish"))],
        };
    }
    if !model.problems.is_empty() {
        return [(Action::Details, None), (Action::Escape, Some("dismiss"))];
    }
    if model.current_job().is_some() {
        return [(Action::Escape, None), help];
    }
    let on_picture = matches!(model.focus, Focus::History | Focus::Picture);
    if let Some(mode) = model.compares().filter(|_| on_picture) {
        let leave = (Action::Escape, Some("end"));
        return match mode {
            Mode::Wipe if model.focus == Focus::Picture => [(Action::EdgeRight, Some("edge")), leave],
            Mode::Blink => [(Action::Blink, None), leave],
            _ => [(Action::Blink, Some("blink")), leave],
        };
    }
    match model.focus {
        Focus::Prompt if model.editor.is_blank() => [(Action::Sessions, None), help],
        Focus::Prompt => [(Action::Send, None), (Action::NewLine, None)],
        Focus::Sessions => [(Action::Open, None), help],
        Focus::History => [(Action::Continue, None), (Action::Again, None)],
        Focus::Picture if model.looking.full => [(Action::ZoomIn, None), (Action::FullScreen, Some("back"))],
        Focus::Picture => [(Action::ZoomIn, None), (Action::FullScreen, None)],
        Focus::Thoughts => [(Action::FoldThoughts, None), help],
    }
}
