//! The rows of scrolling lists: which there are, and which part of them is visible. Shared by update (clicks, moves) and
//! view.

use std::borrow::Cow;

use ratatui::layout::Rect;

use super::layout;
use super::model::{Focus, Model};
use super::text;
use super::transcript::Transcript;
use super::words;
use crate::keys::{self, Action, Context, Key};

/// One row of the list of sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionRow {
    /// The day that the session at this index was last used on; it and others of that day follow.
    Day(usize),
    /// The session at this index.
    Session(usize),
}

/// The rows of the list; their words are formatted where they are drawn.
pub fn session_rows(model: &Model) -> Vec<SessionRow> {
    let list = &model.sessions.list;
    let mut rows = Vec::with_capacity(list.len() + list.len() / 4 + 1);
    let mut day = None;
    for (index, session) in list.iter().enumerate() {
        let ago = words::days_ago(session.updated_ms, model.now_ms, model.utc_offset_s);
        if day.replace(ago) != Some(ago) {
            rows.push(SessionRow::Day(index));
        }
        rows.push(SessionRow::Session(index));
    }
    rows
}

/// How many rows the list has, counted no further than `most`.
pub fn session_row_count(model: &Model, most: usize) -> usize {
    let mut rows = 0;
    let mut day = None;
    for session in &model.sessions.list {
        let ago = words::days_ago(session.updated_ms, model.now_ms, model.utc_offset_s);
        rows += 1 + usize::from(day.replace(ago) != Some(ago));
        if rows >= most {
            return most;
        }
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

/// What the Thoughts pane shows of the selected turn in this width.
pub fn transcript(model: &Model, width: u16) -> Cow<'_, Transcript> {
    let width = usize::from(width);
    let kept = &model.thoughts.transcript;
    match model.selected() {
        Some(turn) if kept.shows(&turn.id, width) => Cow::Borrowed(kept),
        Some(turn) => {
            let mut transcript = Transcript::default();
            transcript.follow(turn, model.text_of(&turn.id), width);
            Cow::Owned(transcript)
        }
        None => Cow::Owned(Transcript::default()),
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
