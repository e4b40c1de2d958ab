//! The rows of scrolling lists: which there are, and which part of them is visible. Shared by update (clicks, moves) and
//! view.

use ratatui::layout::Rect;

use super::layout;
use super::markdown::{self, Run};
use super::model::{Focus, Model};
use super::text;
use super::words;
use crate::domain::{Source, clean_line};
use crate::keys::{self, Action, Context, Key};

/// One row of the list of sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionRow {
    /// A day; the sessions last used on it follow.
    Day(String),
    /// The session at this index.
    Session(usize),
}

pub fn session_rows(model: &Model) -> Vec<SessionRow> {
    let mut rows = Vec::new();
    let mut day = None;
    for (index, session) in model.sessions.list.iter().enumerate() {
        let its_day = words::day(session.updated_ms, model.now_ms, model.utc_offset_s);
        if day.as_ref() != Some(&its_day) {
            rows.push(SessionRow::Day(its_day.clone()));
            day = Some(its_day);
        }
        rows.push(SessionRow::Session(index));
    }
    rows
}

/// The index of the session under the cursor.
pub fn session_cursor(model: &Model) -> Option<usize> {
    let cursor = model.sessions.cursor.as_ref()?;
    model
        .sessions
        .list
        .iter()
        .position(|session| session.id == *cursor)
}

pub fn first_session_row(model: &Model, rows: &[SessionRow], height: u16) -> usize {
    let cursor = session_cursor(model);
    let row = rows
        .iter()
        .position(|row| matches!((row, cursor), (SessionRow::Session(at), Some(cursor)) if *at == cursor));
    first_visible(row.unwrap_or(0), rows.len(), usize::from(height))
}

/// What the selected turn thought and said, and what went not quite as asked.
pub fn thought_rows(model: &Model, width: u16) -> Vec<Vec<Run>> {
    let Some(turn) = model.selected() else {
        return Vec::new();
    };
    let mut words = turn.thoughts.trim_end().to_owned();
    let mut add = |heading: &str, text: &str| {
        if !text.trim().is_empty() {
            words.extend(["\n\n**", heading, "**\n", text.trim_end()]);
        }
    };
    add("Reply", &turn.text);
    add("Warnings", &turn.warnings.join("\n"));
    let sources: Vec<String> = (1..).zip(&turn.sources).map(source).collect();
    add("Sources", &sources.join("\n"));
    if words.trim().is_empty() {
        Vec::new()
    } else {
        markdown::rows(&words, usize::from(width))
    }
}

/// A page that the model's search found, with the host that its title may hide.
fn source((number, source): (usize, &Source)) -> String {
    let host = words::host(&source.url);
    match source.title.as_deref().map(clean_line) {
        Some(title) if !title.is_empty() && title != host => format!("{number}. {title} ({host})"),
        _ => format!("{number}. {host}"),
    }
}

/// A row of the help overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelpRow {
    Gap,
    Heading(&'static str),
    /// Some keys and some words; either may go on from the row above.
    Keys {
        keys: String,
        does: String,
    },
}

/// The help overlay: where it is, how wide its column of keys is, and all its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    pub area: Rect,
    pub column: u16,
    pub rows: Vec<HelpRow>,
}

impl Help {
    /// The first row of the last page.
    pub fn last_first(&self) -> usize {
        self.rows
            .len()
            .saturating_sub(usize::from(self.area.height.saturating_sub(2)))
    }
}

/// Every key that does something in this pane, the nearest context first; one entry for each action in a context.
pub fn help(about: Focus, screen: Rect) -> Help {
    let width = screen.width.saturating_sub(4).min(78);
    // Frame and air.
    let inside = usize::from(width).saturating_sub(5);
    let names = |context: Context, action: Action| {
        let names: Vec<_> = keys::keys_for(context, action).map(Key::name).collect();
        names.join("  ")
    };
    let in_context = |context: Context| {
        let mut told = Vec::new();
        for binding in keys::bindings().iter().filter(|row| row.context == context) {
            if !told.contains(&binding.action) {
                told.push(binding.action);
            }
        }
        told
    };
    let every = about.help().iter().flat_map(|context| {
        let width = move |action| text::width(&names(*context, action));
        in_context(*context).into_iter().map(width)
    });
    let column = every.max().unwrap_or(0).min(inside * 2 / 5);
    let mut rows = Vec::new();
    for context in about.help() {
        if !rows.is_empty() {
            rows.push(HelpRow::Gap);
        }
        rows.push(HelpRow::Heading(context.name()));
        for action in in_context(*context) {
            let keys = names(*context, action);
            let keys = text::wrap(&keys, column);
            let does = text::wrap(action.describe(), inside.saturating_sub(column + 2));
            rows.extend((0..keys.len().max(does.len())).map(|row| {
                let part = |rows: &[&str]| (*rows.get(row).unwrap_or(&"")).to_owned();
                HelpRow::Keys {
                    keys: part(&keys),
                    does: part(&does),
                }
            }));
        }
    }
    let height = u16::try_from(rows.len() + 2)
        .unwrap_or(u16::MAX)
        .min(screen.height.saturating_sub(2));
    Help {
        area: layout::centred(screen, width, height),
        column: u16::try_from(column).unwrap_or(0),
        rows,
    }
}

/// Rows that a page key moves in the settings picker.
pub const PICKER_PAGE: u16 = 8;

/// The first visible of `len` rows, so that the row at `cursor` stands in the middle where it can.
pub fn first_visible(cursor: usize, len: usize, height: usize) -> usize {
    cursor.saturating_sub(height / 2).min(len.saturating_sub(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_visible_and_no_row_is_wasted() {
        for len in 0..20 {
            for height in 1..10 {
                for cursor in 0..len {
                    let first = first_visible(cursor, len, height);
                    assert!((first..first + height).contains(&cursor));
                    assert!(first == 0 || first + height <= len);
                }
            }
        }
    }
}
