//! What the disk and SQLite say, as sentences for a person. It decides nothing.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::{Error, Kind, reason};

/// What to do about a folder that cannot be used.
pub(super) const ELSEWHERE: &str =
    "Choose a folder that you may write to with --data-dir or TINTYPE_DATA_DIR";
const FREE_SPACE: &str = "Free some space and try again";

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
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
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => (
                "The session database is damaged",
                "Move tintype.db out of the data folder; the pictures beside it are whole files of their own",
            ),
            _ => return Self::new(Kind::Store, format!("The session database failed: {error}")),
        };
        Self::new(Kind::Store, sentence).hint(hint)
    }
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
    Error::new(Kind::Store, sentence(what, path, error)).hint(hint)
}

/// "Cannot <what> <path>: <why>", with the reason in plain words.
pub(super) fn sentence(what: &str, path: &Path, error: &io::Error) -> String {
    format!("Cannot {what} {}: {}", path.display(), reason(error))
}
