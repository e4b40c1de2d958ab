//! Asks a provider for its list of models: free everywhere, and good for trying a key.

use super::{Answer, Http, carrier, failure, text};
use crate::domain::Secret;
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
        let mut next: Option<String> = None;
        for _ in 0..PAGES {
            let page = self.page(endpoint, key, next.as_deref()).await;
            let page = page.map_err(|error| without(error, key))?;
            for model in page.models {
                if !models.contains(&model) {
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
            Ok(sent) => sent.map_err(|error| failure::asking(error, host))?,
            Err(_) => return Err(failure::silent_list(host, self.idle)),
        };
        let status = response.status();
        if status.is_redirection() {
            let location = text(response.headers(), header::LOCATION);
            return Err(failure::redirect(host, status.as_u16(), location.as_deref()));
        }
        let mut answer = Answer::new(response, host.to_owned(), self.idle);
        if !status.is_success() {
            let body = answer.error_body().await;
            return Err(refused(classify(status.as_u16(), &answer.head(), &body), host));
        }
        let mut body = Vec::new();
        while let Some(bytes) = answer.next().await.map_err(free)? {
            body.extend_from_slice(&bytes);
            if body.len() > PAGE_BYTES {
                break;
            }
        }
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

/// Some servers repeat the key in what they say.
fn without(mut error: Error, key: Option<&Secret>) -> Error {
    let Some(key) = key else { return error };
    let told = [&mut error.server, &mut error.request_id, &mut error.body];
    for text in told
        .into_iter()
        .flatten()
        .chain([&mut error.message, &mut error.hint])
    {
        *text = key.redact(text);
    }
    error
}
