//! What each model of each provider accepts, makes and costs, read from one embedded, dated table. It validates
//! requests and answers pickers; it knows no address, no key and no wire format, and asks no server.

mod check;
mod own;
mod price;
mod table;
mod truth;
mod tuning;

use serde::Serialize;

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
    /// Whether it can search the web before it answers.
    pub search: bool,
    /// Whether that search can find pictures too, which has a form of its own on the wire.
    pub image_search: bool,
    /// The most output tokens, where that is known.
    pub max_output: Option<u32>,
    /// The only value that topK may have.
    pub top_k: Option<u32>,
    /// The day it is switched off, `YYYY-MM-DD`.
    pub retires: Option<String>,
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

    /// Whether it is switched off on the day `today` (`YYYY-MM-DD`).
    pub fn retired(&self, today: &str) -> bool {
        self.retires.as_deref().is_some_and(|day| day <= today)
    }

    /// What to tell a user who picks a model that is, or soon will be, gone.
    pub fn retirement(&self, today: &str) -> Option<String> {
        let day = self.retires.as_deref()?;
        let verb = if self.retired(today) {
            "was switched off"
        } else {
            "will be switched off"
        };
        let next = self
            .successor
            .as_ref()
            .map(|name| format!("; its successor is {name}"));
        Some(format!(
            "{} {verb} at {} on {day}{}",
            self.name,
            self.provider,
            next.unwrap_or_default()
        ))
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
