//! Text from outside made safe to show: no control character of it reaches a terminal, and nothing of it is there
//! without being seen.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// What stands for a character that must not be shown.
const STAND_IN: char = '\u{fffd}';

/// Marks on one character beyond this many are no writing system's. Flags of regions need six, Hebrew with its accents
/// and Tibetan fewer.
const MARKS: u32 = 8;

/// Bytes as two lower-case digits each, the higher one first: how hashes are written.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _infallible = write!(text, "{byte:02x}");
    }
    text
}

/// `text` with line ends as `\n`, tabs as four spaces, and whatever would act on a terminal or mislead its reader as a
/// visible stand-in: `␛` for ESC and its like, `�` for C1, for bidirectional controls, for characters that only carry
/// what nobody sees (tags outside flags, variation selectors in a row, annotations), and for marks piled on marks.
///
/// Joiners stay: Persian, the scripts of India and emoji are not written without them.
pub fn clean(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut pile = Pile::default();
    while let Some(character) = characters.next() {
        match character {
            '\n' | '\u{2028}' | '\u{2029}' => safe.push('\n'),
            '\r' => {
                if characters.peek() != Some(&'\n') {
                    safe.push('\n');
                }
            }
            '\t' => safe.push_str("    "),
            // The Unicode block "Control Pictures" mirrors C0 in order.
            '\0'..='\x1f' => safe.push(char::from_u32(0x2400 + u32::from(character)).unwrap_or(STAND_IN)),
            '\x7f' => safe.push('\u{2421}'),
            _ if is_unseen(character) => safe.push(STAND_IN),
            _ => {
                safe.extend(pile.add(character));
                continue;
            }
        }
        pile = Pile::default();
    }
    safe
}

/// `text` as it was typed or pasted: all of it, with line ends as `\n` and control characters, which nobody means to type,
/// as the stand-ins of [`clean`]. What is not seen is kept; [`shown`] says what the screen has of it.
pub fn without_controls(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' | '\t' => kept.push(character),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => kept.push('\n'),
            _ if character.is_control() => kept.push_str(&clean(character.encode_utf8(&mut [0; 4]))),
            _ => kept.push(character),
        }
    }
    kept
}

/// Returns `text` with each `%XX` as the byte that it spells, if `takes` accepts the byte; everything else stays.
pub fn percent_decoded(text: &[u8], takes: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        let digits = behind
            .get(..2)
            .filter(|digits| *first == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok())
            .filter(|byte| takes(*byte));
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    decoded
}

/// One grapheme as the screen shows it: [`clean`], on one line.
pub fn shown(grapheme: &str) -> Cow<'_, str> {
    let mut characters = grapheme.chars();
    let is_plain = |character: char| !is_unseen(character) && character.width() != Some(0);
    match (characters.next(), characters.next()) {
        (Some(character), None) if is_plain(character) => Cow::Borrowed(grapheme),
        // It would turn what is one grapheme into two rows.
        (Some('\u{2028}' | '\u{2029}'), None) => Cow::Borrowed("\u{fffd}"),
        _ => Cow::Owned(clean(grapheme)),
    }
}

/// Whether a terminal obeys this character, or a reader is misled by it, wherever it stands.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || is_bidi(character)
        || matches!(
            character,
            '\u{180e}' | '\u{2028}' | '\u{2029}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0001}' | '\u{1d173}'..='\u{1d17a}'
        )
}

/// What turns the direction of what follows, or seems to.
fn is_bidi(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// What has been put onto the last character that takes room of its own.
#[derive(Default)]
struct Pile {
    base: Option<char>,
    last: Option<char>,
    marks: u32,
}

impl Pile {
    /// The character as it may be shown after those before it, if at all.
    fn add(&mut self, character: char) -> Option<char> {
        if character.width() != Some(0) {
            *self = Self {
                base: Some(character),
                last: Some(character),
                marks: 0,
            };
            return Some(character);
        }
        let before = self.last.replace(character);
        self.marks += 1;
        let carries_nothing_seen = match character {
            // A flag of a region is a black flag with its letters as tags.
            '\u{e0020}'..='\u{e007f}' => self.base != Some('\u{1f3f4}'),
            _ if is_selector(character) => before.is_none_or(is_selector),
            _ => false,
        };
        match self.marks {
            ..=MARKS => Some(if carries_nothing_seen { STAND_IN } else { character }),
            marks => (marks == MARKS + 1).then_some(STAND_IN),
        }
    }
}

fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// JSON whose strings hold nothing that a terminal would obey or a reader not see: such characters become `\u` escapes,
/// which mean the same. What comes in must be JSON, so that they can only stand in strings.
pub fn clean_json(json: &str) -> String {
    let hidden = |character: char| {
        character != '\n'
            && character != '\r'
            && character != '\t'
            && (is_unseen(character) || matches!(character, '\u{e0000}'..='\u{e0fff}'))
    };
    if !json.contains(hidden) {
        return json.to_owned();
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing into memory does not fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Whether `symbol`, what one cell is to show, would do anything but show: the last question before a terminal.
pub fn is_harmless(symbol: &str) -> bool {
    /// A family of four with its skin tones takes 41 bytes.
    const LONGEST: usize = 128;
    symbol.len() <= LONGEST && !symbol.contains(|letter: char| letter.is_control() || is_unseen(letter))
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
    fn what_nobody_sees_is_shown_and_what_scripts_need_is_kept() {
        for kept in [
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
            "\u{1f468}\u{1f3fd}\u{200d}\u{1f469}\u{1f3fb}\u{200d}\u{1f467}\u{200d}\u{1f466}",
            "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
            "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}",
            "\u{915}\u{94d}\u{200d}\u{937}",
            "e\u{301}\u{323}",
            "\u{8fba}\u{e0101}",
            "\u{5d1}\u{5bc}\u{5b0}\u{591}",
            "\u{1112}\u{1161}\u{11ab}",
        ] {
            assert_eq!(clean(kept), kept);
        }
        assert_eq!(clean("a\u{2028}b\u{2029}c"), "a\nb\nc");
        assert_eq!(clean("hi\u{e0068}\u{e0069}"), "hi\u{fffd}\u{fffd}");
        assert_eq!(clean("a\u{fe01}\u{e0100}\u{e0101}"), "a\u{fe01}\u{fffd}\u{fffd}");
        assert_eq!(
            clean("\u{feff}a\u{fff9}b\u{fffb}\u{206e}"),
            "\u{fffd}a\u{fffd}b\u{fffd}\u{fffd}"
        );
        let tower = format!("z{}y", "\u{337}".repeat(5_000));
        assert_eq!(clean(&tower), format!("z{}\u{fffd}y", "\u{337}".repeat(8)));
    }

    #[test]
    fn no_character_whatsoever_keeps_its_teeth() {
        for character in '\0'..=char::MAX {
            for text in [
                format!("a{character}b"),
                character.to_string(),
                format!("{character}{character}\u{1b}"),
            ] {
                let safe = clean_line(&text);
                assert!(is_harmless(&safe), "U+{:04X}: {safe:?}", u32::from(character));
                assert_eq!(clean(&safe), safe, "U+{:04X}", u32::from(character));
            }
            let json = clean_json(&serde_json::Value::from(character.to_string()).to_string());
            assert!(is_harmless(&json), "U+{:04X}: {json:?}", u32::from(character));
        }
    }

    #[test]
    fn json_means_the_same_and_shows_what_is_in_it() {
        let value =
            serde_json::json!({"a": "x\u{9b}31m\u{7f}\u{202e}\u{2028}\u{e0041}\u{feff}\u{e9}\u{1f98a}\x1b"});
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let safe = clean_json(&text);
            assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
            assert!(
                safe.contains("x\\u009b31m\\u007f\\u202e\\u2028\\udb40\\udc41\\ufeff\u{e9}\u{1f98a}\\u001b"),
                "{safe}"
            );
        }
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
    fn what_is_typed_is_kept_and_shown_by_its_stand_in() {
        let hebrew =
            "\u{feff}\u{200f}\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{200e} \u{2067}a\u{2069}\u{202e}\tb\u{2028}c";
        assert_eq!(without_controls(hebrew), hebrew);
        assert_eq!(
            without_controls("a\r\nb\rc\u{1b}[m\u{9b}m\u{7f}"),
            "a\nb\nc\u{241b}[m\u{fffd}m\u{2421}"
        );
        for (grapheme, seen) in [
            ("\u{200f}", "\u{fffd}"),
            ("\u{feff}", "\u{fffd}"),
            ("\u{2067}", "\u{fffd}"),
            ("\u{2028}", "\u{fffd}"),
            ("\t", "    "),
            ("\u{5e9}", "\u{5e9}"),
            ("e\u{301}", "e\u{301}"),
            ("i\u{e0068}", "i\u{fffd}"),
            ("\u{1f468}\u{200d}\u{1f469}", "\u{1f468}\u{200d}\u{1f469}"),
        ] {
            assert_eq!(shown(grapheme), seen, "{grapheme:?}");
        }
        for character in '\0'..=char::MAX {
            let kept = without_controls(character.encode_utf8(&mut [0; 4]));
            let seen = shown(&kept);
            assert!(
                is_harmless(&seen) || kept == "\n",
                "U+{:04X}",
                u32::from(character)
            );
        }
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
