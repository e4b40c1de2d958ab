//! The question to a terminal: the bytes, and which of them a terminal may be asked. It writes nothing.

use super::{Hints, PICTURE};

const NAME: &str = "\x1b[>q";
const CELL: &str = "\x1b[16t";
const BACKGROUND: &str = "\x1b]11;?\x1b\\";
pub(super) const READY: &str = "\x1b[5n";
/// DA1, the text area in pixels, whether frames can be bracketed, and the kitty keyboard protocol.
const PLAIN: &str = "\x1b[c\x1b[14t\x1b[?2026$p\x1b[?u";
/// Whether there is OSC 5522.
const CLIPBOARD: &str = "\x1b[?5522$p";
/// How modified keys are told. Whoever takes it for an underline is put right by what ends [`COLOURS`].
const KEYS: &str = "\x1b[?4m";
/// Whether a colour of 16 million is kept as it is.
const COLOURS: &str = "\x1b[48:2::1:2:3m\x1bP$qm\x1b\\\x1b[0m";
const CAPABILITIES: &str = "\x1b]1337;Capabilities\x1b\\";
const CELL_REPORT: &str = "\x1b]1337;ReportCellSize\x1b\\";
const NOTIFICATIONS: &str = "\x1b]99;i=t:p=?;\x1b\\";

/// The question about kitty's graphics, with a picture that is stored nowhere.
pub(super) fn graphics() -> String {
    format!("\x1b_Gi={PICTURE},s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\")
}

/// The question, one write. Inside tmux it goes to tmux and, wrapped, to the terminal outside; the graphics question is
/// never asked of tmux itself, which would take it for the title of its pane.
pub fn query(hints: &Hints) -> Vec<u8> {
    let graphics = graphics();
    if hints.tmux {
        let inner = [NAME, CELL, BACKGROUND, PLAIN, READY].concat();
        // One wrapping each: an answer to one must not wait behind a question that tmux or the terminal drops. The
        // answer to OSC 99 would be typed into a neighbouring pane; a name tells as much.
        let outer = [NAME, &graphics, CELL, BACKGROUND, CLIPBOARD, CELL_REPORT, READY];
        return (inner + &outer.map(wrap).concat()).into_bytes();
    }
    // Control sequences first: a terminal that prints a string that it does not know has at least answered them.
    let plain = [NAME, PLAIN, CELL].concat();
    if hints.prints_strings() {
        return (plain + READY).into_bytes();
    }
    let strings = [
        CLIPBOARD,
        KEYS,
        &graphics,
        BACKGROUND,
        CAPABILITIES,
        CELL_REPORT,
        NOTIFICATIONS,
        COLOURS,
        READY,
    ];
    (plain + &strings.concat()).into_bytes()
}

/// The question about the background alone, for a terminal that has answered it before: its user may have changed from
/// light to dark.
pub fn query_background() -> Vec<u8> {
    BACKGROUND.as_bytes().to_vec()
}

/// What tmux passes on to the terminal outside, where `allow-passthrough` is on.
fn wrap(sequence: &str) -> String {
    format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b"))
}
