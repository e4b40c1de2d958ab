//! `generationConfig`: what it may say, and what is said against what it may not.

use serde_json::Value;

use super::super::Style;
use super::super::failure::Failure;
use super::super::models::{Model, Thinking, picture_tokens};
use super::history::History;
use super::limits;
use super::modalities::Modalities;
use super::{Ask, Subject};
use crate::domain::Mime;

/// What `generationConfig` says.
pub(super) struct Settings<'a> {
    ratio: Option<&'a str>,
    size: &'a str,
    mime: Option<&'a str>,
    thoughts: Option<bool>,
    modalities: Modalities,
    candidates: u32,
    search: bool,
    max_tokens: Option<u64>,
}

/// The value under either spelling of a key.
pub(super) fn get<'a>(value: &'a Value, camel: &str, snake: &str) -> Option<&'a Value> {
    value
        .get(camel)
        .or_else(|| value.get(snake))
        .filter(|value| !value.is_null())
}

fn text<'a>(value: Option<&'a Value>, camel: &str, snake: &str) -> Option<&'a str> {
    get(value?, camel, snake)?.as_str()
}

impl<'a> Settings<'a> {
    pub(super) fn read(config: &'a Value, model: &Model, search: bool) -> Result<Self, Failure> {
        for (camel, snake) in [("aspectRatio", "aspect_ratio"), ("imageSize", "image_size")] {
            if get(config, camel, snake).is_some() {
                return Err(Failure::unknown(camel, Some("generation_config")));
            }
        }
        let newer = get(config, "responseFormat", "response_format").and_then(|format| format.get("image"));
        let image = get(config, "imageConfig", "image_config").or(newer);
        let ratio = text(image, "aspectRatio", "aspect_ratio");
        if let Some(ratio) = ratio
            && !model.ratios.iter().any(|known| known == ratio)
        {
            return Err(one_of("aspect_ratio", &model.ratios));
        }
        let size = text(image, "imageSize", "image_size");
        if size.is_some() && model.sizes.is_empty() {
            return Err(Failure::invalid("Image size is not enabled for this model"));
        }
        if let Some(size) = size
            && !model.sizes.iter().any(|known| known == size)
        {
            return Err(one_of("image_size", &model.sizes));
        }
        limits::sampling(config, model)?;
        let thoughts = Self::thinking(config, model)?;
        let candidates = Self::candidates(config, model)?;
        let options = image.and_then(|image| get(image, "imageOutputOptions", "image_output_options"));
        Ok(Self {
            ratio,
            size: size.unwrap_or("1K"),
            mime: text(image, "outputMimeType", "output_mime_type").or(text(
                options,
                "mimeType",
                "mime_type",
            )),
            thoughts,
            modalities: Modalities::read(config)?,
            candidates,
            search,
            max_tokens: get(config, "maxOutputTokens", "max_output_tokens").and_then(Value::as_u64),
        })
    }

    fn candidates(config: &Value, model: &Model) -> Result<u32, Failure> {
        const PATH: &str = "generation_config.candidate_count";
        let Some(value) = get(config, "candidateCount", "candidate_count") else {
            return Ok(1);
        };
        let Some(count) = value.as_i64() else {
            let message = format!("Invalid value at '{PATH}' (TYPE_INT32), {value}");
            return Err(Failure::field(PATH, message));
        };
        let most = model.candidates;
        match u32::try_from(count) {
            Ok(count) if (1..=most).contains(&count) => Ok(count),
            Ok(2..) if most == 1 => Err(Failure::invalid(
                "Multiple candidates is not enabled for this model",
            )),
            _ => Err(Failure::value(PATH, &format!("must be in the range [1, {most}]"))),
        }
    }

    fn thinking(config: &Value, model: &Model) -> Result<Option<bool>, Failure> {
        let Some(thinking) = get(config, "thinkingConfig", "thinking_config") else {
            return Ok(None);
        };
        let level = get(thinking, "thinkingLevel", "thinking_level");
        if model.thinking == Thinking::Never {
            let message = format!("Thinking is not enabled for models/{}", model.name);
            return Err(Failure::invalid(message));
        }
        if model.thinking == Thinking::Always && level.is_some() {
            return Err(Failure::invalid(
                "Thinking level is not supported for this model.",
            ));
        }
        if let Some(level) = level {
            let name = level.as_str().unwrap_or_default();
            let known =
                model.levels.is_empty() || model.levels.iter().any(|known| known.eq_ignore_ascii_case(name));
            if !known || name.is_empty() {
                return Err(Failure::invalid(format!(
                    "Thinking level {} is not supported for this model. Please retry with other thinking level.",
                    name.to_uppercase()
                )));
            }
        }
        if level.is_some() && get(thinking, "thinkingBudget", "thinking_budget").is_some() {
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
        let thoughts = match style {
            Style::Relay => true,
            Style::Google => model.thinking != Thinking::Never && self.thoughts == Some(true),
        };
        let words_only = self.modalities.words_only(&prompt);
        let searched = self.search.then(|| prompt.clone());
        Ok(Ask {
            model,
            model_name: model_name.to_owned(),
            prompt,
            subject,
            width,
            height,
            jpeg,
            thoughts,
            text: self.modalities.text,
            words_only,
            candidates: self.candidates,
            prompt_tokens,
            picture_tokens: picture_tokens(model_name, self.size),
            searched,
            max_tokens: self.max_tokens,
        })
    }
}

fn one_of(field: &str, known: &[String]) -> Failure {
    let known: Vec<String> = known.iter().map(|name| format!("'{name}'")).collect();
    let path = format!("generation_config.image_config.{field}");
    Failure::value(&path, &format!("must be one of {}", known.join(", ")))
}

/// The pixels of a picture from its header; whatever it is labelled as.
fn dimensions(bytes: &[u8]) -> Result<(u32, u32), Failure> {
    if !matches!(Mime::sniff(bytes), Mime::Png | Mime::Jpeg | Mime::Webp) {
        return Err(Failure::unreadable_reference());
    }
    image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| Failure::unreadable_reference())?
        .into_dimensions()
        .map_err(|_| Failure::unreadable_reference())
}
