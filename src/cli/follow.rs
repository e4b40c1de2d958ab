//! Generations followed to their end: what they say as a person reads it, or as one JSON object a line.

use futures_util::future::select_all;

use super::delivery::Delivery;
use super::events::{self, Said};
use super::interrupt::{Patience, Word};
use super::output::Progress;
use crate::domain::{ImageKind, Turn, beginning};
use crate::engine::{Event, Job, Leash};
use crate::error::{Error, Kind, Result};

/// The most that is shown of a line of the thoughts, in bytes.
const LINE: usize = 1000;

/// How a generation ended: with a turn, or with an error that kept it from becoming one.
pub(super) type Ended = Result<Box<Turn>>;

/// Follows all of them to their end and delivers each as it comes there; Ctrl+C and SIGTERM stop them, and what had
/// arrived is kept.
pub(super) async fn follow(
    jobs: Vec<Job>,
    quiet: bool,
    as_events: bool,
    delivery: &mut Delivery<'_>,
    patience: &mut Patience,
) {
    let alone = jobs.len() == 1;
    let mut progress = Progress::new(quiet);
    let mut running: Vec<Follower> = jobs
        .into_iter()
        .enumerate()
        .map(|(index, job)| Follower::new(index, job, alone))
        .collect();
    while !running.is_empty() {
        let news = tokio::select! {
            news = any(&mut running) => Some(news),
            word = patience.word() => match word {
                Word::Stop => None,
                Word::Leave => break,
            },
        };
        let Some((news, at)) = news else {
            for follower in &mut running {
                follower.leash = None;
            }
            continue;
        };
        let follower = &mut running[at];
        if as_events {
            events::tell(follower.index, &news);
        }
        if let Said::Event(Event::Notice(text)) = &news
            && !quiet
            && !delivery.is_news(text)
        {
            continue;
        }
        if let Some(end) = follower.take(news, &mut progress) {
            let index = follower.index;
            drop(running.remove(at));
            progress.clear();
            delivery.take(index, &end);
        }
    }
    progress.clear();
    for follower in running {
        delivery.take(follower.index, &Err(unsettled()));
    }
}

/// There was no time to wait for its end.
fn unsettled() -> Error {
    Error::new(Kind::Cancelled, "Stopped before what had arrived was saved")
        .hint("The next start of tintype recovers it")
        .maybe_billed()
}

/// What one of them says next, and its place among them. Cancel safe.
async fn any(running: &mut [Follower]) -> (Said, usize) {
    let news = running.iter_mut().map(|follower| Box::pin(follower.news()));
    let (news, at, _others) = select_all(news).await;
    (news, at)
}

struct Follower {
    index: usize,
    job: Job,
    leash: Option<Leash>,
    /// Nobody else is followed: lines need not say whose they are.
    alone: bool,
    thinking: String,
}

impl Follower {
    fn new(index: usize, mut job: Job, alone: bool) -> Self {
        let leash = std::mem::take(&mut job.leash);
        Self {
            index,
            job,
            leash: Some(leash),
            alone,
            thinking: String::new(),
        }
    }

    /// What it says next. Cancel safe.
    async fn news(&mut self) -> Said {
        let Job { events, progress, .. } = &mut self.job;
        tokio::select! {
            biased;
            event = events.recv() => event.map_or(Said::Nothing, Said::Event),
            Ok(()) = progress.changed() => Said::Progress(*progress.borrow_and_update()),
        }
    }

    /// Shows what was said; the end, once it is there.
    fn take(&mut self, said: Said, progress: &mut Progress) -> Option<Ended> {
        let event = match said {
            Said::Event(event) => event,
            Said::Progress(now) => {
                let thinking = &self.thinking;
                let line = format!("{thinking} \u{b7} {} KB", now.received / 1000);
                progress.status(&self.marked(&line));
                return None;
            }
            Said::Nothing => {
                let error = Error::new(Kind::Internal, "The generation ended without a word");
                return Some(Err(error.maybe_billed()));
            }
        };
        let line = match event {
            Event::Rejected(error) => return Some(Err(error)),
            Event::Finished(turn) | Event::Failed(turn) => return Some(Ok(turn)),
            event => self.line(event)?,
        };
        progress.say(&self.marked(&line));
        None
    }

    /// What stays on the screen of an event.
    fn line(&mut self, event: Event) -> Option<String> {
        Some(match event {
            Event::Started(turn) => format!("asking {} at {}", turn.request.model, turn.request.provider),
            Event::Notice(text) => text,
            Event::Retry {
                attempt,
                of,
                wait_ms,
                error,
            } => format!(
                "{error}; again in {} s (attempt {attempt} of {of}, Ctrl+C stops)",
                seconds(wait_ms)
            ),
            Event::Paused { wait_ms } => format!("the provider asked to wait: {} s", seconds(wait_ms)),
            Event::Thought(text) => {
                let line = text.lines().find(|line| !line.trim().is_empty())?;
                self.thinking = beginning(line, LINE).replace("**", "");
                self.thinking.clone()
            }
            Event::PictureBegan { .. } => {
                "a picture arrives".clone_into(&mut self.thinking);
                return None;
            }
            Event::PictureEnded { image, .. } => {
                let what = if image.kind == ImageKind::Draft {
                    "draft"
                } else {
                    "picture"
                };
                format!(
                    "{what} {}\u{d7}{}, {} bytes",
                    image.width, image.height, image.bytes
                )
            }
            Event::Text(_) | Event::Usage(_) | Event::Rejected(_) | Event::Finished(_) | Event::Failed(_) => {
                return None;
            }
        })
    }

    fn marked(&self, line: &str) -> String {
        if self.alone {
            line.to_owned()
        } else {
            format!("{}: {line}", self.index + 1)
        }
    }
}

/// Whole seconds, a part counted as one; a short wait as it is.
fn seconds(wait_ms: u64) -> String {
    if wait_ms < 1000 {
        format!("0.{}", wait_ms / 100)
    } else {
        wait_ms.div_ceil(1000).to_string()
    }
}
