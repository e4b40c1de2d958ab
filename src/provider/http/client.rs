//! The clients, each built when it is first needed: for the loopback, plain or not, and for everything else.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, NoProxy, Url, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};
use tokio::sync::OnceCell;

use super::failure::{self, Peer};
use super::proxy::Proxy;
use super::reach::Guard;
use super::trust;
use crate::error::{Error, Kind, Result};
use crate::provider::endpoint::Endpoint;
use crate::provider::network::{Network, Proxies, ProxyAddress, Trust};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// The time limit for a server to show which of http and https it speaks.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Clients {
    network: Network,
    loopback: OnceCell<Client>,
    loopback_tls: OnceCell<Client>,
    elsewhere: OnceCell<Client>,
}

impl Clients {
    pub(super) fn new(network: Network) -> Self {
        Self {
            network,
            ..Self::default()
        }
    }

    pub(super) async fn for_endpoint(&self, endpoint: &Endpoint) -> Result<&Client> {
        // No proxy has any business between this machine and itself, nor any certificate where nothing is encrypted.
        let Network { proxies, trust } = &self.network;
        let local = async || finish(builder(), RootCertStore::empty());
        let local_tls = async || trusting(builder(), trust);
        let elsewhere = async || trusting(through(builder(), proxies)?, trust);
        match (endpoint.is_loopback(), endpoint.base_url.starts_with("http://")) {
            (true, true) => self.loopback.get_or_try_init(local).await,
            (true, false) => self.loopback_tls.get_or_try_init(local_tls).await,
            (false, _) => self.elsewhere.get_or_try_init(elsewhere).await,
        }
    }

    /// A client that connects to no address but those that the guard lets through.
    pub(super) fn guarded(&self, guard: Guard) -> Result<Client> {
        let Network { proxies, trust } = &self.network;
        trusting(through(builder().dns_resolver(guard), proxies)?, trust)
    }

    /// Returns the facts that an error of a call to this endpoint is told with.
    pub(super) fn peer<'a>(&'a self, endpoint: &'a Endpoint) -> Peer<'a> {
        let Network { proxies, trust } = &self.network;
        let proxy = || Proxy::of(proxies, &endpoint.base_url);
        let is_local = endpoint.is_loopback();
        Peer {
            host: endpoint.host(),
            is_plain: endpoint.base_url.starts_with("http://"),
            is_local,
            proxy: (!is_local).then(proxy).flatten(),
            refusal: None,
            speaks_other: false,
            trust,
        }
    }

    /// The same for an error that has come: a proxy that gave no tunnel is asked why, and a server that gave no answer
    /// whether it speaks the other one of http and https.
    pub(super) async fn peer_of_failed<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        error: &reqwest::Error,
    ) -> Peer<'a> {
        let mut peer = self.peer(endpoint);
        if let Some(proxy) = peer.proxy.as_ref().filter(|_| failure::wants_reason(error)) {
            peer.refusal = proxy.ask_again(peer.host).await;
        }
        if failure::may_be_other_scheme(error, peer.is_plain) {
            peer.speaks_other = self.speaks_other(endpoint).await;
        }
        peer
    }

    /// Returns whether the server speaks https where it was called by http, or the reverse. It is asked for its front page
    /// without a key; what it answers does not matter.
    async fn speaks_other(&self, endpoint: &Endpoint) -> bool {
        let host = endpoint.host();
        let has_plain = endpoint.base_url.starts_with("http://");
        let scheme = if has_plain { "https" } else { "http" };
        let other = Endpoint::demo(format!("{scheme}://{host}"));
        let Ok(client) = self.for_endpoint(&other).await else {
            return false;
        };
        let asked = client.head(&other.base_url).timeout(PATIENCE).send().await;
        match asked {
            Ok(_) => true,
            Err(error) => has_plain && !error.is_timeout() && failure::is_about_tls(&error),
        }
    }

    /// The error that a status stands for which only a proxy gives.
    pub(super) fn refused_by_proxy(&self, endpoint: &Endpoint, status: u16) -> Option<Error> {
        if status != 407 {
            return None;
        }
        let proxy = self.peer(endpoint).proxy?;
        Some(failure::unauthorized(&proxy))
    }

    /// The hosts of the proxies.
    pub(super) fn proxy_hosts(&self) -> Vec<String> {
        let Proxies { https, http, all, .. } = &self.network.proxies;
        let host = |proxy: &ProxyAddress| {
            let has_scheme = proxy.url.contains("://");
            let url = if has_scheme {
                Url::parse(&proxy.url)
            } else {
                Url::parse(&format!("http://{}", proxy.url))
            };
            url.ok()?.host_str().map(str::to_owned)
        };
        [https, http, all]
            .into_iter()
            .flatten()
            .filter_map(host)
            .collect()
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        // The environment is read elsewhere; what it says of proxies comes along as data.
        .no_proxy()
        .user_agent(concat!("tintype/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_keepalive(CONNECT_TIMEOUT)
        // A kept connection may turn out dead only after the body went into it, and then nobody knows whether the
        // call is billed. A new one costs a fraction of a second beside a call of many.
        .pool_max_idle_per_host(0)
}

/// How reqwest makes a proxy of an address.
type MakeProxy = fn(&str) -> reqwest::Result<reqwest::Proxy>;

/// The same by way of the proxies, the special ones first.
fn through(builder: ClientBuilder, proxies: &Proxies) -> Result<ClientBuilder> {
    let except = || proxies.except.as_deref().and_then(NoProxy::from_string);
    let kinds: [(_, MakeProxy); 3] = [
        (&proxies.https, |url| reqwest::Proxy::https(url)),
        (&proxies.http, |url| reqwest::Proxy::http(url)),
        (&proxies.all, |url| reqwest::Proxy::all(url)),
    ];
    let mut builder = builder;
    for (address, proxy) in kinds {
        let Some(ProxyAddress { variable, url }) = address else {
            continue;
        };
        let scheme = url
            .split_once("://")
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
        let refuse = || {
            Error::new(Kind::Usage, format!("{variable} is not the address of a proxy"))
                .hint("Give an address such as http://proxy.example:3128 or socks5h://127.0.0.1:1080")
        };
        if scheme.is_some_and(|scheme| !known.contains(&scheme.as_str())) {
            return Err(refuse());
        }
        let proxy = proxy(url).map_err(|_| refuse())?;
        builder = builder.proxy(proxy.no_proxy(except()));
    }
    Ok(builder)
}

/// A client that trusts what somebody named, else what the machine trusts or, where it has no certificates at all, the
/// roots in the program.
fn trusting(builder: ClientBuilder, trust: &Trust) -> Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let Some(verifier) = trust::verifier(trust, Arc::clone(&provider))? else {
        return finish(builder, bundled_roots());
    };
    let config = config(provider)?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    build(builder, config)
}

fn bundled_roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

fn finish(builder: ClientBuilder, roots: RootCertStore) -> Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = config(provider)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    build(builder, config)
}

/// The provider of the cryptography is handed over here: a library must not install one for the whole process.
fn config(
    provider: Arc<CryptoProvider>,
) -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>> {
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(&error))
}

fn build(builder: ClientBuilder, mut config: ClientConfig) -> Result<Client> {
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let client = builder.tls_backend_preconfigured(config).build();
    client.map_err(|error| unusable(&error.without_url()))
}

fn unusable(error: &dyn std::error::Error) -> Error {
    Error::new(
        Kind::Internal,
        format!("The HTTP client cannot be set up: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_in_the_program_are_enough_for_a_client() {
        assert!(bundled_roots().len() > 50);
        assert!(finish(builder(), bundled_roots()).is_ok());
    }

    #[test]
    fn a_proxy_that_is_none_is_refused_without_its_password() {
        let proxies = |url: &str| Proxies {
            https: Some(ProxyAddress {
                variable: "HTTPS_PROXY",
                url: url.to_owned(),
            }),
            ..Proxies::default()
        };
        for good in [
            "proxy.example:3128",
            "http://me:pw@proxy.example:3128",
            "socks5://127.0.0.1:1080",
            "SOCKS5H://127.0.0.1",
        ] {
            assert!(through(builder(), &proxies(good)).is_ok(), "{good}");
        }
        for bad in ["ftp://me:hush@proxy", "http://me:hush@:bad:/", "http://"] {
            let error = through(builder(), &proxies(bad)).unwrap_err();
            assert_eq!(error.kind, Kind::Usage, "{bad}");
            assert!(error.message.starts_with("HTTPS_PROXY") && !error.message.contains("hush"));
        }
        assert!(!format!("{:?}", proxies("http://me:hush@proxy")).contains("hush"));
    }
}
