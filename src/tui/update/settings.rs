//! The settings: the picker, what a session brings with it, and the way to another provider.

use crate::domain::{Request, Turn, clean_line};
use crate::error::Result;
use crate::keys::Action;
use crate::tui::effect::Effect;
use crate::tui::lists;
use crate::tui::model::{Model, Overlay};
use crate::tui::msg::Ask;
use crate::tui::settings::{Picker, Setting, Settings};

use super::{chrome, moves};

pub(super) fn open(model: &mut Model) {
    model.overlay = Some(Overlay::Settings(Picker {
        setting: Setting::Model,
        chosen: model.settings.clone(),
        picked: model.picked.clone(),
        refusal: None,
    }));
}

/// What a key does in the picker; it goes on standing there.
pub(super) fn pick(model: &mut Model, mut picker: Picker, action: Action) {
    picker.refusal = None;
    match action {
        Action::NextColumn => picker.setting = picker.setting.step(true),
        Action::PreviousColumn => picker.setting = picker.setting.step(false),
        action => {
            let here = model.chosen_row(&picker.chosen, picker.setting);
            let len = model.choices(&picker.chosen, picker.setting).len();
            if let Some(row) = moves::target(action, here, len, usize::from(lists::PICKER_PAGE)) {
                model.choose(&mut picker.chosen, picker.setting, row);
                match picker.setting {
                    Setting::Provider | Setting::Model => {
                        picker.chosen = model.grown(&picker.chosen, &picker.picked).0;
                    }
                    Setting::Count => {}
                    setting => drop(picker.picked.insert(setting)),
                }
            }
        }
    }
    model.overlay = Some(Overlay::Settings(picker));
}

/// Takes what was picked; a provider that cannot be used keeps the picker open and says what it lacks.
pub(super) fn take(model: &mut Model, mut picker: Picker) -> Vec<Effect> {
    let provider = model.provider(&picker.chosen.provider);
    if let Some(variable) = provider.and_then(|provider| provider.missing.clone()) {
        let name = clean_line(&picker.chosen.provider);
        picker.refusal = Some(format!(
            "{name} has no key: set {} and start again",
            clean_line(&variable)
        ));
        model.overlay = Some(Overlay::Settings(picker));
        return Vec::new();
    }
    model.picked = picker.picked;
    let effects = change(model, picker.chosen);
    grow(model);
    effects
}

/// Takes over the settings of the turn that the next prompt grows from, but for what was picked.
fn grow(model: &mut Model) {
    (model.settings, model.left_out) = model.grown(&model.settings, &model.picked);
}

/// Follows what the next prompt grows from. One that grows from nothing goes on with what is in sight: ratio, size,
/// thinking and kind of answer.
pub(super) fn follow(model: &mut Model) {
    let base = model.base().map(|turn| turn.id.clone());
    if base == model.grown_from {
        return;
    }
    model.grown_from = base;
    if model.grown_from.is_none() && !model.picked.contains(&Setting::Others) {
        model.settings.forget_others();
    }
    grow(model);
}

/// Sets them, and asks the way to a provider that is another one.
fn change(model: &mut Model, settings: Settings) -> Vec<Effect> {
    if model.overlay == Some(Overlay::Dearer) {
        // The question was about others.
        model.overlay = None;
    }
    let is_another = model.settings.provider != settings.provider;
    model.settings = settings;
    if !is_another {
        return Vec::new();
    }
    let ask = model.next_ask();
    model.route_asked = Some(ask);
    vec![Effect::Route {
        ask,
        provider: model.settings.provider.clone(),
    }]
}

/// A provider that cannot be asked says so before anything is sent to it.
pub(super) fn routed(model: &mut Model, ask: Ask, result: Result<Option<String>>) -> Vec<Effect> {
    if model.route_asked != Some(ask) {
        return Vec::new();
    }
    model.route_asked = None;
    match result {
        Ok(note) => {
            if let Some(note) = note {
                model.notice = Some(clean_line(&note));
            }
            Vec::new()
        }
        Err(error) => chrome::problem(model, error),
    }
}

/// A session goes on as its latest turn was sent, where this machine still has that provider.
pub(super) fn remember(model: &mut Model) -> Vec<Effect> {
    model.settings.sent();
    model.settings.forget_others();
    model.picked.clear();
    model.grown_from = None;
    let was_named = std::mem::take(&mut model.settings_named);
    let latest = model.open.turns.iter().max_by_key(|turn| turn.number);
    let Some(request) = latest.map(|turn: &Turn| turn.request.clone()) else {
        return Vec::new();
    };
    if was_named || !is_here(model, &request) {
        return Vec::new();
    }
    let mut settings = of(model, &request);
    // The others are of the turn that the next prompt grows from, which may be another one, or none.
    settings.forget_others();
    change(model, settings)
}

/// The settings of a turn that goes into the editor; the provider's own stay where it is not here.
pub(super) fn load(model: &mut Model, request: &Request) -> Vec<Effect> {
    if is_here(model, request) {
        let settings = of(model, request);
        model.picked = Setting::INHERITED.into();
        model.left_out.clear();
        return change(model, settings);
    }
    model.notice = Some(format!(
        "prompt loaded; there is no {} here, so it goes to {}",
        clean_line(&request.provider),
        clean_line(&model.settings.provider)
    ));
    Vec::new()
}

fn is_here(model: &Model, request: &Request) -> bool {
    let provider = model.provider(&request.provider);
    provider.is_some_and(|provider| provider.missing.is_none())
}

fn of(model: &Model, request: &Request) -> Settings {
    Settings {
        provider: request.provider.clone(),
        model: request.model.clone(),
        ratio: request.aspect_ratio.clone(),
        size: request.size.clone(),
        count: model.settings.count,
        tuning: request.tuning.clone(),
    }
}
