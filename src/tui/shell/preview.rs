//! Previews: a picture file made into what the terminal can show, off the loop. One preview is wanted at a time; a
//! newer wish ends the work for an older one.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ratatui::layout::Size;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::Instant;

use super::Note;
use crate::error::{Error, Kind, Result};
use crate::graphics::develop::Developing;
use crate::graphics::kitty::{Placement, Upload, Wrap};
use crate::graphics::{self, CellSize, Pixmap, Protocol, halfblocks};
use crate::logs;
use crate::tui::msg::Ask;
use crate::tui::pixels::{Blocks, PictureKey};

/// Wishes that follow each other faster than this are a scroll or a resize, and only the last of them counts.
const SETTLE: Duration = Duration::from_millis(80);
/// A growing picture is painted again no more often than this.
const REPAINT: Duration = Duration::from_millis(120);

/// One picture is decoded at a time.
static DECODING: Semaphore = Semaphore::const_new(1);

/// How pictures are made for this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    pub(crate) protocol: Protocol,
    pub(crate) cell: CellSize,
    pub(crate) wrap: Wrap,
    /// How coarse pixels may become on the wire, see `near_lossless`.
    pub(crate) step: u8,
    /// What stands in for rows that have not arrived.
    pub(crate) background: [u8; 3],
}

/// A picture ready for the terminal.
#[derive(Debug)]
pub(crate) enum Made {
    Blocks(Blocks),
    Kitty {
        id: u8,
        cols: u16,
        rows: u16,
        sequences: Vec<Vec<u8>>,
    },
}

/// The answer to one wish; a growing picture has many.
#[derive(Debug)]
pub(crate) struct Preview {
    pub(crate) ask: Ask,
    pub(crate) picture: PictureKey,
    pub(crate) area: Size,
    pub(crate) result: Result<Made>,
    /// Rows painted of all rows, of a picture that is still arriving.
    pub(crate) rows: Option<(u32, u32)>,
    /// Dropped or sent once the terminal shows it: the next frame of a growing picture waits for that.
    pub(crate) shown: Option<oneshot::Sender<()>>,
}

/// A wish with everything that is needed to fulfil it.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) ask: Ask,
    pub(super) picture: PictureKey,
    pub(super) area: Size,
    pub(super) encoding: Encoding,
    /// Numbers for kitty: the first for a complete picture, both in turn for a growing one.
    pub(super) ids: [u8; 2],
}

/// The desk at which one preview at a time is made.
#[derive(Debug)]
pub(super) struct Desk {
    inbox: mpsc::UnboundedSender<Note>,
    work: Option<AbortHandle>,
    last: Option<Instant>,
}

impl Desk {
    pub(super) fn new(inbox: mpsc::UnboundedSender<Note>) -> Self {
        Self {
            inbox,
            work: None,
            last: None,
        }
    }

    /// Ends the work at hand.
    pub(super) fn clear(&mut self) {
        if let Some(work) = self.work.take() {
            work.abort();
        }
    }

    /// Works for this wish from now on. `grown` changes whenever a growing file may have grown.
    pub(super) fn work(&mut self, wish: Wish, grown: watch::Receiver<u64>) {
        self.clear();
        let now = Instant::now();
        let hurried = self
            .last
            .replace(now)
            .is_some_and(|last| now.duration_since(last) < SETTLE);
        let inbox = self.inbox.clone();
        let task = tokio::spawn(async move {
            if hurried {
                tokio::time::sleep(SETTLE).await;
            }
            match wish.picture.clone() {
                PictureKey::Stored(path) => stored(wish, path, &inbox).await,
                PictureKey::Growing(path) => growing(wish, path, grown, &inbox).await,
            }
        });
        self.work = Some(task.abort_handle());
    }
}

async fn stored(wish: Wish, path: PathBuf, inbox: &mpsc::UnboundedSender<Note>) {
    let Wish {
        ask,
        area,
        encoding,
        ids: [id, _],
        ..
    } = wish.clone();
    // A decoder cannot be stopped half way, and two at work at once take twice the memory. Whoever is no longer wanted
    // while it waits for its turn never gets it.
    let turn = DECODING.acquire().await;
    let made = spawn_blocking(move || {
        let _turn = turn;
        let bytes = contents(&path).map_err(|error| unreadable(&path, &error))?;
        // A JPEG that broke off would be decoded too, with grey for what is missing.
        if graphics::breaks_off(&bytes)
            && let Some(made) = beginning(&path, area, encoding, id)
        {
            return made;
        }
        let decoded = graphics::decode(&bytes);
        drop(bytes);
        let picture = decoded?;
        make(&picture, picture.size(), area, encoding, id)
    });
    let result = made
        .await
        .unwrap_or_else(|panic| Err(logs::worker_failed(&panic)));
    let preview = Preview {
        ask,
        picture: wish.picture,
        area,
        result,
        rows: None,
        shown: None,
    };
    let _over = inbox.send(Note::Preview(preview));
}

/// The rows of a picture that never came whole.
fn beginning(path: &Path, area: Size, encoding: Encoding, id: u8) -> Option<Result<Made>> {
    let mut bath = Bath::open(path, area, encoding.cell).ok()?;
    if !bath.look() {
        return None;
    }
    Some(bath.paint(area, encoding, id)?.0)
}

/// A file as far as it could be decoded: a longer one is cut, and found to be broken.
fn contents(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(graphics::READABLE)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(Kind::Store, format!("{} cannot be read: {error}", path.display()))
        .hint("The session still lists it; put the file back to see it")
}

/// How kitty's pictures are put up under this protocol.
pub(super) fn placement(protocol: Protocol) -> Placement {
    if protocol == Protocol::KittyPlaceholders {
        Placement::Virtual
    } else {
        Placement::AtCursor
    }
}

/// The cells that a picture of this size takes in the area, and what fills them.
fn make(picture: &Pixmap, size: (u32, u32), area: Size, encoding: Encoding, id: u8) -> Result<Made> {
    let Encoding {
        protocol,
        cell,
        wrap,
        step,
        ..
    } = encoding;
    let (cols, rows) = graphics::fit(size, area.width, area.height, cell);
    match protocol {
        Protocol::Off => return Err(Error::new(Kind::Internal, "Pictures are off")),
        Protocol::HalfBlocks => {
            let halfblocks::Blocks { cols, rows, cells } = halfblocks::encode(picture, cols, rows);
            return Ok(Made::Blocks(Blocks { cols, rows, cells }));
        }
        Protocol::Iterm2 | Protocol::Sixel => {
            return Err(Error::new(
                Kind::Internal,
                "Pictures cannot be drawn in strips yet",
            ));
        }
        Protocol::KittyPlaceholders | Protocol::KittyClassic => {}
    }
    let placement = placement(protocol);
    let small = graphics::shrink(picture, cols, rows, cell);
    let sequences = Upload {
        id,
        cols,
        rows,
        placement,
        wrap,
        step,
    }
    .encode(&small);
    Ok(Made::Kitty {
        id,
        cols,
        rows,
        sequences,
    })
}

/// The state of a growing picture between two looks at its file.
struct Bath {
    file: File,
    developing: Developing,
    buffer: Vec<u8>,
}

impl Bath {
    fn open(path: &Path, area: Size, cell: CellSize) -> io::Result<Self> {
        let pixels = |cells: u16, pixels: u16| u32::from(cells) * u32::from(pixels);
        let developing = Developing::new(pixels(area.width, cell.width), pixels(area.height, cell.height));
        Ok(Self {
            file: File::open(path)?,
            developing,
            buffer: vec![0; 256 * 1024],
        })
    }

    /// Takes in what the file has gained; true if new rows can be seen.
    fn look(&mut self) -> bool {
        // A file that cannot be read just does not develop: it is judged when it is complete.
        while let Ok(more @ 1..) = self.file.read(&mut self.buffer) {
            self.developing.push(&self.buffer[..more]);
        }
        self.developing.develop()
    }

    /// What has arrived so far, for the terminal.
    fn paint(&self, area: Size, encoding: Encoding, id: u8) -> Option<(Result<Made>, (u32, u32))> {
        let (size, rows) = (self.developing.size()?, self.developing.rows());
        let mut picture = self.developing.pixmap()?.clone();
        let painted = u64::from(picture.height) * u64::from(rows) / u64::from(size.1.max(1));
        let from = usize::try_from(painted)
            .unwrap_or(usize::MAX)
            .saturating_mul(picture.width as usize * 3);
        for pixel in picture
            .rgb
            .get_mut(from..)
            .unwrap_or_default()
            .chunks_exact_mut(3)
        {
            pixel.copy_from_slice(&encoding.background);
        }
        let mut made = make(&picture, size, area, encoding, id);
        if let Ok(Made::Blocks(blocks)) = &mut made {
            let lines = u64::from(blocks.rows) * u64::from(rows) / u64::from(size.1.max(1));
            blocks
                .cells
                .truncate(usize::try_from(lines).unwrap_or(usize::MAX) * usize::from(blocks.cols));
        }
        Some((made, (rows, size.1)))
    }
}

async fn growing(
    wish: Wish,
    path: PathBuf,
    mut grown: watch::Receiver<u64>,
    inbox: &mpsc::UnboundedSender<Note>,
) {
    let Wish {
        ask,
        picture,
        area,
        encoding,
        ids,
    } = wish;
    // A file that is gone has been stored, and the next wish is on its way.
    let Ok(bath) = Bath::open(&path, area, encoding.cell) else {
        return;
    };
    let (mut bath, mut frame) = (Some(bath), 0_usize);
    loop {
        grown.mark_unchanged();
        let Some(mut dipped) = bath.take() else { return };
        let id = ids[frame % 2];
        let look = spawn_blocking(move || {
            let painted = if dipped.look() {
                dipped.paint(area, encoding, id)
            } else {
                None
            };
            (dipped, painted)
        });
        let Ok((dipped, painted)) = look.await else { return };
        bath = Some(dipped);
        if let Some((result, rows)) = painted {
            frame += 1;
            let (shown, seen) = oneshot::channel();
            let picture = picture.clone();
            let note = Preview {
                ask,
                picture,
                area,
                result,
                rows: Some(rows),
                shown: Some(shown),
            };
            if inbox.send(Note::Preview(note)).is_err() {
                return;
            }
            let _shown_or_dropped = seen.await;
            tokio::time::sleep(REPAINT).await;
        }
        if grown.changed().await.is_err() {
            return;
        }
    }
}
