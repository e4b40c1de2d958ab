//! Refusals in the shapes that Google and relays give them, and the failures that a prompt may ask for.
//! It decides no retry and knows no client.

mod refusals;
mod table;
mod wish;

use serde_json::{Value, json};

pub use table::failures;
pub(super) use wish::wanted;

/// An answer other than the one that was asked for, complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) body: Said,
    /// Seconds for a `Retry-After` header.
    pub(super) retry_after: Option<u32>,
}

/// What stands in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// An error of the API, in an array where one was to come.
    Json(Value),
    /// A relay's own error: it has no array, and on a streaming call it comes labelled as a stream.
    Relay(Value),
    /// A web page, of a gateway or of a console.
    Page(String),
    Nothing,
}

impl Failure {
    fn new(status: u16, body: Said) -> Self {
        Self {
            status,
            body,
            retry_after: None,
        }
    }

    fn google(status: u16, name: &str, message: impl Into<String>, details: Value) -> Self {
        let mut error = json!({"code": status, "message": message.into(), "status": name});
        if details.is_array() {
            error["details"] = details;
        }
        Self::new(status, Said::Json(json!({"error": error})))
    }

    /// An error of new-api's own.
    fn relay(status: u16, code: &str, message: &str) -> Self {
        Self::flattened(status, "new_api_error", json!(code), message)
    }

    /// An error of a relay, or what it leaves of its upstream's.
    fn flattened(status: u16, kind: &str, code: Value, message: &str) -> Self {
        let message = format!("{message} (request id: demo)");
        let mut error = json!({"message": message, "type": kind, "param": ""});
        error["code"] = code;
        Self::new(status, Said::Relay(json!({"error": error})))
    }

    fn page(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en-US\"><head><title>{title}</title></head>\n<body><h1>{title}</h1></body></html>\n"
        );
        Self::new(status, Said::Page(page))
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::google(400, "INVALID_ARGUMENT", message, Value::Null)
    }

    /// An invalid field, named as Google names it in `details`.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let violation = json!([{
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": field, "description": message}],
        }]);
        Self::google(400, "INVALID_ARGUMENT", message, violation)
    }

    /// A value that the field of this path may not have.
    pub(super) fn value(path: &str, complaint: &str) -> Self {
        let name = path.rsplit('.').next().unwrap_or(path);
        Self::field(
            path,
            format!("* GenerateContentRequest.{path}: {name} {complaint}.\n"),
        )
    }

    /// A field that does not exist.
    pub(super) fn unknown(name: &str, place: Option<&str>) -> Self {
        let at = place.map_or(String::new(), |place| format!(" at '{place}'"));
        let message =
            format!("Invalid JSON payload received. Unknown name \"{name}\"{at}: Cannot find field.");
        Self::field(place.unwrap_or_default(), message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::google(404, "NOT_FOUND", message, Value::Null)
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("Request payload size exceeds the limit: {limit} bytes.");
        Self::google(413, "INVALID_ARGUMENT", message, Value::Null)
    }

    pub(super) fn internal() -> Self {
        let message = "An internal error has occurred. Please retry or report in \
                       https://developers.generativeai.google/guide/troubleshooting";
        Self::google(500, "INTERNAL", message, Value::Null)
    }

    pub(super) fn overloaded() -> Self {
        let message = "The model is overloaded. Please try again later.";
        Self::google(503, "UNAVAILABLE", message, Value::Null)
    }

    /// The error object, where the body is one.
    pub(super) fn json(&self) -> Value {
        match &self.body {
            Said::Json(value) | Said::Relay(value) => value.clone(),
            Said::Page(_) | Said::Nothing => Value::Null,
        }
    }
}

/// Where a wanted failure happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Instead of an answer.
    Refusal(Failure),
    /// Within an answer of status 200.
    Mishap(Mishap),
}

/// What a prompt asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) what: Wanted,
    /// How often it fails before it succeeds; `None` for always.
    pub(super) times: Option<u32>,
}

/// An answer of status 200 that goes wrong, or only odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Thoughts, then the end with this reason and no picture.
    Finish(String),
    /// The prompt is blocked: no candidate.
    Blocked,
    /// Words only.
    Text,
    /// Status 200 and an empty body.
    Nothing,
    /// The connection drops in the middle of the picture's data.
    Cut,
    /// It drops after the thoughts.
    CutBefore,
    /// Nothing for ever, the connection open; before the thoughts or after some.
    Silence { thoughts: bool },
    /// A minute of silence before the picture.
    Slow,
    /// Some thoughts, then this in the place of an event, byte for byte but for its line ends.
    Raw { thoughts: bool, text: String },
    /// An error object as an event, after some thoughts.
    Error(Failure),
    /// A link in the place of the picture.
    Link(Place),
    /// The draft and no picture; with the reason for the end.
    Draft(String),
    /// Everything again with every event.
    Repeat,
    /// PNG labelled as JPEG, or the other way round.
    WrongType,
    /// Fewer pixels than were asked for.
    WrongSize,
    /// Another model answers.
    WrongModel,
    /// The answer names sources.
    Grounded,
}

/// Where a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Markdown,
    FileData,
    InlineData,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_failure_exists_and_an_unknown_one_names_them() {
        for (name, _) in failures() {
            for relay in [true, false] {
                let prompt = format!("a fox fail:{name}.");
                let wish = wanted(&prompt, "m", relay);
                let unknown = matches!(&wish, Some(Wish { what: Wanted::Refusal(failure), .. })
                    if failure.json().to_string().contains("knows no failure"));
                assert!(wish.is_some() && !unknown, "{name}");
            }
        }
        let Some(Wish {
            what: Wanted::Refusal(failure),
            ..
        }) = wanted("fail:everything", "m", true)
        else {
            panic!("an unknown failure is refused");
        };
        assert!(failure.json().to_string().contains("429, 429-empty"));
        assert_eq!(wanted("do not fail", "m", true), None);
        assert!(
            matches!(wanted("fail: it", "m", true).unwrap().what, Wanted::Refusal(failure) if failure.status == 400)
        );
    }

    #[test]
    fn a_failure_may_be_asked_for_some_times_only_and_any_reason_by_its_name() {
        let times = |prompt: &str| wanted(prompt, "m", true).unwrap().times;
        assert_eq!(times("a fox fail:429"), None);
        assert_eq!(times("a fox fail:429*2, please"), Some(2));
        assert_eq!(
            (times("fail:once"), times("fail:signature*3")),
            (Some(1), Some(3))
        );
        let reason = |prompt: &str| match wanted(prompt, "m", true).unwrap().what {
            Wanted::Mishap(Mishap::Finish(reason)) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason("fail:finish=IMAGE_SOMETHING_NEW."), "IMAGE_SOMETHING_NEW");
        assert_eq!(reason("fail:image_recitation"), "IMAGE_RECITATION");
        assert_eq!(reason("fail:safety"), "IMAGE_SAFETY");
    }
}
