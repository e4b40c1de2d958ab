//! The shape of a row of the taxonomy, and the hints that several rows share.

use crate::error::Kind;

/// Whether the same request may go out again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    No,
    Yes,
    /// No, and it may have been paid for: the work may go on behind the error.
    Paid,
}

/// A row fits if the status is listed (none: any), and one of its codes is there or one of its texts, if it has any.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) status: &'static [u16],
    /// Compared with `code`, `type`, `status` and the reasons, whatever their case.
    pub(super) codes: &'static [&'static str],
    /// Looked for in the message in lower case.
    pub(super) texts: &'static [&'static str],
    pub(super) kind: Kind,
    pub(super) says: &'static str,
    pub(super) hint: &'static str,
    pub(super) again: Again,
}

pub(super) const fn row(kind: Kind, says: &'static str, hint: &'static str) -> Row {
    Row {
        status: &[],
        codes: &[],
        texts: &[],
        kind,
        says,
        hint,
        again: Again::No,
    }
}

pub(super) const ANOTHER_MODEL: &str = "Pick a model from the provider's own list; models retire";
pub(super) const CHECK_ADDRESS: &str = "Check the provider's base URL in the settings";
pub(super) const CHANGE_PROMPT: &str = "Change the prompt";
pub(super) const BY_HAND: &str = "Try again by hand; a smaller size takes less time";
pub(super) const LATER: &str = "Try again later, or use another model";
pub(super) const SMALLER: &str = "Use fewer or smaller references, or continue from the picture only";
pub(super) const TOP_UP: &str = "Top up the account, or raise the token's quota";
