//! Names of sessions and turns: short, sortable by the time they were made, safe in file names and shells.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Crockford's base 32, lower case: no `i`, `l`, `o`, `u`, so that a name can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Fifteen characters: nine for the milliseconds since 1970 (good until the year 3084), six of chance.
fn encode(unix_ms: u64, chance: u32) -> String {
    let mut name = String::with_capacity(15);
    for (value, digits) in [(unix_ms, 9), (u64::from(chance), 6)] {
        for digit in (0..digits).rev() {
            let index = usize::try_from((value >> (5 * digit)) & 31).unwrap_or(0);
            name.push(char::from(ALPHABET[index]));
        }
    }
    name
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new name from the time in milliseconds since 1970 and 30 bits of chance.
            pub fn new(unix_ms: u64, chance: u32) -> Self {
                Self(encode(unix_ms, chance))
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            /// Takes a name as a user or the database gave it; whether it exists is the store's to say.
            fn from(name: String) -> Self {
                Self(name)
            }
        }
    };
}

id!(
    /// The name of a session.
    SessionId
);
id!(
    /// The name of a turn, unique over all sessions.
    TurnId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time_and_keep_their_chance_apart() {
        let early = SessionId::new(1_000, u32::MAX);
        let late = SessionId::new(1_001, 0);
        assert!(early < late);
        assert_ne!(TurnId::new(5, 1), TurnId::new(5, 2));
        assert_eq!(late.as_str().len(), 15);
    }
}
