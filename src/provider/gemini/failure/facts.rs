//! What an error body says, whatever wraps it: Google's shape, a relay's, an array of one, JSON within the message, a web
//! page, plain words. It gathers and judges nothing.

use serde_json::{Deserializer, Value};

/// How many wrappings are opened.
const DEPTH: u32 = 12;
/// A server's sentence is a sentence; a page is not.
const SENTENCE: usize = 2000;

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
        if let Some((_, id)) = text.split_once("(request id: ") {
            self.request_id = id.split(')').next().map(|id| id.trim().to_owned());
        }
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
            self.message = text.chars().take(SENTENCE).collect();
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
        if let Some((_, rest)) = lower.split_once("bad response status code ") {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            self.code = digits.parse().ok().or(self.code);
        }
        let named = self.code.or_else(|| {
            let status = |(name, status): &(&str, u16)| self.has_code(name).then_some(*status);
            STATUSES.iter().find_map(status)
        });
        if matches!(self.status, 200..=299 | 500 | 502) {
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

/// The JSON value at the beginning of the text, whatever follows it.
fn first_value(text: &str) -> Option<Value> {
    let value = Deserializer::from_str(text).into_iter().next()?.ok()?;
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
    (!title.is_empty()).then(|| title.chars().take(200).collect())
}
