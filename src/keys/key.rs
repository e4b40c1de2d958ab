//! A key as people write it: `Ctrl+S`, `Alt+Enter`, `?`. One key has one value here, however a terminal spells it.

use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Names of the keys that are not characters, as they are shown and read.
const NAMES: &[(&str, KeyCode)] = &[
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Space", KeyCode::Char(' ')),
];

const MODIFIERS: &[(&str, &str, KeyModifiers)] = &[
    ("Ctrl", "^", KeyModifiers::CONTROL),
    ("Alt", "M-", KeyModifiers::ALT),
    ("Shift", "S-", KeyModifiers::SHIFT),
];

impl Key {
    pub(super) const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            modifiers: KeyModifiers::NONE,
        }
    }

    pub(super) const fn char(character: char) -> Self {
        Self::plain(KeyCode::Char(character))
    }

    pub(super) const fn ctrl(character: char) -> Self {
        Self {
            code: KeyCode::Char(character),
            modifiers: KeyModifiers::CONTROL,
        }
    }

    pub(super) const fn alt(character: char) -> Self {
        Self {
            code: KeyCode::Char(character),
            modifiers: KeyModifiers::ALT,
        }
    }

    pub(super) const fn with(code: KeyCode, modifiers: KeyModifiers) -> Self {
        Self { code, modifiers }
    }

    /// As a footer shows it: `^S` for Ctrl+S.
    pub fn short(self) -> String {
        match (self.code, self.modifiers) {
            (KeyCode::Char(character), KeyModifiers::CONTROL) => format!("^{}", character.to_uppercase()),
            _ => self.to_string(),
        }
    }

    /// As help and `tintype keys` show it: `Ctrl+S`.
    pub fn name(self) -> String {
        self.to_string()
    }

    /// The character that it types, when it is one.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(character) if self.modifiers.is_empty() => Some(character),
            _ => None,
        }
    }

    /// The event that a terminal sends for it.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }
}

impl From<KeyEvent> for Key {
    /// Shift is part of a character (`G`, `?`) and of nothing else that is one; Shift+Tab has its own code in crossterm.
    fn from(event: KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::BackTab => {
                modifiers |= KeyModifiers::SHIFT;
                KeyCode::Tab
            }
            KeyCode::Char(character) => {
                let shifted = modifiers.contains(KeyModifiers::SHIFT);
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(match character {
                    _ if modifiers.contains(KeyModifiers::CONTROL) => character.to_ascii_lowercase(),
                    'a'..='z' if shifted => character.to_ascii_uppercase(),
                    _ => character,
                })
            }
            code => code,
        };
        Self { code, modifiers }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, _, modifier) in MODIFIERS {
            if self.modifiers.contains(*modifier) {
                write!(f, "{name}+")?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::Char(character) if self.modifiers.is_empty() => write!(f, "{character}"),
            KeyCode::Char(character) => write!(f, "{}", character.to_uppercase()),
            _ => f.write_str("?"),
        }
    }
}

impl FromStr for Key {
    type Err = String;

    /// Reads `ctrl+s`, `Alt+Enter`, `^S`, `F1`, `?`, `+`; letters behind a modifier in any case.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut rest = text.trim();
        let mut modifiers = KeyModifiers::NONE;
        while let Some((modifier, behind)) = MODIFIERS.iter().find_map(|(name, sign, modifier)| {
            let spelled = rest
                .get(..name.len())
                .filter(|head| head.eq_ignore_ascii_case(name));
            let behind = match spelled {
                Some(head) => rest[head.len()..].strip_prefix(['+', '-']),
                None => rest.strip_prefix(sign),
            };
            behind
                .filter(|behind| !behind.is_empty())
                .map(|behind| (*modifier, behind))
        }) {
            modifiers |= modifier;
            rest = behind;
        }
        let named = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(rest));
        let function = || {
            let number = rest.strip_prefix(['F', 'f'])?.parse().ok()?;
            (1..=24).contains(&number).then_some(KeyCode::F(number))
        };
        let mut characters = rest.chars();
        let code = match (named, characters.next(), characters.next()) {
            (Some((_, code)), ..) => *code,
            (None, Some(only), None) => KeyCode::Char(only),
            _ => function().ok_or_else(|| format!("\u{201c}{text}\u{201d} is no key such as Ctrl+S"))?,
        };
        let is_letter = matches!(code, KeyCode::Char(character) if character.is_ascii_alphabetic());
        if is_letter && modifiers == KeyModifiers::ALT {
            let lower = rest
                .to_ascii_lowercase()
                .chars()
                .next()
                .map_or(code, KeyCode::Char);
            return Ok(Self {
                code: lower,
                modifiers,
            });
        }
        Ok(KeyEvent::new(code, modifiers).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_back_what_they_display() {
        for name in [
            "Ctrl+S",
            "Alt+Enter",
            "Shift+Tab",
            "F1",
            "?",
            "G",
            "Space",
            "Ctrl+Left",
            "PgDn",
            "+",
            "Alt+B",
        ] {
            assert_eq!(
                name.parse::<Key>().map(|key| key.to_string()),
                Ok(name.to_owned())
            );
        }
        assert_eq!("ctrl+s".parse::<Key>(), Ok(Key::ctrl('s')));
        assert_eq!("^S".parse::<Key>(), Ok(Key::ctrl('s')));
        assert_eq!(Key::ctrl('s').short(), "^S");
        assert!("hyper+s".parse::<Key>().is_err());
        assert!("F99".parse::<Key>().is_err());
    }

    #[test]
    fn one_key_is_one_value_however_a_terminal_spells_it() {
        let back_tab = KeyEvent::new(KeyCode::BackTab, KeyModifiers::NONE);
        assert_eq!(Key::from(back_tab).to_string(), "Shift+Tab");
        let shifted = KeyEvent::new(KeyCode::Char('g'), KeyModifiers::SHIFT);
        assert_eq!(Key::from(shifted), Key::char('G'));
        let question = KeyEvent::new(KeyCode::Char('?'), KeyModifiers::SHIFT);
        assert_eq!(Key::from(question), Key::char('?'));
        let upper = KeyEvent::new(KeyCode::Char('S'), KeyModifiers::CONTROL);
        assert_eq!(Key::from(upper), Key::ctrl('s'));
    }
}
