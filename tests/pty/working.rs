//! A user at work: prompts, edits, sessions, stopping, another size.

use std::process::Command;

use tintype::domain::TurnStatus;

use crate::provider::Provider;
use crate::terminal::Start;
use crate::{home, newest_session};

const DONE: &str = "#1 · 1024×1024 png";

#[test]
fn the_first_frame_needs_no_answer_from_the_terminal() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    for text in ["Sessions", "Picture", "Prompt", "Describe a picture", "F1 help"] {
        terminal.wait_text(text);
    }
    terminal.keys("it listens");
    terminal.wait_text("it listens");
}

#[test]
fn a_prompt_becomes_a_picture_that_is_still_there_after_a_restart() {
    let home = home();
    let mut terminal = Start::new(home.path()).demo("6").run();
    terminal.wait_start();
    terminal.send("a red fox in fresh snow");
    for text in ["Reading the request", "developing", DONE] {
        terminal.wait_passing(text);
    }
    terminal.wait_text("▌a red fox in fresh snow  1");
    terminal.send("make it night");
    for text in ["Reading the change", "developing", "#2 · 1024×1024 png"] {
        terminal.wait_passing(text);
    }
    terminal.wait_text("└─◉ 2 make it night");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();

    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.wait_text("a red fox in fresh snow");
    terminal.keys("\x13\r");
    for text in [
        "● 1 a red fox in fresh snow",
        "└─◉ 2 make it night",
        "#2 · 1024×1024 png",
        "▀▀▀▀",
    ] {
        terminal.wait_text(text);
    }
}

#[test]
fn a_turn_of_a_command_is_continued_with_its_settings() {
    let home = home();
    let flags = [
        "-a",
        "1:8",
        "-s",
        "512",
        "--system",
        "Paint flat",
        "--seed",
        "7",
        "--thinking",
        "high",
        "--search",
        "--images-only",
    ];
    let made = Command::new(env!("CARGO_BIN_EXE_tintype"))
        .args([
            "--demo-speed",
            "0",
            "-p",
            "demo",
            "generate",
            "-q",
            "a lighthouse",
        ])
        .args(flags)
        .env_clear()
        .env("HOME", home.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.wait_text("a lighthouse");
    terminal.keys("\x13\r");
    terminal.wait_text("1:8 · 512 · thinking high");
    terminal.send("two of them");
    terminal.wait_text("#2 · 192×1536 png");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    let [first, second] = &newest_session(home.path()).turns[..] else {
        panic!("there are not two turns");
    };
    assert_eq!(second.parent.as_ref(), Some(&first.id));
    assert_eq!(second.request.tuning, first.request.tuning);
    assert_eq!(second.request.tuning.system.as_deref(), Some("Paint flat"));
    assert_eq!(
        (&second.request.aspect_ratio, &second.request.size),
        (&"1:8".parse().ok(), &"512".parse().ok())
    );
}

#[test]
fn a_new_session_leaves_the_old_one_in_the_list() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text(DONE);
    terminal.keys("\x0e");
    terminal.wait_text("Describe a picture");
    terminal.wait_gone("1024×1024");
    terminal.send("two boats");
    terminal.wait_text(DONE);
    terminal.wait("both sessions", |screen| {
        screen.contains("▌two boats") && screen.contains(" a lighthouse")
    });
}

#[test]
fn typing_while_a_generation_runs_disturbs_neither() {
    let home = home();
    let mut provider = Provider::new();
    let terminal = provider.client(home.path()).run();
    terminal.wait_start();
    terminal.send("a red fox");
    provider.answer();
    provider.think("I begin with the fox.");
    terminal.wait_text("I begin with the fox.");
    terminal.keys("and now");
    terminal.wait_text("and now");
    provider.half_a_picture();
    terminal.wait_text("developing");
    terminal.keys(" the moon");
    terminal.wait_text("and now the moon");
    provider.the_other_half();
    terminal.wait_text("#1 · 320×200 png");
    terminal.wait_text("and now the moon");
}

#[test]
fn escape_stops_what_only_thinks_at_once() {
    let home = home();
    let mut provider = Provider::new();
    let terminal = provider.client(home.path()).run();
    terminal.wait_start();
    terminal.send("a red fox");
    provider.answer();
    provider.think("I begin with the fox.");
    terminal.wait_text("I begin with the fox.");
    terminal.keys("\x1b");
    provider.wait_hung_up();
    terminal.wait_gone("Esc stop");
    terminal.wait_text("It was stopped before a picture came; this call may have been billed.");
    terminal.send("a grey wolf");
    provider.answer();
    provider.half_a_picture();
    provider.the_other_half();
    terminal.wait_text("#2 · 320×200 png");
    let turns = newest_session(home.path()).turns;
    assert_eq!(turns[0].status, TurnStatus::Cancelled);
    assert_eq!(turns[0].thoughts, "I begin with the fox.");
    assert_eq!(turns[1].status, TurnStatus::Finished);
}

#[test]
fn stopping_a_picture_that_arrives_is_asked_first() {
    let home = home();
    let mut provider = Provider::new();
    let terminal = provider.client(home.path()).run();
    terminal.wait_start();
    terminal.send("a red fox");
    provider.answer();
    provider.half_a_picture();
    terminal.wait_text("developing");
    terminal.keys("\x03");
    terminal.wait_text("A picture is already arriving");
    terminal.keys("\x1b");
    terminal.wait_gone("A picture is already arriving");
    terminal.wait_text("developing");
    terminal.keys("\x1b");
    terminal.wait_text("A picture is already arriving");
    terminal.keys("s");
    provider.wait_hung_up();
    terminal.wait_gone("developing");
    terminal.wait_gone("A picture is already arriving");
}

#[test]
fn every_size_is_drawn_anew_and_a_tiny_one_says_so() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.send("a lighthouse");
    terminal.wait_text(DONE);
    let has_frame = |cols: usize, rows: usize| {
        move |screen: &str| {
            let lines: Vec<_> = screen.lines().collect();
            let widest = lines.iter().map(|line| line.chars().count()).max();
            let top = lines
                .first()
                .is_some_and(|line| line.starts_with('┌') && line.ends_with('┐'));
            lines.len() == rows && widest == Some(cols) && top && screen.contains("F1 help")
        }
    };
    for (cols, rows) in [(80, 24), (120, 40), (40, 12)] {
        terminal.resize(cols, rows);
        terminal.wait("the panes in their new size", has_frame(cols.into(), rows.into()));
    }
    terminal.resize(39, 9);
    terminal.wait_text("tintype needs 40×10 cells");
    terminal.resize(120, 40);
    terminal.wait("the panes again", has_frame(120, 40));
    terminal.wait_text(DONE);
    terminal.wait_text("▀▀▀▀");
}

#[test]
fn started_too_small_it_waits_for_room_and_can_be_left() {
    let home = home();
    let mut terminal = Start::new(home.path()).demo("0").size(39, 12).run();
    terminal.wait_text("tintype needs 40×10 cells");
    terminal.resize(80, 24);
    terminal.wait_start();
    terminal.resize(12, 3);
    terminal.wait_gone("Prompt");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    terminal.wait_restored();
}

#[test]
fn several_pictures_of_one_prompt_with_a_reference_are_siblings() {
    let home = home();
    let picture = home.path().join("my fox.png");
    let card = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots/help.png");
    std::fs::copy(card, &picture).unwrap();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.keys("\x0c\x1b[C\x1b[C\x1b[C");
    terminal.wait_text("×8");
    terminal.keys("j\r");
    terminal.wait_text("×2");
    // As a terminal pastes a file that is dropped on it.
    terminal.keys(&format!("\x1b[200~'{}' \x1b[201~", picture.display()));
    terminal.wait_text("[1] my fox.png");
    terminal.send("make it night");
    for text in [" 1 make it night", " 2 make it night", "png · "] {
        terminal.wait_text(text);
    }
    terminal.wait_gone("[1] my fox.png");
    terminal.wait_gone("running");
    let turns = newest_session(home.path()).turns;
    assert_eq!(turns.len(), 2);
    for turn in turns {
        assert_eq!((turn.status, turn.parent), (TurnStatus::Finished, None));
        assert_eq!(turn.request.references.len(), 1);
    }
}

#[test]
fn a_file_is_chosen_by_a_part_of_its_name() {
    let home = home();
    std::fs::create_dir(home.path().join("pictures")).unwrap();
    let card = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots/help.png");
    std::fs::copy(card, home.path().join("pictures/red fox.png")).unwrap();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.keys("like @~");
    terminal.wait_text("pictures/");
    terminal.keys("pic\t");
    terminal.wait_text("red fox.png");
    terminal.keys("rfx\r");
    terminal.wait_text("[1] red fox.png");
    terminal.wait_text("like");
}

#[test]
fn a_rate_limit_is_counted_down_and_then_the_picture_comes() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.send("a red fox fail:429*1");
    terminal.wait_text("again in");
    terminal.wait_text(DONE);
    let turns = newest_session(home.path()).turns;
    assert_eq!(
        (turns.len(), turns[0].status, turns[0].attempts),
        (1, TurnStatus::Finished, 2)
    );
}

#[test]
fn a_wait_is_stopped_at_once_and_owes_nothing() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.send("a red fox fail:429");
    terminal.wait_text("again in");
    terminal.keys("\x1b");
    terminal.wait_text("owed");
    terminal.wait_gone("again in");
}

#[test]
fn a_link_is_shown_with_its_host_and_fetched_only_when_asked_to() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.send("a red fox fail:link");
    terminal.wait_text("at 127.0.0.1:");
    terminal.wait_text("L fetches it");
    assert_eq!(newest_session(home.path()).turns[0].images, []);
    // The panes that show a turn have the key; History is the second from the prompt.
    terminal.keys("\t\t");
    terminal.keys("L");
    terminal.wait_text("Fetch");
    terminal.keys("f");
    terminal.wait_text(DONE);
    let turn = newest_session(home.path()).turns.remove(0);
    assert_eq!((turn.status, turn.images.len()), (TurnStatus::Finished, 1));
}

/// A home whose folder has a project that chooses the dearest, and the provider that it would be sent to.
pub(crate) fn dear_project() -> (tempfile::TempDir, Provider) {
    let home = home();
    let settings = "model = 'gemini-3-pro-image'\nsize = '4K'\ncount = 16\n";
    std::fs::write(home.path().join(".tintype.toml"), settings).unwrap();
    (home, Provider::new())
}

/// `tintype` that asks this provider as if it were Google.
pub(crate) fn at_google<'a>(home: &'a std::path::Path, provider: &Provider) -> Start<'a> {
    Start::new(home)
        .args(&["-p", "google", "--base-url", provider.address()])
        .env("GEMINI_API_KEY", "sk-test-4f8a2c9d7e")
}

#[test]
fn what_a_project_makes_dearer_is_asked_for_on_a_terminal() {
    let (home, mut provider) = dear_project();
    let start = || at_google(home.path(), &provider).args(&["generate", "a red fox"]);
    for (answer, name) in [("n\r", "no"), ("\r", "nothing"), ("\x04", "the end of the input")] {
        let mut terminal = start().run();
        for text in [
            "gemini-3-pro-image at 4K, about $0.240 an image",
            "costs about $0.034",
            "Send it? [y/N]",
        ] {
            terminal.wait_text(text);
        }
        terminal.keys(answer);
        terminal.wait_text("Nothing was sent");
        assert_eq!(terminal.exit(), 130, "{name}");
    }
    let mut terminal = start().run();
    terminal.wait_text("Send it? [y/N]");
    terminal.keys("\x03");
    assert_ne!(terminal.exit(), 0);
    let mut terminal = start().run();
    terminal.wait_text("Send it? [y/N]");
    terminal.keys("y\r");
    // The first call that the provider sees, and the only one.
    provider.answer();
    provider.half_a_picture();
    provider.the_other_half();
    terminal.wait_text(".png");
    assert_eq!(terminal.exit(), 0);
    assert_eq!(newest_session(home.path()).turns.len(), 1);
}

#[test]
fn what_a_project_makes_dearer_is_asked_for_on_the_screen() {
    let (home, mut provider) = dear_project();
    let terminal = at_google(home.path(), &provider).run();
    terminal.wait_start();
    terminal.wait_text("The count 16 in");
    terminal.send("a red fox");
    terminal.wait_text("gemini-3-pro-image at 4K: $0.24");
    terminal.wait_text("$0.034");
    terminal.keys("\r\x1b");
    terminal.wait_gone("gemini-3-pro-image at 4K: $0.24");
    terminal.keys("\r");
    terminal.wait_text("gemini-3-pro-image at 4K: $0.24");
    terminal.keys("s");
    provider.answer();
    provider.half_a_picture();
    provider.the_other_half();
    terminal.wait_text("#1 · 320×200 png");
    let turns = newest_session(home.path()).turns;
    assert_eq!(turns.len(), 1);
    assert_eq!(
        turns[0].request.size.as_ref().map(tintype::domain::Size::as_str),
        Some("4K")
    );
}
