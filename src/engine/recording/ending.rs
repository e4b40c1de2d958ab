//! The end of a recording: the answer is judged, all of it is stored, and what was spooled has done its duty. What the disk
//! does not take stays in memory, to be tried again.

use std::path::PathBuf;

use super::{Recording, Slot};
use crate::domain::{Cost, Image, ImageKind, Mime, Output, Part, Signature, TurnStatus};
use crate::engine::adopt::{self, Arriving};
use crate::engine::recovery;
use crate::engine::redact;
use crate::engine::spool::Spooled;
use crate::engine::tape::Growing;
use crate::engine::task::Ending;
use crate::engine::workers::blocking;
use crate::error::{Billed, Error, Kind, Result};
use crate::provider::gemini::answer::{Outcome, Picture, Piece, partial_warning};
use crate::provider::gemini::bounds;
use crate::provider::gemini::response::SignaturePayload;
use crate::provider::stream::{BlobKind, Leftover};

/// No more bytes than these tell no image of any kind.
const SHORTEST: u64 = 16;

/// So many equal first bytes tell the same image: headers, color profiles and manifests of different images are shorter.
const SAME_IMAGE: u64 = 64 * 1024;

/// An answer that has been judged and is not in the store yet.
#[derive(Debug)]
pub(super) struct Judged {
    status: TurnStatus,
    error: Option<Error>,
    pictures: Vec<Picture>,
    pieces: Vec<Piece>,
}

impl Recording {
    /// Ends the turn: judges the answer and stores all of it. [`Recording::is_saved`] says whether that worked.
    pub(in crate::engine) async fn end(&mut self, ending: Ending) {
        let ended = self.body_ended().await;
        let interrupted = matches!(ending, Ending::Interrupted { .. });
        let broken = match (ending, ended) {
            (Ending::Broken(error), _) | (Ending::Body, Err(error)) => Some(error),
            (Ending::Interrupted { complete: true }, _) | (Ending::Body, Ok(())) => None,
            (Ending::Interrupted { complete: false }, _) => Some(self.interruption()),
            (Ending::Stopped, _) => Some(cancelled()),
        };
        // A body that was stopped on purpose is not a cut one.
        let leftover = self.leftover.take().filter(|_| broken.is_none());
        let leftover = leftover.unwrap_or(Leftover::None);
        self.end_unfinished();
        let mut answer = std::mem::take(&mut self.answer);
        if self.turn.request.tuning.output == Output::Text {
            answer.accept_text();
        }
        let outcome = answer.finish(&leftover, broken.clone());
        let overruled = broken.map(|error| match error.kind {
            _ if interrupted => (TurnStatus::Interrupted, error),
            Kind::Cancelled => (TurnStatus::Cancelled, error),
            _ => (TurnStatus::Failed, error),
        });
        // The answer's own verdict stands, unless the user or the disk was before it, or nobody heard its end.
        let overruled =
            overruled.filter(|(status, error)| *status != TurnStatus::Failed || error.kind == Kind::Store);
        self.judge(outcome, overruled);
        self.turn.timing.total = Some(self.now_ms());
        self.settle().await;
    }

    /// Takes the words of an answer over into the turn; they cost no room.
    fn judge(&mut self, outcome: Outcome, overruled: Option<(TurnStatus, Error)>) {
        let turn = &mut self.turn;
        turn.thoughts = outcome.thoughts;
        turn.text = outcome.text;
        turn.usage = outcome.usage;
        turn.finish_reason = outcome.finish_reason;
        turn.finish_message = outcome.finish_message;
        turn.model_version = outcome.model_version;
        turn.response_id = outcome.response_id;
        turn.warnings.splice(0..0, outcome.warnings);
        turn.links = outcome.links;
        turn.sources = outcome.sources;
        let (status, mut error) = match (overruled, outcome.result) {
            (Some((status, error)), _) => (status, Some(error)),
            (None, Ok(())) => (TurnStatus::Finished, None),
            (None, Err(error)) => (TurnStatus::Failed, Some(error)),
        };
        // An error inside a stream does not repeat the name of its call.
        if let Some(error) = &mut error {
            error.request_id = error.request_id.take().or(self.request_id.take());
        }
        self.judged = Some(Judged {
            status,
            error,
            pictures: outcome.pictures,
            pieces: outcome.pieces,
        });
    }

    /// Brings everything into the store that is not there yet. What fails can be tried again; until it has worked, the
    /// turn has failed with the reason.
    pub(in crate::engine) async fn settle(&mut self) {
        let stored = match self.adopt_rest().await {
            Ok(()) => self.write_down().await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(()) => {
                self.saved = true;
                self.clean_up();
            }
            Err(error) => {
                self.turn.status = TurnStatus::Failed;
                self.turn.error = Some(self.without_key_in(error.maybe_billed()));
            }
        }
    }

    /// Pictures and signatures that could not be moved to their places before.
    async fn adopt_rest(&mut self) -> Result<()> {
        let mut failed = None;
        for at in 0..self.slots.len() {
            if let Slot::Waiting(_) = self.slots[at]
                && let Slot::Waiting(arriving) = std::mem::take(&mut self.slots[at])
            {
                match self.adopt(arriving).await {
                    Ok(image) => self.slots[at] = Slot::Stored(image),
                    Err(refused) => {
                        let (error, arriving) = *refused;
                        failed = failed.or(Some(error));
                        self.slots[at] = arriving.map_or(Slot::Empty, Slot::Waiting);
                    }
                }
            }
        }
        for arriving in std::mem::take(&mut self.unfinished) {
            let bytes = arriving.spooled.bytes;
            let Some(arriving) = self.unless_no_image(arriving) else {
                continue;
            };
            if self.holds_beginning(&arriving.spooled).await {
                arriving.spooled.remove();
                continue;
            }
            match self.adopt(arriving).await {
                // All of it had come before, and has its place in the turn.
                Ok(image) if self.has(&image) => {}
                Ok(image) => {
                    if self.turn.warnings.len() < bounds::REMARKS {
                        self.turn.warnings.push(partial_warning(bytes));
                    }
                    self.turn.images.push(image);
                }
                Err(refused) => {
                    let (error, arriving) = *refused;
                    failed = failed.or(Some(error));
                    self.unfinished.extend(arriving);
                }
            }
        }
        self.adopt_signatures().await?;
        failed.map_or(Ok(()), Err)
    }

    /// Whether an image of the turn is this very file.
    pub(super) fn has(&self, image: &Image) -> bool {
        let is_it = |slot: &Slot| matches!(slot, Slot::Stored(stored) if stored.path == image.path);
        self.slots.iter().any(is_it) || self.turn.images.iter().any(|known| known.path == image.path)
    }

    /// Returns whether a stored image of the turn begins with these very bytes, and they are enough to tell: a result that
    /// broke off and that equals its draft has nothing that is not there already. An image that cannot be read tells nothing.
    async fn holds_beginning(&self, partial: &Spooled) -> bool {
        if partial.bytes < SAME_IMAGE {
            return false;
        }
        let stored = self.slots.iter().filter_map(|slot| match slot {
            Slot::Stored(image) if image.bytes > partial.bytes => Some(image.path.clone()),
            _ => None,
        });
        let paths: Vec<_> = stored.collect();
        let Some(Ok(bytes)) = (!paths.is_empty()).then(|| partial.read()) else {
            return false;
        };
        let any = move || {
            let begins = |path: &PathBuf| adopt::begins_with(path, &bytes).unwrap_or(false);
            Ok(paths.iter().any(begins))
        };
        blocking(any).await.unwrap_or(false)
    }

    async fn adopt_signatures(&mut self) -> Result<()> {
        let pieces = self.judged.iter().flat_map(|judged| &judged.pieces);
        let blobs: Vec<u32> = pieces
            .filter_map(|piece| match piece {
                Piece::Text { signature, .. } | Piece::Image { signature, .. } => match signature {
                    Some(SignaturePayload::Blob(blob)) => Some(*blob),
                    _ => None,
                },
            })
            .filter(|blob| !self.signatures.contains_key(blob))
            .collect();
        for blob in blobs {
            let Some(spooled) = self.tape.done.get_mut(&blob) else {
                self.turn.warnings.push(
                    "A signature that had arrived is gone: the next turn goes on from the picture".to_owned(),
                );
                continue;
            };
            spooled
                .settle()
                .map_err(|error| super::unwritable(&error, self.store.folder()))?;
            let (store, turn, path) = (self.store.clone(), self.turn.clone(), spooled.path.clone());
            let signature = blocking(move || store.adopt_signature(&turn, &path)).await?;
            // Its spool file goes with the journal, when the turn is in the store.
            self.signatures.insert(blob, signature);
        }
        Ok(())
    }

    /// Takes over what has its place now, and writes the turn into the store.
    async fn write_down(&mut self) -> Result<()> {
        if let Some(judged) = self.judged.take() {
            self.turn.status = judged.status;
            self.turn.error = judged.error;
            self.fill(&judged.pictures, judged.pieces);
            self.appraise();
            redact::turn(&mut self.turn, &self.secrets);
            self.verdict = Some((self.turn.status, self.turn.error.clone()));
        }
        // A later try writes the verdict, not that an earlier one failed.
        if let Some((status, error)) = &self.verdict {
            self.turn.status = *status;
            self.turn.error.clone_from(error);
        }
        let (store, turn) = (self.store.clone(), self.turn.clone());
        blocking(move || store.finish_turn(&turn)).await
    }

    /// What it cost, and whether it is what was asked for.
    fn appraise(&mut self) {
        let turn = &mut self.turn;
        let free = turn
            .error
            .as_ref()
            .is_some_and(|error| error.billed == Billed::No);
        turn.cost = if free {
            Some(Cost {
                usd: 0.0,
                exact: true,
            })
        } else {
            self.capability.cost_of(turn)
        };
        let truth = self.capability.truth(turn);
        turn.warnings.extend(truth);
    }

    /// A picture that broke off is kept as a draft: its rows were paid for. So is one whose event never came.
    fn end_unfinished(&mut self) {
        let open: Vec<Growing> = std::mem::take(&mut self.tape.open).into_values().collect();
        let mut left: Vec<_> = open
            .into_iter()
            .map(|growing| (growing.kind, growing.spool.end(true)))
            .collect();
        let nameless: Vec<u32> = self.tape.pictures.keys().copied().collect();
        left.extend(
            nameless
                .iter()
                .filter_map(|blob| self.tape.done.remove(blob))
                .map(|spooled| (BlobKind::Picture, spooled)),
        );
        for (kind, spooled) in left {
            if kind == BlobKind::Picture {
                self.unfinished.push(Arriving {
                    spooled,
                    kind: ImageKind::Draft,
                    declared_mime: None,
                });
            } else {
                spooled.remove();
            }
        }
    }

    /// Gives back what is an image, as far as it came. What cannot be told to be one stays in the spool, because it was
    /// paid for all the same, and the turn says so.
    fn unless_no_image(&mut self, mut arriving: Arriving) -> Option<Arriving> {
        if arriving.spooled.mime() != Mime::Unknown {
            return Some(arriving);
        }
        if arriving.spooled.bytes <= SHORTEST {
            arriving.spooled.remove();
        } else {
            // What the disk does not take of it is lost with the process; nobody can say what it is.
            let _best_effort = arriving.spooled.settle();
            let told = recovery::left_lying(&arriving.spooled.path, arriving.spooled.bytes);
            self.turn.warnings.push(told.message);
        }
        None
    }

    /// Puts pictures and parts into the turn, now that each has its place.
    fn fill(&mut self, pictures: &[Picture], pieces: Vec<Piece>) {
        let stored: Vec<Option<Image>> = pictures
            .iter()
            .map(|picture| match self.slots.get(picture.slot) {
                Some(Slot::Stored(image)) => Some(Image {
                    kind: picture.kind,
                    declared_mime: picture.declared_mime.clone(),
                    ..image.clone()
                }),
                _ => None,
            })
            .collect();
        if stored.contains(&None) {
            self.turn
                .warnings
                .push("A picture of the answer was never stored".to_owned());
        }
        // The parts name pictures by their place, so a gap would shift them.
        let mut places = Vec::new();
        let mut next = 0;
        for image in &stored {
            places.push(image.as_ref().map(|_| next));
            next += usize::from(image.is_some());
        }
        // What broke off comes after what is whole.
        self.turn.images.splice(0..0, stored.into_iter().flatten());
        for piece in pieces {
            let part = self.part(piece, &places);
            self.turn.parts.extend(part);
        }
    }

    fn part(&mut self, piece: Piece, places: &[Option<usize>]) -> Option<Part> {
        Some(match piece {
            Piece::Text { text, signature } => Part::Text {
                text,
                signature: self.signature(signature),
            },
            Piece::Image { picture, signature } => Part::Image {
                image: places.get(picture).copied().flatten()?,
                signature: self.signature(signature),
            },
        })
    }

    fn signature(&mut self, payload: Option<SignaturePayload>) -> Option<Signature> {
        match payload? {
            SignaturePayload::Inline(text) => Some(Signature::Inline(text)),
            SignaturePayload::Blob(blob) => self.signatures.remove(&blob),
        }
    }

    /// Everything is in the store: what is left of spool and journal has done its duty.
    fn clean_up(&mut self) {
        let done = self.tape.done.drain().map(|(_, spooled)| spooled);
        for spooled in done.chain(self.parts.drain(..)) {
            spooled.remove();
        }
        if let Some(journal) = &self.tape.journal {
            let _swept_later = journal.remove();
        }
    }

    /// What is said of an answer whose end nobody heard.
    fn interruption(&self) -> Error {
        let error = Error::new(Kind::Cut, "tintype ended before the answer did");
        if self.turn.attempts == 0 {
            error.hint("The request was never sent and nothing is owed; send it again")
        } else {
            error
                .hint("What had arrived is kept; send it again for the rest")
                .maybe_billed()
        }
    }
}

fn cancelled() -> Error {
    Error::new(Kind::Cancelled, "Stopped before the answer was complete")
        .hint("What had arrived is kept in the session")
        .maybe_billed()
}
