//! Pictures that lie under `images/` and that no row names are listed again, in a session of their own: what has been
//! paid for stays in sight whatever became of the database. It moves and removes no file.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Transaction, named_params, params};
use sha2::{Digest, Sha256};

use super::fault::disk;
use super::folder::{IMAGES, is_own_folder};
use super::present::{entries_if_present, if_present, is_shortage, metadata_if_present};
use super::sessions::chance;
use super::{removals, rows};
use crate::domain::{Header, ImageKind, Mime, SessionId, Timing, TurnId, TurnStatus, Usage, hexadecimal};
use crate::error::{Error, Result};

/// The session that such pictures are listed in.
pub(super) const TITLE: &str = "Pictures found again";
/// What stands for the provider and the model, which the file does not tell.
pub(super) const UNKNOWN: &str = "unknown";
const WARNING: &str = "What was known of this picture is lost; the picture itself was found on the disk";

/// A file under `images/`.
pub(super) struct Lying {
    pub(super) path: PathBuf,
    /// As rows name it.
    pub(super) name: String,
    pub(super) metadata: Metadata,
}

/// A look at everything under `images/`.
#[derive(Default)]
pub(super) struct Look {
    /// In the order of their names: the files of days, and those beside them.
    pub(super) files: Vec<Lying>,
    /// Why some of it could not be looked at. Nothing may be concluded of what is not among the files then.
    pub(super) unread: Vec<Error>,
}

/// Looks at everything under `images/`. What cannot be read is left out and said, except where it is the machine that has
/// run out of something: that is an error.
pub(super) fn lying(folder: &Path) -> Result<Look> {
    let mut look = Look::default();
    look.walk(folder, &folder.join(IMAGES), 1)?;
    look.files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(look)
}

/// The value; `None`, with the reason noted, where a file or a folder cannot be read.
fn unless_unread<T>(looked: io::Result<T>, path: &Path, unread: &mut Vec<Error>) -> Result<Option<T>> {
    match looked {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_shortage(&error) => Err(disk("read", path, &error)),
        Err(error) => {
            unread.push(disk("read", path, &error));
            Ok(None)
        }
    }
}

impl Look {
    fn walk(&mut self, root: &Path, folder: &Path, deeper: u32) -> Result<()> {
        let metadata = unless_unread(metadata_if_present(folder), folder, &mut self.unread)?;
        if metadata.flatten().is_none() {
            return Ok(());
        }
        // A symlink in the place of a folder may lead anywhere.
        match is_own_folder(root, folder) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            Err(error) => {
                self.unread.push(error);
                return Ok(());
            }
        }
        let entries = unless_unread(entries_if_present(folder), folder, &mut self.unread)?;
        for path in entries.unwrap_or_default() {
            let metadata = unless_unread(metadata_if_present(&path), &path, &mut self.unread)?;
            let Some(metadata) = metadata.flatten() else {
                continue;
            };
            if metadata.is_dir() && deeper > 0 {
                self.walk(root, &path, deeper - 1)?;
            } else if metadata.is_file()
                && let Some(name) = path.strip_prefix(root).ok().and_then(Path::to_str)
            {
                self.files.push(Lying {
                    name: name.to_owned(),
                    path,
                    metadata,
                });
            }
        }
        Ok(())
    }
}

/// The files that rows name as pictures.
pub(super) fn named(connection: &Connection) -> Result<HashSet<String>> {
    // Not from the index, which would still name the row that damage has taken away.
    let mut statement = connection.prepare("SELECT path FROM images NOT INDEXED")?;
    let names = statement.query_map([], |row| row.get(0))?;
    Ok(names.collect::<rusqlite::Result<_>>()?)
}

/// A picture as far as its file tells.
pub(super) struct Known {
    name: String,
    bytes: u64,
    mime: Mime,
    width: u32,
    height: u32,
    sha256: String,
    kind: ImageKind,
    prompt: String,
    made_ms: i64,
}

impl Known {
    /// Tells one content from another.
    pub(super) fn content(&self) -> (u64, String) {
        (self.bytes, self.sha256.clone())
    }
}

/// Looks at a file; `None` where it is gone, empty, half-written, or of no type that is known: what is no picture is left
/// lying for whoever put it there.
pub(super) fn look_at(file: &Lying, zone: Option<&TimeZone>) -> io::Result<Option<Known>> {
    let Some(stem) = file.path.file_stem().and_then(|stem| stem.to_str()) else {
        return Ok(None);
    };
    if file.path.extension() == Some("part".as_ref()) || stem.starts_with('.') || file.metadata.len() == 0 {
        return Ok(None);
    }
    let Some((mime, (width, height), sha256, bytes)) = if_present(read(&file.path))? else {
        return Ok(None);
    };
    if mime == Mime::Unknown {
        return Ok(None);
    }
    let (words, kind) = words(stem);
    Ok(Some(Known {
        name: file.name.clone(),
        bytes,
        mime,
        width,
        height,
        sha256,
        kind,
        prompt: words,
        made_ms: made(&file.path, stem, zone).unwrap_or_else(|| modified_ms(&file.metadata)),
    }))
}

/// Looks at files, as [`look_at`] does with one, and notes why some could not be read.
pub(super) fn look_at_all<'a>(
    files: impl IntoIterator<Item = &'a Lying>,
    zone: Option<&TimeZone>,
    unread: &mut Vec<Error>,
) -> Result<Vec<Known>> {
    let mut pictures = Vec::new();
    for file in files {
        let looked = unless_unread(look_at(file, zone), &file.path, unread)?;
        pictures.extend(looked.flatten());
    }
    Ok(pictures)
}

type Facts = (Mime, (u32, u32), String, u64);

fn read(path: &Path) -> io::Result<Facts> {
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let mut file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(no_follow)
        .open(path)?;
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(16).read_to_end(&mut head)?;
    file.rewind()?;
    let size = Header::read(&mut file).map(|header| header.size());
    file.rewind()?;
    let (sha256, bytes) = hash(&mut file)?;
    Ok((Mime::sniff(&head), size.unwrap_or_default(), sha256, bytes))
}

pub(super) fn hash(file: &mut File) -> io::Result<(String, u64)> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                hash.update(&buffer[..length]);
                bytes += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((hexadecimal(&hash.finalize()), bytes))
}

/// The words of a prompt that a name such as `143055-red-fox-logo-draft-1f3a` was made of, and whether it is a draft.
fn words(stem: &str) -> (String, ImageKind) {
    let is_number =
        |part: &str, digits: usize| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut parts: Vec<&str> = stem.split('-').collect();
    if parts.len() > 1 && is_number(parts[0], 6) {
        parts.remove(0);
    }
    if parts.len() > 1
        && parts
            .last()
            .is_some_and(|last| is_number(last, 4) || is_number(last, 6))
    {
        parts.pop();
    }
    let mut kind = ImageKind::Result;
    if parts.len() > 1 && parts.last() == Some(&"draft") {
        parts.pop();
        kind = ImageKind::Draft;
    }
    (crate::domain::clean_line(&parts.join(" ")), kind)
}

/// When a picture was made, by its folder and its name.
fn made(path: &Path, stem: &str, zone: Option<&TimeZone>) -> Option<i64> {
    let day = path.parent()?.file_name()?.to_str()?;
    let moment = DateTime::strptime("%Y-%m-%d %H%M%S", format!("{day} {}", stem.get(..6)?)).ok()?;
    let zone = zone.cloned().unwrap_or_else(TimeZone::system);
    Some(moment.to_zoned(zone).ok()?.timestamp().as_millisecond())
}

/// Milliseconds since 1970.
fn modified_ms(metadata: &Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt;
    metadata.mtime() * 1000
}

/// Lists images of the data folder again, each as a turn of its own, but for those that a row names by now, and those that
/// are to go, or are gone. How many were.
pub(super) fn list(
    transaction: &Transaction<'_>,
    folder: &Path,
    pictures: &[Known],
    now_ms: i64,
) -> Result<u32> {
    let mut listed = 0;
    let mut session = None;
    let mut spoken_for = named(transaction)?;
    spoken_for.extend(removals::noted(transaction)?);
    let is_lost = |picture: &&Known| {
        // Another process may have removed it after it was looked at.
        !spoken_for.contains(&picture.name) && fs::symlink_metadata(folder.join(&picture.name)).is_ok()
    };
    for picture in pictures.iter().filter(is_lost) {
        let key = match session {
            Some(key) => key,
            None => *session.insert(session_key(transaction, now_ms)?),
        };
        insert(transaction, key, picture)?;
        listed += 1;
    }
    Ok(listed)
}

/// The newest session with that title, or a new one.
fn session_key(transaction: &Transaction<'_>, now_ms: i64) -> Result<i64> {
    let there = transaction
        .query_row(
            "UPDATE sessions SET updated_ms = max(updated_ms, ?2)
             WHERE key = (SELECT max(key) FROM sessions WHERE title = ?1 AND deletion IS NULL) RETURNING key",
            params![TITLE, now_ms],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(key) = there {
        return Ok(key);
    }
    let id = SessionId::new(u64::try_from(now_ms).unwrap_or(0), chance()?);
    transaction.execute(
        "INSERT INTO sessions (id, title, created_ms, updated_ms) VALUES (?1, ?2, ?3, ?3)",
        params![id.as_str(), TITLE, now_ms],
    )?;
    Ok(transaction.last_insert_rowid())
}

fn insert(transaction: &Transaction<'_>, session: i64, picture: &Known) -> Result<()> {
    let number: i64 = transaction.query_row(
        "UPDATE sessions SET last_number = last_number + 1 WHERE key = ?1 RETURNING last_number",
        [session],
        |row| row.get(0),
    )?;
    let id = TurnId::new(u64::try_from(picture.made_ms).unwrap_or(0), chance()?);
    transaction
        .prepare_cached(
            "INSERT INTO turns (id, session, number, created_ms, status, provider, model, settings, usage, timing,
                 warnings, prompt, parts)
             VALUES (:id, :session, :number, :created_ms, :status, :unknown, :unknown, '{}', :usage, :timing,
                 :warnings, :prompt, '[]')",
        )?
        .execute(named_params! {
            ":id": id.as_str(),
            ":session": session,
            ":number": number,
            ":created_ms": picture.made_ms,
            ":status": rows::word(&TurnStatus::Finished)?,
            ":unknown": UNKNOWN,
            ":usage": rows::json(&Usage::default())?,
            ":timing": rows::json(&Timing::default())?,
            ":warnings": rows::json(&[WARNING])?,
            ":prompt": picture.prompt,
        })?;
    transaction
        .prepare_cached(
            "INSERT INTO images (turn, ordinal, kind, path, mime, width, height, bytes, sha256)
             VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            transaction.last_insert_rowid(),
            rows::word(&picture.kind)?,
            picture.name,
            rows::word(&picture.mime)?,
            picture.width,
            picture.height,
            rows::integer(picture.bytes),
            picture.sha256,
        ])?;
    Ok(())
}

/// What was listed for a database that was made anew.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) pictures: u32,
    unread: Vec<Error>,
}

impl Listed {
    /// What is told of the files that could not be read, if there are any. The sweep looks at them again every day.
    pub(super) fn unread(&self) -> Option<String> {
        let first = self.unread.first()?;
        let others = match self.unread.len() - 1 {
            0 => String::new(),
            1 => ", and so it is with 1 other".to_owned(),
            count => format!(", and so it is with {count} others"),
        };
        Some(format!(
            "{}{others}; it is listed as soon as it can be read",
            first.message
        ))
    }
}

/// Lists every picture of the folder that no row names; for a database that is being made, which nobody else can have
/// written to.
pub(super) fn list_all(
    transaction: &Transaction<'_>,
    folder: &Path,
    zone: Option<&TimeZone>,
    now_ms: i64,
) -> Result<Listed> {
    let named = named(transaction)?;
    let Look { files, mut unread } = lying(folder)?;
    let unnamed = files.iter().filter(|file| !named.contains(&file.name));
    let pictures = look_at_all(unnamed, zone, &mut unread)?;
    Ok(Listed {
        pictures: list(transaction, folder, &pictures, now_ms)?,
        unread,
    })
}

/// Whether a row names another file of the same bytes, which is there: listing this one too would show one image twice.
pub(super) fn is_copy(connection: &Connection, folder: &Path, picture: &Known) -> Result<bool> {
    let sql = "SELECT path FROM images WHERE sha256 = ?1 AND bytes = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let names = statement.query_map(params![picture.sha256, rows::integer(picture.bytes)], |row| {
        row.get::<_, String>(0)
    })?;
    for name in names {
        let there = fs::metadata(folder.join(name?));
        if there.is_ok_and(|there| there.is_file() && there.len() == picture.bytes) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_words_and_the_time() {
        let told = |stem: &str| words(stem);
        assert_eq!(
            told("143055-red-fox-logo-1f3a"),
            ("red fox logo".to_owned(), ImageKind::Result)
        );
        assert_eq!(
            told("143055-red-fox-draft-1f3a"),
            ("red fox".to_owned(), ImageKind::Draft)
        );
        assert_eq!(told("143055-draft-1f3a"), ("draft".to_owned(), ImageKind::Result));
        assert_eq!(told("holiday"), ("holiday".to_owned(), ImageKind::Result));
        assert_eq!(told("143055-\u{202e}x-1f3a").1, ImageKind::Result);
        let path = Path::new("/data/images/2026-11-20/143055-red-fox-1f3a.png");
        let made = |path, stem| made(path, stem, Some(&TimeZone::UTC));
        assert_eq!(made(path, "143055-red-fox-1f3a"), Some(1_795_185_055_000));
        assert_eq!(made(path, "999999-x"), None);
        assert_eq!(made(Path::new("/data/images/x.png"), "143055-x"), None);
    }
}
