//! What Enter will send: the request itself, what makes it heavy, and the words for it in the prompt's title and in the
//! rows above the prompt. Shared by update, which sends it, and view, which says so before.

use super::jobs::Job;
use super::model::{Load, Model};
use super::money;
use super::text;
use super::words;
use crate::domain::{Request, Turn, TurnStatus, clean_line};

/// Rows above the prompt for references and notices, at most.
const ROWS: usize = 3;

/// The request that Enter will send.
pub fn draft(model: &Model) -> Request {
    let settings = &model.settings;
    Request {
        prompt: model.editor.text().trim().to_owned(),
        provider: settings.provider.clone(),
        model: settings.model.clone(),
        aspect_ratio: settings.ratio.clone(),
        size: settings.size.clone(),
        references: model.references.list.clone(),
        tuning: settings.tuning.clone(),
    }
}

/// What there is to weigh: nothing while the prompt goes out alone, or the turn it grows from still runs.
pub fn load(model: &Model) -> Option<Load> {
    let base = model.base();
    let is_heavy = base.is_some() || !model.references.list.is_empty();
    let is_settled = base.is_none_or(|turn| model.job_of(&turn.id).is_none());
    (is_heavy && is_settled).then(|| Load {
        session: model.open.id.clone(),
        parent: base.map(|turn| turn.id.clone()),
        settings: model.settings.clone(),
        references: model.references.list.clone(),
    })
}

/// A fact of the title. What the last of its wordings is empty for can be left out.
struct Fact {
    wordings: Vec<String>,
    shown: usize,
}

/// What is said shorter, or not at all, step by step, when the title has little room: the least important first.
const DROPS: &[Drop] = &[
    Drop::Any,
    Drop::Whose,
    Drop::Name,
    // Those stand above the prompt as well.
    Drop::References,
    Drop::Weight,
    Drop::Tuning,
    Drop::Provider,
    Drop::Thinking,
    Drop::Size,
    Drop::Ratio,
    Drop::Count,
    Drop::Model,
    Drop::Price,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drop {
    /// `any ratio` and `any size`.
    Any,
    /// `by Google's list`.
    Whose,
    /// `gemini-` before a model's name.
    Name,
    Weight,
    Tuning,
    References,
    Provider,
    Thinking,
    Size,
    Ratio,
    Count,
    Model,
    Price,
}

/// The words of the prompt's title, everything first, then ever less: the longest that fits is shown.
pub fn title(model: &Model) -> Vec<String> {
    let mut facts = facts(model);
    let mut titles = vec![join(&facts)];
    for drop in DROPS {
        let before = titles.last().cloned().unwrap_or_default();
        for (of, fact) in &mut facts {
            if of.contains(drop) {
                fact.shown = (fact.shown + 1).min(fact.wordings.len() - 1);
            }
        }
        let now = join(&facts);
        if now != before {
            titles.push(now);
        }
    }
    titles
}

fn join(facts: &[(Vec<Drop>, Fact)]) -> String {
    let shown = facts.iter().map(|(_, fact)| fact.wordings[fact.shown].as_str());
    shown
        .filter(|words| !words.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn facts(model: &Model) -> Vec<(Vec<Drop>, Fact)> {
    let settings = &model.settings;
    let fact = |drops: &[Drop], wordings: Vec<String>| {
        let mut wordings = wordings;
        wordings.resize(drops.len() + 1, String::new());
        (drops.to_vec(), Fact { wordings, shown: 0 })
    };
    let from = match model.base() {
        Some(turn) => format!("from {}", turn.number),
        None if model.open.turns.is_empty() => "new session".to_owned(),
        None => "from the start".to_owned(),
    };
    let name = clean_line(&settings.model);
    let short = money::short_name(&name).to_owned();
    let any = |what: &str| vec![format!("any {what}")];
    let ratio = settings.ratio.as_ref().map(ToString::to_string);
    let ratio = ratio.map_or_else(
        || fact(&[Drop::Any], any("ratio")),
        |ratio| fact(&[Drop::Ratio], vec![ratio]),
    );
    let size = settings.size.as_ref().map(ToString::to_string);
    let size = size.map_or_else(
        || fact(&[Drop::Any], any("size")),
        |size| fact(&[Drop::Size], vec![size]),
    );
    let count = Some(settings.count()).filter(|count| *count > 1);
    let thinking = settings.tuning.thinking.as_deref().map(clean_line);
    let references = match model.references.list.len() {
        0 => String::new(),
        1 => "1 reference".to_owned(),
        count => format!("{count} references"),
    };
    let price = settings.price(&model.chosen());
    vec![
        fact(&[], vec![from]),
        fact(&[Drop::Name, Drop::Model], vec![name, short]),
        fact(&[Drop::Provider], vec![clean_line(&settings.provider)]),
        ratio,
        size,
        fact(
            &[Drop::Count],
            Vec::from_iter(count.map(|count| format!("×{count}"))),
        ),
        fact(
            &[Drop::Thinking],
            Vec::from_iter(thinking.map(|level| format!("thinking {level}"))),
        ),
        fact(&[Drop::Tuning], vec![words::tuning(&settings.tuning).join(" · ")]),
        fact(&[Drop::References], vec![references]),
        fact(&[Drop::Weight], Vec::from_iter(weight(model).map(words::bytes))),
        fact(&[Drop::Whose, Drop::Price], vec![price.long(), price.short()]),
    ]
}

/// The bytes of the next request, as far as they are known.
fn weight(model: &Model) -> Option<u64> {
    match &model.weighing.known {
        Some(Ok(weight)) => Some(weight.bytes),
        _ => None,
    }
}

/// The numbered references above the prompt, and what the request will be instead of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Above {
    References(String),
    Notice(String),
}

/// The rows above the prompt.
pub fn above(model: &Model, width: usize) -> Vec<Above> {
    let mut chips: Vec<String> = (1..)
        .zip(&model.references.list)
        .map(|(number, reference)| {
            let name = words::reference(reference);
            format!(
                "[{number}] {} {}",
                text::fit(&name, 28),
                words::bytes(reference.bytes)
            )
        })
        .collect();
    chips.extend(model.references.asked.iter().map(|_| "reading …".to_owned()));
    let mut rows: Vec<String> = Vec::new();
    for chip in chips {
        let chip = text::fit(&chip, width);
        match rows.last_mut() {
            Some(row) if text::width(row) + 2 + text::width(&chip) <= width => {
                row.push_str("  ");
                row.push_str(&chip);
            }
            _ => rows.push(chip),
        }
    }
    let mut notices: Vec<String> = match &model.weighing.known {
        Some(Ok(weight)) => weight.notices.iter().map(|notice| clean_line(notice)).collect(),
        Some(Err(error)) => vec![words::error(error).0],
        None => Vec::new(),
    };
    let notes = model
        .references
        .list
        .iter()
        .filter_map(|reference| reference.note.as_deref());
    for note in notes.map(clean_line).chain(model.left_out.iter().cloned()) {
        if !notices.contains(&note) {
            notices.push(note);
        }
    }
    let kept = ROWS - notices.len().min(ROWS - 1).min(1);
    if rows.len() > kept {
        rows.truncate(kept);
        if let Some(last) = rows.last_mut() {
            *last = format!("{} …", text::fit(last, width.saturating_sub(2)));
        }
    }
    let mut above: Vec<Above> = rows.into_iter().map(Above::References).collect();
    let room = ROWS - above.len();
    above.extend(wrapped(&notices, width, room).into_iter().map(Above::Notice));
    above
}

/// The notices in as many rows as there are for them, to their ends where that is possible: what will be different
/// stands at the end of a sentence. Each leaves a row for every other one; of those that have none, the number is told.
fn wrapped(notices: &[String], width: usize, room: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    let shown = notices.len().min(room);
    let more = match notices.len() - shown {
        0 => String::new(),
        more => format!(" · {more} more"),
    };
    for (index, notice) in notices.iter().enumerate().take(shown) {
        let kept = room - rows.len() - (shown - index - 1);
        let mut lines = text::wrap(notice, width.saturating_sub(2)).into_iter();
        for (line, mark) in lines.by_ref().take(kept).zip(["! ", "  ", "  "]) {
            rows.push(format!("{mark}{}", line.trim_end()));
        }
        if let (Some(rest), Some(last)) = (lines.next(), rows.last_mut()) {
            *last = text::fit(&format!("{last} {rest}"), width);
        }
    }
    if let Some(last) = rows.last_mut() {
        *last = text::fit(last, width.saturating_sub(text::width(&more))) + &more;
    }
    rows
}

/// How a node stands, in words: empty where it is finished.
pub fn state(model: &Model, turn: &Turn) -> String {
    let job: Option<&Job> = model.job_of(&turn.id);
    match (turn.status, job) {
        (_, Some(job)) => match &job.wait {
            Some(wait) => wait.short(model.now_ms),
            None => job.phase().name().to_owned(),
        },
        (TurnStatus::Finished, None) => String::new(),
        (TurnStatus::Running, None) => "running elsewhere".to_owned(),
        (TurnStatus::Failed, None) => "failed".to_owned(),
        (TurnStatus::Cancelled, None) => "stopped".to_owned(),
        (TurnStatus::Interrupted, None) => "interrupted".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Mime, Reference, SessionId, TurnId};
    use crate::tui::msg::Weight;
    use crate::tui::settings::Settings;

    fn model() -> Model {
        let mut model = Model {
            settings: Settings {
                provider: "anyfast".to_owned(),
                model: "gemini-3-pro-image".to_owned(),
                ratio: "16:9".parse().ok(),
                size: "1K".parse().ok(),
                count: 2,
                ..Settings::default()
            },
            ..Model::default()
        };
        model.settings.tuning.thinking = Some("high".to_owned());
        model.settings.tuning.seed = Some(7);
        model.references.list = vec![Reference {
            path: "/a/fox.png".into(),
            mime: Mime::Png,
            bytes: 1_200_000,
            ..Reference::default()
        }];
        model.weighing.known = Some(Ok(Weight {
            bytes: 3_400_000,
            notices: Vec::new(),
        }));
        let session = SessionId::from("s".to_owned());
        let mut turn = Turn::new(TurnId::from("t".to_owned()), session, 4, 0, Request::default());
        turn.status = TurnStatus::Finished;
        model.open.selected = Some(turn.id.clone());
        model.open.turns = vec![turn].into();
        model
    }

    #[test]
    fn the_least_important_goes_first() {
        let titles = title(&model());
        let all = "from 4 · gemini-3-pro-image · anyfast · 16:9 · 1K · ×2 · thinking high · seed 7 · 1 reference · 3.4 MB \
                   · ≈ $0.268 by Google's list";
        let steps = [
            all,
            "from 4 · gemini-3-pro-image · anyfast · 16:9 · 1K · ×2 · thinking high · seed 7 · 1 reference · 3.4 MB · ≈ $0.268",
            "from 4 · 3-pro-image · anyfast · 16:9 · 1K · ×2 · thinking high · seed 7 · 1 reference · 3.4 MB · ≈ $0.268",
            "from 4 · 3-pro-image · anyfast · 16:9 · 1K · ×2 · thinking high · seed 7 · 3.4 MB · ≈ $0.268",
            "from 4 · 3-pro-image · anyfast · 16:9 · 1K · ×2 · thinking high · seed 7 · ≈ $0.268",
            "from 4 · 3-pro-image · anyfast · 16:9 · 1K · ×2 · thinking high · ≈ $0.268",
            "from 4 · 3-pro-image · 16:9 · 1K · ×2 · thinking high · ≈ $0.268",
            "from 4 · 3-pro-image · 16:9 · 1K · ×2 · ≈ $0.268",
            "from 4 · 3-pro-image · 16:9 · ×2 · ≈ $0.268",
            "from 4 · 3-pro-image · ×2 · ≈ $0.268",
            "from 4 · 3-pro-image · ≈ $0.268",
            "from 4 · ≈ $0.268",
            "from 4",
        ];
        assert_eq!(titles, steps);
    }

    #[test]
    fn what_is_left_to_the_model_is_said_only_where_there_is_room() {
        let mut model = model();
        model.settings.ratio = None;
        model.settings.size = None;
        let titles = title(&model);
        assert!(titles[0].contains("any ratio · any size"), "{}", titles[0]);
        assert!(!titles[1].contains("any "), "{}", titles[1]);
    }

    #[test]
    fn chips_are_numbered_and_notices_keep_a_row() {
        let mut model = model();
        assert_eq!(
            above(&model, 40),
            [Above::References("[1] fox.png 1.2 MB".to_owned())]
        );
        let fox = model.references.list[0].clone();
        model.references.list = vec![fox; 14];
        model.weighing.known = Some(Ok(Weight {
            bytes: 1,
            notices: vec!["It goes on from the last picture alone".to_owned()],
        }));
        let rows = above(&model, 40);
        assert_eq!(rows.len(), ROWS);
        assert_eq!(
            rows[0],
            Above::References("[1] fox.png 1.2 MB  [2] fox.png 1.2 MB".to_owned())
        );
        assert!(matches!(&rows[1], Above::References(row) if row.ends_with('…')));
        assert_eq!(
            rows[2],
            Above::Notice("! It goes on from the last picture alone".to_owned())
        );
    }

    #[test]
    fn a_notice_is_read_to_its_end() {
        let mut model = model();
        model.references.list.clear();
        let told = |model: &mut Model, notices: &[&str]| {
            model.weighing.known = Some(Ok(Weight {
                bytes: 1,
                notices: notices.iter().map(|&notice| notice.to_owned()).collect(),
            }));
            let rows = above(model, 23).into_iter();
            rows.map(|row| match row {
                Above::References(words) | Above::Notice(words) => words,
            })
            .collect::<Vec<_>>()
        };
        let sentence = "It goes on from the last picture alone";
        let (first, rest) = ("! It goes on from the", "  last picture alone");
        assert_eq!(told(&mut model, &[sentence]), [first, rest]);
        let two = told(&mut model, &[sentence, sentence]);
        assert_eq!(two, [first, rest, "! It goes on from the…"]);
        let short = ["One", "Two", "Three", "Four"];
        assert_eq!(told(&mut model, &short), ["! One", "! Two", "! Three · 1 more"]);
    }

    #[test]
    fn a_file_s_name_cannot_command_the_terminal() {
        let mut model = model();
        model.references.list[0].path = "/a/\x1b]0;x\x07.png".into();
        let rows = above(&model, 60);
        assert_eq!(rows, [Above::References("[1] ␛]0;x␇.png 1.2 MB".to_owned())]);
    }
}
