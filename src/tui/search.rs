//! The search over all sessions as data: what was typed, what was found, and where the cursor is. It searches nothing.

use super::msg::Ask;
use crate::domain::{SessionId, TurnId};

/// A place where the words were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub session: SessionId,
    pub title: String,
    pub updated_ms: i64,
    /// The turn and its number, where the words are not only in the title.
    pub turn: Option<(TurnId, u32)>,
    /// The words in what is around them, clean, in pieces; a piece that was searched for says so.
    pub snippet: Vec<(String, bool)>,
}

/// The search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    pub typed: String,
    pub cursor: usize,
    pub asked: Option<Ask>,
    pub hits: Vec<Hit>,
    /// The hits are the answer to something, and not only empty yet.
    pub answered: bool,
    /// Why nothing can be searched.
    pub problem: Option<String>,
}

impl Search {
    /// Takes the last character off, or the last word.
    pub fn erase(&mut self, word: bool) {
        if word {
            let kept = self.typed.trim_end();
            let kept = kept.rfind(char::is_whitespace).map_or(0, |space| space + 1);
            let kept = self.typed[..kept].trim_end().len();
            self.typed.truncate(kept);
            if kept > 0 {
                self.typed.push(' ');
            }
        } else {
            self.typed.pop();
        }
    }

    pub fn under_cursor(&self) -> Option<&Hit> {
        self.hits.get(self.cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_goes_as_a_whole() {
        let mut search = Search {
            typed: "red fox ".to_owned(),
            ..Search::default()
        };
        search.erase(true);
        assert_eq!(search.typed, "red ");
        search.erase(true);
        assert_eq!(search.typed, "");
        search.erase(true);
        assert_eq!(search.typed, "");
    }
}
