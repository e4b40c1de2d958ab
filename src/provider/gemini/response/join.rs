//! Data URLs that a relay spreads over the texts of several events, put together: letter by letter, or a thousand letters at a
//! time. Pure; the bytes of what it continues belong to whoever keeps the image.

use super::{Event, Joint, Payload, SignaturePayload, parts};
use crate::provider::stream::base64::is_base64;
use crate::provider::stream::weave::may_be_header;

/// Longer than any Markdown in front of a data URL: what is longer is not waited for.
const LONGEST_WAIT: usize = 512;
/// So many letters are no word: they are base64, whatever follows them.
const NO_WORD: usize = 24;

/// Joins the events of one answer, in their order.
#[derive(Debug, Default)]
pub struct Joiner(State);

#[derive(Debug, Default)]
enum State {
    #[default]
    Nothing,
    /// The end of a text that may be the beginning of a data URL.
    Held { text: String, thought: bool },
    /// A text ended within a data URL.
    Open { thought: bool },
}

impl Joiner {
    /// Returns what the next event says together with those before it. `is_incomplete` tells whether the image that came last
    /// still lacks bytes: only then does a text go on with it.
    pub fn push(&mut self, event: Event, is_incomplete: bool) -> Vec<Event> {
        match event {
            Event::Thought { text } => self.words(text, true, None, is_incomplete),
            Event::Text { text, signature } => self.words(text, false, signature, is_incomplete),
            Event::Picture { .. } | Event::LongText { .. } => {
                let mut events = self.finish();
                self.note_open(&event);
                events.push(event);
                events
            }
            // These come with any part, and tell nothing about it.
            other => vec![other],
        }
    }

    /// Returns what is still held: no more events come.
    pub fn finish(&mut self) -> Vec<Event> {
        match std::mem::take(&mut self.0) {
            State::Held { text, thought } => vec![said(text, thought, None)],
            State::Nothing | State::Open { .. } => Vec::new(),
        }
    }

    fn note_open(&mut self, event: &Event) {
        if let Event::Picture { thought, joint, .. } = event
            && joint.open
        {
            self.0 = State::Open { thought: *thought };
        }
    }

    fn words(
        &mut self,
        text: String,
        thought: bool,
        signature: Option<SignaturePayload>,
        is_incomplete: bool,
    ) -> Vec<Event> {
        match std::mem::take(&mut self.0) {
            State::Open { thought: same } if same == thought => {
                self.continued(&text, thought, signature, is_incomplete)
            }
            State::Held {
                text: held,
                thought: same,
            } if same == thought => {
                let events = parts::words(held + &text, thought, signature);
                self.hold_back(events)
            }
            State::Held {
                text: held,
                thought: other,
            } => {
                let mut events = vec![said(held, other, None)];
                events.extend(self.hold_back(vec![said(text, thought, signature)]));
                events
            }
            State::Open { .. } | State::Nothing => self.hold_back(vec![said(text, thought, signature)]),
        }
    }

    /// A text behind one that ended within a data URL. What it has for an image that is whole already is left out: padding, or
    /// bytes behind the end.
    fn continued(
        &mut self,
        text: &str,
        thought: bool,
        mut signature: Option<SignaturePayload>,
        is_incomplete: bool,
    ) -> Vec<Event> {
        let length = data_length(text.as_bytes(), is_incomplete);
        let (data, behind) = text.split_at(length);
        let closes = behind
            .trim_start_matches(' ')
            .starts_with([')', '>', '"', '\'', ']']);
        let is_data = closes
            || length >= NO_WORD
            || data.starts_with('=')
            || data.ends_with('=')
            || (is_incomplete && behind.starts_with(['\r', '\n']))
            || (is_incomplete && behind.is_empty());
        if !is_data {
            // The data URL broke off, and these are words.
            return self.hold_back(vec![said(text.to_owned(), thought, signature)]);
        }
        let mut events = Vec::new();
        if is_incomplete && !data.is_empty() {
            let (bytes, whole, rest) = parts::decode(data.as_bytes());
            let open = behind.is_empty();
            events.push(Event::Picture {
                data: Payload::Inline(bytes),
                declared_mime: None,
                thought,
                signature: signature.take(),
                whole: whole || open,
                joint: Joint {
                    rest,
                    open,
                    continues: true,
                },
            });
        }
        if behind.is_empty() {
            self.0 = State::Open { thought };
            return events;
        }
        // A title may stand between the image and Markdown's parenthesis.
        let markdown = behind.find(')').filter(|&end| !behind[..end].contains('\n'));
        let words = markdown.map_or(behind, |end| &behind[end + 1..]);
        if !words.is_empty() || signature.is_some() {
            events.extend(self.hold_back(parts::words(words.to_owned(), thought, signature)));
        }
        events
    }

    /// Keeps back the end of the last text where it may be the beginning of a data URL.
    fn hold_back(&mut self, mut events: Vec<Event>) -> Vec<Event> {
        match events.last_mut() {
            Some(Event::Thought { text }) => {
                if let Some(text) = take_beginning(text) {
                    self.0 = State::Held { text, thought: true };
                }
            }
            Some(Event::Text {
                text,
                signature: None,
            }) => {
                if let Some(text) = take_beginning(text) {
                    self.0 = State::Held { text, thought: false };
                }
            }
            Some(event) => {
                let event = event.clone();
                self.note_open(&event);
            }
            None => {}
        }
        let is_empty = |event: &Event| match event {
            Event::Thought { text } => text.is_empty(),
            Event::Text { text, signature } => text.is_empty() && signature.is_none(),
            _ => false,
        };
        if matches!(self.0, State::Held { .. }) && events.last().is_some_and(is_empty) {
            events.pop();
        }
        events
    }
}

/// The length of the base64 that a text begins with. Where more of it has to come, a line may end within it: then the next line
/// is no word either.
fn data_length(text: &[u8], is_incomplete: bool) -> usize {
    let run = |from: usize| text[from..].iter().take_while(|byte| is_base64(**byte)).count();
    let mut end = run(0);
    while is_incomplete && !text[..end].ends_with(b"=") {
        let breaks = text[end..]
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let next = run(end + breaks);
        let is_data = next >= NO_WORD || end + breaks + next == text.len();
        if breaks == 0 || !is_data {
            break;
        }
        end += breaks + next;
    }
    end
}

fn said(text: String, thought: bool, signature: Option<SignaturePayload>) -> Event {
    if thought {
        Event::Thought { text }
    } else {
        Event::Text { text, signature }
    }
}

/// Takes the end off a text where it may be the beginning of a data URL, with the Markdown in front of that.
fn take_beginning(text: &mut String) -> Option<String> {
    let tail = text.len().saturating_sub(LONGEST_WAIT);
    let tail = (tail..=text.len()).find(|&at| text.is_char_boundary(at))?;
    let starts = text[tail..]
        .char_indices()
        .map(|(at, letter)| (tail + at, letter));
    let may_begin = |(at, letter): &(usize, char)| match letter {
        '!' => is_markdown_beginning(&text[*at..]),
        'd' => {
            let before = text[..*at].chars().next_back();
            !before.is_some_and(char::is_alphanumeric) && may_be_header(&text.as_bytes()[*at..])
        }
        _ => false,
    };
    let (start, _) = starts.into_iter().find(may_begin)?;
    Some(text.split_off(start))
}

/// Whether a text that begins with `!` may go on as `![…](data:image/…`.
fn is_markdown_beginning(text: &str) -> bool {
    let Some(text) = text.strip_prefix("![") else {
        return text == "!";
    };
    let Some((_, target)) = text.split_once(']') else {
        return !text.contains('\n');
    };
    let Some(target) = target.strip_prefix('(') else {
        return target.is_empty();
    };
    let target = target.trim_start().trim_start_matches('<');
    target.is_empty() || may_be_header(target.as_bytes())
}

#[cfg(test)]
mod tests {
    use base64_simd::STANDARD;

    use super::*;
    use crate::provider::stream::Bits;

    /// The words and the joined images of an answer.
    #[derive(Debug, Default, PartialEq)]
    struct Joined {
        words: String,
        images: Vec<Vec<u8>>,
        bits: Bits,
    }

    impl Joined {
        fn take(&mut self, event: Event) {
            let (bytes, joint) = match event {
                Event::Thought { text } | Event::Text { text, .. } => return self.words.push_str(&text),
                Event::Picture {
                    data: Payload::Inline(bytes),
                    joint,
                    ..
                } => (bytes, joint),
                other => panic!("{other:?}"),
            };
            if joint.continues {
                let image = self.images.last_mut().unwrap();
                self.bits
                    .append(&bytes, &joint.rest, &mut |part| image.extend_from_slice(part));
            } else {
                self.images.push(bytes);
                self.bits = Bits::after(&joint.rest);
            }
        }
    }

    /// A text that comes in pieces; an image is incomplete until it has `length` bytes.
    fn joined<'a>(pieces: impl IntoIterator<Item = &'a str>, thought: bool, length: usize) -> Joined {
        let (mut joiner, mut told) = (Joiner::default(), Joined::default());
        for piece in pieces {
            for event in parts::words(piece.to_owned(), thought, None) {
                let is_incomplete = told.images.last().is_some_and(|image| image.len() < length);
                for event in joiner.push(event, is_incomplete) {
                    told.take(event);
                }
            }
        }
        joiner.finish().into_iter().for_each(|event| told.take(event));
        told.bits = Bits::default();
        told
    }

    fn in_pieces(text: &str, size: usize) -> Vec<&str> {
        let bytes = text.as_bytes().chunks(size);
        bytes.map(|piece| std::str::from_utf8(piece).unwrap()).collect()
    }

    #[test]
    fn a_data_url_is_one_image_however_many_texts_it_is_spread_over() {
        let image: Vec<u8> = (0..=255).cycle().take(3001).collect();
        let data = STANDARD.encode_to_string(&image);
        for text in [
            format!("Here it is.\n\n![the image](data:image/png;base64,{data})\nAnd more words!"),
            format!("Here it is.\n\n![the image](data:image/png;base64,{data} \"a title\")\nAnd more words!"),
            format!("Here it is.\n\ndata:image/png;base64,{data}\nAnd more words!"),
        ] {
            for thought in [false, true] {
                let whole = joined([text.as_str()], thought, image.len());
                assert_eq!(whole.images, [image.as_slice()], "{text}");
                // A title that comes apart from its image is words.
                let sizes: &[usize] = if text.contains("title") {
                    &[40, 1000]
                } else {
                    &[1, 2, 3, 5, 7, 11, 40, 1000]
                };
                for &size in sizes {
                    let pieces = joined(in_pieces(&text, size), thought, image.len());
                    assert_eq!(pieces.images, [image.as_slice()], "{size}: {}", pieces.words);
                    // A line end behind the data may be one within it.
                    let plain = |words: &str| words.replace('\n', "");
                    assert_eq!(plain(&pieces.words), plain(&whole.words), "{size}");
                }
            }
        }
    }

    #[test]
    fn words_that_only_look_like_it_are_told_as_they_came() {
        let text = "Hello! ![a link](https://x.example/y.png) and data: image, data:image/ ![ d da dat data wonder![";
        for size in 1..20 {
            let told = joined(in_pieces(text, size), false, 0);
            assert_eq!((told.words.as_str(), told.images.len()), (text, 0), "{size}");
        }
    }

    #[test]
    fn words_behind_an_image_that_broke_off_are_words() {
        let told = joined(
            ["![a](data:image/png;base64,QUJD", "Sorry, that did not work."],
            false,
            100,
        );
        assert_eq!(
            (told.words.as_str(), told.images.len()),
            ("Sorry, that did not work.", 1)
        );
    }
}
