//! JSON's escapes undone over fragments of a string, wherever they are cut. It finds the string's end and nothing else.

/// Undoes JSON's escapes over fragments. A lone surrogate or a broken escape becomes U+FFFD.
#[derive(Debug, Default)]
pub(super) struct Unescape {
    state: Escape,
    /// The first half of a surrogate pair.
    high: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Escape {
    #[default]
    None,
    Backslash,
    Hex {
        digits: u32,
        value: u32,
    },
}

impl Unescape {
    /// Takes in the next bytes of a string up to its closing quote; returns where it goes on behind that.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) -> Option<usize> {
        let mut at = 0;
        while at < bytes.len() {
            match self.state {
                Escape::None => {
                    let rest = &bytes[at..];
                    let found = memchr::memchr2(b'"', b'\\', rest);
                    let run = &rest[..found.unwrap_or(rest.len())];
                    if !run.is_empty() {
                        self.lone(out);
                        out(run);
                    }
                    at += run.len();
                    match found.map(|found| rest[found]) {
                        Some(b'"') => {
                            self.lone(out);
                            return Some(at + 1);
                        }
                        Some(_) => {
                            self.state = Escape::Backslash;
                            at += 1;
                        }
                        None => {}
                    }
                }
                Escape::Backslash => {
                    self.backslash(bytes[at], out);
                    at += 1;
                }
                Escape::Hex { digits, value } => at += self.hex(digits, value, bytes[at], out),
            }
        }
        None
    }

    fn backslash(&mut self, byte: u8, out: &mut dyn FnMut(&[u8])) {
        if byte == b'u' {
            self.state = Escape::Hex { digits: 0, value: 0 };
            return;
        }
        self.state = Escape::None;
        self.lone(out);
        out(&[match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            other => other,
        }]);
    }

    fn hex(&mut self, digits: u32, value: u32, byte: u8, out: &mut dyn FnMut(&[u8])) -> usize {
        let Some(digit) = char::from(byte).to_digit(16) else {
            self.state = Escape::None;
            self.lone(out);
            out("\u{fffd}".as_bytes());
            return 0;
        };
        let value = value * 16 + digit;
        if digits < 3 {
            self.state = Escape::Hex {
                digits: digits + 1,
                value,
            };
            return 1;
        }
        self.state = Escape::None;
        let whole = match (self.high.take(), value) {
            (None, 0xd800..=0xdbff) => {
                self.high = Some(value);
                return 1;
            }
            (Some(high), 0xdc00..=0xdfff) => 0x1_0000 + ((high - 0xd800) << 10) + (value - 0xdc00),
            (Some(_), _) => {
                out("\u{fffd}".as_bytes());
                if (0xd800..=0xdbff).contains(&value) {
                    self.high = Some(value);
                    return 1;
                }
                value
            }
            (None, _) => value,
        };
        let character = char::from_u32(whole).unwrap_or('\u{fffd}');
        out(character.encode_utf8(&mut [0; 4]).as_bytes());
        1
    }

    /// A first half of a pair that got no second.
    fn lone(&mut self, out: &mut dyn FnMut(&[u8])) {
        if self.high.take().is_some() {
            out("\u{fffd}".as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(cuts: &[&[u8]]) -> (String, Option<usize>) {
        let mut bytes = Vec::new();
        let mut unescape = Unescape::default();
        let mut end = None;
        for cut in cuts {
            end = unescape.push(cut, &mut |run| bytes.extend_from_slice(run));
        }
        (String::from_utf8(bytes).unwrap(), end)
    }

    #[test]
    fn escapes_are_undone_at_every_cut() {
        for (text, expected) in [
            (r#"a\/b\n\t\r\b\f\"\\c""#, "a/b\n\t\r\u{8}\u{c}\"\\c"),
            (r#"\u002B\u003d\u00e4\u20AC""#, "+=\u{e4}\u{20ac}"),
            (r#"\ud83d\ude00\uD83D\uDE00""#, "\u{1f600}\u{1f600}"),
            (r#"\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#"\ud83dx\ud83d\n\ude00""#, "\u{fffd}x\u{fffd}\n\u{fffd}"),
            (r#"\ud83d\u0041\ud83d""#, "\u{fffd}A\u{fffd}"),
            (r#"\u12zz\x""#, "\u{fffd}zzx"),
        ] {
            let bytes = text.as_bytes();
            for at in 0..bytes.len() {
                let (left, right) = bytes.split_at(at);
                let (found, end) = unescaped(&[left, right]);
                assert_eq!(
                    (found.as_str(), end),
                    (expected, Some(right.len())),
                    "{text} cut at {at}"
                );
            }
        }
    }
}
