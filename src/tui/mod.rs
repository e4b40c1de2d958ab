//! The terminal UI: `update` computes, `view` reads, `shell` performs.
