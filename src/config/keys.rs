//! Where keys are kept, and how one is fetched: when a call needs it, and not before. A command is run, and a file is
//! read, for the provider that is used and for no other.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::wrapping::Bare;
use super::{Environment, command, keyfile};
use crate::domain::Secret;
use crate::error::{Error, Kind, Result};

/// Holds a key for whichever provider is chosen by name.
pub(super) const ANY_KEY: &str = "TINTYPE_API_KEY";

/// Where a key is, as a user is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The variable of this name.
    Variable(String),
    /// What a program prints; its name, for its arguments may be nobody's business.
    Command(String),
    File(PathBuf),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Command(program) => write!(f, "the command {program}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Whether a provider's key is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It takes none.
    NotNeeded,
    /// It is there, or there is a command or a file that should give it.
    Set(Place),
    /// It is in none of these variables.
    Missing(Vec<String>),
}

/// The key in a variable, where there is one.
pub(super) fn in_variable(env: &Environment, name: &str) -> Option<Fetched> {
    let bare = Bare::of(&env.text(name)?)?;
    Some(Fetched::new(bare, &Place::Variable(name.to_owned())))
}

/// A key, and what the user should know of how it stood where it was found.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) key: Secret,
    pub(super) note: Option<String>,
}

impl Fetched {
    fn new(bare: Bare, place: &Place) -> Self {
        Self {
            note: bare.note(place),
            key: Secret::new(bare.key),
        }
    }
}

/// Where the settings say that the key of a provider is.
#[derive(Clone, Debug)]
pub(super) enum Purse {
    /// In the first of these variables that is set.
    Variables(Vec<String>),
    Command {
        words: Vec<String>,
        /// The settings file that names it.
        file: PathBuf,
    },
    File(PathBuf),
}

impl Purse {
    /// Where the key is, if it is anywhere; nothing is run or read to find out.
    pub(super) fn place(&self, env: &Environment) -> Option<Place> {
        match self {
            Self::Variables(names) => {
                let set = names.iter().find(|name| in_variable(env, name).is_some())?;
                Some(Place::Variable(set.clone()))
            }
            Self::Command { words, .. } => {
                let program = words.first().map(Path::new)?;
                let name = program.file_name().unwrap_or(program.as_os_str());
                Some(Place::Command(name.to_string_lossy().into_owned()))
            }
            Self::File(path) => Some(Place::File(path.clone())),
        }
    }

    /// The other variable that is set to something else, where the first one wins.
    pub(super) fn rival(&self, env: &Environment) -> Option<(String, String)> {
        let Self::Variables(names) = self else {
            return None;
        };
        let mut set = names
            .iter()
            .filter_map(|name| Some((name, in_variable(env, name)?.key)));
        let (first, key) = set.next()?;
        let (other, _) = set.find(|(_, other)| other.reveal() != key.reveal())?;
        Some((first.clone(), other.clone()))
    }

    /// Fetches the key, which may run a command and take seconds.
    fn open(&self, provider: &str, env: &Environment) -> Result<Option<Fetched>> {
        let (text, hint) = match self {
            Self::Variables(names) => return Ok(names.iter().find_map(|name| in_variable(env, name))),
            Self::Command { words, file } => {
                let program = words.first().map_or("", String::as_str);
                let key = command::first_line(words, file.parent()).map_err(|why| {
                    let message = format!("The command for the key of {provider}, {program}, {why}");
                    Error::new(Kind::NoKey, message).hint(format!(
                        "Run it by hand to see what it needs; it is api_key_command of [providers.{provider}] in {}",
                        file.display()
                    ))
                })?;
                (key, "Have it print the key, alone on its first line")
            }
            Self::File(path) => {
                let key = keyfile::read(path).map_err(|unfit| {
                    let message = format!(
                        "The key of {provider} cannot be read from {}: {}",
                        path.display(),
                        unfit.why
                    );
                    Error::new(Kind::NoKey, message).hint(unfit.hint)
                })?;
                (key, "Put the key into it, alone on its first line")
            }
        };
        let place = self.place(env);
        let bare = Bare::of(&text).zip(place.as_ref());
        let Some((bare, place)) = bare else {
            let whence = place.map_or(String::new(), |place| format!(" from {place}"));
            let message = format!("The first line{whence} holds no key of {provider}");
            return Err(Error::new(Kind::NoKey, message).hint(hint));
        };
        Ok(Some(Fetched::new(bare, place)))
    }
}

/// A purse that is opened once: whoever asks again, in whatever copy of the settings, gets the same key. A failure is
/// not remembered, for a password manager may be unlocked in the meantime.
#[derive(Clone, Debug)]
pub(super) struct Keyring {
    pub(super) purse: Purse,
    known: Arc<OnceLock<Fetched>>,
}

impl Keyring {
    pub(super) fn new(purse: Purse) -> Self {
        Self {
            purse,
            known: Arc::default(),
        }
    }

    pub(super) fn key(&self, provider: &str, env: &Environment) -> Result<Option<Secret>> {
        if let Some(known) = self.known.get() {
            return Ok(Some(known.key.clone()));
        }
        let fetched = self.purse.open(provider, env)?;
        if let Some(fetched) = &fetched {
            let _another_was_first = self.known.set(fetched.clone());
        }
        Ok(fetched.map(|fetched| fetched.key))
    }

    /// Returns the note on the key: of one in a variable at any time, of another one once it was fetched.
    pub(super) fn note(&self, env: &Environment) -> Option<String> {
        if let Some(known) = self.known.get() {
            return known.note.clone();
        }
        let Purse::Variables(names) = &self.purse else {
            return None;
        };
        names.iter().find_map(|name| in_variable(env, name))?.note
    }
}
