//! Drives the decoder as the engine does, with memory in place of files.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tintype::domain::{Completeness, ImageKind, Mime};
use tintype::provider::gemini::answer::{Answer, Outcome, Piece, Stored};
use tintype::provider::gemini::response::{Event, Joiner, Payload, SignaturePayload};
use tintype::provider::stream::{Bits, BlobKind, Decoder, Leftover, Output};

/// A diverted string as it arrived.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Blob {
    pub(crate) kind: BlobKind,
    pub(crate) bytes: Vec<u8>,
    pub(crate) ended: bool,
}

/// Everything that an answer became.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) husks: Vec<Vec<u8>>,
    pub(crate) blobs: BTreeMap<u32, Blob>,
    pub(crate) events: Vec<Event>,
    pub(crate) activity: usize,
    pub(crate) leftover: Leftover,
    pub(crate) outcome: Outcome,
    /// The bytes of every slot.
    pub(crate) slots: Vec<Vec<u8>>,
    pub(crate) stopped: bool,
}

impl Seen {
    pub(crate) fn pictures(&self, kind: ImageKind) -> Vec<&[u8]> {
        let of_kind = self
            .outcome
            .pictures
            .iter()
            .filter(|picture| picture.kind == kind);
        of_kind
            .map(|picture| self.slots[picture.slot].as_slice())
            .collect()
    }

    pub(crate) fn results(&self) -> Vec<&[u8]> {
        self.pictures(ImageKind::Result)
    }

    /// The signatures that go back, in order.
    pub(crate) fn signatures(&self) -> Vec<String> {
        let signature = |piece: &Piece| match piece {
            Piece::Text { signature, .. } | Piece::Image { signature, .. } => signature.clone(),
        };
        let text = |payload| match payload {
            SignaturePayload::Inline(text) => text,
            SignaturePayload::Blob(blob) => String::from_utf8(self.blobs[&blob].bytes.clone()).unwrap(),
        };
        let pieces = self.outcome.pieces.iter();
        pieces.filter_map(signature).map(text).collect()
    }
}

/// The answer whose body arrives in these cuts.
pub(crate) fn run<'a>(cuts: impl IntoIterator<Item = &'a [u8]>) -> Seen {
    run_by(Decoder::new(), cuts, &mut |_| {})
}

/// The same by this decoder; `look` is given what [`Decoder::partial`] says after each cut.
pub(crate) fn run_by<'a>(
    mut decoder: Decoder,
    cuts: impl IntoIterator<Item = &'a [u8]>,
    look: &mut dyn FnMut(&[u8]),
) -> Seen {
    let mut husks = Vec::new();
    let mut blobs: BTreeMap<u32, Blob> = BTreeMap::new();
    let mut events = Vec::new();
    let mut activity = 0;
    let mut take = |output: Output<'_>| match output {
        Output::Husk(husk) => husks.push(husk.to_vec()),
        Output::BlobBegan { blob, kind, .. } => {
            let bytes = Vec::new();
            let new = blobs.insert(
                blob,
                Blob {
                    kind,
                    bytes,
                    ended: false,
                },
            );
            assert!(new.is_none(), "a number is given once");
        }
        Output::BlobBytes { blob, bytes } => {
            let blob = blobs.get_mut(&blob).expect("it began");
            assert!(!blob.ended, "nothing comes after the end");
            blob.bytes.extend_from_slice(bytes);
        }
        Output::BlobEnded { blob } => blobs.get_mut(&blob).expect("it began").ended = true,
        Output::Event(event) => events.push(event),
        Output::Activity => activity += 1,
    };
    for cut in cuts {
        decoder.push(cut, &mut take);
        look(&decoder.partial());
    }
    let stopped = decoder.stopped();
    let leftover = decoder.finish(&mut take);
    let (outcome, slots) = fold(&events, &blobs, &leftover);
    Seen {
        husks,
        blobs,
        events,
        activity,
        leftover,
        outcome,
        slots,
        stopped,
    }
}

/// The answer's fold, with the bytes of its images by slot. An image that lacks bytes is gone on with, as the engine does.
fn fold(events: &[Event], blobs: &BTreeMap<u32, Blob>, leftover: &Leftover) -> (Outcome, Vec<Vec<u8>>) {
    let (mut answer, mut joiner) = (Answer::new(), Joiner::default());
    let (mut slots, mut bits): (Vec<Vec<u8>>, Bits) = (Vec::new(), Bits::default());
    let mut take = |events: Vec<Event>, slots: &mut Vec<Vec<u8>>| {
        for event in events {
            let Event::Picture { data, joint, .. } = &event else {
                assert_eq!(answer.push(&event), None, "only pictures have slots");
                continue;
            };
            let bytes = match data {
                Payload::Inline(bytes) => bytes.clone(),
                Payload::Blob(blob) => {
                    assert!(blobs[blob].ended && blobs[blob].kind == BlobKind::Picture);
                    blobs[blob].bytes.clone()
                }
            };
            let goes_on = joint.continues || Mime::sniff(&bytes) == Mime::Unknown;
            if let Some(last) = slots.last_mut().filter(|last| goes_on && is_incomplete(last)) {
                bits.append(&bytes, &joint.rest, &mut |bytes| last.extend_from_slice(bytes));
            } else {
                // Beyond the bound of small images.
                let Some(slot) = answer.push(&event) else {
                    continue;
                };
                assert_eq!(slot, slots.len());
                bits = Bits::after(&joint.rest);
                slots.push(bytes);
            }
            let (slot, bytes) = (slots.len() - 1, &slots[slots.len() - 1]);
            answer.stored(slot, stored(bytes));
        }
    };
    for event in events {
        let words = |blob| String::from_utf8_lossy(&blobs[&blob].bytes).into_owned();
        let incomplete = slots.last().is_some_and(|last| is_incomplete(last));
        let told = joiner.push(event.clone().with_long_words(words), incomplete);
        take(told, &mut slots);
    }
    take(joiner.finish(), &mut slots);
    (answer.finish(leftover, None), slots)
}

fn is_incomplete(bytes: &[u8]) -> bool {
    !stored(bytes).whole
}

fn stored(bytes: &[u8]) -> Stored {
    let mut completeness = Completeness::default();
    completeness.push(bytes);
    Stored {
        sha256: format!("{:?}", Sha256::digest(bytes)),
        mime: Mime::sniff(bytes),
        bytes: bytes.len() as u64,
        whole: completeness.is_whole(),
    }
}

/// A PNG that is whole by its structure, with pixels without any order.
pub(crate) fn png(seed: u64, length: usize) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [length.as_slice(), kind, data, &[0; 4]].concat()
    };
    let pixels = Chance(seed).bytes(length);
    let chunks = [
        chunk(b"IHDR", &[1; 13]),
        chunk(b"IDAT", &pixels),
        chunk(b"IEND", b""),
    ];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

/// A small generator of chance with a fixed seed.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}
