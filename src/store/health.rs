//! How the store is: what `tintype doctor` prints. It mends nothing.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::fault::disk;
use super::present::entries_if_present;
use super::{Store, backup, found, schema};
use crate::error::{Error, Result};

/// The state of a data folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    pub database: PathBuf,
    /// The schema of the database, and the newest one that this program knows.
    pub schema: i64,
    pub newest_schema: i64,
    /// `wal`, or `delete` for a rollback journal.
    pub journal: String,
    /// Why it is that.
    pub journal_why: String,
    pub read_only: Option<Error>,
    /// What SQLite's own check finds wrong, the first things first; empty where all is well.
    pub damage: Vec<String>,
    pub sessions: u64,
    pub turns: u64,
    pub pictures: u64,
    /// How many deletions can still be undone.
    pub deletions: u64,
    /// Pictures whose file is gone.
    pub missing: u64,
    /// The length of the database with its journal, and of all files under `images/`.
    pub database_bytes: u64,
    pub picture_bytes: u64,
    /// The newest first.
    pub backups: Vec<PathBuf>,
    /// Databases that were moved aside.
    pub damaged: Vec<PathBuf>,
}

impl Store {
    /// Looks at everything: it reads the whole database and every name under `images/`.
    pub fn health(&self) -> Result<Health> {
        let folder = &self.inner.folder;
        let database = folder.join("tintype.db");
        let files = found::lying(folder)?.files;
        let named = self.read(found::named)?;
        let (schema, journal, damage) = self.read(|connection| {
            Ok((
                connection.pragma_query_value(None, "user_version", |row| row.get(0))?,
                connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0))?,
                check(connection)?,
            ))
        })?;
        let count = |what: &str| {
            self.read(|connection| {
                let sql = format!("SELECT count(*) FROM {what}");
                Ok(connection
                    .query_row(&sql, [], |row| row.get::<_, i64>(0))?
                    .unsigned_abs())
            })
        };
        let length = |suffix: &str| {
            let mut path = database.as_os_str().to_owned();
            path.push(suffix);
            fs::symlink_metadata(PathBuf::from(path)).map_or(0, |metadata| metadata.len())
        };
        Ok(Health {
            schema,
            newest_schema: i64::try_from(schema::NEWEST).unwrap_or(i64::MAX),
            journal_why: self.why(&journal),
            journal,
            read_only: self.read_only(),
            damage,
            sessions: count("sessions WHERE deletion IS NULL")?,
            turns: count("turns WHERE deletion IS NULL")?,
            deletions: count("deletions")?,
            pictures: count("images")?,
            missing: self.missing(&named, &files).into(),
            database_bytes: ["", "-wal", "-journal"].into_iter().map(length).sum(),
            picture_bytes: files.iter().map(|file| file.metadata.len()).sum(),
            backups: backup::list(folder)?,
            damaged: moved_aside(folder)?,
            database,
        })
    }

    fn why(&self, journal: &str) -> String {
        match (&self.inner.network, journal) {
            (Some(network), "wal") => format!(
                "The data folder is on {network}, where this is not safe; it changes when no other tintype is open"
            ),
            (Some(network), _) => {
                format!("The data folder is on {network}, where a write-ahead log is not safe")
            }
            (None, "wal") => "The data folder is on a disk of this machine".to_owned(),
            (None, _) => "The file system takes no write-ahead log".to_owned(),
        }
    }
}

fn check(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA quick_check(10)")?;
    let said = statement.query_map([], |row| row.get::<_, String>(0))?;
    let said: Vec<String> = said.collect::<rusqlite::Result<_>>()?;
    Ok(said.into_iter().filter(|line| line != "ok").collect())
}

fn moved_aside(folder: &Path) -> Result<Vec<PathBuf>> {
    let damaged = folder.join("damaged");
    let mut found = entries_if_present(&damaged).map_err(|error| disk("look into", &damaged, &error))?;
    found.retain(|path| path.extension() == Some("db".as_ref()));
    Ok(found)
}
