//! A turn: one request and its answer, a node in its session's tree.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Cost, Image, Request, SessionId, TurnId, Usage};
use crate::error::Error;

/// Where a turn stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnStatus {
    /// A living process is still at it.
    Running,
    /// It ended with at least one picture.
    Finished,
    Failed,
    Cancelled,
    /// Its process ended before the answer did; what had arrived is kept.
    Interrupted,
}

impl TurnStatus {
    /// The name that `--json` and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
        }
    }
}

/// An opaque `thoughtSignature`, exactly as it was received: it goes back verbatim or the next turn is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signature {
    Inline(String),
    /// Signatures can outweigh pictures (megabytes): those are files beside the images.
    File {
        path: PathBuf,
        bytes: u64,
    },
}

/// A piece of the model's answer that is sent back on the next turn: everything that is not a thought, in the
/// order it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Text, possibly empty: an empty one can carry a signature.
    Text {
        text: String,
        signature: Option<Signature>,
    },
    /// The picture at this index of [`Turn::images`].
    Image {
        image: usize,
        signature: Option<Signature>,
    },
}

/// A picture that the server only pointed at; it is opened on the user's word only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub url: String,
    /// The type that the server declared.
    pub mime: Option<String>,
}

/// A page that the model's search found and its answer rests on. Google's terms want it shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    pub title: Option<String>,
    pub url: String,
}

/// Milliseconds from the moment the request was sent; `None` where it never came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    pub first_byte: Option<u64>,
    pub first_thought: Option<u64>,
    /// When the last result picture was complete on disk.
    pub image: Option<u64>,
    pub total: Option<u64>,
}

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub id: TurnId,
    pub session: SessionId,
    /// 1 for the first turn of its session, then up: what History and `--from` call it.
    pub number: u32,
    pub parent: Option<TurnId>,
    /// Milliseconds since 1970.
    pub created_ms: i64,
    pub status: TurnStatus,
    pub request: Request,
    /// The model's thinking, joined, as it was received.
    pub thoughts: String,
    /// The model's words outside its thoughts, joined.
    pub text: String,
    /// The answer as it goes back to the model on the next turn.
    pub parts: Vec<Part>,
    /// Results and drafts, in the order they arrived.
    pub images: Vec<Image>,
    pub finish_reason: Option<String>,
    /// The server's sentence for people that came with the finish reason.
    pub finish_message: Option<String>,
    pub model_version: Option<String>,
    pub response_id: Option<String>,
    pub usage: Usage,
    pub timing: Timing,
    /// How often the request was sent.
    pub attempts: u32,
    pub warnings: Vec<String>,
    pub error: Option<Error>,
    pub links: Vec<Link>,
    pub sources: Vec<Source>,
    /// What it cost, as far as is known.
    pub cost: Option<Cost>,
    /// Tells by which way it was asked: provider, address and key, so that signatures go back only to where they were
    /// made. Nothing of the key can be read from it.
    pub route: Option<String>,
}

impl Turn {
    /// A turn that has just been asked for.
    pub fn new(id: TurnId, session: SessionId, number: u32, created_ms: i64, request: Request) -> Self {
        Self {
            id,
            session,
            number,
            parent: None,
            created_ms,
            status: TurnStatus::Running,
            request,
            thoughts: String::new(),
            text: String::new(),
            parts: Vec::new(),
            images: Vec::new(),
            finish_reason: None,
            finish_message: None,
            model_version: None,
            response_id: None,
            usage: Usage::default(),
            timing: Timing::default(),
            attempts: 0,
            warnings: Vec::new(),
            error: None,
            links: Vec::new(),
            sources: Vec::new(),
            cost: None,
            route: None,
        }
    }

    /// The picture that stands for this turn: its last result, else its last draft.
    pub fn picture(&self) -> Option<&Image> {
        let result = |image: &&Image| image.kind == super::ImageKind::Result;
        self.images.iter().rev().find(result).or(self.images.last())
    }
}
