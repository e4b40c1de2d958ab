//! Measuring, cutting and wrapping text by the cells that a terminal gives it, also text that is not cleaned: it is
//! measured as [`shown`] shows it. Knows nothing of what the text means.

use std::ops::Range;

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

use crate::domain::shown as shown_grapheme;

/// Cells that `text` takes on one line.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(grapheme_width).sum()
}

/// Cells of one grapheme; control characters but a tab take none, because ratatui draws none.
fn grapheme_width(grapheme: &str) -> usize {
    if grapheme != "\t" && grapheme.contains(char::is_control) {
        0
    } else {
        usize::from(shown_grapheme(grapheme).cell_width())
    }
}

/// `text`, which is not cleaned, as the screen shows it; it takes the cells that are measured of it.
pub fn shown(text: &str) -> String {
    text.graphemes(true).map(shown_grapheme).collect()
}

/// `text` in at most `limit` cells, with `…` at the end where it was cut.
pub fn fit(text: &str, limit: usize) -> String {
    if width(text) <= limit {
        return text.to_owned();
    }
    if limit == 0 {
        return String::new();
    }
    let mut cut = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme_width(grapheme);
        if used > limit - 1 {
            break;
        }
        cut.push_str(grapheme);
    }
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// The rows that one line (without `\n`) takes in `limit` cells, as byte ranges that cover all of it. Words stay whole
/// where they can; spaces at the end of a row hang over its edge instead of starting the next; wide characters may
/// part anywhere.
pub fn wrap_line(line: &str, limit: usize) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    while let Some(end) = row_end(line, start, limit) {
        rows.push(start..end);
        start = end;
    }
    rows.push(start..line.len());
    rows
}

/// Where the row that starts at this byte of a line ends and another begins; `None` of the last row. What comes before
/// the row makes no difference.
pub fn row_end(line: &str, start: usize, limit: usize) -> Option<usize> {
    let limit = limit.max(1);
    let mut used = 0;
    // Where the row may end.
    let mut gap = None;
    for (index, grapheme) in line[start..].grapheme_indices(true) {
        let cells = grapheme_width(grapheme);
        let next = index + grapheme.len();
        if grapheme.chars().all(char::is_whitespace) {
            used = (used + cells).min(limit);
            gap = Some(next);
            continue;
        }
        if cells > 1 && index > 0 {
            gap = Some(index);
        }
        if used + cells > limit && index > 0 {
            return Some(start + gap.unwrap_or(index));
        }
        used += cells;
        if cells > 1 {
            gap = Some(next);
        }
    }
    None
}

/// Every row of a text of many lines, without the spaces that hang over.
pub fn wrap(text: &str, limit: usize) -> Vec<&str> {
    text.split('\n')
        .flat_map(|line| {
            wrap_line(line, limit)
                .into_iter()
                .map(move |row| line[row].trim_end())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_and_long_ones_are_split() {
        assert_eq!(wrap("the quick brown fox", 9), ["the quick", "brown fox"]);
        assert_eq!(wrap("incomprehensible", 6), ["incomp", "rehens", "ible"]);
        assert_eq!(wrap("a incomprehensible", 6), ["a", "incomp", "rehens", "ible"]);
        assert_eq!(wrap("one\n\ntwo", 9), ["one", "", "two"]);
        assert_eq!(wrap("", 9), [""]);
    }

    #[test]
    fn wide_characters_never_hang_over() {
        assert_eq!(wrap("赤い狐の絵", 5), ["赤い", "狐の", "絵"]);
        assert_eq!(wrap("fox 赤い狐", 7), ["fox 赤", "い狐"]);
        for row in wrap("a 赤い狐 in the 雪 and 山", 4) {
            assert!(width(row) <= 4, "{row}");
        }
    }

    #[test]
    fn rows_cover_the_line() {
        for limit in 1..12 {
            let line = "a red  fox, 赤い狐 👩‍🚀 jumps   ";
            let rows = wrap_line(line, limit);
            assert_eq!(
                rows.iter().map(|row| &line[row.clone()]).collect::<String>(),
                line
            );
        }
    }

    #[test]
    fn what_is_not_seen_is_measured_as_it_is_shown() {
        for text in [
            "a\tb",
            "\u{200f}שלום\u{2067} fox\u{2069}",
            "\u{feff}e\u{301}",
            "i\u{e0068}\u{200e}\u{301}x",
        ] {
            let seen = shown(text);
            assert_eq!(width(text), width(&seen), "{text:?}");
            assert!(crate::domain::is_harmless(&seen), "{text:?}");
        }
        assert_eq!(shown("a\tb\u{200e}"), "a    b\u{fffd}");
    }

    #[test]
    fn cutting_keeps_to_the_limit() {
        assert_eq!(fit("a red fox", 9), "a red fox");
        assert_eq!(fit("a red fox", 8), "a red f…");
        assert_eq!(fit("a red fox", 7), "a red…");
        assert_eq!(fit("赤い狐", 4), "赤…");
        assert_eq!(fit("fox", 0), "");
    }
}
