//! Folders and files: nobody else's to read, whatever the umask; no symlink is followed where something is written.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use crate::{below, run, tintype};

/// `tintype` started by a shell with this umask.
fn with_umask(home: &Path, umask: &str, args: &[&str]) -> Command {
    let mut command = tintype(home, &[]);
    let program = command.get_program().to_owned();
    let environment: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    command = Command::new("sh");
    command
        .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
        .arg(program)
        .args(args)
        .env_clear()
        .envs(environment)
        .current_dir(home);
    command
}

#[test]
fn what_is_kept_is_private_whatever_the_umask() {
    for umask in ["000", "022", "077", "177"] {
        let home = tempfile::tempdir().unwrap();
        let reference = home.path().join("fox.png");
        std::fs::write(&reference, super::pictures::png(4, 4)).unwrap();
        let output = run(&mut with_umask(
            home.path(),
            umask,
            &[
                "--demo",
                "--demo-speed",
                "0",
                "generate",
                "a fox",
                "-i",
                "fox.png",
            ],
        ));
        assert!(
            output.status.success(),
            "{umask}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            run(&mut with_umask(home.path(), umask, &["config", "init"]))
                .status
                .success()
        );
        let ours: Vec<_> = below(home.path())
            .into_iter()
            .filter(|path| path.components().any(|part| part.as_os_str() == "tintype"))
            .collect();
        for what in [
            "tintype.db",
            "images",
            "references",
            "log",
            "config.toml",
            "spool",
            "journal",
        ] {
            assert!(
                ours.iter().any(|path| path.file_name().unwrap() == what),
                "{umask}: no {what} in {ours:?}"
            );
        }
        for path in ours {
            let facts = path.symlink_metadata().unwrap();
            let wanted = if facts.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(facts.mode() & 0o7777, wanted, "{umask}: {}", path.display());
        }
    }
}

#[test]
fn no_symlink_is_followed_where_something_is_written() {
    for (place, is_folder) in [
        ("references", true),
        ("signatures", true),
        ("spool", true),
        ("tintype.db", false),
        ("state/log", false),
        ("state/journal", true),
    ] {
        let home = tempfile::tempdir().unwrap();
        let outside = home.path().join("outside");
        let data = home.path().join("data");
        std::fs::create_dir_all(data.join("state")).unwrap();
        if is_folder {
            std::fs::create_dir(&outside).unwrap();
        }
        symlink(&outside, data.join(place)).unwrap();
        std::fs::write(home.path().join("fox.png"), super::pictures::png(4, 4)).unwrap();
        let args = [
            "--demo",
            "--demo-speed",
            "0",
            "--data-dir",
            "data",
            "generate",
            "a fox",
            "-i",
            "fox.png",
        ];
        let output = run(&mut tintype(home.path(), &args));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if is_folder {
            let there: Vec<_> = below(&outside);
            assert!(there.is_empty(), "{place}: {there:?}\n{said}");
        } else {
            assert!(!outside.exists(), "{place} was followed\n{said}");
        }
        // A log is done without; what would be lost elsewhere is said.
        assert_eq!(output.status.success(), place == "state/log", "{place}: {said}");
    }
}

/// A copy goes where its name says: a link of the user's own that leads to a file is one that exists, and is not written
/// through; a folder may be a link, as everywhere.
#[test]
fn a_copy_never_goes_through_a_link() {
    let home = tempfile::tempdir().unwrap();
    let (target, link) = (home.path().join("target.png"), home.path().join("out.png"));
    std::fs::write(&target, "mine").unwrap();
    symlink(&target, &link).unwrap();
    let generate = |more: &[&str]| {
        let args = ["--demo", "--demo-speed", "0", "generate", "a fox", "-q"];
        run(tintype(home.path(), &args).args(more))
    };
    let output = generate(&["-o", "out.png"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "out_1.png\n");
    assert_eq!(std::fs::read(&target).unwrap(), b"mine");
    let output = generate(&["-o", "out.png", "--force"]);
    assert!(output.status.success());
    assert_eq!(
        std::fs::read(&target).unwrap(),
        b"mine",
        "--force replaces the link, not what it points to"
    );
    assert!(!link.symlink_metadata().unwrap().is_symlink());
    // One that points to nothing yet is taken as well.
    let (dangling, nowhere) = (home.path().join("dangling.png"), home.path().join("nowhere.png"));
    symlink(&nowhere, &dangling).unwrap();
    generate(&["-o", "dangling.png"]);
    assert!(!nowhere.exists());
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let (key, link) = (home.path().join("real.key"), home.path().join("link.key"));
    std::fs::write(&key, "sk-in-a-file").unwrap();
    symlink(&key, &link).unwrap();
    for (name, mode, fits) in [
        ("real.key", 0o600, true),
        ("real.key", 0o640, false),
        ("link.key", 0o644, false),
        ("link.key", 0o600, true),
    ] {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let config = home.path().join("config.toml");
        let text = format!(
            "[providers.relay]\nbase_url = 'http://127.0.0.1:9'\napi_key_file = '{name}'\n[[providers.relay.models]]\nname = 'm'\nlike = 'gemini-3.1-flash-image'\n"
        );
        std::fs::write(&config, text).unwrap();
        let args = [
            "-p",
            "relay",
            "-m",
            "m",
            "--config",
            "config.toml",
            "generate",
            "a fox",
            "--retries",
            "0",
        ];
        let output = run(&mut tintype(home.path(), &args));
        let said = String::from_utf8_lossy(&output.stderr);
        // With a key that fits, nobody is there to take it.
        assert_eq!(
            output.status.code(),
            Some(if fits { 5 } else { 4 }),
            "{name} {mode:o}: {said}"
        );
        assert!(!said.contains("sk-in-a-file"));
    }
}
