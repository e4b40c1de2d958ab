//! Errors of the way to a server, in words: who could not be reached and why, and whether the call may be billed. No
//! address appears here, only hosts: an address may hold a key.

mod proxy;
mod tls;

use std::error::Error as Source;
use std::io;
use std::time::Duration;

use super::encoding::Fault;
use super::proxy::{Proxy, Refusal};
use super::reach::Private;
use super::upload::Progress;
use crate::domain::clean_line;
use crate::error::{Error, Kind, Retry};
use crate::provider::network::Trust;

pub(super) use proxy::unauthorized;

/// The other side of a call, and what is known of the way there.
#[derive(Clone, Debug)]
pub(super) struct Peer<'a> {
    /// The host, with its port where one is named.
    pub(super) host: &'a str,
    /// True if it is addressed by plain http.
    pub(super) is_plain: bool,
    /// True if it is on the loopback.
    pub(super) is_local: bool,
    /// The proxy that the call goes by.
    pub(super) proxy: Option<Proxy>,
    /// The proxy's answer to the question why there is no tunnel.
    pub(super) refusal: Option<Refusal>,
    /// True if it turned out to speak the other one of http and https on this port.
    pub(super) speaks_other: bool,
    /// Whom a server's certificate has to be from.
    pub(super) trust: &'a Trust,
}

/// No answer came, because the request could not be sent or the connection broke.
pub(super) fn sending(error: reqwest::Error, peer: &Peer<'_>, progress: &Progress) -> Error {
    if let Some(failed) = progress.failed() {
        return failed;
    }
    let host = peer.host;
    let error = error.without_url();
    if peer.speaks_other {
        return other_scheme(peer);
    }
    if let Some(early) = before_sending(&error, peer) {
        return early;
    }
    if let Some(refused) = unprocessed(&error, host) {
        return refused;
    }
    if progress.complete() {
        return cut(error, host);
    }
    // The server never had the whole of it, so it cannot have begun.
    let message = format!(
        "The connection to {host} broke while the request was sent: {}",
        cause(&error)
    );
    let mut broken = Error::new(Kind::Unreachable, message).hint("Check the network and send it again");
    broken.retry = Retry::Safe { after_seconds: None };
    broken
}

/// No answer came to a request without a body, which costs nothing.
pub(super) fn asking(error: reqwest::Error, peer: &Peer<'_>) -> Error {
    let error = error.without_url();
    if peer.speaks_other {
        return other_scheme(peer);
    }
    before_sending(&error, peer).unwrap_or_else(|| {
        let message = format!("The connection to {} broke: {}", peer.host, cause(&error));
        Error::new(Kind::Unreachable, message).hint("Check the network and try it again")
    })
}

/// Returns whether a name was not connected to, because all of its addresses are private.
pub(super) fn is_private(error: &reqwest::Error) -> bool {
    chain(error).any(<dyn Source>::is::<Private>)
}

/// Nothing came in answer to a request that costs nothing.
pub(super) fn silent_list(host: &str, idle: Duration) -> Error {
    Error::new(
        Kind::Timeout,
        format!("{host} was silent for {} s", idle.as_secs_f64()),
    )
    .hint("Check the network, and the proxy if you use one")
}

/// Returns the error of a call that failed before a byte of the request was on its way.
fn before_sending(error: &reqwest::Error, peer: &Peer<'_>) -> Option<Error> {
    if error.is_builder() {
        let message = format!("No request can be addressed to {}: {}", peer.host, cause(error));
        return Some(Error::new(Kind::Usage, message).hint("Check the base address and the model's name"));
    }
    error.is_connect().then(|| unreachable(error, peer))
}

fn unreachable(error: &reqwest::Error, peer: &Peer<'_>) -> Error {
    if let Some(proxy) = &peer.proxy
        && let Some(failed) = proxy::failed(error, peer, proxy)
    {
        return failed;
    }
    if let Some(complaint) = insecure(error, peer) {
        let message = format!(
            "Cannot reach {}: no secure connection, {}",
            peer.host, complaint.why
        );
        return Error::new(Kind::Unreachable, message).hint(complaint.hint);
    }
    let (why, is_lasting) = reason(error);
    let check = if error.is_dns() {
        "Check the base address and the network"
    } else if why == REFUSED {
        "Check the address and the port, and the proxy if you use one"
    } else {
        "Check the network, and the proxy if you use one"
    };
    let mut failed = Error::new(Kind::Unreachable, format!("Cannot reach {}: {why}", peer.host)).hint(check);
    if !is_lasting {
        failed.retry = Retry::Safe { after_seconds: None };
    }
    failed
}

const REFUSED: &str = "connection refused";

/// Why there is no connection, as the end of a sentence, and whether it will stay so.
fn reason(error: &reqwest::Error) -> (String, bool) {
    if error.is_dns() {
        let is_unknown = cause(error).contains("not known");
        return ("no such host was found".to_owned(), is_unknown);
    }
    let is_refused = || chain(error).any(|source| io_kind(source) == Some(io::ErrorKind::ConnectionRefused));
    let why = if error.is_timeout() {
        "no answer to the connection".to_owned()
    } else if is_refused() {
        REFUSED.to_owned()
    } else {
        cause(error)
    };
    (why, false)
}

/// An address of http for a port of https, or the reverse: the server understood nothing of the call.
fn other_scheme(peer: &Peer<'_>) -> Error {
    let host = peer.host;
    let (speaks, says) = if peer.is_plain {
        ("https", "http")
    } else {
        ("http", "https")
    };
    let what = if peer.is_plain { speaks } else { "plain http" };
    let hint = if peer.is_plain || peer.is_local {
        format!("Give the address as {speaks}://{host}")
    } else {
        format!(
            "Give the address as http://{host}, and allow that with --allow-http, or with allow_http = true in the \
             settings of the provider: the key travels in the clear then"
        )
    };
    let message = format!("{host} speaks {what} on this port, and its address says {says}");
    Error::new(Kind::WrongAddress, message).hint(hint)
}

/// Returns whether a failure may come of http on a port of https, or of the reverse: a handshake that got no TLS for an answer,
/// or a call by plain http that got none in HTTP.
pub(super) fn may_be_other_scheme(error: &reqwest::Error, is_plain: bool) -> bool {
    let is_reset = || chain(error).any(|source| io_kind(source) == Some(io::ErrorKind::ConnectionReset));
    if is_plain {
        // As hyper words an end without an answer, and one that does not begin as HTTP does.
        let words = [
            "connection closed before message completed",
            "invalid HTTP version parsed",
        ];
        let is_no_http = || chain(error).any(|source| words.contains(&source.to_string().as_str()));
        return !error.is_connect() && (is_no_http() || is_reset());
    }
    error.is_connect()
        && (chain(error).filter_map(tls_error).any(is_alien) || has_hung_up(error) || is_reset())
}

/// Returns whether an error shows that TLS is spoken, although it went wrong.
pub(super) fn is_about_tls(error: &reqwest::Error) -> bool {
    let told = chain(error).find_map(tls_error);
    told.map_or(!error.is_connect(), |error| !is_alien(error))
}

/// Returns whether the server answered a handshake with something that is no TLS.
fn is_alien(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::InvalidMessage(_))
}

/// Returns whether the proxy gave no tunnel and what it said is lost, so that it has to be asked once more.
pub(super) fn wants_reason(error: &reqwest::Error) -> bool {
    error.is_connect() && chain(error).any(|source| source.to_string() == "tunnel error: unsuccessful")
}

/// Nothing came for as long as the caller was willing to wait.
pub(super) fn silent(host: &str, idle: Duration, sent: bool) -> Error {
    let seconds = idle.as_secs_f64();
    if !sent {
        return Error::new(
            Kind::Unreachable,
            format!("Cannot reach {host}: nothing happened for {seconds} s"),
        )
        .hint("Check the network, and the proxy if you use one");
    }
    Error::new(Kind::Timeout, format!("{host} was silent for {seconds} s"))
        .hint("Try a smaller size or allow more time with --timeout")
        .maybe_billed()
}

/// The answer broke off after its head: before a byte of its body came, or later.
pub(super) fn broken_off(error: reqwest::Error, host: &str, has_begun: bool) -> Error {
    let refused = (!has_begun).then(|| unprocessed(&error, host)).flatten();
    refused.unwrap_or_else(|| cut(error, host))
}

/// The error of a request of which the server says that it did not begin with it: HTTP/2's `REFUSED_STREAM`, or a `GOAWAY`
/// whose last stream is before this one (RFC 9113, 6.8 and 8.7). h2 hands a server's `GOAWAY` to no other streams.
fn unprocessed(error: &reqwest::Error, host: &str) -> Option<Error> {
    let told = chain(error).find_map(|source| source.downcast_ref::<h2::Error>())?;
    let is_refused = told.is_reset() && told.reason() == Some(h2::Reason::REFUSED_STREAM);
    if !told.is_remote() || !(is_refused || told.is_go_away()) {
        return None;
    }
    let what = if is_refused {
        "refused the request"
    } else {
        "closed the connection to the request"
    };
    let message = format!("{host} {what} before it began with it");
    let mut error = Error::new(Kind::Overloaded, message).hint("Send it again; nothing is owed for it");
    error.retry = Retry::Safe { after_seconds: None };
    Some(error)
}

/// The body cannot be unpacked, or not to its end.
pub(super) fn packed(fault: &Fault, host: &str) -> Error {
    let plainly = format!("Tell whoever runs {host}: tintype asks for answers without any encoding");
    let (kind, message, hint) = match fault {
        Fault::Unknown(name) => (
            Kind::BadAnswer,
            format!(
                "{host} sends its answer in the encoding \u{201c}{name}\u{201d}, which cannot be undone here"
            ),
            plainly,
        ),
        Fault::Damaged(name) => (
            Kind::BadAnswer,
            format!("{host} says that its answer is in {name}, and what came is not"),
            plainly,
        ),
        Fault::TooDeep => (
            Kind::BadAnswer,
            format!("{host} packs its answer into encodings without end"),
            plainly,
        ),
        Fault::BrokenOff(name) => (
            Kind::Cut,
            format!("The answer of {host} broke off in the middle of its {name} encoding"),
            "Send it again by hand, if you want to".to_owned(),
        ),
    };
    Error::new(kind, message).hint(hint).maybe_billed()
}

/// The connection broke after the server had the request.
fn cut(error: reqwest::Error, host: &str) -> Error {
    let error = error.without_url();
    Error::new(
        Kind::Cut,
        format!(
            "The connection to {host} broke before the answer was complete: {}",
            cause(&error)
        ),
    )
    .hint("Send it again by hand, if you want to")
    .maybe_billed()
}

/// The server points elsewhere; a POST is not sent after it.
pub(super) fn redirect(host: &str, status: u16, location: Option<&str>) -> Error {
    let target = location
        .and_then(|location| location.split_once("//"))
        .map(|(_, rest)| {
            let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let target = authority.rsplit('@').next().unwrap_or_default();
            clean_line(target).chars().take(200).collect::<String>()
        });
    let mut error = match target.filter(|target| !target.is_empty() && target != host) {
        Some(target) => Error::new(Kind::WrongAddress, format!("{host} redirects to {target}")).hint(
            format!("If you trust it, set the base address to https://{target}"),
        ),
        None => Error::new(
            Kind::WrongAddress,
            format!("{host} redirects instead of answering"),
        )
        .hint("Check the base address: it is not where this provider's API listens"),
    };
    error.http_status = Some(status);
    error
}

fn chain<'a>(error: &'a (dyn Source + 'static)) -> impl Iterator<Item = &'a (dyn Source + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn io_kind(error: &(dyn Source + 'static)) -> Option<io::ErrorKind> {
    error.downcast_ref::<io::Error>().map(io::Error::kind)
}

/// Returns the complaint that kept a connection from becoming a secure one, if that is why there is none.
fn insecure(error: &reqwest::Error, peer: &Peer<'_>) -> Option<tls::Complaint> {
    let complaint = chain(error).find_map(tls_error);
    complaint
        .map(|error| tls::complaint(error, peer))
        .or_else(|| has_hung_up(error).then(tls::hung_up))
}

fn has_hung_up(error: &reqwest::Error) -> bool {
    chain(error).any(|source| source.to_string() == "tls handshake eof")
}

/// The error of TLS; it travels inside `io::Error`s, which do not name what they hold among their sources.
fn tls_error<'a>(error: &'a (dyn Source + 'static)) -> Option<&'a rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    tls_error(error.downcast_ref::<io::Error>()?.get_ref()?)
}

/// The innermost reason, on one line.
fn cause(error: &(dyn Source + 'static)) -> String {
    let innermost = chain(error).last().map(ToString::to_string);
    clean_line(&innermost.unwrap_or_default())
}
