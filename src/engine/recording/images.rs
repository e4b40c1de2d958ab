//! The images of an answer, from the data of their events to their places among the stored ones.

use super::{Recording, Slot, unwritable};
use crate::domain::{Image, ImageKind, Mime};
use crate::engine::Event;
use crate::engine::adopt::{self, Arriving};
use crate::engine::spool::Spooled;
use crate::error::{Error, Kind, Result};
use crate::provider::gemini::answer::Stored;
use crate::provider::gemini::response::{self, Payload};

impl Recording {
    pub(super) async fn apply_image(&mut self, event: response::Event) -> Result<()> {
        let response::Event::Picture {
            data,
            declared_mime,
            thought,
            signature,
            joint,
            ..
        } = &event
        else {
            return Ok(());
        };
        let kind = if *thought {
            ImageKind::Draft
        } else {
            ImageKind::Result
        };
        if self.goes_on(kind, self.mime_of(data), joint) {
            return self.extend(data, joint, signature.as_ref()).await;
        }
        self.close_incomplete().await;
        let event = self.without_large_signature(event.clone());
        let Some(slot) = self.answer.push(&event) else {
            self.discard(data);
            return Ok(());
        };
        self.telling.rest(&self.tape.listener);
        let (number, spooled) = self.picture_bytes(data)?;
        let arriving = Arriving {
            spooled,
            kind,
            declared_mime: declared_mime.clone(),
        };
        self.image(slot, number, arriving, joint).await;
        Ok(())
    }

    /// A picture is complete. Where it cannot be given its place now, it waits for the end of the answer.
    pub(super) async fn picture(&mut self, slot: usize, number: u32, arriving: Arriving) {
        let kind = arriving.kind;
        let stored = stored(&arriving.spooled);
        self.tape.progress.picture = 0;
        if kind == ImageKind::Result {
            self.turn.timing.image = Some(self.now_ms());
        }
        self.answer.stored(slot, stored);
        let adopted = self.adopt(arriving).await;
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, Slot::default);
        }
        self.slots[slot] = match adopted {
            Ok(image) => {
                let picture = number;
                let told = image.clone();
                self.tape
                    .listener
                    .tell(Event::PictureEnded { picture, image: told });
                Slot::Stored(image)
            }
            Err(refused) => {
                let (error, arriving) = *refused;
                let error = self.without_key_in(error);
                self.tell(Event::Notice(format!(
                    "{error}; the picture is held in memory until it can be saved"
                )));
                arriving.map_or(Slot::Empty, Slot::Waiting)
            }
        };
    }

    /// The type that the first bytes of an image's data tell.
    fn mime_of(&self, data: &Payload) -> Mime {
        match data {
            Payload::Inline(bytes) => Mime::sniff(bytes),
            Payload::Blob(blob) => self.tape.done.get(blob).map_or(Mime::Unknown, Spooled::mime),
        }
    }

    /// Takes away what came of an image that is not kept.
    fn discard(&mut self, data: &Payload) {
        if let Payload::Blob(blob) = data
            && let Some(spooled) = self.tape.done.remove(blob)
        {
            spooled.remove();
        }
    }

    /// The spool file of a picture that has ended, and the number by which the listener knows it.
    fn picture_bytes(&mut self, data: &Payload) -> Result<(u32, Spooled)> {
        match data {
            Payload::Blob(blob) => {
                let picture = self.tape.pictures.get(blob).copied().unwrap_or_default();
                let missing = || Error::new(Kind::Internal, "A picture named a string that never arrived");
                Ok((picture, self.tape.done.remove(blob).ok_or_else(missing)?))
            }
            Payload::Inline(bytes) => {
                let spooled = self.tape.spool_inline(bytes);
                let spooled = spooled.map_err(|error| unwritable(&error, &self.tape.folder))?;
                Ok((self.tape.next_picture(), spooled))
            }
        }
    }

    /// Moves a complete spool file among the images. Bytes that are there already are not kept twice, whatever they were
    /// sent as: a draft that became the result is one file.
    pub(super) async fn adopt(
        &self,
        arriving: Arriving,
    ) -> std::result::Result<Image, Box<(Error, Option<Arriving>)>> {
        if let Some(image) = self.kept(&arriving) {
            arriving.spooled.remove();
            return Ok(image);
        }
        self.move_in(arriving).await
    }

    /// Moves a spool file among the pictures; in a replay it may lie there already.
    async fn move_in(
        &self,
        arriving: Arriving,
    ) -> std::result::Result<Image, Box<(Error, Option<Arriving>)>> {
        if self.replayed_ms.is_some() {
            match adopt::left_behind(&self.store, &self.turn, &arriving).await {
                Ok(None) => {}
                Ok(Some(image)) => {
                    arriving.spooled.remove();
                    return Ok(image);
                }
                Err(error) => return Err(Box::new((error, Some(arriving)))),
            }
        }
        adopt::picture(&self.store, &self.turn, arriving).await
    }

    /// Returns the image of the turn that has the same bytes, as what came now.
    fn kept(&self, arriving: &Arriving) -> Option<Image> {
        let stored = self.slots.iter().filter_map(|slot| match slot {
            Slot::Stored(image) => Some(image),
            _ => None,
        });
        adopt::same(stored.chain(&self.turn.images), arriving)
    }
}

/// Returns the facts that the answer is judged by.
pub(super) fn stored(spooled: &Spooled) -> Stored {
    Stored {
        sha256: spooled.sha256.clone(),
        mime: spooled.mime(),
        bytes: spooled.bytes,
        whole: spooled.is_whole(),
    }
}
