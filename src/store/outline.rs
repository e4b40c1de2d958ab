//! A session as its history shows it, and the words of one turn at a time. It reads no thoughts of turns that nobody
//! looks at: a session may have tens of thousands of them.

use rusqlite::{OptionalExtension, params};

use super::sessions::{SUMMARY, summary};
use super::{Store, rows};
use crate::domain::{Outline, SessionId, Tail, TurnId, TurnText};
use crate::error::Result;

impl Store {
    /// A session with the outlines of all its turns.
    pub fn outline(&self, id: &SessionId) -> Result<Option<Outline>> {
        self.snapshot(|connection| {
            let sql = format!("SELECT {SUMMARY} FROM sessions WHERE sessions.id = ?1 AND deletion IS NULL");
            let Some(found) = connection.query_row(&sql, [id.as_str()], summary).optional()? else {
                return Ok(None);
            };
            Ok(Some(Outline {
                turns: rows::outlines(self, connection, "sessions.id = ?1", params![id.as_str()])?,
                id: found.id,
                title: found.title,
            }))
        })
    }

    /// What a turn thought and said: of each, the last characters, `most` at most.
    pub fn turn_text(&self, id: &TurnId, most: usize) -> Result<Option<TurnText>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let tail = |text: String, bytes: i64| {
            let before = bytes.unsigned_abs().saturating_sub(text.len() as u64);
            Tail::new(text, before)
        };
        self.read(|connection| {
            let sql =
                "SELECT substr(thoughts, -?2), octet_length(thoughts), substr(text, -?2), octet_length(text)
                 FROM turns WHERE id = ?1 AND deletion IS NULL";
            let found = connection
                .prepare_cached(sql)?
                .query_row(params![id.as_str(), most], |row| {
                    Ok(TurnText {
                        thoughts: tail(row.get(0)?, row.get(1)?),
                        text: tail(row.get(2)?, row.get(3)?),
                    })
                })
                .optional()?;
            Ok(found)
        })
    }
}
