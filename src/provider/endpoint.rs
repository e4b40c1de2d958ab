//! Where requests go, as data: the address, how a key is carried there, which variables hold that key. It opens no
//! connection and reads no environment.

pub use super::builtin::{Builtin, builtin, find, lookup};

use std::fmt;

use super::builtin::DEMO;
use crate::domain::{Secret, Secrets, percent_decoded};
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
    /// Scheme, host and perhaps a path, as [`normalise_base`] leaves it: no final slash, no final `/v1beta`, no query.
    pub base_url: String,
    /// The query of the base address, which goes along with every call. It may hold a token.
    pub query: Option<Secret>,
    /// The path of the models below the base address, such as `/v1beta/models`.
    pub models_path: String,
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

    /// The address of a call without any key, `***` in the place of the base address's query: this is what may be shown.
    pub fn display_url(&self, model: &str, stream: bool) -> String {
        let mut url = self.call(model, stream);
        if self.query.is_some() {
            append(&mut url, "***");
        }
        url
    }

    /// The address of a call as it goes on the wire. It may hold the key, hence the type.
    pub fn wire_url(&self, model: &str, stream: bool, key: Option<&Secret>) -> Secret {
        self.with_secrets(self.call(model, stream), key)
    }

    /// The address of a call without anything that may be secret.
    fn call(&self, model: &str, stream: bool) -> String {
        let model = percent_encode(model.strip_prefix("models/").unwrap_or(model));
        let action = if stream {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        format!("{}{}/{model}:{action}", self.base_url, self.models_path)
    }

    fn with_secrets(&self, mut url: String, key: Option<&Secret>) -> Secret {
        if let Some(query) = &self.query {
            append(&mut url, query.reveal());
        }
        if let (Auth::Query, Some(key)) = (self.auth, key) {
            append(&mut url, &format!("key={}", percent_encode(key.reveal())));
        }
        Secret::new(url)
    }

    /// The base address as it may be shown, `***` in the place of its query.
    pub fn display_base(&self) -> String {
        shown(&self.base_url, self.query.as_ref())
    }

    /// Everything that a server could repeat and nobody may see: the key, and what the query of the address holds.
    pub fn secrets(&self, key: Option<&Secret>) -> Secrets {
        let query = self.query.as_ref().map_or("", Secret::reveal);
        let pairs = query.split('&');
        let values = pairs.clone().filter_map(|pair| pair.split_once('='));
        let values = values.filter(|(name, value)| may_be_secret(name, value));
        let values = values.map(|(_, value)| value);
        let decoded = values.clone().map(percent_decode);
        let texts = std::iter::once(query)
            .chain(pairs)
            .chain(values)
            .map(str::to_owned);
        let secrets = texts.chain(decoded).map(Secret::new);
        Secrets::new(key.cloned().into_iter().chain(secrets))
    }

    /// The address of the list of models, of which `page` names the page to go on with. It may hold the key.
    pub fn list_url(&self, page: Option<&str>, key: Option<&Secret>) -> Secret {
        let mut url = format!("{}{}?pageSize=200", self.base_url, self.models_path);
        if let Some(page) = page {
            append(&mut url, &format!("pageToken={}", percent_encode(page)));
        }
        self.with_secrets(url, key)
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

fn shown(base: &str, query: Option<&Secret>) -> String {
    let mut shown = base.to_owned();
    if query.is_some() {
        append(&mut shown, "***");
    }
    shown
}

/// Returns whether a value of a query may be a secret by itself: one that is an ordinary word, as in `?region=europe`, would be
/// taken out of what a model writes.
fn may_be_secret(name: &str, value: &str) -> bool {
    const NAMES: [&str; 8] = ["key", "token", "secret", "auth", "pass", "sig", "code", "cred"];
    let name = name.to_ascii_lowercase();
    let is_a_word = value.len() < 16 && value.bytes().all(|byte| byte.is_ascii_alphabetic());
    !is_a_word || NAMES.iter().any(|part| name.contains(part))
}

/// Adds to the query of an address.
fn append(url: &mut String, text: &str) {
    url.push(if url.contains('?') { '&' } else { '?' });
    url.push_str(text);
}

/// Makes a base address out of what people paste: spaces, a missing scheme, final slashes, a final `/v1beta`, `/v1` or
/// `/v1beta/models/…`, the address of a whole call. Any other path stays, and so does a query but for what a call says
/// itself. `https` is required except on the loopback: a key would travel in the clear.
pub fn normalise_base(pasted: &str) -> Result<Address> {
    normalise(pasted, Rules::default())
}

/// As [`normalise_base`], where a user's own settings say that plain http will do.
pub fn normalise_base_plain(pasted: &str) -> Result<Address> {
    let rules = Rules {
        plain: true,
        ..Rules::default()
    };
    normalise(pasted, rules)
}

/// As [`normalise_base`], for a provider whose models are at this path below the address: the path is taken off where it
/// was pasted along, and a final version is kept where the path has none.
pub fn normalise_base_above(pasted: &str, models_path: &str, plain: bool) -> Result<Address> {
    let first = models_path.trim_start_matches('/');
    let has_version = first
        .strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()));
    let rules = Rules {
        plain,
        whole: !has_version,
    };
    let mut address = normalise(pasted, rules)?;
    if let Some(above) = address.base.strip_suffix(models_path) {
        address.base.truncate(above.len());
    }
    Ok(address)
}

/// The parts of a pasted address that may stay.
#[derive(Clone, Copy, Debug, Default)]
struct Rules {
    /// Plain http to another machine.
    plain: bool,
    /// Nothing is taken off the path.
    whole: bool,
}

fn normalise(pasted: &str, rules: Rules) -> Result<Address> {
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
    if scheme == "http" && !rules.plain && !is_loopback(host_of(&authority)) {
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
    let kept = if rules.whole {
        segments.len()
    } else {
        before_the_call(&segments)
    };
    for segment in &segments[..kept] {
        base.push('/');
        base.push_str(segment);
    }
    Ok(Address {
        base,
        query: own_query(query),
    })
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

/// Returns the text behind `%XX`; what is no such thing stays.
fn percent_decode(text: &str) -> String {
    let decoded = percent_decoded(text.as_bytes(), |_| true);
    String::from_utf8_lossy(&decoded).into_owned()
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
            let shown = normalise_base(pasted).map(|address| address.to_string());
            assert_eq!(shown.as_deref(), Ok(base), "{pasted}");
        }
    }

    #[test]
    fn a_query_goes_along_with_every_call_and_is_never_shown() {
        let address = normalise_base(
            "https://x.test/gw/v1beta/models/m:generateContent?alt=sse&token=ab%2Fcdef&key=k&b",
        )
        .unwrap();
        let endpoint = Endpoint {
            base_url: address.base.clone(),
            query: address.query.clone(),
            ..anyfast()
        };
        let key = Secret::new("sk-12345");
        assert_eq!(
            endpoint.wire_url("m", true, Some(&key)).reveal(),
            "https://x.test/gw/v1beta/models/m:streamGenerateContent?alt=sse&token=ab%2Fcdef&b&key=sk-12345"
        );
        assert_eq!(
            endpoint.wire_url("m", false, None).reveal(),
            "https://x.test/gw/v1beta/models/m:generateContent?token=ab%2Fcdef&b"
        );
        assert_eq!(
            endpoint.list_url(Some("2"), Some(&key)).reveal(),
            "https://x.test/gw/v1beta/models?pageSize=200&pageToken=2&token=ab%2Fcdef&b&key=sk-12345"
        );
        assert_eq!(
            endpoint.display_url("m", false),
            "https://x.test/gw/v1beta/models/m:generateContent?***"
        );
        assert_eq!(endpoint.display_base(), "https://x.test/gw?***");
        let printed = format!(
            "{endpoint:?} {address:?} {address} {}",
            endpoint.display_url("m", true)
        );
        assert!(!printed.contains("cdef"), "{printed}");
        let secrets = endpoint.secrets(Some(&key));
        assert_eq!(
            secrets.redact("at ?token=ab%2Fcdef&b: bad ab/cdef, ab%2Fcdef, key=sk-12345, token=ab%2Fcdef"),
            "at ?***: bad ***, ***, key=***, ***"
        );
    }

    #[test]
    fn an_ordinary_word_of_a_query_is_no_secret() {
        let address = normalise_base("https://x.test?region=europe&api-key=secrets&trace=a1b2c3").unwrap();
        let endpoint = Endpoint {
            query: address.query,
            ..anyfast()
        };
        assert_eq!(
            endpoint
                .secrets(None)
                .redact("Maps of europe, secrets and a1b2c3 by region=europe"),
            "Maps of europe, *** and *** by ***"
        );
    }

    #[test]
    fn models_may_be_elsewhere_below_the_address() {
        for (path, normal) in [
            ("/v1/publishers/google/models", Ok("/v1/publishers/google/models")),
            (
                " v1/publishers//google/models/ ",
                Ok("/v1/publishers/google/models"),
            ),
            ("/", Err("is empty")),
            ("/v1/../x", Err("leads out of the address")),
            ("/v1?x", Err("holds a character that no path has")),
            ("/v1 x", Err("holds a character that no path has")),
        ] {
            assert_eq!(normalise_path(path).as_deref(), normal.as_deref(), "{path}");
        }
        for (pasted, path, base) in [
            (
                "https://x.test/v1",
                "/v1/publishers/google/models",
                "https://x.test",
            ),
            (
                "https://x.test/v1/publishers/google/models",
                "/v1/publishers/google/models",
                "https://x.test",
            ),
            (
                "https://x.test/v1/",
                "/publishers/google/models",
                "https://x.test/v1",
            ),
            ("https://x.test/gw", "/models", "https://x.test/gw"),
        ] {
            let address = normalise_base_above(pasted, path, false).unwrap();
            assert_eq!(address.base, base, "{pasted} {path}");
        }
        let vertex = Endpoint {
            base_url: "https://aiplatform.googleapis.com".to_owned(),
            models_path: "/v1/publishers/google/models".to_owned(),
            auth: Auth::Bearer,
            ..anyfast()
        };
        assert_eq!(
            vertex
                .wire_url("gemini-3-pro-image", true, Some(&Secret::new("ya29.x")))
                .reveal(),
            "https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-3-pro-image:streamGenerateContent?alt=sse"
        );
        assert_eq!(
            vertex.list_url(None, None).reveal(),
            "https://aiplatform.googleapis.com/v1/publishers/google/models?pageSize=200"
        );
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
            let error = normalise_base(pasted).unwrap_err();
            assert_eq!(error.kind, Kind::Usage, "{pasted}");
            assert!(!error.hint.is_empty(), "{pasted}");
            assert!(!error.to_string().contains("pass@"), "{error}");
        }
    }

    #[test]
    fn plain_http_is_for_whoever_asks_for_it() {
        assert_eq!(
            normalise_base_plain("http://192.168.1.2:8317/v1beta").map(|address| address.base),
            Ok("http://192.168.1.2:8317".to_owned())
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
                normalise_base(&endpoint.base_url).map(|address| address.to_string()),
                Ok(provider.base_url.to_owned())
            );
            assert!(!endpoint.is_loopback());
            assert!(!endpoint.key_env.is_empty());
        }
    }
}
