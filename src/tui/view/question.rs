//! The questions: what becomes of what runs when leaving, whether to stop a picture that is arriving, and whether to
//! fetch one that an answer only points at.

use ratatui::Frame;
use ratatui::text::{Line, Span};

use super::frame;
use crate::domain::{TurnId, clean_line};
use crate::keys::{self, Action, Context};
use crate::tui::layout;
use crate::tui::model::Model;
use crate::tui::msg::{Doomed, JobId};
use crate::tui::settings::Settings;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::words;

pub(super) fn quit(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let words = match model.jobs.len() {
        1 => "A generation is still running.".to_owned(),
        count => format!("{count} generations are still running."),
    };
    let answers = [
        (Action::FinishInBackground, "finish in the background"),
        (Action::StopIt, "stop; what has come is kept"),
        (Action::Escape, "stay"),
    ];
    ask(model, "Quit", &words, &answers, theme, frame);
}

pub(super) fn stop(model: &Model, job: JobId, theme: &Theme, frame: &mut Frame<'_>) {
    let received = model.job(job).map_or(0, |job| job.progress.received);
    let words = format!(
        "A picture is already arriving ({}); it may be charged all the same.",
        words::bytes(received)
    );
    let answers = [
        (Action::StopIt, "stop; what has come is kept"),
        (Action::Escape, "let it finish"),
    ];
    ask(model, "Stop", &words, &answers, theme, frame);
}

/// Names the host: it learns that somebody here wants the picture.
pub(super) fn fetch(model: &Model, turn: &TurnId, theme: &Theme, frame: &mut Frame<'_>) {
    let links = model.turn(turn).map_or(&[][..], |turn| turn.links.as_slice());
    let mut hosts: Vec<String> = links.iter().map(|link| words::host(&link.url)).collect();
    hosts.dedup();
    let what = match links.len() {
        1 => "a link instead of a picture. Fetch it from",
        _ => "links instead of pictures. Fetch them from",
    };
    let words = format!("The answer has {what} {}?", hosts.join(", "));
    let answers = [
        (Action::FetchIt, "fetch; nothing of yours is sent along"),
        (Action::Escape, "leave it"),
    ];
    ask(model, "Fetch", &words, &answers, theme, frame);
}

pub(super) fn delete(model: &Model, what: &Doomed, theme: &Theme, frame: &mut Frame<'_>) {
    let words = match what {
        Doomed::Session(id) => {
            let session = model.sessions.list.iter().find(|session| session.id == *id);
            let title = session.map_or_else(String::new, |session| words::title(&session.title));
            let turns = session.map_or(0, |session| session.turns);
            match words::count(usize::try_from(turns).unwrap_or(0), "turn").as_str() {
                "" => format!("Delete \u{201c}{title}\u{201d}?"),
                turns => format!("Delete \u{201c}{title}\u{201d} with its {turns}?"),
            }
        }
        Doomed::Turn(id) => {
            let number = model.open.turns.find(id).map_or(0, |turn| turn.number);
            match model.open.turns.grown_from(id).count() {
                0 | 1 => format!("Delete #{number}?"),
                2 => format!("Delete #{number} and the node that grew from it?"),
                count => format!("Delete #{number} and the {} nodes that grew from it?", count - 1),
            }
        }
    };
    let undo = keys::key_for(&[Context::Turn], Action::UndoDelete);
    let undo = undo.map(keys::Key::short).unwrap_or_default();
    let does = format!("delete; {undo} brings it back for 30 days");
    let answers = [(Action::DeleteIt, does.as_str()), (Action::Escape, "keep it")];
    ask(model, "Delete", &words, &answers, theme, frame);
}

/// Names both prices.
pub(super) fn dearer(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let (Some(project), Some(dearer)) = (&model.project, model.dearer()) else {
        return;
    };
    let name = |settings: &Settings| match &settings.size {
        Some(size) => format!("{} at {size}", clean_line(&settings.model)),
        None => clean_line(&settings.model),
    };
    let words = format!(
        "{} chooses {}: {}. Your own default, {}: {}.",
        text::fit(&clean_line(&project.file), 60),
        name(&model.settings),
        dearer.price.long(),
        name(&dearer.own),
        dearer.own_price.long()
    );
    let answers = [
        (Action::SendDearer, "send"),
        (Action::SendOwn, "send with your own default"),
        (Action::Escape, "do not send"),
    ];
    ask(model, "Price", &words, &answers, theme, frame);
}

/// Names what would be lost.
pub(super) fn unsaved(model: &Model, theme: &Theme, frame: &mut Frame<'_>) {
    let names: Vec<_> = model
        .unsaved
        .iter()
        .map(|turn| words::name(model, turn))
        .collect();
    let names = names.join(", ");
    let words = match model.unsaved.len() {
        1 => format!("The picture of {names} could not be saved. It is in memory only, and was paid for."),
        _ => {
            format!("The pictures of {names} could not be saved. They are in memory only, and were paid for.")
        }
    };
    let answers = [
        (Action::SaveAgain, "save again"),
        (Action::LeaveUnsaved, "leave; what is not saved is lost"),
        (Action::Escape, "stay"),
    ];
    ask(model, "Not saved", &words, &answers, theme, frame);
}

fn ask(
    model: &Model,
    name: &str,
    words: &str,
    answers: &[(Action, &str)],
    theme: &Theme,
    frame: &mut Frame<'_>,
) {
    let screen = frame.area();
    let width = screen.width.saturating_sub(4).min(52);
    let rows = text::wrap(words, usize::from(width.saturating_sub(4)));
    let height = u16::try_from(rows.len() + answers.len() + 3).unwrap_or(u16::MAX);
    let area = layout::centred(screen, width, height.min(screen.height));
    let inner = frame::overlay(frame, area, name, "", theme);
    let buffer = frame.buffer_mut();
    let mut y = inner.y;
    for row in rows {
        buffer.set_string(inner.x + 1, y, row, theme.text);
        y += 1;
    }
    for (action, does) in answers {
        y += u16::from(*action == answers[0].0);
        let key = keys::key_for(model.contexts(), *action)
            .map(keys::Key::short)
            .unwrap_or_default();
        let line = Line::from(vec![
            Span::styled(format!("{key:>4}"), theme.accent.patch(theme.strong)),
            Span::raw(format!(
                "  {}",
                text::fit(does, usize::from(inner.width.saturating_sub(7)))
            )),
        ]);
        buffer.set_line(inner.x, y.min(inner.bottom()), &line, inner.width);
        y += 1;
    }
}
