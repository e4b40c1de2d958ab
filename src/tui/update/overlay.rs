//! What the keys do while something lies over the panes: help, the settings picker, the two questions.

use crate::domain::{AspectRatio, Size};
use crate::keys::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Column, Model, Offer, Overlay, Picker};
use crate::tui::{layout, lists};

use super::{chrome, leave, moves, stop};

pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(overlay) = model.overlay.take() else {
        return Vec::new();
    };
    match (overlay, action) {
        (overlay, Action::Suspend | Action::Redraw) => {
            model.overlay = Some(overlay);
            return chrome::act(model, action, false);
        }
        (Overlay::Quit, Action::FinishInBackground) => return vec![Effect::Quit { finish: true }],
        (Overlay::Quit, Action::StopIt) => return vec![Effect::Quit { finish: false }],
        // Whoever presses Ctrl+C once more means it.
        (Overlay::Stop(id), Action::StopIt | Action::Interrupt) => return stop::stop_now(model, id),
        (_, Action::Escape | Action::Interrupt)
        | (Overlay::Help { .. }, Action::Help)
        | (Overlay::Settings(_), Action::Settings) => {}
        (_, Action::Quit) => return leave::quit(model),
        (Overlay::Help { scroll, about }, action) => {
            let screen = layout::panes(model.size, model).screen;
            let help = lists::help(about, screen);
            let page = usize::from(help.area.height.saturating_sub(2));
            let scroll = moves::target(action, scroll, help.last_first() + 1, page).unwrap_or(scroll);
            model.overlay = Some(Overlay::Help { scroll, about });
        }
        (Overlay::Settings(picker), Action::Take) => take(model, &picker),
        (Overlay::Settings(mut picker), action) => {
            pick(model, &mut picker, action);
            model.overlay = Some(Overlay::Settings(picker));
        }
        (overlay @ (Overlay::Quit | Overlay::Stop(_)), _) => model.overlay = Some(overlay),
    }
    Vec::new()
}

pub(super) fn open_settings(model: &mut Model) {
    let settings = &model.settings;
    let offers = &settings.offers;
    let Some(row) = offers.iter().position(|offer| offer.model == settings.model) else {
        model.notice = Some("no model is known for this provider".to_owned());
        return;
    };
    model.overlay = Some(Overlay::Settings(Picker {
        column: Column::Model,
        model: row,
        ratio: ratio_row(&offers[row], settings.ratio.as_ref()),
        size: size_row(&offers[row], settings.size.as_ref()),
    }));
}

/// Row 0 leaves it to the model, also where this model does not take what another took.
fn ratio_row(offer: &Offer, ratio: Option<&AspectRatio>) -> usize {
    let found = ratio.and_then(|ratio| offer.ratios.iter().position(|known| known == ratio));
    found.map_or(0, |row| row + 1)
}

fn size_row(offer: &Offer, size: Option<&Size>) -> usize {
    let found = size.and_then(|size| offer.sizes.iter().position(|known| known == size));
    found.map_or(0, |row| row + 1)
}

fn pick(model: &Model, picker: &mut Picker, action: Action) {
    let offers = &model.settings.offers;
    let Some(offer) = offers.get(picker.model) else {
        return;
    };
    picker.column = match (action, picker.column) {
        (Action::NextColumn, Column::Model) | (Action::PreviousColumn, Column::Size) => Column::Ratio,
        (Action::NextColumn, Column::Ratio) | (Action::PreviousColumn, Column::Model) => Column::Size,
        (Action::NextColumn, Column::Size) | (Action::PreviousColumn, Column::Ratio) => Column::Model,
        (_, column) => column,
    };
    let (here, len) = match picker.column {
        Column::Model => (picker.model, offers.len()),
        Column::Ratio => (picker.ratio, offer.ratios.len() + 1),
        Column::Size => (picker.size, offer.sizes.len() + 1),
    };
    let Some(row) = moves::target(action, here, len, usize::from(lists::PICKER_PAGE)) else {
        return;
    };
    match picker.column {
        Column::Model => {
            let (ratio, size) = picked(offer, picker);
            picker.ratio = ratio_row(&offers[row], ratio.as_ref());
            picker.size = size_row(&offers[row], size.as_ref());
            picker.model = row;
        }
        Column::Ratio => picker.ratio = row,
        Column::Size => picker.size = row,
    }
}

fn picked(offer: &Offer, picker: &Picker) -> (Option<AspectRatio>, Option<Size>) {
    let ratio = picker.ratio.checked_sub(1).and_then(|row| offer.ratios.get(row));
    let size = picker.size.checked_sub(1).and_then(|row| offer.sizes.get(row));
    (ratio.cloned(), size.cloned())
}

fn take(model: &mut Model, picker: &Picker) {
    let Some(offer) = model.settings.offers.get(picker.model) else {
        return;
    };
    let (ratio, size) = picked(offer, picker);
    model.settings.model = offer.model.clone();
    model.settings.ratio = ratio;
    model.settings.size = size;
}
