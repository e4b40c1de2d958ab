//! What the next prompt is sent with: the picker, reference pictures, what a session remembers, what it weighs.

use tintype::domain::{Cost, Mime, Output, Reference, TurnStatus};
use tintype::error::{Error, Kind};
use tintype::tui::consent::ProjectChoice;
use tintype::tui::effect::Effect;
use tintype::tui::files::{Entry, EntryKind, Listing};
use tintype::tui::layout::panes;
use tintype::tui::model::{Focus, Overlay, Setup};
use tintype::tui::msg::{Ask, JobEvent, Msg, Weight};
use tintype::tui::sending;
use tintype::tui::settings::{Picker, Setting};

use super::stage::*;
use super::{fresh, opened, started};

fn picker(stage: &Stage) -> &Picker {
    match &stage.model.overlay {
        Some(Overlay::Settings(picker)) => picker,
        other => panic!("{other:?}"),
    }
}

fn reference(name: &str) -> Reference {
    Reference {
        path: format!("/pictures/{name}").into(),
        mime: Mime::Png,
        bytes: 1_200_000,
        ..Reference::default()
    }
}

/// Answers the last question about a file.
fn look(stage: &mut Stage, name: &str) {
    let (ask, _) = stage.model.references.asked.last().unwrap().clone();
    stage.tell(Msg::Looked {
        ask,
        result: Ok(reference(name)),
    });
}

fn attached(stage: &mut Stage, name: &str) {
    stage.tell(Msg::Paste(format!("/pictures/{name}")));
    look(stage, name);
}

fn title(stage: &Stage) -> String {
    sending::title(&stage.model)[0].clone()
}

#[test]
fn the_picker_offers_only_what_the_model_accepts() {
    let mut stage = fresh();
    stage.keys("<ctrl+l><right>G<enter>a fox<enter>");
    let [Effect::Send { request, .. }] = &stage.effects[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(
        (&request.aspect_ratio, &request.size),
        (&"8:1".parse().ok(), &"1K".parse().ok())
    );
    // Neither 8:1 nor a size exists for this model: it decides itself.
    stage.keys("<ctrl+l>");
    while picker(&stage).chosen.model != "gemini-2.5-flash-image" {
        stage.keys("j");
    }
    stage.keys("<enter>");
    let settings = &stage.model.settings;
    assert_eq!((&settings.ratio, &settings.size), (&None, &None));
    let sizes = stage.model.choices(settings, Setting::Size);
    assert_eq!(sizes.len(), 1, "{sizes:?}");
}

#[test]
fn nothing_changes_before_enter() {
    let mut stage = fresh();
    let before = stage.model.settings.clone();
    for keys in [
        "<ctrl+l>G<right>G<right>G<right>G<right>G",
        "<ctrl+l><left>g",
        "<ctrl+l>j<ctrl+l>",
        "<ctrl+l>j<ctrl+c>",
    ] {
        stage.keys(keys);
        assert_eq!(stage.model.settings, before);
        stage.keys("<esc>");
        assert_eq!(
            (stage.model.settings.clone(), stage.model.overlay.clone()),
            (before.clone(), None)
        );
    }
}

#[test]
fn every_choice_says_what_it_gives_and_costs() {
    let mut stage = fresh();
    stage.model.settings.provider = "google".to_owned();
    let settings = stage.model.settings.clone();
    let words = |setting, name: &str| {
        let choices = stage.model.choices(&settings, setting);
        let found = choices.iter().find(|choice| choice.name == name);
        found.map(|choice| choice.facts[0].clone()).unwrap()
    };
    assert_eq!(words(Setting::Ratio, "21:9"), "1584×672");
    assert_eq!(words(Setting::Size, "2K"), "2752×1536  $0.101");
    assert_eq!(words(Setting::Count, "×4"), "$0.268");
    assert_eq!(words(Setting::Thinking, "any"), "the model's own: minimal");
    assert_eq!(
        words(Setting::Model, "gemini-2.5-flash-image"),
        "announced for 2026-10-02, reports differ, now nano-banana-2.1"
    );
    assert_eq!(
        words(Setting::Model, "gemini-3-pro-image-preview"),
        "retired 2026-06-25, now 3-pro-image"
    );
    assert_eq!(words(Setting::Output, "image only"), "no text");
    assert_eq!(words(Setting::Provider, "anyfast"), "no key: set ANYFAST_API_KEY");
}

#[test]
fn what_an_answer_is_made_of_is_chosen_like_any_setting() {
    let mut stage = fresh();
    stage.keys("<ctrl+l><left><left><left>");
    assert_eq!(picker(&stage).setting, Setting::Output);
    stage.keys("j<enter>a fox<enter>");
    let [Effect::Send { request, .. }] = &stage.effects[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(request.tuning.output, Output::Images);
    assert!(title(&stage).contains(" · image only · "), "{}", title(&stage));
    stage.keys("<ctrl+l><left><left><left>j<enter>");
    assert_eq!(stage.model.settings.tuning.output, Output::Text);
    stage.keys("<ctrl+l><left><left><left>gk<enter>");
    assert_eq!(stage.model.settings.tuning.output, Output::TextAndImages);
    assert!(!title(&stage).contains("image only"), "{}", title(&stage));
}

#[test]
fn an_answer_in_words_is_finished_and_can_be_continued() {
    let (mut stage, job) = started();
    stage.model.settings.tuning.output = Output::Text;
    let mut turn = stage.model.jobs[0].turn.clone().unwrap();
    turn.status = TurnStatus::Finished;
    turn.request.tuning.output = Output::Text;
    turn.text = "The sea was here before the day began".to_owned();
    stage.job(job, JobEvent::Finished(Box::new(turn.clone())));
    assert!(stage.model.problems.is_empty());
    assert_eq!(stage.model.open.selected.as_ref(), Some(&turn.id));
    stage.keys("and another<enter>");
    let [Effect::Send { parent, request, .. }] = &stage.effects[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(
        (parent.as_ref(), request.tuning.output),
        (Some(&turn.id), Output::Text)
    );
}

#[test]
fn a_provider_without_a_key_cannot_be_chosen() {
    let mut stage = fresh();
    let before = stage.model.settings.clone();
    // google, anyfast, …
    stage.keys("<ctrl+l><left>gj<enter>");
    assert_eq!(picker(&stage).chosen.provider, "anyfast");
    assert_eq!(
        picker(&stage).refusal.as_deref(),
        Some("anyfast has no key: set ANYFAST_API_KEY and start again")
    );
    assert_eq!((stage.effects.len(), &stage.model.settings), (0, &before));
    stage.keys("k");
    assert_eq!(picker(&stage).refusal, None);
}

#[test]
fn another_provider_is_asked_for_its_way_and_starts_with_a_living_model() {
    let mut stage = fresh();
    stage.keys("<ctrl+l><left>g<enter>");
    let ask = stage.model.route_asked.unwrap();
    let route = Effect::Route {
        ask,
        provider: "google".to_owned(),
    };
    assert_eq!(stage.effects, [route]);
    // Of the end of the demo's model at google reports differ, so it stays.
    assert_eq!(stage.model.settings.model, "gemini-3.1-flash-image");
    let error = Error::new(Kind::NoKey, "The key command failed");
    stage.tell(Msg::Routed {
        ask,
        result: Err(error.clone()),
    });
    assert_eq!(stage.model.problems[0].error, error);
}

#[test]
fn what_is_to_know_of_a_key_is_told_when_its_provider_is_chosen() {
    let mut stage = fresh();
    stage.keys("<ctrl+l><left>g<enter>");
    let ask = stage.model.route_asked.unwrap();
    stage.tell(Msg::Routed {
        ask,
        result: Ok(Some("The key stood in quotes".to_owned())),
    });
    assert_eq!(stage.model.notice.as_deref(), Some("The key stood in quotes"));
    assert!(stage.model.problems.is_empty());
}

#[test]
fn a_late_way_is_dropped() {
    let mut stage = fresh();
    stage.keys("<ctrl+l><left>g<enter>");
    let late = stage.model.route_asked.unwrap();
    stage.keys("<ctrl+l><left>G<enter>");
    let before = stage.model.clone();
    stage.tell(Msg::Routed {
        ask: late,
        result: Err(Error::new(Kind::NoKey, "late")),
    });
    assert_eq!(stage.model, before);
}

#[test]
fn a_session_goes_on_as_its_latest_turn_was_sent() {
    let mut stage = fresh();
    let mut session = fox();
    let latest = &mut session.turns[3].request;
    latest.provider = "google".to_owned();
    latest.model = "gemini-nano-banana-2.1".to_owned();
    latest.aspect_ratio = "9:16".parse().ok();
    latest.size = "4K".parse().ok();
    latest.tuning.thinking = Some("high".to_owned());
    latest.tuning.seed = Some(7);
    stage.keys("<ctrl+l><right><right><right>jj<enter><ctrl+s><enter>");
    stage.answer_session(session.clone());
    let settings = stage.model.settings.clone();
    assert_eq!(
        (settings.provider.as_str(), settings.model.as_str()),
        ("google", "gemini-nano-banana-2.1")
    );
    assert_eq!(
        (settings.ratio, settings.size),
        ("9:16".parse().ok(), "4K".parse().ok())
    );
    assert_eq!(
        (settings.tuning.thinking.as_deref(), settings.tuning.seed),
        (Some("high"), Some(7))
    );
    assert_eq!(settings.count, 1, "a count is one prompt's own");
    assert!(
        stage
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::Route { .. }))
    );

    // A new session goes on with what is in sight, and with nothing else of the turn that was selected.
    stage.keys("<ctrl+l><right><right><right>j<enter><ctrl+n>");
    let settings = &stage.model.settings;
    assert_eq!(
        (settings.model.as_str(), settings.size.clone(), settings.count),
        ("gemini-nano-banana-2.1", "4K".parse().ok(), 2)
    );
    assert_eq!(
        (settings.tuning.thinking.as_deref(), settings.tuning.seed),
        (Some("high"), None)
    );

    // What this machine does not have, or was told otherwise at the start, stays as it is.
    session.turns[3].request.provider = "anyfast".to_owned();
    let mut stage = fresh();
    stage.keys("<ctrl+s><enter>").answer_session(session.clone());
    assert_eq!(stage.model.settings.provider, "demo");
    session.turns[3].request.provider = "google".to_owned();
    let mut stage = Stage::new(Setup {
        session: Some(session_id("fox")),
        named: true,
        ..setup()
    });
    stage.answer_session(session);
    assert_eq!(stage.model.settings.provider, "demo");
}

#[test]
fn a_count_sends_siblings_in_one_session() {
    let mut stage = fresh();
    stage.keys("<ctrl+l><right><right><right>jj<enter>a red fox<enter>");
    let [
        Effect::Send {
            jobs, session: None, ..
        },
    ] = &stage.effects[..]
    else {
        panic!("{:?}", stage.effects)
    };
    let jobs = jobs.clone();
    assert_eq!(jobs.len(), 3);
    stage.job(
        jobs[0],
        JobEvent::Started(Box::new(running(1, None, "a red fox"))),
    );
    stage.job(
        jobs[1],
        JobEvent::Started(Box::new(running(2, None, "a red fox"))),
    );
    assert_eq!(stage.model.open.id, Some(session_id("fox")));
    assert_eq!(stage.model.open.turns.len(), 2);
    assert_eq!(
        stage.model.open.selected,
        Some(turn_id("t1")),
        "the first keeps the selection"
    );
    // Each ends by itself, and what fails alike is told once and gives the prompt back once.
    let error = Error::new(Kind::Store, "The disk is full");
    stage.job(jobs[2], JobEvent::Refused(error.clone()));
    assert_eq!(stage.model.editor.text(), "a red fox");
    stage.job(jobs[1], JobEvent::Refused(error));
    assert_eq!((stage.model.problems.len(), stage.model.jobs.len()), (1, 1));
}

#[test]
fn a_pasted_path_goes_along_as_a_chip() {
    let mut stage = fresh();
    stage
        .keys("like this<ctrl+s>")
        .tell(Msg::Paste("'/pictures/my fox.png' ".to_owned()));
    let ask = stage.model.references.asked[0].0;
    let path = "/pictures/my fox.png".into();
    assert_eq!(stage.effects, [Effect::Look { ask, path }]);
    // It is not forgotten because the user was quick.
    assert_eq!(stage.keys("<enter>").effects, []);
    look(&mut stage, "my fox.png");
    assert_eq!(stage.model.editor.text(), "like this");
    stage.keys("<enter>");
    let [Effect::Send { request, .. }] = &stage.effects[..] else {
        panic!("{:?}", stage.effects)
    };
    assert_eq!(request.references, [reference("my fox.png")]);
    assert_eq!(stage.model.references.list, []);
}

#[test]
fn what_turns_out_to_be_no_picture_is_pasted_as_text() {
    let mut stage = fresh();
    stage.tell(Msg::Paste("/etc/hosts".to_owned()));
    let ask = stage.model.references.asked[0].0;
    let error = Error::new(Kind::BadInput, "The reference /etc/hosts is not a picture");
    stage.tell(Msg::Looked {
        ask,
        result: Err(error),
    });
    assert_eq!(stage.model.editor.text(), "/etc/hosts");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("pasted as text: The reference /etc/hosts is not a picture")
    );
    // Several dropped at once are several.
    stage.tell(Msg::Paste("/a/1.png /a/2.png".to_owned()));
    assert_eq!(stage.model.references.asked.len(), 2);
}

#[test]
fn chips_are_taken_off_from_the_end() {
    let mut stage = fresh();
    attached(&mut stage, "1.png");
    attached(&mut stage, "2.png");
    attached(&mut stage, "2.png");
    assert_eq!(stage.model.references.list.len(), 2, "twice is once");
    assert_eq!(panes(stage.model.size, &stage.model).above, 1);
    stage.keys("fox<ctrl+x>");
    assert_eq!(stage.model.references.list, [reference("1.png")]);
    stage.keys("<ctrl+a><backspace>");
    assert_eq!(
        (stage.model.references.list.len(), stage.model.editor.text()),
        (0, "fox".to_owned())
    );
    assert_eq!(panes(stage.model.size, &stage.model).above, 0);
}

#[test]
fn a_late_look_is_dropped() {
    let mut stage = opened();
    stage.tell(Msg::Paste("/pictures/1.png".to_owned()));
    let late = stage.model.references.asked[0].0;
    stage.keys("<ctrl+x>");
    let before = stage.model.clone();
    stage.tell(Msg::Looked {
        ask: late,
        result: Ok(reference("1.png")),
    });
    assert_eq!(stage.model, before);
}

#[test]
fn references_come_back_with_edit_and_with_a_refusal() {
    let mut stage = opened();
    stage.edit(2, |turn| turn.request.references = vec![reference("1.png")]);
    stage.keys("<ctrl+s><tab>Ge");
    assert_eq!(stage.model.references.list, [reference("1.png")]);
    stage.keys("<enter>");
    let job = stage.model.jobs[0].id;
    stage.job(
        job,
        JobEvent::Refused(Error::new(Kind::BadInput, "It takes none")),
    );
    assert_eq!(stage.model.references.list, [reference("1.png")]);
    assert_eq!(stage.model.editor.text(), "as watercolor");
    // Once more with the same ones, and once only.
    stage.model.settings.count = 4;
    stage.keys("<esc><ctrl+s><tab>Gr");
    assert!(matches!(&stage.effects[..], [Effect::Send { jobs, request, .. }]
        if request.references.len() == 1 && jobs.len() == 1));
}

fn folder(names: &[(&str, bool)]) -> Listing {
    let entry = |(name, is_folder): &(&str, bool)| Entry {
        name: (*name).to_owned(),
        kind: if *is_folder {
            EntryKind::Folder
        } else {
            EntryKind::Picture {
                mime: Some(Mime::Png),
                bytes: 1,
                pixels: None,
            }
        },
    };
    Listing {
        folder: "/pictures".into(),
        entries: names.iter().map(entry).collect(),
        more: false,
    }
}

fn asked_folder(stage: &Stage) -> Ask {
    match &stage.model.overlay {
        Some(Overlay::Files(files)) => files.asked.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_file_picker_completes_enters_folders_and_attaches() {
    let mut stage = fresh();
    stage.keys("like @");
    let ask = asked_folder(&stage);
    let list = |ask: Ask, folder: &str| Effect::ListFolder {
        ask,
        folder: folder.to_owned(),
    };
    assert_eq!(stage.effects, [list(ask, "")]);
    let listing = folder(&[("fox.png", false), ("animals", true)]);
    stage.tell(Msg::Folder {
        ask,
        result: Ok(listing),
    });
    stage.keys("ani<tab>");
    let ask = asked_folder(&stage);
    assert_eq!(stage.effects, [list(ask, "animals/")]);
    stage.tell(Msg::Folder {
        ask,
        result: Ok(folder(&[("cat.png", false), ("wolf.png", false)])),
    });
    stage.keys("<down><enter>");
    let ask = stage.model.references.asked[0].0;
    let path = "animals/wolf.png".into();
    assert_eq!(stage.effects, [Effect::Look { ask, path }]);
    assert_eq!(stage.model.overlay, None);
    assert_eq!(stage.model.editor.text(), "like ");
    look(&mut stage, "wolf.png");
    assert_eq!(stage.model.references.list.len(), 1);
}

#[test]
fn a_path_may_be_typed_and_its_refusal_is_said() {
    let mut stage = fresh();
    stage.keys("<ctrl+f>~pictures/x.png<enter>");
    let ask = stage.model.references.asked[0].0;
    let path = "~/pictures/x.png".into();
    assert_eq!(stage.effects, [Effect::Look { ask, path }]);
    let error = Error::new(Kind::BadInput, "It does not exist");
    stage.tell(Msg::Looked {
        ask,
        result: Err(error.clone()),
    });
    assert_eq!(stage.model.problems[0].error, error);
}

#[test]
fn whoever_leaves_the_file_picker_meant_the_character() {
    let mut stage = fresh();
    stage.keys("mail me @home<esc>!");
    assert_eq!(stage.model.editor.text(), "mail me @home!");
    // Inside a word it never opened.
    stage.keys("<ctrl+u>me@home");
    assert_eq!(
        (stage.model.editor.text(), stage.model.overlay.clone()),
        ("me@home".to_owned(), None)
    );
    stage.keys("<ctrl+u><ctrl+s><ctrl+f>x<esc>");
    assert!(stage.model.editor.is_empty());
}

#[test]
fn a_late_folder_is_dropped() {
    let mut stage = fresh();
    stage.keys("<ctrl+f>");
    let late = asked_folder(&stage);
    stage.keys("a/");
    let before = stage.model.clone();
    stage.tell(Msg::Folder {
        ask: late,
        result: Ok(folder(&[("fox.png", false)])),
    });
    assert_eq!(stage.model, before);
    stage.keys("<esc>").tell(Msg::Folder {
        ask: late,
        result: Err(Error::new(Kind::BadInput, "late")),
    });
    assert_eq!(
        (stage.model.overlay.clone(), stage.model.problems.len()),
        (None, 0)
    );
}

#[test]
fn what_goes_along_is_weighed_before_it_is_sent() {
    let mut stage = opened();
    let ask = stage.model.weighing.asked.unwrap();
    assert!(
        matches!(&stage.asides[..], [Effect::LoadText { .. }, Effect::Weigh { ask: asked, parent: Some(parent), .. }]
        if *asked == ask && *parent == turn_id("t4"))
    );
    // Words weigh nothing: typing asks nothing.
    assert_eq!(stage.keys("larger").asides, []);
    let notice = "It goes on from the last picture alone".to_owned();
    stage.tell(Msg::Weighed {
        ask,
        result: Ok(Weight {
            bytes: 3_400_000,
            notices: vec![notice.clone()],
        }),
    });
    assert!(title(&stage).contains("3.4 MB"));
    assert_eq!(panes(stage.model.size, &stage.model).above, 1);
    // Another node is another question, and until it is answered nothing is claimed.
    stage.keys("<ctrl+s><tab>g");
    assert!(
        matches!(&stage.asides[..], [Effect::LoadText { .. }, Effect::Weigh { .. }]),
        "{:?}",
        stage.asides
    );
    assert!(!title(&stage).contains("MB"));
}

#[test]
fn a_late_weight_is_dropped() {
    let mut stage = opened();
    let late = stage.model.weighing.asked.unwrap();
    stage.keys("<ctrl+s><tab>g");
    let before = stage.model.clone();
    stage.tell(Msg::Weighed {
        ask: late,
        result: Ok(Weight::default()),
    });
    assert_eq!(stage.model, before);
}

#[test]
fn a_node_that_runs_is_weighed_when_it_is_done() {
    let (mut stage, job) = started();
    assert_eq!(stage.model.weighing.asked, None);
    stage.job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
    assert!(stage.model.weighing.asked.is_some());
}

#[test]
fn the_day_s_spending_is_asked_at_the_start_and_after_each_turn() {
    let mut stage = Stage::new(Setup {
        utc_offset_s: 3_600,
        ..setup()
    });
    let since_ms = 1_795_129_200_000; // 2026-11-20 00:00 +01:00
    assert_eq!(
        stage.asides,
        [Effect::LoadSpending {
            ask: Ask(2),
            since_ms
        }]
    );
    let cost = Cost {
        usd: 0.41,
        exact: true,
    };
    stage.tell(Msg::Spent {
        ask: Ask(1),
        result: Ok(cost),
    });
    assert_eq!(stage.model.spending.today, None, "an answer to another question");
    stage.tell(Msg::Spent {
        ask: Ask(2),
        result: Ok(cost),
    });
    assert_eq!(stage.model.spending.today, Some(cost));
    stage.tell(Msg::Spent {
        ask: Ask(2),
        result: Ok(Cost {
            usd: 9.0,
            exact: true,
        }),
    });
    assert_eq!(
        stage.model.spending.today,
        Some(cost),
        "an answer that comes twice"
    );

    let (mut stage, job) = started();
    stage.job(job, JobEvent::Finished(Box::new(finished(1, None, "a red fox"))));
    assert!(
        stage
            .asides
            .iter()
            .any(|effect| matches!(effect, Effect::LoadSpending { .. }))
    );
}

#[test]
fn the_focus_goes_to_the_prompt_with_what_was_attached() {
    let mut stage = opened();
    stage
        .keys("<ctrl+s><tab>")
        .tell(Msg::Paste("/pictures/1.png".to_owned()));
    assert_eq!(stage.model.focus, Focus::Prompt);
}

/// What Google takes, with a project that chooses the dearest.
pub(super) fn dear_project() -> Setup {
    let mut setup = setup();
    setup.settings.provider = "google".to_owned();
    setup.settings.model = "gemini-3-pro-image".to_owned();
    setup.settings.size = "4K".parse().ok();
    setup.project = Some(ProjectChoice {
        file: "/repo/.tintype.toml".to_owned(),
        provider: "google".to_owned(),
        model: Some("gemini-3-pro-image".to_owned()),
        size: "4K".parse().ok(),
        own_model: "gemini-3.1-flash-image".to_owned(),
        own_size: "1K".parse().ok(),
    });
    setup
}

/// The model and the size that were sent; `None` where nothing was.
fn sent(stage: &Stage) -> Option<(String, String)> {
    let request = stage.effects.iter().find_map(|effect| match effect {
        Effect::Send { request, .. } => Some(request),
        _ => None,
    });
    request.map(|request| {
        let size = request.size.as_ref().map(ToString::to_string);
        (request.model.clone(), size.unwrap_or_default())
    })
}

fn model_and_size(model: &str, size: &str) -> (String, String) {
    (model.to_owned(), size.to_owned())
}

#[test]
fn what_a_project_makes_dearer_is_asked_once_and_nothing_is_sent_before() {
    let mut stage = Stage::new(dear_project());
    stage.keys("a fox<enter>");
    assert_eq!(
        (stage.model.overlay.as_ref(), sent(&stage)),
        (Some(&Overlay::Dearer), None)
    );
    // Enter is no answer, and Esc leaves the prompt as it was.
    stage.keys("<enter>");
    assert_eq!(
        (stage.model.overlay.as_ref(), sent(&stage)),
        (Some(&Overlay::Dearer), None)
    );
    stage.keys("<esc>");
    assert_eq!(
        (&stage.model.overlay, stage.model.editor.text().as_str()),
        (&None, "a fox")
    );
    stage.keys("<enter>s");
    assert_eq!(sent(&stage).unwrap(), model_and_size("gemini-3-pro-image", "4K"));
    stage.keys("<ctrl+n>a cat<enter>");
    assert_eq!(
        sent(&stage).unwrap(),
        model_and_size("gemini-3-pro-image", "4K"),
        "it was consented to"
    );
}

#[test]
fn the_user_s_own_default_is_sent_in_place_of_a_project_s() {
    let mut stage = Stage::new(dear_project());
    stage.keys("a fox<enter>o");
    assert_eq!(
        sent(&stage).unwrap(),
        model_and_size("gemini-3.1-flash-image", "1K")
    );
    assert!(stage.model.overlay.is_none());
}

#[test]
fn a_project_s_size_is_asked_for_where_only_its_model_was_chosen_anew() {
    let mut setup = dear_project();
    setup.settings.model = "gemini-3.1-flash-image".to_owned();
    let mut stage = Stage::new(setup);
    stage.keys("a fox<enter>");
    assert_eq!(
        (stage.model.overlay.as_ref(), sent(&stage)),
        (Some(&Overlay::Dearer), None)
    );
    // What costs no more than one's own is sent at once.
    let mut setup = dear_project();
    setup.settings.size = "1K".parse().ok();
    setup.settings.model = "gemini-3.1-flash-image".to_owned();
    let mut stage = Stage::new(setup);
    stage.keys("a fox<enter>");
    assert_eq!(
        sent(&stage).unwrap(),
        model_and_size("gemini-3.1-flash-image", "1K")
    );
    // The demo is free.
    let mut setup = dear_project();
    setup.settings.provider = "demo".to_owned();
    let mut stage = Stage::new(setup);
    stage.keys("a fox<enter>");
    assert_eq!(sent(&stage).unwrap(), model_and_size("gemini-3-pro-image", "4K"));
}

#[test]
fn another_session_s_settings_answer_the_question() {
    let mut stage = Stage::new(dear_project());
    stage.answer_sessions(shelf());
    stage.keys("a fox<ctrl+s><enter><tab><tab><tab><tab><enter>");
    assert_eq!(stage.model.overlay, Some(Overlay::Dearer));
    stage.answer_session(fox());
    assert_eq!(stage.model.overlay, None);
}
