//! An answer whose every byte is known: what it says, where in the body, so that after any offset it can be told what must
//! have been kept.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::chance::Chance;

/// What a stretch of the body carries.
pub(crate) enum Carries {
    Thought(Spelled),
    Words(Spelled),
    /// A picture as base64.
    Picture {
        bytes: Vec<u8>,
        draft: bool,
    },
}

/// A text, each character of which takes this many bytes of the body.
pub(crate) struct Spelled {
    text: String,
    bytes_each: usize,
}

impl Spelled {
    fn plain(text: &str) -> Self {
        assert!(text.is_ascii());
        Self {
            text: text.to_owned(),
            bytes_each: 1,
        }
    }

    /// Returns what the first `bytes` bytes of it say.
    pub(crate) fn beginning(&self, bytes: usize) -> String {
        self.text.chars().take(bytes / self.bytes_each).collect()
    }
}

/// The body of an answer: a stream of events.
pub(crate) struct Script {
    pub(crate) body: Vec<u8>,
    /// Where in the body what stands.
    pub(crate) stretches: Vec<(Range<usize>, Carries)>,
}

impl Script {
    fn event(&mut self, before: &str, text: &str, after: &str, carries: Carries) {
        let head =
            format!("data: {{\"candidates\":[{{\"content\":{{\"role\":\"model\",\"parts\":[{{{before}");
        self.body.extend_from_slice(head.as_bytes());
        self.stretch(text, carries);
        self.body
            .extend_from_slice(format!("{after}}}]}}}}]}}\r\n\r\n").as_bytes());
    }

    fn thought(&mut self, text: &str) {
        let carries = Carries::Thought(Spelled::plain(text));
        self.event("\"thought\":true,\"text\":\"", text, "\"", carries);
    }

    /// A thought of letters that JSON spells with six bytes each, as servers do that escape all but ASCII.
    fn escaped_thought(&mut self, letters: usize) {
        let carries = Carries::Thought(Spelled {
            text: "\u{e9}".repeat(letters),
            bytes_each: 6,
        });
        let text = r"\u00e9".repeat(letters);
        self.event("\"thought\":true,\"text\":\"", &text, "\"", carries);
    }

    /// One text with an image woven into it as a data URL, and words on both sides.
    fn woven(&mut self, before: &str, bytes: Vec<u8>, after: &str) {
        self.body.extend_from_slice(
            b"data: {\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"",
        );
        self.stretch(before, Carries::Words(Spelled::plain(before)));
        self.body.extend_from_slice(b"![a fox](data:image/png;base64,");
        let text = base64_simd::STANDARD.encode_to_string(&bytes);
        self.stretch(&text, Carries::Picture { bytes, draft: false });
        self.body.extend_from_slice(b")");
        self.stretch(after, Carries::Words(Spelled::plain(after)));
        self.body.extend_from_slice(b"\"}]}}]}\r\n\r\n");
    }

    fn stretch(&mut self, text: &str, carries: Carries) {
        let start = self.body.len();
        self.body.extend_from_slice(text.as_bytes());
        self.stretches.push((start..self.body.len(), carries));
    }

    fn end(&mut self) {
        self.body.extend_from_slice(
            b"data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]},\"finishReason\":\"STOP\"}],\
              \"usageMetadata\":{\"promptTokenCount\":8,\"totalTokenCount\":1290}}\r\n\r\n",
        );
    }

    /// An answer of long texts: a thought of many escapes, one above 64 KiB, and an image woven into words.
    pub(crate) fn of_long_texts(seed: u64) -> Self {
        let mut script = Self::empty();
        let mut chance = Chance::new(seed);
        script.escaped_thought(14_000);
        script.thought(&"The fox looks at the moon. ".repeat(2600));
        let bytes = image(&chance.bytes(90_000));
        script.woven(
            "Here is your fox, as you asked: ",
            bytes,
            " and a word behind it.",
        );
        script.end();
        script
    }

    /// An answer of one thought and one image of about 100 KB, which is diverted into a spool file on its way.
    pub(crate) fn small(seed: u64) -> Self {
        let mut script = Self::empty();
        let bytes = image(&Chance::new(seed).bytes(100_000));
        script.thought("The fox should sit left of the centre.");
        script.picture(bytes, false);
        script.end();
        script
    }

    fn empty() -> Self {
        Self {
            body: Vec::new(),
            stretches: Vec::new(),
        }
    }

    fn picture(&mut self, bytes: Vec<u8>, draft: bool) {
        let before = if draft { "\"thought\":true," } else { "" };
        let before = format!("{before}\"inlineData\":{{\"mimeType\":\"image/png\",\"data\":\"");
        let text = base64_simd::STANDARD.encode_to_string(&bytes);
        let after = if draft {
            "\"}"
        } else {
            "\"},\"thoughtSignature\":\"c2lnbmF0dXJl\""
        };
        self.event(&before, &text, after, Carries::Picture { bytes, draft });
    }

    /// Thoughts, two drafts (one too short to leave its event), words, a picture, the end.
    pub(crate) fn new(seed: u64) -> Self {
        Self::with_picture(seed, 600_000)
    }

    /// The bytes of the picture that is the result.
    pub(crate) fn result(&self) -> &[u8] {
        let result = self.stretches.iter().find_map(|(_, carries)| match carries {
            Carries::Picture { bytes, draft: false } => Some(bytes),
            _ => None,
        });
        result.unwrap()
    }

    /// [`Script::new`] with a result of about this many bytes.
    pub(crate) fn with_picture(seed: u64, length: usize) -> Self {
        let mut script = Self::empty();
        let mut chance = Chance::new(seed);
        let mut picture = |length| image(&chance.bytes(length));
        let (small, middle, large) = (picture(20_000), picture(150_000), picture(length));
        script.thought("The fox should sit left of the centre. ");
        script.thought("Its fur wants warm light; I will try a first draft of it, then look at the whole. ");
        script.picture(small, true);
        script.thought("The tail is too long. ");
        script.picture(middle, true);
        script.thought("Better; now the picture itself.");
        let words = "Here is your fox.";
        script.event("\"text\":\"", words, "\"", Carries::Words(Spelled::plain(words)));
        script.picture(large, false);
        script.end();
        script
    }
}

/// A PNG that is whole by its structure, whatever its pixels are.
pub(crate) fn image(pixels: &[u8]) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_be_bytes();
        [length.as_slice(), kind, data, &[0; 4]].concat()
    };
    let header = chunk(b"IHDR", b"\0\0\0\x40\0\0\0\x30\x08\x02\0\0\0");
    let chunks = [header, chunk(b"IDAT", pixels), chunk(b"IEND", b"")];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

/// A call that has been received whole and is answered piece by piece.
pub(crate) struct Call(TcpStream);

impl Call {
    /// Sends this much more of the body; false where the client is gone.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        let head = format!("{:x}\r\n", bytes.len());
        self.0.write_all(head.as_bytes()).is_ok()
            && self.0.write_all(bytes).is_ok()
            && self.0.write_all(b"\r\n").is_ok()
    }

    /// Ends the body as it should.
    pub(crate) fn end(mut self) {
        let _gone = self.0.write_all(b"0\r\n\r\n");
    }
}

/// A provider on a port of its own; its calls come through the channel, each with its answer opened.
pub(crate) struct Provider {
    pub(crate) base_url: String,
    pub(crate) calls: Receiver<Call>,
}

impl Provider {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let (told, calls) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let told = told.clone();
                thread::spawn(move || receive(stream, &told));
            }
        });
        Self { base_url, calls }
    }
}

fn receive(mut stream: TcpStream, told: &Sender<Call>) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let (mut end, mut wanted) = (None, usize::MAX);
    while bytes.len() < wanted {
        let Ok(length @ 1..) = stream.read(&mut buffer) else {
            return;
        };
        bytes.extend_from_slice(&buffer[..length]);
        if end.is_none()
            && let Some(at) = bytes.windows(4).position(|part| part == b"\r\n\r\n")
        {
            let head = String::from_utf8_lossy(&bytes[..at]).to_ascii_lowercase();
            let body = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            wanted = at + 4 + body.map_or(0, |length| length.trim().parse::<usize>().unwrap());
            end = Some(at);
        }
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    if stream.write_all(head.as_bytes()).is_ok() {
        let _nobody_waits = told.send(Call(stream));
    }
}
