//! What each model of each provider accepts, makes and costs, read from one embedded, dated table. It validates
//! requests and answers pickers; it knows no address, no key and no wire format, and asks no server.

mod check;
mod inherit;
mod own;
mod price;
mod table;
mod truth;
mod tuning;

use serde::Serialize;

pub use inherit::Inherited;
pub use own::{PicturePrice, Terms, assumed, seed};
pub use price::{Price, may_cost_more};
pub use table::{Catalog, as_of, default_model, find, models, rows};

use crate::domain::{AspectRatio, Mime, Size};

/// What is known of a model's thinking, and so what a request says about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thinking {
    /// It does not think, or nobody says that it does: a `thinkingConfig` would be refused.
    #[default]
    None,
    /// Thoughts come by themselves; nothing is sent.
    Unasked,
    /// Thoughts come when `includeThoughts` asks for them.
    Asked,
}

/// How a provider's documents spell the data of an image in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spelling {
    /// `inlineData{mimeType,data}`, which no relay drops.
    #[default]
    Camel,
    /// `inline_data{mime_type,data}`.
    Snake,
}

impl Spelling {
    /// The name that the settings use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Camel => "camel",
            Self::Snake => "snake",
        }
    }

    /// The spelling of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Camel, Self::Snake]
            .into_iter()
            .find(|spelling| spelling.as_str().eq_ignore_ascii_case(name.trim()))
    }
}

/// Which reference pictures a model takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct References {
    /// `None` where no limit is documented.
    #[serde(default)]
    pub max: Option<usize>,
    pub mimes: Vec<Mime>,
}

/// One model at one provider.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Capability {
    pub provider: String,
    pub name: String,
    /// The name of the row that this one is another name of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
    /// False where the table does not know the model: nothing is refused then, the server decides.
    pub verified: bool,
    pub ratios: Vec<AspectRatio>,
    /// Empty where the model takes no size.
    pub sizes: Vec<Size>,
    pub stream: bool,
    pub references: References,
    pub thinking: Thinking,
    /// The values of `thinkingLevel`, empty where it is refused.
    pub levels: Vec<String>,
    pub default_level: Option<String>,
    /// Google's list price; only a hint at a relay, which bills by its own terms.
    pub price: Option<Price>,
    /// The most bytes that a request may have.
    pub request_limit: Option<u64>,
    /// How the data of images is spelled in a request.
    pub inline_data: Spelling,
    /// Whether a request must say its `responseModalities`.
    pub modalities_required: bool,
    /// Whether it can search the web before it answers.
    pub search: bool,
    /// Whether that search can find pictures too, which has a form of its own on the wire.
    pub image_search: bool,
    /// The most input tokens, where that is known.
    pub max_input: Option<u32>,
    /// The most output tokens, where that is known.
    pub max_output: Option<u32>,
    /// The only value that topK may have.
    pub top_k: Option<u32>,
    /// The most that `candidateCount` may say; `None` where the model does not have it.
    pub candidates: Option<u32>,
    /// The day it is switched off, `YYYY-MM-DD`.
    pub retires: Option<String>,
    /// The day, or the words, of a source that disagrees about `retires`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disputed: Option<String>,
    pub successor: Option<String>,
    /// Where the row comes from.
    pub source: String,
    /// One sentence for people; empty where there is nothing to say.
    pub note: String,
    /// The name of the table that holds its pixels.
    #[serde(skip)]
    pixels: String,
}

impl Capability {
    pub fn ratios(&self) -> &[AspectRatio] {
        &self.ratios
    }

    pub fn sizes(&self) -> &[Size] {
        &self.sizes
    }

    /// The size that comes when none is asked for: 1K wherever a model has sizes.
    pub fn default_size(&self) -> Option<&Size> {
        let one_k = self.sizes.iter().find(|size| size.as_str() == "1K");
        one_k.or_else(|| self.sizes.first())
    }

    /// Whether the provider streams this model; the endpoint must allow it too.
    pub fn streams(&self) -> bool {
        self.stream
    }

    pub fn accepts_references(&self) -> bool {
        self.references.max != Some(0)
    }

    /// Returns whether it is switched off on the day `today` (`YYYY-MM-DD`). Where sources disagree about the day it is
    /// so when the last of the days that they name has come, and not before.
    pub fn retired(&self, today: &str) -> bool {
        let has_come = |day: &str| day <= today;
        let is_day = |text: &&str| text.starts_with(|first: char| first.is_ascii_digit());
        match self.disputed.as_deref() {
            Some(other) if !is_day(&other) => false,
            other => self.retires.as_deref().is_some_and(has_come) && other.is_none_or(has_come),
        }
    }

    /// The sentence for a user who picks a model that is, or soon will be, gone.
    pub fn retirement(&self, today: &str) -> Option<String> {
        let day = self.retires.as_deref()?;
        let Self { name, provider, .. } = self;
        let next = self
            .successor
            .as_ref()
            .map(|name| format!("; its successor is {name}"));
        let next = next.unwrap_or_default();
        Some(match self.disputed.as_deref() {
            Some(other) if !self.retired(today) => {
                format!(
                    "The end of {name} at {provider} is announced for {day}, reports differ ({other}){next}"
                )
            }
            other => {
                let verb = if self.retired(today) {
                    "was switched off"
                } else {
                    "will be switched off"
                };
                let day = other.unwrap_or(day).max(day);
                format!("{name} {verb} at {provider} on {day}{next}")
            }
        })
    }

    /// The size that a picture of so many pixels has, whatever its ratio: the one whose square is nearest to it.
    pub(crate) fn size_of(&self, width: u32, height: u32) -> Option<&Size> {
        let side = (u64::from(width) * u64::from(height)).isqrt().max(1);
        let distance = |size: &&Size| {
            let wanted = u64::from(table::side(size)).max(1);
            // How many times one is the other, in thousandths.
            side.max(wanted) * 1000 / side.min(wanted)
        };
        self.sizes.iter().min_by_key(distance)
    }

    /// The pixels that a picture of this ratio and size has, by the documentation where it says so, else computed.
    /// No ratio means 1:1 (without a reference), no size the model's own.
    pub fn pixels(&self, ratio: Option<&AspectRatio>, size: Option<&Size>) -> (u32, u32) {
        let ratio = ratio.map_or("1:1", AspectRatio::as_str);
        let square = size.or(self.default_size()).map_or(1024, table::side);
        let (width, height) = table::pixels(&self.pixels, ratio);
        let scaled = |pixels: u32| (u64::from(pixels) * u64::from(square) / 1024).max(1);
        let narrow = |pixels: u64| u32::try_from(pixels).unwrap_or(u32::MAX);
        (narrow(scaled(width)), narrow(scaled(height)))
    }
}

#[cfg(test)]
mod tests;
