//! Where requests go, as data: the address, how a key is carried there, which variables hold that key. It opens no
//! connection and reads no environment.

pub use super::builtin::{Builtin, builtin, find, lookup};

use super::builtin::DEMO;
use crate::domain::Secret;
use crate::error::{Error, Kind, Result};

/// How a provider takes its key; it is sent that way only, so that it lands in as few logs as possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `?key=KEY`
    Query,
    /// `x-goog-api-key: KEY`
    XGoogApiKey,
    /// `Authorization: Bearer KEY`
    Bearer,
    /// No key at all: the demo.
    None,
}

impl Auth {
    /// The name that the settings use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::XGoogApiKey => "x-goog-api-key",
            Self::Bearer => "bearer",
            Self::None => "none",
        }
    }

    /// The way of that name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Query, Self::XGoogApiKey, Self::Bearer, Self::None];
        all.into_iter()
            .find(|auth| auth.as_str().eq_ignore_ascii_case(name.trim()))
    }
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The provider's name in the settings, such as `google`.
    pub name: String,
    /// Scheme, host and perhaps a path, as [`normalise_base`] leaves it: no final slash, no `/v1beta`.
    pub base_url: String,
    pub auth: Auth,
    /// Whether `:streamGenerateContent` may be asked for.
    pub stream: bool,
    /// The variables that may hold its key, the first one set wins.
    pub key_env: Vec<String>,
    /// What a user should know before the first call, one sentence; empty where there is nothing.
    pub hint: String,
}

impl Endpoint {
    /// The demo, which listens wherever it was started.
    pub fn demo(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            ..DEMO.endpoint()
        }
    }

    /// The address of a call without any key: this is what may be shown.
    pub fn display_url(&self, model: &str, stream: bool) -> String {
        let model = percent_encode(model.strip_prefix("models/").unwrap_or(model));
        let action = if stream {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        format!("{}/v1beta/models/{model}:{action}", self.base_url)
    }

    /// The address of a call as it goes on the wire. It may hold the key, hence the type.
    pub fn wire_url(&self, model: &str, stream: bool, key: Option<&Secret>) -> Secret {
        let mut url = self.display_url(model, stream);
        if let (Auth::Query, Some(key)) = (self.auth, key) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str("key=");
            url.push_str(&percent_encode(key.reveal()));
        }
        Secret::new(url)
    }

    /// The address of the list of models, of which `page` names the page to go on with. It may hold the key.
    pub fn list_url(&self, page: Option<&str>, key: Option<&Secret>) -> Secret {
        let mut url = format!("{}/v1beta/models?pageSize=200", self.base_url);
        if let Some(page) = page {
            url.push_str("&pageToken=");
            url.push_str(&percent_encode(page));
        }
        if let (Auth::Query, Some(key)) = (self.auth, key) {
            url.push_str("&key=");
            url.push_str(&percent_encode(key.reveal()));
        }
        Secret::new(url)
    }

    /// The host, with its port where one is named: what an error calls the other side.
    pub fn host(&self) -> &str {
        authority(&self.base_url)
    }

    /// Whether the address is this machine's own loopback.
    pub fn is_loopback(&self) -> bool {
        is_loopback(host_of(self.host()))
    }
}

/// Makes a base address out of what people paste: spaces, a missing scheme, final slashes, `/v1beta/models/…`, a query.
/// `https` is required except on the loopback: a key would travel in the clear.
pub fn normalise_base(pasted: &str) -> Result<String> {
    normalise(pasted, false)
}

/// As [`normalise_base`], where a user's own settings say that plain http will do.
pub fn normalise_base_plain(pasted: &str) -> Result<String> {
    normalise(pasted, true)
}

fn normalise(pasted: &str, plain: bool) -> Result<String> {
    let text = pasted.trim();
    let refuse = |why: &str| {
        Error::new(Kind::Usage, format!("\u{201c}{text}\u{201d} {why}"))
            .hint("Give an address such as https://www.anyfast.ai")
    };
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None if is_loopback(host_of(text.split(['/', '?', '#']).next().unwrap_or_default())) => {
            ("http".to_owned(), text)
        }
        None => ("https".to_owned(), text),
    };
    if scheme != "https" && scheme != "http" {
        return Err(refuse("is not a web address"));
    }
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
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
    if scheme == "http" && !plain && !is_loopback(host_of(&authority)) {
        return Err(
            Error::new(Kind::Usage, format!("{authority} is addressed by plain http"))
                .hint("Use https: over http the key would travel in the clear"),
        );
    }
    let mut base = format!("{scheme}://{authority}");
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        if matches!(segment, "v1beta" | "v1") {
            break;
        }
        base.push('/');
        base.push_str(segment);
    }
    Ok(base)
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
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// The host of an authority, without its port; IPv6 keeps its brackets.
fn host_of(authority: &str) -> &str {
    if authority.starts_with('[') {
        authority.find(']').map_or(authority, |end| &authority[..=end])
    } else {
        authority.split(':').next().unwrap_or_default()
    }
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// `text` with every byte but the unreserved ones of RFC 3986 as `%XX`.
fn percent_encode(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn anyfast() -> Endpoint {
        find("anyfast").unwrap().endpoint()
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
        ] {
            assert_eq!(normalise_base(pasted).as_deref(), Ok(base), "{pasted}");
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
        ] {
            let error = normalise_base(pasted).unwrap_err();
            assert_eq!(error.kind, Kind::Usage, "{pasted}");
            assert!(!error.hint.is_empty(), "{pasted}");
            assert!(!error.to_string().contains("pass@"), "{error}");
        }
    }

    #[test]
    fn plain_http_is_for_whoever_asks_for_it() {
        assert_eq!(
            normalise_base_plain("http://192.168.1.2:8317/v1beta").as_deref(),
            Ok("http://192.168.1.2:8317")
        );
        assert!(normalise_base_plain("ftp://192.168.1.2").is_err());
    }

    #[test]
    fn addresses_are_spelled_as_each_provider_documents_them() {
        let key = Secret::new("sk-a/b+c&d");
        assert_eq!(
            anyfast().wire_url("models/gemini-x", true, Some(&key)).reveal(),
            "https://www.anyfast.ai/v1beta/models/gemini-x:streamGenerateContent?alt=sse&key=sk-a%2Fb%2Bc%26d"
        );
        assert_eq!(
            anyfast().wire_url("a/b ü", false, Some(&key)).reveal(),
            "https://www.anyfast.ai/v1beta/models/a%2Fb%20%C3%BC:generateContent?key=sk-a%2Fb%2Bc%26d"
        );
        assert_eq!(
            anyfast().list_url(Some("a/b"), Some(&key)).reveal(),
            "https://www.anyfast.ai/v1beta/models?pageSize=200&pageToken=a%2Fb&key=sk-a%2Fb%2Bc%26d"
        );
        for name in ["google", "tokaify", "demo"] {
            let url = find(name).unwrap().endpoint().list_url(None, Some(&key));
            assert!(!url.reveal().contains("key="), "{name}");
            let url = find(name).unwrap().endpoint().wire_url("m", true, Some(&key));
            assert!(!url.reveal().contains("key="), "{name}");
        }
    }

    #[test]
    fn the_address_that_is_shown_holds_no_key() {
        let key = Secret::new("sk-1234");
        let endpoint = anyfast();
        assert!(!endpoint.display_url("m", true).contains("key="));
        let url = endpoint.wire_url("m", true, Some(&key));
        assert!(!format!("{url} {url:?} {endpoint:?}").contains("sk-1234"));
    }

    #[test]
    fn every_builtin_address_is_already_normal_and_only_the_demo_is_on_the_loopback() {
        for provider in builtin() {
            let endpoint = provider.endpoint();
            if provider.name == "demo" {
                let demo = Endpoint::demo("http://127.0.0.1:4321");
                assert!(demo.is_loopback());
                assert_eq!(demo.host(), "127.0.0.1:4321");
                continue;
            }
            assert_eq!(
                normalise_base(&endpoint.base_url).as_deref(),
                Ok(provider.base_url)
            );
            assert!(!endpoint.is_loopback());
            assert!(!endpoint.key_env.is_empty());
        }
    }
}
