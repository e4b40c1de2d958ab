//! Rows to nouns and back. It runs `SELECT`s and begins no transaction.

use std::path::PathBuf;

use rusqlite::{Connection, Params, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Store;
use super::fault::damaged_row;
use crate::domain::{Cost, Image, Part, Reference, Request, SessionId, Signature, Turn, TurnId};
use crate::error::{Error, Kind, Result};

/// What of a request has a column of its own; everything else is kept in `settings`, so that a new setting needs no
/// migration.
const COLUMNS: [&str; 4] = ["prompt", "provider", "model", "references"];

/// The turns that `clause` names and that are not in the trash, with their pictures, in the order of their numbers (parents before children).
pub(super) fn turns(
    store: &Store,
    connection: &Connection,
    clause: &str,
    params: impl Params,
) -> Result<Vec<Turn>> {
    let sql = format!(
        "SELECT turns.*, sessions.id AS session_id, parents.id AS parent_id
         FROM turns JOIN sessions ON sessions.key = turns.session
         LEFT JOIN turns AS parents ON parents.key = turns.parent
         WHERE turns.deletion IS NULL AND ({clause}) ORDER BY turns.number"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement
        .query_and_then(params, |row| turn(store, connection, row))?
        .collect()
}

fn turn(store: &Store, connection: &Connection, row: &Row<'_>) -> Result<Turn> {
    let key: i64 = row.get("key")?;
    let error: Option<String> = row.get("error")?;
    Ok(Turn {
        id: TurnId::from(row.get::<_, String>("id")?),
        session: SessionId::from(row.get::<_, String>("session_id")?),
        number: row.get("number")?,
        parent: row.get::<_, Option<String>>("parent_id")?.map(TurnId::from),
        created_ms: row.get("created_ms")?,
        status: from_word(row.get("status")?)?,
        request: request(row, references(store, connection, key)?)?,
        thoughts: row.get("thoughts")?,
        text: row.get("text")?,
        parts: parts_from_row(store, row)?,
        images: images(store, connection, key)?,
        finish_reason: row.get("finish_reason")?,
        finish_message: row.get("finish_message")?,
        model_version: row.get("model_version")?,
        response_id: row.get("response_id")?,
        usage: from_json(&row.get::<_, String>("usage")?)?,
        timing: from_json(&row.get::<_, String>("timing")?)?,
        attempts: row.get("attempts")?,
        warnings: from_json(&row.get::<_, String>("warnings")?)?,
        error: error.as_deref().map(from_json).transpose()?,
        links: from_json(&row.get::<_, String>("links")?)?,
        sources: from_json(&row.get::<_, String>("sources")?)?,
        cost: cost(row)?,
        route: row.get("route")?,
    })
}

fn cost(row: &Row<'_>) -> Result<Option<Cost>> {
    let usd: Option<f64> = row.get("cost_usd")?;
    let exact: Option<bool> = row.get("cost_exact")?;
    Ok(usd.map(|usd| Cost {
        usd,
        exact: exact.unwrap_or(false),
    }))
}

fn request(row: &Row<'_>, references: Vec<Reference>) -> Result<Request> {
    let mut request: Value = from_json(&row.get::<_, String>("settings")?)?;
    for column in COLUMNS {
        request[column] = match column {
            "references" => Value::Array(Vec::new()),
            column => Value::String(row.get(column)?),
        };
    }
    let request = serde_json::from_value(request).map_err(|error| damaged(&error))?;
    Ok(Request {
        references,
        ..request
    })
}

/// What of a request goes into the column `settings`.
pub(super) fn settings(request: &Request) -> Result<String> {
    let bare = Request {
        prompt: String::new(),
        references: Vec::new(),
        ..request.clone()
    };
    let mut settings = serde_json::to_value(bare).map_err(|error| unfit(&error))?;
    if let Value::Object(fields) = &mut settings {
        fields.retain(|name, _| !COLUMNS.contains(&name.as_str()));
    }
    Ok(settings.to_string())
}

fn references(store: &Store, connection: &Connection, turn: i64) -> Result<Vec<Reference>> {
    let mut statement =
        connection.prepare_cached("SELECT path, mime, bytes FROM inputs WHERE turn = ?1 ORDER BY ordinal")?;
    statement
        .query_and_then([turn], |row| {
            Ok(Reference {
                path: store.absolute(&row.get::<_, String>("path")?),
                mime: from_word(row.get("mime")?)?,
                bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
            })
        })?
        .collect()
}

fn images(store: &Store, connection: &Connection, turn: i64) -> Result<Vec<Image>> {
    let mut statement = connection.prepare_cached("SELECT * FROM images WHERE turn = ?1 ORDER BY ordinal")?;
    statement
        .query_and_then([turn], |row| {
            Ok(Image {
                kind: from_word(row.get("kind")?)?,
                path: store.absolute(&row.get::<_, String>("path")?),
                mime: from_word(row.get("mime")?)?,
                declared_mime: row.get("declared_mime")?,
                width: row.get("width")?,
                height: row.get("height")?,
                bytes: row.get::<_, i64>("bytes")?.unsigned_abs(),
                sha256: row.get("sha256")?,
            })
        })?
        .collect()
}

/// Writes what a turn was given.
pub(super) fn insert_references(
    store: &Store,
    connection: &Connection,
    turn: i64,
    list: &[Reference],
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO inputs (turn, ordinal, path, mime, bytes) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (ordinal, reference) in list.iter().enumerate() {
        statement.execute(params![
            turn,
            integer(ordinal as u64),
            store.relative(&reference.path),
            word(&reference.mime)?,
            integer(reference.bytes),
        ])?;
    }
    Ok(())
}

/// Puts a turn's pictures in the place of those it had.
pub(super) fn replace_images(
    store: &Store,
    connection: &Connection,
    turn: i64,
    list: &[Image],
) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM images WHERE turn = ?1")?
        .execute([turn])?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO images (turn, ordinal, kind, path, mime, declared_mime, width, height, bytes, sha256)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for (ordinal, image) in list.iter().enumerate() {
        statement.execute(params![
            turn,
            integer(ordinal as u64),
            word(&image.kind)?,
            store.relative(&image.path),
            word(&image.mime)?,
            image.declared_mime,
            image.width,
            image.height,
            integer(image.bytes),
            image.sha256,
        ])?;
    }
    Ok(())
}

/// The signature files that the column `parts` of a turn names.
pub(super) fn signatures(store: &Store, parts: &str) -> Result<Vec<PathBuf>> {
    let mut parts: Vec<Part> = from_json(parts)?;
    Ok(signature_files(&mut parts)
        .map(|path| store.absolute(&path.to_string_lossy()))
        .collect())
}

fn parts_from_row(store: &Store, row: &Row<'_>) -> Result<Vec<Part>> {
    let mut parts: Vec<Part> = from_json(&row.get::<_, String>("parts")?)?;
    for path in signature_files(&mut parts) {
        *path = store.absolute(&path.to_string_lossy());
    }
    Ok(parts)
}

/// A turn's parts as its row holds them: signature files relative to the folder.
pub(super) fn parts_to_row(store: &Store, parts: &[Part]) -> Result<String> {
    let mut parts = parts.to_vec();
    for path in signature_files(&mut parts) {
        *path = PathBuf::from(store.relative(path));
    }
    json(&parts)
}

fn signature_files(parts: &mut [Part]) -> impl Iterator<Item = &mut PathBuf> {
    parts.iter_mut().filter_map(|part| match part {
        Part::Text { signature, .. } | Part::Image { signature, .. } => match signature {
            Some(Signature::File { path, .. }) => Some(path),
            _ => None,
        },
    })
}

/// SQLite's integers have a sign; no length here comes near to needing it.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| unfit(&error))
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| damaged(&error))
}

/// The one word that stands for a value without fields, as its JSON has it.
pub(super) fn word<T: Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value).map_err(|error| unfit(&error))? {
        Value::String(word) => Ok(word),
        other => Err(Error::new(Kind::Internal, format!("{other} is not one word"))),
    }
}

fn from_word<T: DeserializeOwned>(word: String) -> Result<T> {
    serde_json::from_value(Value::String(word)).map_err(|error| damaged(&error))
}

fn damaged(error: &serde_json::Error) -> Error {
    damaged_row(error)
}

fn unfit(error: &serde_json::Error) -> Error {
    Error::new(Kind::Internal, format!("A turn cannot be written down: {error}"))
}
