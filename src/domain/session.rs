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
