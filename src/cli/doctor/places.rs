//! The folders with their modes and their room, the store, and what lies in the state folder. Nothing is made here, and a
//! store that is not there yet is not opened.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::Finding;
use crate::config::{Environment, Settings};
use crate::domain::amount;
use crate::error::reason;
use crate::logs;
use crate::store::{self, Store};

/// Less room than this is soon used up by pictures.
const LITTLE: u64 = 200_000_000;

pub(super) fn look(settings: &Settings, environment: &Environment) -> Vec<Finding> {
    let folders = &settings.folders;
    let mut findings = vec![
        folder("data", &folders.data.value),
        folder("state", &folders.state.value),
        folder("cache", &folders.cache.value),
    ];
    if environment.path("HOME").is_none() {
        findings.push(
            Finding::new("folders", "HOME", "not set").notice("Set it, or name folders in the settings"),
        );
    }
    findings.extend(images(&folders.data.value));
    findings.extend(room("room", &folders.data.value));
    let journals = folders.state.value.join("journal");
    findings.extend(answers(&folders.data.value, &journals, environment.today()));
    findings.extend(kept(&folders.data.value));
    findings.extend(state(&folders.state.value));
    findings
}

/// A folder that may not be there yet, and should be nobody else's.
fn folder(name: &str, path: &Path) -> Finding {
    let finding =
        |says: String| Finding::new("folders", name, format!("{}: {says}", path.display())).names(path);
    let facts = match fs::metadata(path) {
        Ok(facts) => facts,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return finding("not made yet".to_owned());
        }
        Err(error) => return finding(reason(&error)).broken("Name another one with --data-dir"),
    };
    let mode = facts.permissions().mode() & 0o7777;
    if !facts.is_dir() {
        return finding("it is not a folder".to_owned()).broken("Move it away, or name another one");
    }
    let writable = rustix::fs::access(path, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK);
    if let Err(error) = writable {
        return finding(format!("cannot be written to: {}", reason(&error.into())))
            .broken("Name another one with --data-dir");
    }
    if facts.uid() != rustix::process::geteuid().as_raw() {
        return finding("it belongs to another user".to_owned()).notice("Use a folder of your own");
    }
    if mode & 0o077 != 0 && name != "cache" {
        return finding(format!("mode {mode:04o}"))
            .notice(format!("Others can look into it: chmod 700 {}", path.display()));
    }
    finding(format!("mode {mode:04o}"))
}

/// How much the disk of a folder still takes.
fn room(name: &str, folder: &Path) -> Option<Finding> {
    let there = folder.ancestors().find(|folder| folder.is_dir())?;
    let free = store::free_bytes(there)?;
    let finding = Finding::new("folders", name, format!("{} free", amount(free)));
    Some(match store::short_of_room(there, 1) {
        Some(short) => finding.notice(short),
        None if free < LITTLE => finding.notice("Make room: pictures of 4K take 20 MB each"),
        None => finding,
    })
}

/// Where the images are, and how much fits there, if a symlink leads to them.
fn images(data: &Path) -> Vec<Finding> {
    let images = data.join("images");
    let Ok(target) = fs::read_link(&images) else {
        return Vec::new();
    };
    let says = format!("{} is a symlink to {}", images.display(), target.display());
    let mut findings = vec![Finding::new("folders", "images", says).names(&images)];
    if images.is_dir() {
        findings.extend(room("room of images", &images));
    }
    findings
}

/// Whether a request would be sent: what it is answered must have a place.
fn answers(data: &Path, journals: &Path, today: &str) -> Option<Finding> {
    if !data.is_dir() {
        return None;
    }
    Some(match store::examine(data, journals, today) {
        Ok(()) => Finding::new("folders", "answers", "can be written"),
        Err(error) => Finding::failed("folders", "answers", &error),
    })
}

fn kept(data: &Path) -> Vec<Finding> {
    let say = |name: &str, says: String| Finding::new("store", name, says);
    if fs::symlink_metadata(data.join("tintype.db")).is_err() {
        return vec![say(
            "database",
            "not made yet; the first picture makes it".to_owned(),
        )];
    }
    let opened = Store::open(data).and_then(|store| Ok((store.health()?, store.notices())));
    let (health, notices) = match opened {
        Ok(opened) => opened,
        Err(error) => return vec![Finding::failed("store", "database", &error)],
    };
    let mut findings: Vec<_> = notices
        .into_iter()
        .map(|notice| say("notice", notice).notice(""))
        .collect();
    let (path, size) = (health.database.display(), amount(health.database_bytes));
    let database = say("database", format!("{path}, {size}, schema {}", health.schema));
    findings.push(database.names(&health.database));
    findings.extend(
        health
            .read_only
            .iter()
            .map(|error| say("read-only", error.to_string()).notice(error.hint.clone())),
    );
    findings.push(say(
        "journal",
        format!("{}: {}", health.journal, health.journal_why),
    ));
    findings.push(match health.damage.as_slice() {
        [] => say("check", "SQLite finds nothing wrong".to_owned()),
        damage => say("check", damage.join("; "))
            .broken("Start tintype once: it moves a damaged database aside and lists the pictures again"),
    });
    findings.push(say(
        "kept",
        format!(
            "{}, {}, {} of {}",
            counted(health.sessions, "session"),
            counted(health.turns, "turn"),
            counted(health.pictures, "picture"),
            amount(health.picture_bytes)
        ),
    ));
    if health.missing > 0 {
        let says = format!("the files of {} are gone", counted(health.missing, "picture"));
        findings.push(say("missing", says).notice("Bring them back from a backup, if you have one"));
    }
    if health.deletions > 0 {
        let says = format!("{} can be undone", counted(health.deletions, "deletion"));
        findings.push(say("trash", says));
    }
    let newest = health.backups.first();
    findings
        .extend(newest.map(|path| say("backup", format!("the newest is {}", path.display())).names(path)));
    findings.extend(health.damaged.iter().map(|path| {
        say("damaged", format!("{} was moved aside", path.display()))
            .names(path)
            .notice("Delete it once nothing in it is missed")
    }));
    findings
}

fn counted(count: u64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

fn state(state: &Path) -> Vec<Finding> {
    let journals = count(&state.join("journal"), ".journal");
    let journals = match journals {
        0 => Finding::new("state", "journals", "none is waiting"),
        many => Finding::new(
            "state",
            "journals",
            format!("{many} of generations that run, or were cut off"),
        )
        .notice("The next start of tintype recovers what was cut off"),
    };
    let log = logs::path(state);
    let size =
        fs::symlink_metadata(&log).map_or_else(|_| "not made yet".to_owned(), |facts| amount(facts.len()));
    let reports = logs::reports(state);
    let mut findings = vec![
        journals,
        Finding::new("state", "log", format!("{}: {size}", log.display())).names(&log),
    ];
    let panics = count(&reports, ".txt");
    if panics > 0 {
        let says = format!("{panics} of panics in {}", reports.display());
        findings.push(
            Finding::new("state", "reports", says)
                .names(&reports)
                .notice("Send the newest one to the maintainers, then delete them"),
        );
    }
    findings
}

/// How many files of a folder end so; none where there is no folder.
fn count(folder: &Path, end: &str) -> usize {
    fs::read_dir(folder).map_or(0, |entries| {
        entries
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().ends_with(end))
            .count()
    })
}
