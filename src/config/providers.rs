//! The providers there are: those that tintype knows by itself, as the user's settings change them, and the user's own.
//! What a section of the settings says is read elsewhere; nothing but such a section adds or changes a provider.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::keys::{KeyState, Keyring, Place, Purse};
use super::section::{Section, Spot};
use crate::error::{Error, Kind, Result};
use crate::provider::capability::{Capability, Catalog, Terms};
use crate::provider::endpoint::{self, Auth, Endpoint};

/// One provider.
#[derive(Clone, Debug)]
pub struct Provider {
    pub endpoint: Endpoint,
    /// The settings file that adds or changes it.
    pub file: Option<PathBuf>,
    pub(super) allow_http: bool,
    pub(super) keyring: Keyring,
}

impl Provider {
    /// Where its own key is, if it is anywhere.
    pub(super) fn place(&self, env: &Environment) -> Option<Place> {
        if self.endpoint.auth == Auth::None {
            return None;
        }
        self.keyring.purse.place(env)
    }

    pub(super) fn state(&self, env: &Environment) -> KeyState {
        if self.endpoint.auth == Auth::None {
            return KeyState::NotNeeded;
        }
        match self.place(env) {
            Some(place) => KeyState::Set(place),
            None => KeyState::Missing(self.endpoint.key_env.clone()),
        }
    }
}

/// All of them: google, anyfast, starrise, tokaify, then the user's in the order of the file, then the demo.
#[derive(Clone, Debug)]
pub struct Providers(Vec<Provider>);

impl<'a> IntoIterator for &'a Providers {
    type Item = &'a Provider;
    type IntoIter = std::slice::Iter<'a, Provider>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Providers {
    pub fn iter(&self) -> std::slice::Iter<'_, Provider> {
        self.0.iter()
    }

    /// The provider that somebody named, in whatever case; an unknown one is refused with those that there are.
    pub fn lookup(&self, name: &str) -> Result<&Provider> {
        self.find(name).ok_or_else(|| {
            let known: Vec<_> = self
                .iter()
                .map(|provider| provider.endpoint.name.as_str())
                .collect();
            let message = format!("There is no provider named \u{201c}{name}\u{201d}");
            Error::new(Kind::Usage, message).hint(format!("Choose one of {}", known.join(", ")))
        })
    }

    pub fn find(&self, name: &str) -> Option<&Provider> {
        let same = |provider: &&Provider| provider.endpoint.name.eq_ignore_ascii_case(name.trim());
        self.iter().find(same)
    }
}

/// The providers and what their models accept, from the sections of the user's file in their order. `allow_http` lets each
/// of them have an address of plain http.
pub(super) fn all(
    sections: Vec<(String, Section)>,
    path: &Path,
    env: &Environment,
    allow_http: bool,
) -> Result<(Providers, Catalog)> {
    let mut known: Vec<Provider> = endpoint::builtin()
        .iter()
        .map(|builtin| {
            let endpoint = builtin.endpoint();
            Provider {
                file: None,
                allow_http,
                keyring: Keyring::new(Purse::Variables(endpoint.key_env.clone())),
                endpoint,
            }
        })
        .collect();
    let demo = known.pop_if(|last| last.endpoint.name == "demo");
    let mut rows: Vec<Capability> = Vec::new();
    let mut terms: Vec<(String, Terms)> = Vec::new();
    for (name, section) in sections {
        let place = Spot {
            name: name.trim(),
            path,
            env,
            allow_http,
        };
        let own = known
            .iter()
            .position(|provider| provider.endpoint.name.eq_ignore_ascii_case(place.name));
        let before = own.map(|at| known[at].clone());
        if before.as_ref().is_some_and(|provider| provider.file.is_some()) {
            return Err(place.error("is there twice", "Put everything into one section"));
        }
        let (provider, own_terms, own_rows) = place.provider(section, before)?;
        rows.extend(own_rows);
        terms.push((provider.endpoint.name.clone(), own_terms));
        match own {
            Some(at) => known[at] = provider,
            None => known.push(provider),
        }
    }
    known.extend(demo);
    let catalog = terms
        .into_iter()
        .fold(Catalog::new(rows), |catalog, (name, terms)| {
            catalog.on_terms(&name, terms)
        });
    Ok((Providers(known), catalog))
}
