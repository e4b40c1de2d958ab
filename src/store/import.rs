//! A session that comes in from a folder, whoever made it: nothing of it is believed. `session.json` is checked before
//! a file is opened, files are opened below the folder and through no symlink, copied and compared with their hashes,
//! and only when all of them are on the disk do the rows follow, in one transaction.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use rustix::fs::{Mode, OFlags, openat};

use super::export::EMBED_AT;
use super::files::{Name, copy_hashed};
use super::manifest::{self, Entry, Manifest, NAME};
use super::removals::Claim;
use super::sessions::{self, SUMMARY, chance};
use super::{Store, names, rows};
use crate::domain::{
    Mime, Part, Reference, Session, SessionId, SessionSummary, Signature, Turn, TurnId, TurnStatus,
    clean_line,
};
use crate::error::{Error, Kind, Result, reason};

/// Far above any session, and small enough to be held in memory.
const LARGEST_MANIFEST: u64 = 64 << 20;

/// What [`Store::import`] found or made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub session: SessionSummary,
    /// It was here before, and nothing was done.
    pub already: bool,
}

impl Store {
    /// Makes a session of an export: `path` is the folder, or its `session.json`. A session that is here already is
    /// left alone, unless `again` wants it as another one. All of it comes in, or nothing.
    pub fn import(&self, path: &Path, again: bool, now_ms: i64) -> Result<Imported> {
        let refused = |why: String| {
            let message = format!("Cannot import {}: {}", path.display(), clean_line(&why));
            Error::new(Kind::BadInput, message).hint("Nothing was imported")
        };
        let source = Source::open(path).map_err(refused)?;
        let mut manifest = source.manifest().map_err(refused)?;
        if again {
            rename(&mut manifest.session, now_ms)?;
        } else if let Some(session) = self.known(&manifest.session)? {
            return Ok(Imported {
                session,
                already: true,
            });
        }
        let mut taken = Taken {
            store: self,
            source: &source,
            claim: Claim::begin(self, now_ms)?,
            references: HashMap::new(),
            part: self
                .subfolder(Path::new("references"))?
                .join(format!(".{:08x}.part", chance()?)),
        };
        let session = match taken.all(&manifest) {
            Ok(session) => session,
            Err(Trouble::Theirs(why)) => return Err(refused(why)),
            Err(Trouble::Ours(error)) => return Err(error),
        };
        let session = self.write(|transaction| {
            taken.claim.confirm(transaction)?;
            insert(self, transaction, &session)
        })?;
        taken.claim.end();
        Ok(Imported {
            session,
            already: false,
        })
    }

    /// The session of this name, where it is here. One whose turns are here under another session is refused.
    fn known(&self, session: &Session) -> Result<Option<SessionSummary>> {
        let again = "Import it as another session with --again";
        self.snapshot(|connection| {
            if let Some((found, trashed)) = summary(connection, session)? {
                if trashed {
                    let message = format!("Session {} is in the trash", session.id);
                    return Err(Error::new(Kind::BadInput, message).hint(format!(
                        "`tintype sessions restore {}` brings it back. {again}",
                        session.id
                    )));
                }
                return Ok(Some(found));
            }
            let mut statement = connection.prepare_cached("SELECT 1 FROM turns WHERE id = ?1")?;
            for turn in &session.turns {
                if statement.exists([turn.id.as_str()])? {
                    let message = format!("Turn {} of it is here in another session", turn.number);
                    return Err(Error::new(Kind::BadInput, message).hint(again));
                }
            }
            Ok(None)
        })
    }
}

fn summary(connection: &Connection, session: &Session) -> Result<Option<(SessionSummary, bool)>> {
    let sql = format!(
        "SELECT {SUMMARY}, sessions.deletion IS NOT NULL AS trashed FROM sessions WHERE sessions.id = ?1"
    );
    let found = connection
        .query_row(&sql, [session.id.as_str()], |row| {
            Ok((sessions::summary(row)?, row.get("trashed")?))
        })
        .optional()?;
    Ok(found)
}

/// Gives the session and its turns names that nobody has.
fn rename(session: &mut Session, now_ms: i64) -> Result<()> {
    let ms = |time: i64| u64::try_from(time).unwrap_or(0);
    session.id = SessionId::new(ms(now_ms), chance()?);
    let mut names: HashMap<TurnId, TurnId> = HashMap::new();
    for turn in &mut session.turns {
        let name = TurnId::new(ms(turn.created_ms), chance()?);
        names.insert(std::mem::replace(&mut turn.id, name.clone()), name);
        turn.session = session.id.clone();
        turn.parent = turn.parent.as_ref().and_then(|parent| names.get(parent).cloned());
    }
    Ok(())
}

fn insert(store: &Store, transaction: &Transaction<'_>, session: &Session) -> Result<SessionSummary> {
    let last = session.turns.iter().map(|turn| turn.number).max().unwrap_or(0);
    transaction.execute(
        "INSERT INTO sessions (id, title, created_ms, updated_ms, last_number) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            session.id.as_str(),
            names::title(&session.title),
            session.created_ms,
            session.updated_ms,
            last
        ],
    )?;
    let session_key = transaction.last_insert_rowid();
    let mut keys: HashMap<&TurnId, i64> = HashMap::new();
    for turn in &session.turns {
        let parent = turn.parent.as_ref().and_then(|parent| keys.get(parent).copied());
        store.insert_turn(transaction, turn, session_key, parent)?;
        let key = store.update_turn(transaction, turn)?;
        rows::replace_images(store, transaction, key, &turn.images)?;
        transaction.execute("UPDATE turns SET imported = 1 WHERE key = ?1", [key])?;
        keys.insert(&turn.id, key);
    }
    let sql = format!("SELECT {SUMMARY} FROM sessions WHERE sessions.key = ?1");
    Ok(transaction.query_row(&sql, [session_key], sessions::summary)?)
}

/// Whose fault it is that nothing comes in.
enum Trouble {
    /// Something is wrong with the folder: the end of a sentence.
    Theirs(String),
    Ours(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

/// Files on their way in; those that have no row in the end are removed again, after a kill by the next start.
struct Taken<'a> {
    store: &'a Store,
    source: &'a Source,
    claim: Claim<'a>,
    /// References by their paths in the folder: many turns may name one.
    references: HashMap<String, Reference>,
    part: PathBuf,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.part);
    }
}

impl Taken<'_> {
    /// The session with its files where the store has them.
    fn all(&mut self, manifest: &Manifest) -> Result<Session, Trouble> {
        let entries = manifest.entries();
        let mut session = manifest.session.clone();
        session.turns.sort_by_key(|turn| turn.number);
        for turn in &mut session.turns {
            self.turn(turn, &entries)?;
        }
        Ok(session)
    }

    fn turn(&mut self, turn: &mut Turn, entries: &HashMap<&str, &Entry>) -> Result<(), Trouble> {
        let entry = |path: &Path| {
            let known = path.to_str().and_then(|path| entries.get(path).copied());
            known.ok_or_else(|| Trouble::Theirs(format!("it does not list {}", path.display())))
        };
        if turn.status == TurnStatus::Running {
            turn.status = TurnStatus::Interrupted;
        }
        turn.route = None;
        for reference in &mut turn.request.references {
            *reference = self.reference(entry(&reference.path)?)?;
        }
        let (prompt, made_ms) = (turn.request.prompt.clone(), turn.created_ms);
        for image in &mut turn.images {
            let entry = entry(&image.path)?;
            image.mime = self.copy(entry)?;
            let (folder, stem) = self.store.place(&prompt, image.kind, made_ms);
            image.path = self.settle(&folder, &stem, image.mime.extension())?;
            image.bytes = entry.bytes;
            image.sha256 = entry.sha256.to_ascii_lowercase();
        }
        let stem = turn.id.as_str().to_owned();
        for part in &mut turn.parts {
            let (Part::Text { signature, .. } | Part::Image { signature, .. }) = part;
            if let Some(Signature::File { path, bytes }) = signature {
                let entry = entry(path)?;
                self.copy(entry)?;
                *path = self.settle(Path::new("signatures"), &stem, "sig")?;
                *bytes = entry.bytes;
            }
        }
        Ok(())
    }

    fn settle(&mut self, folder: &Path, stem: &str, extension: &str) -> Result<PathBuf, Trouble> {
        let name = Name {
            stem,
            extension,
            turn: None,
        };
        let (path, _) = self
            .store
            .take_in(&self.part, folder, &name, Some(&mut self.claim))?;
        Ok(path)
    }

    fn reference(&mut self, entry: &Entry) -> Result<Reference, Trouble> {
        if let Some(known) = self.references.get(&entry.path) {
            return Ok(known.clone());
        }
        let mime = self.copy(entry)?;
        let reference = Reference {
            path: self.part.clone(),
            mime,
            bytes: entry.bytes,
            ..Reference::default()
        };
        let mut copy = File::open(&self.part)
            .map_err(|error| Error::new(Kind::Store, super::fault::sentence("read", &self.part, &error)))?;
        // Kept once per content, so it may be somebody else's: never removed from here.
        let kept = self.store.keep(&mut copy, &reference)?;
        let _ = fs::remove_file(&self.part);
        self.references.insert(entry.path.clone(), kept.clone());
        Ok(kept)
    }

    /// Copies a file in, as it was before text was added to it, if it is what its entry says.
    fn copy(&mut self, entry: &Entry) -> Result<Mime, Trouble> {
        let theirs = |why: &str| Trouble::Theirs(format!("{} {why}", entry.path));
        let mut file = self.source.open_file(&entry.path).map_err(Trouble::Theirs)?;
        let length = file
            .metadata()
            .map_err(|error| theirs(&format!("cannot be read: {}", reason(&error))))?
            .len();
        if length != entry.bytes + entry.embedded {
            return Err(theirs("has another length than session.json says"));
        }
        let mut head = Vec::new();
        let read = (&mut file).take(EMBED_AT as u64).read_to_end(&mut head);
        let moved = read.and_then(|_| {
            let skipped = i64::try_from(entry.embedded).unwrap_or(0);
            file.seek(SeekFrom::Current(skipped))
        });
        moved.map_err(|error| theirs(&format!("cannot be read: {}", reason(&error))))?;
        let mime = Mime::sniff(&head);
        let reference = Reference {
            path: PathBuf::from(&entry.path),
            mime,
            bytes: entry.bytes,
            ..Reference::default()
        };
        // One more than it should have: a file that grows while it is copied does not pass for what it was.
        let mut bytes = Cursor::new(head).chain(file).take(entry.bytes + 1);
        let _ = fs::remove_file(&self.part);
        let (sha256, copied) = copy_hashed(&mut bytes, &reference, &self.part)?;
        if copied != entry.bytes || !sha256.eq_ignore_ascii_case(&entry.sha256) {
            return Err(theirs(
                "is not what it was when it was exported: its hash differs",
            ));
        }
        Ok(mime)
    }
}

/// The folder that a session comes from.
struct Source {
    folder: File,
    name: String,
}

impl Source {
    fn open(path: &Path) -> Result<Self, String> {
        let (folder, name) = if path.is_dir() {
            (path, NAME)
        } else {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            (folder.unwrap_or(Path::new(".")), name)
        };
        Ok(Self {
            folder: File::open(folder).map_err(|error| reason(&error))?,
            name: name.to_owned(),
        })
    }

    fn manifest(&self) -> Result<Manifest, String> {
        let file = self.open_file(&self.name)?;
        let mut json = Vec::new();
        file.take(LARGEST_MANIFEST + 1)
            .read_to_end(&mut json)
            .map_err(|error| reason(&error))?;
        if json.len() as u64 > LARGEST_MANIFEST {
            return Err(format!("{} is larger than any session", self.name));
        }
        manifest::read(&json)
    }

    /// Opens a plain file below the folder, each step from the one before and none through a symlink, so that nothing
    /// that changes meanwhile leads out of it; a pipe is not waited for.
    fn open_file(&self, path: &str) -> Result<File, String> {
        let names: Vec<_> = Path::new(path)
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name),
                _ => None,
            })
            .collect();
        let mut opened: Option<File> = None;
        for (index, name) in names.iter().enumerate() {
            let kind = if index + 1 < names.len() {
                OFlags::DIRECTORY
            } else {
                OFlags::NONBLOCK
            };
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | kind;
            let next = openat(
                opened.as_ref().unwrap_or(&self.folder),
                *name,
                flags,
                Mode::empty(),
            );
            let next = next.map_err(|error| match error {
                rustix::io::Errno::LOOP => format!("{path} is a symlink"),
                error => format!("{path} cannot be opened: {}", reason(&error.into())),
            })?;
            opened = Some(File::from(next));
        }
        let file = opened.ok_or_else(|| format!("{path} is not a file"))?;
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(file),
            Ok(_) => Err(format!("{path} is not a file")),
            Err(error) => Err(format!("{path} cannot be read: {}", reason(&error))),
        }
    }
}
