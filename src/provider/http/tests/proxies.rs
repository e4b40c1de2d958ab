//! Proxies that do not do their work: what is told of them, and that the provider is not blamed.

use super::*;
use crate::provider::network::{Network, Proxies, ProxyAddress};

/// A proxy that gives every connection the same answer to what it says first, and hangs up.
async fn refusing(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut said = [0; 4096];
            let _said = stream.read(&mut said).await;
            let _gone = stream.write_all(answer).await;
        }
    });
    address
}

fn by(variable: &'static str, url: String) -> Http {
    let address = Some(ProxyAddress { variable, url });
    let mut proxies = Proxies::default();
    match variable {
        "HTTPS_PROXY" => proxies.https = address,
        "HTTP_PROXY" => proxies.http = address,
        _ => proxies.all = address,
    }
    Http::new().through(Network {
        proxies,
        ..Network::default()
    })
}

/// The error of a call to this address by that proxy; it is free, and holds no password.
async fn failed(base: &str, variable: &'static str, proxy: String) -> Error {
    let endpoint = Endpoint::demo(base);
    let error = ask(&by(variable, proxy.clone()), &endpoint).await.unwrap_err();
    assert_eq!(
        (error.kind, error.billed),
        (Kind::Unreachable, Billed::No),
        "{error}"
    );
    let shown = format!("{error} {} {error:?}", error.hint);
    assert!(!shown.contains("hush"), "{shown}");
    let listed = by(variable, proxy)
        .list_models(&endpoint, None)
        .await
        .unwrap_err();
    assert_eq!((&listed.message, &listed.hint), (&error.message, &error.hint));
    error
}

const SAFE: Retry = Retry::Safe { after_seconds: None };

#[tokio::test]
async fn a_proxy_that_wants_a_password_is_told_where_it_goes() {
    let asked = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
    let address = refusing(asked).await;
    for (base, variable) in [
        ("https://relay.test", "HTTPS_PROXY"),
        ("http://relay.test", "HTTP_PROXY"),
    ] {
        let error = failed(base, variable, format!("http://{address}")).await;
        assert_eq!(
            error.message,
            format!("The proxy {address} ({variable}) wants a name and a password")
        );
        let way = format!("Give them in {variable}, as http://NAME:PASSWORD@{address}");
        assert!(error.hint.starts_with(&way), "{}", error.hint);
        assert_eq!(error.retry, Retry::Never);
        let error = failed(base, variable, format!("http://me:hush@{address}")).await;
        let message = format!(
            "The proxy {address} ({variable}) does not accept the name and the password in {variable}"
        );
        assert_eq!(error.message, message);
        assert!(error.hint.contains("%40"), "{}", error.hint);
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_with_what_it_says() {
    for (answer, message, said, retry) in [
        (
            &b"HTTP/1.1 403 Filtered\r\ncontent-length: 0\r\n\r\n"[..],
            "refused to connect to relay.test (HTTP 403)",
            Some("Filtered"),
            Retry::Never,
        ),
        (
            b"HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n<title>No way out</title>",
            "refused, for it cannot connect to relay.test itself (HTTP 502)",
            Some("No way out"),
            SAFE,
        ),
        (
            b"HTTP/1.1 501 Unsupported method\r\ncontent-length: 0\r\n\r\n",
            "does not answer as such a proxy does (HTTP 501)",
            Some("Unsupported method"),
            Retry::Never,
        ),
        (b"", "hung up instead of connecting to relay.test", None, SAFE),
        (
            b"\x05\xff",
            "does not answer as such a proxy does",
            None,
            Retry::Never,
        ),
    ] {
        let address = refusing(answer).await;
        let error = failed("https://relay.test", "HTTPS_PROXY", address.to_string()).await;
        assert_eq!(
            error.message,
            format!("The proxy {address} (HTTPS_PROXY) {message}")
        );
        assert_eq!(error.server.as_deref(), said);
        assert_eq!(error.retry, retry, "{error}");
        assert!(!error.hint.is_empty());
    }
}

#[tokio::test]
async fn a_socks_proxy_that_refuses_is_named_with_what_it_says() {
    for (answer, message) in [
        (&b"\x05\xff"[..], "wants a name and a password"),
        (
            b"\x05\x00\x05\x02\x00\x01\0\0\0\0\0\0",
            "refused to connect to relay.test",
        ),
        (
            b"\x05\x00\x05\x04\x00\x01\0\0\0\0\0\0",
            "refused, for it cannot connect to relay.test itself",
        ),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            "does not answer as such a proxy does",
        ),
    ] {
        let address = refusing(answer).await;
        let error = failed("https://relay.test", "ALL_PROXY", format!("socks5h://{address}")).await;
        assert_eq!(
            error.message,
            format!("The proxy {address} (ALL_PROXY) {message}")
        );
    }
}

#[tokio::test]
async fn a_proxy_that_nobody_runs_is_what_cannot_be_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    for (base, scheme) in [
        ("https://relay.test", "http"),
        ("http://relay.test", "http"),
        ("https://relay.test", "https"),
    ] {
        let error = failed(base, "ALL_PROXY", format!("{scheme}://me:hush@{address}")).await;
        assert_eq!(
            error.message,
            format!("Cannot reach the proxy {address} (ALL_PROXY): connection refused")
        );
        assert!(error.hint.contains("ALL_PROXY"), "{}", error.hint);
        assert_eq!(error.retry, SAFE);
    }
    let error = failed("https://relay.test", "ALL_PROXY", format!("socks5h://{address}")).await;
    assert_eq!(
        error.message,
        format!("The proxy {address} (ALL_PROXY) cannot be reached")
    );
    // One that is addressed by https and speaks plain http.
    let plain = refusing(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let error = failed("https://relay.test", "ALL_PROXY", format!("https://{plain}")).await;
    let start = format!("Cannot reach the proxy {plain} (ALL_PROXY): no secure connection");
    assert!(error.message.starts_with(&start), "{error}");
}
