//! `tintype doctor`: what there is to know before somebody asks for help, one finding a line, with what to do where
//! something is to be done. It asks the terminal, the folders and the store; it asks no provider, and nothing costs.

mod places;
mod terminal;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::output;
use super::report::json;
use crate::config::{Environment, KeyState, Place, Settings};
use crate::domain::clean_line;
use crate::error::{Error, Result};
use crate::tty::probe::Hints;

/// How things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    /// It works, and could be better.
    Notice,
    /// Something does not work.
    Broken,
}

/// One line of the examination.
#[derive(Debug, Serialize)]
struct Finding {
    section: &'static str,
    name: String,
    state: State,
    says: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    /// The file or folder that it names.
    #[serde(skip)]
    path: Option<PathBuf>,
}

impl Finding {
    fn new(section: &'static str, name: impl Into<String>, says: impl Into<String>) -> Self {
        Self {
            section,
            name: name.into(),
            state: State::Ok,
            says: says.into(),
            advice: None,
            path: None,
        }
    }

    /// This path is in what it says.
    fn names(self, path: &Path) -> Self {
        Self {
            path: Some(path.to_owned()),
            ..self
        }
    }

    /// It could be better, so.
    fn notice(self, advice: impl Into<String>) -> Self {
        Self {
            state: State::Notice,
            advice: Some(advice.into()),
            ..self
        }
    }

    /// It does not work; this may help.
    fn broken(self, advice: impl Into<String>) -> Self {
        Self {
            state: State::Broken,
            advice: Some(advice.into()),
            ..self
        }
    }

    fn failed(section: &'static str, name: &str, error: &Error) -> Self {
        Self::new(section, name, error.to_string()).broken(error.hint.clone())
    }
}

/// What is examined.
pub struct Patient<'a> {
    /// Why there are none, where they cannot be read.
    pub settings: Result<Settings>,
    pub environment: &'a Environment,
    pub hints: Hints,
    /// How many colours are used, before the terminal says anything.
    pub colours: &'static str,
}

/// Examines everything and says what was found; 1 where something is broken.
pub fn run(patient: &Patient<'_>, as_json: bool) -> u8 {
    let mut findings = terminal::look(patient);
    match &patient.settings {
        Ok(settings) => {
            findings.extend(keys(settings));
            findings.extend(places::look(settings, patient.environment));
        }
        Err(error) => findings.push(Finding::failed("settings", "file", error)),
    }
    if as_json {
        output::json(&json(&serde_json::json!({
            "version": env!("CARGO_PKG_VERSION"),
            "findings": findings,
        })));
    } else {
        print(&findings);
    }
    u8::from(findings.iter().any(|finding| finding.state == State::Broken))
}

fn print(findings: &[Finding]) {
    output::line(&format!("tintype {}", env!("CARGO_PKG_VERSION")));
    let widest = findings
        .iter()
        .map(|finding| finding.name.len())
        .max()
        .unwrap_or(0);
    let mut section = "";
    for finding in findings {
        if finding.section != section {
            section = finding.section;
            output::line(&format!("\n{section}"));
        }
        let mark = match finding.state {
            State::Ok => ' ',
            State::Notice => '-',
            State::Broken => '!',
        };
        let start = format!("{mark} {:widest$}  ", clean_line(&finding.name));
        match &finding.path {
            Some(path) => output::line_with_path(&start, &finding.says, path),
            None => output::line(&format!("{start}{}", clean_line(&finding.says))),
        }
        if let Some(advice) = finding.advice.as_deref().filter(|advice| !advice.is_empty()) {
            output::line(&format!("  {:widest$}  {}", "", clean_line(advice)));
        }
    }
}

/// Which providers have a key, and where it is; the keys themselves are not fetched.
fn keys(settings: &Settings) -> Vec<Finding> {
    let listed = settings.listed();
    let usable = |state: &KeyState| matches!(state, KeyState::Set(_));
    let any = listed.iter().any(|provider| usable(&provider.key));
    listed
        .into_iter()
        .map(|provider| {
            let chosen = if provider.chosen { " (in use)" } else { "" };
            let name = provider.endpoint.name.clone();
            match provider.key {
                KeyState::NotNeeded => Finding::new("keys", name, format!("needs none{chosen}")),
                KeyState::Set(place) => {
                    let finding = Finding::new("keys", name, format!("{place}{chosen}"));
                    let finding = match &place {
                        Place::File(path) => finding.names(path),
                        Place::Variable(_) | Place::Command(_) => finding,
                    };
                    match settings.key_note(&provider.endpoint.name) {
                        Some(note) => finding.notice(note),
                        None => finding,
                    }
                }
                KeyState::Missing(variables) => {
                    let finding = Finding::new("keys", name, format!("no key{chosen}"));
                    if any && !provider.chosen {
                        finding
                    } else {
                        finding.notice(format!("Set {}", variables.join(" or ")))
                    }
                }
            }
        })
        .collect()
}
