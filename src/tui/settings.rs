//! What the next prompt is sent with, and what may be chosen instead: only what a provider and a model accept, each
//! choice with what it gives and costs. Shared by update, which moves through it, and view, which draws it.

use super::model::Model;
use super::money::{self, Price};
use crate::domain::{AspectRatio, Output, Size, Tuning, clean_line};
use crate::provider::capability::Capability;

/// How many pictures one prompt may ask for.
pub const MOST: u32 = 8;

/// A provider that may be chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    pub name: String,
    /// What has to be set before it can be used, such as `ANYFAST_API_KEY`; `None` where nothing is missing.
    pub missing: Option<String>,
}

/// What the next prompt is sent with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    pub provider: String,
    pub model: String,
    pub ratio: Option<AspectRatio>,
    pub size: Option<Size>,
    /// How many pictures; 0 counts as 1.
    pub count: u32,
    /// The thinking level, and what a turn that was loaded into the editor had besides.
    pub tuning: Tuning,
}

/// One setting of the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    Provider,
    Model,
    Ratio,
    Size,
    Count,
    Thinking,
    Output,
}

impl Setting {
    pub const ALL: [Self; 7] = [
        Self::Provider,
        Self::Model,
        Self::Ratio,
        Self::Size,
        Self::Count,
        Self::Thinking,
        Self::Output,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Model => "model",
            Self::Ratio => "ratio",
            Self::Size => "size",
            Self::Count => "count",
            Self::Thinking => "thinking",
            Self::Output => "output",
        }
    }

    /// The next or the previous one, round and round.
    #[must_use]
    pub fn step(self, forward: bool) -> Self {
        let here = Self::ALL.iter().position(|one| *one == self).unwrap_or(0);
        let by = if forward { 1 } else { Self::ALL.len() - 1 };
        Self::ALL[(here + by) % Self::ALL.len()]
    }
}

/// The settings picker; nothing changes before Enter.
#[derive(Clone, Debug, PartialEq)]
pub struct Picker {
    pub setting: Setting,
    pub chosen: Settings,
    /// Why Enter could not take it.
    pub refusal: Option<String>,
}

/// One row that may be chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    pub name: String,
    /// What it gives and costs, the longest wording first.
    pub facts: Vec<String>,
    /// It cannot be chosen.
    pub closed: bool,
}

impl Settings {
    pub fn count(&self) -> u32 {
        self.count.clamp(1, MOST)
    }

    /// Drops what this model does not take.
    pub fn fit(&mut self, cap: &Capability) {
        self.ratio.take_if(|ratio| !cap.ratios.contains(ratio));
        self.size.take_if(|size| !cap.sizes.contains(size));
        self.tuning.thinking.take_if(|level| !cap.levels.contains(level));
        let most = cap.candidates.unwrap_or(1);
        self.tuning
            .candidates
            .take_if(|count| cap.verified && *count > most);
    }

    /// What it costs with this model, all its pictures together.
    pub fn price(&self, cap: &Capability) -> Price {
        let each = self.tuning.candidates.unwrap_or(1);
        money::price(cap, self.size.as_ref(), self.count().saturating_mul(each))
    }
}

impl Model {
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.name == name)
    }

    /// What is known of a model; also of one that no table has.
    pub fn capability(&self, provider: &str, model: &str) -> Capability {
        self.catalog.find(provider, model)
    }

    /// The model that the next prompt is sent to.
    pub fn chosen(&self) -> Capability {
        self.capability(&self.settings.provider, &self.settings.model)
    }

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
                std::iter::once(any).chain(cap.ratios.iter().map(row)).collect()
            }
            Setting::Size => {
                let row = |size: Option<&Size>| size_row(&cap, settings, size);
                std::iter::once(row(None))
                    .chain(cap.sizes.iter().map(|size| row(Some(size))))
                    .collect()
            }
            Setting::Count => (1..=MOST)
                .map(|count| Choice {
                    name: format!("×{count}"),
                    facts: vec![money::price(&cap, settings.size.as_ref(), count).short()],
                    closed: false,
                })
                .collect(),
            Setting::Thinking => thinking(&cap),
            Setting::Output => OUTPUTS.iter().map(|(_, row)| output(row)).collect(),
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
            Setting::Ratio => after_any(&cap.ratios, settings.ratio.as_ref()),
            Setting::Size => after_any(&cap.sizes, settings.size.as_ref()),
            Setting::Count => usize::try_from(settings.count() - 1).ok(),
            Setting::Thinking => after_any(&cap.levels, settings.tuning.thinking.as_ref()),
            Setting::Output => OUTPUTS
                .iter()
                .position(|(output, _)| *output == settings.tuning.output),
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
            Setting::Ratio => settings.ratio = behind_any.and_then(|row| cap.ratios.get(row).cloned()),
            Setting::Size => settings.size = behind_any.and_then(|row| cap.sizes.get(row).cloned()),
            Setting::Count => settings.count = u32::try_from(row + 1).unwrap_or(1).min(MOST),
            Setting::Thinking => {
                settings.tuning.thinking = behind_any.and_then(|row| cap.levels.get(row).cloned());
            }
            Setting::Output => {
                let chosen = OUTPUTS.get(row).map(|(output, _)| *output);
                settings.tuning.output = chosen.unwrap_or_default();
            }
        }
        if matches!(setting, Setting::Provider | Setting::Model) {
            settings.fit(&self.capability(&settings.provider, &settings.model));
        }
    }

    /// The model to go on with at another provider: the same one where it has it, else the one it starts with.
    pub(super) fn model_at(&self, provider: &str, model: &str) -> String {
        let mut rows = self.catalog.models(provider);
        if rows.any(|row| row.name == model && !row.retired(&self.today)) {
            return model.to_owned();
        }
        let usual = self.catalog.default_model(provider, &self.today);
        let first = || self.catalog.models(provider).next().map(|row| row.name.as_str());
        usual.or_else(first).unwrap_or(model).to_owned()
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

fn thinking(cap: &Capability) -> Vec<Choice> {
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
    std::iter::once(any).chain(cap.levels.iter().map(row)).collect()
}

/// `1376×768`.
pub fn pixels(cap: &Capability, ratio: Option<&AspectRatio>, size: Option<&Size>) -> String {
    let (width, height) = cap.pixels(ratio, size);
    format!("{width}×{height}")
}
