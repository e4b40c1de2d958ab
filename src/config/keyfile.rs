//! Reads the file that holds a key. One that others may read is refused: it is no secret any more.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::process::geteuid;

use crate::error::reason;

/// No key is longer.
const LONGEST: u64 = 16 * 1024;

/// Why a key cannot be had from a file: what is wrong with it, as the end of a sentence, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    pub(super) why: String,
    pub(super) hint: String,
}

fn unfit(why: impl Into<String>, hint: impl Into<String>) -> Unfit {
    Unfit {
        why: why.into(),
        hint: hint.into(),
    }
}

/// The first line of the file.
pub(super) fn read(path: &Path) -> Result<String, Unfit> {
    let failed = |error: &std::io::Error| unfit(reason(error), "Make the file, or name another one");
    // A pipe without a writer must not hang the program.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
        .open(path);
    let file = file.map_err(|error| failed(&error))?;
    check(&file, path)?;
    let mut text = String::new();
    match file.take(LONGEST).read_to_string(&mut text) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            return Err(unfit(
                "it is not text",
                "Put the key into it, alone on its first line",
            ));
        }
        Err(error) => return Err(failed(&error)),
    }
    let line = text.trim().lines().next().unwrap_or_default().trim().to_owned();
    if line.is_empty() {
        return Err(unfit(
            "it is empty",
            "Put the key into it, alone on its first line",
        ));
    }
    Ok(line)
}

/// Looks at the file that was opened, not at whatever has its name by now.
fn check(file: &File, path: &Path) -> Result<(), Unfit> {
    let facts = file
        .metadata()
        .map_err(|error| unfit(reason(&error), "Name another file"))?;
    if !facts.is_file() {
        return Err(unfit("it is not a plain file", "Name a file that holds the key"));
    }
    let me = geteuid().as_raw();
    if facts.uid() != me && facts.uid() != 0 {
        return Err(unfit(
            "it belongs to another user",
            "Name a file of your own, with mode 0600",
        ));
    }
    let mode = facts.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(unfit(
            format!("others may read or change it (its mode is {mode:04o})"),
            format!("Run chmod 600 {}", quoted(path)),
        ));
    }
    Ok(())
}

/// The path as it can be pasted into a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests write files")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn file(text: &[u8], mode: u32) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn a_key_is_read_from_a_file_that_nobody_else_may_read() {
        for mode in [0o600, 0o400, 0o700] {
            let (_folder, path) = file(b"\n sk-1 \nnote\n", mode);
            assert_eq!(read(&path).as_deref(), Ok("sk-1"), "{mode:o}");
        }
    }

    #[test]
    fn a_wider_mode_is_refused_with_the_command_that_narrows_it() {
        for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o601] {
            let (_folder, path) = file(b"sk-1", mode);
            let unfit = read(&path).unwrap_err();
            assert!(
                unfit.why.contains(&format!("its mode is {mode:04o}")),
                "{unfit:?}"
            );
            assert_eq!(unfit.hint, format!("Run chmod 600 {}", path.display()));
        }
        assert_eq!(quoted(Path::new("/my keys/it's")), "'/my keys/it'\\''s'");
    }

    #[test]
    fn what_holds_no_key_is_said() {
        let (folder, path) = file(b" \n", 0o600);
        assert_eq!(read(&path).unwrap_err().why, "it is empty");
        let (_binary, path) = file(b"\xff\xfe", 0o600);
        assert_eq!(read(&path).unwrap_err().why, "it is not text");
        assert_eq!(
            read(&folder.path().join("none")).unwrap_err().why,
            "it does not exist"
        );
        assert_eq!(read(folder.path()).unwrap_err().why, "it is not a plain file");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert_eq!(read(&pipe).unwrap_err().why, "it is not a plain file");
    }
}
