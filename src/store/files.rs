//! Files that the store takes in: pictures and signatures from the spool, references from the user. What is taken in
//! is synced before it gets its name, its name before anybody is told, and nothing is ever overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, UTIME_NOW, utimensat};
use sha2::{Digest, Sha256};

use super::fault::{disk, sentence};
use super::folder::{IMAGES, sync_folder};
use super::present::{metadata_if_present, remove_if_present};
use super::removals::{self, Claim};
use super::sessions::chance;
use super::{Store, names};
use crate::domain::{Image, ImageKind, Mime, Reference, Signature, Turn, TurnId, hexadecimal};
use crate::error::{Error, Kind, Result};

/// A picture that has arrived in the spool, complete or as far as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The file; it leaves the spool.
    pub spool: PathBuf,
    pub kind: ImageKind,
    pub mime: Mime,
    pub declared_mime: Option<String>,
    pub width: u32,
    pub height: u32,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
}

impl Store {
    /// Takes a picture out of the spool into `images/`, under a name made of the local time and the prompt. On the
    /// disk when this returns; its row comes with [`Store::finish_turn`].
    pub fn adopt(&self, turn: &Turn, arrival: Arrival, now_ms: i64) -> Result<Image> {
        let (folder, stem) = self.place(&turn.request.prompt, arrival.kind, now_ms);
        let name = Name {
            stem: &stem,
            extension: arrival.mime.extension(),
            turn: Some(&turn.id),
        };
        let taken = self.take_in(&arrival.spool, &folder, &name, None);
        let (path, bytes) = taken.map_err(|error| still_there(error, &arrival.spool))?;
        Ok(Image {
            kind: arrival.kind,
            path,
            mime: arrival.mime,
            declared_mime: arrival.declared_mime,
            width: arrival.width,
            height: arrival.height,
            bytes,
            sha256: arrival.sha256,
        })
    }

    /// The folder of a picture, and what its name begins with.
    pub(super) fn place(&self, prompt: &str, kind: ImageKind, now_ms: i64) -> (PathBuf, String) {
        let zone = self.inner.zone.clone().unwrap_or_else(TimeZone::system);
        let local = Timestamp::from_millisecond(now_ms)
            .unwrap_or_default()
            .to_zoned(zone);
        let draft = match kind {
            ImageKind::Draft => "-draft",
            ImageKind::Result => "",
        };
        let words = names::words(prompt);
        let stem = format!("{}-{words}{draft}", local.strftime("%H%M%S"));
        let folder = Path::new(IMAGES).join(local.strftime("%Y-%m-%d").to_string());
        (folder, stem)
    }

    /// Copies a signature from the spool into `signatures/`. On the disk when this returns. The spool file is to stay until
    /// [`Store::finish_turn`] has worked: after a kill in between, recovery has the signature from there, and the sweep
    /// removes the copy that no turn names.
    pub fn adopt_signature(&self, turn: &Turn, spool: &Path) -> Result<Signature> {
        let name = Name {
            stem: turn.id.as_str(),
            extension: "sig",
            turn: None,
        };
        let copied = self.copy_in(spool, Path::new("signatures"), &name);
        let (path, bytes) = copied.map_err(|error| still_there(error, spool))?;
        Ok(Signature::File { path, bytes })
    }

    fn copy_in(&self, spool: &Path, folder: &Path, name: &Name<'_>) -> Result<(PathBuf, u64)> {
        let bytes = settle(spool).map_err(|error| disk("save", spool, &error))?;
        let folder = self.subfolder(folder)?;
        let path = reserve(&folder, name, |path| self.is_to_go(path))?;
        copy_over(spool, &path).map_err(|error| {
            let _ = fs::remove_file(&path);
            disk("save", &path, &error)
        })?;
        Ok((path, bytes))
    }

    /// Moves a file to a new name in a folder of the store, and tells the name and its length. With a claim the file goes
    /// again unless the claim is confirmed.
    pub(super) fn take_in(
        &self,
        spool: &Path,
        folder: &Path,
        name: &Name<'_>,
        claim: Option<&mut Claim<'_>>,
    ) -> Result<(PathBuf, u64)> {
        let bytes = settle(spool).map_err(|error| disk("save", spool, &error))?;
        let folder = self.subfolder(folder)?;
        let path = reserve(&folder, name, |path| self.is_to_go(path))?;
        let claimed = claim.map_or(Ok(()), |claim| claim.add(&path));
        let moved = claimed
            .and_then(|()| move_into(spool, &folder, &path).map_err(|error| disk("save", &path, &error)));
        moved.inspect_err(|_| {
            // The reservation is empty while the spool has the file; in doubt it stays, and the sweep sees to it.
            let is_empty = metadata_if_present(&path)
                .is_ok_and(|metadata| metadata.is_some_and(|metadata| metadata.len() == 0));
            if is_empty {
                let _swept_later = fs::remove_file(&path);
            }
        })?;
        Ok((path, bytes))
    }

    /// Whether a name belongs to a file that was to go and is not gone for sure: what takes it would go instead.
    fn is_to_go(&self, path: &Path) -> bool {
        let name = self.relative(path);
        self.read(|connection| removals::is_noted(connection, &name))
            .unwrap_or(false)
    }

    /// The store's own copy of a file that the user gave along; equal contents are kept once.
    pub(super) fn keep_reference(&self, reference: &Reference) -> Result<Reference> {
        let folder = self.subfolder(Path::new("references"))?;
        if reference.path.parent() == Some(&folder) && touch(&reference.path).is_ok() {
            return Ok(reference.clone());
        }
        self.keep(&mut open_reference(&reference.path)?, reference)
    }

    /// A reference that came as bytes, as from standard input; told by them like any other.
    pub fn reference_from(&self, bytes: &[u8]) -> Result<Reference> {
        let mime = Mime::sniff(bytes);
        if mime == Mime::Unknown {
            return Err(
                Error::new(Kind::BadInput, "The reference on standard input is not a picture")
                    .hint("PNG, JPEG and WebP are accepted everywhere; nothing was sent"),
            );
        }
        let reference = Reference {
            path: PathBuf::from("-"),
            mime,
            bytes: bytes.len() as u64,
            ..Reference::default()
        };
        self.keep(&mut &*bytes, &reference)
    }

    pub(super) fn keep(&self, source: &mut impl Read, reference: &Reference) -> Result<Reference> {
        let folder = self.subfolder(Path::new("references"))?;
        let part = folder.join(format!(".{:08x}.part", chance()?));
        let kept = copy_hashed(source, reference, &part).and_then(|(sha256, bytes)| {
            let path = folder.join(format!("{sha256}.{}", reference.mime.extension()));
            // A file that no row names yet is kept from the sweep by its age: it begins anew. In doubt it is written again.
            let known = fs::symlink_metadata(&path)
                .is_ok_and(|there| there.is_file() && there.len() == bytes)
                && touch(&path).is_ok();
            if !known {
                fs::rename(&part, &path)
                    .and_then(|()| sync_folder(&folder))
                    .map_err(|error| disk("keep", &path, &error))?;
            }
            Ok(Reference {
                path,
                mime: reference.mime,
                bytes,
                ..Reference::default()
            })
        });
        let _ = fs::remove_file(&part);
        kept
    }
}

/// The error of a file that could not be moved, with where it still is.
fn still_there(error: Error, spool: &Path) -> Error {
    let kept = format!("what was received is still in {}", spool.display());
    let hint = if error.hint.is_empty() {
        kept
    } else {
        format!("{}; {kept}", error.hint)
    };
    error.hint(hint)
}

/// Makes a file as young as one that has just been written; an error where it is gone.
fn touch(path: &Path) -> io::Result<()> {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let times = Timestamps {
        last_access: now,
        last_modification: now,
    };
    utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(())
}

/// Puts a spool file's bytes on the disk, takes away everybody else's access, and tells its length.
fn settle(spool: &Path) -> io::Result<u64> {
    let file = open_plain(spool)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

pub(super) fn open_plain(path: &Path) -> io::Result<File> {
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    OpenOptions::new().read(true).custom_flags(no_follow).open(path)
}

/// A new, private, empty file; never one that is there already, nor what a symlink points to.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    // The umask can only have taken from the mode; a file that its owner cannot read is of no use either.
    file.set_permissions(fs::Permissions::from_mode(0o600))
        .inspect_err(|_| {
            let _swept_later = fs::remove_file(path);
        })?;
    Ok(file)
}

/// The name of a new file: `<stem>-<digits>.<extension>`, with four hexadecimal digits, or six where others have those.
pub(super) struct Name<'a> {
    pub(super) stem: &'a str,
    pub(super) extension: &'a str,
    /// The digits say that it was made for this turn; else they say nothing.
    pub(super) turn: Option<&'a TurnId>,
}

/// How many names are tried before it is given up, and how many of them say for which turn the file is: as many as one
/// answer has images in a second.
const TRIES: u16 = 128;
const MARKS: u16 = 64;

/// The digits that say for which turn a file was made, as the number of the try has them. The later ones are longer, so that
/// all of them together fit another turn once in fifty thousand times.
fn mark(turn: &TurnId, number: u16) -> String {
    let bytes = if number == 0 { 2 } else { 3 };
    hexadecimal(&Sha256::digest(format!("{turn} {number}"))[..bytes])
}

/// Whether the name of a file says that it was made for this turn.
pub(super) fn is_marked(path: &Path, turn: &TurnId) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let digits = stem
        .and_then(|stem| stem.rsplit_once('-'))
        .map(|(_, digits)| digits);
    digits.is_some_and(|digits| (0..MARKS).any(|number| mark(turn, number) == digits))
}

/// Takes a free name by making an empty file of it. Renaming over one's own reservation works on every file system;
/// renaming without overwriting does not.
fn reserve(folder: &Path, name: &Name<'_>, is_taken: impl Fn(&Path) -> bool) -> Result<PathBuf> {
    let Name {
        stem,
        extension,
        turn,
    } = name;
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for number in 0..TRIES {
        let digits = match turn {
            Some(turn) if number < MARKS => mark(turn, number),
            _ => format!("{:04x}", chance()? & 0xffff),
        };
        let path = folder.join(format!("{stem}-{digits}.{extension}"));
        if is_taken(&path) {
            continue;
        }
        match create_private(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(disk("save", &path, &error)),
        }
    }
    Err(disk("save", &folder.join(stem), &taken))
}

/// Moves a spool file to a name in a folder, and puts that on the disk. An error means that it is where it was.
fn move_into(spool: &Path, folder: &Path, path: &Path) -> io::Result<()> {
    // Opened before: where no file can be opened any more, nothing has been moved yet.
    let names = File::open(folder)?;
    match fs::rename(spool, path) {
        Ok(()) => names.sync_all().inspect_err(|_| {
            let _found_by_its_bytes = fs::rename(path, spool);
        }),
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            let carried = copy_over(spool, path)
                .and_then(|()| names.sync_all())
                .and_then(|()| remove_if_present(spool));
            carried.inspect_err(|_| {
                // The spool file is whole as long as it has not been removed, which is the last step.
                let _swept_later = fs::remove_file(path);
            })
        }
        Err(error) => Err(error),
    }
}

/// Copies a file over the name that was kept for it; the bytes are on the disk before the name has them, and the name when
/// this returns.
fn copy_over(from: &Path, to: &Path) -> io::Result<()> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let copied = open_plain(from).and_then(|mut source| {
        let mut copy = create_private(&part)?;
        io::copy(&mut source, &mut copy)?;
        copy.sync_all()?;
        fs::rename(&part, to)?;
        to.parent().map_or(Ok(()), sync_folder)
    });
    copied.inspect_err(|_| {
        let _swept_later = fs::remove_file(&part);
    })
}

fn open_reference(path: &Path) -> Result<File> {
    // Asked before opening: opening a pipe would wait for whoever writes to it.
    let plain = fs::metadata(path).map(|metadata| metadata.is_file());
    match plain {
        Ok(true) => File::open(path).map_err(|error| unreadable(path, &error)),
        Ok(false) => Err(Error::new(
            Kind::BadInput,
            format!("Cannot read the reference {}: it is not a file", path.display()),
        )),
        Err(error) => Err(unreadable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::BadInput, sentence("read the reference", path, error))
}

/// Copies a reference to `part` and tells the SHA-256 and the length of what was copied, whatever the file becomes
/// meanwhile.
pub(super) fn copy_hashed(
    source: &mut impl Read,
    reference: &Reference,
    part: &Path,
) -> Result<(String, u64)> {
    let failed = |error: &io::Error| disk("keep", part, error);
    let mut copy = create_private(part).map_err(|error| failed(&error))?;
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(unreadable(&reference.path, &error)),
        };
        hash.update(&buffer[..length]);
        copy.write_all(&buffer[..length])
            .map_err(|error| failed(&error))?;
        bytes += length as u64;
    }
    copy.sync_all().map_err(|error| failed(&error))?;
    Ok((hexadecimal(&hash.finalize()), bytes))
}
