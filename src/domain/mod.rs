//! The nouns: session, turn (a node in a tree), request, image, usage. No I/O, no async, no clock, no screen.

mod completeness;
mod header;
mod id;
mod image;
pub mod paths;
mod redaction;
mod request;
mod secret;
mod session;
mod spellings;
mod text;
pub mod tree;
mod turn;
mod usage;

pub use completeness::Completeness;
pub use header::{Header, Orientation, exif_tags};
pub use id::{SessionId, TurnId};
pub use image::{Image, ImageKind, Mime};
pub use redaction::HeldBack;
pub use request::{AspectRatio, Output, Reference, Request, Safety, Size, Tuning};
pub use secret::{Secret, Secrets};
pub use session::{Outline, Session, SessionSummary, Tail, TurnText};
pub use spellings::Spellings;
pub use text::{
    amount, beginning, clean, clean_json, clean_line, hexadecimal, is_harmless, percent_decoded, shown,
    without_controls,
};
pub use turn::{Link, Part, Signature, Source, Timing, Turn, TurnStatus};
pub use usage::{Cost, Usage};
