//! What stands in a husk where a long string stood: `{"\u0000":[…]}`, the string's segments in order. The tokenizer keeps
//! every key of the server's from beginning with U+0000, so nobody else can write one.

use serde_json::{Value, json};

/// A stretch of a diverted string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Short enough to stay.
    Words(String),
    /// A long stretch of text.
    Text(u32),
    Signature(u32),
    Picture {
        blob: u32,
        /// The type that a data URL named.
        mime: Option<String>,
        /// False where the base64 broke off.
        whole: bool,
        /// The last characters of the base64 where they are no group of four.
        rest: String,
        /// The text ended before its data URL did.
        open: bool,
    },
}

const KEY: &str = "\0";

/// Appends the marker to the husk.
pub(crate) fn write<'a>(segments: impl IntoIterator<Item = &'a Segment>, husk: &mut Vec<u8>) {
    let list: Vec<Value> = segments
        .into_iter()
        .map(|segment| match segment {
            Segment::Words(text) => json!(text),
            Segment::Text(blob) => json!({ "t": blob }),
            Segment::Signature(blob) => json!({ "s": blob }),
            Segment::Picture {
                blob,
                mime,
                whole,
                rest,
                open,
            } => json!({ "p": blob, "m": mime, "w": whole, "r": rest, "o": open }),
        })
        .collect();
    husk.extend_from_slice(json!({ KEY: list }).to_string().as_bytes());
}

/// The segments of a string, diverted or not; `None` where the value is no string.
pub(crate) fn read(value: &Value) -> Option<Vec<Segment>> {
    if let Value::String(text) = value {
        return Some(vec![Segment::Words(text.clone())]);
    }
    let list = value.get(KEY)?.as_array()?;
    Some(list.iter().filter_map(segment).collect())
}

fn segment(value: &Value) -> Option<Segment> {
    let blob = |key: &str| value.get(key)?.as_u64()?.try_into().ok();
    if let Value::String(text) = value {
        Some(Segment::Words(text.clone()))
    } else if let Some(blob) = blob("p") {
        Some(Segment::Picture {
            blob,
            mime: value.get("m").and_then(Value::as_str).map(str::to_owned),
            whole: value.get("w") != Some(&Value::Bool(false)),
            rest: value
                .get("r")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            open: value.get("o") == Some(&Value::Bool(true)),
        })
    } else if let Some(blob) = blob("s") {
        Some(Segment::Signature(blob))
    } else {
        blob("t").map(Segment::Text)
    }
}
