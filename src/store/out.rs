//! Copies for the user: `-o` and "save as". A copy never overwrites by itself, and its extension tells its bytes.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::fault::sentence;
use super::folder::sync_folder;
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
///
/// The copy is on the disk when this returns, and its name never stands for a part of it: it is written and synced under
/// another name in the same folder first. With `force` it takes the place of what has the name at once, of a symlink as
/// of a file; a file's mode stays. An error means that nothing was left under the name, or the old file as it was, unless
/// the error says otherwise. A pipe or a device is written to as it is.
pub fn copy_out(image: &Image, dest: &Path, force: bool) -> Result<PathBuf> {
    check_out(dest)?;
    let mut source = File::open(&image.path)
        .map_err(|error| Error::new(Kind::Store, sentence("read", &image.path, &error)))?;
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
    let name = format!(".tintype-{:08x}.part", chance()?);
    let mode = if force { mode_of(&wanted) } else { None };
    let part = Part::write(parent(&wanted).join(name), &mut source, mode)
        .map_err(|error| unwritten(&wanted, &error))?;
    if force {
        part.replace(&wanted)
    } else {
        part.take_free_name(&wanted)
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Error {
    let failed = Error::new(Kind::BadInput, sentence("write", path, error));
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            failed.hint("Free some space, or name a place on another disk")
        }
        _ => failed,
    }
}

/// The permissions of a file that is about to be replaced. A symlink has none of its own.
fn mode_of(path: &Path) -> Option<u32> {
    let there = fs::symlink_metadata(path).ok()?;
    there.is_file().then(|| there.permissions().mode() & 0o777)
}

/// A file beside the one that it will become. What is left of it goes when it is dropped.
struct Part {
    path: PathBuf,
    /// It has been renamed, so that nothing is left under its first name.
    moved: bool,
}

impl Part {
    /// Makes it, fills it and brings it to the disk.
    fn write(path: PathBuf, source: &mut File, mode: Option<u32>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if mode.is_some() {
            options.mode(0o600);
        }
        let mut copy = options.open(&path)?;
        let part = Self { path, moved: false };
        io::copy(source, &mut copy)?;
        if let Some(mode) = mode {
            // Some file systems know no modes; the copy is as good there.
            let _as_it_is = copy.set_permissions(fs::Permissions::from_mode(mode));
        }
        copy.sync_all()?;
        Ok(part)
    }

    /// Gives it a name that may be another file's, whose place it takes.
    fn replace(mut self, path: &Path) -> Result<PathBuf> {
        self.rename(path).map_err(|error| unwritten(path, &error))?;
        sync_name(path).map_err(|error| {
            let error = unwritten(path, &error);
            Error {
                message: format!(
                    "{}. It is there, but may be gone after a power failure",
                    error.message
                ),
                ..error
            }
        })?;
        Ok(path.to_owned())
    }

    /// Gives it this name, or the first numbered one that is free.
    fn take_free_name(mut self, wanted: &Path) -> Result<PathBuf> {
        for number in 0..10_000 {
            let path = numbered(wanted, number);
            match self.take_name(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(unwritten(&path, &error)),
            }
            // Its first name goes before the folder is synced, or it could be back after a power failure.
            drop(self);
            if let Err(error) = sync_name(&path) {
                let _ = fs::remove_file(&path);
                return Err(unwritten(&path, &error));
            }
            return Ok(path);
        }
        Err(unwritten(wanted, &io::ErrorKind::AlreadyExists.into()))
    }

    /// `AlreadyExists` where something has the name. A file system without hard links shows an empty file for a moment.
    fn take_name(&mut self, path: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {}
            linked => return linked,
        }
        OpenOptions::new().write(true).create_new(true).open(path)?;
        let moved = self.rename(path);
        if moved.is_err() {
            let _ = fs::remove_file(path);
        }
        moved
    }

    fn rename(&mut self, path: &Path) -> io::Result<()> {
        fs::rename(&self.path, path)?;
        self.moved = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.moved {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Brings the name of a file to the disk. Where a folder may be written to but not opened, or its file system syncs no
/// folders, that is left to the system.
fn sync_name(path: &Path) -> io::Result<()> {
    match sync_folder(parent(path)) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
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
