//! A line around the first hit of a search, with the places of the hits in it. Pure.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::words::{Query, Word, words};
use crate::domain::clean_line;

/// Characters, as a reader counts them: before the first hit, and from it on.
const BEFORE: usize = 30;
const AFTER: usize = 90;

/// A line of the first text that has a hit. It is safe to show, and cleaning it once more changes nothing.
pub(super) fn snippet<'a>(
    query: &Query,
    texts: impl Iterator<Item = &'a str> + Clone,
) -> (String, Vec<Range<usize>>) {
    for text in texts.clone() {
        let (window, hits) = look(query, text);
        if !hits.is_empty() {
            return cut(text, &window, &hits);
        }
    }
    let text = texts.into_iter().next().unwrap_or_default();
    cut(text, &(0..end_of(text, 0, BEFORE + AFTER)), &[])
}

/// The part of a text that is shown, and the hits in it; nothing is read beyond it.
fn look(query: &Query, text: &str) -> (Range<usize>, Vec<Range<usize>>) {
    let mut read: Vec<Word> = Vec::new();
    let mut hits: Vec<Range<usize>> = Vec::new();
    let mut window = 0..0;
    for word in words(text) {
        if !hits.is_empty() && word.range.end > window.end {
            break;
        }
        read.push(word);
        let Some(length) = query.ends(&read) else { continue };
        let hit = read[read.len() - length].range.start..read[read.len() - 1].range.end;
        if hits.is_empty() {
            window = start_of(text, hit.start)..end_of(text, hit.start, AFTER).max(hit.end);
        }
        match hits.last_mut() {
            Some(last) if hit.start <= last.end => last.end = last.end.max(hit.end),
            _ => hits.push(hit),
        }
    }
    (window, hits)
}

/// Where the line begins: between two words where there is such a place.
fn start_of(text: &str, hit: usize) -> usize {
    let before = text[..hit].grapheme_indices(true).rev().take(BEFORE);
    let Some((start, _)) = before.last() else {
        return hit;
    };
    if start == 0 {
        return 0;
    }
    text[start..hit]
        .find(char::is_whitespace)
        .map_or(start, |space| start + space)
}

fn end_of(text: &str, start: usize, characters: usize) -> usize {
    let Some((end, _)) = text[start..].grapheme_indices(true).nth(characters) else {
        return text.len();
    };
    let end = start + end;
    text[start..end]
        .rfind(char::is_whitespace)
        .filter(|space| *space > characters / 2)
        .map_or(end, |space| start + space)
}

/// Cleans piece by piece, so that the hits are still where they are said to be.
fn cut(text: &str, window: &Range<usize>, hits: &[Range<usize>]) -> (String, Vec<Range<usize>>) {
    let mut line = String::new();
    let mut placed = Vec::with_capacity(hits.len());
    let mut at = window.start;
    if at > 0 {
        line.push('\u{2026}');
    }
    for hit in hits {
        add(&mut line, &text[at..hit.start]);
        let start = line.len();
        add(&mut line, &text[hit.clone()]);
        placed.push(start..line.len());
        at = hit.end;
    }
    add(&mut line, &text[at..window.end]);
    line.truncate(line.trim_end().len());
    if window.end < text.trim_end().len() {
        line.push('\u{2026}');
    }
    (line, placed)
}

/// Runs of blanks become one space, none at the beginning of the line.
fn add(line: &mut String, piece: &str) {
    for (index, word) in piece.split(char::is_whitespace).enumerate() {
        if index > 0 && !line.is_empty() && !line.ends_with([' ', '\u{2026}']) {
            line.push(' ');
        }
        line.push_str(&clean_line(word));
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn shown(typed: &str, text: &str) -> String {
        let (line, hits) = snippet(&Query::of(typed), [text].into_iter());
        let mut marked = String::new();
        let mut at = 0;
        for hit in hits {
            let _ = write!(marked, "{}[{}]", &line[at..hit.start], &line[hit.clone()]);
            at = hit.end;
        }
        marked + &line[at..]
    }

    #[test]
    fn hits_are_marked_where_they_stand() {
        assert_eq!(
            shown("fox", "a red Fox\n and a foxglove"),
            "a red [Fox] and a [foxglove]"
        );
        assert_eq!(shown("fox re", "a red fox"), "a [red] [fox]");
        assert_eq!(shown("い狐", "赤い狐の絵"), "赤[い狐]の絵");
        assert_eq!(shown("cafe", "Un cafe\u{301}!"), "Un [cafe\u{301}]!");
        assert_eq!(shown("16:9", "at 16:9, wide"), "at [16:9], wide");
        assert_eq!(shown("owl", "no such bird"), "no such bird");
    }

    #[test]
    fn long_texts_are_cut_around_the_first_hit() {
        let text = format!("{}the red fox {}", "before ".repeat(100), "after ".repeat(100));
        let line = shown("fox", &text);
        assert!(line.starts_with("\u{2026}before "), "{line}");
        assert!(line.contains("the red [fox] after"), "{line}");
        assert!(
            line.ends_with("after\u{2026}") && line.chars().count() < 130,
            "{line}"
        );
    }

    #[test]
    fn nothing_hostile_is_shown() {
        let text = "\x1b]52;c;aGk=\x07 fox\u{202e}glove \u{9b}31m\tfox";
        let (line, hits) = snippet(&Query::of("fox"), [text].into_iter());
        assert_eq!(line, clean_line(&line));
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert_eq!(hits.len(), 2);
        assert!(hits.iter().all(|hit| line[hit.clone()].starts_with("fox")));
    }
}
