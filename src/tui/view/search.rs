//! The search over all sessions: what is typed, and where it was found.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::frame;
use crate::domain::clean_line;
use crate::keys::{self, Action, Context};
use crate::tui::layout;
use crate::tui::lists;
use crate::tui::model::Model;
use crate::tui::search::{Hit, Search};
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::words;

/// A hit has two rows: whose it is, and what is around the words.
const ROWS: usize = 2;

pub(super) fn draw(model: &Model, search: &Search, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let width = screen.width.saturating_sub(4).min(86);
    let height = screen.height.saturating_sub(2).min(26);
    let area = layout::centred(screen, width, height);
    let count = words::count(search.hits.len(), "hit");
    let inner = frame::overlay(frame, area, "Search", &count, theme);
    let room = usize::from(inner.width.saturating_sub(3));
    let typed = tail(&search.typed, room);
    let end = u16::try_from(text::width(typed)).unwrap_or(0);
    let buffer = frame.buffer_mut();
    buffer.set_string(inner.x + 1, inner.y, text::shown(typed), theme.strong);
    let list = Rect {
        y: inner.y + 2,
        height: inner.height.saturating_sub(4),
        ..inner
    };
    hits(model, search, list, theme, frame);
    let hint = text::fit(&hint(), usize::from(inner.width.saturating_sub(2)));
    let buffer = frame.buffer_mut();
    buffer.set_string(inner.x + 1, inner.bottom() - 1, hint, theme.quiet);
    frame.set_cursor_position(Position::new(inner.x + 1 + end, inner.y));
}

/// The end of what is typed: that is where it grows.
fn tail(typed: &str, room: usize) -> &str {
    let mut rest = typed;
    while text::width(rest) > room {
        let mut characters = rest.chars();
        characters.next();
        rest = characters.as_str();
    }
    rest
}

fn hits(model: &Model, search: &Search, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let width = usize::from(area.width.saturating_sub(2));
    if search.hits.is_empty() {
        let words = match &search.problem {
            Some(problem) => problem.as_str(),
            None if search.typed.trim().is_empty() => {
                "Type words of a title, a prompt, a thought or a reply; all of them must occur."
            }
            None if search.answered => "Nothing has all of these words.",
            None => "Searching …",
        };
        for (row, y) in text::wrap(words, width).into_iter().zip(area.y..area.bottom()) {
            frame.buffer_mut().set_string(area.x + 1, y, row, theme.quiet);
        }
        return;
    }
    let room = usize::from(area.height) / ROWS;
    let first = lists::first_visible(search.cursor, search.hits.len(), room.max(1));
    let visible = search.hits.iter().enumerate().skip(first);
    for ((index, hit), y) in visible.zip((area.y..area.bottom()).step_by(ROWS)) {
        let is_here = index == search.cursor;
        let last = y + 1 < area.bottom();
        let buffer = frame.buffer_mut();
        if is_here {
            buffer.set_string(area.x, y, "▌", theme.accent);
            if last {
                buffer.set_string(area.x, y + 1, "▌", theme.accent);
            }
        }
        let style = if is_here { theme.selected } else { theme.text };
        let (name, day) = heading(model, hit, width);
        let gap = " ".repeat(width.saturating_sub(text::width(&name) + text::width(&day)));
        let line = Line::from(vec![
            Span::styled(name, style),
            Span::raw(gap),
            Span::styled(day, theme.quiet),
        ]);
        buffer.set_line(area.x + 1, y, &line, area.width.saturating_sub(2));
        if last {
            let line = snippet(hit, theme);
            buffer.set_line(area.x + 3, y + 1, &line, area.width.saturating_sub(4));
        }
    }
}

/// `red fox logo · #3`, and the day it was last used.
fn heading(model: &Model, hit: &Hit, width: usize) -> (String, String) {
    let day = words::day(hit.updated_ms, model.now_ms, model.utc_offset_s);
    let number = hit.turn.as_ref().map(|(_, number)| format!(" · #{number}"));
    let number = number.unwrap_or_default();
    let title = match clean_line(&hit.title) {
        title if title.is_empty() => "untitled".to_owned(),
        title => title,
    };
    let room = width.saturating_sub(text::width(&day) + text::width(&number) + 2);
    (format!("{}{number}", text::fit(&title, room)), day)
}

/// What was searched for stands out by its weight and a line below it, so that no colour is needed.
fn snippet<'a>(hit: &'a Hit, theme: &Theme) -> Line<'a> {
    let found = theme.text.add_modifier(Modifier::BOLD | Modifier::UNDERLINED);
    let style = |is_hit: bool| if is_hit { found } else { theme.quiet };
    let pieces = hit.snippet.iter();
    pieces
        .map(|(text, is_hit)| Span::styled(text.as_str(), style(*is_hit)))
        .collect()
}

fn hint() -> String {
    let key = |action| {
        keys::key_for(&[Context::Search, Context::Anywhere], action)
            .map(keys::Key::name)
            .unwrap_or_default()
    };
    let (open, down, leave) = (key(Action::OpenHit), key(Action::Down), key(Action::Escape));
    format!("{open} opens it there · {down} goes on · {leave} leaves")
}
