//! The real program in a pseudo-terminal, from its first frame to the terminal given back.
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

mod foreground;
mod glass;
mod idle;
mod keeping;
mod large;
mod leaving;
mod local;
mod looks;
mod pasting;
#[path = "../stage/photo.rs"]
mod photo;
mod pictures;
#[expect(dead_code, reason = "the fault suite uses more of it")]
mod provider;
mod references;
#[path = "../engine/server.rs"]
#[expect(dead_code, reason = "the engine's tests use more of it")]
mod server;
mod showing;
mod sight;
#[expect(dead_code, reason = "the fault suite uses more of it")]
mod terminal;
mod working;

use std::path::Path;

use tempfile::TempDir;
use tintype::domain::Session;
use tintype::store::Store;

/// A home for one program, empty.
fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The newest session in the store of this home.
fn newest_session(home: &Path) -> Session {
    let store = Store::open(&home.join(".local/share/tintype")).unwrap();
    let newest = store.recent(1).unwrap().remove(0);
    store.session(&newest.id).unwrap().unwrap()
}
