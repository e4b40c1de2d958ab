//! Keys that come faster than a hand types them: a paste from a terminal that puts no brackets around it. Sans-IO; the
//! time is an argument.
//!
//! The rule, for *text keys* (characters, Enter, Tab) that follow each other within `CLOSE`:
//!
//! * Text behind an Enter, or more than `HAND` characters, is a paste: it becomes text, and no key of it acts.
//! * At most `HAND` characters, the last of them perhaps an Enter, may have been typed while the link stood still: they
//!   are keys.
//! * Characters of a key that is held down are keys, however many.
//!
//! Wherever text is typed, the first few characters are handed on at once. Everything that acts waits until nothing
//! more has followed. So a paste that comes byte by byte cannot act, a user waits a few milliseconds, and whatever has
//! been seen on the screen before Enter is hit belongs to an earlier burst.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::lexer::LONGEST_PASTE;

/// Keys no further apart than this are one burst. A key that is held down repeats every 16 ms at most, and programs that
/// type for a user leave 10 ms or more.
const CLOSE: Duration = Duration::from_millis(8);
/// The same where the burst is rather a paste: a link delivers it in pieces.
const CLOSE_IN_TEXT: Duration = Duration::from_millis(30);
/// The same where it is a paste for certain.
const CLOSE_IN_LINES: Duration = Duration::from_millis(100);
/// So many characters a quick typist gives while a link stands still for three quarters of a second.
const HAND: usize = 8;
/// More characters than this at once are of no hand, and no control character among them is.
const NO_HAND: usize = 64;

/// The keys or the text that a burst has turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Keys(Vec<KeyEvent>),
    /// Pasted text, its line ends as `\n`, and whether its end was cut off.
    Text {
        text: String,
        cut: bool,
    },
}

/// The burst that is coming in.
#[derive(Debug, Default)]
pub struct Burst {
    /// Keys that wait for what follows.
    held: Vec<KeyEvent>,
    /// The text, as soon as it is known to be one.
    text: Option<Pasted>,
    characters: usize,
    enters: usize,
    /// Something has come behind an Enter.
    goes_on: bool,
    /// The first key, while all others were the same.
    alike: Option<KeyEvent>,
    last: Option<Instant>,
    /// When the burst ends at the earliest.
    not_before: Option<Instant>,
}

#[derive(Debug, Default)]
struct Pasted {
    so_far: String,
    after_return: bool,
    cut: bool,
}

impl Pasted {
    fn push(&mut self, key: &KeyEvent) {
        let after_return = std::mem::take(&mut self.after_return);
        let character = match key.code {
            KeyCode::Enter => {
                self.after_return = true;
                '\n'
            }
            // A line end of two characters is one.
            KeyCode::Char('j') if is_line_feed(key) && after_return => return,
            KeyCode::Char('j') if is_line_feed(key) => '\n',
            KeyCode::Tab => '\t',
            KeyCode::Char(character) => character,
            _ => return,
        };
        if self.so_far.len() + character.len_utf8() > LONGEST_PASTE {
            self.cut = true;
        } else if !self.cut {
            self.so_far.push(character);
        }
    }
}

/// A raw line feed is Ctrl+J to the lexer.
fn is_line_feed(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('j') && key.modifiers == KeyModifiers::CONTROL
}

fn is_character(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Char(_)) && KeyModifiers::SHIFT.contains(key.modifiers)
}

/// Returns whether the key can be a part of pasted text.
pub fn is_text(key: &KeyEvent) -> bool {
    let is_plain = matches!(key.code, KeyCode::Enter | KeyCode::Tab) && key.modifiers.is_empty();
    is_plain || is_character(key) || is_line_feed(key)
}

impl Burst {
    /// Takes text keys that have come together, and hands on those that need not wait. `into_text` says that characters
    /// are typed into something now, rather than act.
    pub fn push(&mut self, keys: &[KeyEvent], into_text: bool, now: Instant) -> Vec<KeyEvent> {
        if self.due().is_none() && self.last.is_some_and(|last| now >= last + self.window()) {
            *self = Self::default();
        }
        self.last = Some(now);
        for key in keys {
            self.count(key);
        }
        if self.text.is_none() && self.is_paste(into_text) {
            let mut text = Pasted::default();
            for key in self.held.drain(..) {
                text.push(&key);
            }
            self.text = Some(text);
        }
        if let Some(text) = &mut self.text {
            for key in keys {
                text.push(key);
            }
            return Vec::new();
        }
        let may_go = into_text && self.held.is_empty();
        let at_once = keys.iter().take_while(|key| may_go && is_character(key)).count();
        let (at_once, held) = keys.split_at(at_once);
        self.held.extend(held);
        at_once.to_vec()
    }

    fn count(&mut self, key: &KeyEvent) {
        let is_first = self.characters + self.enters == 0;
        self.alike = if is_first {
            Some(*key)
        } else {
            self.alike.filter(|alike| alike == key)
        };
        self.goes_on |= self.enters > 0;
        if key.code == KeyCode::Enter {
            self.enters += 1;
        } else {
            self.characters += 1;
        }
    }

    fn is_paste(&self, into_text: bool) -> bool {
        if self.alike.is_some() {
            // Enter that is held down must not send one prompt after another.
            return into_text && self.enters > 1;
        }
        self.is_of_lines() || self.characters > HAND
    }

    fn is_of_lines(&self) -> bool {
        self.goes_on && self.characters > 0
    }

    /// Returns the time after its last key for which the burst is still open.
    fn window(&self) -> Duration {
        if self.is_of_lines() {
            CLOSE_IN_LINES
        } else if self.text.is_some() || (self.enters > 0 && self.characters > 0) {
            CLOSE_IN_TEXT
        } else {
            CLOSE
        }
    }

    /// When [`end`](Self::end) is due; `None` where nothing waits.
    pub fn due(&self) -> Option<Instant> {
        let waits = !self.held.is_empty() || self.text.is_some();
        let due = self.last.filter(|_| waits).map(|last| last + self.window());
        due.map(|due| self.not_before.map_or(due, |not_before| due.max(not_before)))
    }

    /// Puts [`end`](Self::end) off: more has come, and is not read yet.
    pub fn wait_until(&mut self, not_before: Instant) {
        self.not_before = Some(not_before);
    }

    /// Nothing more has followed, or something else has: what waits is handed on.
    pub fn end(&mut self) -> Option<Typed> {
        let Self { held, text, .. } = std::mem::take(self);
        match text {
            Some(Pasted { so_far, cut, .. }) => Some(Typed::Text { text: so_far, cut }),
            None => (!held.is_empty()).then_some(Typed::Keys(held)),
        }
    }

    /// Returns whether a key that is no text is to be passed over: a control character in the middle of what is pasted for
    /// certain, as brackets would have kept it out.
    pub fn swallows(&self, key: &KeyEvent) -> bool {
        let is_certain = self.text.is_some() && (self.is_of_lines() || self.characters > NO_HAND);
        let is_control = matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace | KeyCode::Esc);
        is_certain && is_control
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tty::{Input, Lexer};

    const MS: Duration = Duration::from_millis(1);

    fn keys(text: &str) -> Vec<KeyEvent> {
        let mut keys = Vec::new();
        Lexer::new().push(text.as_bytes(), &mut |input| match input {
            Input::Key(key) => keys.push(key),
            other => panic!("{other:?}"),
        });
        keys
    }

    /// Plays pieces, each so long after the one before, as the loop does; returns everything that comes of them.
    fn play(pieces: &[(u32, &str)], into_text: bool) -> Vec<Typed> {
        let (mut burst, mut now, mut out) = (Burst::default(), Instant::now(), Vec::new());
        for (after, piece) in pieces {
            now += MS * *after;
            if burst.due().is_some_and(|due| due <= now) {
                out.extend(burst.end());
            }
            let at_once = burst.push(&keys(piece), into_text, now);
            if !at_once.is_empty() {
                out.push(Typed::Keys(at_once));
            }
        }
        out.extend(burst.end());
        out
    }

    fn text(text: &str) -> Typed {
        Typed::Text {
            text: text.to_owned(),
            cut: false,
        }
    }

    fn typed(text: &str) -> Typed {
        Typed::Keys(keys(text))
    }

    #[test]
    fn lines_at_once_are_text_wherever_they_come() {
        for into_text in [true, false] {
            for (pasted, becomes) in [
                ("one\rtwo\rthree\rfour\rfive\r", "one\ntwo\nthree\nfour\nfive\n"),
                ("y\rn\r", "y\nn\n"),
                ("y\r\n", "y\n"),
                ("\ry", "\ny"),
                ("a\tb\rc\td", "a\tb\nc\td"),
                ("yes, a red fox", "yes, a red fox"),
                ("yes, a red fox\r", "yes, a red fox\n"),
                ("a line\nanother", "a line\nanother"),
            ] {
                assert_eq!(play(&[(0, pasted)], into_text), [text(becomes)], "{pasted:?}");
            }
        }
        assert_eq!(play(&[(0, "\r\r\r")], true), [text("\n\n\n")]);
    }

    #[test]
    fn a_paste_in_pieces_sends_nothing() {
        let pasted = "a fox\ra cat\ran owl\r";
        for apart in [0, 1, 5] {
            let mut pieces = Vec::new();
            for at in 0..pasted.len() {
                pieces.push((apart, &pasted[at..=at]));
            }
            let said = play(&pieces, true);
            let Some((Typed::Text { text, .. }, before)) = said.split_last() else {
                panic!("{said:?}")
            };
            let before: usize = before
                .iter()
                .map(|typed| match typed {
                    Typed::Keys(keys) if keys.iter().all(is_character) => keys.len(),
                    other => panic!("{other:?}"),
                })
                .sum();
            assert_eq!(*text, pasted[before..].replace('\r', "\n"), "{apart} ms apart");
            assert!(matches!(&play(&pieces, false)[..], [Typed::Text { .. }]));
        }
        let lines = [(0, "a red fox in snow\r"), (25, "a cat\r"), (90, "an owl\r")];
        let whole = text("a red fox in snow\na cat\nan owl\n");
        assert_eq!(play(&lines, true), [whole]);
    }

    #[test]
    fn what_a_hand_types_over_a_slow_link_is_keys() {
        assert_eq!(play(&[(0, "fox\r")], true), [typed("fox"), typed("\r")]);
        assert_eq!(play(&[(0, "a cat\r")], false), [typed("a cat\r")]);
        assert_eq!(
            play(&[(0, "jjjjjjjjjjjjjjjj")], false),
            [typed("jjjjjjjjjjjjjjjj")]
        );
        // Whoever has seen the text hits Enter later than this.
        let sent = play(&[(0, "a lighthouse at dusk"), (40, "\r")], true);
        assert_eq!(sent, [text("a lighthouse at dusk"), typed("\r")]);
        // As quickly as a program types.
        let mut pieces: Vec<(u32, &str)> = "a lighthouse".split("").map(|key| (10, key)).collect();
        pieces.push((10, "\r"));
        let said = play(&pieces, true);
        assert!(
            said.iter().all(|typed| matches!(typed, Typed::Keys(_))),
            "{said:?}"
        );
        assert_eq!(said.last(), Some(&typed("\r")));
    }

    #[test]
    fn only_what_acts_waits() {
        let now = Instant::now();
        let mut burst = Burst::default();
        assert_eq!(burst.push(&keys("fo"), true, now), keys("fo"));
        assert_eq!(burst.due(), None);
        assert_eq!(burst.push(&keys("x\r"), true, now + MS), keys("x"));
        assert_eq!(burst.due(), Some(now + MS + CLOSE_IN_TEXT));
        assert_eq!(burst.end(), Some(typed("\r")));
        assert_eq!(burst.end(), None);
        assert_eq!(burst.push(&keys("\r"), true, now), []);
        assert_eq!(burst.due(), Some(now + CLOSE));
    }

    #[test]
    fn control_characters_act_unless_they_are_pasted_for_certain() {
        let now = Instant::now();
        let control = keys("\x11")[0];
        let mut burst = Burst::default();
        for (pasted, swallowed) in [
            ("a red fox", false),
            ("a\rred", true),
            (&*"fox ".repeat(20), true),
        ] {
            burst.push(&keys(pasted), true, now);
            assert_eq!(burst.swallows(&control), swallowed, "{pasted}");
            assert!(!burst.swallows(&KeyCode::Up.into()));
            burst.end();
        }
        assert!(!burst.swallows(&control));
    }

    #[test]
    fn a_huge_paste_is_cut_and_that_is_told() {
        let now = Instant::now();
        let mut burst = Burst::default();
        let piece = keys(&"a line of text\r".repeat(1_000));
        for _ in 0..100 {
            assert_eq!(burst.push(&piece, true, now), []);
        }
        let Some(Typed::Text { text, cut }) = burst.end() else {
            panic!("no text")
        };
        assert!(cut && text.len() == LONGEST_PASTE, "{}", text.len());
    }
}
