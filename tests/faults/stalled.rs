//! A stream that stalls in the middle of an image: what had come is on the disk a second later, so that a power cut loses
//! nothing of it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::inject::Injection;
use crate::program::Home;
use crate::script::{Provider, Script};

/// The files that were written or synced, in order: `(is a sync, name of the folder)`.
fn calls(log: &std::path::Path) -> Vec<(bool, &'static str)> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let known = |line: &str| {
        let folder = ["spool", "journal"]
            .into_iter()
            .find(|folder| line.contains(&format!("/{folder}/")))?;
        match line.split(' ').nth(1)? {
            "write" => Some((false, folder)),
            "fdatasync" => Some((true, folder)),
            _ => None,
        }
    };
    text.lines().filter_map(known).collect()
}

/// Whether everything that was written to this folder's files has been synced since.
fn is_synced(calls: &[(bool, &str)], folder: &str) -> bool {
    let last = |sync: bool| calls.iter().rposition(|call| *call == (sync, folder));
    last(true) > last(false) && last(false).is_some()
}

#[test]
fn what_came_before_a_silence_is_on_the_disk_soon() {
    let (home, script, provider) = (Home::new(), Script::small(6), Provider::start());
    let log = home.path().join("calls.log");
    let injection = Injection {
        calls: Some("write,fdatasync"),
        ..Injection::below(home.path())
    };
    let mut command = home.program(&[
        "generate",
        "a red fox",
        "--events",
        "-q",
        "-p",
        "demo",
        "--base-url",
    ]);
    command.arg(&provider.base_url);
    let mut child = injection
        .wrap(&command, &log)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut call = provider.calls.recv().unwrap();
    // In pieces, the last of which comes right after a sync and ends no event.
    let middle = script.body.len() / 2 + 30_000;
    assert!(call.send(&script.body[..middle - 20_000]));
    assert!(call.send(&script.body[middle - 20_000..middle]));
    let reported = |line: &str| {
        let said: serde_json::Value = serde_json::from_str(line).unwrap();
        usize::try_from(said["received"].as_u64().unwrap_or(0)).unwrap()
    };
    assert!(lines.any(|line| reported(&line.unwrap()) >= middle));
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let calls = calls(&log);
        if is_synced(&calls, "spool") && is_synced(&calls, "journal") {
            break;
        }
        assert!(Instant::now() < deadline, "nothing is synced: {calls:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
