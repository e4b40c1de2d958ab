//! The demo provider over HTTP, as any Gemini client meets it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "the helpers of a test may fail as the test itself may; a mean of bytes needs no precision"
)]

mod failures;
#[path = "../stream/harness.rs"]
#[expect(dead_code, reason = "the tests of streams use all of it")]
mod harness;
mod limits;
mod refusals;
mod stream;
mod turns;

use serde_json::{Value, json};
use tintype::demo::{Options, Server, Style, start};

fn client() -> reqwest::Client {
    // Installed by whichever test comes first; the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn serve(style: Style, speed: f64) -> Server {
    start(Options {
        port: 0,
        style,
        speed,
    })
    .await
    .unwrap()
}

fn address(server: &Server, model: &str, method: &str) -> String {
    format!("{}/v1beta/models/{model}:{method}", server.base_url())
}

fn ask(prompt: &str) -> Value {
    json!({
        "contents": [{"role": "user", "parts": [{"text": prompt}]}],
        "generationConfig": {
            "responseModalities": ["TEXT", "IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "512"},
        },
    })
}

/// Status and body of a request.
async fn post(url: &str, body: &Value) -> (u16, String) {
    let response = client().post(url).body(body.to_string()).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn stream(server: &Server, model: &str, body: &Value) -> (u16, String) {
    post(&address(server, model, "streamGenerateContent?alt=sse"), body).await
}

/// The events of an SSE body, after checking that it is exactly as clients want it.
fn events(body: &str, end: &str) -> Vec<Value> {
    let blank = format!("{end}{end}");
    assert!(body.ends_with(&blank), "a blank line follows the last event too");
    assert_eq!(body.contains('\r'), end == "\r\n");
    body.trim_end_matches(&blank)
        .split(&blank)
        .map(|event| {
            let json = event
                .strip_prefix("data: ")
                .expect("one space, no comments, no event names");
            assert!(!json.contains('\n'), "one line per event");
            serde_json::from_str(json).unwrap()
        })
        .collect()
}

fn parts(events: &[Value]) -> Vec<Value> {
    let of = |event: &Value| event["candidates"][0]["content"]["parts"].as_array().cloned();
    events.iter().filter_map(of).flatten().collect()
}

fn thoughts(events: &[Value]) -> Vec<String> {
    let is_thought = |part: &&Value| part["thought"] == true && part["text"].is_string();
    let text = |part: &Value| part["text"].as_str().unwrap().to_owned();
    parts(events).iter().filter(is_thought).map(text).collect()
}

/// The part that holds the picture itself, not the draft.
fn result(events: &[Value]) -> Value {
    let is_result = |part: &Value| part["inlineData"].is_object() && part["thought"] != true;
    parts(events).into_iter().find(is_result).expect("a picture")
}

fn bytes(part: &Value) -> Vec<u8> {
    let data = part["inlineData"]["data"].as_str().unwrap();
    base64_simd::STANDARD.decode_to_vec(data).unwrap()
}

fn pixels(bytes: &[u8]) -> image::RgbImage {
    image::load_from_memory(bytes).unwrap().into_rgb8()
}

fn message(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body["error"]["message"].as_str().unwrap().to_owned()
}
