//! The tables, as migrations that are only ever appended to: a released one is history and is never edited.

use std::path::Path;
use std::thread;

use rusqlite::{Connection, TransactionBehavior};

use super::{WAIT_STEP, WAIT_STEPS};
use crate::error::{Error, Kind, Result};

/// Migration `n` takes a database from `user_version` `n` to `n + 1`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
];

/// "tint", in the header of the file: what tells our database from somebody else's.
const APPLICATION_ID: i32 = 0x7469_6e74;

/// Brings the database to the newest schema, in WAL mode.
pub(super) fn migrate(connection: &mut Connection, folder: &Path) -> Result<()> {
    migrate_to(connection, folder, MIGRATIONS)
}

fn migrate_to(connection: &mut Connection, folder: &Path, migrations: &[&str]) -> Result<()> {
    let newest = migrations.len();
    // In a transaction, so that the three things it reads belong to one moment of the file.
    let snapshot = connection.transaction()?;
    let version = check_version(&snapshot, folder, newest)?;
    drop(snapshot);
    use_wal(connection)?;
    if version == newest {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated while this one waited for the lock.
    let version = check_version(&transaction, folder, newest)?;
    for migration in &migrations[version..] {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", i64::try_from(newest).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    Ok(())
}

/// The schema's version, where this program may write to it.
fn check_version(connection: &Connection, folder: &Path, newest: usize) -> Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let ours = application == APPLICATION_ID || (application == 0 && version == 0 && tables == 0);
    if !ours {
        return Err(Error::new(
            Kind::Store,
            format!("{} was not made by tintype", folder.join("tintype.db").display()),
        )
        .hint("Choose another folder with --data-dir or TINTYPE_DATA_DIR"));
    }
    match usize::try_from(version) {
        Ok(version) if version <= newest => Ok(version),
        _ => Err(Error::new(
            Kind::Store,
            format!(
                "The sessions in {} were written by a newer tintype (schema {version}, this one knows {newest})",
                folder.display()
            ),
        )
        .hint("Update tintype, or choose another folder with --data-dir or TINTYPE_DATA_DIR")),
    }
}

/// Readers never wait for a writer in WAL mode, nor a writer for readers. The mode is kept in the file; changing it
/// needs the file for oneself, and SQLite refuses that at once instead of waiting. Where a file system cannot do WAL
/// the mode stays what it was, and everything still works.
fn use_wal(connection: &Connection) -> Result<()> {
    for _ in 0..WAIT_STEPS {
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        if mode == "wal" {
            break;
        }
        match connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())) {
            Err(error) if is_busy(&error) => thread::sleep(WAIT_STEP),
            other => return Ok(other?),
        }
    }
    Ok(())
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a database is made of, as SQLite keeps it.
    fn shape(connection: &Connection) -> Vec<(String, Option<String>)> {
        let mut statement = connection
            .prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
            .unwrap();
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_released_migration_is_never_edited() {
        let released = [
            include_str!("../../tests/fixtures/schema-1.sql"),
            include_str!("../../tests/fixtures/schema-2.sql"),
            include_str!("../../tests/fixtures/schema-3.sql"),
        ];
        for (index, sql) in released.iter().enumerate() {
            let mut made = Connection::open_in_memory().unwrap();
            migrate_to(&mut made, Path::new("memory"), &MIGRATIONS[..=index]).unwrap();
            let old = Connection::open_in_memory().unwrap();
            old.execute_batch(sql).unwrap();
            assert_eq!(shape(&made), shape(&old), "schema {}", index + 1);
        }
        assert_eq!(released.len(), MIGRATIONS.len(), "a new schema needs its fixture");
    }

    #[test]
    fn migrations_run_once_each_and_all_or_none() {
        let mut connection = Connection::open_in_memory().unwrap();
        let folder = Path::new("memory");
        let good = ["CREATE TABLE a (x)", "CREATE TABLE b (x)"];
        migrate_to(&mut connection, folder, &good[..1]).unwrap();
        migrate_to(&mut connection, folder, &good).unwrap();
        migrate_to(&mut connection, folder, &good).unwrap();
        let names = |connection: &Connection| -> Vec<String> {
            shape(connection).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(&connection), ["a", "b"]);

        let bad = [good[0], good[1], "CREATE TABLE c (x)", "CREATE TABLE a (x)"];
        migrate_to(&mut connection, folder, &bad).unwrap_err();
        assert_eq!(names(&connection), ["a", "b"]);
        assert_eq!(migrate_to(&mut connection, folder, &good), Ok(()));
    }
}
