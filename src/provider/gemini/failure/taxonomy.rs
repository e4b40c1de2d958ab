//! The taxonomy of failures, a line per row of the reference: what a server says, and what is made of it.

use serde_json::{Value, json};

use super::{Head, classify, in_stream};
use crate::error::{Billed, Kind, Retry};

/// Whether it may go out again by itself, and after how many seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    No,
    /// No, and the work may go on behind it.
    Paid,
    Again,
    After(f64),
}
use Then::{After, Again, No, Paid};

/// A: Google's own.
fn a(code: u16, status: &str, message: &str) -> String {
    json!({"error": {"code": code, "message": message, "status": status}}).to_string()
}

/// A with one detail.
fn detailed(code: u16, status: &str, message: &str, kind: &str, mut detail: Value) -> String {
    detail["@type"] = json!(format!("type.googleapis.com/google.rpc.{kind}"));
    json!({"error": {"code": code, "message": message, "status": status, "details": [detail]}}).to_string()
}

fn quota(id: &str, value: &str, delay: Option<&str>) -> String {
    let mut details = vec![json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaMetric": "m", "quotaId": id, "quotaValue": value}]})];
    details.extend(
        delay.map(|delay| json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay})),
    );
    json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": details,
        "message": "You exceeded your current quota, please check your plan and billing details."}})
    .to_string()
}

/// B: a new-api relay's own.
fn b(message: &str, code: &str) -> String {
    let message = format!("{message} (request id: 2026112008)");
    json!({"error": {"message": message, "type": "new_api_error", "param": "", "code": code}}).to_string()
}

/// C: what a relay makes of its upstream's.
fn c(message: &str, code: impl Into<Value>) -> String {
    let code: Value = code.into();
    json!({"error": {"message": message, "type": "upstream_error", "param": "", "code": code}}).to_string()
}

/// E: a web page.
fn e(title: &str) -> String {
    format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>...</body></html>")
}

fn text(text: &str) -> String {
    text.to_owned()
}

type Line = (u16, String, Kind, Then);

#[rustfmt::skip]
fn client_errors() -> Vec<Line> {
    use Kind::{BadInput, BadKey, BadRequest, NoBalance, Permission, Signature};
    let invalid = |message: &str| a(400, "INVALID_ARGUMENT", message);
    vec![
        (400, detailed(400, "INVALID_ARGUMENT", "x", "ErrorInfo", json!({"reason": "API_KEY_INVALID"})), BadKey, No),
        (400, invalid("API key not valid. Please pass a valid API key."), BadKey, No),
        (400, invalid("API key expired. Please renew the API key."), BadKey, No),
        (400, a(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), Permission, No),
        (400, a(400, "FAILED_PRECONDITION", "Gemini API free tier is not available in your country. Please enable billing on your project in Google AI Studio."), NoBalance, No),
        (400, detailed(400, "INVALID_ARGUMENT", "x", "BadRequest", json!({"fieldViolations": [{"field": "contents", "description": "x"}]})), BadRequest, No),
        (400, invalid("Invalid JSON payload received. Unknown name \"aspectRatio\" at 'generation_config': Cannot find field."), BadRequest, No),
        (400, invalid("* GenerateContentRequest.generation_config.image_config.aspect_ratio: aspect_ratio must be one of '1:1', '2:3'"), BadRequest, No),
        (400, invalid("Aspect ratio is not enabled for this model"), BadRequest, No),
        (400, invalid("Image part is missing a thought_signature in content position 2, part position 1."), Signature, No),
        (400, invalid("Text part is missing a thought_signature in content position 2, part position 1."), Signature, No),
        (400, invalid("invalid thought signature"), Signature, No),
        (400, invalid("Corrupted thought signature."), Signature, No),
        (400, invalid("Thought signature is not valid."), Signature, No),
        (400, invalid("Invalid value at 'contents[1].parts[0].thought_signature' (TYPE_BYTES), Base64 decoding failed for \"x\""), Signature, No),
        (400, invalid("Invalid value at 'contents[0].parts[1].inline_data.data' (TYPE_BYTES), Base64 decoding failed for \"x\""), BadInput, No),
        (400, json!({"error": {"message": invalid("Corrupted thought signature."), "code": 400, "status": "Bad Request"}}).to_string(), Signature, No),
        (400, invalid("Thinking is not enabled for models/gemini-2.5-flash-image"), BadRequest, No),
        (400, invalid("Thinking level is not supported for this model."), BadRequest, No),
        (400, invalid("Multiple candidates is not enabled for this model"), BadRequest, No),
        (400, invalid("Unable to process input image. Please retry or report in https://x"), BadInput, No),
        (400, invalid("* GenerateContentRequest.contents[0].parts[1]: empty inlineData parameter"), BadInput, No),
        (400, text(r#"{"error":{"message":"No connected db.","type":"no_db_connection","param":null,"code":"400"}}"#), BadKey, No),
        (401, b("无效的令牌", ""), BadKey, No),
        (401, b("Invalid token", ""), BadKey, No),
        (401, c("Incorrect API key provided", "invalid_api_key"), BadKey, No),
        (401, text(r#"{"success":false,"message":"unauthorized"}"#), BadKey, No),
        (401, b("该令牌额度已用尽", ""), NoBalance, No),
        (402, a(402, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), NoBalance, No),
        (402, text(r#"{"detail":"Payment Required"}"#), NoBalance, No),
        (403, a(403, "PERMISSION_DENIED", "Requests to this API are blocked."), Permission, No),
        (403, detailed(403, "PERMISSION_DENIED", "x", "ErrorInfo", json!({"reason": "SERVICE_DISABLED"})), Permission, No),
        (403, a(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."), BadKey, No),
        (403, b("用户额度不足, 剩余额度: ＄0.012000", "insufficient_user_quota"), NoBalance, No),
        (403, b("预扣费额度失败, 用户剩余额度: ＄0.01", "pre_consume_token_quota_failed"), NoBalance, No),
        (403, b("令牌额度不足", ""), NoBalance, No),
        (403, b("余额不足", ""), NoBalance, No),
        (403, b("无权访问 vip 分组", ""), Permission, No),
        (403, b("该令牌无权访问模型 gemini-3-pro-image", ""), Permission, No),
        (403, b("您的 IP 不在令牌允许访问的列表中", ""), Permission, No),
        (403, b("普通用户不支持指定渠道", ""), Permission, No),
        (403, e("Attention Required! | Cloudflare"), Permission, No),
        (407, text(""), Kind::Unreachable, No),
        (451, text(""), Permission, No),
    ]
}

#[rustfmt::skip]
fn addresses_and_sizes() -> Vec<Line> {
    use Kind::{BadRequest, ModelNotFound, Timeout, TooLarge, WrongAddress};
    vec![
        (404, a(404, "NOT_FOUND", "models/x is not found for API version v1beta, or is not supported for generateContent."), ModelNotFound, No),
        (404, text(r#"{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","code":"model_not_found"}}"#), ModelNotFound, No),
        (404, b("Invalid URL (POST /v1beta/models/x:generateContent)", ""), WrongAddress, No),
        (404, text(r#"{"detail":"Not Found"}"#), WrongAddress, No),
        (404, e("Error 404 (Not Found)!!1"), WrongAddress, No),
        (400, e("400 The plain HTTP request was sent to HTTPS port"), WrongAddress, No),
        (400, text("Client sent an HTTP request to an HTTPS server.\n"), WrongAddress, No),
        (405, text(""), WrongAddress, No),
        (408, text(""), Timeout, Again),
        (413, b("request body too large", "read_request_body_failed"), TooLarge, No),
        (413, e("413 Request Entity Too Large"), TooLarge, No),
        (413, text(""), TooLarge, No),
        (415, text("unsupported"), BadRequest, No),
        (422, text(r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#), BadRequest, No),
        (418, text("a teapot"), BadRequest, No),
        (301, text(""), WrongAddress, No),
        (302, e("Found"), WrongAddress, No),
        (200, e("Console"), WrongAddress, No),
    ]
}

#[rustfmt::skip]
fn rates() -> Vec<Line> {
    use Kind::{Quota, RateLimited};
    let google = |message: &str| a(429, "RESOURCE_EXHAUSTED", message);
    vec![
        (429, quota("GenerateRequestsPerMinutePerProjectPerModel", "10", Some("34.07s")), RateLimited, After(34.07)),
        (429, quota("GenerateRequestsPerMinutePerProjectPerModel", "10", None), RateLimited, Again),
        (429, google("Resource exhausted. Please retry in 34.07s."), RateLimited, After(34.07)),
        (429, quota("GenerateRequestsPerMinutePerProjectPerModel", "10", Some("301s")), RateLimited, No),
        (429, quota("GenerateRequestsPerDayPerProjectPerModel", "100", Some("34s")), Quota, No),
        (429, quota("DailyRequests", "100", Some("34s")), Quota, No),
        (429, quota("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "0", Some("34s")), Quota, No),
        (429, google("Quota exceeded for metric: generate_content_free_tier_requests, limit: 0, model: x. Please retry in 3s."), Quota, No),
        (429, google("You exceeded your current quota, please check your plan and billing details."), Quota, No),
        (429, c("Quota exceeded for quota metric 'x' and limit 'requests per day'", 429), Quota, No),
        (429, b("您已达到请求数限制：1分钟内最多请求10次", ""), RateLimited, Again),
        (429, b("您已达到总请求数限制：1分钟内最多请求10次，包括失败次数，请检查您的请求是否正确", ""), RateLimited, Again),
        (429, c("Resource exhausted. Please try again later.", 429), RateLimited, Again),
        (429, c("You exceeded your current quota, limit: 0", 429), Quota, No),
        (429, b("当前分组上游负载已饱和，请稍后再试", ""), RateLimited, Again),
        (429, text(""), RateLimited, Again),
        (429, e("429 Too Many Requests"), RateLimited, Again),
        (500, c("bad response status code 429", "bad_response_status_code"), RateLimited, Again),
    ]
}

#[rustfmt::skip]
fn server_errors() -> Vec<Line> {
    use Kind::{BadRequest, Blocked, NoBalance, NoChannel, Overloaded, Server, Timeout};
    vec![
        (499, a(499, "CANCELLED", "The operation was cancelled."), Server, Paid),
        (500, a(500, "INTERNAL", "An internal error has occurred."), Server, Again),
        (500, b("contents is required", "invalid_request"), BadRequest, No),
        (500, b("user sensitive words detected: x", "sensitive_words_detected"), Blocked, No),
        (500, b("检测到敏感词", ""), Blocked, No),
        (500, b("upstream error: do request failed", "do_request_failed"), Server, Again),
        (500, b("invalid character '<'", "bad_response_body"), Server, Again),
        (500, c("bad response status code 400", "bad_response_status_code"), BadRequest, No),
        (502, c("bad response status code 503", "bad_response_status_code"), Overloaded, Again),
        (503, c("bad response status code 400", "bad_response_status_code"), BadRequest, No),
        (503, c("bad response status code 504", "bad_response_status_code"), Timeout, Paid),
        (503, a(503, "UNAVAILABLE", "The model is overloaded. Please try again later."), Overloaded, Again),
        (503, b("No available channel for model X under group Y (distributor)", "model_not_found"), NoChannel, No),
        (503, b("分组 Y 下模型 X 无可用渠道（distributor）", "model_not_found"), NoChannel, No),
        (503, b("分组 Y 下模型 X 无可用渠道", ""), NoChannel, No),
        (503, b("No available channel for model X under group Y", "get_channel_failed"), NoChannel, No),
        (500, b("model ratio or price not set", "model_price_error"), NoChannel, No),
        (503, b("cpu overloaded", "system_cpu_overloaded"), Overloaded, Again),
        (503, b("memory overloaded", "system_memory_overloaded"), Overloaded, Again),
        (503, b("disk full", "system_disk_overloaded"), Overloaded, Again),
        (503, detailed(503, "UNAVAILABLE", "x", "ErrorInfo", json!({"reason": "MODEL_CAPACITY_EXHAUSTED"})), Overloaded, No),
        (503, text("Your credit balance is too low"), NoBalance, No),
        (503, text("upstream has a billing problem"), Overloaded, No),
        (504, a(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete."), Timeout, Paid),
        (502, e("502 Bad Gateway"), Server, Again),
        (504, e("504 Gateway Time-out"), Timeout, Paid),
        (520, e("x | 520: Web server is returning an unknown error"), Server, Again),
        (521, text(""), Server, Again),
        (522, text("error code: 522"), Server, Again),
        (523, text(""), Server, Again),
        (525, text(""), Server, Again),
        (526, text(""), Server, Again),
        (524, e("ai.example | 524: A timeout occurred"), Timeout, Paid),
        (524, b("x", "do_request_failed"), Server, No),
        (599, text("?"), Server, No),
    ]
}

#[test]
fn every_row_of_the_reference_is_told_as_it_says() {
    let lines = [client_errors(), addresses_and_sizes(), rates(), server_errors()].concat();
    for (status, body, kind, then) in lines {
        let error = classify(status, &Head::default(), body.as_bytes());
        let (retry, billed) = match then {
            No => (Retry::Never, Billed::No),
            Paid => (Retry::Never, Billed::Maybe),
            Again => (Retry::Safe { after_seconds: None }, Billed::No),
            After(seconds) => (
                Retry::Safe {
                    after_seconds: Some(seconds),
                },
                Billed::No,
            ),
        };
        assert_eq!(
            (error.kind, error.retry, error.billed),
            (kind, retry, billed),
            "{status} {body}"
        );
        assert_eq!(error.http_status, Some(status), "{body}");
        for words in [&error.message, &error.hint] {
            assert!(
                words.starts_with(char::is_uppercase) && !words.ends_with('.'),
                "{status} {body}: {words:?}"
            );
        }
        assert_eq!(error.body.as_deref().unwrap_or_default(), body);
        assert_eq!(error.server.is_none(), body.is_empty(), "{status} {body}");
        if body.contains("request id") {
            assert_eq!(error.request_id.as_deref(), Some("2026112008"), "{body}");
        }
        for wrapped in [
            format!("[{body}]"),
            format!("data: {body}\n\n"),
            format!("\u{feff}\r\n {body}\n"),
        ] {
            if body.starts_with('{') {
                let same = classify(status, &Head::default(), wrapped.as_bytes());
                assert_eq!((same.kind, same.retry), (kind, retry), "{wrapped}");
            }
        }
        // The same within an answer of status 200: the kind stays, nothing goes out again.
        if let Ok(value) = serde_json::from_str::<Value>(&body) {
            let event = in_stream(&value);
            assert_eq!(
                (event.retry, event.billed),
                (Retry::Never, Billed::Maybe),
                "{body}"
            );
            if value["error"]["code"] == status {
                assert_eq!(event.kind, kind, "{body}");
            }
        }
    }
}

#[test]
fn nothing_goes_out_again_where_the_reference_says_never() {
    for status in [400, 401, 402, 403, 404, 405, 413, 415, 422, 499, 504, 524] {
        for body in [
            text(""),
            b("x", "do_request_failed"),
            b("x", "system_cpu_overloaded"),
            a(429, "RESOURCE_EXHAUSTED", "Please retry in 3s."),
            b("您已达到请求数限制", ""),
        ] {
            assert_eq!(
                classify(status, &Head::default(), body.as_bytes()).retry,
                Retry::Never,
                "{status} {body}"
            );
        }
    }
    for status in [429, 500, 502, 503, 520] {
        for code in [
            "model_not_found",
            "insufficient_user_quota",
            "pre_consume_token_quota_failed",
            "sensitive_words_detected",
            "model_price_error",
        ] {
            let error = classify(status, &Head::default(), b("x", code).as_bytes());
            assert_eq!(error.retry, Retry::Never, "{status} {code}");
        }
    }
}
