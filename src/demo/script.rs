//! What an answer says and when: beats, each with the pause before it at the default pace.

use super::failure::Mishap;
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
    /// The end without a picture.
    End(Finish),
    Blocked(&'static str),
    /// An error in the place of an event.
    Error,
    /// Nothing any more, the connection open.
    Silence,
}

/// Pauses in seconds: the first thought comes at once, the whole takes about six seconds with the picture's own time.
const FIRST: f64 = 0.08;
const NEXT: f64 = 0.62;

const STOP: Finish = Finish {
    reason: "STOP",
    message: None,
};

const SAFETY: Finish = Finish {
    reason: "IMAGE_SAFETY",
    message: Some(
        "Unable to show the generated image. The image was filtered out because it violated Google's Generative AI \
         Prohibited Use policy. You will not be charged for blocked images. Try rephrasing the prompt.",
    ),
};

/// The whole answer, in order.
pub(super) fn beats(ask: &Ask, plan: &Plan, mishap: Option<Mishap>) -> Vec<(f64, Beat)> {
    if mishap == Some(Mishap::Blocked) {
        return vec![(FIRST, Beat::Blocked("PROHIBITED_CONTENT"))];
    }
    let given = matches!(ask.subject, Subject::Picture { .. });
    let mut beats = Vec::new();
    let thinks = ask.thoughts;
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
    let wait = if thinks { NEXT } else { 4.0 * NEXT };
    match mishap {
        Some(Mishap::Stall) => beats.push((NEXT, Beat::Silence)),
        Some(Mishap::MidError) => beats.push((NEXT, Beat::Error)),
        Some(Mishap::Safety) => beats.push((wait, Beat::End(SAFETY))),
        Some(Mishap::Empty) => beats.push((wait, Beat::End(STOP))),
        Some(Mishap::Text) => {
            beats.push((wait, Beat::Text(thoughts::words_only(&ask.prompt))));
            beats.push((FIRST, Beat::End(STOP)));
        }
        Some(Mishap::Cut) => beats.push((wait, Beat::CutPicture)),
        None | Some(Mishap::Blocked) => {
            if thinks {
                beats.push((NEXT, Beat::Draft));
                think(&mut beats, thoughts::after(plan, given));
            }
            if let Some(reply) = ask.text.then(|| thoughts::reply(plan, given)).flatten() {
                beats.push((NEXT, Beat::Text(reply)));
            }
            beats.push((wait, Beat::Picture));
        }
    }
    beats
}
