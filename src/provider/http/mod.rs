//! The way out: sends a body to an endpoint and hands on what comes back. The only room that names reqwest. It neither
//! retries nor reads meaning into an answer, and it never puts an address that holds a key into an error.

mod address;
mod client;
mod failure;
mod fetch;
mod listing;
mod proxy;
mod reach;
mod trust;
mod upload;
mod verifier;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use reqwest::header::{self, HeaderMap, HeaderValue};
use tokio::time::timeout;

use super::endpoint::{Auth, Endpoint};
use super::gemini::bounds;
use super::gemini::failure::Head;
use super::gemini::request::Body;
use super::network::Network;
use crate::domain::{Secret, beginning};
use crate::error::{Error, Kind, Result};
use client::Clients;
use reach::Rules;
use upload::Upload;

/// How long a server may be silent: a large picture takes minutes without a byte.
pub const IDLE_TIMEOUT: Duration = Duration::from_mins(5);

/// What is ready is handed on together, up to about this much.
const BATCH: usize = 256 * 1024;

/// No more is read of an answer that is an error.
const ERROR_BODY: usize = 1024 * 1024;

/// The client. A clone shares its connections' settings and costs nothing; what is slow to build is built when the
/// first request is sent.
#[derive(Clone, Debug)]
pub struct Http {
    clients: Arc<Clients>,
    idle: Duration,
    rules: Rules,
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl Http {
    pub fn new() -> Self {
        Self {
            clients: Arc::default(),
            idle: IDLE_TIMEOUT,
            rules: Rules::default(),
        }
    }

    /// A client that goes out this way; nothing of what another one has built is kept.
    #[must_use]
    pub fn through(self, network: Network) -> Self {
        Self {
            clients: Arc::new(Clients::new(network)),
            ..self
        }
    }

    /// The same client with another limit on silence.
    #[must_use]
    pub fn idle_timeout(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Sends `body` and waits for the answer's head, whatever its status; a redirect is an error, for its body would be
    /// lost on the way. Dropping the future, or the answer, drops the connection.
    pub async fn send(
        &self,
        endpoint: &Endpoint,
        key: Option<&Secret>,
        model: &str,
        stream: bool,
        body: Body,
    ) -> Result<Answer> {
        let host = endpoint.host().to_owned();
        upload::check(&body).await?;
        let client = self.clients.for_endpoint(endpoint).await?;
        let headers = headers(endpoint, key, stream, body.len())?;
        let upload = Upload::new(body);
        let progress = upload.progress();
        let request = client
            .post(endpoint.wire_url(model, stream, key).reveal())
            .headers(headers)
            .body(reqwest::Body::wrap_stream(upload.into_stream()));
        let mut sending = pin!(request.send());
        let response = loop {
            let sent = progress.sent();
            match timeout(self.idle, &mut sending).await {
                Ok(Ok(response)) => break response,
                Ok(Err(error)) => {
                    let peer = self.clients.peer_of_failed(endpoint, &error).await;
                    return Err(failure::sending(error, &peer, &progress));
                }
                Err(_) if progress.sent() > sent => {}
                Err(_) => return Err(failure::silent(&host, self.idle, sent > 0)),
            }
        };
        if let Some(refused) = self
            .clients
            .refused_by_proxy(endpoint, response.status().as_u16())
        {
            return Err(refused);
        }
        if response.status().is_redirection() {
            let location = text(response.headers(), &header::LOCATION);
            return Err(failure::redirect(
                &host,
                response.status().as_u16(),
                location.as_deref(),
            ));
        }
        tracing::debug!(
            host,
            status = response.status().as_u16(),
            version = ?response.version(),
            kind = text(response.headers(), header::CONTENT_TYPE),
            "a server answers"
        );
        Ok(Answer::new(response, host, self.idle))
    }
}

fn headers(endpoint: &Endpoint, key: Option<&Secret>, stream: bool, length: u64) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    let accept = if stream {
        "text/event-stream"
    } else {
        "application/json"
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    // Compression would gain little on base64 and invites gateways to hold events back; a compressed answer is
    // understood all the same.
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some((name, value)) = carrier(endpoint, key)? {
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The header that carries the key, where the provider takes it in one.
fn carrier(endpoint: &Endpoint, key: Option<&Secret>) -> Result<Option<(&'static str, HeaderValue)>> {
    let (name, value) = match (endpoint.auth, key) {
        (Auth::XGoogApiKey, Some(key)) => ("x-goog-api-key", key.reveal().to_owned()),
        (Auth::Bearer, Some(key)) => ("authorization", format!("Bearer {}", key.reveal())),
        _ => return Ok(None),
    };
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        Error::new(Kind::BadKey, "The key holds a character that no key can have")
            .hint("Set it again, without line breaks or quotes")
    })?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

/// A header's value as text, bytes that are not UTF-8 replaced.
fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// What a server answered: its head, and its body as it arrives.
#[derive(Debug)]
pub struct Answer {
    response: reqwest::Response,
    host: String,
    idle: Duration,
    /// What has arrived and was not yet handed on.
    ready: BytesMut,
    /// Whether any of the body has come.
    has_begun: bool,
    /// How the body ended, where that was learned together with its last bytes.
    end: Option<Result<()>>,
    /// How much may come, where that is limited, and how much of it is left.
    cap: Option<Cap>,
}

/// What a body may weigh.
#[derive(Clone, Copy, Debug)]
struct Cap {
    limit: u64,
    left: u64,
}

impl Answer {
    fn new(response: reqwest::Response, host: String, idle: Duration) -> Self {
        Self {
            response,
            host,
            idle,
            ready: BytesMut::new(),
            has_begun: false,
            end: None,
            cap: None,
        }
    }

    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    pub fn is_success(&self) -> bool {
        self.response.status().is_success()
    }

    pub fn content_type(&self) -> Option<String> {
        text(self.response.headers(), header::CONTENT_TYPE)
    }

    /// The name of the call in the provider's own logs.
    pub fn request_id(&self) -> Option<String> {
        let ids = [
            "x-oneapi-request-id",
            "x-request-id",
            "x-goog-request-id",
            "cf-ray",
        ];
        let id = ids.iter().find_map(|&name| text(self.response.headers(), name))?;
        Some(beginning(&id, bounds::LINE).to_owned())
    }

    /// The headers that say more about a failure.
    pub fn head(&self) -> Head {
        Head {
            request_id: self.request_id(),
            retry_after: text(self.response.headers(), header::RETRY_AFTER),
            date: text(self.response.headers(), header::DATE),
        }
    }

    /// The next bytes of the body, `None` at its end. It waits for the first of them only and takes along what else is
    /// ready. A future that is dropped while it waits loses nothing.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        while self.ready.is_empty() {
            if let Some(end) = self.end.clone() {
                return end.map(|()| None);
            }
            match timeout(self.idle, self.response.chunk()).await {
                Ok(chunk) => self.take(chunk),
                Err(_) => self.end = Some(Err(self.ended(failure::silent(&self.host, self.idle, true)))),
            }
        }
        // The connection is a task of its own and hands over one piece at a time: it needs a turn between two of them.
        let mut asked = false;
        while self.end.is_none() && self.ready.len() < BATCH {
            match self.response.chunk().now_or_never() {
                Some(chunk) => {
                    self.take(chunk);
                    asked = false;
                }
                None if asked => break,
                None => {
                    tokio::task::yield_now().await;
                    asked = true;
                }
            }
        }
        Ok(Some(self.ready.split().freeze()))
    }

    fn take(&mut self, chunk: reqwest::Result<Option<Bytes>>) {
        match chunk {
            Ok(Some(bytes)) => match self.spend(bytes.len() as u64) {
                Ok(()) => {
                    self.has_begun |= !bytes.is_empty();
                    self.ready.extend_from_slice(&bytes);
                }
                Err(error) => self.end = Some(Err(error)),
            },
            Ok(None) => self.end = Some(Ok(())),
            Err(error) => {
                let broken = failure::broken_off(error, &self.host, self.has_begun);
                self.end = Some(Err(self.ended(broken)));
            }
        }
    }

    /// The body of an answer that is an error, as far as it comes and up to 1 MiB: enough to say what went wrong.
    pub async fn error_body(&mut self) -> Vec<u8> {
        self.idle = self.idle.min(Duration::from_secs(30));
        let mut body = Vec::new();
        while body.len() < ERROR_BODY
            && let Ok(Some(bytes)) = self.next().await
        {
            body.extend_from_slice(&bytes);
        }
        body.truncate(ERROR_BODY);
        body
    }
}

#[cfg(test)]
mod tests;
