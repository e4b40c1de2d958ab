//! An image whose bytes are not all there though its data has ended: the next part may go on with it, as some relays spread an
//! image over several. It is put together in a spool file of its own; the files of its parts stay until the turn is stored, for
//! a replay puts them together again.

use super::{Recording, unwritable};
use crate::domain::{ImageKind, Mime};
use crate::engine::adopt::Arriving;
use crate::engine::spool::{Spool, Spooled};
use crate::error::Result;
use crate::provider::gemini::response::{Joint, Payload, SignaturePayload};
use crate::provider::stream::Bits;

/// The image.
pub(super) struct Incomplete {
    slot: usize,
    /// The number by which the listener knows it.
    number: u32,
    /// Its first part; its file is replaced when the image is closed.
    first: Arriving,
    bits: Bits,
    /// Where its parts are put together, once there are several.
    joined: Option<Spool>,
}

impl Recording {
    /// Whether a part goes on with the image that is incomplete: it says so, or it has no first bytes of its own.
    pub(super) fn goes_on(&self, kind: ImageKind, mime: Mime, joint: &Joint) -> bool {
        self.incomplete.as_ref().is_some_and(|incomplete| {
            joint.continues || (incomplete.first.kind == kind && mime == Mime::Unknown)
        })
    }

    /// A new image has ended. One that lacks something waits for what goes on with it.
    pub(super) async fn image(&mut self, slot: usize, number: u32, arriving: Arriving, joint: &Joint) {
        if arriving.spooled.is_whole() {
            return self.picture(slot, number, arriving).await;
        }
        self.incomplete = Some(Incomplete {
            slot,
            number,
            first: arriving,
            bits: Bits::after(&joint.rest),
            joined: None,
        });
    }

    /// The next part of the image that is incomplete.
    pub(super) async fn extend(
        &mut self,
        data: &Payload,
        joint: &Joint,
        signature: Option<&SignaturePayload>,
    ) -> Result<()> {
        let Some(mut incomplete) = self.incomplete.take() else {
            return Ok(());
        };
        self.answer.extend(incomplete.slot, signature);
        let folder = self.tape.folder.clone();
        let failed = |error: std::io::Error| unwritable(&error, &folder);
        let mut joined = if let Some(joined) = incomplete.joined.take() {
            joined
        } else {
            let mut joined = self.tape.new_spool().map_err(failed)?;
            let first = incomplete.first.spooled.read().map_err(failed)?;
            joined.write(&first).map_err(failed)?;
            joined
        };
        let (bytes, part) = match data {
            Payload::Inline(bytes) => (bytes.clone(), None),
            Payload::Blob(blob) => {
                let part = self.tape.done.remove(blob);
                let bytes = part.as_ref().map_or(Ok(Vec::new()), Spooled::read);
                (bytes.map_err(failed)?, part)
            }
        };
        let mut written = Ok(());
        incomplete.bits.append(&bytes, &joint.rest, &mut |bytes| {
            written = std::mem::replace(&mut written, Ok(())).and_then(|()| joined.write(bytes));
        });
        written.map_err(failed)?;
        self.parts.extend(part);
        let is_whole = joined.is_whole();
        incomplete.joined = Some(joined);
        self.incomplete = Some(incomplete);
        if is_whole {
            self.close_incomplete().await;
        }
        Ok(())
    }

    /// Nothing goes on with the image: it is kept as far as it has come.
    pub(super) async fn close_incomplete(&mut self) {
        let Some(Incomplete {
            slot,
            number,
            mut first,
            joined,
            ..
        }) = self.incomplete.take()
        else {
            return;
        };
        if let Some(joined) = joined {
            let part = std::mem::replace(&mut first.spooled, joined.end(true));
            self.parts.push(part);
        }
        self.picture(slot, number, first).await;
    }
}
