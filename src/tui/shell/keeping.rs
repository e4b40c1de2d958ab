//! What is asked of the store beside a session on screen: recovery, search, the trash. The answers are put into the
//! model's own words here.

use std::ops::Range;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use super::{Note, Shell};
use crate::domain::{TurnId, clean};
use crate::engine::{Engine, Event, Recovered};
use crate::store::Found;
use crate::tui::effect::Effect;
use crate::tui::msg::{Ask, Doomed, Msg, Restored};
use crate::tui::search::Hit;
use crate::tui::transcript;

/// How long nothing must have been typed before the store is searched.
const SETTLED: Duration = Duration::from_millis(60);
/// How long the last try to save may take.
const LAST: Duration = Duration::from_millis(300);
/// More than anybody looks through.
const HITS: u32 = 100;

impl Shell {
    /// Performs what is asked of the store here.
    pub(super) fn keep(&mut self, effect: Effect) {
        match effect {
            Effect::Watch => self.watch(),
            Effect::Recover => self.recover(),
            Effect::Search { ask, words } => self.search(ask, words),
            Effect::LoadText { ask, turn } => self.read_text(ask, turn),
            Effect::Delete { what } => self.delete(what),
            Effect::Undo => self.undo(),
            Effect::SaveAgain { job, turn } => {
                let saving = self.engine.save_again(turn);
                self.follow(job, saving);
            }
            _ => {}
        }
    }

    fn recover(&self) {
        let (engine, inbox) = (self.engine.clone(), self.inbox.clone());
        // It reads whole journals: not on the thread that draws.
        tokio::task::spawn_blocking(move || {
            let Recovered { turns, problems } = Handle::current().block_on(engine.recover());
            // A loop that has ended wants no answer.
            let _ = inbox.send(Note::Msg(Msg::Recovered { turns, problems }));
        });
    }

    /// From here on changes by other processes are told. Where they cannot be, coming back to the terminal shows them.
    fn watch(&self) {
        let (store, inbox, kept) = (self.store.clone(), self.inbox.clone(), Arc::clone(&self.watch));
        tokio::task::spawn_blocking(move || {
            let watch = store.watch(move || {
                // A loop that has ended listens to nobody.
                let _ = inbox.send(Note::Msg(Msg::StoreChanged));
            });
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = watch.ok();
        });
    }

    /// Only the last question counts: an earlier one that has not begun yet is dropped.
    fn search(&mut self, ask: Ask, words: String) {
        let (store, inbox) = (self.store.clone(), self.inbox.clone());
        let task = tokio::spawn(async move {
            tokio::time::sleep(SETTLED).await;
            let found = tokio::task::spawn_blocking(move || store.search(&words, HITS)).await;
            let Ok(found) = found else { return };
            let result = found.map(|found| found.into_iter().map(hit).collect());
            // A loop that has ended wants no answer.
            let _ = inbox.send(Note::Msg(Msg::Hits { ask, result }));
        });
        if let Some(earlier) = self.searching.replace(task.abort_handle()) {
            earlier.abort();
        }
    }

    /// Only the last question counts: an earlier one that has not begun yet is dropped.
    fn read_text(&mut self, ask: Ask, turn: TurnId) {
        let (store, inbox) = (self.store.clone(), self.inbox.clone());
        let task = tokio::task::spawn_blocking(move || {
            let result = store.turn_text(&turn, transcript::MOST);
            // A loop that has ended wants no answer.
            let _ = inbox.send(Note::Msg(Msg::Text { ask, result }));
        });
        if let Some(earlier) = self.reading.replace(task.abort_handle()) {
            earlier.abort();
        }
    }

    fn delete(&self, what: Doomed) {
        let now_ms = crate::tui::run::now_ms();
        self.ask(move |store| {
            let result = match &what {
                Doomed::Session(id) => store.trash_session(id, now_ms).map(|()| 0),
                Doomed::Turn(id) => store.trash_turn(id, now_ms),
            };
            Msg::Deleted { what, result }
        });
    }

    fn undo(&self) {
        self.ask(|store| {
            let restored = store.undo_delete();
            Msg::Restored(restored.map(|restored| {
                restored.map(|restored| Restored {
                    session: restored.session,
                    turns: restored.turns,
                    whole: restored.whole,
                })
            }))
        });
    }
}

/// The program ends, and something is in memory only: once more it is saved where it belongs, else where there is room;
/// the user is told where, or that it is lost.
pub(crate) async fn save_at_last(engine: &Engine, note: fn(&str)) {
    for turn in engine.unsaved() {
        let mut saving = engine.save_again(turn.clone());
        let over = async {
            while let Some(event) = saving.events.recv().await {
                if matches!(event, Event::Finished(_) | Event::Failed(_) | Event::Rejected(_)) {
                    break;
                }
            }
        };
        let _late = tokio::time::timeout(LAST, over).await;
        if !engine.unsaved().contains(&turn) {
            continue;
        }
        let folders = std::env::current_dir().into_iter().chain([std::env::temp_dir()]);
        let mut said = "A picture could not be saved and is lost".to_owned();
        for folder in folders {
            match engine.rescue(&turn, &folder) {
                Ok(paths) if paths.is_empty() => {}
                Ok(paths) => {
                    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
                    said = format!(
                        "What could not be saved in the data folder is in {}",
                        names.join(", ")
                    );
                    break;
                }
                Err(error) => said = format!("A picture is lost: {error}"),
            }
        }
        note(&format!("tintype: {said}"));
    }
}

fn hit(found: Found) -> Hit {
    Hit {
        session: found.session.id,
        title: found.session.title,
        updated_ms: found.session.updated_ms,
        turn: found.turn,
        snippet: pieces(&found.snippet, &found.hits),
    }
}

/// The snippet in clean pieces; cleaning first would move the places of the hits.
fn pieces(snippet: &str, hits: &[Range<usize>]) -> Vec<(String, bool)> {
    let mut pieces = Vec::new();
    let mut add = |range: Range<usize>, is_hit: bool| {
        let piece = snippet.get(range).filter(|piece| !piece.is_empty());
        pieces.extend(piece.map(|piece| (clean(piece).replace(['\n', '\t'], " "), is_hit)));
    };
    let mut end = 0;
    for hit in hits {
        add(end..hit.start, false);
        add(hit.clone(), true);
        end = hit.end;
    }
    add(end..snippet.len(), false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_falls_into_clean_pieces() {
        let piece = |text: &str, is_hit| (text.to_owned(), is_hit);
        let [red, all] = [3..6, 0..3].map(|hit| vec![hit]);
        assert_eq!(
            pieces("a \x1bred fox", &red),
            [piece("a ␛", false), piece("red", true), piece(" fox", false)]
        );
        assert_eq!(pieces("", &[]), []);
        assert_eq!(pieces("fox", &all), [piece("fox", true)]);
    }
}
