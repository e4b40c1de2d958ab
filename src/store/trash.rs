//! The trash: what is deleted is out of sight at once, comes back with [`Store::undo_delete`], and is gone for good
//! after thirty days. What was deleted in one go is one deletion and comes back in one go; each is of one session, so
//! that undoing them newest first never brings back a turn without what it grew from.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::sessions::{self, SUMMARY, no_session};
use super::{Removed, Store, costs, removals, rows};
use crate::domain::{SessionId, SessionSummary, TurnId};
use crate::error::{Error, Kind, Result};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long a deletion can be undone.
const KEPT_MS: i64 = 30 * DAY_MS;

/// What [`Store::undo_delete`] has brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub session: SessionSummary,
    pub turns: u32,
    /// Whether it was the session itself, and not some turns of it.
    pub whole: bool,
}

/// A deletion that can still be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trashed {
    /// As it is without what was deleted, or as it was where `whole`.
    pub session: SessionSummary,
    /// How many turns come back with it.
    pub turns: u32,
    pub whole: bool,
    pub deleted_ms: i64,
    /// When it is emptied for good.
    pub until_ms: i64,
}

/// What [`Store::purge`] has removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    pub sessions: u32,
    pub turns: u32,
    pub files: u32,
    pub bytes: u64,
}

impl Store {
    /// Moves a session to the trash. Refused while one of its turns runs.
    pub fn trash_session(&self, id: &SessionId, now_ms: i64) -> Result<()> {
        self.write(|transaction| {
            let session: i64 = transaction
                .query_row(
                    "SELECT key FROM sessions WHERE id = ?1 AND deletion IS NULL",
                    [id.as_str()],
                    |row| row.get(0),
                )
                .optional()?
                .ok_or_else(|| no_session(id.as_str()))?;
            let all = "SELECT key FROM turns WHERE session = ?1 AND deletion IS NULL";
            refuse_running(transaction, all, session)?;
            let deletion = deletion(transaction, now_ms)?;
            mark(transaction, all, session, deletion)?;
            transaction.execute(
                "UPDATE sessions SET deletion = ?2 WHERE key = ?1",
                [session, deletion],
            )?;
            Ok(())
        })
    }

    /// Moves a turn and everything that grew from it to the trash, and tells how many turns that were. Refused while
    /// one of them runs.
    pub fn trash_turn(&self, id: &TurnId, now_ms: i64) -> Result<u32> {
        self.write(|transaction| {
            let turn: i64 = transaction
                .query_row(
                    "SELECT key FROM turns WHERE id = ?1 AND deletion IS NULL",
                    [id.as_str()],
                    |row| row.get(0),
                )
                .optional()?
                .ok_or_else(|| {
                    Error::new(Kind::BadInput, format!("There is no turn \u{201c}{id}\u{201d}"))
                })?;
            let grown = "WITH RECURSIVE grown (key) AS (
                    SELECT ?1 UNION SELECT turns.key FROM turns JOIN grown ON turns.parent = grown.key)
                SELECT turns.key FROM turns JOIN grown ON grown.key = turns.key WHERE turns.deletion IS NULL";
            refuse_running(transaction, grown, turn)?;
            let deletion = deletion(transaction, now_ms)?;
            mark(transaction, grown, turn, deletion)
        })
    }

    /// Brings back what was deleted last, whoever deleted it; again, and it brings back what was deleted before that.
    /// `None` where nothing is in the trash.
    pub fn undo_delete(&self) -> Result<Option<Restored>> {
        self.write(|transaction| {
            let latest = "SELECT max(key) FROM deletions";
            let key: Option<i64> = transaction.query_row(latest, [], |row| row.get(0))?;
            key.map(|key| restore(transaction, key)).transpose()
        })
    }

    /// Brings back what was last deleted of one session: the session where it is itself in the trash. `name` is an id
    /// or the beginning of one.
    pub fn undo_delete_of(&self, name: &str) -> Result<Restored> {
        let name = name.trim().to_ascii_lowercase();
        let mut fits = self.trash()?;
        fits.retain(|trashed| !name.is_empty() && trashed.session.id.as_str().starts_with(&name));
        let id = fits.first().map(|trashed| trashed.session.id.clone());
        let id = id.ok_or_else(|| {
            let none = format!("Nothing of a session \u{201c}{name}\u{201d} is in the trash");
            Error::new(Kind::BadInput, none).hint("`tintype sessions restore --list` shows what is")
        })?;
        if fits.iter().any(|trashed| trashed.session.id != id) {
            let many = format!("More than one session in the trash begins with \u{201c}{name}\u{201d}");
            return Err(Error::new(Kind::BadInput, many)
                .hint("Give more of its name; `tintype sessions restore --list` shows them in full"));
        }
        self.write(|transaction| {
            let latest = "SELECT max(turns.deletion, coalesce(sessions.deletion, 0)) AS latest
                FROM sessions JOIN turns ON turns.session = sessions.key AND turns.deletion IS NOT NULL
                WHERE sessions.id = ?1
                UNION SELECT deletion FROM sessions WHERE id = ?1 AND deletion IS NOT NULL
                ORDER BY latest DESC LIMIT 1";
            let key: Option<i64> = transaction
                .query_row(latest, [id.as_str()], |row| row.get(0))
                .optional()?;
            let key = key.ok_or_else(|| no_session(id.as_str()))?;
            restore(transaction, key)
        })
    }

    /// What can be brought back, the latest deletion first.
    pub fn trash(&self) -> Result<Vec<Trashed>> {
        self.snapshot(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT key, deleted_ms FROM deletions ORDER BY key DESC")?;
            let deletions: Vec<(i64, i64)> = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
            let trashed = |(key, deleted_ms)| {
                let Restored {
                    session,
                    turns,
                    whole,
                } = deleted(connection, key)?;
                Ok(Trashed {
                    session,
                    turns,
                    whole,
                    deleted_ms,
                    until_ms: deleted_ms + KEPT_MS,
                })
            };
            deletions.into_iter().map(trashed).collect()
        })
    }

    /// Removes for good what was deleted thirty days ago or earlier: the rows, and the files that no other row names. The
    /// transaction that removes the rows names the files, so that what is cut short is ended by the next start, and none of
    /// them is taken for an image that was lost.
    pub fn purge(&self, now_ms: i64) -> Result<Purged> {
        let mut purged = Purged::default();
        self.write(|transaction| remove_rows(self, transaction, now_ms - KEPT_MS, &mut purged))?;
        let Removed { files, bytes } = self.finish_removals(now_ms)?;
        Ok(Purged {
            files,
            bytes,
            ..purged
        })
    }
}

fn refuse_running(transaction: &Transaction<'_>, turns: &str, of: i64) -> Result<()> {
    let sql = format!("SELECT EXISTS (SELECT 1 FROM turns WHERE status = 'running' AND key IN ({turns}))");
    if transaction.query_row(&sql, [of], |row| row.get(0))? {
        return Err(Error::new(
            Kind::BadInput,
            "A picture is still being made there, so it is not deleted",
        )
        .hint("Wait until it has arrived, or stop it, and delete it then"));
    }
    Ok(())
}

/// A new deletion. Its time is no earlier than that of the one before, nor than anything in the store: after a clock
/// that was wrong, the trash is emptied late rather than early.
fn deletion(transaction: &Transaction<'_>, now_ms: i64) -> Result<i64> {
    transaction.execute(
        "INSERT INTO deletions (deleted_ms) VALUES (max(?1,
             coalesce((SELECT max(deleted_ms) FROM deletions), 0),
             coalesce((SELECT max(updated_ms) FROM sessions WHERE deletion IS NULL), 0)))",
        [now_ms],
    )?;
    Ok(transaction.last_insert_rowid())
}

fn mark(transaction: &Transaction<'_>, turns: &str, of: i64, deletion: i64) -> Result<u32> {
    let sql = format!("UPDATE turns SET deletion = ?2 WHERE key IN ({turns})");
    let marked = transaction.execute(&sql, [of, deletion])?;
    Ok(u32::try_from(marked).unwrap_or(u32::MAX))
}

/// What a deletion took.
fn deleted(connection: &Connection, key: i64) -> Result<Restored> {
    let sql = format!(
        "SELECT {SUMMARY}, sessions.deletion IS ?1 AS whole,
             (SELECT count(*) FROM turns WHERE deletion = ?1) AS taken
         FROM sessions WHERE sessions.key IN (
             SELECT key FROM sessions WHERE deletion = ?1 UNION SELECT session FROM turns WHERE deletion = ?1)
         LIMIT 1"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([key], |row| {
        let whole = row.get("whole")?;
        let turns: u32 = row.get("taken")?;
        let session = sessions::summary(row)?;
        Ok(Restored {
            session: SessionSummary {
                turns: if whole { turns } else { session.turns },
                ..session
            },
            turns,
            whole,
        })
    })?)
}

fn restore(transaction: &Transaction<'_>, key: i64) -> Result<Restored> {
    let restored = deleted(transaction, key)?;
    transaction.execute("UPDATE sessions SET deletion = NULL WHERE deletion = ?1", [key])?;
    transaction.execute("UPDATE turns SET deletion = NULL WHERE deletion = ?1", [key])?;
    transaction.execute("DELETE FROM deletions WHERE key = ?1", [key])?;
    let turns = restored.session.turns + if restored.whole { 0 } else { restored.turns };
    Ok(Restored {
        session: SessionSummary {
            turns,
            ..restored.session
        },
        ..restored
    })
}

/// Removes the rows of every deletion up to a moment, and notes the files that they named as to go. What the turns cost is
/// kept, and which they were.
fn remove_rows(
    store: &Store,
    transaction: &Transaction<'_>,
    until_ms: i64,
    purged: &mut Purged,
) -> Result<()> {
    // Deletions are emptied in their order, so that nothing is left whose parent is gone.
    let last: Option<i64> = transaction.query_row(
        "SELECT max(key) FROM deletions WHERE deleted_ms <= ?1",
        [until_ms],
        |row| row.get(0),
    )?;
    let Some(last) = last else {
        return Ok(());
    };
    removals::note(transaction, &files(store, transaction, last)?)?;
    let billed = costs::billed();
    transaction.execute(&format!("INSERT INTO spent {billed} AND deletion <= ?1"), [last])?;
    transaction.execute(
        "INSERT OR IGNORE INTO purged SELECT id FROM turns WHERE deletion <= ?1",
        [last],
    )?;
    // Children first: a turn refers to its parent, which has the smaller key.
    transaction.execute(
        "UPDATE turns SET parent = NULL WHERE deletion <= ?1 AND parent IS NOT NULL",
        [last],
    )?;
    let turns = transaction.execute("DELETE FROM turns WHERE deletion <= ?1", [last])?;
    let sessions = transaction.execute("DELETE FROM sessions WHERE deletion <= ?1", [last])?;
    transaction.execute("DELETE FROM deletions WHERE key <= ?1", [last])?;
    let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
    (purged.turns, purged.sessions) = (count(turns), count(sessions));
    Ok(())
}

fn files(store: &Store, transaction: &Transaction<'_>, last: i64) -> Result<BTreeSet<String>> {
    let mut statement = transaction.prepare(
        "SELECT path FROM images JOIN turns ON turns.key = images.turn WHERE turns.deletion <= ?1
         UNION SELECT path FROM inputs JOIN turns ON turns.key = inputs.turn WHERE turns.deletion <= ?1",
    )?;
    let mut files: BTreeSet<String> = statement
        .query_map([last], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut statement = transaction.prepare("SELECT parts FROM turns WHERE deletion <= ?1")?;
    let mut parts = statement.query([last])?;
    while let Some(row) = parts.next()? {
        // Parts that cannot be read keep their files: the sweep will look at them.
        for path in rows::signatures(store, &row.get::<_, String>(0)?).unwrap_or_default() {
            files.insert(store.relative(&path));
        }
    }
    Ok(files)
}
