//! The settings that a request takes over from the turn that it grows from, as far as a model takes them.

use super::Capability;
use crate::domain::{AspectRatio, Request, Size, Tuning};

/// The settings of a turn that hold for the requests that grow from it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inherited {
    pub aspect_ratio: Option<AspectRatio>,
    pub size: Option<Size>,
    pub tuning: Tuning,
    /// Those that the model does not take, such as `size 2K`.
    pub left_out: Vec<String>,
}

impl Capability {
    /// Returns the settings of `from` that hold for a request to this model: all but the number of candidates, each of
    /// which costs, and the word that nothing be checked. `unchecked` says so of the new request; then nothing is left out.
    /// Of a model that no table has only the thinking level of another model is left out: some servers refuse any.
    pub fn inherit(&self, from: &Request, unchecked: bool) -> Inherited {
        let is_same = (&from.provider, &from.model) == (&self.provider, &self.name);
        let takes = |request: Request| {
            let tuning = Tuning {
                unchecked,
                ..request.tuning
            };
            self.check(&Request { tuning, ..request }).is_ok()
        };
        let with_tuning = |tuning: Tuning| Request {
            tuning,
            ..Request::default()
        };
        let mut left_out = Vec::new();
        let mut aspect_ratio = from.aspect_ratio.clone();
        let ratio = Request {
            aspect_ratio: aspect_ratio.clone(),
            ..Request::default()
        };
        if let Some(ratio) = aspect_ratio.take_if(|_| !takes(ratio)) {
            left_out.push(format!("ratio {ratio}"));
        }
        let mut size = from.size.clone();
        let sized = Request {
            size: size.clone(),
            ..Request::default()
        };
        if let Some(size) = size.take_if(|_| !takes(sized)) {
            left_out.push(format!("size {size}"));
        }
        let mut tuning = Tuning {
            candidates: None,
            unchecked: false,
            ..from.tuning.clone()
        };
        for (name, copy) in FIELDS {
            let mut alone = Tuning::default();
            copy(&mut alone, &from.tuning);
            if let Some(name) = name(&from.tuning).filter(|_| !takes(with_tuning(alone))) {
                left_out.push(name);
                copy(&mut tuning, &Tuning::default());
            }
        }
        let is_foreign =
            |level: &mut String| !(self.verified || is_same || unchecked) && self.level(level).is_none();
        if let Some(level) = tuning.thinking.take_if(is_foreign) {
            left_out.push(format!("thinking level {level}"));
        }
        tuning.safety.retain(|safety| {
            let alone = Tuning {
                safety: vec![safety.clone()],
                ..Tuning::default()
            };
            let is_taken = takes(with_tuning(alone));
            if !is_taken {
                left_out.push(format!(
                    "safety setting {}={}",
                    safety.category.trim_start_matches("HARM_CATEGORY_"),
                    safety.threshold
                ));
            }
            is_taken
        });
        Inherited {
            aspect_ratio,
            size,
            tuning,
            left_out,
        }
    }
}

impl Inherited {
    /// A sentence for each setting of the turn `number` that `model` does not take.
    pub fn notes(&self, number: u32, model: &str) -> Vec<String> {
        let note = |what: &String| format!("The {what} of #{number} is not for {model}, and is left out");
        self.left_out.iter().map(note).collect()
    }
}

/// A setting that a model may not take: the function that names it where it is set, and the one that copies it.
type Field = (fn(&Tuning) -> Option<String>, fn(&mut Tuning, &Tuning));

const FIELDS: [Field; 7] = [
    (
        |from| from.temperature.map(|value| format!("temperature {value}")),
        |to, from| to.temperature = from.temperature,
    ),
    (
        |from| from.top_p.map(|value| format!("top-p {value}")),
        |to, from| to.top_p = from.top_p,
    ),
    (
        |from| from.top_k.map(|value| format!("top-k {value}")),
        |to, from| to.top_k = from.top_k,
    ),
    (
        |from| from.max_tokens.map(|value| format!("limit of {value} tokens")),
        |to, from| to.max_tokens = from.max_tokens,
    ),
    (
        |from| {
            from.thinking
                .as_ref()
                .map(|level| format!("thinking level {level}"))
        },
        |to, from| to.thinking.clone_from(&from.thinking),
    ),
    (
        |from| from.search.then(|| "search".to_owned()),
        |to, from| to.search = from.search,
    ),
    (
        |from| from.tools.as_ref().map(|_| "list of tools".to_owned()),
        |to, from| to.tools.clone_from(&from.tools),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Output;
    use crate::provider::capability::find;

    fn everything() -> Request {
        Request {
            prompt: "a fox".to_owned(),
            provider: "google".to_owned(),
            model: "gemini-nano-banana-2.1".to_owned(),
            aspect_ratio: "1:8".parse().ok(),
            size: "2K".parse().ok(),
            tuning: Tuning {
                system: Some("Paint flat".to_owned()),
                temperature: Some(0.5),
                top_p: Some(0.9),
                top_k: Some(10),
                seed: Some(7),
                max_tokens: Some(9_000),
                thinking: Some("medium".to_owned()),
                no_thoughts: true,
                safety: vec!["harassment=block_only_high".parse().unwrap()],
                search: true,
                tools: Some("[]".to_owned()),
                output: Output::Images,
                candidates: Some(3),
                unchecked: true,
            },
            ..Request::default()
        }
    }

    #[test]
    fn the_same_model_takes_everything_over_but_what_multiplies_the_price_and_what_skips_the_checks() {
        let from = everything();
        let inherited = find("google", "gemini-nano-banana-2.1").inherit(&from, false);
        let kept = Tuning {
            candidates: None,
            unchecked: false,
            ..from.tuning.clone()
        };
        assert_eq!(inherited.tuning, kept);
        assert_eq!(
            (inherited.aspect_ratio, inherited.size),
            (from.aspect_ratio, from.size)
        );
        assert!(inherited.left_out.is_empty());
    }

    #[test]
    fn what_another_model_does_not_take_is_left_out_and_named() {
        let from = everything();
        let lite = find("google", "gemini-3.1-flash-lite-image").inherit(&from, false);
        assert_eq!(
            lite.notes(4, "lite"),
            [
                "The size 2K of #4 is not for lite, and is left out",
                "The limit of 9000 tokens of #4 is not for lite, and is left out",
                "The thinking level medium of #4 is not for lite, and is left out",
                "The search of #4 is not for lite, and is left out",
            ]
        );
        assert_eq!(lite.aspect_ratio, from.aspect_ratio);
        assert_eq!(lite.tuning.system, from.tuning.system);
        let tuning = &lite.tuning;
        let dropped = (&lite.size, tuning.max_tokens, &tuning.thinking, tuning.search);
        assert_eq!(dropped, (&None, None, &None, false));
        let pro = find("google", "gemini-3-pro-image").inherit(&from, false);
        assert_eq!(pro.left_out, ["ratio 1:8", "top-k 10", "thinking level medium"]);
        // Whoever wants nothing checked has nothing left out.
        let all = find("google", "gemini-3-pro-image").inherit(&from, true);
        assert_eq!(
            (all.left_out, all.aspect_ratio),
            (Vec::<String>::new(), from.aspect_ratio)
        );
    }

    #[test]
    fn a_model_that_no_table_has_is_not_judged() {
        let mut from = everything();
        let unknown = find("google", "nobody-knows-it");
        let inherited = unknown.inherit(&from, false);
        assert_eq!(inherited.left_out, ["thinking level medium"]);
        assert_eq!(inherited.aspect_ratio, from.aspect_ratio);
        from.model = "nobody-knows-it".to_owned();
        assert_eq!(unknown.inherit(&from, false).left_out, Vec::<String>::new());
    }
}
