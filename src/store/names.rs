//! Names that a person can read, from prompts: for files and for sessions. Pure.

use unicode_segmentation::UnicodeSegmentation;

use crate::domain::clean_line;

/// The longest part of a file name that comes from a prompt, in bytes.
const LONGEST_NAME: usize = 40;
/// The longest title, in characters as a reader counts them.
const LONGEST_TITLE: usize = 60;

/// Names that some file systems keep for devices.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A session's title from its first prompt: one line, cut with `…`, safe to show.
pub fn title(prompt: &str) -> String {
    let line = clean_line(prompt);
    if line.graphemes(true).nth(LONGEST_TITLE).is_none() {
        return line;
    }
    let kept: String = line.graphemes(true).take(LONGEST_TITLE - 1).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// The words of a prompt as a part of a file name: lower case, joined by `-`, no separators, dots or control
/// characters, at most 40 bytes; `picture` where nothing is left.
pub(super) fn words(prompt: &str) -> String {
    let mut name = String::new();
    for word in split(prompt) {
        if name.is_empty() {
            if matches!(word.as_str(), "a" | "an" | "the") {
                continue;
            }
            name.push_str(&word[..word.floor_char_boundary(LONGEST_NAME)]);
        } else if name.len() + 1 + word.len() <= LONGEST_NAME {
            name.push('-');
            name.push_str(&word);
        } else {
            break;
        }
    }
    if name.is_empty() {
        "picture".to_owned()
    } else if RESERVED.contains(&name.trim_end_matches(|digit: char| digit.is_ascii_digit())) {
        format!("picture-{name}")
    } else {
        name
    }
}

/// Words in lower case, without what only a keyboard of their own language can type where there is a plain letter
/// for it. Lazy: a prompt can be long, a name is not.
fn split(prompt: &str) -> impl Iterator<Item = String> + '_ {
    prompt
        .split(|character: char| !(character.is_alphanumeric() || is_inside_word(character)))
        .map(|word| {
            let mut plain = String::with_capacity(word.len());
            // Sixty characters are more than any name takes.
            for character in word.chars().take(60).flat_map(char::to_lowercase) {
                match fold(character) {
                    Some(letters) => plain.push_str(letters),
                    None if is_inside_word(character) => {}
                    None => plain.push(character),
                }
            }
            plain
        })
        .filter(|word| !word.is_empty())
}

/// Apostrophes and combining accents neither part a word nor stay in it.
fn is_inside_word(character: char) -> bool {
    matches!(character, '\'' | '\u{2019}' | '\u{300}'..='\u{36f}')
}

/// The plain letters that stand for an accented one (Latin only), in lower case.
pub(super) fn fold(character: char) -> Option<&'static str> {
    Some(match character {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ' | 'ầ' | 'ậ' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ð' | 'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ế' | 'ề' | 'ệ' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' | 'ị' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ǒ' | 'ơ' | 'ọ' | 'ố' | 'ồ' | 'ộ' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ǔ' | 'ư' | 'ụ' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_become_names_that_a_person_can_read() {
        assert_eq!(words("A red fox logo"), "red-fox-logo");
        assert_eq!(
            words("  Don't   stop!! Café—Crème, ÉTÉ "),
            "dont-stop-cafe-creme-ete"
        );
        assert_eq!(words("cafe\u{301} Straße Łódź"), "cafe-strasse-lodz");
        assert_eq!(words("赤い狐のロゴ"), "赤い狐のロゴ");
        assert_eq!(words("Красная лиса"), "красная-лиса");
        assert_eq!(words("İstanbul"), "istanbul");
        assert_eq!(words("version 2.5 of it"), "version-2-5-of-it");
    }

    #[test]
    fn nothing_hostile_gets_into_a_name() {
        assert_eq!(words("../../etc/passwd"), "etc-passwd");
        assert_eq!(words("\x1b]0;x\x07\u{202e}gnp.exe\0"), "0-x-gnp-exe");
        assert_eq!(words(""), "picture");
        assert_eq!(words("🦊 ‍ ... the"), "picture");
        assert_eq!(words("CON"), "picture-con");
        assert_eq!(words("lpt1"), "picture-lpt1");
        for prompt in [
            "x".repeat(500),
            "漢".repeat(500),
            "ab ".repeat(500),
            "ß".repeat(300),
        ] {
            let name = words(&prompt);
            assert!(name.len() <= LONGEST_NAME && !name.ends_with('-'), "{name}");
        }
    }

    #[test]
    fn whatever_is_asked_for_is_one_name_that_every_disk_takes() {
        // The same each time; every plane gets its turn.
        let mut state = 7_u64;
        let mut chance = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            u32::try_from(state >> 33).unwrap()
        };
        for _ in 0..20_000 {
            let length = chance() % 40;
            let letters = (0..length).filter_map(|_| match chance() % 4 {
                0 => char::from_u32(chance() % 0x80),
                1 => char::from_u32(chance() % 0x3000),
                2 => ['/', '.', '\\', '-', ' ', '\0', ':', '~', '\u{202e}']
                    .get(chance() as usize % 9)
                    .copied(),
                _ => char::from_u32(chance() % 0x0011_0000),
            });
            let prompt: String = letters.collect();
            let name = words(&prompt);
            assert!(
                !name.is_empty() && name.len() <= LONGEST_NAME,
                "{prompt:?}: {name:?}"
            );
            assert!(
                !name.starts_with(['.', '-', '~']) && !name.ends_with(['.', '-', ' ']),
                "{prompt:?}: {name:?}"
            );
            let bad = |letter: char| {
                letter.is_control() || letter.is_whitespace() || "/\\:*?\"<>|".contains(letter)
            };
            assert!(!name.contains(bad), "{prompt:?}: {name:?}");
            assert_eq!(clean_line(&name), name, "{prompt:?}");
            assert_eq!(std::path::Path::new(&name).components().count(), 1, "{prompt:?}");
        }
    }

    #[test]
    fn titles_are_one_line_and_cut_between_whole_characters() {
        assert_eq!(title(" a red fox\n logo "), "a red fox logo");
        let long = title(&"e\u{301}".repeat(200));
        assert_eq!(long.graphemes(true).count(), 60);
        assert!(long.ends_with("e\u{301}\u{2026}"));
        assert_eq!(title(&long), long);
        assert_eq!(title(&"x".repeat(60)), "x".repeat(60));
    }

    #[test]
    fn whatever_the_prompt_a_name_is_a_name() {
        // Numbers from a seed, the same in every run.
        let mut seed = 0x7469_6e74_u64;
        let mut roll = |sides: u32| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            u32::try_from(seed % u64::from(sides)).unwrap()
        };
        for _ in 0..20_000 {
            let prompt: String = (0..roll(40))
                .map(|_| match roll(6) {
                    0 => char::from(u8::try_from(roll(128)).unwrap()),
                    1 => ['.', '/', '\\', '-', ' ', '\0', 'İ', '\u{301}', '\u{202e}', 'ß'][roll(10) as usize],
                    2 => char::from_u32(0x4e00 + roll(0x5000)).unwrap(),
                    3 => char::from(u8::try_from(0x61 + roll(26)).unwrap()),
                    4 => char::from_u32(roll(0xd800)).unwrap(),
                    _ => char::from_u32(0xe000 + roll(0x10_2000)).unwrap(),
                })
                .collect();
            let name = words(&prompt);
            assert!(
                (1..=LONGEST_NAME + 8).contains(&name.len()),
                "{prompt:?}: {name:?}"
            );
            assert!(
                name.chars()
                    .all(|letter| letter.is_alphanumeric() || letter == '-'),
                "{prompt:?}: {name:?}"
            );
            assert!(
                !name.starts_with('-') && !name.ends_with('-'),
                "{prompt:?}: {name:?}"
            );
            assert!(!RESERVED.contains(&name.trim_end_matches(|digit: char| digit.is_ascii_digit())));
            let title = title(&prompt);
            assert!(!title.chars().any(char::is_control), "{prompt:?}: {title:?}");
            assert!(
                title.graphemes(true).count() <= LONGEST_TITLE,
                "{prompt:?}: {title:?}"
            );
        }
    }
}
