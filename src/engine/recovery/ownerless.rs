//! Turns that are marked as running and have no journal any more: it was deleted, damaged, or left behind where the data
//! folder came from. Nobody can live who writes their end, so they are ended here, with the images that lie in the spool.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use super::{Outcome, Recovery, bring_in, leftovers, unreadable};
use crate::domain::{Mime, Turn, TurnId, TurnStatus};
use crate::engine::Shared;
use crate::engine::journal::{EXTENSION, Journal, Origin};
use crate::engine::recording::unwritable;
use crate::engine::task::now_ms;
use crate::engine::workers::blocking;
use crate::error::{Error, Kind, Result};
use crate::store::metadata_if_present;

/// A turn whose owner keeps its journal where it is not looked for counts as running this long after the last sign of it.
const ELSEWHERE: Duration = Duration::from_hours(1);

/// What is said of a turn of which nothing is left but its row.
const NOTHING_LEFT: &str = "tintype ended before the answer did, and nothing was left of it";

/// Whether a turn was ended here. A journal that turns up afterwards is still brought in.
pub(super) fn is_ended_without_journal(turn: &Turn) -> bool {
    let error = turn.error.as_ref();
    turn.status == TurnStatus::Interrupted && error.is_some_and(|error| error.message == NOTHING_LEFT)
}

/// Ends the running turns that have no journal and have had no sign of life for an hour.
pub(super) async fn end(shared: &Shared, recovery: &mut Recovery) {
    let store = shared.store.clone();
    let running = match blocking(move || store.running_turns()).await {
        Ok(running) => running,
        Err(error) => return recovery.fail(error),
    };
    for (id, created_ms) in running {
        if recovery.waiting.contains(&id) || is_recent_ms(created_ms) {
            continue;
        }
        match end_one(shared, recovery, &id).await {
            Ok(None) => {}
            Ok(Some((turn, problems))) => {
                recovery.recovered.turns.push(turn);
                recovery.recovered.problems.extend(problems);
            }
            Err(error) => recovery.fail(error),
        }
    }
}

/// Whether a moment is less than an hour away. One in the future is as far as one in the past: the clock was set back.
fn is_recent_ms(moment_ms: i64) -> bool {
    u128::from(now_ms().abs_diff(moment_ms)) < ELSEWHERE.as_millis()
}

fn is_recent(moment: SystemTime) -> bool {
    let now = SystemTime::now();
    let away = now
        .duration_since(moment)
        .unwrap_or_else(|_| moment.duration_since(now).unwrap_or_default());
    away < ELSEWHERE
}

async fn end_one(shared: &Shared, recovery: &Recovery, id: &TurnId) -> Result<Option<(Turn, Vec<Error>)>> {
    let path = shared.folders.journal.join(format!("{id}.{EXTENSION}"));
    let journal = metadata_if_present(&path).map_err(|error| unreadable(&path, &error))?;
    // One of another store is no sign of life; one that was not there before belongs to an owner who lives.
    if journal.is_some() && !recovery.theirs.contains(id) {
        return Ok(None);
    }
    // The name may be taken by that one: a data folder that was copied shares its turns' names with the other.
    let folder = match journal {
        None => shared.folders.journal.clone(),
        Some(_) => shared.store.folder().join("state/journal"),
    };
    let (store, spool, known) = (shared.store.clone(), shared.folders.spool.clone(), id.clone());
    let (turn, files) = blocking(move || {
        let files = leftovers::abandoned(&spool, &known)?;
        // Read after the journal was looked for: whoever takes it away has written the turn down before.
        Ok((store.turn(&known)?, files))
    })
    .await?;
    let Some(turn) = turn.filter(|turn| turn.status == TurnStatus::Running) else {
        return Ok(None);
    };
    if files.iter().any(|file| is_recent(file.modified)) {
        return Ok(None);
    }
    let images: Vec<String> = files
        .iter()
        .filter(|file| file.mime != Mime::Unknown)
        .map(|file| file.name.clone())
        .collect();
    if !images.is_empty() {
        return with_images(shared, folder, turn, images).await;
    }
    let problems = files
        .iter()
        .map(|file| leftovers::left_lying(&file.path, file.bytes))
        .collect();
    without_images(shared, turn)
        .await
        .map(|turn| Some((turn, problems)))
}

/// Writes a journal that says of the images in the spool what the lost one said, and brings that in: so it can be broken
/// off anywhere, as any recovery.
async fn with_images(
    shared: &Shared,
    folder: PathBuf,
    turn: Turn,
    images: Vec<String>,
) -> Result<Option<(Turn, Vec<Error>)>> {
    let id = turn.id.clone();
    let path = folder.join(format!("{id}.{EXTENSION}"));
    let (room, store) = (shared.room.clone(), shared.store.clone());
    let machine = shared.machine.clone()?;
    let written = blocking(move || {
        let origin = Origin {
            data_folder: store.folder(),
            store: store.id(),
            machine: Some(&machine),
        };
        let write = || {
            let mut journal = Journal::begin(&folder, origin, &turn.id, Instant::now(), &room)?;
            let written = journal.turn(&turn).and_then(|()| journal.found_again(&images));
            if written.is_err() {
                let _next_time = journal.remove();
            }
            written
        };
        write().map_err(|error| unwritable(&error, &folder))
    });
    written.await?;
    match Box::pin(bring_in(shared, &path, &id)).await? {
        Outcome::Done(Some(turn), problems) => Ok(Some((*turn, problems))),
        _ => Ok(None),
    }
}

async fn without_images(shared: &Shared, mut turn: Turn) -> Result<Turn> {
    turn.status = TurnStatus::Interrupted;
    turn.error = Some(
        Error::new(Kind::Cut, NOTHING_LEFT)
            .hint("Send it again")
            .maybe_billed(),
    );
    let store = shared.store.clone();
    blocking(move || store.finish_turn(&turn).map(|()| turn)).await
}
