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
use crate::graphics::{self, Backdrop, Difference, Pixmap};
use crate::tui::closer::scaled;
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
    /// What its transparent pixels were composed over.
    backdrop: Backdrop,
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
    /// The last one that was looked for: it is looked at more than once.
    difference: Mutex<Option<(Compared, Arc<Difference>)>>,
}

/// Two pictures, and what they were composed over.
type Compared = ([PathBuf; 2], Backdrop);

impl Darkroom {
    pub(super) fn new(cache: Cache) -> Self {
        Self {
            cache,
            sources: Mutex::default(),
            difference: Mutex::default(),
        }
    }

    fn sources(&self) -> MutexGuard<'_, Vec<Source>> {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets go of what was decoded, but for these.
    pub(super) fn keep(&self, stills: &[&Still]) {
        let is_kept = |path: &Path| stills.iter().any(|still| still.path == path);
        self.sources().retain(|source| is_kept(&source.path));
        self.last_difference()
            .take_if(|((of, _), _)| !of.iter().all(|path| is_kept(path)));
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
                let part = seen(&source.pixels, *window, source.size);
                make(&part, want.area, encoding, grade)?
            }
            Subject::Difference(before, after, window) => {
                let (before, after) = (open(before)?, open(after)?);
                let difference = self.difference(&before, &after);
                changed = Some(thousandths(difference.changed));
                if let Some(window) = window {
                    let part = seen(&difference.picture, *window, after.size);
                    make(&part, want.area, encoding, grade)?
                } else {
                    let cells = fit(after.size, want.area, encoding);
                    make(&difference.picture, cells, encoding, grade)?
                }
            }
            Subject::Wipe {
                left,
                right,
                edge,
                window,
            } => {
                let (left, right) = (open(left)?, open(right)?);
                let edge = f64::from(*edge) / 1000.0;
                if let Some(window) = window {
                    let [left, right] =
                        [&left, &right].map(|source| seen(&source.pixels, *window, right.size));
                    let wiped = graphics::wipe(&left, &right, edge);
                    make(&wiped, want.area, encoding, grade)?
                } else {
                    let wiped = graphics::wipe(&left.pixels, &right.pixels, edge);
                    make(&wiped, fit(right.size, want.area, encoding), encoding, grade)?
                }
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

    fn last_difference(&self) -> MutexGuard<'_, Option<(Compared, Arc<Difference>)>> {
        self.difference.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where two differ, looked for once as long as they are at hand.
    fn difference(&self, before: &Source, after: &Source) -> Arc<Difference> {
        let of = ([before.path.clone(), after.path.clone()], after.backdrop);
        if let Some((_, known)) = self.last_difference().as_ref().filter(|(known, _)| *known == of) {
            return Arc::clone(known);
        }
        let difference = Arc::new(graphics::difference(&before.pixels, &after.pixels));
        *self.last_difference() = Some((of, Arc::clone(&difference)));
        difference
    }

    /// The pixels of a file, decoded once as long as they are at hand.
    fn source(&self, path: &Path, want: &Want, encoding: &Encoding) -> Result<Source> {
        let backdrop = encoding.backdrop;
        let is_it = |source: &&Source| source.path == path && source.backdrop == backdrop;
        if let Some(source) = self.sources().iter().find(is_it) {
            return Ok(source.clone());
        }
        let bytes = contents(path).map_err(|error| unreadable(path, &error))?;
        let beginning = || growing::beginning(path, want.area, encoding);
        // A decoder may fill what is missing of a picture with grey.
        let begun = if graphics::breaks_off(&bytes) {
            beginning()
        } else {
            None
        };
        let (pixels, size) = if let Some(begun) = begun {
            begun
        } else {
            let pixels = graphics::decode_over(&bytes, backdrop)?;
            let size = pixels.size();
            (pixels, size)
        };
        drop(bytes);
        let source = Source {
            path: path.to_owned(),
            pixels: Arc::new(pixels),
            size,
            backdrop,
        };
        let mut sources = self.sources();
        // On another background nobody looks at it any more.
        sources.retain(|source| source.backdrop == backdrop);
        sources.push(source.clone());
        while sources.len() > 1 && sources.iter().map(|held| held.pixels.rgb.len()).sum::<usize>() > AT_HAND {
            sources.remove(0);
        }
        Ok(source)
    }
}

/// What a window into a picture of this size shows of the same picture, which may be held in fewer pixels.
fn seen(pixels: &Pixmap, window: Window, of: (u32, u32)) -> Pixmap {
    let held = pixels.size();
    pixels.crop(scaled(window, of, held).within(held))
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

#[cfg(test)]
mod tests {
    use ratatui::layout::Size;

    use super::*;
    use crate::graphics::kitty::Wrap;
    use crate::graphics::{CellSize, Protocol, near_lossless};

    const RED: [u8; 3] = [200, 30, 30];
    const BLUE: [u8; 3] = [30, 30, 200];

    /// A red picture, and one of twice its size that is blue on its right half.
    fn two(folder: &Path) -> [Still; 2] {
        let mut after = Pixmap::filled(80, 80, RED);
        for row in after.rgb.chunks_exact_mut(80 * 3) {
            row[40 * 3..].copy_from_slice(&BLUE.repeat(40));
        }
        let save = |name: &str, picture: &Pixmap| {
            let path = folder.join(name);
            std::fs::write(&path, near_lossless::encode(picture, 1)).unwrap();
            Still::from(path)
        };
        [
            save("before.png", &Pixmap::filled(40, 40, RED)),
            save("after.png", &after),
        ]
    }

    /// The upper colours of the first row, and the share that differs.
    fn printed(darkroom: &Darkroom, subject: Subject) -> (Vec<[u8; 3]>, Option<u16>) {
        let encoding = Encoding {
            protocol: Protocol::HalfBlocks,
            cell: CellSize::default(),
            wrap: Wrap::None,
            remote: false,
            whole: false,
            palette: None,
            backdrop: Backdrop::BLACK,
        };
        let area = Size::new(8, 4);
        let print = darkroom
            .print(&Want { subject, area }, &encoding, Grade::Good)
            .unwrap();
        let Made::Blocks(blocks) = print.made else {
            panic!("{:?}", print.made)
        };
        let row = blocks.cells.iter().take(blocks.cols.into());
        (row.map(|cell| cell.0).collect(), print.changed)
    }

    #[test]
    fn a_part_of_what_is_made_of_two_fills_its_cells() {
        let folder = tempfile::tempdir().unwrap();
        let darkroom = Darkroom::new(Cache::new(folder.path()));
        let [before, after] = two(folder.path());
        let window = |x| {
            Some(Window {
                x,
                y: 10,
                width: 30,
                height: 30,
            })
        };
        let difference = |window| Subject::Difference(before.clone(), after.clone(), window);
        let (_, whole) = printed(&darkroom, difference(None));
        assert!(whole.is_some_and(|changed| (450..=550).contains(&changed)));
        let hot = |[red, _, blue]: &[u8; 3]| red.abs_diff(*blue) > 60;
        for (x, differs) in [(0, false), (50, true)] {
            let (row, changed) = printed(&darkroom, difference(window(x)));
            assert_eq!(row.len(), 8);
            assert!(row.iter().all(|colour| hot(colour) == differs), "{row:?}");
            assert_eq!(changed, whole, "it is the share of the whole");
        }
        let wipe = Subject::Wipe {
            left: before,
            right: after,
            edge: 500,
            window: window(50),
        };
        let (row, _) = printed(&darkroom, wipe);
        let reds: Vec<bool> = row.iter().map(|[red, _, blue]| red > blue).collect();
        assert_eq!(reds, [true, true, true, true, false, false, false, false]);
    }
}
