//! A provider that is held at a gate: what it has let through is what the program has been told, and no more.

use std::path::Path;

use base64::Engine as _;
use tokio::runtime::{Builder, Runtime};

use crate::server::{Call, Server};
use crate::terminal::Start;

/// A provider for one program.
pub(crate) struct Provider {
    runtime: Runtime,
    server: Server,
    call: Option<Call>,
}

impl Provider {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let server = runtime.block_on(Server::start());
        Self {
            runtime,
            server,
            call: None,
        }
    }

    /// `tintype` that asks this provider.
    pub(crate) fn client<'a>(&self, home: &'a Path) -> Start<'a> {
        Start::new(home).args(&["-p", "demo", "--base-url", &self.server.base_url])
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.server.base_url
    }

    /// Waits for a request, and answers nothing.
    pub(crate) fn receive(&mut self) {
        self.call = Some(self.runtime.block_on(self.server.call()));
    }

    /// Waits for a request that is answered out of turn.
    pub(crate) fn take(&mut self) -> Call {
        self.runtime.block_on(self.server.call())
    }

    /// Answers one with a picture.
    pub(crate) fn answer_whole(&mut self, mut call: Call) {
        self.runtime.block_on(call.open());
        self.call = Some(call);
        self.half_a_picture();
        self.the_other_half();
    }

    /// Waits for a request and answers with this image.
    pub(crate) fn answer_with(&mut self, mime: &str, bytes: &[u8]) {
        self.answer();
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        self.part(&serde_json::json!({"inlineData": {"mimeType": mime, "data": data}}));
        self.say("data: {\"candidates\":[{\"finishReason\":\"STOP\"}]}\n\n");
        self.runtime.block_on(self.call.take().unwrap().end());
    }

    /// Begins to answer what was received.
    pub(crate) fn begin(&mut self) {
        let call = self.call.as_mut().unwrap();
        self.runtime.block_on(call.open());
    }

    /// Answers what was received with a word to come back after so many seconds.
    pub(crate) fn send_away(&mut self, seconds: u32) {
        let call = self.call.take().unwrap();
        let body = serde_json::json!({"error": {
            "code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Too many requests",
            "details": [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s")}],
        }});
        self.runtime
            .block_on(call.refuse("429 Too Many Requests", &body.to_string()));
    }

    /// A whole draft.
    pub(crate) fn draft(&mut self) {
        let data = base64::engine::general_purpose::STANDARD.encode(noise(2));
        self.part(&serde_json::json!({
            "inlineData": {"mimeType": "image/png", "data": data}, "thought": true,
        }));
    }

    /// Waits for a request and begins to answer.
    pub(crate) fn answer(&mut self) {
        self.call = Some(self.runtime.block_on(async {
            let mut call = self.server.call().await;
            call.open().await;
            call
        }));
    }

    fn say(&mut self, text: &str) {
        let call = self.call.as_mut().unwrap();
        self.runtime.block_on(call.send(text));
    }

    fn part(&mut self, part: &serde_json::Value) {
        let event = serde_json::json!({"candidates": [{"content": {"role": "model", "parts": [part]}}]});
        self.say(&format!("data: {event}\n\n"));
    }

    pub(crate) fn think(&mut self, text: &str) {
        self.part(&serde_json::json!({"text": text, "thought": true}));
    }

    pub(crate) fn talk(&mut self, text: &str) {
        self.part(&serde_json::json!({"text": text}));
    }

    /// The first half of a picture.
    pub(crate) fn half_a_picture(&mut self) {
        let data = base64::engine::general_purpose::STANDARD.encode(picture());
        let head = r#"data: {"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":""#;
        self.say(&format!("{head}{}", &data[..data.len() / 2]));
    }

    /// The other half, and the end of the answer.
    pub(crate) fn the_other_half(&mut self) {
        let data = base64::engine::general_purpose::STANDARD.encode(picture());
        let tail = r#""}}]},"finishReason":"STOP"}]}"#;
        self.say(&format!("{}{tail}\n\n", &data[data.len() / 2..]));
        self.runtime.block_on(self.call.take().unwrap().end());
    }

    /// Waits until the program has hung up.
    pub(crate) fn wait_hung_up(&mut self) {
        self.runtime.block_on(self.call.take().unwrap().hung_up());
    }
}

/// The picture that every answer ends with.
pub(crate) fn picture() -> Vec<u8> {
    noise(1)
}

/// Noise, so that it weighs enough to develop; the same each time.
fn noise(seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let pixels = (0..320 * 200 * 3).map(|_| noise()).collect();
    let picture = image::RgbImage::from_raw(320, 200, pixels).unwrap();
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}
