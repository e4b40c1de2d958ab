//! The table, row by row, as servers really word their errors.

use super::*;
use crate::error::Kind;

fn said(status: u16, body: &str) -> Error {
    classify(status, &Head::default(), body.as_bytes())
}

fn google(code: u16, status: &str, message: &str) -> String {
    serde_json::json!({"error": {"code": code, "message": message, "status": status}}).to_string()
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
    let both = r#"{"error":{"code":400,"message":"Unknown name \"aspectRatio\" at 'generation_config': Cannot find field.","details":[
        {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"generation_config","description":"x"}]}]}}"#;
    assert!(
        said(400, both)
            .message
            .contains("\u{201c}generation_config.aspectRatio\u{201d}")
    );
    for (sentence, field) in [
        (
            "Invalid JSON payload received. Unknown name \"aspectRatio\" at 'generation_config': Cannot find field.",
            "generation_config.aspectRatio",
        ),
        (
            "Invalid value at 'generation_config.image_config.aspect_ratio' (TYPE_STRING), \"16x9\"",
            "generation_config.image_config.aspect_ratio",
        ),
        (
            "* GenerateContentRequest.generation_config.image_config.aspect_ratio: aspect_ratio must be one of '1:1'",
            "generation_config.image_config.aspect_ratio",
        ),
    ] {
        let error = said(400, &google(400, "INVALID_ARGUMENT", sentence));
        assert!(
            error.message.contains(&format!("\u{201c}{field}\u{201d}")),
            "{}",
            error.message
        );
    }
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

#[test]
fn the_body_is_kept_as_it_came_but_not_without_end() {
    let error = said(500, "key=sk-1 crashed us \u{fffd}");
    assert_eq!(error.body.as_deref(), Some("key=sk-1 crashed us \u{fffd}"));
    assert_eq!(said(500, "").body, None);
    let lossy = classify(500, &Head::default(), b"caf\xe9 closed");
    assert_eq!(lossy.body.as_deref(), Some("caf\u{fffd} closed"));
    let long = format!("{} sk-secret-0123456789", "x ".repeat(8190));
    let kept = said(500, &long).body.unwrap();
    assert!(kept.len() <= 16 * 1024 && long.starts_with(&kept));
    assert!(
        !kept.contains("sk-"),
        "half a key is worse than a whole one: nobody finds it"
    );
    let event = in_stream(&serde_json::json!({"error": {"message": "x"}}));
    assert_eq!(event.body.as_deref(), Some(r#"{"error":{"message":"x"}}"#));
}

#[test]
fn request_ids_are_found_in_words_fields_and_headers() {
    for body in [
        r#"{"error":{"message":"no (request id: 2026abc)"}}"#,
        r#"{"error":{"message":"no \uff08request id: 2026abc\uff09"}}"#,
        r#"{"error":{"message":"no. Request ID: 2026abc."}}"#,
        r#"{"error":{"message":"no"},"request_id":"2026abc"}"#,
        r#"{"error":{"message":"no","requestId":"2026abc"}}"#,
        r#"[{"error":{"message":"{\"error\":{\"message\":\"no (request id: 2026abc)\"}}"}}]"#,
        "upstream gone (request id: 2026abc)",
    ] {
        let head = Head {
            request_id: Some("of-the-header".to_owned()),
            ..Head::default()
        };
        let error = classify(500, &head, body.as_bytes());
        assert_eq!(error.request_id.as_deref(), Some("2026abc"), "{body}");
        let without = classify(500, &head, b"gone");
        assert_eq!(without.request_id.as_deref(), Some("of-the-header"));
    }
}
