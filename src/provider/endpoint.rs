//! Where requests go, as data: the address, how a key is carried there, which variables hold that key. It opens no
//! connection and reads no environment.

pub use super::builtin::{Builtin, builtin, find, lookup};

use super::base_address::{append, authority, host_of, is_loopback, percent_decode, percent_encode, shown};
use super::builtin::DEMO;
use crate::domain::{Secret, Secrets};

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
    /// Scheme, host and perhaps a path, as [`normalise_base`](super::base_address::normalise_base) leaves it: no final slash, no final `/v1beta`, no query.
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

/// Returns whether a value of a query may be a secret by itself: one that is an ordinary word, as in `?region=europe`, would be
/// taken out of what a model writes.
fn may_be_secret(name: &str, value: &str) -> bool {
    const NAMES: [&str; 8] = ["key", "token", "secret", "auth", "pass", "sig", "code", "cred"];
    let name = name.to_ascii_lowercase();
    let is_a_word = value.len() < 16 && value.bytes().all(|byte| byte.is_ascii_alphabetic());
    !is_a_word || NAMES.iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::base_address::{MODELS_PATH, normalise_base, normalise_path};

    fn anyfast() -> Endpoint {
        find("anyfast").unwrap().endpoint()
    }

    #[test]
    fn a_query_goes_along_with_every_call_and_is_never_shown() {
        let address = normalise_base(
            "https://x.test/gw/v1beta/models/m:generateContent?alt=sse&token=ab%2Fcdef&key=k&b",
            MODELS_PATH,
            false,
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
        let address = normalise_base(
            "https://x.test?region=europe&api-key=secrets&trace=a1b2c3",
            MODELS_PATH,
            false,
        )
        .unwrap();
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
            let address = normalise_base(pasted, path, false).unwrap();
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
                normalise_base(&endpoint.base_url, MODELS_PATH, false).map(|address| address.to_string()),
                Ok(provider.base_url.to_owned())
            );
            assert!(!endpoint.is_loopback());
            assert!(!endpoint.key_env.is_empty());
        }
    }
}
