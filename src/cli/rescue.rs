//! A picture that the data folder had no room for, brought somewhere else before the command ends.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::domain::{Image, ImageKind, Mime, Turn, TurnId};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::store;

/// Where else there may be room: not on the disk that is full, if it can be helped.
fn elsewhere() -> Vec<PathBuf> {
    let memory = PathBuf::from("/dev/shm");
    let mut folders = vec![std::env::temp_dir()];
    folders.extend(Some(memory).filter(|folder| folder.is_dir()));
    folders
}

/// Brings what is held of a turn somewhere else, and tells where it is; empty where nothing is held.
pub fn bring_out(engine: &Engine, turn: &TurnId) -> Result<Vec<PathBuf>> {
    let mut tried = Ok(Vec::new());
    for folder in elsewhere() {
        tried = engine.rescue(turn, &folder);
        if tried.is_ok() {
            break;
        }
    }
    tried
}

/// The turn with an error that tells where its pictures are, if they could not be saved; else the turn as it is. With
/// `dest` they go where `-o` wants them.
pub(super) fn of_turn(engine: &Engine, turn: &Turn, dest: Option<&Path>, force: bool) -> Turn {
    let mut turn = turn.clone();
    let Some(error) = turn.error.take_if(|_| engine.unsaved().contains(&turn.id)) else {
        return turn;
    };
    turn.error = Some(match bring_out(engine, &turn.id) {
        Ok(paths) if paths.is_empty() => error,
        Ok(paths) => {
            let paths: Vec<String> = paths
                .into_iter()
                .map(|path| deliver(path, dest, force).display().to_string())
                .collect();
            let hint = format!(
                "What had arrived is in {}; move it to where it is safe, and free some space",
                paths.join(" and ")
            );
            error.hint(hint)
        }
        Err(worse) => {
            let message = format!("{}. {}", error.message, worse.message);
            Error { message, ..error }.hint("Free some space before the next picture; this one is lost")
        }
    });
    turn
}

/// Moves a rescued file to where `-o` wants it; it stays where it is where that fails.
fn deliver(path: PathBuf, dest: Option<&Path>, force: bool) -> PathBuf {
    let Some(dest) = dest else {
        return path;
    };
    let mut head = Vec::new();
    let read = File::open(&path).and_then(|file| {
        let bytes = file.metadata()?.len();
        file.take(16).read_to_end(&mut head)?;
        Ok(bytes)
    });
    let Ok(bytes) = read else {
        return path;
    };
    let image = Image {
        kind: ImageKind::Result,
        path: path.clone(),
        mime: Mime::sniff(&head),
        declared_mime: None,
        width: 0,
        height: 0,
        bytes,
        sha256: String::new(),
    };
    match store::copy_out(&image, dest, force) {
        Ok(copy) => {
            // What has its place in the data folder stays there.
            if elsewhere().iter().any(|folder| path.parent() == Some(folder)) {
                let _litter = std::fs::remove_file(&path);
            }
            copy
        }
        Err(_) => path,
    }
}
