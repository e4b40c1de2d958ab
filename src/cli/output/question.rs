//! A question to the person at the terminal, answered with y or n.

use std::io::{self, IsTerminal};

use rustix::termios::{QueueSelector, tcflush};
use tokio::sync::oneshot;

use super::press::Piece;
use super::{clean_line_part, note, put};

/// Says something, asks about it, and returns the answer; anything but a yes is a no, and so is the end of the input. `None` where nobody can be
/// asked, because standard input or standard error is no terminal. A drop leaves the question standing, and the thread
/// that waits for its answer.
pub async fn confirmed(says: &str, question: &str) -> Option<bool> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return None;
    }
    // Lines of a pasted script that came before the question are no answer to it.
    let _none_of_a_terminal = tcflush(io::stdin(), QueueSelector::IFlush);
    note(says);
    put(Piece::Err(
        format!("{} [y/N] ", clean_line_part(question)).into_bytes(),
    ));
    let (answered, answer) = oneshot::channel();
    let waiting = std::thread::Builder::new()
        .name("question".to_owned())
        .spawn(move || {
            let mut line = String::new();
            let read = io::stdin().read_line(&mut line);
            let _nobody_waits = answered.send(read.is_ok() && is_yes(&line));
        });
    waiting.ok()?;
    answer.await.ok()
}

fn is_yes(line: &str) -> bool {
    let word = line.trim();
    word.eq_ignore_ascii_case("y") || word.eq_ignore_ascii_case("yes")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_yes_is_a_yes() {
        for line in ["y\n", "Y\r\n", " yes \n", "YES"] {
            assert!(is_yes(line), "{line:?}");
        }
        for line in ["", "\n", "n\n", "yeah\n", "yy\n", "1\n"] {
            assert!(!is_yes(line), "{line:?}");
        }
    }
}
