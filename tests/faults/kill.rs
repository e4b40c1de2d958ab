//! Killed with SIGKILL at random points of streams with drafts and pictures, each after an offset that `--events` had
//! reported: everything up to that offset is there afterwards, once.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use tintype::domain::{Image, SessionId, TurnStatus};
use tintype::store::Store;

use crate::chance::Chance;
use crate::program::Home;
use crate::script::{Carries, Provider, Script};

/// How often the program is killed. `TINTYPE_KILLS` asks for more.
const KILLS: usize = 200;
/// How many are at it at once: each also has to leave alone what the others still write.
const AT_ONCE: usize = 3;

#[derive(Clone, Debug, Default)]
pub(crate) struct Killed {
    pub(crate) session: String,
    pub(crate) turn: String,
    /// What had been reported, in bytes of the body.
    pub(crate) reported: usize,
}

/// Starts a generation and kills it once it has reported this many bytes. Where it is `held`, no more than those are
/// sent; else the stream goes on.
pub(crate) fn kill_at(
    home: &Home,
    script: &Script,
    provider: &Provider,
    at: usize,
    held: bool,
    chance: &mut Chance,
) -> Killed {
    let mut child = home
        .program(&["generate", "a red fox", "--events", "-q", "-p", "demo"])
        .args(["--base-url", &provider.base_url])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut call = provider.calls.recv().unwrap();
    let end = if held { at } else { script.body.len() };
    let cuts: Vec<usize> = (0..400).map(|_| 1 + chance.below(24_000)).collect();
    let mut killed = None;
    thread::scope(|scope| {
        // The connection stays open until the program has ended: it is only the program that ends.
        let sender = scope.spawn(move || {
            let (mut sent, mut cuts) = (0, cuts.into_iter().cycle());
            while sent < end {
                let next = end.min(sent + cuts.next().unwrap());
                if !call.send(&script.body[sent..next]) {
                    break;
                }
                sent = next;
            }
            call
        });
        let (mut session, mut turn) = (String::new(), String::new());
        for line in &mut lines {
            let said: Value = serde_json::from_str(&line.unwrap()).unwrap();
            if said["event"] == "started" {
                said["session"].as_str().unwrap().clone_into(&mut session);
                said["turn"].as_str().unwrap().clone_into(&mut turn);
            }
            let reported = said["received"].as_u64().unwrap_or(0);
            let reported = usize::try_from(reported).unwrap();
            if reported >= at {
                child.kill().unwrap();
                killed = Some(Killed {
                    session,
                    turn,
                    reported,
                });
                break;
            }
        }
        drop(sender.join());
    });
    child.wait().unwrap();
    killed.expect("it reports as much as it was sent")
}

/// Checks what the turn holds after this much of the body.
pub(crate) fn check(home: &Home, script: &Script, killed: &Killed) {
    // Any start of the program brings in what was left; this is one.
    let list = ["sessions", "list", "--json", "--limit", "100000"];
    let store = Store::open(&home.data()).unwrap();
    let session = SessionId::from(killed.session.clone());
    let deadline = Instant::now() + Duration::from_mins(1);
    let turns = loop {
        home.json(&list);
        let turns = store.session(&session).unwrap().unwrap().turns;
        // One of the others may be bringing it in just now, and may be killed over it.
        if turns.iter().all(|turn| turn.status != TurnStatus::Running) || Instant::now() > deadline {
            break turns;
        }
    };
    assert_eq!(turns.len(), 1, "{turns:?}");
    let turn = &turns[0];
    assert_eq!(turn.id.as_str(), killed.turn);
    assert_ne!(turn.status, TurnStatus::Running);
    let at = killed.reported;
    let (mut thoughts, mut words) = (String::new(), String::new());
    let read = |image: &Image| std::fs::read(&image.path).unwrap();
    let files: Vec<Vec<u8>> = turn.images.iter().map(read).collect();
    for (range, carries) in &script.stretches {
        let come = at.min(range.end).saturating_sub(range.start);
        match carries {
            Carries::Thought(text) => thoughts.push_str(&text.beginning(come)),
            Carries::Words(text) => words.push_str(&text.beginning(come)),
            Carries::Picture { bytes, draft } => {
                let least = if come == range.len() {
                    bytes.len()
                } else {
                    come / 4 * 3
                };
                // The first bytes are not enough to tell a picture.
                let kept = files
                    .iter()
                    .any(|file| file.len() >= least && bytes.starts_with(file));
                assert!(
                    least < 16 || kept,
                    "{least} of {} bytes, draft: {draft}, at {at}: {turn:?}",
                    bytes.len()
                );
            }
        }
    }
    for (said, come) in [(&turn.thoughts, thoughts), (&turn.text, words)] {
        assert!(said.starts_with(&come), "{come:?} of {said:?} at {at}");
    }
    let once: HashSet<&Vec<u8>> = files.iter().collect();
    assert_eq!(once.len(), files.len(), "a picture twice at {at}: {turn:?}");
    home.json(&list);
    assert_eq!(store.session(&session).unwrap().unwrap().turns, turns);
}

/// Where to kill: as likely in a short thought as in a large picture, or right behind it.
fn point(script: &Script, chance: &mut Chance) -> usize {
    let (range, _) = &script.stretches[chance.below(script.stretches.len())];
    let at = range.start.saturating_sub(40) + chance.below(range.len() + 80);
    at.clamp(1, script.body.len())
}

#[test]
fn a_kill_loses_nothing_that_had_been_reported() {
    let kills = std::env::var("TINTYPE_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let home = Home::new();
    let (done, sessions) = (AtomicUsize::new(0), Mutex::new(HashSet::new()));
    thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let (home, done, sessions) = (&home, &done, &sessions);
            scope.spawn(move || {
                let provider = Provider::start();
                loop {
                    let number = done.fetch_add(1, Ordering::Relaxed);
                    if number >= kills {
                        return;
                    }
                    let seed = number as u64 + 1;
                    let (script, mut chance) = (Script::new(seed), Chance::new(seed));
                    let at = point(&script, &mut chance);
                    let held = !number.is_multiple_of(2);
                    let killed = kill_at(home, &script, &provider, at, held, &mut chance);
                    println!(
                        "worker {worker}: killed at {} of {}",
                        killed.reported,
                        script.body.len()
                    );
                    check(home, &script, &killed);
                    assert!(sessions.lock().unwrap().insert(killed.session), "a session twice");
                }
            });
        }
    });
    let listed = home.json(&["sessions", "list", "--json", "--limit", "100000"]);
    assert_eq!(listed.as_array().unwrap().len(), kills);
    assert!(
        listed
            .as_array()
            .unwrap()
            .iter()
            .all(|session| session["turns"] == 1)
    );
    assert_eq!(home.files("spool"), [""; 0], "what was spooled is in its place");
    assert_eq!(
        home.files("state/journal"),
        ["tidied"],
        "every journal has done its duty"
    );
    println!("{kills} kills, nothing lost");
}
