//! The fault suite: the real program killed, cut off, starved of space and crowded, and nothing lost.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests read files and look at clocks as they like"
)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "clippy spares tests, but not the helpers of an integration test"
)]

#[path = "faults/answering.rs"]
mod answering;
#[path = "faults/chance.rs"]
mod chance;
#[path = "faults/copies.rs"]
mod copies;
#[path = "faults/crowd.rs"]
mod crowd;
#[path = "faults/damage.rs"]
mod damage;
#[path = "faults/doubles.rs"]
mod doubles;
#[path = "faults/exhausted.rs"]
mod exhausted;
#[path = "faults/import.rs"]
mod import;
#[path = "faults/inject.rs"]
mod inject;
#[path = "faults/kill.rs"]
mod kill;
#[path = "faults/lost.rs"]
mod lost;
#[path = "faults/moved.rs"]
mod moved;
#[path = "faults/preflight.rs"]
mod preflight;
#[path = "faults/program.rs"]
mod program;
#[path = "pty/provider.rs"]
#[expect(dead_code, reason = "the terminal's tests use more of it")]
mod provider;
#[path = "faults/purge.rs"]
mod purge;
#[path = "faults/recovery.rs"]
mod recovery;
#[path = "faults/script.rs"]
mod script;
#[path = "faults/secrets.rs"]
mod secrets;
#[path = "engine/server.rs"]
#[expect(dead_code, reason = "the engine's tests use more of it")]
mod server;
#[path = "faults/space.rs"]
mod space;
#[path = "faults/stalled.rs"]
mod stalled;
#[path = "faults/sweep.rs"]
mod sweep;
#[path = "faults/tally.rs"]
mod tally;
#[path = "pty/terminal.rs"]
#[expect(dead_code, reason = "the terminal's tests use more of it")]
mod terminal;
