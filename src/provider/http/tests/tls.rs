//! Secure connections: whose certificates are accepted, and what is told of those that are not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::provider::network::{Network, Trust};

/// The PEM file of this name. Their keys secure nothing.
pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/tls")
        .join(name)
}

/// Returns the configuration of a server that shows this certificate.
pub(super) fn server_config(certificate: &str, protocols: &[&str]) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = CertificateDer::pem_file_iter(fixture(certificate)).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("key.pem")).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let chain: Vec<_> = chain.map(Result::unwrap).collect();
    // One that does not check whether they belong together, for rustls reads no certificate of version 1.
    let certified = rustls::sign::CertifiedKey::new(chain, key);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certified)));
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// A server with this certificate that lists one model to whoever completes the handshake.
fn listing(certificate: &str) -> u16 {
    let config = server_config(certificate, &[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            let list = b"HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n{\"models\":[{\"name\":\"m\"}]}";
            let _gone = stream.write_all(list).and_then(|()| stream.flush());
        }
    });
    port
}

fn trusting(trust: Trust) -> Http {
    Http::new().through(Network {
        trust,
        ..Network::default()
    })
}

fn file(name: &str) -> Trust {
    Trust {
        file: Some(fixture(name)),
        folders: Vec::new(),
    }
}

async fn list(certificate: &str, host: &str, trust: Trust) -> Result<Vec<String>> {
    let port = listing(certificate);
    let endpoint = Endpoint::demo(format!("https://{host}:{port}"));
    trusting(trust).list_models(&endpoint, None).await
}

#[tokio::test]
async fn a_certificate_that_the_user_names_is_accepted_whatever_kind_it_is() {
    for (shown, host, trusted) in [
        // An authority's own, which signed itself, as `openssl req -x509` makes it.
        ("own.pem", "localhost", "own.pem"),
        ("own.pem", "127.0.0.1", "own.pem"),
        // The same without an alternative name.
        ("unnamed.pem", "localhost", "unnamed.pem"),
        // One from an authority that the user trusts, and one that is trusted without its authority.
        ("leaf.pem", "localhost", "ca.pem"),
        ("leaf.pem", "localhost", "leaf.pem"),
    ] {
        let models = list(shown, host, file(trusted)).await;
        assert_eq!(models.as_deref(), Ok(&["m".to_owned()][..]), "{shown} as {host}");
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture("own.pem"), folder.path().join("any name")).unwrap();
    let folders = Trust {
        file: None,
        folders: vec![folder.path().to_owned()],
    };
    assert!(list("own.pem", "localhost", folders).await.is_ok());
}

/// Returns the message and the hint about a certificate that is not accepted.
async fn refusal(shown: &str, host: &str, trust: Trust) -> (String, String) {
    let error = list(shown, host, trust).await.unwrap_err();
    assert_eq!(
        (error.kind, error.retry),
        (Kind::Unreachable, Retry::Never),
        "{error}"
    );
    let why = error
        .message
        .split_once("no secure connection, ")
        .expect("it is about TLS")
        .1;
    (why.to_owned(), error.hint)
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_names_the_way_to_trust_it() {
    for shown in ["own.pem", "leaf.pem", "unnamed.pem"] {
        let (why, hint) = refusal(shown, "localhost", Trust::default()).await;
        assert!(why.ends_with("this machine trusts"), "{why}");
        assert!(hint.contains("SSL_CERT_FILE"), "{hint}");
        let (why, hint) = refusal(shown, "localhost", file("other.pem")).await;
        assert!(why.ends_with("SSL_CERT_FILE names"), "{why}");
        assert!(hint.contains("other.pem"), "{hint}");
    }
}

#[tokio::test]
async fn trust_does_not_replace_the_dates_and_the_name() {
    for trust in ["expired.pem", "ca.pem"] {
        let (why, hint) = refusal("expired.pem", "localhost", file(trust)).await;
        assert!(
            why.starts_with("its certificate expired on 2021-03-02; this machine's clock says 20"),
            "{why}"
        );
        assert!(hint.contains("clock") && hint.contains("renew"), "{hint}");
    }
    let (why, hint) = refusal("future.pem", "localhost", file("future.pem")).await;
    assert!(
        why.starts_with("its certificate is valid from 2100-01-01 on;"),
        "{why}"
    );
    assert!(hint.contains("clock"), "{hint}");
    let (why, hint) = refusal("other.pem", "localhost", file("other.pem")).await;
    assert_eq!(
        why,
        "its certificate is for relay.test and www.relay.test, not for localhost"
    );
    assert!(hint.contains("relay.test"), "{hint}");
    let (why, _) = refusal("unnamed.pem", "127.0.0.1", file("unnamed.pem")).await;
    assert_eq!(why, "its certificate names no host, not for 127.0.0.1");
    let (why, _) = refusal("client.pem", "localhost", file("ca.pem")).await;
    assert_eq!(why, "its certificate is not made for servers");
    let (why, hint) = refusal("v1.pem", "localhost", file("v1.pem")).await;
    assert_eq!(why, "its certificate is of X.509 version 1");
    assert!(hint.contains("subjectAltName=DNS:localhost"), "{hint}");
}

#[tokio::test]
async fn a_server_that_hangs_up_in_the_handshake_is_told_so() {
    let (address, _server) = serve(async move |mut stream| {
        let mut hello = [0; 1024];
        let _hello = stream.read(&mut hello).await.unwrap();
    })
    .await;
    let endpoint = Endpoint::demo(format!("https://{address}"));
    let error = Http::new().list_models(&endpoint, None).await.unwrap_err();
    assert_eq!(
        error.message,
        format!("Cannot reach {address}: no secure connection, it hung up during the TLS handshake")
    );
}

#[tokio::test]
async fn http_on_a_port_of_https_is_named_and_so_is_the_reverse() {
    let port = listing("own.pem");
    let endpoint = Endpoint::demo(format!("http://127.0.0.1:{port}"));
    for trust in [Trust::default(), file("own.pem")] {
        let error = ask(&trusting(trust.clone()), &endpoint).await.unwrap_err();
        assert_eq!(
            (error.kind, error.billed, error.retry),
            (Kind::WrongAddress, Billed::No, Retry::Never),
            "{error}"
        );
        assert_eq!(
            error.message,
            format!("127.0.0.1:{port} speaks https on this port, and its address says http")
        );
        assert_eq!(
            error.hint,
            format!("Give the address as https://127.0.0.1:{port}")
        );
        let listed = trusting(trust).list_models(&endpoint, None).await.unwrap_err();
        assert_eq!(listed.message, error.message);
    }

    // One that began to answer in HTTP is not asked again.
    let (address, server) = answering("HTTP/1.1 x").await;
    let error = ask(&Http::new(), &at("anyfast", address)).await.unwrap_err();
    assert_eq!((error.kind, error.billed), (Kind::Cut, Billed::Maybe), "{error}");
    server.await.unwrap();

    // A server of plain http that hangs up on what it does not understand, and one that says so.
    for refusal in [
        &b""[..],
        b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut said = [0; 2048];
                let read = stream.read(&mut said).unwrap_or(0);
                let answer = if said[..read].starts_with(b"HEAD ") {
                    &b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"[..]
                } else {
                    refusal
                };
                let _gone = stream.write_all(answer);
            }
        });
        let endpoint = Endpoint::demo(format!("https://{address}"));
        let error = ask(&Http::new(), &endpoint).await.unwrap_err();
        assert_eq!(
            (error.kind, error.billed),
            (Kind::WrongAddress, Billed::No),
            "{error}"
        );
        assert_eq!(
            error.message,
            format!("{address} speaks plain http on this port, and its address says https")
        );
        assert_eq!(error.hint, format!("Give the address as http://{address}"));
    }
}
