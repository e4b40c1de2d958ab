//! How a data folder is opened, whatever state it is in: new, old, newer, read-only, damaged, or in use by a dozen
//! others. It decides what becomes of a database and reads no session.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use jiff::tz::TimeZone;
use rusqlite::{Connection, OpenFlags, Transaction};

use super::fault::{ELSEWHERE, damaged, disk, is_damage};
use super::lock::Lock;
use super::present::{if_present, metadata_if_present};
use super::schema::{self, Version};
use super::sessions::chance;
use super::{WAIT_STEP, WAIT_STEPS, folder, found, identity, index, rescue, salvage};
use crate::error::{Error, Kind, Result};

/// A data folder in use.
pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) id: String,
    pub(super) lock: Lock,
    /// Why nothing may be written.
    pub(super) refusal: Option<Error>,
    pub(super) notices: Vec<String>,
}

/// What to do about a disk that does not give back what is on it.
const FAILING: &str =
    "The disk may be failing. Nothing was changed; start again, or bring the folder to another disk";

/// How often somebody else may turn out to have a damaged database open before it is left alone: some five seconds.
const ATTEMPTS: u32 = 200;

/// Opens a folder that can be written to.
pub(super) fn open(folder: &Path, zone: Option<&TimeZone>, network: Option<&str>) -> Result<Opened> {
    let lock = Lock::open(folder)?;
    let mut notices = Vec::new();
    for _ in 0..ATTEMPTS {
        lock.share()?;
        if !rescue::is_pending(folder)? {
            let mut found = found::Listed::default();
            match connect(folder, zone, network, &mut |transaction| {
                found = found::list_all(transaction, folder, zone, super::backup::clock()?)?;
                Ok(())
            }) {
                Ok((mut connection, refusal)) => {
                    let id = match &refusal {
                        None => identity::settle(&mut connection, &lock)?,
                        Some(_) => identity::id_of(&connection)?.unwrap_or_default(),
                    };
                    notices.extend(without_database(&found));
                    notices.extend(refusal.as_ref().map(sentence));
                    return Ok(Opened {
                        connection,
                        id,
                        lock,
                        refusal,
                        notices,
                    });
                }
                Err(error) if is_damage(&error) => {}
                Err(error) => return Err(error),
            }
        }
        // To have it alone, everybody else who has just found the same must let go too.
        lock.release();
        thread::sleep(Duration::from_millis(u64::from(5 + chance()? % 40)));
        if lock.alone() && needs_rescue(folder, zone, network)? {
            notices.push(rescue::run(folder, zone, network)?);
        }
    }
    Err(in_use(folder))
}

fn needs_rescue(folder: &Path, zone: Option<&TimeZone>, network: Option<&str>) -> Result<bool> {
    if rescue::is_pending(folder)? {
        return Ok(true);
    }
    let looked = connect(folder, zone, network, &mut |_| Ok(()));
    let needed = looked.is_err_and(|error| is_damage(&error));
    if needed {
        require_readable(&folder.join("tintype.db"))?;
    }
    Ok(needed)
}

fn in_use(folder: &Path) -> Error {
    let message = format!(
        "The session database in {} is damaged, and another tintype has it open",
        folder.display()
    );
    Error::new(Kind::Store, message).hint(
        "End every tintype and start again: what can be read is then put into a new database, and pictures are files of their own",
    )
}

/// What is told where pictures lay in a folder that had no database.
fn without_database(found: &found::Listed) -> Option<String> {
    let count = found.pictures;
    let listed = (count > 0).then(|| {
        let pictures = if count == 1 { "picture" } else { "pictures" };
        format!(
            "There was no session database, so {count} {pictures} in its folder were listed again in \u{201c}{}\u{201d}",
            found::TITLE
        )
    });
    let told: Vec<String> = listed.into_iter().chain(found.unread()).collect();
    (!told.is_empty()).then(|| told.join(". "))
}

fn sentence(refusal: &Error) -> String {
    format!(
        "Sessions can be looked at, and nothing can be made: {}. {}",
        refusal.message, refusal.hint
    )
}

/// Opens a folder that cannot be written to.
pub(super) fn to_look(folder: &Path, refusal: Error) -> Result<Opened> {
    let connection = connect_to_look(folder)?;
    let id = identity::id_of(&connection)?.unwrap_or_default();
    let refusal = match schema::look(&connection, folder)? {
        Version::Newer(error) => error,
        Version::Older => {
            return Err(refusal.hint(format!(
                "Its sessions are of an older form, which must be written anew to be read. {ELSEWHERE}"
            )));
        }
        Version::Ours | Version::None => refusal,
    };
    Ok(Opened {
        connection,
        id,
        lock: Lock::none(),
        notices: vec![sentence(&refusal)],
        refusal: Some(refusal),
    })
}

pub(super) fn connect_to_look(folder: &Path) -> Result<Connection> {
    let path = folder.join("tintype.db");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let first_look = |connection: &Connection| -> Result<i64> {
        Ok(connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?)
    };
    let mut connection = Connection::open_with_flags(&path, flags)?;
    wait_for_locks(&mut connection)?;
    if first_look(&connection).is_ok() {
        return Ok(connection);
    }
    // A database in WAL mode wants to make its companions. Where nobody can write, nobody changes it either, and SQLite
    // reads it without them when told so.
    let connection = Connection::open_with_flags(immutable(&path), flags | OpenFlags::SQLITE_OPEN_URI)?;
    first_look(&connection)?;
    Ok(connection)
}

fn immutable(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for character in path.to_string_lossy().chars() {
        match character {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            other => uri.push(other),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

/// What a new database is filled with, in the transaction that makes it.
pub(super) type Fill<'a> = dyn FnMut(&Transaction<'_>) -> Result<()> + 'a;

/// Opens the database, making it where it is missing, and tells why nothing can be written if that is so.
pub(super) fn connect(
    folder: &Path,
    zone: Option<&TimeZone>,
    network: Option<&str>,
    fill: &mut Fill<'_>,
) -> Result<(Connection, Option<Error>)> {
    let path = folder.join("tintype.db");
    // The folder has been resolved, so NOFOLLOW refuses nothing but a database that is itself a symlink. The file is
    // never opened by other means than SQLite's: closing it would drop the locks that this process holds on it.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = Connection::open_with_flags(&path, flags)?;
    // Its companions (-wal, -shm) take over the mode of the database, so this must come before the first of them.
    folder::make_private(&path, 0o600)?;
    wait_for_locks(&mut connection)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // FULL: a commit is on the disk when it returns. NORMAL would lose the row of a paid picture to a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    match schema::look(&connection, folder)? {
        Version::Newer(error) => {
            connection.pragma_update(None, "query_only", true)?;
            return Ok((connection, Some(error)));
        }
        Version::None => {}
        Version::Older | Version::Ours => check(&connection, folder, &path)?,
    }
    if connection.is_readonly(rusqlite::MAIN_DB)? {
        let refusal = Error::new(
            Kind::Store,
            format!("Cannot write to {}: it is read-only", path.display()),
        );
        return Ok((connection, Some(refusal.hint(ELSEWHERE))));
    }
    schema::keep_journal(&connection, network.is_none())?;
    schema::migrate(&mut connection, folder, zone, fill)?;
    index::catch_up(&mut connection)?;
    Ok((connection, None))
}

/// How a connection waits for a lock that another process holds: 20 seconds in all. SQLite's own waiting grows to
/// steps of 100 ms, in which the quick keep overtaking the unlucky; short steps are fair.
pub(super) fn wait_for_locks(connection: &mut Connection) -> Result<()> {
    connection.busy_handler(Some(|tries: i32| {
        thread::sleep(WAIT_STEP);
        tries < WAIT_STEPS
    }))?;
    Ok(())
}

/// Finds damage as far as that is cheap: SQLite itself has refused a file that is no database or lacks pages. All of
/// it is read only where a statement has met damage before.
fn check(connection: &Connection, folder: &Path, path: &Path) -> Result<()> {
    let page: u64 = connection
        .pragma_query_value(None, "page_size", |row| row.get::<_, u32>(0))?
        .into();
    let is_whole = || {
        let file = fs::metadata(path).map_err(|error| disk("look at", path, &error))?;
        Ok::<_, Error>(file.len().is_multiple_of(page))
    };
    let mut tries = 0;
    // Another process may be writing the last page at this moment.
    while !is_whole()? {
        tries += 1;
        if tries > 10 {
            return Err(damaged());
        }
        thread::sleep(WAIT_STEP);
    }
    let mark = mark(folder);
    let marked = metadata_if_present(&mark).map_err(|error| disk("look at", &mark, &error))?;
    if marked.is_some() {
        let said: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
        if is_unread(&said) {
            let failed = std::io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error());
            return Err(disk("read all of", path, &failed).hint(FAILING));
        }
        if said != "ok" || !salvage::is_readable(connection)? {
            return Err(damaged());
        }
        unmark(folder);
    }
    Ok(())
}

/// Whether the check met a page that could not be read at the moment: SQLite then names the error, and goes on as if the
/// page were damaged.
fn is_unread(said: &str) -> bool {
    let codes = said.split("error code=").skip(1);
    let number = |text: &str| {
        let end = text.find(|letter: char| !letter.is_ascii_digit());
        text[..end.unwrap_or(text.len())].parse::<i32>().ok()
    };
    codes.filter_map(number).any(|code| {
        // The low byte is the kind of error. A page behind the end of the file is damage, and so is one of a bad sector.
        let kind = code & 0xff;
        ![
            rusqlite::ffi::SQLITE_IOERR_SHORT_READ,
            rusqlite::ffi::SQLITE_IOERR_CORRUPTFS,
        ]
        .contains(&code)
            && [
                rusqlite::ffi::SQLITE_IOERR,
                rusqlite::ffi::SQLITE_NOMEM,
                rusqlite::ffi::SQLITE_BUSY,
                rusqlite::ffi::SQLITE_CANTOPEN,
            ]
            .contains(&kind)
    })
}

/// Fails where nothing of a database can be read: SQLite says of a disk that fails, and of a mount that hangs, that the
/// database is damaged. A bad sector leaves the rest readable. Nobody else may have the database open in this process:
/// closing the file drops the locks on it.
pub(super) fn require_readable(path: &Path) -> Result<()> {
    const CHUNK: u64 = 64 * 1024;
    let failed = |error: &std::io::Error| disk("read", path, error).hint(FAILING);
    let Some(file) = if_present(fs::File::open(path)).map_err(|error| failed(&error))? else {
        return Ok(());
    };
    let length = file.metadata().map_err(|error| failed(&error))?.len();
    let mut buffer = [0; 16];
    let mut first_error = None;
    for chunk in 0..length.div_ceil(CHUNK) {
        match file.read_at(&mut buffer, chunk * CHUNK) {
            Ok(_) => return Ok(()),
            Err(error) => drop(first_error.get_or_insert(error)),
        }
    }
    first_error.map_or(Ok(()), |error| Err(failed(&error)))
}

/// The file that says that the database has to be looked through.
fn mark(folder: &Path) -> PathBuf {
    folder.join("tintype.check")
}

/// A statement has met damage: the next start looks at all of the database.
pub(super) fn note_damage(folder: &Path) {
    let _ = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(mark(folder));
}

pub(super) fn unmark(folder: &Path) {
    let _ = fs::remove_file(mark(folder));
}
