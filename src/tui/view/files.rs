//! The picker of reference pictures: the path that is typed, and what in its folder matches.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::frame;
use crate::domain::clean_line;
use crate::keys::{self, Action, Context};
use crate::tui::files::{Entry, EntryKind, Files};
use crate::tui::layout;
use crate::tui::lists;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::words;

pub(super) fn draw(files: &Files, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let width = screen.width.saturating_sub(4).min(76);
    let height = screen.height.saturating_sub(2).min(20);
    let area = layout::centred(screen, width, height);
    let room = usize::from(width).saturating_sub(26);
    let inner = frame::overlay(frame, area, "Attach a picture", &folder(files, room), theme);
    let path = path(files, usize::from(inner.width.saturating_sub(3)));
    let buffer = frame.buffer_mut();
    buffer.set_string(inner.x + 1, inner.y, &path, theme.strong);
    let end = u16::try_from(text::width(&path)).unwrap_or(0);
    let list = Rect {
        y: inner.y + 2,
        height: inner.height.saturating_sub(4),
        ..inner
    };
    rows(files, list, theme, frame);
    let buffer = frame.buffer_mut();
    let hint = hint(usize::from(inner.width.saturating_sub(2)));
    buffer.set_string(inner.x + 1, inner.bottom() - 1, hint, theme.quiet);
    frame.set_cursor_position(Position::new(inner.x + 1 + end, inner.y));
}

fn folder(files: &Files, room: usize) -> String {
    let folder = files.listing.as_ref().map(|listing| {
        let more = if listing.more { " (not all of it)" } else { "" };
        format!("{}{more}", clean_line(&listing.folder.to_string_lossy()))
    });
    tail(&folder.unwrap_or_default(), room)
}

fn path(files: &Files, room: usize) -> String {
    tail(&clean_line(&files.typed), room)
}

/// The end of a path says more than its beginning.
fn tail(path: &str, room: usize) -> String {
    if text::width(path) <= room {
        return path.to_owned();
    }
    let mut rest = path;
    while text::width(rest) + 1 > room && !rest.is_empty() {
        let mut characters = rest.chars();
        characters.next();
        rest = characters.as_str();
    }
    format!("…{rest}")
}

fn rows(files: &Files, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let rows = files.rows();
    if rows.is_empty() {
        let words = match (&files.problem, &files.listing) {
            (Some(problem), _) => problem.clone(),
            (None, None) => "Reading …".to_owned(),
            (None, Some(_)) if files.typed_name().is_empty() => "No pictures and no folders here".to_owned(),
            (None, Some(_)) => "Nothing here matches; Enter takes the path as it is typed".to_owned(),
        };
        let width = usize::from(area.width.saturating_sub(2));
        for (row, y) in text::wrap(&words, width).into_iter().zip(area.y..area.bottom()) {
            buffer.set_string(area.x + 1, y, row, theme.quiet);
        }
        return;
    }
    let first = lists::first_visible(files.cursor, rows.len(), usize::from(area.height));
    let visible = rows.iter().enumerate().skip(first);
    for ((index, entry), y) in visible.zip(area.y..area.bottom()) {
        let is_here = index == files.cursor;
        if is_here {
            buffer.set_string(area.x, y, "▌", theme.accent);
        }
        let width = usize::from(area.width.saturating_sub(2));
        let facts = facts(entry);
        let fitting = facts.iter().find(|facts| text::width(facts) + 14 <= width);
        let facts = fitting.map_or("", String::as_str);
        let name = name(entry, width.saturating_sub(text::width(facts) + 1));
        let gap = " ".repeat(width.saturating_sub(text::width(&name) + text::width(facts)));
        let style = if is_here { theme.selected } else { theme.text };
        let line = Line::from(vec![
            Span::styled(name, style),
            Span::raw(gap),
            Span::styled(facts, theme.quiet),
        ]);
        buffer.set_line(area.x + 1, y, &line, area.width.saturating_sub(2));
    }
}

fn name(entry: &Entry, room: usize) -> String {
    let slash = match entry.kind {
        EntryKind::Folder => "/",
        EntryKind::Picture { .. } => "",
    };
    let name = text::fit(&clean_line(&entry.name), room.saturating_sub(slash.len()));
    format!("{name}{slash}")
}

/// Type, pixels and size, the longest wording first.
fn facts(entry: &Entry) -> Vec<String> {
    let EntryKind::Picture { mime, bytes, pixels } = &entry.kind else {
        return Vec::new();
    };
    let bytes = words::bytes(*bytes);
    let kind = match mime {
        Some(crate::domain::Mime::Unknown) => "no picture".to_owned(),
        Some(mime) => mime.extension().to_owned(),
        None => String::new(),
    };
    let pixels = pixels.map_or(String::new(), |(width, height)| format!("{width}×{height}"));
    // In columns, so that the eye can go down them.
    let size = format!("{bytes:>7}");
    vec![
        format!("{kind:<4}  {pixels:>9}  {size}"),
        format!("{kind:<4}  {size}"),
        size,
    ]
}

fn hint(room: usize) -> String {
    let key = |action| {
        keys::key_for(&[Context::Files, Context::Anywhere], action)
            .map(keys::Key::name)
            .unwrap_or_default()
    };
    let (attach, complete, leave) = (
        key(Action::AttachThis),
        key(Action::Complete),
        key(Action::Escape),
    );
    let wordings = [
        format!("{attach} attaches · {complete} completes · {leave} leaves · any path may be typed"),
        format!("{attach} attaches · {complete} completes · {leave} leaves"),
        format!("{attach} attaches · {leave} leaves"),
    ];
    let fitting = wordings.iter().find(|words| text::width(words) <= room);
    fitting.cloned().unwrap_or_default()
}
