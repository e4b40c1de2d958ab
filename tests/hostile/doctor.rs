//! `tintype doctor`: what it finds, where it is asked in a terminal and where it is not.

use std::os::unix::fs::PermissionsExt;

use crate::terminal::{Like, Start};
use crate::{below, run, tintype};

#[test]
fn in_a_terminal_it_tells_what_the_terminal_says() {
    let home = tempfile::tempdir().unwrap();
    for (like, words) in [
        (
            Like::Kitty,
            ["kitty(0.48.2)", "kitty, with placeholders", "10 × 20 pixels"],
        ),
        (
            Like::Konsole,
            ["Konsole 22.12.3", "kitty, without placeholders", "10 × 20 pixels"],
        ),
        (
            Like::Silent,
            ["it did not answer", "half blocks", "10 × 20 pixels"],
        ),
    ] {
        let mut terminal = Start::new(home.path()).like(like).args(&["doctor"]).run();
        assert_eq!(terminal.exit(), 0);
        for word in words {
            terminal.wait_text(word);
        }
    }
    assert!(
        below(home.path()).iter().all(|path| !path.ends_with("tintype")),
        "it makes nothing"
    );
}

#[test]
fn it_finds_folders_store_and_keys_and_prints_no_key() {
    let home = tempfile::tempdir().unwrap();
    let made = run(&mut tintype(
        home.path(),
        &["--demo", "--demo-speed", "0", "generate", "a fox"],
    ));
    assert!(made.status.success());
    let state = home.path().join(".local/state/tintype");
    std::fs::set_permissions(&state, std::fs::Permissions::from_mode(0o755)).unwrap();
    let doctor = |args: &[&str]| {
        let mut command = tintype(home.path(), &["doctor"]);
        run(command.args(args).env("ANYFAST_API_KEY", "sk-not-to-be-printed"))
    };
    let output = doctor(&[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for word in [
        "1 session, 1 turn, 2 pictures",
        "SQLite finds nothing wrong",
        "ANYFAST_API_KEY (in use)",
        "mode 0700",
        "chmod 700",
        "free",
        "state/tintype/log",
    ] {
        assert!(text.contains(word), "no {word} in\n{text}");
    }
    assert!(!text.contains("sk-not-to-be-printed"));
    let json: serde_json::Value = serde_json::from_slice(&doctor(&["--json"]).stdout).unwrap();
    let findings = json["findings"].as_array().unwrap();
    let state = findings
        .iter()
        .find(|finding| finding["section"] == "folders" && finding["name"] == "state")
        .unwrap();
    assert_eq!(state["state"], "notice");
}

#[test]
fn what_is_broken_is_its_exit_code() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("file"), "").unwrap();
    let output = run(&mut tintype(home.path(), &["doctor", "--data-dir", "file"]));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("it is not a folder"), "{text}");
    std::fs::write(home.path().join("config.toml"), "nonsense").unwrap();
    let output = run(&mut tintype(home.path(), &["doctor", "--config", "config.toml"]));
    assert_eq!(output.status.code(), Some(1));
}
