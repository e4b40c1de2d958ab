//! Puts the layers together: each setting from the first layer that has it, and left out where it was meant for
//! another provider.

use std::path::{Path, PathBuf};

use super::file::File;
use super::keys::{self, ANY_KEY};
use super::project::Project;
use super::providers::{self, Providers};
use super::wishes::{Files, Wishes};
use super::{
    Environment, Flags, Preview, Settings, Source, Sourced, choice, file, folders, network, plain, project,
};
use crate::error::{Error, Kind, Result};
use crate::provider::base_address::{Address, MODELS_PATH, normalise_base};
use crate::provider::capability::Catalog;
use crate::provider::endpoint::Auth;

impl Settings {
    pub fn load(flags: &Flags, env: &Environment) -> Result<Self> {
        let mut notes = Vec::new();
        let config = folders::config_file(flags, env);
        let mut file = match &config {
            Some((path, named)) => file::read(path, *named)?,
            None => File::default(),
        };
        let config_file = config.map(|(path, _)| path);
        let config_path = config_file.as_deref();
        let sections = file.sections();
        let (providers, catalog) = providers::all(
            sections,
            config_path.unwrap_or(Path::new("")),
            env,
            flags.allow_http,
        )?;
        let project = project::find(env, &mut notes)?;
        let layers = Layers {
            flags,
            env,
            file: &file,
            path: config_path,
            project: project.as_ref(),
        };
        let preview = layers.preview()?;
        let named = layers.pick(
            flags.provider.as_ref(),
            "--provider",
            "TINTYPE_PROVIDER",
            file.provider.as_ref(),
        );
        let base_url = layers.base_url(named.as_ref(), &providers)?;
        let provider = choice::provider(named, base_url.as_ref(), &providers, env, &mut notes)?;
        let base_url = layers.kept(base_url, "base address", provider.as_ref(), &mut notes);
        let (model, own_model) = layers.model(provider.as_ref(), &catalog, &mut notes);
        let any_key_for = provider.as_ref().and_then(|provider| {
            // A guess must not hand one vendor's key to another.
            let chosen = !matches!(provider.source, Source::Key(_));
            let takes = providers.find(&provider.value)?.endpoint.auth != Auth::None;
            (chosen && takes && keys::in_variable(env, ANY_KEY).is_some()).then(|| provider.value.clone())
        });
        if any_key_for.is_none() {
            notes.extend(rivals(provider.as_ref(), &providers, env));
        }
        let wishes = Wishes::of(&layers.files(), env)?;
        notes.extend(wishes.count_note());
        Ok(Self {
            folders: folders::folders(flags, env, &file, config_path)?,
            wishes,
            network: network::network(env),
            project_file: project.as_ref().map(|(path, _)| path.clone()),
            provider,
            model,
            own_model,
            base_url,
            preview,
            config_file,
            providers,
            catalog,
            notes,
            any_key_for,
            env: env.clone(),
        })
    }
}

/// Where settings come from.
struct Layers<'a> {
    flags: &'a Flags,
    env: &'a Environment,
    file: &'a File,
    path: Option<&'a Path>,
    project: Option<&'a (PathBuf, Project)>,
}

impl Layers<'_> {
    fn pick(
        &self,
        flag: Option<&String>,
        name: &'static str,
        variable: &'static str,
        in_file: Option<&String>,
    ) -> Option<Sourced<String>> {
        choice::first((flag, name), variable, self.env, in_file.zip(self.path))
    }

    fn files(&self) -> Files<'_> {
        Files {
            project: self.project.map(|(path, project)| (path.as_path(), project)),
            user: self.path.map(|path| (path, self.file)),
        }
    }

    fn preview(&self) -> Result<Sourced<Preview>> {
        let given = self.pick(
            self.flags.preview.as_ref(),
            "--preview",
            "TINTYPE_PREVIEW",
            self.file.preview.as_ref(),
        );
        let Some(given) = given else {
            return Ok(Sourced::new(Preview::Auto, Source::Default));
        };
        let preview = given.value.parse().map_err(|message: String| {
            let error = Error::new(Kind::Usage, message)
                .hint("Choose one of auto, kitty, iterm2, sixel, halfblocks, off");
            said_by(error, &given.source)
        })?;
        Ok(Sourced::new(preview, given.source))
    }

    /// An address that somebody gave besides the providers' own. Plain http is for a provider that was named, and of
    /// which the user's file says that it will do.
    fn base_url(
        &self,
        named: Option<&Sourced<String>>,
        providers: &Providers,
    ) -> Result<Option<Sourced<Address>>> {
        let given = self.pick(
            self.flags.base_url.as_ref(),
            "--base-url",
            "TINTYPE_BASE_URL",
            self.file.base_url.as_ref(),
        );
        let Some(base) = given else {
            return Ok(None);
        };
        let named = named.and_then(|named| providers.find(&named.value));
        let is_plain = named.map_or(self.flags.allow_http, |provider| provider.allow_http);
        let models_path = named.map_or(MODELS_PATH, |provider| &provider.endpoint.models_path);
        let address = normalise_base(&base.value, models_path, is_plain).map_err(|error| {
            let name = named.map(|provider| provider.endpoint.name.as_str());
            said_by(plain::with_ways(error, name, self.path), &base.source)
        })?;
        Ok(Some(Sourced::new(address, base.source)))
    }

    /// A setting, unless the user's file has it for another provider.
    fn kept<T>(
        &self,
        setting: Option<Sourced<T>>,
        what: &str,
        provider: Option<&Sourced<String>>,
        notes: &mut Vec<String>,
    ) -> Option<Sourced<T>> {
        let setting = setting?;
        if choice::belongs(&setting.source, provider, self.file) {
            return Some(setting);
        }
        notes.push(format!(
            "The {what} in {} is not for this provider and is left out",
            setting.source
        ));
        None
    }

    /// The model, and the one that would be asked without the project's file.
    fn model(
        &self,
        provider: Option<&Sourced<String>>,
        catalog: &Catalog,
        notes: &mut Vec<String>,
    ) -> (Option<Sourced<String>>, Option<Sourced<String>>) {
        let named = self.pick(self.flags.model.as_ref(), "--model", "TINTYPE_MODEL", None);
        if let Some(named) = named.map(bare_name) {
            return (Some(named.clone()), Some(named));
        }
        if let Some(model) = self.of_project(provider, catalog, notes) {
            return (Some(model), self.own_model(provider, catalog, &mut Vec::new()));
        }
        let own = self.own_model(provider, catalog, notes);
        (own.clone(), own)
    }

    /// The model of the user's file, else the provider's default.
    fn own_model(
        &self,
        provider: Option<&Sourced<String>>,
        catalog: &Catalog,
        notes: &mut Vec<String>,
    ) -> Option<Sourced<String>> {
        let in_file = choice::first(
            (None, ""),
            "",
            &Environment::default(),
            self.file.model.as_ref().zip(self.path),
        );
        self.kept(in_file, "model", provider, notes)
            .map(bare_name)
            .or_else(|| default_model(catalog, provider?, self.env))
    }

    /// The project's model, if the provider has it: a project cannot know which provider its readers use.
    fn of_project(
        &self,
        provider: Option<&Sourced<String>>,
        catalog: &Catalog,
        notes: &mut Vec<String>,
    ) -> Option<Sourced<String>> {
        let (path, project) = self.project?;
        let provider = provider?;
        let name = project.model.as_deref()?.trim();
        let name = name.trim_start_matches("models/");
        if name.is_empty() {
            return None;
        }
        if catalog.models(&provider.value).any(|row| row.name == name) {
            return Some(Sourced::new(name.to_owned(), Source::Project(path.clone())));
        }
        notes.push(format!(
            "The model {} in {} is not one of {} and is left out",
            crate::domain::clean_line(name),
            path.display(),
            provider.value
        ));
        None
    }
}

/// A model's name as the table spells it.
fn bare_name(mut model: Sourced<String>) -> Sourced<String> {
    model.value = model.value.trim_start_matches("models/").to_owned();
    model
}

/// The same error with where the value stands that it complains about.
fn said_by(mut error: Error, source: &Source) -> Error {
    error.message = format!("{source}: {}", error.message);
    error
}

/// That two variables hold different keys, and which one counts.
fn rivals(provider: Option<&Sourced<String>>, providers: &Providers, env: &Environment) -> Option<String> {
    let provider = providers.find(&provider?.value)?;
    let (variable, other) = provider.keyring.purse.rival(env)?;
    let name = &provider.endpoint.name;
    let why = if name == "google" && provider.file.is_none() {
        ", as Google's own clients have it"
    } else {
        ", the first that is named"
    };
    Some(format!(
        "{variable} and {other} are both set and differ; {name} gets {variable}{why}"
    ))
}

pub(super) fn default_model(
    catalog: &Catalog,
    provider: &Sourced<String>,
    env: &Environment,
) -> Option<Sourced<String>> {
    let name = catalog.default_model(&provider.value, env.today())?;
    Some(Sourced::new(name.to_owned(), Source::Default))
}
