//! Whole screens, with their colours, from the keys that lead to them. After a change that is meant, look at the
//! difference and take it over with `INSTA_UPDATE=always cargo test --test screens`.

#[cfg(test)]
#[path = "stage/drawing.rs"]
mod drawing;
#[cfg(test)]
#[path = "screens/looking.rs"]
mod looking;
#[cfg(test)]
mod stage;

use stage::*;
use tintype::domain::{Cost, ImageKind, Link, Mime, Output, Reference, Source, TurnStatus};
use tintype::error::{Error, Kind};
use tintype::tui::consent::ProjectChoice;
use tintype::tui::files::{Entry, EntryKind, Listing};
use tintype::tui::model::{Overlay, Setup};
use tintype::tui::msg::{JobEvent, JobId, Msg, Progress, Terminal, Weight};
use tintype::tui::pixels::{ColourDepth, Shown};
use tintype::tui::search::Hit;

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
fn long_notice() {
    scene("long_notice", |stage| {
        opened(stage);
        let path =
            "/home/jane/.local/share/tintype/images/2026-11-30/20261130-214501-a-red-fox-in-the-snow-1.png";
        let words = format!("this terminal takes no files; there: scp darkroom:'{path}' .");
        stage.tell(Msg::Notice(words));
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
        stage.model.settings.provider = "google".to_owned();
        stage.keys("<ctrl+l>j<right>jjj");
    });
}

#[test]
fn settings_of_the_output() {
    scene("settings_output", |stage| {
        stage.keys("<ctrl+l><left><left><left>j");
    });
}

#[test]
fn settings_that_are_inherited() {
    let inherit = |stage: &mut Stage| {
        let mut session = fox();
        let request = &mut session.turns[3].request;
        request.model = "gemini-3-pro-image".to_owned();
        request.aspect_ratio = "1:8".parse().ok();
        request.tuning.system = Some("Paint flat".to_owned());
        request.tuning.seed = Some(7);
        stage.tell(Msg::Focus(true)).answer_sessions(shelf());
        stage.keys("<ctrl+s>g<enter>").answer_session(session);
    };
    scene("inherited", inherit);
    scene("settings_inherited", |stage| {
        inherit(stage);
        stage.keys("<ctrl+l><left><left>");
    });
}

#[test]
fn an_answer_in_words() {
    scene("words", |stage| {
        let job = begin(stage);
        let mut turn = running(1, None, "a poem about the sea");
        turn.status = TurnStatus::Finished;
        turn.request.tuning.output = Output::Text;
        turn.thoughts = THOUGHTS.to_owned();
        turn.text =
            "The sea was here before the day began,\nand kept its colour while the hours ran.\n".to_owned();
        stage.job(job, JobEvent::Finished(Box::new(turn)));
    });
}

#[test]
fn settings_of_a_provider_without_a_key() {
    scene("settings_no_key", |stage| {
        stage.keys("<ctrl+l><left>gj<enter>");
    });
}

#[test]
fn chips_and_what_enter_will_send() {
    scene("chips", |stage| {
        opened(stage);
        stage.paint(1, 1);
        stage.model.settings.provider = "google".to_owned();
        stage.model.settings.count = 2;
        let names = [
            "fox.png",
            "a rather long name of a photo of snow.jpg",
            "\u{1b}[31mred.webp",
        ];
        for name in names {
            stage.model.references.list.push(Reference {
                path: format!("/pictures/{name}").into(),
                mime: Mime::Png,
                bytes: 1_234_000,
                ..Reference::default()
            });
        }
        stage.keys("with these");
        let ask = stage.model.weighing.asked.unwrap();
        stage.tell(Msg::Weighed {
            ask,
            result: Ok(Weight {
                bytes: 5_400_000,
                notices: vec![
                    "The earlier turns were made by demo: it goes on from the last picture alone".to_owned(),
                ],
            }),
        });
        let ask = stage.model.spending.asked.unwrap();
        stage.tell(Msg::Spent {
            ask,
            result: Ok(Cost {
                usd: 0.41,
                exact: true,
            }),
        });
    });
}

#[test]
fn file_picker() {
    scene("files", |stage| {
        stage.keys("like @");
        let Some(Overlay::Files(files)) = &stage.model.overlay else {
            panic!("no file picker")
        };
        let picture = |name: &str, bytes: u64| Entry {
            name: name.to_owned(),
            kind: EntryKind::Picture {
                mime: Some(Mime::Png),
                bytes,
                pixels: Some((1344, 768)),
            },
        };
        let folder = Entry {
            name: "animals of the forest".to_owned(),
            kind: EntryKind::Folder,
        };
        let listing = Listing {
            folder: "/home/me/pictures/2026/november".into(),
            entries: vec![
                picture("fox in fresh snow, seen from above.png", 1_634_211),
                picture("雪の中の赤い狐.png", 24_000),
                picture("x\u{1b}]0;owned\u{7}.png", 999),
                folder,
            ],
            more: false,
        };
        let ask = files.asked.unwrap();
        stage.tell(Msg::Folder {
            ask,
            result: Ok(listing),
        });
        stage.keys("o<down>");
    });
}

#[test]
fn retry_countdown() {
    scene("retry", |stage| {
        let job = begin(stage);
        let error = Error::new(Kind::RateLimited, "The provider is rate limiting this key")
            .server("Resource has been exhausted (e.g. check quota).");
        let retry = JobEvent::Retry {
            attempt: 2,
            of: 4,
            wait_ms: 12_000,
            error: Box::new(error),
        };
        stage.job(job, retry).after(300);
    });
}

/// A turn of which nearly everything is known.
fn told(stage: &mut Stage) {
    opened(stage);
    stage.edit(3, |turn| {
        turn.warnings = vec!["Asked for 2K (2752×1536), got 1344×768".to_owned()];
        turn.finish_reason = Some("STOP".to_owned());
        turn.model_version = Some("gemini-3.1-flash-image-001".to_owned());
        turn.response_id = Some("kX0gaZ-1Cs2".to_owned());
        turn.attempts = 2;
        turn.cost = Some(Cost {
            usd: 0.0674,
            exact: false,
        });
        let sources = [
            (
                Some("Red fox - Wikipedia"),
                "https://en.wikipedia.org/wiki/Red_fox",
            ),
            (None, "https://example.com/snow"),
        ];
        turn.sources = sources
            .into_iter()
            .map(|(title, url)| Source {
                title: title.map(str::to_owned),
                url: url.to_owned(),
            })
            .collect();
    });
}

#[test]
fn a_warning_is_marked() {
    scene("warning", |stage| {
        told(stage);
        stage.paint(1, 1).keys("<ctrl+s><tab>");
    });
}

#[test]
fn details_of_a_turn() {
    scene("details", |stage| {
        told(stage);
        stage.paint(1, 1).keys("<alt+i>");
    });
}

#[test]
fn details_of_an_error() {
    scene("details_error", |stage| {
        let mut error = Error::new(
            Kind::NoChannel,
            "No channel of this token's group serves the model",
        )
        .server("当前分组 default 下对于模型 gemini-3-pro-image 无可用渠道")
        .hint("Give the token the Direct group, or choose another model with Ctrl+L");
        error.http_status = Some(503);
        error.request_id = Some("20261120-abc".to_owned());
        error.body = Some(
            "{\"error\":{\"code\":\"model_not_found\",\n\t\"message\":\"\u{1b}[31m无可用渠道\"}}".to_owned(),
        );
        stage.tell(Msg::Problem(error)).keys("<alt+i>");
    });
}

fn linked(stage: &mut Stage) {
    opened(stage);
    stage.edit(3, |turn| {
        turn.status = TurnStatus::Failed;
        turn.images.clear();
        turn.links = vec![Link {
            url: "https://user@cdn.example.com/generated/1.png?token=1".to_owned(),
            mime: None,
        }];
    });
    stage.tell(Msg::Focus(false));
}

#[test]
fn a_link_instead_of_a_picture() {
    scene("link", linked);
}

#[test]
fn link_question() {
    scene("link_question", |stage| {
        linked(stage);
        stage.keys("<ctrl+s><tab><tab>L");
    });
}

#[test]
fn refusal() {
    scene("refusal", |stage| {
        let job = begin(stage);
        let mut turn = running(1, None, "a red fox in fresh snow");
        turn.status = TurnStatus::Failed;
        turn.finish_reason = Some("IMAGE_SAFETY".to_owned());
        let error = Error::new(Kind::Refused, "A safety filter withheld the picture")
            .server("Unable to show the generated image.")
            .hint("Change the prompt");
        turn.error = Some(error);
        stage.job(job, JobEvent::Failed(Box::new(turn)));
    });
}

#[test]
fn several_at_once() {
    scene("several", |stage| {
        opened(stage);
        stage.paint(1, 1);
        stage.model.settings.count = 4;
        stage.keys("larger<enter>");
        let jobs: Vec<JobId> = stage.model.jobs.iter().map(|job| job.id).collect();
        stage.job(
            jobs[0],
            JobEvent::Started(Box::new(running(5, Some(4), "larger"))),
        );
        stage.job(
            jobs[1],
            JobEvent::Started(Box::new(running(6, Some(4), "larger"))),
        );
        stage.job(jobs[0], JobEvent::Thought(THOUGHTS.to_owned()));
        stage.after(2_000).keys("<ctrl+s><tab>");
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
                "<ctrl+f>abc",
                "<esc><alt+i>",
                "<esc>",
            ] {
                stage.keys(keys);
                let (buffer, _) = stage.draw();
                let right = buffer[(width - 1, 0)].symbol();
                assert!(["┐", "─"].contains(&right), "{width}×{height}: {right}");
            }
        }
    }
}

#[test]
fn an_overlay_covers_the_pieces_of_a_picture_and_no_others() {
    let mut stage = Stage::with_sessions(shelf());
    opened(&mut stage);
    let subject = stage.model.preview.wants[0].subject.clone();
    let shown = Shown::Pieces {
        id: 9,
        cols: 30,
        rows: 12,
    };
    stage.pixels.put(subject, shown);
    let pieces = |stage: &mut Stage| {
        let (buffer, _) = stage.draw();
        let is_piece = |cell: &&ratatui::buffer::Cell| cell.symbol().starts_with('\u{10eeee}');
        buffer.content().iter().filter(is_piece).count()
    };
    assert_eq!(pieces(&mut stage), 30 * 12);
    assert!(pieces(stage.keys("<f1>")) < 30 * 12);
    // A list beside it that does not touch it leaves it whole.
    stage.keys("<esc>").resize(120, 40).keys("<ctrl+s>");
    assert_eq!(pieces(&mut stage), 30 * 12);
}

#[test]
fn no_snapshot_is_left_behind() {
    let source = concat!(include_str!("screens.rs"), include_str!("screens/looking.rs"));
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(name) = file.strip_suffix(".snap") else {
            continue;
        };
        let (name, _) = name.rsplit_once('_').unwrap();
        let name = name.strip_suffix("_blocks").unwrap_or(name);
        assert!(source.contains(&format!("\"{name}\"")), "no test takes {file}");
    }
}

#[test]
fn elsewhere() {
    scene("elsewhere", |stage| {
        opened(stage);
        let mut session = fox();
        session.turns.push(running(5, Some(4), "a fox cub beside it"));
        stage.model.open.selected = Some(turn_id("t5"));
        stage.tell(Msg::StoreChanged).answer_session(session);
        stage.keys("<ctrl+s><tab>");
    });
}

#[test]
fn search() {
    scene("search", |stage| {
        opened(stage);
        stage.keys("<ctrl+s>/moon fo");
        let Some(Overlay::Search(search)) = &stage.model.overlay else {
            panic!("no search")
        };
        let ask = search.asked.unwrap();
        let hit = |title: &str, number: Option<u32>, ago: i64, snippet: [&str; 5]| Hit {
            session: session_id(title),
            title: title.to_owned(),
            updated_ms: NOW - ago,
            turn: number.map(|number| (turn_id("t"), number)),
            snippet: (0..)
                .zip(snippet)
                .map(|(at, text)| (text.to_owned(), at % 2 == 1))
                .collect(),
        };
        let hits = vec![
            hit(
                "red fox logo",
                Some(4),
                0,
                ["add a ", "moon", " above the ", "fox", ", larger than life"],
            ),
            hit(
                "The moon in the forest",
                None,
                DAY,
                ["The ", "moon", " in the ", "fo", "rest"],
            ),
            hit(
                "赤い狐と雪の山",
                Some(11),
                3 * DAY,
                [
                    "… the ",
                    "moon",
                    " must be small beside the ",
                    "fo",
                    "x, so that the snow …",
                ],
            ),
        ];
        stage
            .tell(Msg::Hits {
                ask,
                result: Ok(hits),
            })
            .keys("<down>");
    });
}

#[test]
fn delete_question() {
    scene("delete_question", |stage| {
        opened(stage);
        stage.model.open.selected = Some(turn_id("t2"));
        stage.keys("<ctrl+s><tab>d");
    });
}

#[test]
fn price_question() {
    for (width, height) in SIZES {
        let mut setup = setup();
        setup.settings.provider = "google".to_owned();
        setup.settings.model = "gemini-3-pro-image".to_owned();
        setup.settings.size = "4K".parse().ok();
        setup.project = Some(ProjectChoice {
            file: "/home/fox/repo/.tintype.toml".to_owned(),
            provider: "google".to_owned(),
            model: Some("gemini-3-pro-image".to_owned()),
            size: "4K".parse().ok(),
            own_model: "gemini-3.1-flash-image".to_owned(),
            own_size: None,
        });
        let mut stage = Stage::new(setup);
        stage.resize(width, height).answer_sessions(Vec::new());
        stage.keys("a red fox<enter>");
        shows(&stage, "price_question");
    }
}

#[test]
fn unsaved() {
    scene("unsaved", |stage| {
        let job = begin(stage);
        let mut turn = running(1, None, "a red fox in fresh snow");
        turn.status = TurnStatus::Failed;
        let error = Error::new(
            Kind::Store,
            "Cannot write the answer to /data/spool: the disk is full",
        );
        turn.error = Some(error.hint("Free some space, then save it again").maybe_billed());
        stage.job(job, JobEvent::Unsaved(Box::new(turn)));
        stage.keys("<esc>");
    });
}

#[test]
fn unsaved_question() {
    scene("unsaved_question", |stage| {
        let job = begin(stage);
        let mut turn = running(1, None, "a red fox in fresh snow");
        turn.status = TurnStatus::Failed;
        stage.job(job, JobEvent::Unsaved(Box::new(turn)));
        stage.keys("<ctrl+q>");
    });
}

#[test]
fn interrupted() {
    scene("interrupted", |stage| {
        opened(stage);
        let mut session = fox();
        let turn = &mut session.turns[3];
        turn.status = TurnStatus::Interrupted;
        turn.images = vec![image(4, ImageKind::Draft)];
        turn.error = Some(Error::new(
            Kind::Cut,
            "The program ended before the answer was complete",
        ));
        stage.tell(Msg::StoreChanged).answer_session(session);
        stage.paint(1, 1);
    });
}

#[test]
fn recovered() {
    scene("recovered", |stage| {
        opened(stage);
        stage.paint(1, 1);
        stage.tell(Msg::Recovered {
            turns: fox().turns.split_off(2),
            problems: Vec::new(),
        });
    });
}

#[test]
fn read_only() {
    for (width, height) in SIZES {
        let why = Error::new(Kind::Store, "The database was written by a newer tintype");
        let mut stage = Stage::new(Setup {
            read_only: Some(why.hint("Install the newer tintype; nothing can be written with this one")),
            ..setup()
        });
        stage.resize(width, height).answer_sessions(shelf());
        stage.keys("a red fox<enter>");
        shows(&stage, "read_only");
    }
}
