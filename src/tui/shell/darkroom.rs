//! From a picture file to what the terminal is sent: read, decoded, cut, compared, and looked up where it was made before.
//! Its work blocks; who waits for it is the desk's.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::cache::Cache;
use super::growing;
use super::preview::{Encoding, Grade, Made, fit, make};
use crate::error::{Error, Kind, Result};
use crate::graphics::{self, Pixmap};
use crate::tui::pixels::{PictureKey, Still, Subject, Want, Window};

/// Pixels that stay at hand while parts of pictures are looked at or pictures are compared: two of 4096 by 4096.
const AT_HAND: usize = 2 * 3 * 4096 * 4096;

/// A decoded picture.
#[derive(Clone, Debug)]
struct Source {
    path: PathBuf,
    pixels: Arc<Pixmap>,
    /// The size that the file says; a picture that broke off is held smaller.
    size: (u32, u32),
}

/// What came of a want.
#[derive(Debug)]
pub(super) struct Print {
    pub(super) made: Made,
    /// How much of it differs, in thousandths, of a difference.
    pub(super) changed: Option<u16>,
}

#[derive(Debug)]
pub(super) struct Darkroom {
    cache: Cache,
    sources: Mutex<Vec<Source>>,
}

impl Darkroom {
    pub(super) fn new(cache: Cache) -> Self {
        Self {
            cache,
            sources: Mutex::default(),
        }
    }

    fn sources(&self) -> MutexGuard<'_, Vec<Source>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of what was decoded, but for these.
    pub(super) fn keep(&self, stills: &[&Still]) {
        self.sources()
            .retain(|source| stills.iter().any(|still| still.path == source.path));
    }

    /// Makes it, or finds that it was made before.
    pub(super) fn print(&self, want: &Want, encoding: &Encoding, grade: Grade) -> Result<Print> {
        let key = Cache::key(&want.subject, want.area, encoding, grade);
        if let Some(made) = key.as_ref().and_then(|key| self.cache.get(key)) {
            return Ok(Print { made, changed: None });
        }
        let print = self.develop(want, encoding, grade)?;
        if let Some(key) = key {
            self.cache.put(&key, &print.made);
        }
        Ok(print)
    }

    fn develop(&self, want: &Want, encoding: &Encoding, grade: Grade) -> Result<Print> {
        let open = |still: &Still| self.source(&still.path, want, encoding);
        let mut changed = None;
        let made = match &want.subject {
            Subject::Whole(PictureKey::Stored(still)) | Subject::Thumbnail(still) => {
                let source = open(still)?;
                make(
                    &source.pixels,
                    fit(source.size, want.area, encoding),
                    encoding,
                    grade,
                )?
            }
            Subject::Part(still, window) => {
                let source = open(still)?;
                let part = source.pixels.crop(scaled(*window, &source));
                make(&part, want.area, encoding, grade)?
            }
            Subject::Difference(before, after) => {
                let (before, after) = (open(before)?, open(after)?);
                let difference = graphics::difference(&before.pixels, &after.pixels);
                changed = Some(thousandths(difference.changed));
                make(
                    &difference.picture,
                    fit(after.size, want.area, encoding),
                    encoding,
                    grade,
                )?
            }
            Subject::Wipe { left, right, edge } => {
                let (left, right) = (open(left)?, open(right)?);
                let wiped = graphics::wipe(&left.pixels, &right.pixels, f64::from(*edge) / 1000.0);
                make(&wiped, fit(right.size, want.area, encoding), encoding, grade)?
            }
            Subject::Whole(PictureKey::Growing(_)) => {
                return Err(Error::new(
                    Kind::Internal,
                    "A picture that is arriving is not printed",
                ));
            }
        };
        Ok(Print { made, changed })
    }

    /// The pixels of a file, decoded once as long as they are at hand.
    fn source(&self, path: &Path, want: &Want, encoding: &Encoding) -> Result<Source> {
        if let Some(source) = self.sources().iter().find(|source| source.path == path) {
            return Ok(source.clone());
        }
        let bytes = contents(path).map_err(|error| unreadable(path, &error))?;
        let beginning = || growing::beginning(path, want.area, encoding.cell, encoding.background);
        // A decoder may fill what is missing of a picture with grey.
        let begun = if graphics::breaks_off(&bytes) {
            beginning()
        } else {
            None
        };
        let (pixels, size) = if let Some(begun) = begun {
            begun
        } else {
            let pixels = graphics::decode(&bytes)?;
            let size = pixels.size();
            (pixels, size)
        };
        drop(bytes);
        let source = Source {
            path: path.to_owned(),
            pixels: Arc::new(pixels),
            size,
        };
        let mut sources = self.sources();
        sources.push(source.clone());
        while sources.len() > 1 && sources.iter().map(|held| held.pixels.rgb.len()).sum::<usize>() > AT_HAND {
            sources.remove(0);
        }
        Ok(source)
    }
}

/// The window in the pixels that are held.
fn scaled(window: Window, source: &Source) -> Window {
    let held = source.pixels.size();
    let along = |length: u32, held: u32, of: u32| {
        let length = u64::from(length) * u64::from(held) / u64::from(of.max(1));
        u32::try_from(length).unwrap_or(u32::MAX)
    };
    Window {
        x: along(window.x, held.0, source.size.0),
        y: along(window.y, held.1, source.size.1),
        width: along(window.width, held.0, source.size.0),
        height: along(window.height, held.1, source.size.1),
    }
    .within(held)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a thousand"
)]
fn thousandths(share: f64) -> u16 {
    (share.clamp(0.0, 1.0) * 1000.0).round() as u16
}

/// A file as far as it could be decoded: a longer one is cut, and found to be broken.
fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(graphics::READABLE)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::Store, format!("{} cannot be read: {error}", path.display()))
        .hint("The session still lists it; put the file back to see it")
}
