//! Text as the words that are searched for: lower case, Latin and Greek without accents, wide and narrow forms alike,
//! and every character of a script that puts no spaces between words as a word of its own, so that any run of them is
//! found. The same for what is searched and for what is typed; it knows no index.

use std::ops::Range;
use std::sync::LazyLock;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use unicode_segmentation::UnicodeSegmentation;

use super::names;

/// Longer words are data, not language: they are known by their beginning.
const LONGEST: usize = 64;

/// A word, and the bytes of the text that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) folded: String,
    pub(super) range: Range<usize>,
}

/// The words of a text, one after the other.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word> + '_ {
    let mut clusters = Clusters { text, at: 0 };
    let mut reader = Reader::default();
    let mut ready = std::collections::VecDeque::new();
    std::iter::from_fn(move || {
        while ready.is_empty() {
            let Some(range) = clusters.next() else {
                reader.end(&mut ready);
                return ready.pop_front();
            };
            reader.take(&text[range.clone()], range, &mut ready);
        }
        ready.pop_front()
    })
}

/// The words of a text as the index takes them: parted by single spaces.
pub(super) fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len() + text.len() / 4);
    for word in words(text) {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(&word.folded);
    }
    spaced
}

/// What a reader sees as one character each; plain ASCII, which is most of it, without asking Unicode.
struct Clusters<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Clusters<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let first = bytes.get(start)?;
        let alone = bytes.get(start + 1).is_none_or(u8::is_ascii);
        let length = if first.is_ascii() && alone {
            1
        } else {
            self.text[start..].graphemes(true).next().map_or(1, str::len)
        };
        self.at = start + length;
        Some(start..self.at)
    }
}

/// The word that is being read.
#[derive(Default)]
struct Reader {
    folded: String,
    characters: usize,
    range: Range<usize>,
}

impl Reader {
    fn take(&mut self, cluster: &str, range: Range<usize>, ready: &mut impl Extend<Word>) {
        if let [byte] = cluster.as_bytes() {
            self.put(char::from(byte.to_ascii_lowercase()), &range, ready);
        } else {
            fold(cluster, |character| self.put(character, &range, ready));
        }
    }

    fn put(&mut self, character: char, range: &Range<usize>, ready: &mut impl Extend<Word>) {
        if stands_alone(character) {
            self.end(ready);
            ready.extend([Word {
                folded: character.into(),
                range: range.clone(),
            }]);
        } else if character.is_alphanumeric() {
            if self.folded.is_empty() {
                self.range.start = range.start;
            }
            self.range.end = range.end;
            self.characters += 1;
            if self.characters <= LONGEST {
                self.folded.push(character);
            }
        } else {
            self.end(ready);
        }
    }

    fn end(&mut self, ready: &mut impl Extend<Word>) {
        if !self.folded.is_empty() {
            self.characters = 0;
            ready.extend([Word {
                folded: std::mem::take(&mut self.folded),
                range: self.range.clone(),
            }]);
        }
    }
}

/// One character as a reader sees it, folded: how it was typed (composed or not, wide or narrow) makes no difference.
fn fold(cluster: &str, mut put: impl FnMut(char)) {
    static COMPOSE: LazyLock<ComposingNormalizerBorrowed<'static>> =
        LazyLock::new(ComposingNormalizerBorrowed::new_nfkc);
    static DECOMPOSE: LazyLock<DecomposingNormalizerBorrowed<'static>> =
        LazyLock::new(DecomposingNormalizerBorrowed::new_nfd);
    for character in COMPOSE.normalize(cluster).chars().flat_map(char::to_lowercase) {
        if let Some(letters) = names::fold(character) {
            letters.chars().for_each(&mut put);
        } else if has_accents(character) {
            let apart = DECOMPOSE
                .normalize(character.encode_utf8(&mut [0; 4]))
                .into_owned();
            apart.chars().filter(|part| !is_mark(*part)).for_each(&mut put);
        } else if !is_mark(character) {
            put(character);
        }
    }
}

/// Latin and Greek. Elsewhere a mark can make another letter, as it does in Cyrillic and Japanese.
fn has_accents(character: char) -> bool {
    matches!(character, '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{3ff}' | '\u{1e00}'..='\u{1fff}')
}

/// Accents, and what chooses between the looks of a character.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' | '\u{200d}')
}

/// Scripts that are written without spaces, and pictographs.
fn stands_alone(character: char) -> bool {
    let unspaced = matches!(character,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}');
    (unspaced && character.is_alphanumeric())
        || matches!(character, '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}')
}

/// What was typed into a search: every phrase must occur, and the last one's last word may go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) phrases: Vec<Vec<String>>,
}

/// More than these are not what anybody searches for.
const MOST_WORDS: usize = 32;
const LONGEST_PHRASE: usize = 64;

impl Query {
    /// A word as it was typed can be several here (`16:9`, a run of Chinese): then they stand side by side.
    pub(super) fn of(typed: &str) -> Self {
        let phrase = |typed| -> Vec<String> {
            words(typed)
                .map(|word| word.folded)
                .take(LONGEST_PHRASE)
                .collect()
        };
        let phrases = typed
            .split_whitespace()
            .map(phrase)
            .filter(|phrase| !phrase.is_empty())
            .take(MOST_WORDS)
            .collect();
        Self { phrases }
    }

    /// As FTS5 wants it. The words hold nothing but letters and digits, so there is nothing to escape.
    pub(super) fn expression(&self) -> String {
        let mut phrases: Vec<String> = self
            .phrases
            .iter()
            .map(|phrase| format!("\"{}\"", phrase.join(" ")))
            .collect();
        if let Some(last) = phrases.last_mut().filter(|_| self.goes_on()) {
            last.push('*');
        }
        phrases.join(" AND ")
    }

    /// Whether the last word may be the beginning of one; a character of its own is never longer.
    fn goes_on(&self) -> bool {
        let last = self.phrases.last().and_then(|phrase| phrase.last());
        last.is_some_and(|word| !word.chars().next().is_some_and(stands_alone))
    }

    /// The length of a phrase that these words end with, the longest one's if there are several.
    pub(super) fn ends(&self, words: &[Word]) -> Option<usize> {
        let last = self.phrases.len().wrapping_sub(1);
        let fits = |(index, phrase): (usize, &Vec<String>)| {
            let found = words.get(words.len().checked_sub(phrase.len())?..)?;
            let open = index == last && self.goes_on();
            let same = found.iter().zip(phrase).enumerate().all(|(at, (word, wanted))| {
                word.folded == *wanted
                    || (open && at + 1 == phrase.len() && word.folded.starts_with(wanted.as_str()))
            });
            same.then_some(phrase.len())
        };
        self.phrases.iter().enumerate().filter_map(fits).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_it_is_typed_it_is_the_same_word() {
        assert_eq!(spaced("A Red-Fox, 16:9!"), "a red fox 16 9");
        assert_eq!(
            spaced("Café cafe\u{301} ÉTÉ Straße Łódź Việt"),
            "cafe cafe ete strasse lodz viet"
        );
        assert_eq!(spaced("Άνθρωπος Мой"), "ανθρωπος мой");
        assert_eq!(spaced("ＦＯＸ ｷﾂﾈ"), "fox キ ツ ネ");
        assert_eq!(spaced("か\u{3099}"), "が");
        assert_eq!(spaced("\u{1112}\u{1161}\u{11ab}"), "한");
        assert_eq!(spaced("赤い狐、水彩"), "赤 い 狐 水 彩");
        assert_eq!(spaced("빨간 여우fox1"), "빨 간 여 우 fox1");
        assert_eq!(spaced("🦊 \u{1b}[31m \"*\" ()"), "🦊 31m");
        assert_eq!(spaced(&"x".repeat(500)).len(), LONGEST);
    }

    #[test]
    fn words_know_where_they_stand() {
        let text = "ein Cafe\u{301}, 狐!";
        let found: Vec<&str> = words(text).map(|word| &text[word.range]).collect();
        assert_eq!(found, ["ein", "Cafe\u{301}", "狐"]);
    }

    #[test]
    fn what_is_typed_is_never_syntax() {
        let expression = |typed: &str| Query::of(typed).expression();
        assert_eq!(expression("red fo"), "\"red\" AND \"fo\"*");
        assert_eq!(
            expression("\"red OR NEAR( fox* -col:x"),
            "\"red\" AND \"or\" AND \"near\" AND \"fox\" AND \"col x\"*"
        );
        assert_eq!(expression("赤い狐"), "\"赤 い 狐\"");
        assert_eq!(expression(" *** "), "");
        let long = "word ".repeat(1000);
        assert_eq!(Query::of(&long).phrases.len(), MOST_WORDS);
    }
}
