//! Drives the decoder as the engine does, with memory in place of files.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tintype::domain::{ImageKind, Mime};
use tintype::provider::gemini::answer::{Answer, Outcome, Piece, Stored};
use tintype::provider::gemini::response::{Event, Payload, SignaturePayload};
use tintype::provider::stream::{BlobKind, Decoder, Leftover, Output};

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
    let mut decoder = Decoder::new();
    for cut in cuts {
        decoder.push(cut, &mut take);
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

fn fold(events: &[Event], blobs: &BTreeMap<u32, Blob>, leftover: &Leftover) -> (Outcome, Vec<Vec<u8>>) {
    let mut answer = Answer::new();
    let mut slots = Vec::new();
    for event in events {
        let words = |blob| String::from_utf8_lossy(&blobs[&blob].bytes).into_owned();
        let Some(slot) = answer.push(&event.clone().with_long_words(words)) else {
            continue;
        };
        let Event::Picture { data, .. } = event else {
            panic!("only pictures have slots");
        };
        let bytes = match data {
            Payload::Inline(bytes) => bytes.clone(),
            Payload::Blob(blob) => {
                assert!(blobs[blob].ended && blobs[blob].kind == BlobKind::Picture);
                blobs[blob].bytes.clone()
            }
        };
        assert_eq!(slot, slots.len());
        let sha256 = format!("{:?}", Sha256::digest(&bytes));
        let stored = Stored {
            sha256,
            mime: Mime::sniff(&bytes),
            bytes: bytes.len() as u64,
        };
        answer.stored(slot, stored);
        slots.push(bytes);
    }
    (answer.finish(leftover, None), slots)
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
