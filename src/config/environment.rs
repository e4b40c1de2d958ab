//! The environment as it was at one moment: a value, so that whoever asks gets the same answer and tests bring their own.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use directories::BaseDirs;

/// A snapshot of the variables, the day it is, the folder that one works in, and the platform's folders.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
    today: String,
    folder: Option<PathBuf>,
    bases: Option<Bases>,
}

/// The folders that the platform has for what a user's programs keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bases {
    pub(super) config: PathBuf,
    pub(super) data: PathBuf,
    /// `None` where the platform has none.
    pub(super) state: Option<PathBuf>,
    pub(super) cache: PathBuf,
}

impl Bases {
    fn of_process() -> Option<Self> {
        let bases = BaseDirs::new()?;
        Some(Self {
            config: bases.config_dir().to_owned(),
            data: bases.data_dir().to_owned(),
            state: bases.state_dir().map(Path::to_owned),
            cache: bases.cache_dir().to_owned(),
        })
    }
}

impl Environment {
    /// The variables of this process. `today` is `YYYY-MM-DD`, from whoever may look at a clock.
    pub fn of_process(today: impl Into<String>) -> Self {
        Self {
            folder: std::env::current_dir().ok(),
            bases: Bases::of_process(),
            ..Self::new(std::env::vars_os(), today)
        }
    }

    pub fn new<K: Into<OsString>, V: Into<OsString>>(
        variables: impl IntoIterator<Item = (K, V)>,
        today: impl Into<String>,
    ) -> Self {
        let variables = variables.into_iter();
        Self {
            variables: variables
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            today: today.into(),
            folder: None,
            bases: None,
        }
    }

    /// The same for somebody who works in this folder.
    #[must_use]
    pub fn within(self, folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: Some(folder.into()),
            ..self
        }
    }

    /// The platform's folders; `None` for an environment that is not this process's.
    pub(super) fn bases(&self) -> Option<&Bases> {
        self.bases.as_ref()
    }

    /// The folder that one works in, where it is known.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    #[cfg(test)]
    pub(super) fn without(mut self, name: &str) -> Self {
        self.variables.remove(std::ffi::OsStr::new(name));
        self
    }

    #[cfg(test)]
    pub(super) fn with_bases(self, bases: Bases) -> Self {
        Self {
            bases: Some(bases),
            ..self
        }
    }

    /// The same on this day.
    #[must_use]
    pub fn on(self, today: impl Into<String>) -> Self {
        Self {
            today: today.into(),
            ..self
        }
    }

    /// The day, `YYYY-MM-DD`.
    pub fn today(&self) -> &str {
        &self.today
    }

    /// A variable as text without surrounding space; one that is empty, or is not text, counts as unset.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.variables.get(std::ffi::OsStr::new(name))?.to_str()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// A variable as a path, whatever its bytes; one that is empty counts as unset.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.variables.get(std::ffi::OsStr::new(name))?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    fn has(&self, name: &str) -> bool {
        self.variables
            .get(std::ffi::OsStr::new(name))
            .is_some_and(|value| !value.is_empty())
    }

    /// What the variables say about the terminal; the terminal itself is asked elsewhere.
    pub fn terminal(&self) -> Terminal {
        Terminal {
            no_color: self.has("NO_COLOR"),
            term: self.text("TERM"),
            colorterm: self.text("COLORTERM"),
            term_program: self.text("TERM_PROGRAM"),
            lc_terminal: self.text("LC_TERMINAL"),
            tmux: self.has("TMUX"),
            screen: self.has("STY"),
            ssh: self.has("SSH_CONNECTION") || self.has("SSH_TTY") || self.has("SSH_CLIENT"),
        }
    }

    /// `TINTYPE_PANIC`, in debug builds only: the tests see by it that a panic gives the terminal back.
    /// `key` panics at the first key, `worker` has another thread panic at it.
    pub fn wants_panic(&self) -> Option<String> {
        self.text("TINTYPE_PANIC").filter(|_| cfg!(debug_assertions))
    }

    /// The command that edits a file: `$VISUAL`, else `$EDITOR`.
    pub fn editor(&self) -> Option<String> {
        self.text("VISUAL").or_else(|| self.text("EDITOR"))
    }
}

impl fmt::Debug for Environment {
    /// Names only: values may be keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Hints about the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Terminal {
    pub no_color: bool,
    pub term: Option<String>,
    pub colorterm: Option<String>,
    pub term_program: Option<String>,
    /// iTerm2 sets it, and ssh hands it on where the other machine takes it.
    pub lc_terminal: Option<String>,
    pub tmux: bool,
    /// GNU screen.
    pub screen: bool,
    pub ssh: bool,
}
