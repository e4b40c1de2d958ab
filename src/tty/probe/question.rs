//! The question to a terminal, in each of its forms. It writes nothing.

use super::PICTURE;

const NAME: &str = "\x1b[>q";
const CELL: &str = "\x1b[16t";
const BACKGROUND: &str = "\x1b]11;?\x1b\\";
pub(super) const READY: &str = "\x1b[5n";
/// DA1 and DA2, the text area in pixels, whether frames can be bracketed, whether characters that belong together are given
/// the room of one, and the kitty keyboard protocol.
const PLAIN: &str = "\x1b[c\x1b[>c\x1b[14t\x1b[?2026$p\x1b[?2027$p\x1b[?u";
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

/// The form of the question, by what the terminal bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Control sequences alone: a string would be printed, or it is not known yet who would get it.
    Controls,
    /// Everything, of the terminal itself.
    Direct,
    /// Of tmux and, wrapped, of the terminal outside. The graphics question is never asked of tmux itself, which would
    /// take it for the title of its pane.
    Tmux,
}

impl Form {
    /// The question, one write.
    pub fn question(self) -> Vec<u8> {
        let graphics = graphics();
        let (first, rest) = match self {
            // A terminal that prints a string that it does not know has at least answered the control sequences.
            Self::Controls => ([NAME, PLAIN, CELL, READY].concat(), String::new()),
            Self::Direct => {
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
                ([NAME, PLAIN, CELL].concat(), strings.concat())
            }
            // One wrapping each: an answer to one must not wait behind a question that tmux or the terminal drops. The
            // answer to OSC 99 would be typed into a neighbouring pane; a name tells as much.
            Self::Tmux => {
                let outer = [NAME, &graphics, CELL, BACKGROUND, CLIPBOARD, CELL_REPORT, READY];
                let inner = [NAME, CELL, BACKGROUND, PLAIN, READY];
                (inner.concat(), outer.map(wrap).concat())
            }
        };
        (first + &rest).into_bytes()
    }
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
