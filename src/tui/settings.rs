//! The settings of the next prompt: those chosen for it, and those that it takes over from the turn that it grows from.

use std::collections::BTreeSet;

use super::model::Model;
use super::money::{self, Price};
use crate::domain::{AspectRatio, Output, Request, Size, Tuning, clean_line};
use crate::provider::capability::{Capability, Inherited};

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
    /// The thinking level, the kind of answer, and the others: what the turn has besides that the prompt grows from.
    pub tuning: Tuning,
}

/// One setting of the picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    Provider,
    Model,
    Ratio,
    Size,
    Count,
    Thinking,
    Output,
    /// System instruction, sampling, safety, search and tools.
    Others,
}

/// The settings that were chosen for the next prompt, whatever it grows from.
pub type Picked = BTreeSet<Setting>;

impl Setting {
    pub const ALL: [Self; 8] = [
        Self::Provider,
        Self::Model,
        Self::Ratio,
        Self::Size,
        Self::Count,
        Self::Thinking,
        Self::Output,
        Self::Others,
    ];

    /// Those that a prompt takes over from the turn it grows from.
    pub const INHERITED: [Self; 5] = [
        Self::Ratio,
        Self::Size,
        Self::Thinking,
        Self::Output,
        Self::Others,
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
            Self::Others => "others",
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
    pub picked: Picked,
    /// Why Enter could not take it.
    pub refusal: Option<String>,
}

impl Settings {
    pub fn count(&self) -> u32 {
        self.count.clamp(1, MOST)
    }

    /// Drops what this model does not take.
    pub fn fit(&mut self, cap: &Capability) {
        let Tuning {
            candidates,
            unchecked,
            ..
        } = self.tuning;
        let request = Request {
            aspect_ratio: self.ratio.take(),
            size: self.size.take(),
            tuning: std::mem::take(&mut self.tuning),
            ..Request::default()
        };
        let Inherited {
            aspect_ratio,
            size,
            tuning,
            ..
        } = cap.inherit(&request, unchecked);
        let most = cap.candidates.unwrap_or(1);
        (self.ratio, self.size) = (aspect_ratio, size);
        self.tuning = Tuning {
            candidates: candidates.filter(|count| !cap.verified || *count <= most),
            unchecked,
            ..tuning
        };
    }

    /// The others of the settings.
    pub(super) fn others(&self) -> Tuning {
        Tuning {
            thinking: None,
            output: Output::default(),
            ..self.tuning.clone()
        }
    }

    pub(super) fn set_others(&mut self, others: Tuning) {
        self.tuning = Tuning {
            thinking: self.tuning.thinking.take(),
            output: self.tuning.output,
            ..others
        };
    }

    /// Forgets what the next prompt has from the turn that it grew from and does not show by itself.
    pub fn forget_others(&mut self) {
        self.set_others(Tuning::default());
    }

    /// Drops the settings that hold for one request only, which has been sent.
    pub fn sent(&mut self) {
        self.count = 1;
        self.tuning.candidates = None;
        self.tuning.unchecked = false;
    }

    /// Takes over what was not picked.
    fn take_over(&mut self, inherited: Inherited, picked: &Picked) {
        let mut from = Settings {
            ratio: inherited.aspect_ratio,
            size: inherited.size,
            tuning: inherited.tuning,
            ..Settings::default()
        };
        for setting in Setting::INHERITED {
            if picked.contains(&setting) {
                continue;
            }
            match setting {
                Setting::Ratio => self.ratio = from.ratio.take(),
                Setting::Size => self.size = from.size.take(),
                Setting::Thinking => self.tuning.thinking = from.tuning.thinking.take(),
                Setting::Output => self.tuning.output = from.tuning.output,
                Setting::Others => self.set_others(from.others()),
                Setting::Provider | Setting::Model | Setting::Count => {}
            }
        }
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

    /// These settings with those of the turn that the next prompt grows from, as far as the model takes them and nothing
    /// else was picked; and a sentence for each that it does not take.
    pub fn grown(&self, settings: &Settings, picked: &Picked) -> (Settings, Vec<String>) {
        let cap = self.capability(&settings.provider, &settings.model);
        let mut grown = settings.clone();
        grown.fit(&cap);
        let Some(turn) = self.base() else {
            return (grown, Vec::new());
        };
        let inherited = cap.inherit(&unpicked(&turn.request, picked), false);
        let notes = inherited.notes(turn.number, &clean_line(&cap.name));
        grown.take_over(inherited, picked);
        (grown, notes)
    }

    /// The others that may be kept: those that are set, else those that were when the picker opened, else those of the turn
    /// that the next prompt grows from.
    pub(super) fn others_of(&self, settings: &Settings) -> Tuning {
        let none = Tuning::default();
        let inherited = || {
            let cap = self.capability(&settings.provider, &settings.model);
            let turn = self.base()?;
            Some(Settings {
                tuning: cap.inherit(&turn.request, false).tuning,
                ..Settings::default()
            })
        };
        let found = [settings.others(), self.settings.others()];
        let found = found.into_iter().find(|others| *others != none);
        found
            .or_else(|| inherited().map(|settings| settings.others()))
            .unwrap_or(none)
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

/// Returns the settings of a turn without those that were picked.
fn unpicked(request: &Request, picked: &Picked) -> Request {
    let mut from = request.clone();
    let is_picked = |setting| picked.contains(&setting);
    from.aspect_ratio.take_if(|_| is_picked(Setting::Ratio));
    from.size.take_if(|_| is_picked(Setting::Size));
    from.tuning.thinking.take_if(|_| is_picked(Setting::Thinking));
    if is_picked(Setting::Others) {
        from.tuning = Tuning {
            thinking: from.tuning.thinking.take(),
            output: from.tuning.output,
            ..Tuning::default()
        };
    }
    from
}

/// `1376×768`.
pub fn pixels(cap: &Capability, ratio: Option<&AspectRatio>, size: Option<&Size>) -> String {
    let (width, height) = cap.pixels(ratio, size);
    format!("{width}×{height}")
}
