//! The clients, each built when it is first needed: for the loopback, plain or not, and for everything else.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::CryptoProvider};
use tokio::sync::OnceCell;

use crate::error::{Error, Kind, Result};
use crate::provider::endpoint::Endpoint;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Clients {
    loopback: OnceCell<Client>,
    loopback_tls: OnceCell<Client>,
    elsewhere: OnceCell<Client>,
}

impl Clients {
    pub(super) async fn for_endpoint(&self, endpoint: &Endpoint) -> Result<&Client> {
        // No proxy has any business between this machine and itself, nor any certificate where nothing is encrypted.
        let local = async || finish(builder().no_proxy(), RootCertStore::empty());
        let local_tls = async || trusting(builder().no_proxy());
        let elsewhere = async || trusting(builder());
        match (endpoint.is_loopback(), endpoint.base_url.starts_with("http://")) {
            (true, true) => self.loopback.get_or_try_init(local).await,
            (true, false) => self.loopback_tls.get_or_try_init(local_tls).await,
            (false, _) => self.elsewhere.get_or_try_init(elsewhere).await,
        }
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("tintype/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_keepalive(CONNECT_TIMEOUT)
        // A kept connection may turn out dead only after the body went into it, and then nobody knows whether the
        // call is billed. A new one costs a fraction of a second beside a call of many.
        .pool_max_idle_per_host(0)
}

/// A client that trusts what the machine trusts or, where it has no certificates at all, the roots in the program.
fn trusting(builder: ClientBuilder) -> Result<Client> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    match rustls_platform_verifier::Verifier::new(Arc::clone(&provider)) {
        Ok(verifier) => {
            let config = config(provider)?
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth();
            build(builder, config)
        }
        Err(_) => finish(builder, bundled_roots()),
    }
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
}
