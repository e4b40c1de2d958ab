//! Files that are to go are named in the database first, in the transaction that takes away the last row that names them,
//! or before an import has the rows for them. So a kill leaves either a row or a removal, and no file that is taken for
//! one whose row was lost. A removal is never the reason to remove what a row names.

use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use rusqlite::{Connection, Transaction, params};
use rustix::fs::{FlockOperation, OFlags, flock};

use super::Store;
use super::fault::disk;
use super::folder::{IMAGES, is_own_folder, sync_folder};
use super::sessions::chance;
use crate::error::{Error, Kind, Result};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How many files go in one transaction, so that others who want to write wait for no more than that.
const BATCH: usize = 32;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    pub files: u32,
    pub bytes: u64,
}

/// What became of one file.
enum Outcome {
    Removed(u64),
    /// It is not there, not ours to remove, or something else's to look after.
    Done,
    /// It cannot be removed or not be reached now.
    Later,
}

/// Notes that files are to go.
pub(super) fn note(transaction: &Transaction<'_>, files: &BTreeSet<String>) -> Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO removals (path) VALUES (?1) ON CONFLICT (path) DO UPDATE SET import = NULL",
    )?;
    for file in files {
        insert.execute([file])?;
    }
    Ok(())
}

/// The files that are to go, or that an import is making.
pub(super) fn noted(connection: &Connection) -> Result<HashSet<String>> {
    let mut statement = connection.prepare_cached("SELECT path FROM removals")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// Whether a file is to go, or an import is making it.
pub(super) fn is_noted(connection: &Connection, path: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM removals WHERE path = ?1";
    Ok(connection.prepare_cached(sql)?.exists([path])?)
}

/// Whether a row names the file. Signature files have a name of their own for each turn; the others may be named by
/// several rows.
fn is_named(connection: &Connection, path: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM images WHERE path = ?1)
        OR EXISTS (SELECT 1 FROM inputs WHERE path = ?1)";
    Ok(connection.query_row(sql, [path], |row| row.get(0))?)
}

impl Store {
    /// Removes the files that are to go, as of this moment (milliseconds since 1970). What cannot be removed now stays
    /// noted; doing it again, or from several processes at once, is right.
    pub fn finish_removals(&self, now_ms: i64) -> Result<Removed> {
        self.refuse()?;
        let mut removed = Removed::default();
        self.release_ended_imports(now_ms)?;
        let mut after = 0;
        loop {
            let batch = self.read(|connection| next(connection, after))?;
            let Some((last, _)) = batch.last() else {
                return Ok(removed);
            };
            after = *last;
            self.write(|transaction| self.remove(transaction, &batch, now_ms, &mut removed))?;
        }
    }

    /// Files that imports were making whose processes have ended are to go.
    fn release_ended_imports(&self, now_ms: i64) -> Result<()> {
        let imports: Vec<String> = self.read(|connection| {
            let sql = "SELECT DISTINCT import FROM removals WHERE import IS NOT NULL";
            let mut statement = connection.prepare_cached(sql)?;
            let imports = statement.query_map([], |row| row.get(0))?;
            Ok(imports.collect::<rusqlite::Result<_>>()?)
        })?;
        for import in imports {
            let path = self.sign(&import);
            if has_ended(&path, now_ms) {
                self.write(|transaction| release(transaction, &import))?;
                let _litter = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    /// Where an import shows that it lives.
    fn sign(&self, import: &str) -> PathBuf {
        self.inner
            .folder
            .join(format!("references/.{import}.import.part"))
    }

    fn remove(
        &self,
        transaction: &Transaction<'_>,
        batch: &[(i64, String)],
        now_ms: i64,
        removed: &mut Removed,
    ) -> Result<()> {
        let mut folders = BTreeSet::new();
        for (key, name) in batch {
            // Another process may have done it, and an import may have taken the name meanwhile.
            let there = "SELECT 1 FROM removals WHERE rowid = ?1 AND path = ?2 AND import IS NULL";
            if !transaction.prepare_cached(there)?.exists(params![key, name])? {
                continue;
            }
            let outcome = if is_named(transaction, name)? {
                Outcome::Done
            } else {
                self.remove_file(name, now_ms)
            };
            match outcome {
                Outcome::Later => continue,
                Outcome::Removed(bytes) => {
                    removed.files += 1;
                    removed.bytes += bytes;
                    folders.extend(
                        Path::new(name)
                            .parent()
                            .map(|folder| self.inner.folder.join(folder)),
                    );
                }
                Outcome::Done => {}
            }
            transaction
                .prepare_cached("DELETE FROM removals WHERE rowid = ?1")?
                .execute([key])?;
        }
        for folder in folders {
            // A name that comes back after a power cut would belong to no removal any more.
            let _best_effort = sync_folder(&folder);
        }
        Ok(())
    }

    /// Removes a file that is the store's own. A reference that was in use within the last day is left to the sweep:
    /// somebody may be about to write a row that names it.
    fn remove_file(&self, name: &str, now_ms: i64) -> Outcome {
        let Some(path) = own(name) else {
            return Outcome::Done;
        };
        let root = &self.inner.folder;
        let file = root.join(&path);
        let mut folders: Vec<&Path> = path.ancestors().skip(1).collect();
        folders.retain(|folder| !folder.as_os_str().is_empty());
        for folder in folders.into_iter().rev() {
            match is_own_folder(root, &root.join(folder)) {
                Ok(true) => {}
                // Its disk may be mounted again.
                Err(_) if folder == Path::new(IMAGES) => return Outcome::Later,
                Ok(false) | Err(_) => return Outcome::Done,
            }
        }
        let facts = match fs::symlink_metadata(&file) {
            Ok(facts) => facts,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Outcome::Done,
            Err(_) => return Outcome::Later,
        };
        if !facts.is_file() || (path.starts_with("references") && is_young(&facts, now_ms)) {
            return Outcome::Done;
        }
        match fs::remove_file(&file) {
            Ok(()) => Outcome::Removed(facts.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Outcome::Done,
            Err(error) => {
                tracing::warn!(kind = ?error.kind(), "a file that is to go cannot be removed");
                Outcome::Later
            }
        }
    }
}

fn next(connection: &Connection, after: i64) -> Result<Vec<(i64, String)>> {
    let sql = format!(
        "SELECT rowid, path FROM removals WHERE rowid > ?1 AND import IS NULL ORDER BY rowid LIMIT {BATCH}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map([after], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn release(transaction: &Transaction<'_>, import: &str) -> Result<()> {
    transaction.execute("UPDATE removals SET import = NULL WHERE import = ?1", [import])?;
    Ok(())
}

/// The path of a file inside the data folder, if the name is of one that the store makes there.
fn own(name: &str) -> Option<PathBuf> {
    let path = Path::new(name);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    let ours = [IMAGES, "references", "signatures"]
        .iter()
        .any(|folder| path.starts_with(folder));
    (inside && ours && path.components().count() > 1).then(|| path.to_owned())
}

fn is_young(facts: &fs::Metadata, now_ms: i64) -> bool {
    let now = UNIX_EPOCH + Duration::from_millis(u64::try_from(now_ms).unwrap_or(0));
    let age = facts
        .modified()
        .ok()
        .and_then(|time| now.duration_since(time).ok());
    age.is_none_or(|age| age < Duration::from_millis(DAY_MS.unsigned_abs()))
}

/// Whether the import of this sign lives no more. Where the file system has no locks, only its age tells.
fn has_ended(sign: &Path, now_ms: i64) -> bool {
    let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let file = match OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(no_follow)
        .open(sign)
    {
        Ok(file) => file,
        Err(error) => return error.kind() == io::ErrorKind::NotFound,
    };
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => true,
        Err(error) if io::Error::from(error).kind() == io::ErrorKind::WouldBlock => false,
        Err(_) => file
            .metadata()
            .is_ok_and(|facts| now_ms.saturating_sub(facts.mtime().saturating_mul(1000)) > DAY_MS),
    }
}

/// An import that makes files which no row names yet. Unless it is confirmed, they go again: when it is dropped, or at the
/// next start after a kill.
pub(super) struct Claim<'a> {
    store: &'a Store,
    import: String,
    now_ms: i64,
    files: usize,
    /// Locked for as long as the import lives.
    sign: Option<(File, PathBuf)>,
}

impl<'a> Claim<'a> {
    pub(super) fn begin(store: &'a Store, now_ms: i64) -> Result<Self> {
        store.subfolder(Path::new("references"))?;
        let import = format!("{:08x}", chance()?);
        let path = store.sign(&import);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| disk("write", &path, &error))?;
        // Where there are no locks its age protects it.
        let _locked = flock(&file, FlockOperation::NonBlockingLockExclusive);
        Ok(Self {
            store,
            import,
            now_ms,
            files: 0,
            sign: Some((file, path)),
        })
    }

    /// Notes a file that has been made and is still empty.
    pub(super) fn add(&mut self, path: &Path) -> Result<()> {
        let name = self.store.relative(path);
        self.store.write(|transaction| {
            transaction.execute(
                "INSERT INTO removals (path, import) VALUES (?1, ?2)",
                params![name, self.import],
            )?;
            Ok(())
        })?;
        self.files += 1;
        Ok(())
    }

    /// The rows that name the files are being written in this transaction.
    pub(super) fn confirm(&self, transaction: &Transaction<'_>) -> Result<()> {
        let confirmed = transaction.execute("DELETE FROM removals WHERE import = ?1", [&self.import])?;
        if confirmed == self.files {
            return Ok(());
        }
        Err(Error::new(
            Kind::Store,
            "The import stood still for so long that its files were removed again",
        )
        .hint("Nothing was imported; do it once more"))
    }

    /// The transaction that confirmed it has been committed.
    pub(super) fn end(&mut self) {
        self.files = 0;
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let (store, import) = (self.store, self.import.as_str());
        if self.files > 0 {
            // What fails here is done at the next start.
            let released = store.write(|transaction| release(transaction, import));
            let _later = released.and_then(|()| store.finish_removals(self.now_ms));
        }
        if let Some((_locked, path)) = self.sign.take() {
            let _litter = fs::remove_file(path);
        }
    }
}
