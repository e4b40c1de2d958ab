//! What the disk and SQLite say, as sentences for a person. It decides nothing.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::{Error, Kind, reason};

/// What to do about a folder that cannot be used.
pub(super) const ELSEWHERE: &str =
    "Choose a folder that you may write to with --data-dir or TINTYPE_DATA_DIR";
const FREE_SPACE: &str = "Free some space and try again";

const DAMAGED: &str = "The session database is damaged";
const DAMAGED_ROW: &str = "A row of the session database is damaged";
/// What to do about a damaged database that is in use.
const RESTART: &str = "End every tintype and start again: what can be read is then put into a new database, and pictures are files of their own";

/// The database cannot be read as a whole, by what a look at it said.
pub(super) fn damaged() -> Error {
    Error::new(Kind::Store, DAMAGED).hint(RESTART)
}

/// A value of a row cannot be read back.
pub(super) fn damaged_row(why: &impl std::fmt::Display) -> Error {
    Error::new(Kind::Store, format!("{DAMAGED_ROW}: {why}")).hint(RESTART)
}

/// Whether an error tells of damage that a new database would mend.
pub(super) fn is_damage(error: &Error) -> bool {
    error.kind == Kind::Store && (error.message == DAMAGED || error.message.starts_with(DAMAGED_ROW))
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        tracing::warn!("the database: {error}");
        let (sentence, hint) = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => ("The disk is full: the session could not be saved", FREE_SPACE),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                ("The session database is read-only", ELSEWHERE)
            }
            Some(ErrorCode::CannotOpen) => ("The session database cannot be opened", ELSEWHERE),
            Some(
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed,
            ) => (
                "Another program keeps the session database locked",
                "End that program, or choose another folder with --data-dir",
            ),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => return damaged(),
            _ if is_value(&error) => return damaged_row(&error),
            _ => return Self::new(Kind::Store, format!("The session database failed: {error}")),
        };
        Self::new(Kind::Store, sentence).hint(hint)
    }
}

/// Whether a statement went well and one of the values that it gave cannot be what was written.
fn is_value(error: &rusqlite::Error) -> bool {
    matches!(
        error,
        rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
    )
}

/// What happened while the database of `folder` was opened.
pub(super) fn opening(folder: &Path, error: Error) -> Error {
    let named = error.message.contains(&*folder.to_string_lossy());
    if named {
        error
    } else {
        let message = format!("{} ({})", error.message, folder.join("tintype.db").display());
        Error { message, ..error }
    }
}

/// A file operation of the store failed: "Cannot <what> <path>: <why>".
pub(super) fn disk(what: &str, path: &Path, error: &io::Error) -> Error {
    let hint = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FREE_SPACE,
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::NotADirectory => ELSEWHERE,
        _ => "",
    };
    // The path may hold words of a prompt.
    tracing::warn!(kind = ?error.kind(), code = error.raw_os_error(), "the disk: cannot {what}");
    tracing::trace!(path = %path.display(), "it was this one");
    Error::new(Kind::Store, sentence(what, path, error)).hint(hint)
}

/// "Cannot <what> <path>: <why>", with the reason in plain words.
pub(super) fn sentence(what: &str, path: &Path, error: &io::Error) -> String {
    format!("Cannot {what} {}: {}", path.display(), reason(error))
}
