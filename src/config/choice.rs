//! Which provider, and which of several layers of settings: what was named, else what the keys say.

use super::file::File;
use super::keys::{self, ANY_KEY};
use super::providers::Providers;
use super::{Environment, Source, Sourced};
use crate::error::{Error, Kind, Result};
use crate::provider::base_address::Address;
use crate::provider::endpoint::{Auth, Endpoint};

/// What a flag, a variable or the file says, in this order.
pub(super) fn first(
    flag: (Option<&String>, &'static str),
    variable: &'static str,
    env: &Environment,
    file: Option<(&String, &std::path::Path)>,
) -> Option<Sourced<String>> {
    let trimmed = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let from_flag = flag
        .0
        .and_then(trimmed)
        .map(|value| Sourced::new(value, Source::Flag(flag.1)));
    let from_env = || {
        env.text(variable)
            .map(|value| Sourced::new(value, Source::Environment(variable)))
    };
    let from_file = || {
        let (text, path) = file?;
        trimmed(text).map(|value| Sourced::new(value, Source::File(path.to_owned())))
    };
    from_flag.or_else(from_env).or_else(from_file)
}

/// The provider, with a note where it had to be guessed. No command is run and no file read for it: one that is named
/// counts as a key.
pub(super) fn provider(
    named: Option<Sourced<String>>,
    base_url: Option<&Sourced<Address>>,
    providers: &Providers,
    env: &Environment,
    notes: &mut Vec<String>,
) -> Result<Option<Sourced<String>>> {
    if let Some(mut named) = named {
        let known = &providers.lookup(&named.value)?.endpoint.name;
        named.value.clone_from(known);
        return Ok(Some(named));
    }
    // An address says whose it is, where it is a known one.
    if let Some(base) = base_url
        && let Some(known) = providers
            .iter()
            .find(|provider| provider.endpoint.base_url == base.value.base)
    {
        return Ok(Some(Sourced::new(
            known.endpoint.name.clone(),
            base.source.clone(),
        )));
    }
    let keyed: Vec<_> = providers
        .iter()
        .filter_map(|provider| Some((&provider.endpoint.name, provider.place(env)?)))
        .collect();
    if let [(name, place), others @ ..] = keyed.as_slice() {
        if !others.is_empty() {
            let others: Vec<_> = others.iter().map(|(name, _)| name.as_str()).collect();
            notes.push(format!(
                "Using {name}, the first provider with a key (also: {}); -p or TINTYPE_PROVIDER chooses another",
                others.join(", ")
            ));
        }
        return Ok(Some(Sourced::new((*name).clone(), Source::Key(place.clone()))));
    }
    // Nothing but a loopback address: something that listens on this machine and needs no key.
    let local = base_url.filter(|base| Endpoint::demo(&*base.value.base).is_loopback());
    Ok(local.map(|base| Sourced::new("demo".to_owned(), base.source.clone())))
}

/// Why a provider cannot be asked, and which variables would change that.
pub(super) fn no_key(provider: Option<&str>, providers: &Providers, env: &Environment) -> Error {
    let endpoints = || providers.iter().map(|provider| &provider.endpoint);
    if let Some(endpoint) = provider.and_then(|name| Some(&providers.find(name)?.endpoint)) {
        let message = format!("There is no key for {}", endpoint.name);
        return Error::new(Kind::NoKey, message).hint(format!(
            "Set {}, or try -p demo, which needs none",
            endpoint.key_env.join(" or ")
        ));
    }
    if keys::in_variable(env, ANY_KEY).is_some() {
        return Error::new(Kind::NoKey, format!("{ANY_KEY} is set, but no provider is named"))
            .hint("Name the provider that the key is for with -p or TINTYPE_PROVIDER");
    }
    let ways: Vec<_> = endpoints()
        .filter(|endpoint| endpoint.auth != Auth::None)
        .map(|endpoint| format!("{} ({})", endpoint.key_env.join(" or "), endpoint.name))
        .collect();
    Error::new(Kind::NoKey, "There is no key for any provider").hint(format!(
        "Set one of {}, or try -p demo, which needs none",
        ways.join(", ")
    ))
}

/// Whether a setting of the user's file was meant for the provider that was chosen. An address or a model in the file
/// belongs to the file's own provider: with another one, its key would go to the wrong house.
pub(super) fn belongs(setting: &Source, provider: Option<&Sourced<String>>, file: &File) -> bool {
    let Some(provider) = provider else { return true };
    match (setting, &provider.source) {
        (Source::File(_), Source::Flag(_) | Source::Environment(_)) => {
            let named = file.provider.as_deref().unwrap_or_default();
            named.trim().eq_ignore_ascii_case(&provider.value)
        }
        _ => true,
    }
}
