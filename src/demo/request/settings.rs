//! `generationConfig`: what it may say, and what is said against what it may not.

use serde_json::Value;

use super::super::Style;
use super::super::failure::Failure;
use super::super::models::{Model, Thinking, picture_tokens};
use super::history::History;
use super::{Ask, Subject};
use crate::domain::Mime;

/// What `generationConfig` says.
pub(super) struct Settings<'a> {
    ratio: Option<&'a str>,
    size: &'a str,
    mime: Option<&'a str>,
    thoughts: Option<bool>,
    text: bool,
}

/// The value under either spelling of a key.
fn get<'a>(value: &'a Value, camel: &str, snake: &str) -> Option<&'a Value> {
    value
        .get(camel)
        .or_else(|| value.get(snake))
        .filter(|value| !value.is_null())
}

fn text<'a>(value: Option<&'a Value>, camel: &str, snake: &str) -> Option<&'a str> {
    get(value?, camel, snake)?.as_str()
}

impl<'a> Settings<'a> {
    pub(super) fn read(config: &'a Value, model: &Model, style: Style) -> Result<Self, Failure> {
        for (camel, snake) in [("aspectRatio", "aspect_ratio"), ("imageSize", "image_size")] {
            if get(config, camel, snake).is_some() {
                return Err(Failure::field(
                    "generation_config",
                    format!(
                        "Invalid JSON payload received. Unknown name \"{camel}\" at 'generation_config': \
                         Cannot find field."
                    ),
                ));
            }
        }
        let newer = get(config, "responseFormat", "response_format").and_then(|format| format.get("image"));
        let image = get(config, "imageConfig", "image_config").or(newer);
        let ratio = text(image, "aspectRatio", "aspect_ratio");
        if let Some(ratio) = ratio
            && !model.ratios().any(|known| known == ratio)
        {
            let known = quoted(model.ratios());
            return Err(one_of("aspect_ratio", &known));
        }
        let size = text(image, "imageSize", "image_size");
        if let Some(size) = size
            && !model.sizes.contains(&size)
        {
            return Err(one_of("image_size", &quoted(model.sizes.iter().copied())));
        }
        let thoughts = Self::thinking(config, model, style)?;
        if style == Style::Google
            && get(config, "candidateCount", "candidate_count")
                .and_then(Value::as_u64)
                .is_some_and(|count| count > 1)
        {
            return Err(Failure::invalid(
                "Multiple candidates is not enabled for this model",
            ));
        }
        let options = image.and_then(|image| get(image, "imageOutputOptions", "image_output_options"));
        let modalities = get(config, "responseModalities", "response_modalities").and_then(Value::as_array);
        Ok(Self {
            ratio,
            size: size.unwrap_or("1K"),
            mime: text(image, "outputMimeType", "output_mime_type").or(text(
                options,
                "mimeType",
                "mime_type",
            )),
            thoughts,
            text: modalities.is_none_or(|modalities| {
                let is_text = |value: &Value| {
                    value
                        .as_str()
                        .is_some_and(|name| name.eq_ignore_ascii_case("text"))
                };
                modalities.iter().any(is_text)
            }),
        })
    }

    fn thinking(config: &Value, model: &Model, style: Style) -> Result<Option<bool>, Failure> {
        let Some(thinking) = get(config, "thinkingConfig", "thinking_config") else {
            return Ok(None);
        };
        let level = get(thinking, "thinkingLevel", "thinking_level").is_some();
        if style == Style::Google && model.thinking == Thinking::Never {
            let message = format!("Thinking is not enabled for models/{}", model.name);
            return Err(Failure::invalid(message));
        }
        if style == Style::Google && model.thinking == Thinking::Always && level {
            return Err(Failure::invalid(
                "Thinking level is not supported for this model.",
            ));
        }
        if level && get(thinking, "thinkingBudget", "thinking_budget").is_some() {
            let message = "You can only set only one of thinking budget and thinking level.";
            return Err(Failure::invalid(message));
        }
        Ok(get(thinking, "includeThoughts", "include_thoughts").and_then(Value::as_bool))
    }

    pub(super) fn ask(
        self,
        model: Model,
        model_name: &str,
        history: History,
        style: Style,
    ) -> Result<Ask, Failure> {
        let prompt = history.prompts.last().cloned().unwrap_or_default();
        let given = history.picture.as_deref().map(dimensions).transpose()?;
        let ratio = self
            .ratio
            .unwrap_or_else(|| given.map_or("1:1", |(width, height)| model.nearest_ratio(width, height)));
        let (width, height) = model.pixels(ratio, self.size);
        let words = history
            .prompts
            .iter()
            .map(|prompt| prompt.split_whitespace().count());
        let prompt_tokens = words.sum::<usize>() as u64 * 4 / 3 + history.pictures * 560 + 1;
        let subject = match history.picture {
            Some(bytes) if !history.own => Subject::Picture {
                bytes,
                words: prompt.clone(),
            },
            _ => Subject::Words(history.prompts),
        };
        let jpeg = match self.mime {
            Some(mime) => mime.eq_ignore_ascii_case("image/jpeg"),
            None => model.jpeg || prompt.to_ascii_lowercase().contains("jpeg"),
        };
        Ok(Ask {
            model,
            model_name: model_name.to_owned(),
            prompt,
            subject,
            width,
            height,
            jpeg,
            thoughts: match style {
                Style::Relay => true,
                Style::Google => model.thinking != Thinking::Never && self.thoughts == Some(true),
            },
            text: self.text,
            prompt_tokens,
            picture_tokens: picture_tokens(model_name, self.size),
        })
    }
}

fn quoted(names: impl Iterator<Item = &'static str>) -> String {
    names
        .map(|name| format!("'{name}'"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn one_of(field: &str, known: &str) -> Failure {
    let path = format!("generation_config.image_config.{field}");
    let message = format!("* GenerateContentRequest.{path}: {field} must be one of {known}.\n");
    Failure::field(&path, message)
}

/// The pixels of a picture from its header; whatever it is labelled as.
fn dimensions(bytes: &[u8]) -> Result<(u32, u32), Failure> {
    let unreadable = || {
        Failure::invalid(
            "Unable to process input image. Please retry or report in \
             https://developers.generativeai.google/guide/troubleshooting",
        )
    };
    if !matches!(Mime::sniff(bytes), Mime::Png | Mime::Jpeg | Mime::Webp) {
        return Err(unreadable());
    }
    image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| unreadable())?
        .into_dimensions()
        .map_err(|_| unreadable())
}
