//! The end of a recording: the answer is judged, all of it is stored, and what was spooled has done its duty.

use super::{Recording, elapsed_ms, unwritable};
use crate::domain::{Cost, Image, ImageKind, Mime, Part, Signature, Turn, TurnStatus};
use crate::engine::tape::Growing;
use crate::engine::task::{Ending, Listener, blocking, finish};
use crate::engine::{adopt, redact};
use crate::error::{Billed, Error, Kind, Result};
use crate::provider::gemini::answer::{Outcome, Piece};
use crate::provider::gemini::response::SignaturePayload;
use crate::provider::stream::{BlobKind, Leftover};

impl Recording {
    /// Ends the turn: judges the answer, stores all of it, takes the journal away. The listener comes back with the
    /// turn, for the last event.
    pub(in crate::engine) async fn end(mut self, ending: Ending) -> (Turn, Listener) {
        let broken = match (ending, self.body_ended().await) {
            (Ending::Broken(error), _) | (Ending::Body, Err(error)) => Some(error),
            (Ending::Stopped, _) => Some(cancelled()),
            (Ending::Body, Ok(())) => None,
        };
        // A body that was stopped on purpose is not a cut one.
        let leftover = self.leftover.take().filter(|_| broken.is_none());
        let leftover = leftover.unwrap_or(Leftover::None);
        self.keep_unfinished().await;
        let outcome = std::mem::take(&mut self.answer).finish(&leftover, broken.clone());
        let unfilled = self.fill(outcome).await.err();
        // The answer's own verdict stands, unless the user or the disk was before it, or it could not be taken over.
        let overruled = broken
            .filter(|error| matches!(error.kind, Kind::Cancelled | Kind::Store))
            .or(unfilled);
        if let Some(error) = overruled {
            self.turn.status = if error.kind == Kind::Cancelled {
                TurnStatus::Cancelled
            } else {
                TurnStatus::Failed
            };
            self.turn.error = Some(error);
        }
        // An error inside a stream does not repeat the name of its call.
        if let Some(error) = &mut self.turn.error {
            error.request_id = error.request_id.take().or(self.request_id.take());
        }
        self.appraise();
        if let Some(key) = &self.key {
            redact::turn(&mut self.turn, key);
        }
        self.turn.timing.total = Some(elapsed_ms(self.started));
        finish(&self.store, &mut self.turn).await;
        let stored = self
            .turn
            .error
            .as_ref()
            .is_none_or(|error| error.kind != Kind::Store);
        if stored {
            self.clean_up();
        }
        (self.turn, self.tape.listener)
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

    /// A picture that broke off is kept as a draft: its rows were paid for.
    async fn keep_unfinished(&mut self) {
        let open: Vec<Growing> = std::mem::take(&mut self.tape.open).into_values().collect();
        for growing in open {
            let (kind, spooled) = (growing.kind, growing.spool.end());
            if kind != BlobKind::Picture || adopt::sniff(&spooled.path) == Mime::Unknown {
                let _swept_later = std::fs::remove_file(&spooled.path);
                continue;
            }
            let bytes = spooled.bytes;
            match self.adopt(spooled, ImageKind::Draft, None).await {
                Ok(image) => {
                    self.turn.warnings.push(format!(
                        "The picture broke off after {bytes} bytes; what arrived is kept as a draft"
                    ));
                    self.turn.images.push(image);
                }
                Err(error) => self.turn.warnings.push(error.to_string()),
            }
        }
    }

    /// Takes the outcome over into the turn: what cannot fail first, so that no words are lost with a picture.
    async fn fill(&mut self, outcome: Outcome) -> Result<()> {
        self.turn.thoughts = outcome.thoughts;
        self.turn.text = outcome.text;
        self.turn.usage = outcome.usage;
        self.turn.finish_reason = outcome.finish_reason;
        self.turn.finish_message = outcome.finish_message;
        self.turn.model_version = outcome.model_version;
        self.turn.response_id = outcome.response_id;
        self.turn.warnings.splice(0..0, outcome.warnings);
        self.turn.links = outcome.links;
        self.turn.sources = outcome.sources;
        match outcome.result {
            Ok(()) => self.turn.status = TurnStatus::Finished,
            Err(error) => {
                self.turn.status = TurnStatus::Failed;
                self.turn.error = Some(error);
            }
        }
        let stored = outcome.pictures.iter().map_while(|picture| {
            let image = self.slots.get(picture.slot)?.clone()?;
            Some(Image {
                kind: picture.kind,
                declared_mime: picture.declared_mime.clone(),
                ..image
            })
        });
        let stored: Vec<Image> = stored.collect();
        let missing = stored.len() < outcome.pictures.len();
        // What broke off comes after what is whole: the parts name pictures by their place.
        self.turn.images.splice(0..0, stored);
        if missing {
            let what = "The answer names a picture that was never stored";
            return Err(Error::new(Kind::Internal, what));
        }
        for piece in outcome.pieces {
            let part = self.part(piece).await?;
            self.turn.parts.push(part);
        }
        Ok(())
    }

    async fn part(&mut self, piece: Piece) -> Result<Part> {
        Ok(match piece {
            Piece::Text { text, signature } => Part::Text {
                text,
                signature: self.signature(signature).await?,
            },
            Piece::LongText { blob, signature } => {
                let path = self
                    .tape
                    .done
                    .get(&blob)
                    .map(|spooled| spooled.path.clone())
                    .unwrap_or_default();
                let text = std::fs::read(&path).map_err(|error| unwritable(&error, &self.tape.folder))?;
                let text = String::from_utf8_lossy(&text).into_owned();
                Part::Text {
                    text,
                    signature: self.signature(signature).await?,
                }
            }
            Piece::Image { picture, signature } => Part::Image {
                image: picture,
                signature: self.signature(signature).await?,
            },
        })
    }

    async fn signature(&mut self, payload: Option<SignaturePayload>) -> Result<Option<Signature>> {
        let blob = match payload {
            None => return Ok(None),
            Some(SignaturePayload::Inline(text)) => return Ok(Some(Signature::Inline(text))),
            Some(SignaturePayload::Blob(blob)) => blob,
        };
        let missing = || Error::new(Kind::Internal, "A signature named a string that never arrived");
        let spooled = self.tape.done.remove(&blob).ok_or_else(missing)?;
        let (store, turn) = (self.store.clone(), self.turn.clone());
        blocking(move || store.adopt_signature(&turn, &spooled.path))
            .await
            .map(Some)
    }

    /// Everything is in the store: what is left of spool and journal has done its duty.
    fn clean_up(&mut self) {
        for spooled in self.tape.done.drain().map(|(_, spooled)| spooled) {
            let _swept_later = std::fs::remove_file(spooled.path);
        }
        let _swept_later = self.tape.journal.remove();
    }
}

fn cancelled() -> Error {
    Error::new(Kind::Cancelled, "Stopped before the answer was complete")
        .hint("What had arrived is kept in the session")
        .maybe_billed()
}
