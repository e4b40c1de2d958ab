//! The UI as it opens.

use crate::tui::effect::Effect;
use crate::tui::model::{Model, Setup};

use super::{sessions, spending};

/// The model as the UI opens, and the first things to do.
pub fn start(setup: Setup) -> (Model, Vec<Effect>) {
    let session = setup.session.clone();
    let mut model = Model::new(setup);
    let mut effects = vec![sessions::load(&mut model), spending::load(&mut model)];
    effects.extend(session.map(|id| sessions::ask_for(&mut model, id)));
    effects.push(Effect::Watch);
    if model.read_only.is_none() {
        effects.push(Effect::Recover);
    }
    (model, effects)
}
