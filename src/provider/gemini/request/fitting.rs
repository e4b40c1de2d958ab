//! As much of a path as a provider takes, and a word for the user where that is not all of it. It decides by lengths
//! alone and opens no file.

use super::history::{self, Replay};
use super::{Body, body_afresh, write};
use crate::domain::{Request, Turn, amount};
use crate::error::{Error, Kind, Result};
use crate::provider::capability::Capability;

/// The body for a request, and what to tell the user where it is not the whole path as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    pub body: Body,
    /// One sentence.
    pub notice: Option<String>,
}

/// The body for `request`, which continues `history` (the turns from the root to its parent), as far as the provider
/// takes it: the whole path; else without its leading turns; else as a message of its own with the last picture; else
/// nothing, and [`Kind::TooLarge`] says so.
///
/// Turns that another model made, or another provider where there is a signature, are replayed by nobody: of them only the
/// last picture goes along.
/// That is said once, by the first request after the change; what was sent after it goes back as it was sent.
pub fn fitted(request: &Request, history: &[Turn], cap: &Capability) -> Result<Fitted> {
    let limit = cap.request_limit.filter(|_| !request.tuning.unchecked);
    let fits = |body: &Body| limit.is_none_or(|limit| body.len() <= limit);
    let replay = history::replay(request, history);
    let whole = write(request, &replay.turns, replay.carried, cap);
    if fits(&whole) {
        let notice = changed(&replay);
        return Ok(Fitted { body: whole, notice });
    }
    let limit = limit.unwrap_or(u64::MAX);
    let too_much = format!(
        "With its earlier turns the request would have {}",
        over(whole.len(), limit, cap)
    );
    // Every turn has bytes of its own, so the fewest that have to go are found by halving.
    let without = |left_out: usize| write(request, &replay.turns[left_out..], replay.carried, cap);
    let candidates: Vec<usize> = (1..replay.turns.len()).collect();
    let left_out = 1 + candidates.partition_point(|&left_out| !fits(&without(left_out)));
    if left_out < replay.turns.len() {
        let body = without(left_out);
        let which = if left_out == 1 {
            "the first one is".to_owned()
        } else {
            format!("the first {left_out} are")
        };
        let notice = format!(
            "{too_much}: {which} left out, and {} are sent",
            amount(body.len())
        );
        return Ok(Fitted {
            body,
            notice: Some(notice),
        });
    }
    let body = body_afresh(request, history, cap);
    if !replay.turns.is_empty() && fits(&body) {
        let how = if history.iter().any(|turn| turn.picture().is_some()) {
            format!("it goes on from the last picture alone ({})", amount(body.len()))
        } else {
            "it is sent without them".to_owned()
        };
        return Ok(Fitted {
            body,
            notice: Some(format!("{too_much}: {how}")),
        });
    }
    Err(too_large(request, &body, limit, cap))
}

/// `41.3 MB, more than the 32 MB that anyfast takes`.
fn over(length: u64, limit: u64, cap: &Capability) -> String {
    let (mut has, takes) = (amount(length), amount(limit));
    if has == takes {
        has = format!("{length} bytes");
    }
    format!("{has}, more than the {takes} that {} takes", cap.provider)
}

fn too_large(request: &Request, body: &Body, limit: u64, cap: &Capability) -> Error {
    let message = format!(
        "The request has {}; nothing was sent",
        over(body.len(), limit, cap)
    );
    let hint = if request.references.is_empty() {
        "Begin anew without the earlier turns, or save the picture smaller and give it as a reference"
    } else {
        "Give fewer or smaller references"
    };
    Error::new(Kind::TooLarge, message).hint(hint)
}

/// Why nothing of the history goes back, where that is because another provider or model made it.
fn changed(replay: &Replay<'_>) -> Option<String> {
    let made = &replay.foreign.filter(|_| replay.turns.is_empty())?.request;
    let how = if replay.carried.is_some() {
        "the request goes on from the last picture alone"
    } else {
        "the request is sent without them"
    };
    Some(format!(
        "The earlier turns were made by {} at {}, whose signatures mean nothing here: {how}",
        made.model, made.provider
    ))
}
