//! Markdown that grows at its end, wrapped as it comes: a line is wrapped when it has ended, and only the one that is
//! still open is wrapped again. What is added costs the same however much came before, and at most a fixed amount is
//! kept.

use std::collections::VecDeque;

use super::markdown::{self, Run};
use crate::domain::Tail;

/// Bytes that are kept; the oldest lines go first.
pub const MOST: usize = 128 * 1024;
/// A line of more bytes than this is cut into several, so that none takes long to wrap.
const LONGEST: usize = 4 * 1024;
/// What a line takes beside its bytes.
const LINE: usize = size_of::<Line>();
/// What stands where lines are missing.
const CUT: &str = "… the beginning is left out";

/// Text as it is shown in one width.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    width: usize,
    lines: VecDeque<Line>,
    /// The line that has not ended, as it came.
    open: String,
    /// The rows that it takes by now.
    open_rows: usize,
    /// What was last said before it was blank: a gap, if anything follows.
    gap: bool,
    /// The rows of the lines.
    rows: usize,
    /// The bytes of the lines, and what each takes besides.
    bytes: usize,
    /// Bytes of the source up to the end of what was taken in.
    end: u64,
    /// There is more before the first line.
    is_cut: bool,
}

/// A line that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    text: String,
    /// A blank row comes before it.
    gap: bool,
    /// Its rows, the blank one among them.
    rows: usize,
}

impl Flow {
    pub fn new(width: usize) -> Self {
        Self {
            width,
            ..Self::default()
        }
    }

    /// Takes in what a source has more than when it was followed last; a source of which something is missing between is
    /// begun anew. Gives how many rows went at the beginning.
    pub fn follow(&mut self, source: &Tail) -> usize {
        let end = source.before() + source.as_str().len() as u64;
        let new = end
            .checked_sub(self.end)
            .and_then(|new| usize::try_from(new).ok());
        let new = new.and_then(|new| source.as_str().len().checked_sub(new));
        let new = new.and_then(|from| source.as_str().get(from..));
        if let Some(new) = new.filter(|_| self.end > 0 || source.before() == 0) {
            self.push(new);
        } else {
            *self = Self::new(self.width);
            self.is_cut = source.before() > 0;
            self.push(source.as_str());
        }
        self.end = end;
        self.forget()
    }

    /// Adds to the end.
    pub fn push(&mut self, text: &str) {
        let mut pieces = text.split('\n');
        self.grow(pieces.next().unwrap_or_default());
        for piece in pieces {
            self.close();
            self.grow(piece);
        }
        self.open_rows = rows_of(&self.open, self.width);
    }

    fn grow(&mut self, mut text: &str) {
        while self.open.len() + text.len() > LONGEST {
            let room = LONGEST.saturating_sub(self.open.len());
            let cut = (0..=room)
                .rev()
                .find(|at| text.is_char_boundary(*at))
                .unwrap_or(0);
            let (head, rest) = text.split_at(cut);
            self.open.push_str(head);
            // Where a word ends, if there is one; a part of a long word may stand alone.
            let end = self.open.rfind(' ').filter(|end| *end > LONGEST / 2);
            let kept = self.open.split_off(end.map_or(self.open.len(), |end| end + 1));
            self.close();
            self.open = kept;
            text = rest;
        }
        self.open.push_str(text);
    }

    fn close(&mut self) {
        let text = std::mem::take(&mut self.open);
        let own = rows_of(&text, self.width);
        if own == 0 {
            self.gap = self.gap || self.has_shown();
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        let rows = own + usize::from(gap);
        self.rows += rows;
        self.bytes += text.len() + LINE;
        self.lines.push_back(Line { text, gap, rows });
    }

    fn has_shown(&self) -> bool {
        self.is_cut || !self.lines.is_empty()
    }

    /// Lets the oldest lines go where there are too many.
    fn forget(&mut self) -> usize {
        let before = self.len();
        while self.bytes > MOST
            && let Some(line) = self.lines.pop_front()
        {
            self.rows -= line.rows;
            self.bytes -= line.text.len() + LINE;
            self.is_cut = true;
        }
        before - self.len()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        let open = if self.open_rows > 0 {
            self.open_rows + usize::from(self.gap)
        } else {
            0
        };
        usize::from(self.is_cut) + self.rows + open
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows from the one at `first` on, `most` at most; only lines that have one of them are formatted.
    pub fn rows(&self, first: usize, most: usize) -> Vec<Vec<Run>> {
        let cut = self.is_cut.then(|| Line {
            text: CUT.to_owned(),
            gap: false,
            rows: 1,
        });
        let open = (self.open_rows > 0).then(|| Line {
            text: self.open.clone(),
            gap: self.gap,
            rows: self.open_rows + usize::from(self.gap),
        });
        let mut shown = Vec::new();
        let mut at = 0;
        for line in cut.iter().chain(&self.lines).chain(&open) {
            let skipped = first.saturating_sub(at);
            at += line.rows;
            if skipped >= line.rows {
                continue;
            }
            let gap = line.gap.then(Vec::new);
            let rows = markdown::rows(&line.text, self.width);
            let rows = gap.into_iter().chain(rows).take(line.rows).skip(skipped);
            shown.extend(rows.take(most - shown.len()));
            if shown.len() >= most {
                break;
            }
        }
        shown
    }
}

fn rows_of(line: &str, width: usize) -> usize {
    markdown::rows(line, width).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(rows: &[Vec<Run>]) -> Vec<String> {
        let text = |row: &Vec<Run>| row.iter().map(|run| run.text.as_str()).collect();
        rows.iter().map(text).collect()
    }

    const THOUGHTS: &str =
        "\n\n**Reading**\r\n\r\nThe *red* fox sits `left` of 2 * 3, in snow.\n\n\n\n# Plan\n- one\rtwo\n\n";

    #[test]
    fn what_comes_in_pieces_looks_like_what_comes_at_once() {
        for width in [1, 7, 18, 80] {
            let whole = markdown::rows(THOUGHTS.trim_end(), width);
            for size in [1, 2, 5, 1000] {
                let mut flow = Flow::new(width);
                let letters: Vec<char> = THOUGHTS.chars().collect();
                for piece in letters.chunks(size) {
                    flow.push(&piece.iter().collect::<String>());
                    assert_eq!(flow.rows(0, usize::MAX).len(), flow.len());
                }
                assert_eq!(flow.rows(0, usize::MAX), whole, "{size} in {width}");
                assert_eq!(flow.rows(2, 3), whole[2..5.min(whole.len())], "{size} in {width}");
            }
        }
    }

    #[test]
    fn a_source_is_followed_from_where_it_was_left() {
        let mut source = Tail::default();
        let mut flow = Flow::new(40);
        for word in ["**Reading**\n\nthe", " red", " fox\n", "sits"] {
            source.push(word, MOST);
            assert_eq!(flow.follow(&source), 0);
        }
        assert_eq!(shown(&flow.rows(0, 9)), ["Reading", "", "the red fox", "sits"]);
        // Between what is known and what is there now, something is missing.
        let mut later = Tail::new("a moon".to_owned(), 900);
        flow.follow(&later);
        assert_eq!(shown(&flow.rows(0, 9)), [CUT, "a moon"]);
        later.push("light", MOST);
        flow.follow(&later);
        assert_eq!(shown(&flow.rows(1, 9)), ["a moonlight"]);
    }

    #[test]
    fn much_is_kept_only_in_part_whatever_it_is_made_of() {
        for piece in [
            "the quick brown fox jumps over\n",
            "\n",
            "x",
            "words ",
            "赤い狐の絵",
            "\n\na",
        ] {
            let (mut source, mut flow) = (Tail::default(), Flow::new(60));
            let (mut forgotten, mut rows) = (0, 0);
            for _ in 0..40 {
                source.push(&piece.repeat(4_000), MOST);
                forgotten += flow.follow(&source);
                rows = rows.max(flow.len());
            }
            assert!(flow.bytes <= MOST + 2 * LONGEST, "{piece}");
            assert!(flow.open.len() <= LONGEST, "{piece}");
            assert!(rows < 20_000, "{rows} of {piece}");
            let last = flow.rows(flow.len().saturating_sub(9), 9);
            assert_eq!(last.len(), flow.len().min(9), "{piece}");
            if !piece.trim().is_empty() {
                assert!(flow.is_cut && forgotten > 0, "{piece}");
                assert_eq!(shown(&flow.rows(0, 1)), [CUT]);
            }
        }
    }
}
