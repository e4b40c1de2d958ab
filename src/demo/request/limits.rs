//! Everything of a request that changes no picture here but that a provider would look at: names, ranges, tools, safety.
//! It says what a provider would say against it, and keeps nothing but whether the model may search.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::super::failure::Failure;
use super::super::models::Model;
use super::settings::get;

/// The fields of a request, in snake case.
const FIELDS: [&str; 9] = [
    "contents",
    "generation_config",
    "system_instruction",
    "safety_settings",
    "tools",
    "tool_config",
    "cached_content",
    "model",
    "labels",
];

/// The fields of `generationConfig`, in snake case.
const SETTINGS: [&str; 18] = [
    "response_modalities",
    "image_config",
    "response_format",
    "candidate_count",
    "temperature",
    "top_p",
    "top_k",
    "seed",
    "max_output_tokens",
    "stop_sequences",
    "thinking_config",
    "media_resolution",
    "response_mime_type",
    "response_schema",
    "presence_penalty",
    "frequency_penalty",
    "response_logprobs",
    "logprobs",
];

const CATEGORIES: [&str; 6] = [
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    "HARM_CATEGORY_CIVIC_INTEGRITY",
    "HARM_CATEGORY_UNSPECIFIED",
];

const THRESHOLDS: [&str; 6] = [
    "BLOCK_LOW_AND_ABOVE",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH",
    "BLOCK_NONE",
    "OFF",
    "HARM_BLOCK_THRESHOLD_UNSPECIFIED",
];

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Google refuses a name that it does not know; a relay drops it.
#[expect(
    clippy::zero_sized_map_values,
    reason = "to serde an object is a map, and only its names matter here"
)]
pub(super) fn names(body: &[u8], config: &Value) -> Result<(), Failure> {
    let top: HashMap<Cow<'_, str>, IgnoredAny> = serde_json::from_slice(body).unwrap_or_default();
    if let Some(name) = top.keys().find(|name| !FIELDS.contains(&snake(name).as_str())) {
        return Err(Failure::unknown(name, None));
    }
    let mut settings = config.as_object().into_iter().flat_map(serde_json::Map::keys);
    match settings.find(|name| !SETTINGS.contains(&snake(name).as_str())) {
        Some(name) => Err(Failure::unknown(name, Some("generation_config"))),
        None => Ok(()),
    }
}

pub(super) fn system(instruction: &Value) -> Result<(), Failure> {
    let parts = match instruction {
        Value::Null => return Ok(()),
        other => other.get("parts").and_then(Value::as_array),
    };
    let is_text = |part: &Value| part.get("text").is_some_and(Value::is_string);
    if parts.is_some_and(|parts| !parts.is_empty() && parts.iter().all(is_text)) {
        Ok(())
    } else {
        let message = "Invalid value at 'system_instruction' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content)";
        Err(Failure::field("system_instruction", message))
    }
}

pub(super) fn safety(settings: &Value) -> Result<(), Failure> {
    for (index, setting) in settings.as_array().into_iter().flatten().enumerate() {
        for (name, known, kind) in [
            ("category", &CATEGORIES, "HarmCategory"),
            ("threshold", &THRESHOLDS, "SafetySetting.HarmBlockThreshold"),
        ] {
            let value = setting.get(name).and_then(Value::as_str).unwrap_or_default();
            if !known.contains(&value) {
                let path = format!("safety_settings[{index}].{name}");
                let message = format!(
                    "Invalid value at '{path}' (type.googleapis.com/google.ai.generativelanguage.v1beta.{kind}), \"{value}\""
                );
                return Err(Failure::field(&path, message));
            }
        }
    }
    Ok(())
}

/// Tools of the API that no image model has.
const OTHER_TOOLS: [&str; 6] = [
    "google_search_retrieval",
    "code_execution",
    "url_context",
    "google_maps",
    "file_search",
    "computer_use",
];

/// Whether the model may search; every other tool is refused.
pub(super) fn search(tools: &Value, model: &Model) -> Result<bool, Failure> {
    let listed = match tools {
        Value::Null => return Ok(false),
        Value::Array(listed) => listed,
        other => {
            let message = format!("Invalid value at 'tools' (list), {other}");
            return Err(Failure::field("tools", message));
        }
    };
    let mut wanted = false;
    for (index, tool) in listed.iter().enumerate() {
        let Some(tool) = tool.as_object() else {
            let path = format!("tools[{index}]");
            let message = format!(
                "Invalid value at '{path}' (type.googleapis.com/google.ai.generativelanguage.v1beta.Tool), {tool}"
            );
            return Err(Failure::field(&path, message));
        };
        for (name, form) in tool {
            match snake(name).as_str() {
                "google_search" if model.search => {
                    searched(form, model)?;
                    wanted = true;
                }
                "google_search" => {
                    return Err(Failure::invalid(
                        "Search Grounding is not supported for this model.",
                    ));
                }
                "function_declarations" => {
                    return Err(Failure::invalid("Function calling is not enabled for this model"));
                }
                other if OTHER_TOOLS.contains(&other) => {
                    let message = format!("Tool '{other}' is not supported for this model.");
                    return Err(Failure::invalid(message));
                }
                _ => return Err(Failure::unknown(name, Some(&format!("tools[{index}]")))),
            }
        }
    }
    Ok(wanted)
}

/// Images are found by some of the models that search.
fn searched(form: &Value, model: &Model) -> Result<(), Failure> {
    let types = get(form, "searchTypes", "search_types");
    let images = types.and_then(|types| get(types, "imageSearch", "image_search"));
    if images.is_some() && !model.image_search {
        return Err(Failure::invalid("Image search is not supported for this model."));
    }
    Ok(())
}

/// The numbers of `generationConfig` and the ranges that they have to keep to.
pub(super) fn sampling(config: &Value, model: &Model) -> Result<(), Failure> {
    let ranges = [
        ("temperature", "temperature", 0.0, 2.0),
        ("topP", "top_p", 0.0, 1.0),
        ("topK", "top_k", f64::from(model.top_k.unwrap_or(1)), 64.0),
        ("seed", "seed", f64::from(i32::MIN), f64::from(i32::MAX)),
        (
            "maxOutputTokens",
            "max_output_tokens",
            1.0,
            f64::from(model.max_output),
        ),
    ];
    for (camel, name, least, most) in ranges {
        let path = format!("generation_config.{name}");
        match get(config, camel, name) {
            None => {}
            Some(value) => match value.as_f64() {
                Some(number) if (least..=most).contains(&number) => {}
                Some(_) => {
                    return Err(Failure::value(
                        &path,
                        &format!("must be in the range [{least}, {most}]"),
                    ));
                }
                None => {
                    let message = format!("Invalid value at '{path}' (TYPE_FLOAT), {value}");
                    return Err(Failure::field(&path, message));
                }
            },
        }
    }
    Ok(())
}
