//! The folders of the program: as named, else by the XDG base directories, else where the platform has such things below
//! `$HOME`.

use std::path::{Path, PathBuf};

use super::environment::Bases;
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
    let folder = CONFIG.folder(env)?.value;
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
    let data = own.clone().or_else(|| below(env, &DATA)).ok_or_else(homeless)?;
    // A data folder of one's own brings its journal along: two stores must not recover each other's.
    let beside = |name: &str| {
        own.as_ref()
            .map(|data| Sourced::new(data.value.join(name), data.source.clone()))
    };
    let state = in_file(&file.state_dir)
        .or_else(|| beside("state"))
        .or_else(|| below(env, &STATE))
        .unwrap_or_else(|| inside(&data, "state"));
    let cache = in_file(&file.cache_dir)
        .or_else(|| below(env, &CACHE))
        .unwrap_or_else(|| inside(&data, "cache"));
    let default_state = below(env, &STATE).map(|state| state.value);
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

fn below(env: &Environment, base: &Base) -> Option<Sourced<PathBuf>> {
    let folder = base.folder(env)?;
    Some(Sourced::new(folder.value.join(NAME), folder.source))
}

/// A folder for what programs keep.
struct Base {
    variable: &'static str,
    /// The place below `$HOME` by the XDG specification.
    under_home: &'static str,
    /// The platform's own place.
    of_platform: fn(&Bases) -> Option<&PathBuf>,
}

const CONFIG: Base = Base {
    variable: "XDG_CONFIG_HOME",
    under_home: ".config",
    of_platform: |bases| Some(&bases.config),
};
const DATA: Base = Base {
    variable: "XDG_DATA_HOME",
    under_home: ".local/share",
    of_platform: |bases| Some(&bases.data),
};
const STATE: Base = Base {
    variable: "XDG_STATE_HOME",
    under_home: ".local/state",
    of_platform: |bases| bases.state.as_ref(),
};
const CACHE: Base = Base {
    variable: "XDG_CACHE_HOME",
    under_home: ".cache",
    of_platform: |bases| Some(&bases.cache),
};

impl Base {
    /// The XDG specification has relative paths ignored. Without `$HOME` nothing is below it, whatever the platform knows of
    /// the user.
    fn folder(&self, env: &Environment) -> Option<Sourced<PathBuf>> {
        let absolute = |name: &str| env.path(name).filter(|path| path.is_absolute());
        if let Some(folder) = absolute(self.variable) {
            return Some(Sourced::new(folder, Source::Environment(self.variable)));
        }
        let xdg = absolute("HOME")?.join(self.under_home);
        let platform = env.bases().and_then(|bases| (self.of_platform)(bases));
        // Earlier versions went by the specification everywhere: what they have left there stays in use.
        let left_there = |folder: &&PathBuf| {
            folder.as_path() != xdg && xdg.join(NAME).is_dir() && !folder.join(NAME).is_dir()
        };
        let folder = match platform {
            Some(folder) if !left_there(&folder) => folder.clone(),
            _ => xdg,
        };
        Some(Sourced::new(folder, Source::Default))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn the_platform_has_its_folders_where_the_specification_does() {
        let env = Environment::of_process("");
        assert!(env.bases().is_some());
        let spelled = Environment::new(std::env::vars_os(), "");
        for base in [CONFIG, DATA, STATE, CACHE] {
            assert_eq!(base.folder(&env), base.folder(&spelled), "{}", base.variable);
        }
    }

    #[test]
    fn without_a_home_there_is_no_folder_though_the_platform_knows_one() {
        let env = Environment::of_process("")
            .without("HOME")
            .without("XDG_DATA_HOME");
        assert_eq!(DATA.folder(&env), None);
    }

    #[test]
    fn a_platform_s_own_folder_is_used_unless_an_earlier_version_was_elsewhere() {
        let home = tempfile::tempdir().unwrap();
        let library = home.path().join("Library/Application Support");
        let bases = Bases {
            config: library.clone(),
            data: library.clone(),
            state: None,
            cache: home.path().join("Library/Caches"),
        };
        let env = Environment::new([("HOME", home.path())], "").with_bases(bases);
        let folder = |base: &Base| base.folder(&env).unwrap().value;
        assert_eq!(folder(&DATA), library);
        assert_eq!(folder(&STATE), home.path().join(".local/state"));
        std::fs::create_dir_all(home.path().join(".local/share/tintype")).unwrap();
        assert_eq!(folder(&DATA), home.path().join(".local/share"));
        assert_eq!(folder(&CONFIG), library);
        std::fs::create_dir_all(library.join("tintype")).unwrap();
        assert_eq!(folder(&DATA), library);
    }
}
