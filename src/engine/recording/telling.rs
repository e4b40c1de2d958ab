//! Batches the texts that a listener is told while an answer arrives. A server may send one letter by letter: the first
//! thousands are told as they come, and after them only what is worth a message, so that whoever is slow to listen has no more
//! waiting than the text itself.

use crate::domain::Usage;
use crate::engine::Event;
use crate::engine::task::Listener;

/// More pieces than any honest answer has.
const MANY: usize = 4096;
/// After these, a piece has at least so many bytes.
const WORTH: usize = 4096;

/// The texts and the usage that were not told yet.
#[derive(Debug, Default)]
pub(super) struct Telling {
    /// The number of pieces of text that were told.
    told: usize,
    thoughts: String,
    words: String,
    usage: Option<Usage>,
}

impl Telling {
    pub(super) fn thought(&mut self, text: &str, listener: &Listener) {
        self.thoughts.push_str(text);
        if self.is_prompt() {
            self.tell_words(listener);
            self.tell_thoughts(listener);
        }
    }

    pub(super) fn words(&mut self, text: &str, listener: &Listener) {
        self.words.push_str(text);
        if self.is_prompt() {
            self.tell_thoughts(listener);
            self.tell_words(listener);
        }
    }

    /// Only the latest counts.
    pub(super) fn usage(&mut self, usage: Usage) {
        self.usage = Some(usage);
    }

    /// The read at hand has been worked off: what it brought is told now.
    pub(super) fn end_of_read(&mut self, listener: &Listener) {
        if self.thoughts.len() >= WORTH {
            self.tell_thoughts(listener);
        }
        if self.words.len() >= WORTH {
            self.tell_words(listener);
        }
        if let Some(usage) = self.usage.take() {
            listener.tell(Event::Usage(usage));
        }
    }

    /// Tells all that is left.
    pub(super) fn rest(&mut self, listener: &Listener) {
        self.tell_thoughts(listener);
        self.tell_words(listener);
    }

    fn is_prompt(&self) -> bool {
        self.told < MANY
    }

    fn tell_thoughts(&mut self, listener: &Listener) {
        if !self.thoughts.is_empty() {
            self.told += 1;
            listener.tell(Event::Thought(std::mem::take(&mut self.thoughts)));
        }
    }

    fn tell_words(&mut self, listener: &Listener) {
        if !self.words.is_empty() {
            self.told += 1;
            listener.tell(Event::Text(std::mem::take(&mut self.words)));
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, watch};

    use super::*;

    #[test]
    fn a_text_that_comes_letter_by_letter_is_told_whole_and_in_few_pieces() {
        let (sender, mut events) = mpsc::unbounded_channel();
        let listener = Listener::new(sender, watch::Sender::default());
        let mut telling = Telling::default();
        let (mut pieces, mut thoughts, mut words) = (0, 0, 0);
        for read in 0..20_000 {
            for _ in 0..=read % 100 {
                telling.thought("t", &listener);
                telling.words("w", &listener);
            }
            telling.end_of_read(&listener);
        }
        telling.rest(&listener);
        while let Ok(event) = events.try_recv() {
            pieces += 1;
            match event {
                Event::Thought(text) => thoughts += text.len(),
                Event::Text(text) => words += text.len(),
                event => panic!("{event:?}"),
            }
        }
        assert_eq!((thoughts, words), (1_010_000, 1_010_000));
        assert!(pieces < 5_000, "{pieces}");
    }

    #[test]
    fn what_comes_at_an_honest_pace_is_told_at_once_and_in_order() {
        let (sender, mut events) = mpsc::unbounded_channel();
        let listener = Listener::new(sender, watch::Sender::default());
        let mut telling = Telling::default();
        telling.thought("a", &listener);
        assert_eq!(events.try_recv().unwrap(), Event::Thought("a".to_owned()));
        telling.words("b", &listener);
        assert_eq!(events.try_recv().unwrap(), Event::Text("b".to_owned()));
        let usage = Usage {
            total: Some(1),
            ..Usage::default()
        };
        telling.usage(usage);
        telling.end_of_read(&listener);
        assert_eq!(events.try_recv().unwrap(), Event::Usage(usage));
    }
}
