//! What is kept: recovery, changes by other programs, the trash, the search, pictures that could not be saved.

use tintype::domain::{TurnId, TurnStatus};
use tintype::error::{Error, Kind};
use tintype::tui::effect::Effect;
use tintype::tui::model::{Focus, Overlay, Setup};
use tintype::tui::msg::{Doomed, JobEvent, Msg, Restored};
use tintype::tui::search::Hit;

use super::stage::*;
use super::{fresh, opened, started};

/// Without what is previewed besides.
fn deeds(stage: &Stage) -> Vec<Effect> {
    let is_deed = |effect: &&Effect| !matches!(effect, Effect::Show(_));
    stage.effects.iter().filter(is_deed).cloned().collect()
}

fn selected(stage: &Stage) -> Option<TurnId> {
    stage.model.open.selected.clone()
}

#[test]
fn it_recovers_and_watches_beside_its_first_frame() {
    let stage = Stage::new(setup());
    assert!(stage.effects.contains(&Effect::Recover));
    assert!(stage.effects.contains(&Effect::Watch));
    let only_to_look_at = Stage::new(Setup {
        read_only: Some(Error::new(Kind::Store, "It is read-only")),
        ..setup()
    });
    assert!(!only_to_look_at.effects.contains(&Effect::Recover));
}

#[test]
fn what_was_recovered_is_said_and_shown() {
    let mut stage = opened();
    let turns = vec![running(3, Some(1), "as watercolor"), running(5, None, "a cat")];
    let problems = vec![Error::new(Kind::Store, "One journal cannot be read")];
    stage.tell(Msg::Recovered { turns, problems });
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("2 turns were recovered from an interrupted run: #3, #5")
    );
    assert_eq!(stage.model.problems.len(), 1);
    assert!(matches!(
        &deeds(&stage)[..],
        [Effect::LoadSessions { .. }, Effect::OpenSession { .. }]
    ));
    let mut quiet = opened();
    quiet.tell(Msg::Recovered {
        turns: Vec::new(),
        problems: Vec::new(),
    });
    assert_eq!((quiet.model.notice.clone(), deeds(&quiet)), (None, Vec::new()));
}

#[test]
fn what_another_program_finishes_appears_by_itself() {
    let mut stage = fresh();
    let mut fox = fox();
    fox.turns.push(running(5, Some(4), "a fox cub"));
    stage.keys("<ctrl+s><enter>").answer_session(fox.clone());
    assert!(!stage.model.needs_tick(), "nothing moves here");
    stage.tell(Msg::StoreChanged);
    let asked = stage.model.open.asked.clone().unwrap();
    // What was asked before a change may be as it was before it.
    stage.tell(Msg::StoreChanged);
    let late = stage.outline(fox.clone());
    stage.tell(Msg::Session {
        ask: asked.0,
        result: Ok(Box::new(late)),
    });
    fox.turns[4] = finished(5, Some(4), "a fox cub");
    stage.answer_session(fox);
    assert_eq!(selected(&stage), Some(turn_id("t5")));
    assert_eq!(stage.model.selected().unwrap().status, TurnStatus::Finished);
}

fn hit(session: &str, turn: Option<u32>) -> Hit {
    Hit {
        session: session_id(session),
        title: session.to_owned(),
        updated_ms: NOW,
        turn: turn.map(|number| (turn_id(&format!("t{number}")), number)),
        snippet: vec![("a ".to_owned(), false), ("moon".to_owned(), true)],
    }
}

fn search(stage: &Stage) -> tintype::tui::search::Search {
    match &stage.model.overlay {
        Some(Overlay::Search(search)) => search.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_search_goes_as_it_is_typed_and_late_answers_are_dropped() {
    let mut stage = fresh();
    stage.keys("<ctrl+s>/mo");
    let first = search(&stage).asked.unwrap();
    stage.keys("on");
    let asked = search(&stage).asked.unwrap();
    assert_eq!(
        deeds(&stage),
        [Effect::Search {
            ask: asked,
            words: "moon".to_owned()
        }]
    );
    stage.tell(Msg::Hits {
        ask: first,
        result: Ok(vec![hit("late", None)]),
    });
    assert_eq!(search(&stage).hits, []);
    stage.tell(Msg::Hits {
        ask: asked,
        result: Ok(vec![hit("dusk", None), hit("fox", Some(2))]),
    });
    assert_eq!(search(&stage).hits.len(), 2);
    stage.keys("<down><enter>");
    assert_eq!(stage.model.overlay, None);
    stage.answer_session(fox());
    assert_eq!(selected(&stage), Some(turn_id("t2")));
    // Coming back to the session later selects nothing by itself.
    stage
        .keys("<ctrl+s>/moon<esc>")
        .tell(Msg::Focus(true))
        .answer_session(fox());
    assert_eq!(selected(&stage), Some(turn_id("t2")));
}

#[test]
fn a_hit_in_the_session_on_screen_is_selected_at_once() {
    let mut stage = opened();
    stage.keys("<ctrl+s>/moon");
    let ask = search(&stage).asked.unwrap();
    stage.tell(Msg::Hits {
        ask,
        result: Ok(vec![hit("fox", Some(1))]),
    });
    stage.keys("<enter>");
    assert_eq!(selected(&stage), Some(turn_id("t1")));
    assert!(matches!(&deeds(&stage)[..], []));
}

#[test]
fn no_words_find_nothing_and_ask_nothing() {
    let mut stage = fresh();
    stage.keys("<ctrl+s>/a<backspace>");
    assert_eq!((search(&stage).asked, deeds(&stage)), (None, Vec::new()));
    stage.keys("<enter>");
    assert!(stage.model.overlay.is_some(), "there is nothing to open");
}

/// History has the keys, and this node is selected.
fn at(number: u32) -> Stage {
    let mut stage = opened();
    stage.model.open.selected = Some(turn_id(&format!("t{number}")));
    stage.model.focus = Focus::History;
    stage
}

#[test]
fn deleting_a_node_asks_and_takes_what_grew_from_it() {
    let mut stage = at(2);
    stage.keys("d");
    assert_eq!(
        stage.model.overlay,
        Some(Overlay::Delete(Doomed::Turn(turn_id("t2"))))
    );
    stage.keys("<esc>");
    assert_eq!((deeds(&stage), stage.model.open.turns.len()), (Vec::new(), 4));
    stage.keys("dd");
    let what = Doomed::Turn(turn_id("t2"));
    assert_eq!(deeds(&stage), [Effect::Delete { what: what.clone() }]);
    stage.tell(Msg::Deleted { what, result: Ok(2) });
    let left: Vec<u32> = stage.model.open.turns.iter().map(|turn| turn.number).collect();
    assert_eq!(left, [1, 3]);
    assert_eq!(selected(&stage), Some(turn_id("t1")));
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("deleted #2 and what grew from it; u brings both back")
    );
}

#[test]
fn a_store_that_refuses_to_delete_changes_nothing() {
    let mut stage = at(2);
    let what = Doomed::Turn(turn_id("t2"));
    let error = Error::new(Kind::Store, "It still runs");
    stage.tell(Msg::Deleted {
        what,
        result: Err(error.clone()),
    });
    assert_eq!(stage.model.open.turns.len(), 4);
    assert_eq!(stage.model.problems[0].error, error);
}

#[test]
fn what_runs_is_not_deleted() {
    let (mut stage, _) = started();
    stage.model.focus = Focus::History;
    stage.keys("d");
    assert_eq!(
        (stage.model.overlay.clone(), stage.model.notice.as_deref()),
        (None, Some("#1 still runs: stop it first"))
    );
    let mut elsewhere = at(1);
    elsewhere.edit(3, |turn| turn.status = TurnStatus::Running);
    elsewhere.keys("d");
    assert_eq!(
        elsewhere.model.notice.as_deref(),
        Some("#4 runs elsewhere: it can be deleted when it has ended")
    );
}

#[test]
fn deleting_the_session_on_screen_leaves_a_new_one() {
    let mut stage = opened();
    stage.keys("<ctrl+s>dd");
    let what = Doomed::Session(session_id("fox"));
    assert_eq!(deeds(&stage), [Effect::Delete { what: what.clone() }]);
    stage.tell(Msg::Deleted { what, result: Ok(0) });
    assert_eq!(stage.model.open.id, None);
    assert_eq!(stage.model.sessions.cursor, Some(session_id("dusk")));
    assert_eq!(stage.model.focus, Focus::Sessions);
}

#[test]
fn undo_opens_what_came_back() {
    let mut stage = fresh();
    stage.keys("<ctrl+s>u");
    assert_eq!(deeds(&stage), [Effect::Undo]);
    stage.tell(Msg::Restored(Ok(Some(Restored {
        session: summary("fox", "red fox logo", NOW, 4),
        turns: 2,
        whole: false,
    }))));
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("back again: 2 turns of red fox logo")
    );
    stage.answer_session(fox());
    assert_eq!(stage.model.open.id, Some(session_id("fox")));
    stage.tell(Msg::Restored(Ok(None)));
    assert_eq!(stage.model.notice.as_deref(), Some("nothing was deleted"));
}

/// A picture that has come and could not be saved.
fn unsaved() -> Stage {
    let (mut stage, job) = started();
    let mut turn = running(1, None, "a red fox");
    turn.status = TurnStatus::Failed;
    turn.error = Some(Error::new(Kind::Store, "Cannot write: the disk is full"));
    stage.job(job, JobEvent::Unsaved(Box::new(turn)));
    stage
}

#[test]
fn a_picture_that_could_not_be_saved_is_not_left_by_mistake() {
    let mut stage = unsaved();
    assert_eq!(stage.model.problems.len(), 1);
    stage.keys("<ctrl+q>");
    assert_eq!(stage.model.overlay, Some(Overlay::Unsaved));
    stage.keys("<esc>");
    assert_eq!((stage.model.overlay.clone(), deeds(&stage)), (None, Vec::new()));
    stage.keys("<ctrl+q>q");
    assert_eq!(deeds(&stage), [Effect::Quit { finish: false }]);
}

#[test]
fn a_picture_that_could_not_be_saved_can_be_saved_again() {
    let mut stage = unsaved();
    stage.keys("<alt+w>");
    let job = stage.model.jobs[0].id;
    let turn = turn_id("t1");
    assert_eq!(deeds(&stage), [Effect::SaveAgain { job, turn }]);
    // It fails once more, and then it works.
    let mut still = running(1, None, "a red fox");
    still.status = TurnStatus::Failed;
    still.error = Some(Error::new(Kind::Store, "Cannot write: the disk is full"));
    stage.job(job, JobEvent::Unsaved(Box::new(still)));
    assert_eq!((stage.model.unsaved.len(), stage.model.problems.len()), (1, 1));
    stage.keys("<alt+w>");
    let job = stage.model.jobs[0].id;
    stage.job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
    assert_eq!((stage.model.unsaved.len(), stage.model.problems.len()), (0, 0));
    assert_eq!(stage.model.notice.as_deref(), Some("saved: #1"));
    stage.keys("<ctrl+q>");
    assert_eq!(deeds(&stage), [Effect::Quit { finish: false }]);
}

#[test]
fn a_store_that_cannot_be_written_refuses_and_keeps_the_prompt() {
    let why = Error::new(Kind::Store, "It was made by a newer tintype");
    let mut stage = Stage::new(Setup {
        read_only: Some(why.clone()),
        ..setup()
    });
    stage.keys("a red fox<enter>");
    assert_eq!((deeds(&stage), stage.model.jobs.len()), (Vec::new(), 0));
    assert_eq!(stage.model.editor.text(), "a red fox");
    assert_eq!(stage.model.problems[0].error, why);
    stage.keys("<enter>");
    assert_eq!(stage.model.problems.len(), 1, "said once");
}

#[test]
fn what_the_store_says_at_the_start_stands_until_it_is_dismissed() {
    let sentence = "The database was damaged: 3 pictures are listed again";
    let mut stage = Stage::new(Setup {
        notices: vec![sentence.to_owned()],
        ..setup()
    });
    assert_eq!(stage.model.problems[0].error.message, sentence);
    stage.keys("<esc>");
    assert_eq!(stage.model.problems, []);
}

#[test]
fn an_interrupted_node_is_sent_again() {
    let mut stage = at(2);
    stage.edit(1, |turn| turn.status = TurnStatus::Interrupted);
    stage.keys("r");
    assert!(matches!(
        &deeds(&stage)[..],
        [Effect::Send { parent: Some(parent), request, .. }]
            if *parent == turn_id("t1") && request.prompt == "make it night"
    ));
}
