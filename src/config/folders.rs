//! Where things are kept: as named, else by the XDG base directories, else below `$HOME`.

use std::path::{Path, PathBuf};

use super::file::File;
use super::{Environment, Flags, Source, Sourced};
use crate::error::{Error, Kind, Result};

/// The three folders, and where one of them was before it had a setting of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Sessions and pictures.
    pub data: Sourced<PathBuf>,
    /// Journal and log.
    pub state: Sourced<PathBuf>,
    /// Whatever may be deleted at any time.
    pub cache: Sourced<PathBuf>,
    /// The state folder of a data folder without settings of its own: one that got them later has left its journals there.
    pub default_state: Option<PathBuf>,
}

const NAME: &str = "tintype";
const DATA_DIR: &str = "TINTYPE_DATA_DIR";

pub(super) fn config_file(flags: &Flags, env: &Environment) -> Option<(PathBuf, bool)> {
    let named = flags.config.clone().or_else(|| env.path("TINTYPE_CONFIG"));
    if let Some(path) = named {
        return Some((path, true));
    }
    let folder = xdg(env, "XDG_CONFIG_HOME", ".config")?.value;
    Some((folder.join(NAME).join("config.toml"), false))
}

pub(super) fn folders(
    flags: &Flags,
    env: &Environment,
    file: &File,
    config: Option<&Path>,
) -> Result<Folders> {
    let in_file = |path: &Option<PathBuf>| {
        let (path, config) = (path.as_ref()?, config?);
        // A relative path in the file starts at the file, not wherever the program was started.
        let path = config.parent().unwrap_or(config).join(expand(path, env));
        Some(Sourced::new(absolute(path), Source::File(config.to_owned())))
    };
    let named = |path: Option<PathBuf>, source| path.map(|path| Sourced::new(absolute(path), source));
    let flag = named(flags.data_dir.clone(), Source::Flag("--data-dir"));
    let variable = named(env.path(DATA_DIR), Source::Environment(DATA_DIR));
    let own = flag.or(variable).or_else(|| in_file(&file.data_dir));
    let data = own
        .clone()
        .or_else(|| below(env, "XDG_DATA_HOME", ".local/share"))
        .ok_or_else(homeless)?;
    // A data folder of one's own brings its journal along: two stores must not recover each other's.
    let beside = |name: &str| {
        own.as_ref()
            .map(|data| Sourced::new(data.value.join(name), data.source.clone()))
    };
    let state = in_file(&file.state_dir)
        .or_else(|| beside("state"))
        .or_else(|| below(env, "XDG_STATE_HOME", ".local/state"))
        .unwrap_or_else(|| inside(&data, "state"));
    let cache = in_file(&file.cache_dir)
        .or_else(|| below(env, "XDG_CACHE_HOME", ".cache"))
        .unwrap_or_else(|| inside(&data, "cache"));
    let default_state = below(env, "XDG_STATE_HOME", ".local/state").map(|state| state.value);
    Ok(Folders {
        data,
        state,
        cache,
        default_state,
    })
}

/// Where a folder goes when neither XDG nor `$HOME` says it.
fn inside(data: &Sourced<PathBuf>, name: &str) -> Sourced<PathBuf> {
    Sourced::new(data.value.join(name), data.source.clone())
}

fn below(env: &Environment, variable: &'static str, under_home: &str) -> Option<Sourced<PathBuf>> {
    let folder = xdg(env, variable, under_home)?;
    Some(Sourced::new(folder.value.join(NAME), folder.source))
}

/// The XDG specification has relative paths ignored.
fn xdg(env: &Environment, variable: &'static str, under_home: &str) -> Option<Sourced<PathBuf>> {
    let absolute = |name: &str| env.path(name).filter(|path| path.is_absolute());
    match absolute(variable) {
        Some(folder) => Some(Sourced::new(folder, Source::Environment(variable))),
        None => absolute("HOME").map(|home| Sourced::new(home.join(under_home), Source::Default)),
    }
}

/// `~/` at the front of a path in the file, where no shell has expanded it.
pub(super) fn expand(path: &Path, env: &Environment) -> PathBuf {
    match (path.strip_prefix("~"), env.path("HOME")) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

fn homeless() -> Error {
    Error::new(
        Kind::Usage,
        "There is no folder to keep pictures in: HOME is not set",
    )
    .hint("Name one with --data-dir or TINTYPE_DATA_DIR, or set HOME or XDG_DATA_HOME")
}
