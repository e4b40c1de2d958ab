//! Refuses what a user may say beyond ratio and size where a model is known not to take it. Ranges and names are the
//! API's own.

use super::check::{any_of, list};
use super::{Capability, Thinking, rows};
use crate::domain::{Safety, Tuning};
use crate::error::{Error, Kind, Result};

const CATEGORIES: [&str; 5] = [
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
    // No longer documented, and still taken.
    "HARM_CATEGORY_CIVIC_INTEGRITY",
];

const THRESHOLDS: [&str; 5] = [
    "BLOCK_LOW_AND_ABOVE",
    "BLOCK_MEDIUM_AND_ABOVE",
    "BLOCK_ONLY_HIGH",
    "BLOCK_NONE",
    "OFF",
];

impl Capability {
    pub(super) fn check_tuning(&self, tuning: &Tuning) -> Result<()> {
        self.check_sampling(tuning)?;
        if let Some(most) = tuning.max_tokens {
            self.check_max_tokens(most)?;
        }
        if let Some(level) = &tuning.thinking {
            self.check_level(level)?;
        }
        for safety in &tuning.safety {
            self.check_safety(safety)?;
        }
        if tuning.search && !self.search {
            return Err(self.refuse("cannot search the web", self.searchers()));
        }
        self.check_candidates(tuning.candidates)
    }

    /// One candidate is what every model gives.
    fn check_candidates(&self, asked: Option<u32>) -> Result<()> {
        let Some(asked) = asked.filter(|asked| *asked != 1) else {
            return Ok(());
        };
        match self.candidates {
            Some(most) if (1..=most).contains(&asked) => Ok(()),
            Some(most) => Err(self.refuse(
                &format!("gives at most {most} candidates, and {asked} were asked for"),
                format!("Choose from 1 to {most}, or send several requests with -n"),
            )),
            None => Err(self.refuse(
                &format!("gives one candidate to a request, and {asked} were asked for"),
                "Leave the candidates out, and send several requests with -n".to_owned(),
            )),
        }
    }

    fn check_sampling(&self, tuning: &Tuning) -> Result<()> {
        if let Some(temperature) = tuning.temperature.filter(|value| !(0.0..=2.0).contains(value)) {
            let what = format!("does not take the temperature {temperature}");
            return Err(self.refuse(&what, "Choose one from 0 to 2, or leave it out".to_owned()));
        }
        if let Some(top_p) = tuning.top_p.filter(|value| !(*value > 0.0 && *value <= 1.0)) {
            let what = format!("does not take the top-p {top_p}");
            let next = "Choose one above 0, at most 1, or leave it out";
            return Err(self.refuse(&what, next.to_owned()));
        }
        match (tuning.top_k, self.top_k) {
            (Some(0), None) => {
                let next = "Choose one of at least 1, or leave it out";
                Err(self.refuse("does not take the top-k 0", next.to_owned()))
            }
            (Some(asked), Some(only)) if asked != only => {
                let what = format!("has its top-k fixed at {only}, and {asked} was asked for");
                Err(self.refuse(&what, "Leave the top-k out".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn check_max_tokens(&self, asked: u32) -> Result<()> {
        let next = match self.max_output {
            Some(most) => format!("Choose from 1 to {most}, or leave the limit out"),
            None => "Choose at least 1, or leave the limit out".to_owned(),
        };
        if asked == 0 {
            return Err(self.refuse("cannot answer with 0 output tokens", next));
        }
        if let Some(most) = self.max_output.filter(|most| asked > *most) {
            let what = format!("puts out at most {most} tokens, and {asked} were asked for");
            return Err(self.refuse(&what, next));
        }
        Ok(())
    }

    /// The model's own spelling of a thinking level that the user named in any case; `None` where it has no such.
    pub fn level(&self, named: &str) -> Option<&str> {
        let same = |level: &&String| level.eq_ignore_ascii_case(named.trim());
        self.levels.iter().find(same).map(String::as_str)
    }

    fn check_level(&self, level: &str) -> Result<()> {
        if self.level(level).is_some() {
            return Ok(());
        }
        if !self.levels.is_empty() {
            let next = format!(
                "Choose one of {}, or leave the level out",
                list(self.levels.iter().map(String::as_str))
            );
            return Err(self.refuse(&format!("does not take the thinking level {level}"), next));
        }
        let next = match self.thinking {
            Thinking::Asked => "Leave the level out: it thinks as much as it sees fit",
            Thinking::Unasked => "Leave the level out: its thoughts come by themselves",
            Thinking::None => "Leave the level out: nothing says that it thinks at all",
        };
        let what = format!("takes no thinking level, and {level} was asked for");
        Err(self.refuse(&what, next.to_owned()))
    }

    fn check_safety(&self, safety: &Safety) -> Result<()> {
        let Safety { category, threshold } = safety;
        if !CATEGORIES.contains(&category.as_str()) {
            let short = CATEGORIES
                .iter()
                .map(|name| name.trim_start_matches("HARM_CATEGORY_"));
            let next = format!("Choose one of {}", list(short));
            return Err(self.refuse(&format!("does not know the safety category {category}"), next));
        }
        if !THRESHOLDS.contains(&threshold.as_str()) {
            let next = format!("Choose one of {}", list(THRESHOLDS.into_iter()));
            return Err(self.refuse(&format!("does not know the safety threshold {threshold}"), next));
        }
        Ok(())
    }

    /// Who could search instead.
    fn searchers(&self) -> String {
        let able = |row: &&Capability| {
            row.provider == self.provider && row.search && row.retires.is_none() && row.alias_of.is_none()
        };
        let able: Vec<&str> = rows().iter().filter(able).map(|row| row.name.as_str()).collect();
        match able.as_slice() {
            [] => "Leave the search out".to_owned(),
            able => format!("Leave the search out, or choose {}", any_of(able)),
        }
    }
}

/// Refuses tools that are not a JSON array: whatever else they are, the server decides.
pub(super) fn check_tools(tools: Option<&str>) -> Result<()> {
    let Some(tools) = tools else { return Ok(()) };
    let why = match serde_json::from_str::<serde_json::Value>(tools) {
        Ok(serde_json::Value::Array(_)) => return Ok(()),
        Ok(_) => "it is another kind of JSON".to_owned(),
        Err(error) => error.to_string(),
    };
    Err(
        Error::new(Kind::BadInput, format!("The tools are not a JSON array: {why}"))
            .hint("Such as [{\"googleSearch\":{}}]; nothing was sent"),
    )
}

#[cfg(test)]
mod tests {
    use crate::domain::{Request, Tuning};
    use crate::error::{Error, Kind};
    use crate::provider::capability::find;

    fn refused(provider: &str, model: &str, tuning: Tuning) -> Option<Error> {
        let checked = find(provider, model).check(&Request {
            tuning: tuning.clone(),
            ..Request::default()
        });
        // Whatever the table refuses goes out all the same where the user insists.
        let unchecked = Tuning {
            unchecked: true,
            ..tuning
        };
        let insisted = find(provider, model).check(&Request {
            tuning: unchecked,
            ..Request::default()
        });
        assert_eq!(insisted, Ok(()));
        checked
            .err()
            .inspect(|error| assert_eq!(error.kind, Kind::BadInput))
    }

    #[test]
    fn what_is_out_of_range_is_refused_with_the_range() {
        let cases: [(Tuning, &str, &str); 6] = [
            (
                Tuning {
                    temperature: Some(2.1),
                    ..Tuning::default()
                },
                "does not take the temperature 2.1",
                "from 0 to 2",
            ),
            (
                Tuning {
                    temperature: Some(f64::NAN),
                    ..Tuning::default()
                },
                "does not take the temperature NaN",
                "from 0 to 2",
            ),
            (
                Tuning {
                    top_p: Some(0.0),
                    ..Tuning::default()
                },
                "does not take the top-p 0",
                "above 0, at most 1",
            ),
            (
                Tuning {
                    top_k: Some(0),
                    ..Tuning::default()
                },
                "does not take the top-k 0",
                "at least 1",
            ),
            (
                Tuning {
                    max_tokens: Some(0),
                    ..Tuning::default()
                },
                "0 output tokens",
                "from 1 to 4096",
            ),
            (
                Tuning {
                    max_tokens: Some(4097),
                    ..Tuning::default()
                },
                "puts out at most 4096 tokens, and 4097 were asked for",
                "from 1 to 4096",
            ),
        ];
        for (tuning, says, next) in cases {
            let error = refused("google", "gemini-3.1-flash-lite-image", tuning).unwrap();
            assert!(error.message.contains(says), "{error}");
            assert!(error.hint.contains(next), "{}", error.hint);
        }
        let fine = Tuning {
            temperature: Some(2.0),
            top_p: Some(1.0),
            top_k: Some(1),
            max_tokens: Some(4096),
            seed: Some(-1),
            system: Some("be brief".to_owned()),
            no_thoughts: true,
            ..Tuning::default()
        };
        assert_eq!(
            refused("google", "gemini-3.1-flash-lite-image", fine.clone()),
            None
        );
        let error = refused("google", "gemini-3-pro-image", fine.clone()).unwrap();
        assert!(
            error
                .message
                .ends_with("has its top-k fixed at 64, and 1 was asked for")
        );
        let wild = Tuning {
            temperature: Some(9.0),
            thinking: Some("extreme".to_owned()),
            search: true,
            ..fine
        };
        assert_eq!(refused("google", "gemini-9-image", wild), None);
    }

    #[test]
    fn a_thinking_level_is_one_that_the_model_has() {
        let level = |name: &str| Tuning {
            thinking: Some(name.to_owned()),
            ..Tuning::default()
        };
        assert_eq!(refused("google", "gemini-nano-banana-2.1", level("Medium")), None);
        for (provider, model, name, next) in [
            (
                "google",
                "gemini-3.1-flash-image",
                "medium",
                "Choose one of minimal, high,",
            ),
            ("google", "gemini-3-pro-image", "high", "as much as it sees fit"),
            ("starrise", "gemini-2.5-flash-image", "high", "by themselves"),
            ("tokaify", "gemini-2.5-flash-image", "high", "nothing says"),
        ] {
            let error = refused(provider, model, level(name)).unwrap();
            assert!(error.message.contains(name), "{error}");
            assert!(error.hint.contains(next), "{}", error.hint);
        }
    }

    #[test]
    fn a_search_is_for_models_that_can_and_others_name_them() {
        let search = || Tuning {
            search: true,
            ..Tuning::default()
        };
        for (model, can) in [
            ("gemini-nano-banana-2.1", true),
            ("gemini-3-pro-image", true),
            ("gemini-3.1-flash-image", true),
            ("gemini-3.1-flash-lite-image", false),
            ("gemini-2.5-flash-image", false),
        ] {
            assert_eq!(refused("google", model, search()).is_none(), can, "{model}");
        }
        let error = refused("google", "gemini-2.5-flash-image", search()).unwrap();
        assert_eq!(
            error.hint,
            "Leave the search out, or choose gemini-nano-banana-2.1 or gemini-3-pro-image"
        );
        let error = refused("anyfast", "gemini-3-pro-image", search()).unwrap();
        assert_eq!(error.hint, "Leave the search out");
    }

    #[test]
    fn candidates_are_for_models_that_give_them() {
        let candidates = |count: u32| Tuning {
            candidates: Some(count),
            ..Tuning::default()
        };
        for (provider, model, count, says) in [
            ("tokaify", "gemini-2.5-flash-image", 10, None),
            (
                "tokaify",
                "gemini-2.5-flash-image",
                11,
                Some("at most 10 candidates"),
            ),
            (
                "tokaify",
                "gemini-2.5-flash-image",
                0,
                Some("at most 10 candidates"),
            ),
            ("tokaify", "gemini-3-pro-image-preview", 11, None),
            ("google", "gemini-3-pro-image", 1, None),
            ("google", "gemini-3-pro-image", 2, Some("gives one candidate")),
            (
                "anyfast",
                "gemini-2.5-flash-image",
                2,
                Some("gives one candidate"),
            ),
        ] {
            let error = refused(provider, model, candidates(count));
            let found = error.as_ref().map(|error| error.message.as_str());
            let fits = match (says, found) {
                (Some(says), Some(found)) => found.contains(says),
                (says, found) => says == found,
            };
            assert!(fits, "{provider} {model} {count}: {found:?}");
        }
    }

    #[test]
    fn tools_are_a_json_array_whoever_insists() {
        for (tools, fits) in [
            (r#"[{"googleSearch":{}}]"#, true),
            ("[]", true),
            (r#"[{"a":1e999}]"#, false),
            ("{}", false),
            ("\"[]\"", false),
            ("[] []", false),
            ("[", false),
            ("", false),
            (&"[".repeat(4000), false),
        ] {
            for unchecked in [false, true] {
                let request = Request {
                    tuning: Tuning {
                        tools: Some(tools.to_owned()),
                        unchecked,
                        ..Tuning::default()
                    },
                    ..Request::default()
                };
                for model in ["gemini-3-pro-image", "gemini-9-image"] {
                    let checked = find("google", model).check(&request);
                    assert_eq!(checked.is_ok(), fits, "{tools:.40}: {checked:?}");
                    let kind = checked.err().map(|error| error.kind);
                    assert!(kind.is_none_or(|kind| kind == Kind::BadInput));
                }
            }
        }
    }

    #[test]
    fn safety_settings_are_the_api_s_own() {
        let safety = |text: &str| Tuning {
            safety: vec![text.parse().unwrap()],
            ..Tuning::default()
        };
        assert_eq!(
            refused(
                "google",
                "gemini-3-pro-image",
                safety("harassment=block_only_high")
            ),
            None
        );
        let error = refused("google", "gemini-3-pro-image", safety("jailbreak=off")).unwrap();
        assert!(
            error
                .message
                .ends_with("the safety category HARM_CATEGORY_JAILBREAK")
        );
        assert!(error.hint.contains("HARASSMENT, HATE_SPEECH"), "{}", error.hint);
        let error = refused("google", "gemini-3-pro-image", safety("harassment=high")).unwrap();
        assert!(error.hint.contains("BLOCK_ONLY_HIGH"), "{}", error.hint);
    }
}
