//! What a user asks for, before any provider's spelling of it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Mime;

/// An aspect ratio as the API spells it, such as `16:9`; never reduced (`21:9` is not `7:3`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AspectRatio(String);

impl AspectRatio {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AspectRatio {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match text.trim().split_once(':') {
            Some((wide, high)) if is_number(wide) && is_number(high) => Ok(Self(text.trim().to_owned())),
            _ => Err(format!("\u{201c}{text}\u{201d} is not a ratio such as 16:9")),
        }
    }
}

impl fmt::Display for AspectRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An output size as the API spells it: `512`, `1K`, `2K`, `4K`; any case in, upper case out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Size(String);

impl Size {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let upper = text.trim().to_ascii_uppercase();
        let digits = upper.strip_suffix('K').unwrap_or(&upper);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(upper))
        } else {
            Err(format!("\u{201c}{text}\u{201d} is not a size such as 1K"))
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A picture that the user gives along: a file that is encoded as it is sent and never held in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Absolute path of the bytes that are sent (the store's own copy once a turn has begun).
    pub path: PathBuf,
    pub mime: Mime,
    /// Length of the file in bytes.
    pub bytes: u64,
    /// The user's name of the file; the copy is named by its contents. Empty once the turn is in the store.
    #[serde(skip)]
    pub name: String,
    /// A sentence about the changes made to the copy; `None` where it has the bytes of the file.
    #[serde(skip)]
    pub note: Option<String>,
}

/// A threshold for one category of harm, as the API spells both: `HARM_CATEGORY_HARASSMENT`, `BLOCK_ONLY_HIGH`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Safety {
    pub category: String,
    pub threshold: String,
}

impl FromStr for Safety {
    type Err = String;

    /// From `CATEGORY=THRESHOLD`, in any case, with or without `HARM_CATEGORY_`. Whether there are such is not asked.
    fn from_str(text: &str) -> Result<Self, String> {
        let name = |text: &str| text.trim().to_ascii_uppercase().replace('-', "_");
        let is_name = |name: &String| {
            let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
            !name.is_empty() && name.bytes().all(fits)
        };
        let pair = text
            .split_once('=')
            .map(|(category, threshold)| (name(category), name(threshold)));
        let Some((category, threshold)) = pair.filter(|(one, two)| is_name(one) && is_name(two)) else {
            return Err(format!(
                "\u{201c}{text}\u{201d} is not a safety setting such as HARASSMENT=BLOCK_ONLY_HIGH"
            ));
        };
        let category = if category.starts_with("HARM_CATEGORY_") {
            category
        } else {
            format!("HARM_CATEGORY_{category}")
        };
        Ok(Self { category, threshold })
    }
}

/// The kinds of answer that a request asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// Images, with text where the model has something to say.
    #[default]
    TextAndImages,
    /// Images without text.
    Images,
    /// Whatever the model gives: text without an image is a success as well.
    Text,
}

impl Output {
    /// The name that the settings use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TextAndImages => "text-and-images",
            Self::Images => "images",
            Self::Text => "text",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::TextAndImages, Self::Images, Self::Text];
        let named = |output: &Self| output.as_str().eq_ignore_ascii_case(text.trim());
        all.into_iter()
            .find(named)
            .ok_or_else(|| format!("\u{201c}{text}\u{201d} is none of text-and-images, images, text"))
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a user may say beyond prompt, ratio and size. What is unset is left to the model: image models are tuned for
/// their own defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tuning {
    /// The system instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Above 0, at most 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// The API's is a 32-bit integer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i32>,
    /// Output tokens, thoughts included; too few cut the picture off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// One of the model's thinking levels, such as `high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thinking: Option<String>,
    /// Thoughts are not asked for, where they would be.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_thoughts: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub safety: Vec<Safety>,
    /// The model may search the web first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub search: bool,
    /// More tools, as the JSON array that the user gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<String>,
    #[serde(skip_serializing_if = "Output::is_default")]
    pub output: Output,
    /// How many answers the model gives to the one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<u32>,
    /// Sent even where the model table would refuse it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unchecked: bool,
}

/// One generation as the user asked for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub prompt: String,
    /// The name of the provider in the settings, such as `google`.
    pub provider: String,
    /// The model's name as that provider spells it, without `models/`.
    pub model: String,
    /// `None` lets the model choose (the input picture's ratio, else 1:1).
    pub aspect_ratio: Option<AspectRatio>,
    /// `None` lets the model choose (1K where it has sizes).
    pub size: Option<Size>,
    pub references: Vec<Reference>,
    #[serde(flatten)]
    pub tuning: Tuning,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_come_out_in_upper_case_and_ratios_as_given() {
        assert_eq!(
            "2k".parse::<Size>().map(|size| size.to_string()),
            Ok("2K".to_owned())
        );
        assert_eq!(
            "21:9".parse::<AspectRatio>().map(|ratio| ratio.to_string()),
            Ok("21:9".to_owned())
        );
        assert!("wide".parse::<AspectRatio>().is_err());
        assert!("16:".parse::<AspectRatio>().is_err());
        assert!("big".parse::<Size>().is_err());
    }

    #[test]
    fn a_request_that_was_stored_before_there_were_these_settings_still_reads() {
        let old = r#"{"prompt":"a fox","provider":"google","model":"m","aspect_ratio":null,"size":"1K","references":[],"seed":7}"#;
        let request: Request = serde_json::from_str(old).unwrap();
        let Tuning {
            output,
            candidates,
            tools,
            seed,
            ..
        } = &request.tuning;
        assert_eq!(
            (*output, *candidates, tools, *seed),
            (Output::TextAndImages, None, &None, Some(7))
        );
        assert!(!serde_json::to_string(&request).unwrap().contains("output"));
        let asked = Request {
            tuning: Tuning {
                output: Output::Text,
                candidates: Some(3),
                tools: Some("[{\"googleSearch\":{}}]".to_owned()),
                ..Tuning::default()
            },
            ..request
        };
        let stored = serde_json::to_string(&asked).unwrap();
        assert_eq!(serde_json::from_str::<Request>(&stored).unwrap(), asked);
    }

    #[test]
    fn a_safety_setting_is_a_pair_of_names() {
        let named = Safety {
            category: "HARM_CATEGORY_HATE_SPEECH".to_owned(),
            threshold: "BLOCK_NONE".to_owned(),
        };
        for text in ["hate-speech=block_none", "HARM_CATEGORY_HATE_SPEECH = BLOCK_NONE"] {
            assert_eq!(text.parse(), Ok(named.clone()));
        }
        for text in ["harassment", "=OFF", "harassment=", "a b=OFF"] {
            assert!(text.parse::<Safety>().is_err(), "{text}");
        }
    }
}
