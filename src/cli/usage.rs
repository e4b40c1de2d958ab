//! Arguments that are not understood, told as every other error is; and help, which clap asks to be told likewise.

use super::generate::refuse;
use super::output;
use crate::error::{Error, Kind};

/// Prints what clap has to say and gives the exit code. With `json_wanted` a mistake is one object, like any failure.
pub fn told(said: &clap::Error, json_wanted: bool) -> u8 {
    let text = said.render().to_string();
    let Some(mistake) = text.strip_prefix("error: ") else {
        // Help and the version are results; the help for a command that lacks its other half is not.
        if said.use_stderr() {
            output::note(text.trim_end());
            return Kind::Usage.exit_code();
        }
        output::line(text.trim_end());
        return 0;
    };
    refuse(&error(mistake), json_wanted, false)
}

/// clap writes paragraphs: the mistake, perhaps a tip, the usage, and where to read on.
fn error(mistake: &str) -> Error {
    let mut paragraphs = mistake.split("\n\n").map(one_line);
    let message = paragraphs.next().unwrap_or_default();
    let tip = paragraphs.find_map(|paragraph| paragraph.strip_prefix("tip: ").map(capital));
    let hint = tip.unwrap_or_else(|| "Add --help to see what the command takes".to_owned());
    Error::new(Kind::Usage, capital(&message)).hint(hint)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
