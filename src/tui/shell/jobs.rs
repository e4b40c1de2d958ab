//! Generations: started with the engine, followed to their end, told to the model.

use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::Note;
use crate::engine::{Engine, Event, Job, Leash, Progress};
use crate::tui::msg::{self, JobEvent, JobId, Msg};

/// Progress is told no more often than it can be seen.
const PACE: Duration = Duration::from_millis(33);

/// Passes on what a generation says, and counts up `grown` whenever a picture has grown. Dropping the leash stops it.
pub(super) fn follow(
    id: JobId,
    job: Job,
    engine: Engine,
    inbox: mpsc::UnboundedSender<Note>,
    grown: watch::Sender<u64>,
) -> Leash {
    let Job {
        mut events,
        mut progress,
        leash,
    } = job;
    tokio::spawn(async move {
        let mut rest = None;
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Some(event) => {
                        grown.send_modify(|count| *count += 1);
                        // A loop that has ended listens to nobody; the generation goes on without it.
                        let _ = inbox.send(Note::Msg(Msg::Job(id, translate(event, &engine))));
                    }
                    None => return,
                },
                () = tokio::time::sleep_until(rest.unwrap_or_else(tokio::time::Instant::now)), if rest.is_some() => {
                    rest = None;
                }
                Ok(()) = progress.changed(), if rest.is_none() => {
                    let Progress { received, .. } = *progress.borrow_and_update();
                    grown.send_modify(|count| *count += 1);
                    let told = JobEvent::Progress(msg::Progress { received });
                    let _ = inbox.send(Note::Msg(Msg::Job(id, told)));
                    rest = Some(tokio::time::Instant::now() + PACE);
                }
            }
        }
    });
    leash
}

fn translate(event: Event, engine: &Engine) -> JobEvent {
    match event {
        Event::Rejected(error) => JobEvent::Refused(error),
        Event::Started(turn) => JobEvent::Started(turn),
        Event::Notice(text) => JobEvent::Notice(text),
        Event::Retry {
            attempt,
            of,
            wait_ms,
            error,
        } => JobEvent::Retry {
            attempt,
            of,
            wait_ms,
            error,
        },
        Event::Paused { wait_ms } => JobEvent::Paused { wait_ms },
        Event::Thought(text) => JobEvent::Thought(text),
        Event::Text(text) => JobEvent::Text(text),
        Event::PictureBegan { picture, path } => JobEvent::PictureBegan { picture, path },
        Event::PictureEnded { picture, image } => JobEvent::PictureEnded { picture, image },
        Event::Usage(usage) => JobEvent::Usage(usage),
        Event::Finished(turn) => JobEvent::Finished(turn),
        Event::Failed(turn) if engine.unsaved().contains(&turn.id) => JobEvent::Unsaved(turn),
        Event::Failed(turn) => JobEvent::Failed(turn),
    }
}
