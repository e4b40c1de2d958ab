//! What can still be read of a damaged database is copied row by row into a new one. It touches no file.

use std::path::Path;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Transaction, params, params_from_iter,
};
use serde::de::DeserializeOwned;

use super::names;
use super::rows;
use super::sessions::chance;
use crate::domain::{ImageKind, Link, Mime, Part, Request, SessionId, Source, Timing, TurnStatus, Usage};
use crate::error::{Error, Result};

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Salvaged {
    pub(super) sessions: u32,
    pub(super) turns: u32,
}

/// How many keys in a row may give nothing before the search for rows between unreadable ones ends: more than there
/// are below a page of the tree whose loss hides the most.
const BARREN: u32 = 20_000;

/// Copies what can be read. A database that cannot be read at all gives nothing, which is no error; that the machine has no
/// file to spare, or that the disk fails for the moment, is one.
pub(super) fn copy(into: &Transaction<'_>, damaged: &Path) -> Result<Salvaged> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    into.pragma_update(None, "defer_foreign_keys", true)?;
    if let Some(source) = unless_damaged(Connection::open_with_flags(damaged, flags))? {
        // Reads on where a part of the schema cannot be understood.
        let _ = source.pragma_update(None, "writable_schema", true);
        let _ = source.pragma_update(None, "cell_size_check", true);
        for table in tables(into)? {
            copy_table(into, &source, &table, key_of(&table))?;
        }
    }
    mend(into)?;
    let count = |table: &str| -> Result<u32> {
        Ok(into.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?)
    };
    Ok(Salvaged {
        sessions: count("sessions")?,
        turns: count("turns")?,
    })
}

/// The tables that hold something of their own: not those in which an index over words keeps itself, nor the files that are
/// to go, for a page that was read by mistake must not remove an image.
fn tables(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
             AND name <> 'removals'",
    )?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// The whole number that a table's rows are found by.
fn key_of(table: &str) -> &'static str {
    match table {
        "images" | "inputs" => "turn",
        _ => "rowid",
    }
}

/// A table of the damaged database, and how its rows get into the new one.
struct Copying<'a> {
    source: &'a Connection,
    into: &'a Transaction<'a>,
    table: &'a str,
    key: &'a str,
    columns: Vec<String>,
}

fn copy_table(into: &Transaction<'_>, source: &Connection, table: &str, key: &str) -> Result<()> {
    // Twice: SQLite also calls it damage that a page could not be read just once.
    let mut old = unless_damaged(columns(source, table))?;
    if old.is_none() {
        old = unless_damaged(columns(source, table))?;
    }
    let old = old.unwrap_or_default();
    let columns: Vec<String> = columns(into, table)?
        .into_iter()
        .filter(|name| old.contains(name))
        .collect();
    if columns.is_empty() {
        return Ok(());
    }
    let copying = Copying {
        source,
        into,
        table,
        key,
        columns,
    };
    // From both ends up to what cannot be read, then whatever lies between.
    let forward = copying.run(&format!("ORDER BY {key}"), None)?;
    if forward.is_whole {
        return Ok(());
    }
    let backward = copying.run(&format!("ORDER BY {key} DESC"), None)?;
    if backward.is_whole {
        return Ok(());
    }
    let clause = format!("WHERE {key} = ?1");
    let mut barren = 0;
    for key in forward.last.unwrap_or(0)..=backward.last.unwrap_or(i64::MAX) {
        let found = copying.run(&clause, Some(key))?.last.is_some();
        barren = if found { 0 } else { barren + 1 };
        if barren > BARREN {
            break;
        }
    }
    Ok(())
}

/// How far the reading of a table came.
#[derive(Default)]
struct Run {
    /// Nothing was there that could not be read.
    is_whole: bool,
    /// The key of the last row that could be read.
    last: Option<i64>,
}

fn columns(connection: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}

impl Copying<'_> {
    /// Copies rows until one cannot be read.
    fn run(&self, clause: &str, key: Option<i64>) -> Result<Run> {
        let names = self.columns.join(", ");
        let (table, key_name) = (self.table, self.key);
        let sql = format!("SELECT {names}, {key_name} FROM {table} {clause}");
        let mut run = Run::default();
        let Some(mut statement) = unless_damaged(self.source.prepare_cached(&sql))? else {
            return Ok(run);
        };
        let Some(mut rows) = unless_damaged(statement.query(params_from_iter(key)))? else {
            return Ok(run);
        };
        let marks = vec!["?"; self.columns.len()].join(", ");
        let sql = format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})");
        let mut insert = self.into.prepare_cached(&sql)?;
        while let Some(row) = unless_damaged(rows.next())? {
            let Some(row) = row else {
                run.is_whole = true;
                break;
            };
            run.last = row.get(self.columns.len()).ok().or(run.last);
            let Some(values) = self.values(row) else { continue };
            match insert.execute(params_from_iter(values)) {
                // A row that breaks a rule of its table is a damaged one.
                Err(error) if is_unfit(&error) => {}
                other => drop(other?),
            }
        }
        Ok(run)
    }

    /// A row's values, those that could not be read back put right; `None` for a row that is of no use.
    fn values(&self, row: &Row<'_>) -> Option<Vec<Value>> {
        let one = |(index, name): (usize, &String)| {
            let value = match row.get_ref(index).ok()? {
                ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
                other => Value::try_from(other).ok()?,
            };
            match (self.table, &value) {
                ("turns", Value::Text(text)) => Some(put_right(name, text).unwrap_or(value)),
                ("images" | "inputs", _) => fits(name, &value).then_some(value),
                _ => Some(value),
            }
        };
        self.columns.iter().enumerate().map(one).collect()
    }
}

/// `None` where the damage is the reason. Whatever says nothing about the database is passed on: rows that are left out
/// for it would be missing for good.
fn unless_damaged<T>(read: rusqlite::Result<T>) -> Result<Option<T>> {
    let error = match read {
        Ok(value) => return Ok(Some(value)),
        Err(error) => error,
    };
    let is_short = error
        .sqlite_error()
        .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHORT_READ);
    let is_passing = matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::OutOfMemory
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::PermissionDenied
                | ErrorCode::DiskFull
        )
    );
    if is_passing && !is_short {
        return Err(error.into());
    }
    Ok(None)
}

fn is_unfit(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}

/// What stands in for the JSON of a turn that cannot be read back; `None` where it can, and for plain text.
fn put_right(column: &str, text: &str) -> Option<Value> {
    fn instead<T: DeserializeOwned>(text: &str, neutral: Option<String>) -> Option<Value> {
        let readable = serde_json::from_str::<T>(text).is_ok();
        (!readable).then(|| neutral.map_or(Value::Null, Value::Text))
    }
    let list = || Some("[]".to_owned());
    match column {
        "status" => {
            let word = rows::word(&TurnStatus::Interrupted).ok();
            instead::<TurnStatus>(&format!("{text:?}"), word)
        }
        "settings" => (!are_settings(text)).then(|| Value::Text("{}".to_owned())),
        "usage" => instead::<Usage>(text, rows::json(&Usage::default()).ok()),
        "timing" => instead::<Timing>(text, rows::json(&Timing::default()).ok()),
        "warnings" => instead::<Vec<String>>(text, list()),
        "parts" => instead::<Vec<Part>>(text, list()),
        "links" => instead::<Vec<Link>>(text, list()),
        "sources" => instead::<Vec<Source>>(text, list()),
        "error" => instead::<Error>(text, None),
        _ => None,
    }
}

/// Whether the rest of a request can be read from a text, as `rows` would.
fn are_settings(text: &str) -> bool {
    let Ok(serde_json::Value::Object(mut settings)) = serde_json::from_str(text) else {
        return false;
    };
    for column in ["prompt", "provider", "model"] {
        settings.insert(column.to_owned(), serde_json::Value::String(String::new()));
    }
    settings.insert("references".to_owned(), serde_json::Value::Array(Vec::new()));
    serde_json::from_value::<Request>(serde_json::Value::Object(settings)).is_ok()
}

/// Whether a value of a picture's row can be read back. One that cannot gives the row up: the file is listed again.
fn fits(column: &str, value: &Value) -> bool {
    fn is_word<T: DeserializeOwned>(word: &str) -> bool {
        serde_json::from_value::<T>(serde_json::Value::String(word.to_owned())).is_ok()
    }
    match (column, value) {
        ("kind", Value::Text(word)) => is_word::<ImageKind>(word),
        ("mime", Value::Text(word)) => is_word::<Mime>(word),
        ("width" | "height", Value::Integer(pixels)) => u32::try_from(*pixels).is_ok(),
        _ => true,
    }
}

/// Whether every turn can be read back, as far as a look at its values tells.
pub(super) fn is_readable(connection: &Connection) -> Result<bool> {
    for table in ["turns", "images"] {
        let columns = columns(connection, table)?;
        let mut statement = connection.prepare(&format!("SELECT {} FROM {table}", columns.join(", ")))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for (index, name) in columns.iter().enumerate() {
                let is_right = match row.get_ref(index)? {
                    ValueRef::Text(bytes) => std::str::from_utf8(bytes).is_ok_and(|text| match table {
                        "turns" => put_right(name, text).is_none(),
                        _ => fits(name, &Value::Text(text.to_owned())),
                    }),
                    ValueRef::Integer(number) => table == "turns" || fits(name, &Value::Integer(number)),
                    _ => true,
                };
                if !is_right {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// Makes of what was copied something that holds together: every turn has a session, and nothing points at a row that
/// is gone.
fn mend(into: &Transaction<'_>) -> Result<()> {
    let mut orphans = into.prepare(
        "SELECT session, min(created_ms), max(created_ms) FROM turns
         WHERE session NOT IN (SELECT key FROM sessions) GROUP BY session",
    )?;
    let found: Vec<(i64, i64, i64)> = orphans
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (key, began, ended) in found {
        let first = "SELECT prompt FROM turns WHERE session = ?1 ORDER BY number LIMIT 1";
        let prompt: Option<String> = into.query_row(first, [key], |row| row.get(0)).optional()?;
        let id = SessionId::new(u64::try_from(began).unwrap_or(0), chance()?);
        into.execute(
            "INSERT INTO sessions (key, id, title, created_ms, updated_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                key,
                id.as_str(),
                names::title(&prompt.unwrap_or_default()),
                began,
                ended
            ],
        )?;
    }
    for table in ["sessions", "turns"] {
        forget_what_is_gone(into, table)?;
    }
    into.execute_batch(
        "DELETE FROM images WHERE turn NOT IN (SELECT key FROM turns);
         DELETE FROM inputs WHERE turn NOT IN (SELECT key FROM turns);
         UPDATE sessions SET last_number = max(last_number,
             coalesce((SELECT max(number) FROM turns WHERE turns.session = sessions.key), 0));",
    )?;
    Ok(())
}

/// Takes back what the rows of a table say of rows that are gone: the turn that one grew from, the trash it was in.
fn forget_what_is_gone(into: &Transaction<'_>, table: &str) -> Result<()> {
    let mut statement = into.prepare(
        r#"SELECT keys."from", keys."table", keys."to" FROM pragma_foreign_key_list(?1) AS keys
           JOIN pragma_table_info(?1) AS columns ON columns.name = keys."from" WHERE columns."notnull" = 0"#,
    )?;
    let found: Vec<(String, String, String)> = statement
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (column, other, key) in found {
        into.execute_batch(&format!(
            "UPDATE {table} SET {column} = NULL
             WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {key} FROM {other})"
        ))?;
    }
    Ok(())
}
