//! What an answer says and when: beats, each with the pause before it at the default pace.

use std::borrow::Cow;

use super::failure::{Failure, Mishap, Place};
use super::painter::Plan;
use super::request::{Ask, Subject};
use super::thoughts;
use super::wire::Finish;

/// One thing that an answer does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Beat {
    Thought(String),
    /// The interim picture.
    Draft,
    Text(String),
    /// The picture, STOP and the usage.
    Picture,
    /// A part of the picture, then a dropped connection.
    CutPicture,
    /// A link in the place of the picture.
    Link(Place),
    /// The end without a picture.
    End(Finish),
    Blocked(&'static str),
    /// An error in the place of an event.
    Error(Failure),
    /// Something that is no event; the answer ends behind it.
    Raw(String),
    /// A dropped connection.
    Drop,
    /// Nothing any more, the connection open.
    Silence,
}

/// Pauses in seconds: the first thought comes at once, the whole takes about six seconds with the picture's own time.
const FIRST: f64 = 0.08;
const NEXT: f64 = 0.62;
/// What gateways do not wait for.
const SLOW: f64 = 60.0;

/// The sentences that go with a reason.
const MESSAGES: [(&[&str], &str); 3] = [
    (
        &["IMAGE_SAFETY", "SAFETY", "SPII", "BLOCKLIST"],
        "Unable to show the generated image. The image was filtered out because it violated Google's Generative AI \
         Prohibited Use policy. You will not be charged for blocked images. Try rephrasing the prompt.",
    ),
    (
        &[
            "IMAGE_PROHIBITED_CONTENT",
            "PROHIBITED_CONTENT",
            "IMAGE_RECITATION",
            "RECITATION",
        ],
        "Unable to show the generated image. The prompt could not be submitted. This prompt may contain words that \
         violate our policies. If you think this was an error, send feedback. Support codes: 15236754",
    ),
    (
        &["IMAGE_OTHER"],
        "Unable to show the generated image. The model could not generate the image based on the prompt provided. You \
         will not be charged for this request. Try rephrasing the prompt.",
    ),
];

pub(super) fn finish(reason: impl Into<Cow<'static, str>>) -> Finish {
    let reason = reason.into();
    let said = MESSAGES
        .iter()
        .find(|(reasons, _)| reasons.contains(&reason.as_ref()));
    Finish {
        message: said.map(|(_, message)| *message),
        reason,
    }
}

/// The whole answer, in order.
pub(super) fn beats(ask: &Ask, plan: &Plan, mishap: Option<Mishap>) -> Vec<(f64, Beat)> {
    let given = matches!(ask.subject, Subject::Picture { .. });
    let quiet = matches!(
        mishap,
        Some(
            Mishap::Blocked
                | Mishap::Nothing
                | Mishap::Silence { thoughts: false }
                | Mishap::Raw { thoughts: false, .. }
        )
    );
    let thinks = ask.thoughts && !quiet;
    let mut beats = Vec::new();
    let think = |beats: &mut Vec<_>, texts: Vec<String>| {
        for text in texts {
            let pause = if beats.is_empty() { FIRST } else { NEXT };
            beats.push((pause, Beat::Thought(text)));
        }
    };
    if thinks {
        think(&mut beats, thoughts::before(plan, &ask.prompt, given));
    }
    // Without thoughts a model is silent while it works.
    let wait = if thinks || quiet { NEXT } else { 4.0 * NEXT };
    match mishap {
        Some(Mishap::Blocked) => beats.push((FIRST, Beat::Blocked("PROHIBITED_CONTENT"))),
        Some(Mishap::Nothing) => {}
        Some(Mishap::Silence { .. }) => beats.push((NEXT, Beat::Silence)),
        Some(Mishap::Error(failure)) => beats.push((NEXT, Beat::Error(failure))),
        Some(Mishap::Raw { text, .. }) => beats.push((NEXT, Beat::Raw(text))),
        Some(Mishap::Finish(reason)) => beats.push((wait, Beat::End(finish(reason)))),
        Some(Mishap::Draft(reason)) => {
            beats.push((wait, Beat::Draft));
            beats.push((NEXT, Beat::End(finish(reason))));
        }
        Some(Mishap::Text) => {
            beats.push((wait, Beat::Text(thoughts::words_only(&ask.prompt))));
            beats.push((FIRST, Beat::End(finish("STOP"))));
        }
        None if ask.words_only => {
            beats.push((wait, Beat::Text(thoughts::verse(&ask.prompt))));
            beats.push((FIRST, Beat::End(finish("STOP"))));
        }
        Some(Mishap::Cut) => beats.push((wait, Beat::CutPicture)),
        Some(Mishap::CutBefore) => beats.push((wait, Beat::Drop)),
        Some(Mishap::Link(place)) => {
            beats.push((wait, Beat::Link(place)));
            beats.push((FIRST, Beat::End(finish("STOP"))));
        }
        None
        | Some(
            Mishap::Slow
            | Mishap::Repeat
            | Mishap::WrongType
            | Mishap::WrongSize
            | Mishap::WrongModel
            | Mishap::Grounded,
        ) => {
            if thinks {
                beats.push((NEXT, Beat::Draft));
                think(&mut beats, thoughts::after(plan, given));
            }
            if let Some(reply) = ask.text.then(|| thoughts::reply(plan, given)).flatten() {
                beats.push((NEXT, Beat::Text(reply)));
            }
            let wait = if mishap == Some(Mishap::Slow) { SLOW } else { wait };
            beats.push((wait, Beat::Picture));
        }
    }
    beats
}
