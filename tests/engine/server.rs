//! A provider for one call, held at a gate: nothing of its answer goes out before the test lets it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that has not been called yet.
pub(crate) struct Server {
    listener: TcpListener,
    pub(crate) base_url: String,
}

/// A call that has been received whole and waits for its answer.
pub(crate) struct Call {
    stream: TcpStream,
    /// Request line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        Self { listener, base_url }
    }

    /// Waits for the next call, which fetches a file.
    pub(crate) async fn get(&self) -> Call {
        let call = self.call().await;
        assert!(
            call.body.is_empty() && call.head.starts_with("GET "),
            "{}",
            call.head
        );
        call
    }

    /// Waits for the next call.
    pub(crate) async fn call(&self) -> Call {
        let (mut stream, mut bytes) = loop {
            let (mut stream, _) = self.listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            stream.read_buf(&mut bytes).await.unwrap();
            // A server that gave no answer is asked whether it speaks TLS.
            if bytes.first() != Some(&0x16) {
                break (stream, bytes);
            }
        };
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
                break end + 4;
            }
            assert!(
                stream.read_buf(&mut bytes).await.unwrap() > 0,
                "the call ended in its head"
            );
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(str::to_owned)
        });
        let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
        let mut body = bytes.split_off(end);
        while body.len() < length {
            assert!(
                stream.read_buf(&mut body).await.unwrap() > 0,
                "the call ended in its body"
            );
        }
        Call { stream, head, body }
    }
}

impl Call {
    /// The request's body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Opens the answer: a stream of events.
    pub(crate) async fn open(&mut self) {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        self.stream.write_all(head.as_bytes()).await.unwrap();
    }

    /// Lets this much of the body through the gate.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let head = format!("{:x}\r\n", bytes.len());
        self.stream.write_all(head.as_bytes()).await.unwrap();
        self.stream.write_all(bytes).await.unwrap();
        self.stream.write_all(b"\r\n").await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Ends the body as it should.
    pub(crate) async fn end(mut self) {
        self.stream.write_all(b"0\r\n\r\n").await.unwrap();
        self.stream.shutdown().await.unwrap();
    }

    /// Breaks the connection off in the middle of the body.
    pub(crate) fn cut(self) {
        drop(self.stream);
    }

    /// Answers with another status and a JSON body.
    pub(crate) async fn refuse(mut self, status: &str, body: &str) {
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(answer.as_bytes()).await.unwrap();
        self.stream.shutdown().await.unwrap();
    }

    /// Answers with a file.
    pub(crate) async fn give(mut self, status: &str, kind: &str, body: &[u8]) {
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await.unwrap();
        self.stream.write_all(body).await.unwrap();
        self.stream.shutdown().await.unwrap();
    }

    /// Announces a refusal whose body does not come.
    pub(crate) async fn begin_refusal(&mut self) {
        let head = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 100\r\n\r\n";
        self.stream.write_all(head.as_bytes()).await.unwrap();
    }

    /// Waits until the client has gone away.
    pub(crate) async fn hung_up(mut self) {
        let mut rest = Vec::new();
        let _reset = self.stream.read_to_end(&mut rest).await;
    }
}
