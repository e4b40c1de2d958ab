//! Copies for the user: `-o` and "save as". A copy never overwrites by itself, and its extension tells its bytes.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::fault::sentence;
use super::sessions::chance;
use crate::domain::{Image, Mime};
use crate::error::{Error, Kind, Result};

/// Says before anything is paid for whether [`copy_out`] could write to `dest`.
pub fn check_out(dest: &Path) -> Result<()> {
    let folder = if is_folder(dest) { dest } else { parent(dest) };
    let checked = fs::metadata(folder).and_then(|metadata| {
        if metadata.is_dir() {
            let access = rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK;
            rustix::fs::access(folder, access).map_err(io::Error::from)
        } else {
            Err(io::Error::from(io::ErrorKind::NotADirectory))
        }
    });
    match checked {
        _ if is_device(dest) => Ok(()),
        Ok(()) => Ok(()),
        Err(error) => Err(Error::new(Kind::BadInput, sentence("write to", folder, &error))
            .hint("Name a file in a folder that exists and that you may write to")),
    }
}

/// Copies a stored picture to a file or into a folder, and tells where it went: `out.png` becomes `out_1.png` rather
/// than overwrite (unless `force`), and `out.jpg` where the picture is a JPEG.
pub fn copy_out(image: &Image, dest: &Path, force: bool) -> Result<PathBuf> {
    check_out(dest)?;
    let mut source = File::open(&image.path)
        .map_err(|error| Error::new(Kind::Store, sentence("read", &image.path, &error)))?;
    let unwritten =
        |path: &Path, error: &io::Error| Error::new(Kind::BadInput, sentence("write", path, error));
    if is_device(dest) {
        let mut device = OpenOptions::new()
            .write(true)
            .open(dest)
            .map_err(|error| unwritten(dest, &error))?;
        io::copy(&mut source, &mut device).map_err(|error| unwritten(dest, &error))?;
        return Ok(dest.to_owned());
    }
    let wanted = match image.path.file_name() {
        Some(name) if is_folder(dest) => dest.join(name),
        _ => with_extension_of(dest, image.mime),
    };
    if force {
        replace(&mut source, &wanted).map_err(|error| unwritten(&wanted, &error))?;
        return Ok(wanted);
    }
    for number in 0..10_000 {
        let path = numbered(&wanted, number);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut copy) => {
                return match io::copy(&mut source, &mut copy) {
                    Ok(_) => Ok(path),
                    Err(error) => {
                        let _ = fs::remove_file(&path);
                        Err(unwritten(&path, &error))
                    }
                };
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(unwritten(&path, &error)),
        }
    }
    Err(unwritten(&wanted, &io::ErrorKind::AlreadyExists.into()))
}

/// Puts a file in the place of another at once: nobody ever sees half of it.
fn replace(source: &mut File, path: &Path) -> io::Result<()> {
    let chance = chance().map_err(|error| io::Error::other(error.message))?;
    let part = parent(path).join(format!(".tintype-{chance:08x}.part"));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&part)
        .and_then(|mut copy| io::copy(source, &mut copy))
        .and_then(|_| fs::rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

fn is_folder(dest: &Path) -> bool {
    dest.as_os_str().as_bytes().ends_with(b"/") || dest.is_dir()
}

/// Something that is written to and not replaced, such as `/dev/null` or a pipe.
fn is_device(dest: &Path) -> bool {
    fs::metadata(dest).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `dest` with the extension that its bytes call for. Only an extension of a picture is replaced: `v1.2` becomes
/// `v1.2.png`. Bytes of no known type keep the name they were given.
fn with_extension_of(dest: &Path, mime: Mime) -> PathBuf {
    let given = dest
        .extension()
        .map(|given| given.to_string_lossy().to_ascii_lowercase());
    let told = given.as_deref().and_then(type_of);
    match (told, mime) {
        (_, Mime::Unknown) => dest.to_owned(),
        (Some(told), mime) if told == mime => dest.to_owned(),
        (Some(_), mime) => dest.with_extension(mime.extension()),
        (None, mime) => {
            let mut name = dest.as_os_str().to_owned();
            name.push(".");
            name.push(mime.extension());
            PathBuf::from(name)
        }
    }
}

fn type_of(extension: &str) -> Option<Mime> {
    Some(match extension {
        "png" => Mime::Png,
        "jpg" | "jpeg" | "jpe" => Mime::Jpeg,
        "webp" => Mime::Webp,
        "gif" => Mime::Gif,
        "avif" => Mime::Avif,
        "heic" => Mime::Heic,
        "heif" => Mime::Heif,
        "bmp" => Mime::Bmp,
        "tif" | "tiff" => Mime::Tiff,
        _ => return None,
    })
}

/// `out.png`, `out_1.png`, `out_2.png` …
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_owned();
    }
    let mut name: OsString = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("_{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_follows_the_bytes() {
        let named = |dest: &str, mime| with_extension_of(Path::new(dest), mime).display().to_string();
        assert_eq!(named("a/out.png", Mime::Png), "a/out.png");
        assert_eq!(named("a/out.png", Mime::Jpeg), "a/out.jpg");
        assert_eq!(named("out.JPEG", Mime::Jpeg), "out.JPEG");
        assert_eq!(named("v1.2", Mime::Webp), "v1.2.webp");
        assert_eq!(named("out", Mime::Png), "out.png");
        assert_eq!(named("out.xyz", Mime::Unknown), "out.xyz");
    }

    #[test]
    fn numbers_go_before_the_extension() {
        assert_eq!(numbered(Path::new("a.b/out.png"), 2), Path::new("a.b/out_2.png"));
        assert_eq!(numbered(Path::new("a.b/out"), 1), Path::new("a.b/out_1"));
    }
}
