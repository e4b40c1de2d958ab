//! A complete spool file becomes one of the stored pictures. What it is, its bytes say.

use std::path::Path;

use super::spool::Spooled;
use super::task::{blocking, now_ms};
use crate::domain::{Image, ImageKind, Mime, Turn};
use crate::error::Result;
use crate::graphics;
use crate::store::{Arrival, Store};

/// Moves the file among the pictures.
pub(super) async fn picture(
    store: &Store,
    turn: &Turn,
    spooled: Spooled,
    kind: ImageKind,
    declared_mime: Option<String>,
) -> Result<Image> {
    let (store, turn) = (store.clone(), turn.clone());
    blocking(move || {
        let (mime, (width, height)) = look_at(&spooled.path);
        let arrival = Arrival {
            spool: spooled.path,
            kind,
            mime,
            declared_mime,
            width,
            height,
            sha256: spooled.sha256,
        };
        store.adopt(&turn, arrival, now_ms())
    })
    .await
}

/// The type of a file by its first bytes.
pub(super) fn sniff(path: &Path) -> Mime {
    Mime::sniff(&head(path))
}

/// The first bytes of a file; fewer, or none, where it cannot be read.
fn head(path: &Path) -> Vec<u8> {
    use std::io::Read;
    let mut head = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _short = file.take(16).read_to_end(&mut head);
    }
    head
}

/// The type of a picture file and its pixels, from its first bytes; 0×0 where they do not tell.
fn look_at(path: &Path) -> (Mime, (u32, u32)) {
    let size = std::fs::File::open(path)
        .ok()
        .and_then(|mut file| graphics::dimensions_in(&mut file));
    (sniff(path), size.unwrap_or_default())
}
