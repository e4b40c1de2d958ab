//! The way out: sends a body to an endpoint and hands on what comes back. The only room that names reqwest. It neither
//! retries nor reads meaning into an answer, and it never puts an address that holds a key into an error.

mod address;
mod answer;
mod client;
mod encoding;
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

use reqwest::header::{self, HeaderMap, HeaderValue};
use tokio::time::timeout;

use super::endpoint::{Auth, Endpoint};
use super::gemini::request::Body;
use super::network::Network;
use crate::domain::Secret;
use crate::error::{Error, Kind, Result};
use client::Clients;
use reach::Rules;
use upload::Upload;

pub use answer::Answer;

/// How long a server may be silent: a large picture takes minutes without a byte.
pub const IDLE_TIMEOUT: Duration = Duration::from_mins(5);

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

#[cfg(test)]
mod tests;
