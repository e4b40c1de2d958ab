//! A candidate's parts to events: thoughts, words, pictures wherever they hide, and links.

use serde_json::Value;

use super::{Event, Joint, Payload, SignaturePayload, list, pick, start_of, string};
use crate::domain::Source;
use crate::provider::gemini::bounds;
use crate::provider::stream::base64::Base64;
use crate::provider::stream::divert::base64_of;
use crate::provider::stream::marker::{self, Segment};
use crate::provider::stream::weave::{Strand, Weave};

/// What every event of a part shares.
struct Part {
    thought: bool,
    signature: Option<SignaturePayload>,
}

/// A stretch of a text part.
enum Stretch {
    Words(String),
    Long(u32),
    Picture {
        data: Payload,
        mime: Option<String>,
        whole: bool,
        joint: Joint,
    },
}

pub(super) fn candidate(candidate: &Value, events: &mut Vec<Event>) {
    if let Some(content) = pick(candidate, &["content"]) {
        for value in list(content, &["parts"]) {
            part(value, events);
        }
    }
    if let Some(grounding) = pick(candidate, &["groundingMetadata", "grounding_metadata"]) {
        let sources: Vec<Source> = list(grounding, &["groundingChunks", "grounding_chunks"])
            .filter_map(source)
            .collect();
        if !sources.is_empty() {
            events.push(Event::Sources(sources));
        }
    }
    let reason = string(candidate, &["finishReason", "finish_reason"]);
    let message = string(candidate, &["finishMessage", "finish_message"]);
    if reason.is_some() || message.is_some() {
        events.push(Event::Finish { reason, message });
    }
}

fn source(chunk: &Value) -> Option<Source> {
    let page = pick(chunk, &["web", "image", "maps", "retrievedContext"])?;
    Some(Source {
        url: string(page, &["uri", "sourceUri", "source_uri"])?,
        title: string(page, &["title"]).or_else(|| string(page, &["domain"])),
    })
}

fn part(value: &Value, events: &mut Vec<Event>) {
    let mut shared = Part {
        thought: value.get("thought") == Some(&Value::Bool(true)),
        signature: pick(value, &["thoughtSignature", "thought_signature"]).and_then(signature),
    };
    if let Some(segments) = value.get("text").and_then(marker::read) {
        // A signature of a part that also has a picture belongs to the picture.
        let has_data = pick(value, &["inlineData", "inline_data"]).is_some();
        let alone = Part {
            thought: shared.thought,
            signature: if has_data { None } else { shared.signature.take() },
        };
        text(segments, alone, events);
    }
    if let Some(data) = pick(value, &["inlineData", "inline_data"]) {
        inline_data(data, &mut shared, events);
    }
    if let Some(data) = pick(value, &["fileData", "file_data"])
        && let Some(url) = string(data, &["fileUri", "file_uri"])
    {
        let mime = string(data, &["mimeType", "mime_type"]);
        events.push(Event::Link { url, mime });
    }
    // A signature with nothing that could carry it goes back on an empty text.
    if shared.signature.is_some() && !shared.thought {
        events.push(Event::Text {
            text: String::new(),
            signature: shared.signature,
        });
    }
}

fn signature(value: &Value) -> Option<SignaturePayload> {
    marker::read(value)?
        .into_iter()
        .find_map(|segment| match segment {
            Segment::Words(text) if text.is_empty() => None,
            Segment::Words(text) => Some(SignaturePayload::Inline(text)),
            Segment::Signature(blob) => Some(SignaturePayload::Blob(blob)),
            Segment::Text(_) | Segment::Picture { .. } => None,
        })
}

fn inline_data(data: &Value, shared: &mut Part, events: &mut Vec<Event>) {
    let declared = string(data, &["mimeType", "mime_type"]);
    let Some(segments) = data.get("data").and_then(marker::read) else {
        return;
    };
    if let [Segment::Words(words)] = segments.as_slice() {
        short_data(words, declared, shared, events);
        return;
    }
    if let [Segment::Picture { .. }] = segments.as_slice() {
        for segment in segments {
            if let Segment::Picture {
                blob,
                mime,
                whole,
                rest,
                ..
            } = segment
            {
                events.push(Event::Picture {
                    data: Payload::Blob(blob),
                    declared_mime: declared.clone().or(mime),
                    thought: shared.thought,
                    signature: shared.signature.take(),
                    whole,
                    joint: Joint {
                        rest,
                        ..Joint::default()
                    },
                });
            }
        }
        return;
    }
    // Long, and no base64: whatever it is, it is kept as the words it seems to be.
    let alone = Part {
        thought: shared.thought,
        signature: shared.signature.take(),
    };
    text(segments, alone, events);
}

/// The `data` of an event that was short enough to stay in it.
fn short_data(words: &str, declared: Option<String>, shared: &mut Part, events: &mut Vec<Event>) {
    let trimmed = words.trim();
    if trimmed.is_empty() {
        return;
    }
    if is_link(trimmed) {
        events.push(Event::Link {
            url: trimmed.to_owned(),
            mime: declared,
        });
        return;
    }
    let Some((mime, from)) = base64_of(words.as_bytes()) else {
        events.push(Event::Notice {
            text: format!(
                "The provider sent picture data that is no base64: {}",
                start_of(trimmed)
            ),
        });
        return;
    };
    let (bytes, whole, rest) = decode(&words.as_bytes()[from..]);
    events.push(Event::Picture {
        data: Payload::Inline(bytes),
        declared_mime: declared.or(mime),
        thought: shared.thought,
        signature: shared.signature.take(),
        whole,
        joint: Joint {
            rest,
            ..Joint::default()
        },
    });
}

fn is_link(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// The bytes, whether all of the text is base64, and the characters at its end that are no group of four.
pub(super) fn decode(text: &[u8]) -> (Vec<u8>, bool, String) {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut decoder = Base64::new();
    decoder.push(text, &mut |part| bytes.extend_from_slice(part));
    let rest = decoder.rest();
    let whole = decoder.finish(&mut |part| bytes.extend_from_slice(part));
    (bytes, whole, rest)
}

/// The events of a text that is put together from several.
pub(super) fn words(words: String, thought: bool, signature: Option<SignaturePayload>) -> Vec<Event> {
    let mut events = Vec::new();
    text(
        vec![Segment::Words(words)],
        Part { thought, signature },
        &mut events,
    );
    events
}

fn text(segments: Vec<Segment>, mut shared: Part, events: &mut Vec<Event>) {
    // An event that says so much is not searched any more: its short texts stay as they are.
    let is_searched = events.len() < bounds::PIECES;
    let mut stretches = stretches(segments, is_searched);
    let pictures = stretches
        .iter()
        .any(|stretch| matches!(stretch, Stretch::Picture { .. }));
    if pictures {
        unwrap_markdown(&mut stretches);
    }
    for stretch in stretches {
        match stretch {
            Stretch::Words(words) => {
                if !shared.thought && is_searched {
                    let link = |url| Event::Link { url, mime: None };
                    events.extend(links(&words).into_iter().map(link));
                }
                // Words beside a picture carry no signature: it is the picture's.
                let signature = if pictures { None } else { shared.signature.take() };
                push_words(words, shared.thought, signature, events);
            }
            Stretch::Long(blob) => events.push(Event::LongText {
                blob,
                thought: shared.thought,
                signature: if pictures { None } else { shared.signature.take() },
            }),
            Stretch::Picture {
                data,
                mime,
                whole,
                joint,
            } => events.push(Event::Picture {
                data,
                declared_mime: mime,
                thought: shared.thought,
                signature: shared.signature.take(),
                whole,
                joint,
            }),
        }
    }
}

fn push_words(text: String, thought: bool, signature: Option<SignaturePayload>, events: &mut Vec<Event>) {
    if thought {
        if !text.is_empty() {
            events.push(Event::Thought { text });
        }
    } else if !text.is_empty() || signature.is_some() {
        events.push(Event::Text { text, signature });
    }
}

/// The segments with the pictures that are woven into short words taken out of them, if those are searched.
fn stretches(segments: Vec<Segment>, is_searched: bool) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    for segment in segments {
        match segment {
            Segment::Words(words) if is_searched && words.contains("data:image/") => {
                unweave(&words, &mut stretches);
            }
            Segment::Words(words) => stretches.push(Stretch::Words(words)),
            Segment::Text(blob) | Segment::Signature(blob) => stretches.push(Stretch::Long(blob)),
            Segment::Picture {
                blob,
                mime,
                whole,
                rest,
                open,
            } => stretches.push(Stretch::Picture {
                data: Payload::Blob(blob),
                mime,
                whole,
                joint: Joint {
                    rest,
                    open,
                    continues: false,
                },
            }),
        }
    }
    stretches
}

fn unweave(words: &str, stretches: &mut Vec<Stretch>) {
    let mut weave = Weave::new();
    let mut text = Vec::new();
    let mut base64 = Vec::new();
    let mut mime = None;
    let mut take = |strand: Strand<'_>| match strand {
        Strand::Text(bytes) => text.extend_from_slice(bytes),
        Strand::Began(name) => {
            mime = Some(name.to_owned());
            let before = String::from_utf8_lossy(&std::mem::take(&mut text)).into_owned();
            stretches.push(Stretch::Words(before));
        }
        Strand::Base64(bytes) => base64.extend_from_slice(bytes),
        Strand::Ended { open } => {
            let (bytes, whole, rest) = decode(&std::mem::take(&mut base64));
            stretches.push(Stretch::Picture {
                data: Payload::Inline(bytes),
                mime: mime.take(),
                whole: whole || open,
                joint: Joint {
                    rest,
                    open,
                    continues: false,
                },
            });
        }
    };
    weave.push(words.as_bytes(), &mut take);
    weave.finish(&mut take);
    stretches.push(Stretch::Words(String::from_utf8_lossy(&text).into_owned()));
}

/// Takes `![…](` from before a picture and `)` from behind it: the words that are left are the model's.
fn unwrap_markdown(stretches: &mut Vec<Stretch>) {
    for at in 0..stretches.len() {
        if !matches!(stretches[at], Stretch::Picture { .. }) {
            continue;
        }
        let (before, rest) = stretches.split_at_mut(at);
        let Some(Stretch::Words(before)) = before.last_mut() else {
            continue;
        };
        let trimmed = before.strip_suffix('<').unwrap_or(before);
        let Some(start) = trimmed.ends_with("](").then(|| trimmed.rfind("![")).flatten() else {
            continue;
        };
        before.truncate(start);
        if let Some(Stretch::Words(after)) = rest.get_mut(1) {
            // A title may stand between the picture and the parenthesis.
            if let Some(end) = after.find(')').filter(|&end| !after[..end].contains('\n')) {
                after.drain(..=end);
            }
        }
    }
    stretches.retain(|stretch| !matches!(stretch, Stretch::Words(words) if words.trim().is_empty()));
}

/// Markdown images that point elsewhere: `![…](https://…)`, no more than are offered and one. One whose end has not come yet is
/// none, nor one that is longer than any address. Every character is looked at once or twice, whatever the text is.
pub(crate) fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("![").filter(|_| found.len() <= bounds::LINKS) {
        rest = &rest[start + 2..];
        let Some(open) = rest.find("](") else {
            break;
        };
        rest = rest[open + 2..].trim_start().trim_start_matches('<');
        if !is_link(rest) {
            continue;
        }
        let ends = |character: char| character.is_whitespace() || [')', '>', '"'].contains(&character);
        let within = (0..=rest.len().min(bounds::ADDRESS + 1))
            .rev()
            .find(|&at| rest.is_char_boundary(at))
            .unwrap_or(0);
        let (target, behind) = rest.split_at(within);
        let end = target.find(ends);
        found.extend(end.map(|end| target[..end].to_owned()));
        rest = end.map_or(behind, |end| &rest[end..]);
    }
    found
}
