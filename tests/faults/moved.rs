//! Data folders that were moved, copied, damaged, or are shared by two machines, with a generation that was cut off in
//! them: each store brings in what is its own, and only when nobody can live who still writes it.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use rustix::io::Errno;
use tintype::domain::TurnStatus;
use tintype::engine::{Engine, Folders, Machine};
use tintype::provider::capability::Catalog;
use tintype::provider::http::Http;
use tintype::store::Store;

use crate::inject::{Blow, Injection};
use crate::kill::{Killed, check};
use crate::program::Home;
use crate::recovery::{age, copy, interrupted, result_begins};
use crate::script::Script;

const LIST: [&str; 3] = ["sessions", "list", "--json"];

/// A home with half an image of a killed generation.
fn half_an_image(seed: u64) -> (Home, Script, Killed) {
    let script = Script::with_picture(seed, 120_000);
    let (home, killed) = interrupted(&script, result_begins(&script) + 90_000);
    (home, script, killed)
}

/// Where the state lies that a data folder has not brought along.
fn usual_state(home: &Home) -> PathBuf {
    home.path().join(".local/state/tintype")
}

fn journal(home: &Home, killed: &Killed) -> PathBuf {
    home.data().join(format!("state/journal/{}.journal", killed.turn))
}

/// Puts something in the place of an entry of a journal, or takes it away.
fn replace_entry(journal: &Path, tag: &str, instead: Option<&str>) {
    let bytes = std::fs::read(journal).unwrap();
    let head = format!("\n{tag} ");
    let at = memchr::memmem::find(&bytes, head.as_bytes()).unwrap() + 1;
    let line = at + memchr::memchr(b'\n', &bytes[at..]).unwrap();
    let words = std::str::from_utf8(&bytes[at..line]).unwrap();
    let length: usize = words.rsplit(' ').next().unwrap().parse().unwrap();
    let entry = instead.map_or(String::new(), |text| format!("{tag} 0 {}\n{text}\n", text.len()));
    let rest = &bytes[line + 1 + length + 1..];
    std::fs::write(journal, [&bytes[..at], entry.as_bytes(), rest].concat()).unwrap();
}

/// Makes of a journal one as it was written before stores had ids.
fn make_old(journal: &Path) {
    for tag in ["S", "O"] {
        replace_entry(journal, tag, None);
    }
}

fn status(home: &Home, killed: &Killed) -> TurnStatus {
    let store = Store::open(&home.data()).unwrap();
    store.turn(&killed.turn.clone().into()).unwrap().unwrap().status
}

fn said(home: &Home) -> String {
    let output = home.program(&LIST).output().unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_data_folder_that_has_moved_gets_its_turn_back_with_its_journals_or_without() {
    for seed in 1..=4 {
        let (from, script, killed) = half_an_image(seed);
        let to = Home::new();
        let (is_old, state_stays) = (seed % 2 == 0, seed > 2);
        if is_old {
            make_old(&journal(&from, &killed));
        }
        if state_stays {
            std::fs::create_dir_all(usual_state(&to).parent().unwrap()).unwrap();
            std::fs::rename(from.data().join("state"), usual_state(&to)).unwrap();
        }
        std::fs::rename(from.data(), to.data()).unwrap();
        println!("old journal: {is_old}, the state stays: {state_stays}");
        check(&to, &script, &killed);
        to.json(&["sessions", "rm", &killed.session, "--json"]);
    }
}

#[test]
fn a_folder_made_anew_where_the_other_was_takes_nothing_of_it() {
    for is_old in [false, true] {
        let (home, script, killed) = half_an_image(5);
        if is_old {
            make_old(&journal(&home, &killed));
        }
        let moved = Home::new();
        std::fs::create_dir_all(usual_state(&moved).parent().unwrap()).unwrap();
        std::fs::rename(home.data().join("state"), usual_state(&moved)).unwrap();
        std::fs::rename(home.data(), moved.data()).unwrap();
        let mut made_anew = moved.program(&LIST);
        made_anew.env("TINTYPE_DATA_DIR", home.data());
        if !is_old {
            let output = made_anew.output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "[]");
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        }
        check(&moved, &script, &killed);
    }
}

#[test]
fn a_data_folder_that_was_copied_brings_in_its_own() {
    let (first, script, killed) = half_an_image(6);
    let second = Home::new();
    copy(&first.data(), &second.data());
    check(&second, &script, &killed);
    check(&first, &script, &killed);

    // One journal for both: it is of the one that it names as long as that is there.
    let (first, script, killed) = half_an_image(7);
    let second = Home::new();
    std::fs::create_dir_all(usual_state(&second).parent().unwrap()).unwrap();
    std::fs::rename(first.data().join("state"), usual_state(&second)).unwrap();
    copy(&first.data(), &second.data());
    assert_eq!(said(&second), "");
    assert_eq!(status(&second, &killed), TurnStatus::Running);
    let mut program = second.program(&LIST);
    let output = program.env("TINTYPE_DATA_DIR", first.data()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("recovered"));
    check(&first, &script, &killed);
    // The copy has the images that lay in its spool.
    make_old_in_rows(&second, &killed);
    assert!(said(&second).contains("recovered"));
    assert_eq!(status(&second, &killed), TurnStatus::Interrupted);
}

/// Makes the turn and its spool files older than any that may still run.
fn make_old_in_rows(home: &Home, killed: &Killed) {
    let database = Connection::open(home.data().join("tintype.db")).unwrap();
    let two_hours_ms = 2 * 60 * 60 * 1000;
    let changed = database
        .execute(
            "UPDATE turns SET created_ms = created_ms - ?2 WHERE id = ?1",
            rusqlite::params![killed.turn, two_hours_ms],
        )
        .unwrap();
    assert_eq!(changed, 1);
    for name in home.files("spool") {
        age(&home.data().join("spool").join(name), 2);
    }
}

#[test]
fn a_database_that_is_made_anew_still_finds_its_journals() {
    for is_moved in [false, true] {
        for is_emptied in [false, true] {
            let (home, script, killed) = half_an_image(8);
            let there = Home::new();
            let home = if is_moved {
                std::fs::rename(home.data(), there.data()).unwrap();
                there
            } else {
                home
            };
            let garbage = if is_emptied {
                String::new()
            } else {
                "garbage ".repeat(2000)
            };
            std::fs::write(home.data().join("tintype.db"), garbage).unwrap();
            for part in ["-wal", "-shm"] {
                let _not_there = std::fs::remove_file(home.data().join(format!("tintype.db{part}")));
            }
            let words = said(&home);
            assert!(words.contains("recovered"), "{words}");
            check(&home, &script, &killed);
        }
    }
}

#[test]
fn a_turn_whose_journal_is_lost_is_ended_with_what_lies_in_the_spool() {
    for makes_no_sense in [false, true] {
        let (home, script, killed) = half_an_image(9);
        let journal = journal(&home, &killed);
        if makes_no_sense {
            std::fs::write(&journal, vec![0; 4096]).unwrap();
            age(&journal, 2);
        } else {
            std::fs::remove_file(&journal).unwrap();
        }
        // Its owner may keep the journal where nobody here looks.
        said(&home);
        assert_eq!(status(&home, &killed), TurnStatus::Running);
        make_old_in_rows(&home, &killed);
        let words = said(&home);
        assert!(words.contains("recovered"), "{words}");
        assert_eq!(status(&home, &killed), TurnStatus::Interrupted);
        let store = Store::open(&home.data()).unwrap();
        let turn = store.turn(&killed.turn.clone().into()).unwrap().unwrap();
        let [image] = turn.images.as_slice() else {
            panic!("{:?}", turn.images)
        };
        let kept = std::fs::read(&image.path).unwrap();
        assert!(kept.len() >= 90_000 / 4 * 3 && script.result().starts_with(&kept));
        assert_eq!(home.files("spool"), [""; 0]);
        home.json(&["sessions", "rm", &killed.session, "--json"]);
    }
}

#[test]
fn a_journal_that_turns_up_after_its_turn_was_ended_is_brought_in() {
    let script = Script::with_picture(10, 120_000);
    let (home, killed) = interrupted(&script, script.stretches[1].0.end + 20);
    let (journal, away) = (journal(&home, &killed), home.path().join("away"));
    std::fs::rename(&journal, &away).unwrap();
    make_old_in_rows(&home, &killed);
    said(&home);
    assert_eq!(status(&home, &killed), TurnStatus::Interrupted);
    std::fs::rename(&away, &journal).unwrap();
    check(&home, &script, &killed);
}

/// Makes a file older by this much than it would be if it were written now.
fn set_age(path: &Path, age: Duration) {
    let file = std::fs::File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

#[test]
fn a_generation_of_another_machine_is_dead_an_hour_after_its_last_write() {
    let (home, script, killed) = half_an_image(11);
    let journal = journal(&home, &killed);
    replace_entry(
        &journal,
        "O",
        Some("0123456789abcdef 11111111-2222-3333-4444-555555555555"),
    );
    for age in [Duration::ZERO, Duration::from_mins(59)] {
        set_age(&journal, age);
        assert_eq!(said(&home), "");
        assert_eq!(status(&home, &killed), TurnStatus::Running);
    }
    // Its row says nothing else, however long the answer takes.
    make_old_in_rows(&home, &killed);
    said(&home);
    assert_eq!(status(&home, &killed), TurnStatus::Running);
    // A time in the future says that the clock was set back: the hour begins now.
    let file = std::fs::File::options().append(true).open(&journal).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_hours(24 * 400))
        .unwrap();
    said(&home);
    assert_eq!(status(&home, &killed), TurnStatus::Running);
    assert!(file.metadata().unwrap().modified().unwrap() < SystemTime::now() + Duration::from_mins(5));

    set_age(&journal, Duration::from_mins(61));
    check(&home, &script, &killed);
}

#[test]
fn another_start_of_the_same_machine_knows_at_once_that_the_owner_is_dead() {
    let (home, script, killed) = half_an_image(12);
    let journal = journal(&home, &killed);
    let text = std::fs::read(&journal).unwrap();
    let at = memchr::memmem::find(&text, b"\nO ").unwrap();
    let mut lines = text[at + 1..].split(|byte| *byte == b'\n');
    let owner = String::from_utf8(lines.nth(1).unwrap().to_vec()).unwrap();
    let (host, boot) = owner.split_once(' ').unwrap();
    if host.starts_with('~') {
        // This machine has no id.
        return;
    }
    let other_boot = "11111111-2222-3333-4444-555555555555";
    assert_ne!(boot, other_boot);
    replace_entry(&journal, "O", Some(&format!("{host} {other_boot}")));
    check(&home, &script, &killed);
}

/// A start of the program on a file system that has no locks.
fn said_without_locks(home: &Home, args: &[&str]) -> String {
    let injection = Injection {
        at: Some(1),
        blow: Blow::FailFrom(Errno::NOLCK.raw_os_error()),
        calls: Some("flock"),
        ..Injection::below(&home.data())
    };
    let log = home.path().join("calls.log");
    let output = injection.wrap(&home.program(args), &log).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words}");
    assert!(Injection::report(&log).struck.is_some());
    words
}

#[test]
fn without_locks_a_generation_ends_and_one_that_was_cut_off_is_brought_in_after_an_hour() {
    let (home, script, killed) = half_an_image(15);
    let journal = journal(&home, &killed);
    assert_eq!(said_without_locks(&home, &LIST), "");
    assert_eq!(status(&home, &killed), TurnStatus::Running);
    set_age(&journal, Duration::from_mins(61));
    assert!(said_without_locks(&home, &LIST).contains("recovered"));
    check(&home, &script, &killed);

    let args = ["generate", "an owl", "-p", "demo", "-q"];
    assert_eq!(said_without_locks(&home, &args), "");
    assert_eq!(home.files("state/journal"), ["tidied"]);
}

#[tokio::test]
async fn of_two_machines_on_one_folder_neither_takes_what_the_other_writes() {
    let (home, _script, killed) = half_an_image(13);
    let store = Store::open(&home.data()).unwrap();
    let journal = journal(&home, &killed);
    replace_entry(&journal, "O", Some("fox 1"));
    let engine = |machine: Machine| {
        let folders = Folders {
            spool: store.folder().join("spool"),
            journal: home.data().join("state/journal"),
        };
        let runtime = tokio::runtime::Handle::current();
        Engine::new(runtime, store.clone(), Http::new(), folders, Catalog::default()).on_machine(machine)
    };
    let count = async |machine: Machine| {
        let recovered = engine(machine).recover().await;
        assert_eq!(recovered.problems, []);
        recovered.turns.len()
    };
    assert_eq!(count(Machine::new("owl", "9")).await, 0);
    // Whoever takes it over is its owner from then on.
    set_age(&journal, Duration::from_mins(61));
    assert_eq!(count(Machine::new("owl", "9")).await, 1);
    assert!(!journal.exists());

    let (home, _script, killed) = half_an_image(14);
    let store = Store::open(&home.data()).unwrap();
    let journal = home.data().join(format!("state/journal/{}.journal", killed.turn));
    replace_entry(&journal, "O", Some("fox 1"));
    let folders = Folders {
        spool: store.folder().join("spool"),
        journal: home.data().join("state/journal"),
    };
    let runtime = tokio::runtime::Handle::current();
    let engine = Engine::new(runtime, store, Http::new(), folders, Catalog::default());
    let recovered = engine.on_machine(Machine::new("fox", "2")).recover().await;
    assert_eq!(recovered.turns.len(), 1, "{:?}", recovered.problems);
}
