//! What terminals answer, each as it was heard from the real one.

use memchr::memmem;

/// Which terminal's answers are given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Like {
    /// kitty 0.48: placeholders.
    Kitty,
    /// Konsole: answers `a=q`, knows no placeholders.
    Konsole,
    /// Sixel, and it says how many colours.
    Foot,
    /// Sixel, and it does not tell the size of a cell.
    Xterm,
    /// Sixel and iTerm2's pictures, and no name.
    Mlterm,
    Iterm2,
    /// kitty around a tmux 3.3a that hands things on.
    TmuxKitty,
    /// GNU screen, which prints what it does not know.
    Screen,
    /// Says nothing at all.
    Silent,
}

/// What the program asked.
pub(crate) struct Question {
    bytes: Vec<u8>,
    /// For tmux to hand on.
    wrapped: bool,
}

const QUESTIONS: [&[u8]; 12] = [
    b"\x1b[>q",
    b"\x1b[c",
    b"\x1b[>c",
    b"\x1b[14t",
    b"\x1b[16t",
    b"\x1b[5n",
    b"\x1b[?u",
    b"\x1b[?2026$p",
    b"\x1b[?1;1;0S",
    b"\x1b[?2;1;0S",
    b"\x1b]11;?",
    b"\x1b]1337;ReportCellSize",
];

impl Like {
    /// Variables that are set where such a terminal is.
    pub(crate) fn environment(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::TmuxKitty => &[("TMUX", "/nonexistent/tmux,1,0"), ("TERM", "tmux-256color")],
            _ => &[],
        }
    }

    pub(super) fn answer(self, question: &Question, background: &str) -> Vec<u8> {
        let Question { bytes, wrapped } = question;
        let answer = self.answer_on_black(bytes, *wrapped);
        match bytes.strip_prefix(b"\x1b]11;") {
            Some(_) if background.is_empty() => Vec::new(),
            Some(_) if !answer.is_empty() => format!("\x1b]11;rgb:{background}\x1b\\").into_bytes(),
            _ => answer,
        }
    }

    fn answer_on_black(self, bytes: &[u8], wrapped: bool) -> Vec<u8> {
        match self {
            Self::TmuxKitty if wrapped => Self::Kitty.says(bytes).to_vec(),
            _ if wrapped => Vec::new(),
            _ => self.says(bytes).to_vec(),
        }
    }

    fn says(self, question: &[u8]) -> &'static [u8] {
        match question {
            _ if self == Self::Silent => b"",
            b"\x1b[5n" => b"\x1b[0n",
            b"\x1b[>q" => self.name(),
            b"\x1b[c" => self.attributes(),
            b"\x1b[>c" => self.device(),
            _ if self == Self::Screen => b"",
            // What Debian's xterm does not tell, and tmux does not know.
            b"\x1b[14t" | b"\x1b[16t" if matches!(self, Self::Xterm | Self::TmuxKitty) => b"",
            b"\x1b[14t" => b"\x1b[4;800;1200t",
            b"\x1b[16t" => b"\x1b[6;20;10t",
            b"\x1b[?u" if self == Self::Kitty => b"\x1b[?5u",
            b"\x1b[?u" if matches!(self, Self::Foot | Self::Iterm2) => b"\x1b[?0u",
            b"\x1b[?2026$p" if matches!(self, Self::Kitty | Self::Foot | Self::Iterm2) => b"\x1b[?2026;2$y",
            b"\x1b[?2026$p" if matches!(self, Self::Xterm | Self::Mlterm) => b"\x1b[?2026;0$y",
            b"\x1b[?1;1;0S" if matches!(self, Self::Foot | Self::Mlterm) => b"\x1b[?1;0;1024S",
            b"\x1b[?1;1;0S" if matches!(self, Self::Xterm | Self::Konsole) => b"\x1b[?1;0;256S",
            b"\x1b]11;?" if self != Self::TmuxKitty => b"\x1b]11;rgb:0000/0000/0000\x1b\\",
            b"\x1b]1337;ReportCellSize" if self == Self::Iterm2 => {
                b"\x1b]1337;ReportCellSize=20.0;10.0;1.0\x07"
            }
            question if question.starts_with(b"\x1b_G") && matches!(self, Self::Kitty | Self::Konsole) => {
                b"\x1b_Gi=31;OK\x1b\\"
            }
            _ => b"",
        }
    }

    fn name(self) -> &'static [u8] {
        match self {
            Self::Kitty => b"\x1bP>|kitty(0.48.2)\x1b\\",
            Self::Konsole => b"\x1bP>|Konsole 22.12.3\x1b\\",
            Self::Foot => b"\x1bP>|foot(1.13.1)\x1b\\",
            Self::Xterm => b"\x1bP>|XTerm(379)\x1b\\",
            Self::Iterm2 => b"\x1bP>|iTerm2 3.5.10\x1b\\",
            Self::TmuxKitty => b"\x1bP>|tmux 3.3a\x1b\\",
            Self::Mlterm | Self::Screen | Self::Silent => b"",
        }
    }

    fn device(self) -> &'static [u8] {
        match self {
            Self::Kitty => b"\x1b[>1;4000;48c",
            Self::Konsole => b"\x1b[>1;115;0c",
            Self::Foot => b"\x1b[>1;011301;0c",
            Self::Xterm => b"\x1b[>41;379;0c",
            Self::Mlterm => b"\x1b[>24;279;0c",
            Self::Iterm2 => b"\x1b[>0;95;0c",
            Self::TmuxKitty => b"\x1b[>84;0;0c",
            Self::Screen => b"\x1b[>83;40900;0c",
            Self::Silent => b"",
        }
    }

    fn attributes(self) -> &'static [u8] {
        match self {
            Self::Kitty => b"\x1b[?62;52;c",
            Self::Konsole => b"\x1b[?62;1;4c",
            Self::Foot => b"\x1b[?62;4;22c",
            Self::Xterm => b"\x1b[?63;1;2;4;6;9;15;16;22;28c",
            Self::Mlterm => b"\x1b[?63;1;2;3;4;6;7;15;18;22;29c",
            Self::Iterm2 => b"\x1b[?64;1;2;4;6;17;18;21;22c",
            Self::TmuxKitty | Self::Screen => b"\x1b[?1;2c",
            Self::Silent => b"",
        }
    }
}

/// The questions in what a program writes, in order, as they come in whole.
#[derive(Default)]
pub(super) struct Questions {
    /// Those up to here have been answered.
    answered: usize,
}

impl Questions {
    pub(super) fn new_in(&mut self, raw: &[u8]) -> Vec<Question> {
        let mut found = Vec::new();
        while let Some(escape) = memchr::memchr(0x1b, &raw[self.answered..]) {
            self.answered += escape;
            let rest = &raw[self.answered..];
            if rest.starts_with(b"\x1bPtmux;") {
                let Some(end) = end_of_wrapping(rest) else {
                    return found;
                };
                let inner = memmem::find_iter(&rest[7..end], b"\x1b\x1b").map(|at| 7 + at + 1);
                let inner: Vec<_> = inner.filter_map(|at| asked(&rest[at..=end])).collect();
                found.extend(inner.into_iter().map(|bytes| Question { bytes, wrapped: true }));
                self.answered += end + 2;
            } else if let Some(bytes) = asked(rest) {
                self.answered += bytes.len();
                found.push(Question {
                    bytes,
                    wrapped: false,
                });
            } else if rest.starts_with(b"\x1b_G") && memmem::find(rest, b"\x1b\\").is_none()
                || may_become_question(rest)
            {
                return found;
            } else {
                self.answered += 1;
            }
        }
        self.answered = raw.len();
        found
    }
}

/// Returns true if more bytes may make a question of these.
fn may_become_question(rest: &[u8]) -> bool {
    let strings: [&[u8]; 2] = [b"\x1bPtmux;", b"\x1b_G"];
    let starts = QUESTIONS.iter().copied().chain(strings);
    starts.into_iter().any(|start| start.starts_with(rest))
}

/// Where the string for tmux ends: at the first escape that is not doubled.
fn end_of_wrapping(rest: &[u8]) -> Option<usize> {
    let mut at = 7;
    loop {
        at += memchr::memchr(0x1b, rest.get(at..)?)?;
        match rest.get(at + 1)? {
            b'\\' => return Some(at),
            _ => at += 2,
        }
    }
}

/// The question that begins here.
fn asked(rest: &[u8]) -> Option<Vec<u8>> {
    if let Some(question) = QUESTIONS.iter().find(|question| rest.starts_with(question)) {
        return Some(question.to_vec());
    }
    let end = memmem::find(rest, b"\x1b\\").filter(|_| rest.starts_with(b"\x1b_G"))?;
    memmem::find(&rest[..end], b"a=q").map(|_| rest[..end].to_vec())
}
