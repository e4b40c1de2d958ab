//! `tintype sessions`: what the store holds.

use serde::Serialize;

use super::output;
use super::report::{Report, json};
use crate::domain::{ImageKind, Session, SessionSummary, Turn, TurnId, clean_line};
use crate::error::{Error, Kind, Result};
use crate::store::Store;

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    title: &'a str,
    created_ms: i64,
    updated_ms: i64,
    turns: Vec<Report<'a>>,
}

/// Prints the newest sessions, one a line: name, day, number of turns, title.
pub fn list(store: &Store, limit: u32, as_json: bool) -> Result<u8> {
    let sessions = store.recent(limit)?;
    if as_json {
        output::line(&json(&sessions));
        return Ok(0);
    }
    if sessions.is_empty() {
        output::note("There are no sessions yet: tintype generate \"a red fox\" begins one");
    }
    for SessionSummary {
        id,
        title,
        updated_ms,
        turns,
        ..
    } in sessions
    {
        let turns = if turns == 1 {
            "1 turn ".to_owned()
        } else {
            format!("{turns} turns")
        };
        output::line(&format!(
            "{id}  {}  {turns:>8}  {}",
            day(updated_ms),
            clean_line(&title)
        ));
    }
    Ok(0)
}

/// Prints one session with its turns, each below the one it grew from.
pub fn show(store: &Store, name: &str, as_json: bool) -> Result<u8> {
    let id = store.find_session(name)?.id;
    let session = store.session(&id)?;
    let gone = || Error::new(Kind::BadInput, format!("Session {id} has just been deleted"));
    let session = session.ok_or_else(gone)?;
    if as_json {
        let turns = session
            .turns
            .iter()
            .map(|turn| Report::new(turn, &[], turn.error.as_ref(), false))
            .collect();
        let Session {
            id,
            title,
            created_ms,
            updated_ms,
            ..
        } = &session;
        let shown = Shown {
            id: id.as_str(),
            title,
            created_ms: *created_ms,
            updated_ms: *updated_ms,
            turns,
        };
        output::line(&json(&shown));
        return Ok(0);
    }
    output::line(&format!(
        "{}  {}  {}",
        session.id,
        day(session.updated_ms),
        clean_line(&session.title)
    ));
    branch(&session.turns, None, 0);
    Ok(0)
}

/// Prints the turns that grew from `parent`, and below each one those that grew from it.
fn branch(turns: &[Turn], parent: Option<&TurnId>, depth: usize) {
    for turn in turns.iter().filter(|turn| turn.parent.as_ref() == parent) {
        let indent = "  ".repeat(depth + 1);
        let prompt = clean_line(&turn.request.prompt);
        output::line(&format!(
            "{indent}#{} {} \u{b7} {prompt}",
            turn.number,
            turn.status.as_str()
        ));
        for image in super::report::results(turn) {
            output::line(&format!("{indent}   {}", image.path.display()));
        }
        if let Some(draft) = turn.picture().filter(|image| image.kind == ImageKind::Draft) {
            output::line(&format!("{indent}   draft {}", draft.path.display()));
        }
        if let Some(error) = &turn.error {
            output::line(&format!("{indent}   {}", clean_line(&error.to_string())));
        }
        branch(turns, Some(&turn.id), depth + 1);
    }
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
