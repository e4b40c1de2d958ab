//! What went wrong, as a person is told it: what happened, what the server said, whether money may have
//! been spent, and what to do next. Pure data; it prints nothing and decides no retry by itself.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

/// The machine-readable kind of an error: `error.kind` of `--json`, and the source of the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Internal,
    Store,
    Usage,
    BadInput,
    BadRequest,
    TooLarge,
    ModelNotFound,
    OverBudget,
    WrongAddress,
    Blocked,
    Refused,
    NoImage,
    NoKey,
    BadKey,
    Permission,
    NoBalance,
    NoChannel,
    Signature,
    Unreachable,
    Timeout,
    RateLimited,
    Quota,
    Overloaded,
    Server,
    Cut,
    BadAnswer,
    Cancelled,
}

impl Kind {
    /// The process exit code that stands for this kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal | Self::Store => 1,
            Self::Usage
            | Self::BadInput
            | Self::BadRequest
            | Self::TooLarge
            | Self::ModelNotFound
            | Self::OverBudget
            | Self::WrongAddress => 2,
            Self::Blocked | Self::Refused | Self::NoImage => 3,
            Self::NoKey
            | Self::BadKey
            | Self::Permission
            | Self::NoBalance
            | Self::NoChannel
            | Self::Signature => 4,
            Self::Unreachable
            | Self::Timeout
            | Self::RateLimited
            | Self::Quota
            | Self::Overloaded
            | Self::Server
            | Self::Cut
            | Self::BadAnswer => 5,
            Self::Cancelled => 130,
        }
    }
}

impl fmt::Display for Kind {
    /// The name that `--json` uses, such as `rate_limited`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Whether the provider may charge for the call that failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Billed {
    /// Nothing was generated, so nothing is owed.
    #[default]
    No,
    /// The provider accepted the request; its terms decide.
    Maybe,
}

impl Billed {
    /// What a user is told about it; `None` where nothing is owed.
    pub fn says(self) -> Option<&'static str> {
        match self {
            Self::No => None,
            Self::Maybe => Some("this call may have been billed"),
        }
    }
}

/// Why the system refused something, in plain words, as the end of a sentence.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "your disk quota is used up".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::NotADirectory => "a part of its path is a file, not a folder".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::AlreadyExists => "something else has its name".to_owned(),
        _ => {
            let words = error.to_string();
            let number = words.rfind(" (os error ");
            words[..number.unwrap_or(words.len())].to_owned()
        }
    }
}

/// Whether the same request may be sent again without asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retry {
    #[default]
    Never,
    /// Nothing can have been generated; wait this many seconds where the server named a delay.
    Safe { after_seconds: Option<f64> },
}

/// An error as a user meets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Error {
    pub kind: Kind,
    /// What happened, in plain words, one sentence with a capital and no final full stop.
    pub message: String,
    /// What to do next, written likewise; empty when there is nothing to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
    /// The server's own sentence, verbatim (cleaned only where it is shown).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The body of the server's answer as it came, but for the key; a long one only in its beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    #[serde(default)]
    pub billed: Billed,
    #[serde(default, skip)]
    pub retry: Retry,
}

impl Error {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: String::new(),
            server: None,
            http_status: None,
            request_id: None,
            body: None,
            billed: Billed::No,
            retry: Retry::Never,
        }
    }

    /// The same error with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same error with the server's own sentence.
    #[must_use]
    pub fn server(mut self, sentence: impl Into<String>) -> Self {
        self.server = Some(sentence.into());
        self
    }

    /// The same error, marked as possibly billed.
    #[must_use]
    pub fn maybe_billed(mut self) -> Self {
        self.billed = Billed::Maybe;
        self
    }

    pub fn exit_code(&self) -> u8 {
        self.kind.exit_code()
    }
}

impl fmt::Display for Error {
    /// What happened and the server's sentence, on one line; the hint is shown apart from it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(server) = &self.server {
            write!(f, ": \u{201c}{}\u{201d}", server.trim())?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_as_in_json_and_keep_their_exit_codes() {
        assert_eq!(Kind::RateLimited.to_string(), "rate_limited");
        assert_eq!(Kind::NoKey.exit_code(), 4);
        assert_eq!(Kind::Cancelled.exit_code(), 130);
    }

    #[test]
    fn reasons_are_words_without_the_system_s_numbers() {
        assert_eq!(reason(&io::Error::from_raw_os_error(2)), "it does not exist");
        assert_eq!(
            reason(&io::Error::from_raw_os_error(6)),
            "No such device or address"
        );
        assert_eq!(reason(&io::Error::other("no luck")), "no luck");
    }
}
