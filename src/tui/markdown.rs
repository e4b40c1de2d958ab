//! The light Markdown that models think in: bold, italics, code, headings, bullets. Everything else stays as it is
//! written; text is cleaned of control characters here, so that what comes out may be shown.

use std::ops::Range;

use super::text;
use crate::domain::clean;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub bold: bool,
    pub italic: bool,
    pub code: bool,
}

/// A run of text that looks one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub look: Look,
}

impl Run {
    pub fn bold(text: &str) -> Self {
        let look = Look {
            bold: true,
            ..Look::default()
        };
        Self {
            text: text.to_owned(),
            look,
        }
    }
}

/// The rows that `source` takes in `width` cells.
pub fn rows(source: &str, width: usize) -> Vec<Vec<Run>> {
    let source = clean(source);
    let mut rows = Vec::new();
    for line in source.trim_matches('\n').split('\n') {
        let blank = line.trim().is_empty();
        let repeated = rows.last().is_none_or(Vec::is_empty);
        if blank && repeated {
            continue;
        }
        let (plain, marks) = parse(line.trim_end());
        for bytes in text::wrap_line(&plain, width) {
            rows.push(runs(&plain, &marks, bytes));
        }
    }
    rows
}

/// The text without its marks, and where which look holds; looks may overlap.
fn parse(line: &str) -> (String, Vec<(Range<usize>, Look)>) {
    let indent = line.len() - line.trim_start().len();
    let body = &line[indent..];
    let mut plain = line[..indent].to_owned();
    let mut marks = Vec::new();
    let level = body.len() - body.trim_start_matches('#').len();
    let heading = body[level..]
        .strip_prefix(' ')
        .filter(|_| (1..=6).contains(&level));
    let bullet = body.strip_prefix("- ").or_else(|| body.strip_prefix("* "));
    let rest = match (heading, bullet) {
        (Some(rest), _) => rest.trim_start(),
        (_, Some(rest)) => {
            plain.push_str("• ");
            rest
        }
        _ => body,
    };
    let start = plain.len();
    inline(rest, &mut plain, &mut marks);
    if heading.is_some() {
        marks.push((
            start..plain.len(),
            Look {
                bold: true,
                ..Look::default()
            },
        ));
    }
    (plain, marks)
}

const SIGNS: &[(&str, Look)] = &[
    (
        "**",
        Look {
            bold: true,
            italic: false,
            code: false,
        },
    ),
    (
        "__",
        Look {
            bold: true,
            italic: false,
            code: false,
        },
    ),
    (
        "*",
        Look {
            bold: false,
            italic: true,
            code: false,
        },
    ),
    (
        "`",
        Look {
            bold: false,
            italic: false,
            code: true,
        },
    ),
];

/// Copies `source`, taking out the marks that have a partner on this line.
fn inline(source: &str, plain: &mut String, marks: &mut Vec<(Range<usize>, Look)>) {
    let mut rest = source;
    while let Some(next) = rest.chars().next() {
        if let Some((inside, behind, sign)) = marked(rest) {
            let start = plain.len();
            if sign.code {
                plain.push_str(inside);
            } else {
                inline(inside, plain, marks);
            }
            marks.push((start..plain.len(), sign));
            rest = behind;
        } else {
            plain.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
}

/// What stands between a mark at the start of `source` and its partner, and what follows.
fn marked(source: &str) -> Option<(&str, &str, Look)> {
    SIGNS.iter().find_map(|(sign, look)| {
        let inside = source.strip_prefix(sign)?;
        let end = inside.find(sign)?;
        let (inside, behind) = (&inside[..end], &inside[end + sign.len()..]);
        let is_tight = !inside.is_empty() && inside.trim() == inside;
        is_tight.then_some((inside, behind, *look))
    })
}

fn runs(plain: &str, marks: &[(Range<usize>, Look)], bytes: Range<usize>) -> Vec<Run> {
    let row = plain[bytes.clone()].trim_end();
    let mut runs: Vec<Run> = Vec::new();
    for (index, character) in row.char_indices() {
        let at = bytes.start + index;
        let mut look = Look::default();
        for (_, mark) in marks.iter().filter(|(range, _)| range.contains(&at)) {
            look.bold |= mark.bold;
            look.italic |= mark.italic;
            look.code |= mark.code;
        }
        match runs.last_mut() {
            Some(run) if run.look == look => run.text.push(character),
            _ => runs.push(Run {
                text: character.to_string(),
                look,
            }),
        }
    }
    runs
}

/// The last bold line: what the model is at, in its own words; for a folded pane.
pub fn headline(source: &str) -> Option<String> {
    let source = clean(source);
    source.lines().rev().find_map(|line| {
        let (plain, marks) = parse(line.trim());
        let is_bold = marks
            .iter()
            .any(|(range, look)| look.bold && *range == (0..plain.len()));
        (is_bold && !plain.is_empty()).then_some(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(rows: &[Vec<Run>]) -> Vec<String> {
        let text = |row: &Vec<Run>| row.iter().map(|run| run.text.as_str()).collect();
        rows.iter().map(text).collect()
    }

    #[test]
    fn marks_become_looks_and_words_wrap_without_them() {
        let rows = rows(
            "**Composing the scene**\n\nThe *red* fox sits `left` of 2 * 3.",
            18,
        );
        assert_eq!(
            plain(&rows),
            ["Composing the", "scene", "", "The red fox sits", "left of 2 * 3."]
        );
        assert!(rows[0][0].look.bold && rows[1][0].look.bold);
        assert!(rows[3][1].look.italic && !rows[3][0].look.italic);
        assert!(rows[4][0].look.code);
    }

    #[test]
    fn headings_bullets_and_hostile_bytes() {
        let rows = rows("# Plan\n- one\n* two\n\n\n\nthree\x1b[2J **open", 40);
        assert_eq!(plain(&rows), ["Plan", "• one", "• two", "", "three␛[2J **open"]);
        assert!(rows[0][0].look.bold);
    }

    #[test]
    fn the_headline_is_the_last_bold_line() {
        let thoughts = "**Planning**\nfirst\n\n**Composing the scene**\nThe **fox** sits";
        assert_eq!(headline(thoughts).as_deref(), Some("Composing the scene"));
        assert_eq!(headline("no headline"), None);
    }
}
