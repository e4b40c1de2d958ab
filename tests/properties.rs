//! Properties of everything that reads what a server sent: whatever comes, however it is cut, nothing panics, nothing
//! grows without bound, and the cuts make no difference. The inputs come from seeded chance: raw noise, the words of the
//! protocol in any order, and the example exchanges with something done to them.
#![expect(
    clippy::disallowed_methods,
    reason = "fixtures are files, and memory is read from the system"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test may fail as the test itself may"
)]

#[cfg(test)]
#[path = "stream/harness.rs"]
#[expect(dead_code, reason = "the tests of streams use all of it")]
mod harness;

use std::sync::{Mutex, PoisonError};

use harness::{Chance, run};
use tintype::error::{Kind, Retry};
use tintype::provider::blob::{Key, Sink, Step, Tokenizer};
use tintype::provider::gemini::failure::{Head, classify};
use tintype::provider::gemini::response::events;
use tintype::provider::sse::{Field, Lines};
use tintype::provider::stream::Decoder;

/// One test at a time: one of them measures the memory of all.
static TURN: Mutex<()> = Mutex::new(());

fn examples() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/exchanges");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "body"))
        .collect();
    files.sort();
    assert_eq!(files.len(), 30);
    files.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// The words of the protocol, whole and broken.
const WORDS: &[&str] = &[
    "data: ",
    "data:",
    "data",
    "dat",
    "event: error",
    "event:",
    "id: 7",
    "retry",
    ": PING",
    ":",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\r\r\n",
    " ",
    "\t",
    "[DONE]",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\\"",
    "\\u0000",
    "\\ud83d",
    "\\ude00",
    "\\u00",
    "\\n",
    "\\/",
    "null",
    "true",
    "-1.5e9",
    "\"candidates\":[",
    "{\"candidates\":[{\"content\":{\"parts\":[",
    "{\"text\":\"",
    "{\"inlineData\":{\"data\":\"",
    "\"thoughtSignature\":\"",
    "\"thought\":true",
    "]}}]}",
    "\"finishReason\":\"STOP\"",
    "{\"error\":{\"code\":429,\"message\":\"",
    "\"}}",
    "{\"error\":",
    "\"details\":[",
    "\"retryDelay\":\"34s\"",
    "{\"\\u0000\":[{\"p\":0}]}",
    "data:image/png;base64,",
    "![a](",
    ")",
    "https://a.example/x.png",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mO4oyEHAAMGASOxLw1cAAAAAElFTkSuQmCC",
    "/9j/4AAQ",
    "====",
    "<html><title>x</title>",
    "<",
    "\u{feff}",
    "\u{1f600}",
    "(request id: 1)",
    "retry in 9s",
    "无可用渠道",
    "\0",
    "\x1b",
];

/// An input of one of the three kinds.
fn input(chance: &mut Chance, examples: &[Vec<u8>]) -> Vec<u8> {
    match chance.below(8) {
        0 => {
            let length = chance.below(600);
            chance.bytes(length)
        }
        1 | 2 => {
            let mut soup = Vec::new();
            for _ in 0..chance.below(60) {
                soup.extend_from_slice(WORDS[chance.below(WORDS.len())].as_bytes());
            }
            soup
        }
        _ => {
            let mut body = examples[chance.below(examples.len())].clone();
            for _ in 0..=chance.below(4) {
                mutate(&mut body, chance, examples);
            }
            body
        }
    }
}

fn mutate(body: &mut Vec<u8>, chance: &mut Chance, examples: &[Vec<u8>]) {
    let stretch = |chance: &mut Chance, length: usize| {
        let start = chance.below(length + 1);
        start..(start + chance.below(200)).min(length)
    };
    let at = chance.below(body.len() + 1);
    match chance.below(9) {
        0 if !body.is_empty() => {
            let at = at.min(body.len() - 1);
            body[at] ^= 1 << chance.below(8);
        }
        1 => drop(body.drain(stretch(chance, body.len()))),
        2 => {
            let again = body[stretch(chance, body.len())].to_vec();
            body.splice(at..at, again);
        }
        3 => {
            let other = &examples[chance.below(examples.len())];
            let from = chance.below(other.len() + 1);
            body.truncate(at);
            body.extend_from_slice(&other[from..]);
        }
        4 => body.truncate(at),
        5 => {
            let word = WORDS[chance.below(WORDS.len())];
            body.splice(at..at, word.bytes());
        }
        6 => {
            let ends: [&[u8]; 4] = [b"\n", b"\r\n", b"\r", b""];
            let end = ends[chance.below(4)];
            *body = body.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(end);
        }
        7 => {
            let noise = chance.below(20);
            let noise = chance.bytes(noise);
            body.splice(at..at, noise);
        }
        // Long enough to be taken out of its event.
        _ => {
            let filler = [b"A".as_slice(), b"x ", b"QUJD", br"\u0041", br"\/"][chance.below(5)];
            body.splice(at..at, filler.repeat(70_000 / filler.len()));
        }
    }
}

fn cuts<'a>(body: &'a [u8], chance: &mut Chance) -> Vec<&'a [u8]> {
    let most = [2, 9, 100, 5000, 70_000][chance.below(5)];
    let mut cuts = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (cut, next) = rest.split_at(rest.len().min(chance.below(most) + 1));
        cuts.push(cut);
        rest = next;
    }
    cuts
}

fn told(text: &[u8]) -> String {
    String::from_utf8_lossy(&text[..text.len().min(3000)]).into_owned()
}

#[test]
fn an_answer_is_the_same_however_it_is_cut() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let examples = examples();
    let mut chance = Chance(0x7165_6e74_7970_6521);
    for number in 0..2500 {
        let body = input(&mut chance, &examples);
        let whole = run([body.as_slice()]);
        for _ in 0..2 {
            let cut = run(cuts(&body, &mut chance));
            assert!(
                cut == whole,
                "number {number}, {:?}\n{whole:?}\n{cut:?}",
                told(&body)
            );
        }
        match &whole.outcome.result {
            Ok(()) => assert!(
                !whole.results().is_empty(),
                "number {number}: success without a picture"
            ),
            Err(error) => {
                assert!(
                    !error.message.is_empty() && !error.hint.is_empty(),
                    "number {number}: {error:?}"
                );
                assert_eq!(error.retry, Retry::Never, "number {number}: an answer had begun");
                assert_ne!(error.kind, Kind::Internal, "number {number}");
            }
        }
        // The journal tells the same again.
        let again: Vec<_> = whole.husks.iter().flat_map(|husk| events(husk)).collect();
        assert!(
            whole.stopped || again == whole.events,
            "number {number}, {:?}",
            told(&body)
        );
    }
}

#[test]
fn a_refusal_of_any_bytes_is_one_error_in_plain_words() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let examples = examples();
    let mut chance = Chance(0x0b5e_55ed_0b5e_55ed);
    let statuses = [
        400, 401, 402, 403, 404, 408, 413, 429, 499, 500, 502, 503, 504, 520, 524, 200, 302, 999,
    ];
    for number in 0..6000 {
        let body = input(&mut chance, &examples);
        let status = statuses[chance.below(statuses.len())];
        let header = |chance: &mut Chance| {
            let bytes = input(chance, &examples);
            Some(String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned())
        };
        let head = Head {
            request_id: header(&mut chance),
            retry_after: header(&mut chance),
            date: header(&mut chance),
        };
        let error = classify(status, &head, &body);
        let what = || format!("number {number}: {status} {:?}\n{error:?}", told(&body));
        assert!(
            !error.message.is_empty() && !error.message.ends_with('.'),
            "{}",
            what()
        );
        assert!(!error.hint.is_empty(), "{}", what());
        assert_eq!(error.http_status, Some(status));
        assert!(
            error.body.as_ref().is_none_or(|body| body.len() <= 16 * 1024),
            "{}",
            what()
        );
        assert!(
            error.server.as_ref().is_none_or(|said| said.len() <= 4000),
            "{}",
            what()
        );
        assert!(error.message.len() < 1000, "{}", what());
        if let Retry::Safe { after_seconds } = error.retry {
            assert!(
                after_seconds.is_none_or(|seconds| (0.0..=300.0).contains(&seconds)),
                "{}",
                what()
            );
            assert!(
                ![400, 401, 402, 403, 404, 413, 499, 504, 524].contains(&status),
                "{}",
                what()
            );
        }
    }
}

#[test]
fn lines_and_strings_are_the_same_however_they_are_cut() {
    #[derive(Debug, Default, PartialEq)]
    struct Strings(Vec<Vec<u8>>);
    impl Sink for Strings {
        fn began(&mut self, _key: Key, head: &[u8], _husk: &[u8]) {
            self.0.push(head.to_vec());
        }
        fn bytes(&mut self, bytes: &[u8]) {
            self.0.last_mut().expect("it began").extend_from_slice(bytes);
        }
        fn ended(&mut self, husk: &mut Vec<u8>) {
            husk.extend_from_slice(b"0");
        }
    }
    let lines = |pieces: &[&[u8]]| {
        let mut seen: Vec<(u8, Vec<u8>)> = Vec::new();
        let mut take = |field: Field<'_>| match field {
            Field::Data(bytes) | Field::Raw(bytes) => {
                let kind = u8::from(matches!(field, Field::Raw(_)));
                match seen.last_mut() {
                    Some((last, open)) if *last == kind => open.extend_from_slice(bytes),
                    _ => seen.push((kind, bytes.to_vec())),
                }
            }
            Field::DataEnd => seen.push((2, Vec::new())),
            Field::RawEnd => seen.push((3, Vec::new())),
            Field::Name(name) => seen.push((4, name.to_vec())),
            Field::Comment => seen.push((5, Vec::new())),
            Field::Blank => seen.push((6, Vec::new())),
        };
        let mut lines = Lines::new();
        for piece in pieces {
            lines.push(piece, &mut take);
        }
        lines.finish(&mut take);
        seen
    };
    let value = |pieces: &[&[u8]]| {
        let (mut tokens, mut strings) = (Tokenizer::default(), Strings::default());
        let (mut used, mut done) = (0, false);
        for piece in pieces {
            match tokens.push(piece, &mut strings) {
                Ok(Step::More) => used += piece.len(),
                Ok(Step::Done(more)) => {
                    (used, done) = (used + more, true);
                    break;
                }
                Err(limit) => return (tokens.husk().to_vec(), strings, 0, format!("{limit:?}")),
            }
        }
        (tokens.husk().to_vec(), strings, used, format!("{done}"))
    };
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let examples = examples();
    let mut chance = Chance(0x5eed_5eed_5eed_5eed);
    for number in 0..3000 {
        let body = input(&mut chance, &examples);
        let pieces = cuts(&body, &mut chance);
        assert!(
            lines(&pieces) == lines(&[&body]),
            "number {number}, {:?}",
            told(&body)
        );
        // A value begins with a bracket.
        if let Some(start) = body.iter().position(|byte| b"{[".contains(byte)) {
            let pieces = cuts(&body[start..], &mut chance);
            assert!(
                value(&pieces) == value(&[&body[start..]]),
                "number {number}, {:?}",
                told(&body)
            );
        }
    }
}

/// What this process holds in memory, in bytes.
fn resident() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    pages
        .split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|pages| pages * 4096)
}

#[test]
fn garbage_without_end_is_not_held_in_memory() {
    const PIECE: usize = 1 << 16;
    const TOTAL: usize = 64 << 20;
    const BOUND: u64 = 32 << 20;
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(_) = resident() else { return };
    let heads = [
        "",
        "data: ",
        "data: {\"a\":\"",
        "data: {\"data\":\"",
        "data: {\"thoughtSignature\":\"",
        "data: {\"text\":\"",
        "data: [",
        "data: {\"",
        "event: ",
        ": ",
        "id: ",
        "{",
        "[",
        "{\"error\":\"",
        "<html>",
        "<title>",
        "\u{feff}",
    ];
    let fillers: [&[u8]; 9] = [
        b"A",
        b"7,",
        b" ",
        b"\\\\",
        b"\\u0041",
        b"\\ud83d",
        b"data:image/png;base64,",
        b"{\"a\":",
        b"\xff\xfe",
    ];
    for head in heads {
        for filler in fillers {
            let mut piece = filler.repeat(PIECE / filler.len() + 1);
            piece.truncate(PIECE / filler.len() * filler.len());
            let before = resident().unwrap();
            let mut decoder = Decoder::new();
            let mut out = |_output: tintype::provider::stream::Output<'_>| {};
            decoder.push(head.as_bytes(), &mut out);
            let mut most = 0;
            // The two that are one run of a kind go all the way, the others far enough to show a slope.
            let total = if filler == b"A" || filler == b"\\\\" {
                TOTAL
            } else {
                TOTAL / 8
            };
            for _ in 0..total / piece.len() {
                if decoder.stopped() {
                    break;
                }
                decoder.push(&piece, &mut out);
                most = most.max(resident().unwrap());
            }
            decoder.finish(&mut out);
            let grown = most.saturating_sub(before);
            assert!(
                grown < BOUND,
                "{head:?} and {:?}: {} MiB",
                told(filler),
                grown >> 20
            );
        }
    }
}
