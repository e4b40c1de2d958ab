//! `.tintype.toml` of the folder that one works in, or of one above it. It may come with a repository that a stranger
//! wrote, so it says what a picture should be like and nothing else: no address, no key, no program, no folder outside.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use rustix::process::geteuid;
use serde::Deserialize;
use toml::Spanned;

use super::Environment;
use super::file::{line, mistake};
use crate::error::{Error, Kind, Result, reason};

const NAME: &str = ".tintype.toml";

/// Everything that such a file may say.
const ACCEPTED: [&str; 5] = ["model", "aspect_ratio", "size", "count", "prompt_folders"];

/// More is no settings.
const LONGEST: u64 = 256 * 1024;

/// The file as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Project {
    pub(super) model: Option<String>,
    pub(super) aspect_ratio: Option<String>,
    pub(super) size: Option<String>,
    pub(super) count: Option<i64>,
    pub(super) prompt_folders: Option<Vec<PathBuf>>,
}

/// The nearest file, with where it is. One of another user is not read, and a note says so.
pub(super) fn find(env: &Environment, notes: &mut Vec<String>) -> Result<Option<(PathBuf, Project)>> {
    let Some(folder) = env.folder() else {
        return Ok(None);
    };
    let home = env.path("HOME");
    for folder in folder.ancestors() {
        let path = folder.join(NAME);
        if let Ok(facts) = std::fs::metadata(&path) {
            if facts.uid() != geteuid().as_raw() {
                notes.push(format!(
                    "{} belongs to another user and is not read",
                    path.display()
                ));
                return Ok(None);
            }
            if facts.is_file() && facts.len() <= LONGEST {
                return read(&path, folder).map(|project| Some((path, project)));
            }
        }
        if home.as_deref() == Some(folder) {
            break;
        }
    }
    Ok(None)
}

fn read(path: &Path, folder: &Path) -> Result<Project> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let message = format!(
            "Cannot read the project's settings in {}: {}",
            path.display(),
            reason(&error)
        );
        Error::new(Kind::Usage, message).hint("Make it readable, or take it away")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let keys: BTreeMap<Spanned<String>, toml::Value> =
        toml::from_str(text).map_err(|error| mistake(path, text, &error))?;
    let mut strange: Vec<_> = keys
        .keys()
        .filter(|key| !ACCEPTED.contains(&key.get_ref().as_str()))
        .collect();
    strange.sort_by_key(|key| key.span().start);
    if let Some(key) = strange.first() {
        return Err(refusal(path, &line(text, key.span().start), key.get_ref()));
    }
    let mut project: Project = toml::from_str(text).map_err(|error| mistake(path, text, &error))?;
    for inside in project.prompt_folders.iter_mut().flatten() {
        let stays = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if !inside.components().all(stays) || inside.starts_with("~") {
            let message = format!(
                "{}: prompt_folders names {}, which is outside of the project",
                path.display(),
                inside.display()
            );
            return Err(Error::new(Kind::Usage, message)
                .hint("Name folders below that file; others belong into your own config.toml"));
        }
        *inside = folder.join(&inside);
    }
    Ok(project)
}

fn refusal(path: &Path, line: &str, key: &str) -> Error {
    let key = crate::domain::clean_line(key);
    let message = format!(
        "{}{line}: a project may not set \u{201c}{key}\u{201d}: a repository that somebody cloned must not be able to steal a key or run a program",
        path.display()
    );
    Error::new(Kind::Usage, message).hint(format!(
        "It may set {}; everything else belongs into your own config.toml",
        ACCEPTED.join(", ")
    ))
}
