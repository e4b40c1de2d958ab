//! Answers that would fill the memory or keep the program from listening: floods of every kind of thing that an answer may
//! hold, with the image at their end. On the real program, by its peak of memory, by what it keeps, and by how soon it stops.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::tintype;

/// The memory that a flood may take beyond an honest answer.
const BOUND_KB: u64 = 64_000;
const MB: usize = 1_000_000;

/// A body in pieces.
type Pieces = Box<dyn Iterator<Item = String> + Send>;

fn event(parts: &str) -> String {
    format!("data: {{\"candidates\":[{{\"content\":{{\"role\":\"model\",\"parts\":[{parts}]}}}}]}}\r\n\r\n")
}

/// An event with so many repetitions in a list, each with its number in place of `#`.
fn flood(before: &str, repeated: &str, count: usize, after: &str) -> Pieces {
    let mut event = format!("data: {before}");
    for number in 0..count {
        if number > 0 {
            event.push(',');
        }
        event.push_str(&repeated.replace('#', &number.to_string()));
    }
    event.push_str(after);
    event.push_str("\r\n\r\n");
    Box::new([event].into_iter())
}

fn flood_of_parts(part: &str, count: usize) -> Pieces {
    flood("{\"candidates\":[{\"content\":{\"parts\":[", part, count, "]}}]}")
}

/// The same event so often.
fn again(event: String, count: usize) -> Pieces {
    Box::new((0..count).map(move |_| event.clone()))
}

/// A PNG whose data is too long to stay in its event.
fn image() -> Vec<u8> {
    let mut bytes = super::pictures::png(4, 4);
    let mut state = 7_u64;
    bytes.extend((0..100_000).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    }));
    bytes
}

fn last_event() -> String {
    let data = STANDARD.encode(image());
    format!(
        "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"inlineData\":{{\"mimeType\":\"image/png\",\"data\":\"{data}\"}}}}]}},\
         \"finishReason\":\"STOP\"}}]}}\r\n\r\n"
    )
}

/// Answers one call with these pieces, then what `before_end` waits for, then the image. Ends early where the client does.
fn serve(pieces: Pieces, before_end: impl FnOnce() + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        receive(&mut stream);
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_owned();
        for piece in std::iter::once(head).chain(pieces) {
            if stream.write_all(piece.as_bytes()).is_err() {
                return;
            }
        }
        before_end();
        let _gone = stream.write_all(last_event().as_bytes());
    });
    base_url
}

/// Reads a request to its end.
fn receive(stream: &mut TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..length]);
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let wanted = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            if body.len() >= wanted.unwrap().trim().parse().unwrap() {
                return;
            }
        }
    }
}

fn generate(home: &Path, base_url: &str) -> Child {
    let args = [
        "generate",
        "a fox",
        "-q",
        "-p",
        "demo",
        "--json",
        "--retries",
        "0",
    ];
    tintype(home, &args)
        .args(["--base-url", base_url])
        .stdout(Stdio::from(std::fs::File::create(home.join("out")).unwrap()))
        .stderr(Stdio::from(std::fs::File::create(home.join("err")).unwrap()))
        .spawn()
        .unwrap()
}

struct Ended {
    code: Option<i32>,
    peak_kb: u64,
    report: Value,
}

impl Ended {
    /// Returns whether the image came through, whatever was before it.
    fn has_image(&self) -> bool {
        let images = self.report["images"].as_array().unwrap();
        let is_it = |image: &Value| std::fs::read(image["path"].as_str().unwrap()).unwrap() == self::image();
        images.iter().any(is_it)
    }

    fn warns_of(&self, words: &str) -> bool {
        let warnings = self.report["warnings"].as_array().unwrap();
        warnings
            .iter()
            .any(|warning| warning.as_str().unwrap().contains(words))
    }
}

fn ended(home: &Path, child: Child) -> Ended {
    let (code, peak_kb, _) = super::pictures::measured(child);
    let out = std::fs::read_to_string(home.join("out")).unwrap();
    let err = std::fs::read_to_string(home.join("err")).unwrap();
    Ended {
        code,
        peak_kb,
        report: serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out} {err}")),
    }
}

fn run(pieces: Pieces) -> (Ended, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let base_url = serve(pieces, || {});
    let child = generate(home.path(), &base_url);
    (ended(home.path(), child), home)
}

#[test]
fn a_flood_of_anything_costs_little_and_the_image_at_its_end_is_kept() {
    let words = "lorem ipsum ".repeat(300);
    let (honest, _home) = run(again(event("{\"text\":\"so\",\"thought\":true}"), 1));
    assert_eq!(honest.code, Some(0));
    assert!(honest.has_image());
    let open_links = "![](http://a".repeat(5000);
    #[rustfmt::skip]
    let floods: Vec<(&str, Pieces, &str)> = vec![
        ("thoughts", again(event(&format!("{{\"text\":\"{words}\",\"thought\":true}}")), 30 * MB / words.len()),
            "Thoughts longer than 2 MB are not shown; 2"),
        ("long thoughts", again(event(&format!("{{\"text\":\"{}\",\"thought\":true}}", words.repeat(20))), 30 * MB / words.len() / 20),
            "Thoughts longer than 2 MB are not shown; 2"),
        ("one thought", Box::new(
            ["data: {\"candidates\":[{\"content\":{\"parts\":[{\"thought\":true,\"text\":\"".to_owned()].into_iter()
                .chain(std::iter::repeat_n(words.clone(), 30 * MB / words.len()))
                .chain(["\"}]}}]}\r\n\r\n".to_owned()])),
            "Thoughts longer than 2 MB are not shown; 2"),
        ("words", again(event(&format!("{{\"text\":\"{words}\"}}")), 30 * MB / words.len()), "Text longer than 2 MB is not kept; 2"),
        ("parts", flood_of_parts("{\"text\":\"a\"}", 300_000), ""),
        ("parts of two kinds", flood_of_parts("{\"text\":\"a\"},{\"text\":\"b\",\"thought\":true}", 150_000), ""),
        ("signatures", flood_of_parts(&format!("{{\"text\":\"a\",\"thoughtSignature\":\"{}\"}}", "s".repeat(700)), 10_000),
            "Signatures beyond"),
        ("long signatures", again(event(&format!("{{\"text\":\"a\",\"thoughtSignature\":\"{}\"}}", "s".repeat(1_000_000))), 80),
            "Signatures beyond"),
        ("specks", flood_of_parts("{\"inlineData\":{\"data\":\"A#\"}}", 100_000), "Small images beyond the first 256 are not kept"),
        ("specks in text", again(event(&format!("{{\"text\":\"{}\"}}", " data:image/png;base64,QUJD".repeat(20_000))), 1),
            "3 bytes that are no picture"),
        ("sources", flood("{\"candidates\":[{\"groundingMetadata\":{\"groundingChunks\":[", "{\"web\":{\"uri\":\"x#\"}}", 260_000, "]}}]}"),
            "Sources beyond the first 1000,"),
        ("links", flood_of_parts("{\"fileData\":{\"fileUri\":\"https://a/#\"}}", 100_000), "Links to images beyond the first 64,"),
        ("links that never end", again(event(&format!("{{\"text\":\"{open_links}\"}}")), 20), ""),
        ("remarks", Box::new((0..5000).map(|number| format!("data: {{\"modelStatus\":{{\"message\":\"m{number}\"}}}}\r\n\r\n"))),
            "remarks beyond the first 100"),
        ("candidates", flood("{\"candidates\":[", "{\"finishMessage\":\"a\"}", 200_000, "]}"), ""),
        ("errors", flood("[", "{\"error\":1}", 300_000, "]"), "ended with an error"),
        ("strangers", flood("[", "{\"a\":1}", 300_000, "]"), ""),
        ("numbers", flood("{\"x\":[", "0", 2_000_000, "]}"), ""),
        ("objects", flood("{\"x\":[", "{\"\":0}", 1_000_000, "]}"), ""),
        ("lists", flood("[", "[]", 2_000_000, "]"), ""),
        ("names", again(format!("data: {{\"modelVersion\":\"{0}\",\"responseId\":\"{0}\"}}\r\n\r\n", "v".repeat(60_000)), 100), ""),
        ("usage", Box::new((0..50_000).map(|number| format!("data: {{\"usageMetadata\":{{\"totalTokenCount\":{number}}}}}\r\n\r\n"))), ""),
    ];
    for (name, pieces, warning) in floods {
        let begun = Instant::now();
        let (flooded, _home) = run(pieces);
        let report = flooded.report.to_string();
        let what = || format!("{name}: {}", report.get(..3000).unwrap_or(&report));
        assert_eq!(flooded.code, Some(0), "{}", what());
        assert!(flooded.has_image(), "{}", what());
        assert!(warning.is_empty() || flooded.warns_of(warning), "{}", what());
        let more = flooded.peak_kb.saturating_sub(honest.peak_kb);
        assert!(more < BOUND_KB, "{name} takes {more} KB more");
        println!("{name}: {} KB more, {:?}", more, begun.elapsed());
    }
}

/// The bytes of all files below a folder.
fn bytes_below(folder: &Path) -> u64 {
    let files = super::below(folder);
    files
        .iter()
        .map(|path| path.metadata().map_or(0, |facts| facts.len()))
        .sum()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + crate::PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn thoughts_that_are_not_shown_are_in_the_journal_until_the_end() {
    let home = tempfile::tempdir().unwrap();
    let thought = event(&format!(
        "{{\"text\":\"{}\",\"thought\":true}}",
        "a thought ".repeat(1000)
    ));
    let state: PathBuf = home.path().join(".local/state/tintype");
    let journal = state.join("journal");
    let base_url = serve(again(thought, 500), move || {
        wait_until("5 MB in the journal", || {
            journal.is_dir() && bytes_below(&journal) > 5_000_000
        });
    });
    let child = generate(home.path(), &base_url);
    let ended = ended(home.path(), child);
    assert_eq!(ended.code, Some(0));
    assert!(ended.has_image());
    assert!(ended.warns_of("Thoughts longer than 2 MB are not shown; 3 MB left out"));
    assert!(
        bytes_below(&state.join("journal")) < 1000,
        "nothing is left of it"
    );
}

#[test]
fn a_flood_does_not_keep_the_program_from_stopping() {
    let sources = || {
        let chunks = |event: usize| {
            let chunks: Vec<String> = (0..200_000)
                .map(|number| format!("{{\"web\":{{\"uri\":\"x{event}-{number}\"}}}}"))
                .collect();
            format!(
                "data: {{\"candidates\":[{{\"groundingMetadata\":{{\"groundingChunks\":[{}]}}}}]}}\r\n\r\n",
                chunks.join(",")
            )
        };
        Box::new((0..100).map(chunks)) as Pieces
    };
    let thoughts = || {
        let thought = event("{\"text\":\"a\",\"thought\":true}").repeat(1000);
        Box::new(std::iter::repeat_n(thought, 100_000)) as Pieces
    };
    let floods: [(&str, &dyn Fn() -> Pieces); 2] = [("sources", &sources), ("thoughts", &thoughts)];
    for (name, pieces) in floods {
        for signal in [Signal::INT, Signal::TERM] {
            let home = tempfile::tempdir().unwrap();
            let base_url = serve(pieces(), || {});
            let mut child = generate(home.path(), &base_url);
            let state = home.path().join(".local/state/tintype/journal");
            wait_until("the flood", || state.is_dir() && bytes_below(&state) > 10_000_000);
            let begun = Instant::now();
            kill_process(Pid::from_child(&child), signal).unwrap();
            wait_until("the end", || child.try_wait().unwrap().is_some());
            let took = begun.elapsed();
            assert!(took < Duration::from_secs(5), "{name}, {signal:?}: {took:?}");
            assert_eq!(child.wait().unwrap().code(), Some(130), "{name}, {signal:?}");
            println!("{name}, {signal:?}: {took:?}");
        }
    }
}
