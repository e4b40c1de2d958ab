//! What a call costs by Google's list, before and after it is made. A relay bills by its own terms: there this is a hint.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Capability;
use crate::domain::{Cost, Size, Usage};

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
}

impl Capability {
    /// What one picture of this size costs by the list; `None` where the list does not say.
    pub fn estimate(&self, size: Option<&Size>) -> Option<f64> {
        let price = self.price.as_ref()?;
        if *price == Price::default() {
            return Some(0.0);
        }
        let size = size.or(self.default_size()).map_or("1K", Size::as_str);
        price.picture.get(size).copied()
    }

    /// What a finished call cost: tokens as the server counted them, pictures by their own rate.
    pub fn cost(&self, usage: &Usage, size: Option<&Size>, pictures: u32) -> Option<Cost> {
        let price = self.price.as_ref()?;
        if usage.output.is_none() && usage.image.is_none() && pictures == 0 {
            return None;
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
            (None, _) if pictures > 0 => (self.estimate(size)? * f64::from(pictures), false),
            (None, output) => (of(output.unwrap_or(0), price.text), true),
        };
        let usd = input + thoughts + output;
        Some(Cost {
            usd,
            exact: known && matches!(self.provider.as_str(), "google" | "demo"),
        })
    }
}
