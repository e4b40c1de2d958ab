//! Settings: defaults, then the user's `config.toml`, then the project's `.tintype.toml`, then the environment, then
//! flags; each value knows where it came from. The only room that reads the environment, and it reads it once. It
//! fetches keys, which may run a command of the user's; it opens no store and asks no server.
#![expect(clippy::disallowed_methods, reason = "this room reads settings files")]

mod choice;
mod command;
mod dearer;
mod environment;
mod example;
mod file;
mod folders;
mod keyfile;
mod keys;
mod load;
mod models;
mod network;
mod plain;
mod project;
mod providers;
mod section;
mod show;
mod value;
mod wishes;
mod wrapping;

use std::path::PathBuf;

use crate::domain::Secret;
use crate::error::{Error, Kind, Result};
use crate::provider::base_address::Address;
use crate::provider::capability::Catalog;
use crate::provider::endpoint::{Auth, Endpoint};
use crate::provider::network::Network;

pub use dearer::{Dearer, Priced};
pub use environment::{Environment, Terminal};
pub use example::init;
pub use folders::Folders;
pub use keys::{KeyState, Place};
pub use providers::{Provider, Providers};
pub use show::Shown;
pub use value::{Preview, Source, Sourced};
pub use wishes::Wishes;

use keys::ANY_KEY;

/// What the command line says about settings, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub provider: Option<String>,
    pub model: Option<String>,
    pub base_url: Option<String>,
    pub config: Option<PathBuf>,
    pub data_dir: Option<PathBuf>,
    pub preview: Option<String>,
    /// True if any address may be one of plain http.
    pub allow_http: bool,
}

impl Flags {
    /// The settings file that is, or would be, read.
    pub fn config_file(&self, env: &Environment) -> Option<PathBuf> {
        folders::config_file(self, env).map(|(path, _)| path)
    }
}

/// The settings as they hold for this run. A clone shares the keys that were fetched, and may go to another thread.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `None` where none is named and no key is there: the terminal UI opens the demo then.
    pub provider: Option<Sourced<String>>,
    /// `None` without a provider, and where the settings leave a provider no model that still lives.
    pub model: Option<Sourced<String>>,
    /// The model that would be asked without the project's file.
    pub own_model: Option<Sourced<String>>,
    /// An address that replaces the chosen provider's own.
    pub base_url: Option<Sourced<Address>>,
    pub folders: Folders,
    pub preview: Sourced<Preview>,
    /// The user's settings file that is, or would be, read.
    pub config_file: Option<PathBuf>,
    /// The project's settings file that was read.
    pub project_file: Option<PathBuf>,
    pub wishes: Wishes,
    pub providers: Providers,
    /// The models of all providers, the user's among them.
    pub catalog: Catalog,
    pub network: Network,
    /// What a user should know about how these came about, a sentence each.
    pub notes: Vec<String>,
    /// The provider that the key without an owner is for.
    any_key_for: Option<String>,
    env: Environment,
}

/// A provider as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub endpoint: Endpoint,
    pub key: KeyState,
    /// Whether requests go to it unless somebody says otherwise.
    pub chosen: bool,
    /// The settings file that adds or changes it.
    pub file: Option<PathBuf>,
}

impl Settings {
    /// The chosen provider's name.
    fn name(&self) -> Option<&str> {
        self.provider.as_ref().map(|provider| provider.value.as_str())
    }

    /// Where requests go; [`Kind::NoKey`] where no provider could be chosen. The demo's address is empty unless one
    /// was given: it is known once the demo runs.
    pub fn endpoint(&self) -> Result<Endpoint> {
        let name = self.name().ok_or_else(|| self.no_key())?;
        self.endpoint_of(name)
    }

    /// Where requests to this provider go.
    pub fn endpoint_of(&self, provider: &str) -> Result<Endpoint> {
        let mut endpoint = self.providers.lookup(provider)?.endpoint.clone();
        if let Some(base) = &self.base_url
            && self.name() == Some(&endpoint.name)
        {
            endpoint.base_url.clone_from(&base.value.base);
            endpoint.query.clone_from(&base.value.query);
        }
        Ok(endpoint)
    }

    /// The endpoint and the key of a call that is about to be made; [`Kind::NoKey`] where a key is missing. What listens
    /// on the loopback may do without one. It may run the user's command, once, and take seconds for it.
    pub fn route(&self) -> Result<(Endpoint, Option<Secret>)> {
        let name = self.name().ok_or_else(|| self.no_key())?;
        self.route_of(name)
    }

    /// As [`Settings::route`], for any provider by its name. It blocks: call it from a thread that may.
    pub fn route_of(&self, provider: &str) -> Result<(Endpoint, Option<Secret>)> {
        let endpoint = self.endpoint_of(provider)?;
        let key = self.key_of(&endpoint)?;
        if key.is_none() && endpoint.auth != Auth::None && !endpoint.is_loopback() {
            let any_is_homeless = self.any_key_for.is_none() && self.provider.is_none();
            return Err(
                if any_is_homeless && keys::in_variable(&self.env, ANY_KEY).is_some() {
                    choice::no_key(None, &self.providers, &self.env)
                } else {
                    choice::no_key(Some(&endpoint.name), &self.providers, &self.env)
                },
            );
        }
        Ok((endpoint, key))
    }

    fn key_of(&self, endpoint: &Endpoint) -> Result<Option<Secret>> {
        if endpoint.auth == Auth::None {
            return Ok(None);
        }
        if self.any_key_for.as_deref() == Some(&endpoint.name)
            && let Some(any) = keys::in_variable(&self.env, ANY_KEY)
        {
            return Ok(Some(any.key));
        }
        let provider = self.providers.lookup(&endpoint.name)?;
        provider.keyring.key(&endpoint.name, &self.env)
    }

    /// Whether this provider has a key and where it comes from; nothing is run or read for it.
    pub fn key_state(&self, provider: &str) -> Result<KeyState> {
        let provider = self.providers.lookup(provider)?;
        let state = provider.state(&self.env);
        let any = self.any_key_for.as_deref() == Some(&provider.endpoint.name);
        if any && state != KeyState::NotNeeded {
            return Ok(KeyState::Set(Place::Variable(ANY_KEY.to_owned())));
        }
        Ok(state)
    }

    /// Returns the note on this provider's key: the wrapping that was left out. Of one that a command or a
    /// file gives it is known once it was fetched.
    pub fn key_note(&self, provider: &str) -> Option<String> {
        let provider = self.providers.find(provider)?;
        if provider.endpoint.auth == Auth::None {
            return None;
        }
        if self.any_key_for.as_deref() == Some(&provider.endpoint.name)
            && let Some(any) = keys::in_variable(&self.env, ANY_KEY)
        {
            return any.note;
        }
        provider.keyring.note(&self.env)
    }

    /// Every provider, with its address and the state of its key; nothing is run, read or revealed for it.
    pub fn listed(&self) -> Vec<Listed> {
        let listed = self.providers.iter().filter_map(|provider| {
            let name = &provider.endpoint.name;
            Some(Listed {
                endpoint: self.endpoint_of(name).ok()?,
                key: self.key_state(name).ok()?,
                chosen: self.name() == Some(name),
                file: provider.file.clone(),
            })
        });
        listed.collect()
    }

    /// Whether the demo has to be started inside this process: it was chosen, and no address of a running one given.
    pub fn wants_demo(&self) -> bool {
        self.base_url.is_none() && self.name() == Some("demo")
    }

    /// The settings with another provider, picked while the program runs: its own address, default model and key.
    pub fn with_provider(&self, name: &str) -> Result<Self> {
        let picked = &self.providers.lookup(name)?.endpoint;
        if self.name() == Some(&picked.name) {
            return Ok(self.clone());
        }
        let provider = Sourced::new(picked.name.clone(), Source::Picked);
        // A key that serves one provider already is not offered to the next.
        let any_key_for = self.any_key_for.clone().or_else(|| {
            let takes_it = picked.auth != Auth::None && keys::in_variable(&self.env, ANY_KEY).is_some();
            takes_it.then(|| picked.name.clone())
        });
        let model = load::default_model(&self.catalog, &provider, &self.env);
        Ok(Self {
            own_model: model.clone(),
            model,
            provider: Some(provider),
            base_url: None,
            any_key_for,
            ..self.clone()
        })
    }

    /// The model to ask, by its name; an error where the settings leave none.
    pub fn model_name(&self) -> Result<&str> {
        if let Some(model) = &self.model {
            return Ok(&model.value);
        }
        let provider = self.name().ok_or_else(|| self.no_key())?;
        let message = format!("No model of {provider} is named");
        Err(Error::new(Kind::Usage, message).hint(format!(
            "Name one with -m; `tintype providers --check -p {provider}` asks which there are"
        )))
    }

    /// The error of a call for which no key is there, naming the variables that would hold one.
    pub fn no_key(&self) -> Error {
        choice::no_key(self.name(), &self.providers, &self.env)
    }
}

#[cfg(test)]
mod tests;
