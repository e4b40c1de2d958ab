//! The proxy that a call goes by, as reqwest will choose it, and the question why it refused: what carries out the call
//! drops the proxy's answer, so the proxy is asked once more.

use std::time::Duration;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::domain::clean_line;
use crate::provider::gemini::failure;
use crate::provider::network::{Proxies, ProxyAddress};

/// The time limit for the proxy to say it again.
const PATIENCE: Duration = Duration::from_secs(5);

/// No more of its answer is read.
const ANSWER_BYTES: u64 = 16 * 1024;

/// A proxy, and how it is spoken to.
#[derive(Clone, Debug)]
pub(super) struct Proxy {
    variable: &'static str,
    way: Intercept,
}

/// The answer of a proxy in place of a tunnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Status {
        status: u16,
        /// The title of its page, else the words beside the status.
        said: Option<String>,
    },
    NotHttp,
}

impl Proxy {
    /// The proxy for an address, by the rules of curl: the one for its scheme, else the one for all, unless its host is
    /// excepted.
    pub(super) fn of(proxies: &Proxies, url: &str) -> Option<Self> {
        let url: Uri = url.parse().ok()?;
        let special = match url.scheme_str()? {
            "https" => &proxies.https,
            _ => &proxies.http,
        };
        let except = proxies.except.as_deref().unwrap_or_default();
        let candidates = [special.as_ref(), proxies.all.as_ref()];
        candidates.into_iter().flatten().find_map(|address| {
            let ProxyAddress { variable, url: proxy } = address;
            let matcher = Matcher::builder().all(proxy.as_str()).no(except).build();
            let way = matcher.intercept(&url)?;
            Some(Self { variable, way })
        })
    }

    /// The variable that names it.
    pub(super) fn variable(&self) -> &'static str {
        self.variable
    }

    /// Its host and port, without the name and the password.
    pub(super) fn host(&self) -> &str {
        let authority = self.way.uri().authority();
        authority.map_or("", |authority| authority.as_str())
    }

    pub(super) fn scheme(&self) -> &str {
        self.way.uri().scheme_str().unwrap_or("http")
    }

    pub(super) fn has_password(&self) -> bool {
        self.way.basic_auth().is_some() || self.way.raw_auth().is_some()
    }

    /// Asks an HTTP proxy for a tunnel to `host` once more, to hear why there is none. Nothing is sent through it.
    pub(super) async fn ask_again(&self, host: &str) -> Option<Refusal> {
        if self.scheme() != "http" {
            return None;
        }
        let has_port = host.parse::<Uri>().is_ok_and(|host| host.port().is_some());
        let target = if has_port {
            host.to_owned()
        } else {
            format!("{host}:443")
        };
        let answer = timeout(PATIENCE, self.tunnel(&target)).await.ok()??;
        refusal(&answer)
    }

    async fn tunnel(&self, target: &str) -> Option<Vec<u8>> {
        let port = self.way.uri().port_u16().unwrap_or(80);
        let name = self.way.uri().host()?.trim_matches(['[', ']']);
        let mut stream = TcpStream::connect((name, port)).await.ok()?;
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
        if let Some(password) = self.way.basic_auth() {
            request.extend_from_slice(b"Proxy-Authorization: ");
            request.extend_from_slice(password.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        stream.write_all(&request).await.ok()?;
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        let mut rest = stream.take(ANSWER_BYTES);
        while !is_whole(&answer) {
            match rest.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(read) => answer.extend_from_slice(&piece[..read]),
            }
        }
        Some(answer)
    }
}

/// Returns whether an answer's head is there, and the title of its page where it has one.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = memchr::memmem::find(answer, b"\r\n\r\n") else {
        return !answer.is_empty() && !b"HTTP/".starts_with(&answer[..answer.len().min(5)]);
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    match length.and_then(|length| length.trim().parse::<usize>().ok()) {
        Some(length) => answer.len() >= end + 4 + length,
        None => !head.contains("text/html") || memchr::memmem::find(answer, b"</title>").is_some(),
    }
}

fn refusal(answer: &[u8]) -> Option<Refusal> {
    if answer.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(answer);
    let line = text.lines().next().unwrap_or_default();
    let mut words = line.splitn(3, ' ');
    let is_http = words.next().is_some_and(|version| version.starts_with("HTTP/"));
    let status = words.next().and_then(|status| status.parse().ok());
    let Some(status) = status.filter(|_| is_http) else {
        return Some(Refusal::NotHttp);
    };
    let said = failure::title(&text).or_else(|| words.next().map(str::to_owned));
    let said = said.map(|said| clean_line(&said).chars().take(200).collect::<String>());
    Some(Refusal::Status {
        status,
        said: said.filter(|said| !said.trim().is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(variable: &'static str, url: &str) -> ProxyAddress {
        ProxyAddress {
            variable,
            url: url.to_owned(),
        }
    }

    #[test]
    fn the_proxy_of_a_call_is_the_one_that_it_goes_by() {
        let proxies = Proxies {
            https: Some(address("HTTPS_PROXY", "http://me:hush@secure.test:3128")),
            http: None,
            all: Some(address("ALL_PROXY", "socks5h://any.test")),
            except: Some("direct.test,10.0.0.0/8".to_owned()),
        };
        let of = |url: &str| Proxy::of(&proxies, url).map(|proxy| (proxy.variable, proxy.host().to_owned()));
        let secure = Some(("HTTPS_PROXY", "secure.test:3128".to_owned()));
        assert_eq!(of("https://relay.test/base"), secure);
        assert_eq!(
            of("http://relay.test:8080"),
            Some(("ALL_PROXY", "any.test".to_owned()))
        );
        assert_eq!(of("https://api.direct.test"), None);
        assert_eq!(of("http://10.1.2.3"), None);
        let proxy = Proxy::of(&proxies, "https://relay.test").unwrap();
        assert!(proxy.has_password() && !format!("{proxy:?}").contains("hush"));
    }

    #[test]
    fn what_a_proxy_says_in_place_of_a_tunnel_is_read() {
        let status = |status, said: Option<&str>| {
            Some(Refusal::Status {
                status,
                said: said.map(str::to_owned),
            })
        };
        for (answer, refusal) in [
            (&b""[..], None),
            (b"\x05\xff", Some(Refusal::NotHttp)),
            (b"HTTP/1.1 403 Filtered by policy\r\n\r\n", status(403, Some("Filtered by policy"))),
            (b"HTTP/1.0 502\r\n\r\n", status(502, None)),
            (
                b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html\r\n\r\n<html><title>No \x1b[1mDNS</title>",
                status(503, Some("No \u{241b}[1mDNS")),
            ),
        ] {
            assert_eq!(super::refusal(answer), refusal, "{answer:?}");
        }
    }
}
