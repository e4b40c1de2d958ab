//! Sessions: made, listed, found, renamed. Their turns are read whole or not at all.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Store, names, rows};
use crate::domain::{Session, SessionId, SessionSummary};
use crate::error::{Error, Kind, Result};

/// The columns of [`SessionSummary`], where `sessions` is one of the tables.
pub(super) const SUMMARY: &str =
    "sessions.id AS id, sessions.title AS title, sessions.created_ms AS created_ms,
    sessions.updated_ms AS updated_ms, (SELECT count(*) FROM turns AS kept
        WHERE kept.session = sessions.key AND kept.deletion IS NULL) AS turns";

impl Store {
    /// A session without turns. An empty title is filled in from the first prompt.
    pub fn new_session(&self, title: &str, now_ms: i64) -> Result<SessionSummary> {
        self.write(|transaction| insert_session(transaction, title, now_ms))
    }

    /// Gives a session another title; its place in the list stays.
    pub fn rename_session(&self, id: &SessionId, title: &str) -> Result<()> {
        let changed = self.write(|transaction| {
            Ok(transaction.execute(
                "UPDATE sessions SET title = ?2 WHERE id = ?1 AND deletion IS NULL",
                params![id.as_str(), names::title(title)],
            )?)
        })?;
        if changed == 0 {
            Err(no_session(id.as_str()))
        } else {
            Ok(())
        }
    }

    /// The sessions with the newest activity, newest first.
    pub fn recent(&self, limit: u32) -> Result<Vec<SessionSummary>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {SUMMARY} FROM sessions WHERE deletion IS NULL
                 ORDER BY sessions.updated_ms DESC, sessions.key DESC LIMIT ?1"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map([limit], summary)?.collect::<Result<_, _>>()?;
            Ok(found)
        })
    }

    /// The session with the newest activity.
    pub fn latest_session(&self) -> Result<Option<SessionSummary>> {
        Ok(self.recent(1)?.pop())
    }

    /// The one session whose id is, or begins with, what a user typed.
    pub fn find_session(&self, name: &str) -> Result<SessionSummary> {
        let name = name.trim().to_ascii_lowercase();
        let mut found: Vec<SessionSummary> = self.read(|connection| {
            // A range, not LIKE: `%` and `_` mean nothing, and the index answers.
            let sql = format!(
                "SELECT {SUMMARY} FROM sessions WHERE sessions.id >= ?1 AND sessions.id < ?1 || char(0x10ffff)
                     AND deletion IS NULL ORDER BY sessions.id LIMIT 2"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement.query_map([&name], summary)?.collect::<Result<_, _>>()?;
            Ok(found)
        })?;
        let exact = found.first().is_some_and(|session| session.id.as_str() == name);
        match found.len() {
            _ if name.is_empty() => Err(no_session(&name)),
            0 => Err(no_session(&name)),
            1 => Ok(found.remove(0)),
            _ if exact => Ok(found.remove(0)),
            _ => Err(Error::new(
                Kind::BadInput,
                format!("More than one session begins with \u{201c}{name}\u{201d}"),
            )
            .hint("Give more of its name; `tintype sessions list` shows them in full")),
        }
    }

    /// A session with all its turns.
    pub fn session(&self, id: &SessionId) -> Result<Option<Session>> {
        self.snapshot(|connection| {
            let sql = format!("SELECT {SUMMARY} FROM sessions WHERE sessions.id = ?1 AND deletion IS NULL");
            let Some(found) = connection.query_row(&sql, [id.as_str()], summary).optional()? else {
                return Ok(None);
            };
            Ok(Some(Session {
                turns: rows::turns(self, connection, "sessions.id = ?1", params![id.as_str()])?,
                id: found.id,
                title: found.title,
                created_ms: found.created_ms,
                updated_ms: found.updated_ms,
            }))
        })
    }
}

/// Makes a session without turns; one without a title is named by its first prompt.
pub(super) fn insert_session(
    transaction: &Transaction<'_>,
    title: &str,
    now_ms: i64,
) -> Result<SessionSummary> {
    let session = SessionSummary {
        id: SessionId::new(u64::try_from(now_ms).unwrap_or(0), chance()?),
        title: names::title(title),
        created_ms: now_ms,
        updated_ms: now_ms,
        turns: 0,
    };
    transaction.execute(
        "INSERT INTO sessions (id, title, created_ms, updated_ms) VALUES (?1, ?2, ?3, ?3)",
        params![session.id.as_str(), session.title, now_ms],
    )?;
    Ok(session)
}

pub(super) fn summary(row: &Row<'_>) -> rusqlite::Result<SessionSummary> {
    Ok(SessionSummary {
        id: SessionId::from(row.get::<_, String>("id")?),
        title: row.get("title")?,
        created_ms: row.get("created_ms")?,
        updated_ms: row.get("updated_ms")?,
        turns: row.get("turns")?,
    })
}

/// Nobody's session goes by that name.
pub(super) fn no_session(name: &str) -> Error {
    Error::new(
        Kind::BadInput,
        format!("There is no session \u{201c}{name}\u{201d}"),
    )
    .hint("`tintype sessions list` shows the sessions there are")
}

/// Thirty-two bits nobody can guess.
pub(super) fn chance() -> Result<u32> {
    getrandom::u32().map_err(|error| {
        Error::new(
            Kind::Internal,
            format!("The system gives no random numbers: {error}"),
        )
    })
}
