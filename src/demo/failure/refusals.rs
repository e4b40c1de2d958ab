//! What providers say when they refuse, in their own words: Google's where it has them, a relay's where those differ.

use serde_json::{Value, json};

use super::wish::Scene;
use super::{Failure, Said};

fn detail(kind: &str, mut fields: Value) -> Value {
    fields["@type"] = json!(format!("type.googleapis.com/google.rpc.{kind}"));
    fields
}

fn quota(id: &str, value: &str) -> Value {
    detail(
        "QuotaFailure",
        json!({"violations": [{
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_paid_tier_requests",
            "quotaId": id,
            "quotaDimensions": {"location": "global"},
            "quotaValue": value,
        }]}),
    )
}

const PLAN: &str = "You exceeded your current quota, please check your plan and billing details.";

impl Failure {
    /// 429 with the delay in all three places.
    pub(super) fn rate_limited(seconds: u32) -> Self {
        let details = json!([
            quota("GenerateRequestsPerMinutePerProjectPerModel", "10"),
            detail("RetryInfo", json!({"retryDelay": format!("{seconds}s")})),
        ]);
        let message = format!("You exceeded your current quota. Please retry in {seconds}.0s.");
        let mut failure = Self::google(429, "RESOURCE_EXHAUSTED", message, details);
        failure.retry_after = Some(seconds);
        failure
    }

    pub(super) fn daily_quota() -> Self {
        let details = json!([
            quota("GenerateRequestsPerDayPerProjectPerModel", "250"),
            detail("RetryInfo", json!({"retryDelay": "34s"})),
        ]);
        Self::google(429, "RESOURCE_EXHAUSTED", PLAN, details)
    }

    pub(super) fn no_quota() -> Self {
        let details = json!([quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "0")]);
        Self::google(429, "RESOURCE_EXHAUSTED", PLAN, details)
    }

    pub(super) fn relay_rate() -> Self {
        Self::relay(429, "", "您已达到请求数限制：1分钟内最多请求10次")
    }

    /// What a relay leaves of its upstream's 429: a number, and no delay.
    pub(super) fn upstream_rate() -> Self {
        let message = "Resource exhausted. Please try again later.";
        Self::flattened(429, "upstream_error", json!(429), message)
    }

    /// What a key that is not accepted gets: 400 at Google, 401 at a new-api relay.
    pub(in crate::demo) fn bad_key(relay: bool) -> Self {
        if relay {
            return Self::relay(401, "", "Invalid token");
        }
        let details = json!([detail(
            "ErrorInfo",
            json!({"reason": "API_KEY_INVALID", "domain": "googleapis.com",
                   "metadata": {"service": "generativelanguage.googleapis.com"}}),
        )]);
        let message = "API key not valid. Please pass a valid API key.";
        Self::google(400, "INVALID_ARGUMENT", message, details)
    }

    pub(super) fn leaked_key() -> Self {
        let message = "Your API key was reported as leaked. Please use another API key.";
        Self::google(403, "PERMISSION_DENIED", message, Value::Null)
    }

    pub(super) fn region() -> Self {
        let message = "User location is not supported for the API use.";
        Self::google(400, "FAILED_PRECONDITION", message, Value::Null)
    }

    pub(super) fn no_permission(scene: &Scene<'_>) -> Self {
        let model = scene.model;
        if scene.relay {
            return Self::relay(403, "", &format!("该令牌无权访问模型 {model}"));
        }
        let details = json!([detail(
            "ErrorInfo",
            json!({"reason": "API_KEY_SERVICE_BLOCKED", "domain": "googleapis.com"}),
        )]);
        let message =
            "Requests to this API generativelanguage.googleapis.com method GenerateContent are blocked.";
        Self::google(403, "PERMISSION_DENIED", message, details)
    }

    pub(super) fn no_channel(model: &str) -> Self {
        let message = format!("No available channel for model {model} under group default");
        Self::relay(503, "model_not_found", &message)
    }

    pub(super) fn no_balance() -> Self {
        let message = "User quota is not enough, remaining quota: \u{ff04}0.000000";
        Self::relay(403, "insufficient_user_quota", message)
    }

    pub(super) fn no_credit() -> Self {
        let message = "Your prepayment credits are depleted. Please go to AI Studio to manage your billing.";
        Self::google(402, "RESOURCE_EXHAUSTED", message, Value::Null)
    }

    pub(super) fn no_billing() -> Self {
        let message =
            "Image generation requires billing. Please enable billing on your project in Google AI Studio.";
        Self::google(400, "FAILED_PRECONDITION", message, Value::Null)
    }

    pub(super) fn no_model(model: &str) -> Self {
        Self::not_found(format!(
            "models/{model} is not found for API version v1beta, or is not supported for \
             generateContent. Call ListModels to see the list of available models and their supported methods."
        ))
    }

    /// A relay without the native route.
    pub(super) fn no_route(model: &str) -> Self {
        let message = format!("Invalid URL (POST /v1beta/models/{model}:streamGenerateContent)");
        let error = json!({"message": message, "type": "invalid_request_error", "param": "", "code": ""});
        Self::new(404, Said::Relay(json!({"error": error})))
    }

    pub(super) fn size_refused(relay: bool) -> Self {
        if relay {
            return Self::page(413, "413 Request Entity Too Large");
        }
        Self::too_large(super::super::server::LIMIT)
    }

    pub(super) fn deadline(relay: bool) -> Self {
        if relay {
            return Self::page(504, "504 Gateway Time-out");
        }
        let message = "Deadline expired before operation could complete.";
        Self::google(504, "DEADLINE_EXCEEDED", message, Value::Null)
    }

    pub(super) fn cancelled() -> Self {
        Self::google(499, "CANCELLED", "The operation was cancelled.", Value::Null)
    }

    pub(super) fn bad_signature(relay: bool) -> Self {
        Self::invalid(if relay {
            "Corrupted thought signature."
        } else {
            "Thought signature is not valid."
        })
    }

    /// An error whose message is an error.
    pub(super) fn doubled() -> Self {
        let inner = Self::google(
            503,
            "UNAVAILABLE",
            "The model is overloaded. Please try again later.",
            Value::Null,
        );
        let error =
            json!({"message": inner.json().to_string(), "code": 500, "status": "Internal Server Error"});
        Self::new(500, Said::Json(json!({"error": error})))
    }

    pub(super) fn upstream_status() -> Self {
        let message = "bad response status code 503";
        Self::flattened(500, "upstream_error", json!("bad_response_status_code"), message)
    }

    pub(super) fn word_filter() -> Self {
        Self::relay(500, "sensitive_words_detected", "user sensitive words detected")
    }

    pub(in crate::demo) fn unreadable_reference() -> Self {
        Self::invalid(
            "Unable to process input image. Please retry or report in \
             https://developers.generativeai.google/guide/troubleshooting",
        )
    }
}
