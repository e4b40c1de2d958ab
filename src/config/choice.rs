//! Which provider, and which key: what was named, else what the keys in the environment say.

use super::file::File;
use super::{Environment, Source, Sourced};
use crate::domain::Secret;
use crate::error::{Error, Kind, Result};
use crate::provider::endpoint::{self, Auth, Builtin};

pub(super) const ANY_KEY: &str = "TINTYPE_API_KEY";

/// A key and the variable that held it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub secret: Secret,
    pub variable: String,
}

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

/// The provider, with a note where it had to be guessed.
pub(super) fn provider(
    named: Option<Sourced<String>>,
    base_url: Option<&Sourced<String>>,
    env: &Environment,
    notes: &mut Vec<String>,
) -> Result<Option<Sourced<String>>> {
    if let Some(mut named) = named {
        endpoint::lookup(&named.value)?.name.clone_into(&mut named.value);
        return Ok(Some(named));
    }
    // An address says whose it is, where it is a known one.
    let at = |provider: &&Builtin| base_url.is_some_and(|base| base.value == provider.base_url);
    if let (Some(provider), Some(base)) = (endpoint::builtin().iter().find(at), base_url) {
        return Ok(Some(Sourced::new(provider.name.to_owned(), base.source.clone())));
    }
    let mut keyed = Vec::new();
    for provider in endpoint::builtin() {
        if let Some(key) = own_key(provider.name, provider.key_env, env, &mut Vec::new()) {
            keyed.push((provider.name, key.variable));
        }
    }
    if let [(name, variable), others @ ..] = keyed.as_slice() {
        if !others.is_empty() {
            let others: Vec<_> = others.iter().map(|(name, _)| *name).collect();
            notes.push(format!(
                "Using {name}, the first provider with a key (also: {}); -p or TINTYPE_PROVIDER chooses another",
                others.join(", ")
            ));
        }
        return Ok(Some(Sourced::new(
            (*name).to_owned(),
            Source::Key(variable.clone()),
        )));
    }
    // Nothing but a loopback address: something that listens on this machine and needs no key.
    let local = base_url.filter(|base| endpoint::Endpoint::demo(&*base.value).is_loopback());
    Ok(local.map(|base| Sourced::new("demo".to_owned(), base.source.clone())))
}

/// The key for a provider. `TINTYPE_API_KEY` counts only for one that somebody chose: a guess must not hand one
/// vendor's key to another.
pub(super) fn key(
    provider: &Sourced<String>,
    any: bool,
    env: &Environment,
    notes: &mut Vec<String>,
) -> Result<Option<Key>> {
    let builtin = endpoint::lookup(&provider.value)?;
    if builtin.auth == Auth::None {
        return Ok(None);
    }
    let any = if any && !matches!(provider.source, Source::Key(_)) {
        env.text(ANY_KEY)
    } else {
        None
    };
    let any = any.map(|text| Key {
        secret: Secret::new(text),
        variable: ANY_KEY.to_owned(),
    });
    Ok(any.or_else(|| own_key(builtin.name, builtin.key_env, env, notes)))
}

fn own_key(provider: &str, variables: &[&str], env: &Environment, notes: &mut Vec<String>) -> Option<Key> {
    let mut set = variables
        .iter()
        .filter_map(|&variable| Some((variable, env.text(variable)?)));
    let (variable, text) = set.next()?;
    if let Some((other, _)) = set.find(|(_, other)| *other != text) {
        notes.push(format!(
            "{variable} and {other} are both set and differ; {provider} gets {variable}, as Google's own clients have it"
        ));
    }
    Some(Key {
        secret: Secret::new(text),
        variable: variable.to_owned(),
    })
}

/// Why a provider cannot be asked, and which variables would change that.
pub(super) fn no_key(provider: Option<&str>, env: &Environment) -> Error {
    let ways = |provider: &Builtin| format!("{} ({})", provider.key_env.join(" or "), provider.name);
    if let Some(builtin) = provider.and_then(endpoint::find) {
        return Error::new(Kind::NoKey, format!("There is no key for {}", builtin.name)).hint(format!(
            "Set {}, or try -p demo, which needs none",
            builtin.key_env.join(" or ")
        ));
    }
    if env.text(ANY_KEY).is_some() {
        return Error::new(Kind::NoKey, format!("{ANY_KEY} is set, but no provider is named"))
            .hint("Name the provider that the key is for with -p or TINTYPE_PROVIDER");
    }
    let ways: Vec<_> = endpoint::builtin()
        .iter()
        .filter(|provider| provider.auth != Auth::None)
        .map(ways)
        .collect();
    Error::new(Kind::NoKey, "There is no key for any provider").hint(format!(
        "Set one of {}, or try -p demo, which needs none",
        ways.join(", ")
    ))
}

/// Whether a setting of the file was meant for the provider that was chosen. An address or a model in the file belongs
/// to the file's own provider: with another one, its key would go to the wrong house.
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
