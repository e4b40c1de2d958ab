//! `tintype sessions`: what the store holds, listed, found, renamed, and handed on to the files beside this one.

mod carry;
mod show;
mod trash;

use std::ops::Range;

use serde::Serialize;

use super::args::Sessions;
use super::output;
use super::report::json;
use crate::domain::{SessionSummary, clean_line};
use crate::error::{Error, Kind, Result};
use crate::store::{Found, Store};

/// Runs the command; the result is the exit code.
pub fn run(store: &Store, command: &Sessions, verbose: bool) -> Result<u8> {
    match command {
        Sessions::List { table, limit } => list(store, *limit, table.json),
        Sessions::Show { id, full, table } => show::run(store, id, *full || verbose, table.json),
        Sessions::Search { words, table, limit } => search(store, words, *limit, table.json),
        Sessions::Rename { id, title } => rename(store, id, title),
        Sessions::Export {
            id,
            dir,
            embed,
            force,
        } => carry::export(store, id, dir, *embed, *force),
        Sessions::Import { path, again } => carry::import(store, path, *again),
        Sessions::Rm {
            list: true, table, ..
        }
        | Sessions::Restore {
            list: true, table, ..
        } => trash::list(store, table.json),
        Sessions::Rm { id, turn, table, .. } => {
            trash::remove(store, id.as_deref().unwrap_or_default(), *turn, table.json)
        }
        Sessions::Restore { id, table, .. } => trash::restore(store, id.as_deref(), table.json),
    }
}

/// Prints the newest sessions, one a line: name, day, number of turns, title.
fn list(store: &Store, limit: u32, as_json: bool) -> Result<u8> {
    let sessions = store.recent(limit)?;
    if as_json {
        output::json(&json(&sessions));
        return Ok(0);
    }
    if sessions.is_empty() {
        output::note("There are no sessions yet: tintype generate \"a red fox\" begins one");
    }
    for session in &sessions {
        output::line(&line(session));
    }
    Ok(0)
}

/// A session on a line of its own.
fn line(session: &SessionSummary) -> String {
    let turns = match session.turns {
        1 => "1 turn ".to_owned(),
        turns => format!("{turns} turns"),
    };
    format!(
        "{}  {}  {turns:>8}  {}",
        session.id,
        day(session.updated_ms),
        clean_line(&session.title)
    )
}

#[derive(Serialize)]
struct Hit<'a> {
    session: &'a str,
    title: &'a str,
    turn: Option<&'a str>,
    number: Option<u32>,
    made_ms: i64,
    snippet: &'a str,
    /// Bytes of the snippet.
    hits: Vec<[usize; 2]>,
}

/// Prints what the words are in, newest first: session, turn, day, and the line around the first hit.
fn search(store: &Store, words: &[String], limit: u32, as_json: bool) -> Result<u8> {
    let words = words.join(" ");
    let found = store.search(&words, limit)?;
    if as_json {
        output::json(&json(&found.iter().map(hit).collect::<Vec<_>>()));
        return Ok(0);
    }
    if found.is_empty() {
        output::note(&format!("Nothing has all of these words: {}", clean_line(&words)));
    }
    for Found {
        session,
        made_ms,
        turn,
        snippet,
        hits,
    } in &found
    {
        let turn = turn
            .as_ref()
            .map_or_else(|| "title".to_owned(), |(_, number)| format!("#{number}"));
        let lead = format!("{}  {turn:>5}  {}  ", session.id, day(*made_ms));
        let hits: Vec<_> = hits
            .iter()
            .map(|hit| hit.start + lead.len()..hit.end + lead.len())
            .collect();
        output::emphasized_line(&format!("{lead}{snippet}"), &hits);
    }
    Ok(0)
}

fn hit(found: &Found) -> Hit<'_> {
    let pair = |hit: &Range<usize>| [hit.start, hit.end];
    Hit {
        session: found.session.id.as_str(),
        title: &found.session.title,
        turn: found.turn.as_ref().map(|(id, _)| id.as_str()),
        number: found.turn.as_ref().map(|(_, number)| *number),
        made_ms: found.made_ms,
        snippet: &found.snippet,
        hits: found.hits.iter().map(pair).collect(),
    }
}

fn rename(store: &Store, name: &str, title: &str) -> Result<u8> {
    if clean_line(title).is_empty() {
        return Err(Error::new(Kind::Usage, "A title has at least one character"));
    }
    let session = store.find_session(name)?;
    store.rename_session(&session.id, title)?;
    output::line(&line(&store.find_session(session.id.as_str())?));
    Ok(0)
}

/// The local day of a moment, `YYYY-MM-DD`.
fn day(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms)
        .map(|moment| {
            moment
                .to_zoned(jiff::tz::TimeZone::system())
                .strftime("%Y-%m-%d")
                .to_string()
        })
        .unwrap_or_default()
}

/// Milliseconds since 1970.
fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}
