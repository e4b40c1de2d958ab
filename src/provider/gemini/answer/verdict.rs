//! Whether an answer that ended was a success, and if not, what to tell: pictures win, then errors, cuts, blocks, and
//! last what the finish reason means. Data where it can be.

use super::Answer;
use crate::domain::{ImageKind, beginning};
use crate::error::{Error, Kind, Result};
use crate::provider::gemini::{bounds, failure};
use crate::provider::stream::Leftover;

/// How the body ended.
pub(super) struct End<'a> {
    pub(super) leftover: &'a Leftover,
    /// The transport's error.
    pub(super) broken: Option<Error>,
}

/// What a finish reason means where no picture came: reason, kind, sentence, hint.
const REASONS: &[(&[&str], Kind, &str, &str)] = &[
    (
        &["STOP", "FINISH_REASON_UNSPECIFIED"],
        Kind::NoImage,
        "The model answered without a picture",
        "Try once more, or ask for it in words: \u{201c}Generate an image of \u{2026}\u{201d}",
    ),
    (
        &["NO_IMAGE"],
        Kind::NoImage,
        "The model made no picture",
        "Try once more, or rephrase the prompt",
    ),
    (
        &["IMAGE_OTHER"],
        Kind::Refused,
        "The model withheld the picture without a reason",
        "Try once more, or rephrase the prompt",
    ),
    (
        &["IMAGE_SAFETY", "SAFETY", "SPII", "BLOCKLIST"],
        Kind::Refused,
        "A safety filter withheld the picture",
        "Change the prompt",
    ),
    (
        &["IMAGE_PROHIBITED_CONTENT", "PROHIBITED_CONTENT"],
        Kind::Refused,
        "The provider's policy forbids this picture",
        "Change the prompt; names of people and brands are often the cause",
    ),
    (
        &["IMAGE_RECITATION", "RECITATION"],
        Kind::Refused,
        "The picture came too close to an existing work",
        "Change the prompt",
    ),
    (
        &["MAX_TOKENS"],
        Kind::NoImage,
        "The model used up its output before the picture was done",
        "Raise or drop the limit of output tokens, or choose a smaller size or less thinking",
    ),
    (
        &["LANGUAGE"],
        Kind::Refused,
        "The model does not support the prompt's language",
        "Write the prompt in another language",
    ),
];

/// Returns whether a finish reason says that all is well.
pub(super) fn is_well(reason: &str) -> bool {
    REASONS[0].0.iter().any(|name| name.eq_ignore_ascii_case(reason))
}

impl Answer {
    /// The verdict over the kept pictures; adds the warnings that belong to it.
    pub(super) fn verdict(&mut self, kinds: &[Option<ImageKind>], end: &End<'_>) -> Result<()> {
        let results: Vec<usize> = (0..kinds.len())
            .filter(|&slot| kinds[slot] == Some(ImageKind::Result))
            .collect();
        for &slot in &results {
            self.warn_of_bytes(slot);
        }
        let partial: Vec<usize> = (0..kinds.len())
            .filter(|&slot| kinds[slot].is_some() && self.slots[slot].is_partial())
            .collect();
        for &slot in &partial {
            let bytes = self.slots[slot].stored.as_ref().map_or(0, |stored| stored.bytes);
            self.warn(&partial_warning(bytes));
        }
        if results.iter().any(|&slot| self.slots[slot].is_picture()) {
            self.warn_of_end(end);
            return Ok(());
        }
        let has_partial = partial.iter().any(|&slot| !self.slots[slot].thought);
        if self.text_counts && !has_partial && self.is_text(end) {
            self.warn_of_end(end);
            return Ok(());
        }
        let mut error = self.failure(!results.is_empty(), has_partial, end);
        if error.server.is_none() {
            error.server = self.said();
        }
        Err(error)
    }

    fn warn_of_bytes(&mut self, slot: usize) {
        let bytes = self.slots[slot].stored.as_ref().map_or(0, |stored| stored.bytes);
        if !self.slots[slot].whole {
            self.warn(
                "A picture's data broke off at a character that cannot be in it; what came before is kept",
            );
        } else if !self.slots[slot].is_picture() {
            self.warn(&format!(
                "The provider sent {bytes} bytes that are no picture known here; they are kept"
            ));
        }
    }

    /// A success may still have ended badly.
    fn warn_of_end(&mut self, end: &End<'_>) {
        if let Some(error) = self.error.clone().or_else(|| end.broken.clone()) {
            self.warn(&format!(
                "The answer ended with an error after the picture: {error}"
            ));
        } else if *end.leftover == Leftover::Cut {
            self.warn("The connection ended early; another picture may be missing");
        } else if let Leftover::Text(words) = end.leftover {
            self.warn(&format!(
                "The answer ended with words that are no part of it: {words}"
            ));
        }
        if let Some(reason) = self.finish_reason.clone().filter(|reason| !is_well(reason)) {
            let message = self
                .finish_message
                .as_ref()
                .map(|message| format!(": \u{201c}{}\u{201d}", message.trim()));
            self.warn(&format!(
                "The answer ended with {reason}{}",
                message.unwrap_or_default()
            ));
        }
    }

    /// Returns whether the answer is a text that came to its end, or was cut by the model's own limit; one that may go on
    /// is told. Relays of Vertex give no reason, but count the tokens at the end.
    fn is_text(&mut self, end: &End<'_>) -> bool {
        let is_broken = self.error.is_some() || self.blocked.is_some() || end.broken.is_some();
        if is_broken || !has_words(&self.text) {
            return false;
        }
        let ended = match (end.leftover, self.finish_reason.as_deref()) {
            (Leftover::Html { .. } | Leftover::Cut, _) | (Leftover::Text(_), None) => return false,
            (_, Some(reason)) => {
                let refused = |(names, kind, ..): &&(&[&str], Kind, &str, &str)| {
                    *kind == Kind::Refused && names.contains(&reason)
                };
                return REASONS.iter().find(refused).is_none();
            }
            (Leftover::None, None) => self.usage.total.is_some() || self.usage.output.is_some(),
        };
        if !ended {
            self.warn("The answer ended without a word that it is complete");
        }
        true
    }

    fn failure(&self, alien_bytes: bool, has_partial: bool, end: &End<'_>) -> Error {
        if let Some(error) = &self.error {
            return error.clone();
        }
        if let Some(error) = &end.broken {
            return error.clone();
        }
        match end.leftover {
            Leftover::Html { page, .. } => return failure::web_page(page),
            Leftover::Text(text) if text.starts_with('<') => return failure::web_page(text),
            Leftover::Cut => return cut(),
            // Words in the place where the answer should have gone on.
            Leftover::Text(text)
                if self.said_anything() && self.blocked.is_none() && self.finish_reason.is_none() =>
            {
                return cut().server(text.clone());
            }
            Leftover::Text(_) | Leftover::None => {}
        }
        if let Some((reason, message)) = &self.blocked {
            let mut error = Error::new(
                Kind::Blocked,
                format!("The provider refused the prompt ({reason})"),
            )
            .hint("Change the prompt")
            .maybe_billed();
            error.server.clone_from(message);
            return error;
        }
        if has_partial {
            return partial();
        }
        if alien_bytes {
            return Error::new(Kind::BadAnswer, "The provider sent something that is no picture")
                .hint("The bytes are kept; try again, or use another provider")
                .maybe_billed();
        }
        self.by_reason(end.leftover)
    }

    fn by_reason(&self, leftover: &Leftover) -> Error {
        let well = matches!(self.finish_reason.as_deref(), None | Some("STOP"));
        if let (true, Some(link)) = (well, self.links.first()) {
            return Error::new(Kind::NoImage, "The provider sent a link in place of the picture")
                .hint(format!(
                    "If you trust its host, fetch it (L in History, or --follow-links) or open it: {}",
                    link.url
                ))
                .maybe_billed();
        }
        let Some(reason) = self.finish_reason.as_deref() else {
            return self.without_reason(leftover);
        };
        let row = REASONS.iter().find(|(names, ..)| names.contains(&reason));
        let error = match row {
            Some((_, kind, says, hint)) if reason == "STOP" => Error::new(*kind, *says).hint(*hint),
            Some((_, kind, says, hint)) => Error::new(*kind, format!("{says} ({reason})")).hint(*hint),
            None => Error::new(
                Kind::NoImage,
                format!("The answer ended without a picture ({reason})"),
            )
            .hint("Try once more, or rephrase the prompt"),
        };
        if self.promises_no_charge() {
            error
        } else {
            error.maybe_billed()
        }
    }

    fn without_reason(&self, leftover: &Leftover) -> Error {
        if let Leftover::Text(text) = leftover {
            let mut error = Error::new(
                Kind::BadAnswer,
                "The provider answered with something that is no API answer",
            )
            .server(text.clone())
            .hint("Check the provider's base URL in the settings")
            .maybe_billed();
            error.body = Some(text.clone());
            return error;
        }
        if self.events == 0 {
            return Error::new(Kind::BadAnswer, "The provider answered with nothing at all")
                .hint("Try again by hand")
                .maybe_billed();
        }
        if !self.said_anything()
            && let Some(unknown) = &self.unknown
        {
            return Error::new(
                Kind::BadAnswer,
                "The provider answered with something that is no API answer",
            )
            .server(unknown.clone())
            .hint("Check the provider's base URL in the settings")
            .maybe_billed();
        }
        Error::new(Kind::NoImage, "The answer ended without a result")
            .hint("Try again by hand; where only thoughts arrive, a smaller size can help")
            .maybe_billed()
    }

    fn said_anything(&self) -> bool {
        !self.text.is_empty() || !self.thoughts.is_empty() || self.usage.total.is_some()
    }

    /// The server's own sentence: its finish message, else the model's words.
    fn said(&self) -> Option<String> {
        let words = || {
            Some(beginning(self.text.trim(), bounds::SENTENCE).to_owned()).filter(|words| !words.is_empty())
        };
        self.finish_message.clone().or_else(words)
    }

    fn promises_no_charge(&self) -> bool {
        let message = self.finish_message.as_deref().unwrap_or_default().to_lowercase();
        message.contains("not be charged") || message.contains("not charged")
    }
}

/// The warning that goes with an image of which only the beginning arrived.
pub fn partial_warning(bytes: u64) -> String {
    format!("An image broke off after {bytes} bytes; what arrived is kept as a draft")
}

/// The answer ended well, as far as the provider can tell, and its image did not.
fn partial() -> Error {
    Error::new(Kind::Cut, "The image that arrived is not complete")
        .hint("What arrived is kept; send it again for the whole image")
        .maybe_billed()
}

fn cut() -> Error {
    Error::new(Kind::Cut, "The connection ended before the picture was complete")
        .hint("Try again by hand; a smaller size is less likely to be cut")
        .maybe_billed()
}

/// Returns whether a text is more than addresses and Markdown's images.
fn has_words(text: &str) -> bool {
    let (mut rest, mut has_more_images) = (text, true);
    let is_said = |letter: char| letter == '!' || !letter.is_whitespace() && !letter.is_ascii_punctuation();
    while let Some(at) = rest.find(is_said) {
        rest = &rest[at..];
        if rest.starts_with("http://") || rest.starts_with("https://") {
            let end = rest.find(|letter: char| letter.is_whitespace() || letter == ')');
            rest = &rest[end.unwrap_or(rest.len())..];
        } else if let Some(alternative) = rest.strip_prefix('!') {
            let image = alternative.strip_prefix('[').filter(|_| has_more_images);
            let address = image.and_then(|image| Some(image.split_once("](")?.1));
            has_more_images &= image.is_none() || address.is_some();
            rest = address.unwrap_or(alternative);
        } else {
            return true;
        }
    }
    false
}
