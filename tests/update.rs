//! What each message wants done: whole lists of effects, and what the model says afterwards.

#[cfg(test)]
#[path = "update/asking.rs"]
mod asking;
#[cfg(test)]
#[path = "update/bursts.rs"]
mod bursts;
#[cfg(test)]
#[path = "update/inherited.rs"]
mod inherited;
#[cfg(test)]
#[path = "update/keeping.rs"]
mod keeping;
#[cfg(test)]
#[path = "update/local.rs"]
mod local;
#[cfg(test)]
#[path = "update/looking.rs"]
mod looking;
#[cfg(test)]
mod stage;
#[cfg(test)]
#[path = "update/telling.rs"]
mod telling;

use ratatui::layout::{Position, Size};
use stage::*;
use tintype::domain::{ImageKind, TurnStatus, Usage};
use tintype::error::{Error, Kind};
use tintype::keys::Action;
use tintype::tui::effect::Effect;
use tintype::tui::layout::panes;
use tintype::tui::model::still;
use tintype::tui::model::{Focus, Overlay, Scroll, Setup};
use tintype::tui::msg::{Ask, JobEvent, JobId, Msg, Paint, Progress, Terminal};
use tintype::tui::pixels::{PictureKey, Subject, Want};

/// The box that a picture has in an 80×24 terminal with folded thoughts.
const BOX: Size = Size {
    width: 78,
    height: 18,
};

fn fresh() -> Stage {
    Stage::with_sessions(shelf())
}

/// The fox session is open, its last turn selected and previewed.
fn opened() -> Stage {
    let mut stage = fresh();
    stage.keys("<ctrl+s><enter>").answer_session(fox());
    stage
}

/// A first turn runs in a new session.
fn started() -> (Stage, JobId) {
    let mut stage = fresh();
    stage.keys("<ctrl+n>a red fox<enter>");
    let job = stage.model.jobs[0].id;
    stage.job(job, JobEvent::Started(Box::new(running(1, None, "a red fox"))));
    (stage, job)
}

fn arriving() -> (Stage, JobId) {
    let (mut stage, job) = started();
    stage.job(
        job,
        JobEvent::PictureBegan {
            picture: 0,
            path: "/spool/1".into(),
        },
    );
    (stage, job)
}

fn send(job: u32, session: Option<&str>, parent: Option<&str>, prompt: &str) -> Effect {
    Effect::Send {
        jobs: vec![JobId(job)],
        session: session.map(session_id),
        parent: parent.map(turn_id),
        request: Box::new(request(prompt)),
    }
}

fn show(subject: Subject) -> Effect {
    Effect::Show(vec![Want { subject, area: BOX }])
}

fn stored(number: u32) -> Subject {
    Subject::Whole(PictureKey::Stored(still(&image(number, ImageKind::Result))))
}

#[test]
fn it_opens_with_the_sessions_and_the_one_that_was_named() {
    let stage = Stage::new(setup());
    let [load, watch, recover] = [
        Effect::LoadSessions { ask: Ask(1) },
        Effect::Watch,
        Effect::Recover,
    ];
    assert_eq!(stage.effects, [load.clone(), watch.clone(), recover.clone()]);
    let stage = Stage::new(Setup {
        session: Some(session_id("fox")),
        ..setup()
    });
    let open = Effect::OpenSession {
        ask: Ask(3),
        id: session_id("fox"),
    };
    assert_eq!(stage.effects, [load, open, watch, recover]);
}

#[test]
fn a_first_prompt_makes_a_session() {
    let mut stage = fresh();
    stage.keys("a red fox<enter>");
    assert_eq!(stage.effects, [send(3, None, None, "a red fox")]);
    assert!(stage.model.editor.is_empty());
    assert!(stage.model.needs_tick());

    stage.job(
        JobId(3),
        JobEvent::Started(Box::new(running(1, None, "a red fox"))),
    );
    assert_eq!(stage.effects, [Effect::LoadSessions { ask: Ask(4) }]);
    assert_eq!(stage.model.open.id, Some(session_id("fox")));
    assert_eq!(stage.model.open.selected, Some(turn_id("t1")));
}

#[test]
fn a_prompt_grows_from_the_selected_node() {
    let mut stage = opened();
    stage.keys("make the moon larger<enter>");
    let job = stage.model.jobs[0].id.0;
    assert_eq!(
        stage.effects,
        [send(job, Some("fox"), Some("t4"), "make the moon larger")]
    );

    let mut stage = opened();
    stage.keys("<ctrl+s><tab>G<enter>in oil<enter>");
    let job = stage.model.jobs[0].id.0;
    assert_eq!(stage.effects, [send(job, Some("fox"), Some("t3"), "in oil")]);
}

#[test]
fn a_prompt_after_a_failure_grows_from_what_answered_last() {
    let mut stage = opened();
    let mut failed = running(5, Some(4), "x");
    failed.status = TurnStatus::Failed;
    stage.model.open.turns.put(failed);
    stage.model.open.selected = Some(turn_id("t5"));
    stage.keys("once more<enter>");
    assert!(
        matches!(&stage.effects[..], [Effect::Send { parent: Some(parent), .. }] if *parent == turn_id("t4"))
    );
}

#[test]
fn nothing_is_sent_without_words_or_from_a_node_that_still_runs() {
    let mut stage = fresh();
    assert_eq!(stage.keys("  <enter>").effects, []);
    assert!(stage.model.notice.is_some());

    let (mut stage, _) = started();
    assert_eq!(stage.keys("larger<enter>").effects, []);
    assert_eq!(stage.model.editor.text(), "larger");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("#1 is still running: wait for it, or select another node")
    );
}

#[test]
fn two_first_prompts_do_not_make_two_sessions() {
    let mut stage = fresh();
    stage.keys("a red fox<enter>");
    assert_eq!(stage.keys("a blue fox<enter>").effects, []);
    assert_eq!(stage.model.editor.text(), "a blue fox");
}

#[test]
fn several_run_at_once_and_each_hears_its_own() {
    let mut stage = opened();
    stage.keys("larger<enter>");
    let larger = stage.model.jobs[0].id;
    stage.job(larger, JobEvent::Started(Box::new(running(5, Some(4), "larger"))));
    stage.keys("<ctrl+s><tab>gr");
    let again = stage.model.jobs[1].id;
    assert_eq!(stage.effects, [send(again.0, Some("fox"), None, "a red fox")]);
    stage.job(again, JobEvent::Started(Box::new(running(6, None, "a red fox"))));
    stage.job(larger, JobEvent::Thought("large ".to_owned()));
    stage.job(again, JobEvent::Thought("red".to_owned()));
    stage.job(larger, JobEvent::Thought("moon".to_owned()));
    let thoughts = |turn: &str| stage.model.text_of(&turn_id(turn)).unwrap().thoughts.as_str();
    assert_eq!((thoughts("t5"), thoughts("t6")), ("large moon", "red"));
    // The new one took the selection over, because nothing else had been selected meanwhile.
    assert_eq!(stage.model.open.selected, Some(turn_id("t6")));
}

#[test]
fn a_turn_that_starts_after_the_user_moved_on_takes_nothing_over() {
    let mut stage = opened();
    stage.keys("larger<enter><ctrl+s><tab>g");
    let job = stage.model.jobs[0].id;
    stage.job(job, JobEvent::Started(Box::new(running(5, Some(4), "larger"))));
    assert_eq!(stage.model.open.selected, Some(turn_id("t1")));

    let mut stage = fresh();
    stage.keys("a red fox<enter><ctrl+n>");
    let job = stage.model.jobs[0].id;
    stage.job(job, JobEvent::Started(Box::new(running(1, None, "a red fox"))));
    assert_eq!(stage.model.open.id, None);
    assert!(stage.model.open.turns.is_empty());
}

#[test]
fn escape_stops_at_once_while_there_are_only_thoughts() {
    let (mut stage, job) = started();
    stage
        .job(job, JobEvent::Thought("so far".to_owned()))
        .after(1_500)
        .keys("<esc>");
    assert_eq!(stage.effects, [Effect::Stop { job }]);
    let turn = stage.model.selected().unwrap();
    let thoughts = stage.model.text_of(&turn.id).unwrap().thoughts.as_str();
    assert_eq!((turn.status, thoughts), (TurnStatus::Cancelled, "so far"));
    assert_eq!(turn.timing.total, Some(1_500));
    assert!(!stage.model.needs_tick());
}

#[test]
fn stopping_asks_first_when_a_picture_is_arriving() {
    let (mut stage, job) = arriving();
    assert_eq!(stage.keys("<esc>").effects, []);
    assert_eq!(stage.model.overlay, Some(Overlay::Stop(job)));
    assert_eq!(stage.keys("<esc>").effects, []);
    assert_eq!((stage.model.overlay.clone(), stage.model.jobs.len()), (None, 1));
    stage.keys("<ctrl+c>s");
    assert_eq!(stage.effects, [Effect::Stop { job }, Effect::Show(Vec::new())]);

    let (mut stage, job) = arriving();
    stage.keys("<ctrl+c><ctrl+c>");
    assert_eq!(stage.effects, [Effect::Stop { job }, Effect::Show(Vec::new())]);
}

#[test]
fn a_question_about_a_job_that_ends_goes_away() {
    let (mut stage, job) = arriving();
    stage
        .keys("<esc>")
        .job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
    assert_eq!(stage.model.overlay, None);
    let (mut stage, job) = arriving();
    stage
        .keys("<ctrl+q>")
        .job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
    assert_eq!(stage.model.overlay, None);
}

#[test]
fn a_prompt_stopped_before_its_turn_goes_back_into_the_editor() {
    let mut stage = fresh();
    stage.keys("a red fox<enter><esc>");
    assert_eq!(stage.effects, [Effect::Stop { job: JobId(3) }]);
    assert_eq!(stage.model.editor.text(), "a red fox");
}

#[test]
fn a_refused_prompt_comes_back_with_the_reason() {
    let mut stage = fresh();
    stage.keys("a red fox<enter>");
    let error = Error::new(Kind::NoKey, "there is no key for google").hint("Set GEMINI_API_KEY");
    stage.job(JobId(3), JobEvent::Refused(error.clone()));
    assert_eq!(stage.effects, [Effect::LoadSessions { ask: Ask(4) }]);
    assert_eq!(stage.model.editor.text(), "a red fox");
    assert_eq!(stage.model.problems[0].error, error);
    // It stays through other keys and goes with Escape.
    assert_eq!(stage.keys("!<ctrl+j>").model.problems.len(), 1);
    assert_eq!(stage.keys("<esc>").model.problems.len(), 0);
}

#[test]
fn what_runs_elsewhere_is_not_what_escape_means() {
    let (mut stage, job) = started();
    assert_eq!(stage.keys("<ctrl+n><esc>").effects, []);
    assert_eq!(stage.model.jobs[0].id, job);
    let mut turn = finished(1, None, "a red fox");
    turn.status = TurnStatus::Failed;
    turn.error = Some(Error::new(Kind::Cut, "the answer broke off"));
    stage.job(job, JobEvent::Failed(Box::new(turn)));
    assert_eq!(stage.model.problems[0].about, "#1 in red fox logo");
}

#[test]
fn control_c_clears_the_prompt_then_quits_when_pressed_twice() {
    let mut stage = fresh();
    assert_eq!(stage.keys("words<ctrl+c>").effects, []);
    assert!(stage.model.editor.is_empty());
    assert_eq!(stage.keys("<ctrl+c>").effects, []);
    assert_eq!(
        stage.keys("<tab><ctrl+c>").effects,
        [],
        "another key came between"
    );
    assert_eq!(stage.keys("<ctrl+c>").effects, [Effect::Quit { finish: false }]);
}

#[test]
fn quitting_leaves_at_once_when_nothing_runs() {
    assert_eq!(fresh().keys("<ctrl+q>").effects, [Effect::Quit { finish: false }]);
    assert_eq!(fresh().keys("<ctrl+d>").effects, [Effect::Quit { finish: false }]);
    let mut stage = fresh();
    assert_eq!(stage.keys("fox<ctrl+a><ctrl+d>").effects, []);
    assert_eq!(stage.model.editor.text(), "ox");
}

#[test]
fn quitting_while_it_runs_asks_what_becomes_of_it() {
    let (mut stage, _) = started();
    assert_eq!(stage.keys("<ctrl+q>").effects, []);
    assert_eq!(stage.model.overlay, Some(Overlay::Quit));
    assert_eq!(stage.keys("<esc>").effects, []);
    assert_eq!(stage.model.overlay, None);
    assert_eq!(stage.keys("<ctrl+q>f").effects, [Effect::Quit { finish: true }]);
    let (mut stage, _) = started();
    assert_eq!(stage.keys("<ctrl+q>s").effects, [Effect::Quit { finish: false }]);
}

#[test]
fn a_screen_too_small_for_the_question_finishes_what_was_paid_for() {
    let (mut stage, _) = started();
    stage.resize(30, 8);
    assert_eq!(stage.keys("x<enter><ctrl+n>").effects, []);
    assert_eq!(stage.keys("<ctrl+q>").effects, [Effect::Quit { finish: true }]);
}

#[test]
fn a_new_session_keeps_what_is_being_typed() {
    let mut stage = opened();
    stage.keys("half a thou<ctrl+n>");
    assert_eq!(stage.effects, [Effect::Show(Vec::new())]);
    assert_eq!(
        (stage.model.open.id.clone(), stage.model.focus),
        (None, Focus::Prompt)
    );
    assert_eq!(stage.model.editor.text(), "half a thou");
}

#[test]
fn reopening_shows_the_newest_turn() {
    let mut stage = fresh();
    stage.keys("<ctrl+s><enter>");
    assert_eq!(
        stage.effects,
        [Effect::OpenSession {
            ask: Ask(3),
            id: session_id("fox")
        }]
    );
    stage.answer_session(fox());
    assert_eq!(stage.effects, [show(stored(4))]);
    assert_eq!(stage.model.open.selected, Some(turn_id("t4")));
    // Opening what is open asks nothing.
    assert_eq!(stage.keys("<ctrl+s><enter>").effects, []);
    assert_eq!(stage.model.focus, Focus::Prompt);
}

#[test]
fn late_sessions_are_dropped() {
    let mut stage = Stage::new(setup());
    stage.tell(Msg::Focus(true));
    assert_eq!(stage.effects, [Effect::LoadSessions { ask: Ask(3) }]);
    stage.tell(Msg::Sessions {
        ask: Ask(1),
        result: Ok(shelf()),
    });
    assert!(stage.model.sessions.list.is_empty() && !stage.model.sessions.loaded);
    stage.tell(Msg::Sessions {
        ask: Ask(3),
        result: Ok(shelf()),
    });
    assert_eq!(stage.model.sessions.list.len(), 4);
    stage.tell(Msg::Sessions {
        ask: Ask(3),
        result: Ok(Vec::new()),
    });
    assert_eq!(stage.model.sessions.list.len(), 4);
}

#[test]
fn a_late_session_is_dropped() {
    let mut stage = fresh();
    stage.keys("<ctrl+s><enter>j<enter>");
    let late = stage.outline(fox());
    stage.tell(Msg::Session {
        ask: Ask(3),
        result: Ok(Box::new(late)),
    });
    assert_eq!(
        (stage.effects.clone(), stage.model.open.id.clone()),
        (vec![], None)
    );

    let mut stage = fresh();
    stage.keys("<ctrl+s><enter><ctrl+n>");
    let gone = Error::new(Kind::Store, "it is gone");
    stage.tell(Msg::Session {
        ask: Ask(3),
        result: Err(gone),
    });
    assert_eq!(stage.model.problems, []);
}

#[test]
fn a_late_preview_is_dropped() {
    let mut stage = opened();
    let late = stage.model.preview.wants[0].subject.clone();
    stage.keys("<ctrl+s><tab>G");
    assert_eq!(stage.effects, [show(stored(3))]);
    let before = stage.model.clone();
    stage.tell(Msg::Preview {
        subject: late.clone(),
        paint: Paint::Painted {
            rows: None,
            changed: None,
        },
    });
    stage.tell(Msg::Preview {
        subject: late,
        paint: Paint::Failed(Error::new(Kind::BadAnswer, "no picture")),
    });
    assert_eq!(stage.model, before);
}

#[test]
fn late_events_of_a_job_are_dropped() {
    let (mut stage, job) = started();
    stage.keys("<esc>");
    let before = stage.model.clone();
    let events = [
        JobEvent::Started(Box::new(running(9, None, "late"))),
        JobEvent::Thought("late".to_owned()),
        JobEvent::Text("late".to_owned()),
        JobEvent::PictureBegan {
            picture: 0,
            path: "/late".into(),
        },
        JobEvent::Progress(Progress { received: 1 }),
        JobEvent::PictureEnded {
            picture: 0,
            image: image(1, ImageKind::Result),
        },
        JobEvent::Usage(Usage::default()),
        JobEvent::Finished(Box::new(finished(1, None, "late"))),
        JobEvent::Failed(Box::new(finished(1, None, "late"))),
        JobEvent::Refused(Error::new(Kind::NoKey, "late")),
    ];
    for event in events {
        assert_eq!(stage.job(job, event.clone()).effects, [], "{event:?}");
        assert_eq!(stage.model, before, "{event:?}");
    }
}

#[test]
fn a_session_read_while_its_turn_ended_is_read_again() {
    let (mut stage, job) = started();
    stage.keys("<ctrl+n><ctrl+s>g<enter>");
    let asked = stage.model.open.asked.clone().unwrap();
    stage.job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
    let (ask, id) = stage.model.open.asked.clone().unwrap();
    assert_ne!(asked.0, ask);
    assert!(stage.effects.contains(&Effect::OpenSession { ask, id }));
}

#[test]
fn a_session_read_before_a_turn_began_does_not_lose_it() {
    let mut stage = opened();
    stage.tell(Msg::Focus(true)).keys("larger<enter>");
    let job = stage.model.jobs[0].id;
    stage.job(job, JobEvent::Started(Box::new(running(5, Some(4), "larger"))));
    stage.answer_session(fox());
    let numbers: Vec<_> = stage.model.open.turns.iter().map(|turn| turn.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert_eq!(stage.model.open.selected, Some(turn_id("t5")));
}

#[test]
fn the_picture_is_followed_from_its_first_byte_to_the_stored_file() {
    let (mut stage, job) = started();
    stage.job(
        job,
        JobEvent::PictureBegan {
            picture: 0,
            path: "/spool/1".into(),
        },
    );
    let growing = Subject::growing("/spool/1");
    // The thoughts are open while it runs.
    let area = Size {
        width: 78,
        height: 14,
    };
    assert_eq!(
        stage.effects,
        [Effect::Show(vec![Want {
            subject: growing.clone(),
            area
        }])]
    );
    stage.paint(410, 768);
    assert_eq!(stage.model.preview.rows, Some((410, 768)));

    stage.job(
        job,
        JobEvent::PictureEnded {
            picture: 0,
            image: image(1, ImageKind::Result),
        },
    );
    assert!(matches!(&stage.effects[..], [Effect::Show(wants)] if wants[0].subject == stored(1)));
    assert_eq!(stage.model.preview.painted, Some((turn_id("t1"), growing)));

    stage.job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
    let load = Effect::LoadSessions {
        ask: stage.model.sessions.asked.unwrap(),
    };
    assert_eq!(
        stage.effects,
        [load, show(stored(1))],
        "the thoughts fold when it is done"
    );
}

#[test]
fn a_resize_and_another_terminal_ask_for_the_picture_again() {
    let mut stage = opened();
    assert_eq!(stage.resize(80, 24).effects, []);
    stage.resize(120, 40);
    assert!(matches!(&stage.effects[..], [Effect::Show(wants)] if wants[0].area == Size::new(88, 34)));
    stage.resize(30, 8);
    assert_eq!(stage.effects, [Effect::Show(Vec::new())]);
    stage.resize(80, 24).tell(Msg::Terminal(Terminal::default()));
    assert_eq!(stage.effects, [show(stored(4))]);
    stage.keys("<alt+r>");
    assert_eq!(stage.effects, [Effect::Redraw, show(stored(4))]);
    stage.keys("<ctrl+z>");
    assert_eq!(stage.effects, [Effect::Suspend, show(stored(4))]);
    stage.tell(Msg::Terminal(Terminal {
        pictures: false,
        ..Terminal::default()
    }));
    assert_eq!(stage.effects, []);
    assert_eq!(stage.model.preview.wants, []);
}

#[test]
fn time_passes_without_effects_and_only_matters_while_something_runs() {
    let mut stage = opened();
    assert!(!stage.model.needs_tick());
    assert_eq!(stage.after(100).effects, []);
    let (stage, _) = started();
    assert!(stage.model.needs_tick());
}

#[test]
fn focus_goes_round_in_both_directions() {
    use Focus::{History, Picture, Prompt, Sessions, Thoughts};
    let ring = |keys: &str, times: usize| {
        let mut stage = opened();
        let mut seen = Vec::new();
        for _ in 0..times {
            seen.push(stage.keys(keys).model.focus);
        }
        seen
    };
    assert_eq!(ring("<tab>", 5), [Sessions, History, Picture, Thoughts, Prompt]);
    assert_eq!(
        ring("<shift+tab>", 5),
        [Thoughts, Picture, History, Sessions, Prompt]
    );
    // Where thoughts cannot unfold they are passed over.
    let mut stage = opened();
    stage.resize(80, 14).keys("<shift+tab>");
    assert_eq!(stage.model.focus, Picture);
}

#[test]
fn folding() {
    let mut stage = opened();
    stage.resize(120, 40);
    let is_beside = |stage: &Stage| panes(stage.model.size, &stage.model).sessions.is_some();
    assert!(is_beside(&stage));
    stage.keys("<alt+s>");
    assert!(!is_beside(&stage));
    // Going there brings it back for as long as it takes.
    stage.keys("<ctrl+s>");
    assert!(panes(stage.model.size, &stage.model).over);
    stage.keys("<esc><alt+s>");
    assert!(is_beside(&stage));
    let height = |stage: &Stage| panes(stage.model.size, &stage.model).thoughts.inner.height;
    assert_eq!(height(&stage), 0);
    assert!(height(stage.keys("<ctrl+t>")) > 3);
    assert_eq!(height(stage.keys("<ctrl+t>")), 0);
}

#[test]
fn earlier_prompts_come_back_and_the_draft_survives() {
    let mut stage = opened();
    stage.keys("my dra<up>");
    assert_eq!(stage.model.editor.text(), "add a moon");
    stage.keys("<up><up>");
    assert_eq!(stage.model.editor.text(), "make it night");
    stage.keys("<up><up><up>");
    assert_eq!(stage.model.editor.text(), "a red fox");
    stage.keys("<down><down><down>");
    assert_eq!(stage.model.editor.text(), "add a moon");
    stage.keys("<down>ft");
    assert_eq!(stage.model.editor.text(), "my draft");
    stage.keys("<down>");
    assert_eq!(stage.model.editor.text(), "my draft");
}

#[test]
fn up_and_down_move_within_a_prompt_of_several_rows_first() {
    let mut stage = opened();
    stage.keys("one<ctrl+j>two<up>!<down>?");
    assert_eq!(stage.model.editor.text(), "one!\ntwo?");
}

#[test]
fn editing_loads_prompt_and_settings() {
    let mut stage = opened();
    stage.edit(2, |turn| {
        turn.request.model = "gemini-3-pro-image".to_owned();
        turn.request.aspect_ratio = "9:16".parse().ok();
    });
    stage.keys("<ctrl+s><tab>Ge");
    assert_eq!(stage.model.editor.text(), "as watercolor");
    assert_eq!(stage.model.focus, Focus::Prompt);
    assert_eq!(stage.model.settings.model, "gemini-3-pro-image");
    assert_eq!(stage.model.settings.ratio, "9:16".parse().ok());

    // A provider that this machine does not have gives its prompt and nothing else.
    let mut stage = opened();
    stage.edit(2, |turn| turn.request.provider = "elsewhere".to_owned());
    stage.edit(2, |turn| turn.request.model = "imagen-9".to_owned());
    stage.keys("<ctrl+s><tab>Ge");
    assert_eq!(stage.model.settings.model, "gemini-3.1-flash-image");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("prompt loaded; there is no elsewhere here, so it goes to demo")
    );
}

#[test]
fn thoughts_follow_their_tail_until_they_are_scrolled() {
    let (mut stage, job) = started();
    stage.job(job, JobEvent::Thought(THOUGHTS.to_owned()));
    stage.keys("<shift+tab>k");
    let Scroll::At(row) = stage.model.thoughts.scroll else {
        panic!("{:?}", stage.model.thoughts)
    };
    stage.job(job, JobEvent::Thought("more\n\nand more\n\nand more".to_owned()));
    assert_eq!(stage.model.thoughts.scroll, Scroll::At(row));
    stage.keys("G");
    assert_eq!(stage.model.thoughts.scroll, Scroll::Tail);
}

#[test]
fn the_mouse_focuses_selects_and_scrolls() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mouse = |stage: &mut Stage, kind: MouseEventKind, at: Position| {
        let event = MouseEvent {
            kind,
            column: at.x,
            row: at.y,
            modifiers: KeyModifiers::NONE,
        };
        stage.tell(Msg::Mouse(event));
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    let mut stage = opened();
    stage.resize(120, 40);
    let layout = panes(stage.model.size, &stage.model);
    let history = layout.history.unwrap().inner;
    mouse(&mut stage, click, Position::new(history.x + 2, history.y + 1));
    assert_eq!(
        (stage.model.focus, stage.model.open.selected.clone()),
        (Focus::History, Some(turn_id("t2")))
    );
    mouse(
        &mut stage,
        MouseEventKind::ScrollDown,
        Position::new(history.x, history.y),
    );
    assert_eq!(stage.model.open.selected, Some(turn_id("t4")));
    let sessions = layout.sessions.unwrap().inner;
    mouse(&mut stage, click, Position::new(sessions.x + 2, sessions.y + 2));
    assert_eq!(
        (stage.model.sessions.cursor.clone(), stage.effects.clone()),
        (Some(session_id("dusk")), vec![])
    );
    mouse(&mut stage, click, Position::new(sessions.x + 2, sessions.y + 2));
    assert!(matches!(&stage.effects[..], [Effect::OpenSession { id, .. }] if *id == session_id("dusk")));
    stage.keys("<esc>one<ctrl+j>two");
    let prompt = panes(stage.model.size, &stage.model).prompt.text();
    mouse(&mut stage, click, Position::new(prompt.x + 1, prompt.y));
    stage.keys("X");
    assert_eq!(stage.model.editor.text(), "oXne\ntwo");
}

#[test]
fn a_paste_goes_to_the_prompt_whole() {
    let mut stage = fresh();
    stage
        .keys("<ctrl+s>")
        .tell(Msg::Paste("two\r\nlines\x1b[31m".to_owned()));
    assert_eq!(stage.model.editor.text(), "two\nlines␛[31m");
    assert_eq!(stage.model.focus, Focus::Prompt);
    stage.keys("<ctrl+_>");
    assert!(stage.model.editor.is_empty());
}

#[test]
fn every_action_of_the_table_means_something_to_update() {
    // A key without meaning would leave everything as it was, from every place that it holds in.
    for action in Action::ALL {
        let changed = tintype::keys::bindings()
            .iter()
            .filter(|row| row.action == *action)
            .any(|row| {
                let places = [
                    "",
                    "<ctrl+s>",
                    "<ctrl+s><tab>",
                    "<ctrl+s><tab><tab>",
                    "<shift+tab>",
                    "<ctrl+l>",
                    "<f1>",
                ];
                let texts = ["", "one two<ctrl+j>three four<alt+b>", "<up>x<ctrl+w>"];
                let mut stages: Vec<Stage> = Vec::new();
                for place in places {
                    for text in texts {
                        let mut stage = opened();
                        stage.keys(text).keys(place).keys("<down>");
                        stages.push(stage);
                    }
                }
                let (mut quitting, _) = started();
                quitting.keys("<ctrl+q>");
                let (mut stopping, _) = arriving();
                stopping.keys("<esc>");
                let (mut closer, mut wiping, mut sheet) = (opened(), opened(), opened());
                closer.keys("<ctrl+s><tab><tab>===");
                wiping.keys("<ctrl+s><tab><tab>cw");
                sheet.keys("<ctrl+s><tab>C");
                let mut dear = Stage::new(asking::dear_project());
                dear.keys("a fox<enter>");
                stages.extend(vec![quitting, stopping, closer, wiping, sheet, dear]);
                stages.iter_mut().any(|stage| {
                    let before = stage.model.clone();
                    stage.tell(Msg::Keys(vec![row.key.event()]));
                    stage.model != before || !stage.effects.is_empty()
                })
            });
        assert!(changed, "{action} does nothing anywhere");
    }
}
