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

/// Noise, so that it weighs enough to develop; the same each time.
pub(crate) fn picture() -> Vec<u8> {
    let mut state = 1_u32;
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
