//! What can be kept of an event that broke off: its JSON is closed where it stands, so that the words and pictures that had
//! come can be read. Pure; it decodes no picture that was diverted, those are files already.

use super::base64::{Base64, is_base64_or_blank};
use super::divert::base64_of;

/// An event that broke off, closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mended {
    /// JSON, with every value but the last as it came; empty where not even a value had begun.
    pub(crate) husk: Vec<u8>,
    /// The bytes of a picture that broke off while it was still in the husk.
    pub(crate) picture: Option<Vec<u8>>,
}

/// What the scan stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lex {
    Structure,
    /// In a string that began at `from`, its quote; a key if `key`.
    String {
        from: usize,
        key: bool,
    },
}

/// Closes the beginning of a JSON value, in which strings are already escaped as JSON wants them. What follows the last
/// whole value is dropped, but for words: their beginning is kept.
pub(crate) fn mend(partial: &[u8]) -> Mended {
    let mut scan = Scan::default();
    let mut at = 0;
    while at < partial.len() {
        at = scan.step(partial, at);
    }
    let mut mended = Mended::default();
    let mut husk = partial[..scan.safe].to_vec();
    if let Lex::String { from, key: false } = scan.lex {
        let text = whole_escapes(&partial[from + 1..]);
        match scan.key.as_slice() {
            b"data" => mended.picture = picture(text),
            b"text" => {
                let words = memchr::memmem::rfind(text, b"data:image/")
                    .filter(|&url| reaches_the_end(&text[url..]))
                    .unwrap_or(text.len());
                mended.picture = picture(&text[words..]);
                husk.extend_from_slice(&partial[scan.safe..=from]);
                husk.extend_from_slice(&text[..words]);
                husk.push(b'"');
            }
            // Half a signature, a link or a reason is worse than none: something would be done with it.
            _ => {}
        }
    }
    husk.extend(scan.open.iter().rev());
    mended.husk = husk;
    mended
}

/// Whether a picture woven into a text has not ended when its text does.
fn reaches_the_end(url: &[u8]) -> bool {
    match memchr::memmem::find(url, b";base64,") {
        Some(header) => url[header + 8..].iter().all(|&byte| is_base64_or_blank(byte)),
        None => url.iter().all(|&byte| byte.is_ascii_graphic()),
    }
}

/// The bytes of a picture of which only the beginning is there.
fn picture(text: &[u8]) -> Option<Vec<u8>> {
    let (_, start) = base64_of(text)?;
    let mut bytes = Vec::new();
    Base64::new().push(&text[start..], &mut |decoded| bytes.extend_from_slice(decoded));
    Some(bytes).filter(|bytes| !bytes.is_empty())
}

struct Scan {
    lex: Lex,
    /// The brackets that close what is open.
    open: Vec<u8>,
    /// Up to here it is a beginning that only lacks its closing brackets.
    safe: usize,
    at_key: bool,
    /// The last key.
    key: Vec<u8>,
}

impl Default for Scan {
    fn default() -> Self {
        Self {
            lex: Lex::Structure,
            open: Vec::new(),
            safe: 0,
            at_key: false,
            key: Vec::new(),
        }
    }
}

impl Scan {
    /// Takes in what stands at `at`; the place behind it.
    fn step(&mut self, json: &[u8], at: usize) -> usize {
        match (self.lex, json[at]) {
            (Lex::String { .. }, b'\\') => return at + 2,
            (Lex::String { from, key }, b'"') => {
                self.lex = Lex::Structure;
                if key {
                    self.key = json[from + 1..at].to_vec();
                } else {
                    self.safe = at + 1;
                }
            }
            (Lex::Structure, b'"') => {
                self.lex = Lex::String {
                    from: at,
                    key: self.at_key,
                };
                self.at_key = false;
            }
            (Lex::Structure, bracket @ (b'{' | b'[')) => {
                self.at_key = bracket == b'{';
                self.open.push(if self.at_key { b'}' } else { b']' });
                self.key.clear();
                self.safe = at + 1;
            }
            (Lex::Structure, b'}' | b']') => {
                self.open.pop();
                self.safe = at + 1;
            }
            (Lex::Structure, b',') => {
                self.at_key = self.open.last() == Some(&b'}');
                self.key.clear();
                // A number or a word is whole only once something follows it.
                self.safe = at;
            }
            _ => {}
        }
        at + 1
    }
}

/// The text without half a character at its end.
pub(super) fn whole_characters(text: &[u8]) -> &[u8] {
    match std::str::from_utf8(text) {
        Err(error) if error.error_len().is_none() => &text[..error.valid_up_to()],
        // A broken byte further in is the reader's to deal with.
        _ => text,
    }
}

/// The JSON of a text without half a character or half an escape at its end; the first half of a surrogate pair is half
/// an escape.
pub(super) fn whole_escapes(text: &[u8]) -> &[u8] {
    let text = whole_characters(text);
    let Some(slash) = last_escape(text) else {
        return text;
    };
    let is_whole = match text.get(slash + 1) {
        None => false,
        Some(b'u') => {
            text.len() >= slash + 6 && !(text.len() == slash + 6 && is_high_surrogate(&text[slash..]))
        }
        Some(_) => true,
    };
    if is_whole {
        return text;
    }
    // What is cut off may be the second half of a pair.
    let before = &text[..slash];
    match last_escape(before) {
        Some(first) if before.len() == first + 6 && is_high_surrogate(&before[first..]) => &before[..first],
        _ => before,
    }
}

/// Whether an escape such as `\ud83e` is the first half of a pair.
fn is_high_surrogate(escape: &[u8]) -> bool {
    matches!(
        escape,
        [
            b'\\',
            b'u',
            b'd' | b'D',
            b'8' | b'9' | b'a' | b'b' | b'A' | b'B',
            ..
        ]
    )
}

/// Where the last escape begins, if it is near enough to the end to be cut.
fn last_escape(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut last = None;
    while let Some(found) = text.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        last = Some(at + found);
        at += found + 2;
    }
    last
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const EVENT: &str = r#"{"candidates":[{"content":{"parts":[{"text":"a \"fox\" \u00e9 \\ 🦊","thought":true},{"inlineData":{"mimeType":"image/png","data":{"\u0000":[{"p":0,"m":null,"w":true}]}},"thoughtSignature":"c2ln"},{"text":"end"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"totalTokenCount":1290}}"#;

    #[test]
    fn every_beginning_of_an_event_becomes_json_that_says_no_more_than_it_did() {
        let whole: Value = serde_json::from_str(EVENT).unwrap();
        let all = strings(&whole);
        for end in 1..=EVENT.len() {
            let mended = mend(&EVENT.as_bytes()[..end]).husk;
            let value: Value = serde_json::from_slice(&mended)
                .unwrap_or_else(|error| panic!("{error} at {end}: {}", String::from_utf8_lossy(&mended)));
            for text in strings(&value) {
                assert!(
                    all.iter().any(|known| known.starts_with(&text)),
                    "{text} at {end}"
                );
            }
        }
        assert_eq!(mend(EVENT.as_bytes()).husk, EVENT.as_bytes());
    }

    fn strings(value: &Value) -> Vec<String> {
        match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(list) => list.iter().flat_map(strings).collect(),
            Value::Object(fields) => fields.values().flat_map(strings).collect(),
            Value::Number(number) => vec![number.to_string()],
            _ => Vec::new(),
        }
    }

    #[test]
    fn words_are_kept_up_to_where_they_broke_off_and_half_a_number_is_none() {
        let husk = |partial: &str| String::from_utf8(mend(partial.as_bytes()).husk).unwrap();
        assert_eq!(husk(r#"{"text":"a re"#), r#"{"text":"a re"}"#);
        assert_eq!(husk(r#"{"text":"a\u00"#), r#"{"text":"a"}"#);
        assert_eq!(husk(r#"{"text":"a\"#), r#"{"text":"a"}"#);
        assert_eq!(husk(r#"{"text":"a\\"#), r#"{"text":"a\\"}"#);
        assert_eq!(husk(r#"{"a":1,"b":12"#), r#"{"a":1}"#);
        assert_eq!(husk(r#"{"a":1,"b"#), r#"{"a":1}"#);
        assert_eq!(husk(r#"{"a":[1,2,"#), r#"{"a":[1,2]}"#);
        assert_eq!(husk(""), "");
    }

    #[test]
    fn a_picture_that_was_still_short_comes_apart_from_the_event() {
        let mended = mend(br#"{"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo"#);
        assert_eq!(mended.husk, br#"{"inlineData":{"mimeType":"image/png"}}"#);
        assert_eq!(mended.picture.unwrap()[..4], *b"\x89PNG");
        let signature = mend(br#"{"text":"","thoughtSignature":"c2ln"#);
        assert_eq!(signature.husk, br#"{"text":""}"#);
    }
}
