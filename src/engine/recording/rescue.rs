//! What cannot be saved where it belongs is brought somewhere else: the last resort before it is lost.

use std::collections::{BTreeSet, HashSet};
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{Recording, Slot};
use crate::engine::adopt::Arriving;

impl Recording {
    /// Writes the pictures that have no place in the store into another folder, private and under names of their own.
    pub(in crate::engine) fn rescue(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let waiting = self.slots.iter().filter_map(|slot| match slot {
            Slot::Waiting(arriving) => Some(arriving),
            _ => None,
        });
        let (mut paths, mut written) = (Vec::new(), HashSet::new());
        for Arriving { spooled, .. } in waiting.chain(&self.unfinished) {
            // A draft that became the result waits twice.
            if !written.insert(&spooled.sha256) {
                continue;
            }
            let name = self.turn.id.to_string();
            let rescued = spooled
                .read()
                .and_then(|bytes| write_new(folder, &name, spooled.mime().extension(), &bytes));
            paths.push(match rescued {
                Ok(path) => path,
                // It is not lost: the next start brings it in from there.
                Err(_) if spooled.is_on_disk() => spooled.path.clone(),
                Err(error) => return Err(error),
            });
        }
        Ok(paths)
    }

    /// The pictures of the turn that are safe, though its row is not.
    pub(in crate::engine) fn safe(&self) -> Vec<PathBuf> {
        let stored = self.slots.iter().filter_map(|slot| match slot {
            Slot::Stored(image) => Some(image.path.clone()),
            _ => None,
        });
        let once: BTreeSet<PathBuf> = stored.collect();
        once.into_iter().collect()
    }
}

fn write_new(folder: &Path, name: &str, extension: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    for number in 1..1000 {
        let path = folder.join(format!("tintype-{name}-{number}.{extension}"));
        match OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
        {
            Ok(mut file) => {
                return match file.write_all(bytes).and_then(|()| file.sync_all()) {
                    Ok(()) => Ok(path),
                    Err(error) => {
                        let _half = std::fs::remove_file(&path);
                        Err(error)
                    }
                };
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
