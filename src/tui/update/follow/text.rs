//! What the selected turn thought and said, read when it is selected: followed after every message, so that no way to
//! select a turn can forget to ask.

use crate::domain::{TurnId, TurnText};
use crate::error::Result;
use crate::tui::effect::Effect;
use crate::tui::layout::Panes;
use crate::tui::model::{Model, Scroll, Text};
use crate::tui::msg::{Ask, JobEvent};
use crate::tui::transcript::{self, Transcript};

use crate::tui::update::chrome;

/// Asks for the words of the selected turn, where neither they nor an answer are at hand.
pub(super) fn follow(model: &mut Model) -> Option<Effect> {
    let Some(turn) = model.open.selected.clone() else {
        model.open.text = Text::default();
        return None;
    };
    if model.job_of(&turn).is_some_and(|job| !job.is_afterwards()) {
        return None;
    }
    let text = &model.open.text;
    let is_known = text.is_fresh && text.known.as_ref().is_some_and(|(known, _)| *known == turn);
    let is_asked = text.asked.as_ref().is_some_and(|(_, asked)| *asked == turn);
    if is_known || is_asked {
        return None;
    }
    let ask = model.next_ask();
    let text = &mut model.open.text;
    text.asked = Some((ask, turn.clone()));
    text.is_fresh = false;
    text.known.take_if(|(known, _)| *known != turn);
    Some(Effect::LoadText { ask, turn })
}

pub(in super::super) fn read(model: &mut Model, ask: Ask, result: Result<Option<TurnText>>) -> Vec<Effect> {
    let Some((_, turn)) = model.open.text.asked.take_if(|(asked, _)| *asked == ask) else {
        return Vec::new();
    };
    match result {
        Ok(text) => {
            set(model, &turn, text.unwrap_or_default());
            Vec::new()
        }
        Err(error) => {
            // It is not asked for again and again.
            set(model, &turn, TurnText::default());
            chrome::problem(model, error)
        }
    }
}

/// These are the words of a turn by now; those of one that is not selected are read again when it is.
pub(in super::super) fn set(model: &mut Model, turn: &TurnId, words: TurnText) {
    if model.open.selected.as_ref() == Some(turn) {
        model.open.text = Text {
            asked: None,
            known: Some((turn.clone(), words)),
            is_fresh: true,
        };
        model.thoughts.transcript = Transcript::default();
    }
}

/// What a job says, with the words of its turn taken out; those of one that has ended are shown if it is selected.
pub(in super::super) fn heard(model: &mut Model, mut event: JobEvent) -> JobEvent {
    match &mut event {
        JobEvent::Started(turn) => drop(TurnText::take(turn, transcript::MOST)),
        JobEvent::Finished(turn) | JobEvent::Failed(turn) | JobEvent::Unsaved(turn) => {
            let words = TurnText::take(turn, transcript::MOST);
            set(model, &turn.id, words);
        }
        _ => {}
    }
    event
}

/// Keeps what the Thoughts pane shows up to date, while it is open.
pub(super) fn wrap(model: &mut Model, panes: &Panes) {
    let mut kept = std::mem::take(&mut model.thoughts.transcript);
    let area = panes.thoughts.text();
    let Some(turn) = model.selected().filter(|_| !area.is_empty()) else {
        return;
    };
    let forgotten = kept.follow(turn, model.text_of(&turn.id), usize::from(area.width));
    if let Scroll::At(row) = &mut model.thoughts.scroll {
        *row = row.saturating_sub(forgotten);
    }
    model.thoughts.transcript = kept;
}
