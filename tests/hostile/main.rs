//! What comes from outside is hostile: text that commands terminals, pictures that take all memory, folders that others
//! can write to. On the real binary, by what it prints, draws, leaves on the disk and takes of memory.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read files, run programs, look at the environment and stop at the first surprise"
)]

mod answers;
mod corpus;
mod doctor;
mod logs;
mod pictures;
mod places;
mod printing;
mod screen;
#[path = "../cli/server.rs"]
#[expect(
    dead_code,
    reason = "the demo behind a counter is for the command line's own tests"
)]
mod server;
#[path = "../pty/terminal.rs"]
#[expect(dead_code, reason = "not every kind of terminal is hostile")]
mod terminal;

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

/// Longer than any test may take to reach a state.
const PATIENCE: Duration = Duration::from_mins(1);

/// `tintype` with a home of its own and nothing of the tester's environment.
fn tintype(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tintype"));
    command
        .args(args)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("TZ", "UTC")
        .current_dir(home)
        .stdin(std::process::Stdio::null());
    command
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// Every path below a folder.
fn below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.symlink_metadata().unwrap().is_dir() {
                folders.push(path.clone());
            }
            found.push(path);
        }
    }
    found
}
