//! A push tokenizer over fragments of JSON. Any string above 64 KiB, whatever its key, leaves the event as it arrives, its
//! escapes undone; what remains is the husk, small enough for `serde_json`. It does not check the JSON (that is
//! `serde_json`'s work at the event's end) and does not know what a string means.
//!
//! In the husk a diverted string is replaced by what the [`Sink`] writes, an object whose only key begins with U+0000.
//! No server can forge it: a key of the server's that begins so is changed to begin with U+FFFD.

mod unescape;

use std::borrow::Cow;

use unescape::Unescape;

/// A string longer than this leaves the event.
pub const LONG: usize = 64 * 1024;
/// The largest event.
const EVENT_LIMIT: u64 = 160 * 1024 * 1024;
/// The largest husk.
const HUSK_LIMIT: usize = 8 * 1024 * 1024;
/// Below `serde_json`'s own limit of 128, so that a husk that passes here can be read.
const DEPTH_LIMIT: u32 = 96;

/// What a diverted string is, by its key and its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobKind {
    /// Base64 of a picture; what goes out is decoded.
    Picture,
    /// An opaque signature, verbatim.
    Signature,
    /// Anything else, verbatim.
    Text,
}

/// The key that a string stands under, as far as it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Key {
    /// `data`.
    Data,
    /// `thoughtSignature` or `thought_signature`.
    Signature,
    #[default]
    Other,
}

impl Key {
    fn of(raw: &[u8]) -> Self {
        match &*unescaped(raw) {
            b"data" => Self::Data,
            b"thoughtSignature" | b"thought_signature" => Self::Signature,
            _ => Self::Other,
        }
    }
}

/// The content of a JSON string with its escapes undone.
pub(crate) fn unescaped(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'\\') {
        return raw.into();
    }
    let mut text = Vec::with_capacity(raw.len());
    Unescape::default().push(raw, &mut |bytes| text.extend_from_slice(bytes));
    text.into()
}

/// Where diverted strings go.
pub trait Sink {
    /// A string passed the limit; `head` is all of it so far, escapes undone. `husk` is what stands in front of it, and stays
    /// as it is until the string ends.
    fn began(&mut self, key: Key, head: &[u8], husk: &[u8]);
    /// The next bytes of it, escapes undone, in runs as short as one byte.
    fn bytes(&mut self, bytes: &[u8]);
    /// It is complete. Writes the JSON value that stands for it.
    fn ended(&mut self, husk: &mut Vec<u8>);
}

/// A bound that an answer passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Body,
    Event,
    Husk,
    Depth,
}

/// Where the tokenizer stands after some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// All were used and the value goes on.
    More,
    /// The value is complete; this many bytes were used. [`Tokenizer::husk`] has it, [`Tokenizer::reset`] goes on.
    Done(usize),
}

#[derive(Debug, Default)]
enum Lex {
    #[default]
    Structure,
    /// In a string that is still in the husk, from `start`; `escaped` after a backslash.
    Short { start: usize, escaped: bool },
    /// In a string that is being diverted.
    Long(Unescape),
    /// In a giant key: nothing has such a name, so nothing is kept of it.
    Dropped { escaped: bool },
}

/// The tokenizer of one value after another.
#[derive(Debug, Default)]
pub struct Tokenizer {
    husk: Vec<u8>,
    lex: Lex,
    depth: u32,
    /// One bit per level: set where it is an object.
    objects: u128,
    /// The next string is a key.
    at_key: bool,
    key: Key,
    seen: u64,
}

impl Tokenizer {
    /// Whether a value has begun.
    pub fn is_open(&self) -> bool {
        self.depth > 0
    }

    pub fn in_string(&self) -> bool {
        !matches!(self.lex, Lex::Structure)
    }

    /// The husk so far: one line, blanks between tokens left out.
    pub fn husk(&self) -> &[u8] {
        &self.husk
    }

    /// Forgets the value, keeps the memory if it is small.
    pub fn reset(&mut self) {
        let mut husk = std::mem::take(&mut self.husk);
        husk.clear();
        husk.shrink_to(4 * LONG);
        *self = Self {
            husk,
            ..Self::default()
        };
    }

    /// Takes in the next bytes of a value, which begins with `{` or `[`, and stops behind it.
    pub fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<Step, Limit> {
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let used = match &mut self.lex {
                Lex::Structure => {
                    let (used, done) = self.structure(rest)?;
                    if done {
                        return Ok(Step::Done(at + used));
                    }
                    used
                }
                Lex::Short { .. } => self.short(rest, sink),
                Lex::Long(unescape) => {
                    let end = unescape.push(rest, &mut |run| sink.bytes(run));
                    if end.is_some() {
                        sink.ended(&mut self.husk);
                        self.lex = Lex::Structure;
                    }
                    end.unwrap_or(rest.len())
                }
                Lex::Dropped { escaped } => {
                    let end = closing_quote(rest, escaped);
                    if end.is_some() {
                        self.lex = Lex::Structure;
                    }
                    end.map_or(rest.len(), |end| end + 1)
                }
            };
            at += used;
            self.seen += used as u64;
            if self.seen > EVENT_LIMIT {
                return Err(Limit::Event);
            }
            if self.husk.len() > HUSK_LIMIT {
                return Err(Limit::Husk);
            }
        }
        Ok(Step::More)
    }

    /// Bytes between strings, up to a string or the end of the value.
    fn structure(&mut self, bytes: &[u8]) -> Result<(usize, bool), Limit> {
        for (index, &byte) in bytes.iter().enumerate() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => continue,
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth > DEPTH_LIMIT {
                        return Err(Limit::Depth);
                    }
                    self.at_key = byte == b'{';
                    self.objects = self.objects << 1 | u128::from(self.at_key);
                    self.key = Key::Other;
                }
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.objects >>= 1;
                    self.at_key = false;
                }
                b',' => {
                    self.at_key = self.objects & 1 == 1;
                    self.key = Key::Other;
                }
                b'"' => {
                    self.husk.push(byte);
                    self.lex = Lex::Short {
                        start: self.husk.len(),
                        escaped: false,
                    };
                    return Ok((index + 1, false));
                }
                _ => {}
            }
            self.husk.push(byte);
            if self.depth == 0 {
                return Ok((index + 1, true));
            }
        }
        Ok((bytes.len(), false))
    }

    fn short(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        let Lex::Short { start, escaped } = &mut self.lex else {
            return 0;
        };
        let start = *start;
        let room = (start + LONG + 1).saturating_sub(self.husk.len());
        let near = &bytes[..bytes.len().min(room)];
        if let Some(end) = closing_quote(near, escaped) {
            self.husk.extend_from_slice(&near[..end]);
            self.end_short(start);
            return end + 1;
        }
        self.husk.extend_from_slice(near);
        if self.husk.len() > start + LONG {
            self.divert(start, sink);
        }
        near.len()
    }

    fn end_short(&mut self, start: usize) {
        self.lex = Lex::Structure;
        if self.husk[start..].iter().any(|&byte| byte < 0x20) {
            escape_controls(&mut self.husk, start);
        }
        if std::mem::take(&mut self.at_key) {
            // Only these six bytes spell U+0000 in JSON.
            if let Some(nul) = self.husk[start..].strip_prefix(br"\u0000") {
                let from = self.husk.len() - nul.len() - 4;
                self.husk[from..from + 4].copy_from_slice(b"fffd");
            }
            self.key = Key::of(&self.husk[start..]);
        }
        self.husk.push(b'"');
    }

    fn divert(&mut self, start: usize, sink: &mut impl Sink) {
        let raw = self.husk.split_off(start);
        if std::mem::take(&mut self.at_key) {
            let mut escaped = false;
            closing_quote(&raw, &mut escaped);
            self.husk.extend_from_slice(b"\\ufffd\"");
            self.key = Key::Other;
            self.lex = Lex::Dropped { escaped };
            return;
        }
        self.husk.truncate(start - 1);
        let mut unescape = Unescape::default();
        let mut head = Vec::with_capacity(raw.len());
        unescape.push(&raw, &mut |run| head.extend_from_slice(run));
        sink.began(self.key, &head, &self.husk);
        self.lex = Lex::Long(unescape);
    }
}

/// Where the string's closing quote is; `escaped` is carried from fragment to fragment.
fn closing_quote(bytes: &[u8], escaped: &mut bool) -> Option<usize> {
    if bytes.is_empty() {
        return None;
    }
    let mut from = usize::from(std::mem::take(escaped));
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(from..).unwrap_or_default()) {
        let at = from + found;
        if bytes[at] == b'"' {
            return Some(at);
        }
        from = at + 2;
        *escaped = from > bytes.len();
    }
    None
}

/// Spells raw control bytes as JSON wants them: some servers put line ends into strings.
fn escape_controls(husk: &mut Vec<u8>, start: usize) {
    let raw = husk.split_off(start);
    for byte in raw {
        if byte < 0x20 {
            husk.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            husk.push(byte);
        }
    }
}
