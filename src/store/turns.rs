//! Turns: begun before anything is sent, finished in one transaction, found again. It moves no picture.

use rusqlite::{OptionalExtension, Transaction, named_params, params};

use super::sessions::{chance, insert_session, no_session};
use super::{Store, names, orphans, rows};
use crate::domain::{Request, SessionId, Turn, TurnId};
use crate::error::{Error, Kind, Result};

/// What is about to be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct NewTurn {
    /// From [`Store::new_turn_id`]: it has to be known before the turn is, so that the turn has a journal from the start.
    pub id: TurnId,
    /// `None` begins a session that is titled by the prompt.
    pub session: Option<SessionId>,
    /// The turn that it continues, of the same session.
    pub parent: Option<TurnId>,
    pub request: Request,
    /// As [`Turn::route`].
    pub route: Option<String>,
    pub now_ms: i64,
}

impl Store {
    /// A name for a turn that is about to begin.
    pub fn new_turn_id(&self, now_ms: i64) -> Result<TurnId> {
        Ok(TurnId::new(u64::try_from(now_ms).unwrap_or(0), chance()?))
    }

    /// Writes down what is about to be asked and gives it its number. The references are copied first, so that
    /// the turn can be repeated when the user's own files are gone. When this returns, all of it is on the disk.
    pub fn begin_turn(&self, new: NewTurn) -> Result<Turn> {
        let NewTurn {
            id,
            session,
            parent,
            mut request,
            route,
            now_ms,
        } = new;
        for reference in &mut request.references {
            *reference = self.keep_reference(reference)?;
        }
        self.write(|transaction| {
            let session = match session {
                Some(session) => session,
                None => insert_session(transaction, "", now_ms)?.id,
            };
            let (session_key, number) = next_number(transaction, &session, &request.prompt, now_ms)?;
            let parent_key = parent
                .as_ref()
                .map(|id| parent_key(transaction, session_key, id))
                .transpose()?;
            let turn = Turn {
                parent,
                route,
                ..Turn::new(id, session, number, now_ms, request)
            };
            self.insert_turn(transaction, &turn, session_key, parent_key)?;
            Ok(turn)
        })
    }

    pub(super) fn insert_turn(
        &self,
        transaction: &Transaction<'_>,
        turn: &Turn,
        session_key: i64,
        parent_key: Option<i64>,
    ) -> Result<()> {
        transaction.execute(
            "INSERT INTO turns (id, session, number, parent, created_ms, status, provider, model, settings, usage,
                 timing, warnings, prompt, parts, route)
             VALUES (:id, :session, :number, :parent, :created_ms, :status, :provider, :model, :settings, :usage,
                 :timing, :warnings, :prompt, :parts, :route)",
            named_params! {
                ":id": turn.id.as_str(),
                ":session": session_key,
                ":number": turn.number,
                ":parent": parent_key,
                ":created_ms": turn.created_ms,
                ":status": rows::word(&turn.status)?,
                ":provider": turn.request.provider,
                ":model": turn.request.model,
                ":settings": rows::settings(&turn.request)?,
                ":usage": rows::json(&turn.usage)?,
                ":timing": rows::json(&turn.timing)?,
                ":warnings": rows::json(&turn.warnings)?,
                ":prompt": turn.request.prompt,
                ":parts": rows::parts_to_row(self, &turn.parts)?,
                ":route": turn.route,
            },
        )?;
        let key = transaction.last_insert_rowid();
        rows::insert_references(self, transaction, key, &turn.request.references)
    }

    /// The turns that are marked as running, whoever runs them, with when they began (milliseconds since 1970).
    pub fn running_turns(&self) -> Result<Vec<(TurnId, i64)>> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT id, created_ms FROM turns WHERE status = 'running'")?;
            let found = statement
                .query_map([], |row| {
                    Ok((TurnId::from(row.get::<_, String>(0)?), row.get(1)?))
                })?
                .collect::<Result<_, _>>()?;
            Ok(found)
        })
    }

    /// Puts a turn, and its session where that is gone too, into a database that does not know it: it was begun in one
    /// that has been lost since. A number or a parent that is not to be had is given up. Gives the turn as it is now;
    /// `None` where it is known after all, such as in the trash, or was purged from it.
    pub fn reinstate(&self, turn: &Turn) -> Result<Option<Turn>> {
        let mut turn = turn.clone();
        self.write(|transaction| {
            let is_known: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM turns WHERE id = ?1) OR EXISTS (SELECT 1 FROM purged WHERE id = ?1)",
                [turn.id.as_str()],
                |row| row.get(0),
            )?;
            if is_known {
                return Ok(None);
            }
            transaction.execute(
                "INSERT INTO sessions (id, title, created_ms, updated_ms) VALUES (?1, '', ?2, ?2)
                 ON CONFLICT (id) DO NOTHING",
                params![turn.session.as_str(), turn.created_ms],
            )?;
            let (session_key, next) =
                next_number(transaction, &turn.session, &turn.request.prompt, turn.created_ms)?;
            let is_taken: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM turns WHERE session = ?1 AND number = ?2)",
                params![session_key, turn.number],
                |row| row.get(0),
            )?;
            if is_taken {
                turn.number = next;
            } else {
                transaction.execute(
                    "UPDATE sessions SET last_number = max(last_number - 1, ?2) WHERE key = ?1",
                    params![session_key, turn.number],
                )?;
            }
            let parent = turn.parent.as_ref();
            let parent_key = parent.and_then(|id| parent_key(transaction, session_key, id).ok());
            turn.parent = turn.parent.take().filter(|_| parent_key.is_some());
            self.insert_turn(transaction, &turn, session_key, parent_key)?;
            Ok(Some(turn))
        })
    }

    /// Writes down everything of a turn but its request, which [`Store::begin_turn`] has fixed. Doing it again, with
    /// the same turn or a later state of it, is right. When this returns, all of it is on the disk.
    pub fn finish_turn(&self, turn: &Turn) -> Result<()> {
        self.write(|transaction| {
            let key = self.update_turn(transaction, turn)?;
            rows::replace_images(self, transaction, key, &turn.images)?;
            orphans::give_way(transaction, key)?;
            let ended = turn
                .created_ms
                .saturating_add(rows::integer(turn.timing.total.unwrap_or(0)));
            transaction.execute(
                "UPDATE sessions SET updated_ms = max(updated_ms, ?2)
                 WHERE key = (SELECT session FROM turns WHERE key = ?1)",
                params![key, ended],
            )?;
            Ok(())
        })
    }

    pub(super) fn update_turn(&self, transaction: &Transaction<'_>, turn: &Turn) -> Result<i64> {
        let key = transaction
            .query_row(
                "UPDATE turns SET status = :status, model_version = :model_version, response_id = :response_id,
                     finish_reason = :finish_reason, finish_message = :finish_message, attempts = :attempts,
                     usage = :usage, timing = :timing, warnings = :warnings, error = :error, text = :text,
                     thoughts = :thoughts, parts = :parts, links = :links, sources = :sources, cost_usd = :cost_usd,
                     cost_exact = :cost_exact
                 WHERE id = :id RETURNING key",
                named_params! {
                    ":id": turn.id.as_str(),
                    ":status": rows::word(&turn.status)?,
                    ":model_version": turn.model_version,
                    ":response_id": turn.response_id,
                    ":finish_reason": turn.finish_reason,
                    ":finish_message": turn.finish_message,
                    ":attempts": turn.attempts,
                    ":usage": rows::json(&turn.usage)?,
                    ":timing": rows::json(&turn.timing)?,
                    ":warnings": rows::json(&turn.warnings)?,
                    ":error": turn.error.as_ref().map(rows::json).transpose()?,
                    ":text": turn.text,
                    ":thoughts": turn.thoughts,
                    ":parts": rows::parts_to_row(self, &turn.parts)?,
                    ":links": rows::json(&turn.links)?,
                    ":sources": rows::json(&turn.sources)?,
                    ":cost_usd": turn.cost.map(|cost| cost.usd),
                    ":cost_exact": turn.cost.map(|cost| cost.exact),
                },
                |row| row.get(0),
            )
            .optional()?;
        key.ok_or_else(|| Error::new(Kind::Store, format!("Turn {} is not in the store", turn.id)))
    }

    pub fn turn(&self, id: &TurnId) -> Result<Option<Turn>> {
        self.snapshot(|connection| Ok(rows::turns(self, connection, "turns.id = ?1", [id.as_str()])?.pop()))
    }

    /// The turn that its session calls by this number.
    pub fn turn_numbered(&self, session: &SessionId, number: u32) -> Result<Option<Turn>> {
        self.snapshot(|connection| {
            let clause = "sessions.id = ?1 AND turns.number = ?2";
            Ok(rows::turns(self, connection, clause, params![session.as_str(), number])?.pop())
        })
    }

    /// The turn that its session made last.
    pub fn latest_turn(&self, session: &SessionId) -> Result<Option<Turn>> {
        self.snapshot(|connection| {
            let clause = "sessions.id = ?1 AND turns.number = (SELECT max(kept.number)
                FROM turns AS kept WHERE kept.session = sessions.key AND kept.deletion IS NULL)";
            Ok(rows::turns(self, connection, clause, [session.as_str()])?.pop())
        })
    }

    /// The turn and everything it grew from, root first: what the model is reminded of. Empty where there is no such
    /// turn.
    pub fn path_to_root(&self, id: &TurnId) -> Result<Vec<Turn>> {
        self.snapshot(|connection| {
            let clause = "turns.key IN (
                WITH RECURSIVE path (key, parent) AS (
                    SELECT key, parent FROM turns WHERE id = ?1
                    UNION SELECT turns.key, turns.parent FROM turns JOIN path ON turns.key = path.parent)
                SELECT key FROM path)";
            rows::turns(self, connection, clause, [id.as_str()])
        })
    }
}

/// Takes the session's next number, notes the activity, and names a session that has no name yet.
fn next_number(
    transaction: &Transaction<'_>,
    session: &SessionId,
    prompt: &str,
    now_ms: i64,
) -> Result<(i64, u32)> {
    transaction
        .query_row(
            "UPDATE sessions SET last_number = last_number + 1, updated_ms = max(updated_ms, ?2),
                 title = CASE title WHEN '' THEN ?3 ELSE title END
             WHERE id = ?1 AND deletion IS NULL RETURNING key, last_number",
            params![session.as_str(), now_ms, names::title(prompt)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?
        .ok_or_else(|| no_session(session.as_str()))
}

fn parent_key(transaction: &Transaction<'_>, session_key: i64, parent: &TurnId) -> Result<i64> {
    transaction
        .query_row(
            "SELECT key FROM turns WHERE id = ?1 AND session = ?2 AND deletion IS NULL",
            params![parent.as_str(), session_key],
            |row| row.get(0),
        )
        .optional()?
        .ok_or_else(|| {
            Error::new(
                Kind::BadInput,
                format!("Turn {parent} does not belong to this session"),
            )
            .hint("`tintype sessions show` lists the turns of a session")
        })
}
