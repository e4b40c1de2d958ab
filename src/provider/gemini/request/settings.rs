//! What a request says beside its messages, always in the same order. It says only what the user asked for and what the
//! model is known to take: a field that a model does not know is refused by some servers and dropped by others.

use std::fmt::Display;

use super::writer::Writer;
use crate::domain::{AspectRatio, Output, Request, Safety, Size, Tuning};
use crate::provider::capability::{Capability, Thinking};

/// Everything behind `contents`, each field with the comma before it.
pub(super) fn write(writer: &mut Writer, request: &Request, cap: &Capability) {
    let tuning = &request.tuning;
    if let Some(system) = tuning.system.as_deref().filter(|words| !words.trim().is_empty()) {
        writer.raw(",\"systemInstruction\":{\"parts\":[{\"text\":");
        writer.string(system);
        writer.raw("}]}");
    }
    let mut config = Object::new(",\"generationConfig\":{");
    if let Some(modalities) = modalities(tuning.output, cap) {
        config.field(writer, "responseModalities", modalities);
    }
    if let Some(count) = tuning.candidates {
        config.field(writer, "candidateCount", count);
    }
    image_config(writer, &mut config, request);
    sampling(writer, &mut config, tuning);
    thinking(writer, &mut config, tuning, cap);
    config.close(writer);
    safety(writer, &tuning.safety);
    tools(writer, tuning, cap);
}

/// An object that is written where it has a field.
struct Object {
    /// What comes before the next field: the object's beginning, then commas.
    next: &'static str,
}

impl Object {
    fn new(beginning: &'static str) -> Self {
        Self { next: beginning }
    }

    /// Writes a field whose value is JSON already.
    fn field(&mut self, writer: &mut Writer, name: &str, json: impl Display) {
        self.name(writer, name);
        writer.raw(&json.to_string());
    }

    fn name(&mut self, writer: &mut Writer, name: &str) {
        writer.raw(self.next);
        writer.string(name);
        writer.raw(":");
        self.next = ",";
    }

    fn close(self, writer: &mut Writer) {
        if self.next == "," {
            writer.raw("}");
        }
    }
}

/// The value of `responseModalities`. Where text counts as an answer it is left out, unless the provider's document calls
/// it required.
fn modalities(output: Output, cap: &Capability) -> Option<&'static str> {
    match output {
        Output::Images => Some("[\"IMAGE\"]"),
        Output::Text if !cap.modalities_required => None,
        Output::TextAndImages | Output::Text => Some("[\"TEXT\",\"IMAGE\"]"),
    }
}

fn image_config(writer: &mut Writer, config: &mut Object, request: &Request) {
    let fields = [
        (
            "aspectRatio",
            request.aspect_ratio.as_ref().map(AspectRatio::as_str),
        ),
        ("imageSize", request.size.as_ref().map(Size::as_str)),
    ];
    let mut image = Object::new("{");
    for (name, value) in fields {
        let Some(value) = value else { continue };
        if image.next == "{" {
            config.name(writer, "imageConfig");
        }
        image.name(writer, name);
        writer.string(value);
    }
    image.close(writer);
}

fn sampling(writer: &mut Writer, config: &mut Object, tuning: &Tuning) {
    let mut number = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            config.field(writer, name, value);
        }
    };
    // JSON has no word for what is no number.
    let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
    let text = |value: Option<f64>| finite(value).map(|value| value.to_string());
    number("temperature", text(tuning.temperature));
    number("topP", text(tuning.top_p));
    number("topK", tuning.top_k.map(|value| value.to_string()));
    number("seed", tuning.seed.map(|value| value.to_string()));
    number(
        "maxOutputTokens",
        tuning.max_tokens.map(|value| value.to_string()),
    );
}

/// A model of which nobody says that it thinks gets a `thinkingConfig` only from a user who asks for it, and only where
/// the table has no word on the matter or the user overrules it: some servers refuse the field by itself.
fn thinking(writer: &mut Writer, config: &mut Object, tuning: &Tuning, cap: &Capability) {
    let free = tuning.unchecked || !cap.verified;
    let asked = free && (tuning.thinking.is_some() || tuning.no_thoughts);
    if cap.thinking != Thinking::Asked && !asked {
        return;
    }
    let include = !tuning.no_thoughts;
    config.name(writer, "thinkingConfig");
    writer.raw(&format!("{{\"includeThoughts\":{include}"));
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

/// The tools as the user gave them, with the search behind them where it is asked for and not among them.
fn tools(writer: &mut Writer, tuning: &Tuning, cap: &Capability) {
    let given = tuning.tools.as_deref().map_or("", |tools| {
        // Whatever is not an array was refused before.
        let inside = tools.trim().strip_prefix('[');
        inside
            .and_then(|inside| inside.strip_suffix(']'))
            .unwrap_or_default()
            .trim()
    });
    let is_there = tuning.tools.as_deref().is_some_and(searches);
    let search = match (tuning.search && !is_there, cap.image_search) {
        (false, _) => "",
        (true, false) => "{\"googleSearch\":{}}",
        (true, true) => "{\"googleSearch\":{\"searchTypes\":{\"webSearch\":{},\"imageSearch\":{}}}}",
    };
    if tuning.tools.is_none() && search.is_empty() {
        return;
    }
    let comma = if given.is_empty() || search.is_empty() {
        ""
    } else {
        ","
    };
    writer.raw(&format!(",\"tools\":[{given}{comma}{search}]"));
}

/// Returns whether a search is among these tools, in either spelling.
fn searches(tools: &str) -> bool {
    let tools: Vec<serde_json::Value> = serde_json::from_str(tools).unwrap_or_default();
    let names = ["googleSearch", "google_search"];
    tools
        .iter()
        .any(|tool| names.iter().any(|name| tool.get(name).is_some()))
}
