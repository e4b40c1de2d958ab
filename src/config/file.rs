//! The user's `config.toml`. It is read here, never written; a mistake in it is one sentence with its line.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::section::Section;
use crate::error::{Error, Kind, Result, reason};

/// The file as it is written; everything in it may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) aspect_ratio: Option<String>,
    pub(super) size: Option<String>,
    pub(super) count: Option<i64>,
    pub(super) thinking: Option<String>,
    pub(super) output: Option<String>,
    pub(super) retries: Option<i64>,
    pub(super) timeout: Option<i64>,
    pub(super) finish_within: Option<i64>,
    pub(super) max_cost: Option<f64>,
    pub(super) daily_limit: Option<f64>,
    pub(super) prompt_folders: Option<Vec<PathBuf>>,
    pub(super) data_dir: Option<PathBuf>,
    pub(super) state_dir: Option<PathBuf>,
    pub(super) cache_dir: Option<PathBuf>,
    pub(super) preview: Option<String>,
    pub(super) notify: Option<bool>,
    pub(super) progress: Option<bool>,
    pub(super) links: Option<bool>,
    pub(super) keep_metadata: Option<bool>,
    providers: Option<BTreeMap<String, Spanned<Section>>>,
}

impl File {
    /// The sections `[providers.NAME]`, in the order of the file.
    pub(super) fn sections(&mut self) -> Vec<(String, Section)> {
        let mut sections: Vec<_> = self.providers.take().into_iter().flatten().collect();
        sections.sort_by_key(|(_, section)| section.span().start);
        sections
            .into_iter()
            .map(|(name, section)| (name, section.into_inner()))
            .collect()
    }
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

/// What is wrong with a file of settings, with its line.
pub(super) fn mistake(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let line = error.span().map(|span| line(text, span.start));
    let what = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    let message = format!("{}{}: {what}", path.display(), line.unwrap_or_default());
    Error::new(Kind::Usage, message).hint("Correct that line; nothing was changed or lost")
}

/// `, line 3`.
pub(super) fn line(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    format!(", line {}", before.matches('\n').count() + 1)
}

/// Megabytes in bytes.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a limit that was checked to be small and positive"
)]
pub(super) fn megabytes(number: f64) -> u64 {
    (number * 1e6) as u64
}
