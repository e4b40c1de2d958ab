//! What a failed call means: status, a few headers and the body to one [`Error`]. Pure: `facts` reads the body, `table`
//! and `status` say what it means, `delay` how long to wait. It retries nothing.

mod delay;
mod facts;
mod refusal;
mod row;
mod rows;
mod status;
mod table;

use serde_json::Value;

use crate::domain::beginning;
use crate::error::{Billed, Error, Retry};
use facts::Facts;
use row::{Again, Row};

/// A longer wait is told, not waited for.
const PATIENCE: f64 = 300.0;
/// How much of a body is kept for whoever wants to see it as it came.
const BODY: usize = 16 * 1024;
/// Statuses after which nothing goes out again by itself, whatever the body says: the request is at fault, or the work
/// may go on behind the error.
const NEVER: [u16; 12] = [400, 401, 402, 403, 404, 405, 413, 415, 422, 499, 504, 524];

/// The headers that matter for a failure, as they were received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `X-Oneapi-Request-Id`, `x-request-id`, `x-goog-request-id` or `cf-ray`.
    pub request_id: Option<String>,
    /// `Retry-After`: seconds or a date.
    pub retry_after: Option<String>,
    /// `Date`: what a `Retry-After` date is measured against.
    pub date: Option<String>,
}

/// The error that a response of this status and body stands for. At most the first megabyte of a body is worth giving.
pub fn classify(status: u16, head: &Head, body: &[u8]) -> Error {
    let facts = Facts::of_body(status, body);
    let mut error = judge(&facts, head);
    error.http_status = Some(status);
    error.body = kept(&String::from_utf8_lossy(body));
    if NEVER.contains(&status) {
        error.retry = Retry::Never;
    }
    error
}

/// The error that an event of a stream stands for. Its status was 200, so nothing is sent again and it may be billed.
pub(crate) fn in_stream(value: &Value) -> Error {
    let facts = Facts::of_value(value);
    let mut error = judge(&facts, &Head::default());
    error.http_status = facts.code.or(Some(facts.status).filter(|status| *status >= 300));
    error.body = kept(&value.to_string());
    error.billed = Billed::Maybe;
    error.retry = Retry::Never;
    error
}

fn kept(body: &str) -> Option<String> {
    Some(beginning(body, BODY).to_owned()).filter(|body| !body.is_empty())
}

/// The error that an answer of a web page stands for, whatever its status.
pub(crate) fn web_page(page: &str) -> Error {
    let mut error = told(&rows::PAGE);
    error.server = title(page);
    error.body = kept(page);
    error
}

/// The keys of an object that can make an error of it, and those that say more about it.
pub(crate) const KEYS: [&str; 13] = [
    "error",
    "message",
    "error_message",
    "detail",
    "msg",
    "details",
    "success",
    "code",
    "type",
    "status",
    "reason",
    "request_id",
    "requestId",
];

/// Whether an object holds an `error` that is one.
pub(crate) fn is_error(value: &Value) -> bool {
    match value.get("error") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(object)) => !object.is_empty(),
        Some(_) => true,
    }
}

/// Whether an object that is no answer says in some other way that something failed.
pub(crate) fn is_refusal(value: &Value) -> bool {
    value.get("success") == Some(&Value::Bool(false))
        || ["message", "detail", "msg", "error_message"].iter().any(|key| {
            value
                .get(key)
                .is_some_and(|said| said.is_string() || said.is_array())
        })
}

/// The title of a web page.
pub(crate) fn title(page: &str) -> Option<String> {
    facts::title(page)
}

fn judge(facts: &Facts, head: &Head) -> Error {
    let row = find(facts);
    let mut error = told(row);
    if row.says == rows::REFUSED.says {
        refusal::hint(facts).clone_into(&mut error.hint);
        if let Some(field) = facts.fields.first() {
            error.message = format!("The provider refuses the field \u{201c}{field}\u{201d} of the request");
        }
    }
    error.server = Some(facts.message.clone())
        .filter(|message| !message.is_empty())
        .or_else(|| facts.title.clone());
    error.request_id = facts.request_id.clone().or_else(|| head.request_id.clone());
    if row.again == Again::Yes && !speaks_of_money(facts) {
        let wait = delay::seconds(facts, head);
        match wait {
            Some(seconds) if seconds > PATIENCE => {
                let minutes = (seconds / 60.0).ceil();
                error.hint =
                    format!("Send it again in {minutes} minutes: the provider asks to wait that long");
            }
            after_seconds => error.retry = Retry::Safe { after_seconds },
        }
    }
    error
}

fn told(row: &Row) -> Error {
    let mut error = Error::new(row.kind, row.says).hint(row.hint);
    if row.again == Again::Paid {
        error.billed = Billed::Maybe;
    }
    error
}

fn find(facts: &Facts) -> &'static Row {
    let said = if facts.message.is_empty() {
        facts.title.as_ref().unwrap_or(&facts.message)
    } else {
        &facts.message
    };
    let lower = said.to_lowercase();
    let listed = |row: &&Row| row.status.is_empty() || row.status.contains(&facts.status);
    let rows = || table::ROWS.iter().filter(listed);
    let by_code = || rows().find(|row| row.codes.iter().any(|code| facts.has_code(code)));
    let by_text = || rows().find(|row| row.texts.iter().any(|text| lower.contains(text)));
    let is_told = |status: u16| matches!(status, 400 | 404 | 422);
    let no_model = || (is_told(facts.status) && refusal::says_no_model(&lower)).then_some(&rows::NO_MODEL);
    by_code()
        .or_else(by_text)
        .or_else(no_model)
        .or_else(|| quota(facts, &lower))
        .or_else(|| page(facts))
        .unwrap_or_else(|| by_status(facts))
}

/// A quota that ends with the minute can be waited for; one that ends with the day, or is none, cannot.
fn quota(facts: &Facts, lower: &str) -> Option<&'static Row> {
    if facts.status != 429 {
        return None;
    }
    let of_a_day = |quota: &String| quota.contains("perday") || quota.contains("daily");
    let no_quota = facts.no_quota || says_limit_zero(lower);
    if no_quota {
        Some(&rows::NO_QUOTA)
    } else if facts.quotas.iter().any(of_a_day) {
        Some(&rows::DAY_QUOTA)
    } else if !facts.quotas.is_empty() {
        // Google's sentence names billing even when only the minute is used up.
        Some(&rows::RATE)
    } else if ["per day", "daily", "perday"]
        .iter()
        .any(|word| lower.contains(word))
    {
        Some(&rows::DAY_QUOTA)
    } else if ["billing", "credit", "额度"]
        .iter()
        .any(|word| lower.contains(word))
    {
        Some(&rows::USED_UP)
    } else if facts.has_code("upstream_error") {
        Some(&rows::UPSTREAM_RATE)
    } else {
        Some(&rows::RATE)
    }
}

/// A fault that speaks of credit will not pass by waiting. A 429 is [`quota`]'s: there Google always speaks of billing.
fn speaks_of_money(facts: &Facts) -> bool {
    let lower = facts.message.to_lowercase();
    let words = [
        "billing",
        "credit",
        "quota of the day",
        "daily quota",
        "daily limit",
    ];
    facts.status != 429 && words.iter().any(|word| lower.contains(word))
}

fn says_limit_zero(lower: &str) -> bool {
    lower.match_indices("limit: 0").any(|(at, found)| {
        let next = lower[at + found.len()..].chars().next();
        !next.is_some_and(|next| next.is_ascii_digit())
    })
}

fn page(facts: &Facts) -> Option<&'static Row> {
    match facts.status {
        200..=299 if facts.html => Some(&rows::PAGE),
        403 if facts.html => Some(&rows::GATE),
        _ => None,
    }
}

fn by_status(facts: &Facts) -> &'static Row {
    let found = status::ROWS.iter().find(|row| row.status.contains(&facts.status));
    found.unwrap_or(match facts.status {
        400..=498 => &rows::REFUSED,
        _ => &rows::ELSE,
    })
}

#[cfg(test)]
mod taxonomy;
#[cfg(test)]
mod tests;
