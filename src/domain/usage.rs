//! What a call used, as the server claims it.

use serde::{Deserialize, Serialize};

/// Token counts; `None` where the server never said. A later answer without a number never erases an earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    #[serde(rename = "prompt_tokens")]
    pub prompt: Option<u64>,
    /// Everything that the model put out, pictures included, thoughts not.
    #[serde(rename = "output_tokens")]
    pub output: Option<u64>,
    #[serde(rename = "thought_tokens")]
    pub thoughts: Option<u64>,
    #[serde(rename = "total_tokens")]
    pub total: Option<u64>,
    /// The picture part of `output`, where the server breaks it down.
    #[serde(rename = "image_tokens", default, skip_serializing_if = "Option::is_none")]
    pub image: Option<u64>,
}

impl Usage {
    /// Takes over every number that `later` has.
    pub fn update(&mut self, later: Self) {
        self.prompt = later.prompt.or(self.prompt);
        self.output = later.output.or(self.output);
        self.thoughts = later.thoughts.or(self.thoughts);
        self.total = later.total.or(self.total);
        self.image = later.image.or(self.image);
    }
}

/// What a call cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// US dollars.
    pub usd: f64,
    /// False where the server did not say how many tokens the pictures took, or where a relay bills by other terms.
    pub exact: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_answer_without_numbers_erases_nothing() {
        let mut usage = Usage {
            prompt: Some(8),
            total: Some(8),
            ..Usage::default()
        };
        usage.update(Usage {
            total: Some(1392),
            ..Usage::default()
        });
        usage.update(Usage::default());
        assert_eq!(
            usage,
            Usage {
                prompt: Some(8),
                total: Some(1392),
                ..Usage::default()
            }
        );
    }
}
