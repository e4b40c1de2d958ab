//! Everything that is known of a turn or of an error, as rows of text: what the panes have no room for. It cleans what
//! came from outside and wraps it; the view only draws it.

use ratatui::layout::Rect;

use super::layout;
use super::model::Model;
use super::money;
use super::text;
use super::words;
use crate::domain::{Link, Source, Turn, TurnId, Usage, clean, clean_line};
use crate::error::{Billed, Error};

/// A row of the details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    Gap,
    Heading(&'static str),
    /// A name, on the first row of its value only, and a row of its value.
    Fact {
        name: &'static str,
        value: String,
    },
    Text(String),
}

/// The overlay: what it is about, where it is, and all its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    pub area: Rect,
    pub rows: Vec<Row>,
}

/// Cells that names take.
pub const NAMES: usize = 15;

impl Details {
    /// The first row of the last page.
    pub fn last_first(&self) -> usize {
        let height = usize::from(self.area.height.saturating_sub(2));
        self.rows.len().saturating_sub(height)
    }
}

/// The details of a turn, or of the error that stands there.
pub fn details(model: &Model, about: Option<&TurnId>, screen: Rect) -> Option<Details> {
    let width = screen.width.saturating_sub(4).min(96);
    let mut rows = Rows {
        rows: Vec::new(),
        width: usize::from(width).saturating_sub(4).max(1),
    };
    let name = if let Some(id) = about {
        let turn = model.turn(id)?;
        turn_rows(&mut rows, model, turn);
        format!("Details · #{}", turn.number)
    } else {
        let problem = model.problems.first()?;
        rows.heading("error");
        rows.fact("about", &problem.about);
        error_rows(&mut rows, &problem.error);
        body_rows(&mut rows, &problem.error);
        "Details · error".to_owned()
    };
    let height = u16::try_from(rows.rows.len() + 2).unwrap_or(u16::MAX);
    Some(Details {
        name,
        area: layout::centred(screen, width, height.min(screen.height.saturating_sub(2))),
        rows: rows.rows,
    })
}

struct Rows {
    rows: Vec<Row>,
    width: usize,
}

impl Rows {
    fn heading(&mut self, name: &'static str) {
        if !self.rows.is_empty() {
            self.rows.push(Row::Gap);
        }
        self.rows.push(Row::Heading(name));
    }

    /// What is empty is not said.
    fn fact(&mut self, name: &'static str, value: &str) {
        let value = clean_line(value);
        if value.is_empty() {
            return;
        }
        let width = self.width.saturating_sub(NAMES + 1).max(1);
        for (index, row) in text::wrap(&value, width).into_iter().enumerate() {
            self.rows.push(Row::Fact {
                name: if index == 0 { name } else { "" },
                value: row.to_owned(),
            });
        }
    }

    fn maybe(&mut self, name: &'static str, value: Option<&str>) {
        self.fact(name, value.unwrap_or_default());
    }

    fn text(&mut self, value: &str) {
        let value = clean(value.trim_end());
        let rows = text::wrap(&value, self.width.saturating_sub(1).max(1));
        self.rows
            .extend(rows.into_iter().map(|row| Row::Text(row.to_owned())));
    }
}

fn turn_rows(rows: &mut Rows, model: &Model, turn: &Turn) {
    if !turn.warnings.is_empty() {
        rows.heading("warnings");
        for warning in &turn.warnings {
            rows.text(&format!("! {}", clean_line(warning)));
        }
    }
    if let Some(error) = &turn.error {
        rows.heading("error");
        error_rows(rows, error);
    }
    rows.heading("answer");
    rows.fact("state", &state(model, turn));
    rows.maybe("finish reason", turn.finish_reason.as_deref());
    rows.maybe("it said", turn.finish_message.as_deref());
    rows.fact("pictures", &pictures(turn));
    rows.maybe("model version", turn.model_version.as_deref());
    rows.maybe("response id", turn.response_id.as_deref());
    if turn.attempts > 0 {
        rows.fact("attempts", &turn.attempts.to_string());
    }
    rows.fact("timing", &timing(turn));
    rows.fact("usage", &usage(&turn.usage));
    rows.fact("cost", &turn.cost.map(money::cost).unwrap_or_default());
    links(rows, &turn.links, &turn.sources);
    rows.heading("request");
    let request = &turn.request;
    rows.fact("prompt", &request.prompt);
    rows.fact("provider", &request.provider);
    rows.fact("model", &request.model);
    let or_any = |value: Option<String>| value.unwrap_or_else(|| "any".to_owned());
    rows.fact(
        "ratio",
        &or_any(request.aspect_ratio.as_ref().map(ToString::to_string)),
    );
    rows.fact("size", &or_any(request.size.as_ref().map(ToString::to_string)));
    rows.maybe("thinking", request.tuning.thinking.as_deref());
    rows.fact("settings", &words::tuning(&request.tuning).join(", "));
    for reference in &request.references {
        let name = words::reference(reference);
        rows.fact("reference", &format!("{name}, {}", words::bytes(reference.bytes)));
    }
    if let Some(error) = &turn.error {
        body_rows(rows, error);
    }
}

fn body_rows(rows: &mut Rows, error: &Error) {
    if let Some(body) = &error.body {
        rows.heading("the server's answer as it came");
        rows.text(body);
    }
}

fn error_rows(rows: &mut Rows, error: &Error) {
    rows.fact("happened", &error.message);
    rows.maybe("server said", error.server.as_deref());
    rows.fact("next", &error.hint);
    rows.fact("kind", &error.kind.to_string());
    let status = error.http_status.map(|status| status.to_string());
    rows.maybe("HTTP status", status.as_deref());
    rows.maybe("request id", error.request_id.as_deref());
    let billed = match error.billed {
        Billed::No => "no: nothing was generated",
        Billed::Maybe => "it may have been",
    };
    rows.fact("billed", billed);
}

fn links(rows: &mut Rows, links: &[Link], sources: &[Source]) {
    if !links.is_empty() {
        rows.heading("links instead of pictures");
        for link in links {
            rows.text(&clean_line(&link.url));
        }
    }
    if !sources.is_empty() {
        rows.heading("sources of its search");
        for (number, source) in (1..).zip(sources) {
            let (title, url) = (
                source.title.as_deref().unwrap_or_default(),
                clean_line(&source.url),
            );
            match clean_line(title) {
                title if title.is_empty() => rows.text(&format!("{number}. {url}")),
                title => {
                    rows.text(&format!("{number}. {title}"));
                    rows.text(&format!("   {url}"));
                }
            }
        }
    }
}

fn state(model: &Model, turn: &Turn) -> String {
    match super::sending::state(model, turn).as_str() {
        "" => turn.status.as_str().to_owned(),
        state => state.to_owned(),
    }
}

fn pictures(turn: &Turn) -> String {
    let one = |image: &crate::domain::Image| {
        let draft = match image.kind {
            crate::domain::ImageKind::Draft => "draft ",
            crate::domain::ImageKind::Result => "",
        };
        let (width, height) = (image.width, image.height);
        format!(
            "{draft}{width}×{height} {} {}",
            image.mime.extension(),
            words::bytes(image.bytes)
        )
    };
    turn.images.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn timing(turn: &Turn) -> String {
    let timing = &turn.timing;
    let at = |what: &str, ms: Option<u64>| ms.map(|ms| format!("{what} {}", words::duration(ms)));
    let parts = [
        at("first byte", timing.first_byte),
        at("first thought", timing.first_thought),
        at("picture", timing.image),
        at("total", timing.total),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn usage(usage: &Usage) -> String {
    let of = |what: &str, count: Option<u64>| count.map(|count| format!("{what} {}", words::tokens(count)));
    let parts = [
        of("in", usage.prompt),
        of("out", usage.output),
        of("pictures", usage.image),
        of("thoughts", usage.thoughts),
        of("in all", usage.total),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::tui::model::Problem;

    #[test]
    fn no_control_character_of_an_answer_gets_through() {
        let mut error = Error::new(Kind::Server, "It\x1b[31m failed").server("a\x07b");
        error.body = Some("{\"x\":\n\t\"\x1b]52;c;aGk=\x07\"}".to_owned());
        error.request_id = Some("id\r\nx".to_owned());
        let model = Model {
            problems: vec![Problem {
                error,
                about: "#1".to_owned(),
            }],
            ..Model::default()
        };
        let found = details(&model, None, Rect::new(0, 0, 80, 24)).unwrap();
        for row in &found.rows {
            let value = match row {
                Row::Fact { value, .. } | Row::Text(value) => value,
                Row::Gap | Row::Heading(_) => continue,
            };
            assert!(!value.contains(char::is_control), "{value:?}");
            assert!(text::width(value) <= 76, "{value}");
        }
    }
}
