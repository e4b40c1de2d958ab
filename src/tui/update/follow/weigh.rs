//! What the next prompt would weigh: followed after every message, like the preview, so that no change can forget to
//! ask.

use crate::error::Result;
use crate::tui::effect::Effect;
use crate::tui::model::{Model, Weighing};
use crate::tui::msg::{Ask, Weight};
use crate::tui::sending;

/// Asks when something heavy has changed. The words of the prompt weigh nothing beside a picture: they ask nothing.
pub(super) fn follow(model: &mut Model) -> Option<Effect> {
    let load = sending::load(model);
    if model.weighing.about == load {
        return None;
    }
    model.weighing = Weighing {
        about: load.clone(),
        ..Weighing::default()
    };
    let load = load?;
    let ask = model.next_ask();
    model.weighing.asked = Some(ask);
    Some(Effect::Weigh {
        ask,
        session: load.session,
        parent: load.parent,
        request: Box::new(sending::draft(model)),
    })
}

pub(in super::super) fn weighed(model: &mut Model, ask: Ask, result: Result<Weight>) -> Vec<Effect> {
    if model.weighing.asked == Some(ask) {
        model.weighing.asked = None;
        model.weighing.known = Some(result);
    }
    Vec::new()
}
