//! The visible rows of a text of many lines, kept while it is edited: after a change only what may have moved is
//! wrapped again, so that a key costs the same behind thirty thousand characters as behind thirty.

use std::ops::Range;

use super::text;

/// One visible row: a part of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub line: usize,
    pub bytes: Range<usize>,
}

/// The rows of a text, for rows of so many cells.
#[derive(Clone, Debug)]
pub struct Rows {
    limit: usize,
    lines: Vec<Line>,
    count: usize,
}

/// A line as it was wrapped.
#[derive(Clone, Debug, Default)]
struct Line {
    text: String,
    /// Where each of its rows begins; the first one at 0.
    starts: Vec<usize>,
    /// The rows of the lines above it.
    above: usize,
}

impl Line {
    fn new(text: &str, limit: usize) -> Self {
        let mut line = Self {
            text: text.to_owned(),
            starts: vec![0],
            above: 0,
        };
        line.wrap_on(limit, |_| None);
        line
    }

    /// Wraps on from the last start. `known` may give the starts that follow one that has been found.
    fn wrap_on(&mut self, limit: usize, known: impl Fn(usize) -> Option<Vec<usize>>) {
        let mut start = self.starts.last().copied().unwrap_or(0);
        while let Some(next) = text::row_end(&self.text, start, limit) {
            start = next;
            self.starts.push(start);
            if let Some(rest) = known(start) {
                self.starts.extend(rest);
                return;
            }
        }
    }

    /// Becomes another text. The rows well above the first change stay, and so do those below the last one as soon as a
    /// row begins where one began.
    fn change(&mut self, new: &str, limit: usize) {
        let (old_len, new_len) = (self.text.len(), new.len());
        let same = alike(self.text.as_bytes(), new.as_bytes());
        let most = old_len.min(new_len) - same;
        let behind = alike_at_end(
            &self.text.as_bytes()[old_len - most..],
            &new.as_bytes()[new_len - most..],
        );
        // A row ends where the first word of the next one would not fit, so a change reaches back that far; one row
        // more for a mark that joins the character before it.
        let row = self.starts.partition_point(|start| *start <= same);
        let kept = row.saturating_sub(3).max(1);
        let below = self.starts.split_off(kept);
        new.clone_into(&mut self.text);
        self.wrap_on(limit, |start| {
            let was = (start + old_len).checked_sub(new_len)?;
            let is_behind = start >= new_len - behind;
            let at = below.binary_search(&was).ok().filter(|_| is_behind)?;
            Some(
                below[at + 1..]
                    .iter()
                    .map(|was| was + new_len - old_len)
                    .collect(),
            )
        });
    }
}

/// How many bytes two texts have in common at their beginnings.
fn alike(one: &[u8], other: &[u8]) -> usize {
    /// Blocks are compared at once.
    const BLOCK: usize = 4096;
    let blocks = one.chunks(BLOCK).zip(other.chunks(BLOCK));
    let same = blocks.take_while(|(one, other)| one == other && one.len() == BLOCK);
    let same = same.count() * BLOCK;
    let rest = one[same..].iter().zip(&other[same..]);
    same + rest.take_while(|(one, other)| one == other).count()
}

/// How many bytes two texts of one length have in common at their ends.
fn alike_at_end(one: &[u8], other: &[u8]) -> usize {
    const BLOCK: usize = 4096;
    let blocks = one.rchunks(BLOCK).zip(other.rchunks(BLOCK));
    let same = blocks.take_while(|(one, other)| one == other && one.len() == BLOCK);
    let same = same.count() * BLOCK;
    let rest = one[..one.len() - same].iter().rev();
    let rest = rest.zip(other[..other.len() - same].iter().rev());
    same + rest.take_while(|(one, other)| one == other).count()
}

impl Default for Rows {
    /// The one row of an empty text.
    fn default() -> Self {
        Self::new(&[String::new()], 1)
    }
}

impl Rows {
    pub fn new(lines: &[String], limit: usize) -> Self {
        let mut rows = Self {
            limit,
            lines: lines.iter().map(|line| Line::new(line, limit)).collect(),
            count: 0,
        };
        rows.add_up(0);
        rows
    }

    /// Cells that a row may take.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Follows a change of the text, or of the width.
    pub fn follow(&mut self, lines: &[String], limit: usize) {
        if limit != self.limit {
            *self = Self::new(lines, limit);
            return;
        }
        let is_same = |(old, new): &(&Line, &String)| old.text == **new;
        let same = self.lines.iter().zip(lines).take_while(is_same).count();
        let most = self.lines.len().min(lines.len()) - same;
        let ends = self.lines.iter().rev().zip(lines.iter().rev()).take(most);
        let behind = ends.take_while(is_same).count();
        let (old, new) = (
            same..self.lines.len() - behind,
            &lines[same..lines.len() - behind],
        );
        if let ([new], 1) = (new, old.len()) {
            self.lines[same].change(new, limit);
        } else {
            let new = new.iter().map(|line| Line::new(line, limit));
            self.lines.splice(old, new);
        }
        self.add_up(same);
    }

    fn add_up(&mut self, from: usize) {
        let mut above = match from.checked_sub(1).and_then(|before| self.lines.get(before)) {
            Some(before) => before.above + before.starts.len(),
            None => 0,
        };
        for line in &mut self.lines[from..] {
            line.above = above;
            above += line.starts.len();
        }
        self.count = above;
    }

    /// How many there are; at least one.
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub fn get(&self, row: usize) -> Option<Row> {
        let index = self
            .lines
            .partition_point(|line| line.above <= row)
            .checked_sub(1)?;
        let line = &self.lines[index];
        let start = *line.starts.get(row - line.above)?;
        let end = line.starts.get(row - line.above + 1).copied();
        Some(Row {
            line: index,
            bytes: start..end.unwrap_or(line.text.len()),
        })
    }

    /// The row that the place before this byte of a line is in; where a row ends and the next begins, the next.
    pub fn find(&self, line: usize, byte: usize) -> usize {
        let Some(line) = self.lines.get(line) else {
            return 0;
        };
        let row = line.starts.partition_point(|start| *start <= byte);
        line.above + row.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        text.split('\n').map(str::to_owned).collect()
    }

    fn all(rows: &Rows) -> Vec<Row> {
        (0..rows.len()).map_while(|row| rows.get(row)).collect()
    }

    /// A number that looks like chance, and is the same in every run.
    fn chance(seed: &mut u64) -> usize {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(*seed >> 33).unwrap()
    }

    #[test]
    fn rows_that_were_kept_are_those_that_a_new_wrapping_gives() {
        let pieces = [
            "a",
            " ",
            "fox ",
            "  ",
            "\n",
            "狐",
            "incomprehensible",
            "\u{301}",
            "👩\u{200d}",
            "🚀",
            "🇩",
            "🇪",
            ", ",
        ];
        let mut seed = 7;
        for limit in [1, 2, 5, 9, 30] {
            let mut text = String::new();
            let mut rows = Rows::new(&texts(&text), limit);
            for _ in 0..150 {
                let places: Vec<usize> = text
                    .char_indices()
                    .map(|(at, _)| at)
                    .chain([text.len()])
                    .collect();
                let at = places[chance(&mut seed) % places.len()];
                if chance(&mut seed).is_multiple_of(3) {
                    let to = places.iter().find(|place| **place > at + 20).unwrap_or(&at);
                    text.replace_range(at..*to, "");
                } else {
                    for _ in 0..chance(&mut seed) % 8 {
                        text.insert_str(at, pieces[chance(&mut seed) % pieces.len()]);
                    }
                }
                rows.follow(&texts(&text), limit);
                assert_eq!(
                    all(&rows),
                    all(&Rows::new(&texts(&text), limit)),
                    "{text:?} in {limit}"
                );
            }
        }
    }

    #[test]
    fn a_place_is_found_again_in_its_row() {
        let text = "the quick brown fox\n\njumps over 赤い狐の絵";
        let rows = Rows::new(&texts(text), 10);
        for (index, row) in all(&rows).into_iter().enumerate() {
            assert_eq!(rows.find(row.line, row.bytes.start), index);
            if row.bytes.len() > 1 {
                assert_eq!(rows.find(row.line, row.bytes.start + 1), index);
            }
        }
        assert_eq!(rows.get(rows.len()), None);
        assert_eq!(Rows::default().len(), 1);
    }
}
