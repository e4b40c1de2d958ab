//! A picture that is still arriving, painted again and again as far as it has come, no faster and no finer than the way
//! to the terminal carries.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use ratatui::layout::Size;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::Note;
use super::preview::{Encoding, Grade, Made, Preview, fit, make};
use crate::error::Result;
use crate::graphics::Pixmap;
use crate::graphics::develop::Developing;
use crate::tui::pixels::Want;

/// It is painted again no more often than this.
const REPAINT: Duration = Duration::from_millis(120);
/// A painting that takes longer to arrive than this makes the next one smaller, and one that takes a third of it
/// larger.
const PATIENCE: Duration = Duration::from_millis(450);
/// The longer side of the first painting over a network, and the least there is; more than the largest is all of it.
const SMALLEST: u32 = 160;
const LARGEST: u32 = 1280;

/// The state of a growing picture between two looks at its file.
struct Bath {
    file: File,
    developing: Developing,
    buffer: Vec<u8>,
}

impl Bath {
    fn open(path: &Path, area: Size, encoding: &Encoding) -> io::Result<Self> {
        let cell = encoding.cell;
        let pixels = |cells: u16, pixels: u16| u32::from(cells) * u32::from(pixels);
        let developing = Developing::new(pixels(area.width, cell.width), pixels(area.height, cell.height))
            .over(encoding.backdrop);
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

    /// What has arrived so far, the background in place of the rest, and the size of the whole.
    fn picture(&self, encoding: &Encoding) -> Option<(Pixmap, (u32, u32))> {
        let picture = self.developing.picture(encoding.backdrop.blank())?;
        Some((picture, self.developing.size()?))
    }

    /// What has arrived so far, for the terminal.
    fn paint(&self, area: Size, encoding: &Encoding, grade: Grade) -> Option<(Result<Made>, (u32, u32))> {
        let (picture, size) = self.picture(encoding)?;
        let (rows, of) = (self.developing.rows(), self.developing.stored_rows());
        let mut made = make(&picture, fit(size, area, encoding), encoding, grade);
        if let Ok(Made::Blocks(blocks)) = &mut made
            && self.developing.is_upright()
        {
            let lines = u64::from(blocks.rows) * u64::from(rows) / u64::from(of.max(1));
            let cells = usize::try_from(lines).unwrap_or(usize::MAX) * usize::from(blocks.cols);
            blocks.cells.truncate(cells);
        }
        Some((made, (rows, of)))
    }
}

/// The rows of a picture that never came whole, and the size that it was to have.
pub(super) fn beginning(path: &Path, area: Size, encoding: &Encoding) -> Option<(Pixmap, (u32, u32))> {
    let mut bath = Bath::open(path, area, encoding).ok()?;
    if bath.look() { bath.picture(encoding) } else { None }
}

/// How fine the next painting may be, after the last took so long to arrive.
fn next_grade(grade: Grade, took: Duration) -> Grade {
    match grade {
        Grade::Sketch(pixels) if took > PATIENCE => Grade::Sketch((pixels / 2).max(SMALLEST)),
        Grade::Sketch(pixels) if took < PATIENCE / 3 && pixels >= LARGEST => Grade::Good,
        Grade::Sketch(pixels) if took < PATIENCE / 3 => Grade::Sketch(pixels * 2),
        Grade::Good | Grade::Exact if took > PATIENCE => Grade::Sketch(LARGEST / 2),
        grade => grade,
    }
}

/// Paints it until nobody wants it any more. `grown` changes whenever the file may have grown.
pub(super) async fn paint(
    want: Want,
    path: &Path,
    encoding: Encoding,
    mut grown: watch::Receiver<u64>,
    inbox: &mpsc::UnboundedSender<Note>,
) {
    // A file that is gone has been stored, and the next wish is on its way.
    let Ok(bath) = Bath::open(path, want.area, &encoding) else {
        return;
    };
    let mut bath = Some(bath);
    let mut grade = if encoding.remote {
        Grade::Sketch(SMALLEST)
    } else {
        Grade::Good
    };
    loop {
        grown.mark_unchanged();
        let Some(mut dipped) = bath.take() else { return };
        let area = want.area;
        let look = spawn_blocking(move || {
            let painted = if dipped.look() {
                dipped.paint(area, &encoding, grade)
            } else {
                None
            };
            (dipped, painted)
        });
        let Ok((dipped, painted)) = look.await else { return };
        bath = Some(dipped);
        if let Some((result, rows)) = painted {
            let (shown, seen) = oneshot::channel();
            let note = Preview {
                want: want.clone(),
                result,
                rows: Some(rows),
                changed: None,
                sketch: true,
                shown: Some(shown),
            };
            let began = Instant::now();
            if inbox.send(Note::Preview(note)).is_err() {
                return;
            }
            if seen.await.is_ok() {
                grade = next_grade(grade, began.elapsed());
            }
            tokio::time::sleep(REPAINT).await;
        }
        if grown.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_link_gets_small_paintings_and_a_quick_one_whole_ones() {
        let paint = |grade, ms| next_grade(grade, Duration::from_millis(ms));
        assert_eq!(paint(Grade::Sketch(160), 50), Grade::Sketch(320));
        assert_eq!(paint(Grade::Sketch(320), 200), Grade::Sketch(320));
        assert_eq!(paint(Grade::Sketch(320), 900), Grade::Sketch(160));
        assert_eq!(paint(Grade::Sketch(160), 900), Grade::Sketch(160));
        assert_eq!(paint(Grade::Sketch(1280), 50), Grade::Good);
        assert_eq!(paint(Grade::Good, 900), Grade::Sketch(640));
        assert_eq!(paint(Grade::Good, 300), Grade::Good);
    }
}
