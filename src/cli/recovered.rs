//! What is said of generations that were brought back after their program had ended. It brings nothing back itself.

use super::output;
use crate::domain::{Turn, TurnStatus, clean_line};
use crate::engine::Recovered;

/// Says on standard error what was brought back, and what could not be yet.
pub fn tell(recovered: &Recovered) {
    for turn in &recovered.turns {
        output::note(&line(turn));
    }
    for problem in &recovered.problems {
        output::error(problem, false);
    }
}

fn line(turn: &Turn) -> String {
    let what = match (turn.status, turn.images.len()) {
        (TurnStatus::Finished, _) => "it was complete".to_owned(),
        (_, 0) if turn.thoughts.is_empty() => "nothing had arrived".to_owned(),
        (_, 0) => "no picture had arrived".to_owned(),
        (_, 1) => "one picture, or what had come of it, is kept".to_owned(),
        (_, count) => format!("{count} pictures, or what had come of them, are kept"),
    };
    let prompt = clean_line(crate::domain::beginning(&turn.request.prompt, 40));
    format!(
        "recovered #{} of session {} (\u{201c}{prompt}\u{201d}), which was cut off: {what}",
        turn.number, turn.session
    )
}
