//! A complete spool file becomes one of the stored pictures. What it is, its bytes say.

use std::path::Path;

use super::recording::unwritable;
use super::spool::Spooled;
use super::task::now_ms;
use super::workers::blocking;
use crate::domain::{Image, ImageKind, Mime, Turn};
use crate::error::{Error, Result};
use crate::graphics;
use crate::store::{Arrival, Store};

/// A spool file on its way among the pictures.
#[derive(Debug)]
pub(super) struct Arriving {
    pub(super) spooled: Spooled,
    pub(super) kind: ImageKind,
    pub(super) declared_mime: Option<String>,
}

/// Moves the file among the pictures; where that fails, it comes back with the error.
pub(super) async fn picture(
    store: &Store,
    turn: &Turn,
    arriving: Arriving,
) -> std::result::Result<Image, Box<(Error, Option<Arriving>)>> {
    let (store, turn) = (store.clone(), turn.clone());
    let moved = blocking(move || {
        let mut arriving = arriving;
        let taken = take(&store, &turn, &mut arriving);
        Ok(taken.map_err(|error| Box::new((error, Some(arriving)))))
    });
    moved.await.unwrap_or_else(|error| Err(Box::new((error, None))))
}

fn take(store: &Store, turn: &Turn, arriving: &mut Arriving) -> Result<Image> {
    let Arriving {
        spooled,
        kind,
        declared_mime,
    } = arriving;
    spooled
        .settle()
        .map_err(|error| unwritable(&error, store.folder()))?;
    let (mime, (width, height)) = look_at(&spooled.path);
    let arrival = Arrival {
        spool: spooled.path.clone(),
        kind: *kind,
        mime,
        declared_mime: declared_mime.clone(),
        width,
        height,
        sha256: spooled.sha256.clone(),
    };
    store.adopt(turn, arrival, now_ms())
}

/// A picture that lies among the stored ones already, although no turn has it yet.
pub(super) fn known(path: &Path, kind: ImageKind, declared_mime: Option<String>, sha256: &str) -> Image {
    let (mime, (width, height)) = look_at(path);
    Image {
        kind,
        path: path.to_owned(),
        mime,
        declared_mime,
        width,
        height,
        bytes: std::fs::metadata(path).map_or(0, |there| there.len()),
        sha256: sha256.to_owned(),
    }
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
