//! The fault suite: the real program killed, cut off, starved of space and crowded, and nothing lost.

#[path = "faults/chance.rs"]
mod chance;
#[path = "faults/kill.rs"]
mod kill;
#[path = "faults/program.rs"]
mod program;
#[path = "faults/script.rs"]
mod script;
#[path = "faults/space.rs"]
mod space;
