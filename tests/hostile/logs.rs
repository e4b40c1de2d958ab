//! The log: what is in it, what is not, and that nobody sees it on the screen.

use crate::corpus::{answer, assert_toothless, everything, refusal};
use crate::server::Echo;
use crate::{below, run, tintype};

const KEY: &str = "sk-test-never-in-a-log-77";

fn log(home: &std::path::Path) -> String {
    let logs = below(home)
        .into_iter()
        .filter(|path| path.file_name().unwrap() == "log");
    logs.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn a_generation_can_be_followed_and_its_words_cannot() {
    let home = tempfile::tempdir().unwrap();
    let output = run(&mut tintype(
        home.path(),
        &[
            "--demo",
            "--demo-speed",
            "0",
            "generate",
            "a peculiar walrus",
            "-q",
        ],
    ));
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let log = log(home.path());
    for word in [
        "start",
        env!("CARGO_PKG_VERSION"),
        "provider=\"demo\"",
        "a generation begins",
        "a generation ended",
        "status=\"finished\"",
        "total_ms=",
    ] {
        assert!(log.contains(word), "no {word} in\n{log}");
    }
    assert!(!log.contains("walrus"), "{log}");
    let failing = [
        "--demo",
        "--demo-speed",
        "0",
        "generate",
        "fail:429 walrus",
        "--retries",
        "1",
        "-q",
    ];
    assert_eq!(run(&mut tintype(home.path(), &failing)).status.code(), Some(5));
    let log = self::log(home.path());
    for word in [
        "it is sent again",
        "kind=rate_limited",
        "http=429",
        "status=\"failed\"",
    ] {
        assert!(log.contains(word), "no {word} in\n{log}");
    }
    assert!(!log.contains("walrus"), "{log}");
}

#[test]
fn no_key_gets_into_it_at_any_level_and_no_command_to_whoever_reads_it() {
    let home = tempfile::tempdir().unwrap();
    let server = Echo::start();
    let evil = format!("{} {KEY}", everything());
    for answer in [
        answer(&evil),
        refusal(&evil, 400),
        refusal(&evil, 500),
        refusal(&evil, 302),
        b"HTTP/1.1 sk".to_vec(),
    ] {
        server.answer_with(answer);
        for (provider, variable) in [
            ("anyfast", "ANYFAST_API_KEY"),
            ("google", "GEMINI_API_KEY"),
            ("tokaify", "TOKAIFY_API_KEY"),
        ] {
            let args = [
                "-vv",
                "-p",
                provider,
                "--base-url",
                &server.base_url,
                "generate",
                "a fox",
                "--retries",
                "0",
            ];
            run(tintype(home.path(), &args).env(variable, KEY));
            // A server that does not speak http is asked without a key whether it speaks https.
            while !server.head().contains(KEY) {}
        }
    }
    let log = log(home.path());
    assert!(log.contains("a server answers"), "-vv says more:\n{log}");
    assert!(!log.contains(KEY), "{log}");
    assert_toothless("the log", log.as_bytes());
}

#[test]
fn what_keeps_nothing_writes_no_log() {
    let home = tempfile::tempdir().unwrap();
    for args in [
        &["--help"][..],
        &["models"],
        &["keys"],
        &["config", "show"],
        &["doctor"],
    ] {
        run(&mut tintype(home.path(), args));
    }
    assert_eq!(below(home.path()), Vec::<std::path::PathBuf>::new());
}
