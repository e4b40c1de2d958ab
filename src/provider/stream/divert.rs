//! Where diverted strings go: pictures through base64, text through the search for woven pictures, signatures as they
//! are. It tells the engine and writes the marker that stays in the husk; it keeps no more than a few blocks.

use std::borrow::Cow;

use super::Output;
use super::base64::{Base64, is_base64_or_blank};
use super::marker::{self, Segment};
use super::mend::whole_characters;
use super::redact::Redaction;
use super::weave::{Strand, Weave};
use crate::domain::{HeldBack, Secrets};
use crate::provider::blob::{BlobKind, Key, LONG, Sink};

/// The number of images that are taken out of long texts: each costs the engine a file and a server thirty bytes. Those after
/// them stay text. Strings by themselves need no bound, for each is longer than 64 KiB.
const WOVEN_LIMIT: u32 = 256;
/// Runs shorter than this are gathered: escapes cut a string into runs of a few bytes.
const SHORT_RUN: usize = 512;
const STAGE: usize = 16 * 1024;
/// How much of a string must look like base64 before it is taken for it.
const SNIFF: usize = 4096;

type Out<'a> = &'a mut dyn FnMut(Output<'_>);

/// The diverted strings of one body.
#[derive(Debug, Default)]
pub(super) struct Divert {
    blobs: Blobs,
    string: Option<Kind>,
    stage: Vec<u8>,
}

/// The numbers that blobs get, and what is kept out of them.
#[derive(Debug, Default)]
struct Blobs {
    next: u32,
    /// Images that were taken out of texts.
    woven: u32,
    /// The length of the husk in front of the string that is being diverted.
    kept: usize,
    /// That husk, where a key has to be kept out of it.
    husk: Vec<u8>,
    redaction: Redaction,
}

/// Gives out the next bytes of a blob, if there are any.
fn give(blob: u32, bytes: &[u8], out: Out<'_>) {
    if !bytes.is_empty() {
        out(Output::BlobBytes { blob, bytes });
    }
}

impl Blobs {
    /// A string is about to be diverted that stands behind this husk.
    fn begin(&mut self, husk: &[u8]) {
        self.husk.clear();
        if self.redaction.is_needed() {
            self.husk.extend_from_slice(husk);
        }
        self.kept = self.redaction.partial(husk.into()).len();
    }

    /// Begins a blob. `segments` are those of its string that come before it. Returns its number, and what a text that it
    /// goes on with ends with.
    fn open(&mut self, kind: BlobKind, segments: &[Segment], out: Out<'_>) -> (u32, HeldBack) {
        let blob = self.next;
        self.next += 1;
        let mut marker = Vec::new();
        if kind == BlobKind::Text || !segments.is_empty() {
            let own = (kind == BlobKind::Text).then_some(Segment::Text(blob));
            marker::write(segments.iter().chain(&own), &mut marker);
        }
        let mut tail = HeldBack::default();
        if self.redaction.is_needed() {
            let whole = [self.husk.as_slice(), &marker].concat();
            tail = self.redaction.tail_at(&whole);
            marker = self
                .redaction
                .partial(whole.into())
                .into_owned()
                .split_off(self.kept);
        }
        out(Output::BlobBegan {
            blob,
            kind,
            kept: self.kept,
            marker: &marker,
        });
        (blob, tail)
    }
}

#[derive(Debug)]
enum Kind {
    Picture(Picture),
    Signature(u32, HeldBack),
    Text(Text),
}

#[derive(Debug)]
struct Picture {
    blob: u32,
    mime: Option<String>,
    decoder: Base64,
}

/// A text: short stretches are gathered in `words`, long ones are blobs, pictures in it are pictures.
#[derive(Debug, Default)]
struct Text {
    weave: Weave,
    woven: Woven,
}

#[derive(Debug, Default)]
struct Woven {
    segments: Vec<Segment>,
    words: Vec<u8>,
    text: Option<(u32, HeldBack)>,
    picture: Option<Picture>,
}

impl Divert {
    /// One that keeps these secrets out of whatever it gives out.
    pub(super) fn hiding(secrets: &Secrets) -> Self {
        let mut divert = Self::default();
        divert.blobs.redaction = Redaction::of(secrets);
        divert
    }

    /// What keeps the key out of the events, too.
    pub(super) fn redaction(&mut self) -> &mut Redaction {
        &mut self.blobs.redaction
    }

    /// The event that is arriving, as [`Redaction::partial`] has it.
    pub(super) fn redacted<'a>(&self, husk: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        self.blobs.redaction.partial(husk)
    }

    /// Returns what stands in the husk for the string that is being diverted, as far as it has come; `None` where there is
    /// none, or nothing but a picture or a signature.
    pub(super) fn marker(&self) -> Option<Vec<u8>> {
        let Some(Kind::Text(text)) = &self.string else {
            return None;
        };
        let mut marker = Vec::new();
        marker::write(&text.segments(), &mut marker);
        Some(marker)
    }

    /// Gives out what was gathered, so that nothing waits for the next read.
    pub(super) fn flush(&mut self, out: Out<'_>) {
        if !self.stage.is_empty() {
            let stage = std::mem::take(&mut self.stage);
            self.take(&stage, out);
            self.stage = stage;
            self.stage.clear();
        }
    }

    /// The string was cut or its event is broken: what is known of it goes out. Words end where they broke off, and
    /// [`Divert::marker`] still has them; a picture or a signature does not end.
    pub(super) fn abandon(&mut self, out: Out<'_>) {
        self.flush(out);
        if let Some(Kind::Text(text)) = &mut self.string {
            let held = text.weave.held().to_vec();
            let Text { weave, woven } = text;
            *weave = Weave::new();
            if woven.picture.is_none() {
                woven.take(Strand::Text(&held), &mut self.blobs, out);
                woven.end_text(&mut self.blobs, out);
            }
        }
    }

    /// Forgets the string.
    pub(super) fn reset(&mut self) {
        self.string = None;
    }

    /// A number that no string has had; it is taken from here on.
    pub(super) fn unused(&mut self) -> u32 {
        self.blobs.next += 1;
        self.blobs.next - 1
    }

    fn take(&mut self, bytes: &[u8], out: Out<'_>) {
        match &mut self.string {
            Some(Kind::Picture(picture)) => picture.take(bytes, out),
            Some(Kind::Signature(blob, tail)) => {
                let bytes = self.blobs.redaction.push(tail, bytes);
                give(*blob, &bytes, out);
            }
            Some(Kind::Text(text)) => {
                let Text { weave, woven } = text;
                weave.push(bytes, &mut |strand| {
                    woven.take(strand, &mut self.blobs, out);
                });
            }
            None => {}
        }
    }
}

impl Picture {
    fn take(&mut self, bytes: &[u8], out: Out<'_>) {
        let blob = self.blob;
        self.decoder
            .push(bytes, &mut |bytes| out(Output::BlobBytes { blob, bytes }));
    }

    /// Ends it; `open` where its data URL goes on behind the text.
    fn end(self, open: bool, out: Out<'_>) -> Segment {
        let blob = self.blob;
        let rest = self.decoder.rest();
        let whole = self
            .decoder
            .finish(&mut |bytes| out(Output::BlobBytes { blob, bytes }));
        out(Output::BlobEnded { blob });
        Segment::Picture {
            blob,
            mime: self.mime,
            whole: whole || open,
            rest,
            open,
        }
    }
}

impl Text {
    /// Its segments so far, words that may still become the header of a data URL among them.
    fn segments(&self) -> Vec<Segment> {
        let Woven {
            segments,
            words,
            text,
            picture,
        } = &self.woven;
        let mut all = segments.clone();
        all.extend(text.as_ref().map(|(blob, _)| Segment::Text(*blob)));
        if picture.is_none() {
            let words = [words, self.weave.held()].concat();
            let words = String::from_utf8_lossy(whole_characters(&words)).into_owned();
            all.extend((!words.is_empty()).then_some(Segment::Words(words)));
        }
        all
    }
}

impl Woven {
    fn take(&mut self, strand: Strand<'_>, blobs: &mut Blobs, out: Out<'_>) {
        match strand {
            Strand::Text(bytes) => {
                if self.text.is_none() && self.words.len() + bytes.len() > LONG {
                    let (blob, mut tail) = blobs.open(BlobKind::Text, &self.segments, out);
                    let words = std::mem::take(&mut self.words);
                    give(blob, &blobs.redaction.push(&mut tail, &words), out);
                    self.text = Some((blob, tail));
                }
                match &mut self.text {
                    Some((blob, tail)) => give(*blob, &blobs.redaction.push(tail, bytes), out),
                    None => self.words.extend_from_slice(bytes),
                }
            }
            Strand::Began(mime) if blobs.woven >= WOVEN_LIMIT => {
                let header = format!("data:{mime};base64,");
                self.take(Strand::Text(header.as_bytes()), blobs, out);
            }
            Strand::Began(mime) => {
                self.end_text(blobs, out);
                blobs.woven += 1;
                self.picture = Some(Picture {
                    blob: blobs.open(BlobKind::Picture, &self.segments, out).0,
                    mime: Some(mime.to_owned()),
                    decoder: Base64::new(),
                });
            }
            Strand::Base64(bytes) => match &mut self.picture {
                Some(picture) => picture.take(bytes, out),
                None => self.take(Strand::Text(bytes), blobs, out),
            },
            Strand::Ended { open } => {
                if let Some(picture) = self.picture.take() {
                    self.segments.push(picture.end(open, out));
                }
            }
        }
    }

    fn end_text(&mut self, blobs: &mut Blobs, out: Out<'_>) {
        if let Some((blob, tail)) = self.text.take() {
            give(blob, &blobs.redaction.end_text(blob, tail), out);
            out(Output::BlobEnded { blob });
            self.segments.push(Segment::Text(blob));
        } else if !self.words.is_empty() {
            let words = String::from_utf8_lossy(whole_characters(&self.words)).into_owned();
            self.segments.push(Segment::Words(words));
            self.words.clear();
        }
    }
}

/// The tokenizer's view of [`Divert`], with the way out.
pub(super) struct Gate<'a, 'b> {
    pub(super) divert: &'a mut Divert,
    pub(super) out: Out<'b>,
}

impl Sink for Gate<'_, '_> {
    fn began(&mut self, key: Key, head: &[u8], husk: &[u8]) {
        self.divert.blobs.begin(husk);
        let base64 = (key == Key::Data).then(|| base64_of(head)).flatten();
        if let Some((mime, from)) = base64 {
            let (blob, _) = self.divert.blobs.open(BlobKind::Picture, &[], self.out);
            self.divert.string = Some(Kind::Picture(Picture {
                blob,
                mime,
                decoder: Base64::new(),
            }));
            self.divert.take(&head[from..], self.out);
            return;
        }
        self.divert.string = Some(if key == Key::Signature {
            let (blob, _) = self.divert.blobs.open(BlobKind::Signature, &[], self.out);
            Kind::Signature(blob, HeldBack::default())
        } else {
            Kind::Text(Text::default())
        });
        self.divert.take(head, self.out);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        if bytes.len() < SHORT_RUN {
            self.divert.stage.extend_from_slice(bytes);
            if self.divert.stage.len() >= STAGE {
                self.divert.flush(self.out);
            }
        } else {
            self.divert.flush(self.out);
            self.divert.take(bytes, self.out);
        }
    }

    fn ended(&mut self, husk: &mut Vec<u8>) {
        self.divert.flush(self.out);
        let segments = match self.divert.string.take() {
            Some(Kind::Picture(picture)) => vec![picture.end(false, self.out)],
            Some(Kind::Signature(blob, tail)) => {
                give(blob, &Redaction::end(&tail), self.out);
                (self.out)(Output::BlobEnded { blob });
                vec![Segment::Signature(blob)]
            }
            Some(Kind::Text(mut text)) => {
                let (blobs, woven) = (&mut self.divert.blobs, &mut text.woven);
                text.weave
                    .finish(&mut |strand| woven.take(strand, blobs, self.out));
                woven.end_text(blobs, self.out);
                std::mem::take(&mut woven.segments)
            }
            None => Vec::new(),
        };
        marker::write(&segments, husk);
    }
}

/// Where the base64 of a `data` string begins, and the type if it is a data URL; `None` where it is something else.
pub(crate) fn base64_of(text: &[u8]) -> Option<(Option<String>, usize)> {
    let blanks = text.len() - text.trim_ascii_start().len();
    let (mime, from) = match text[blanks..].strip_prefix(b"data:") {
        None => (None, blanks),
        Some(rest) => {
            let comma = rest.iter().take(256).position(|&byte| byte == b',')?;
            let header = std::str::from_utf8(&rest[..comma]).ok()?;
            let mut words = header.split(';');
            let mime = words.next().filter(|mime| !mime.is_empty());
            words.find(|word| word.trim() == "base64")?;
            (mime.map(str::to_owned), blanks + b"data:".len() + comma + 1)
        }
    };
    let head = &text[from..];
    head[..head.len().min(SNIFF)]
        .iter()
        .all(|&byte| is_base64_or_blank(byte))
        .then_some((mime, from))
}
