//! A key that cannot be printed by accident.

use std::fmt;

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

    /// `text` with every occurrence of the secret replaced by `***`. What is too short to be a key is left alone: it
    /// would be found in ordinary words.
    pub fn redact(&self, text: &str) -> String {
        if self.is_long_enough() {
            text.replace(&self.0, "***")
        } else {
            text.to_owned()
        }
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
