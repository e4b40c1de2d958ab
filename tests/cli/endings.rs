//! How a generation ends when something ends around it: a reader, a terminal, a disk, or the user's patience.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::house::{House, PROGRAM, said};

/// Starts a generation, waits until the model thinks, and gives what else it says on standard error.
fn begun(command: &mut Command) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    for _ in ["asking …", "a thought"] {
        line.clear();
        stderr.read_line(&mut line).unwrap();
    }
    assert!(!line.trim().is_empty(), "no thought came");
    (child, stderr)
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn a_reader_that_went_away_costs_no_picture() {
    for args in [
        &["generate", "a red fox"][..],
        &["generate", "a red fox", "-o", "-"],
        &["generate", "a", "--json"],
    ] {
        let house = House::new();
        let mut child = house
            .tintype(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}: {stderr}");
        let results = house
            .pictures()
            .into_iter()
            .filter(|path| !path.to_string_lossy().contains("draft"));
        assert!(results.count() >= 1, "{args:?}");
    }
}

#[test]
fn an_output_that_takes_nothing_leaves_the_picture_where_it_is_and_says_so() {
    let house = House::new();
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let piped = said(house.tintype(&["generate", "a", "-q", "-o", "-"]).stdout(full()));
    assert_eq!(piped.code, Some(1), "{}", piped.stderr);
    assert!(
        piped
            .stderr
            .starts_with("tintype: Cannot write to standard output: "),
        "{}",
        piped.stderr
    );
    let copied = house.run(&["generate", "a", "-q", "-o", "/dev/full"]);
    assert_eq!(copied.code, Some(2), "{}", copied.stderr);
    assert!(
        copied
            .stderr
            .starts_with("tintype: Cannot write /dev/full: the disk is full"),
        "{}",
        copied.stderr
    );
    // A script still gets the path of what was paid for.
    let path = String::from_utf8(copied.stdout).unwrap();
    assert!(std::fs::read(path.trim()).unwrap().starts_with(b"\x89PNG"));
    for stderr in [piped.stderr, copied.stderr] {
        let kept = stderr.trim().rsplit(" kept in ").next().unwrap();
        assert!(std::path::Path::new(kept).is_file(), "{stderr}");
    }
    let report = house.json(&["generate", "a", "-q", "--json", "-o", "/dev/full"]);
    assert_eq!(
        (&report["status"], &report["error"]["kind"]),
        (&"finished".into(), &"bad_input".into())
    );
    assert!(std::path::Path::new(report["images"][0]["path"].as_str().unwrap()).is_file());
}

#[test]
fn ctrl_c_stops_the_generation_and_keeps_what_had_come() {
    for (name, args) in [("INT", &["--json"][..]), ("TERM", &[])] {
        let house = House::at_speed(0.5);
        let (mut child, mut stderr) = begun(house.tintype(&["generate", "a red fox"]).args(args));
        signal(&child, name);
        let (mut said, mut stdout) = (String::new(), String::new());
        stderr.read_to_string(&mut said).unwrap();
        child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        assert!(
            said.contains("tintype: Stopped before the answer was complete\n"),
            "{said}"
        );
        assert!(said.contains("this call may have been billed"), "{said}");
        if name == "INT" {
            let report: serde_json::Value = serde_json::from_str(&stdout).unwrap();
            assert_eq!(
                (&report["status"], &report["error"]["kind"]),
                (&"cancelled".into(), &"cancelled".into())
            );
        }
        let sessions = house.json(&["sessions", "list", "--json"]);
        let shown = house.json(&["sessions", "show", "--json", sessions[0]["id"].as_str().unwrap()]);
        assert_eq!(shown["turns"][0]["status"], "cancelled");
        assert!(
            !shown["turns"][0]["thoughts"].as_str().unwrap().is_empty(),
            "{shown}"
        );
    }
}

#[test]
fn a_lost_terminal_does_not_end_what_is_paid_for() {
    let house = House::at_speed(4.0);
    let (mut child, stderr) = begun(&mut house.tintype(&["generate", "a red fox"]));
    signal(&child, "HUP");
    drop((stderr, child.stdout.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let sessions = house.json(&["sessions", "list", "--json"]);
    let shown = house.json(&["sessions", "show", "--json", sessions[0]["id"].as_str().unwrap()]);
    assert_eq!(
        (&shown["turns"][0]["status"], sessions.as_array().unwrap().len()),
        (&"finished".into(), 1)
    );
}

#[test]
fn without_a_terminal_the_screen_says_so_in_one_sentence() {
    let house = House::new();
    // A session of its own has no terminal, wherever the tests were started.
    let said = said(house.program("setsid").args(["--wait", PROGRAM]));
    assert_eq!(
        (said.code, said.stdout.as_slice()),
        (Some(2), &b""[..]),
        "{}",
        said.stderr
    );
    assert_eq!(
        said.stderr,
        "tintype: There is no terminal to draw on: No such device or address\n  \
         Run tintype in a terminal, or use `tintype generate` in scripts\n"
    );
    assert_eq!(house.server.calls(), 0);
}
