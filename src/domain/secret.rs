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

    /// Returns whether it can be told from ordinary words; else [`Secrets`] leave it alone.
    pub fn is_long_enough(&self) -> bool {
        self.0.len() >= Self::SHORTEST
    }
}

/// Secrets that are taken out of a text together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// The longest come first: one may be a part of another.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut secrets: Vec<Secret> = secrets.into_iter().filter(Secret::is_long_enough).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.0.len()));
        secrets.dedup();
        Self(secrets)
    }

    pub fn as_slice(&self) -> &[Secret] {
        &self.0
    }

    /// `text` with `***` in the place of each, wherever it stands in whatever spelling, cut off at the end included. What
    /// is too short to be a key is left alone: it would be found in ordinary words.
    pub fn redact(&self, text: &str) -> String {
        match Spellings::of(self) {
            Some(spellings) => spellings.redact(text).into_owned(),
            None => text.to_owned(),
        }
    }

    /// As [`Secrets::redact`], for what may be no text.
    pub fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let redacted = Spellings::of(self).and_then(|spellings| spellings.redacted(bytes));
        redacted.map_or(Cow::Borrowed(bytes), Cow::Owned)
    }
}

impl From<Secret> for Secrets {
    fn from(secret: Secret) -> Self {
        Self::new([secret])
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
        let redact = |key: &str, text: &str| Secrets::from(Secret::new(key)).redact(text);
        assert_eq!(redact("sk-1234", "bad key sk-1234."), "bad key ***.");
        assert_eq!(redact("k", "check the key"), "check the key");
        let secrets = ["abc", "sk-1234", "token=sk-1234&a"].map(Secret::new);
        let secrets = Secrets::new(secrets);
        assert_eq!(secrets.redact("abc ?token=sk-1234&a sk-1234"), "abc ?*** ***");
    }
}
