//! The prompt's editor: our key table decides what happens, `ratatui-textarea` edits and remembers for undo. It draws
//! nothing: the view asks for rows and the cursor's cell, so that moves by visible rows need no earlier draw.

use std::borrow::Cow;
use std::cmp::Ordering;

use ratatui_textarea::{CursorMove, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use super::rows::Rows;
use super::text;
use crate::domain::without_controls;

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

/// A text with a cursor, and what undo and yank need.
#[derive(Clone, Debug, Default)]
pub struct Editor {
    area: TextArea<'static>,
    /// Its visible rows, in the width that it was last laid out for.
    rows: Rows,
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
        self.area.insert_str(without_controls(text));
        self.area.cancel_selection();
        self.settle();
    }

    /// Inserts what was typed: characters that no key is bound to. Undo takes back all that is inserted at once.
    pub fn insert(&mut self, text: &str) {
        self.goal = None;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => self.area.insert_char(character),
            _ => {
                self.area.insert_str(text);
            }
        }
        self.settle();
    }

    /// Inserts many lines at once. What is not seen is kept, and goes to the model as it is; the view shows its stand-in.
    pub fn paste(&mut self, text: &str) {
        self.goal = None;
        self.area.insert_str(without_controls(text));
        self.settle();
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
        self.settle();
    }

    /// Lays the text out for this width, in which it is then kept.
    pub fn lay_out(&mut self, width: usize) {
        self.rows.follow(self.area.lines(), limit(width));
    }

    fn settle(&mut self) {
        self.rows.follow(self.area.lines(), self.rows.limit());
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

    /// The visible rows at this width; at least one. They are at hand where it is the width that the text was last laid
    /// out for.
    pub fn rows(&self, width: usize) -> Cow<'_, Rows> {
        if self.rows.limit() == limit(width) {
            Cow::Borrowed(&self.rows)
        } else {
            Cow::Owned(Rows::new(self.area.lines(), limit(width)))
        }
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
        let row = rows.find(line, offset);
        let start = rows.get(row).map_or(offset, |row| row.bytes.start);
        let before = text::width(&text[start..offset]);
        (row, before.min(width.saturating_sub(1)))
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
        let is_last = rows.get(row + 1).is_none_or(|next| next.line != target.line);
        let text = &self.area.lines()[target.line];
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

    /// Puts the cursor there, or as near as the text allows. A jump can name the first 65,536 lines and columns; beyond
    /// them it goes step by step, and no key leads far.
    fn jump(&mut self, line: usize, column: usize) {
        if let (Ok(line), Ok(column)) = (u16::try_from(line), u16::try_from(column)) {
            self.area.move_cursor(CursorMove::Jump(line, column));
            return;
        }
        let line = line.min(self.area.lines().len() - 1);
        self.walk(|(here, _)| line.cmp(&here), [CursorMove::Up, CursorMove::Down]);
        let length = self.area.lines()[line].chars().count();
        let column = column.min(length);
        if length - column < column.abs_diff(self.position().1) {
            self.area.move_cursor(CursorMove::End);
        }
        self.walk(
            |(_, here)| column.cmp(&here),
            [CursorMove::Back, CursorMove::Forward],
        );
    }

    /// Goes back or forth as long as `way` says so, or until that leads nowhere.
    fn walk(&mut self, way: impl Fn((usize, usize)) -> Ordering, [back, forth]: [CursorMove; 2]) {
        loop {
            let here = self.position();
            match way(here) {
                Ordering::Less => self.area.move_cursor(back),
                Ordering::Greater => self.area.move_cursor(forth),
                Ordering::Equal => return,
            }
            if self.position() == here {
                return;
            }
        }
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

/// The cells of a row: one is left for the cursor at its end.
fn limit(width: usize) -> usize {
    width.saturating_sub(1).max(1)
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
        editor.insert("!");
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
    fn what_is_not_seen_is_kept_and_moved_over() {
        let text = "\u{feff}\u{200f}שלום\u{200e} \u{2067}a\u{2069}\tb";
        let mut editor = editor("");
        editor.paste(text);
        assert_eq!(editor.text(), text);
        let width = crate::tui::text::width(text);
        assert_eq!(editor.cursor_cell(40), (0, width));
        for _ in 0..3 {
            editor.apply(Edit::Left);
        }
        assert_eq!(
            editor.cursor_cell(40),
            (0, width - 6),
            "over b, the tab and the mark"
        );
        editor.apply(Edit::Backspace);
        assert_eq!(editor.text(), text.replace('a', ""));
        editor.set(text);
        assert_eq!(editor.text(), text, "an earlier prompt");
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
    fn a_place_beyond_all_jumps_is_reached() {
        let mut editor = Editor::default();
        editor.lay_out(80);
        editor.insert(&"the quick brown fox ".repeat(5_000));
        assert_eq!(editor.area.cursor(), (0, 100_000));
        editor.apply(Edit::Left);
        editor.apply(Edit::Left);
        editor.insert("!");
        assert!(editor.up(80) && editor.down(80));
        assert_eq!(editor.area.cursor(), (0, 99_999));
        editor.apply(Edit::Right);
        editor.apply(Edit::NewLine);
        assert!(editor.up(80));
        editor.apply(Edit::LineEnd);
        editor.insert("?");
        assert!(
            editor.lines()[0].ends_with("fo!x?"),
            "{}",
            &editor.lines()[0][99_990..]
        );
        editor.apply(Edit::LineStart);
        assert_eq!(editor.cursor_cell(80), (0, 0));
    }

    #[test]
    fn rows_are_at_hand_only_in_the_width_they_were_laid_out_for() {
        let mut editor = editor("the quick brown fox jumps");
        editor.lay_out(11);
        assert!(matches!(editor.rows(11), Cow::Borrowed(_)));
        assert_eq!((editor.rows(11).len(), editor.rows(40).len()), (3, 1));
        editor.apply(Edit::LineStart);
        editor.insert("see ");
        assert!(matches!(editor.rows(11), Cow::Borrowed(_)));
        assert_eq!(editor.rows(11).len(), 4);
    }

    #[test]
    fn equality_is_what_is_seen() {
        let mut one = editor("fox");
        let two = one.clone();
        one.insert("s");
        assert_ne!(one, two);
        one.apply(Edit::Backspace);
        assert_eq!(one, two);
        one.apply(Edit::Left);
        assert_ne!(one, two);
    }
}
