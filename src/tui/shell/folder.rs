//! Folders for the file picker: what they hold, read off the loop.

use std::cmp::Reverse;
use std::fs::{self, DirEntry, File};
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::domain::{Mime, paths};
use crate::engine;
use crate::error::{Error, Kind, Result, reason};
use crate::graphics::dimensions_in;
use crate::tui::files::{Entry, EntryKind, Listing};

/// As many entries of a folder are read; nobody looks through more.
const MOST: usize = 20_000;
/// As many of the newest pictures are looked into.
const LOOKED_INTO: usize = 300;

/// The pictures of a folder, the newest first, then its folders by name.
pub(super) fn list(typed: &str) -> Result<Listing> {
    let folder = if typed.is_empty() {
        PathBuf::from(".")
    } else {
        engine::locate(typed.as_ref())
    };
    let unreadable = |error: std::io::Error| {
        let why = reason(&error);
        Error::new(
            Kind::BadInput,
            format!("{} cannot be read: {why}", folder.display()),
        )
    };
    let mut read = fs::read_dir(&folder).map_err(unreadable)?;
    let (mut pictures, mut folders) = (Vec::new(), Vec::new());
    for entry in read.by_ref().take(MOST).flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some((is_folder, bytes, changed)) = facts(&entry) else {
            continue;
        };
        if is_folder {
            folders.push(name);
        } else if paths::is_image_name(&name) {
            pictures.push((changed, name, bytes));
        }
    }
    pictures.sort_by_key(|(changed, name, _)| (Reverse(*changed), name.clone()));
    folders.sort_by_key(|name| name.to_lowercase());
    let picture = |(index, (_, name, bytes)): (usize, (SystemTime, String, u64))| {
        let (mime, pixels) = if index < LOOKED_INTO {
            looked_into(&folder.join(&name))
        } else {
            (None, None)
        };
        let kind = EntryKind::Picture { mime, bytes, pixels };
        Entry { name, kind }
    };
    let mut entries: Vec<Entry> = pictures.into_iter().enumerate().map(picture).collect();
    entries.extend(folders.into_iter().map(|name| Entry {
        name,
        kind: EntryKind::Folder,
    }));
    Ok(Listing {
        folder: std::path::absolute(&folder).unwrap_or(folder),
        entries,
        more: read.next().is_some(),
    })
}

/// Whether it is a folder, its length, and when it was changed; links count as what they lead to.
fn facts(entry: &DirEntry) -> Option<(bool, u64, SystemTime)> {
    let facts = fs::metadata(entry.path()).ok()?;
    let known = facts.is_dir() || facts.is_file();
    known.then(|| {
        let changed = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        (facts.is_dir(), facts.len(), changed)
    })
}

fn looked_into(path: &Path) -> (Option<Mime>, Option<(u32, u32)>) {
    let Ok(mut file) = File::open(path) else {
        return (None, None);
    };
    let mut head = Vec::new();
    let read = file.by_ref().take(16).read_to_end(&mut head);
    if read.is_err() || file.rewind().is_err() {
        return (None, None);
    }
    (Some(Mime::sniff(&head)), dimensions_in(&mut file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_lists_its_newest_pictures_first_and_nothing_but_folders_besides() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let hour_ago = SystemTime::now() - std::time::Duration::from_hours(1);
        for name in ["old.png", "notes.txt", "new.PNG"] {
            fs::write(
                at(name),
                b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x05\0\0\0\x04\x08\x02\0\0\0",
            )
            .unwrap();
        }
        File::options()
            .write(true)
            .open(at("old.png"))
            .and_then(|file| file.set_modified(hour_ago))
            .unwrap();
        fs::create_dir(at("beta")).unwrap();
        fs::create_dir(at("Alpha")).unwrap();
        let listing = list(&format!("{}/", dir.path().display())).unwrap();
        let names: Vec<_> = listing.entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["new.PNG", "old.png", "Alpha", "beta"]);
        let EntryKind::Picture { mime, pixels, .. } = listing.entries[0].kind else {
            panic!("a picture")
        };
        assert_eq!((mime, pixels), (Some(Mime::Png), Some((5, 4))));
        assert!(list("/no/such/folder/").is_err());
    }
}
