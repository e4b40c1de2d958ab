//! How much of an answer is kept, so that no server can fill the memory or make the engine work without end. Honest answers
//! stay far below each bound; what is beyond one is counted and told, and never ends the reading: an image may follow.
//!
//! A generation holds its words about seven times at its end (the answer, its parts, the turn, the copy that is stored, its
//! JSON, the listener's), so that all bounds of text together stay below 64 MB with what an event takes while it is read.

/// Thoughts, in bytes. The longest that a model can think is a few hundred kilobytes.
pub const THOUGHTS: usize = 2_000_000;
/// Words outside the thoughts, in bytes. A model's largest output, 64 K tokens, is about 300 KB.
pub const WORDS: usize = 2_000_000;
/// Pieces that go back on the next turn, for each signature begins one. An honest stream of small texts joins to one.
pub const PIECES: usize = 4096;
/// Candidates of one answer, by their index; those beyond are taken for the last one. A request asks for ten at most.
pub const CANDIDATES: u32 = 64;
/// Signatures that are short enough to stay in their events, all together, in bytes. They are 400 to 4,000 bytes each.
pub const SHORT_SIGNATURES: usize = 2_000_000;
/// A signature that is a file, in bytes. The largest that was seen is 2.4 MB.
pub const LONG_SIGNATURE: u64 = 16_000_000;
/// All signatures that are files, in bytes: more than the largest request that a provider takes.
pub const LONG_SIGNATURES: u64 = 64_000_000;
/// Images whose data stays in its event, drafts and repeats included; each costs the engine a file. Longer ones need no
/// bound, for a body has room for a few thousand, and a flood of specks does not keep the image itself out.
pub const IMAGES: usize = 256;
/// Pages that the answer rests on.
pub const SOURCES: usize = 1000;
/// Images that the answer only points at: each may be fetched.
pub const LINKS: usize = 64;
/// An address, in bytes. A longer one has left its event; servers take 8 KB and less.
pub const ADDRESS: usize = 65_536;
/// The addresses and titles of all sources, and those of all links, in bytes each.
pub const POINTERS: usize = 1_000_000;
/// A text that is shown on one line and may come a thousand times, such as a type or a remark, in bytes.
pub const LINE: usize = 1000;
/// A sentence of a server or a model in an error, in bytes.
pub const SENTENCE: usize = 4000;
/// Remarks that are kept with a turn.
pub const REMARKS: usize = 100;
