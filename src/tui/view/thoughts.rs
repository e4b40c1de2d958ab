//! The thoughts of the selected turn, as they come; folded, its title line is all there is.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::frame::{self, Place, Title};
use super::{Words, has_keys, rows_below, words_in_the_middle};
use crate::keys::{self, Action};
use crate::tui::layout::Pane;
use crate::tui::lists;
use crate::tui::markdown::{self, Run};
use crate::tui::model::{Focus, Model, Scroll};
use crate::tui::theme::Theme;
use crate::tui::words;

pub(super) fn draw(model: &Model, pane: Pane, theme: &Theme, frame: &mut Frame<'_>) {
    let text = pane.text();
    let height = usize::from(text.height);
    let transcript = if height > 0 {
        lists::transcript(model, text.width)
    } else {
        Cow::default()
    };
    let last = transcript.len().saturating_sub(height);
    let first = match model.thoughts.scroll {
        Scroll::Tail => last,
        Scroll::At(row) => row.min(last),
    };
    let facts = facts(model, height == 0, last - first);
    let title = Title {
        name: "Thoughts",
        focused: has_keys(model, Focus::Thoughts),
        facts: &facts,
    };
    frame::pane(frame.buffer_mut(), pane, Place::Middle, &title, theme);
    if transcript.is_empty() && height > 0 {
        let words = match model.selected() {
            Some(turn) if model.text_of(&turn.id).is_none() => "",
            Some(turn) if model.job_of(&turn.id).is_none() => "The model kept its thoughts to itself.",
            _ => "What the model thinks streams here.",
        };
        words_in_the_middle(
            frame,
            text,
            &[Words {
                text: words,
                style: theme.quiet,
            }],
        );
    }
    let rows = transcript.rows(first, height);
    for (row, y) in rows.iter().zip(text.y..text.bottom()) {
        let line: Line<'_> = row.iter().map(|run| span(run, theme)).collect();
        frame.buffer_mut().set_line(text.x, y, &line, text.width);
    }
}

fn span<'a>(run: &'a Run, theme: &Theme) -> Span<'a> {
    let mut style = theme.text;
    if run.look.bold {
        style = style.patch(theme.strong);
    }
    if run.look.italic {
        style = style.add_modifier(Modifier::ITALIC);
    }
    if run.look.code {
        style = style.patch(theme.quiet);
    }
    Span::styled(run.text.as_str(), style)
}

/// Seconds and tokens; folded, also the headline it is at and the key that unfolds it.
fn facts(model: &Model, folded: bool, below: usize) -> Vec<String> {
    let Some(turn) = model.selected() else {
        return if folded {
            vec!["thinking streams here".to_owned()]
        } else {
            Vec::new()
        };
    };
    let job = model.job_of(&turn.id);
    let ms = match job {
        Some(job) => Some(model.now_ms.abs_diff(job.started_ms)),
        None => turn.timing.total,
    };
    let seconds = ms.map(words::duration);
    let tokens = turn.usage.thoughts.map(words::tokens);
    let sources = Some(words::count(turn.sources.len(), "source")).filter(|count| !count.is_empty());
    let short: Vec<_> = seconds
        .into_iter()
        .chain(tokens)
        .chain(sources)
        .chain(rows_below(below))
        .collect();
    let short = short.join(" · ");
    if !folded {
        return vec![short];
    }
    let unfold = keys::key_for(model.focus.contexts(), Action::FoldThoughts);
    let words = model.text_of(&turn.id);
    let unfold =
        unfold.filter(|_| words.is_none_or(|words| !words.thoughts.is_empty() || !words.text.is_empty()));
    let unfold = unfold.map(|key| format!("{} unfolds", key.short()));
    let words = words.filter(|_| job.is_some());
    let headline = words.and_then(|words| markdown::headline(words.thoughts.as_str()));
    let some = |parts: [Option<String>; 3]| {
        let parts: Vec<_> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(" · ")
    };
    vec![
        some([headline.clone(), Some(short.clone()), unfold.clone()]),
        some([headline.clone(), Some(short.clone()), None]),
        some([headline, None, None]),
        some([None, Some(short.clone()), None]),
    ]
}
