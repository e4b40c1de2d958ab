//! The list of sessions, newest first, under the days they were last used.

use ratatui::Frame;

use super::frame::{self, Place, Title};
use super::{Words, has_keys, words_in_the_middle};
use crate::domain::{SessionSummary, clean_line};
use crate::tui::jobs::Home;
use crate::tui::layout::Pane;
use crate::tui::lists::{self, SessionRow};
use crate::tui::model::{Focus, Model};
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::words;

pub(super) fn draw(model: &Model, pane: Pane, theme: &Theme, frame: &mut Frame<'_>) {
    let title = Title {
        name: "Sessions",
        focused: has_keys(model, Focus::Sessions),
        facts: &[],
    };
    frame::pane(frame.buffer_mut(), pane, Place::Top, &title, theme);
    let area = pane.inner;
    if model.sessions.list.is_empty() {
        let words = if model.sessions.loaded {
            "None yet: the first prompt begins one."
        } else {
            "Reading …"
        };
        words_in_the_middle(
            frame,
            area,
            &[Words {
                text: words,
                style: theme.quiet,
            }],
        );
        return;
    }
    let rows = lists::session_rows(model);
    let first = lists::first_session_row(model, &rows, area.height);
    let width = usize::from(area.width);
    for (row, y) in rows.iter().skip(first).zip(area.y..area.bottom()) {
        let buffer = frame.buffer_mut();
        match row {
            SessionRow::Day(day) => {
                let last_used = model.sessions.list[*day].updated_ms;
                let day = words::day(last_used, model.now_ms, model.utc_offset_s);
                buffer.set_stringn(area.x + 1, y, text::fit(&day, width - 2), width - 2, theme.quiet);
            }
            SessionRow::Session(index) => {
                let session = &model.sessions.list[*index];
                let is_here = model.sessions.cursor.as_ref() == Some(&session.id);
                if is_here {
                    buffer.set_string(area.x, y, "▌", theme.accent);
                }
                let (name, count) = name_and_count(model, session, width.saturating_sub(2));
                let style = if is_here { theme.selected } else { theme.text };
                buffer.set_string(area.x + 1, y, name, style);
                let x = area.right() - 1 - u16::try_from(text::width(&count)).unwrap_or(0);
                buffer.set_string(x, y, count, theme.quiet);
            }
        }
    }
}

/// The title, cut so that the count has room behind it; a session in which something runs says so.
fn name_and_count(model: &Model, session: &SessionSummary, width: usize) -> (String, String) {
    let runs = model
        .jobs
        .iter()
        .any(|job| job.home == Home::Session(session.id.clone()));
    let count = if runs {
        "running".to_owned()
    } else {
        session.turns.to_string()
    };
    let title = match clean_line(&session.title) {
        title if title.is_empty() => "untitled".to_owned(),
        title => title,
    };
    (
        text::fit(&title, width.saturating_sub(text::width(&count) + 1)),
        count,
    )
}
