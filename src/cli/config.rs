//! `tintype config`: every setting with where it came from, the file they are in, and a file to begin with. It changes
//! no setting, and no key is printed.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::output;
use super::report::json;
use crate::config::{self, Settings};
use crate::domain::clean_line;
use crate::error::{Error, Kind, Result};

#[derive(Serialize)]
struct Report<'a> {
    config_file: Option<&'a Path>,
    project_file: Option<&'a Path>,
    settings: Vec<Row<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    value: Option<&'a str>,
    source: &'a str,
}

/// Prints every setting with its value and its source.
pub fn show(settings: &Settings, as_json: bool) -> u8 {
    let shown = settings.shown();
    if as_json {
        let rows = shown.iter().map(|row| Row {
            name: &row.name,
            value: row.value.as_deref(),
            source: &row.source,
        });
        output::json(&json(&Report {
            config_file: settings.config_file.as_deref(),
            project_file: settings.project_file.as_deref(),
            settings: rows.collect(),
            notes: &settings.notes,
        }));
        return 0;
    }
    let names = shown.iter().map(|row| row.name.chars().count()).max();
    let names = names.unwrap_or_default();
    for row in &shown {
        let (name, source) = (&row.name, &row.source);
        output::line(&match &row.value {
            Some(value) => format!("{name:names$}  {}  ({source})", clean_line(value)),
            None => format!("{name:names$}  \u{2013}  ({source})"),
        });
    }
    let dearer = settings.dearer(None).map(|dearer| dearer.says(1));
    for note in settings.notes.iter().chain(&dearer) {
        output::note(note);
    }
    0
}

/// Prints the file that is, or would be, read.
pub fn path(file: Option<PathBuf>) -> Result<u8> {
    let file = file.ok_or_else(homeless)?;
    output::path(&file);
    Ok(0)
}

/// Writes a file to begin with.
pub fn init(file: Option<PathBuf>) -> Result<u8> {
    let file = file.ok_or_else(homeless)?;
    config::init(&file)?;
    output::path(&file);
    output::note("Every setting in it is commented out: take the # away from those that you want");
    Ok(0)
}

fn homeless() -> Error {
    Error::new(
        Kind::Usage,
        "There is no folder for a settings file: HOME is not set",
    )
    .hint("Name a file with --config or TINTYPE_CONFIG")
}
