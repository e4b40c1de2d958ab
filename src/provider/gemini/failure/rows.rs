//! The rows of the taxonomy that have a name, because more than one place asks for them. Data.

use super::row::{ANOTHER_MODEL, Again, CHECK_ADDRESS, Row, row};
use crate::error::Kind;

/// Asked for 429 by [`super::quota`].
pub(super) const NO_QUOTA: Row = row(
    Kind::Quota,
    "This key has no quota for this model",
    "Set up billing for the key's project: the free tier has no pictures",
);
pub(super) const DAY_QUOTA: Row = row(
    Kind::Quota,
    "The quota of the day is used up",
    "Try again tomorrow, raise the quota, or use another provider",
);
pub(super) const USED_UP: Row = row(
    Kind::Quota,
    "The quota is used up",
    "Check the plan and the billing of this key",
);
pub(super) const RATE: Row = Row {
    again: Again::Yes,
    ..row(
        Kind::RateLimited,
        "The provider takes no more requests for the moment",
        "Wait a little, then send it again",
    )
};
/// A relay's own upstream refused it: the user has asked for nothing too much.
pub(super) const UPSTREAM_RATE: Row = Row {
    again: Again::Yes,
    ..row(
        Kind::RateLimited,
        "The relay's channel is busy",
        "Wait a little, then send it again; another token group has other channels",
    )
};
/// HTML where an answer should be.
pub(super) const PAGE: Row = row(
    Kind::WrongAddress,
    "This address answers with a web page, not with an API",
    CHECK_ADDRESS,
);
pub(super) const GATE: Row = row(
    Kind::Permission,
    "A gateway before the provider refused the connection",
    "Try another network or region, or ask the provider",
);
/// When no row fits.
pub(super) const ELSE: Row = row(Kind::Server, "The provider reports an error", "Try again by hand");
pub(super) const REFUSED: Row = row(
    Kind::BadRequest,
    "The provider refuses the request",
    // What the server's words say takes its place.
    "Ask the provider what it refuses",
);
/// Asked for by [`super::refusal`].
pub(super) const NO_MODEL: Row = row(
    Kind::ModelNotFound,
    "The provider does not have this model",
    ANOTHER_MODEL,
);
pub(super) const UNREADABLE: Row = row(
    Kind::BadInput,
    "The provider cannot read a reference picture",
    "Give it as PNG or JPEG, or leave it out",
);
