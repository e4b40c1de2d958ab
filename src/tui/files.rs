//! The file picker as data: what was typed, what its folder holds, and which rows match. It reads no folder.

use std::path::PathBuf;

use super::msg::Ask;
use crate::domain::Mime;

/// One row of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As the file system has it; cleaned where it is shown.
    pub name: String,
    pub kind: EntryKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    Folder,
    Picture {
        /// `None` where the file could not be looked into.
        mime: Option<Mime>,
        bytes: u64,
        pixels: Option<(u32, u32)>,
    },
}

/// What a folder holds: pictures, the newest first, then folders by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The absolute path.
    pub folder: PathBuf,
    pub entries: Vec<Entry>,
    /// There is more in it than was read.
    pub more: bool,
}

/// The file picker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Files {
    /// A path that is being typed: a folder up to the last slash, then a part of a name.
    pub typed: String,
    pub cursor: usize,
    pub asked: Option<Ask>,
    /// The folder that was last asked for, as it was typed.
    pub folder: Option<String>,
    pub listing: Option<Listing>,
    /// Why the folder cannot be read.
    pub problem: Option<String>,
    /// An `@` in the prompt opened it: whoever leaves it meant the character.
    pub by_at: bool,
}

impl Files {
    /// What was typed up to its last slash.
    pub fn typed_folder(&self) -> &str {
        &self.typed[..self.typed.rfind('/').map_or(0, |slash| slash + 1)]
    }

    /// What was typed behind it.
    pub fn typed_name(&self) -> &str {
        &self.typed[self.typed_folder().len()..]
    }

    /// The rows that match what was typed, the best first; equal ones stay in the order of the listing.
    pub fn rows(&self) -> Vec<&Entry> {
        let wanted = self.typed_name().to_lowercase();
        let Some(listing) = &self.listing else {
            return Vec::new();
        };
        let mut rows: Vec<(u8, &Entry)> = listing
            .entries
            .iter()
            .filter(|entry| wanted.starts_with('.') || !entry.name.starts_with('.'))
            .filter_map(|entry| Some((rank(&entry.name.to_lowercase(), &wanted)?, entry)))
            .collect();
        rows.sort_by_key(|(rank, _)| *rank);
        rows.into_iter().map(|(_, entry)| entry).collect()
    }

    pub fn under_cursor(&self) -> Option<&Entry> {
        self.rows().get(self.cursor).copied()
    }

    /// The path of a row as it would be typed.
    pub fn path_of(&self, entry: &Entry) -> String {
        let slash = if entry.kind == EntryKind::Folder { "/" } else { "" };
        format!("{}{}{slash}", self.typed_folder(), entry.name)
    }

    /// Takes the last character off, or all of the last name.
    pub fn erase(&mut self, name: bool) {
        if name {
            let kept = self.typed.trim_end_matches('/');
            let kept = kept.rfind('/').map_or(0, |slash| slash + 1);
            self.typed.truncate(kept);
        } else {
            self.typed.pop();
        }
    }
}

/// How well a name matches: it begins so, has it, or has its characters in this order.
fn rank(name: &str, wanted: &str) -> Option<u8> {
    if name.starts_with(wanted) {
        return Some(0);
    }
    if name.contains(wanted) {
        return Some(1);
    }
    let mut characters = name.chars();
    wanted
        .chars()
        .all(|wanted| characters.any(|character| character == wanted))
        .then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picker(typed: &str, names: &[&str]) -> Files {
        let entries = names
            .iter()
            .map(|name| Entry {
                name: (*name).to_owned(),
                kind: EntryKind::Folder,
            })
            .collect();
        Files {
            typed: typed.to_owned(),
            listing: Some(Listing {
                entries,
                ..Listing::default()
            }),
            ..Files::default()
        }
    }

    fn found(typed: &str, names: &[&str]) -> Vec<String> {
        let picker = picker(typed, names);
        picker.rows().into_iter().map(|row| row.name.clone()).collect()
    }

    #[test]
    fn what_begins_so_comes_before_what_only_has_it() {
        let names = ["my fox", "Fox.png", "f-o-x", "cat"];
        assert_eq!(found("a/fox", &names), ["Fox.png", "my fox", "f-o-x"]);
        assert_eq!(found("", &names), names);
    }

    #[test]
    fn hidden_files_show_when_they_are_asked_for() {
        assert_eq!(found("", &[".cache", "a"]), ["a"]);
        assert_eq!(found(".", &[".cache", "a"]), [".cache"]);
    }

    #[test]
    fn a_name_goes_as_a_whole() {
        let mut picker = picker("~/pictures/fox", &[]);
        picker.erase(true);
        assert_eq!(picker.typed, "~/pictures/");
        picker.erase(true);
        assert_eq!(picker.typed, "~/");
        assert_eq!((picker.typed_folder(), picker.typed_name()), ("~/", ""));
    }
}
