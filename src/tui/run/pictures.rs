//! Pictures on their way: wishes for previews, uploads to the terminal, and what becomes of both.

use ratatui::layout::Size;

use super::{Loop, Pending};
use crate::tui::msg::{Ask, Msg, Paint};
use crate::tui::pixels::{PictureKey, Shown};
use crate::tui::shell::preview::{Made, Preview};

impl Loop {
    /// Whether the model still waits for the answer to this.
    pub(super) fn is_wanted(&self, ask: Ask) -> bool {
        self.model
            .preview
            .asked
            .as_ref()
            .is_some_and(|(asked, ..)| *asked == ask)
    }

    pub(super) fn ask_preview(&mut self, ask: Ask, picture: PictureKey, area: Size) {
        if !self.is_wanted(ask) {
            // A redraw that came with the same key has asked again, and its question is on the desk already.
            return;
        }
        self.cancel_uploads();
        if self.display.shows(&picture, area) {
            self.shell.stop_preview();
            return self.feed(Msg::Preview {
                ask,
                paint: Paint::Painted { rows: None },
            });
        }
        let (ids, bytes) = self.display.reserve(&picture);
        self.send(bytes);
        self.shell
            .preview(ask, picture, area, self.display.encoding(), ids);
    }

    /// Ends the uploads under way and deletes the half pictures; says what they were for.
    pub(super) fn cancel_uploads(&mut self) -> Vec<Pending> {
        self.dirty |= !self.uploads.is_empty();
        let uploads: Vec<_> = self.uploads.drain().collect();
        let cancel = |(number, pending): (u32, Pending)| {
            let cut = self.writer.cancel(number);
            self.writer.send(self.display.release(pending.id, cut));
            pending
        };
        uploads.into_iter().map(cancel).collect()
    }

    pub(super) fn preview(&mut self, preview: Preview) {
        let Preview {
            ask,
            picture,
            area,
            result,
            rows,
            shown: done,
        } = preview;
        match result {
            _ if !self.is_wanted(ask) => {}
            Err(error) => self.feed(Msg::Preview {
                ask,
                paint: Paint::Failed(error),
            }),
            Ok(Made::Blocks(blocks)) => {
                let shown = Shown::Blocks(blocks);
                let pending = Pending {
                    ask,
                    picture,
                    area,
                    id: 0,
                    shown,
                    rows,
                    done,
                };
                self.show(pending);
            }
            Ok(Made::Kitty {
                id,
                cols,
                rows: lines,
                sequences,
            }) => {
                let shown = self.display.kitty(id, cols, lines);
                self.last_upload = self.last_upload.wrapping_add(1);
                let pending = Pending {
                    ask,
                    picture,
                    area,
                    id,
                    shown,
                    rows,
                    done,
                };
                self.uploads.insert(self.last_upload, pending);
                self.writer.upload(self.last_upload, sequences);
            }
        }
    }

    pub(super) fn uploaded(&mut self, number: u32) {
        if let Some(pending) = self.uploads.remove(&number) {
            self.show(pending);
        }
    }

    /// The terminal holds the picture now: the next frame shows it.
    pub(super) fn show(&mut self, pending: Pending) {
        let Pending {
            ask,
            picture,
            area,
            id,
            shown,
            rows,
            done,
        } = pending;
        let bytes = self.display.show(picture, area, id, shown);
        self.feed(Msg::Preview {
            ask,
            paint: Paint::Painted { rows },
        });
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
