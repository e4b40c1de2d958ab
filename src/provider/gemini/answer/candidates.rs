//! Several candidates of one answer: they arrive in turns, and each is put together by itself.

use std::collections::BTreeMap;

use super::{Answer, Piece, verdict};
use crate::domain::beginning;
use crate::provider::gemini::bounds;

/// The candidate whose parts arrive, and where another one went on.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    current: u32,
    switches: Vec<Switch>,
    /// The finish reason and the finish message of each.
    ends: BTreeMap<u32, (Option<String>, Option<String>)>,
}

/// The place at which another candidate goes on.
#[derive(Clone, Copy, Debug)]
struct Switch {
    /// Pieces before it.
    pieces: usize,
    /// Bytes of text before it.
    text: usize,
    candidate: u32,
}

impl Answer {
    /// From here on the parts are those of the candidate with this index.
    pub(super) fn go_on_with(&mut self, candidate: u32) {
        let all = &mut self.candidates;
        let candidate = candidate.min(bounds::CANDIDATES - 1);
        // No honest answer goes to and fro so often: what comes then stays with the candidate at hand.
        if all.current == candidate || all.switches.len() >= bounds::PIECES {
            return;
        }
        all.current = candidate;
        let (pieces, text) = (self.pieces.len(), self.text.len());
        // Nothing has come since the last switch.
        all.switches
            .pop_if(|last| (last.pieces, last.text) == (pieces, text));
        all.switches.push(Switch {
            pieces,
            text,
            candidate,
        });
    }

    /// Returns whether the next piece is the first one behind a switch: it is joined to none before it.
    pub(super) fn begins_a_stretch(&self) -> bool {
        let last = self.candidates.switches.last();
        last.is_some_and(|last| last.pieces == self.pieces.len())
    }

    /// The candidate has said how it ended.
    pub(super) fn candidate_ended(&mut self, reason: Option<&String>, message: Option<&String>) {
        let end = self.candidates.ends.entry(self.candidates.current).or_default();
        let line = |text: &String| beginning(text, bounds::LINE).to_owned();
        end.0 = reason.map(line).or(end.0.take());
        end.1 = message.map(line).or(end.1.take());
    }

    /// Puts pieces and text in the order of the candidates, and tells which of them ended badly. An answer of one candidate
    /// stays as it is.
    pub(super) fn put_candidates_in_order(&mut self) {
        let Candidates { switches, ends, .. } = *std::mem::take(&mut self.candidates);
        if !switches.is_empty() {
            self.regroup(&switches);
        }
        if ends.len() > 1 {
            self.judge_ends(&ends);
        }
    }

    fn regroup(&mut self, switches: &[Switch]) {
        let mut pieces: BTreeMap<u32, Vec<Piece>> = BTreeMap::new();
        let mut texts: BTreeMap<u32, String> = BTreeMap::new();
        let mut rest = std::mem::take(&mut self.pieces).into_iter();
        let text = std::mem::take(&mut self.text);
        let first = Switch {
            pieces: 0,
            text: 0,
            candidate: 0,
        };
        let begins = std::iter::once(&first).chain(switches);
        let ends = switches.iter().map(|next| (next.pieces, next.text));
        for (from, (all_pieces, all_text)) in begins.zip(ends.chain([(usize::MAX, text.len())])) {
            let stretch = rest.by_ref().take(all_pieces.saturating_sub(from.pieces));
            pieces.entry(from.candidate).or_default().extend(stretch);
            let words = text.get(from.text..all_text).unwrap_or_default();
            texts.entry(from.candidate).or_default().push_str(words);
        }
        self.pieces = pieces.into_values().flatten().collect();
        let spoken = texts.into_values().filter(|text| !text.trim().is_empty());
        self.text = spoken.collect::<Vec<_>>().join("\n\n");
    }

    /// One that ended well stands for all of them; each that did not is told.
    fn judge_ends(&mut self, ends: &BTreeMap<u32, (Option<String>, Option<String>)>) {
        let is_well = |reason: &Option<String>| reason.as_deref().is_some_and(verdict::is_well);
        for (index, (reason, message)) in ends {
            let Some(reason) = reason.as_deref().filter(|reason| !verdict::is_well(reason)) else {
                continue;
            };
            let said = message.as_deref().map(str::trim);
            let said = said.map(|said| format!(": \u{201c}{said}\u{201d}"));
            let number = u64::from(*index) + 1;
            self.warn(&format!(
                "Candidate {number} ended with {reason}{}",
                said.unwrap_or_default()
            ));
        }
        if let Some((reason, message)) = ends.values().find(|(reason, _)| is_well(reason)) {
            self.finish_reason.clone_from(reason);
            self.finish_message.clone_from(message);
        }
    }
}
