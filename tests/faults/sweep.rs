//! Killed before every call that changes a file while an answer arrives, with a provider that sends no further than what had
//! been reported: whatever lies between two of those calls, all that had been reported is there afterwards, once.
//!
//! `TINTYPE_SWEEP=all` kills at every call of larger answers too, which takes minutes.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc::{TryRecvError, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tintype::store::Store;

use crate::inject::{Injection, Report};
use crate::kill::{Killed, check};
use crate::program::Home;
use crate::script::{Provider, Script};

/// Offsets of the body at which the provider waits for the report of all before them: within and at the end of each stretch.
fn waits(script: &Script) -> Vec<usize> {
    let mut offsets = Vec::new();
    for (range, _) in &script.stretches {
        let pieces = match range.len() {
            0..2_000 => 2,
            2_000..80_000 => 4,
            _ => 7,
        };
        offsets.extend((1..=pieces).map(|piece| range.start + range.len() * piece / pieces));
    }
    offsets.push(script.body.len());
    offsets
}

/// Runs a generation in lockstep under an injection. It tells whether the program ended with success, too.
pub(crate) fn run(home: &Home, script: &Script, injection: &Injection) -> (Killed, Report, bool) {
    let provider = Provider::start();
    let log = home.path().join("calls.log");
    let args = [
        "generate",
        "a red fox",
        "--events",
        "-q",
        "-p",
        "demo",
        "--base-url",
    ];
    let mut command = home.program(&args);
    command.arg(&provider.base_url);
    let mut child = injection
        .wrap(&command, &log)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (report, reported) = channel::<usize>();
    let mut killed = Killed::default();
    thread::scope(|scope| {
        scope.spawn(move || {
            // No call comes where the program is killed before it sends one.
            let mut call = loop {
                match provider.calls.recv_timeout(Duration::from_millis(20)) {
                    Ok(call) => break call,
                    Err(_) if reported.try_recv() == Err(TryRecvError::Disconnected) => return,
                    Err(_) => {}
                }
            };
            let mut sent = 0;
            for next in waits(script) {
                if !call.send(&script.body[sent..next]) {
                    return;
                }
                sent = next;
                while let Ok(reported) = reported.recv() {
                    if reported >= sent {
                        break;
                    }
                }
            }
            call.end();
        });
        for line in lines {
            let said: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if said["event"] == "started" {
                said["session"].as_str().unwrap().clone_into(&mut killed.session);
                said["turn"].as_str().unwrap().clone_into(&mut killed.turn);
            }
            let offset = usize::try_from(said["received"].as_u64().unwrap_or(0)).unwrap();
            killed.reported = killed.reported.max(offset);
            let _ended = report.send(offset);
        }
        drop(report);
    });
    let ended = child.wait().unwrap().success();
    (killed, Injection::report(&log), ended)
}

/// Kills at every `step`-th counted call of a generation, from `first` on, and checks what the next start makes of it.
fn sweep(script: &Script, first: u32, step: usize, path: Option<&'static str>) {
    let mut kills = 0;
    for at in (first..).step_by(step) {
        let home = Home::new();
        std::fs::create_dir(home.path().join("state")).unwrap();
        let injection = Injection {
            at: Some(at),
            path,
            ..Injection::below(home.path())
        };
        let (killed, report, ended) = run(&home, script, &injection);
        let Some(struck) = report.struck else {
            assert!(ended, "a run that is not struck succeeds");
            break;
        };
        kills += 1;
        let came = images_in_spool(&home);
        if killed.session.is_empty() {
            home.json(&["sessions", "list", "--json"]);
        } else {
            check(&home, script, &killed);
        }
        assert_eq!(home.files("spool"), [""; 0], "{at}: {struck}");
        let kept = images(&home);
        for image in came {
            let is_kept = kept.iter().any(|kept| kept.starts_with(&image));
            assert!(is_kept, "{at}: {struck}: {} bytes", image.len());
        }
    }
    assert!(kills > 3, "{kills} kills are no sweep");
}

/// Returns the files of the spool that are images by their first bytes, reported or not.
fn images_in_spool(home: &Home) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(home.data().join("spool")).into_iter().flatten();
    let bytes = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    bytes
        .filter(|bytes| bytes.len() >= 16 && bytes.starts_with(b"\x89PNG"))
        .collect()
}

/// The images of all turns.
fn images(home: &Home) -> Vec<Vec<u8>> {
    let store = Store::open(&home.data()).unwrap();
    let sessions = store.recent(9).unwrap();
    let turns = sessions
        .iter()
        .flat_map(|one| store.session(&one.id).unwrap().unwrap().turns);
    turns
        .flat_map(|turn| turn.images)
        .map(|image| std::fs::read(image.path).unwrap())
        .collect()
}

pub(crate) fn wants_all() -> bool {
    std::env::var_os("TINTYPE_SWEEP").is_some_and(|wanted| wanted == "all")
}

#[test]
fn killed_at_any_write_to_spool_or_journal_a_small_answer_keeps_what_was_reported() {
    let script = Script::small(1);
    sweep(&script, 1, 1, Some("/spool/"));
    sweep(&script, 1, 1, Some("/journal/"));
}

#[test]
fn killed_before_the_journal_names_a_spool_file_an_image_keeps_what_had_come() {
    sweep(&Script::new(4), 1, 1, Some("/journal/"));
}

#[test]
fn killed_at_any_call_long_texts_keep_what_was_reported() {
    let script = Script::of_long_texts(2);
    let step = if wants_all() { 1 } else { 3 };
    sweep(&script, 40, step, None);
}

#[test]
fn killed_at_any_call_an_answer_with_drafts_keeps_what_was_reported() {
    let step = if wants_all() { 1 } else { 17 };
    sweep(&Script::new(3), 7, step, None);
}
