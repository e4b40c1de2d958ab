//! Settings: defaults, then the user's `config.toml`, then the environment, then flags; each value knows where it came
//! from. The only room that reads the environment, and it reads it once. It opens no store and asks no server.
#![expect(clippy::disallowed_methods, reason = "this room reads config.toml")]

mod choice;
mod environment;
mod file;
mod folders;
mod value;

use std::path::PathBuf;

use crate::domain::Secret;
use crate::error::{Error, Kind, Result};
use crate::provider::capability;
use crate::provider::endpoint::{self, Endpoint};

pub use choice::Key;
pub use environment::{Environment, Terminal};
pub use folders::Folders;
pub use value::{Preview, Source, Sourced};

/// What the command line says about settings, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub provider: Option<String>,
    pub model: Option<String>,
    pub base_url: Option<String>,
    pub config: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub preview: Option<String>,
}

/// The settings as they hold for this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `None` where none is named and no key is there: the terminal UI opens the demo then.
    pub provider: Option<Sourced<String>>,
    /// `None` only without a provider.
    pub model: Option<Sourced<String>>,
    /// An address that replaces the provider's own.
    pub base_url: Option<Sourced<String>>,
    pub folders: Folders,
    pub preview: Sourced<Preview>,
    /// The settings file that is, or would be, read.
    pub config_file: Option<PathBuf>,
    /// The key of the chosen provider.
    pub key: Option<Key>,
    /// What a user should know about how these came about, a sentence each.
    pub notes: Vec<String>,
    env: Environment,
}

impl Settings {
    pub fn load(flags: &Flags, env: &Environment) -> Result<Self> {
        let mut notes = Vec::new();
        let config = folders::config_file(flags, env);
        let file = match &config {
            Some((path, named)) => file::read(path, *named)?,
            None => file::File::default(),
        };
        let config_file = config.map(|(path, _)| path);
        let config_path = config_file.as_deref();
        let folders = folders::folders(flags, env, &file, config_path)?;
        let pick = |flag: Option<&String>, name, variable, in_file: &Option<String>| {
            choice::first((flag, name), variable, env, in_file.as_ref().zip(config_path))
        };
        let preview = pick(
            flags.preview.as_ref(),
            "--preview",
            "TINTYPE_PREVIEW",
            &file.preview,
        );
        let preview = parse_preview(preview)?;
        let named = pick(
            flags.provider.as_ref(),
            "--provider",
            "TINTYPE_PROVIDER",
            &file.provider,
        );
        let mut base_url = pick(
            flags.base_url.as_ref(),
            "--base-url",
            "TINTYPE_BASE_URL",
            &file.base_url,
        );
        if let Some(base) = &mut base_url {
            base.value =
                endpoint::normalise_base(&base.value).map_err(|error| said_by(error, &base.source))?;
        }
        let provider = choice::provider(named, base_url.as_ref(), env, &mut notes)?;
        let model = pick(flags.model.as_ref(), "--model", "TINTYPE_MODEL", &file.model);
        let mut keep = |setting: Option<Sourced<String>>, what: &str| {
            let (kept, note) = keep(setting, what, provider.as_ref(), &file);
            notes.extend(note);
            kept
        };
        let base_url = keep(base_url, "base address");
        let model = keep(model, "model").map(|mut model| {
            model.value = model.value.trim_start_matches("models/").to_owned();
            model
        });
        let model = model.or_else(|| default_model(provider.as_ref()?, env));
        let key = match &provider {
            Some(provider) => choice::key(provider, true, env, &mut notes)?,
            None => None,
        };
        Ok(Self {
            provider,
            model,
            base_url,
            folders,
            preview,
            config_file,
            key,
            notes,
            env: env.clone(),
        })
    }

    /// Where requests go; [`Kind::NoKey`] where no provider could be chosen. The demo's address is empty unless one
    /// was given: it is known once the demo runs.
    pub fn endpoint(&self) -> Result<Endpoint> {
        let Some(provider) = &self.provider else {
            return Err(self.no_key());
        };
        let mut endpoint = endpoint::lookup(&provider.value)?.endpoint();
        if let Some(base) = &self.base_url {
            endpoint.base_url.clone_from(&base.value);
        }
        Ok(endpoint)
    }

    /// The endpoint and the key of a call that is about to be made; [`Kind::NoKey`] where a key is missing. What listens
    /// on the loopback may do without one.
    pub fn route(&self) -> Result<(Endpoint, Option<Secret>)> {
        let endpoint = self.endpoint()?;
        let key = self.key();
        if key.is_none() && endpoint.auth != endpoint::Auth::None && !endpoint.is_loopback() {
            return Err(self.no_key());
        }
        Ok((endpoint, key))
    }

    /// Whether the demo has to be started inside this process: it was chosen, and no address of a running one given.
    pub fn wants_demo(&self) -> bool {
        self.base_url.is_none()
            && self
                .provider
                .as_ref()
                .is_some_and(|provider| provider.value == "demo")
    }

    pub fn key(&self) -> Option<Secret> {
        self.key.as_ref().map(|key| key.secret.clone())
    }

    /// The settings with another provider, picked while the program runs: its own address, default model and key.
    pub fn with_provider(&self, name: &str) -> Result<Self> {
        let name = endpoint::lookup(name)?.name;
        if self
            .provider
            .as_ref()
            .is_some_and(|provider| provider.value == name)
        {
            return Ok(self.clone());
        }
        let provider = Sourced::new(name.to_owned(), Source::Picked);
        // A key that serves one provider already is not offered to the next.
        let any = self
            .key
            .as_ref()
            .is_none_or(|key| key.variable != choice::ANY_KEY);
        let key = choice::key(&provider, any, &self.env, &mut Vec::new())?;
        Ok(Self {
            model: default_model(&provider, &self.env),
            provider: Some(provider),
            base_url: None,
            key,
            ..self.clone()
        })
    }

    /// The error of a call for which no key is there, naming the variables that would hold one.
    pub fn no_key(&self) -> Error {
        choice::no_key(
            self.provider.as_ref().map(|provider| provider.value.as_str()),
            &self.env,
        )
    }
}

fn parse_preview(given: Option<Sourced<String>>) -> Result<Sourced<Preview>> {
    let Some(given) = given else {
        return Ok(Sourced::new(Preview::Auto, Source::Default));
    };
    let preview = given.value.parse().map_err(|message: String| {
        let error = Error::new(Kind::Usage, message).hint("Choose one of auto, kitty, halfblocks, off");
        said_by(error, &given.source)
    })?;
    Ok(Sourced::new(preview, given.source))
}

/// The same error with where the value stands that it complains about.
fn said_by(mut error: Error, source: &Source) -> Error {
    error.message = format!("{source}: {}", error.message);
    error
}

fn keep(
    setting: Option<Sourced<String>>,
    what: &str,
    provider: Option<&Sourced<String>>,
    file: &file::File,
) -> (Option<Sourced<String>>, Option<String>) {
    match setting {
        Some(setting) if !choice::belongs(&setting.source, provider, file) => {
            let note = format!(
                "The {what} in {} is not for this provider and is left out",
                setting.source
            );
            (None, Some(note))
        }
        setting => (setting, None),
    }
}

fn default_model(provider: &Sourced<String>, env: &Environment) -> Option<Sourced<String>> {
    let name = capability::default_model(&provider.value, env.today())?;
    Some(Sourced::new(name.to_owned(), Source::Default))
}

#[cfg(test)]
mod tests;
