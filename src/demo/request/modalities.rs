//! `responseModalities`: what an answer is made of. Left out, the model decides by what it is asked for.

use serde_json::Value;

use super::super::failure::Failure;
use super::settings::get;

/// What an answer may be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Modalities {
    pub(super) text: bool,
    pub(super) image: bool,
    /// The request says nothing of them.
    pub(super) open: bool,
}

/// Words that ask for words.
const WRITING: [&str; 10] = [
    "poem",
    "haiku",
    "limerick",
    "sonnet",
    "story",
    "essay",
    "joke",
    "describe",
    "explain",
    "translate",
];

impl Modalities {
    const OPEN: Self = Self {
        text: true,
        image: true,
        open: true,
    };

    pub(super) fn read(config: &Value) -> Result<Self, Failure> {
        const PATH: &str = "generation_config.response_modalities";
        let Some(value) = get(config, "responseModalities", "response_modalities") else {
            return Ok(Self::OPEN);
        };
        let Some(names) = value.as_array() else {
            return Err(Failure::field(
                PATH,
                format!("Invalid value at '{PATH}' (list), {value}"),
            ));
        };
        if names.is_empty() {
            return Ok(Self::OPEN);
        }
        let mut asked = Self {
            text: false,
            image: false,
            open: false,
        };
        for (index, name) in names.iter().enumerate() {
            match name.as_str().map(str::to_ascii_uppercase).as_deref() {
                Some("TEXT") => asked.text = true,
                Some("IMAGE") => asked.image = true,
                Some("AUDIO" | "VIDEO") => {
                    let message =
                        "The requested combination of response modalities is not supported by the model.";
                    return Err(Failure::invalid(message));
                }
                _ => {
                    let path = format!("{PATH}[{index}]");
                    let message = format!(
                        "Invalid value at '{path}' \
                         (type.googleapis.com/google.ai.generativelanguage.v1beta.GenerationConfig.Modality), {name}"
                    );
                    return Err(Failure::field(&path, message));
                }
            }
        }
        Ok(asked)
    }

    /// Returns whether the answer to this prompt is words alone.
    pub(super) fn words_only(self, prompt: &str) -> bool {
        let asks = || {
            let prompt = prompt.to_lowercase();
            let mut words = prompt.split(|letter: char| !letter.is_alphanumeric());
            prompt.trim_end().ends_with('?') || words.any(|word| WRITING.contains(&word))
        };
        !self.image || (self.open && asks())
    }
}
