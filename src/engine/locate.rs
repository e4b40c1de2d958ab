//! Finds the file that a user names. Names come typed, pasted, dropped and as arguments, and on their way to here they
//! are quoted, escaped, composed and decomposed: what the file system has decides which of all that is meant.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::domain::paths;

/// As many names of a folder are compared.
const MOST: usize = 20_000;

/// The file or folder that is meant: the first of [`paths::readings`] that is there, else the one that is spelled alike
/// but for Unicode's different ways to write a letter or a space. Where there is none, or more than one, the name as it
/// was given: whoever opens it learns that it is not there.
pub fn locate(given: &OsStr) -> PathBuf {
    let home = std::env::home_dir().filter(|home| !home.as_os_str().is_empty());
    let readings: Vec<PathBuf> = paths::readings(given)
        .iter()
        .map(|path| paths::at_home(path, home.as_deref()))
        .collect();
    // A link that leads nowhere is there as well, and is what was meant.
    let there = readings.iter().find(|path| path.symlink_metadata().is_ok());
    if let Some(path) = there {
        return path.clone();
    }
    let alike = readings.iter().find_map(|path| spelled_alike(path));
    alike.unwrap_or_else(|| readings.into_iter().next().unwrap_or_default())
}

/// The one path whose every part is there, or is spelled like one that is.
fn spelled_alike(path: &Path) -> Option<PathBuf> {
    let mut found = PathBuf::new();
    for part in path.components() {
        let next = found.join(part);
        if next.symlink_metadata().is_ok() {
            found = next;
            continue;
        }
        let Component::Normal(name) = part else {
            return None;
        };
        found.push(only_alike(&found, name)?);
    }
    Some(found)
}

/// The name in a folder that is spelled like this one; `None` where there are several.
fn only_alike(folder: &Path, name: &OsStr) -> Option<OsString> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let wanted = spelling(name);
    let names = std::fs::read_dir(folder).ok()?.flatten().take(MOST);
    let mut alike = names
        .map(|entry| entry.file_name())
        .filter(|there| spelling(there) == wanted);
    let only = alike.next()?;
    alike.next().is_none().then_some(only)
}

/// A name with its letters composed and its spaces plain. What is not UTF-8 is as a terminal hands it on: a character
/// that stands for what could not be read.
fn spelling(name: &OsStr) -> String {
    let text = name.to_string_lossy();
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&text);
    let plain = |letter: char| if letter.is_whitespace() { ' ' } else { letter };
    composed.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    /// Returns the name that is found for this one in a folder with these names.
    fn found(names: &[&[u8]], given: &[u8]) -> Option<Vec<u8>> {
        let dir = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::write(dir.path().join(OsStr::from_bytes(name)), b"x").unwrap();
        }
        let mut path = dir.path().as_os_str().to_owned();
        path.push("/");
        path.push(OsStr::from_bytes(given));
        let path = locate(&path);
        let name = path.file_name()?.as_bytes().to_vec();
        path.exists().then_some(name)
    }

    #[test]
    fn a_name_is_found_however_its_letters_and_spaces_were_carried() {
        let composed = "caf\u{e9} noir.png".as_bytes();
        let decomposed = "cafe\u{301} noir.png".as_bytes();
        let screenshot = "Shot at 3.04.05\u{202f}PM.png".as_bytes();
        for (there, given) in [
            (composed, decomposed),
            (decomposed, composed),
            (decomposed, b"caf\xc3\xa9\\ noir.png"),
            (screenshot, b"Shot at 3.04.05 PM.png"),
            (screenshot, b"Shot\\ at\\ 3.04.05\\ PM.png"),
            (screenshot, "Shot\\ at\\ 3.04.05\u{202f}PM.png".as_bytes()),
            (b"caf\xe9.png", "caf\u{fffd}.png".as_bytes()),
            (b"caf\xe9.png", b"caf\xe9.png"),
            (b"it's (1).png", b"it\\'s\\ \\(1\\).png"),
        ] {
            let given_text = String::from_utf8_lossy(given);
            assert_eq!(found(&[there], given).as_deref(), Some(there), "{given_text}");
        }
    }

    #[test]
    fn the_name_itself_comes_first_and_two_that_are_alike_are_neither() {
        let (plain, narrow) = (&b"3 PM.png"[..], "3\u{202f}PM.png".as_bytes());
        assert_eq!(found(&[plain, narrow], plain).as_deref(), Some(plain));
        assert_eq!(found(&[plain, narrow], narrow).as_deref(), Some(narrow));
        assert_eq!(found(&[plain, narrow], "3\u{a0}PM.png".as_bytes()), None);
        assert_eq!(
            found(&[b"a\\ b.png", b"a b.png"], b"a\\ b.png").as_deref(),
            Some(&b"a\\ b.png"[..])
        );
        assert_eq!(found(&[plain], b"4 PM.png"), None);
    }

    #[test]
    fn folders_are_spelled_in_many_ways_too() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("Bu\u{308}cher\u{a0}1");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("fox.png"), b"x").unwrap();
        let given = dir.path().join("B\u{fc}cher 1/fox.png");
        assert_eq!(locate(given.as_os_str()), folder.join("fox.png"));
        let nowhere = Path::new("/nonexistent/file.png");
        assert_eq!(locate(nowhere.as_os_str()), nowhere);
    }
}
