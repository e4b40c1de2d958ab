//! Links: what is fetched, up to where, and where they may lead.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt;

use super::*;
use crate::provider::http::reach::Rules;
use crate::provider::network::{Proxies, ProxyAddress};

/// A server that answers one request after the other and tells what it was asked.
async fn serving(answers: Vec<Vec<u8>>) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut heads = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            while memchr::memmem::find(&bytes, b"\r\n\r\n").is_none() {
                let mut piece = [0; 4096];
                let read = stream.read(&mut piece).await.unwrap();
                assert_ne!(read, 0, "the request broke off");
                bytes.extend_from_slice(&piece[..read]);
            }
            heads.push(String::from_utf8(bytes).unwrap().to_lowercase());
            // The client may have had enough before all of it is out.
            let _had_enough = stream.write_all(&answer).await;
            let _gone = stream.shutdown().await;
        }
        heads
    });
    (address, server)
}

fn picture_of(length: usize) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
    answer.extend(noise(length));
    answer
}

async fn whole(mut answer: Answer) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(piece) = answer.next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Fetches a link of a provider that lives where it leads.
async fn fetch(url: &str, limit: u64) -> Result<Answer> {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let provider = Endpoint::demo(&url[..end]);
    Http::new().fetch(url, limit, Some(&provider)).await
}

#[tokio::test]
async fn a_link_is_fetched_up_to_the_limit_and_nothing_of_the_user_s_goes_along() {
    let (address, server) = serving(vec![picture_of(300_000)]).await;
    let url = format!("http://{address}/out/a.png?sig=secret");
    let answer = fetch(&url, 300_000).await.unwrap();
    assert_eq!(whole(answer).await.unwrap(), noise(300_000));
    let heads = server.await.unwrap();
    assert!(
        heads[0].starts_with("get /out/a.png?sig=secret http/1.1\r\n"),
        "{}",
        heads[0]
    );
    for word in ["cookie", "referer", "authorization", "key"] {
        assert!(!heads[0].contains(word), "{}", heads[0]);
    }
}

#[tokio::test]
async fn what_is_larger_than_the_limit_is_refused_as_early_as_it_can_be() {
    let (address, _server) = serving(vec![picture_of(20_001)]).await;
    let error = fetch(&format!("http://{address}/?sig=secret"), 20_000)
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::TooLarge);
    assert_eq!(
        error.message,
        format!("{address} wants to send 20 KB, and no more than 20 KB are fetched")
    );
    shows_no_key(&error);

    // Nobody said how much it would be.
    let mut endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    endless.extend(noise(2_000_000));
    let (address, _server) = serving(vec![endless]).await;
    let answer = fetch(&format!("http://{address}/"), 1_000_000).await.unwrap();
    let error = whole(answer).await.unwrap_err();
    assert_eq!((error.kind, error.billed), (Kind::TooLarge, Billed::No));
    assert!(
        error
            .message
            .ends_with("went on sending, and no more than 1 MB are fetched"),
        "{error}"
    );
}

#[tokio::test]
async fn a_few_redirects_are_followed() {
    let to = |path: &str| {
        format!("HTTP/1.1 302 Found\r\nlocation: {path}\r\ncontent-length: 0\r\n\r\n").into_bytes()
    };
    let (address, server) = serving(vec![to("/b"), to("c"), to("/d?sig=secret"), picture_of(9)]).await;
    let url = format!("http://{address}/a");
    let answer = fetch(&url, 10).await.unwrap();
    assert_eq!(whole(answer).await.unwrap(), noise(9));
    assert!(server.await.unwrap()[3].starts_with("get /d?sig=secret "));

    let (address, _server) = serving(vec![to("/"); 4]).await;
    let url = format!("http://{address}/a?sig=secret");
    let error = fetch(&url, 10).await.unwrap_err();
    assert_eq!(error.kind, Kind::WrongAddress);
    assert_eq!(error.message, format!("{address} redirects more than 3 times"));

    for (target, says) in [
        ("http://cdn.example.com/x?sig=secret", "is plain http, not https"),
        ("ftp://cdn.example.com/x", "is one of ftp, not https"),
        (
            "https://user:secret@cdn.example.com/",
            "a user name or a password",
        ),
    ] {
        let (address, _server) = serving(vec![to(target)]).await;
        let url = format!("http://{address}/");
        let error = fetch(&url, 10).await.unwrap_err();
        assert!(error.message.contains(says), "{error}");
        shows_no_key(&error);
    }
}

#[tokio::test]
async fn a_link_that_cannot_be_fetched_is_said_without_its_query() {
    for (url, says) in [
        (
            "http://cdn.example.com/x?sig=secret",
            "The link to cdn.example.com is plain http",
        ),
        ("data:image/png;base64,secret", "names no host"),
        ("nonsense?secret", "is no web address"),
        (
            "https://me:secret@cdn.example.com/",
            "holds a user name or a password",
        ),
    ] {
        let error = Http::new().fetch(url, 10, None).await.unwrap_err();
        assert_eq!(error.kind, Kind::WrongAddress);
        assert!(error.message.contains(says), "{error}");
        assert!(error.hint.contains("not followed"));
        shows_no_key(&error);
    }
    let gone = b"HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\n\r\nsecret".to_vec();
    let (address, _server) = serving(vec![gone]).await;
    let url = format!("http://{address}/x?sig=secret");
    let error = fetch(&url, 10).await.unwrap_err();
    assert_eq!((error.kind, error.http_status), (Kind::BadAnswer, Some(404)));
    shows_no_key(&error);

    // It broke off: fetching is free, and can be done again.
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1234".to_vec();
    let (address, _server) = serving(vec![cut]).await;
    let answer = fetch(&format!("http://{address}/"), 10).await.unwrap();
    let error = whole(answer).await.unwrap_err();
    assert_eq!((error.kind, error.billed), (Kind::Cut, Billed::No));
}

/// A server that must not be called.
struct Untouched(TcpListener);

impl Untouched {
    async fn at(address: &str) -> (Self, SocketAddr) {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        (Self(listener), address)
    }

    async fn assert(&self) {
        // Whoever had connected would be waiting by now.
        let called = self.0.accept().now_or_never();
        assert!(called.is_none(), "it was called");
        tokio::task::yield_now().await;
        assert!(self.0.accept().now_or_never().is_none(), "it was called");
    }
}

/// Rules of a network in which 127.0.0.1 is a host of the internet and every other address is not, and names are what
/// `lookup` says. Plain http will do, for no certificate is at hand.
fn rules(lookup: impl Fn(&str) -> Vec<&'static str> + Send + Sync + 'static) -> Rules {
    let lookup = move |name: String| -> futures_util::future::BoxFuture<'static, _> {
        let found = lookup(&name).into_iter().map(|address| address.parse().unwrap());
        let found: Vec<IpAddr> = found.collect();
        Box::pin(async move { Ok(found) })
    };
    Rules {
        lookup: Arc::new(lookup),
        is_public: |address| address == IpAddr::from([127, 0, 0, 1]),
        plain: true,
    }
}

fn with(rules: Rules) -> Http {
    Http { rules, ..Http::new() }
}

fn redirect(target: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n").into_bytes()
}

fn assert_private(error: &Error, of: &str) {
    assert_eq!(error.kind, Kind::WrongAddress, "{of}: {error}");
    assert!(
        error.message.contains("is this machine or in a private network"),
        "{of}: {error}"
    );
    assert!(error.hint.contains("not followed"), "{of}");
    shows_no_key(error);
}

#[tokio::test]
async fn no_spelling_of_an_address_leads_to_this_machine_or_its_networks() {
    let (server, address) = Untouched::at("127.0.0.1").await;
    let port = address.port();
    let google = endpoint::find("google").unwrap().endpoint();
    // Another service on the machine of the provider is none of the provider's.
    let neighbour = Endpoint::demo(format!("http://127.0.0.1:{}", port ^ 1));
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "0x7f000001",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[fd00::1]",
        "[fe80::1]",
        "[ff02::1]",
        "printer.local",
        "nas",
        "metadata.google.internal",
    ] {
        for (scheme, provider) in [
            ("https", None),
            ("http", Some(&google)),
            ("https", Some(&neighbour)),
        ] {
            let url = format!("{scheme}://{host}:{port}/x?sig=secret");
            let error = Http::new().fetch(&url, 10, provider).await.unwrap_err();
            assert_private(&error, &url);
        }
    }
    server.assert().await;
}

#[tokio::test]
async fn a_name_leads_nowhere_that_its_address_may_not() {
    let (server, address) = Untouched::at("127.0.0.2").await;
    let port = address.port();
    let names = |name: &str| match name {
        "one.example.com" => vec!["127.0.0.2"],
        "several.example.com" => vec!["10.0.0.1", "::1", "127.0.0.2"],
        _ => Vec::new(),
    };
    for name in ["one.example.com", "several.example.com", "one.example.com."] {
        let names = move |name: &str| names(name.trim_end_matches('.'));
        let url = format!("http://{name}:{port}/x?sig=secret");
        let error = with(rules(names)).fetch(&url, 10, None).await.unwrap_err();
        assert_private(&error, name);
    }
    server.assert().await;
    let error = with(rules(names))
        .fetch("http://none.example.com/", 10, None)
        .await
        .unwrap_err();
    assert_eq!(error.kind, Kind::Unreachable);
    assert!(error.message.contains("no such host"), "{error}");
}

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_that_is_connected_to() {
    let (private, _) = Untouched::at("127.0.0.2").await;
    let (address, served) = serving(vec![picture_of(9)]).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    // A name that changes its mind between two questions, and one with a private address beside a public one.
    let names = move |_: &str| match count.fetch_add(1, Ordering::Relaxed) {
        0 => vec!["127.0.0.2", "127.0.0.1"],
        _ => vec!["127.0.0.2"],
    };
    let url = format!("http://cdn.example.com:{}/", address.port());
    let answer = with(rules(names)).fetch(&url, 10, None).await.unwrap();
    assert_eq!(whole(answer).await.unwrap(), noise(9));
    assert!(served.await.unwrap()[0].contains("host: cdn.example.com"));
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    private.assert().await;
}

#[tokio::test]
async fn a_redirect_leads_nowhere_that_a_link_may_not() {
    let names = |name: &str| match name {
        "cdn.example.com" => vec!["127.0.0.1"],
        _ => vec!["127.0.0.2"],
    };
    let (server, inside) = Untouched::at("127.0.0.2").await;
    let google = endpoint::find("google").unwrap().endpoint();
    for target in [
        format!("http://{inside}/"),
        format!("http://inside.example.com:{}/", inside.port()),
        format!("//inside.example.com:{}/", inside.port()),
        format!("http://localhost:{}/", inside.port()),
        "http://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        // Straight, and after another hop.
        for first in [
            vec![redirect(&target)],
            vec![redirect("/again"), redirect(&target)],
        ] {
            let (address, _served) = serving(first).await;
            let url = format!("http://cdn.example.com:{}/?sig=secret", address.port());
            let error = with(rules(names))
                .fetch(&url, 10, Some(&google))
                .await
                .unwrap_err();
            assert_private(&error, &target);
        }
    }
    server.assert().await;
}

#[tokio::test]
async fn a_link_may_lead_to_where_its_provider_lives() {
    let names = |name: &str| match name {
        "cdn.example.com" => vec!["127.0.0.1"],
        _ => vec!["10.0.0.1", "127.0.0.2"],
    };
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut calls = 0;
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let _read = stream.read(&mut head).await.unwrap();
            stream.write_all(&picture_of(9)).await.unwrap();
            calls += 1;
            if calls == 6 {
                return;
            }
        }
    });
    for (provider, link) in [
        ("127.0.0.2", "127.0.0.2"),
        // Spellings of one host.
        ("relay.lan", "RELAY.lan."),
        ("relay.lan", "127.0.0.2"),
        ("127.0.0.2", "relay.example.com"),
    ] {
        let provider = Endpoint::demo(format!("http://{provider}:{port}"));
        let link = format!("http://{link}:{port}/");
        let answer = with(rules(names)).fetch(&link, 10, Some(&provider)).await;
        assert_eq!(whole(answer.expect(&link)).await.unwrap(), noise(9), "{link}");
        let (address, _served) = serving(vec![redirect(&link)]).await;
        let url = format!("http://cdn.example.com:{}/", address.port());
        if link.contains("127.0.0.2") {
            let answer = with(rules(names)).fetch(&url, 10, Some(&provider)).await;
            assert_eq!(
                whole(answer.expect(&link)).await.unwrap(),
                noise(9),
                "by way of {url}"
            );
        }
    }
    server.await.unwrap();
    // The loopback has many addresses and names.
    let (address, _served) = serving(vec![picture_of(9)]).await;
    let provider = Endpoint::demo(format!("http://localhost:{}", address.port()));
    let url = format!("http://127.0.0.1:{}/", address.port());
    let answer = Http::new().fetch(&url, 10, Some(&provider)).await.unwrap();
    assert_eq!(whole(answer).await.unwrap(), noise(9));
}

#[tokio::test]
async fn a_proxy_is_asked_for_no_private_host_and_may_be_private_itself() {
    let (address, served) = serving(vec![picture_of(9)]).await;
    let port = address.port();
    let network = |host: &str| Network {
        proxies: Proxies {
            http: Some(ProxyAddress {
                variable: "HTTP_PROXY",
                url: format!("http://{host}:{port}"),
            }),
            ..Proxies::default()
        },
        ..Network::default()
    };
    let names = |name: &str| match name {
        "proxy.corp" => vec!["127.0.0.1"],
        name => panic!("{name} is the proxy's to resolve"),
    };
    let rules = Rules {
        is_public: |_| false,
        ..rules(names)
    };
    for url in [
        "http://10.0.0.1/x",
        "http://127.0.0.1/x",
        "http://printer.local/x",
        "http://nas/x",
        "http://proxy.corp/x",
    ] {
        let http = with(rules.clone()).through(network("proxy.corp"));
        let error = http.fetch(url, 10, None).await.unwrap_err();
        assert_private(&error, url);
    }
    let http = with(rules).through(network("proxy.corp"));
    let answer = http.fetch("http://cdn.example.com/x", 10, None).await.unwrap();
    assert_eq!(whole(answer).await.unwrap(), noise(9));
    let heads = served.await.unwrap();
    assert!(
        heads[0].starts_with("get http://cdn.example.com/x http/1.1"),
        "{}",
        heads[0]
    );
}

#[tokio::test]
async fn a_socks_proxy_that_leaves_names_to_us_is_given_no_private_address() {
    let (server, address) = Untouched::at("127.0.0.1").await;
    let network = Network {
        proxies: Proxies {
            all: Some(ProxyAddress {
                variable: "ALL_PROXY",
                url: format!("socks5://{address}"),
            }),
            ..Proxies::default()
        },
        ..Network::default()
    };
    let http = with(rules(|_| vec!["127.0.0.2"])).through(network);
    let url = "http://one.example.com/x?sig=secret";
    assert_private(&http.fetch(url, 10, None).await.unwrap_err(), url);
    server.assert().await;
}
