//! The settings picker's choices: only what a provider and a model accept, each with what it gives and costs. Shared by
//! update, which moves through them, and view, which draws them.

use super::model::Model;
use super::money::{self, Price};
use super::settings::{MOST, Provider, Setting, Settings, pixels};
use super::words;
use crate::domain::{AspectRatio, Output, Size, Tuning, clean_line};
use crate::provider::capability::Capability;

/// One row that may be chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    pub name: String,
    /// The result and the price of the choice, the longest wording first.
    pub facts: Vec<String>,
    /// It cannot be chosen.
    pub closed: bool,
}

impl Model {
    /// The models to choose from; the chosen one is among them, whether a table knows it or not.
    fn models(&self, settings: &Settings) -> Vec<Capability> {
        let mut rows: Vec<_> = self.catalog.models(&settings.provider).cloned().collect();
        if !settings.model.is_empty() && rows.iter().all(|row| row.name != settings.model) {
            rows.push(self.capability(&settings.provider, &settings.model));
        }
        rows
    }

    /// Every choice of a setting.
    pub fn choices(&self, settings: &Settings, setting: Setting) -> Vec<Choice> {
        let cap = self.capability(&settings.provider, &settings.model);
        match setting {
            Setting::Provider => self.providers.iter().map(provider).collect(),
            Setting::Model => {
                let rows = self.models(settings);
                rows.iter().map(|row| model(row, &self.today)).collect()
            }
            Setting::Ratio => {
                let any = Choice {
                    name: "any".to_owned(),
                    facts: vec!["the model decides".to_owned()],
                    closed: false,
                };
                let row = |ratio: &AspectRatio| Choice {
                    name: ratio.to_string(),
                    facts: vec![pixels(&cap, Some(ratio), settings.size.as_ref())],
                    closed: false,
                };
                let ratios = listed(&cap.ratios, settings.ratio.as_ref());
                std::iter::once(any).chain(ratios.iter().map(row)).collect()
            }
            Setting::Size => {
                let row = |size: Option<&Size>| size_row(&cap, settings, size);
                let sizes = listed(&cap.sizes, settings.size.as_ref());
                let rows = sizes.iter().map(|size| row(Some(size)));
                std::iter::once(row(None)).chain(rows).collect()
            }
            Setting::Count => (1..=MOST)
                .map(|count| Choice {
                    name: format!("×{count}"),
                    facts: vec![money::price(&cap, settings.size.as_ref(), count).short()],
                    closed: false,
                })
                .collect(),
            Setting::Thinking => thinking(&cap, settings.tuning.thinking.as_ref()),
            Setting::Output => OUTPUTS.iter().map(|(_, row)| output(row)).collect(),
            Setting::Others => others(&self.others_of(settings)),
        }
    }

    /// The row of the choice that holds.
    pub fn chosen_row(&self, settings: &Settings, setting: Setting) -> usize {
        let cap = self.capability(&settings.provider, &settings.model);
        let found = match setting {
            Setting::Provider => self
                .providers
                .iter()
                .position(|provider| provider.name == settings.provider),
            Setting::Model => self
                .models(settings)
                .iter()
                .position(|row| row.name == settings.model),
            Setting::Ratio => {
                let ratios = listed(&cap.ratios, settings.ratio.as_ref());
                after_any(&ratios, settings.ratio.as_ref())
            }
            Setting::Size => {
                let sizes = listed(&cap.sizes, settings.size.as_ref());
                after_any(&sizes, settings.size.as_ref())
            }
            Setting::Count => usize::try_from(settings.count() - 1).ok(),
            Setting::Thinking => {
                let levels = listed(&cap.levels, settings.tuning.thinking.as_ref());
                after_any(&levels, settings.tuning.thinking.as_ref())
            }
            Setting::Output => OUTPUTS
                .iter()
                .position(|(output, _)| *output == settings.tuning.output),
            Setting::Others => {
                let none = Tuning::default();
                let may_keep = self.others_of(settings) != none;
                Some(usize::from(may_keep && settings.others() == none))
            }
        };
        found.unwrap_or(0)
    }

    /// Chooses a row; what the new model or provider does not take falls back to "any".
    pub fn choose(&self, settings: &mut Settings, setting: Setting, row: usize) {
        let cap = self.capability(&settings.provider, &settings.model);
        let behind_any = row.checked_sub(1);
        match setting {
            Setting::Provider => {
                if let Some(provider) = self.providers.get(row) {
                    settings.model = self.model_at(&provider.name, &settings.model);
                    settings.provider.clone_from(&provider.name);
                }
            }
            Setting::Model => {
                if let Some(row) = self.models(settings).get(row) {
                    settings.model.clone_from(&row.name);
                }
            }
            Setting::Ratio => {
                let ratios = listed(&cap.ratios, settings.ratio.as_ref());
                settings.ratio = behind_any.and_then(|row| ratios.get(row).cloned());
            }
            Setting::Size => {
                let sizes = listed(&cap.sizes, settings.size.as_ref());
                settings.size = behind_any.and_then(|row| sizes.get(row).cloned());
            }
            Setting::Count => settings.count = u32::try_from(row + 1).unwrap_or(1).min(MOST),
            Setting::Thinking => {
                let levels = listed(&cap.levels, settings.tuning.thinking.as_ref());
                settings.tuning.thinking = behind_any.and_then(|row| levels.get(row).cloned());
            }
            Setting::Output => {
                let chosen = OUTPUTS.get(row).map(|(output, _)| *output);
                settings.tuning.output = chosen.unwrap_or_default();
            }
            Setting::Others if row == 0 => {
                let others = self.others_of(settings);
                settings.set_others(others);
            }
            Setting::Others => settings.forget_others(),
        }
        if matches!(setting, Setting::Provider | Setting::Model) {
            settings.fit(&self.capability(&settings.provider, &settings.model));
        }
    }
}

/// The kinds of answer, each with its name and what it gives.
const OUTPUTS: [(Output, [&str; 2]); 3] = [
    (
        Output::TextAndImages,
        ["image and text", "text where the model has something to say"],
    ),
    (Output::Images, ["image only", "no text"]),
    (Output::Text, ["text or image", "text without an image will do"]),
];

/// Returns the values that a model takes, and behind them the one that is set, where the model is not known to take it.
fn listed<T: Clone + PartialEq>(all: &[T], set: Option<&T>) -> Vec<T> {
    let unknown = set.filter(|set| !all.contains(set));
    all.iter().chain(unknown).cloned().collect()
}

/// The others may be kept or left out, and not chosen here.
fn others(others: &Tuning) -> Vec<Choice> {
    let row = |name: &str, facts: String| Choice {
        name: name.to_owned(),
        facts: vec![facts],
        closed: false,
    };
    let named = words::tuning(others).join(" · ");
    if named.is_empty() {
        let none = "no system instruction, sampling, safety, search or tools";
        return vec![row("none", none.to_owned())];
    }
    vec![row("kept", named), row("none", "left out".to_owned())]
}

fn output([name, gives]: &[&str; 2]) -> Choice {
    Choice {
        name: (*name).to_owned(),
        facts: vec![(*gives).to_owned()],
        closed: false,
    }
}

fn after_any<T: PartialEq>(all: &[T], one: Option<&T>) -> Option<usize> {
    let found = one.and_then(|one| all.iter().position(|known| known == one));
    found.map(|row| row + 1)
}

fn provider(provider: &Provider) -> Choice {
    let facts = match &provider.missing {
        Some(variable) => vec![
            format!("no key: set {}", clean_line(variable)),
            format!("set {}", clean_line(variable)),
            "no key".to_owned(),
        ],
        None if provider.name == "demo" => vec!["free, on this machine".to_owned(), "free".to_owned()],
        None => Vec::new(),
    };
    Choice {
        name: clean_line(&provider.name),
        facts,
        closed: provider.missing.is_some(),
    }
}

fn model(row: &Capability, today: &str) -> Choice {
    let next = row.successor.as_deref().map(clean_line);
    let mut facts = match &row.retires {
        Some(day) => {
            let gone = match (row.retired(today), &row.disputed) {
                (true, _) => "retired",
                (false, None) => "retires",
                (false, Some(_)) => "reports differ",
            };
            let short = match &row.disputed {
                Some(_) if gone == "reports differ" => {
                    format!("announced for {}, reports differ", clean_line(day))
                }
                _ => format!("{gone} {}", clean_line(day)),
            };
            let long = next.map(|next| format!("{short}, now {}", money::short_name(&next)));
            long.into_iter().chain([short, gone.to_owned()]).collect()
        }
        None if !row.verified => vec!["unverified".to_owned()],
        None => Vec::new(),
    };
    if facts.is_empty() {
        let cheapest = row.sizes.iter().filter_map(|size| row.estimate(Some(size)));
        let from = cheapest.reduce(f64::min).or_else(|| row.estimate(None));
        let price = Price::new(row, from);
        let word = if row.sizes.len() > 1 && price.is_paid() {
            "from "
        } else {
            ""
        };
        facts.push(format!("{word}{}", price.short()));
    }
    Choice {
        name: clean_line(&row.name),
        facts,
        closed: false,
    }
}

fn size_row(cap: &Capability, settings: &Settings, size: Option<&Size>) -> Choice {
    let pixels = pixels(cap, settings.ratio.as_ref(), size);
    let price = money::price(cap, size, 1).short();
    Choice {
        name: size.map_or("any".to_owned(), ToString::to_string),
        facts: vec![format!("{pixels}  {price}"), pixels],
        closed: false,
    }
}

fn thinking(cap: &Capability, set: Option<&String>) -> Vec<Choice> {
    let usual = match &cap.default_level {
        Some(level) => format!("the model's own: {}", clean_line(level)),
        None if cap.levels.is_empty() => "not settable for this model".to_owned(),
        None => "the model's own".to_owned(),
    };
    let any = Choice {
        name: "any".to_owned(),
        facts: vec![usual],
        closed: false,
    };
    let row = |level: &String| Choice {
        name: clean_line(level),
        ..Choice::default()
    };
    let levels = listed(&cap.levels, set);
    std::iter::once(any).chain(levels.iter().map(row)).collect()
}
