//! A complete spool file becomes one of the stored pictures. What it is, its bytes say.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::recording::unwritable;
use super::spool::Spooled;
use super::task::now_ms;
use super::workers::blocking;
use crate::domain::{Image, ImageKind, Mime, Turn};
use crate::error::{Error, Kind, Result, reason};
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
    let (mime, (width, height)) =
        look_at(&spooled.path).map_err(|error| unreadable(&spooled.path, &error))?;
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

/// The image among those of a turn that has exactly these bytes and is on the disk, as what came now.
pub(super) fn same<'a>(images: impl IntoIterator<Item = &'a Image>, arriving: &Arriving) -> Option<Image> {
    let Spooled { bytes, sha256, .. } = &arriving.spooled;
    let is_it = |image: &&Image| {
        image.sha256 == *sha256
            && std::fs::symlink_metadata(&image.path).is_ok_and(|there| there.len() == *bytes)
    };
    let image = images.into_iter().find(is_it)?;
    Some(Image {
        kind: arriving.kind,
        declared_mime: arriving.declared_mime.clone(),
        ..image.clone()
    })
}

/// The image of exactly these bytes that was moved among the images for this turn, by a process that ended before it wrote
/// that down.
pub(super) async fn left_behind(store: &Store, turn: &Turn, arriving: &Arriving) -> Result<Option<Image>> {
    let Spooled { bytes, sha256, .. } = &arriving.spooled;
    let (store, turn, bytes, hash) = (store.clone(), turn.clone(), *bytes, sha256.clone());
    let found = blocking(move || store.own_unlisted_picture(&turn, bytes, &hash)).await?;
    found
        .map(|path| known(&path, arriving.kind, arriving.declared_mime.clone(), sha256))
        .transpose()
}

/// A picture that lies among the stored ones already, although no turn has it yet.
pub(super) fn known(
    path: &Path,
    kind: ImageKind,
    declared_mime: Option<String>,
    sha256: &str,
) -> Result<Image> {
    let looked = look_at(path).and_then(|looked| Ok((looked, std::fs::metadata(path)?.len())));
    let ((mime, (width, height)), bytes) = looked.map_err(|error| unreadable(path, &error))?;
    Ok(Image {
        kind,
        path: path.to_owned(),
        mime,
        declared_mime,
        width,
        height,
        bytes,
        sha256: sha256.to_owned(),
    })
}

/// The type of a file by its first bytes. A file that cannot be read is no file of an unknown type: it is an error.
pub(super) fn sniff(path: &Path) -> io::Result<Mime> {
    let mut head = Vec::new();
    File::open(path)?.take(16).read_to_end(&mut head)?;
    Ok(Mime::sniff(&head))
}

/// Returns whether a file begins with these bytes, all of them.
pub(super) fn begins_with(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let file = File::open(path)?;
    Ok(file.metadata()?.len() >= bytes.len() as u64 && begin_alike(file, bytes)?)
}

/// Returns whether one of the two is the beginning of the other.
pub(super) fn begin_alike(one: impl Read, other: impl Read) -> io::Result<bool> {
    const BLOCK: u64 = 64 * 1024;
    let (mut one, mut other) = (one, other);
    loop {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        one.by_ref().take(BLOCK).read_to_end(&mut left)?;
        other.by_ref().take(BLOCK).read_to_end(&mut right)?;
        let common = left.len().min(right.len());
        if left[..common] != right[..common] {
            return Ok(false);
        }
        if (common as u64) < BLOCK {
            return Ok(true);
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let message = format!("Cannot read {}: {}", path.display(), reason(error));
    Error::new(Kind::Store, message).hint("It stays where it is")
}

/// The type of a picture file and its pixels, from its first bytes; 0×0 where they do not tell.
fn look_at(path: &Path) -> io::Result<(Mime, (u32, u32))> {
    let mut file = Watched {
        file: File::open(path)?,
        failed: None,
    };
    let size = graphics::dimensions_in(&mut file).unwrap_or_default();
    match file.failed {
        Some(error) => Err(error),
        None => Ok((sniff(path)?, size)),
    }
}

/// A file that keeps the first error of reading it, for a reader that does not tell why it found nothing.
struct Watched {
    file: File,
    failed: Option<io::Error>,
}

impl Watched {
    fn watch<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        done.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted {
                self.failed.get_or_insert(error);
            }
            kind.into()
        })
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer);
        self.watch(read)
    }
}

impl Seek for Watched {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        // A length that leads nowhere is the picture's fault.
        self.file.seek(position)
    }
}
