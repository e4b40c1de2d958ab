//! What turns cost, summed by day, provider and model. It sums what was written down with each turn and prices nothing.
//! Turns in the trash count, and those that have left it: the money was spent.

use rusqlite::{Row, params};
use serde::Serialize;

use super::Store;
use crate::domain::Cost;
use crate::error::Result;

/// Turns of which nobody can say what they cost: they ended well, or may have been billed all the same, and no cost
/// was written down. A turn that failed for free is not among them.
const UNKNOWN: &str = "cost_usd IS NULL AND status <> 'running'
    AND (error IS NULL OR json_extract(error, '$.billed') = 'maybe')";

/// The turns that cost something, or may have, as the table `spent` keeps them when they are gone.
pub(super) fn billed() -> String {
    format!(
        "SELECT created_ms, provider, model,
             (SELECT count(*) FROM images WHERE images.turn = turns.key AND images.kind = 'result') AS pictures,
             cost_usd, cost_exact
         FROM turns WHERE imported IS NULL AND (cost_usd IS NOT NULL OR ({UNKNOWN}))"
    )
}

/// What was spent on one model of one provider on one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spending {
    /// The local day, `YYYY-MM-DD`.
    pub day: String,
    pub provider: String,
    pub model: String,
    /// Turns that cost something, or may have.
    pub turns: u32,
    /// The results among their pictures.
    pub pictures: u32,
    /// How many of the turns have a cost that nobody knows; it is not in the sum.
    pub unknown: u32,
    /// US dollars.
    pub usd: f64,
    /// False where a part of the sum was guessed.
    pub exact: bool,
}

impl Store {
    /// Everything that was ever spent, by day, provider and model, the newest day first. The offset tells where a day
    /// begins; it is today's, so that a day from across a change of daylight saving time is off by an hour.
    pub fn spending(&self, utc_offset_s: i32) -> Result<Vec<Spending>> {
        self.read(|connection| {
            let billed = billed();
            let sql = format!(
                "SELECT date(created_ms / 1000 + ?1, 'unixepoch') AS day, provider, model, count(*) AS turns,
                     sum(pictures) AS pictures, sum(cost_usd IS NULL) AS unknown,
                     coalesce(sum(cost_usd), 0.0) AS usd, coalesce(min(cost_exact), 1) AS exact
                 FROM ({billed} UNION ALL SELECT * FROM spent)
                 GROUP BY day, provider, model ORDER BY day DESC, provider, model"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let found = statement
                .query_map([utc_offset_s], spending)?
                .collect::<Result<_, _>>()?;
            Ok(found)
        })
    }

    /// What was spent on turns that began at this moment (milliseconds since 1970) or later. Not exact where a part of
    /// it was guessed, or where nobody knows what a turn cost.
    pub fn spent_since(&self, ms: i64) -> Result<Cost> {
        self.read(|connection| {
            let sql = format!(
                "SELECT coalesce(sum(cost_usd), 0.0) AS usd,
                     coalesce(min(coalesce(cost_exact, 0)), 1) AS exact
                 FROM (SELECT created_ms, cost_usd, cost_exact FROM turns
                         WHERE imported IS NULL AND (cost_usd IS NOT NULL OR ({UNKNOWN}))
                     UNION ALL SELECT created_ms, cost_usd, cost_exact FROM spent)
                 WHERE created_ms >= ?1"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let spent = statement.query_row(params![ms], |row| {
                Ok(Cost {
                    usd: row.get("usd")?,
                    exact: row.get("exact")?,
                })
            })?;
            Ok(spent)
        })
    }
}

fn spending(row: &Row<'_>) -> rusqlite::Result<Spending> {
    Ok(Spending {
        day: row.get("day")?,
        provider: row.get("provider")?,
        model: row.get("model")?,
        turns: row.get("turns")?,
        pictures: row.get("pictures")?,
        unknown: row.get("unknown")?,
        usd: row.get("usd")?,
        exact: row.get("exact")?,
    })
}
