//! The JSON of one event as a tree of what an answer can have, within bounds. What nothing reads is never built: a whole tree
//! of an event of 8 MB takes up to a hundred times as much. It knows names and lists; what they mean is `parts`' to know.

use serde::de::{IgnoredAny, MapAccess, SeqAccess};
use serde_json::{Map, Number, Value};

use crate::domain::beginning;
use crate::provider::gemini::{bounds, failure};
use crate::provider::lenient::{self, Budget, Reader, Tree};

/// Candidates, kinds of tokens, values of an array that is one event: a model makes ten of the first, and nobody sends the
/// last.
const FEW: usize = 1000;

/// The counts of everything that was left out because it is beyond a bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Parts of an event that has thousands.
    pub parts: u64,
    pub images: u64,
    pub signatures: u64,
    pub sources: u64,
    pub links: u64,
    pub remarks: u64,
}

impl LeftOut {
    pub(in crate::provider::gemini) fn add(&mut self, more: Self) {
        self.parts += more.parts;
        self.images += more.images;
        self.signatures += more.signatures;
        self.sources += more.sources;
        self.links += more.links;
        self.remarks += more.remarks;
    }
}

/// The event, and how much of it was left out. An error where it is no JSON.
pub(super) fn read(husk: &[u8]) -> serde_json::Result<(Value, LeftOut)> {
    let mut pruner = Pruner::default();
    let value = lenient::read(husk, pruner.shape(Shape::Top))?;
    Ok((value, pruner.left_out))
}

/// The kind of a value, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// The event, one of several in an array, or what a wrapping holds.
    Top,
    Candidates,
    Candidate,
    Content,
    Parts,
    Part,
    Inline,
    File,
    Grounding,
    Chunks,
    Chunk,
    Page,
    Feedback,
    Usage,
    Rows,
    Row,
    Status,
    /// A text that may have left the event, with its marker in its place.
    Text,
    /// A text, a number or a truth.
    Leaf,
    /// A text of which an event may have thousands, and which is never longer than a line.
    Line,
}

impl Shape {
    /// Returns the kind of the value under a name; `None` where the name is not known.
    fn field(self, name: &str) -> Option<Self> {
        Some(match (self, name) {
            (Self::Top, "candidates") => Self::Candidates,
            (Self::Top, "promptFeedback" | "prompt_feedback") => Self::Feedback,
            (Self::Top, "usageMetadata" | "usage_metadata") => Self::Usage,
            (Self::Top, "modelStatus" | "model_status") => Self::Status,
            (Self::Top, "response") => Self::Top,
            (Self::Candidate, "content") => Self::Content,
            (Self::Candidate, "groundingMetadata" | "grounding_metadata") => Self::Grounding,
            (Self::Content, "parts") => Self::Parts,
            (Self::Part, "inlineData" | "inline_data") => Self::Inline,
            (Self::Part, "fileData" | "file_data") => Self::File,
            (Self::Part, "text" | "thoughtSignature" | "thought_signature") | (Self::Inline, "data") => {
                Self::Text
            }
            (Self::Grounding, "groundingChunks" | "grounding_chunks") => Self::Chunks,
            (Self::Chunk, "web" | "image" | "maps" | "retrievedContext") => Self::Page,
            (Self::Usage, "candidatesTokensDetails" | "candidates_tokens_details") => Self::Rows,
            (Self::Inline | Self::File, "mimeType" | "mime_type") => Self::Line,
            _ if self.leaves().contains(&name) => Self::Leaf,
            _ => return None,
        })
    }

    /// The names under which texts, numbers and truths stand.
    fn leaves(self) -> &'static [&'static str] {
        match self {
            Self::Top => &["modelVersion", "model_version", "responseId", "response_id"],
            Self::Candidate => &[
                "index",
                "finishReason",
                "finish_reason",
                "finishMessage",
                "finish_message",
            ],
            Self::Part => &["thought"],
            Self::File => &["fileUri", "file_uri"],
            Self::Page => &["uri", "sourceUri", "source_uri", "title", "domain"],
            Self::Feedback => &[
                "blockReason",
                "block_reason",
                "blockReasonMessage",
                "block_reason_message",
            ],
            Self::Usage => &[
                "promptTokenCount",
                "prompt_token_count",
                "candidatesTokenCount",
                "candidates_token_count",
                "thoughtsTokenCount",
                "thoughts_token_count",
                "totalTokenCount",
                "total_token_count",
            ],
            Self::Row => &["modality", "tokenCount", "token_count"],
            Self::Status => &["message"],
            _ => &[],
        }
    }

    /// Returns the kind of the values of a list.
    fn item(self) -> Option<Self> {
        Some(match self {
            Self::Top => Self::Top,
            Self::Candidates => Self::Candidate,
            Self::Parts => Self::Part,
            Self::Chunks => Self::Chunk,
            Self::Rows => Self::Row,
            _ => return None,
        })
    }
}

/// The room that is left for each kind of value.
struct Pruner {
    tops: usize,
    candidates: usize,
    parts: usize,
    sources: usize,
    rows: usize,
    /// For what can make an error, for the markers of strings that left the event, and for what is not known here.
    errors: Budget,
    markers: Budget,
    strangers: Budget,
    left_out: LeftOut,
}

impl Default for Pruner {
    fn default() -> Self {
        Self {
            tops: FEW,
            candidates: FEW,
            parts: bounds::PIECES,
            sources: bounds::SOURCES,
            rows: FEW,
            errors: Budget::new(500, 500_000),
            // A body has room for eight thousand long strings, and a string is parted by a few hundred images at most.
            markers: Budget::new(100_000, 4_000_000),
            strangers: Budget::new(200, 20_000),
            left_out: LeftOut::default(),
        }
    }
}

impl Pruner {
    fn shape(&mut self, shape: Shape) -> Pruned<'_> {
        Pruned { pruner: self, shape }
    }

    /// The number of a list's values that are still taken, all lists of the event together.
    fn room(&mut self, item: Shape) -> &mut usize {
        match item {
            Shape::Top => &mut self.tops,
            Shape::Part => &mut self.parts,
            Shape::Chunk => &mut self.sources,
            Shape::Candidate => &mut self.candidates,
            _ => &mut self.rows,
        }
    }

    fn leave_out(&mut self, item: Shape) {
        match item {
            Shape::Part | Shape::Candidate | Shape::Top => self.left_out.parts += 1,
            Shape::Chunk => self.left_out.sources += 1,
            _ => {}
        }
    }
}

/// The reader of a value in its place.
struct Pruned<'p> {
    pruner: &'p mut Pruner,
    shape: Shape,
}

impl<'de> Reader<'de> for Pruned<'_> {
    type Out = Value;

    fn text(self, text: &str) -> Value {
        if self.shape == Shape::Top && text.trim_start().starts_with('{') {
            // Some relays send each event as a text that holds it.
            let inner = lenient::read(text.as_bytes(), self.pruner.shape(Shape::Top));
            return inner.unwrap_or_else(|_| text.into());
        }
        if self.shape == Shape::Line {
            beginning(text, bounds::LINE).into()
        } else {
            text.into()
        }
    }

    fn truth(self, truth: bool) -> Value {
        truth.into()
    }

    fn number(self, number: Number) -> Value {
        number.into()
    }

    fn list<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        if let Some(item) = self.shape.item() {
            while *self.pruner.room(item) > 0 {
                let Some(value) = lenient::next(&mut list, self.pruner.shape(item))? else {
                    return Ok(values.into());
                };
                *self.pruner.room(item) -= 1;
                values.push(value);
            }
            while list.next_element::<IgnoredAny>()?.is_some() {
                self.pruner.leave_out(item);
            }
        } else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(values.into())
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        let mut name = String::new();
        if self.shape == Shape::Text {
            return Tree(&mut self.pruner.markers).object(object);
        }
        while lenient::next_key(&mut object, &mut name)? {
            if let Some(shape) = self.shape.field(&name) {
                fields.insert(
                    name.clone(),
                    lenient::value(&mut object, self.pruner.shape(shape))?,
                );
            } else if self.shape != Shape::Top {
                lenient::skip(&mut object)?;
            } else if failure::KEYS.contains(&name.as_str()) {
                lenient::keep(&mut object, &name, &mut fields, &mut self.pruner.errors)?;
            } else {
                lenient::keep(&mut object, &name, &mut fields, &mut self.pruner.strangers)?;
            }
        }
        Ok(fields.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_answer_has_stays_and_what_nothing_reads_goes() {
        let event = json!({"candidates": [{"content": {"role": "model", "parts": [
            {"text": "a", "thought": true, "x": [1]}, {"inlineData": {"mimeType": "image/png", "data": "AA"}},
            {"text": {"\u{0}": ["w", {"p": 7, "m": null, "w": true}]}}]}, "finishReason": "STOP", "safetyRatings": [{}]}],
            "usageMetadata": {"totalTokenCount": "7", "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 3}]}});
        let (pruned, left_out) = read(event.to_string().as_bytes()).unwrap();
        let mut expected = event;
        let candidate = expected
            .pointer_mut("/candidates/0")
            .unwrap()
            .as_object_mut()
            .unwrap();
        candidate.remove("safetyRatings");
        let content = candidate["content"].as_object_mut().unwrap();
        content.remove("role");
        content["parts"][0].as_object_mut().unwrap().remove("x");
        assert_eq!(pruned, expected);
        assert_eq!(left_out, LeftOut::default());
        let error = json!({"error": {"code": 1, "details": [{"@type": "x", "violations": [{"quotaId": "y"}]}]}, "trace": "z"});
        assert_eq!(read(error.to_string().as_bytes()).unwrap().0, error);
        let wrapped = json!([error.to_string(), "no object", 7]);
        assert_eq!(
            read(wrapped.to_string().as_bytes()).unwrap().0,
            json!([error, "no object", 7])
        );
    }

    #[test]
    fn no_flood_makes_a_large_tree() {
        for (before, repeated, after) in [
            ("[", "[]", "]"),
            ("[", "{\"error\":1}", "]"),
            ("[", "{\"a\":{\"b\":1}}", "]"),
            ("{\"x\":[", "{\"\":0}", "]}"),
            ("{\"error\":[", "{\"\":0}", "]}"),
            ("{\"candidates\":[", "{\"finishReason\":\"a\"}", "]}"),
            (
                "{\"candidates\":[{\"content\":{\"parts\":[",
                "{\"text\":\"a\"}",
                "]}}]}",
            ),
            (
                "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":[",
                "0",
                "]}]}}]}",
            ),
            (
                "{\"candidates\":[{\"groundingMetadata\":{\"groundingChunks\":[",
                "{\"web\":{\"uri\":\"a\"}}",
                "]}}]}",
            ),
            (
                "{\"usageMetadata\":{\"candidatesTokensDetails\":[",
                "{\"modality\":\"a\"}",
                "]}}",
            ),
        ] {
            let flood = format!("{before}{}{after}", vec![repeated; 50_000].join(","));
            let (pruned, _) = read(flood.as_bytes()).unwrap();
            assert!(pruned.to_string().len() < 100_000, "{before}");
        }
        let names: Vec<String> = (0..50_000).map(|number| format!("\"n{number}\":1")).collect();
        for before in [
            "{",
            "{\"usageMetadata\":{",
            "{\"promptFeedback\":{",
            "{\"candidates\":[{",
        ] {
            let after = before[1..].chars().rev().filter_map(|open| match open {
                '{' => Some('}'),
                '[' => Some(']'),
                _ => None,
            });
            let flood = format!("{before}{}{}}}", names.join(","), after.collect::<String>());
            let (pruned, _) = read(flood.as_bytes()).unwrap();
            assert!(pruned.to_string().len() < 20_000, "{before}");
        }
    }
}
