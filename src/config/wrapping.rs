//! Keys as people copy them: in quotes, behind `Bearer `, with characters that nobody sees. What is around a key is taken
//! off, and can be told; the key itself is told to nobody.

use super::Place;

/// A key without what was around it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Bare {
    pub(super) key: String,
    found: Found,
}

/// The wrapping that was around a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Found {
    invisible: bool,
    quotes: bool,
    punctuation: bool,
    name: bool,
    bearer: bool,
}

impl Found {
    fn words(self) -> Vec<&'static str> {
        let words = [
            (self.invisible, "characters that cannot be seen"),
            (self.quotes, "quotes"),
            (self.punctuation, "punctuation"),
            (self.name, "a name in front of it"),
            (self.bearer, "the word Bearer"),
        ];
        words
            .into_iter()
            .filter(|(is_there, _)| *is_there)
            .map(|(_, word)| word)
            .collect()
    }
}

impl Bare {
    /// The key in a text; `None` where there is nothing but wrapping.
    pub(super) fn of(text: &str) -> Option<Self> {
        let visible: String = text.chars().filter(|letter| !is_invisible(*letter)).collect();
        let mut rest = visible.trim();
        let mut found = Found {
            invisible: visible.len() < text.len(),
            ..Found::default()
        };
        loop {
            let inner = rest.trim_matches(|letter: char| QUOTES.contains(letter) || letter.is_whitespace());
            let ended = inner.trim_end_matches([',', ';']);
            let named = without_name(ended);
            let bearing = without_bearer(named.unwrap_or(ended));
            found.quotes |= inner.len() < rest.len();
            found.punctuation |= ended.len() < inner.len();
            found.name |= named.is_some();
            found.bearer |= bearing.is_some();
            let next = bearing.or(named).unwrap_or(ended).trim();
            if next == rest {
                break;
            }
            rest = next;
        }
        let key = rest.to_owned();
        (!key.is_empty()).then_some(Self { key, found })
    }

    /// Returns the sentence about it for the user; `None` where the key stood there as it is.
    pub(super) fn note(&self, place: &Place) -> Option<String> {
        let what = match self.found.words().as_slice() {
            [] => return None,
            [one] => (*one).to_owned(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        };
        Some(format!(
            "The key from {place} is used without what was around it: {what}"
        ))
    }
}

/// Quotation marks of keyboards and of word processors.
const QUOTES: &str = "\"'`\u{b4}\u{2018}\u{2019}\u{201a}\u{201b}\u{201c}\u{201d}\u{201e}\u{201f}\u{ab}\u{bb}\u{2039}\u{203a}\u{ff02}\u{ff07}";

/// Names of headers and fields that a key is copied along with.
const FIELDS: [&str; 6] = [
    "authorization",
    "x-goog-api-key",
    "api-key",
    "api_key",
    "apikey",
    "key",
];

/// Characters without a width: marks of the byte order and of the direction, joiners, soft hyphens, variation selectors.
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Returns the text behind `NAME=`, as in a line of a shell, or behind the name of a header.
fn without_name(text: &str) -> Option<&str> {
    let is_name = |name: &str| {
        let name = name.trim().trim_matches(|letter| QUOTES.contains(letter));
        let name = name
            .strip_prefix("export ")
            .unwrap_or(name)
            .trim()
            .to_ascii_lowercase();
        let is_word = name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter));
        is_word.then_some(name)
    };
    let assigned = text.split_once('=').and_then(|(name, value)| {
        let name = is_name(name)?;
        (name.ends_with("key") || name.ends_with("token")).then_some(value)
    });
    let field = || {
        let (name, value) = text.split_once(':')?;
        FIELDS.contains(&&*is_name(name)?).then_some(value)
    };
    // Base64 ends in the same sign.
    let is_value = |value: &&str| value.chars().any(char::is_alphanumeric);
    assigned.filter(is_value).or_else(|| field().filter(is_value))
}

fn without_bearer(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let (word, rest) = text.split_at_checked("bearer".len())?;
    let is_apart =
        rest.is_empty() || rest.starts_with(|letter: char| letter.is_whitespace() || letter == ':');
    (word.eq_ignore_ascii_case("bearer") && is_apart)
        .then(|| rest.trim_start_matches([':', ' ', '\t', '\u{a0}']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_out_of_everything_that_people_copy_along_with_it() {
        for (text, taken) in [
            ("sk-a/b+c==", &[][..]),
            (" sk-a/b+c==\r\n", &[]),
            ("\"sk-a/b+c==\"", &["quotes"]),
            ("'sk-a/b+c==", &["quotes"]),
            ("\u{201c}sk-a/b+c==\u{201d}", &["quotes"]),
            ("\" 'sk-a/b+c==' \"", &["quotes"]),
            ("\u{feff}sk-a/b+c==", &["characters that cannot be seen"]),
            ("sk-a/\u{200b}b+c==\u{2060}", &["characters that cannot be seen"]),
            ("Bearer sk-a/b+c==", &["the word Bearer"]),
            ("bearer   sk-a/b+c==", &["the word Bearer"]),
            ("Bearer\u{a0}\"sk-a/b+c==\"", &["quotes", "the word Bearer"]),
            (
                "Authorization: Bearer sk-a/b+c==",
                &["a name in front of it", "the word Bearer"],
            ),
            ("x-goog-api-key: sk-a/b+c==", &["a name in front of it"]),
            (
                "export GEMINI_API_KEY=\"sk-a/b+c==\"",
                &["quotes", "a name in front of it"],
            ),
            (
                "\"api_key\": \"sk-a/b+c==\",",
                &["quotes", "punctuation", "a name in front of it"],
            ),
            (
                "\u{feff}\"Bearer sk-a/b+c==\"",
                &["characters that cannot be seen", "quotes", "the word Bearer"],
            ),
        ] {
            let bare = Bare::of(text).unwrap();
            assert_eq!(
                (bare.key.as_str(), bare.found.words().as_slice()),
                ("sk-a/b+c==", taken),
                "{text:?}"
            );
        }
        for key in [
            "bearer-of-news",
            "monkey==",
            "key=",
            "a:b",
            "id:secret",
            "AIzaSy_-0",
            "mytoken",
        ] {
            let bare = Bare::of(key).unwrap();
            assert_eq!((bare.key.as_str(), bare.found), (key, Found::default()));
        }
        for nothing in ["", " ", "\"\"", "Bearer ", "'\u{200b}'", "\u{feff}"] {
            assert!(Bare::of(nothing).is_none(), "{nothing:?}");
        }
    }

    #[test]
    fn what_was_around_a_key_is_told_without_the_key() {
        let place = Place::Variable("GEMINI_API_KEY".to_owned());
        assert_eq!(Bare::of("sk-1").unwrap().note(&place), None);
        assert_eq!(
            Bare::of("\u{200b}'Bearer sk-1'").unwrap().note(&place).as_deref(),
            Some(
                "The key from GEMINI_API_KEY is used without what was around it: characters that cannot be seen, quotes \
                 and the word Bearer"
            )
        );
    }
}
