//! What is proven before a request goes out: an answer can be written where it belongs, now and not just by the look of
//! it. It reserves nothing: what a disk refuses later is held in memory by the engine.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::Store;
use super::fault::{ELSEWHERE, disk};
use super::files::create_private;
use super::folder::{IMAGES, is_own_folder, is_plain_folder, usable_folder};
use super::sessions::chance;
use crate::domain::{ImageKind, TurnId, amount};
use crate::error::{Error, Kind, Result};

/// The most that one answer takes, in bytes: an image of 4K is a PNG of 15 to 25 MB, and drafts and a signature of some MB
/// come with it.
const LARGEST_ANSWER: u64 = 32_000_000;
/// The most files that one answer makes at once: some drafts, the result, their signatures and the names kept for them.
const FILES_OF_ANSWER: u64 = 8;
/// What is written for proof, in bytes, in each folder: more than the words of an answer need. With less room than that a
/// request is not sent; with less than an image needs it is, for that can wait in memory.
const PROOF: usize = 64 * 1024;

/// A private file that was made to see whether it can be, gone when this is dropped.
struct Proof(PathBuf);

impl Proof {
    /// Makes a file of this name. Only the attempt tells: `access` knows nothing of quotas, inodes or who is root.
    fn make(folder: &Path, name: &str, through: bool) -> Result<Self> {
        let path = folder.join(name);
        let written = create_private(&path).and_then(|mut file| {
            let proof = Self(path);
            file.write_all(&vec![0; PROOF])?;
            // A network's file system may say only then that it has no room.
            if through {
                file.sync_all()?;
            }
            Ok(proof)
        });
        written.map_err(|error| refused(folder, &error))
    }
}

impl Drop for Proof {
    fn drop(&mut self) {
        let _swept_later = fs::remove_file(&self.0);
    }
}

/// Why no file could be made in a folder.
fn refused(folder: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull && room(folder).is_some_and(|room| room.files == Some(0)) {
        let message = format!(
            "Cannot write to {}: its disk takes no more files, although it has room for bytes",
            folder.display()
        );
        return Error::new(Kind::Store, message)
            .hint("Delete files there that you do not need, or choose another folder with --data-dir");
    }
    let error = disk("write to", folder, error);
    if error.hint.is_empty() {
        error.hint(ELSEWHERE)
    } else {
        error
    }
}

/// What a disk still takes.
struct Room {
    bytes: u64,
    /// `None` where the file system does not count them (btrfs).
    files: Option<u64>,
}

fn room(folder: &Path) -> Option<Room> {
    let facts = rustix::fs::statvfs(folder).ok()?;
    Some(Room {
        bytes: facts.f_bavail.saturating_mul(facts.f_frsize),
        files: (facts.f_files > 0).then_some(facts.f_favail),
    })
}

/// How many bytes the disk of a folder still takes; `None` where the system does not say.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    room(folder).map(|room| room.bytes)
}

/// A sentence where the disk of a folder has less room than so many answers may take; `None` where it has enough, or
/// where the system does not say.
pub fn short_of_room(folder: &Path, answers: usize) -> Option<String> {
    let room = room(folder)?;
    let answers = u64::try_from(answers).unwrap_or(u64::MAX);
    let bytes = LARGEST_ANSWER.saturating_mul(answers);
    let many = match answers {
        1 => "an image".to_owned(),
        _ => format!("{answers} images"),
    };
    let disk = format!("The disk of {}", folder.display());
    if room.bytes < bytes {
        let (free, needed) = (amount(room.bytes), amount(bytes));
        return Some(format!(
            "{disk} has {free} left, and {many} can take {needed}: free some space, for what does not fit has to wait in \
             memory"
        ));
    }
    let files = room
        .files
        .filter(|files| *files < FILES_OF_ANSWER.saturating_mul(answers))?;
    Some(format!(
        "{disk} takes {files} more files, and {many} may need {}: delete some files there",
        FILES_OF_ANSWER.saturating_mul(answers)
    ))
}

impl Store {
    /// Proves that the answer to a turn can be kept: today's folder of images, `signatures` and the spool are there, and
    /// each takes a private file while the others have theirs. `now_ms` is the moment, in milliseconds since 1970. An
    /// error means that the request must not be sent.
    pub fn check_writable(&self, spool: &Path, turn: &TurnId, now_ms: i64) -> Result<()> {
        let (day, _) = self.place("", ImageKind::Result, now_ms);
        let through = self.inner.network.is_some();
        usable_folder(spool)?;
        // Named by the turn, so that recovery takes it away with the turn's other spool files after a kill.
        let name = format!("{turn}.{:08x}.proof", chance()?);
        let mut proofs = vec![Proof::make(spool, &name, through)?];
        for folder in [&day, Path::new("signatures")] {
            let folder = self.subfolder(folder)?;
            let name = format!(".{:08x}.part", chance()?);
            proofs.push(Proof::make(&folder, &name, through)?);
        }
        Ok(())
    }

    /// A sentence for each disk that has less room than so many answers may take: of the images, the spool and the
    /// journal.
    pub fn short_of_room(&self, spool: &Path, journal: &Path, answers: usize) -> Vec<String> {
        let images = self.inner.folder.join(IMAGES);
        let mut disks = BTreeMap::new();
        for folder in [journal, spool, &images] {
            if let Ok(facts) = fs::metadata(folder) {
                disks.insert(facts.dev(), folder);
            }
        }
        let folders = disks.into_values();
        folders
            .filter_map(|folder| short_of_room(folder, answers))
            .collect()
    }
}

/// Proves that a folder takes a private file; it is made where it is missing. The error says why it does not.
pub fn check_folder(folder: &Path) -> Result<()> {
    usable_folder(folder)?;
    Proof::make(folder, &format!(".{:08x}.part", chance()?), false).map(drop)
}

/// Whether an answer could be written below a data folder and into a folder of journals, as [`Store::check_writable`] would
/// find on the day `today`, `YYYY-MM-DD`. It makes no folder: one that is missing counts as fine. An error names the first
/// folder that cannot be used.
pub fn examine(data: &Path, journals: &Path, today: &str) -> Result<()> {
    let day = format!("{IMAGES}/{today}");
    if is_plain_folder(journals)? {
        Proof::make(journals, &format!(".{:08x}.part", chance()?), false)?;
    }
    for name in [IMAGES, day.as_str(), "signatures", "references", "spool"] {
        let folder = data.join(name);
        if is_own_folder(data, &folder)? {
            Proof::make(&folder, &format!(".{:08x}.part", chance()?), false)?;
        }
    }
    Ok(())
}
