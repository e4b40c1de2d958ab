//! Finds pictures that are woven into text as data URLs, over fragments. It splits; it decodes nothing.

use std::ops::Range;

use super::base64::is_base64;

const START: &[u8] = b"data:image/";
const END: &[u8] = b";base64,";
/// Longer than any header that is meant: `data:image/svg+xml;charset=utf-8;base64,`.
const HEADER_LIMIT: usize = 96;

/// A strand of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strand<'a> {
    Text(&'a [u8]),
    /// A data URL began; its type.
    Began(&'a str),
    /// The next characters of its base64.
    Base64(&'a [u8]),
    /// It ended; `open` where that was only the end of the text.
    Ended {
        open: bool,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Payload,
}

/// The splitter. It holds at most the header of a data URL.
#[derive(Debug, Default)]
pub(crate) struct Weave {
    state: State,
    /// The last byte of text before what is held or before the picture.
    last: u8,
    /// The picture stands in parentheses, as Markdown has it: lines may be broken inside.
    enclosed: bool,
    /// What may be the beginning of a header.
    held: Vec<u8>,
}

impl Weave {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn push(&mut self, mut text: &[u8], out: &mut dyn FnMut(Strand<'_>)) {
        while !text.is_empty() {
            let used = match self.state {
                State::Payload => self.payload(text, out),
                State::Text if self.held.is_empty() => self.text(text, out),
                State::Text => {
                    self.held.push(text[0]);
                    self.judge(out);
                    1
                }
            };
            text = &text[used..];
        }
    }

    pub(crate) fn finish(&mut self, out: &mut dyn FnMut(Strand<'_>)) {
        if self.state == State::Payload {
            out(Strand::Ended { open: true });
        }
        if !self.held.is_empty() {
            out(Strand::Text(&self.held));
        }
        *self = Self::default();
    }

    /// What may be the beginning of a data URL's header: at most 96 bytes.
    pub(crate) fn held(&self) -> &[u8] {
        &self.held
    }

    fn payload(&mut self, text: &[u8], out: &mut dyn FnMut(Strand<'_>)) -> usize {
        let breaks = |byte: u8| self.enclosed && matches!(byte, b'\r' | b'\n');
        let end = text.iter().position(|&byte| !is_base64(byte) && !breaks(byte));
        let run = &text[..end.unwrap_or(text.len())];
        if !run.is_empty() {
            out(Strand::Base64(run));
        }
        if end.is_some() {
            self.state = State::Text;
            out(Strand::Ended { open: false });
        }
        run.len()
    }

    /// Text up to what may be a header; that is held from its first byte on.
    fn text(&mut self, text: &[u8], out: &mut dyn FnMut(Strand<'_>)) -> usize {
        let start = memchr::memmem::find(text, START).unwrap_or_else(|| {
            let tail = text.len().saturating_sub(START.len() - 1);
            (tail..text.len())
                .find(|&from| START.starts_with(&text[from..]))
                .unwrap_or(text.len())
        });
        if let Some(before) = text[..start].last() {
            self.last = *before;
            out(Strand::Text(&text[..start]));
        }
        let taken = text.len().min(start + START.len());
        self.held.extend_from_slice(&text[start..taken]);
        taken
    }

    /// Whether what is held is a header, may become one, or is text after all.
    fn judge(&mut self, out: &mut dyn FnMut(Strand<'_>)) {
        if self.held.ends_with(END) && self.held.starts_with(START) {
            let header = String::from_utf8_lossy(&self.held[b"data:".len()..]);
            let mime = header.split(';').next().unwrap_or_default().to_owned();
            self.held.clear();
            self.state = State::Payload;
            self.enclosed = matches!(std::mem::take(&mut self.last), b'(' | b'<');
            out(Strand::Began(&mime));
            return;
        }
        while !self.held.is_empty() && !may_be_header(&self.held) {
            // Another header may begin within this one.
            let next = (1..self.held.len())
                .find(|&from| may_be_header(&self.held[from..]))
                .unwrap_or(self.held.len());
            out(Strand::Text(&self.held[..next]));
            self.last = self.held[next - 1];
            self.held.drain(..next);
        }
    }
}

/// Where the base64 of images stands in a text that is there as a whole, as [`Weave`] finds it.
pub(super) fn images(text: &[u8]) -> Vec<Range<usize>> {
    let mut images = Vec::new();
    let mut from = 0;
    while let Some(found) = memchr::memmem::find(&text[from..], START) {
        let start = from + found;
        from = start + START.len();
        let header = &text[start..text.len().min(start + HEADER_LIMIT + END.len())];
        let Some(end) = memchr::memmem::find(header, END).filter(|end| may_be_header(&header[..*end])) else {
            continue;
        };
        let payload = start + end + END.len();
        let enclosed = start > 0 && matches!(text[start - 1], b'(' | b'<');
        let breaks = |byte: u8| enclosed && matches!(byte, b'\r' | b'\n');
        let length = text[payload..]
            .iter()
            .take_while(|byte| is_base64(**byte) || breaks(**byte))
            .count();
        from = payload + length;
        images.push(payload..from);
    }
    images
}

/// Whether a text may be the beginning of a data URL of an image, up to where its base64 begins.
pub(crate) fn may_be_header(held: &[u8]) -> bool {
    match held.strip_prefix(START) {
        None => START.starts_with(held),
        Some(rest) => {
            let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.=;".contains(byte);
            held.len() < HEADER_LIMIT && rest.iter().all(fits)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The strands with their fragments joined.
    fn woven(cuts: &[&[u8]]) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        let mut take = |strand: Strand<'_>| {
            let (name, text) = match strand {
                Strand::Text(text) => ("text ", String::from_utf8_lossy(text).into_owned()),
                Strand::Base64(text) => ("base64 ", String::from_utf8_lossy(text).into_owned()),
                Strand::Began(mime) => ("began ", mime.to_owned()),
                Strand::Ended { .. } => ("ended", String::new()),
            };
            match seen.last_mut() {
                Some(last) if last.starts_with(name) && name.ends_with(' ') => last.push_str(&text),
                _ => seen.push(format!("{name}{text}")),
            }
        };
        let mut weave = Weave::new();
        for cut in cuts {
            weave.push(cut, &mut take);
        }
        weave.finish(&mut take);
        seen
    }

    #[test]
    fn data_urls_are_found_at_every_cut_and_everything_else_stays_text() {
        let text = "a data:image/x data:image/data:image/png;base64,QUJD) b data:image/webp;q=1;base64,QQ==\nc \
                    (data:image/gif;base64,QUJD\r\nQUJD\n) data:image";
        let whole = woven(&[text.as_bytes()]);
        assert_eq!(
            whole,
            [
                "text a data:image/x data:image/",
                "began image/png",
                "base64 QUJD",
                "ended",
                "text ) b ",
                "began image/webp",
                "base64 QQ==",
                "ended",
                "text \nc (",
                "began image/gif",
                "base64 QUJD\r\nQUJD\n",
                "ended",
                "text ) data:image"
            ]
        );
        let payloads = images(text.as_bytes())
            .into_iter()
            .map(|image| format!("base64 {}", &text[image]));
        let woven_payloads = whole.iter().filter(|strand| strand.starts_with("base64 "));
        assert!(payloads.eq(woven_payloads.cloned()));
        for cut in 0..=text.len() {
            let (left, right) = text.as_bytes().split_at(cut);
            assert_eq!(woven(&[left, right]), whole, "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(woven(&bytes), whole);
    }
}
