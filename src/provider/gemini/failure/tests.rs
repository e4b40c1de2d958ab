//! The table, row by row, as servers really word their errors.

use super::*;

fn said(status: u16, body: &str) -> Error {
    classify(status, &Head::default(), body.as_bytes())
}

fn relay(message: &str, code: &str) -> String {
    serde_json::json!({"error": {"message": message, "type": "new_api_error", "param": "", "code": code}})
        .to_string()
}

fn google(code: u16, status: &str, message: &str) -> String {
    serde_json::json!({"error": {"code": code, "message": message, "status": status}}).to_string()
}

#[test]
fn codes_and_texts_tell_the_kind_and_whether_to_try_again() {
    let yes = Retry::Safe { after_seconds: None };
    let no = Retry::Never;
    #[rustfmt::skip]
    let rows: &[(u16, String, Kind, Retry)] = &[
        (400, google(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key."), Kind::BadKey, no),
        (400, google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), Kind::Permission, no),
        (400, google(400, "INVALID_ARGUMENT", "Corrupted thought signature."), Kind::Signature, no),
        (400, google(400, "INVALID_ARGUMENT", "Base64 decoding failed for \"x\""), Kind::Signature, no),
        (400, google(400, "INVALID_ARGUMENT", "Thinking is not enabled for this model"), Kind::BadRequest, no),
        (400, google(400, "INVALID_ARGUMENT", "Multiple candidates is not enabled for this model"), Kind::BadRequest, no),
        (400, google(400, "INVALID_ARGUMENT", "Unable to process input image."), Kind::BadInput, no),
        (400, r#"{"error":"No connected db."}"#.to_owned(), Kind::BadKey, no),
        (401, relay("无效的令牌 (request id: 1)", ""), Kind::BadKey, no),
        (402, google(402, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), Kind::NoBalance, no),
        (403, google(403, "PERMISSION_DENIED", "Your API key was reported as leaked."), Kind::BadKey, no),
        (403, relay("令牌额度不足", "pre_consume_token_quota_failed"), Kind::NoBalance, no),
        (403, relay("该令牌无权访问模型 gemini-3-pro-image", ""), Kind::Permission, no),
        (403, relay("普通用户不支持指定渠道", ""), Kind::Permission, no),
        (403, "<html><title>Just a moment...</title>".to_owned(), Kind::Permission, no),
        (404, google(404, "NOT_FOUND", "models/x is not found for API version v1beta"), Kind::ModelNotFound, no),
        (404, relay("Invalid URL (POST /v1beta/models)", ""), Kind::WrongAddress, no),
        (404, r#"{"detail":"Not Found"}"#.to_owned(), Kind::WrongAddress, no),
        (405, String::new(), Kind::WrongAddress, no),
        (302, String::new(), Kind::WrongAddress, no),
        (413, "<html><title>413 Request Entity Too Large</title>".to_owned(), Kind::TooLarge, no),
        (500, relay("contents is required", "invalid_request"), Kind::BadRequest, no),
        (500, relay("sensitive words detected", "sensitive_words_detected"), Kind::Blocked, no),
        (500, relay("upstream error: do request failed", "do_request_failed"), Kind::Server, yes),
        (500, relay("bad response status code 400", "bad_response_status_code"), Kind::BadRequest, no),
        (500, google(500, "INTERNAL", "An internal error has occurred."), Kind::Server, yes),
        (503, google(503, "UNAVAILABLE", "The model is overloaded."), Kind::Overloaded, yes),
        (503, relay("No available channel for model X under group Y", "get_channel_failed"), Kind::NoChannel, no),
        (503, relay("cpu", "system_cpu_overloaded"), Kind::Overloaded, yes),
        (502, "<html><title>502 Bad Gateway</title>".to_owned(), Kind::Server, yes),
        (522, String::new(), Kind::Server, yes),
        (429, String::new(), Kind::RateLimited, yes),
        (429, relay("您已达到请求数限制：1分钟内最多请求10次", ""), Kind::RateLimited, yes),
        (429, google(429, "RESOURCE_EXHAUSTED", "Quota exceeded, limit: 0, model: x"), Kind::Quota, no),
        (429, google(429, "RESOURCE_EXHAUSTED", "check your plan and billing details"), Kind::Quota, no),
        (418, "a teapot".to_owned(), Kind::BadRequest, no),
    ];
    for (status, body, kind, retry) in rows {
        let error = said(*status, body);
        assert_eq!((error.kind, error.retry), (*kind, *retry), "{status} {body}");
        assert_eq!(error.http_status, Some(*status));
        assert!(!error.hint.is_empty(), "{status} {body}");
    }
}

#[test]
fn only_what_may_still_be_at_work_is_possibly_billed() {
    for (status, billed) in [
        (504, Billed::Maybe),
        (524, Billed::Maybe),
        (499, Billed::Maybe),
        (503, Billed::No),
        (400, Billed::No),
    ] {
        let error = said(status, "");
        assert_eq!(error.billed, billed, "{status}");
        if billed == Billed::Maybe {
            assert_eq!(error.retry, Retry::Never, "{status}");
        }
    }
}

#[test]
fn a_quota_of_the_minute_waits_as_long_as_it_is_told() {
    let body = |quota: &str, delay: &str| {
        serde_json::json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED",
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "details": [
                {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": quota, "quotaValue": "10"}]},
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}]}})
        .to_string()
    };
    let minute = said(429, &body("RequestsPerMinutePerProject", "34.07s"));
    assert_eq!(minute.kind, Kind::RateLimited);
    assert_eq!(
        minute.retry,
        Retry::Safe {
            after_seconds: Some(34.07)
        }
    );
    let long = said(429, &body("RequestsPerMinutePerProject", "3600s"));
    assert_eq!(long.retry, Retry::Never);
    assert!(long.hint.contains("60 minutes"));
    let day = said(429, &body("RequestsPerDayPerProject", "34s"));
    assert_eq!((day.kind, day.retry), (Kind::Quota, Retry::Never));
    let head = Head {
        retry_after: Some("12".to_owned()),
        request_id: Some("abc".to_owned()),
        ..Head::default()
    };
    let header = classify(503, &head, b"");
    assert_eq!(
        header.retry,
        Retry::Safe {
            after_seconds: Some(12.0)
        }
    );
    assert_eq!(header.request_id.as_deref(), Some("abc"));
}

#[test]
fn the_servers_sentence_is_found_in_every_wrapping() {
    let inner = google(400, "INVALID_ARGUMENT", "the sentence");
    let wrapped = serde_json::json!({"error": {"message": inner, "code": 400}}).to_string();
    let twice = serde_json::json!({"error": {"message": format!("upstream: {wrapped} (request id: r1)")}})
        .to_string();
    for body in [
        inner.clone(),
        format!("[{inner}]"),
        format!("data: {inner}\n\n"),
        format!("\u{feff}\n{inner}"),
        wrapped,
        twice.clone(),
        r#"{"error":"the sentence"}"#.to_owned(),
        r#"{"message":"the sentence"}"#.to_owned(),
        r#"{"detail":"the sentence"}"#.to_owned(),
        r#"{"success":false,"message":"the sentence"}"#.to_owned(),
        "the sentence".to_owned(),
        "<!doctype html><TITLE>\n the\n sentence </TITLE>".to_owned(),
    ] {
        assert_eq!(said(400, &body).server.as_deref(), Some("the sentence"), "{body}");
    }
    assert_eq!(said(400, &twice).request_id.as_deref(), Some("r1"));
}

#[test]
fn a_refused_field_is_named() {
    let body = r#"{"error":{"code":400,"message":"Invalid value","status":"INVALID_ARGUMENT","details":[
        {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"generation_config.image_config","description":"x"}]}]}}"#;
    let error = said(400, body);
    assert_eq!(error.kind, Kind::BadRequest);
    assert!(error.message.contains("generation_config.image_config"));
}

#[test]
fn an_error_in_a_stream_is_never_sent_again() {
    let value = serde_json::json!({"error": {"message": "Resource exhausted.", "code": 429}});
    let error = in_stream(&value);
    assert_eq!(
        (error.kind, error.retry, error.billed),
        (Kind::RateLimited, Retry::Never, Billed::Maybe)
    );
    assert_eq!(error.http_status, Some(429));
    let named = in_stream(&serde_json::json!({"error": {"status": "UNAVAILABLE", "message": "x"}}));
    assert_eq!((named.kind, named.http_status), (Kind::Overloaded, Some(503)));
}

#[test]
fn hostile_bodies_do_no_harm() {
    let deep = format!("{}{}", r#"{"error":"#.repeat(5000), "}".repeat(5000));
    assert_eq!(said(500, &deep).kind, Kind::Server);
    let braces = serde_json::json!({"error": {"message": "{".repeat(200_000)}}).to_string();
    assert_eq!(said(500, &braces).kind, Kind::Server);
    assert_eq!(said(500, "<title").kind, Kind::Server);
}
