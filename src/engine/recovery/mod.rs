//! What processes have left behind that ended before their answers did, brought into the store from journal and spool.
//!
//! It may be done at any time, by any number of processes at once, and be broken off anywhere: the lock on a journal tells
//! the living from the dead and keeps two from the same work, pictures that were moved already are found by their bytes,
//! and the journal goes last.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{FlockOperation, flock};

use super::journal::EXTENSION;
use super::reading::{self, Record};
use super::recording::Recording;
use super::task::{Ending, Listener, now_ms};
use super::workers::blocking;
use super::{Event, Shared};
use crate::domain::{Turn, TurnId, TurnStatus};
use crate::error::{Error, Kind, Result, reason};
use crate::store::{Store, private_folder};

/// A journal that makes no sense is kept for this long.
const KEPT: Duration = Duration::from_hours(30 * 24);
/// A file without a word in it may be a journal that is just being made.
const YOUNG: Duration = Duration::from_mins(1);
/// A running turn without a journal has no owner here; one whose owner keeps its journal elsewhere ends in this time.
const ELSEWHERE_MS: i64 = 60 * 60 * 1000;

/// How often files and rows are reconciled.
const TIDIED: Duration = Duration::from_hours(24);

/// What was brought in.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// As they are now: interrupted, or finished where the whole answer had come.
    pub turns: Vec<Turn>,
    /// What could not be brought in yet; it stays where it is.
    pub problems: Vec<Error>,
}

pub(super) async fn recover(shared: &Shared) -> Recovered {
    let mut recovered = Recovered::default();
    if shared.store.read_only().is_some() {
        return recovered;
    }
    for path in journals(&shared.folders.journal) {
        match one(shared, &path).await {
            Ok(turn) => recovered.turns.extend(turn),
            Err(error) => recovered.problems.push(error),
        }
    }
    match orphans(shared).await {
        Ok(turns) => recovered.turns.extend(turns),
        Err(error) => recovered.problems.push(error),
    }
    // After the journals: what they name is in its place by now.
    if let Err(error) = tidy(shared).await {
        recovered.problems.push(error);
    }
    recovered
}

/// Empties the trash of what is old and reconciles files and rows, at most once a day.
async fn tidy(shared: &Shared) -> Result<()> {
    let stamp = shared.folders.journal.join("tidied");
    let last = fs::symlink_metadata(&stamp).and_then(|facts| facts.modified());
    let is_due = last.map_or(true, |last| {
        SystemTime::now()
            .duration_since(last)
            .is_ok_and(|age| age > TIDIED)
    });
    if !is_due {
        return Ok(());
    }
    let (store, spool) = (shared.store.clone(), shared.folders.spool.clone());
    blocking(move || {
        store.purge(now_ms())?;
        store.sweep(now_ms())?;
        sweep_spool(&store, &spool)
    })
    .await?;
    let folder = private_folder(&shared.folders.journal);
    // Where it cannot be noted, it is done again the next time.
    let _again = folder.and_then(|()| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
            .custom_flags(no_follow())
            .open(&stamp)?
            .set_modified(SystemTime::now())
    });
    Ok(())
}

/// Takes away old spool files of turns that have ended: their process could not, and nothing in them is wanted.
fn sweep_spool(store: &Store, folder: &Path) -> Result<()> {
    let read = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in read.map(|entry| entry.path()) {
        let changed = fs::symlink_metadata(&path).and_then(|facts| facts.modified());
        let is_old = changed.is_ok_and(|changed| {
            SystemTime::now()
                .duration_since(changed)
                .is_ok_and(|age| age > TIDIED)
        });
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let Some((turn, _)) = name.split_once('.').filter(|_| is_old) else {
            continue;
        };
        let turn = store.turn(&TurnId::from(turn.to_owned()))?;
        if turn.is_some_and(|turn| turn.status != TurnStatus::Running) {
            let _again_next_time = fs::remove_file(&path);
        }
    }
    Ok(())
}

/// A generation has panicked: what had arrived is brought in as after a kill, and the listener is told the end.
pub(super) async fn after_panic(shared: &Shared, listener: &Listener) {
    let error = Error::new(Kind::Internal, "A fault in tintype broke the generation off")
        .hint("What had arrived is kept; please report this")
        .maybe_billed();
    let Some(id) = listener.started() else {
        return listener.tell(Event::Rejected(error));
    };
    let path = shared.folders.journal.join(format!("{id}.{EXTENSION}"));
    let brought_in = one(shared, &path).await.ok().flatten();
    let store = shared.store.clone();
    let known = blocking(move || store.turn(&id)).await.ok().flatten();
    let Some(mut turn) = brought_in.or(known) else {
        return listener.tell(Event::Rejected(error));
    };
    if turn.status != TurnStatus::Finished {
        turn.status = TurnStatus::Failed;
        turn.error = Some(error);
        super::task::finish(&shared.store, &mut turn).await;
    }
    listener.tell(super::task::ended(turn));
}

/// The journals there are, oldest first.
fn journals(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = read
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == EXTENSION))
        .collect();
    paths.sort();
    paths
}

fn no_follow() -> i32 {
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0)
}

/// A journal whose owner is dead, locked for whoever brings it in.
struct Found {
    file: File,
    bytes: Vec<u8>,
    age: Duration,
}

/// Opens a journal; `None` where somebody lives who writes it, or has just brought it in.
fn open(path: &Path) -> io::Result<Option<Found>> {
    let mut file = match OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(no_follow())
        .open(path)
    {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        return Ok(None);
    }
    let facts = file.metadata()?;
    if facts.nlink() == 0 {
        return Ok(None);
    }
    let changed = facts.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let age = SystemTime::now().duration_since(changed).unwrap_or_default();
    Ok(Some(Found { file, bytes, age }))
}

/// Brings one journal in. `None` where it is not for us to do, or there was nothing to bring in.
async fn one(shared: &Shared, path: &Path) -> Result<Option<Turn>> {
    let unreadable = |error: io::Error| {
        Error::new(
            Kind::Store,
            format!("Cannot read the journal {}: {}", path.display(), reason(&error)),
        )
        .hint("What it holds is brought in as soon as it can be read")
    };
    let Some(Found { mut file, bytes, age }) = open(path).map_err(unreadable)? else {
        return Ok(None);
    };
    let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
        return Ok(None);
    };
    let id = TurnId::from(stem.to_owned());
    let record = match reading::read(&bytes) {
        Some(record) if record.folder == shared.store.folder() => record,
        // Another data folder's; whoever has that brings it in.
        Some(record) if !record.folder.as_os_str().is_empty() => return Ok(None),
        _ => {
            let is_litter = bytes.len() < 64 && age > YOUNG;
            if is_litter || age > KEPT {
                let _again_next_time = fs::remove_file(path);
            }
            return Ok(None);
        }
    };
    let (store, known) = (shared.store.clone(), id.clone());
    let stored = blocking(move || store.turn(&known)).await?;
    let turn = match (stored, record.turn.clone()) {
        (Some(turn), _) if turn.status != TurnStatus::Running => None,
        (Some(turn), _) => Some(turn),
        (None, Some(turn)) => {
            let store = shared.store.clone();
            blocking(move || store.reinstate(&turn)).await?
        }
        (None, None) => None,
    };
    let ended = match turn {
        None => None,
        Some(turn) => Some(replayed(shared, turn, record, &mut file).await?),
    };
    clear(&shared.folders.spool, stem);
    fs::remove_file(path).map_err(unreadable)?;
    Ok(ended)
}

/// The turn as it is once all that had arrived is in the store.
async fn replayed(shared: &Shared, turn: Turn, record: Record, journal: &mut File) -> Result<Turn> {
    // What is written behind half an entry would never be read.
    let prepared = journal
        .set_len(record.length)
        .and_then(|()| journal.seek(SeekFrom::End(0)));
    prepared.map_err(|error| super::recording::unwritable(&error, &shared.folders.journal))?;
    let capability = shared.catalog.find(&turn.request.provider, &turn.request.model);
    let (spool, stem) = (shared.folders.spool.clone(), turn.id.to_string());
    clear_from(&spool, &stem, super::recording::FIRST_REPLAYED);
    let started = Instant::now();
    let mut recording = Recording::new(shared, turn, None, capability, None, Listener::deaf(), started);
    let complete = recording.replay(record, journal).await?;
    recording.end(Ending::Interrupted { complete }).await;
    if !recording.is_saved() {
        let error = recording.turn().error.clone();
        let unknown = || Error::new(Kind::Store, "What was left of a generation cannot be saved");
        return Err(error.unwrap_or_else(unknown));
    }
    Ok(recording.into_end().0)
}

/// Takes away the spool files of a turn that is in the store.
fn clear(folder: &Path, stem: &str) {
    clear_from(folder, stem, 0);
}

/// The same for those from a number on.
fn clear_from(folder: &Path, stem: &str, first: u32) {
    let read = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in read.map(|entry| entry.path()) {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let number = name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.'));
        if number.is_some_and(|number| number.parse::<u32>().map_or(first == 0, |number| number >= first)) {
            let _again_next_time = fs::remove_file(&path);
        }
    }
}

/// Turns that are marked as running and have no journal any more, such as one that was deleted by hand.
async fn orphans(shared: &Shared) -> Result<Vec<Turn>> {
    let (store, folder, now) = (shared.store.clone(), shared.folders.journal.clone(), now_ms());
    blocking(move || {
        let mut ended = Vec::new();
        for (id, created_ms) in store.running_turns()? {
            let journal = folder.join(format!("{id}.{EXTENSION}"));
            if journal.symlink_metadata().is_ok() || created_ms > now - ELSEWHERE_MS {
                continue;
            }
            // Read after the journal was looked for: whoever takes it away has written the turn down before.
            if let Some(mut turn) = store.turn(&id)?.filter(|turn| turn.status == TurnStatus::Running) {
                turn.status = TurnStatus::Interrupted;
                turn.error = Some(
                    Error::new(Kind::Cut, "tintype ended before the answer did")
                        .hint("Nothing of the answer was found; send it again")
                        .maybe_billed(),
                );
                store.finish_turn(&turn)?;
                ended.push(turn);
            }
        }
        Ok(ended)
    })
    .await
}
