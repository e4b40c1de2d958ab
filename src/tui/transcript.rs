//! What the Thoughts pane shows of a turn: what it thought and said, and what went not quite as asked. It is kept from
//! message to message, so that a long one is not wrapped again for each word that comes.

use super::flow::{self, Flow};
use super::markdown::Run;
use super::words;
use crate::domain::{Source, Tail, Turn, TurnId, TurnText, clean_line};

/// Bytes of thoughts, and of the text beside them, that are shown: the last ones.
pub const MOST: usize = flow::MOST;

/// The rows of one turn in one width.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    turn: Option<TurnId>,
    width: usize,
    thoughts: Flow,
    reply: Flow,
    notes: Flow,
    /// How many warnings and sources the notes are made of.
    noted: (usize, usize),
}

impl Transcript {
    /// Whether it shows this turn in this width.
    pub fn shows(&self, turn: &TurnId, width: usize) -> bool {
        self.turn.as_ref() == Some(turn) && self.width == width
    }

    /// Follows what a turn has come to; a turn whose words are not known yet has none. Gives how many rows went at the
    /// beginning, because there are too many to keep.
    pub fn follow(&mut self, turn: &Turn, text: Option<&TurnText>, width: usize) -> usize {
        if !self.shows(&turn.id, width) {
            *self = Self {
                turn: Some(turn.id.clone()),
                width,
                thoughts: Flow::new(width),
                reply: Flow::new(width),
                notes: Flow::new(width),
                noted: (0, 0),
            };
        }
        let nothing = TurnText::default();
        let TurnText { thoughts, text } = text.unwrap_or(&nothing);
        let forgotten = self.thoughts.follow(thoughts);
        self.reply.follow(text);
        let noted = (turn.warnings.len(), turn.sources.len());
        if self.noted != noted {
            self.noted = noted;
            self.notes = Flow::new(width);
            self.notes.follow(&notes(turn));
        }
        forgotten
    }

    fn parts(&self) -> [(Option<&'static str>, &Flow); 3] {
        [
            (None, &self.thoughts),
            (Some("Reply"), &self.reply),
            (None, &self.notes),
        ]
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        let mut rows = 0;
        for (heading, flow) in self.parts() {
            if !flow.is_empty() {
                // A blank row before each part but the first.
                rows += usize::from(rows > 0) + usize::from(heading.is_some()) + flow.len();
            }
        }
        rows
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows from the one at `first` on, `most` at most; no others are formatted.
    pub fn rows(&self, first: usize, most: usize) -> Vec<Vec<Run>> {
        let mut shown: Vec<Vec<Run>> = Vec::new();
        let mut at = 0;
        for (heading, flow) in self.parts() {
            if flow.is_empty() {
                continue;
            }
            let gap = (at > 0).then(Vec::new);
            let heading = heading.map(|heading| vec![Run::bold(heading)]);
            for row in gap.into_iter().chain(heading) {
                if at >= first && shown.len() < most {
                    shown.push(row);
                }
                at += 1;
            }
            shown.extend(flow.rows(first.saturating_sub(at), most - shown.len()));
            at += flow.len();
        }
        shown
    }
}

/// The warnings and the pages that a search found.
fn notes(turn: &Turn) -> Tail {
    let sources: Vec<String> = (1..).zip(&turn.sources).map(source).collect();
    let parts = [
        ("Warnings", turn.warnings.join("\n")),
        ("Sources", sources.join("\n")),
    ];
    let parts = parts.iter().filter(|(_, text)| !text.trim().is_empty());
    let parts: Vec<_> = parts
        .map(|(heading, text)| format!("**{heading}**\n{}", text.trim_end()))
        .collect();
    let mut notes = Tail::default();
    notes.push(&parts.join("\n\n"), MOST);
    notes
}

/// A page that the model's search found, with the host that its title may hide.
fn source((number, source): (usize, &Source)) -> String {
    let host = words::host(&source.url);
    match source.title.as_deref().map(clean_line) {
        Some(title) if !title.is_empty() && title != host => format!("{number}. {title} ({host})"),
        _ => format!("{number}. {host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Request, SessionId};

    #[test]
    fn any_window_of_it_is_a_part_of_the_whole() {
        let session = SessionId::from("s".to_owned());
        let mut turn = Turn::new(TurnId::from("t".to_owned()), session, 1, 0, Request::default());
        turn.warnings = vec!["It was cut".to_owned()];
        turn.thoughts = "**Reading**\n\nthe red fox in fresh snow".to_owned();
        turn.text = "Here it is.\n".to_owned();
        let text = TurnText::take(&mut turn, MOST);
        let mut transcript = Transcript::default();
        transcript.follow(&turn, Some(&text), 12);
        let all = transcript.rows(0, 99);
        let words = |row: &Vec<Run>| row.iter().map(|run| run.text.as_str()).collect::<String>();
        let shown: Vec<String> = all.iter().map(words).collect();
        assert_eq!(
            shown,
            [
                "Reading",
                "",
                "the red fox",
                "in fresh",
                "snow",
                "",
                "Reply",
                "Here it is.",
                "",
                "Warnings",
                "It was cut"
            ]
        );
        assert_eq!(transcript.len(), all.len());
        for first in 0..all.len() {
            for most in 0..all.len() {
                let to = all.len().min(first + most);
                assert_eq!(transcript.rows(first, most), all[first..to]);
            }
        }
        transcript.follow(&turn, None, 12);
        assert_eq!(transcript.len(), 2);
    }
}
