//! What `--events` prints: one JSON object a line, as things happen. The last line of a generation is its report.

use std::path::Path;

use serde_json::{Value, json};

use super::output;
use crate::domain::{Image, ImageKind};
use crate::engine::{Event, Progress};

/// What a generation says.
pub(super) enum Said {
    Event(Event),
    Progress(Progress),
    /// It is gone, which no generation should be.
    Nothing,
}

/// Prints what generation number `index` (from 0) says; its end is printed with its report.
pub(super) fn tell(index: usize, said: &Said) {
    let (name, mut fields) = match said {
        Said::Progress(progress) => ("progress", self::progress(*progress)),
        Said::Event(event) => match fields(event) {
            Some(told) => told,
            None => return,
        },
        Said::Nothing => return,
    };
    if matches!(said, Said::Progress(_)) {
        output::passing_json(&line(name, index, &mut fields));
    } else {
        output::json(&line(name, index, &mut fields));
    }
}

/// Prints the report of a generation that has ended.
pub(super) fn report(index: usize, finished: bool, report: &impl serde::Serialize) {
    let mut fields = serde_json::to_value(report).unwrap_or_default();
    output::json(&line(
        if finished { "finished" } else { "failed" },
        index,
        &mut fields,
    ));
}

fn line(name: &str, index: usize, fields: &mut Value) -> String {
    let mut line = json!({"event": name, "index": index});
    if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
        line.append(fields);
    }
    line.to_string()
}

/// Every byte that is counted here can be found again after a kill.
fn progress(progress: Progress) -> Value {
    json!({"received": progress.received, "picture_bytes": progress.picture})
}

fn fields(event: &Event) -> Option<(&'static str, Value)> {
    Some(match event {
        Event::Started(turn) => (
            "started",
            json!({"session": turn.session, "turn": turn.id, "number": turn.number,
                   "provider": turn.request.provider, "model": turn.request.model}),
        ),
        Event::Notice(text) => ("notice", json!({"message": text})),
        Event::Retry {
            attempt,
            of,
            wait_ms,
            error,
        } => (
            "retry",
            json!({"attempt": attempt, "of": of, "wait_ms": wait_ms, "kind": error.kind,
                   "message": error.to_string()}),
        ),
        Event::Paused { wait_ms } => ("paused", json!({"wait_ms": wait_ms})),
        Event::Thought(text) => ("thought", json!({"text": text})),
        Event::Text(text) => ("text", json!({"text": text})),
        Event::PictureBegan { picture, path } => {
            ("picture", json!({"picture": picture, "path": shown(path)}))
        }
        Event::PictureEnded { picture, image } => (
            if image.kind == ImageKind::Draft {
                "draft"
            } else {
                "image"
            },
            json!({"picture": picture, "image": self::image(image)}),
        ),
        Event::Usage(usage) => ("usage", json!({"usage": usage})),
        Event::Rejected(_) | Event::Finished(_) | Event::Failed(_) => return None,
    })
}

fn image(image: &Image) -> Value {
    json!({"path": shown(&image.path), "mime": image.mime, "width": image.width, "height": image.height,
           "bytes": image.bytes, "sha256": image.sha256})
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
