//! The full-text index: kept up with what is written, and asked. It holds words and no text; what is shown of a hit is
//! snippet.rs.
//!
//! Triggers note which turns and titles have changed, and every write of the store ends with taking note of them here,
//! in a savepoint: whatever may be wrong with the index, a turn is written down.

use std::collections::HashSet;
use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use super::Store;
use super::sessions::{self, SUMMARY};
use super::snippet::snippet;
use super::words::{Query, spaced};
use crate::domain::{SessionSummary, TurnId};
use crate::error::Result;

/// What a search found: a turn, or a session by its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub session: SessionSummary,
    /// When the turn was asked for, or the session begun.
    pub made_ms: i64,
    /// The turn and its number.
    pub turn: Option<(TurnId, u32)>,
    /// A line of the text around the first hit, safe to show.
    pub snippet: String,
    /// The bytes of the snippet that were searched for, in order, apart from each other.
    pub hits: Vec<Range<usize>>,
}

/// How many rows are indexed in one go: what a write does beside its own work stays small, and other processes get in
/// between while an old database is indexed.
const BATCH: u32 = 500;

/// Indexes what has changed. It never fails: what could not be indexed stays noted for the next time.
pub(super) fn keep_up(transaction: &Transaction<'_>) -> bool {
    let done = transaction
        .execute_batch("SAVEPOINT words")
        .and_then(|()| index_some(transaction));
    let end = if done.is_ok() {
        "RELEASE words"
    } else {
        "ROLLBACK TO words; RELEASE words"
    };
    let _ = transaction.execute_batch(end);
    done.unwrap_or(false)
}

/// Whether more is waiting.
fn index_some(connection: &Connection) -> rusqlite::Result<bool> {
    let turns = waiting(
        connection,
        "SELECT key FROM unindexed_turns ORDER BY key DESC LIMIT ?1",
    )?;
    for key in &turns {
        let (prompt, text, thoughts) = connection
            .prepare_cached("SELECT prompt, text, thoughts FROM turns WHERE key = ?1 AND deletion IS NULL")?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?
            .map_or_else(
                Default::default,
                |(prompt, text, thoughts): (String, String, String)| {
                    (spaced(&prompt), spaced(&text), spaced(&thoughts))
                },
            );
        connection
            .prepare_cached("DELETE FROM turn_words WHERE rowid = ?1")?
            .execute([key])?;
        if !(prompt.is_empty() && text.is_empty() && thoughts.is_empty()) {
            connection
                .prepare_cached(
                    "INSERT INTO turn_words (rowid, prompt, text, thoughts) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![key, prompt, text, thoughts])?;
        }
        connection
            .prepare_cached("DELETE FROM unindexed_turns WHERE key = ?1")?
            .execute([key])?;
    }
    let titles = waiting(
        connection,
        "SELECT key FROM unindexed_titles ORDER BY key DESC LIMIT ?1",
    )?;
    for key in &titles {
        let title: Option<String> = connection
            .prepare_cached("SELECT title FROM sessions WHERE key = ?1 AND deletion IS NULL")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        connection
            .prepare_cached("DELETE FROM title_words WHERE rowid = ?1")?
            .execute([key])?;
        if let Some(title) = title.filter(|title| !title.is_empty()) {
            connection
                .prepare_cached("INSERT INTO title_words (rowid, title) VALUES (?1, ?2)")?
                .execute(params![key, spaced(&title)])?;
        }
        connection
            .prepare_cached("DELETE FROM unindexed_titles WHERE key = ?1")?
            .execute([key])?;
    }
    Ok(turns.len().max(titles.len()) >= BATCH as usize)
}

fn waiting(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached(sql)?
        .query_map([BATCH], |row| row.get(0))?
        .collect()
}

/// Indexes all that an older version of the program, or one that was cut short, has left: batch by batch, so that
/// nobody else waits for it, and one that is ended goes on where it was.
pub(super) fn catch_up(connection: &mut Connection) -> Result<()> {
    const NOTED: &str =
        "SELECT EXISTS (SELECT 1 FROM unindexed_turns) OR EXISTS (SELECT 1 FROM unindexed_titles)";
    if !connection.query_row(NOTED, [], |row| row.get(0))? {
        return Ok(());
    }
    loop {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let more = keep_up(&transaction);
        transaction.commit()?;
        if !more {
            return Ok(());
        }
    }
}

impl Store {
    /// What all of these words are in: in the same turn (its prompt, its reply or its thoughts) or in the same title,
    /// newest first. The last word may be the beginning of one. Nothing that can be typed is an error.
    pub fn search(&self, words: &str, limit: u32) -> Result<Vec<Found>> {
        let query = Query::of(words);
        if query.phrases.is_empty() {
            return Ok(Vec::new());
        }
        let expression = query.expression();
        let (mut turns, titles) = self.snapshot(|connection| {
            Ok((
                found_turns(connection, &query, &expression, limit)?,
                found_titles(connection, &query, &expression, limit)?,
            ))
        })?;
        // A title is most often the first prompt: who has seen a turn of the session has found it.
        let seen: HashSet<_> = turns.iter().map(|found| found.session.id.clone()).collect();
        turns.extend(
            titles
                .into_iter()
                .filter(|found| !seen.contains(&found.session.id)),
        );
        turns.sort_by_key(|found| std::cmp::Reverse(found.made_ms));
        turns.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(turns)
    }
}

/// Walks the index from its newest row and stops at the limit: hits that nobody will see are never looked at. That is
/// why the order is that of the keys, the order in which turns came into this store.
fn found_turns(connection: &Connection, query: &Query, expression: &str, limit: u32) -> Result<Vec<Found>> {
    let sql = format!(
        "SELECT turns.id AS turn, turns.number, turns.created_ms AS made_ms, turns.prompt, turns.text,
             turns.thoughts, {SUMMARY}
         FROM turn_words CROSS JOIN turns ON turns.key = turn_words.rowid AND turns.deletion IS NULL
         CROSS JOIN sessions ON sessions.key = turns.session
         WHERE turn_words MATCH :words ORDER BY turn_words.rowid DESC LIMIT :limit"
    );
    found(connection, &sql, expression, limit, |row| {
        let turn = TurnId::from(row.get::<_, String>("turn")?);
        let texts: [String; 3] = [row.get("prompt")?, row.get("text")?, row.get("thoughts")?];
        let (snippet, hits) = snippet(query, texts.iter().map(String::as_str));
        Ok(Found {
            session: sessions::summary(row)?,
            made_ms: row.get("made_ms")?,
            turn: Some((turn, row.get("number")?)),
            snippet,
            hits,
        })
    })
}

fn found_titles(connection: &Connection, query: &Query, expression: &str, limit: u32) -> Result<Vec<Found>> {
    let sql = format!(
        "SELECT sessions.created_ms AS made_ms, {SUMMARY}
         FROM title_words CROSS JOIN sessions ON sessions.key = title_words.rowid AND sessions.deletion IS NULL
         WHERE title_words MATCH :words ORDER BY title_words.rowid DESC LIMIT :limit"
    );
    found(connection, &sql, expression, limit, |row| {
        let session = sessions::summary(row)?;
        let (snippet, hits) = snippet(query, [session.title.as_str()].into_iter());
        Ok(Found {
            session,
            made_ms: row.get("made_ms")?,
            turn: None,
            snippet,
            hits,
        })
    })
}

fn found(
    connection: &Connection,
    sql: &str,
    expression: &str,
    limit: u32,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<Found>,
) -> Result<Vec<Found>> {
    let mut statement = connection.prepare_cached(sql)?;
    let parameters = named_params! { ":words": expression, ":limit": limit };
    let found = statement.query_map(parameters, read)?.collect::<Result<_, _>>()?;
    Ok(found)
}
