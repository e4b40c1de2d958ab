//! A picture that is still arriving, developing from the top like a print in its bath. It keeps the pixels shrunk to
//! what is going to be shown. PNG is decoded byte by byte as it comes; of JPEG, which is short, the bytes are kept too.
//!
//! PNG develops that is not interlaced, and JPEG whose rows come once; anything else stays blank until it is whole and
//! is then for [`super::decode`]. One that is stored on its side develops from there.

mod jpeg;

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

use super::backdrop::{Ground, Layout};
use super::decode::{png_reader, upright};
use super::limits::{check_memory, check_size};
use super::{Backdrop, Pixmap};
use crate::domain::{Header, Orientation};

pub(super) use jpeg::breaks_off;

/// The rows of a picture as far as they have arrived.
pub struct Developing {
    state: State,
    least: (u32, u32),
    backdrop: Backdrop,
    orientation: Orientation,
}

enum State {
    /// What came before the first pixels.
    Head(Vec<u8>),
    Painting(Box<Painting>),
    Printing(Printing),
    /// It does not develop, or no further.
    Still(Option<Shrinking>),
}

impl Developing {
    /// For a picture that is going to be shown in `width` by `height` pixels: it is kept no smaller than that, and
    /// less than twice as large each way. `u32::MAX` keeps every pixel.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            state: State::Head(Vec::new()),
            least: (width.max(1), height.max(1)),
            backdrop: Backdrop::BLACK,
            orientation: Orientation::UPRIGHT,
        }
    }

    /// What shows through where the picture is transparent, instead of black.
    #[must_use]
    pub fn over(mut self, backdrop: Backdrop) -> Self {
        self.backdrop = backdrop;
        self
    }

    /// Takes the next bytes of the file, cut anywhere, and only keeps them.
    pub fn push(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Head(head) => head.extend_from_slice(bytes),
            State::Painting(painting) => {
                painting.bytes.send(bytes.to_vec()).ok();
            }
            State::Printing(printing) => printing.bytes.extend_from_slice(bytes),
            State::Still(_) => {}
        }
    }

    /// Paints the rows that the bytes at hand hold, and says whether new ones can be seen. For a JPEG that is up to
    /// 0.1 s of work each time: do it a few times a second, not for every piece.
    pub fn develop(&mut self) -> bool {
        let before = self.rows();
        if let State::Head(head) = &mut self.state {
            match begins(head) {
                Found::NotYet => {}
                Found::Never => self.state = State::Still(None),
                Found::Here => {
                    let header = Header::of(head);
                    self.orientation = header.map(|header| header.orientation).unwrap_or_default();
                    // The box is that of the upright picture.
                    let least = self.orientation.turned(self.least);
                    self.state = begin(head, header, least, self.backdrop);
                }
            }
        }
        self.paint();
        self.rows() != before
    }

    /// The size of the whole upright picture, once its first bytes are here.
    pub fn size(&self) -> Option<(u32, u32)> {
        let shrinking = self.shrinking()?;
        Some(self.orientation.turned(shrinking.size))
    }

    /// How many of the rows are painted that are stored; see [`Developing::stored_rows`].
    pub fn rows(&self) -> u32 {
        self.shrinking().map_or(0, |shrinking| shrinking.rows)
    }

    /// How many rows are stored, which of a picture on its side are columns.
    pub fn stored_rows(&self) -> u32 {
        self.shrinking().map_or(0, |shrinking| shrinking.size.1)
    }

    /// Whether rows come from the top.
    pub fn is_upright(&self) -> bool {
        self.orientation.is_upright()
    }

    /// The picture so far as it is stored, black where nothing has arrived; nothing while it cannot be told how large
    /// it is, and never anything for a picture that does not develop.
    pub fn pixmap(&self) -> Option<&Pixmap> {
        self.shrinking().map(|shrinking| &shrinking.small)
    }

    /// The upright picture so far, in this colour where nothing has arrived.
    pub fn picture(&self, blank: [u8; 3]) -> Option<Pixmap> {
        let shrinking = self.shrinking()?;
        let mut picture = shrinking.small.clone();
        let (rows, of) = (u64::from(shrinking.rows), u64::from(shrinking.size.1.max(1)));
        let painted = u64::from(picture.height) * rows / of;
        let from = usize::try_from(painted)
            .unwrap_or(usize::MAX)
            .saturating_mul(picture.stride());
        let rest = picture.rgb.get_mut(from..).unwrap_or_default();
        for pixel in rest.as_chunks_mut::<3>().0 {
            *pixel = blank;
        }
        Some(upright(picture, self.orientation))
    }

    fn shrinking(&self) -> Option<&Shrinking> {
        match &self.state {
            State::Head(_) => None,
            State::Painting(painting) => Some(&painting.shrinking),
            State::Printing(printing) => Some(&printing.shrinking),
            State::Still(shrinking) => shrinking.as_ref(),
        }
    }

    fn paint(&mut self) {
        let outcome = match &mut self.state {
            State::Painting(painting) => painting.paint(),
            State::Printing(printing) => printing.paint(),
            State::Head(_) | State::Still(_) => return,
        };
        if outcome == Outcome::Over {
            self.state = match std::mem::replace(&mut self.state, State::Still(None)) {
                State::Painting(painting) => State::Still(Some(painting.shrinking)),
                State::Printing(printing) => State::Still(Some(printing.shrinking)),
                other => other,
            };
        }
    }
}

/// Looks for the beginning of the pixels: it can be told then whether the image develops.
fn begins(head: &[u8]) -> Found {
    if head.starts_with(b"\xff\xd8") {
        jpeg::first_pixels(head)
    } else {
        first_pixels(head)
    }
}

/// What to do with a picture whose pixels begin.
fn begin(head: &mut Vec<u8>, header: Option<Header>, least: (u32, u32), backdrop: Backdrop) -> State {
    let Some(header) = header else {
        return State::Still(None);
    };
    if head.starts_with(b"\xff\xd8") {
        let printing = Printing::new(std::mem::take(head), header.stored, least);
        return printing.map_or(State::Still(None), State::Printing);
    }
    let (bytes, feed) = channel();
    bytes.send(std::mem::take(head)).ok();
    let reader = png_reader(Feed {
        source: feed,
        current: Vec::new(),
        read: 0,
    })
    .ok();
    let painting = reader.and_then(|reader| Painting::new(reader, bytes, least, backdrop));
    painting.map_or(State::Still(None), |painting| State::Painting(Box::new(painting)))
}

enum Found {
    NotYet,
    Never,
    Here,
}

/// Whether the bytes reach into the first chunk of pixels, told by walking the chunks before it.
fn first_pixels(head: &[u8]) -> Found {
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    if !head.starts_with(SIGNATURE) {
        return if SIGNATURE.starts_with(head) || b"\xff\xd8".starts_with(head) {
            Found::NotYet
        } else {
            Found::Never
        };
    }
    let mut at = SIGNATURE.len();
    loop {
        let Some(chunk) = head.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            return Found::NotYet;
        };
        let [l3, l2, l1, l0, kind @ ..] = *chunk;
        if &kind == b"IDAT" {
            return Found::Here;
        }
        at = at
            .saturating_add(u32::from_be_bytes([l3, l2, l1, l0]) as usize)
            .saturating_add(12);
    }
}

struct Painting {
    reader: png::Reader<Feed>,
    bytes: Sender<Vec<u8>>,
    layout: Layout,
    line: Vec<u8>,
    flat: Vec<u8>,
    ground: Ground,
    shrinking: Shrinking,
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Hungry,
    Over,
}

impl Painting {
    /// Nothing for a picture that is too large, or whose first rows are not its upper ones.
    fn new(
        reader: png::Reader<Feed>,
        bytes: Sender<Vec<u8>>,
        least: (u32, u32),
        backdrop: Backdrop,
    ) -> Option<Self> {
        let size = reader.info().size();
        check_size(size).ok()?;
        if reader.info().interlaced {
            return None;
        }
        Some(Self {
            layout: Layout::of(reader.output_color_type().0),
            line: vec![0; reader.output_line_size(size.0)?],
            flat: vec![0; size.0 as usize * 3],
            ground: backdrop.behind(size),
            shrinking: Shrinking::new(size, least),
            reader,
            bytes,
        })
    }

    fn paint(&mut self) -> Outcome {
        while self.shrinking.rows < self.shrinking.size.1 {
            match self.reader.read_row(&mut self.line) {
                Ok(Some(_)) => {
                    let y = self.shrinking.rows as usize;
                    self.layout.compose(&self.line, &mut self.flat, self.ground, y);
                    self.shrinking.add(&self.flat);
                }
                Err(png::DecodingError::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Outcome::Hungry;
                }
                Ok(None) | Err(_) => return Outcome::Over,
            }
        }
        Outcome::Over
    }
}

/// A JPEG with the bytes of it that are here.
struct Printing {
    bytes: Vec<u8>,
    /// How many of them were there when it was last decoded.
    seen: usize,
    shrinking: Shrinking,
}

impl Printing {
    /// Nothing for a picture that is too large.
    fn new(bytes: Vec<u8>, size: (u32, u32), least: (u32, u32)) -> Option<Self> {
        check_size(size).ok()?;
        check_memory(u64::from(size.0) * u64::from(size.1) * 3).ok()?;
        Some(Self {
            bytes,
            seen: 0,
            shrinking: Shrinking::new(size, least),
        })
    }

    fn paint(&mut self) -> Outcome {
        if self.bytes.len() > self.seen {
            self.seen = self.bytes.len();
            let shrinking = &mut self.shrinking;
            jpeg::rows(&self.bytes, shrinking.rows, |row| shrinking.add(row));
        }
        if self.shrinking.rows < self.shrinking.size.1 {
            Outcome::Hungry
        } else {
            Outcome::Over
        }
    }
}

/// Averages whole blocks of pixels, row by row, so that a large picture is never held at full size.
struct Shrinking {
    size: (u32, u32),
    /// Rows taken so far.
    rows: u32,
    /// The side of a block.
    block: u32,
    sums: Vec<u32>,
    small: Pixmap,
}

impl Shrinking {
    fn new(size: (u32, u32), least: (u32, u32)) -> Self {
        let block = (size.0 / least.0).min(size.1 / least.1).max(1);
        let small = Pixmap::filled(size.0.div_ceil(block), size.1.div_ceil(block), [0; 3]);
        Self {
            size,
            rows: 0,
            block,
            sums: vec![0; small.stride()],
            small,
        }
    }

    fn add(&mut self, row: &[u8]) {
        let stride = self.small.stride();
        let at = (self.rows / self.block) as usize * stride;
        let Some(target) = self.small.rgb.get_mut(at..at + stride) else {
            return;
        };
        self.rows += 1;
        if self.block == 1 {
            target.copy_from_slice(row);
            return;
        }
        let (sums, _) = self.sums.as_chunks_mut::<3>();
        for (sum, block) in sums.iter_mut().zip(row.chunks(self.block as usize * 3)) {
            for pixel in block.as_chunks::<3>().0 {
                (0..3).for_each(|channel| sum[channel] += u32::from(pixel[channel]));
            }
        }
        let rows_here = (self.rows - 1) % self.block + 1;
        // A block shows itself from its first row on, so that what has arrived is never hidden.
        let mut left = self.size.0;
        for (sum, pixel) in sums.iter().zip(target.as_chunks_mut::<3>().0) {
            let count = rows_here * self.block.min(left);
            left -= self.block.min(left);
            *pixel = sum.map(|sum| u8::try_from((sum + count / 2) / count.max(1)).unwrap_or(u8::MAX));
        }
        if rows_here == self.block {
            self.sums.fill(0);
        }
    }
}

/// The bytes that have arrived and were not read yet. At its end it says that the file ends, which the reader takes
/// for a reason to stop and not to give up.
struct Feed {
    source: Receiver<Vec<u8>>,
    current: Vec<u8>,
    read: usize,
}

impl BufRead for Feed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.read >= self.current.len() {
            match self.source.try_recv() {
                Ok(bytes) => (self.current, self.read) = (bytes, 0),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Ok(&[]),
            }
        }
        Ok(&self.current[self.read..])
    }

    fn consume(&mut self, amount: usize) {
        self.read += amount;
    }
}

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl Seek for Feed {
    /// The reader asks for the trait and never seeks.
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
