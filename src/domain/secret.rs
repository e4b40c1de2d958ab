//! A key that cannot be printed by accident.

use std::borrow::Cow;
use std::fmt;

use super::Spellings;

/// A secret, such as an API key. `Debug` and `Display` print `***`; it has no serde.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    const SHORTEST: usize = 6;

    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value, for the wire and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it can be told from ordinary words; else [`Secret::redact`] leaves it alone.
    pub fn is_long_enough(&self) -> bool {
        self.0.len() >= Self::SHORTEST
    }

    /// `text` with `***` in the place of the secret, wherever it stands in whatever spelling, cut off at the end included.
    /// What is too short to be a key is left alone: it would be found in ordinary words.
    pub fn redact(&self, text: &str) -> String {
        let redacted = Spellings::of(self).and_then(|spellings| spellings.redacted(text.as_bytes()));
        match redacted {
            Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            None => text.to_owned(),
        }
    }

    /// As [`Secret::redact`], for what may be no text.
    pub fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let redacted = Spellings::of(self).and_then(|spellings| spellings.redacted(bytes));
        redacted.map_or(Cow::Borrowed(bytes), Cow::Owned)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_debug_nor_display_shows_it() {
        let secret = Secret::new("sk-1234");
        assert_eq!(format!("{secret} {secret:?}"), "*** ***");
        assert_eq!(secret.redact("bad key sk-1234."), "bad key ***.");
        assert_eq!(Secret::new("k").redact("check the key"), "check the key");
    }
}
