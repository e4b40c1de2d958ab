//! The prompt's editor: our key table decides what happens, `ratatui-textarea` edits and remembers for undo. It draws
//! nothing: the view asks for rows and the cursor's cell, so that moves by visible rows need no earlier draw.

use std::ops::Range;

use ratatui_textarea::{CursorMove, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use super::text;
use crate::domain::clean;

/// What an edit does, apart from inserting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    NewLine,
    Backspace,
    Delete,
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    KillToStart,
    KillToEnd,
    KillWordLeft,
    KillWordRight,
    Yank,
    Undo,
}

/// One visible row: a part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: usize,
    pub bytes: Range<usize>,
}

/// A text with a cursor, and what undo and yank need.
#[derive(Clone, Debug, Default)]
pub struct Editor {
    area: TextArea<'static>,
    /// The column that a run of moves up and down tries to keep.
    goal: Option<usize>,
}

impl PartialEq for Editor {
    /// What a user sees: text, cursor and selection; neither the undo history nor where it was last drawn.
    fn eq(&self, other: &Self) -> bool {
        self.area.lines() == other.area.lines()
            && self.area.cursor() == other.area.cursor()
            && self.area.selection_range() == other.area.selection_range()
    }
}

impl Editor {
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Only spaces and line ends, or nothing at all.
    pub fn is_blank(&self) -> bool {
        self.area.lines().iter().all(|line| line.trim().is_empty())
    }

    /// The cursor stands before the first character.
    pub fn is_at_start(&self) -> bool {
        self.position() == (0, 0)
    }

    /// A word would begin at the cursor: nothing but a space stands before it.
    pub fn is_at_word_start(&self) -> bool {
        let (line, column) = self.position();
        let before = column.checked_sub(1);
        let before = before.and_then(|before| self.area.lines()[line].chars().nth(before));
        before.is_none_or(char::is_whitespace)
    }

    /// Replaces everything, so that undo brings it back; the cursor goes to the end.
    pub fn set(&mut self, text: &str) {
        self.goal = None;
        self.area.select_all();
        self.area.insert_str(clean(text));
        self.area.cancel_selection();
    }

    pub fn insert(&mut self, character: char) {
        self.goal = None;
        self.area.insert_char(character);
    }

    /// Inserts many lines at once; control characters become visible stand-ins.
    pub fn paste(&mut self, text: &str) {
        self.goal = None;
        self.area.insert_str(clean(text));
    }

    pub fn apply(&mut self, edit: Edit) {
        self.goal = None;
        let (_, column) = self.position();
        match edit {
            Edit::NewLine => self.area.insert_newline(),
            Edit::Backspace => {
                self.erase_left();
            }
            Edit::Delete => {
                let count = self.grapheme_right().max(1);
                self.area.delete_str(count);
            }
            Edit::Left if column > 0 => self.go(column - self.grapheme_left()),
            Edit::Right if self.grapheme_right() > 0 => self.go(column + self.grapheme_right()),
            Edit::Left => self.area.move_cursor(CursorMove::Back),
            Edit::Right => self.area.move_cursor(CursorMove::Forward),
            Edit::WordLeft => self.area.move_cursor(CursorMove::WordBack),
            Edit::WordRight => self.area.move_cursor(CursorMove::WordForward),
            Edit::LineStart => self.go(0),
            Edit::LineEnd => self.area.move_cursor(CursorMove::End),
            Edit::KillToStart => {
                self.area.delete_line_by_head();
            }
            Edit::KillToEnd => {
                self.area.delete_line_by_end();
            }
            Edit::KillWordLeft => {
                self.area.delete_word();
            }
            Edit::KillWordRight => {
                self.area.delete_next_word();
            }
            Edit::Yank => {
                self.area.paste();
            }
            Edit::Undo => {
                self.area.undo();
            }
        }
    }

    /// One visible row up; false where there is none.
    pub fn up(&mut self, width: usize) -> bool {
        let (row, _) = self.cursor_cell(width);
        row > 0 && self.go_to_row(row - 1, width)
    }

    /// One visible row down; false where there is none.
    pub fn down(&mut self, width: usize) -> bool {
        let (row, _) = self.cursor_cell(width);
        self.go_to_row(row + 1, width)
    }

    /// Puts the cursor at a visible row and column, or as near as the text allows.
    pub fn click(&mut self, row: usize, column: usize, width: usize) {
        let last = self.rows(width).len().saturating_sub(1);
        self.goal = Some(column);
        self.go_to_row(row.min(last), width);
        self.goal = None;
    }

    /// The visible rows at this width, in order; at least one. A row leaves a cell for the cursor at its end.
    pub fn rows(&self, width: usize) -> Vec<Row> {
        let limit = width.saturating_sub(1).max(1);
        let lines = self.area.lines().iter().enumerate();
        lines
            .flat_map(|(line, text)| {
                text::wrap_line(text, limit)
                    .into_iter()
                    .map(move |bytes| Row { line, bytes })
            })
            .collect()
    }

    /// The cursor's visible row and column.
    pub fn cursor_cell(&self, width: usize) -> (usize, usize) {
        let (line, column) = self.position();
        let text = &self.area.lines()[line];
        let offset = text
            .char_indices()
            .nth(column)
            .map_or(text.len(), |(offset, _)| offset);
        let rows = self.rows(width);
        let found = rows
            .iter()
            .rposition(|row| row.line == line && row.bytes.start <= offset);
        let row = found.unwrap_or(0);
        let before = rows.get(row).map_or("", |row| &text[row.bytes.start..offset]);
        (row, text::width(before).min(width.saturating_sub(1)))
    }

    fn position(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0, cursor.1)
    }

    fn go_to_row(&mut self, row: usize, width: usize) -> bool {
        let (_, column) = self.cursor_cell(width);
        let goal = self.goal.unwrap_or(column);
        let rows = self.rows(width);
        let Some(target) = rows.get(row) else { return false };
        let text = &self.area.lines()[target.line];
        let is_last = rows.get(row + 1).is_none_or(|next| next.line != target.line);
        let mut offset = target.bytes.start;
        let mut cells = 0;
        for (index, grapheme) in text[target.bytes.clone()].grapheme_indices(true) {
            let end = target.bytes.start + index + grapheme.len();
            cells += text::width(grapheme);
            // The end of a row that goes on is the start of the next row: stay before it.
            if cells > goal || (end == target.bytes.end && !is_last) {
                break;
            }
            offset = end;
        }
        let column = text[..offset].chars().count();
        let line = target.line;
        self.jump(line, column);
        self.goal = Some(goal);
        true
    }

    fn go(&mut self, column: usize) {
        self.jump(self.position().0, column);
    }

    fn jump(&mut self, line: usize, column: usize) {
        let cell = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(cell(line), cell(column)));
    }

    /// A grapheme of several characters goes at once: half a flag is not what anybody typed.
    fn erase_left(&mut self) {
        let (_, column) = self.position();
        let count = self.grapheme_left();
        if count > 1 {
            self.go(column - count);
            self.area.delete_str(count);
        } else {
            self.area.delete_char();
        }
    }

    /// Characters of the grapheme left of the cursor in its line; 0 at the start of the line.
    fn grapheme_left(&self) -> usize {
        let (line, column) = self.position();
        let before: String = self.area.lines()[line].chars().take(column).collect();
        before
            .graphemes(true)
            .next_back()
            .map_or(0, |grapheme| grapheme.chars().count())
    }

    fn grapheme_right(&self) -> usize {
        let (line, column) = self.position();
        let after: String = self.area.lines()[line].chars().skip(column).collect();
        after
            .graphemes(true)
            .next()
            .map_or(0, |grapheme| grapheme.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(text: &str) -> Editor {
        let mut editor = Editor::default();
        editor.set(text);
        editor
    }

    #[test]
    fn moves_by_visible_rows_and_keeps_the_column() {
        let mut editor = editor("the quick brown fox jumps");
        assert_eq!(editor.rows(11).len(), 3);
        assert_eq!(editor.cursor_cell(11), (2, 5));
        assert!(editor.up(11));
        assert_eq!(editor.cursor_cell(11), (1, 5));
        assert!(editor.up(11));
        assert!(!editor.up(11));
        assert_eq!(editor.cursor_cell(11), (0, 5));
        assert!(editor.down(11) && editor.down(11) && !editor.down(11));
        editor.insert('!');
        assert_eq!(editor.text(), "the quick brown fox jumps!");
    }

    #[test]
    fn the_column_survives_a_short_line() {
        let mut editor = editor("a long line\nx\nanother line");
        editor.click(0, 9, 40);
        assert!(editor.down(40));
        assert_eq!(editor.cursor_cell(40), (1, 1));
        assert!(editor.down(40));
        assert_eq!(editor.cursor_cell(40), (2, 9));
    }

    #[test]
    fn graphemes_move_and_go_as_one() {
        let mut editor = editor("e\u{301}👩\u{200d}🚀");
        editor.apply(Edit::Left);
        assert_eq!(editor.cursor_cell(20), (0, 1));
        editor.apply(Edit::Right);
        editor.apply(Edit::Backspace);
        assert_eq!(editor.text(), "e\u{301}");
        editor.apply(Edit::Backspace);
        assert!(editor.is_empty());
    }

    #[test]
    fn paste_keeps_lines_and_undo_takes_it_back() {
        let mut editor = editor("a ");
        editor.paste("red\r\nfox\x1b[31m");
        assert_eq!(editor.text(), "a red\nfox\u{241b}[31m");
        editor.apply(Edit::Undo);
        assert_eq!(editor.text(), "a ");
    }

    #[test]
    fn readline_kills_and_yanks() {
        let mut editor = editor("a red fox");
        editor.apply(Edit::KillWordLeft);
        assert_eq!(editor.text(), "a red ");
        editor.apply(Edit::LineStart);
        editor.apply(Edit::LineStart);
        editor.apply(Edit::KillToEnd);
        assert!(editor.is_empty());
        editor.apply(Edit::Yank);
        assert_eq!(editor.text(), "a red ");
        editor.set("");
        assert!(editor.is_empty());
        editor.apply(Edit::Undo);
        assert_eq!(editor.text(), "a red ");
    }

    #[test]
    fn equality_is_what_is_seen() {
        let mut one = editor("fox");
        let two = one.clone();
        one.insert('s');
        assert_ne!(one, two);
        one.apply(Edit::Backspace);
        assert_eq!(one, two);
        one.apply(Edit::Left);
        assert_ne!(one, two);
    }
}
