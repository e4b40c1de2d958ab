//! What an error body says, whatever wraps it: Google's shape, a relay's, an array of one, JSON within the message, a web
//! page, plain words. It gathers and judges nothing.

use serde_json::Value;

use crate::domain::beginning;
use crate::provider::lenient::{self, Budget, Tree};

/// How many wrappings are opened.
const DEPTH: u32 = 12;
/// A server's sentence is a sentence; a page is not.
const SENTENCE: usize = 4000;

#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The HTTP status, or the better one that the body names.
    pub(super) status: u16,
    /// Everything that serves as a code: `code`, `type`, `status`, the reasons in `details`; lower case.
    pub(super) codes: Vec<String>,
    /// The innermost message, verbatim.
    pub(super) message: String,
    /// The status that the body names, if it is a number of that kind.
    pub(super) code: Option<u16>,
    /// The fields that were refused.
    pub(super) fields: Vec<String>,
    /// `quotaId` of every violated quota, lower case.
    pub(super) quotas: Vec<String>,
    /// A quota whose size is zero.
    pub(super) no_quota: bool,
    /// `RetryInfo.retryDelay` as it was written.
    pub(super) retry_delay: Option<String>,
    pub(super) request_id: Option<String>,
    /// The body was a web page.
    pub(super) html: bool,
    pub(super) title: Option<String>,
}

impl Facts {
    pub(super) fn of_body(status: u16, body: &[u8]) -> Self {
        let mut facts = Self {
            status,
            ..Self::default()
        };
        let text = String::from_utf8_lossy(body);
        let text = text.trim_start_matches('\u{feff}').trim();
        // An error may come dressed as an event.
        let bare = text.strip_prefix("data:").unwrap_or(text).trim();
        if let Some(value) = first_value(bare) {
            facts.read(&value, DEPTH);
        } else if text.starts_with('<') {
            facts.html = true;
            facts.title = title(text);
        } else {
            facts.say(text);
        }
        facts.settle();
        facts
    }

    pub(super) fn of_value(value: &Value) -> Self {
        let mut facts = Self {
            status: 200,
            ..Self::default()
        };
        facts.read(value, DEPTH);
        facts.settle();
        facts
    }

    pub(super) fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|known| known.eq_ignore_ascii_case(code))
    }

    /// Outer wrappings first, so that the innermost saying stands.
    fn read(&mut self, value: &Value, depth: u32) {
        if depth == 0 {
            return;
        }
        match value {
            Value::Array(values) => {
                if let Some(value) = values.first() {
                    self.read(value, depth - 1);
                }
            }
            Value::String(text) => self.message(text, depth),
            Value::Object(_) => self.object(value, depth),
            _ => {}
        }
    }

    fn object(&mut self, value: &Value, depth: u32) {
        for key in ["code", "type", "status", "reason"] {
            match value.get(key) {
                Some(Value::String(code)) if !code.is_empty() => self.code(code),
                Some(Value::Number(number)) => self.code(&number.to_string()),
                _ => {}
            }
        }
        for key in ["request_id", "requestId"] {
            if let Some(id) = value.get(key).and_then(Value::as_str).filter(|id| !id.is_empty()) {
                self.request_id = Some(id.to_owned());
            }
        }
        // OpenAI's name of a field, and FastAPI's way to one.
        if let Some(param) = value
            .get("param")
            .and_then(Value::as_str)
            .filter(|param| !param.is_empty())
        {
            self.fields.push(param.to_owned());
        }
        if let Some(way) = value.get("loc").and_then(Value::as_array) {
            let steps: Vec<&str> = way
                .iter()
                .filter_map(Value::as_str)
                .filter(|step| *step != "body")
                .collect();
            self.fields.extend((!steps.is_empty()).then(|| steps.join(".")));
        }
        for detail in value
            .get("details")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.detail(detail);
        }
        for key in ["msg", "detail", "error_message", "message", "error"] {
            match value.get(key) {
                Some(Value::Null) | None => {}
                Some(inner) => self.read(inner, depth - 1),
            }
        }
    }

    fn code(&mut self, code: &str) {
        if let Ok(number @ 300..=599) = code.parse() {
            self.code = Some(number);
        }
        self.codes.push(code.to_lowercase());
    }

    fn message(&mut self, text: &str, depth: u32) {
        self.say(text);
        // A proxy may have stuffed the upstream's error into its message.
        if let Some(at) = text.find('{')
            && let Some(inner @ Value::Object(_)) = first_value(&text[at..])
            && (super::is_error(&inner) || super::is_refusal(&inner))
        {
            self.read(&inner, depth - 1);
        }
    }

    fn say(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            beginning(text, SENTENCE).clone_into(&mut self.message);
            self.request_id = request_id(text).or_else(|| self.request_id.take());
        }
    }

    fn detail(&mut self, detail: &Value) {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        if let Some(reason) = text(detail, "reason") {
            self.code(&reason);
        }
        if let Some(delay) = text(detail, "retryDelay") {
            self.retry_delay = Some(delay);
        }
        for violation in detail
            .get("violations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.quotas
                .extend(text(violation, "quotaId").map(|id| id.to_lowercase()));
            self.no_quota |= violation
                .get("quotaValue")
                .is_some_and(|value| value == "0" || value.as_u64() == Some(0));
        }
        for violation in detail
            .get("fieldViolations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            self.fields
                .extend(text(violation, "field").filter(|field| !field.is_empty()));
        }
    }

    /// Which status counts: the body's, where the wire's says nothing by itself.
    fn settle(&mut self) {
        let lower = self.message.to_lowercase();
        let unread = after(&lower, "bad response status code ").and_then(leading_number);
        self.code = unread.or(self.code);
        // The sentence may name the very field where the details name only what holds it.
        if let Some(field) = refused_field(&self.message)
            && self
                .fields
                .first()
                .is_none_or(|holder| field.starts_with(holder.as_str()))
        {
            self.fields.insert(0, field);
        }
        let named = self.code.or_else(|| {
            let status = |(name, status): &(&str, u16)| self.has_code(name).then_some(*status);
            STATUSES.iter().find_map(status)
        });
        if matches!(self.status, 200..=299 | 500 | 502) || unread.is_some() && self.status == 503 {
            self.status = named.unwrap_or(self.status);
        }
    }
}

/// Google's names for statuses.
const STATUSES: [(&str, u16); 10] = [
    ("INVALID_ARGUMENT", 400),
    ("FAILED_PRECONDITION", 400),
    ("UNAUTHENTICATED", 401),
    ("PERMISSION_DENIED", 403),
    ("NOT_FOUND", 404),
    ("RESOURCE_EXHAUSTED", 429),
    ("CANCELLED", 499),
    ("INTERNAL", 500),
    ("UNAVAILABLE", 503),
    ("DEADLINE_EXCEEDED", 504),
];

fn after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    text.split_once(words).map(|(_, rest)| rest)
}

fn leading_number(text: &str) -> Option<u16> {
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    text[..end.unwrap_or(text.len())].parse().ok()
}

/// The name of the call in the relay's logs: `(request id: 2026…)`, as new-api ends its sentences.
fn request_id(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let start = [
        "(request id: ",
        "\u{ff08}request id: ",
        "request id: ",
        "request_id: ",
    ]
    .iter()
    .find_map(|words| lower.find(words).map(|at| at + words.len()))?;
    let id = text[start..]
        .split(|letter: char| letter.is_whitespace() || ")\u{ff09},;\"'".contains(letter))
        .next()?;
    Some(id.trim_end_matches('.').to_owned()).filter(|id| !id.is_empty() && id.len() <= 200)
}

/// The field that a sentence of Google's complains of: a relay hands on the sentence and drops the details.
fn refused_field(message: &str) -> Option<String> {
    let quoted = |words: &str, end: char| after(message, words)?.split(end).next();
    let unknown = || {
        let name = quoted("Unknown name \"", '"')?;
        let place = quoted("\" at '", '\'').map_or(String::new(), |place| format!("{place}."));
        Some(place + name)
    };
    let field = unknown()
        .or_else(|| quoted("Invalid value at '", '\'').map(str::to_owned))
        .or_else(|| quoted("GenerateContentRequest.", ':').map(str::to_owned))?;
    let is_path = |letter: char| letter.is_ascii_alphanumeric() || "_.[]".contains(letter);
    (field.len() <= 200 && !field.is_empty() && field.chars().all(is_path)).then_some(field)
}

/// The JSON value at the beginning of the text, whatever follows it.
fn first_value(text: &str) -> Option<Value> {
    let value = lenient::read_first(text, Tree(&mut Budget::default())).ok()?;
    matches!(value, Value::Object(_) | Value::Array(_) | Value::String(_)).then_some(value)
}

/// The title of a web page, on one line.
pub(super) fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let words: Vec<&str> = page[start..end].split_whitespace().collect();
    let title = words.join(" ");
    Some(beginning(&title, 200).to_owned()).filter(|title| !title.is_empty())
}
