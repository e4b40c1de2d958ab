//! The answer to a call: its head, and its body in batches, unpacked where the server packed it. It reads no meaning into
//! either.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use reqwest::header;
use tokio::time::timeout;

use super::encoding::{self, Label, Unpacker};
use super::{failure, text};
use crate::domain::beginning;
use crate::error::Result;
use crate::provider::gemini::bounds;
use crate::provider::gemini::failure::Head;

/// The size up to which ready bytes are handed on together, about.
pub(super) const BATCH: usize = 256 * 1024;

/// No more is read of an answer that is an error.
const ERROR_BODY: usize = 1024 * 1024;

/// The answer of a server: its head, and its body as it arrives, unpacked where the server packed it.
#[derive(Debug)]
pub struct Answer {
    response: reqwest::Response,
    pub(super) host: String,
    idle: Duration,
    packing: Packing,
    /// The bytes that have arrived and were not yet handed on.
    ready: BytesMut,
    /// True if any of the body has come.
    has_begun: bool,
    /// The end of the connection, once it is known.
    closed: Option<Result<()>>,
    /// The end of the body, once all before that is in `ready`.
    end: Option<Result<()>>,
    /// The limit of the body, where there is one.
    pub(super) cap: Option<Cap>,
}

/// The encoding of a body.
#[derive(Debug)]
enum Packing {
    /// Nothing of it has come yet; these are its labels.
    Unseen(Vec<Label>),
    None,
    Packed(Box<Unpacker>),
}

/// The largest body that is read, and the bytes of it that are left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cap {
    pub(super) limit: u64,
    pub(super) left: u64,
}

impl Answer {
    pub(super) fn new(response: reqwest::Response, host: String, idle: Duration) -> Self {
        let labels = encoding::labels(response.headers());
        Self {
            response,
            host,
            idle,
            packing: Packing::Unseen(labels),
            ready: BytesMut::new(),
            has_begun: false,
            closed: None,
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
        self.unpack();
        while self.ready.is_empty() {
            if let Some(end) = self.end.clone() {
                return end.map(|()| None);
            }
            match timeout(self.idle, self.response.chunk()).await {
                Ok(chunk) => self.take(chunk),
                Err(_) => self.close(Err(self.ended(failure::silent(&self.host, self.idle, true)))),
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
            Ok(Some(bytes)) => self.push(&bytes),
            Ok(None) => self.close(Ok(())),
            Err(error) => {
                let broken = failure::broken_off(error, &self.host, self.has_begun);
                self.close(Err(self.ended(broken)));
            }
        }
    }

    fn push(&mut self, bytes: &Bytes) {
        let Some(&first) = bytes.first() else { return };
        self.has_begun = true;
        if let Packing::Unseen(labels) = &mut self.packing {
            let labels = std::mem::take(labels);
            self.packing = if labels.is_empty() && !encoding::may_be_packed(first) {
                Packing::None
            } else {
                Packing::Packed(Box::new(Unpacker::new(labels)))
            };
        }
        if let Packing::Packed(unpacker) = &mut self.packing {
            unpacker.push(bytes);
            self.unpack();
        } else {
            match self.spend(bytes.len() as u64) {
                Ok(()) => self.ready.extend_from_slice(bytes),
                Err(error) => self.end = Some(Err(error)),
            }
        }
    }

    fn close(&mut self, closed: Result<()>) {
        if matches!(self.packing, Packing::Packed(_)) {
            self.closed = Some(closed);
            self.unpack();
        } else {
            self.end = Some(closed);
        }
    }

    /// Unpacks until a batch is ready or all that came is unpacked.
    fn unpack(&mut self) {
        let Packing::Packed(unpacker) = &mut self.packing else {
            return;
        };
        if self.end.is_some() {
            return;
        }
        let before = self.ready.len();
        let mut done = unpacker.pull(&mut self.ready, BATCH, self.closed.is_some());
        let is_drained = self.ready.len() < BATCH;
        if let (Ok(()), true, Some(Ok(()))) = (&done, is_drained, &self.closed) {
            done = unpacker.finish();
        }
        let more = (self.ready.len() - before) as u64;
        if let Err(error) = self.spend(more) {
            self.ready.truncate(before);
            self.end = Some(Err(error));
        } else if let Err(fault) = done {
            self.end = Some(Err(self.ended(failure::packed(&fault, &self.host))));
        } else if is_drained {
            self.end = self.closed.take();
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
