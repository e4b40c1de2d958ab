//! The user's `config.toml`. It is read, never written; a mistake in it is one sentence with its line.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::{Error, Kind, Result, reason};

/// The file as it is written; everything in it may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) state_dir: Option<PathBuf>,
    pub(super) cache_dir: Option<PathBuf>,
    pub(super) preview: Option<String>,
}

/// Reads the file. One that is not there is empty, unless somebody named it.
pub(super) fn read(path: &Path, named: bool) -> Result<File> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => return Ok(File::default()),
        Err(error) => {
            let message = format!(
                "Cannot read the settings in {}: {}",
                path.display(),
                reason(&error)
            );
            return Err(Error::new(Kind::Usage, message)
                .hint("Name another file with --config or TINTYPE_CONFIG, or make this one readable"));
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    toml::from_str(text).map_err(|error| mistake(path, text, &error))
}

fn mistake(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| format!(", line {}", before.matches('\n').count() + 1));
    let what = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    let message = format!("{}{}: {what}", path.display(), line.unwrap_or_default());
    Error::new(Kind::Usage, message).hint("Correct that line; nothing was changed or lost")
}
