//! What a request says beside its messages, always in the same order. It says only what the user asked for and what the
//! model is known to take: a field that a model does not know is refused by some servers and dropped by others.

use std::fmt::Display;

use super::writer::Writer;
use crate::domain::{AspectRatio, Request, Safety, Size, Tuning};
use crate::provider::capability::{Capability, Thinking};

/// Everything behind `contents`, each field with the comma before it.
pub(super) fn write(writer: &mut Writer, request: &Request, cap: &Capability) {
    let tuning = &request.tuning;
    if let Some(system) = tuning.system.as_deref().filter(|words| !words.trim().is_empty()) {
        writer.raw(",\"systemInstruction\":{\"parts\":[{\"text\":");
        writer.string(system);
        writer.raw("}]}");
    }
    writer.raw(",\"generationConfig\":{\"responseModalities\":[\"TEXT\",\"IMAGE\"]");
    image_config(writer, request, cap);
    sampling(writer, tuning);
    thinking(writer, tuning, cap);
    writer.raw("}");
    safety(writer, &tuning.safety);
    if tuning.search {
        let form = if cap.image_search {
            "{\"searchTypes\":{\"webSearch\":{},\"imageSearch\":{}}}"
        } else {
            "{}"
        };
        writer.raw(&format!(",\"tools\":[{{\"googleSearch\":{form}}}]"));
    }
}

fn image_config(writer: &mut Writer, request: &Request, cap: &Capability) {
    // A model's only size is what comes anyway, and not every such model knows the field.
    let size = request
        .size
        .as_ref()
        .filter(|&size| cap.sizes() != [size.clone()]);
    let fields = [
        (
            "aspectRatio",
            request.aspect_ratio.as_ref().map(AspectRatio::as_str),
        ),
        ("imageSize", size.map(Size::as_str)),
    ];
    let mut open = ",\"imageConfig\":{";
    for (name, value) in fields {
        if let Some(value) = value {
            writer.raw(open);
            writer.string(name);
            writer.raw(":");
            writer.string(value);
            open = ",";
        }
    }
    if open == "," {
        writer.raw("}");
    }
}

fn sampling(writer: &mut Writer, tuning: &Tuning) {
    fn number(writer: &mut Writer, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            writer.raw(&format!(",\"{name}\":{value}"));
        }
    }
    // JSON has no word for what is no number.
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    number(writer, "temperature", finite(tuning.temperature));
    number(writer, "topP", finite(tuning.top_p));
    number(writer, "topK", tuning.top_k);
    number(writer, "seed", tuning.seed);
    number(writer, "maxOutputTokens", tuning.max_tokens);
}

/// A model of which nobody says that it thinks gets a `thinkingConfig` only from a user who asks for it, and only where
/// the table has no word on the matter or the user overrules it: some servers refuse the field by itself.
fn thinking(writer: &mut Writer, tuning: &Tuning, cap: &Capability) {
    let free = tuning.unchecked || !cap.verified;
    let asked = free && (tuning.thinking.is_some() || tuning.no_thoughts);
    if cap.thinking != Thinking::Asked && !asked {
        return;
    }
    let include = !tuning.no_thoughts;
    writer.raw(&format!(",\"thinkingConfig\":{{\"includeThoughts\":{include}"));
    let named = tuning.thinking.as_deref();
    let level = named.and_then(|level| cap.level(level).or(free.then_some(level)));
    if let Some(level) = level {
        writer.raw(",\"thinkingLevel\":");
        writer.string(level);
    }
    writer.raw("}");
}

fn safety(writer: &mut Writer, settings: &[Safety]) {
    let mut open = ",\"safetySettings\":[";
    for Safety { category, threshold } in settings {
        writer.raw(open);
        writer.raw("{\"category\":");
        writer.string(category);
        writer.raw(",\"threshold\":");
        writer.string(threshold);
        writer.raw("}");
        open = ",";
    }
    if open == "," {
        writer.raw("]");
    }
}
