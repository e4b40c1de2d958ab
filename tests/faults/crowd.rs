//! A dozen programs on one data folder at once, and a store that watches them as the terminal UI does.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests: they start programs with the search path of the tester"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tintype::demo::{self, Options};
use tintype::domain::TurnStatus;
use tintype::store::Store;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tintype");
const CROWD: usize = 12;

/// A demo provider for everybody, as long as what it gives is kept.
fn provider() -> (String, tokio::sync::oneshot::Sender<()>) {
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (told, address) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let server = demo::start(Options {
                speed: 0.0,
                ..Options::default()
            })
            .await
            .unwrap();
            told.send(server.base_url().to_owned()).unwrap();
            let _dropped = stopped.await;
        });
        runtime.shutdown_background();
    });
    (address.recv().unwrap(), stop)
}

/// The program in a home of its own, and nothing of the tester's environment.
fn tintype(home: &Path, base_url: &str, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TZ", "UTC")
        .env("TINTYPE_PROVIDER", "demo")
        .env("TINTYPE_BASE_URL", base_url)
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts all of them, then waits for all of them.
fn together(commands: Vec<Command>) -> Vec<Output> {
    let started: Vec<_> = commands
        .into_iter()
        .map(|mut command| command.spawn().unwrap())
        .collect();
    started
        .into_iter()
        .map(|process| process.wait_with_output().unwrap())
        .collect()
}

fn assert_calm(outputs: &[Output]) {
    for output in outputs {
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        for word in ["locked", "busy", "damaged", "database"] {
            assert!(!said.contains(word), "{said}");
        }
    }
}

#[test]
fn a_dozen_programs_at_once_lose_nothing_and_meet_no_lock() {
    let home = tempfile::tempdir().unwrap();
    let (base_url, _provider) = provider();
    let data = home.path().join(".local/share/tintype");

    // A folder that all of them find missing.
    let mut commands = Vec::new();
    for n in 0..CROWD {
        let prompt = format!("a red fox {n}");
        commands.push(tintype(home.path(), &base_url, &["generate", &prompt, "-q"]));
        if n % 2 == 0 {
            commands.push(tintype(home.path(), &base_url, &["sessions", "list"]));
        }
    }
    assert_calm(&together(commands));
    let store = Store::open(&data).unwrap();
    assert_eq!(store.notices(), Vec::<String>::new());
    let sessions = store.recent(100).unwrap();
    assert_eq!(sessions.len(), CROWD);
    assert!(sessions.iter().all(|session| session.turns == 1));

    // A session that all of them add to, while somebody looks on.
    let session = sessions[0].id.clone();
    let reader = store.clone();
    let id = session.clone();
    let (looked, looks) = mpsc::channel();
    let watch = store
        .watch(move || {
            let _gone = looked.send(reader.session(&id).map(|found| found.unwrap().turns.len()));
        })
        .unwrap();
    let mut commands = Vec::new();
    for n in 0..CROWD {
        let prompt = format!("make it night {n}");
        let args = ["generate", &prompt, "--session", session.as_str(), "--json"];
        commands.push(tintype(home.path(), &base_url, &args));
        if n % 2 == 0 {
            let args = ["sessions", "show", session.as_str()];
            commands.push(tintype(home.path(), &base_url, &args));
        }
    }
    assert_calm(&together(commands));
    let turns = store.session(&session).unwrap().unwrap().turns;
    let numbers: Vec<usize> = turns.iter().map(|turn| turn.number as usize).collect();
    assert_eq!(numbers, (1..=CROWD + 1).collect::<Vec<_>>());
    let prompts: BTreeSet<&str> = turns.iter().map(|turn| turn.request.prompt.as_str()).collect();
    assert_eq!(prompts.len(), CROWD + 1);
    for turn in &turns {
        assert_eq!(turn.status, TurnStatus::Finished, "{:?}", turn.error);
        assert!(turn.picture().unwrap().path.is_file());
    }
    // Whoever looks on is told of the last change too, and meets no lock either.
    loop {
        let seen = looks.recv_timeout(Duration::from_mins(1)).unwrap();
        if seen.unwrap() == CROWD + 1 {
            break;
        }
    }
    drop(watch);
    assert_eq!(store.health().unwrap().damage, Vec::<String>::new());
}
