//! Which of the pictures that arrived are kept, as what, and how the pieces that go back refer to them.

use std::collections::HashMap;

use super::{Answer, Picture, Piece, Slot};
use crate::domain::ImageKind;
use crate::provider::gemini::response::SignaturePayload;
use crate::provider::stream::Leftover;

impl Answer {
    /// For each slot, the slot that already has its bytes: some relays send everything again with every event.
    pub(super) fn repeats(&self) -> Vec<Option<usize>> {
        // The first slot with the bytes, among the drafts and among the others.
        let mut first: HashMap<(&str, bool), usize> = HashMap::new();
        for (at, slot) in self.slots.iter().enumerate() {
            if let Some(stored) = &slot.stored {
                first.entry((&stored.sha256, slot.thought)).or_insert(at);
            }
        }
        let repeat = |(at, slot): (usize, &Slot)| {
            let hash = slot.stored.as_ref()?.sha256.as_str();
            let earlier = first
                .get(&(hash, slot.thought))
                .copied()
                .filter(|&first| first < at);
            // A draft that became the result is only the result, whichever came first.
            earlier.or_else(|| first.get(&(hash, false)).copied().filter(|_| slot.thought))
        };
        self.slots.iter().enumerate().map(repeat).collect()
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
        // A repeat may carry the signature that its first sending lacked.
        let mut late: HashMap<usize, SignaturePayload> = HashMap::new();
        for piece in &arrived {
            if let Piece::Image {
                picture,
                signature: Some(signature),
            } = piece
                && let Some(first) = repeats[*picture]
            {
                late.entry(first).or_insert_with(|| signature.clone());
            }
        }
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
                index[slot].filter(|_| is_result).map(|picture| Piece::Image {
                    picture,
                    signature: signature.or_else(|| late.remove(&slot)),
                })
            })
            .collect();
        (pictures, pieces)
    }
}
