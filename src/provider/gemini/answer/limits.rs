//! Keeps an answer within its bounds and counts everything beyond them. The bounds are [`bounds`]'s.

use std::collections::HashSet;

use super::Answer;
use crate::domain::{Link, Source, amount, beginning};
use crate::provider::gemini::bounds;
use crate::provider::gemini::response::{LeftOut, SignaturePayload};

/// The counts that are held against the bounds.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) left_out: LeftOut,
    /// Bytes of thoughts and of words that were left out.
    thoughts: u64,
    words: u64,
    small_images: usize,
    /// Bytes of signatures in memory, and in files.
    short_signatures: usize,
    long_signatures: u64,
    known_links: HashSet<String>,
    link_bytes: usize,
    known_sources: HashSet<Source>,
    source_bytes: usize,
}

impl Answer {
    /// The thoughts so far.
    pub fn thoughts(&self) -> &str {
        &self.thoughts
    }

    /// The words so far.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the number of bytes of thoughts, or else of words, that are still wanted.
    pub fn room(&self, thought: bool) -> usize {
        let (most, kept, left_out) = if thought {
            (bounds::THOUGHTS, self.thoughts.len(), self.tally.thoughts)
        } else {
            (bounds::WORDS, self.text.len(), self.tally.words)
        };
        // What follows a gap is not kept either.
        if left_out > 0 {
            0
        } else {
            most.saturating_sub(kept)
        }
    }

    /// Counts bytes of thoughts, or else of words, that were not even given.
    pub fn leave_out(&mut self, thought: bool, bytes: u64) {
        let left_out = if thought {
            &mut self.tally.thoughts
        } else {
            &mut self.tally.words
        };
        *left_out = left_out.saturating_add(bytes);
    }

    /// Returns whether a signature that is a file of this many bytes may be kept; it is counted. Half of one would be worse
    /// than none, for it would be sent.
    pub fn takes_signature(&mut self, bytes: u64) -> bool {
        let all = self.tally.long_signatures.saturating_add(bytes);
        let taken = bytes <= bounds::LONG_SIGNATURE && all <= bounds::LONG_SIGNATURES;
        if taken {
            self.tally.long_signatures = all;
        } else {
            self.tally.left_out.signatures += 1;
        }
        taken
    }

    /// The beginning of a text that is still wanted; the rest is counted.
    fn wanted<'a>(&mut self, text: &'a str, thought: bool) -> &'a str {
        let room = self.room(thought);
        let wanted = if room == 0 { "" } else { beginning(text, room) };
        self.leave_out(thought, (text.len() - wanted.len()) as u64);
        wanted
    }

    pub(super) fn push_thought(&mut self, text: &str) {
        let text = self.wanted(text, true);
        self.thoughts.push_str(text);
    }

    /// Returns the part of a text and its signature that is kept; `None` where that is nothing. Beyond the bound of pieces it
    /// has no signature: then it is joined with the one before.
    pub(super) fn wanted_text<'a>(
        &mut self,
        text: &'a str,
        signature: Option<&'a SignaturePayload>,
    ) -> Option<(&'a str, Option<&'a SignaturePayload>)> {
        let text = self.wanted(text, false);
        let signature = if self.pieces.len() < bounds::PIECES {
            self.wanted_signature(signature)
        } else {
            self.tally.left_out.signatures += u64::from(signature.is_some());
            None
        };
        (!text.is_empty() || signature.is_some()).then_some((text, signature))
    }

    /// A signature that is kept; one that is not is counted.
    pub(super) fn wanted_signature<'a>(
        &mut self,
        signature: Option<&'a SignaturePayload>,
    ) -> Option<&'a SignaturePayload> {
        if let SignaturePayload::Inline(text) = signature? {
            let all = self.tally.short_signatures + text.len();
            if all > bounds::SHORT_SIGNATURES {
                self.tally.left_out.signatures += 1;
                return None;
            }
            self.tally.short_signatures = all;
        }
        signature
    }

    /// Returns whether one more image whose data stayed in its event may be kept; it is counted.
    pub(super) fn takes_small_image(&mut self) -> bool {
        let taken = self.tally.small_images < bounds::IMAGES;
        if taken {
            self.tally.small_images += 1;
        } else {
            self.tally.left_out.images += 1;
        }
        taken
    }

    pub(super) fn push_link(&mut self, url: &str, mime: Option<&String>) {
        let tally = &mut self.tally;
        if tally.known_links.contains(url) {
            return;
        }
        let all = tally.link_bytes + url.len();
        if self.links.len() >= bounds::LINKS || url.len() > bounds::ADDRESS || all > bounds::POINTERS {
            tally.left_out.links += 1;
            return;
        }
        tally.link_bytes = all;
        tally.known_links.insert(url.to_owned());
        self.links.push(Link {
            url: url.to_owned(),
            mime: mime.cloned(),
        });
    }

    pub(super) fn push_source(&mut self, source: &Source) {
        let tally = &mut self.tally;
        if tally.known_sources.contains(source) {
            return;
        }
        let all = tally.source_bytes + source.url.len() + source.title.as_ref().map_or(0, String::len);
        if self.sources.len() >= bounds::SOURCES || all > bounds::POINTERS {
            tally.left_out.sources += 1;
            return;
        }
        tally.source_bytes = all;
        tally.known_sources.insert(source.clone());
        self.sources.push(source.clone());
    }

    /// Keeps a remark for the user: the server's own, or ours about its event.
    pub(super) fn remark(&mut self, text: &str) {
        if self.warnings.len() < bounds::REMARKS {
            self.warn(beginning(text, bounds::LINE));
        } else {
            self.tally.left_out.remarks += 1;
        }
    }

    /// Says what was left out, and how much of it.
    pub(super) fn warn_of_limits(&mut self) {
        let Tally {
            left_out,
            thoughts,
            words,
            ..
        } = &*self.tally;
        let longer = |start: &str, most: usize, end: &str, left_out: u64| {
            let (most, left_out) = (amount(most as u64), amount(left_out));
            format!("{start} longer than {most} {end}; {left_out} left out")
        };
        let beyond = |what: &str, most: &str, left_out: u64| {
            format!("{what} beyond the first {most} are not kept; {left_out} left out")
        };
        let or_bytes = |most: usize| format!("{most}, or {},", amount(bounds::POINTERS as u64));
        let mut warnings = Vec::new();
        if *thoughts > 0 {
            warnings.push(longer("Thoughts", bounds::THOUGHTS, "are not shown", *thoughts));
        }
        if *words > 0 {
            warnings.push(longer("Text", bounds::WORDS, "is not kept", *words));
        }
        for (what, most, left_out) in [
            ("Parts of an event", bounds::PIECES.to_string(), left_out.parts),
            ("Small images", bounds::IMAGES.to_string(), left_out.images),
            ("Sources", or_bytes(bounds::SOURCES), left_out.sources),
            ("Links to images", or_bytes(bounds::LINKS), left_out.links),
            (
                "The provider's remarks",
                bounds::REMARKS.to_string(),
                left_out.remarks,
            ),
        ] {
            if left_out > 0 {
                warnings.push(beyond(what, &most, left_out));
            }
        }
        if left_out.signatures > 0 {
            warnings.push(format!(
                "Signatures beyond what an answer can have were left out ({}); the next turn may go on from the image alone",
                left_out.signatures
            ));
        }
        for warning in warnings {
            self.warn(&warning);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::gemini::answer::Piece;
    use crate::provider::gemini::response::{Event, Joint, Payload};
    use crate::provider::stream::Leftover;

    fn words(text: &str, signature: Option<&str>) -> Event {
        Event::Text {
            text: text.to_owned(),
            signature: signature.map(|text| SignaturePayload::Inline(text.to_owned())),
        }
    }

    fn speck(byte: u8) -> Event {
        Event::Picture {
            data: Payload::Inline(vec![byte]),
            declared_mime: None,
            thought: false,
            signature: None,
            whole: true,
            joint: Joint::default(),
        }
    }

    #[test]
    fn texts_are_kept_up_to_their_bounds_without_a_gap_and_the_rest_is_counted() {
        let mut answer = Answer::new();
        let text = "word ".repeat(100_000);
        for _ in 0..5 {
            answer.push(&Event::Thought { text: text.clone() });
            answer.push(&words(&text, None));
        }
        answer.push(&Event::Thought {
            text: "end".to_owned(),
        });
        answer.leave_out(true, 7_000_000);
        assert_eq!((answer.room(true), answer.room(false)), (0, 0));
        let outcome = answer.finish(&Leftover::None, None);
        assert_eq!(
            (outcome.thoughts.len(), outcome.text.len()),
            (2_000_000, 2_000_000)
        );
        assert!(!outcome.thoughts.contains("end"));
        assert_eq!(
            outcome.warnings,
            [
                "Thoughts longer than 2 MB are not shown; 7.5 MB left out",
                "Text longer than 2 MB is not kept; 500 KB left out"
            ]
        );
    }

    #[test]
    fn pieces_beyond_the_bound_are_joined_and_lose_their_signatures_only() {
        let mut answer = Answer::new();
        for _ in 0..bounds::PIECES + 100 {
            answer.push(&words("a", Some("s")));
        }
        let outcome = answer.finish(&Leftover::None, None);
        assert_eq!(outcome.pieces.len(), bounds::PIECES + 1);
        assert_eq!(outcome.text.len(), bounds::PIECES + 100);
        let told = "Signatures beyond what an answer can have were left out (100)";
        assert!(outcome.warnings[0].starts_with(told), "{:?}", outcome.warnings);
    }

    #[test]
    fn a_signature_is_kept_whole_or_not_at_all() {
        let mut answer = Answer::new();
        let long = "s".repeat(60_000);
        for _ in 0..40 {
            answer.push(&words("a", Some(&long)));
        }
        assert!(answer.takes_signature(bounds::LONG_SIGNATURE));
        assert!(!answer.takes_signature(bounds::LONG_SIGNATURE + 1));
        let outcome = answer.finish(&Leftover::None, None);
        let kept = outcome.pieces.iter().filter_map(|piece| match piece {
            Piece::Text { signature, .. } => signature.clone(),
            Piece::Image { .. } => None,
        });
        let kept: Vec<_> = kept.collect();
        assert_eq!(kept, vec![SignaturePayload::Inline(long); 33]);
        assert!(
            outcome.warnings[0].contains("left out (8)"),
            "{:?}",
            outcome.warnings
        );
    }

    #[test]
    fn specks_do_not_keep_out_an_image() {
        let mut answer = Answer::new();
        for _ in 0..bounds::IMAGES {
            assert!(answer.push(&speck(0)).is_some());
        }
        assert_eq!(answer.push(&speck(0)), None);
        let Event::Picture { declared_mime, .. } = speck(0) else {
            panic!("no picture")
        };
        let image = Event::Picture {
            data: Payload::Blob(0),
            declared_mime,
            thought: false,
            signature: None,
            whole: true,
            joint: Joint::default(),
        };
        assert_eq!(answer.push(&image), Some(bounds::IMAGES));
    }

    #[test]
    fn sources_and_links_are_told_once_and_counted_beyond_their_bounds() {
        let mut answer = Answer::new();
        for number in 0..3000 {
            let url = format!("https://a/{}", number / 2);
            answer.push(&Event::Sources(vec![Source {
                url: url.clone(),
                title: None,
            }]));
            answer.push(&Event::Link { url, mime: None });
        }
        let long = "x".repeat(bounds::ADDRESS + 1);
        answer.push(&Event::Link {
            url: long,
            mime: None,
        });
        let outcome = answer.finish(&Leftover::None, None);
        assert_eq!(
            (outcome.sources.len(), outcome.links.len()),
            (bounds::SOURCES, bounds::LINKS)
        );
        let warnings = outcome.warnings.join("\n");
        assert!(
            warnings.contains("Sources beyond the first 1000, or 1 MB, are not kept; 1000 left out"),
            "{warnings}"
        );
        assert!(
            warnings.contains("Links to images beyond the first 64, or 1 MB, are"),
            "{warnings}"
        );
    }
}
