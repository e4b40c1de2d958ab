//! Hostile text through every door of the command line: nothing of it comes out with its teeth.

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::corpus::{answer, assert_toothless, corpus, everything, refusal};
use crate::server::Echo;
use crate::{run, tintype};

fn quiet(what: &str, command: &mut std::process::Command) -> std::process::Output {
    let output = run(command);
    assert_toothless(&format!("{what}, standard output"), &output.stdout);
    assert_toothless(&format!("{what}, standard error"), &output.stderr);
    output
}

#[test]
fn answers_and_refusals_lose_their_teeth_on_both_outputs() {
    let home = tempfile::tempdir().unwrap();
    let server = Echo::start();
    let all = everything();
    let mut evils: Vec<String> = corpus()
        .into_iter()
        .filter_map(|(_, text)| String::from_utf8(text).ok())
        .collect();
    // Each by itself where it is cheap, all of them where a process is started for each way of printing.
    evils.truncate(6);
    evils.push(all);
    for (index, evil) in evils.iter().enumerate() {
        let whole = index + 1 == evils.len();
        let mut answers = vec![answer(evil)];
        if whole {
            answers.extend([400, 401, 403, 404, 429, 302].map(|status| refusal(evil, status)));
        }
        for (number, answer) in answers.into_iter().enumerate() {
            server.answer_with(answer);
            for flags in [&["--json"][..], &["--events"], &["-v"]] {
                if !whole && flags != ["-v"] {
                    continue;
                }
                let mut args = vec![
                    "-p",
                    "demo",
                    "--base-url",
                    &server.base_url,
                    "generate",
                    "--retries",
                    "0",
                ];
                args.extend(flags);
                let what = format!("text {index}, answer {number}, {flags:?}");
                let output = quiet(&what, tintype(home.path(), &args).arg(evil.replace('\0', "")));
                assert_eq!(
                    output.status.success(),
                    number == 0,
                    "{what}: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
                let _head = server.head();
            }
        }
    }
    // What was stored comes out again in other ways.
    let list = quiet("list", &mut tintype(home.path(), &["sessions", "list", "--json"]));
    let sessions: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let ids: Vec<&str> = sessions
        .as_array()
        .unwrap()
        .iter()
        .map(|session| session["id"].as_str().unwrap())
        .collect();
    assert!(!ids.is_empty());
    quiet("list", &mut tintype(home.path(), &["sessions", "list"]));
    for id in ids {
        for json in [&[][..], &["--json"]] {
            quiet("show", tintype(home.path(), &["sessions", "show", id]).args(json));
        }
    }
    for args in [&["costs"][..], &["costs", "--json"], &["costs", "--by", "model"]] {
        quiet("costs", &mut tintype(home.path(), args));
    }
}

/// JSON means what came, whatever it looks like.
#[test]
fn json_is_escaped_and_not_changed() {
    let home = tempfile::tempdir().unwrap();
    let server = Echo::start();
    let evil = everything();
    server.answer_with(answer(&evil));
    let mut command = tintype(
        home.path(),
        &[
            "-p",
            "demo",
            "--base-url",
            &server.base_url,
            "generate",
            "a fox",
            "--json",
        ],
    );
    let output = quiet("json", &mut command);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["thoughts"], format!("thought {evil}"));
    assert_eq!(report["model_version"], format!("version {evil}"));
}

#[test]
fn what_a_user_types_or_has_in_files_is_echoed_without_teeth() {
    let home = tempfile::tempdir().unwrap();
    for (name, text) in corpus() {
        let argument = std::ffi::OsStr::from_bytes(&text).to_owned();
        if text.contains(&0) {
            continue;
        }
        for before in [
            &[][..],
            &["generate", "x", "-i"],
            &["-p"],
            &["-p", "demo", "-m"],
            &["generate", "--size"],
            &["sessions", "show"],
        ] {
            // A process each: the first six ways are enough for all, the whole of them for some.
            if before.len() > 1 && !name.ends_with(['0', 'n', 'o']) {
                continue;
            }
            let mut command = tintype(home.path(), before);
            command.arg(&argument);
            if before.contains(&"generate") {
                command.args(["-p", "demo"]);
            }
            quiet(&format!("{name} after {before:?}"), &mut command);
        }
    }
    let evil = everything().replace(['\0', '\n'], "");
    let flag = format!("--{evil}");
    quiet("a flag", &mut tintype(home.path(), &["generate", &flag]));
    quiet(
        "a flag, JSON",
        &mut tintype(home.path(), &["generate", &flag, "--json"]),
    );
    for name in [
        "TINTYPE_PROVIDER",
        "TINTYPE_MODEL",
        "TINTYPE_BASE_URL",
        "TINTYPE_PREVIEW",
        "TERM",
        "HTTPS_PROXY",
    ] {
        for args in [
            &["config", "show"][..],
            &["providers"],
            &["doctor"],
            &["generate", "x", "--dry-run"],
        ] {
            quiet(
                &format!("{name} in {args:?}"),
                tintype(home.path(), args).env(name, &evil),
            );
        }
    }
}

#[test]
fn settings_and_projects_are_told_without_teeth() {
    let home = tempfile::tempdir().unwrap();
    let text = |value: &str| toml_string(value);
    for (name, evil) in corpus() {
        let Ok(evil) = String::from_utf8(evil) else {
            continue;
        };
        let evil = text(&evil);
        let settings = [
            format!("{evil} = 1\n"),
            format!(
                "model = {evil}\nprovider = 'relay'\n[providers.relay]\nbase_url = 'https://relay.example'\nhint = {evil}\n"
            ),
            format!("[providers.{evil}]\nbase_url = 'https://relay.example'\n"),
        ];
        // A file for each text would be a hundred processes more; the shapes take turns.
        let shape = name.len() % settings.len();
        let file = home.path().join("config.toml");
        std::fs::write(&file, &settings[shape]).unwrap();
        for args in [&["config", "show"][..], &["providers"], &["models"]] {
            quiet(
                &format!("{name}, shape {shape}, {args:?}"),
                tintype(home.path(), args).arg("--config").arg(&file),
            );
        }
        std::fs::write(
            home.path().join(".tintype.toml"),
            format!("model = {evil}\n{evil} = {evil}\n"),
        )
        .unwrap();
        quiet(
            &format!("{name} in a project"),
            &mut tintype(home.path(), &["config", "show"]),
        );
        std::fs::remove_file(home.path().join(".tintype.toml")).unwrap();
    }
}

fn toml_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        if letter.is_control() || matches!(letter, '"' | '\\') {
            let _ = write!(quoted, "\\U{:08X}", u32::from(letter));
        } else {
            quoted.push(letter);
        }
    }
    quoted + "\""
}

/// A script gets the name as it is, or it could not open the file; a person gets it readable.
#[test]
fn a_path_is_verbatim_in_a_pipe_and_readable_on_a_terminal() {
    let home = tempfile::tempdir().unwrap();
    let name = "a\u{1b}]0;x\u{7}\u{202e}b.png";
    let args = [
        "--demo",
        "--demo-speed",
        "0",
        "generate",
        "a fox",
        "-q",
        "-o",
        name,
    ];
    let output = run(&mut tintype(home.path(), &args));
    assert_eq!(output.stdout, format!("{name}\n").as_bytes());
    assert!(home.path().join(name).is_file());
    let mut terminal = crate::terminal::Start::new(home.path()).args(&args).run();
    assert_eq!(terminal.exit(), 0);
    assert!(!terminal.raw().windows(4).any(|bytes| bytes == b"\x1b]0;"));
    assert!(Path::new(&home.path().join(name)).is_file());
}
