//! `tintype providers`: which there are, which have a key and from where; with `--check`, what they say to it. The list
//! of models is asked for, which is free, and nothing else. No key is printed.

use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;

use super::args::Providers as Args;
use super::output;
use super::prose::{counted, paragraph};
use super::report::json;
use crate::config::{KeyState, Listed, Settings};
use crate::domain::{Secret, clean_line};
use crate::error::{Error, Kind, Result};
use crate::provider::base_address::MODELS_PATH;
use crate::provider::capability::Spelling;
use crate::provider::endpoint::{Auth, Endpoint};

/// Longer than a list of models takes anywhere.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a provider said to its key.
struct Answer {
    /// How many models it lists.
    listed: usize,
    /// Those of them that the catalogue knows.
    known: Vec<String>,
}

type Checked = Option<Result<Answer>>;

/// Prints every provider, or the one that is named. `ask` asks one for its models.
pub async fn run(
    settings: &Settings,
    only: Option<&str>,
    args: &Args,
    ask: impl AsyncFn(&Endpoint, Option<&Secret>) -> Result<Vec<String>>,
) -> Result<u8> {
    let only = match only {
        Some(name) => Some(&settings.providers.lookup(name)?.endpoint.name),
        None => None,
    };
    let mut listed = settings.listed();
    listed.retain(|provider| only.is_none_or(|name| *name == provider.endpoint.name));
    let checked: Vec<Checked> = if args.check {
        check(settings, &listed, only.is_some(), ask).await
    } else {
        listed.iter().map(|_| None).collect()
    };
    let rows = || listed.iter().zip(&checked);
    if args.table.json {
        let rows: Vec<_> = rows()
            .map(|(provider, checked)| Row::new(settings, provider, checked.as_ref()))
            .collect();
        output::json(&json(&rows));
    } else {
        for (provider, checked) in rows() {
            print(settings, provider, checked.as_ref());
        }
    }
    if args.check && checked.iter().all(Option::is_none) {
        output::note("No provider has a key, so nobody was asked");
    }
    let failed = checked
        .iter()
        .flatten()
        .find_map(|checked| checked.as_ref().err());
    Ok(failed.map_or(0, Error::exit_code))
}

/// Asks all that can be asked, at the same time.
async fn check(
    settings: &Settings,
    listed: &[Listed],
    named: bool,
    ask: impl AsyncFn(&Endpoint, Option<&Secret>) -> Result<Vec<String>>,
) -> Vec<Checked> {
    // Keys first, one after the other: a command may ask its user something.
    let routes: Vec<_> = listed
        .iter()
        .map(|provider| askable(provider, named).then(|| settings.route_of(&provider.endpoint.name)))
        .collect();
    let ask = &ask;
    let answers = routes.into_iter().map(async |route| {
        let answer = match route? {
            Ok((endpoint, _)) if endpoint.base_url.is_empty() => Err(nobody()),
            Ok((endpoint, key)) => patiently(&endpoint, ask(&endpoint, key.as_ref())).await,
            Err(error) => Err(error),
        };
        Some(answer)
    });
    let answers = join_all(answers).await;
    let known = |provider: &Listed, models: Vec<String>| Answer {
        listed: models.len(),
        known: settings
            .catalog
            .models(&provider.endpoint.name)
            .map(|row| row.name.clone())
            .filter(|name| models.contains(name))
            .collect(),
    };
    let both = listed.iter().zip(answers);
    both.map(|(provider, answer)| Some(answer?.map(|models| known(provider, models))))
        .collect()
}

/// Whether it can be asked at all; one that somebody named is asked in any case, for the error says what is missing.
fn askable(provider: &Listed, named: bool) -> bool {
    let endpoint = &provider.endpoint;
    match provider.key {
        _ if named => true,
        KeyState::Set(_) => true,
        KeyState::NotNeeded => !endpoint.base_url.is_empty(),
        KeyState::Missing(_) => endpoint.is_loopback(),
    }
}

fn nobody() -> Error {
    Error::new(
        Kind::Usage,
        "The demo runs inside tintype: there is nobody to ask",
    )
    .hint("`tintype models -p demo` lists its models")
}

async fn patiently(
    endpoint: &Endpoint,
    asked: impl Future<Output = Result<Vec<String>>>,
) -> Result<Vec<String>> {
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    answer.unwrap_or_else(|_late| {
        let (host, seconds) = (endpoint.host(), PATIENCE.as_secs());
        let message = format!("{host} did not answer within {seconds} s");
        Err(Error::new(Kind::Timeout, message).hint("Check the network, and the proxy if you use one"))
    })
}

fn print(settings: &Settings, provider: &Listed, checked: Option<&Result<Answer>>) {
    let endpoint = &provider.endpoint;
    let address = if endpoint.base_url.is_empty() {
        "inside tintype".to_owned()
    } else {
        endpoint.display_base()
    };
    let used = if provider.chosen { "  (in use)" } else { "" };
    output::line(&format!("{:<10} {address}{used}", endpoint.name));
    let mut facts = vec![key(provider)];
    facts.push(
        if endpoint.stream {
            "streams"
        } else {
            "does not stream"
        }
        .to_owned(),
    );
    facts.push(counted(models(settings, endpoint), "model"));
    if settings.catalog.inline_data(&endpoint.name) == Spelling::Snake {
        facts.push("images as inline_data".to_owned());
    }
    if endpoint.models_path != MODELS_PATH {
        facts.push(format!("models at {}", endpoint.models_path));
    }
    if let Some(file) = &provider.file {
        facts.push(format!("as {} has it", file.display()));
    }
    let mut told = vec![facts.join(" \u{b7} ")];
    told.extend((!endpoint.hint.is_empty()).then(|| endpoint.hint.clone()));
    told.extend(settings.key_note(&endpoint.name));
    match checked {
        Some(Ok(answer)) => told.push(accepted(provider, answer)),
        Some(Err(error)) => {
            told.push(clean_line(&format!("{error} ({})", error.kind)));
            told.push(error.hint.clone());
        }
        None => {}
    }
    for line in told.iter().flat_map(|text| paragraph(11, text)) {
        output::line(&line);
    }
}

fn key(provider: &Listed) -> String {
    let carried = match provider.endpoint.auth {
        Auth::Query => "in the query",
        Auth::XGoogApiKey => "as x-goog-api-key",
        Auth::Bearer => "as a bearer token",
        Auth::None => "",
    };
    match &provider.key {
        KeyState::NotNeeded => "no key needed".to_owned(),
        KeyState::Set(place) => format!("key from {place}, sent {carried}"),
        KeyState::Missing(variables) => format!("no key: set {}", variables.join(" or ")),
    }
}

fn accepted(provider: &Listed, answer: &Answer) -> String {
    let key = match provider.key {
        KeyState::Set(_) => "Key accepted",
        _ => "It answers",
    };
    let listed = counted(answer.listed, "model");
    match answer.known.as_slice() {
        [] => format!("{key}, {listed}, none of them known here"),
        known => format!(
            "{key}, {listed}, {} of them known here: {}",
            known.len(),
            known.join(" ")
        ),
    }
}

fn models(settings: &Settings, endpoint: &Endpoint) -> usize {
    settings.catalog.models(&endpoint.name).count()
}

#[derive(Serialize)]
struct Row<'a> {
    provider: &'a str,
    base_url: String,
    models_path: &'a str,
    inline_data: Spelling,
    auth: &'a str,
    key: Key<'a>,
    stream: bool,
    models: usize,
    in_use: bool,
    hint: &'a str,
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<Outcome<'a>>,
}

#[derive(Serialize)]
struct Key<'a> {
    state: &'static str,
    from: Option<String>,
    variables: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

#[derive(Serialize)]
struct Outcome<'a> {
    ok: bool,
    models: Option<usize>,
    known: &'a [String],
    error: Option<Failure<'a>>,
}

#[derive(Serialize)]
struct Failure<'a> {
    kind: Kind,
    message: String,
    hint: &'a str,
    http_status: Option<u16>,
}

impl<'a> Row<'a> {
    fn new(settings: &Settings, provider: &'a Listed, checked: Option<&'a Result<Answer>>) -> Self {
        let endpoint = &provider.endpoint;
        let (state, from) = match &provider.key {
            KeyState::NotNeeded => ("not_needed", None),
            KeyState::Set(place) => ("set", Some(place.to_string())),
            KeyState::Missing(_) => ("missing", None),
        };
        Self {
            provider: &endpoint.name,
            base_url: endpoint.display_base(),
            models_path: &endpoint.models_path,
            inline_data: settings.catalog.inline_data(&endpoint.name),
            auth: endpoint.auth.as_str(),
            key: Key {
                state,
                from,
                variables: &endpoint.key_env,
                note: settings.key_note(&endpoint.name),
            },
            stream: endpoint.stream,
            models: models(settings, endpoint),
            in_use: provider.chosen,
            hint: &endpoint.hint,
            file: provider.file.as_ref().map(|path| path.display().to_string()),
            check: checked.map(Outcome::new),
        }
    }
}

impl<'a> Outcome<'a> {
    fn new(checked: &'a Result<Answer>) -> Self {
        match checked {
            Ok(answer) => Self {
                ok: true,
                models: Some(answer.listed),
                known: &answer.known,
                error: None,
            },
            Err(error) => Self {
                ok: false,
                models: None,
                known: &[],
                error: Some(Failure {
                    kind: error.kind,
                    message: error.to_string(),
                    hint: &error.hint,
                    http_status: error.http_status,
                }),
            },
        }
    }
}
