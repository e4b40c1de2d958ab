//! One event of an answer, as JSON with its long strings already diverted (a "husk"), to what it says. Pure.
//! It fetches no link, writes no file and judges no answer as a whole: that is [`super::answer`].

mod join;
pub(super) mod parts;
mod prune;
mod repair;

pub use prune::LeftOut;
use serde_json::Value;

pub use join::Joiner;

use super::failure;
use crate::domain::{Source, Usage, beginning};
use crate::error::Error;

/// The bytes of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Decoded bytes: the string was short enough to stay in the event.
    Inline(Vec<u8>),
    /// The diverted string of this number holds them; its decoded bytes went out as they arrived.
    Blob(u32),
}

/// A `thoughtSignature`, verbatim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignaturePayload {
    Inline(String),
    /// The diverted string of this number.
    Blob(u32),
}

/// The ends of an image's data where a relay spreads an image over several parts or events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joint {
    /// The last characters of the base64 where they are no whole group of four: at most three. The data is decoded as if
    /// nothing followed; where something does, they are decoded together with it.
    pub rest: String,
    /// The text ended before its data URL did.
    pub open: bool,
    /// The data goes on where that of the image before ended, whatever its first bytes look like.
    pub continues: bool,
}

/// What one event of an answer says, in the order it says it.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Thought {
        text: String,
    },
    /// Words outside the thoughts; empty text can carry a signature.
    Text {
        text: String,
        signature: Option<SignaturePayload>,
    },
    /// Words too long to stay in the event: the diverted string of this number holds them.
    LongText {
        blob: u32,
        thought: bool,
        signature: Option<SignaturePayload>,
    },
    Picture {
        data: Payload,
        /// The label that the server gave it, verbatim; the bytes may be something else.
        declared_mime: Option<String>,
        /// A draft that belongs to the thinking.
        thought: bool,
        signature: Option<SignaturePayload>,
        /// False where the base64 broke off at a character that cannot be in it: the bytes before it are kept.
        whole: bool,
        /// How it fits with the data that came before and comes after.
        joint: Joint,
    },
    /// A picture that the server only points at. Offered to the user, never fetched unasked.
    Link {
        url: String,
        mime: Option<String>,
    },
    Usage(Usage),
    Finish {
        reason: Option<String>,
        message: Option<String>,
    },
    /// The prompt was refused before anything was made.
    Blocked {
        reason: String,
        message: Option<String>,
    },
    Model {
        version: Option<String>,
        response_id: Option<String>,
    },
    Sources(Vec<Source>),
    /// What follows is said by the candidate with this index, until another one is named. The first one needs no naming.
    Candidate(u32),
    /// A remark for the user: the server's about the model, or ours about what could not be used.
    Notice {
        text: String,
    },
    Error(Error),
    /// The part of the event that is in none of the others, because it is beyond the bounds.
    LeftOut(LeftOut),
    /// Something that is no part of the protocol known here; a line for the log.
    Unknown {
        what: String,
    },
}

impl Event {
    /// Returns the event with long words in it, as [`Event::Thought`] or [`Event::Text`]; `words_of` returns those of a
    /// diverted string. Every other event stays as it is.
    #[must_use]
    pub fn with_long_words(self, words_of: impl FnOnce(u32) -> String) -> Self {
        match self {
            Self::LongText {
                blob, thought: true, ..
            } => Self::Thought { text: words_of(blob) },
            Self::LongText { blob, signature, .. } => Self::Text {
                text: words_of(blob),
                signature,
            },
            other => other,
        }
    }
}

/// What the husk of one event says. A husk that is no JSON is one [`Event::Unknown`].
pub fn events(husk: &[u8]) -> Vec<Event> {
    read(husk).unwrap_or_else(|| vec![unreadable(husk)])
}

/// [`events`], but `None` for a husk that is no JSON.
pub(crate) fn read(husk: &[u8]) -> Option<Vec<Event>> {
    let (value, left_out) = prune::read(husk)
        .or_else(|_| prune::read(&repair::repaired(husk)))
        .ok()?;
    let mut events = Vec::new();
    top(&value, true, &mut events);
    if left_out != LeftOut::default() {
        events.push(Event::LeftOut(left_out));
    }
    Some(events)
}

pub(crate) fn unreadable(husk: &[u8]) -> Event {
    Event::Unknown {
        what: format!("not JSON: {}", start_of(&String::from_utf8_lossy(husk))),
    }
}

/// The first characters of something for a log line.
fn start_of(text: &str) -> String {
    beginning(text, 200).to_owned()
}

/// The first of these keys that holds something.
fn pick<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a Value> {
    keys.iter()
        .find_map(|key| value.get(key).filter(|value| !value.is_null()))
}

fn string(value: &Value, keys: &[&str]) -> Option<String> {
    let text = pick(value, keys)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn list<'a>(value: &'a Value, keys: &[&str]) -> impl Iterator<Item = &'a Value> + use<'a> {
    pick(value, keys).and_then(Value::as_array).into_iter().flatten()
}

/// One value of the stream; `outer` while it may still be a wrapping.
fn top(value: &Value, outer: bool, events: &mut Vec<Event>) {
    match value {
        Value::Null => {}
        Value::Array(values) => values.iter().for_each(|value| top(value, outer, events)),
        Value::Object(_) => object(value, outer, events),
        _ => unknown(value, events),
    }
}

fn unknown(value: &Value, events: &mut Vec<Event>) {
    events.push(Event::Unknown {
        what: start_of(&value.to_string()),
    });
}

fn object(value: &Value, outer: bool, events: &mut Vec<Event>) {
    let before = events.len();
    let version = string(value, &["modelVersion", "model_version"]);
    let response_id = string(value, &["responseId", "response_id"]);
    if version.is_some() || response_id.is_some() {
        events.push(Event::Model { version, response_id });
    }
    for (place, candidate) in (0..).zip(list(value, &["candidates"])) {
        // Some relays leave the index out where it is 0, and some altogether.
        let index = pick(candidate, &["index"]).and_then(number);
        let index = index.map_or(place, |index| u32::try_from(index).unwrap_or(u32::MAX));
        if index > 0 {
            events.push(Event::Candidate(index));
        }
        parts::candidate(candidate, events);
        if index > 0 {
            events.push(Event::Candidate(0));
        }
    }
    if let Some(feedback) = pick(value, &["promptFeedback", "prompt_feedback"])
        && let Some(reason) = string(feedback, &["blockReason", "block_reason"])
    {
        let message = string(feedback, &["blockReasonMessage", "block_reason_message"]);
        events.push(Event::Blocked { reason, message });
    }
    if let Some(usage) = pick(value, &["usageMetadata", "usage_metadata"]).map(usage)
        && usage != Usage::default()
    {
        events.push(Event::Usage(usage));
    }
    if let Some(status) = pick(value, &["modelStatus", "model_status"])
        && let Some(text) = string(status, &["message"])
    {
        events.push(Event::Notice { text });
    }
    if failure::is_error(value) {
        events.push(Event::Error(failure::in_stream(value)));
    } else if events.len() == before && !is_answer(value) {
        match value.get("response") {
            Some(inner @ Value::Object(_)) if outer => top(inner, false, events),
            _ if failure::is_refusal(value) => events.push(Event::Error(failure::in_stream(value))),
            _ => unknown(value, events),
        }
    }
}

/// Whether an object is an answer, though perhaps one that says nothing.
fn is_answer(value: &Value) -> bool {
    let keys = [
        "candidates",
        "usageMetadata",
        "usage_metadata",
        "promptFeedback",
        "prompt_feedback",
    ];
    value.as_object().is_some_and(serde_json::Map::is_empty)
        || keys.iter().any(|key| value.get(key).is_some())
}

fn usage(value: &Value) -> Usage {
    let count = |keys: &[&str]| pick(value, keys).and_then(number);
    let images: Vec<u64> = list(value, &["candidatesTokensDetails", "candidates_tokens_details"])
        .filter(|row| row.get("modality").and_then(Value::as_str) == Some("IMAGE"))
        .filter_map(|row| pick(row, &["tokenCount", "token_count"]).and_then(number))
        .collect();
    Usage {
        prompt: count(&["promptTokenCount", "prompt_token_count"]),
        output: count(&["candidatesTokenCount", "candidates_token_count"]),
        thoughts: count(&["thoughtsTokenCount", "thoughts_token_count"]),
        total: count(&["totalTokenCount", "total_token_count"]),
        image: (!images.is_empty()).then(|| {
            images
                .iter()
                .fold(0, |sum: u64, count| sum.saturating_add(*count))
        }),
    }
}

/// A count; some relays write numbers as strings.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

#[cfg(test)]
mod tests;
