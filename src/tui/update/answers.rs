//! Answers to what was asked of the shell: each goes to the family that asked, which drops it when it has asked for
//! something else since.

use crate::tui::effect::Effect;
use crate::tui::model::Model;
use crate::tui::msg::Msg;

use super::follow::{text, weigh};
use super::{attach, chrome, keeping, local, preview, search, sessions, settings, spending, trash};

pub(super) fn take(model: &mut Model, answer: Msg) -> Vec<Effect> {
    match answer {
        Msg::Sessions { ask, result } => sessions::listed(model, ask, result),
        Msg::Session { ask, result } => sessions::opened(model, ask, result),
        Msg::Text { ask, result } => text::read(model, ask, result),
        Msg::Preview { subject, paint } => preview::painted(model, subject, paint),
        Msg::Routed { ask, result } => settings::routed(model, ask, result),
        Msg::Looked { ask, result } => attach::looked(model, ask, result),
        Msg::Pasted(result) => local::pasted(model, result),
        Msg::Folder { ask, result } => attach::listed(model, ask, result),
        Msg::Weighed { ask, result } => weigh::weighed(model, ask, result),
        Msg::Spent { ask, result } => spending::spent(model, ask, result),
        Msg::StoreChanged => keeping::changed(model),
        Msg::Recovered { turns, problems } => keeping::recovered(model, &turns, problems),
        Msg::Hits { ask, result } => search::found(model, ask, result),
        Msg::Deleted { what, result } => trash::deleted(model, &what, result),
        Msg::Restored(result) => trash::restored(model, result),
        Msg::Notice(text) => chrome::notice(model, &text),
        Msg::Problem(error) => chrome::problem(model, error),
        _ => Vec::new(),
    }
}
