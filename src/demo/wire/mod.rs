//! Parts to the bytes of an answer: the JSON of one event in either style, framed as SSE, as an element of a growing
//! array, or as the one object of `:generateContent`. Picture data is never copied into the JSON: an event is a list
//! of pieces, some of which are base64 made as they are sent.

mod json;

use std::borrow::Cow;

use axum::body::Bytes;

use super::Style;

/// How events follow each other on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Sse,
    /// A growing JSON array: the Gemini API without `alt=sse`.
    Array,
    /// One object at the end: `:generateContent`.
    Single,
}

/// One part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Thought(String),
    Text {
        text: String,
        signature: Option<String>,
    },
    Picture {
        bytes: Bytes,
        mime: &'static str,
        thought: bool,
        signature: Option<String>,
    },
    /// A picture that lies elsewhere; in the place of its data or as a file of its own.
    Link {
        url: String,
        as_data: bool,
    },
}

/// Why the answer ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Finish {
    pub(super) reason: Cow<'static, str>,
    pub(super) message: Option<&'static str>,
}

/// Token counts so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) prompt: u64,
    pub(super) thoughts: u64,
    pub(super) text: u64,
    pub(super) picture: u64,
}

/// One event: parts, and what else goes with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Event {
    pub(super) parts: Vec<Part>,
    pub(super) finish: Option<Finish>,
    /// The candidate that the parts are of, counted from 0.
    pub(super) candidate: u32,
    /// Further candidates, each a part that ends it.
    pub(super) others: Vec<Part>,
    /// The reason for which the prompt was blocked; such an event has no candidate.
    pub(super) blocked: Option<&'static str>,
    pub(super) tally: Tally,
    /// What the model is said to have searched for; its sources go with it.
    pub(super) searched: Option<String>,
    /// The last event, which carries the whole usage.
    pub(super) last: bool,
}

/// A stretch of an answer's bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Literal(Bytes),
    /// Bytes that go out as base64.
    Base64(Bytes),
}

/// Writes the events of one answer.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    pub(super) style: Style,
    pub(super) framing: Framing,
    pub(super) model: String,
    /// When the answer began, as Vertex writes it.
    pub(super) created: String,
    pub(super) response_id: String,
    /// Whether an element of the array has been written.
    begun: bool,
}

impl Wire {
    pub(super) fn new(
        style: Style,
        framing: Framing,
        model: &str,
        created: String,
        response_id: String,
    ) -> Self {
        Self {
            style,
            framing,
            model: model.to_owned(),
            created,
            response_id,
            begun: false,
        }
    }

    pub(super) fn content_type(&self) -> &'static str {
        match self.framing {
            Framing::Sse => "text/event-stream",
            Framing::Array | Framing::Single => "application/json; charset=UTF-8",
        }
    }

    /// The pieces of one event, frame included.
    pub(super) fn event(&mut self, event: &Event) -> Vec<Piece> {
        // Part texts hold the user's words, so the stand-in for picture data must be nothing that a user can know.
        let marker = |index: usize| format!("\u{1}{}:{index}\u{1}", self.response_id);
        let all = event.parts.iter().chain(&event.others);
        let markers: Vec<String> = (0..all.clone().count()).map(marker).collect();
        let json = self.json(event, &markers);
        let mut pieces = Vec::new();
        let mut text = self.before().to_owned();
        self.begun = true;
        let mut rest = json.as_str();
        for (part, marker) in all.zip(&markers) {
            let Part::Picture { bytes, .. } = part else {
                continue;
            };
            // serde_json writes the control character as an escape.
            let escaped = marker.replace('\u{1}', "\\u0001");
            if let Some((before, after)) = rest.split_once(&escaped) {
                text.push_str(before);
                pieces.push(Piece::Literal(Bytes::from(std::mem::take(&mut text))));
                pieces.push(Piece::Base64(bytes.clone()));
                rest = after;
            }
        }
        text.push_str(rest);
        text.push_str(self.after());
        pieces.push(Piece::Literal(Bytes::from(text)));
        pieces
    }

    /// An error object in the place of an event.
    pub(super) fn error(&mut self, error: &serde_json::Value) -> Vec<Piece> {
        let text = format!("{}{error}{}", self.before(), self.after());
        self.begun = true;
        vec![Piece::Literal(Bytes::from(text))]
    }

    /// Bytes that are no event, with this style's line ends.
    pub(super) fn raw(&self, text: &str) -> Piece {
        Piece::Literal(Bytes::from(match self.style {
            Style::Google => text.replace('\n', "\r\n"),
            Style::Relay => text.to_owned(),
        }))
    }

    /// What closes the answer after the last event.
    pub(super) fn end(&self) -> Option<Piece> {
        let text = match (self.framing, self.begun) {
            (Framing::Array, true) => "\n]\n",
            (Framing::Array, false) => "[]\n",
            (Framing::Sse | Framing::Single, _) => return None,
        };
        Some(Piece::Literal(Bytes::from_static(text.as_bytes())))
    }

    fn before(&self) -> &'static str {
        match (self.framing, self.begun) {
            (Framing::Sse, _) => "data: ",
            (Framing::Array, false) => "[",
            (Framing::Array, true) => "\n,\n",
            (Framing::Single, _) => "",
        }
    }

    fn after(&self) -> &'static str {
        match (self.framing, self.style) {
            (Framing::Sse, Style::Google) => "\r\n\r\n",
            (Framing::Sse, Style::Relay) => "\n\n",
            (Framing::Array, _) => "",
            (Framing::Single, _) => "\n",
        }
    }
}
