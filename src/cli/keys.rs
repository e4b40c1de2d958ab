//! `tintype keys`: the table of keys, as the program reads it.

use serde::Serialize;

use super::output;
use super::report::json;
use crate::keys::bindings;

#[derive(Serialize)]
struct Row {
    context: &'static str,
    key: String,
    action: &'static str,
    does: &'static str,
}

/// Prints every key, grouped by where it works.
pub fn run(as_json: bool) -> u8 {
    let rows: Vec<Row> = bindings()
        .iter()
        .map(|binding| Row {
            context: binding.context.name(),
            key: binding.key.name(),
            action: binding.action.name(),
            does: binding.action.describe(),
        })
        .collect();
    if as_json {
        output::json(&json(&rows));
        return 0;
    }
    let widest = rows.iter().map(|row| row.key.len()).max().unwrap_or_default();
    let mut context = "";
    for row in rows {
        if row.context != context {
            context = row.context;
            output::line(context);
        }
        output::line(&format!("  {:widest$}  {}", row.key, row.does));
    }
    0
}
