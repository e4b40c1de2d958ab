//! Requests that are refused, and failures on request.

use std::time::Duration;

use serde_json::{Value, json};
use tintype::demo::Style;

use super::{address, ask, client, events, message, post, serve, stream, thoughts};

#[tokio::test]
async fn requests_that_google_would_refuse_are_refused_in_its_words() {
    let server = serve(Style::Google, 0.0).await;
    let with = |field: &str, value: &str| {
        let mut body = ask("hills");
        body["generationConfig"]["imageConfig"][field] = json!(value);
        body
    };
    let cases = [
        (
            "gemini-3.1-flash-image",
            with("aspectRatio", "16x9"),
            400,
            "aspect_ratio must be one of '1:1'",
        ),
        (
            "gemini-3-pro-image",
            with("aspectRatio", "1:8"),
            400,
            "aspect_ratio must be one of '1:1'",
        ),
        (
            "gemini-3.1-flash-image",
            with("imageSize", "1k"),
            400,
            "image_size must be one of '512', '1K'",
        ),
        (
            "gemini-9",
            ask("hills"),
            404,
            "models/gemini-9 is not found for API version v1beta",
        ),
        (
            "gemini-3.1-flash-image",
            json!({}),
            400,
            "contents is not specified",
        ),
        (
            "gemini-3.1-flash-image",
            json!({"contents": [{"role": "system", "parts": [{"text": "x"}]}]}),
            400,
            "valid role",
        ),
        (
            "gemini-3.1-flash-image",
            json!({"contents": [{"parts": [{"text": "x"}, {"inlineData": {"mimeType": "image/png", "data": "aGVsbG8="}}]}]}),
            400,
            "Unable to process input image",
        ),
    ];
    for (model, body, status, words) in cases {
        let (got, answer) = stream(&server, model, &body).await;
        assert_eq!(got, status, "{answer}");
        assert!(message(&answer).contains(words), "{answer}");
    }
    let url = address(&server, "gemini-3.1-flash-image", "streamGenerateContent?alt=sse");
    let response = client().post(&url).body("{\"contents\": [").send().await.unwrap();
    assert_eq!(response.status(), 400);
    let (status, array) = post(&address(&server, "gemini-9", "streamGenerateContent"), &ask("x")).await;
    assert_eq!(status, 404);
    assert!(
        array.starts_with('['),
        "an error comes in an array where an array was to come"
    );
    let response = client()
        .get(format!("{}/nowhere", server.base_url()))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn a_body_of_more_than_20_mb_is_refused_with_words() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, "m", "streamGenerateContent?alt=sse");
    let response = client()
        .post(&url)
        .body(vec![b' '; 20_000_001])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 413);
    assert!(message(&response.text().await.unwrap()).contains("exceeds the limit"));
}

#[tokio::test]
async fn failures_come_on_request() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, "m", "streamGenerateContent?alt=sse");
    let response = client()
        .post(&url)
        .body(ask("a fox fail:429").to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 429);
    assert!(response.headers().contains_key("retry-after"));
    let body: Value = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    assert_eq!(body["error"]["status"], "RESOURCE_EXHAUSTED");
    assert!(body["error"]["details"].to_string().contains("retryDelay"));

    let (status, body) = stream(&server, "m", &ask("a fox fail:safety")).await;
    let refused = events(&body, "\n");
    assert_eq!(status, 200);
    assert!(!thoughts(&refused).is_empty());
    let reason = refused
        .iter()
        .find_map(|event| event["candidates"][0]["finishReason"].as_str());
    assert_eq!(reason, Some("IMAGE_SAFETY"));
    assert!(body.contains("finishMessage") && !body.contains("image/png"));

    let (_, body) = stream(&server, "m", &ask("a fox fail:blocked")).await;
    assert_eq!(
        events(&body, "\n")[0]["promptFeedback"]["blockReason"],
        "PROHIBITED_CONTENT"
    );
    for (name, status) in [
        ("500", 500),
        ("503", 503),
        ("401", 401),
        ("balance", 403),
        ("channel", 503),
        ("what", 400),
    ] {
        assert_eq!(
            stream(&server, "m", &ask(&format!("fail:{name}"))).await.0,
            status,
            "{name}"
        );
    }
    assert_eq!(stream(&server, "m", &ask("a fox fail:once")).await.0, 503);
    assert_eq!(stream(&server, "m", &ask("a fox fail:once")).await.0, 200);
}

#[tokio::test]
async fn a_cut_connection_breaks_off_in_the_middle_of_the_picture() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, "m", "streamGenerateContent?alt=sse");
    let mut response = client()
        .post(&url)
        .body(ask("a fox fail:cut").to_string())
        .send()
        .await
        .unwrap();
    let mut received = Vec::new();
    let broke = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received.extend_from_slice(&chunk),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broke, "the body must not end cleanly");
    let text = String::from_utf8(received).unwrap();
    let (_, picture) = text
        .rsplit_once("\"image/png\",\"data\":\"")
        .expect("the picture had begun");
    assert!(picture.len() > 10_000 && !picture.contains('"'));
}

#[tokio::test]
async fn a_stalled_answer_says_something_and_then_nothing() {
    let server = serve(Style::Relay, 0.0).await;
    let url = address(&server, "m", "streamGenerateContent?alt=sse");
    let mut response = client()
        .post(&url)
        .body(ask("a fox fail:stall").to_string())
        .send()
        .await
        .unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"data: "));
    let rest = tokio::time::timeout(Duration::from_millis(600), async {
        while let Some(chunk) = response.chunk().await.unwrap() {
            assert!(!chunk.windows(9).any(|window| window == b"image/png"));
        }
    });
    assert!(rest.await.is_err(), "it neither ends nor goes on");
}
