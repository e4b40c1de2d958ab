//! Text from outside made safe to show: no control character of it reaches a terminal.

/// `text` with line ends as `\n`, tabs as four spaces, and every other control character and bidirectional
/// override as a visible stand-in (`␛` for ESC, `�` for C1 and bidi).
pub fn clean(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => safe.push('\n'),
            '\r' => {
                if characters.peek() != Some(&'\n') {
                    safe.push('\n');
                }
            }
            '\t' => safe.push_str("    "),
            // The Unicode block "Control Pictures" mirrors C0 in order.
            '\0'..='\x1f' => safe.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}')),
            '\x7f' => safe.push('\u{2421}'),
            '\u{80}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            _ => safe.push(character),
        }
    }
    safe
}

/// [`clean`], on one line: line ends become single spaces.
pub fn clean_line(text: &str) -> String {
    clean(text)
        .split('\n')
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// An amount of bytes in a sentence: `812 KB`, `32 MB`, `41.3 MB`.
pub fn amount(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_add(unit / 20) / (unit / 10);
        match tenths % 10 {
            0 => format!("{}", tenths / 10),
            rest => format!("{}.{rest}", tenths / 10),
        }
    };
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..999_500 => format!("{} KB", (bytes + 500) / 1_000),
        999_500..999_950_000 => format!("{} MB", tenths(1_000_000)),
        _ => format!("{} GB", tenths(1_000_000_000)),
    }
}

/// The beginning of `text`, at most this many bytes. It does not end inside a word: half a word may be half of a key,
/// which nobody would find again to take it out.
pub fn beginning(text: &str, most: usize) -> &str {
    const LONGEST_KEY: usize = 512;
    if text.len() <= most {
        return text;
    }
    let end = (0..=most)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    let of_word = |letter: char| letter.is_ascii_alphanumeric() || "-_.+/=%~".contains(letter);
    if !text[end..].starts_with(of_word) {
        return &text[..end];
    }
    let whole = text[..end].trim_end_matches(of_word);
    // What is longer than any key may be cut: it is data.
    &text[..if end - whole.len() > LONGEST_KEY {
        end
    } else {
        whole.len()
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        let hostile = "a\x1b]52;c;aGk=\x07b\u{9b}31m\u{202e}c\r\nd\re";
        assert_eq!(
            clean(hostile),
            "a\u{241b}]52;c;aGk=\u{2407}b\u{fffd}31m\u{fffd}c\nd\ne"
        );
        assert!(
            !clean(hostile)
                .chars()
                .any(|character| character.is_control() && character != '\n')
        );
        assert_eq!(clean_line("one\n\n two\t\n"), "one two");
    }

    #[test]
    fn amounts_are_short_and_round() {
        let words = [
            0,
            999,
            1_000,
            999_499,
            999_500,
            32_000_000,
            41_349_999,
            2_000_000_000,
        ]
        .map(amount);
        assert_eq!(
            words,
            [
                "0 bytes",
                "999 bytes",
                "1 KB",
                "999 KB",
                "1 MB",
                "32 MB",
                "41.3 MB",
                "2 GB"
            ]
        );
    }

    #[test]
    fn a_beginning_ends_between_words() {
        assert_eq!(beginning("short", 5), "short");
        assert_eq!(beginning("bad key sk-1234 here", 12), "bad key ");
        assert_eq!(beginning("bad key sk-1234 here", 15), "bad key sk-1234");
        assert_eq!(beginning("bad key sk-1234 here", 16), "bad key sk-1234 ");
        assert_eq!(beginning("\u{4ee4}\u{724c}", 4), "\u{4ee4}");
        assert_eq!(beginning(&"A".repeat(2000), 1000).len(), 1000);
        assert_eq!(beginning("sk-1234", 3), "");
    }
}
