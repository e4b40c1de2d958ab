//! The tables, as migrations that are only ever appended to: a released one is history and is never edited.

use std::path::Path;
use std::thread;

use jiff::tz::TimeZone;
use rusqlite::{Connection, TransactionBehavior};

use super::opening::Fill;
use super::{WAIT_STEP, WAIT_STEPS, backup};
use crate::error::{Error, Kind, Result};

/// Migration `n` takes a database from `user_version` `n` to `n + 1`.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
];

/// "tint", in the header of the file: what tells our database from somebody else's.
const APPLICATION_ID: i32 = 0x7469_6e74;

/// The newest schema that this program knows.
pub(super) const NEWEST: usize = MIGRATIONS.len();

/// What a look at a database says of its schema.
pub(super) enum Version {
    /// Nothing has been written to it yet.
    None,
    Older,
    Ours,
    /// This program may look at it only, and why.
    Newer(Error),
}

/// The schema of a database; an error where it is not one of ours.
pub(super) fn look(connection: &Connection, folder: &Path) -> Result<Version> {
    // In a transaction, so that the three things it reads belong to one moment of the file.
    let transaction = connection.unchecked_transaction()?;
    let version = check_version(&transaction, folder, NEWEST)?;
    Ok(match version {
        Err(newer) => Version::Newer(newer),
        Ok(0) => Version::None,
        Ok(NEWEST) => Version::Ours,
        Ok(_) => Version::Older,
    })
}

/// Brings the database to the newest schema. One that is being made is filled in the same transaction.
pub(super) fn migrate(
    connection: &mut Connection,
    folder: &Path,
    zone: Option<&TimeZone>,
    fill: &mut Fill<'_>,
) -> Result<()> {
    migrate_to(connection, folder, MIGRATIONS, zone, fill)
}

fn migrate_to(
    connection: &mut Connection,
    folder: &Path,
    migrations: &[&str],
    zone: Option<&TimeZone>,
    fill: &mut Fill<'_>,
) -> Result<()> {
    let newest = migrations.len();
    let snapshot = connection.transaction()?;
    let version = check_version(&snapshot, folder, newest)??;
    drop(snapshot);
    if version == newest {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have migrated while this one waited for the lock.
    let version = check_version(&transaction, folder, newest)??;
    if version == newest {
        return Ok(());
    }
    if version > 0 && transaction.path().is_some_and(|path| !path.is_empty()) {
        backup::make(folder, version, zone)?;
    }
    for migration in &migrations[version..] {
        transaction.execute_batch(migration)?;
    }
    if version == 0 {
        fill(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", i64::try_from(newest).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    Ok(())
}

/// The schema's version, or why this program may not write to it; an error where it is not ours at all.
fn check_version(connection: &Connection, folder: &Path, newest: usize) -> Result<Result<usize>> {
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
    Ok(match usize::try_from(version) {
        Ok(version) if version <= newest => Ok(version),
        _ => Err(Error::new(
            Kind::Store,
            format!(
                "The sessions in {} were written by a newer tintype (schema {version}, this one knows {newest})",
                folder.display()
            ),
        )
        .hint("Update tintype, or choose another folder with --data-dir or TINTYPE_DATA_DIR")),
    })
}

/// Readers never wait for a writer in WAL mode, nor a writer for readers; but all who have the database open must share
/// memory, which those on the two ends of a network do not: there a rollback journal is kept. The mode is written in
/// the file; changing it needs the file for oneself, and SQLite refuses that at once instead of waiting. Where a file
/// system cannot do WAL the mode stays what it was, and everything still works.
pub(super) fn keep_journal(connection: &Connection, share_memory: bool) -> Result<()> {
    let (wanted, steps) = if share_memory {
        ("wal", WAIT_STEPS)
    } else {
        // Somebody may well have it open for hours; then the mode changes another time.
        ("delete", WAIT_STEPS / 10)
    };
    for _ in 0..steps {
        let mode = connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
        let changed = match mode {
            Ok(mode) if mode == wanted => break,
            Ok(_) => connection.pragma_update_and_check(None, "journal_mode", wanted, |_| Ok(())),
            Err(error) => Err(error),
        };
        match changed {
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
            include_str!("../../tests/fixtures/schema-4.sql"),
            include_str!("../../tests/fixtures/schema-5.sql"),
        ];
        for (index, sql) in released.iter().enumerate() {
            let mut made = Connection::open_in_memory().unwrap();
            migrate_to(
                &mut made,
                Path::new("memory"),
                &MIGRATIONS[..=index],
                None,
                &mut |_| Ok(()),
            )
            .unwrap();
            let old = Connection::open_in_memory().unwrap();
            old.execute_batch(sql).unwrap();
            assert_eq!(shape(&made), shape(&old), "schema {}", index + 1);
        }
        assert_eq!(released.len(), MIGRATIONS.len(), "a new schema needs its fixture");
    }

    #[test]
    fn migrations_run_once_each_and_all_or_none() {
        let mut connection = Connection::open_in_memory().unwrap();
        let migrate_to = |connection: &mut Connection, migrations: &[&str]| {
            migrate_to(connection, Path::new("memory"), migrations, None, &mut |_| Ok(()))
        };
        let good = ["CREATE TABLE a (x)", "CREATE TABLE b (x)"];
        migrate_to(&mut connection, &good[..1]).unwrap();
        migrate_to(&mut connection, &good).unwrap();
        migrate_to(&mut connection, &good).unwrap();
        let names = |connection: &Connection| -> Vec<String> {
            shape(connection).into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names(&connection), ["a", "b"]);

        let bad = [good[0], good[1], "CREATE TABLE c (x)", "CREATE TABLE a (x)"];
        migrate_to(&mut connection, &bad).unwrap_err();
        assert_eq!(names(&connection), ["a", "b"]);
        assert_eq!(migrate_to(&mut connection, &good), Ok(()));
    }
}
