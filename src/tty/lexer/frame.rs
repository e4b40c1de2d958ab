//! The byte-level parts of framing: how long a character is, what introduces a string, and pasted text.

use crate::tty::fact::Frame;

/// More pasted text than this is cut off; in bytes.
pub(in crate::tty) const LONGEST_PASTE: usize = 1024 * 1024;
pub(super) const PASTE_END: &[u8] = b"\x1b[201~";

/// The byte after ESC that begins a string: what the key was if nothing follows.
pub(super) fn introducer(frame: Frame) -> u8 {
    match frame {
        Frame::Apc => b'_',
        Frame::Dcs => b'P',
        Frame::Osc => b']',
        Frame::Pm => b'^',
        Frame::Sos => b'X',
    }
}

/// Returns the frame that this byte introduces after ESC, of those that replies come in.
pub(super) fn introduced(byte: u8) -> Option<Frame> {
    match byte {
        b'_' => Some(Frame::Apc),
        b'P' => Some(Frame::Dcs),
        b']' => Some(Frame::Osc),
        _ => None,
    }
}

/// How many bytes the character has that begins so, if one can.
pub(super) fn utf8_length(first: u8) -> Option<usize> {
    match first {
        0xc2..=0xdf => Some(2),
        0xe0..=0xef => Some(3),
        0xf0..=0xf4 => Some(4),
        _ => None,
    }
}

/// Pasted text as it comes in.
#[derive(Debug, Default)]
pub(super) struct Paste {
    bytes: Vec<u8>,
    /// How much of the end marker has been seen.
    matched: usize,
    /// Something was cut off, and nobody has been told.
    cut: bool,
}

impl Paste {
    /// Takes a byte; the text, once its end marker is complete.
    pub(super) fn push(&mut self, byte: u8) -> Option<String> {
        if byte == PASTE_END[self.matched] {
            self.matched += 1;
            if self.matched == PASTE_END.len() {
                return Some(self.take());
            }
            return None;
        }
        let half = std::mem::take(&mut self.matched);
        for seen in &PASTE_END[..half] {
            self.keep(*seen);
        }
        if byte == PASTE_END[0] {
            self.matched = 1;
        } else {
            self.keep(byte);
        }
        None
    }

    /// The text so far; the next paste begins empty.
    pub(super) fn take(&mut self) -> String {
        self.matched = 0;
        let mut bytes = std::mem::take(&mut self.bytes);
        if bytes.len() >= LONGEST_PASTE {
            // The cut may have gone through a character.
            let whole = bytes.iter().rposition(|byte| byte & 0xc0 != 0x80).unwrap_or(0);
            bytes.truncate(whole);
        }
        let text = String::from_utf8_lossy(&bytes);
        text.replace("\r\n", "\n").replace('\r', "\n")
    }

    /// Returns whether something was cut off since this was asked last.
    pub(super) fn take_cut(&mut self) -> bool {
        std::mem::take(&mut self.cut)
    }

    /// Control characters would act on whatever shows or stores the text, and no one means to paste them.
    fn keep(&mut self, byte: u8) {
        let control = byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r') || byte == 0x7f;
        if control {
            return;
        }
        if self.bytes.len() < LONGEST_PASTE {
            self.bytes.push(byte);
        } else {
            self.cut = true;
        }
    }
}
