//! Remembers what a user has been told and needs to hear once only: an empty file for each such word, in the state folder.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::store;

/// Returns whether this is to be told now: it never was before, as far as the folder `state` knows. Where nothing can be
/// remembered it is told.
pub(super) fn is_news(state: &Path, what: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let name: String = what
        .chars()
        .map(|letter| if plain(letter) { letter } else { '_' })
        .take(200)
        .collect();
    let folder = state.join("told");
    if store::private_folder(&folder).is_err() {
        return true;
    }
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(folder.join(name));
    !made.is_err_and(|error| error.kind() == ErrorKind::AlreadyExists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_news_once() {
        let state = tempfile::tempdir().unwrap();
        for (what, news) in [("a b/../c", true), ("a b/../c", false), ("a", true), ("a", false)] {
            assert_eq!(is_news(state.path(), what), news, "{what}");
        }
        assert!(state.path().join("told/a_b_.._c").is_file());
        let nowhere = state.path().join("told/a");
        assert!(is_news(&nowhere, "a") && is_news(&nowhere, "a"));
    }
}
