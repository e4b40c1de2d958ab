//! Takes the key out of what a server says before anything else sees it: some echo it, in whatever spelling, in pieces. It
//! works on the JSON of an event, whose strings it tells apart: texts go on from one event to the next, and the base64 of
//! an image is never touched, for a short key occurs in it by chance.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::base64::{Base64, is_base64_or_blank};
use super::divert::base64_of;
use super::mend::whole_escapes;
use super::weave;
use crate::domain::{HeldBack, Mime, Secrets, Spellings};
use crate::provider::blob::unescaped;

/// How much of an image's base64 tells its type, with blanks in it.
const HEAD: usize = 256;

/// The redaction of one answer. Without a key it changes nothing.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    spellings: Option<Spellings>,
    tails: Tails,
}

/// What the texts of the answer end with.
#[derive(Clone, Debug, Default)]
struct Tails {
    thoughts: HeldBack,
    words: HeldBack,
    /// Of long texts that have ended and whose event has not.
    blobs: BTreeMap<u32, HeldBack>,
}

impl Redaction {
    pub(super) fn of(secrets: &Secrets) -> Self {
        Self {
            spellings: Spellings::of(secrets),
            tails: Tails::default(),
        }
    }

    pub(super) fn is_needed(&self) -> bool {
        self.spellings.is_some()
    }

    /// The JSON of an event that is complete.
    pub(super) fn event<'a>(&mut self, husk: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(spellings) = &self.spellings else {
            return husk.into();
        };
        let clean = Walk::new(spellings, husk, &mut self.tails).run(true);
        self.tails.blobs.clear();
        clean.map_or(husk.into(), Cow::Owned)
    }

    /// The JSON of an event that is still arriving, or the beginning of it.
    pub(super) fn partial<'a>(&self, husk: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        let Some(spellings) = &self.spellings else {
            return husk;
        };
        let clean = Walk::new(spellings, &husk, &mut self.tails.clone()).run(false);
        clean.map_or(husk, Cow::Owned)
    }

    /// What a text ends with that goes on behind this beginning of an event. It may be thoughts or words, so it is what
    /// tells more of a key.
    pub(super) fn tail_at(&self, husk: &[u8]) -> HeldBack {
        let Some(spellings) = &self.spellings else {
            return HeldBack::default();
        };
        let mut tails = self.tails.clone();
        Walk::new(spellings, husk, &mut tails).run(false);
        if tails.thoughts.letters() > tails.words.letters() {
            tails.thoughts
        } else {
            tails.words
        }
    }

    /// The next bytes of a diverted string.
    pub(super) fn push<'a>(&self, tail: &mut HeldBack, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let Some(spellings) = &self.spellings else {
            return bytes.into();
        };
        let mut out = Vec::with_capacity(bytes.len());
        spellings.push(tail, bytes, &mut out);
        out.into()
    }

    /// What was held back of a long text that has ended.
    pub(super) fn end_text(&mut self, blob: u32, mut tail: HeldBack) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(spellings) = &self.spellings {
            spellings.end_fragment(&mut tail, &mut out);
            self.tails.blobs.insert(blob, tail);
        }
        out
    }

    /// What was held back of a string that has ended and is told apart from a key by its end.
    pub(super) fn end(tail: &HeldBack) -> Vec<u8> {
        let mut out = Vec::new();
        Spellings::end(tail, &mut out);
        out
    }

    /// Something that is no JSON.
    pub(super) fn plain<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let redacted = self
            .spellings
            .as_ref()
            .and_then(|spellings| spellings.redacted(bytes));
        redacted.map_or(bytes.into(), Cow::Owned)
    }
}

/// An array or an object that is open.
struct Open {
    is_object: bool,
    /// Where what is in it begins.
    from: usize,
    /// The last key, escapes undone.
    key: Vec<u8>,
}

/// What a string is, by where it stands.
enum Role {
    /// It goes on in the next text of its kind; `thoughts` where that is known.
    Text {
        thoughts: Option<bool>,
    },
    Data,
    Signature,
    Other,
}

/// One pass over the JSON of an event.
struct Walk<'a> {
    spellings: &'a Spellings,
    json: &'a [u8],
    tails: &'a mut Tails,
    open: Vec<Open>,
    at_key: bool,
    /// The clean JSON up to `copied`, once it differs.
    clean: Vec<u8>,
    copied: usize,
}

impl<'a> Walk<'a> {
    fn new(spellings: &'a Spellings, json: &'a [u8], tails: &'a mut Tails) -> Self {
        Self {
            spellings,
            json,
            tails,
            open: Vec::new(),
            at_key: false,
            clean: Vec::new(),
            copied: 0,
        }
    }

    /// The clean JSON; `None` where it is clean already.
    fn run(mut self, is_whole: bool) -> Option<Vec<u8>> {
        let mut at = 0;
        while at < self.json.len() {
            at = match self.json[at] {
                b'"' => self.string(at + 1),
                bracket @ (b'{' | b'[') => {
                    self.at_key = bracket == b'{';
                    self.open.push(Open {
                        is_object: self.at_key,
                        from: at + 1,
                        key: Vec::new(),
                    });
                    at + 1
                }
                b'}' | b']' => {
                    self.open.pop();
                    self.at_key = false;
                    at + 1
                }
                b',' => {
                    self.at_key = self.open.last().is_some_and(|open| open.is_object);
                    at + 1
                }
                b' ' | b':' | b'\t' | b'\r' | b'\n' => at + 1,
                _ => self.bare(at, is_whole),
            };
        }
        if self.copied == 0 {
            return None;
        }
        self.clean.extend_from_slice(&self.json[self.copied..]);
        Some(self.clean)
    }

    /// A number or a word; the place behind it. In an event that is complete it is no key, or there is nothing to read.
    fn bare(&mut self, from: usize, is_whole: bool) -> usize {
        let length = self.json[from..]
            .iter()
            .position(|byte| b"\",:[]{}".contains(byte));
        let end = length.map_or(self.json.len(), |length| from + length);
        let word = &self.json[from..end];
        if self.is_in_marker() && self.open.last().is_some_and(|open| open.key == b"t") {
            let blob = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
            if let Some(tail) = blob.and_then(|blob: u32| self.tails.blobs.get(&blob)).cloned() {
                let role = self.role();
                *self.tail_of(&role) = tail;
            }
        } else if !is_whole && let Some(clean) = self.spellings.redacted(word) {
            self.replace(from, end, &clean);
        }
        end
    }

    /// A string whose content begins at `from`; the place behind it.
    fn string(&mut self, from: usize) -> usize {
        let end = closing_quote(self.json, from);
        let raw = &self.json[from..end.unwrap_or(self.json.len())];
        let is_key = std::mem::take(&mut self.at_key);
        let is_cut = end.is_none();
        let text = unescaped(if is_cut { whole_escapes(raw) } else { raw });
        let clean = if is_key {
            self.spellings.redacted(&text)
        } else {
            let role = self.role();
            self.value(&role, &text, is_cut)
        };
        if is_key && let Some(open) = self.open.last_mut() {
            open.key = text.into_owned();
        }
        if let Some(clean) = clean {
            let clean = escaped(&clean);
            self.replace(from, from + raw.len(), &clean);
        }
        end.map_or(self.json.len(), |end| end + 1)
    }

    /// The clean form of a value; `None` where it is clean already.
    fn value(&mut self, role: &Role, text: &[u8], is_cut: bool) -> Option<Vec<u8>> {
        match role {
            Role::Text { .. } => self.text(role, text),
            Role::Data => {
                let image = base64_of(text).map_or(0, |(_, start)| {
                    let run = text[start..]
                        .iter()
                        .take_while(|byte| is_base64_or_blank(**byte))
                        .count();
                    if is_image(self.spellings, &text[start..start + run]) {
                        start + run
                    } else {
                        0
                    }
                });
                let rest = self.redacted(&text[image..], is_cut)?;
                Some([&text[..image], &rest].concat())
            }
            // A mask makes a signature worthless, so there must be a key in it.
            Role::Signature | Role::Other => self.redacted(text, is_cut),
        }
    }

    /// A string that does not go on in another one; where it is cut, a key may be as well.
    fn redacted(&self, text: &[u8], is_cut: bool) -> Option<Vec<u8>> {
        if is_cut {
            self.spellings.redacted(text)
        } else {
            self.spellings.redacted_where_whole(text)
        }
    }

    /// A text, which goes on where the last of its kind ended. Images that are woven into it stay as they are.
    fn text(&mut self, role: &Role, text: &[u8]) -> Option<Vec<u8>> {
        let spellings = self.spellings;
        let mut out = Vec::with_capacity(text.len());
        let is_image = |base64: &[u8]| is_image(spellings, base64);
        let tail = self.tail_of(role);
        let mut from = 0;
        let images = weave::images(text);
        for image in images.into_iter().filter(|image| is_image(&text[image.clone()])) {
            spellings.push(tail, &text[from..image.start], &mut out);
            spellings.end_fragment(tail, &mut out);
            out.extend_from_slice(&text[image.clone()]);
            from = image.end;
        }
        spellings.push(tail, &text[from..], &mut out);
        spellings.end_fragment(tail, &mut out);
        (out != text).then_some(out)
    }

    fn tail_of(&mut self, role: &Role) -> &mut HeldBack {
        let Tails { thoughts, words, .. } = &mut *self.tails;
        let is_thought = match role {
            Role::Text {
                thoughts: Some(is_thought),
            } => *is_thought,
            _ => thoughts.letters() > words.letters(),
        };
        if is_thought { thoughts } else { words }
    }

    /// Whether a value stands among the segments of a diverted string.
    fn is_in_marker(&self) -> bool {
        self.marker().is_some()
    }

    /// The place of the marker that is open, among what is open.
    fn marker(&self) -> Option<usize> {
        self.open
            .iter()
            .rposition(|open| open.is_object && open.key == b"\0")
    }

    fn role(&self) -> Role {
        let holder = self.marker().or(Some(self.open.len()));
        let holder = holder.and_then(|at| self.open[..at].iter().rfind(|open| open.is_object));
        let Some(holder) = holder else {
            return Role::Other;
        };
        match holder.key.as_slice() {
            b"text" => Role::Text {
                thoughts: is_thought(&self.json[holder.from..]),
            },
            // What was diverted of it and stands in the marker as words is no base64.
            b"data" if self.is_in_marker() => Role::Text { thoughts: None },
            b"data" => Role::Data,
            b"thoughtSignature" | b"thought_signature" => Role::Signature,
            _ => Role::Other,
        }
    }

    fn replace(&mut self, from: usize, end: usize, clean: &[u8]) {
        self.clean.extend_from_slice(&self.json[self.copied..from]);
        self.clean.extend_from_slice(clean);
        self.copied = end;
    }
}

/// Whether base64 is that of an image. Where its bytes do not tell, a key that is long enough to occur in none by chance is
/// taken out of it.
fn is_image(spellings: &Spellings, base64: &[u8]) -> bool {
    let mut bytes = Vec::new();
    let beginning = &base64[..base64.len().min(HEAD)];
    Base64::new().push(beginning, &mut |decoded| bytes.extend_from_slice(decoded));
    spellings.can_be_chance() || Mime::sniff(&bytes) != Mime::Unknown
}

/// Where the quote is that closes a string whose content begins at `from`.
fn closing_quote(json: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let at = from + memchr::memchr2(b'"', b'\\', json.get(from..)?)?;
        if json[at] == b'"' {
            return Some(at);
        }
        from = at + 2;
    }
}

/// The content of a JSON string.
fn escaped(text: &[u8]) -> Vec<u8> {
    let quoted = serde_json::Value::from(String::from_utf8_lossy(text)).to_string();
    quoted.as_bytes()[1..quoted.len() - 1].to_vec()
}

/// Whether the object whose content this is says of itself that it is a thought; `None` where it breaks off before.
fn is_thought(content: &[u8]) -> Option<bool> {
    let (mut at, mut depth) = (0, 0);
    while let Some(&byte) = content.get(at) {
        match byte {
            b'"' => {
                let end = closing_quote(content, at + 1)?;
                if depth == 0 && &content[at + 1..end] == b"thought" && content.get(end + 1) == Some(&b':') {
                    let value = content[end + 2..].trim_ascii_start();
                    return (value.len() >= 4).then(|| value.starts_with(b"true"));
                }
                at = end;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Some(false),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}
