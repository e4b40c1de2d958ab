//! Refusals in the shapes that Google and relays give them, and the failures that a prompt may ask for.
//! It decides no retry and knows no client.

use serde_json::{Value, json};

/// An answer other than 200, complete.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Seconds for a `Retry-After` header.
    pub(super) retry_after: Option<u32>,
}

impl Failure {
    fn google(status: u16, name: &str, message: impl Into<String>, details: Value) -> Self {
        let mut error = json!({"code": status, "message": message.into(), "status": name});
        if details.is_array() {
            error["details"] = details;
        }
        Self {
            status,
            body: json!({"error": error}),
            retry_after: None,
        }
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

    fn rate_limited() -> Self {
        let seconds = 2;
        let details = json!([
            {
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{
                    "quotaMetric": "generativelanguage.googleapis.com/generate_content_paid_tier_requests",
                    "quotaId": "GenerateRequestsPerMinutePerProjectPerModel",
                    "quotaDimensions": {"location": "global"},
                    "quotaValue": "10",
                }],
            },
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s")},
        ]);
        let message = format!("You exceeded your current quota. Please retry in {seconds}.0s.");
        let mut failure = Self::google(429, "RESOURCE_EXHAUSTED", message, details);
        failure.retry_after = Some(seconds);
        failure
    }

    fn daily_quota() -> Self {
        let details = json!([{
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            "violations": [{
                "quotaMetric": "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
                "quotaDimensions": {"location": "global"},
                "quotaValue": "0",
            }],
        }]);
        let message = "You exceeded your current quota, please check your plan and billing details.";
        Self::google(429, "RESOURCE_EXHAUSTED", message, details)
    }

    /// What a key that is not accepted gets: 400 at Google, 401 at a new-api relay.
    pub(super) fn bad_key(relay: bool) -> Self {
        if relay {
            let error = json!({"message": "Invalid token (request id: demo)", "type": "new_api_error",
                               "param": "", "code": ""});
            return Self {
                status: 401,
                body: json!({"error": error}),
                retry_after: None,
            };
        }
        let details = json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "API_KEY_INVALID",
            "domain": "googleapis.com",
            "metadata": {"service": "generativelanguage.googleapis.com"},
        }]);
        let message = "API key not valid. Please pass a valid API key.";
        Self::google(400, "INVALID_ARGUMENT", message, details)
    }

    fn no_channel(model: &str) -> Self {
        let message =
            format!("No available channel for model {model} under group default (request id: demo)");
        Self {
            status: 503,
            body: json!({"error": {"message": message, "type": "new_api_error", "param": "",
                                   "code": "model_not_found"}}),
            retry_after: None,
        }
    }

    fn no_balance() -> Self {
        let message = "User quota is not enough, remaining quota: \u{ff04}0.000000 (request id: demo)";
        Self {
            status: 403,
            body: json!({"error": {"message": message, "type": "new_api_error", "param": "",
                                   "code": "insufficient_user_quota"}}),
            retry_after: None,
        }
    }
}

/// Where a wanted failure happens.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Wanted {
    /// Instead of an answer.
    Refusal(Failure),
    /// 503 for the first request with this prompt, an answer for the next.
    Once,
    /// Within an answer of status 200.
    Mishap(Mishap),
}

/// An answer of status 200 that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Thoughts, then a refusal with a reason and no picture.
    Safety,
    /// The prompt is blocked: no candidate.
    Blocked,
    /// STOP without a picture and without words.
    Empty,
    /// Words only.
    Text,
    /// The connection drops in the middle of the picture's data.
    Cut,
    /// Some thoughts, then nothing for ever, the connection open.
    Stall,
    /// An error object as an event, after some thoughts.
    MidError,
}

/// What a prompt may ask for as `fail:NAME`, and what then happens.
const NAMES: [(&str, &str); 16] = [
    ("429", "rate limited, with a delay of two seconds to wait"),
    ("quota", "the daily quota is used up"),
    ("401", "the key is not accepted"),
    ("balance", "the relay's balance is used up"),
    ("channel", "the relay's token group lacks the model"),
    ("400", "a field is invalid"),
    ("500", "an internal error"),
    ("503", "the model is overloaded"),
    ("once", "overloaded at the first try, an answer at the second"),
    ("safety", "the picture is withheld by a safety filter"),
    ("blocked", "the prompt is blocked"),
    ("empty", "a clean end without picture or words"),
    ("text", "words only"),
    ("cut", "the connection drops in the middle of the picture"),
    ("stall", "some thoughts, then silence for ever"),
    ("error", "some thoughts, then an error as an event"),
];

/// The failures that a prompt may ask for as `fail:NAME`, each with what happens.
pub fn failures() -> &'static [(&'static str, &'static str)] {
    &NAMES
}

/// The failure that a prompt asks for; a name that does not exist is refused with the list of those that do.
pub(super) fn wanted(prompt: &str, model: &str, relay: bool) -> Option<Wanted> {
    let name = prompt
        .split_whitespace()
        .find_map(|word| word.strip_prefix("fail:"))?
        .trim_end_matches(|character: char| !character.is_ascii_alphanumeric())
        .to_ascii_lowercase();
    Some(match name.as_str() {
        "429" => Wanted::Refusal(Failure::rate_limited()),
        "quota" => Wanted::Refusal(Failure::daily_quota()),
        "401" | "key" => Wanted::Refusal(Failure::bad_key(relay)),
        "balance" => Wanted::Refusal(Failure::no_balance()),
        "channel" => Wanted::Refusal(Failure::no_channel(model)),
        "400" => Wanted::Refusal(Failure::invalid("Request contains an invalid argument.")),
        "500" => Wanted::Refusal(Failure::internal()),
        "503" => Wanted::Refusal(Failure::overloaded()),
        "once" => Wanted::Once,
        "safety" => Wanted::Mishap(Mishap::Safety),
        "blocked" => Wanted::Mishap(Mishap::Blocked),
        "empty" => Wanted::Mishap(Mishap::Empty),
        "text" => Wanted::Mishap(Mishap::Text),
        "cut" => Wanted::Mishap(Mishap::Cut),
        "stall" => Wanted::Mishap(Mishap::Stall),
        "error" => Wanted::Mishap(Mishap::MidError),
        _ => {
            let known = NAMES.map(|(name, _)| name).join(", ");
            let message = format!("The demo knows no failure \u{201c}{name}\u{201d}; it knows {known}.");
            Wanted::Refusal(Failure::invalid(message))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_failure_exists_and_an_unknown_one_names_them() {
        for (name, _) in failures() {
            let wanted = wanted(&format!("a fox fail:{name}."), "m", true);
            let unknown = matches!(&wanted, Some(Wanted::Refusal(failure))
                if failure.body.to_string().contains("knows no failure"));
            assert!(wanted.is_some() && !unknown, "{name}");
        }
        let Some(Wanted::Refusal(failure)) = wanted("fail:everything", "m", true) else {
            panic!("an unknown failure is refused");
        };
        assert!(failure.body.to_string().contains("429, quota"));
        assert_eq!(wanted("do not fail", "m", true), None);
    }
}
