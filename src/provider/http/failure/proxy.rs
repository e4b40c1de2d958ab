//! Errors of a proxy, in words: it is unreachable, wants a password, or refuses. The provider has heard
//! nothing of the call then. No name and no password appears.

use super::{Peer, chain, insecure, reason};
use crate::error::{Error, Kind, Retry};
use crate::provider::http::proxy::{Proxy, Refusal};

/// The error of a call that never got past its proxy; `None` where the proxy did its part.
pub(super) fn failed(error: &reqwest::Error, peer: &Peer<'_>, proxy: &Proxy) -> Option<Error> {
    let steps = || chain(error).map(ToString::to_string);
    let after = |words: &'static str| steps().find_map(|step| step.strip_prefix(words).map(str::to_owned));
    if let Some(step) = after("tunnel error: ") {
        return Some(tunnel(&step, error, peer, proxy));
    }
    if let Some(step) = after("SOCKS error: ") {
        return Some(socks(&step, peer, proxy));
    }
    // Without a tunnel, the connection itself is the proxy's.
    let is_forwarding = peer.is_plain && proxy.scheme().starts_with("http");
    is_forwarding.then(|| unreachable(error, peer, proxy))
}

fn tunnel(step: &str, error: &reqwest::Error, peer: &Peer<'_>, proxy: &Proxy) -> Error {
    match step {
        "proxy authorization required" => unauthorized(proxy),
        "unsuccessful" => refused(peer.host, proxy, peer.refusal.as_ref()),
        "failed to create underlying connection" => unreachable(error, peer, proxy),
        "unexpected end of file" | "io error establishing tunnel" => again(told(
            proxy,
            &format!("hung up instead of connecting to {}", peer.host),
            &format!(
                "Try again; if it goes on, check the address in {}",
                proxy.variable()
            ),
        )),
        _ => no_proxy(proxy),
    }
}

/// As hyper-util words what a SOCKS proxy answered.
fn socks(step: &str, peer: &Peer<'_>, proxy: &Proxy) -> Error {
    match step {
        "failed to create underlying connection" => again(told(
            proxy,
            "cannot be reached",
            &format!(
                "Check the address in {}, and whether the proxy runs",
                proxy.variable()
            ),
        )),
        "server does not support user/pass authentication"
        | "server implements authentication incorrectly"
        | "credentials not accepted"
        | "server ident service failed"
        | "server ident service did not recognise client identifier" => unauthorized(proxy),
        "connection not allowed" => refused(peer.host, proxy, None),
        "general server failure"
        | "network unreachable"
        | "host unreachable"
        | "connection refused"
        | "ttl expired"
        | "server failed to execute command" => again(cannot(peer.host, proxy).server(step)),
        _ => no_proxy(proxy),
    }
}

/// The proxy wants to know who asks, or does not accept who does.
pub(in crate::provider::http) fn unauthorized(proxy: &Proxy) -> Error {
    let variable = proxy.variable();
    if proxy.has_password() {
        return told(
            proxy,
            &format!("does not accept the name and the password in {variable}"),
            &format!("Correct them in {variable}; write characters such as @ : / % as %40 %3A %2F %25"),
        );
    }
    told(
        proxy,
        "wants a name and a password",
        &format!(
            "Give them in {variable}, as {}://NAME:PASSWORD@{}; write characters such as @ : / % as %40 %3A %2F %25",
            proxy.scheme(),
            proxy.host()
        ),
    )
}

fn refused(host: &str, proxy: &Proxy, refusal: Option<&Refusal>) -> Error {
    match refusal {
        Some(Refusal::NotHttp) => no_proxy(proxy),
        // As servers answer that are no proxy.
        Some(Refusal::Status { status, said }) if matches!(status, 404 | 405 | 501) => {
            with(no_proxy(proxy), *status, said.as_ref())
        }
        Some(Refusal::Status { status, said }) if *status >= 500 => {
            again(with(cannot(host, proxy), *status, said.as_ref()))
        }
        Some(Refusal::Status { status, said }) => with(forbidden(host, proxy), *status, said.as_ref()),
        None => forbidden(host, proxy),
    }
}

fn with(mut error: Error, status: u16, said: Option<&String>) -> Error {
    error.message = format!("{} (HTTP {status})", error.message);
    error.server = said.cloned();
    error
}

fn forbidden(host: &str, proxy: &Proxy) -> Error {
    told(
        proxy,
        &format!("refused to connect to {host}"),
        &format!(
            "Ask whoever runs the proxy to allow {host}; if this machine reaches it without the proxy, add it to NO_PROXY"
        ),
    )
}

fn cannot(host: &str, proxy: &Proxy) -> Error {
    told(
        proxy,
        &format!("refused, for it cannot connect to {host} itself"),
        "Check the base address, and try again later",
    )
}

fn no_proxy(proxy: &Proxy) -> Error {
    told(
        proxy,
        "does not answer as such a proxy does",
        &format!(
            "Check the address in {}: it begins with http:// for an HTTP proxy, with socks5h:// for a SOCKS proxy",
            proxy.variable()
        ),
    )
}

fn unreachable(error: &reqwest::Error, peer: &Peer<'_>, proxy: &Proxy) -> Error {
    let itself = Peer {
        host: proxy.host(),
        proxy: None,
        ..peer.clone()
    };
    let name = name(proxy);
    if let Some(complaint) = insecure(error, &itself) {
        let message = format!(
            "Cannot reach the proxy {name}: no secure connection, {}",
            complaint.why
        );
        return Error::new(Kind::Unreachable, message).hint(complaint.hint);
    }
    let (why, is_lasting) = reason(error);
    let failed =
        Error::new(Kind::Unreachable, format!("Cannot reach the proxy {name}: {why}")).hint(format!(
            "Check the address in {}, and whether the proxy runs",
            proxy.variable()
        ));
    if is_lasting { failed } else { again(failed) }
}

/// The host of the proxy and the variable that names it.
fn name(proxy: &Proxy) -> String {
    format!("{} ({})", proxy.host(), proxy.variable())
}

fn told(proxy: &Proxy, what: &str, hint: &str) -> Error {
    Error::new(Kind::Unreachable, format!("The proxy {} {what}", name(proxy))).hint(hint)
}

fn again(mut error: Error) -> Error {
    error.retry = Retry::Safe { after_seconds: None };
    error
}
