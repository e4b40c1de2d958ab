//! What happens on each message: the model changes, and what must be done elsewhere comes back as effects. Pure and
//! synchronous; one file per family.

mod attach;
mod chrome;
mod job;
mod leave;
mod mouse;
mod moves;
mod overlay;
mod preview;
mod prompt;
mod sessions;
mod settings;
mod spending;
mod stop;
mod weigh;

use super::effect::Effect;
use super::model::{Model, Setup};
use super::msg::Msg;

/// The model as the UI opens, and the first things to do.
pub fn start(setup: Setup) -> (Model, Vec<Effect>) {
    let session = setup.session.clone();
    let mut model = Model::new(setup);
    let mut effects = vec![sessions::load(&mut model), spending::load(&mut model)];
    effects.extend(session.map(|id| sessions::ask_for(&mut model, id)));
    (model, effects)
}

pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Key(event) => chrome::key(model, event),
        Msg::Mouse(event) => mouse::mouse(model, event),
        Msg::Paste(text) => prompt::paste(model, &text),
        Msg::Focus(gained) => sessions::refresh(model, gained),
        Msg::Resize(size) => chrome::resize(model, size),
        Msg::Tick(now_ms) => chrome::tick(model, now_ms),
        Msg::Terminal(terminal) => preview::terminal(model, terminal),
        Msg::Job(job, event) => job::event(model, job, event),
        Msg::Sessions { ask, result } => sessions::listed(model, ask, result),
        Msg::Session { ask, result } => sessions::opened(model, ask, result),
        Msg::Preview { ask, paint } => preview::painted(model, ask, paint),
        Msg::Routed { ask, result } => settings::routed(model, ask, result),
        Msg::Looked { ask, result } => attach::looked(model, ask, result),
        Msg::Folder { ask, result } => attach::listed(model, ask, result),
        Msg::Weighed { ask, result } => weigh::weighed(model, ask, result),
        Msg::Spent { ask, result } => spending::spent(model, ask, result),
        Msg::Notice(text) => chrome::notice(model, &text),
        Msg::Problem(error) => chrome::problem(model, error),
    };
    effects.extend(preview::follow(model));
    effects.extend(weigh::follow(model));
    effects
}
