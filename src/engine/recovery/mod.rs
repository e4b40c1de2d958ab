//! What processes have left behind that ended before their answers did, brought into the store from journal and spool.
//!
//! It may be done at any time, by any number of processes at once, and be broken off anywhere: the lock on a journal tells
//! the living from the dead and keeps two from the same work, pictures that were moved already are found by their bytes,
//! and the journal goes last. Only what is not found is gone: whatever else is wrong with a file leaves the journal and
//! all files for the next start, and is told.

mod journals;
mod leftovers;
mod ownerless;
mod tidying;
mod unnamed;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::journal::{self, EXTENSION, MAGIC};
use super::machine::Machine;
use super::reading::{self, Record};
use super::recording::{Recording, unwritable};
use super::task::{Ending, Listener, now_ms};
use super::workers::blocking;
use super::{Event, Shared};
use crate::domain::{Secrets, Turn, TurnId, TurnStatus};
use crate::error::{Error, Kind, Result, reason};
use crate::store::remove_if_present;
use journals::{Found, Opened, unreadable};

pub(super) use leftovers::left_lying;

/// A file without a word in it may be a journal that is just being made.
const YOUNG: Duration = Duration::from_mins(1);
/// How often files and rows are reconciled.
const TIDIED: Duration = Duration::from_hours(24);
/// What the name of a journal ends with that makes no sense.
const DAMAGED: &str = "damaged";
/// What a journal of any version begins with.
const ANY_MAGIC: &[u8] = b"tintype-journal ";

/// What was brought in.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// As they are now: interrupted, or finished where the whole answer had come.
    pub turns: Vec<Turn>,
    /// What could not be brought in yet and stays where it is, and what is no image and is kept as it came.
    pub problems: Vec<Error>,
}

/// A recovery that goes on.
#[derive(Default)]
struct Recovery {
    recovered: Recovered,
    /// Turns whose journal is held by a living owner, or could not be brought in.
    waiting: HashSet<TurnId>,
    /// Turns whose journal is of another store.
    theirs: HashSet<TurnId>,
    /// Whether something failed, so that nothing may be concluded of what was not found.
    has_failed: bool,
}

impl Recovery {
    fn fail(&mut self, error: Error) {
        self.has_failed = true;
        self.recovered.problems.push(error);
    }
}

pub(super) async fn recover(shared: &Shared) -> Recovered {
    if shared.store.read_only().is_some() {
        return Recovered::default();
    }
    let mut recovery = Recovery::default();
    let own = &shared.folders.journal;
    for folder in journals::folders(own, &shared.other_journals, &shared.store) {
        match journals::list(&folder) {
            Ok(paths) => {
                for path in paths {
                    recovery.take_in(shared, &path).await;
                }
            }
            // The usual state folder may be one that this data folder has nothing to do with.
            Err(error) if is_closed(&error) && shared.other_journals.contains(&folder) => {}
            Err(error) => recovery.fail(unreadable(&folder, &error)),
        }
    }
    // Without their journals, turns would be ended that only wait, and files listed that belong to them.
    if !recovery.has_failed {
        ownerless::end(shared, &mut recovery).await;
    }
    // What a purge or an import that was cut short has left.
    let store = shared.store.clone();
    if let Err(error) = blocking(move || store.finish_removals(now_ms())).await {
        recovery.fail(error);
    }
    // After the journals: what they name is in its place by now.
    if !recovery.has_failed
        && let Err(error) = tidying::tidy(shared).await
    {
        recovery.fail(error);
    }
    recovery.recovered
}

fn is_closed(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::PermissionDenied
}

/// What became of a journal.
enum Outcome {
    /// There is nothing to bring in, or nothing any more.
    Gone,
    /// Its owner may live, or it is of a newer tintype.
    Held,
    /// It is of another store.
    Theirs,
    /// Its turn is in the store and ended. The errors are told, and lose nothing.
    Done(Option<Box<Turn>>, Vec<Error>),
}

impl Recovery {
    async fn take_in(&mut self, shared: &Shared, path: &Path) {
        let Some(id) = journals::turn_of(path) else { return };
        match bring_in(shared, path, &id).await {
            Ok(Outcome::Gone) => {}
            Ok(Outcome::Held) => drop(self.waiting.insert(id)),
            Ok(Outcome::Theirs) => drop(self.theirs.insert(id)),
            Ok(Outcome::Done(turn, problems)) => {
                self.recovered.turns.extend(turn.map(|turn| *turn));
                self.recovered.problems.extend(problems);
            }
            Err(error) => {
                self.waiting.insert(id);
                self.fail(error);
            }
        }
    }
}

/// A generation has panicked: what had arrived is brought in as after a kill, and the listener is told the end.
pub(super) async fn after_panic(shared: &Shared, listener: &Listener) {
    let mut error = Error::new(Kind::Internal, "A fault in tintype broke the generation off")
        .hint("What had arrived is kept; please report this")
        .maybe_billed();
    let Some(id) = listener.started() else {
        return listener.tell(Event::Rejected(error));
    };
    let path = shared.folders.journal.join(format!("{id}.{EXTENSION}"));
    let outcome = bring_in(shared, &path, &id).await;
    let is_brought_in = outcome.is_ok();
    let brought_in = match outcome {
        Ok(Outcome::Done(turn, _)) => turn.map(|turn| *turn),
        Ok(_) => None,
        Err(why) => {
            error.hint =
                format!("What had arrived is brought in at the next start: {why}. Please report this");
            None
        }
    };
    let store = shared.store.clone();
    let known = blocking(move || store.turn(&id)).await.ok().flatten();
    let Some(mut turn) = brought_in.or(known) else {
        return listener.tell(Event::Rejected(error));
    };
    if turn.status != TurnStatus::Finished {
        turn.status = TurnStatus::Failed;
        turn.error = Some(error);
        // A turn that has ended in the store has nothing to be brought in any more.
        if is_brought_in {
            super::task::finish(&shared.store, &mut turn).await;
        }
    }
    listener.tell(super::task::ended(turn));
}

/// Brings one journal in.
async fn bring_in(shared: &Shared, path: &Path, id: &TurnId) -> Result<Outcome> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let mut found = match journals::open(path).map_err(failed)? {
        Opened::Gone => return Ok(Outcome::Gone),
        Opened::Held => return Ok(Outcome::Held),
        Opened::Free(found) => found,
    };
    let Some(record) = reading::read(&found.bytes).filter(|record| !record.folder.as_os_str().is_empty())
    else {
        return without_sense(path, &found);
    };
    let here = shared.machine.clone()?;
    let (store, spool, copy) = (shared.store.clone(), shared.folders.spool.clone(), record.clone());
    let (at, turn) = (path.to_owned(), id.clone());
    if !blocking(move || journals::is_ours(&store, &spool, &at, &copy, &turn)).await? {
        return Ok(Outcome::Theirs);
    }
    let owner = record.owner.as_ref();
    if found.may_live(path, owner, &here).map_err(failed)? {
        return Ok(Outcome::Held);
    }
    let (store, known) = (shared.store.clone(), id.clone());
    let stored = blocking(move || store.turn(&known)).await?;
    let (turn, ended) = match (stored, record.turn.clone()) {
        (Some(turn), _) if is_open(&turn) => (Some(turn), None),
        (Some(turn), _) => (None, Some(turn)),
        (None, Some(turn)) => {
            let store = shared.store.clone();
            (blocking(move || store.reinstate(&turn)).await?, None)
        }
        (None, None) => (None, None),
    };
    let brought_in = match turn {
        None => None,
        Some(turn) => {
            let replayed = replayed(shared, turn, record.clone(), &mut found, &here);
            Some(Box::pin(replayed).await?)
        }
    };
    let images = brought_in
        .as_ref()
        .or(ended.as_ref())
        .map(|turn| turn.images.clone());
    let (spool, turn) = (shared.folders.spool.clone(), id.clone());
    let cleared = blocking(move || leftovers::clear(&spool, &turn, &record, &images.unwrap_or_default()));
    // The turn is in the store by now; a journal that stays is cleared away at the next start.
    let problems = match cleared.await {
        Ok(kept) => match remove_if_present(path) {
            Ok(()) => kept,
            Err(error) => vec![unremovable(path, &error)],
        },
        Err(error) => vec![error],
    };
    Ok(Outcome::Done(brought_in.map(Box::new), problems))
}

fn unremovable(path: &Path, error: &std::io::Error) -> Error {
    let message = format!("Cannot remove the journal {}: {}", path.display(), reason(error));
    Error::new(Kind::Store, message)
        .hint("What it held is in the session; it is tried again at the next start")
}

/// Whether what arrived of a turn may still have to be brought in.
fn is_open(turn: &Turn) -> bool {
    turn.status == TurnStatus::Running || ownerless::is_ended_without_journal(turn)
}

/// A journal that cannot be read as one. The beginning of one is litter, because nothing is sent before the whole of it is
/// written; one that makes no sense is put aside, so that its turn can be ended.
fn without_sense(path: &Path, found: &Found) -> Result<Outcome> {
    if found.age() < YOUNG {
        return Ok(Outcome::Held);
    }
    // A newer tintype knows how to read it.
    if found.bytes.starts_with(ANY_MAGIC) && !found.bytes.starts_with(MAGIC) {
        return Ok(Outcome::Held);
    }
    let is_beginning = found.bytes.len() < MAGIC.len() || found.bytes.starts_with(MAGIC);
    if is_beginning && found.bytes.len() < 64 {
        return remove_if_present(path)
            .map(|()| Outcome::Gone)
            .map_err(|error| unremovable(path, &error));
    }
    let aside = path.with_extension(DAMAGED);
    fs::rename(path, &aside).map_err(|error| unreadable(path, &error))?;
    let message = format!("The journal {} makes no sense", path.display());
    let told = Error::new(Kind::Store, message).hint(format!(
        "It is kept for 30 days as {}, and what arrived is brought in without it",
        aside.display()
    ));
    Ok(Outcome::Done(None, vec![told]))
}

/// The turn as it is once all that had arrived is in the store.
async fn replayed(
    shared: &Shared,
    turn: Turn,
    mut record: Record,
    found: &mut Found,
    here: &Machine,
) -> Result<Turn> {
    let journal = &mut found.file;
    // What is written behind half an entry would never be read.
    let prepared = journal
        .set_len(record.length)
        .and_then(|()| journal.seek(SeekFrom::End(0)));
    let failed = |error: std::io::Error| unwritable(&error, &shared.folders.journal);
    prepared.map_err(failed)?;
    if found.is_seen_elsewhere(record.owner.as_ref(), here) {
        let taken_over = journal::taken_over(record.last_ms, here);
        found.file.write_all(&taken_over).map_err(failed)?;
    }
    let capability = shared.catalog.find(&turn.request.provider, &turn.request.model);
    let (spool, id) = (shared.folders.spool.clone(), turn.id.clone());
    blocking(move || leftovers::clear_replayed(&spool, &id)).await?;
    unnamed::name_in_journal(&shared.folders.spool, &turn.id, &mut record, &mut found.file)?;
    let started = Instant::now();
    let mut recording = Recording::new(
        shared,
        turn,
        None,
        capability,
        Secrets::default(),
        Listener::deaf(),
        started,
    );
    let complete = recording.replay(record, file(found)).await?;
    recording.end(Ending::Interrupted { complete }).await;
    if !recording.is_saved() {
        let error = recording.turn().error.clone();
        let unknown = || Error::new(Kind::Store, "What was left of a generation cannot be saved");
        return Err(error.unwrap_or_else(unknown));
    }
    Ok(recording.into_end().0)
}

fn file(found: &mut Found) -> &mut File {
    &mut found.file
}
