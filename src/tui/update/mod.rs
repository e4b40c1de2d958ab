//! What happens on each message: the model changes, and what must be done elsewhere comes back as effects. Pure and
//! synchronous; one file per family.

mod answers;
mod attach;
mod chrome;
mod follow;
mod job;
mod keeping;
mod leave;
mod local;
mod looking;
mod mouse;
mod moves;
mod opening;
mod overlay;
mod preview;
mod prompt;
mod search;
mod sessions;
mod settings;
mod spending;
mod trash;
mod typing;

use super::effect::Effect;
use super::model::Model;
use super::msg::Msg;

pub use opening::start;

pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut effects = match msg {
        Msg::Keys(events) => typing::keys(model, &events),
        Msg::Mouse(event) => mouse::mouse(model, event),
        Msg::Paste(text) => prompt::paste(model, &text),
        Msg::Focus(gained) => local::focus(model, gained),
        Msg::Resize(size) => chrome::resize(model, size),
        Msg::Tick(now_ms) => chrome::tick(model, now_ms),
        Msg::Terminal(terminal) => preview::terminal(model, terminal),
        Msg::Job(job, event) => local::job(model, job, event),
        answer => answers::take(model, answer),
    };
    effects.extend(follow::follow(model));
    effects
}
