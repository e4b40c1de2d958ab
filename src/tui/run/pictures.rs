//! Pictures on their way: what is wanted, uploads to the terminal and strips painted on it, and what becomes of both.

use super::{Errand, Loop, Painting, Pending};
use crate::tui::msg::{Msg, Paint};
use crate::tui::pixels::{Shown, Want};
use crate::tui::shell::desk::Sketches;
use crate::tui::shell::preview::{Made, Preview};

/// One that takes less than this takes longer for a sketch than a key that is held down takes to come again.
const SLOW: u64 = 900_000;

impl Loop {
    /// Just these are to be seen from now on.
    pub(super) fn show_just(&mut self, wants: Vec<Want>) {
        let missing = self.display.want(wants.clone());
        self.drop_unwanted();
        let rate = self.writer.rate();
        self.display.takes(rate);
        let encoding = self.display.encoding();
        let sketches = match rate {
            Some(..SLOW) => Sketches::Settled,
            _ if encoding.remote => Sketches::Quick,
            _ => Sketches::None,
        };
        self.shell.make(missing, &wants, encoding, sketches);
        self.dirty = true;
        if let Some(want) = wants.into_iter().next()
            && let Some(paint) = self.display.paint(&want)
        {
            let subject = want.subject;
            self.feed(Msg::Preview { subject, paint });
        }
    }

    fn tell_painted(&mut self, want: Want, rows: Option<(u32, u32)>, changed: Option<u16>) {
        let paint = Paint::Painted { rows, changed };
        self.feed(Msg::Preview {
            subject: want.subject,
            paint,
        });
    }

    /// Ends what is on its way and not wanted any more.
    fn drop_unwanted(&mut self) {
        let display = &self.display;
        let (wanted, unwanted) = self
            .uploads
            .drain(..)
            .partition(|pending| display.is_wanted(&pending.painting.want));
        self.uploads = wanted;
        for pending in Vec::from(unwanted) {
            self.display.release(pending.id, false);
        }
        if let Some((_, Errand::Upload(pending))) = &self.errand
            && !self.display.is_wanted(&pending.painting.want)
        {
            self.end_errand();
        }
    }

    /// Ends the upload under way and deletes the half picture, or takes back the strip that has not gone out.
    fn end_errand(&mut self) -> Option<Pending> {
        let (number, errand) = self.errand.take()?;
        let cut = self.writer.cancel(number);
        match errand {
            Errand::Upload(pending) => {
                let bytes = self.display.release(pending.id, cut);
                self.send(bytes);
                self.dirty = true;
                Some(pending)
            }
            Errand::Stroke(stroke) => {
                if !cut {
                    self.display.painted(&stroke);
                }
                None
            }
        }
    }

    /// Ends everything that is on its way.
    pub(super) fn cancel_uploads(&mut self) {
        self.end_errand();
        for pending in std::mem::take(&mut self.uploads) {
            self.display.release(pending.id, false);
        }
        self.watched = None;
    }

    /// Before a frame goes out: a strip that has not gone out is cut to the new frame, and where placements have to
    /// change an upload gives way and is begun anew, because a command between its pieces would end it. What is only to
    /// be forgotten waits.
    pub(super) fn make_way(&mut self) {
        let must = match &self.errand {
            Some((_, Errand::Stroke(_))) => true,
            Some((_, Errand::Upload(_))) => !self.display.is_placed(),
            None => false,
        };
        if must && let Some(pending) = self.end_errand() {
            let Pending {
                cols, rows, pixels, ..
            } = pending;
            let id = self.display.take(cols, rows, pixels, Vec::new());
            self.uploads.push_front(Pending { id, ..pending });
        }
    }

    /// Whether an upload has begun and not ended.
    pub(super) fn is_uploading(&self) -> bool {
        matches!(self.errand, Some((_, Errand::Upload(_))))
    }

    /// The writer is given the next thing to do beside frames.
    pub(super) fn next_errand(&mut self) {
        if self.errand.is_some() {
            return;
        }
        self.last_errand = self.last_errand.wrapping_add(1);
        let number = self.last_errand;
        if let Some(pending) = self.uploads.pop_front() {
            let Pending { id, cols, rows, .. } = pending;
            let sequences = self.display.upload(id, cols, rows, &pending.png);
            self.writer.upload(number, sequences);
            self.errand = Some((number, Errand::Upload(pending)));
            return;
        }
        let (canvas, frame) = (&self.canvas, &self.frame);
        let repaint = |cells: &[(u16, u16)]| {
            let cells = cells
                .iter()
                .filter_map(|&(x, y)| Some((x, y, frame.cell((x, y))?)));
            canvas.backend().cells(cells)
        };
        if let Some((stroke, bytes)) = self.display.stroke(repaint) {
            let bytes = self.canvas.backend().unseen(bytes);
            self.writer.upload(number, vec![bytes]);
            self.errand = Some((number, Errand::Stroke(stroke)));
        } else if let Some(done) = self.watched.take_if(|_| !self.dirty) {
            let _gave_up = done.send(());
        }
    }

    pub(super) fn preview(&mut self, preview: Preview) {
        let Preview {
            want,
            result,
            rows,
            changed,
            sketch,
            shown: done,
        } = preview;
        if !self.display.is_wanted(&want) {
            return;
        }
        let made = match result {
            Ok(made) => made,
            Err(error) => {
                self.display.fails(&want);
                return self.feed(Msg::Preview {
                    subject: want.subject,
                    paint: Paint::Failed(error),
                });
            }
        };
        let mut painting = Painting {
            want,
            rows,
            changed,
            sketch,
            done,
        };
        match made {
            Made::Blocks(blocks) => self.show(painting, Shown::Blocks(blocks)),
            Made::Png {
                png,
                cols,
                rows,
                pixels,
            } => {
                let id = self.display.take(cols, rows, pixels, Vec::new());
                self.uploads.push_front(Pending {
                    painting,
                    id,
                    cols,
                    rows,
                    png,
                    pixels,
                });
                self.next_errand();
            }
            Made::Strips { strips, cols, rows } => {
                let id = self.display.take(cols, rows, (0, 0), strips);
                self.watched = painting.done.take();
                self.show(painting, Shown::Pieces { id, cols, rows });
            }
        }
    }

    pub(super) fn went_out(&mut self, number: u32) {
        match self.errand.take_if(|(current, _)| *current == number) {
            Some((_, Errand::Upload(pending))) => {
                let Pending { id, cols, rows, .. } = pending;
                self.show(pending.painting, Shown::Pieces { id, cols, rows });
            }
            Some((_, Errand::Stroke(stroke))) => self.display.painted(&stroke),
            None => return,
        }
        self.next_errand();
    }

    /// The terminal holds the picture now, or can be painted it: the next frame shows it.
    fn show(&mut self, painting: Painting, shown: Shown) {
        let Painting {
            want,
            rows,
            changed,
            sketch,
            done,
        } = painting;
        let bytes = self.display.show(want.clone(), shown, sketch, changed);
        self.tell_painted(want, rows, changed);
        // What stood there before is dropped only with the frame that no longer names it.
        self.after_frame.extend(bytes);
        if let Some(done) = done {
            let _gave_up = done.send(());
        }
    }

    pub(super) fn send(&mut self, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.writer.send(bytes);
        }
    }
}
