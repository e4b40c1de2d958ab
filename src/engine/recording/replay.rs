//! A recording made again from its journal and its spool files, after its process has ended.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::{Recording, Slot};
use crate::domain::{ImageKind, Mime};
use crate::engine::adopt::{self, Arriving};
use crate::engine::journal;
use crate::engine::reading::{Entry, Record};
use crate::engine::spool::{Spooled, sha256_of};
use crate::engine::task::blocking;
use crate::error::Result;
use crate::provider::gemini::answer::Stored;
use crate::provider::gemini::response::{self, Payload};
use crate::provider::stream::{self, BlobKind, Output};

/// Names of spool files that a replay makes begin here: those of the run itself are far below.
pub(in crate::engine) const FIRST_NAME: u32 = 1_000_000;

/// A spool file that the journal says was complete, and that is not there.
struct Moved {
    bytes: u64,
    sha256: String,
}

/// What the replay knows of the spool files.
#[derive(Default)]
struct Spools {
    began: HashMap<u32, (String, BlobKind)>,
    moved: HashMap<u32, Moved>,
}

impl Recording {
    /// Takes in what the journal says had come; true where that was the whole answer. `journal` is the file itself: what
    /// becomes of a picture that broke off is noted there, so that doing all this again finds it.
    pub(in crate::engine) async fn replay(&mut self, record: Record, journal: &mut File) -> Result<bool> {
        self.turn.attempts = record.attempts;
        self.tape.spools = FIRST_NAME;
        let mut spools = Spools::default();
        let mut last_blob = 0;
        for (ms, entry) in record.entries {
            self.replayed_ms = Some(ms);
            self.turn.timing.first_byte.get_or_insert(ms);
            match entry {
                Entry::Began { blob, name, kind } => {
                    last_blob = last_blob.max(blob);
                    if kind == BlobKind::Picture {
                        let number = self.tape.next_picture();
                        self.tape.pictures.insert(blob, number);
                    }
                    spools.began.insert(blob, (name, kind));
                }
                Entry::Ended { blob, bytes, sha256 } => self.spool_ended(&mut spools, blob, bytes, sha256),
                Entry::Husk(husk) => {
                    for event in response::events(&husk) {
                        self.again(event, &mut spools).await?;
                    }
                }
            }
        }
        self.replayed_ms = Some(record.last_ms);
        let whole = record.partial.is_empty() && spools.began.is_empty() && self.answer.has_finished();
        self.rest_of(&record.partial, last_blob + 1, &mut spools).await?;
        self.broken_off(spools, journal).await?;
        Ok(whole)
    }

    fn spool_ended(&mut self, spools: &mut Spools, blob: u32, bytes: u64, sha256: String) {
        let Some((name, _)) = spools.began.remove(&blob) else {
            return;
        };
        match Spooled::found(&self.tape.folder.join(name)) {
            Ok(spooled) => drop(self.tape.done.insert(blob, spooled)),
            Err(_) => drop(spools.moved.insert(blob, Moved { bytes, sha256 })),
        }
    }

    /// An event, as when it came. A picture that is among the stored ones already stays there.
    async fn again(&mut self, event: response::Event, spools: &mut Spools) -> Result<()> {
        let response::Event::Picture {
            data,
            declared_mime,
            thought,
            ..
        } = &event
        else {
            return self.apply(event).await;
        };
        let kind = if *thought {
            ImageKind::Draft
        } else {
            ImageKind::Result
        };
        let moved = match data {
            Payload::Blob(blob) if self.tape.done.contains_key(blob) => None,
            Payload::Blob(blob) => match spools.moved.remove(blob) {
                Some(moved) => Some((moved, true)),
                None => return Ok(()),
            },
            Payload::Inline(bytes) => {
                let (bytes, sha256) = (bytes.len() as u64, sha256_of(bytes));
                Some((Moved { bytes, sha256 }, false))
            }
        };
        let Some((moved, must_be_there)) = moved else {
            return self.apply(event).await;
        };
        let (bytes, sha256) = (moved.bytes, moved.sha256);
        let Some(path) = self.unlisted(bytes, &sha256).await? else {
            if !must_be_there {
                return self.apply(event).await;
            }
            self.turn.warnings.push(format!(
                "A picture of {bytes} bytes that had arrived is not there any more"
            ));
            return Ok(());
        };
        let image = adopt::known(&path, kind, declared_mime.clone(), &sha256);
        if let Some(slot) = self.answer.push(&event) {
            let mime = image.mime;
            self.answer.stored(slot, Stored { sha256, mime, bytes });
            self.slots.resize_with(slot + 1, Slot::default);
            self.slots[slot] = Slot::Stored(image);
        }
        Ok(())
    }

    async fn unlisted(&self, bytes: u64, sha256: &str) -> Result<Option<std::path::PathBuf>> {
        let (store, sha256, since) = (self.store.clone(), sha256.to_owned(), self.turn.created_ms);
        blocking(move || store.unlisted_picture(bytes, &sha256, since)).await
    }

    /// The event that was arriving.
    async fn rest_of(&mut self, partial: &[u8], blob: u32, spools: &mut Spools) -> Result<()> {
        let (mut events, mut picture) = (Vec::new(), Vec::new());
        stream::replay(partial, blob, &mut |output| match output {
            Output::Event(event) => events.push(event),
            Output::BlobBytes { bytes, .. } => picture.extend_from_slice(bytes),
            _ => {}
        });
        for event in events {
            self.again(event, spools).await?;
        }
        if Mime::sniff(&picture) != Mime::Unknown {
            let folder = self.tape.folder.clone();
            let spooled = self.tape.spool_inline(&picture);
            let spooled = spooled.map_err(|error| super::unwritable(&error, &folder))?;
            self.draft(spooled);
        }
        Ok(())
    }

    fn draft(&mut self, spooled: Spooled) {
        self.unfinished.push(Arriving {
            spooled,
            kind: ImageKind::Draft,
            declared_mime: None,
        });
    }

    /// Spool files that were being written, and complete ones whose event never came.
    async fn broken_off(&mut self, spools: Spools, journal: &mut File) -> Result<()> {
        let mut began: Vec<_> = spools.began.into_iter().collect();
        began.sort_by_key(|(blob, _)| *blob);
        for (blob, (name, kind)) in began {
            let Ok(spooled) = Spooled::found(&self.tape.folder.join(name)) else {
                continue;
            };
            match kind {
                BlobKind::Picture => {
                    // From here on it counts as one that ended, whatever becomes of its file.
                    let entry = journal::ended(
                        self.replayed_ms.unwrap_or(0),
                        blob,
                        spooled.bytes,
                        &spooled.sha256,
                    );
                    journal
                        .write_all(&entry)
                        .map_err(|error| super::unwritable(&error, Path::new("the journal")))?;
                    self.draft(spooled);
                }
                BlobKind::Text => {
                    let text = String::from_utf8_lossy(&spooled.read().unwrap_or_default()).into_owned();
                    self.apply(response::Event::Text {
                        text,
                        signature: None,
                    })
                    .await?;
                }
                // Half of one is of no use.
                BlobKind::Signature => {}
            }
        }
        for moved in spools.moved.into_values() {
            if let Some(path) = self.unlisted(moved.bytes, &moved.sha256).await? {
                let image = adopt::known(&path, ImageKind::Draft, None, &moved.sha256);
                if image.mime != Mime::Unknown {
                    self.turn.images.push(image);
                }
            }
        }
        Ok(())
    }
}
