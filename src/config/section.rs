//! `[providers.NAME]` of the user's `config.toml`: how it is written, and the provider that it makes. Every mistake in it
//! is told with the file and the section.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::environment::Environment;
use super::folders::expand;
use super::keys::{Keyring, Purse};
use super::models::{self, Price, Row};
use super::providers::Provider;
use super::{command, file, plain};
use crate::error::{Error, Kind, Result};
use crate::provider::base_address::{Address, MODELS_PATH, normalise_base, normalise_path};
use crate::provider::capability::{Capability, PicturePrice, Spelling, Terms};
use crate::provider::endpoint::{Auth, Endpoint};

/// `[providers.NAME]` as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    base_url: Option<String>,
    models_path: Option<String>,
    auth: Option<String>,
    api_key_env: Option<Words>,
    api_key_command: Option<Words>,
    api_key_file: Option<PathBuf>,
    stream: Option<bool>,
    inline_data: Option<String>,
    request_limit_mb: Option<f64>,
    hint: Option<String>,
    allow_http: Option<bool>,
    price_per_picture: Option<Price>,
    models: Option<Vec<Row>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a string or a list of strings")]
enum Words {
    One(String),
    Many(Vec<String>),
}

/// A section's whereabouts: what its mistakes are told with.
pub(super) struct Spot<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a Path,
    pub(super) env: &'a Environment,
    /// True if plain http will do, whatever the section says.
    pub(super) allow_http: bool,
}

impl Spot<'_> {
    pub(super) fn error(&self, what: &str, hint: &str) -> Error {
        let message = format!("{}: [providers.{}] {what}", self.path.display(), self.name);
        Error::new(Kind::Usage, message).hint(hint)
    }

    /// What the section says, on top of what was known before: the provider, what holds for its models, and their rows.
    pub(super) fn provider(
        &self,
        section: Section,
        before: Option<Provider>,
    ) -> Result<(Provider, Terms, Vec<Capability>)> {
        self.check_name()?;
        let builtin = before.is_some();
        let mut endpoint = match before {
            Some(provider) => provider.endpoint,
            None => self.blank(),
        };
        let allow_http = self.allow_http || section.allow_http.unwrap_or(false);
        if let Some(path) = &section.models_path {
            endpoint.models_path = self.models_path(path)?;
        }
        match &section.base_url {
            Some(base) => {
                let address = self.base(base, &endpoint.models_path, allow_http)?;
                endpoint.base_url = address.base;
                endpoint.query = address.query;
            }
            None if builtin => {}
            None => {
                return Err(self.error(
                    "names no base_url, and tintype knows no provider of that name",
                    "Add base_url = \"https://…\", the address of the relay",
                ));
            }
        }
        if let Some(auth) = &section.auth {
            endpoint.auth = Auth::named(auth).ok_or_else(|| {
                self.error(
                    &format!("has auth = \u{201c}{auth}\u{201d}, which is no way to carry a key"),
                    "Choose one of query, x-goog-api-key, bearer, none",
                )
            })?;
        }
        endpoint.stream = section.stream.unwrap_or(endpoint.stream);
        if let Some(hint) = &section.hint {
            endpoint.hint = crate::domain::clean_line(hint);
        }
        let purse = self.purse(&section, &mut endpoint)?;
        let terms = self.terms(&section)?;
        let rows = match section.models {
            Some(rows) => models::rows(&endpoint.name, rows, &terms),
            None if builtin => Ok(Vec::new()),
            None => Ok(models::assumed(&endpoint.name, &terms)),
        };
        let rows = rows.map_err(|(what, hint)| self.error(&what, &hint))?;
        let provider = Provider {
            endpoint,
            file: Some(self.path.to_owned()),
            allow_http,
            keyring: Keyring::new(purse),
        };
        Ok((provider, terms, rows))
    }

    /// The name is typed after `-p` and stands in tables and messages.
    fn check_name(&self) -> Result<()> {
        if self.name.eq_ignore_ascii_case("demo") {
            return Err(self.error(
                "cannot change the demo, which runs inside tintype",
                "Give the provider another name",
            ));
        }
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        let plain = !self.name.is_empty() && self.name.len() <= 32 && self.name.chars().all(fits);
        if plain && !self.name.starts_with('-') {
            return Ok(());
        }
        Err(self.error(
            "has a name that is not a short word",
            "Use up to 32 letters, digits, dots, - and _",
        ))
    }

    fn blank(&self) -> Endpoint {
        let letters = self.name.chars().map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '_'
            }
        });
        Endpoint {
            name: self.name.to_owned(),
            base_url: String::new(),
            query: None,
            models_path: MODELS_PATH.to_owned(),
            // Every gateway of the native API takes it, and a header lands in fewer logs than a query does.
            auth: Auth::XGoogApiKey,
            stream: true,
            key_env: vec![letters.chain("_API_KEY".chars()).collect()],
            hint: String::new(),
        }
    }

    fn models_path(&self, path: &str) -> Result<String> {
        normalise_path(path).map_err(|why| {
            self.error(
                &format!("has a models_path that {why}"),
                "Write it as a path below base_url, such as \"/v1/publishers/google/models\"",
            )
        })
    }

    fn base(&self, pasted: &str, models_path: &str, allow_http: bool) -> Result<Address> {
        normalise_base(pasted, models_path, allow_http).map_err(|error| {
            let mut error = plain::with_ways(error, Some(self.name), Some(self.path));
            error.message = format!(
                "{}: [providers.{}]: {}",
                self.path.display(),
                self.name,
                error.message
            );
            error
        })
    }

    fn purse(&self, section: &Section, endpoint: &mut Endpoint) -> Result<Purse> {
        let ways = [
            section.api_key_env.is_some(),
            section.api_key_command.is_some(),
            section.api_key_file.is_some(),
        ];
        let given = ways.iter().filter(|given| **given).count();
        if given > 1 {
            return Err(self.error(
                "says in more than one way where the key is",
                "Keep one of api_key_env, api_key_command, api_key_file",
            ));
        }
        if given == 1 && endpoint.auth == Auth::None {
            return Err(self.error(
                "names a key, and auth = \"none\" sends none",
                "Leave one of the two out",
            ));
        }
        if let Some(words) = &section.api_key_command {
            return self.command(words);
        }
        if let Some(path) = &section.api_key_file {
            let folder = self.path.parent().unwrap_or(self.path);
            return Ok(Purse::File(folder.join(expand(path, self.env))));
        }
        if let Some(names) = &section.api_key_env {
            endpoint.key_env = self.variables(names)?;
        }
        Ok(Purse::Variables(endpoint.key_env.clone()))
    }

    fn variables(&self, names: &Words) -> Result<Vec<String>> {
        let names = match names {
            Words::One(name) => vec![name.trim().to_owned()],
            Words::Many(names) => names.iter().map(|name| name.trim().to_owned()).collect(),
        };
        let fits = |name: &String| {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            !name.is_empty()
                && name.chars().all(plain)
                && !name.starts_with(|letter: char| letter.is_ascii_digit())
        };
        if names.is_empty() || !names.iter().all(fits) {
            // What stands there may be the key itself: it is not repeated.
            return Err(self.error(
                "has an api_key_env that is no name of a variable",
                "Name the variable that holds the key, such as RELAY_API_KEY; the key itself does not belong into this file",
            ));
        }
        Ok(names)
    }

    fn command(&self, words: &Words) -> Result<Purse> {
        let words = match words {
            Words::One(line) => command::split(line),
            Words::Many(words) => Ok(words.clone()),
        };
        let refuse = |why: &str| {
            self.error(
                &format!("has an api_key_command that {why}"),
                "Write it as a list of words, such as [\"pass\", \"show\", \"relay\"]",
            )
        };
        let mut words = words.map_err(|why| refuse(&why))?;
        match words.first_mut() {
            Some(program) if !program.trim().is_empty() => {
                *program = command::program(program.trim(), self.env.path("HOME"), self.path);
            }
            _ => return Err(refuse("names no program")),
        }
        Ok(Purse::Command {
            words,
            file: self.path.to_owned(),
        })
    }

    fn spelling(&self, section: &Section) -> Result<Option<Spelling>> {
        let Some(name) = &section.inline_data else {
            return Ok(None);
        };
        let spelling = Spelling::named(name).ok_or_else(|| {
            self.error(
                &format!("has inline_data = \u{201c}{name}\u{201d}, which is no spelling of it"),
                "Choose camel (inlineData) or snake (inline_data)",
            )
        })?;
        Ok(Some(spelling))
    }

    fn terms(&self, section: &Section) -> Result<Terms> {
        let limit = section.request_limit_mb;
        if let Some(limit) = limit.filter(|limit| !(0.1..=2000.0).contains(limit)) {
            return Err(self.error(
                &format!("has request_limit_mb = {limit}, which is no size of a request"),
                "Give megabytes, from 0.1 to 2000",
            ));
        }
        let price = section.price_per_picture.as_ref().map(models::price).transpose();
        let picture: Option<PicturePrice> = price.map_err(|(what, hint)| self.error(&what, &hint))?;
        Ok(Terms {
            picture,
            stream: section.stream,
            request_limit: limit.map(file::megabytes),
            inline_data: self.spelling(section)?,
        })
    }
}
