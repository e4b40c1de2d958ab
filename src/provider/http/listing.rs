//! Asks a provider for its list of models: free everywhere, and good for trying a key.

use std::collections::HashSet;

use super::{Answer, Http, carrier, failure, text};
use crate::domain::{Secret, Secrets};
use crate::error::{Error, Kind, Result};
use crate::provider::endpoint::Endpoint;
use crate::provider::gemini::failure::classify;
use crate::provider::gemini::listing::{self, Page};
use reqwest::header;

/// Nobody has more models than fit into these.
const PAGES: usize = 5;

/// A page is a few hundred kilobytes at most.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

impl Http {
    /// The models that a provider lists, in its order. Nothing is billed for it.
    pub async fn list_models(&self, endpoint: &Endpoint, key: Option<&Secret>) -> Result<Vec<String>> {
        let mut models: Vec<String> = Vec::new();
        let mut known = HashSet::new();
        let mut next: Option<String> = None;
        for _ in 0..PAGES {
            let page = self.page(endpoint, key, next.as_deref()).await;
            let page = page.map_err(|error| without(error, &endpoint.secrets(key)))?;
            for model in page.models {
                if known.insert(model.clone()) {
                    models.push(model);
                }
            }
            if page.next.is_none() || page.next == next {
                break;
            }
            next = page.next;
        }
        Ok(models)
    }

    async fn page(&self, endpoint: &Endpoint, key: Option<&Secret>, next: Option<&str>) -> Result<Page> {
        let host = endpoint.host();
        let client = self.clients.for_endpoint(endpoint).await?;
        let mut request = client
            .get(endpoint.list_url(next, key).reveal())
            .header(header::ACCEPT, "application/json");
        if let Some((name, value)) = carrier(endpoint, key)? {
            request = request.header(name, value);
        }
        let response = match tokio::time::timeout(self.idle, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => {
                let peer = self.clients.peer_of_failed(endpoint, &error).await;
                return Err(failure::asking(error, &peer));
            }
            Err(_) => return Err(failure::silent_list(host, self.idle)),
        };
        let status = response.status();
        if let Some(refused) = self.clients.refused_by_proxy(endpoint, status.as_u16()) {
            return Err(refused);
        }
        if status.is_redirection() {
            let location = text(response.headers(), header::LOCATION);
            return Err(failure::redirect(host, status.as_u16(), location.as_deref()));
        }
        let mut answer = Answer::new(response, host.to_owned(), self.idle);
        if !status.is_success() {
            let body = answer.error_body().await;
            // Before it is cut to sentences.
            let body = endpoint.secrets(key).redact_bytes(&body).into_owned();
            return Err(refused(classify(status.as_u16(), &answer.head(), &body), host));
        }
        let mut body = Vec::new();
        while let Some(bytes) = answer.next().await.map_err(free)? {
            body.extend_from_slice(&bytes);
            if body.len() > PAGE_BYTES {
                break;
            }
        }
        let secrets = endpoint.secrets(key);
        let body = secrets.redact_bytes(&body);
        listing::page(&body).ok_or_else(|| no_list(&answer, host, &body))
    }
}

/// An answer of status 200 that is no list: a web page, an error in disguise, or something else altogether.
fn no_list(answer: &Answer, host: &str, body: &[u8]) -> Error {
    let error = free(classify(answer.status(), &answer.head(), body));
    if matches!(error.kind, Kind::WrongAddress | Kind::BadKey | Kind::Permission) {
        return error;
    }
    let mut error = Error::new(
        Kind::BadAnswer,
        format!("{host} did not answer with a list of models"),
    )
    .hint("Check the base address; a relay without a list may still answer requests");
    error.http_status = Some(answer.status());
    error
}

/// A path that is not there says nothing about a model when the list was asked for.
fn refused(error: Error, host: &str) -> Error {
    if error.kind != Kind::ModelNotFound && error.http_status != Some(404) {
        return free(error);
    }
    Error {
        kind: Kind::WrongAddress,
        message: format!("{host} has no list of models at this address"),
        hint: "Check the base address; a relay without a list may still answer requests".to_owned(),
        ..free(error)
    }
}

/// The same error of a call that costs nothing.
fn free(mut error: Error) -> Error {
    error.billed = crate::error::Billed::No;
    error
}

/// Some servers repeat the key, or the whole address, in what they say.
fn without(mut error: Error, secrets: &Secrets) -> Error {
    let told = [&mut error.server, &mut error.request_id, &mut error.body];
    for text in told
        .into_iter()
        .flatten()
        .chain([&mut error.message, &mut error.hint])
    {
        *text = secrets.redact(text);
    }
    error
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests start servers")]

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::provider::network::{Network, Proxies, ProxyAddress};

    const LIST: &str = "HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n{\"models\":[{\"name\":\"m\"}]}";

    /// A proxy for one connection: each of its answers follows on something that it was told. Gives what it was told.
    async fn proxy(answers: Vec<&'static [u8]>) -> (String, tokio::task::JoinHandle<Vec<Vec<u8>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let played = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut told = Vec::new();
            for answer in answers {
                let mut bytes = vec![0; 4096];
                let read = stream.read(&mut bytes).await.unwrap();
                bytes.truncate(read);
                told.push(bytes);
                stream.write_all(answer).await.unwrap();
            }
            told
        });
        (address, played)
    }

    fn by(url: String, except: Option<&str>) -> Http {
        Http::new().through(Network {
            proxies: Proxies {
                all: Some(ProxyAddress {
                    variable: "ALL_PROXY",
                    url,
                }),
                except: except.map(str::to_owned),
                ..Proxies::default()
            },
            ..Network::default()
        })
    }

    fn at(base: &str) -> Endpoint {
        Endpoint {
            base_url: base.to_owned(),
            ..Endpoint::demo("")
        }
    }

    #[tokio::test]
    async fn proxies_of_both_kinds_are_gone_through() {
        let (address, played) = proxy(vec![LIST.as_bytes()]).await;
        let models = by(address, None)
            .list_models(&at("http://relay.test"), None)
            .await;
        assert_eq!(models.unwrap(), ["m"]);
        let told = String::from_utf8(played.await.unwrap().remove(0)).unwrap();
        assert!(
            told.starts_with("GET http://relay.test/v1beta/models?pageSize=200 "),
            "{told}"
        );

        let (address, played) = proxy(vec![
            b"\x05\x00",
            b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00",
            LIST.as_bytes(),
        ])
        .await;
        let http = by(format!("socks5h://{address}"), None);
        let models = http.list_models(&at("http://relay.test"), None).await;
        assert_eq!(models.unwrap(), ["m"]);
        let told = played.await.unwrap();
        // The name goes to the proxy unresolved.
        assert!(told[1].windows(10).any(|part| part == b"relay.test"));
        assert!(told[2].starts_with(b"GET /v1beta/models?pageSize=200 "));
    }

    #[tokio::test]
    async fn a_secure_address_is_reached_through_a_tunnel_and_the_loopback_by_no_proxy_at_all() {
        let (address, played) = proxy(vec![b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"]).await;
        let http = by(format!("http://{address}"), None);
        let error = http
            .list_models(&at("https://relay.test"), None)
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Unreachable);
        let told = String::from_utf8(played.await.unwrap().remove(0)).unwrap();
        assert!(told.starts_with("CONNECT relay.test:443 "), "{told}");

        let (server, _played) = proxy(vec![LIST.as_bytes()]).await;
        let http = by("http://127.0.0.1:1".to_owned(), Some("other.test"));
        let models = http.list_models(&at(&format!("http://{server}")), None).await;
        assert_eq!(models.unwrap(), ["m"]);
        let error = http
            .list_models(&at("http://relay.test"), None)
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Unreachable);
    }
}
