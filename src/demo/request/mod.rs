//! A request's JSON, in either spelling, to an [`Ask`]: what to paint, on what, how large, and whether its history
//! is what this server once said. Pure; pictures are decoded from base64 but not yet from PNG or JPEG.

mod history;
mod limits;
mod modalities;
mod settings;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::Style;
use super::failure::Failure;
use super::models::{self, Model};
use history::History;
use settings::Settings;

/// What the picture is to be made from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Subject {
    /// The words of the conversation so far, oldest first: there is no picture, or it is this server's own and can
    /// be painted again with the change in it.
    Words(Vec<String>),
    /// The last picture of the request, to be changed as the words say.
    Picture { bytes: Vec<u8>, words: String },
}

/// A request, understood and checked.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Ask {
    pub(super) model: Model,
    /// The name as the client spelt it.
    pub(super) model_name: String,
    /// The text of the last turn.
    pub(super) prompt: String,
    pub(super) subject: Subject,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) jpeg: bool,
    pub(super) thoughts: bool,
    /// Whether words may go with the picture.
    pub(super) text: bool,
    /// Whether the answer is words alone.
    pub(super) words_only: bool,
    pub(super) candidates: u32,
    pub(super) prompt_tokens: u64,
    pub(super) picture_tokens: u64,
    /// What the model searched for, where it may.
    pub(super) searched: Option<String>,
    /// The most tokens that the answer may take.
    max_tokens: Option<u64>,
}

impl Ask {
    /// Whether its budget ends before the picture does.
    pub(super) fn starved(&self) -> bool {
        let is_short = |most| most < self.picture_tokens;
        !self.words_only && self.max_tokens.is_some_and(is_short)
    }

    /// What a relay makes of 2K or 4K that its upstream does not do: the pixels of 1K; of those, a half.
    pub(super) fn fewer_pixels(&self) -> (u32, u32) {
        let side = self.width.max(self.height);
        let scale = if side > 2048 { side.div_ceil(1584) } else { 2 };
        (self.width / scale, self.height / scale)
    }
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow, default)]
    contents: Option<Vec<Content<'a>>>,
    #[serde(default, alias = "generationConfig")]
    generation_config: Value,
    #[serde(default, alias = "systemInstruction")]
    system_instruction: Value,
    #[serde(default, alias = "safetySettings")]
    safety_settings: Value,
    #[serde(default)]
    tools: Value,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(default)]
    role: Option<String>,
    #[serde(borrow, default)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
    #[serde(default)]
    thought: Option<bool>,
    #[serde(borrow, default, alias = "thoughtSignature")]
    thought_signature: Option<Text<'a>>,
    #[serde(borrow, default, alias = "inlineData")]
    inline_data: Option<Inline<'a>>,
}

#[derive(Deserialize)]
struct Inline<'a> {
    #[serde(borrow, default, alias = "mimeType")]
    mime_type: Option<Text<'a>>,
    #[serde(borrow, default)]
    data: Option<Text<'a>>,
}

/// A string that is borrowed from the body where it has no escapes; `Option<Cow<str>>` alone would always copy.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// Base64 in either alphabet, with or without padding and line breaks.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if memchr::memchr2(b'-', b'_', bytes).is_none() {
        return base64_simd::forgiving_decode_to_vec(bytes).ok();
    }
    let standard: Vec<u8> = bytes
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    base64_simd::forgiving_decode_to_vec(&standard).ok()
}

/// Understands and checks a body, or says what a provider of this style would say against it.
pub(super) fn parse(body: &[u8], model_name: &str, style: Style) -> Result<Ask, Failure> {
    let model = models::find(model_name, style).ok_or_else(|| {
        Failure::not_found(format!(
            "models/{model_name} is not found for API version v1beta, or is not supported for \
             generateContent. Call ListModels to see the list of available models and their supported methods."
        ))
    })?;
    let wire: Wire<'_> = serde_json::from_slice(body)
        .map_err(|error| Failure::invalid(format!("Invalid JSON payload received. {error}")))?;
    let contents = wire
        .contents
        .filter(|contents| !contents.is_empty())
        .ok_or_else(|| {
            Failure::field(
                "contents",
                "* GenerateContentRequest.contents: contents is not specified\n",
            )
        })?;
    if style == Style::Google {
        limits::names(body, &wire.generation_config)?;
    }
    limits::system(&wire.system_instruction)?;
    limits::safety(&wire.safety_settings)?;
    let search = limits::search(&wire.tools, &model)?;
    let settings = Settings::read(&wire.generation_config, &model, search)?;
    let history = History::read(&contents, &model, style)?;
    settings.ask(model, model_name, history, style)
}
