//! Puts the values of a body together, from lines or from plain JSON, and gives out their events. It knows where a value
//! ends, what is a broken one and what is no value at all; what an event says is `response`'s to know.

use std::borrow::Cow;

use super::divert::{Divert, Gate};
use super::mend::mend;
use super::redact::Redaction;
use super::{BlobKind, Leftover, Output};
use crate::domain::{Secrets, beginning};
use crate::error::{Error, Kind};
use crate::provider::blob::{Limit, Step, Tokenizer};
use crate::provider::gemini::response::{self, Event};
use crate::provider::sse::Field;

/// The largest body.
const BODY_LIMIT: u64 = 512 * 1024 * 1024;
/// How much is kept of words that are no JSON.
const WORDS: usize = 4096;

/// What a line turned out to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// Nothing yet but blanks.
    #[default]
    New,
    Json,
    Words,
}

#[derive(Debug, Default)]
pub(super) struct Body {
    tokens: Tokenizer,
    divert: Divert,
    line: Line,
    /// `data:` lines that are no JSON, joined.
    words: Vec<u8>,
    /// Raw lines that are no JSON.
    stray: Vec<u8>,
    /// `event: error` came before the data.
    named_error: bool,
    /// A value was broken off or could not be read.
    garbled: bool,
    stopped: bool,
    seen: u64,
}

type Out<'a> = &'a mut dyn FnMut(Output<'_>);

impl Body {
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn count(&mut self, bytes: usize, out: Out<'_>) {
        self.seen += bytes as u64;
        if self.seen > BODY_LIMIT {
            self.stop(Limit::Body, out);
        }
    }

    /// A body that keeps these secrets out of whatever it gives out.
    pub(super) fn hiding(secrets: &Secrets) -> Self {
        Self {
            divert: Divert::hiding(secrets),
            ..Self::default()
        }
    }

    pub(super) fn partial(&self) -> Cow<'_, [u8]> {
        self.divert.redacted(self.partial_as_it_came())
    }

    /// A text that is no JSON, without the key.
    pub(super) fn redacted(&mut self, text: &str) -> String {
        let clean = self.divert.redaction().plain(text.as_bytes());
        String::from_utf8_lossy(&clean).into_owned()
    }

    fn partial_as_it_came(&self) -> Cow<'_, [u8]> {
        if !self.tokens.is_open() {
            return Cow::Borrowed(&[]);
        }
        let husk = self.tokens.husk();
        match self.divert.marker() {
            None => Cow::Borrowed(husk),
            Some(marker) => Cow::Owned([husk, &marker].concat()),
        }
    }

    pub(super) fn flush(&mut self, out: Out<'_>) {
        self.divert.flush(out);
    }

    /// The next piece of an event stream.
    pub(super) fn field(&mut self, field: Field<'_>, out: Out<'_>) {
        if self.stopped {
            return;
        }
        match field {
            Field::Data(bytes) => self.data(bytes, out),
            Field::Raw(bytes) => self.raw(bytes, out),
            Field::DataEnd | Field::RawEnd => self.end_line(matches!(field, Field::DataEnd), out),
            Field::Name(name) => self.named_error = name == b"error",
            Field::Comment => out(Output::Activity),
            Field::Blank => {
                self.end_words(out);
                self.break_off(out);
                self.named_error = false;
            }
        }
    }

    /// The next bytes of plain JSON. Returns how many it used; none, if what follows is no JSON.
    pub(super) fn values(&mut self, bytes: &[u8], array: &mut bool, out: Out<'_>) -> usize {
        let mut at = 0;
        while at < bytes.len() && !self.stopped {
            if self.tokens.is_open() {
                at += self.value(&bytes[at..], out);
                continue;
            }
            match bytes[at] {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => at += 1,
                b']' if *array => {
                    *array = false;
                    at += 1;
                }
                b'{' | b'[' => at += self.value(&bytes[at..], out),
                _ => break,
            }
        }
        at
    }

    /// The body has ended; `unclosed` if its outermost array has not.
    pub(super) fn finish(mut self, unclosed: bool, out: Out<'_>) -> Leftover {
        self.end_words(out);
        self.break_off(out);
        let stray = beginning(&String::from_utf8_lossy(&self.stray), WORDS)
            .trim()
            .to_owned();
        let stray = self.redacted(&stray);
        if self.garbled || unclosed {
            Leftover::Cut
        } else if stray.is_empty() {
            Leftover::None
        } else {
            Leftover::Text(stray)
        }
    }

    fn data(&mut self, mut bytes: &[u8], out: Out<'_>) {
        while !bytes.is_empty() && !self.stopped {
            if self.tokens.is_open() {
                self.line = Line::Json;
                bytes = &bytes[self.value(bytes, out)..];
                continue;
            }
            if self.line != Line::Words {
                bytes = bytes.trim_ascii_start();
                match bytes.first() {
                    Some(b'{' | b'[') => {
                        self.end_words(out);
                        self.line = Line::Json;
                        bytes = &bytes[self.value(bytes, out)..];
                        continue;
                    }
                    Some(_) => self.line = Line::Words,
                    None => return,
                }
            }
            keep(&mut self.words, bytes);
            return;
        }
    }

    fn raw(&mut self, mut bytes: &[u8], out: Out<'_>) {
        while !bytes.is_empty() && !self.stopped {
            let begins =
                self.line != Line::Words && matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
            if self.tokens.is_open() || begins {
                self.line = Line::Json;
                if !self.tokens.is_open() {
                    bytes = bytes.trim_ascii_start();
                }
                bytes = &bytes[self.value(bytes, out)..];
            } else {
                if self.line == Line::Json && bytes.trim_ascii().is_empty() {
                    return;
                }
                self.line = Line::Words;
                keep(&mut self.stray, bytes);
                return;
            }
        }
    }

    /// The next bytes of a value; returns how many it used.
    fn value(&mut self, bytes: &[u8], out: Out<'_>) -> usize {
        let mut gate = Gate {
            divert: &mut self.divert,
            out,
        };
        match self.tokens.push(bytes, &mut gate) {
            Ok(Step::More) => bytes.len(),
            Ok(Step::Done(used)) => {
                self.dispatch(out);
                used
            }
            Err(limit) => {
                self.stop(limit, out);
                bytes.len()
            }
        }
    }

    fn dispatch(&mut self, out: Out<'_>) {
        let husk = self.tokens.husk();
        if self.named_error {
            let wrapped = [br#"{"error":"#, husk, b"}"].concat();
            self.garbled |= !give(&wrapped, self.divert.redaction(), out);
        } else if husk != b"[DONE]" {
            self.garbled |= !give(husk, self.divert.redaction(), out);
        }
        self.tokens.reset();
    }

    /// A string cannot go on behind the end of its line, so such a value is broken; anything else may go on.
    fn end_line(&mut self, data: bool, out: Out<'_>) {
        if self.tokens.is_open() && self.tokens.in_string() {
            self.break_off(out);
        }
        if self.line == Line::Words {
            let words = if data { &mut self.words } else { &mut self.stray };
            keep(words, b"\n");
        }
        self.line = Line::New;
    }

    /// `data:` lines that are no JSON end with their event: an error's text, `[DONE]`, or nothing that is known.
    fn end_words(&mut self, out: Out<'_>) {
        if self.words.is_empty() {
            return;
        }
        let words = beginning(&String::from_utf8_lossy(&self.words), WORDS)
            .trim()
            .to_owned();
        self.words.clear();
        let value: serde_json::Value =
            serde_json::from_str(&words).unwrap_or_else(|_| serde_json::Value::String(words.clone()));
        if self.named_error {
            let error = serde_json::json!({ "error": value }).to_string();
            give(error.as_bytes(), self.divert.redaction(), out);
        } else if value
            .as_str()
            .is_some_and(|text| text.trim_start().starts_with('{'))
        {
            give(value.to_string().as_bytes(), self.divert.redaction(), out);
        } else if !value.is_null() && words != "DONE" {
            keep(&mut self.stray, words.as_bytes());
        }
    }

    /// Gives out what had come of a value that will not be completed.
    fn break_off(&mut self, out: Out<'_>) {
        if self.tokens.is_open() {
            self.garbled = true;
            self.divert.abandon(out);
            let (partial, blob) = (self.partial_as_it_came().into_owned(), self.divert.unused());
            give_mended(&partial, blob, self.divert.redaction(), out);
            self.divert.reset();
            self.tokens.reset();
        }
    }

    fn stop(&mut self, limit: Limit, out: Out<'_>) {
        if !self.stopped {
            self.stopped = true;
            self.break_off(out);
            out(Output::Event(Event::Error(too_much(limit))));
        }
    }
}

/// Gives out a husk and its events. False if it is no JSON.
fn give(husk: &[u8], redaction: &mut Redaction, out: Out<'_>) -> bool {
    let husk = redaction.event(husk);
    let Some(events) = response::read(&husk) else {
        let husk = redaction.plain(&husk);
        out(Output::Husk(&husk));
        out(Output::Event(response::unreadable(&husk)));
        return false;
    };
    out(Output::Husk(&husk));
    for event in events {
        out(Output::Event(event));
    }
    true
}

/// Gives out what a husk says that broke off. A picture in it becomes a diverted string that does not end.
pub(super) fn give_mended(partial: &[u8], blob: u32, redaction: &mut Redaction, out: Out<'_>) {
    let mended = mend(partial);
    // Half an error would be taken for another one.
    let is_error = |event: &Event| matches!(event, Event::Error(_) | Event::Unknown { .. });
    let events = response::read(&mended.husk).unwrap_or_default();
    if !events.is_empty() && !events.iter().any(is_error) {
        give(&mended.husk, redaction, out);
    }
    if let Some(bytes) = mended.picture {
        let kind = BlobKind::Picture;
        out(Output::BlobBegan {
            blob,
            kind,
            kept: 0,
            marker: &[],
        });
        out(Output::BlobBytes { blob, bytes: &bytes });
    }
}

fn keep(words: &mut Vec<u8>, bytes: &[u8]) {
    // One more than is told, so that whoever tells it sees that it goes on.
    let room = (WORDS + 1).saturating_sub(words.len());
    words.extend_from_slice(&bytes[..bytes.len().min(room)]);
}

fn too_much(limit: Limit) -> Error {
    let what = match limit {
        Limit::Body => "The answer is larger than 512 MiB",
        Limit::Event => "One event of the answer is larger than 160 MiB",
        Limit::Husk => "One event of the answer holds more than 8 MiB besides its long strings",
        Limit::Depth => "The answer is nested too deeply to be one",
    };
    Error::new(Kind::BadAnswer, what)
        .hint("Try again; if it stays so, the provider does not speak the Gemini API properly")
        .maybe_billed()
}
