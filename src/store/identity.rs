//! The id of a store: what its journals call it, so that a data folder that has moved gets its interrupted turns back. The
//! database holds it, and the lock file a copy, from which a database that has to be made anew takes it. A folder that
//! is copied has the id of the one that it was copied from.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::fault::disk;
use super::lock::Lock;
use super::present::metadata_if_present;
use super::{Store, opening};
use crate::domain::TurnId;
use crate::error::{Error, Kind, Result};

/// The number of letters of an id, lower-case hexadecimal.
const LETTERS: usize = 32;

impl Store {
    /// The id of the store; empty where a database that can only be looked at has none.
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Whether the database has a turn of this id, also in the trash.
    pub fn has_turn(&self, id: &TurnId) -> Result<bool> {
        self.read(|connection| has_turn(connection, id))
    }
}

fn has_turn(connection: &Connection, id: &TurnId) -> Result<bool> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM turns WHERE id = ?1")?;
    Ok(statement.exists([id.as_str()])?)
}

/// Whether the database in another folder has a turn of this id; false where there is no database.
pub fn has_turn_in(folder: &Path, id: &TurnId) -> Result<bool> {
    let path: PathBuf = folder.join("tintype.db");
    let found = metadata_if_present(&path).map_err(|error| disk("look at", &path, &error))?;
    if found.is_none() {
        return Ok(false);
    }
    let asked = opening::connect_to_look(folder).and_then(|connection| has_turn(&connection, id));
    asked.map_err(|error| {
        let message = format!(
            "Cannot look into {}, to which an interrupted turn may belong: {}",
            path.display(),
            error.message
        );
        Error::new(Kind::Store, message).hint("The turn is left alone until that is known")
    })
}

/// Returns the id of a database that can be written to, and gives it one where it has none: the one that the lock file
/// remembers, else a new one.
pub(super) fn settle(connection: &mut Connection, lock: &Lock) -> Result<String> {
    let remembered = lock.remembered()?;
    let id = match id_of(connection)? {
        Some(id) => id,
        None => insert(connection, remembered.as_deref())?,
    };
    if remembered.as_deref() != Some(id.as_str()) {
        lock.remember(&id);
    }
    Ok(id)
}

/// The id that a database has, if it has one.
pub(super) fn id_of(connection: &Connection) -> Result<Option<String>> {
    let has_table = connection.table_exists(None, "store")?;
    if !has_table {
        return Ok(None);
    }
    let id = connection.query_row("SELECT id FROM store", [], |row| row.get(0));
    Ok(id.optional()?)
}

fn insert(connection: &mut Connection, remembered: Option<&str>) -> Result<String> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT OR IGNORE INTO store (key, id) VALUES (1, coalesce(?1, lower(hex(randomblob(16)))))",
        [remembered],
    )?;
    let id = transaction.query_row("SELECT id FROM store", [], |row| row.get(0))?;
    transaction.commit()?;
    Ok(id)
}

/// The id that a text begins with; `None` where it begins with something else.
pub(super) fn read(text: &[u8]) -> Option<String> {
    let id = text.get(..LETTERS)?;
    let is_letter = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    id.iter()
        .all(is_letter)
        .then(|| String::from_utf8_lossy(id).into_owned())
}
