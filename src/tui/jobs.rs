//! Generations that run, as the model holds them: where they belong, how far they are, and what they wait for.

use std::path::PathBuf;

use super::msg::{JobId, Progress};
use crate::domain::{Request, SessionId, Turn, TurnId, TurnText};
use crate::error::{Error, Kind};

/// Where a running generation belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    Session(SessionId),
    /// A session that the store has not named yet: the `epoch` of [`super::model::Open`] it was sent from.
    Unborn(u32),
}

/// A picture that is arriving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Growing {
    pub picture: u32,
    pub path: PathBuf,
}

/// Nothing goes on before a certain time.
#[derive(Clone, Debug, PartialEq)]
pub struct Wait {
    pub until_ms: i64,
    /// The attempt to come and the last one there will be; `None` where it waits for others of its provider.
    pub attempt: Option<(u32, u32)>,
    /// Why the last attempt failed.
    pub error: Option<Error>,
}

/// A generation that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub home: Home,
    /// What was selected when it was sent; its turn takes the selection over if that has not moved since.
    pub from: Option<TurnId>,
    /// What was sent, for as long as there is no turn.
    pub request: Request,
    pub started_ms: i64,
    /// The turn with all that has come but its words; `None` until the store has named it.
    pub turn: Option<Turn>,
    /// What it has thought and said so far.
    pub text: TurnText,
    pub progress: Progress,
    pub growing: Option<Growing>,
    pub wait: Option<Wait>,
    /// What the user was told on the way; the turn keeps it among its warnings.
    pub notices: Vec<String>,
    /// It only fetches what a turn that has ended links to.
    pub fetches: bool,
    /// It only saves what could not be saved when its turn ended.
    pub saves: bool,
}

/// What a job is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has no turn yet.
    Queued,
    /// It is to be sent again.
    Again,
    /// It waits because its provider wants a pause.
    Paused,
    /// It has been sent, and nothing has come.
    Waiting,
    Thinking,
    Developing,
    Finishing,
    Fetching,
    Saving,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Again => "waiting to try again",
            Self::Paused => "paused",
            Self::Waiting => "waiting",
            Self::Thinking => "thinking",
            Self::Developing => "developing",
            Self::Finishing => "finishing",
            Self::Fetching => "fetching",
            Self::Saving => "saving",
        }
    }
}

impl Job {
    /// Its turn had ended before, and is as it was if this is stopped.
    pub fn is_afterwards(&self) -> bool {
        self.fetches || self.saves
    }

    /// A picture is on its way, so that stopping now may throw away what was paid for.
    pub fn is_arriving(&self) -> bool {
        self.growing.is_some() && !self.is_afterwards()
    }

    pub fn phase(&self) -> Phase {
        let Some(turn) = &self.turn else {
            return Phase::Queued;
        };
        let has_result = || {
            turn.images
                .iter()
                .any(|image| image.kind == crate::domain::ImageKind::Result)
        };
        match &self.wait {
            Some(Wait { attempt: Some(_), .. }) => Phase::Again,
            Some(_) => Phase::Paused,
            None if self.growing.is_some() => Phase::Developing,
            None if self.saves => Phase::Saving,
            None if self.fetches => Phase::Fetching,
            None if has_result() => Phase::Finishing,
            None if self.text.thoughts.is_empty() && turn.images.is_empty() => Phase::Waiting,
            None => Phase::Thinking,
        }
    }
}

impl Wait {
    /// Whole seconds to go, the one that has begun among them.
    pub fn seconds(&self, now_ms: i64) -> u64 {
        u64::try_from(self.until_ms.saturating_sub(now_ms))
            .unwrap_or(0)
            .div_ceil(1_000)
    }

    /// `rate limited: again in 12 s (2 of 4)`.
    pub fn words(&self, now_ms: i64) -> String {
        let (seconds, why) = (self.seconds(now_ms), self.why());
        match (self.attempt, seconds) {
            (Some((attempt, of)), 0) => format!("{why}: trying again ({attempt} of {of})"),
            (Some((attempt, of)), _) => format!("{why}: again in {seconds} s ({attempt} of {of})"),
            (None, 0) => format!("{why}: its turn comes"),
            (None, _) => format!("{why}: goes on in {seconds} s"),
        }
    }

    /// `again in 12 s`.
    pub fn short(&self, now_ms: i64) -> String {
        match self.seconds(now_ms) {
            0 => "trying again".to_owned(),
            seconds if self.attempt.is_some() => format!("again in {seconds} s"),
            seconds => format!("paused for {seconds} s"),
        }
    }

    fn why(&self) -> &'static str {
        match self.error.as_ref().map(|error| error.kind) {
            Some(Kind::RateLimited | Kind::Quota) => "rate limited",
            Some(Kind::Overloaded) => "overloaded",
            Some(Kind::Unreachable) => "unreachable",
            Some(Kind::Timeout) => "timed out",
            Some(Kind::Server | Kind::BadAnswer) => "server error",
            Some(Kind::Cut) => "cut off",
            Some(_) => "failed",
            None => "paused for this provider",
        }
    }
}
