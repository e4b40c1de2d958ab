//! Writes JSON into segments: literals run together, files keep their place.

use std::path::Path;

use super::Segment;
use crate::domain::{Image, Part, Request, Signature, Turn};
use crate::provider::capability::Spelling;

pub(super) struct Writer {
    segments: Vec<Segment>,
    literal: Vec<u8>,
    inline_data: Spelling,
}

impl Writer {
    pub(super) fn new(inline_data: Spelling) -> Self {
        Self {
            segments: Vec::new(),
            literal: Vec::new(),
            inline_data,
        }
    }

    pub(super) fn raw(&mut self, json: &str) {
        self.literal.extend_from_slice(json.as_bytes());
    }

    /// `text` as a JSON string.
    pub(super) fn string(&mut self, text: &str) {
        self.raw(&serde_json::Value::from(text).to_string());
    }

    /// A user's message: the words first, then the pictures in the order the words name them.
    pub(super) fn user(&mut self, request: &Request, carried: Option<&Image>) {
        self.raw("{\"role\":\"user\",\"parts\":[");
        let mut next = "";
        if !request.prompt.is_empty() || (request.references.is_empty() && carried.is_none()) {
            self.raw("{\"text\":");
            self.string(&request.prompt);
            self.raw("}");
            next = ",";
        }
        let carried = carried.map(|image| (image.mime, image.path.as_path(), image.bytes));
        let references = request.references.iter();
        let references =
            references.map(|reference| (reference.mime, reference.path.as_path(), reference.bytes));
        for (mime, path, bytes) in carried.into_iter().chain(references) {
            self.raw(next);
            self.raw("{");
            self.picture(mime.as_str(), path, bytes);
            self.raw("}");
            next = ",";
        }
        self.raw("]}");
    }

    /// A model's answer, part by part as it was received.
    pub(super) fn model(&mut self, turn: &Turn) {
        self.raw("{\"role\":\"model\",\"parts\":[");
        let mut next = "";
        for part in &turn.parts {
            let signature = match part {
                // An empty text is worth sending for its signature only.
                Part::Text {
                    text,
                    signature: None,
                } if text.is_empty() => continue,
                Part::Text { text, signature } => {
                    self.raw(next);
                    self.raw("{\"text\":");
                    self.string(text);
                    signature
                }
                Part::Image { image, signature } => {
                    let Some(image) = turn.images.get(*image) else {
                        continue;
                    };
                    self.raw(next);
                    self.raw("{");
                    let mime = image.declared_mime.as_deref().unwrap_or(image.mime.as_str());
                    self.picture(mime, &image.path, image.bytes);
                    signature
                }
            };
            next = ",";
            self.signature(signature.as_ref());
            self.raw("}");
        }
        self.raw("]}");
    }

    fn picture(&mut self, mime: &str, path: &Path, bytes: u64) {
        self.raw(match self.inline_data {
            Spelling::Camel => "\"inlineData\":{\"mimeType\":",
            Spelling::Snake => "\"inline_data\":{\"mime_type\":",
        });
        self.string(mime);
        self.raw(",\"data\":\"");
        let path = path.to_owned();
        self.file(Segment::Base64File { path, bytes });
        self.raw("\"}");
    }

    fn signature(&mut self, signature: Option<&Signature>) {
        let Some(signature) = signature else { return };
        self.raw(",\"thoughtSignature\":");
        match signature {
            Signature::Inline(text) => self.string(text),
            Signature::File { path, bytes } => {
                self.raw("\"");
                let path = path.clone();
                self.file(Segment::TextFile { path, bytes: *bytes });
                self.raw("\"");
            }
        }
    }

    fn file(&mut self, file: Segment) {
        let literal = std::mem::take(&mut self.literal);
        self.segments.push(Segment::Literal(literal));
        self.segments.push(file);
    }

    pub(super) fn finish(mut self) -> Vec<Segment> {
        self.segments.push(Segment::Literal(self.literal));
        self.segments
    }
}
