//! A recording made again from its journal and its spool files, after its process has ended.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::images::stored;
use super::{Recording, Slot};
use crate::domain::{ImageKind, Mime};
use crate::engine::adopt::{self, Arriving};
use crate::engine::journal;
use crate::engine::reading::{Entry, Record};
use crate::engine::spool::Spooled;
use crate::engine::workers::blocking;
use crate::error::{Error, Kind, Result, reason};
use crate::provider::gemini::response::{self, Payload};
use crate::provider::stream::{self, BlobKind, Output};

/// Names of spool files that a replay makes begin here: those of the run itself are far below.
pub(in crate::engine) const FIRST_NAME: u32 = 1_000_000;

/// Why something that a killed process left cannot be brought in now.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Error {
    let message = format!(
        "Cannot read what arrived, in {}: {}",
        path.display(),
        reason(error)
    );
    Error::new(Kind::Store, message).hint("It is kept, and brought in as soon as it can be read")
}

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
                Entry::Ended { blob, bytes, sha256 } => self.spool_ended(&mut spools, blob, bytes, sha256)?,
                Entry::Husk(husk) => {
                    for event in response::events(&husk) {
                        self.again(event, &mut spools).await?;
                    }
                }
            }
        }
        self.replayed_ms = Some(record.last_ms);
        let whole = record.partial.is_empty() && spools.began.is_empty() && self.answer.has_finished();
        self.texts_so_far(&mut spools)?;
        self.rest_of(&record.partial, last_blob + 1, &mut spools).await?;
        self.broken_off(spools, journal).await?;
        Ok(whole)
    }

    fn spool_ended(&mut self, spools: &mut Spools, blob: u32, bytes: u64, sha256: String) -> Result<()> {
        let Some((name, kind)) = spools.began.remove(&blob) else {
            return Ok(());
        };
        match self.spool_file(&name)? {
            Some(spooled) => {
                if kind == BlobKind::Text {
                    self.tape.texts.insert(blob, None);
                }
                self.tape.done.insert(blob, spooled);
            }
            None => drop(spools.moved.insert(blob, Moved { bytes, sha256 })),
        }
        Ok(())
    }

    /// The spool file of this name; `None` where it is gone. Whatever else keeps it from being read ends the replay, with
    /// everything left where it is: out of file descriptors or a disk that fails for a moment is no reason to do without it.
    fn spool_file(&self, name: &str) -> Result<Option<Spooled>> {
        let path = self.tape.folder.join(name);
        match Spooled::found(&path) {
            Ok(spooled) => Ok(Some(spooled)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// Long texts that were still arriving count as far as they have come, for the event that was arriving names them.
    fn texts_so_far(&mut self, spools: &mut Spools) -> Result<()> {
        let is_text =
            |(blob, (_, kind)): (&u32, &(String, BlobKind))| (*kind == BlobKind::Text).then_some(*blob);
        let blobs: Vec<u32> = spools.began.iter().filter_map(is_text).collect();
        for blob in blobs {
            if let Some((name, _)) = spools.began.remove(&blob)
                && let Some(spooled) = self.spool_file(&name)?
            {
                self.tape.texts.insert(blob, None);
                self.tape.done.insert(blob, spooled);
            }
        }
        Ok(())
    }

    /// An event, as when it came. A picture that is among the stored ones already stays there.
    async fn again(&mut self, event: response::Event, spools: &mut Spools) -> Result<()> {
        let (event, unread) = self.with_words(event)?;
        for event in self.joined(event) {
            self.again_joined(event, spools).await?;
        }
        self.leave_out(unread);
        Ok(())
    }

    async fn again_joined(&mut self, event: response::Event, spools: &mut Spools) -> Result<()> {
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
            Payload::Blob(blob) if !self.tape.done.contains_key(blob) => spools.moved.remove(blob),
            _ => return self.apply(event).await,
        };
        let Some(Moved { bytes, sha256 }) = moved else {
            return Ok(());
        };
        let Some(path) = self.unlisted(bytes, &sha256).await? else {
            self.turn.warnings.push(format!(
                "A picture of {bytes} bytes that had arrived is not there any more"
            ));
            return Ok(());
        };
        let there = Spooled::found(&path).map_err(|error| unreadable(&path, &error))?;
        let image = adopt::known(&path, kind, declared_mime.clone(), &sha256)?;
        let event = self.without_large_signature(event);
        if let Some(slot) = self.answer.push(&event) {
            self.answer.stored(slot, stored(&there));
            self.slots.resize_with(slot + 1, Slot::default);
            self.slots[slot] = Slot::Stored(image);
        }
        Ok(())
    }

    /// The image of these bytes that this turn's process had moved to its place; else also another turn's, for the bytes are
    /// nowhere else.
    async fn unlisted(&self, bytes: u64, sha256: &str) -> Result<Option<PathBuf>> {
        let (store, turn, sha256) = (self.store.clone(), self.turn.clone(), sha256.to_owned());
        blocking(move || store.unlisted_picture(&turn, bytes, &sha256)).await
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
            // Half a signature is of no use, and long texts are in their place by now.
            if kind != BlobKind::Picture {
                continue;
            }
            match self.spool_file(&name)? {
                Some(spooled) if spooled.bytes > 0 => {
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
                _ => {}
            }
        }
        // Long texts that no event has taken: their event was not arriving any more, and is not known.
        let mut texts: Vec<u32> = self.tape.texts.keys().copied().collect();
        texts.sort_unstable();
        for blob in texts {
            self.arrived(response::Event::LongText {
                blob,
                thought: false,
                signature: None,
            })
            .await?;
        }
        // Nothing goes on with it any more, and only then is it known where it lies.
        self.close_incomplete().await;
        for moved in spools.moved.into_values() {
            if let Some(path) = self.unlisted(moved.bytes, &moved.sha256).await? {
                let image = adopt::known(&path, ImageKind::Draft, None, &moved.sha256)?;
                // A short image is in its event and in a spool file, too.
                if image.mime != Mime::Unknown && !self.has(&image) {
                    self.turn.images.push(image);
                }
            }
        }
        Ok(())
    }
}
