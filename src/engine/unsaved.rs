//! What is held in memory because it could not be saved, until it can be.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::recording::Recording;
use crate::domain::TurnId;
use crate::error::{Error, Kind, Result, reason};

/// The recordings that are not in the store.
#[derive(Default)]
pub(super) struct Unsaved(Mutex<HashMap<TurnId, Recording>>);

impl Unsaved {
    fn lock(&self) -> MutexGuard<'_, HashMap<TurnId, Recording>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, recording: Recording) {
        let turn = recording.turn().id.clone();
        self.lock().insert(turn, recording);
    }

    pub(super) fn take(&self, turn: &TurnId) -> Option<Recording> {
        self.lock().remove(turn)
    }

    pub(super) fn turns(&self) -> Vec<TurnId> {
        let mut turns: Vec<_> = self.lock().keys().cloned().collect();
        turns.sort();
        turns
    }

    pub(super) fn rescue(&self, turn: &TurnId, folder: &Path) -> Result<Vec<PathBuf>> {
        let held = self.lock();
        let Some(recording) = held.get(turn) else {
            return Ok(Vec::new());
        };
        let mut paths = recording.safe();
        let rescued = recording.rescue(folder).map_err(|error| {
            let folder = folder.display();
            Error::new(
                Kind::Store,
                format!("Cannot save the picture in {folder} either: {}", reason(&error)),
            )
        })?;
        paths.extend(rescued);
        Ok(paths)
    }
}

impl fmt::Debug for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.turns()).finish()
    }
}
