//! Spool files that no entry of the journal names: the process was killed between their first bytes and that entry. Nothing of
//! them had been reported, but they were paid for: images among them are named now, and come back as partial images.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::leftovers::{self, Abandoned};
use crate::domain::{Mime, TurnId};
use crate::engine::adopt;
use crate::engine::journal;
use crate::engine::reading::{Entry, Record};
use crate::error::Result;
use crate::provider::stream::{self, BlobKind, Output};

/// Names the images among them in the journal, and in `record` as if it had been read again.
pub(super) fn name_in_journal(
    spool: &Path,
    id: &TurnId,
    record: &mut Record,
    journal: &mut File,
) -> Result<()> {
    for Abandoned { name, path, .. } in unnamed(spool, id, record)? {
        let failed = |error: io::Error| super::unwritable(&error, spool);
        // The first bytes of the image may also be in the event that was arriving: then they leave it.
        let event = partial_event(&record.partial);
        let is_same = !event.image.is_empty() && adopt::begins_with(&path, &event.image).map_err(failed)?;
        let husk = is_same.then_some(event.husk);
        let blobs = record.entries.iter().map(|(_, entry)| match entry {
            Entry::Began { blob, .. } | Entry::Ended { blob, .. } => *blob,
            Entry::Husk(_) => 0,
        });
        let blob = blobs.max().unwrap_or_default() + 1;
        let entry = journal::began(record.last_ms, blob, &name, husk.as_deref());
        journal.write_all(&entry).map_err(failed)?;
        let kind = BlobKind::Picture;
        record.spools.insert(name.clone(), kind);
        record
            .entries
            .push((record.last_ms, Entry::Began { blob, name, kind }));
        if let Some(husk) = husk {
            record.partial = husk;
        }
    }
    Ok(())
}

fn unnamed(spool: &Path, id: &TurnId, record: &Record) -> Result<Vec<Abandoned>> {
    let mut files = leftovers::abandoned(spool, id)?;
    files.retain(|file| {
        let end = file.name.rsplit_once('.').map(|(_, end)| end);
        let is_of_process = end.is_some_and(leftovers::is_of_process);
        file.mime != Mime::Unknown && is_of_process && !record.spools.contains_key(&file.name)
    });
    Ok(files)
}

/// The event that was arriving.
#[derive(Default)]
struct PartialEvent {
    /// The JSON of the event without an image that broke off; empty where nothing else has come.
    husk: Vec<u8>,
    /// The bytes of that image that had come.
    image: Vec<u8>,
}

fn partial_event(partial: &[u8]) -> PartialEvent {
    let mut event = PartialEvent::default();
    stream::replay(partial, 0, &mut |output| match output {
        Output::Husk(husk) => husk.clone_into(&mut event.husk),
        Output::BlobBytes { bytes, .. } => event.image.extend_from_slice(bytes),
        _ => {}
    });
    event
}
