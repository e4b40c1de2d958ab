//! Runs the command that prints a key: without a shell, for a limited time, and without a word of its output in any
//! error. A command comes from the user's own settings only; this file does not ask where it came from.

use std::io::Read;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::domain::clean_line;
use crate::error::reason;

/// How long a command may take, in milliseconds: long enough for a password manager that asks its user.
const PATIENCE_MS: u64 = 10_000;

/// How long one look at its output waits.
const LOOK_MS: u64 = 20;

/// What a piece of output costs of the time, so that a command that babbles ends as well.
const PIECE_MS: u64 = 1;

/// No key and no complaint is longer.
const LONGEST: usize = 64 * 1024;

/// Words as a shell would split them, quotes and backslashes understood. What only a shell can do is refused.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                let Some(next) = letters.next() else {
                    return Err("ends in a backslash".to_owned());
                };
                if quote.is_some() && !matches!(next, '"' | '\\' | '$' | '`') {
                    word.get_or_insert_default().push('\\');
                }
                word.get_or_insert_default().push(next);
            }
            (None, '|' | '&' | ';' | '<' | '>' | '$' | '`') => {
                return Err(format!(
                    "holds \u{201c}{letter}\u{201d}, which only a shell understands, and it runs without one"
                ));
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    if quote.is_some() {
        return Err("has a quote that is never closed".to_owned());
    }
    words.extend(word);
    Ok(words)
}

/// Runs it in `folder` and gives the first line that it prints; else why there is none, as the end of a sentence.
pub(super) fn first_line(words: &[String], folder: Option<&Path>) -> Result<String, String> {
    first_line_within(words, folder, PATIENCE_MS)
}

fn first_line_within(words: &[String], folder: Option<&Path>, patience_ms: u64) -> Result<String, String> {
    let Some((program, arguments)) = words.split_first() else {
        return Err("is empty".to_owned());
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // Not where the user happens to be: a program may read settings of that folder, which may be anybody's.
    if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
        command.current_dir(folder);
    }
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot be run: {}", reason(&error)))?;
    let told = listen(&mut child, patience_ms);
    if !matches!(told, Ok(Said { .. })) {
        let _gone = child.kill().and_then(|()| child.wait());
    }
    let said = told?;
    if !said.status.success() {
        return Err(failed(said.status, &said.stderr));
    }
    let text = String::from_utf8(said.stdout).map_err(|_| "printed something that is not text".to_owned())?;
    let line = text.trim().lines().next().unwrap_or_default().trim().to_owned();
    if line.is_empty() {
        return Err("printed nothing".to_owned());
    }
    Ok(line)
}

fn failed(status: ExitStatus, stderr: &[u8]) -> String {
    let ended = match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "was ended by a signal".to_owned(),
    };
    let stderr = String::from_utf8_lossy(stderr);
    let line = stderr.lines().map(clean_line).find(|line| !line.is_empty());
    match line {
        Some(line) => {
            let line: String = line.chars().take(200).collect();
            format!("{ended}: \u{201c}{line}\u{201d}")
        }
        None => ended,
    }
}

struct Said {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    status: ExitStatus,
}

/// Reads both outputs to their ends and waits for the program's. Time is counted by what is waited for, as this room
/// has no clock.
fn listen(child: &mut Child, patience_ms: u64) -> Result<Said, String> {
    let late = || format!("took longer than {} s", patience_ms.div_ceil(1000));
    let mut left = patience_ms;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    while out.is_some() || err.is_some() {
        let ready = {
            let ends = [out.as_ref().map(AsFd::as_fd), err.as_ref().map(AsFd::as_fd)];
            look(ends)?
        };
        if ready == [false, false] {
            left = left.checked_sub(LOOK_MS).ok_or_else(late)?;
            continue;
        }
        left = left.checked_sub(PIECE_MS).ok_or_else(late)?;
        if ready[0] && !piece(&mut out, &mut stdout) {
            out = None;
        }
        if ready[1] && !piece(&mut err, &mut stderr) {
            err = None;
        }
        if stdout.len() > LONGEST || stderr.len() > LONGEST {
            return Err("printed far more than a key".to_owned());
        }
    }
    loop {
        if let Some(status) = child.try_wait().map_err(|error| reason(&error))? {
            return Ok(Said {
                stdout,
                stderr,
                status,
            });
        }
        left = left.checked_sub(LOOK_MS).ok_or_else(late)?;
        std::thread::sleep(Duration::from_millis(LOOK_MS));
    }
}

/// Which of the two has something to read, or has ended.
fn look(ends: [Option<std::os::fd::BorrowedFd<'_>>; 2]) -> Result<[bool; 2], String> {
    let mut polled: Vec<PollFd<'_>> = ends
        .iter()
        .flatten()
        .map(|end| PollFd::from_borrowed_fd(*end, PollFlags::IN))
        .collect();
    let wait = Timespec {
        tv_sec: 0,
        tv_nsec: i64::try_from(LOOK_MS * 1_000_000).unwrap_or(0),
    };
    match poll(&mut polled, Some(&wait)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(error) => return Err(reason(&error.into())),
    }
    let mut answers = polled.iter().map(|end| !end.revents().is_empty());
    Ok(ends.map(|end| end.is_some() && answers.next().unwrap_or(false)))
}

/// Takes along what is there; false at the end.
fn piece(from: &mut Option<impl Read>, into: &mut Vec<u8>) -> bool {
    let mut buffer = [0; 4096];
    let read = from.as_mut().map_or(Ok(0), |from| from.read(&mut buffer));
    let read = read.unwrap_or(0);
    into.extend_from_slice(&buffer[..read]);
    read > 0
}

/// The program as it will be run: a bare name is looked up in `PATH`, `~/` is the home, and any other path starts at
/// the settings file, never in the folder where the user happens to be.
pub(super) fn program(name: &str, home: Option<PathBuf>, config: &Path) -> String {
    let path = match (name.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ if name.contains('/') => config.parent().unwrap_or(config).join(name),
        _ => return name.to_owned(),
    };
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(words: &[&str]) -> Result<String, String> {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        first_line_within(&words, None, 10_000)
    }

    #[test]
    fn a_command_is_run_without_a_shell_and_its_first_line_is_the_key() {
        assert_eq!(run(&["printf", "k;echo x"]).as_deref(), Ok("k;echo x"));
        assert_eq!(run(&["printf", "%s", "$(id)"]).as_deref(), Ok("$(id)"));
        assert_eq!(
            run(&["printf", "\\n  sk-1 \\nuser: me\\n"]).as_deref(),
            Ok("sk-1")
        );
    }

    #[test]
    fn what_fails_is_said_without_what_was_printed() {
        for (words, why) in [
            (&["sh", "-c", "echo sk-hush; exit 3"][..], "ended with status 3"),
            (
                &[
                    "sh",
                    "-c",
                    "echo sk-hush; echo >&2; printf 'no \\033[1mcard\\nmore' >&2; exit 1",
                ],
                "ended with status 1: \u{201c}no \u{241b}[1mcard\u{201d}",
            ),
            (&["sh", "-c", "kill -9 $$"], "was ended by a signal"),
            (&["true"], "printed nothing"),
            (&["printf", "\\377"], "printed something that is not text"),
            (&["/nowhere/tool"], "cannot be run: it does not exist"),
            (
                &["head", "-c", "100000", "/dev/zero"],
                "printed far more than a key",
            ),
            (&[], "is empty"),
        ] {
            assert_eq!(run(words).unwrap_err(), why);
        }
    }

    #[test]
    fn a_command_that_hangs_is_ended() {
        for script in ["sleep 60", "exec >&- 2>&-; sleep 60", "while :; do echo; done"] {
            let words = ["sh", "-c", script].map(str::to_owned);
            let why = first_line_within(&words, None, 200).unwrap_err();
            assert!(
                why == "took longer than 1 s" || why == "printed far more than a key",
                "{why}"
            );
        }
    }

    #[test]
    fn a_line_is_split_as_a_shell_would_and_nothing_in_it_is_expanded() {
        let split = |text| split(text).unwrap();
        assert_eq!(split("pass show  relay"), ["pass", "show", "relay"]);
        assert_eq!(
            split(r#"op read 'op://a b/c' "d\"e" f\ g '' "\x""#),
            ["op", "read", "op://a b/c", "d\"e", "f g", "", "\\x"]
        );
        assert_eq!(split("echo '$HOME; rm'"), ["echo", "$HOME; rm"]);
        assert!(split("  ").is_empty());
        for (text, why) in [
            ("pass x | head -1", "only a shell"),
            ("echo $KEY", "only a shell"),
            ("echo `id`", "only a shell"),
            ("echo 'a", "never closed"),
            ("echo \\", "backslash"),
        ] {
            assert!(super::split(text).unwrap_err().contains(why), "{text}");
        }
    }

    #[test]
    fn a_program_is_never_looked_for_where_the_user_happens_to_be() {
        let config = Path::new("/home/me/.config/tintype/config.toml");
        let home = || Some(PathBuf::from("/home/me"));
        assert_eq!(program("pass", home(), config), "pass");
        assert_eq!(program("~/bin/key", home(), config), "/home/me/bin/key");
        assert_eq!(program("./key", home(), config), "/home/me/.config/tintype/./key");
        assert_eq!(program("/usr/bin/key", home(), config), "/usr/bin/key");
    }
}
