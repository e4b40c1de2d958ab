//! Rows to nouns and back. It runs `SELECT`s and begins no transaction.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::PathBuf;

use rusqlite::types::FromSql;
use rusqlite::{Connection, Params, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Store;
use super::fault::damaged_row;
use crate::domain::{Cost, Image, Part, Reference, Request, SessionId, Signature, Turn, TurnId};
use crate::error::{Error, Kind, Result};

/// What of a request has a column of its own; everything else is kept in `settings`, so that a new setting needs no
/// migration.
const COLUMNS: [&str; 4] = ["prompt", "provider", "model", "references"];

/// What is read of a turn, in the order in which [`turn`] takes it; what is as long as the model was wordy comes after it.
const COLUMNS_OF_TURN: &str = "turns.key, turns.settings, turns.prompt, turns.provider, turns.model, turns.id, sessions.id,
    turns.number, parents.id, turns.created_ms, turns.status, turns.finish_reason, turns.finish_message,
    turns.model_version, turns.response_id, turns.usage, turns.timing, turns.attempts, turns.warnings, turns.error,
    turns.links, turns.sources, turns.cost_usd, turns.cost_exact, turns.route";
const WORDS: &str = "turns.thoughts, turns.text, turns.parts";
/// In the place of [`WORDS`]: see [`crate::domain::Outline`].
const NO_WORDS: &str = "'', '', CASE turns.status WHEN 'finished' THEN '[]' ELSE turns.parts END";

/// The turns that `clause` names and that are not in the trash, with their pictures, in the order of their numbers (parents before children).
pub(super) fn turns(
    store: &Store,
    connection: &Connection,
    clause: &str,
    params: impl Params + Copy,
) -> Result<Vec<Turn>> {
    read(store, connection, WORDS, clause, params)
}

/// [`turns`] as an outline has them.
pub(super) fn outlines(
    store: &Store,
    connection: &Connection,
    clause: &str,
    params: impl Params + Copy,
) -> Result<Vec<Turn>> {
    let mut turns = read(store, connection, NO_WORDS, clause, params)?;
    for turn in &mut turns {
        turn.parts.retain_mut(|part| match part {
            Part::Image { signature, .. } => {
                *signature = None;
                true
            }
            Part::Text { .. } => false,
        });
    }
    Ok(turns)
}

/// Three queries, however many turns there are: one for each would take longer than all else.
fn read(
    store: &Store,
    connection: &Connection,
    words: &str,
    clause: &str,
    params: impl Params + Copy,
) -> Result<Vec<Turn>> {
    let prepare = |columns: &str, from: &str, order: &str| {
        connection.prepare_cached(&format!(
            "SELECT {columns} FROM {from} JOIN sessions ON sessions.key = turns.session
             LEFT JOIN turns AS parents ON parents.key = turns.parent
             WHERE turns.deletion IS NULL AND ({clause}) ORDER BY turns.number{order}"
        ))
    };
    let mut requests = HashMap::new();
    let mut places = HashMap::new();
    let mut turns = Vec::new();
    let mut statement = prepare(&format!("{COLUMNS_OF_TURN}, {words}"), "turns", "")?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let (key, turn) = turn(store, &mut Cells::new(row), &mut requests)?;
        places.insert(key, turns.len());
        turns.push(turn);
    }
    let of_them = |columns: &str, table: &str| {
        let from = format!("{table} JOIN turns ON turns.key = {table}.turn");
        prepare(
            &format!("{table}.turn, {columns}"),
            &from,
            &format!(", {table}.ordinal"),
        )
    };
    let mut statement = of_them(IMAGE, "images")?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::new(row);
        if let Some(place) = places.get(&cells.next()?) {
            turns[*place].images.push(image(store, &mut cells)?);
        }
    }
    let mut statement = of_them(REFERENCE, "inputs")?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        let mut cells = Cells::new(row);
        if let Some(place) = places.get(&cells.next()?) {
            turns[*place]
                .request
                .references
                .push(reference(store, &mut cells)?);
        }
    }
    Ok(turns)
}

/// The cells of a row from left to right: to look for each by its name takes as long as to read it.
struct Cells<'a> {
    row: &'a Row<'a>,
    at: usize,
}

impl<'a> Cells<'a> {
    fn new(row: &'a Row<'a>) -> Self {
        Self { row, at: 0 }
    }

    fn next<T: FromSql>(&mut self) -> Result<T> {
        self.at += 1;
        Ok(self.row.get(self.at - 1)?)
    }

    /// A list, of which most turns have none.
    fn list<T: DeserializeOwned>(&mut self) -> Result<Vec<T>> {
        self.at += 1;
        match self
            .row
            .get_ref(self.at - 1)?
            .as_str()
            .map_err(rusqlite::Error::from)?
        {
            "[]" => Ok(Vec::new()),
            list => from_json(list),
        }
    }

    fn json<T: DeserializeOwned>(&mut self) -> Result<T> {
        self.at += 1;
        from_json(
            self.row
                .get_ref(self.at - 1)?
                .as_str()
                .map_err(rusqlite::Error::from)?,
        )
    }

    fn word<T: DeserializeOwned>(&mut self) -> Result<T> {
        from_word(self.next()?)
    }

    fn path(&mut self, store: &Store) -> Result<PathBuf> {
        Ok(store.absolute(&self.next::<String>()?))
    }

    /// How many bytes something has.
    fn bytes(&mut self) -> Result<u64> {
        Ok(self.next::<i64>()?.unsigned_abs())
    }
}

/// A turn without its pictures and references, with its key. The settings of most turns are those of others:
/// `requests` has what became of them.
fn turn(
    store: &Store,
    cells: &mut Cells<'_>,
    requests: &mut HashMap<String, Request>,
) -> Result<(i64, Turn)> {
    let key = cells.next()?;
    let request = request(cells, requests)?;
    let mut turn = Turn {
        request,
        id: TurnId::from(cells.next::<String>()?),
        session: SessionId::from(cells.next::<String>()?),
        number: cells.next()?,
        parent: cells.next::<Option<String>>()?.map(TurnId::from),
        created_ms: cells.next()?,
        status: cells.word()?,
        finish_reason: cells.next()?,
        finish_message: cells.next()?,
        model_version: cells.next()?,
        response_id: cells.next()?,
        usage: cells.json()?,
        timing: cells.json()?,
        attempts: cells.next()?,
        warnings: cells.list()?,
        error: cells
            .next::<Option<String>>()?
            .as_deref()
            .map(from_json)
            .transpose()?,
        links: cells.list()?,
        sources: cells.list()?,
        cost: cost(cells)?,
        route: cells.next()?,
        thoughts: cells.next()?,
        text: cells.next()?,
        parts: cells.list()?,
        images: Vec::new(),
    };
    for path in signature_files(&mut turn.parts) {
        *path = store.absolute(&path.to_string_lossy());
    }
    Ok((key, turn))
}

fn cost(cells: &mut Cells<'_>) -> Result<Option<Cost>> {
    let usd: Option<f64> = cells.next()?;
    let exact: Option<bool> = cells.next()?;
    Ok(usd.map(|usd| Cost {
        usd,
        exact: exact.unwrap_or(false),
    }))
}

fn request(cells: &mut Cells<'_>, requests: &mut HashMap<String, Request>) -> Result<Request> {
    let settings: String = cells.next()?;
    let request = match requests.entry(settings) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => {
            let mut request: Map<String, Value> = from_json(new.key())?;
            for column in COLUMNS {
                let value = match column {
                    "references" => Value::Array(Vec::new()),
                    _ => Value::String(String::new()),
                };
                request.insert(column.to_owned(), value);
            }
            let request = serde_json::from_value(Value::Object(request));
            new.insert(request.map_err(|error| damaged(&error))?)
        }
    };
    Ok(Request {
        prompt: cells.next()?,
        provider: cells.next()?,
        model: cells.next()?,
        ..request.clone()
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

const REFERENCE: &str = "path, mime, bytes";

fn reference(store: &Store, cells: &mut Cells<'_>) -> Result<Reference> {
    Ok(Reference {
        path: cells.path(store)?,
        mime: cells.word()?,
        bytes: cells.bytes()?,
        ..Reference::default()
    })
}

const IMAGE: &str = "kind, path, mime, declared_mime, width, height, bytes, sha256";

fn image(store: &Store, cells: &mut Cells<'_>) -> Result<Image> {
    Ok(Image {
        kind: cells.word()?,
        path: cells.path(store)?,
        mime: cells.word()?,
        declared_mime: cells.next()?,
        width: cells.next()?,
        height: cells.next()?,
        bytes: cells.bytes()?,
        sha256: cells.next()?,
    })
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
