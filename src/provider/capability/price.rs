//! What a call costs by Google's list, before and after it is made. A relay bills by its own terms: there this is a hint.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Capability;
use crate::domain::{Cost, ImageKind, Request, Size, Turn, Usage};

/// A list price in US dollars; all zero for the demo.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Per million tokens in.
    pub input: f64,
    /// Per million tokens of text out, thoughts included.
    pub text: f64,
    /// Per million tokens of picture out.
    pub image: f64,
    /// Per picture, by size; a model without sizes has its price under `1K`.
    pub picture: BTreeMap<String, f64>,
    /// The sizes whose price nobody has published, and which was derived from their tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub derived: Vec<String>,
}

impl Price {
    fn is_free(&self) -> bool {
        *self == Self::default()
    }

    /// Whether pictures are all that is paid for.
    fn is_per_picture(&self) -> bool {
        let bare = Self {
            picture: self.picture.clone(),
            ..Self::default()
        };
        !self.picture.is_empty() && *self == bare
    }
}

/// Whether an image may cost more than another one, each in US dollars. A price that the list does not have may be any,
/// so that only what is known to cost no more is taken to.
pub fn may_cost_more(usd: Option<f64>, than: Option<f64>) -> bool {
    match (usd, than) {
        (Some(usd), _) if usd <= 0.0 => false,
        (Some(usd), Some(than)) => usd > than,
        _ => true,
    }
}

impl Capability {
    /// What one picture of this size costs by the list; `None` where the list does not say.
    pub fn estimate(&self, size: Option<&Size>) -> Option<f64> {
        let price = self.price.as_ref()?;
        if price.is_free() {
            return Some(0.0);
        }
        let size = size.or(self.default_size()).map_or("1K", Size::as_str);
        price.picture.get(size).copied()
    }

    /// What one request is estimated to cost: an image for each of its candidates.
    pub fn estimate_of(&self, request: &Request) -> Option<f64> {
        let each = self.estimate(request.size.as_ref())?;
        Some(each * f64::from(request.tuning.candidates.unwrap_or(1).max(1)))
    }

    /// What a finished turn cost: tokens as the server counted them, pictures by their own rate. Where the server did
    /// not count the pictures' tokens apart they are guessed by the size that they have.
    pub fn cost_of(&self, turn: &Turn) -> Option<Cost> {
        let results = turn.images.iter().filter(|image| image.kind == ImageKind::Result);
        let sizes: Vec<&str> = results
            .map(|image| self.size_of(image.width, image.height).map_or("1K", Size::as_str))
            .collect();
        let mut cost = self.cost_by(&turn.usage, &sizes)?;
        // Searches are billed beyond a monthly allowance that only the provider counts.
        let may_search = turn.request.tuning.search || turn.request.tuning.tools.is_some();
        cost.exact &= !may_search || self.is_settled();
        Some(cost)
    }

    /// As [`Capability::cost_of`], for pictures that are only counted and are taken to have this size.
    pub fn cost(&self, usage: &Usage, size: Option<&Size>, pictures: u32) -> Option<Cost> {
        let size = size.or(self.default_size()).map_or("1K", Size::as_str);
        self.cost_by(usage, &vec![size; usize::try_from(pictures).unwrap_or(0)])
    }

    /// Whether the price is the provider's own. Anywhere else it is Google's, and only a hint.
    pub fn has_own_price(&self) -> bool {
        // Nobody lists a price for images alone but a provider that bills by it.
        let by_image = |price: &Price| price.input + price.text + price.image <= 0.0;
        matches!(self.provider.as_str(), "google" | "demo") || self.price.as_ref().is_some_and(by_image)
    }

    /// Whether a price leaves nothing to guess.
    fn is_settled(&self) -> bool {
        let settled = |price: &Price| price.is_free() || price.is_per_picture();
        self.price.as_ref().is_some_and(settled)
    }

    fn cost_by(&self, usage: &Usage, sizes: &[&str]) -> Option<Cost> {
        let price = self.price.as_ref()?;
        if price.is_free() {
            return Some(Cost {
                usd: 0.0,
                exact: true,
            });
        }
        if usage.output.is_none() && usage.image.is_none() && sizes.is_empty() {
            return None;
        }
        let pictures = || {
            sizes
                .iter()
                .map(|&size| price.picture.get(size))
                .sum::<Option<f64>>()
        };
        if price.is_per_picture() {
            // What is owed for an answer without a picture is the relay's to say.
            let usd = pictures().filter(|_| !sizes.is_empty())?;
            return Some(Cost { usd, exact: true });
        }
        let of = |tokens: u64, rate: f64| f64::from(u32::try_from(tokens).unwrap_or(u32::MAX)) * rate / 1e6;
        let input = of(usage.prompt.unwrap_or(0), price.input);
        let thoughts = of(usage.thoughts.unwrap_or(0), price.text);
        let (output, known) = match (usage.image, usage.output) {
            (Some(image), output) => {
                let text = output.unwrap_or(image).saturating_sub(image);
                (of(image, price.image) + of(text, price.text), true)
            }
            // Everything that came out, by the picture's own price: the words beside it weigh little.
            (None, output) if !sizes.is_empty() => {
                let as_tokens = || output.map(|output| of(output, price.image));
                (pictures().or_else(as_tokens)?, false)
            }
            (None, output) => (of(output.unwrap_or(0), price.text), true),
        };
        // A relay bills by its own terms, and its counts are claims.
        let exact = known && usage.prompt.is_some() && self.provider == "google";
        Some(Cost {
            usd: input + thoughts + output,
            exact,
        })
    }
}
