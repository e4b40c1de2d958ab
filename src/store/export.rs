//! A session as a folder that needs no tintype: pictures under names that a person can read, and `session.json` with
//! everything else, from which import.rs makes the session again. The store's own files are only read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::fault::sentence;
use super::manifest::{Entry, FORMAT, Manifest, NAME, VERSION, files_of};
use super::present::if_present;
use super::sessions::{chance, no_session};
use super::{Store, names};
use crate::domain::{ImageKind, Mime, Part, SessionId, Signature, Turn, hexadecimal};
use crate::error::{Error, Kind, Result};

/// Where text goes into a PNG: behind its signature and its header, which must come first.
pub(super) const EMBED_AT: usize = 33;

/// Gives the chunks that go into the PNG copies of a turn.
pub type Label<'a> = &'a dyn Fn(&Turn) -> Vec<u8>;

/// What [`Store::export`] has written.
#[derive(Debug)]
pub struct Exported {
    /// Where it is.
    pub folder: PathBuf,
    pub pictures: Vec<ExportedPicture>,
    /// Files of the store that are gone; the rest is there without them.
    pub missing: Vec<PathBuf>,
}

/// A picture of an export.
#[derive(Debug)]
pub struct ExportedPicture {
    pub path: PathBuf,
    pub kind: ImageKind,
    /// Its number and the words of its prompt, as in its name.
    pub label: String,
    /// Whether text was added to it.
    pub embedded: bool,
}

impl Exported {
    /// Puts one more file into the folder, in the place of an older one.
    pub fn add(&self, name: &str, bytes: &[u8]) -> Result<()> {
        Target { folder: &self.folder }
            .write(Path::new(name), &mut &*bytes, None)
            .map(drop)
    }
}

impl Store {
    /// Writes a session to a folder, which must be empty unless `force`. `label` gives the chunks that go into copies
    /// that are PNG. What could tell how to reach a provider stays behind: the route, and answers of servers as they
    /// came.
    pub fn export(
        &self,
        id: &SessionId,
        folder: &Path,
        label: Option<Label<'_>>,
        force: bool,
    ) -> Result<Exported> {
        let mut session = self.session(id)?.ok_or_else(|| no_session(id.as_str()))?;
        let target = Target::make(folder, force)?;
        let mut exported = Exported {
            folder: folder.to_owned(),
            pictures: Vec::new(),
            missing: Vec::new(),
        };
        let mut files = Vec::new();
        for turn in &mut session.turns {
            exported.missing.extend(leave_missing(turn)?);
            let chunks = label.map(|label| label(turn));
            pictures(&target, turn, chunks.as_deref(), &mut exported, &mut files)?;
            attachments(&target, turn, &mut files)?;
            turn.route = None;
            if let Some(error) = &mut turn.error {
                error.body = None;
            }
        }
        files.sort_by(|one: &Entry, other| one.path.cmp(&other.path));
        files.dedup_by(|one, other| one.path == other.path);
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            version: VERSION,
            tintype: env!("CARGO_PKG_VERSION").to_owned(),
            session,
            files,
        };
        let json = serde_json::to_vec_pretty(&manifest).map_err(|error| {
            Error::new(
                Kind::Internal,
                format!("The session cannot be written down: {error}"),
            )
        })?;
        // Last: a folder with a session.json is a whole export.
        target.write(Path::new(NAME), &mut json.as_slice(), None)?;
        Ok(exported)
    }
}

/// `02-make-it-night.png`, `02-make-it-night-2.png`, `02-make-it-night-draft.jpg`.
fn pictures(
    target: &Target<'_>,
    turn: &mut Turn,
    chunks: Option<&[u8]>,
    exported: &mut Exported,
    files: &mut Vec<Entry>,
) -> Result<()> {
    let words = names::words(&turn.request.prompt);
    let mut counts = [0, 0];
    for image in &mut turn.images {
        let (count, draft) = match image.kind {
            ImageKind::Result => (&mut counts[0], ""),
            ImageKind::Draft => (&mut counts[1], "-draft"),
        };
        *count += 1;
        let again = if *count == 1 {
            String::new()
        } else {
            format!("-{count}")
        };
        let stem = format!("{:02}-{words}{draft}{again}", turn.number);
        let name = PathBuf::from(format!("{stem}.{}", image.mime.extension()));
        let mut source = open(&image.path)?;
        let chunks = chunks.filter(|_| image.mime == Mime::Png);
        let entry = target.write(&name, &mut source, chunks)?;
        image.sha256.clone_from(&entry.sha256);
        image.bytes = entry.bytes;
        exported.pictures.push(ExportedPicture {
            path: target.folder.join(&name),
            kind: image.kind,
            label: format!("{} {}", turn.number, words.replace('-', " ")),
            embedded: entry.embedded > 0,
        });
        files.push(entry);
        image.path = name;
    }
    Ok(())
}

/// References and heavy signatures, under the names that they have in the store.
fn attachments(target: &Target<'_>, turn: &mut Turn, files: &mut Vec<Entry>) -> Result<()> {
    let mut keep = |folder: &str, path: &mut PathBuf| -> Result<()> {
        let file = path.file_name().unwrap_or_default();
        let name = Path::new(folder).join(file);
        files.push(target.write(&name, &mut open(path)?, None)?);
        *path = name;
        Ok(())
    };
    for reference in &mut turn.request.references {
        keep("references", &mut reference.path)?;
    }
    for part in &mut turn.parts {
        let (Part::Text { signature, .. } | Part::Image { signature, .. }) = part;
        if let Some(Signature::File { path, .. }) = signature {
            keep("signatures", path)?;
        }
    }
    Ok(())
}

/// Takes out of a turn what has no file any more, and tells what that was. A file that cannot be looked at is not gone.
fn leave_missing(turn: &mut Turn) -> Result<Vec<PathBuf>> {
    let mut missing = Vec::new();
    for path in files_of(turn) {
        let there = if_present(fs::metadata(path))
            .map_err(|error| Error::new(Kind::Store, sentence("read", path, &error)))?;
        if !there.is_some_and(|there| there.is_file()) {
            missing.push(path.clone());
        }
    }
    if missing.is_empty() {
        return Ok(missing);
    }
    let gone = |path: &PathBuf| missing.contains(path);
    turn.request.references.retain(|reference| !gone(&reference.path));
    let mut kept = 0;
    let places: Vec<Option<usize>> = turn
        .images
        .iter()
        .map(|image| {
            let place = (!gone(&image.path)).then_some(kept);
            kept += usize::from(place.is_some());
            place
        })
        .collect();
    turn.images.retain(|image| !gone(&image.path));
    turn.parts.retain_mut(|part| {
        let (Part::Text { signature, .. } | Part::Image { signature, .. }) = &mut *part;
        if matches!(signature, Some(Signature::File { path, .. }) if gone(path)) {
            *signature = None;
        }
        match part {
            Part::Image { image, .. } => match places.get(*image).copied().flatten() {
                Some(place) => {
                    *image = place;
                    true
                }
                None => false,
            },
            Part::Text { .. } => true,
        }
    });
    Ok(missing)
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| Error::new(Kind::Store, sentence("read", path, &error)))
}

/// The folder that is written to.
struct Target<'a> {
    folder: &'a Path,
}

impl<'a> Target<'a> {
    fn make(folder: &'a Path, force: bool) -> Result<Self> {
        let made = fs::create_dir_all(folder).and_then(|()| Ok(fs::read_dir(folder)?.next().is_none()));
        match made {
            Ok(empty) if empty || force => Ok(Self { folder }),
            Ok(_) => Err(
                Error::new(Kind::BadInput, format!("{} is not empty", folder.display()))
                    .hint("Name another folder, or add --force to write over what has the same names"),
            ),
            Err(error) => Err(unwritten(folder, &error)),
        }
    }

    /// Copies a file to its place, which nobody sees before it is whole.
    fn write(&self, name: &Path, source: &mut impl Read, chunks: Option<&[u8]>) -> Result<Entry> {
        let path = self.folder.join(name);
        let failed = |error: &io::Error| unwritten(&path, error);
        if let Some(folder) = name.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            self.subfolder(folder).map_err(|error| failed(&error))?;
        }
        let part = path.with_file_name(format!(".tintype-{:08x}.part", chance()?));
        let poured = pour(source, chunks, &part).and_then(|poured| {
            fs::rename(&part, &path)?;
            Ok(poured)
        });
        if poured.is_err() {
            let _ = fs::remove_file(&part);
        }
        let Poured {
            sha256,
            bytes,
            embedded,
        } = poured.map_err(|error| failed(&error))?;
        Ok(Entry {
            path: name.to_string_lossy().into_owned(),
            bytes,
            sha256,
            embedded,
        })
    }

    /// A folder of our own, and not what a symlink points to.
    fn subfolder(&self, name: &Path) -> io::Result<()> {
        let folder = self.folder.join(name);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ if fs::symlink_metadata(&folder)?.is_dir() => Ok(()),
            _ => Err(io::ErrorKind::NotADirectory.into()),
        }
    }
}

struct Poured {
    sha256: String,
    bytes: u64,
    embedded: u64,
}

/// Copies a file, with chunks put in where it is a PNG; hash and length are those of what it was.
fn pour(source: &mut impl Read, chunks: Option<&[u8]>, part: &Path) -> io::Result<Poured> {
    let mut copy = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)?;
    let mut head = Vec::with_capacity(EMBED_AT);
    source.take(EMBED_AT as u64).read_to_end(&mut head)?;
    let is_png = head.len() == EMBED_AT && Mime::sniff(&head) == Mime::Png && &head[12..16] == b"IHDR";
    let chunks = chunks.filter(|_| is_png).unwrap_or_default();
    let mut hash = Sha256::new_with_prefix(&head);
    copy.write_all(&head)?;
    copy.write_all(chunks)?;
    let mut bytes = head.len() as u64;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(&buffer[..length]);
        copy.write_all(&buffer[..length])?;
        bytes += length as u64;
    }
    copy.sync_all()?;
    Ok(Poured {
        sha256: hexadecimal(&hash.finalize()),
        bytes,
        embedded: chunks.len() as u64,
    })
}

fn unwritten(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::BadInput, sentence("write", path, error))
        .hint("Name a folder that you may write to, on a disk with room")
}
