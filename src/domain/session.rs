//! A session: a tree of turns under one title.

use serde::{Deserialize, Serialize};

use super::{SessionId, Turn};

/// A session with all its turns, in the order they were made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub title: String,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    pub updated_ms: i64,
    /// Ordered by `number`; a parent always comes before its children.
    pub turns: Vec<Turn>,
}

/// A session as its history shows it: what is as long as the model was wordy is left out, and read of one turn at a time
/// ([`TurnText`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    pub id: SessionId,
    pub title: String,
    /// Ordered as [`Session::turns`], without thoughts and text. Of the parts of a turn there are only the images of one
    /// that did not finish, without their signatures.
    pub turns: Vec<Turn>,
}

/// What a turn thought and said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnText {
    pub thoughts: Tail,
    /// The words outside the thoughts.
    pub text: Tail,
}

impl TurnText {
    /// Takes the words out of a turn, the last `most` bytes of each kind.
    pub fn take(turn: &mut Turn, most: usize) -> Self {
        let take = |words: &mut String| {
            let mut tail = Tail::default();
            tail.push(&std::mem::take(words), most);
            tail
        };
        Self {
            thoughts: take(&mut turn.thoughts),
            text: take(&mut turn.text),
        }
    }
}

/// The end of a text that grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    text: String,
    /// Bytes that were there before it.
    before: u64,
}

impl Tail {
    /// The end of a text before which there are so many bytes more.
    pub fn new(text: String, before: u64) -> Self {
        Self { text, before }
    }

    /// Adds to the end. Of more than twice `most` bytes, only the last `most` are kept.
    pub fn push(&mut self, text: &str, most: usize) {
        let long = text.len().saturating_sub(2 * most);
        let kept = &text[boundary(text, long)..];
        if kept.len() < text.len() {
            self.before += (self.text.len() + text.len() - kept.len()) as u64;
            self.text.clear();
        }
        self.text.push_str(kept);
        if self.text.len() > 2 * most {
            let cut = boundary(&self.text, self.text.len() - most);
            self.before += cut as u64;
            self.text.drain(..cut);
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Bytes of the whole text that are left out before this end of it.
    pub fn before(&self) -> u64 {
        self.before
    }

    /// The text was empty from its beginning.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.before == 0
    }
}

/// The first place from this one on at which `text` can be cut.
fn boundary(text: &str, from: usize) -> usize {
    (from..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len())
}

/// A session as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSummary {
    pub id: SessionId,
    pub title: String,
    pub created_ms: i64,
    pub updated_ms: i64,
    /// How many turns it has.
    pub turns: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_keeps_the_end_and_knows_what_is_missing() {
        let mut tail = Tail::default();
        assert!(tail.is_empty());
        for _ in 0..100 {
            tail.push("äöü", 8);
            assert!(tail.as_str().len() <= 16);
        }
        assert_eq!(tail.before() + tail.as_str().len() as u64, 600);
        tail.push(&"x".repeat(1_000_000), 8);
        assert_eq!(
            (tail.as_str(), tail.before()),
            ("x".repeat(16).as_str(), 1_000_584)
        );
        tail.push("y", 8);
        assert_eq!((tail.as_str(), tail.before()), ("xxxxxxxy", 1_000_593));
    }
}
