//! Once a day the trash is emptied of what is old, and files and rows are reconciled.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::journals::{CLOCK, no_follow};
use super::{DAMAGED, TIDIED, leftovers, unreadable};
use crate::engine::Shared;
use crate::engine::task::now_ms;
use crate::engine::workers::blocking;
use crate::error::Result;
use crate::store::{entries_if_present, metadata_if_present, private_folder, remove_if_present};

/// How long a journal is kept that makes no sense.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// To be called when all journals have been brought in: what they name is in its place by then.
pub(super) async fn tidy(shared: &Shared) -> Result<()> {
    let stamp = shared.folders.journal.join("tidied");
    if !is_due(&stamp) {
        return Ok(());
    }
    let (store, folders) = (shared.store.clone(), shared.folders.clone());
    blocking(move || {
        // One that fails keeps none of the others from being done.
        let done = [
            store.purge(now_ms()).map(|_| ()),
            store.sweep(now_ms()).map(|_| ()),
            leftovers::sweep(&store, &folders.spool),
            forget_old(&folders.journal).map_err(|error| unreadable(&folders.journal, &error)),
        ];
        done.into_iter().collect::<Result<()>>()
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

/// Whether the last time is more than a day away, in the past or, where the clock has been set back, in the future.
fn is_due(stamp: &Path) -> bool {
    let last = metadata_if_present(stamp).and_then(|found| found.map(|found| found.modified()).transpose());
    let now = SystemTime::now();
    match last {
        Ok(Some(last)) => {
            let since = now.duration_since(last).or_else(|_| last.duration_since(now));
            since.is_ok_and(|since| since > TIDIED)
        }
        _ => true,
    }
}

/// Removes what recoveries have left beside the journals: those that were put aside long ago, and files that told the time.
fn forget_old(folder: &Path) -> io::Result<()> {
    for path in entries_if_present(folder)? {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let kept = match extension {
            Some(DAMAGED) => KEPT,
            Some(CLOCK) => TIDIED,
            _ => continue,
        };
        let Some(metadata) = metadata_if_present(&path)? else {
            continue;
        };
        let age = SystemTime::now().duration_since(metadata.modified()?);
        if age.is_ok_and(|age| age > kept) {
            remove_if_present(&path)?;
        }
    }
    Ok(())
}
