//! Server-sent events over bytes: lines and their fields, in fragments, as they arrive. Sans-IO and linear however the
//! body is cut: every byte is looked at once and no line is ever held. It knows nothing of JSON.

/// A piece of the event stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// The next bytes of a `data:` line, as they came (the optional space included).
    Data(&'a [u8]),
    /// The `data:` line ended.
    DataEnd,
    /// The next bytes of a line that is no field at all, its indentation left out.
    Raw(&'a [u8]),
    RawEnd,
    /// The value of an `event:` line, trimmed.
    Name(&'a [u8]),
    /// A comment began.
    Comment,
    /// An empty line: the event is over.
    Blank,
}

/// The fields whose lines are no raw text.
const NAMES: [&[u8]; 4] = [b"data", b"event", b"id", b"retry"];
/// Longer than every name.
const HELD: usize = 8;
/// Enough for every event name that means something.
const NAME_LIMIT: usize = 64;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before the first byte of a line that is not a blank.
    #[default]
    Start,
    /// Inside what may still become the name of a field.
    Name,
    Data,
    Raw,
    Event,
    /// A comment or a field that nobody reads.
    Skip,
}

/// The splitter. It holds at most the name of a field.
#[derive(Debug, Default)]
pub struct Lines {
    state: State,
    /// The last line ended in CR: an LF that follows belongs to it.
    after_cr: bool,
    /// The line began with blanks; alone they make no empty line.
    indented: bool,
    held: [u8; HELD],
    held_len: usize,
    event: Vec<u8>,
}

impl Lines {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in the next bytes.
    pub fn push(&mut self, mut bytes: &[u8], out: &mut dyn FnMut(Field<'_>)) {
        while let Some(&first) = bytes.first() {
            let used = match self.state {
                State::Start => self.start(first, out),
                State::Name => self.name(first, out),
                State::Data | State::Raw | State::Event | State::Skip => self.value(bytes, out),
            };
            bytes = bytes.get(used..).unwrap_or_default();
        }
    }

    /// The body has ended; a line without its end counts as ended.
    pub fn finish(&mut self, out: &mut dyn FnMut(Field<'_>)) {
        if self.state == State::Name {
            self.nameless(out);
        }
        if self.state != State::Start {
            self.end_line(out);
        }
        out(Field::Blank);
    }

    fn start(&mut self, byte: u8, out: &mut dyn FnMut(Field<'_>)) -> usize {
        let after_cr = std::mem::take(&mut self.after_cr);
        match byte {
            b'\n' if after_cr => 1,
            b'\r' | b'\n' => {
                self.after_cr = byte == b'\r';
                if !std::mem::take(&mut self.indented) {
                    out(Field::Blank);
                }
                1
            }
            b' ' | b'\t' => {
                self.indented = true;
                1
            }
            _ => {
                self.indented = false;
                self.held_len = 0;
                self.state = State::Name;
                0
            }
        }
    }

    fn name(&mut self, byte: u8, out: &mut dyn FnMut(Field<'_>)) -> usize {
        let held = &self.held[..self.held_len];
        match byte {
            b'\r' | b'\n' => {
                self.nameless(out);
                0
            }
            b':' if held.is_empty() => {
                out(Field::Comment);
                self.state = State::Skip;
                1
            }
            b':' if NAMES.contains(&held) => {
                self.state = match held {
                    b"data" => State::Data,
                    b"event" => State::Event,
                    _ => State::Skip,
                };
                1
            }
            _ => {
                let next = self.held_len;
                self.held[next] = byte;
                self.held_len += 1;
                let held = &self.held[..self.held_len];
                if !NAMES.iter().any(|name| name.starts_with(held)) {
                    self.state = State::Raw;
                    out(Field::Raw(held));
                }
                1
            }
        }
    }

    /// A line without a colon: a field without a value says nothing, anything else is raw text.
    fn nameless(&mut self, out: &mut dyn FnMut(Field<'_>)) {
        let held = &self.held[..self.held_len];
        if NAMES.contains(&held) {
            self.state = State::Skip;
        } else {
            self.state = State::Raw;
            out(Field::Raw(held));
        }
    }

    fn value(&mut self, bytes: &[u8], out: &mut dyn FnMut(Field<'_>)) -> usize {
        let end = memchr::memchr2(b'\n', b'\r', bytes);
        let fragment = &bytes[..end.unwrap_or(bytes.len())];
        match self.state {
            State::Data if !fragment.is_empty() => out(Field::Data(fragment)),
            State::Raw if !fragment.is_empty() => out(Field::Raw(fragment)),
            State::Event => {
                let room = NAME_LIMIT.saturating_sub(self.event.len());
                self.event
                    .extend_from_slice(&fragment[..fragment.len().min(room)]);
            }
            _ => {}
        }
        if let Some(end) = end {
            self.end_line(out);
            self.after_cr = bytes[end] == b'\r';
            end + 1
        } else {
            bytes.len()
        }
    }

    fn end_line(&mut self, out: &mut dyn FnMut(Field<'_>)) {
        match self.state {
            State::Data => out(Field::DataEnd),
            State::Raw => out(Field::RawEnd),
            State::Event => {
                out(Field::Name(self.event.trim_ascii()));
                self.event.clear();
            }
            State::Start | State::Name | State::Skip => {}
        }
        self.state = State::Start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields with their fragments joined, one line each.
    fn fields(cuts: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines::new();
        let mut seen: Vec<String> = Vec::new();
        let mut open = String::new();
        let mut take = |field: Field<'_>| match field {
            Field::Data(bytes) | Field::Raw(bytes) => open.push_str(&String::from_utf8_lossy(bytes)),
            Field::DataEnd => seen.push(format!("data {}", std::mem::take(&mut open))),
            Field::RawEnd => seen.push(format!("raw {}", std::mem::take(&mut open))),
            Field::Name(name) => seen.push(format!("name {}", String::from_utf8_lossy(name))),
            Field::Comment => seen.push("comment".to_owned()),
            Field::Blank => seen.push("blank".to_owned()),
        };
        for cut in cuts {
            lines.push(cut, &mut take);
        }
        lines.finish(&mut take);
        seen
    }

    #[test]
    fn every_line_end_and_every_cut_gives_the_same_fields() {
        let text = ": PING\n\ndata: a\ndata:b\nevent: error \nid: 7\nretry\ndata\n{\n  \"e\": 1\n}\n \n\ndate: x\ndata";
        let whole = fields(&[text.as_bytes()]);
        assert_eq!(
            whole,
            [
                "comment",
                "blank",
                "data  a",
                "data b",
                "name error",
                "raw {",
                "raw \"e\": 1",
                "raw }",
                "blank",
                "raw date: x",
                "blank"
            ]
        );
        for end in ["\n", "\r\n", "\r"] {
            let text = text.replace('\n', end);
            for cut in 0..=text.len() {
                let (left, right) = text.as_bytes().split_at(cut);
                assert_eq!(fields(&[left, right]), whole, "{end:?} cut at {cut}");
            }
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(fields(&bytes), whole, "{end:?} byte by byte");
        }
    }
}
