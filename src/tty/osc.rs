//! What a terminal does for its user beside showing text: clipboard, notifications, progress, links, files. It only
//! makes the bytes; whether the terminal knows them is decided elsewhere, and whoever does not may print them.
//!
//! Text in them is cleaned here: nothing that it holds can end a sequence and begin another.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::probe::Notifier;
use crate::domain::clean_line;
use crate::graphics::kitty::Wrap;

/// The longest text that terminals take for their clipboard: 100,000 bytes as base64.
pub const LONGEST_TEXT: usize = 74_994;
/// Bytes of a clipboard or a file in one sequence.
const PIECE: usize = 3072;
/// Notifications are a glance.
const LONGEST_WORDS: usize = 200;

/// A text for the clipboard (OSC 52); `None` where it is too long.
pub fn clipboard(text: &str, wrap: Wrap) -> Option<Vec<u8>> {
    (text.len() <= LONGEST_TEXT).then(|| sequence(&format!("52;c;{}", base64(text.as_bytes())), wrap))
}

/// A notification, in the terminal's own way.
pub fn notification(notifier: Notifier, title: &str, words: &str, wrap: Wrap) -> Vec<u8> {
    let short = |text: &str| clean_line(text).chars().take(LONGEST_WORDS).collect::<String>();
    let (title, words) = (short(title), short(words));
    match notifier {
        Notifier::Osc9 => sequence(&format!("9;{title}: {words}"), wrap),
        Notifier::Osc99 => {
            let mut bytes = sequence(&format!("99;i=tintype:d=0:p=title;{title}"), wrap);
            bytes.extend(sequence(&format!("99;i=tintype:d=1:p=body;{words}"), wrap));
            bytes
        }
        // The first semicolon ends the title.
        Notifier::Osc777 => sequence(&format!("777;notify;{};{words}", title.replace(';', ",")), wrap),
    }
}

/// How far something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Progress {
    #[default]
    None,
    /// Nobody knows how long it takes.
    Running,
}

/// The progress that the terminal shows in its tab or on its icon (OSC 9;4).
pub fn progress(progress: Progress, wrap: Wrap) -> Vec<u8> {
    let state = match progress {
        Progress::None => "0;0",
        Progress::Running => "3;0",
    };
    sequence(&format!("9;4;{state}"), wrap)
}

/// Text that leads to this address (OSC 8). The text is as wide as without.
pub fn link(address: &str, text: &str) -> String {
    format!(
        "\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\",
        printable(address),
        clean_line(text)
    )
}

/// The address of a file on this machine.
pub fn file_address(host: &str, path: &[u8]) -> String {
    let mut address = format!("file://{}", printable(host));
    for byte in path {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                address.push(char::from(*byte));
            }
            _ => {
                // A string takes what it is given.
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address
}

/// A file for the machine of the terminal (OSC 1337), a sequence each. In parts, text may come between two of them, and
/// no multiplexer finds one too long; only iTerm2 3.5 and later puts them together again.
pub fn download(name: &str, bytes: &[u8], parts: bool, wrap: Wrap) -> Vec<Vec<u8>> {
    let about = format!("name={};size={};inline=0", base64(name.as_bytes()), bytes.len());
    if !parts {
        return vec![sequence(&format!("1337;File={about}:{}", base64(bytes)), wrap)];
    }
    let mut sequences = vec![sequence(&format!("1337;MultipartFile={about}"), wrap)];
    sequences.extend(
        bytes
            .chunks(PIECE)
            .map(|piece| sequence(&format!("1337;FilePart={}", base64(piece)), wrap)),
    );
    sequences.push(sequence("1337;FileEnd", wrap));
    sequences
}

/// A picture for the clipboard (OSC 5522), a sequence each. The terminal answers whether it took it.
pub fn copy(mime: &str, bytes: &[u8], wrap: Wrap) -> Vec<Vec<u8>> {
    let head = format!("5522;type=wdata:mime={}", base64(mime.as_bytes()));
    let mut sequences = vec![sequence("5522;type=write", wrap)];
    sequences.extend(
        bytes
            .chunks(PIECE)
            .map(|piece| sequence(&format!("{head};{}", base64(piece)), wrap)),
    );
    sequences.push(sequence("5522;type=wdata", wrap));
    sequences
}

/// Asks for what is on the clipboard, of this kind (OSC 5522). With the password of a paste the terminal gives it at
/// once; without, it asks its user first.
pub(super) fn read(mime: &str, password: Option<&str>, wrap: Wrap) -> Vec<u8> {
    let password = password.map_or(String::new(), |password| {
        format!(":pw={}:name={}", printable(password), base64(b"Paste event"))
    });
    sequence(
        &format!("5522;type=read{password};{}", base64(mime.as_bytes())),
        wrap,
    )
}

/// Has the terminal tell of each paste instead of typing it: only so does a picture come.
pub fn paste_events(on: bool, wrap: Wrap) -> Vec<u8> {
    wrapped(if on { "\x1b[?5522h" } else { "\x1b[?5522l" }, wrap)
}

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn printable(text: &str) -> String {
    text.chars().filter(char::is_ascii_graphic).collect()
}

fn sequence(body: &str, wrap: Wrap) -> Vec<u8> {
    wrapped(&format!("\x1b]{body}\x1b\\"), wrap)
}

fn wrapped(sequence: &str, wrap: Wrap) -> Vec<u8> {
    match wrap {
        Wrap::None => sequence.as_bytes().to_vec(),
        Wrap::Tmux => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn each_sequence_is_as_its_terminals_read_it() {
        let plain = Wrap::None;
        assert_eq!(text(clipboard("a/b", plain).unwrap()), "\x1b]52;c;YS9i\x1b\\");
        assert_eq!(clipboard(&"x".repeat(LONGEST_TEXT + 1), plain), None);
        let tell = |notifier| text(notification(notifier, "tin;type", "ready", plain));
        assert_eq!(tell(Notifier::Osc9), "\x1b]9;tin;type: ready\x1b\\");
        assert_eq!(tell(Notifier::Osc777), "\x1b]777;notify;tin,type;ready\x1b\\");
        assert_eq!(
            tell(Notifier::Osc99),
            "\x1b]99;i=tintype:d=0:p=title;tin;type\x1b\\\x1b]99;i=tintype:d=1:p=body;ready\x1b\\"
        );
        assert_eq!(text(progress(Progress::Running, plain)), "\x1b]9;4;3;0\x1b\\");
        assert_eq!(text(progress(Progress::None, plain)), "\x1b]9;4;0;0\x1b\\");
        assert_eq!(
            link(&file_address("here", "/a b/ü.png".as_bytes()), "ü.png"),
            "\x1b]8;;file://here/a%20b/%C3%BC.png\x1b\\ü.png\x1b]8;;\x1b\\"
        );
        assert_eq!(
            text(progress(Progress::None, Wrap::Tmux)),
            "\x1bPtmux;\x1b\x1b]9;4;0;0\x1b\x1b\\\x1b\\"
        );
    }

    #[test]
    fn nothing_in_a_text_ends_its_sequence() {
        let hostile = "a\x1b\\b\x07c\u{9c}d";
        for notifier in [Notifier::Osc9, Notifier::Osc99, Notifier::Osc777] {
            let bytes = text(notification(notifier, hostile, hostile, Wrap::None));
            let inside = bytes.trim_start_matches('\x1b').trim_end_matches("\x1b\\");
            assert!(!inside.contains(['\x07', '\u{9c}']), "{bytes:?}");
            assert!(
                !inside.replace("\x1b\\\x1b]99;", "").contains('\x1b'),
                "{bytes:?}"
            );
        }
        let bytes = link("x:\x1b\\\x07", hostile);
        assert_eq!(bytes.matches('\x1b').count(), 4, "{bytes:?}");
    }

    #[test]
    fn a_file_goes_in_parts_that_are_whole() {
        let bytes = vec![7; PIECE * 2 + 1];
        let parts = download("fox.png", &bytes, true, Wrap::None);
        assert_eq!(parts.len(), 5);
        assert_eq!(
            text(parts[0].clone()),
            format!(
                "\x1b]1337;MultipartFile=name=Zm94LnBuZw==;size={};inline=0\x1b\\",
                bytes.len()
            )
        );
        assert_eq!(parts[4], b"\x1b]1337;FileEnd\x1b\\");
        let whole = download("fox.png", b"abc", false, Wrap::None);
        assert_eq!(
            text(whole[0].clone()),
            "\x1b]1337;File=name=Zm94LnBuZw==;size=3;inline=0:YWJj\x1b\\"
        );
        let copied = copy("image/png", b"abc", Wrap::None);
        assert_eq!(
            copied.iter().map(|piece| text(piece.clone())).collect::<Vec<_>>(),
            [
                "\x1b]5522;type=write\x1b\\",
                "\x1b]5522;type=wdata:mime=aW1hZ2UvcG5n;YWJj\x1b\\",
                "\x1b]5522;type=wdata\x1b\\"
            ]
        );
    }
}
