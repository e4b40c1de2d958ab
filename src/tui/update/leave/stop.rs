//! Stopping a generation, and the question that may come first.

use crate::domain::TurnStatus;
use crate::error::{Error, Kind};
use crate::tui::effect::Effect;
use crate::tui::jobs::Wait;
use crate::tui::model::{Model, Overlay};
use crate::tui::msg::JobId;

use crate::tui::update::follow::text;
use crate::tui::update::job;

/// Stops what the user means by "the running one" on this screen; asks first when a picture is already arriving.
/// `None` when there is nothing to stop.
pub(in super::super) fn stop(model: &mut Model) -> Option<Vec<Effect>> {
    let job = model.current_job()?;
    let (id, is_arriving) = (job.id, job.is_arriving());
    if is_arriving {
        model.overlay = Some(Overlay::Stop(id));
        return Some(Vec::new());
    }
    Some(stop_now(model, id))
}

/// What has come stays in its turn, which is cancelled from now on, whatever the job still says.
pub(in super::super) fn stop_now(model: &mut Model, id: JobId) -> Vec<Effect> {
    let Some(index) = model.jobs.iter().position(|job| job.id == id) else {
        return Vec::new();
    };
    let job = model.jobs.remove(index);
    let is_here = model.is_here(&job);
    match job.turn {
        // The turn had ended before: it is as it was.
        Some(_) if job.is_afterwards() => {}
        Some(mut turn) if is_here => {
            turn.status = TurnStatus::Cancelled;
            turn.timing.total = Some(model.now_ms.abs_diff(job.started_ms));
            turn.error = Some(stopped(job.wait.as_ref()));
            text::set(model, &turn.id, job.text);
            model.open.turns.put(turn);
        }
        Some(_) => {}
        None => job::give_back(model, job.request),
    }
    vec![Effect::Stop { job: id }]
}

/// What the engine stores for it, which is not waited for.
fn stopped(wait: Option<&Wait>) -> Error {
    match wait {
        Some(_) => {
            Error::new(Kind::Cancelled, "Stopped while it waited to be sent").hint("Nothing is owed for it")
        }
        None => Error::new(Kind::Cancelled, "Stopped before the answer was complete")
            .hint("What had arrived is kept in the session")
            .maybe_billed(),
    }
}

/// A question about a job that has ended answers itself.
pub(in super::super) fn close_question(model: &mut Model, id: JobId) {
    let is_about = matches!(&model.overlay, Some(Overlay::Stop(job)) if *job == id);
    let nothing_runs = model.overlay == Some(Overlay::Quit) && model.jobs.is_empty();
    if is_about || nothing_runs {
        model.overlay = None;
    }
}
