//! Events that are nearly JSON, made JSON: half an emoji, a broken byte in a text or a value that JSON does not know must not
//! cost the image beside it. What is JSON already comes out as it is.

use serde::de::IgnoredAny;

/// What stands between JSON's values.
const STRUCTURE: &[u8] = b"{}[]:, \t\r\n";

/// The event with everything in it replaced that no JSON has.
pub(super) fn repaired(husk: &[u8]) -> Vec<u8> {
    let husk = with_whole_characters(husk);
    match husk.trim_ascii_start().first() {
        Some(b'{' | b'[') => with_known_values(&husk),
        _ => husk,
    }
}

/// `null` in place of values such as `NaN`, `undefined` or `01`, and of missing ones; no comma that nothing follows.
fn with_known_values(json: &[u8]) -> Vec<u8> {
    let mut known = Vec::with_capacity(json.len());
    // The last byte of structure that is no blank, and where it stands.
    let (mut last, mut last_at) = (0, 0);
    let mut at = 0;
    while at < json.len() {
        let token = token(&json[at..]);
        at += token.len();
        let first = token[0];
        if first == b'"' || !STRUCTURE.contains(&first) {
            let is_known = first == b'"' || serde_json::from_slice::<IgnoredAny>(token).is_ok();
            known.extend_from_slice(if is_known { token } else { b"null" });
            last = 0;
            continue;
        }
        if matches!(first, b'}' | b']') && last == b',' {
            known.remove(last_at);
        }
        if matches!(first, b'}' | b',') && last == b':' {
            known.extend_from_slice(b"null");
        }
        if !first.is_ascii_whitespace() {
            (last, last_at) = (first, known.len());
        }
        known.push(first);
    }
    known
}

/// The token that JSON begins with here: a string, a byte of structure, or all up to the next of these.
fn token(json: &[u8]) -> &[u8] {
    let length = match json[0] {
        b'"' => string_length(json),
        byte if STRUCTURE.contains(&byte) => 1,
        _ => {
            let ends = |byte: &u8| *byte == b'"' || STRUCTURE.contains(byte);
            json.iter().position(ends).unwrap_or(json.len())
        }
    };
    &json[..length]
}

/// The length of a string with its quotes.
fn string_length(json: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = json.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += found;
        if json[at] == b'"' {
            return at + 1;
        }
        at += 2;
    }
    json.len()
}

/// U+FFFD in place of half a surrogate pair and of bytes that are no UTF-8.
fn with_whole_characters(husk: &[u8]) -> Vec<u8> {
    let mut repaired = Vec::with_capacity(husk.len());
    let text = String::from_utf8_lossy(husk);
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        repaired.extend_from_slice(before.as_bytes());
        let half = |from: usize| escape.get(from..from + 6).and_then(surrogate);
        let (kept, used) = match (half(0), half(6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&escape[..12], 12),
            (Some(_), _) => (r"\ufffd", 6),
            (None, _) => {
                let used = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                (&escape[..used], used)
            }
        };
        repaired.extend_from_slice(kept.as_bytes());
        rest = &escape[used..];
    }
    repaired.extend_from_slice(rest.as_bytes());
    repaired
}

/// The surrogate that `\uXXXX` spells.
fn surrogate(escape: &str) -> Option<u16> {
    let value = u16::from_str_radix(escape.strip_prefix(r"\u")?, 16).ok()?;
    (0xd800..=0xdfff).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn values_that_json_does_not_know_are_null_and_the_rest_stays() {
        for (given, expected) in [
            (r#"{"a":NaN,"b":"NaN"}"#, json!({"a": null, "b": "NaN"})),
            (
                r#"{"a":-Infinity,"b":[Infinity,1.5,true]}"#,
                json!({"a": null, "b": [null, 1.5, true]}),
            ),
            (r#"{"a":undefined , "b" : None}"#, json!({"a": null, "b": null})),
            (r#"{"a":[1,2,],"b":01,}"#, json!({"a": [1, 2], "b": null})),
            (r#"{"a":,"b":}"#, json!({"a": null, "b": null})),
            (r#"{"a":"x, NaN \" }",}"#, json!({"a": "x, NaN \" }"})),
            (r#"{"a":"\ud83d"}"#, json!({"a": "\u{fffd}"})),
        ] {
            let value: Value = serde_json::from_slice(&repaired(given.as_bytes())).unwrap();
            assert_eq!(value, expected, "{given}");
        }
        let fine = r#"{"a":[1,2.5e3,{"b":"\ud83d\ude00 \n"}], "c":null}"#;
        assert_eq!(repaired(fine.as_bytes()), fine.as_bytes());
    }
}
