//! A whole terminal UI without a terminal: keys written as people write them go through `update`; and the sessions,
//! turns and pictures that its tests share.

use std::collections::HashMap;

use ratatui::layout::Size;
use tintype::domain::{
    Image, ImageKind, Mime, Outline, Part, Request, Session, SessionId, SessionSummary, Tuning, Turn, TurnId,
    TurnStatus, TurnText, Usage,
};
use tintype::keys::Key;
use tintype::tui::effect::Effect;
use tintype::tui::model::{Model, Setup};
use tintype::tui::msg::{JobEvent, JobId, Msg, Paint};
use tintype::tui::pixels::{Blocks, PictureKey, Pixels, Shown, Subject, Want};
use tintype::tui::settings::{Provider, Settings};
use tintype::tui::transcript::{self, Transcript};
use tintype::tui::update::{start, update};

/// 2026-11-20 14:30:55 UTC.
pub(crate) const NOW: i64 = 1_795_185_055_000;
pub(crate) const DAY: i64 = 86_400_000;

pub(crate) struct Stage {
    pub(crate) model: Model,
    pub(crate) pixels: Pixels,
    /// What the last message wanted done.
    pub(crate) effects: Vec<Effect>,
    /// What it wanted to know besides, for titles, the status line and the thoughts.
    pub(crate) asides: Vec<Effect>,
    /// What turns of the store thought and said.
    texts: HashMap<TurnId, TurnText>,
}

/// Parts what is done from what is only asked for the words of titles and of the status line.
fn part(effects: Vec<Effect>) -> (Vec<Effect>, Vec<Effect>) {
    effects.into_iter().partition(|effect| {
        !matches!(
            effect,
            Effect::Weigh { .. } | Effect::LoadSpending { .. } | Effect::LoadText { .. }
        )
    })
}

/// The demo and the real providers as the built-in table has them; one of them has no key.
pub(crate) fn setup() -> Setup {
    let provider = |name: &str, missing: Option<&str>| Provider {
        name: name.to_owned(),
        missing: missing.map(str::to_owned),
    };
    Setup {
        now_ms: NOW,
        today: "2026-11-20".to_owned(),
        size: Size::new(80, 24),
        settings: Settings {
            provider: "demo".to_owned(),
            model: "gemini-3.1-flash-image".to_owned(),
            ratio: "16:9".parse().ok(),
            size: "1K".parse().ok(),
            count: 1,
            ..Settings::default()
        },
        providers: vec![
            provider("google", None),
            provider("anyfast", Some("ANYFAST_API_KEY")),
            provider("starrise", Some("STARRISE_API_KEY")),
            provider("tokaify", None),
            provider("demo", None),
        ],
        ..Setup::default()
    }
}

impl Stage {
    pub(crate) fn new(setup: Setup) -> Self {
        let (model, effects) = start(setup);
        let (effects, asides) = part(effects);
        Self {
            model,
            pixels: Pixels::default(),
            effects,
            asides,
            texts: HashMap::new(),
        }
    }

    /// A stage whose store had these sessions.
    pub(crate) fn with_sessions(list: Vec<SessionSummary>) -> Self {
        let mut stage = Self::new(setup());
        stage.answer_sessions(list);
        stage
    }

    pub(crate) fn tell(&mut self, msg: Msg) -> &mut Self {
        (self.effects, self.asides) = part(update(&mut self.model, msg));
        for aside in self.asides.clone() {
            if let Effect::LoadText { ask, turn } = aside {
                let result = Ok(self.texts.get(&turn).cloned());
                let (effects, asides) = part(update(&mut self.model, Msg::Text { ask, result }));
                self.effects.extend(effects);
                self.asides.extend(asides);
            }
        }
        self
    }

    /// Makes a turn of the session on screen another one, with nothing said to the model.
    pub(crate) fn edit(&mut self, place: usize, change: impl FnOnce(&mut Turn)) {
        let model = &mut self.model;
        model.open.turns.edit(|turns| change(&mut turns[place]));
        model.thoughts.transcript = Transcript::default();
    }

    /// What the store gives for a session: its words are read of one turn at a time.
    pub(crate) fn outline(&mut self, session: Session) -> Outline {
        let turns = session.turns.into_iter().map(|mut turn| {
            let text = TurnText::take(&mut turn, transcript::MOST);
            self.texts.insert(turn.id.clone(), text);
            turn
        });
        Outline {
            id: session.id,
            title: session.title,
            turns: turns.collect(),
        }
    }

    pub(crate) fn job(&mut self, job: JobId, event: JobEvent) -> &mut Self {
        self.tell(Msg::Job(job, event))
    }

    /// Types: `<ctrl+s>` and the like are keys, everything else is characters. Keeps the effects of the last key.
    pub(crate) fn keys(&mut self, script: &str) -> &mut Self {
        let mut rest = script;
        while let Some(next) = rest.chars().next() {
            let named = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'));
            let (name, behind) = named.unwrap_or_else(|| rest.split_at(next.len_utf8()));
            rest = behind;
            let name = if name == " " { "space" } else { name };
            let key: Key = name.parse().unwrap();
            self.tell(Msg::Keys(vec![key.event()]));
        }
        self
    }

    pub(crate) fn answer_sessions(&mut self, list: Vec<SessionSummary>) -> &mut Self {
        let ask = self.model.sessions.asked.unwrap();
        self.tell(Msg::Sessions {
            ask,
            result: Ok(list),
        })
    }

    pub(crate) fn answer_session(&mut self, session: Session) -> &mut Self {
        let (ask, _) = self.model.open.asked.clone().unwrap();
        let outline = self.outline(session);
        self.tell(Msg::Session {
            ask,
            result: Ok(Box::new(outline)),
        })
    }

    pub(crate) fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.tell(Msg::Resize(Size::new(width, height)))
    }

    pub(crate) fn after(&mut self, ms: i64) -> &mut Self {
        let now = self.model.now_ms + ms;
        self.tell(Msg::Tick(now))
    }

    /// Answers the preview that is asked for with a made-up picture of which this share has arrived.
    pub(crate) fn paint(&mut self, painted: u32, all: u32) -> &mut Self {
        let Want { subject, area } = self.model.preview.wants[0].clone();
        let mut cols = area.width;
        let mut rows = cols * 9 / 32;
        if rows > area.height {
            rows = area.height;
            cols = rows * 32 / 9;
        }
        let cells = u32::from(cols) * (u32::from(rows) * painted / all);
        self.pixels
            .put(subject.clone(), Shown::Blocks(sky(cols, rows, cells)));
        let rows = matches!(subject, Subject::Whole(PictureKey::Growing(_))).then_some((painted, all));
        self.tell(Msg::Preview {
            subject,
            paint: Paint::Painted { rows, changed: None },
        })
    }
}

pub(crate) fn session_id(name: &str) -> SessionId {
    SessionId::from(name.to_owned())
}

pub(crate) fn turn_id(name: &str) -> TurnId {
    TurnId::from(name.to_owned())
}

pub(crate) fn summary(id: &str, title: &str, updated_ms: i64, turns: u32) -> SessionSummary {
    SessionSummary {
        id: session_id(id),
        title: title.to_owned(),
        created_ms: updated_ms,
        updated_ms,
        turns,
    }
}

pub(crate) fn request(prompt: &str) -> Request {
    Request {
        prompt: prompt.to_owned(),
        provider: "demo".to_owned(),
        model: "gemini-3.1-flash-image".to_owned(),
        aspect_ratio: "16:9".parse().ok(),
        size: "1K".parse().ok(),
        references: Vec::new(),
        tuning: Tuning::default(),
    }
}

/// A turn that has just begun: `t4` in session `fox`.
pub(crate) fn running(number: u32, parent: Option<u32>, prompt: &str) -> Turn {
    let name = |number: u32| turn_id(&format!("t{number}"));
    let mut turn = Turn::new(name(number), session_id("fox"), number, NOW, request(prompt));
    turn.parent = parent.map(name);
    turn
}

pub(crate) fn image(number: u32, kind: ImageKind) -> Image {
    Image {
        kind,
        path: format!("/data/images/2026-11-20/{number}-{kind:?}.png").into(),
        mime: Mime::Png,
        declared_mime: Some("image/png".to_owned()),
        width: 1344,
        height: 768,
        bytes: 1_634_211,
        sha256: "0".repeat(64),
    }
}

pub(crate) fn finished(number: u32, parent: Option<u32>, prompt: &str) -> Turn {
    let mut turn = running(number, parent, prompt);
    turn.status = TurnStatus::Finished;
    turn.images = vec![image(number, ImageKind::Result)];
    turn.parts = vec![Part::Image {
        image: 0,
        signature: None,
    }];
    turn.thoughts = THOUGHTS.to_owned();
    turn.timing.total = Some(7_940);
    turn.usage = Usage {
        thoughts: Some(264),
        ..Usage::default()
    };
    turn
}

pub(crate) const THOUGHTS: &str = "**Reading the prompt**\n\nThe request is for a *red fox* in fresh snow, seen from a little \
    above, with room to breathe on the right.\n\n**Composing the scene**\n\nThe fox should sit left of centre so \
    that its gaze leads into the picture. Cold blue shadows, a warm rim of light along the back.\n\n";

/// Four nodes: 1 ─ 2 ─ 4 and 1 ─ 3.
pub(crate) fn fox() -> Session {
    Session {
        id: session_id("fox"),
        title: "red fox logo".to_owned(),
        created_ms: NOW,
        updated_ms: NOW,
        turns: vec![
            finished(1, None, "a red fox"),
            finished(2, Some(1), "make it night"),
            finished(3, Some(1), "as watercolor"),
            finished(4, Some(2), "add a moon"),
        ],
    }
}

pub(crate) fn shelf() -> Vec<SessionSummary> {
    vec![
        summary("fox", "red fox logo", NOW, 4),
        summary(
            "dusk",
            "mountain dusk over a very long lake with pines",
            NOW - 3_600_000,
            2,
        ),
        summary("cjk", "赤い狐と雪の山の水彩画、夜明け前の青い光", NOW - DAY, 11),
        summary("old", "a lighthouse", NOW - 40 * DAY, 1),
    ]
}

/// A sky above a hill, of which so many cells have arrived.
fn sky(cols: u16, rows: u16, arrived: u32) -> Blocks {
    let cell = |index: u32| {
        let row = index / u32::from(cols);
        let light = u8::try_from(40 + 160 * row / u32::from(rows)).unwrap_or(200);
        ([light / 2, light / 2, light], [light / 3, light, light / 3])
    };
    Blocks {
        cols,
        rows,
        cells: (0..arrived).map(cell).collect(),
    }
}
