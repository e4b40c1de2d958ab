//! Whole screens, with their colours, from the keys that lead to them. After a change that is meant, look at the
//! difference and take it over with `INSTA_UPDATE=always cargo test --test screens`.

#[cfg(test)]
#[path = "stage/drawing.rs"]
mod drawing;
#[cfg(test)]
mod stage;

use stage::*;
use tintype::domain::{ImageKind, TurnStatus};
use tintype::error::{Error, Kind};
use tintype::tui::model::Setup;
use tintype::tui::msg::{JobEvent, JobId, Msg, Progress, Terminal};
use tintype::tui::pixels::{ColourDepth, PictureKey, Shown};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (40, 12)];

fn shows(stage: &Stage, name: &str) {
    let size = stage.model.size;
    let name = format!("{name}_{}x{}", size.width, size.height);
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(name, stage.screen());
    });
}

/// The same scene at every size.
fn scene(name: &str, play: impl Fn(&mut Stage)) {
    for (width, height) in SIZES {
        let first_run = "No key found: this is the demo. Set GEMINI_API_KEY (google), ANYFAST_API_KEY (anyfast), \
                         STARRISE_API_KEY (starrise) or TOKAIFY_API_KEY (tokaify) and start again.";
        let mut stage = Stage::new(Setup {
            first_run: Some(first_run.to_owned()),
            ..setup()
        });
        stage.resize(width, height).answer_sessions(Vec::new());
        play(&mut stage);
        shows(&stage, name);
    }
}

/// Sends a first prompt and tells that its turn has begun.
fn begin(stage: &mut Stage) -> JobId {
    stage.keys("a red fox in fresh snow<enter>");
    let job = stage.model.jobs[0].id;
    let turn = running(1, None, "a red fox in fresh snow");
    stage.job(job, JobEvent::Started(Box::new(turn)));
    stage.answer_sessions(vec![summary("fox", "a red fox in fresh snow", NOW, 1)]);
    job
}

fn opened(stage: &mut Stage) {
    let mut shelf = shelf();
    shelf[1].updated_ms = NOW - 3_600_000;
    stage.tell(Msg::Focus(true)).answer_sessions(shelf);
    stage.keys("<ctrl+s>g<enter>").answer_session(fox());
}

#[test]
fn first_run() {
    scene("first_run", |_| {});
}

#[test]
fn typed() {
    scene("typed", |stage| {
        stage.keys("a red fox in fresh snow, 雪の中の赤い狐, seen from a little above, cold blue shadows");
        stage.keys("<ctrl+j>second line");
    });
}

#[test]
fn thinking() {
    scene("thinking", |stage| {
        let job = begin(stage);
        stage
            .job(job, JobEvent::Thought(THOUGHTS.to_owned()))
            .after(3_270);
    });
}

#[test]
fn developing() {
    scene("developing", |stage| {
        let job = begin(stage);
        stage
            .job(job, JobEvent::Thought(THOUGHTS.to_owned()))
            .after(4_800);
        let path = "/state/spool/1".into();
        stage.job(job, JobEvent::PictureBegan { picture: 0, path });
        let progress = Progress { received: 1_100_000 };
        stage.job(job, JobEvent::Progress(progress)).paint(410, 768);
    });
}

#[test]
fn draft() {
    scene("draft", |stage| {
        let job = begin(stage);
        let path = "/state/spool/1".into();
        stage.job(job, JobEvent::PictureBegan { picture: 0, path });
        stage.paint(768, 768);
        let image = image(1, ImageKind::Draft);
        stage
            .job(job, JobEvent::PictureEnded { picture: 0, image })
            .after(2_000);
    });
}

#[test]
fn history() {
    scene("history", |stage| {
        opened(stage);
        stage.paint(1, 1);
    });
}

#[test]
fn history_focused() {
    scene("history_focused", |stage| {
        opened(stage);
        stage.paint(1, 1).keys("<ctrl+s><tab>k").paint(1, 1);
    });
}

#[test]
fn thoughts_unfolded() {
    scene("thoughts_unfolded", |stage| {
        opened(stage);
        stage.paint(1, 1).keys("<ctrl+t><shift+tab><home>").paint(1, 1);
    });
}

#[test]
fn failed() {
    scene("failed", |stage| {
        let job = begin(stage);
        let mut turn = running(1, None, "a red fox in fresh snow");
        turn.status = TurnStatus::Failed;
        let error = Error::new(Kind::RateLimited, "the provider is rate limiting this key")
            .server("Resource has been exhausted (e.g. check quota).")
            .hint("Wait 20 seconds, then press r; or choose another model with Ctrl+L");
        turn.error = Some(error);
        stage.job(job, JobEvent::Failed(Box::new(turn)));
    });
}

#[test]
fn problem() {
    scene("problem", |stage| {
        let error = Error::new(Kind::Store, "the sessions could not be read")
            .server("database disk image is malformed")
            .hint(
                "Close other programs that use it, then press Alt+R; \
                   the pictures themselves are files and are not affected",
            );
        stage.tell(Msg::Problem(error));
        stage.tell(Msg::Problem(Error::new(Kind::Internal, "another one")));
    });
}

#[test]
fn help() {
    scene("help", |stage| {
        stage.keys("<f1>");
    });
}

#[test]
fn help_history() {
    scene("help_history", |stage| {
        opened(stage);
        stage.keys("<ctrl+s><tab>?jj");
    });
}

#[test]
fn settings() {
    scene("settings", |stage| {
        stage.keys("<ctrl+l>");
    });
}

#[test]
fn settings_of_another_model() {
    scene("settings_other", |stage| {
        stage.keys("<ctrl+l>G<right>j");
    });
}

#[test]
fn quit_question() {
    scene("quit", |stage| {
        begin(stage);
        stage.keys("<ctrl+q>");
    });
}

#[test]
fn stop_question() {
    scene("stop", |stage| {
        let job = begin(stage);
        let path = "/state/spool/1".into();
        stage.job(job, JobEvent::PictureBegan { picture: 0, path });
        let progress = Progress { received: 410_000 };
        stage
            .job(job, JobEvent::Progress(progress))
            .paint(200, 768)
            .keys("<esc>");
    });
}

#[test]
fn sessions_over_a_narrow_screen() {
    scene("sessions", |stage| {
        opened(stage);
        stage.paint(1, 1).keys("<ctrl+s>jj");
    });
}

#[test]
fn a_long_chain_stays_straight() {
    scene("chain", |stage| {
        opened(stage);
        let mut session = fox();
        session.turns = (1..20)
            .map(|number| finished(number, (number > 1).then(|| number - 1), "warmer"))
            .collect();
        stage.tell(Msg::Focus(true)).answer_session(session);
        stage.keys("<ctrl+s><tab>G").paint(1, 1);
    });
}

#[test]
fn without_colours() {
    scene("no_color", |stage| {
        let colours = ColourDepth::None;
        stage.tell(Msg::Terminal(Terminal {
            colours,
            ..Terminal::default()
        }));
        opened(stage);
        stage.paint(1, 1).keys("<ctrl+s>");
    });
}

#[test]
fn too_small() {
    for (width, height) in [(39, 12), (40, 9), (10, 3), (1, 1)] {
        let mut stage = Stage::new(setup());
        stage.resize(width, height).keys("typed<tab>");
        shows(&stage, "too_small");
        assert!(stage.model.editor.is_empty());
    }
}

/// Every size draws, whatever is open, and nothing of a pane's text lies on a frame.
#[test]
fn no_size_breaks_a_frame() {
    for width in (40..130).step_by(7) {
        for height in 10..45 {
            let mut stage = Stage::with_sessions(shelf());
            stage.resize(width, height);
            opened(&mut stage);
            for keys in [
                "",
                "<tab>",
                "<tab>",
                "<tab>",
                "<f1>",
                "<esc><ctrl+l>",
                "<esc><ctrl+t>",
            ] {
                stage.keys(keys);
                let (buffer, _, _) = stage.draw();
                let right = buffer[(width - 1, 0)].symbol();
                assert!(["┐", "─"].contains(&right), "{width}×{height}: {right}");
            }
        }
    }
}

#[test]
fn a_classic_kitty_picture_is_not_placed_under_an_overlay() {
    let mut stage = Stage::with_sessions(shelf());
    opened(&mut stage);
    let path = image(4, ImageKind::Result).path;
    let classic = Shown::Kitty {
        id: 9,
        cols: 30,
        rows: 12,
        placeholders: false,
    };
    stage.pixels.put(PictureKey::Stored(path.clone()), classic);
    let (buffer, _, placements) = stage.draw();
    assert_eq!(placements.len(), 1);
    assert_eq!(
        (placements[0].id, placements[0].rect.as_size()),
        (9, (30, 12).into())
    );
    let at = placements[0].rect.as_position();
    assert_eq!(buffer[at].symbol(), " ");
    assert!(stage.keys("<f1>").draw().2.is_empty());
    // A list beside it that does not touch it leaves it where it is.
    stage.keys("<esc>").resize(120, 40).keys("<ctrl+s>");
    assert_eq!(stage.draw().2.len(), 1);

    let marked = Shown::Kitty {
        id: 9,
        cols: 30,
        rows: 12,
        placeholders: true,
    };
    stage.pixels.put(PictureKey::Stored(path), marked);
    assert_eq!(stage.keys("<f1>").draw().2.len(), 1);
}

#[test]
fn no_snapshot_is_left_behind() {
    let source = include_str!("screens.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".snap") else {
            continue;
        };
        let (name, _) = name.rsplit_once('_').unwrap();
        assert!(source.contains(&format!("\"{name}\"")), "no test takes {file}");
    }
}
