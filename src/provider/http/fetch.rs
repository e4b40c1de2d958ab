//! Fetches a picture that an answer only points at, once a user has said so. The address is a stranger's: nothing of the
//! user's goes along, it cannot lead to this machine or into its networks, and what comes is weighed as it comes.

use std::sync::Arc;

use reqwest::{Response, Url, header};
use tokio::time::timeout;

use super::answer::Cap;
use super::reach::{Guard, Reach, is_loopback};
use super::{Answer, Http, failure, text};
use crate::domain::{amount, clean_line};
use crate::error::{Billed, Error, Kind, Result};
use crate::provider::endpoint::Endpoint;

/// How often a server may point elsewhere.
const REDIRECTS: usize = 3;

impl Http {
    /// Asks for what is at `url` and hands it on as it arrives, up to `limit` bytes. Only a whole answer (2xx) is
    /// returned. `https` only, and out into the internet only, but for the host of the `provider` whose answer holds the
    /// link; without a key, a cookie or a referer.
    pub async fn fetch(&self, url: &str, limit: u64, provider: Option<&Endpoint>) -> Result<Answer> {
        let mut url = address(url)?;
        let mut reach = self.reach(&url, provider).await.map_err(unfit)?;
        for _ in 0..=REDIRECTS {
            let host = authority(&url);
            let response = self.get(url.clone(), &host, reach).await?;
            if !response.status().is_redirection() {
                return self.weighed(response, host, limit);
            }
            let target = text(response.headers(), header::LOCATION);
            let elsewhere = |why: &str| unfit(format!("{host} redirects elsewhere: {why}"));
            url = next(&url, &host, target.as_deref())?;
            reach = self.reach(&url, provider).await.map_err(|why| elsewhere(&why))?;
        }
        Err(unfit(format!(
            "{} redirects more than {REDIRECTS} times",
            authority(&url)
        )))
    }

    /// What this address may reach, where it may be followed at all; if not, why.
    async fn reach(&self, url: &Url, provider: Option<&Endpoint>) -> Result<Reach, String> {
        let reach = Reach::new(self.rules.clone(), url, provider, self.clients.proxy_hosts());
        reach.admit(url, &authority(url)).await?;
        Ok(reach)
    }

    async fn get(&self, url: Url, host: &str, reach: Reach) -> Result<Response> {
        let origin = Endpoint::demo(format!("{}://{host}", url.scheme()));
        let client = if is_loopback(url.host_str().unwrap_or_default()) {
            self.clients.for_endpoint(&origin).await?.clone()
        } else {
            self.clients.guarded(Guard(Arc::new(reach)))?
        };
        let request = client
            .get(url)
            .header(header::ACCEPT, "image/*,*/*;q=0.5")
            .header(header::ACCEPT_ENCODING, "identity");
        match timeout(self.idle, request.send()).await {
            Ok(Ok(response)) => match self.clients.refused_by_proxy(&origin, response.status().as_u16()) {
                Some(refused) => Err(refused),
                None => Ok(response),
            },
            Ok(Err(error)) if failure::is_private(&error) => Err(unfit(format!(
                "The link leads to {host}, which is this machine or in a private network"
            ))),
            Ok(Err(error)) => {
                let peer = self.clients.peer_of_failed(&origin, &error).await;
                Err(failure::asking(error, &peer))
            }
            Err(_) => Err(failure::silent_list(host, self.idle)),
        }
    }

    fn weighed(&self, response: Response, host: String, limit: u64) -> Result<Answer> {
        let status = response.status();
        if !status.is_success() {
            let message = format!(
                "{host} answered with HTTP {} instead of a picture",
                status.as_u16()
            );
            let mut error = Error::new(Kind::BadAnswer, message)
                .hint("Such links expire: ask for the picture again, or open the link in a browser");
            error.http_status = Some(status.as_u16());
            return Err(error);
        }
        let announced = text(response.headers(), header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.trim().parse::<u64>().ok());
        if let Some(length) = announced.filter(|length| *length > limit) {
            let what = format!("{host} wants to send {}", amount(length));
            return Err(too_large(&what, limit));
        }
        let cap = Cap { limit, left: limit };
        let mut answer = Answer::new(response, host, self.idle);
        answer.cap = Some(cap);
        Ok(answer)
    }
}

impl Answer {
    /// Counts what has come against the limit, if there is one.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<()> {
        let Some(cap) = &mut self.cap else { return Ok(()) };
        match cap.left.checked_sub(bytes) {
            Some(left) => {
                cap.left = left;
                Ok(())
            }
            None => Err(too_large(&format!("{} went on sending", self.host), cap.limit)),
        }
    }

    /// The error that ends the body: nobody is billed for a fetch, and it can be done again.
    pub(super) fn ended(&self, mut error: Error) -> Error {
        if self.cap.is_some() {
            error.billed = Billed::No;
            "Fetch it again, or open the link in a browser".clone_into(&mut error.hint);
        }
        error
    }
}

/// The address of a link, if it is one of the web's.
fn address(url: &str) -> Result<Url> {
    let url =
        Url::parse(url.trim()).map_err(|error| unfit(format!("The link is no web address: {error}")))?;
    if url.host_str().is_none_or(str::is_empty) {
        return Err(unfit("The link names no host".to_owned()));
    }
    let host = authority(&url);
    if !url.username().is_empty() || url.password().is_some() {
        return Err(unfit(format!(
            "The link to {host} holds a user name or a password"
        )));
    }
    match url.scheme() {
        "https" | "http" => Ok(url),
        scheme => Err(unfit(format!("The link is one of {scheme}, not https"))),
    }
}

/// Where a redirect leads.
fn next(from: &Url, host: &str, location: Option<&str>) -> Result<Url> {
    let nowhere = || unfit(format!("{host} redirects to no address"));
    let target = from
        .join(location.ok_or_else(nowhere)?.trim())
        .map_err(|_| nowhere())?;
    address(target.as_str()).map_err(|error| unfit(format!("{host} redirects elsewhere: {}", error.message)))
}

/// The host, with its port where one is named: all of an address that is ever shown.
fn authority(url: &Url) -> String {
    let host = clean_line(url.host_str().unwrap_or_default());
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host,
    }
}

fn unfit(message: String) -> Error {
    Error::new(Kind::WrongAddress, message).hint("It was not followed; open it in a browser if you trust it")
}

fn too_large(what: &str, limit: u64) -> Error {
    let message = format!("{what}, and no more than {} are fetched", amount(limit));
    Error::new(Kind::TooLarge, message).hint("Open the link in a browser if you trust it")
}
