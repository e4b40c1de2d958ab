//! The JSON of an event, with its keys in the order in which providers write them.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::Style;
use super::{Event, Framing, Part, Wire};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WirePart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_data: Option<WireInline<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_data: Option<WireFile<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    thought: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireInline<'a> {
    mime_type: &'a str,
    data: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireFile<'a> {
    mime_type: &'a str,
    file_uri: &'a str,
}

#[derive(Serialize)]
struct WireContent<'a> {
    role: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<WirePart<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireCandidate<'a> {
    content: WireContent<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grounding_metadata: Option<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireFeedback<'a> {
    block_reason: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireCount {
    modality: &'static str,
    token_count: u64,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct WireUsage {
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prompt_tokens_details: Vec<WireCount>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates_tokens_details: Vec<WireCount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thoughts_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireEvent<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<WireCandidate<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_feedback: Option<WireFeedback<'a>>,
    usage_metadata: WireUsage,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_id: Option<&'a str>,
}

impl Wire {
    pub(super) fn json(&self, event: &Event, markers: &[String]) -> String {
        let google = self.style == Style::Google;
        // Vertex sends the usage of a stream in an event of its own, without anything else.
        let bare = !google && event.last && self.framing != Framing::Single;
        let parts = event
            .parts
            .iter()
            .zip(markers)
            .map(|(part, marker)| wire_part(part, marker));
        let candidate = WireCandidate {
            content: WireContent {
                role: "model",
                parts: parts.collect(),
            },
            finish_reason: event.finish.as_ref().map(|finish| finish.reason.as_ref()),
            index: self.index(event.candidate),
            finish_message: event.finish.as_ref().and_then(|finish| finish.message),
            grounding_metadata: event.searched.as_deref().map(grounding),
        };
        let others = (event.candidate + 1..).zip(event.others.iter().zip(&markers[event.parts.len()..]));
        let others = others.map(|(index, (part, marker))| WireCandidate {
            content: WireContent {
                role: "model",
                parts: vec![wire_part(part, marker)],
            },
            finish_reason: Some("STOP"),
            index: self.index(index),
            finish_message: None,
            grounding_metadata: None,
        });
        let has_candidate = event.blocked.is_none() && (event.finish.is_some() || !event.parts.is_empty());
        let wire = WireEvent {
            candidates: if has_candidate {
                std::iter::once(candidate).chain(others).collect()
            } else {
                Vec::new()
            },
            prompt_feedback: event.blocked.map(|block_reason| WireFeedback { block_reason }),
            usage_metadata: self.usage(event),
            model_version: (!bare).then_some(self.model.as_str()),
            create_time: (!google && !bare).then_some(self.created.as_str()),
            response_id: (!bare).then_some(self.response_id.as_str()),
        };
        let json = match self.framing {
            Framing::Sse => serde_json::to_string(&wire),
            Framing::Array | Framing::Single => serde_json::to_string_pretty(&wire),
        };
        // Strings and numbers only: it cannot fail, and an empty object is an event that every client skips.
        json.unwrap_or_else(|_| "{}".to_owned())
    }

    /// A relay's JSON leaves out what is 0.
    fn index(&self, candidate: u32) -> Option<u32> {
        (self.style == Style::Google || candidate > 0).then_some(candidate)
    }

    fn usage(&self, event: &Event) -> WireUsage {
        let tally = event.tally;
        let google = self.style == Style::Google;
        let traffic_type = (!google).then_some("ON_DEMAND");
        let service_tier = google.then_some("standard");
        let count = |modality, token_count| WireCount {
            modality,
            token_count,
        };
        if !event.last {
            // Vertex says nothing but the kind of traffic until the end, the Gemini API what was asked so far.
            return WireUsage {
                prompt_token_count: google.then_some(tally.prompt),
                total_token_count: google.then_some(tally.prompt + tally.text),
                candidates_token_count: (google && tally.text > 0).then_some(tally.text),
                traffic_type,
                service_tier,
                ..WireUsage::default()
            };
        }
        let candidates = tally.text + tally.picture;
        WireUsage {
            prompt_token_count: Some(tally.prompt),
            candidates_token_count: (candidates > 0).then_some(candidates),
            total_token_count: Some(tally.prompt + candidates + tally.thoughts),
            traffic_type,
            prompt_tokens_details: vec![count("TEXT", tally.prompt)],
            candidates_tokens_details: if tally.picture > 0 {
                vec![count("IMAGE", tally.picture)]
            } else {
                Vec::new()
            },
            thoughts_token_count: (tally.thoughts > 0).then_some(tally.thoughts),
            service_tier,
        }
    }
}

/// What a search left behind, as Google tells it.
fn grounding(searched: &str) -> Value {
    json!({
        "webSearchQueries": [searched],
        "imageSearchQueries": [searched],
        "groundingChunks": [
            {"web": {"uri": "https://vertexaisearch.cloud.google.com/grounding-api-redirect/demo",
                     "title": "example.org", "domain": "example.org"}},
            {"image": {"sourceUri": "https://example.com/gallery", "imageUri": "https://example.com/gallery/1.jpg",
                       "title": "A gallery of examples", "domain": "example.com"}},
        ],
        "groundingSupports": [{"segment": {"startIndex": 0, "endIndex": 4, "text": "demo"},
                               "groundingChunkIndices": [0], "confidenceScores": [0.9]}],
        "searchEntryPoint": {"renderedContent": "<div>...</div>"},
    })
}

fn wire_part<'a>(part: &'a Part, marker: &'a str) -> WirePart<'a> {
    let empty = WirePart {
        text: None,
        inline_data: None,
        file_data: None,
        thought: false,
        thought_signature: None,
    };
    let inline = |mime_type, data| Some(WireInline { mime_type, data });
    match part {
        Part::Thought(text) => WirePart {
            text: Some(text),
            thought: true,
            ..empty
        },
        Part::Text { text, signature } => WirePart {
            text: Some(text),
            thought_signature: signature.as_deref(),
            ..empty
        },
        Part::Picture {
            mime,
            thought,
            signature,
            ..
        } => WirePart {
            inline_data: inline(mime, marker),
            thought: *thought,
            thought_signature: signature.as_deref(),
            ..empty
        },
        Part::Link { url, as_data: true } => WirePart {
            inline_data: inline("image/png", url),
            ..empty
        },
        Part::Link { url, as_data: false } => WirePart {
            file_data: Some(WireFile {
                mime_type: "image/png",
                file_uri: url,
            }),
            ..empty
        },
    }
}
