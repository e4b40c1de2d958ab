//! What an HTTP status means when neither a code nor a text says more. Data.

use super::row::{Again, BY_HAND, CHECK_ADDRESS, LATER, Row, SMALLER, TOP_UP, row};
use super::rows::REFUSED;
use crate::error::Kind;

/// What a status means when nothing else is known.
pub(super) const ROWS: &[Row] = &[
    Row {
        status: &[300, 301, 302, 303, 307, 308],
        ..row(
            Kind::WrongAddress,
            "The provider has moved to another address",
            CHECK_ADDRESS,
        )
    },
    Row {
        status: &[400, 409, 415, 422, 501],
        ..REFUSED
    },
    Row {
        status: &[401],
        ..row(
            Kind::BadKey,
            "The provider does not accept this key",
            "Check the key; on a relay it may also have expired or used up its quota",
        )
    },
    Row {
        status: &[402],
        ..row(Kind::NoBalance, "The balance at the provider is used up", TOP_UP)
    },
    Row {
        status: &[403],
        ..row(
            Kind::Permission,
            "This key may not use the API or the model",
            "Check the key's restrictions at the provider",
        )
    },
    Row {
        status: &[407],
        ..row(
            Kind::Unreachable,
            "A proxy on the way wants a name and a password",
            "Give them in the proxy's address: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
        )
    },
    Row {
        status: &[451],
        ..row(
            Kind::Permission,
            "The provider may not serve you, for legal reasons",
            "Use a provider that does",
        )
    },
    Row {
        status: &[404, 405],
        ..row(
            Kind::WrongAddress,
            "There is no such API at this address",
            CHECK_ADDRESS,
        )
    },
    Row {
        status: &[408],
        again: Again::Yes,
        ..row(
            Kind::Timeout,
            "The provider waited too long for the request",
            "Try again",
        )
    },
    Row {
        status: &[413],
        ..row(
            Kind::TooLarge,
            "The request is too large for the provider",
            SMALLER,
        )
    },
    Row {
        status: &[499],
        again: Again::Paid,
        ..row(
            Kind::Server,
            "The provider's own upstream cancelled the request",
            BY_HAND,
        )
    },
    Row {
        status: &[500],
        again: Again::Yes,
        ..row(Kind::Server, "The provider failed inside", LATER)
    },
    Row {
        status: &[502],
        again: Again::Yes,
        ..row(Kind::Server, "The provider's gateway could not reach it", LATER)
    },
    Row {
        status: &[503, 529],
        again: Again::Yes,
        ..row(Kind::Overloaded, "The provider is overloaded", LATER)
    },
    Row {
        status: &[504],
        again: Again::Paid,
        ..row(Kind::Timeout, "The provider took too long", BY_HAND)
    },
    Row {
        status: &[520, 521, 522, 523, 525, 526],
        again: Again::Yes,
        ..row(Kind::Server, "Cloudflare cannot reach the provider", LATER)
    },
    Row {
        status: &[524],
        again: Again::Paid,
        ..row(
            Kind::Timeout,
            "Cloudflare gave up waiting; the work may go on behind it",
            "Use streaming, or a smaller size",
        )
    },
];
