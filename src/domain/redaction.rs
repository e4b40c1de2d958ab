//! Keys taken out of a text: of a whole one, or of one that comes in fragments, wherever they are cut.

use std::borrow::Cow;
use std::fmt;

use super::spellings::{Found, HELD, Spellings};

/// What stands in a key's place.
const MASK: &[u8] = b"***";

/// What a text, as far as it has come, ends with: what may be the beginning of a key. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HeldBack {
    bytes: Vec<u8>,
    /// How many letters of the key they spell.
    letters: usize,
    /// True if they are as many as tell the key.
    is_telling: bool,
    /// How many of the bytes have been given out, or a mask in their place.
    given: usize,
    masked: bool,
}

impl fmt::Debug for HeldBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HeldBack({} letters)", self.letters)
    }
}

impl HeldBack {
    /// How much of a key the text may end with.
    pub fn letters(&self) -> usize {
        self.letters
    }
}

impl Spellings {
    /// Takes in the next bytes of a text and appends those that may be given out, with a mask for each key. What may be
    /// the beginning of one is held back in `tail`.
    pub fn push(&self, tail: &mut HeldBack, bytes: &[u8], out: &mut Vec<u8>) {
        let joined;
        let text = if tail.bytes.is_empty() {
            bytes
        } else {
            joined = [tail.bytes.as_slice(), bytes].concat();
            &joined
        };
        let HeldBack {
            mut given,
            mut masked,
            ..
        } = *tail;
        let mut at = 0;
        loop {
            let next = self.next(text, at);
            out.extend_from_slice(&text[at.max(given).min(next)..next]);
            masked &= next == 0;
            at = next;
            if at == text.len() {
                *tail = HeldBack::default();
                return;
            }
            match self.at(&text[at..]) {
                Found::Nothing => {
                    if at >= given {
                        out.push(text[at]);
                    }
                    at += 1;
                }
                Found::Key(length) => {
                    if !masked {
                        out.extend_from_slice(MASK);
                    }
                    at += length;
                    given = at;
                }
                Found::Beginning { letters, is_telling } => {
                    let mut given = given.max(at);
                    if letters < HELD {
                        out.extend_from_slice(&text[given..]);
                        given = text.len();
                    }
                    *tail = HeldBack {
                        bytes: text[at..].to_vec(),
                        letters,
                        is_telling,
                        given: given - at,
                        masked,
                    };
                    return;
                }
            }
            masked = false;
        }
    }

    /// A fragment ends here, and more may follow. What was held back is given out, or masked where it is as much of a key
    /// as would tell it; the rest of that key is swallowed if it follows.
    pub fn end_fragment(&self, tail: &mut HeldBack, out: &mut Vec<u8>) {
        if tail.given == tail.bytes.len() {
            return;
        }
        if !tail.is_telling {
            out.extend_from_slice(&tail.bytes[tail.given..]);
        } else if !tail.masked {
            out.extend_from_slice(MASK);
            tail.masked = true;
        }
        tail.given = tail.bytes.len();
    }

    /// The text ends here: what was held back is given out as it is.
    pub fn end(tail: &HeldBack, out: &mut Vec<u8>) {
        out.extend_from_slice(&tail.bytes[tail.given..]);
    }

    /// The text with a mask in the place of each key, also of one that is cut off at its end; `None` where it holds none.
    pub fn redacted(&self, text: &[u8]) -> Option<Vec<u8>> {
        let (mut tail, mut out) = (HeldBack::default(), Vec::with_capacity(text.len()));
        self.push(&mut tail, text, &mut out);
        self.end_fragment(&mut tail, &mut out);
        self.widen_masks(&mut out);
        (out != text).then_some(out)
    }

    /// As [`Spellings::redacted`], for a text; it is returned as it is where it holds no key.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.redacted(text.as_bytes()) {
            Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
            None => Cow::Borrowed(text),
        }
    }

    /// As [`Spellings::redacted`], but a text that ends within a key is left as it is.
    pub fn redacted_where_whole(&self, text: &[u8]) -> Option<Vec<u8>> {
        let (mut tail, mut out) = (HeldBack::default(), Vec::with_capacity(text.len()));
        self.push(&mut tail, text, &mut out);
        Self::end(&tail, &mut out);
        (out != text).then_some(out)
    }

    /// Takes the letters away that were given out of a key before a fragment's end, now that its mask follows them.
    fn widen_masks(&self, text: &mut Vec<u8>) {
        let mut from = 0;
        while let Some(found) = text[from..].windows(MASK.len()).position(|window| window == MASK) {
            let mask = from + found;
            let given = self.beginning_at_end_of(&text[..mask], HELD).unwrap_or(0);
            text.drain(mask - given..mask);
            from = mask - given + MASK.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Secret, Secrets};
    use super::*;

    const KEY: &str = "sk-hid/den+123==";

    fn spellings() -> Spellings {
        Spellings::of(&Secret::new(KEY).into()).unwrap()
    }

    fn redacted(text: &str) -> String {
        let redacted = spellings().redacted(text.as_bytes());
        redacted.map_or_else(|| text.to_owned(), |text| String::from_utf8(text).unwrap())
    }

    /// The key as encodings spell it.
    fn spelled() -> Vec<String> {
        let every = |form: &dyn Fn(char) -> String| KEY.chars().map(form).collect::<String>();
        vec![
            KEY.to_owned(),
            KEY.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D"),
            KEY.replace('/', "%2f").replace('+', "%2b").replace('=', "%3d"),
            KEY.replace('/', r"\/"),
            KEY.replace('/', r"\u002f")
                .replace('+', r"\u002b")
                .replace('=', r"\u003D"),
            KEY.replace('+', "&#43;").replace('=', "&#x3d;"),
            every(&|letter| format!("%{:02X}", u32::from(letter))),
            every(&|letter| format!("\\u{:04x}", u32::from(letter))),
            every(&|letter| format!("&#{};", u32::from(letter))),
        ]
    }

    /// What is given out of a text that comes in these fragments. `strings` where each is a string of its own.
    fn in_fragments<'a>(fragments: impl IntoIterator<Item = &'a [u8]>, strings: bool) -> String {
        let (spellings, mut tail, mut out) = (spellings(), HeldBack::default(), Vec::new());
        for fragment in fragments {
            spellings.push(&mut tail, fragment, &mut out);
            if strings {
                spellings.end_fragment(&mut tail, &mut out);
            }
        }
        spellings.end_fragment(&mut tail, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_key_is_masked_in_every_spelling() {
        for key in spelled() {
            assert_eq!(
                redacted(&format!("?key={key}&x=1, {key}{key}.")),
                "?key=***&x=1, ******.",
                "{key}"
            );
        }
        assert_eq!(redacted("sk-hid/den+124=="), "sk-hid/den+124==");
    }

    #[test]
    fn wherever_a_text_is_cut_its_keys_are_masked() {
        for key in spelled() {
            let text = format!("a sk-sk {key} b\u{e9}");
            let bytes = text.as_bytes();
            for one in 0..=bytes.len() {
                for other in (one..=bytes.len()).step_by(1 + key.len() / 8) {
                    let fragments = [&bytes[..one], &bytes[one..other], &bytes[other..]];
                    for strings in [false, true] {
                        let whole = in_fragments(fragments, strings);
                        let rest = whole
                            .strip_prefix("a sk-sk ")
                            .and_then(|rest| rest.strip_suffix(" b\u{e9}"));
                        let rest = rest.unwrap_or_else(|| panic!("{whole:?}, cut at {one} and {other}"));
                        assert!(rest.ends_with("***"), "{rest:?}, cut at {one} and {other}");
                        // No more of it was given out than tells nobody the key.
                        let given = rest.strip_suffix("***").unwrap();
                        let most = if strings { 8 } else { HELD };
                        let letters = given.len() * KEY.len() / key.len();
                        // A letter may be given out in part.
                        assert!(letters <= most, "{given:?}, cut at {one} and {other}");
                        if key == KEY {
                            assert!(KEY.starts_with(given));
                        }
                    }
                }
            }
            let letters: Vec<&[u8]> = bytes.chunks(1).collect();
            assert!(!in_fragments(letters, true).contains("den"));
        }
    }

    #[test]
    fn what_is_no_key_comes_out_as_it_went_in_wherever_it_is_cut() {
        let text = "desk- sk-hid sk-sk-hid/de %73%6B \\u0073k-hid/d &#115;k &amp; 100% C:\\sk-h \u{1f98a} sk";
        for cut in 0..=text.len() {
            let fragments = [&text.as_bytes()[..cut], &text.as_bytes()[cut..]];
            assert_eq!(in_fragments(fragments, false), text, "cut at {cut}");
        }
        assert_eq!(redacted(text), text);
    }

    #[test]
    fn a_text_that_ends_within_a_key_tells_no_more_than_its_beginning() {
        assert_eq!(redacted("the key is sk-hid/den+12"), "the key is ***");
        assert_eq!(redacted("the key is sk-hid"), "the key is sk-hid");
        let whole = spellings().redacted_where_whole(b"the key is sk-hid/den+12");
        assert_eq!(whole, None);
    }

    #[test]
    fn a_mask_takes_the_letters_before_it_along() {
        assert_eq!(redacted("the key is sk-hid***, yes"), "the key is ***, yes");
        assert_eq!(redacted("des*** sk***"), "des*** sk***");
    }

    #[test]
    fn several_keys_are_masked_together_the_longest_first() {
        let keys = ["sk-hid/den+123==", "token=ab/cdef12", "ab/cdef12"].map(Secret::new);
        let spellings = Spellings::of(&Secrets::new(keys)).unwrap();
        let text = "a ?token=ab%2Fcdef12, ab/cdef12 and sk-hid%2Fden+123==.";
        let clean = spellings.redacted(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(clean).unwrap(), "a ?***, *** and ***.");
        for cut in 0..=text.len() {
            let (mut tail, mut out) = (HeldBack::default(), Vec::new());
            spellings.push(&mut tail, &text.as_bytes()[..cut], &mut out);
            spellings.push(&mut tail, &text.as_bytes()[cut..], &mut out);
            Spellings::end(&tail, &mut out);
            let clean = String::from_utf8(out).unwrap();
            assert!(
                !clean.contains("def") && !clean.contains("den"),
                "{clean}, cut at {cut}"
            );
        }
    }

    #[test]
    fn a_tail_shows_nothing() {
        let (mut tail, mut out) = (HeldBack::default(), Vec::new());
        spellings().push(&mut tail, b"sk-hid/den", &mut out);
        assert_eq!(
            (format!("{tail:?}").as_str(), tail.letters()),
            ("HeldBack(10 letters)", 10)
        );
        assert!(out.is_empty());
    }
}
