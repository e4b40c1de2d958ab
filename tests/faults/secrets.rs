//! Killed while a server repeats the key: neither what the program leaves behind nor what recovery makes of it, which has no
//! key, holds it in any spelling.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tintype::domain::{Secret, Spellings};

use crate::program::Home;
use crate::script::Provider;

const KEY: &str = "sk-Hid/den+123qQ==";

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}

/// Looks through every byte of the home.
fn assert_hidden(home: &Home, what: &str) {
    let spellings = Spellings::of(&Secret::new(KEY).into()).unwrap();
    for path in files(home.path()) {
        let bytes = std::fs::read(&path).unwrap();
        let found = spellings.redacted_where_whole(&bytes);
        assert!(found.is_none(), "{what}: {} holds the key", path.display());
        // Nor does it hold most of it.
        let found = memchr::memmem::find(&bytes, &KEY.as_bytes()[..10]);
        assert_eq!(found, None, "{what}: {} holds a part of the key", path.display());
    }
}

/// Starts a generation and kills it when it has reported all of `body`.
fn kill_after(home: &Home, provider: &Provider, body: &[u8]) {
    let mut command = home.program(&["generate", "a red fox", "--events", "-q", "-p", "google", "-m"]);
    let command = command
        .args(["gemini-3-pro-image", "--base-url", &provider.base_url])
        .env("GEMINI_API_KEY", KEY);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut call = provider.calls.recv().unwrap();
    // In pieces that fit neither events nor spellings.
    let mut sent = 0;
    let mut received = 0;
    for piece in body.chunks(1 + body.len() / 7) {
        assert!(call.send(piece));
        sent += piece.len();
        while received < sent {
            let said: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            assert!(!said.to_string().contains(KEY), "{said}");
            received = usize::try_from(said["received"].as_u64().unwrap_or(0))
                .unwrap()
                .max(received);
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_kill_leaves_no_key_behind_and_recovery_finds_none() {
    let event =
        |parts: &str| format!("data: {{\"candidates\":[{{\"content\":{{\"parts\":[{parts}]}}}}]}}\n\n");
    let thought = |text: &str| event(&format!("{{\"text\":\"{text}\",\"thought\":true}}"));
    let escaped = KEY.chars().fold(String::new(), |escaped, letter| {
        format!("{escaped}\\u{:04x}", u32::from(letter))
    });
    let percent = KEY.replace('/', "%2f").replace('+', "%2B").replace('=', "%3D");
    let filler = "The fox looks at the moon. ".repeat(2600);
    let open = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"thought\":true,\"text\":\"";
    let provider = Provider::start();
    for key in [KEY.to_owned(), escaped.clone(), percent, KEY.replace('/', r"\/")] {
        let (left, right) = key.split_at(key.len() / 12 * 6);
        let bodies = [
            ("whole events", thought(&format!("it is {key}, well"))),
            ("an event that arrives", format!("{open}it is {key}, well")),
            (
                "a key that arrives",
                format!("{open}it is {}", &key[..key.len() - 1]),
            ),
            (
                "two events",
                [
                    thought(&format!("it is {left}")),
                    thought(&format!("{right}, well")),
                ]
                .concat(),
            ),
            ("a long text", thought(&format!("it is {filler}{key}{filler}"))),
            ("a long text that arrives", format!("{open}{filler}{key}, well")),
            (
                "a long text behind half a key",
                [thought(left), format!("{open}{right} {filler}")].concat(),
            ),
        ];
        for (what, body) in bodies {
            let what = format!("{what}, {key}");
            let home = Home::new();
            kill_after(&home, &provider, body.as_bytes());
            assert_hidden(&home, &what);
            let session = home.json(&["sessions", "list", "--json"])[0]["id"].clone();
            let shown = home.json(&["sessions", "show", session.as_str().unwrap(), "--json"]);
            assert_hidden(&home, &what);
            let turn = &shown["turns"][0];
            assert_eq!(turn["status"], "interrupted", "{what}: {turn}");
            let thoughts = turn["thoughts"].as_str().unwrap();
            assert!(thoughts.contains("***"), "{what}: {thoughts}");
            assert!(!thoughts.contains("123q"), "{what}: {thoughts}");
        }
    }
}
