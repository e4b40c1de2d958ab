//! `session.json`: a session that has left the store, and what is asked of one that wants to come in. It opens no file.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::{Part, Session, Signature, Turn, TurnId};

pub(super) const FORMAT: &str = "tintype session";
pub(super) const VERSION: u32 = 1;
pub(super) const NAME: &str = "session.json";

/// Above what anybody makes, below what would fill a machine.
const MOST_TURNS: usize = 10_000;
const MOST_FILES: usize = 20_000;
const LARGEST_FILE: u64 = 512 << 20;
const LARGEST_SUM: u64 = 32 << 30;
const LARGEST_SIDE: u32 = 1_000_000;
/// The year 9999.
const LATEST_MS: i64 = 253_402_300_799_000;

/// All of a session; paths are relative to its folder and use `/`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: String,
    pub(super) version: u32,
    /// The version of the program that wrote it.
    pub(super) tintype: String,
    pub(super) session: Session,
    pub(super) files: Vec<Entry>,
}

/// A file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) path: String,
    /// Length and SHA-256 of the bytes as they are in the store.
    pub(super) bytes: u64,
    pub(super) sha256: String,
    /// So many bytes of text were added to the copy, at [`super::export::EMBED_AT`].
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) embedded: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What tells a manifest from any other JSON, before the rest of it is believed.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// Reads a manifest and checks all that can be checked without its files. The error is the end of a sentence.
pub(super) fn read(json: &[u8]) -> Result<Manifest, String> {
    let damaged = |error: serde_json::Error| format!("it is not an export of tintype, or damaged: {error}");
    let head: Head = serde_json::from_slice(json).map_err(damaged)?;
    if head.format != FORMAT {
        return Err("it is not an export of tintype".to_owned());
    }
    if head.version != VERSION {
        let version = head.version;
        return Err(format!(
            "it is of version {version}, and this tintype reads version {VERSION}"
        ));
    }
    let manifest: Manifest = serde_json::from_slice(json).map_err(damaged)?;
    manifest.check()?;
    Ok(manifest)
}

impl Manifest {
    /// The entries by their paths.
    pub(super) fn entries(&self) -> HashMap<&str, &Entry> {
        let pair = |entry| -> (&str, &Entry) { (Entry::path(entry), entry) };
        self.files.iter().map(pair).collect()
    }

    fn check(&self) -> Result<(), String> {
        let Session { id, turns, .. } = &self.session;
        if turns.len() > MOST_TURNS || self.files.len() > MOST_FILES {
            return Err(format!(
                "it has more than {MOST_TURNS} turns or {MOST_FILES} files"
            ));
        }
        let times = [self.session.created_ms, self.session.updated_ms];
        if !is_id(id.as_str()) || !times.into_iter().all(is_time) {
            return Err("the name or the time of its session is not one".to_owned());
        }
        self.check_files()?;
        let entries = self.entries();
        let mut numbers: HashMap<&TurnId, u32> = HashMap::new();
        let mut taken = HashSet::new();
        let mut named = HashSet::new();
        for turn in turns {
            let number = turn.number;
            check_turn(turn).map_err(|why| format!("turn {number} {why}"))?;
            let twice = numbers.insert(&turn.id, number).is_some() || !taken.insert(number);
            if twice || turn.session != *id {
                return Err(format!("turn {number} is there twice or of another session"));
            }
            let parent = turn.parent.as_ref();
            let is_older = |parent| numbers.get(parent).is_some_and(|older| *older < number);
            if parent.is_some_and(|parent| !is_older(parent)) {
                return Err(format!(
                    "turn {number} grows from one that does not come before it"
                ));
            }
            let listed = |path: &&PathBuf| path.to_str().is_some_and(|path| entries.contains_key(path));
            if let Some(path) = files_of(turn).find(|path| !listed(path)) {
                return Err(format!("it does not list {}", path.display()));
            }
            // Each would be copied as often as it is named; references are kept once.
            if let Some(path) = made_files_of(turn).find(|path| !named.insert(*path)) {
                return Err(format!("it names {} more than once", path.display()));
            }
        }
        Ok(())
    }

    fn check_files(&self) -> Result<(), String> {
        let mut sum = 0_u64;
        let mut paths = HashSet::new();
        for entry in &self.files {
            let path = &entry.path;
            if !is_inside(path) {
                return Err(format!(
                    "it names \u{201c}{path}\u{201d}, which is not a file of its folder"
                ));
            }
            if !paths.insert(path) {
                return Err(format!("it lists {path} twice"));
            }
            sum = sum.saturating_add(entry.bytes).saturating_add(entry.embedded);
            if entry.bytes > LARGEST_FILE || entry.embedded > LARGEST_FILE || sum > LARGEST_SUM {
                return Err(format!("{path} is larger than any picture"));
            }
            let hash = entry.sha256.as_bytes();
            if hash.len() != 64 || !hash.iter().all(u8::is_ascii_hexdigit) {
                return Err(format!("the hash of {path} is not one"));
            }
        }
        Ok(())
    }
}

impl Entry {
    fn path(&self) -> &str {
        &self.path
    }
}

fn check_turn(turn: &Turn) -> Result<(), &'static str> {
    let is_side = |side: u32| side <= LARGEST_SIDE;
    if turn.number == 0 || turn.number > u32::MAX / 2 || !is_id(turn.id.as_str()) || !is_time(turn.created_ms)
    {
        return Err("has a number, a name or a time that is not one");
    }
    if !turn
        .images
        .iter()
        .all(|image| is_side(image.width) && is_side(image.height))
    {
        return Err("has a picture of an absurd size");
    }
    if turn.cost.is_some_and(|cost| !(0.0..=1e6).contains(&cost.usd)) {
        return Err("has an absurd cost");
    }
    let missing = |part: &Part| matches!(part, Part::Image { image, .. } if *image >= turn.images.len());
    if turn.parts.iter().any(missing) {
        return Err("names a picture that it does not have");
    }
    Ok(())
}

/// Every file that a turn names.
pub(super) fn files_of(turn: &Turn) -> impl Iterator<Item = &PathBuf> {
    let references = turn.request.references.iter();
    references
        .map(|reference| &reference.path)
        .chain(made_files_of(turn))
}

/// Its pictures and signatures.
fn made_files_of(turn: &Turn) -> impl Iterator<Item = &PathBuf> {
    let images = turn.images.iter().map(|image| &image.path);
    let signatures = turn.parts.iter().filter_map(|part| match part {
        Part::Text { signature, .. } | Part::Image { signature, .. } => match signature {
            Some(Signature::File { path, .. }) => Some(path),
            _ => None,
        },
    });
    images.chain(signatures)
}

/// A plain path below the folder: no root, no `.` or `..`, nothing that is not a name.
fn is_inside(path: &str) -> bool {
    let components: Vec<Component<'_>> = Path::new(path).components().collect();
    let plain = components.iter().all(|part| matches!(part, Component::Normal(_)));
    let written = components
        .iter()
        .map(|part| part.as_os_str().len() + 1)
        .sum::<usize>();
    plain
        && (1..=4).contains(&components.len())
        && path.len() <= 512
        && written == path.len() + 1
        && !path.chars().any(char::is_control)
}

fn is_id(id: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    id.len() == 15 && id.bytes().all(fits)
}

fn is_time(ms: i64) -> bool {
    (0..=LATEST_MS).contains(&ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_folder() {
        for path in ["01-fox.png", "references/ab.png", "a/b/c/d"] {
            assert!(is_inside(path), "{path}");
        }
        for path in [
            "",
            "/etc/passwd",
            "..",
            "../a",
            "a/../b",
            "./a",
            "a/./b",
            "a//b",
            "a/",
            "a\0b",
            "a/b/c/d/e",
            "a\nb",
        ] {
            assert!(!is_inside(path), "{path:?}");
        }
    }
}
