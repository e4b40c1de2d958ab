//! The bytes for a terminal as whole sequences, however they were cut on their way.

/// One thing that a terminal is told.
pub(super) enum Token {
    /// Characters, of which none is a control.
    Text(String),
    /// `CSI`: intermediate or private characters, the numbers as they came, the last character.
    Control(String, String, char),
    Escape(u8),
    Byte(u8),
    Apc(Vec<u8>),
    Dcs(Vec<u8>),
    Osc(Vec<u8>),
    /// What tmux hands on to the terminal outside, unwrapped.
    Tmux(Vec<u8>),
}

#[derive(Default)]
pub(super) struct Stream {
    rest: Vec<u8>,
    from: usize,
    /// So much of an open string has been searched for its end.
    searched: usize,
}

impl Stream {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.rest.drain(..std::mem::take(&mut self.from));
        self.rest.extend_from_slice(bytes);
    }

    pub(super) fn is_done(&self) -> bool {
        self.from == self.rest.len()
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        let rest = &self.rest[self.from..];
        let (token, used) = match *rest.first()? {
            0x1b => match *rest.get(1)? {
                b'[' => control(rest)?,
                kind @ (b'P' | b'_' | b']' | b'^' | b'X') => {
                    let Some((body, used)) = string(rest, kind, self.searched) else {
                        self.searched = rest.len();
                        return None;
                    };
                    self.searched = 0;
                    (of_string(kind, body), used)
                }
                byte @ b' '..=b'/' => (Token::Escape(byte), rest.get(2).map(|_| 3)?),
                byte => (Token::Escape(byte), 2),
            },
            byte @ (0..0x20 | 0x7f) => (Token::Byte(byte), 1),
            _ => text(rest)?,
        };
        self.from += used;
        Some(token)
    }
}

fn control(rest: &[u8]) -> Option<(Token, usize)> {
    let end = 2 + rest[2..].iter().position(|byte| (0x40..=0x7e).contains(byte))?;
    let body = String::from_utf8_lossy(&rest[2..end]);
    let is_number = |character: char| character.is_ascii_digit() || character == ';' || character == ':';
    let (numbers, marks) = body.chars().partition(|&character| is_number(character));
    Some((Token::Control(marks, numbers, char::from(rest[end])), end + 1))
}

/// The inside of a string and how long it is with its ends.
fn string(rest: &[u8], kind: u8, searched: usize) -> Option<(&[u8], usize)> {
    let is_tmux = rest.starts_with(b"\x1bPtmux;");
    let mut at = if is_tmux {
        7
    } else {
        searched.saturating_sub(1).max(2)
    };
    loop {
        at += memchr::memchr2(0x1b, 0x07, rest.get(at..)?)?;
        match (rest[at], rest.get(at + 1)) {
            (0x07, _) if kind == b']' => return Some((&rest[2..at], at + 1)),
            (0x1b, None) => return None,
            (0x1b, Some(b'\\')) => return Some((&rest[2..at], at + 2)),
            (0x1b, Some(0x1b)) if is_tmux => at += 2,
            _ => at += 1,
        }
    }
}

fn of_string(kind: u8, body: &[u8]) -> Token {
    match kind {
        b'P' => match body.strip_prefix(b"tmux;") {
            Some(doubled) => {
                let mut inner = Vec::with_capacity(doubled.len());
                let mut bytes = doubled.iter().copied().peekable();
                while let Some(byte) = bytes.next() {
                    if byte == 0x1b {
                        bytes.next_if_eq(&0x1b);
                    }
                    inner.push(byte);
                }
                Token::Tmux(inner)
            }
            None => Token::Dcs(body.to_owned()),
        },
        b'_' => Token::Apc(body.to_owned()),
        b']' => Token::Osc(body.to_owned()),
        // Nobody looks at these.
        _ => Token::Text(String::new()),
    }
}

fn text(rest: &[u8]) -> Option<(Token, usize)> {
    let end = rest
        .iter()
        .position(|&byte| byte < 0x20 || byte == 0x7f)
        .unwrap_or(rest.len());
    let text = match std::str::from_utf8(&rest[..end]) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            std::str::from_utf8(&rest[..error.valid_up_to()]).ok()?
        }
        Err(error) if error.error_len().is_none() => return None,
        Err(error) => {
            let skipped = error.valid_up_to() + error.error_len()?;
            return Some((
                Token::Text(String::from_utf8_lossy(&rest[..skipped]).into_owned()),
                skipped,
            ));
        }
    };
    Some((Token::Text(text.to_owned()), text.len()))
}
