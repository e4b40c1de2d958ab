//! Which turns of a path can be sent back, and which only lend their picture. The API wants messages of the user and of
//! the model in turn, and a model's message either whole, with every signature in its place, or not at all.

use crate::domain::{Image, Part, Request, Turn, TurnStatus};

/// A turn that is sent back as the user's message and the model's answer.
pub(super) struct Answered<'a> {
    pub(super) turn: &'a Turn,
    /// A picture of earlier turns that are not sent back, to go along with the user's message.
    pub(super) carried: Option<&'a Image>,
}

pub(super) struct Replay<'a> {
    pub(super) turns: Vec<Answered<'a>>,
    /// As [`Answered::carried`], for the message that is about to be sent.
    pub(super) carried: Option<&'a Image>,
    /// The last turn that was made elsewhere: neither it nor anything before it goes back.
    pub(super) foreign: Option<&'a Turn>,
}

/// Sorts out what of a path goes back with a request.
pub(super) fn replay<'a>(request: &Request, history: &'a [Turn]) -> Replay<'a> {
    // Without a signature there is nothing that another provider of the model could refuse.
    let is_signed = history.iter().any(has_signature);
    let mut turns = Vec::new();
    let mut carried = None;
    let mut foreign = None;
    for turn in history {
        let replayed = is_whole(turn);
        let elsewhere = is_signed && turn.request.provider != request.provider;
        if elsewhere || turn.request.model != request.model {
            // Signatures belong to the provider and the model that made them, so nothing up to here can be sent back. A turn that
            // left nothing behind is no break: it would not be sent in any case.
            if replayed || turn.picture().is_some() {
                turns.clear();
                foreign = Some(turn);
                carried = turn.picture().or(last_picture(history, turn));
            }
            continue;
        }
        if replayed {
            let lent = carried.take();
            turns.push(Answered { turn, carried: lent });
        }
        if !(replayed && has_picture(turn)) {
            carried = turn.picture().or(carried);
        }
    }
    Replay {
        turns,
        carried,
        foreign,
    }
}

/// The picture of the nearest turn before `turn` that has one.
fn last_picture<'a>(history: &'a [Turn], turn: &Turn) -> Option<&'a Image> {
    let before = history.iter().take_while(|other| other.id != turn.id);
    before.filter_map(Turn::picture).last()
}

/// Whether something of the answer carries a signature. Those of another key or address of the same provider are sent back all
/// the same: most take them, and one that refuses them does so before anything is generated.
fn has_signature(turn: &Turn) -> bool {
    turn.parts.iter().any(|part| match part {
        Part::Text { signature, .. } | Part::Image { signature, .. } => signature.is_some(),
    })
}

/// Whether the answer can be sent back: it has a picture, or it is words with which the model ended by itself. Words
/// that broke off would come without the signature that belongs to their end.
fn is_whole(turn: &Turn) -> bool {
    let ended = turn.status == TurnStatus::Finished || turn.finish_reason.as_deref() == Some("STOP");
    has_picture(turn) || (ended && turn.parts.iter().any(says_something))
}

fn has_picture(turn: &Turn) -> bool {
    let is_picture = |part: &Part| matches!(part, Part::Image { image, .. } if *image < turn.images.len());
    turn.parts.iter().any(is_picture)
}

fn says_something(part: &Part) -> bool {
    matches!(part, Part::Text { text, signature } if !text.is_empty() || signature.is_some())
}
