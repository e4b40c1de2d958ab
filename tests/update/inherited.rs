//! The settings that a prompt takes over from the turn it grows from: which, when, and what has the last word.

use tintype::domain::{AspectRatio, Output, Request, Session, Size, Tuning, TurnStatus};
use tintype::error::{Error, Kind};
use tintype::tui::effect::Effect;
use tintype::tui::model::{Focus, Overlay};
use tintype::tui::msg::JobEvent;
use tintype::tui::sending::{self, Above};
use tintype::tui::settings::Setting;

use super::fresh;
use super::stage::*;

/// The settings of turn 3 of the fox: everything that can be said.
fn everything() -> Tuning {
    Tuning {
        system: Some("Paint flat".to_owned()),
        temperature: Some(0.5),
        top_p: Some(0.9),
        top_k: Some(10),
        seed: Some(7),
        max_tokens: Some(9_000),
        thinking: Some("high".to_owned()),
        no_thoughts: true,
        safety: vec!["harassment=block_none".parse().unwrap()],
        search: true,
        tools: Some("[]".to_owned()),
        output: Output::Images,
        candidates: None,
        unchecked: false,
    }
}

/// The fox, whose turn 3 has a ratio, a size and settings of its own, as a command of another process may have made it.
fn session() -> Session {
    let mut session = fox();
    let request = &mut session.turns[2].request;
    request.aspect_ratio = "1:8".parse().ok();
    request.size = "4K".parse().ok();
    request.tuning = everything();
    session
}

/// It is open, and turn 4 selected, which has none of them.
fn opened() -> Stage {
    let mut stage = fresh();
    stage.keys("<ctrl+s><enter>").answer_session(session());
    stage
}

/// Selects the turn of this number.
fn select(stage: &mut Stage, number: u32) {
    stage.model.focus = Focus::History;
    stage.keys("g");
    let is_selected = |stage: &Stage| stage.model.selected().map(|turn| turn.number) == Some(number);
    for _ in 0..4 {
        if is_selected(stage) {
            break;
        }
        stage.keys("j");
    }
    assert!(is_selected(stage), "{:?}", stage.model.selected());
}

/// Returns the request that Enter sends, and the number of jobs.
fn sent(stage: &mut Stage) -> (Request, usize) {
    stage.model.focus = Focus::Prompt;
    stage.keys("bolder<enter>");
    let send = stage.effects.iter().find_map(|effect| match effect {
        Effect::Send { request, jobs, .. } => Some(((**request).clone(), jobs.len())),
        _ => None,
    });
    send.unwrap_or_else(|| panic!("{:?}", stage.effects))
}

fn format(request: &Request) -> (Option<&str>, Option<&str>) {
    (
        request.aspect_ratio.as_ref().map(AspectRatio::as_str),
        request.size.as_ref().map(Size::as_str),
    )
}

/// Moves in the picker to this setting.
fn picker_at(stage: &mut Stage, setting: Setting) {
    stage.keys("<ctrl+l>");
    while !matches!(&stage.model.overlay, Some(Overlay::Settings(picker)) if picker.setting == setting) {
        stage.keys("<right>");
    }
}

/// Moves in the picker to the choice of this name.
fn choose(stage: &mut Stage, setting: Setting, name: &str) {
    picker_at(stage, setting);
    stage.keys("g");
    loop {
        let Some(Overlay::Settings(picker)) = &stage.model.overlay else {
            panic!("{:?}", stage.model.overlay)
        };
        let row = stage.model.chosen_row(&picker.chosen, setting);
        let choices = stage.model.choices(&picker.chosen, setting);
        if choices[row].name == name {
            break;
        }
        assert!(row + 1 < choices.len(), "no {name} in {choices:?}");
        stage.keys("j");
    }
    stage.keys("<enter>");
}

fn notices(stage: &Stage) -> Vec<String> {
    let rows = sending::above(&stage.model, 200).into_iter();
    let notice = |row| match row {
        Above::Notice(words) => Some(words),
        Above::References(_) => None,
    };
    rows.filter_map(notice).collect()
}

#[test]
fn a_prompt_takes_over_the_settings_of_the_turn_it_grows_from() {
    let mut stage = opened();
    assert_eq!(stage.model.settings.tuning, Tuning::default());
    select(&mut stage, 3);
    let (request, _) = sent(&mut stage);
    assert_eq!(format(&request), (Some("1:8"), Some("4K")));
    assert_eq!(request.tuning, everything());
    // So does the next one, which grows from the turn that this has become.
    let mut turn = running(5, Some(3), "bolder");
    turn.request = request.clone();
    let job = stage.model.jobs[0].id;
    stage.job(job, JobEvent::Started(Box::new(turn.clone())));
    turn.status = TurnStatus::Finished;
    stage.job(job, JobEvent::Finished(Box::new(turn)));
    assert_eq!(stage.model.base().map(|turn| turn.number), Some(5));
    let (next, _) = sent(&mut stage);
    assert_eq!((format(&next), &next.tuning), (format(&request), &request.tuning));
}

#[test]
fn another_turn_brings_its_own() {
    let mut stage = opened();
    select(&mut stage, 3);
    select(&mut stage, 2);
    let settings = &stage.model.settings;
    assert_eq!(
        (&settings.tuning, &settings.size),
        (&Tuning::default(), &"1K".parse().ok())
    );
    // A turn that failed is grown from its nearest ancestor with an answer.
    stage.edit(2, |turn| {
        turn.status = TurnStatus::Failed;
        turn.parts.clear();
        turn.images.clear();
        turn.error = Some(Error::new(Kind::Server, "x"));
    });
    select(&mut stage, 3);
    assert_eq!(stage.model.base().map(|turn| turn.number), Some(1));
    assert_eq!(stage.model.settings.tuning, Tuning::default());
}

#[test]
fn what_was_picked_has_the_last_word_for_one_prompt() {
    let mut stage = opened();
    select(&mut stage, 3);
    choose(&mut stage, Setting::Size, "2K");
    choose(&mut stage, Setting::Thinking, "any");
    choose(&mut stage, Setting::Output, "image and text");
    // It holds whatever the prompt grows from, and nothing else does.
    select(&mut stage, 2);
    assert_eq!(stage.model.settings.size, "2K".parse().ok());
    assert_eq!(stage.model.settings.ratio, "16:9".parse().ok());
    select(&mut stage, 3);
    let (request, _) = sent(&mut stage);
    assert_eq!(format(&request), (Some("1:8"), Some("2K")));
    let expected = Tuning {
        thinking: None,
        output: Output::TextAndImages,
        ..everything()
    };
    assert_eq!(request.tuning, expected);
    select(&mut stage, 2);
    assert_eq!(stage.model.settings.size, "1K".parse().ok());
}

#[test]
fn the_others_may_be_left_out_and_taken_back() {
    let mut stage = opened();
    select(&mut stage, 3);
    choose(&mut stage, Setting::Others, "none");
    let bare = Tuning {
        thinking: Some("high".to_owned()),
        output: Output::Images,
        ..Tuning::default()
    };
    assert_eq!(stage.model.settings.tuning, bare);
    choose(&mut stage, Setting::Others, "kept");
    assert_eq!(stage.model.settings.tuning, everything());
    choose(&mut stage, Setting::Others, "none");
    assert_eq!(sent(&mut stage).0.tuning, bare);
}

#[test]
fn what_the_chosen_model_does_not_take_is_left_out_and_said_and_comes_back_with_one_that_does() {
    let mut stage = opened();
    choose(&mut stage, Setting::Model, "gemini-3-pro-image");
    assert_eq!(notices(&stage), Vec::<String>::new());
    select(&mut stage, 3);
    assert_eq!(
        notices(&stage),
        [
            "! The ratio 1:8 of #3 is not for gemini-3-pro-image, and is left out",
            "! The top-k 10 of #3 is not for gemini-3-pro-image, and is left out",
            "! The thinking level high of #3 is not for gemini-3-pro-image, and is left out",
        ]
    );
    let settings = &stage.model.settings;
    assert_eq!((&settings.ratio, &settings.size), (&None, &"4K".parse().ok()));
    assert_eq!((settings.tuning.top_k, &settings.tuning.thinking), (None, &None));
    assert_eq!(settings.tuning.system, everything().system);
    choose(&mut stage, Setting::Ratio, "16:9");
    assert_eq!(notices(&stage).len(), 2, "{:?}", notices(&stage));
    choose(&mut stage, Setting::Model, "gemini-3.1-flash-image");
    assert_eq!(notices(&stage), Vec::<String>::new());
    assert_eq!(stage.model.settings.tuning, everything());
    assert_eq!(stage.model.settings.ratio, "16:9".parse().ok());
}

#[test]
fn a_count_is_for_one_prompt() {
    let mut stage = opened();
    choose(&mut stage, Setting::Count, "×3");
    let (_, jobs) = sent(&mut stage);
    assert_eq!((jobs, stage.model.settings.count()), (3, 1));
    assert!(!sending::title(&stage.model)[0].contains('×'));
    select(&mut stage, 2);
    assert_eq!(sent(&mut stage).1, 1);
}

#[test]
fn a_turn_that_was_loaded_is_sent_as_it_was_and_its_count_and_candidates_once() {
    let mut stage = opened();
    stage.edit(2, |turn| turn.request.tuning.candidates = Some(1));
    select(&mut stage, 3);
    stage.keys("e");
    // Wherever the selection goes, what was loaded stays.
    select(&mut stage, 2);
    let (request, _) = sent(&mut stage);
    assert_eq!(format(&request), (Some("1:8"), Some("4K")));
    assert_eq!(
        request.tuning,
        Tuning {
            candidates: Some(1),
            ..everything()
        }
    );
    assert_eq!(stage.model.settings.tuning.candidates, None);
}

#[test]
fn a_model_that_no_table_has_keeps_what_it_was_asked_for() {
    let mut stage = fresh();
    let mut session = session();
    for turn in &mut session.turns {
        turn.request.provider = "google".to_owned();
        turn.request.model = "nobody-knows-it".to_owned();
    }
    session.turns[2].request.aspect_ratio = "7:3".parse().ok();
    stage.keys("<ctrl+s><enter>").answer_session(session);
    select(&mut stage, 3);
    assert_eq!(notices(&stage), Vec::<String>::new());
    let settings = &stage.model.settings;
    assert_eq!(
        (settings.model.as_str(), &settings.tuning),
        ("nobody-knows-it", &everything())
    );
    // The picker shows it, and may choose another.
    let choices = stage.model.choices(settings, Setting::Ratio);
    let row = stage.model.chosen_row(settings, Setting::Ratio);
    assert_eq!(choices[row].name, "7:3");
    choose(&mut stage, Setting::Ratio, "1:1");
    assert_eq!(format(&sent(&mut stage).0), (Some("1:1"), Some("4K")));
}
