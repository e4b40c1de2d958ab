//! Pastes from a terminal that puts no brackets around them: text wherever it comes, and nothing that acts.

use std::time::Duration;

use crate::provider::Provider;
use crate::terminal::{Like, Start, Terminal};
use crate::working::{at_google, dear_project};
use crate::{home, newest_session};

const LINES: &str = "a red fox\rin snow\rat dusk\rby a lake\rin oil\r";

/// Types these bytes one by one, as a terminal does that makes keys of what is pasted.
fn one_by_one(terminal: &Terminal, text: &str) {
    for at in 0..text.len() {
        terminal.keys(&text[at..=at]);
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Waits until the first prompt of a session has become a turn.
fn wait_sent(terminal: &Terminal) {
    terminal.wait("a turn", |screen| {
        screen.contains("running") || screen.contains("#1 · ")
    });
}

/// The prompts that were sent in this home.
fn sent(home: &std::path::Path) -> Vec<String> {
    let turns = newest_session(home).turns;
    turns.into_iter().map(|turn| turn.request.prompt).collect()
}

#[test]
fn five_lines_at_once_are_one_prompt() {
    for paste in [Terminal::keys, one_by_one] {
        let home = home();
        let terminal = Start::new(home.path()).demo("0").run();
        terminal.wait_start();
        paste(&terminal, LINES);
        terminal.wait_text("taken as pasted text; Enter sends it");
        terminal.wait("all lines in the prompt", |screen| {
            LINES.split_terminator('\r').all(|line| screen.contains(line))
        });
        terminal.keys("\r");
        wait_sent(&terminal);
        assert_eq!(sent(home.path()), [LINES.trim_end().replace('\r', "\n")]);
    }
}

#[test]
fn a_line_with_its_end_waits_for_enter_and_quick_typing_does_not() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.keys("a lighthouse at dusk\r");
    terminal.wait_text("taken as pasted text; Enter sends it");
    terminal.keys("\r");
    wait_sent(&terminal);
    assert_eq!(sent(home.path()), ["a lighthouse at dusk"]);
    // A link that stood still for a moment.
    terminal.keys("\x0efox\r");
    terminal.wait_text("▌fox");
}

#[test]
fn a_paste_outside_the_prompt_runs_no_keys() {
    let home = home();
    let terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    terminal.send("a red fox");
    terminal.wait_text("#1 · ");
    // In the list of sessions, and where a turn is shown: `d` deletes there, `r` asks once more, Enter goes on.
    for panes in ["\x13", "\t\t"] {
        for paste in [Terminal::keys, one_by_one] {
            terminal.keys(panes);
            terminal.wait("the pane", |screen| !screen.contains("Enter send"));
            paste(&terminal, "d\rr\rd\r");
            terminal.wait_text("taken as pasted text; Enter sends it");
            terminal.keys("\x03");
            terminal.wait_gone("taken as pasted text");
        }
    }
    assert_eq!(sent(home.path()), ["a red fox"]);
}

#[test]
fn a_paste_is_no_consent() {
    let (home, mut provider) = dear_project();
    let terminal = at_google(home.path(), &provider).run();
    terminal.wait_start();
    terminal.send("a red fox");
    terminal.wait_text("gemini-3-pro-image at 4K: $0.24");
    terminal.keys("so\r");
    terminal.wait_text("too many keys at once");
    terminal.keys("s\ro\rs\r");
    terminal.wait_text("pasted text answers no question");
    terminal.keys("\x1b");
    terminal.wait_gone("gemini-3-pro-image at 4K: $0.24");
    // The question and its answer at a stroke.
    terminal.keys("\rs");
    terminal.wait_text("││ s ");
    terminal.keys("\r");
    terminal.wait_text("gemini-3-pro-image at 4K: $0.24");
    one_by_one(&terminal, "so on and so forth");
    terminal.wait_text("pasted text answers no question");
    terminal.keys("s");
    // The first call that the provider sees, and the only one.
    provider.answer();
    provider.half_a_picture();
    provider.the_other_half();
    terminal.wait_text("#1 · 320×200 png");
    assert_eq!(newest_session(home.path()).turns.len(), 1);
}

#[test]
fn what_was_typed_before_the_question_does_not_answer_it() {
    let (home, provider) = dear_project();
    let start = at_google(home.path(), &provider).args(&["generate", "a red fox"]);
    let terminal = start.run();
    // The second line of what was pasted at the shell, before the program can have asked.
    terminal.keys("y\r");
    terminal.wait_text("Send it? [y/N]");
    terminal.keys("n\r");
    terminal.wait_text("Nothing was sent");
}

#[test]
fn ten_megabytes_are_read_and_nothing_of_them_acts() {
    let home = home();
    let mut terminal = Start::new(home.path()).demo("0").run();
    terminal.wait_start();
    let line = "a red fox in the snow, by a lake, in the last light of the day\r";
    terminal.keys(&line.repeat(10_000_000 / line.len()));
    terminal.wait_text("only the first 1 MB of the paste was taken");
    terminal.keys("\x03");
    terminal.wait_text("Describe a picture");
    terminal.keys("\x11");
    assert_eq!(terminal.exit(), 0);
    let store = tintype::store::Store::open(&home.path().join(".local/share/tintype")).unwrap();
    assert_eq!(store.recent(10).unwrap().len(), 0, "something was sent");
}

#[test]
fn what_is_not_seen_arrives_at_the_model_as_it_was_pasted() {
    // A byte order mark, marks of direction, an isolate, a joiner, a tab.
    let prompt = "\u{feff}\u{200f}שועל אדום\u{200e} \u{2067}fox\u{2069} می\u{200c}خواهم\tx";
    for brackets in [true, false] {
        let home = home();
        let mut provider = Provider::new();
        let terminal = provider.client(home.path()).run();
        terminal.wait_start();
        terminal.keys(&if brackets {
            format!("\x1b[200~{prompt}\x1b[201~")
        } else {
            prompt.to_owned()
        });
        // The screen has a stand-in for what it must not be sent; the one of these tests does not show it.
        terminal.wait_text("שועל");
        terminal.wait_bytes(0, "\u{fffd}");
        terminal.keys("\r");
        let call = provider.take();
        let body = call.json();
        assert_eq!(body["contents"][0]["parts"][0]["text"], prompt);
        provider.answer_whole(call);
        terminal.wait_text("#1 · ");
        let raw = String::from_utf8(terminal.raw()).unwrap();
        for unseen in ['\u{feff}', '\u{200f}', '\u{200e}', '\u{2067}', '\u{2069}'] {
            assert!(!raw.contains(unseen), "{unseen:?} reached the terminal");
        }
        assert_eq!(sent(home.path()), [prompt]);
        // An earlier prompt is what it was.
        let written = terminal.written();
        terminal.keys("\x1b[A");
        terminal.wait_bytes(written, "שועל");
        terminal.keys("\r");
        let call = provider.take();
        let parts = call.json()["contents"].as_array().unwrap().last().unwrap()["parts"].clone();
        assert_eq!(parts.as_array().unwrap().last().unwrap()["text"], prompt);
    }
}

#[test]
fn a_character_that_alt_gr_gives_is_typed() {
    let home = home();
    let terminal = Start::new(home.path()).like(Like::Kitty).demo("0").run();
    terminal.wait_start();
    terminal.keys("mail");
    terminal.keys("\x1b[113;7;64ufox");
    terminal.keys("\x1b[101;7;8364u");
    terminal.wait_text("mail@fox€");
}
