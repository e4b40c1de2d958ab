//! A provider that answers every request at once with the same body, and counts the requests.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A provider on a port of its own.
pub(crate) struct Answering {
    pub(crate) base_url: String,
    requests: Arc<AtomicUsize>,
}

impl Answering {
    /// Answers with this body, the stream of events of a whole answer.
    pub(crate) fn with(body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (body, counted) = (Arc::new(body), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (body, counted) = (Arc::clone(&body), Arc::clone(&counted));
                thread::spawn(move || answer(stream, &body, &counted));
            }
        });
        Self { base_url, requests }
    }

    /// How many requests have come in.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn answer(mut stream: TcpStream, body: &[u8], requests: &AtomicUsize) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if !matches!(stream.read(&mut byte), Ok(1)) {
            return;
        }
        head.push(byte[0]);
    }
    requests.fetch_add(1, Ordering::SeqCst);
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    let mut request = vec![0; length];
    if stream.read_exact(&mut request).is_err() {
        return;
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _gone = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
}

/// An image of an answer: its bytes, and whether the model marked it as a draft.
pub(crate) type Sent<'a> = (&'a [u8], bool);

/// A whole answer with these images, each in an event of its own.
pub(crate) fn body(parts: &[Sent<'_>]) -> Vec<u8> {
    body_with_signature(parts, None)
}

/// [`body`] with a signature at the last of the images.
pub(crate) fn body_with_signature(parts: &[Sent<'_>], signature: Option<&str>) -> Vec<u8> {
    let mut body = String::new();
    let last = parts.len() - 1;
    for (number, (bytes, draft)) in parts.iter().enumerate() {
        let data = base64_simd::STANDARD.encode_to_string(bytes);
        let thought = if *draft { "\"thought\":true," } else { "" };
        let signature = signature.filter(|_| number == last);
        let signature = signature.map_or(String::new(), |text| format!(",\"thoughtSignature\":\"{text}\""));
        let part = format!(
            "{{{thought}\"inlineData\":{{\"mimeType\":\"image/png\",\"data\":\"{data}\"}}{signature}}}"
        );
        let event = format!(
            "data: {{\"candidates\":[{{\"content\":{{\"role\":\"model\",\"parts\":[{part}]}}}}]}}\r\n\r\n"
        );
        body.push_str(&event);
    }
    body.push_str(
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]},\"finishReason\":\"STOP\"}]}\r\n\r\n",
    );
    body.into_bytes()
}
