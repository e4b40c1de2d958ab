//! Base addresses: what people paste, made into the address that calls are put together from. It opens no connection.

use std::fmt;

use crate::domain::{Secret, percent_decoded};
use crate::error::{Error, Kind, Result};

/// A base address, as [`normalise_base`] leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Scheme, host and perhaps a path.
    pub base: String,
    /// The text behind a `?`, without the parameters that a call sets itself.
    pub query: Option<Secret>,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown(&self.base, self.query.as_ref()))
    }
}

/// The path of the models at Google and at relays.
pub const MODELS_PATH: &str = "/v1beta/models";

/// The parameters that a call sets itself, and the one that carries a key, which comes from elsewhere.
const OF_A_CALL: [&str; 5] = ["alt", "$alt", "key", "pageSize", "pageToken"];

pub(super) fn shown(base: &str, query: Option<&Secret>) -> String {
    let mut shown = base.to_owned();
    if query.is_some() {
        append(&mut shown, "***");
    }
    shown
}

/// Adds to the query of an address.
pub(super) fn append(url: &mut String, text: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(text);
}

/// Makes a base address out of what people paste: spaces, a missing scheme, final slashes, a final `/v1beta`, `/v1` or
/// `/v1beta/models/…`, the address of a whole call. Any other path stays, and so does a query but for what a call says
/// itself. `https` is required except on the loopback, for a key would travel in the clear; `allow_http` lifts that.
///
/// Models are at `models_path` below the address: it is taken off where it was pasted along, and a final version is kept
/// where it has none.
pub fn normalise_base(pasted: &str, models_path: &str, allow_http: bool) -> Result<Address> {
    let text = pasted.trim();
    let refuse = |why: &str| {
        // What stands behind `?`, or before `@`, may be secret: it is not repeated.
        let told = text.split(['?', '#']).next().unwrap_or_default();
        let told = told.rsplit_once('@').map_or(told, |(_, host)| host);
        Error::new(Kind::Usage, format!("\u{201c}{told}\u{201d} {why}"))
            .hint("Give an address such as https://www.anyfast.ai")
    };
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) if !scheme.contains(['/', '?', '#']) => (scheme.to_ascii_lowercase(), rest),
        _ if is_loopback(host_of(text.split(['/', '?', '#']).next().unwrap_or_default())) => {
            ("http".to_owned(), text)
        }
        _ => ("https".to_owned(), text),
    };
    if scheme != "https" && scheme != "http" {
        return Err(refuse("is not a web address"));
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.contains('@') {
        // The text may hold a password: it is not repeated.
        return Err(
            Error::new(Kind::Usage, "The base address holds a user name or a password")
                .hint("Keys come from the environment; give the address alone"),
        );
    }
    let authority = authority.to_ascii_lowercase();
    check_authority(&authority).map_err(refuse)?;
    if scheme == "http" && !allow_http && !is_loopback(host_of(&authority)) {
        return Err(
            Error::new(Kind::Usage, format!("{authority} is addressed by plain http"))
                .hint("Use https: over http the key would travel in the clear"),
        );
    }
    let unfit = |text: &str| text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    if unfit(path) || unfit(query) {
        return Err(refuse("holds a space or a control character"));
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let mut base = format!("{scheme}://{authority}");
    let kept = if has_version(models_path) {
        before_the_call(&segments)
    } else {
        segments.len()
    };
    for segment in &segments[..kept] {
        base.push('/');
        base.push_str(segment);
    }
    if let Some(above) = base.strip_suffix(models_path) {
        base.truncate(above.len());
    }
    Ok(Address {
        base,
        query: own_query(query),
    })
}

/// Returns whether a path begins with a version, such as `/v1beta`.
fn has_version(path: &str) -> bool {
    let version = path.trim_start_matches('/').strip_prefix('v');
    version.is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
}

/// Returns the number of segments in front of those of a call: a version that ends the path, or that `models` follows.
fn before_the_call(segments: &[&str]) -> usize {
    let is_version = |at: &usize| matches!(segments[*at], "v1beta" | "v1");
    let ends = |at: &usize| segments.get(at + 1).is_none_or(|next| *next == "models");
    let found = (0..segments.len()).rev().filter(is_version).find(ends);
    found.unwrap_or(segments.len())
}

/// Returns the parameters of a pasted query that go along with every call.
fn own_query(query: &str) -> Option<Secret> {
    let name = |pair: &str| percent_decode(pair.split('=').next().unwrap_or_default());
    let own = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !OF_A_CALL.contains(&name(pair).as_str()));
    let own: Vec<&str> = own.collect();
    (!own.is_empty()).then(|| Secret::new(own.join("&")))
}

/// Makes a path below a base address out of what the settings say, such as `/v1/publishers/google/models`; what is wrong
/// with it, where it cannot be one.
pub fn normalise_path(path: &str) -> std::result::Result<String, &'static str> {
    let path = path.trim();
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "-._~/@:%+,=!$'()*".contains(letter);
    if !path.chars().all(fits) {
        return Err("holds a character that no path has");
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if segments.is_empty() {
        return Err("is empty");
    }
    if segments.iter().any(|segment| matches!(*segment, "." | "..")) {
        return Err("leads out of the address");
    }
    Ok(format!("/{}", segments.join("/")))
}

/// Whether `authority` can be a host, perhaps with a port; if not, why.
fn check_authority(authority: &str) -> std::result::Result<(), &'static str> {
    let host = host_of(authority);
    if host.is_empty() {
        return Err("names no host");
    }
    let bad = |character: char| {
        character.is_whitespace() || character.is_control() || "\"<>\\^`{|}%".contains(character)
    };
    let bracketed = host.strip_prefix('[');
    let is_ipv6 = |rest: &str| {
        let inner = rest.strip_suffix(']');
        inner.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
    };
    if authority.contains(bad) || bracketed.is_some_and(|rest| !is_ipv6(rest)) {
        return Err("is not a web address");
    }
    match authority[host.len()..].strip_prefix(':') {
        Some(port) if port.parse::<u16>().is_err() => Err("has no valid port"),
        None if authority.len() > host.len() => Err("is not a web address"),
        _ => Ok(()),
    }
}

/// The host of an address, with its port where one is named and without what may be secret.
pub fn host(url: &str) -> &str {
    let authority = authority(url);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// The part of an address between the scheme and the path.
pub(super) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The host of an authority, without its port; IPv6 keeps its brackets.
pub(super) fn host_of(authority: &str) -> &str {
    if authority.starts_with('[') {
        authority.find(']').map_or(authority, |end| &authority[..=end])
    } else {
        authority.split(':').next().unwrap_or_default()
    }
}

pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// `text` with every byte but the unreserved ones of RFC 3986 as `%XX`.
pub(super) fn percent_encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(char::from(HEX[usize::from(byte >> 4)]));
            encoded.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    encoded
}

/// Returns the text behind `%XX`; what is no such thing stays.
pub(super) fn percent_decode(text: &str) -> String {
    let decoded = percent_decoded(text.as_bytes(), |_| true);
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(pasted: &str) -> Result<Address> {
        normalise_base(pasted, MODELS_PATH, true)
    }

    #[test]
    fn what_people_paste_becomes_a_base() {
        for (pasted, base) in [
            ("https://ai.alad.com", "https://ai.alad.com"),
            (" https://ai.alad.com/// ", "https://ai.alad.com"),
            ("HTTPS://AI.Alad.com/v1beta", "https://ai.alad.com"),
            ("https://ai.alad.com/v1/", "https://ai.alad.com"),
            ("https://ai.alad.com//v1beta//models/", "https://ai.alad.com"),
            ("ai.alad.com/v1beta/models", "https://ai.alad.com"),
            (
                "https://x.test/gw/v1beta/models/m:generateContent?alt=sse&key=sk-1",
                "https://x.test/gw",
            ),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("localhost:9", "http://localhost:9"),
            ("http://[::1]:80/v1", "http://[::1]:80"),
            ("https://x.test:8443", "https://x.test:8443"),
            // Only what ends a path is taken off.
            (
                "https://gateway.ai.cloudflare.com/v1/ACCOUNT/GATEWAY/google-ai-studio",
                "https://gateway.ai.cloudflare.com/v1/ACCOUNT/GATEWAY/google-ai-studio",
            ),
            (
                "https://gateway.ai.cloudflare.com/v1/A/G/google-ai-studio/v1beta/models/m:generateContent",
                "https://gateway.ai.cloudflare.com/v1/A/G/google-ai-studio",
            ),
            ("https://x.test/api/v1/gemini", "https://x.test/api/v1/gemini"),
            ("https://x.test/api/v1/gemini/v1", "https://x.test/api/v1/gemini"),
            ("https://x.test/v1/v1beta", "https://x.test/v1"),
            ("https://x.test/v1beta/proxy/", "https://x.test/v1beta/proxy"),
            ("https://x.test/V1", "https://x.test/V1"),
            (
                "https://x.test/a?redirect=https://y.test/v1",
                "https://x.test/a?***",
            ),
            ("x.test/a?redirect=https://y.test/v1", "https://x.test/a?***"),
            ("https://x.test/?token=abc#top", "https://x.test?***"),
            (
                "https://x.test/v1beta?alt=sse&key=sk-1&&%6bey=sk-1",
                "https://x.test",
            ),
        ] {
            let shown = normalise_base(pasted, MODELS_PATH, false).map(|address| address.to_string());
            assert_eq!(shown.as_deref(), Ok(base), "{pasted}");
        }
    }

    #[test]
    fn what_cannot_be_a_base_is_refused_with_a_next_step() {
        for pasted in [
            "",
            "https://",
            "ftp://x.test",
            "https://x.test:port",
            "https://a b",
            "http://x.test",
            "http://192.168.1.2:8317",
            "http://127.0.0.1.evil.test",
            "https://user:pass@x.test",
            "https://[::1",
            "https://[::1]x",
            "https://x.test/a b",
            "https://x.test/?token=pass@ word",
            "ftp://user:pass@x.test?token=pass@",
            "https://?token=pass@",
        ] {
            let error = normalise_base(pasted, MODELS_PATH, false).unwrap_err();
            assert_eq!(error.kind, Kind::Usage, "{pasted}");
            assert!(!error.hint.is_empty(), "{pasted}");
            assert!(!error.to_string().contains("pass@"), "{error}");
        }
    }

    #[test]
    fn plain_http_is_for_whoever_asks_for_it() {
        assert_eq!(
            plain("http://192.168.1.2:8317/v1beta").map(|address| address.base),
            Ok("http://192.168.1.2:8317".to_owned())
        );
        assert!(plain("ftp://192.168.1.2").is_err());
    }
}
