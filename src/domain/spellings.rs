//! The spellings of secrets: as they are, percent-encoded, escaped as in JSON, as in HTML, and in base64. Each letter may be
//! spelled in its own way, for most encodings leave letters and digits alone.

use super::{Secret, Secrets};

/// How often an escape may be escaped again.
const NESTED: usize = 8;

/// So many letters of a key are held back until it is known whether they are one. Fewer tell nobody anything, and texts
/// often end with them.
pub(super) const HELD: usize = 3;

/// What stands at a place of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// A key, in so many bytes.
    Key(usize),
    /// The text ends within what may be a key; so many of its letters are there, and whether they tell it.
    Beginning {
        letters: usize,
        is_telling: bool,
    },
}

/// All the ways to spell some keys. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Spellings {
    keys: Vec<Key>,
    /// The bytes that a spelling can begin with.
    first: [bool; 256],
}

/// The ways to spell one key.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    letters: Vec<char>,
    /// Other forms of the whole key.
    encoded: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Spellings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Spellings {
    /// `None` where there is no secret that can be told from ordinary words.
    pub fn of(secrets: &Secrets) -> Option<Self> {
        let keys: Vec<Key> = secrets.as_slice().iter().map(Key::of).collect();
        if keys.is_empty() {
            return None;
        }
        let mut first = [false; 256];
        let raw = secrets.as_slice().iter();
        let raw = raw.filter_map(|secret| secret.reveal().as_bytes().first());
        let encoded = keys.iter().flat_map(|key| &key.encoded);
        let begins = encoded.filter_map(|form| form.first()).chain(raw);
        for byte in begins.chain(b"%\\&+") {
            first[usize::from(*byte)] = true;
        }
        Some(Self { keys, first })
    }

    /// Returns whether a key is so short that random base64 may hold it.
    pub fn can_be_chance(&self) -> bool {
        self.keys.iter().any(|key| key.letters.len() < 10)
    }

    /// Returns the number of bytes at the end of `text` that begin a key as it is, if at least `shortest` letters do.
    pub(super) fn beginning_at_end_of(&self, text: &[u8], shortest: usize) -> Option<usize> {
        let of = |key: &Key| {
            let beginnings = (shortest..key.letters.len()).rev();
            let mut beginnings = beginnings.map(|letters| key.letters[..letters].iter().collect::<String>());
            beginnings.find(|beginning| text.ends_with(beginning.as_bytes()))
        };
        self.keys.iter().filter_map(of).map(|found| found.len()).max()
    }

    /// Where the next spelling may begin.
    pub(super) fn next(&self, text: &[u8], from: usize) -> usize {
        let rest = text.get(from..).unwrap_or_default();
        let found = rest.iter().position(|byte| self.first[usize::from(*byte)]);
        from + found.unwrap_or(rest.len())
    }

    /// Finds the longest key that `text` begins with, else the beginning of one that has the most letters of it.
    pub(super) fn at(&self, text: &[u8]) -> Found {
        let rank = |found: &Found| match *found {
            Found::Nothing => (0, false, 0),
            Found::Beginning { letters, is_telling } => (1, is_telling, letters),
            Found::Key(length) => (2, false, length),
        };
        let found = self.keys.iter().map(|key| key.at(text));
        found.max_by_key(rank).unwrap_or(Found::Nothing)
    }
}

impl Key {
    fn of(secret: &Secret) -> Self {
        Self {
            letters: secret.reveal().chars().collect(),
            encoded: in_base64(secret.reveal().as_bytes()),
        }
    }

    /// Finds the key, or the beginning of it, that `text` begins with.
    fn at(&self, text: &[u8]) -> Found {
        let mut beginning = None;
        let mut open = vec![(0, 0)];
        while let Some((letter, at)) = open.pop() {
            let Some(&spelled) = self.letters.get(letter) else {
                return Found::Key(at);
            };
            let mut cut = at == text.len();
            letter_at(spelled, &text[at..], &mut |form| match form {
                Form::Whole(length) => open.push((letter + 1, at + length)),
                Form::Cut => cut = true,
            });
            if cut {
                beginning = beginning.max(Some(letter));
            }
        }
        for form in &self.encoded {
            if text.starts_with(form) {
                return Found::Key(form.len());
            }
            if form.starts_with(text) {
                beginning = beginning.max(Some(text.len() * 3 / 4));
            }
        }
        match beginning {
            Some(letters) if !text.is_empty() => Found::Beginning {
                letters,
                is_telling: letters >= self.telling(),
            },
            _ => Found::Nothing,
        }
    }

    /// So many letters tell enough of the key to be masked although its rest may not follow. Fewer than half are given
    /// out: nobody can tell the key from them.
    fn telling(&self) -> usize {
        (self.letters.len() / 2).clamp(HELD, 8)
    }
}

/// A form of a letter at a place.
enum Form {
    /// It takes so many bytes.
    Whole(usize),
    /// The text ends within it.
    Cut,
}

type Each<'a> = &'a mut dyn FnMut(Form);

/// The forms of a letter that `text` begins with.
fn letter_at(letter: char, text: &[u8], each: Each<'_>) {
    let mut buffer = [0; 4];
    let raw = letter.encode_utf8(&mut buffer).as_bytes();
    begins(text, raw, 0, each);
    match text.first() {
        Some(b'%') => percent(raw, text, each),
        Some(b'\\') => escape(letter, text, each),
        Some(b'&') => entity(letter, text, 1, each),
        Some(b'+') if letter == ' ' => each(Form::Whole(1)),
        _ => {}
    }
}

/// Whether `form` stands in `text`, `before` bytes of which were used already.
fn begins(text: &[u8], form: &[u8], before: usize, each: Each<'_>) {
    if text.starts_with(form) {
        each(Form::Whole(before + form.len()));
    } else if form.starts_with(text) && !text.is_empty() {
        each(Form::Cut);
    }
}

/// `%2B`, and `%252B` where the percent sign is encoded again.
fn percent(raw: &[u8], text: &[u8], each: Each<'_>) {
    let mut ends = vec![0];
    for &byte in raw {
        let mut next = Vec::new();
        for at in ends {
            let Some(b'%') = text.get(at) else {
                if at == text.len() {
                    each(Form::Cut);
                }
                continue;
            };
            let mut digits = at + 1;
            for _ in 0..NESTED {
                match hexadecimal(&text[digits..], 2) {
                    Digits::Value(value) if value == u32::from(byte) => next.push(digits + 2),
                    Digits::Cut => each(Form::Cut),
                    _ => {}
                }
                if !text[digits..].starts_with(b"25") {
                    break;
                }
                digits += 2;
            }
        }
        ends = next;
    }
    for end in ends {
        each(Form::Whole(end));
    }
}

/// `\u002b`, `\x2b` and `\/`, with backslashes that may be escaped again.
fn escape(letter: char, text: &[u8], each: Each<'_>) {
    let slashes = |text: &[u8]| {
        text.iter()
            .take(2 * NESTED)
            .take_while(|byte| **byte == b'\\')
            .count()
    };
    let run = slashes(text);
    if letter == '\\' && run > 1 {
        each(Form::Whole(2));
    }
    let rest = &text[run..];
    if rest.starts_with(b"u0026") {
        // HTML in JSON.
        entity(letter, text, run + 5, each);
    }
    match rest.first() {
        None => each(Form::Cut),
        Some(b'u' | b'U') => {
            let mut units = [0; 2];
            let mut at = run;
            for (index, unit) in letter.encode_utf16(&mut units).iter().enumerate() {
                if index > 0 {
                    at += slashes(&text[at..]);
                }
                match text.get(at).map(|_| hexadecimal(&text[at + 1..], 4)) {
                    Some(Digits::Value(value)) if value == u32::from(*unit) => at += 5,
                    Some(Digits::Cut) | None => return each(Form::Cut),
                    Some(_) => return,
                }
            }
            each(Form::Whole(at));
        }
        Some(b'x') => match hexadecimal(&rest[1..], 2) {
            Digits::Value(value) if value == u32::from(letter) => each(Form::Whole(run + 3)),
            Digits::Cut => each(Form::Cut),
            _ => {}
        },
        Some(&byte) if letter.is_ascii_punctuation() && u32::from(byte) == u32::from(letter) => {
            each(Form::Whole(run + 1));
        }
        Some(_) => {}
    }
}

/// `&#43;`, `&#x2b;` and names such as `&amp;`, with ampersands that may be escaped again. `at` is behind the first.
fn entity(letter: char, text: &[u8], mut at: usize, each: Each<'_>) {
    const AGAIN: &[u8] = b"amp;";
    for _ in 0..NESTED {
        let rest = &text[at..];
        if let Some(name) = name(letter) {
            begins(rest, name.as_bytes(), at, each);
        }
        if let Some(number) = rest.strip_prefix(b"#") {
            let (digits, radix) = match number.first() {
                Some(b'x' | b'X') => (&number[1..], 16),
                _ => (number, 10),
            };
            let length = digits
                .iter()
                .take(8)
                .take_while(|byte| char::from(**byte).is_digit(radix))
                .count();
            let value = std::str::from_utf8(&digits[..length]).unwrap_or_default();
            match digits.get(length) {
                None => each(Form::Cut),
                Some(b';') if u32::from_str_radix(value, radix) == Ok(u32::from(letter)) => {
                    each(Form::Whole(text.len() - digits.len() + length + 1));
                }
                Some(_) => {}
            }
            return;
        }
        if !rest.starts_with(AGAIN) {
            if AGAIN.starts_with(rest) {
                each(Form::Cut);
            }
            return;
        }
        at += AGAIN.len();
    }
}

/// The name of a character in HTML, without its ampersand.
fn name(letter: char) -> Option<&'static str> {
    Some(match letter {
        '&' => "amp;",
        '<' => "lt;",
        '>' => "gt;",
        '"' => "quot;",
        '\'' => "apos;",
        '+' => "plus;",
        '/' => "sol;",
        '=' => "equals;",
        '_' => "lowbar;",
        '.' => "period;",
        ':' => "colon;",
        _ => return None,
    })
}

enum Digits {
    Value(u32),
    /// The text ends before there are enough.
    Cut,
    None,
}

fn hexadecimal(text: &[u8], length: usize) -> Digits {
    let digits = &text[..text.len().min(length)];
    let mut value = 0;
    for byte in digits {
        let Some(digit) = char::from(*byte).to_digit(16) else {
            return Digits::None;
        };
        value = value * 16 + digit;
    }
    if digits.len() < length {
        Digits::Cut
    } else {
        Digits::Value(value)
    }
}

/// The letters of base64 that are the key's alone, at each of the three places in which it can stand among other bytes.
/// Short ones would be found in other base64 by chance.
fn in_base64(key: &[u8]) -> Vec<Vec<u8>> {
    const SHORTEST: usize = 14;
    let alphabets: [&[u8; 64]; 2] = [
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ];
    let mut forms = Vec::new();
    for before in 0..3 {
        let bytes: Vec<u8> = std::iter::repeat_n(0, before)
            .chain(key.iter().copied())
            .collect();
        let bit = |at: usize| bytes[at / 8] >> (7 - at % 8) & 1;
        let (first, last) = ((8 * before).div_ceil(6), 8 * bytes.len() / 6);
        for alphabet in alphabets {
            let letters = (first..last).map(|letter| {
                let value = (0..6).fold(0, |value, at| value << 1 | bit(6 * letter + at));
                alphabet[usize::from(value)]
            });
            let form: Vec<u8> = letters.collect();
            if form.len() >= SHORTEST && !forms.contains(&form) {
                forms.push(form);
            }
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spellings(key: &str) -> Spellings {
        Spellings::of(&Secret::new(key).into()).unwrap()
    }

    const KEY: &str = "sk-a/b+c=&\"\u{e9}9";

    #[test]
    fn every_spelling_is_the_key() {
        for text in [
            "sk-a/b+c=&\"\u{e9}9",
            "sk-a%2Fb%2Bc%3D%26%22%C3%A99",
            "sk-a%2fb%2bc%3d%26%22%c3%a99",
            "%73%6B%2D%61%2F%62%2B%63%3D%26%22%C3%A9%39",
            "sk-a%252Fb%252Bc%253D%2526%2522%25C3%25A99",
            "sk-a%25252Fb+c=&\"\u{e9}9",
            r#"sk-a\/b\u002bc\u003d\u0026\"\u00e99"#,
            r#"sk-a\/b\u002Bc\u003D\u0026\"\u00E99"#,
            r"\u0073\u006b\u002d\u0061\u002f\u0062\u002b\u0063\u003d\u0026\u0022\u00e9\u0039",
            r#"sk-a\\/b\\u002bc\\u003d\\u0026\\\"\\u00e99"#,
            r"sk-a\x2fb\x2bc\x3d\x26\x22\xe99",
            "sk-a/b+c=&amp;&quot;&#233;9",
            "sk-a&#47;b&#x2B;c&#0061;&#38;&#x22;&#xE9;9",
            "sk-a&sol;b&plus;c&equals;&amp;amp;&amp;quot;&amp;#233;9",
            r"sk-a\u0026#47;b\u0026#x2b;c=\u0026amp;&quot;\u0026#233;9",
        ] {
            let found = spellings(KEY).at(text.as_bytes());
            assert_eq!(found, Found::Key(text.len()), "{text}");
        }
        assert_eq!(spellings(KEY).at(b"sk-a/b+c=&\"e9"), Found::Nothing);
        assert_eq!(spellings(KEY).at(b"sk-a%2Gb"), Found::Nothing);
    }

    #[test]
    fn every_beginning_of_a_spelling_is_one() {
        for text in [
            "%73%6B%2D%61%252F%62%2B%63%3D%26%22%C3%A9%39",
            r"\u0073\u006b\\u002d\u0061\/\u0062\u002b\u0063\u003d\u0026\u0022\u00e9\u0039",
            "&#115;&#x6b;&#45;a&sol;b&#43;c&equals;&amp;&quot;&amp;#233;9",
            KEY,
        ] {
            for end in 1..text.len() {
                let found = spellings(KEY).at(&text.as_bytes()[..end]);
                assert!(
                    matches!(found, Found::Beginning { .. }),
                    "{}",
                    &text.as_bytes()[..end].escape_ascii()
                );
            }
        }
    }

    #[test]
    fn a_key_is_found_in_base64_wherever_it_stands_in_it() {
        let key = "sk-test-4f8a2c9d7e";
        // Of `me:KEY`, `a:KEY` and `KEY`, as in the header of Basic authentication.
        for (text, before) in [
            ("bWU6c2stdGVzdC00ZjhhMmM5ZDdl", 4),
            ("YTpzay10ZXN0LTRmOGEyYzlkN2U=", 3),
            ("c2stdGVzdC00ZjhhMmM5ZDdl", 0),
        ] {
            let found = spellings(key).at(&text.as_bytes()[before..]);
            assert!(matches!(found, Found::Key(14..)), "{text}: {found:?}");
        }
        assert!(in_base64(b"sk-123").is_empty());
    }

    #[test]
    fn what_is_too_short_has_no_spellings() {
        assert_eq!(Spellings::of(&Secret::new("12345").into()), None);
        assert_eq!(format!("{:?}", spellings("sk-1234")), "***");
    }
}
