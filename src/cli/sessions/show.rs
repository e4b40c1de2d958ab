//! `tintype sessions show`: one session as the tree that it is.

use std::fmt::Write as _;

use serde::Serialize;

use super::super::output;
use super::super::prose::{dollars, paragraph};
use super::super::report::{Report, json, results};
use super::day;
use crate::domain::tree::Tree;
use crate::domain::{ImageKind, Session, Turn, TurnStatus, beginning, clean, clean_line};
use crate::error::{Error, Kind, Result};
use crate::store::Store;

/// What the tree may take of a line; deeper ones are drawn straighter.
const WIDTH: u16 = 100;

/// So much of the first line of a text stands for an answer without an image, in bytes.
const QUOTED: usize = 80;

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    title: &'a str,
    created_ms: i64,
    updated_ms: i64,
    turns: Vec<Report<'a>>,
}

/// Prints a session and its turns; with `full` also what the model thought and said.
pub(super) fn run(store: &Store, name: &str, full: bool, as_json: bool) -> Result<u8> {
    let id = store.find_session(name)?.id;
    let gone = || Error::new(Kind::BadInput, format!("Session {id} has just been deleted"));
    let session = store.session(&id)?.ok_or_else(gone)?;
    if as_json {
        output::json(&json(&Shown {
            id: session.id.as_str(),
            title: &session.title,
            created_ms: session.created_ms,
            updated_ms: session.updated_ms,
            turns: session
                .turns
                .iter()
                .map(|turn| Report::new(turn, &[], turn.error.as_ref(), false))
                .collect(),
        }));
        return Ok(0);
    }
    output::line(&format!(
        "{}  {}  {}",
        session.id,
        day(session.updated_ms),
        clean_line(&session.title)
    ));
    for line in drawn(&session, full) {
        output::line(&line);
    }
    Ok(0)
}

/// The tree, each turn's facts hanging below it.
fn drawn(session: &Session, full: bool) -> Vec<String> {
    let tree = Tree::new(&session.turns);
    let mut lines = Vec::new();
    for row in 0..tree.len() {
        let Some(turn) = tree.place(row).and_then(|place| session.turns.get(place)) else {
            continue;
        };
        let trunk = format!("{}   ", tree.lines_below(row, WIDTH));
        lines.push(format!("{}{}", tree.lines(row, WIDTH), head(turn)));
        lines.extend(
            facts(turn, full)
                .into_iter()
                .map(|fact| format!("{trunk}{fact}").trim_end().to_owned()),
        );
    }
    lines
}

fn head(turn: &Turn) -> String {
    let mark = match turn.status {
        TurnStatus::Finished => "●",
        _ => "○",
    };
    let prompt = clean_line(&turn.request.prompt);
    let mut head = format!("{mark} {} {prompt} \u{b7} {}", turn.number, turn.status.as_str());
    if let Some(cost) = turn.cost.filter(|cost| cost.usd > 0.0) {
        let about = if cost.exact { "" } else { "\u{2248}" };
        let _ = write!(head, " \u{b7} {about}{}", dollars(cost.usd));
    }
    head
}

fn facts(turn: &Turn, full: bool) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    let mut said = |what: &str, text: &str| {
        if full && !text.trim().is_empty() {
            facts.push(format!("{what}:"));
            for line in clean(text).lines().filter(|line| !line.trim().is_empty()) {
                facts.extend(paragraph(2, line));
            }
        }
    };
    said("thoughts", &turn.thoughts);
    said("reply", &turn.text);
    let shown = |path: &std::path::Path| clean_line(&path.to_string_lossy());
    let answered_in_words = turn.error.is_none() && turn.images.is_empty() && !full;
    let first = turn.text.trim().lines().next().filter(|_| answered_in_words);
    let quoted = |line: &str| format!("\u{201c}{}\u{201d}", clean_line(beginning(line, QUOTED)));
    facts.extend(first.filter(|line| !line.is_empty()).map(quoted));
    facts.extend(results(turn).map(|image| shown(&image.path)));
    if let Some(draft) = turn.picture().filter(|image| image.kind == ImageKind::Draft) {
        facts.push(format!("draft {}", shown(&draft.path)));
    }
    facts.extend(turn.error.as_ref().map(|error| clean_line(&error.to_string())));
    facts
}
