//! What `--json` prints: one object, success or failure, in the order a reader expects. Made from turns, pure.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::domain::{Image, ImageKind, Link, Mime, Source, Timing, Tuning, Turn, Usage};
use crate::error::{Billed, Error, Kind};

/// A generation as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure<'a>>,
    session: &'a str,
    turn: &'a str,
    number: u32,
    parent: Option<&'a str>,
    provider: &'a str,
    model: &'a str,
    model_version: Option<&'a str>,
    response_id: Option<&'a str>,
    request: Asked<'a>,
    images: Vec<Picture<'a>>,
    thoughts: &'a str,
    text: &'a str,
    finish_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_message: Option<&'a str>,
    usage: Usage,
    cost_usd: Option<f64>,
    /// False where a part of the cost had to be guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_exact: Option<bool>,
    timing_ms: Timing,
    attempts: u32,
    warnings: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    sources: &'a [Source],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    links: &'a [Link],
}

#[derive(Debug, Serialize)]
struct Asked<'a> {
    prompt: &'a str,
    aspect_ratio: Option<&'a str>,
    size: Option<&'a str>,
    references: usize,
    #[serde(flatten)]
    tuning: &'a Tuning,
}

#[derive(Debug, Serialize)]
struct Picture<'a> {
    path: &'a Path,
    mime: Mime,
    width: u32,
    height: u32,
    bytes: u64,
    sha256: &'a str,
}

/// An error as JSON: the sentence of the server is part of the message.
#[derive(Debug, Serialize)]
struct Failure<'a> {
    kind: Kind,
    message: String,
    hint: &'a str,
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    /// Whether money may have been spent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    maybe_billed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
}

impl<'a> Failure<'a> {
    fn new(error: &'a Error, verbose: bool) -> Self {
        Self {
            kind: error.kind,
            message: error.to_string(),
            hint: &error.hint,
            http_status: error.http_status,
            request_id: error.request_id.as_deref(),
            maybe_billed: error.billed == Billed::Maybe,
            body: error.body.as_deref().filter(|_| verbose),
        }
    }
}

/// A call that never became a turn.
#[derive(Debug, Serialize)]
pub(super) struct Refusal<'a> {
    status: &'static str,
    error: Failure<'a>,
    attempts: u32,
}

impl<'a> Refusal<'a> {
    pub(super) fn new(error: &'a Error, verbose: bool) -> Self {
        Self {
            status: "failed",
            error: Failure::new(error, verbose),
            attempts: 0,
        }
    }
}

/// The results of a turn, drafts left out.
pub(super) fn results(turn: &Turn) -> impl Iterator<Item = &Image> {
    turn.images.iter().filter(|image| image.kind == ImageKind::Result)
}

impl<'a> Report<'a> {
    /// `copies` are the files that `-o` made of the results, in their order; without them the store's own are named.
    /// `error` is the turn's own, or that of a copy.
    pub(super) fn new(
        turn: &'a Turn,
        copies: &'a [PathBuf],
        error: Option<&'a Error>,
        verbose: bool,
    ) -> Self {
        let pictures = results(turn).enumerate().map(|(index, image)| Picture {
            path: copies.get(index).unwrap_or(&image.path),
            mime: image.mime,
            width: image.width,
            height: image.height,
            bytes: image.bytes,
            sha256: &image.sha256,
        });
        Self {
            status: turn.status.as_str(),
            error: error.map(|error| Failure::new(error, verbose)),
            session: turn.session.as_str(),
            turn: turn.id.as_str(),
            number: turn.number,
            parent: turn.parent.as_ref().map(crate::domain::TurnId::as_str),
            provider: &turn.request.provider,
            model: &turn.request.model,
            model_version: turn.model_version.as_deref(),
            response_id: turn.response_id.as_deref(),
            request: Asked {
                prompt: &turn.request.prompt,
                aspect_ratio: turn
                    .request
                    .aspect_ratio
                    .as_ref()
                    .map(crate::domain::AspectRatio::as_str),
                size: turn.request.size.as_ref().map(crate::domain::Size::as_str),
                references: turn.request.references.len(),
                tuning: &turn.request.tuning,
            },
            images: pictures.collect(),
            thoughts: &turn.thoughts,
            text: &turn.text,
            finish_reason: turn.finish_reason.as_deref(),
            finish_message: turn.finish_message.as_deref(),
            usage: turn.usage,
            cost_usd: turn.cost.map(|cost| (cost.usd * 1e6).round() / 1e6),
            cost_exact: turn.cost.map(|cost| cost.exact),
            timing_ms: turn.timing,
            attempts: turn.attempts,
            warnings: &turn.warnings,
            sources: &turn.sources,
            links: &turn.links,
        }
    }
}

/// Any of the above on one line.
pub(super) fn json(value: &impl Serialize) -> String {
    // Plain data with string keys: serde_json has nothing to refuse.
    serde_json::to_string(value).unwrap_or_default()
}
