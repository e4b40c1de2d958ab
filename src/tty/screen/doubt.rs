//! Characters that terminals give different room: what is known of them, and which cells of a row are to be written once
//! more because of them.

use ratatui::buffer::{Cell, CellWidth};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::graphics::kitty::PLACEHOLDER;

const JOINER: char = '\u{200d}';

/// Returns the columns by which the cursor moves, where all terminals agree on it. Emoji and joined characters take from one to
/// eight, depending on who is asked; after them the cursor is placed anew.
pub(super) fn trusted_width(symbol: &str) -> Option<u16> {
    let mut characters = symbol.chars();
    let first = characters.next()?;
    if first == PLACEHOLDER {
        // Only terminals that know kitty's placeholder are sent it, and to them it is one column.
        return Some(1);
    }
    if characters.next().is_some() || is_disputed(first) {
        return None;
    }
    u16::try_from(symbol.width()).ok()
}

/// Returns whether the tables of terminals differ about this character: by their age, or because it has a form as text and one
/// as emoji.
fn is_disputed(character: char) -> bool {
    matches!(
        character,
        // Stand-ins are as wide as the terminal's font of them.
        '\u{fffd}'
            // A hyphen that is mostly not shown, marks that may stand by themselves, fillers.
            | '\u{ad}' | '\u{600}'..='\u{605}' | '\u{115f}'..='\u{11ff}' | '\u{3164}' | '\u{a960}'..='\u{a97f}'
            | '\u{d7b0}'..='\u{d7ff}' | '\u{ff9e}'..='\u{ffa0}'
            // Symbols that are emoji as well, and hexagrams, which have become wide.
            | '\u{2300}'..='\u{23ff}' | '\u{25fb}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
            | '\u{4dc0}'..='\u{4dff}'
            // Emoji, and scripts that are newer than many a table.
            | '\u{10d00}'.. if character != PLACEHOLDER
    )
}

/// The columns that are meant for a cell.
pub(super) fn room(cell: &Cell) -> u16 {
    if cell.symbol().contains(char::is_control) {
        1
    } else {
        cell.cell_width()
    }
}

/// The columns that a symbol may take at most: each of its characters for itself.
pub(super) fn widest(symbol: &str) -> u16 {
    let widths = symbol.chars().map(|character| {
        character
            .width()
            .map_or(0, |width| if width == 0 { 0 } else { 2 })
    });
    u16::try_from(widths.sum::<usize>()).unwrap_or(u16::MAX)
}

/// The part of a joined emoji that every terminal gives the room of the whole: its first character, with what belongs to
/// it. `None` where nothing is to be left out.
pub(super) fn reduced(symbol: &str) -> Option<&str> {
    let apart: usize = symbol.chars().filter_map(UnicodeWidthChar::width).sum();
    if apart <= symbol.width() {
        return None;
    }
    let mut rest = symbol
        .char_indices()
        .skip(1)
        .filter(|(_, character)| character.width() != Some(0));
    let (end, _) = rest.next()?;
    Some(symbol[..end].trim_end_matches(JOINER))
}

/// A cell as the terminal was sent it.
#[derive(Clone, Debug, Default)]
pub(super) struct Sent {
    pub(super) cell: Cell,
    /// It lies under the wide character to the left of it.
    pub(super) hidden: bool,
}

/// All cells, row by row, as the terminal was sent them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    columns: u16,
    cells: Vec<Sent>,
}

impl Rows {
    /// Everything is blank.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
    }

    /// Takes what a row is to be changed to, from left to right. The answer is the first column from which the row has to be
    /// written whole, if it has to: where a character in doubt comes or goes.
    pub(super) fn change(&mut self, size: (u16, u16), y: u16, updates: &[(u16, &Cell)]) -> Option<u16> {
        let (columns, rows) = size;
        if self.columns != columns || self.cells.is_empty() {
            self.columns = columns;
            self.cells.clear();
            self.cells
                .resize(usize::from(columns) * usize::from(rows), Sent::default());
        }
        let start = usize::from(y) * usize::from(columns);
        let row = self.cells.get_mut(start..start + usize::from(columns))?;
        let mut from = None;
        for (x, cell) in updates {
            let Some((sent, behind)) = row.get_mut(usize::from(*x)..).and_then(<[Sent]>::split_first_mut)
            else {
                continue;
            };
            let is_in_doubt = |cell: &Cell| trusted_width(cell.symbol()).is_none();
            if from.is_none() && (is_in_doubt(cell) || !sent.hidden && is_in_doubt(&sent.cell)) {
                from = Some(*x);
            }
            let under = usize::from(room(cell).saturating_sub(1));
            sent.cell.clone_from(cell);
            sent.hidden = false;
            for sent in behind.iter_mut().take(under) {
                // What is seen should the character go: ratatui does not send it then.
                sent.cell.clone_from(cell);
                sent.cell.set_symbol(" ");
                sent.hidden = true;
            }
            for sent in behind.iter_mut().skip(under).take_while(|sent| sent.hidden) {
                sent.hidden = false;
            }
        }
        from
    }

    /// The cells of a row that are seen, from this column on.
    pub(super) fn seen(&self, y: u16, from: u16) -> Vec<(u16, Cell)> {
        let start = usize::from(y) * usize::from(self.columns);
        let row = self.cells.get(start..start + usize::from(self.columns));
        let row = (0..).zip(row.unwrap_or_default()).skip(usize::from(from));
        row.filter(|(_, sent)| !sent.hidden)
            .map(|(x, sent)| (x, sent.cell.clone()))
            .collect()
    }
}
