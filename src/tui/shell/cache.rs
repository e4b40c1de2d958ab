//! Previews that were made before, on disk: a picture of 4096 pixels takes a quarter of a second to decode, its preview
//! one read. Everything here may be deleted at any time, and nothing is missed if it cannot be written.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use ratatui::layout::Size;
use sha2::{Digest, Sha256};

use super::preview::{Encoding, Grade, Made};
use crate::domain::hexadecimal;
use crate::graphics::Strip;
use crate::tui::pixels::{PictureKey, Subject};

/// The most bytes of previews that are kept.
const LIMIT: u64 = 256_000_000;
/// So many are written between two looks at how many there are.
const ROUND: u32 = 64;
/// The first bytes of a file; another layout, or another way to see the same picture, has other ones.
const MAGIC: &[u8; 8] = b"tintype2";
/// No preview is larger.
const LONGEST: u64 = 16_000_000;

/// The folder of previews.
#[derive(Clone, Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
}

static WRITTEN: AtomicU32 = AtomicU32::new(0);

impl Cache {
    /// In this folder, which need not exist.
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.join("previews"),
        }
    }

    /// Where a preview is kept; nothing for what is not worth it, or for a file of which the content is not known.
    pub(crate) fn key(subject: &Subject, area: Size, encoding: &Encoding, grade: Grade) -> Option<String> {
        let (Subject::Whole(PictureKey::Stored(still)) | Subject::Thumbnail(still)) = subject else {
            return None;
        };
        if still.hash.is_empty() {
            return None;
        }
        let Encoding {
            protocol,
            cell,
            wrap,
            remote,
            whole,
            backdrop,
            ..
        } = encoding;
        let words = format!(
            "{} {}x{} {}x{} {protocol:?} {wrap:?} {remote} {whole} {backdrop:?} {grade:?}",
            still.hash, area.width, area.height, cell.width, cell.height
        );
        Some(hexadecimal(&Sha256::digest(words.as_bytes())))
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(key.get(..2).unwrap_or_default()).join(key)
    }

    /// The preview, if it is here and whole.
    pub(crate) fn get(&self, key: &str) -> Option<Made> {
        let mut file = File::open(self.path(key)).ok()?;
        let mut bytes = Vec::new();
        (&mut file).take(LONGEST).read_to_end(&mut bytes).ok()?;
        let made = read(&bytes)?;
        // The oldest go first; a folder that cannot be written is no reason to do without.
        let _ = file.set_modified(SystemTime::now());
        Some(made)
    }

    /// Keeps a preview.
    pub(crate) fn put(&self, key: &str, made: &Made) {
        let Some(bytes) = write(made) else { return };
        if self.keep(&self.path(key), &bytes).is_ok()
            && WRITTEN.fetch_add(1, Ordering::Relaxed).is_multiple_of(ROUND)
        {
            self.tidy(LIMIT);
        }
    }

    fn keep(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.folder);
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let part = path.with_extension(format!("{}.part", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&part)?;
        let written = file.write_all(bytes).and_then(|()| fs::rename(&part, path));
        if written.is_err() {
            let _ = fs::remove_file(&part);
        }
        written
    }

    /// Deletes the previews that were not looked at for the longest, until so many bytes are left.
    fn tidy(&self, limit: u64) {
        let folders = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let files = folders.flat_map(|folder| fs::read_dir(folder.path()).into_iter().flatten().flatten());
        let mut all: Vec<(SystemTime, u64, PathBuf)> = files
            .filter_map(|file| {
                let about = file.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((about.modified().ok()?, about.len(), file.path()))
            })
            .collect();
        all.sort();
        let mut total: u64 = all.iter().map(|(_, length, _)| length).sum();
        for (_, length, path) in all {
            if total <= limit {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= length;
            }
        }
    }
}

fn write(made: &Made) -> Option<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|part| bytes.extend_from_slice(part));
    match made {
        Made::Blocks(_) => return None,
        Made::Png {
            png,
            cols,
            rows,
            pixels,
        } => put(&[
            &[0],
            &cols.to_be_bytes(),
            &rows.to_be_bytes(),
            &pixels.0.to_be_bytes(),
            &pixels.1.to_be_bytes(),
            png,
        ]),
        Made::Strips { strips, cols, rows } => {
            put(&[&[1], &cols.to_be_bytes(), &rows.to_be_bytes()]);
            for strip in strips {
                let length = u32::try_from(strip.bytes.len()).ok()?;
                put(&[
                    &strip.row.to_be_bytes(),
                    &strip.rows.to_be_bytes(),
                    &length.to_be_bytes(),
                    &strip.bytes,
                ]);
            }
        }
    }
    Some(bytes)
}

fn read(bytes: &[u8]) -> Option<Made> {
    let mut rest = Rest(bytes.strip_prefix(MAGIC)?);
    let [kind] = rest.take::<1>()?;
    let (cols, rows) = (rest.short()?, rest.short()?);
    if kind == 0 {
        let pixels = (rest.long()?, rest.long()?);
        let png = rest.0.to_vec();
        // What a power cut left half written must not reach the terminal.
        let whole = png.ends_with(b"IEND\xae\x42\x60\x82");
        return whole.then_some(Made::Png {
            png,
            cols,
            rows,
            pixels,
        });
    }
    let mut strips = Vec::new();
    while !rest.0.is_empty() {
        let (row, rows, length) = (rest.short()?, rest.short()?, rest.long()?);
        let (bytes, behind) = rest.0.split_at_checked(usize::try_from(length).ok()?)?;
        rest.0 = behind;
        strips.push(Strip {
            row,
            rows,
            bytes: bytes.to_vec(),
        });
    }
    let is_whole = strips.last().is_some_and(|last| last.row + last.rows == rows);
    is_whole.then_some(Made::Strips { strips, cols, rows })
}

struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn long(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strips() -> Made {
        let strip = |row| Strip {
            row,
            rows: 2,
            bytes: vec![row.to_be_bytes()[1]; 1000],
        };
        Made::Strips {
            strips: vec![strip(0), strip(2)],
            cols: 9,
            rows: 4,
        }
    }

    #[test]
    fn what_was_kept_comes_back_and_what_is_cut_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let png = Made::Png {
            png: b"\x89PNG....IEND\xae\x42\x60\x82".to_vec(),
            cols: 80,
            rows: 40,
            pixels: (800, 800),
        };
        for made in [png, strips()] {
            assert_eq!(cache.get("abcd"), None);
            cache.put("abcd", &made);
            assert_eq!(cache.get("abcd"), Some(made));
            let path = cache.path("abcd");
            let bytes = fs::read(&path).unwrap();
            for length in 0..bytes.len() {
                fs::write(&path, &bytes[..length]).unwrap();
                assert_eq!(cache.get("abcd"), None, "{length} bytes");
            }
            fs::remove_file(path).unwrap();
        }
    }

    #[test]
    fn the_oldest_go_when_there_is_too_much() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        for (age, key) in [(300, "aa1"), (100, "aa2"), (200, "bb3")] {
            cache.put(key, &strips());
            let file = File::open(cache.path(key)).unwrap();
            let when = SystemTime::now() - std::time::Duration::from_secs(age);
            file.set_modified(when).unwrap();
        }
        assert!(cache.get("aa1").is_some(), "what is looked at is young again");
        cache.tidy(5000);
        let left = ["aa1", "aa2", "bb3"].map(|key| cache.get(key).is_some());
        assert_eq!(left, [true, true, false]);
    }

    #[test]
    fn another_box_or_quality_is_another_preview() {
        let still = crate::tui::pixels::Still {
            path: "/1.png".into(),
            hash: "f".repeat(64),
        };
        let subject = Subject::Thumbnail(still);
        let encoding = Encoding {
            protocol: crate::graphics::Protocol::Sixel,
            cell: crate::graphics::CellSize::default(),
            wrap: crate::graphics::kitty::Wrap::None,
            remote: false,
            whole: false,
            palette: None,
            backdrop: crate::graphics::Backdrop::BLACK,
        };
        let key = |width, grade| Cache::key(&subject, Size::new(width, 5), &encoding, grade);
        assert_ne!(key(5, Grade::Good), key(6, Grade::Good));
        assert_ne!(key(5, Grade::Good), key(5, Grade::Sketch(160)));
        let light = Encoding {
            backdrop: crate::graphics::Backdrop::WHITE,
            ..encoding
        };
        let on = |encoding| Cache::key(&subject, Size::new(5, 5), encoding, Grade::Good);
        assert_ne!(on(&encoding), on(&light));
        assert_eq!(
            Cache::key(
                &Subject::stored("/1.png"),
                Size::new(5, 5),
                &encoding,
                Grade::Good
            ),
            None
        );
    }
}
