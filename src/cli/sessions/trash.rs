//! `tintype sessions rm` and `restore`: into the trash, what lies there, and back.

use serde::Serialize;

use super::super::output;
use super::super::prose::counted;
use super::super::report::json;
use super::{day, line, now_ms};
use crate::domain::{SessionSummary, clean_line};
use crate::error::{Error, Kind, Result};
use crate::store::{Restored, Store};

const BACK: &str = "tintype sessions restore brings it back, for 30 days";

#[derive(Serialize)]
struct Moved<'a> {
    session: &'a SessionSummary,
    /// How many turns went with it.
    turns: u32,
    /// Whether it was the session itself, and not some turns of it.
    whole: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until_ms: Option<i64>,
}

impl<'a> Moved<'a> {
    fn now(session: &'a SessionSummary, turns: u32, whole: bool) -> Self {
        Self {
            session,
            turns,
            whole,
            deleted_ms: None,
            until_ms: None,
        }
    }

    fn says(&self) -> String {
        let title = clean_line(&self.session.title);
        let turns = counted(self.turns as usize, "turn");
        if self.whole {
            format!("\u{201c}{title}\u{201d} with {turns}")
        } else {
            format!("{turns} of \u{201c}{title}\u{201d}")
        }
    }
}

/// Moves a session, or a turn with all that grew from it, to the trash.
pub(super) fn remove(store: &Store, name: &str, turn: Option<u32>, as_json: bool) -> Result<u8> {
    let session = store.find_session(name)?;
    let turns = if let Some(number) = turn {
        let turn = store.turn_numbered(&session.id, number)?.ok_or_else(|| {
            let none = format!("Session {} has no turn {number}", session.id);
            Error::new(Kind::BadInput, none)
                .hint(format!("`tintype sessions show {}` lists its turns", session.id))
        })?;
        store.trash_turn(&turn.id, now_ms())?
    } else {
        store.trash_session(&session.id, now_ms())?;
        session.turns
    };
    let moved = Moved::now(&session, turns, turn.is_none());
    if as_json {
        output::json(&json(&moved));
    } else {
        output::note(&format!("In the trash: {}; {BACK}", moved.says()));
    }
    Ok(0)
}

/// Brings back what was deleted last, of all or of one session.
pub(super) fn restore(store: &Store, name: Option<&str>, as_json: bool) -> Result<u8> {
    let restored = match name {
        Some(name) => Some(store.undo_delete_of(name)?),
        None => store.undo_delete()?,
    };
    let Some(Restored {
        session,
        turns,
        whole,
    }) = restored
    else {
        if as_json {
            output::json("null");
        } else {
            output::note("Nothing is in the trash");
        }
        return Ok(0);
    };
    let moved = Moved::now(&session, turns, whole);
    if as_json {
        output::json(&json(&moved));
    } else {
        output::note(&format!("Brought back: {}", moved.says()));
        output::line(&line(&session));
    }
    Ok(0)
}

/// Prints what is in the trash, the latest deletion first.
pub(super) fn list(store: &Store, as_json: bool) -> Result<u8> {
    let trash = store.trash()?;
    let moved: Vec<Moved<'_>> = trash
        .iter()
        .map(|trashed| Moved {
            deleted_ms: Some(trashed.deleted_ms),
            until_ms: Some(trashed.until_ms),
            ..Moved::now(&trashed.session, trashed.turns, trashed.whole)
        })
        .collect();
    if as_json {
        output::json(&json(&moved));
        return Ok(0);
    }
    if moved.is_empty() {
        output::note("Nothing is in the trash");
    }
    for (moved, trashed) in moved.iter().zip(&trash) {
        let (deleted, until) = (day(trashed.deleted_ms), day(trashed.until_ms));
        output::line(&format!(
            "{}  deleted {deleted}, kept until {until}  {}",
            moved.session.id,
            moved.says()
        ));
    }
    Ok(0)
}
