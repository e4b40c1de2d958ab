//! A file becomes a reference: read once, examined, cleaned of what its camera wrote, turned upright, and copied into
//! the store. From then on only the copy counts, whatever becomes of the file: what is shown is what is sent.

use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::locate;
use super::reference::HEAVY;
use crate::domain::{Header, Mime, Reference, amount, clean_line};
use crate::error::{Error, Kind, Result, reason};
use crate::graphics::{self, Converted, READABLE, Wish};
use crate::store::Store;

/// Of an image that had to be turned: encoding it once more must not be seen.
const QUALITY: u8 = 95;

/// The options for taking references in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attaching {
    /// Position, camera, software and texts stay in the file.
    pub keep_metadata: bool,
    /// The time limit for a pipe that does not end; `None` reads it as long as it takes.
    pub patience: Option<Duration>,
}

impl Attaching {
    /// Of a path that was typed or pasted: a pipe is given ten seconds.
    pub fn by_hand(keep_metadata: bool) -> Self {
        Self {
            keep_metadata,
            patience: Some(Duration::from_secs(10)),
        }
    }
}

/// The origin of an image that is to be a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    File(&'a Path),
    /// A named pipe, or the one that a shell makes of `<(…)`.
    Pipe(&'a Path),
    StandardInput,
    Clipboard,
}

impl Origin<'_> {
    /// The user's name of it.
    fn name(self) -> String {
        match self {
            Self::File(path) => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                clean_line(&name.to_string_lossy())
            }
            Self::Pipe(_) => "the pipe".to_owned(),
            Self::StandardInput => "standard input".to_owned(),
            Self::Clipboard => "pasted image".to_owned(),
        }
    }

    fn refused(self, why: &str, hint: &str) -> Error {
        let subject = match self {
            Self::File(path) | Self::Pipe(path) => {
                format!("The reference {}", clean_line(&path.to_string_lossy()))
            }
            Self::StandardInput => "The reference on standard input".to_owned(),
            Self::Clipboard => "The image on the clipboard".to_owned(),
        };
        Error::new(Kind::BadInput, format!("{subject} {why}")).hint(format!("{hint}; nothing was sent"))
    }

    fn unusable(self, why: &str) -> Error {
        let hint = match self {
            Self::Clipboard => "Paste it once more, or save it as a file and attach that",
            Self::File(_) | Self::Pipe(_) | Self::StandardInput => {
                "Save it anew with an image program, or leave it out"
            }
        };
        self.refused(&format!("cannot be used: {why}"), hint)
    }
}

/// Takes in the file that is meant by a path, as [`locate()`] finds it; a pipe is read to its end. Blocks.
pub fn attach(store: &Store, given: &OsStr, how: Attaching) -> Result<Reference> {
    let path = locate(given);
    let bytes = read(&path, how.patience).map_err(|why| unreadable("the reference ", &path, &why))?;
    let origin = if is_pipe(&path) {
        Origin::Pipe(&path)
    } else {
        Origin::File(&path)
    };
    attach_bytes(store, &bytes, origin, how)
}

fn is_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|facts| facts.file_type().is_fifo())
}

fn unreadable(what: &str, path: &Path, why: &str) -> Error {
    let shown = clean_line(&path.to_string_lossy());
    Error::new(Kind::BadInput, format!("Cannot read {what}{shown}: {why}"))
        .hint("Check the path; nothing was sent")
}

/// Takes in an image that came as bytes. Blocks.
pub fn attach_bytes(store: &Store, bytes: &[u8], origin: Origin<'_>, how: Attaching) -> Result<Reference> {
    if bytes.is_empty() {
        return Err(origin.refused("is empty", "Give an image file"));
    }
    if Mime::sniff(bytes) == Mime::Unknown {
        let hint = "PNG, JPEG and WebP are accepted everywhere";
        return Err(origin.refused("is not an image", hint));
    }
    let examined = if is_light(bytes) {
        graphics::examine(bytes)
    } else {
        // It will be decoded to be scaled, and that is soon enough.
        graphics::look_over(bytes)
    };
    examined.map_err(|why| origin.unusable(&why))?;
    let clean = if how.keep_metadata {
        Clean::default()
    } else {
        clean(bytes, origin)?
    };
    let turned = turned(clean.bytes.as_deref().unwrap_or(bytes), bytes, how);
    let name = origin.name();
    let note = note(&name, &clean, turned.as_ref());
    let made = turned.map(|turned| turned.bytes).or(clean.bytes);
    let kept = match (store.reference_from(made.as_deref().unwrap_or(bytes)), origin) {
        // Nothing can be sent from a store that takes nothing, but what would be can be asked for.
        (Err(_), Origin::File(path)) if store.read_only().is_some() => Reference {
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            mime: Mime::sniff(bytes),
            bytes: bytes.len() as u64,
            ..Reference::default()
        },
        (kept, _) => kept?,
    };
    Ok(Reference { name, note, ..kept })
}

/// Returns true if it is sent without being scaled down.
fn is_light(bytes: &[u8]) -> bool {
    bytes.len() as u64 <= HEAVY
}

/// A file without its metadata.
#[derive(Default)]
struct Clean {
    /// `None` where it had none.
    bytes: Option<Vec<u8>>,
    found: graphics::Found,
    /// Its container could not be written again, so its pixels were.
    encoded: bool,
}

fn clean(bytes: &[u8], origin: Origin<'_>) -> Result<Clean> {
    if let Ok(stripped) = graphics::strip(bytes) {
        return Ok(Clean {
            bytes: stripped.bytes,
            found: stripped.found,
            encoded: false,
        });
    }
    let mime = Mime::sniff(bytes);
    let made = if matches!(mime, Mime::Avif | Mime::Heic | Mime::Heif) {
        Err(format!("what is in it is not where {} has it", mime.name()))
    } else {
        graphics::convert(bytes, &as_it_is(mime))
    };
    let made = made.map_err(|why| {
        origin.refused(
            &format!("cannot be sent without its metadata: {why}"),
            "Save it anew with an image program, or say --keep-metadata",
        )
    })?;
    Ok(Clean {
        bytes: Some(made.bytes),
        encoded: true,
        ..Clean::default()
    })
}

/// The same pixels in a file of the same type, or of the one that loses least.
fn as_it_is(mime: Mime) -> Wish<'static> {
    Wish {
        may: match mime {
            Mime::Png => &[Mime::Png],
            _ => &[Mime::Png, Mime::Jpeg],
        },
        longest: None,
        quality: QUALITY,
    }
}

/// The image upright, where its pixels lie on their side: servers do not all look at EXIF. A type that no model takes,
/// and a heavy image, are made upright when they are converted; this is for all others.
fn turned(clean: &[u8], original: &[u8], how: Attaching) -> Option<Converted> {
    let mime = Mime::sniff(clean);
    let lies = Header::of(clean).is_some_and(|header| !header.orientation.is_upright());
    if !lies || !is_light(clean) || !matches!(mime, Mime::Jpeg | Mime::Png | Mime::Webp) {
        return None;
    }
    let mut made = graphics::convert(clean, &as_it_is(mime)).ok()?;
    if how.keep_metadata {
        made.bytes = graphics::with_exif_of(original, made.bytes);
    }
    is_light(&made.bytes).then_some(made)
}

/// The sentence that tells of changes to a file; `None` where it is sent as it is.
fn note(name: &str, clean: &Clean, turned: Option<&Converted>) -> Option<String> {
    let left_out = (clean.bytes.is_some() && !clean.found.is_empty()).then(|| clean.found.words());
    let again = clean.encoded || turned.is_some_and(|made| made.mime != Mime::Png);
    let again = if again { " and encoded anew" } else { "" };
    match (turned, left_out) {
        (Some(_), Some(left_out)) => Some(format!(
            "{name} was turned upright{again}, and is sent without its {left_out}"
        )),
        (Some(_), None) => Some(format!("{name} was turned upright{again}")),
        (None, Some(left_out)) => Some(format!("{name} is sent without its {left_out}")),
        (None, None) if clean.encoded => Some(format!("{name} was encoded anew, without its metadata")),
        (None, None) => None,
    }
}

/// Everything in a file, or in a pipe; an error is the end of a sentence.
fn read(path: &Path, patience: Option<Duration>) -> std::result::Result<Vec<u8>, String> {
    let facts = std::fs::metadata(path).map_err(|error| why_unreadable(path, &error))?;
    let is_pipe = facts.file_type().is_fifo();
    if !facts.is_file() && !is_pipe {
        return Err(kind(&facts).to_owned());
    }
    let bytes = match patience.filter(|_| is_pipe) {
        None => File::open(path).and_then(|file| limited(file.take(READABLE + 1))),
        Some(patience) => within(path, patience),
    };
    let bytes = bytes.map_err(|error| reason(&error))?;
    if bytes.len() as u64 > READABLE {
        return Err(format!("it is larger than {}", amount(READABLE)));
    }
    Ok(bytes)
}

fn limited(mut file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Names a thing that is neither a file nor a pipe.
fn kind(facts: &Metadata) -> &'static str {
    if facts.is_dir() {
        "it is a folder"
    } else if facts.file_type().is_socket() {
        "it is a socket"
    } else {
        "it is a device, not a file"
    }
}

/// Says why a file cannot be opened, as the end of a sentence: a link may be there whose target is not.
pub fn why_unreadable(path: &Path, error: &io::Error) -> String {
    match std::fs::read_link(path) {
        Ok(target) if error.kind() == ErrorKind::NotFound => {
            let target = clean_line(&target.to_string_lossy());
            format!("it is a link to {target}, which is not there")
        }
        _ => reason(error),
    }
}

/// A pipe, read as long as something comes and no longer than this.
fn within(path: &Path, patience: Duration) -> io::Result<Vec<u8>> {
    let late = || io::Error::new(ErrorKind::TimedOut, "it is a pipe that nothing comes out of");
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let mut pipe = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let deadline = Instant::now() + patience;
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while bytes.len() as u64 <= READABLE {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).unwrap_or_default();
        let mut waiting = [PollFd::new(&pipe, PollFlags::IN)];
        if poll(&mut waiting, Some(&timeout)).is_ok_and(|ready| ready == 0) || left.is_zero() {
            return Err(late());
        }
        match pipe.read(&mut buffer) {
            // Nobody writes to it, or nobody does any more.
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(bytes)
}

/// The bytes of the file or pipe that is meant by a path, as [`locate()`] finds it; `None` where nothing is there, or
/// nothing but a folder.
pub fn read_image(given: &OsStr) -> Result<Option<Vec<u8>>> {
    let path = locate(given);
    if std::fs::symlink_metadata(&path).is_err() || path.is_dir() {
        return Ok(None);
    }
    let bytes = read(&path, None).map_err(|why| {
        let error = unreadable("", &path, &why);
        error.hint("Check the path")
    })?;
    Ok(Some(bytes))
}
