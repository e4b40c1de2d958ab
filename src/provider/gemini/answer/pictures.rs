//! Which of the pictures that arrived are kept, as what, and how the pieces that go back refer to them.

use super::{Answer, Picture, Piece};
use crate::domain::ImageKind;
use crate::provider::gemini::response::SignaturePayload;
use crate::provider::stream::Leftover;

impl Answer {
    /// For each slot, the slot that already has its bytes: some relays send everything again with every event.
    pub(super) fn repeats(&self) -> Vec<Option<usize>> {
        let hash = |slot: usize| self.slots[slot].stored.as_ref().map(|stored| &stored.sha256);
        (0..self.slots.len())
            .map(|slot| {
                let same = |other: &usize| hash(*other).is_some() && hash(*other) == hash(slot);
                let thought = self.slots[slot].thought;
                let earlier = (0..slot)
                    .filter(same)
                    .find(|&other| self.slots[other].thought == thought);
                // A draft that became the result is only the result, whichever came first.
                earlier.or_else(|| {
                    let result = |other: &usize| !self.slots[*other].thought;
                    if thought {
                        (0..self.slots.len()).filter(same).find(result)
                    } else {
                        None
                    }
                })
            })
            .collect()
    }

    /// Makes the last draft the result where the answer ended well and sent nothing else.
    pub(super) fn promote(&mut self, kinds: &mut [Option<ImageKind>], leftover: &Leftover, broken: bool) {
        let ended_well = !broken
            && *leftover == Leftover::None
            && self.error.is_none()
            && self.blocked.is_none()
            // The picture itself is behind the link.
            && self.links.is_empty()
            && matches!(
                self.finish_reason.as_deref(),
                None | Some("STOP" | "FINISH_REASON_UNSPECIFIED")
            );
        if !ended_well || kinds.contains(&Some(ImageKind::Result)) {
            return;
        }
        let usable = |slot: &usize| {
            kinds[*slot].is_some() && self.slots[*slot].is_picture() && !self.slots[*slot].is_partial()
        };
        if let Some(last) = (0..kinds.len()).rev().find(usable) {
            kinds[last] = Some(ImageKind::Result);
            self.warn(
                "The provider marked the picture as a draft and sent no other; it is taken as the result",
            );
        }
    }

    /// The pictures that are kept and the pieces that go back, numbered alike.
    pub(super) fn gather(
        &mut self,
        kinds: &[Option<ImageKind>],
        repeats: &[Option<usize>],
    ) -> (Vec<Picture>, Vec<Piece>) {
        let mut pictures = Vec::new();
        let mut index = vec![None; kinds.len()];
        for (slot, kind) in kinds.iter().enumerate() {
            if let Some(kind) = *kind {
                index[slot] = Some(pictures.len());
                pictures.push(Picture {
                    slot,
                    kind,
                    declared_mime: self.slots[slot].declared_mime.clone(),
                });
            }
        }
        let arrived = std::mem::take(&mut self.pieces);
        let signatures: Vec<(usize, SignaturePayload)> = arrived
            .iter()
            .filter_map(|piece| match piece {
                Piece::Image {
                    picture,
                    signature: Some(signature),
                } => Some((*picture, signature.clone())),
                _ => None,
            })
            .collect();
        let pieces = arrived
            .into_iter()
            .filter_map(|piece| {
                let Piece::Image {
                    picture: slot,
                    signature,
                } = piece
                else {
                    return Some(piece);
                };
                let is_result = kinds[slot] == Some(ImageKind::Result);
                // A repeat may carry the signature that its first sending lacked.
                let late = || {
                    let of_repeat = |(other, _): &&(usize, SignaturePayload)| repeats[*other] == Some(slot);
                    signatures
                        .iter()
                        .find(of_repeat)
                        .map(|(_, signature)| signature.clone())
                };
                index[slot].filter(|_| is_result).map(|picture| Piece::Image {
                    picture,
                    signature: signature.or_else(late),
                })
            })
            .collect();
        (pictures, pieces)
    }
}
