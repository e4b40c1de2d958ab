//! What the user is told while it runs and when it ended: waits, notices, details, links.

use tintype::domain::{Link, TurnStatus};
use tintype::error::{Error, Kind};
use tintype::tui::details::{Row, details};
use tintype::tui::effect::Effect;
use tintype::tui::layout::panes;
use tintype::tui::model::Overlay;
use tintype::tui::msg::{JobEvent, Msg};
use tintype::tui::sending;

use super::stage::*;
use super::{opened, started};

fn retry(wait_ms: u64) -> JobEvent {
    JobEvent::Retry {
        attempt: 2,
        of: 4,
        wait_ms,
        error: Box::new(Error::new(Kind::RateLimited, "Too many requests")),
    }
}

fn wait(stage: &Stage) -> Option<String> {
    let wait = stage.model.jobs[0].wait.as_ref();
    wait.map(|wait| wait.words(stage.model.now_ms))
}

#[test]
fn a_retry_counts_down_and_ends_with_the_first_news() {
    let (mut stage, job) = started();
    stage.job(job, retry(12_000));
    assert!(stage.model.needs_tick());
    assert_eq!(
        wait(&stage).as_deref(),
        Some("rate limited: again in 12 s (2 of 4)")
    );
    stage.after(11_100);
    assert_eq!(
        wait(&stage).as_deref(),
        Some("rate limited: again in 1 s (2 of 4)")
    );
    stage.after(2_000);
    assert_eq!(
        wait(&stage).as_deref(),
        Some("rate limited: trying again (2 of 4)")
    );
    stage.job(job, JobEvent::Thought("so".to_owned()));
    assert_eq!(wait(&stage), None);
    stage.job(job, JobEvent::Paused { wait_ms: 5_000 });
    assert_eq!(
        wait(&stage).as_deref(),
        Some("paused for this provider: goes on in 5 s")
    );
}

#[test]
fn a_wait_is_cancelled_at_once() {
    for key in ["<esc>", "<ctrl+c>"] {
        let (mut stage, job) = started();
        stage.job(job, retry(12_000)).keys(key);
        assert_eq!(stage.effects, [Effect::Stop { job }]);
        assert!(!stage.model.needs_tick());
    }
}

#[test]
fn a_node_says_in_words_how_it_stands() {
    let (mut stage, job) = started();
    let shown = |stage: &Stage| sending::state(&stage.model, stage.model.selected().unwrap());
    assert_eq!(shown(&stage), "waiting");
    stage.job(job, retry(3_000));
    assert_eq!(shown(&stage), "again in 3 s");
    stage.job(job, JobEvent::Thought("so".to_owned()));
    assert_eq!(shown(&stage), "thinking");
    stage.keys("<esc>");
    assert_eq!(shown(&stage), "stopped");
}

#[test]
fn a_notice_is_said_at_once_and_kept_with_the_turn() {
    let (mut stage, job) = started();
    let words = "It goes on from the last picture alone".to_owned();
    stage.job(job, JobEvent::Notice(words.clone()));
    assert_eq!(stage.model.notice.as_ref(), Some(&words));
    assert_eq!(
        stage.model.selected().unwrap().warnings,
        std::slice::from_ref(&words)
    );
    stage.job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
    assert_eq!(
        stage.model.selected().unwrap().warnings,
        std::slice::from_ref(&words)
    );
    // The store kept it too: it is there once.
    let (mut stage, job) = started();
    stage.job(job, JobEvent::Notice(words.clone()));
    let mut turn = finished(1, None, "a red fox");
    turn.warnings = vec![words.clone(), "another".to_owned()];
    stage.job(job, JobEvent::Finished(Box::new(turn)));
    assert_eq!(stage.model.selected().unwrap().warnings.len(), 2);
}

fn texts(stage: &Stage) -> Vec<String> {
    let Some(Overlay::Details { about, .. }) = &stage.model.overlay else {
        panic!("{:?}", stage.model.overlay)
    };
    let screen = panes(stage.model.size, &stage.model).screen;
    let details = details(&stage.model, about.as_ref(), screen).unwrap();
    let text = |row: Row| match row {
        Row::Gap => String::new(),
        Row::Heading(name) => name.to_owned(),
        Row::Fact { name, value } => format!("{name}: {value}"),
        Row::Text(text) => text,
    };
    details.rows.into_iter().map(text).collect()
}

#[test]
fn details_tell_everything_that_is_known_of_a_turn() {
    let mut stage = opened();
    stage.edit(3, |turn| {
        turn.warnings = vec!["Asked for 2K, got 1344×768".to_owned()];
        turn.finish_reason = Some("STOP".to_owned());
        turn.model_version = Some("gemini-3.1-flash-image-001".to_owned());
        turn.response_id = Some("abc\x1b[31m".to_owned());
        turn.attempts = 2;
    });
    stage.keys("<ctrl+s><tab>i");
    let texts = texts(&stage);
    for wanted in [
        "! Asked for 2K, got 1344×768",
        "finish reason: STOP",
        "model version: gemini-3.1-flash-image-001",
        "response id: abc␛[31m",
        "attempts: 2",
        "timing: total 7.9 s",
        "usage: thoughts 264 tokens",
        "prompt: add a moon",
    ] {
        assert!(texts.iter().any(|text| text == wanted), "{wanted} in {texts:#?}");
    }
    stage.resize(80, 12).keys("G");
    assert!(matches!(
        stage.model.overlay,
        Some(Overlay::Details { scroll: 1.., .. })
    ));
    assert_eq!(stage.keys("i").model.overlay, None);
}

#[test]
fn details_of_the_error_that_stands_there_come_first() {
    let mut stage = opened();
    let mut error = Error::new(Kind::RateLimited, "Too many requests").server("Slow down");
    error.http_status = Some(429);
    error.request_id = Some("req-1".to_owned());
    error.body = Some("{\n  \"error\": {}\n}".to_owned());
    stage.tell(Msg::Problem(error)).keys("<alt+i>");
    let texts = texts(&stage);
    for wanted in [
        "happened: Too many requests",
        "server said: Slow down",
        "kind: rate_limited",
        "HTTP status: 429",
        "request id: req-1",
        "billed: no: nothing was generated",
        "  \"error\": {}",
    ] {
        assert!(texts.iter().any(|text| text == wanted), "{wanted} in {texts:#?}");
    }
    // Looking at it does not dismiss it.
    assert_eq!(stage.keys("<esc>").model.problems.len(), 1);
}

fn linked() -> Stage {
    let mut stage = opened();
    stage.edit(3, |turn| {
        turn.status = TurnStatus::Failed;
        turn.images.clear();
        turn.links = vec![Link {
            url: "https://cdn.example.com/a.png".to_owned(),
            mime: None,
        }];
    });
    stage
}

#[test]
fn while_a_node_is_running_nothing_is_said_of_its_links() {
    let mut stage = opened();
    stage.keys("larger<enter>");
    let job = stage.model.jobs[0].id;
    stage.job(job, JobEvent::Started(Box::new(running(5, Some(4), "larger"))));
    stage.keys("<ctrl+s><tab>L");
    assert_eq!(stage.model.notice.as_deref(), Some("#5 is still running"));
}

#[test]
fn a_link_is_fetched_on_the_user_s_word_only() {
    let mut stage = linked();
    assert_eq!(stage.keys("<ctrl+s><tab>L").effects, []);
    assert_eq!(stage.model.overlay, Some(Overlay::Fetch(turn_id("t4"))));
    assert_eq!(stage.keys("<esc>").effects, []);
    assert!(stage.model.jobs.is_empty());
    stage.keys("Lf");
    let job = stage.model.jobs[0].id;
    assert_eq!(
        stage.effects.last(),
        Some(&Effect::Fetch {
            job,
            turn: turn_id("t4")
        })
    );
    // One at a time.
    assert_eq!(stage.keys("L").effects, []);
    stage.job(
        job,
        JobEvent::Finished(Box::new(finished(4, Some(2), "add a moon"))),
    );
    assert_eq!(stage.model.selected().unwrap().status, TurnStatus::Finished);
}

#[test]
fn a_fetch_that_is_stopped_leaves_its_turn_as_it_was() {
    let mut stage = linked();
    stage.keys("<ctrl+s><tab>L<enter>");
    let job = stage.model.jobs[0].id;
    // The first closes the column that lies over the picture.
    stage.keys("<esc><esc>");
    assert_eq!(stage.effects, [Effect::Stop { job }]);
    let turn = stage.model.selected().unwrap();
    assert_eq!((turn.status, turn.links.len()), (TurnStatus::Failed, 1));
    // Nothing to fetch is said.
    let mut stage = opened();
    stage.keys("<ctrl+s><tab>L");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("this node links to no picture")
    );
}
