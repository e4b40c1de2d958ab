//! Everything that touches the terminal: bytes in, bytes out, modes, and what the terminal says of itself.
//!
//! ```text
//!  Device ─▶ Reader ─bytes─▶ Lexer ─▶ Input::{Key, Mouse, Paste, Focus}, Input::Fact ─▶ Facts ─▶ Protocol
//!                                            └─▶ Burst ─▶ keys, or text that was pasted without brackets
//!         ─▶ Guard (modes)                     Screen ─frame─▶ Writer ─▶ the terminal
//! ```
//!
//! The room decides nothing about the program. No thread of it wakes without cause, no call waits for a terminal
//! longer than 200 ms, and a terminal that is gone is a message, never an error.

#![expect(
    clippy::disallowed_methods,
    reason = "waiting for a terminal is bounded by the clock"
)]

pub mod burst;
mod control;
mod device;
pub mod fact;
pub mod foreground;
pub mod guard;
mod key;
pub mod lexer;
pub mod osc;
mod pace;
pub mod pasting;
pub mod probe;
pub mod reader;
pub mod screen;
pub mod signals;
pub mod tmux;
pub mod writer;

pub use burst::{Burst, Typed};
pub use device::{Device, Window};
pub use fact::Fact;
pub use guard::Guard;
pub use lexer::{Input, Lexer};
pub use probe::{Facts, Hints, Way};
pub use reader::Reader;
pub use screen::Screen;
pub use signals::{Signal, Signals};
pub use writer::Writer;
