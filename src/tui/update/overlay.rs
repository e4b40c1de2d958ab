//! What the keys do while something lies over the panes: help, details, the pickers, the questions.

use crate::keys::Action;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Overlay};
use crate::tui::{details, layout, lists};

use super::leave::stop;
use super::{attach, chrome, job, keeping, leave, looking, moves, prompt, search, settings};

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
        (Overlay::Fetch(turn), Action::FetchIt) => return job::fetch(model, turn),
        (Overlay::Delete(what), Action::DeleteIt) => return vec![Effect::Delete { what }],
        (Overlay::Dearer, Action::SendDearer) => return prompt::send_dearer(model),
        (Overlay::Dearer, Action::SendOwn) => return prompt::send_own(model),
        (Overlay::Unsaved, Action::LeaveUnsaved) => return leave::quit_unsaved(model),
        (Overlay::Unsaved, Action::SaveAgain) => return keeping::save_again(model),
        (Overlay::Files(files), Action::Escape | Action::Interrupt) => attach::leave(model, &files),
        (_, Action::Escape | Action::Interrupt)
        | (Overlay::Help { .. }, Action::Help)
        | (Overlay::Details { .. }, Action::Details)
        | (Overlay::Settings(_), Action::Settings) => {}
        (_, Action::Quit) => return leave::quit(model),
        (Overlay::Help { scroll, about }, action) => {
            let screen = layout::panes(model.size, model).screen;
            let help = lists::help(about, screen);
            let scroll = scrolled(action, scroll, help.last_first(), help.area.height);
            model.overlay = Some(Overlay::Help { scroll, about });
        }
        (Overlay::Details { scroll, about }, action) => {
            let screen = layout::panes(model.size, model).screen;
            if let Some(details) = details::details(model, about.as_ref(), screen) {
                let scroll = scrolled(action, scroll, details.last_first(), details.area.height);
                model.overlay = Some(Overlay::Details { scroll, about });
            }
        }
        (Overlay::Settings(picker), Action::Take) => return settings::take(model, picker),
        (Overlay::Settings(picker), action) => settings::pick(model, picker, action),
        (Overlay::Files(files), action) => return attach::act(model, files, action),
        (Overlay::Search(search), action) => return search::act(model, search, action),
        (Overlay::Sheet(sheet), action) => looking::act_on_sheet(model, sheet, action),
        (
            overlay @ (Overlay::Quit
            | Overlay::Stop(_)
            | Overlay::Fetch(_)
            | Overlay::Delete(_)
            | Overlay::Dearer
            | Overlay::Unsaved),
            _,
        ) => {
            model.overlay = Some(overlay);
        }
    }
    Vec::new()
}

fn scrolled(action: Action, scroll: usize, last: usize, height: u16) -> usize {
    let page = usize::from(height.saturating_sub(2));
    moves::target(action, scroll.min(last), last + 1, page).unwrap_or(scroll)
}

/// Details of the error that stands there, else of the selected turn.
pub(super) fn open_details(model: &mut Model) {
    let about = if model.problems.is_empty() {
        model.open.selected.clone()
    } else {
        None
    };
    if model.problems.is_empty() && about.is_none() {
        model.notice = Some("there is nothing to tell details of yet".to_owned());
        return;
    }
    model.overlay = Some(Overlay::Details { scroll: 0, about });
}

/// Nothing that an answer points at is fetched before its host was shown.
pub(super) fn ask_to_fetch(model: &mut Model) {
    let selected = model.selected();
    let running = selected.filter(|turn| model.job_of(&turn.id).is_some());
    if let Some(number) = running.map(|turn| turn.number) {
        model.notice = Some(format!("#{number} is still running"));
        return;
    }
    let Some(id) = selected
        .filter(|turn| !turn.links.is_empty())
        .map(|turn| turn.id.clone())
    else {
        model.notice = Some("this node links to no picture".to_owned());
        return;
    };
    model.overlay = Some(Overlay::Fetch(id));
}
