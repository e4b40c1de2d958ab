//! What follows from what the model has become, whatever made it so: done after every message, so that no change can
//! forget it.

pub(super) mod text;
pub(super) mod weigh;

use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::model::Model;

use super::{looking, preview, settings};

pub(super) fn follow(model: &mut Model) -> impl Iterator<Item = Effect> + use<> {
    looking::settle(model);
    settings::follow(model);
    let words = text::follow(model);
    // What stands above the prompt is a part of the layout.
    let weight = weigh::follow(model);
    model.editor.lay_out(layout::editor_width(model.size, model));
    let panes = layout::panes(model.size, model);
    text::wrap(model, &panes);
    let preview = preview::follow(model, &panes);
    words.into_iter().chain(preview).chain(weight)
}
