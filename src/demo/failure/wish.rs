//! What a prompt asks for with `fail:NAME`. It reads words and knows no shape of any failure.

use super::table::TABLE;
use super::{Failure, Mishap, Wanted, Wish};

/// Where a failure is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    pub(super) model: &'a str,
    /// The manners of a relay, not Google's.
    pub(super) relay: bool,
}

/// The reasons for an end that have a name, beside those that nobody has listed yet.
const REASONS: [&str; 18] = [
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "MALFORMED_RESPONSE",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "IMAGE_OTHER",
    "NO_IMAGE",
    "FINISH_REASON_UNSPECIFIED",
];

/// The failure that a prompt asks for; a name that does not exist is refused with the list of those that do.
pub(in crate::demo) fn wanted(prompt: &str, model: &str, relay: bool) -> Option<Wish> {
    let word = prompt
        .split_whitespace()
        .find_map(|word| word.strip_prefix("fail:"))?
        .trim_end_matches(|letter: char| !letter.is_ascii_alphanumeric());
    let (name, times) = match word.split_once('*') {
        Some((name, times)) => (name, times.parse().ok()),
        None => (word, None),
    };
    let scene = Scene { model, relay };
    let is_called = |known: &str| !name.is_empty() && known.eq_ignore_ascii_case(name);
    let row = TABLE
        .iter()
        .find(|row| is_called(row.name) || is_called(row.also));
    let what = match row {
        Some(row) => (row.what)(&scene),
        None => reason(name).map_or_else(|| unknown(name), |reason| Wanted::Mishap(Mishap::Finish(reason))),
    };
    Some(Wish {
        what,
        times: times.or_else(|| row.and_then(|row| row.times)),
    })
}

/// `finish=REASON` with any reason, or one of the known ones alone.
fn reason(name: &str) -> Option<String> {
    if let Some(reason) = name.strip_prefix("finish=") {
        let is_reason = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        return (!reason.is_empty() && reason.chars().all(is_reason)).then(|| reason.to_owned());
    }
    let known = REASONS.iter().find(|known| known.eq_ignore_ascii_case(name));
    known.map(|&known| known.to_owned())
}

fn unknown(name: &str) -> Wanted {
    let known: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    let message = format!(
        "The demo knows no failure \u{201c}{name}\u{201d}; it knows {}.",
        known.join(", ")
    );
    Wanted::Refusal(Failure::invalid(message))
}
