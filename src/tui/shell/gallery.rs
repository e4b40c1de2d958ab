//! What the terminal holds of our pictures: their numbers, which may be dropped, and where they are placed. It only
//! makes bytes; the writer sends them.

use std::collections::VecDeque;
use std::io::Write as _;

use ratatui::layout::Rect;

use crate::graphics::kitty::{self, Placement, Wrap};
use crate::tui::pixels::{PictureKey, Pixels, Placements};

/// How many pictures stay with the terminal; each is a megabyte or so of its memory.
const CAPACITY: usize = 40;

/// The pictures of this program in the terminal's memory, the least recently used first.
#[derive(Debug)]
pub(crate) struct Gallery {
    wrap: Wrap,
    placement: Placement,
    next: u8,
    held: VecDeque<(u8, Option<PictureKey>)>,
    placed: Vec<(u8, Rect)>,
}

impl Gallery {
    /// Numbers begin at `first`, so that two programs in one terminal seldom use the same.
    pub(crate) fn new(wrap: Wrap, first: u8) -> Self {
        let placement = Placement::AtCursor;
        Self {
            wrap,
            placement,
            next: first.max(1),
            held: VecDeque::new(),
            placed: Vec::new(),
        }
    }

    /// Gives up the numbers that were reserved and never stood for a picture: their wish was overtaken.
    pub(crate) fn forget_unused(&mut self) {
        self.held.retain(|(_, of)| of.is_some());
    }

    /// A free number and the bytes that make room for it.
    pub(crate) fn reserve(&mut self, pixels: &mut Pixels) -> (u8, Vec<u8>) {
        let mut bytes = Vec::new();
        while self.held.len() >= CAPACITY {
            if let Some((id, picture)) = self.held.pop_front() {
                bytes.extend(self.drop_one(id, picture.as_ref(), pixels));
            }
        }
        while self.held.iter().any(|(id, _)| *id == self.next) {
            self.next = self.next.checked_add(1).unwrap_or(1);
        }
        let id = self.next;
        self.next = self.next.checked_add(1).unwrap_or(1);
        self.held.push_back((id, None));
        (id, bytes)
    }

    /// The number now stands for this picture; what stood for it before is dropped.
    pub(crate) fn assign(&mut self, id: u8, picture: &PictureKey, pixels: &mut Pixels) -> Vec<u8> {
        let former = self
            .held
            .iter()
            .position(|(held, of)| *held != id && of.as_ref() == Some(picture));
        let bytes = match former.and_then(|index| self.held.remove(index)) {
            Some((former, _)) => self.drop_one(former, None, pixels),
            None => Vec::new(),
        };
        self.held.retain(|(held, _)| *held != id);
        self.held.push_back((id, Some(picture.clone())));
        bytes
    }

    /// The number is not needed after all. `cut` says that its upload broke off.
    pub(crate) fn release(&mut self, id: u8, cut: bool) -> Vec<u8> {
        self.held.retain(|(held, _)| *held != id);
        self.placed.retain(|(placed, _)| *placed != id);
        if cut {
            kitty::abort(id, self.placement, self.wrap)
        } else {
            kitty::delete(id, self.placement, self.wrap)
        }
    }

    fn drop_one(&mut self, id: u8, picture: Option<&PictureKey>, pixels: &mut Pixels) -> Vec<u8> {
        if let Some(picture) = picture {
            pixels.remove(picture);
        }
        self.placed.retain(|(placed, _)| *placed != id);
        kitty::delete(id, self.placement, self.wrap)
    }

    /// Whether the terminal shows just these pictures already.
    pub(crate) fn is_placed(&self, wanted: &Placements) -> bool {
        self.placed == at_cursor(wanted)
    }

    /// The bytes that make the terminal show just these pictures at the cursor's places, after their frame.
    pub(crate) fn place(&mut self, wanted: &Placements) -> Vec<u8> {
        let wanted = at_cursor(wanted);
        let mut bytes = Vec::new();
        for (id, _) in self.placed.iter().filter(|placed| !wanted.contains(placed)) {
            bytes.extend(kitty::delete_placement(*id, self.wrap));
        }
        for (id, rect) in wanted.iter().filter(|placement| !self.placed.contains(placement)) {
            // Writing into memory does not fail.
            let _ = write!(
                bytes,
                "\x1b7\x1b[{};{}H",
                u32::from(rect.y) + 1,
                u32::from(rect.x) + 1
            );
            bytes.extend(kitty::place(*id, rect.width, rect.height, self.wrap));
            bytes.extend_from_slice(b"\x1b8");
        }
        self.placed = wanted;
        bytes
    }

    /// Drops everything, with bytes for the terminal that held it if it is still the same; pictures are put up by
    /// `placement` from now on.
    pub(crate) fn start_over(&mut self, placement: Placement) -> Vec<u8> {
        let bytes = self.farewell();
        self.placed.clear();
        self.held.clear();
        self.placement = placement;
        bytes
    }

    /// What has to be written to leave nothing behind.
    pub(crate) fn farewell(&self) -> Vec<u8> {
        self.held
            .iter()
            .flat_map(|(id, _)| kitty::delete(*id, self.placement, self.wrap))
            .collect()
    }
}

/// The pictures that have to be placed, and where; one that is cut off waits until it has been made anew.
fn at_cursor(wanted: &Placements) -> Vec<(u8, Rect)> {
    let whole = wanted.iter().filter(|placement| !placement.placeholders);
    whole
        .filter(|placement| placement.crop.as_size() == placement.rect.as_size())
        .map(|placement| (placement.id, placement.rect))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::pixels::{Placement as Visible, Shown};

    fn key(name: u32) -> PictureKey {
        PictureKey::Stored(format!("/{name}.png").into())
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn the_least_recently_used_picture_makes_room() {
        let (mut gallery, mut pixels) = (Gallery::new(Wrap::None, 250), Pixels::default());
        assert!(gallery.start_over(Placement::Virtual).is_empty());
        for name in 0..40 {
            let (id, room) = gallery.reserve(&mut pixels);
            assert!(room.is_empty() && id > 0);
            gallery.assign(id, &key(name), &mut pixels);
            pixels.put(
                key(name),
                Shown::Kitty {
                    id,
                    cols: 1,
                    rows: 1,
                    placeholders: true,
                },
            );
        }
        let (_, room) = gallery.reserve(&mut pixels);
        assert!(text(&room).contains("a=d,d=I,i=250"), "{}", text(&room));
        assert!(pixels.get(&key(0)).is_none() && pixels.get(&key(1)).is_some());
    }

    #[test]
    fn overtaken_wishes_push_nothing_out() {
        let (mut gallery, mut pixels) = (Gallery::new(Wrap::None, 1), Pixels::default());
        let (shown, _) = gallery.reserve(&mut pixels);
        gallery.assign(shown, &key(1), &mut pixels);
        for _ in 0..100 {
            gallery.forget_unused();
            let (id, room) = gallery.reserve(&mut pixels);
            assert!(room.is_empty() && id != shown, "{}", text(&room));
        }
        gallery.forget_unused();
        assert_eq!(text(&gallery.farewell()).matches("a=t").count(), 1);
    }

    #[test]
    fn a_picture_is_placed_once_moved_when_it_moves_and_taken_away() {
        let mut gallery = Gallery::new(Wrap::None, 7);
        let rect = Rect::new(3, 2, 10, 5);
        let at = |rect: Rect| {
            let crop = Rect::new(0, 0, 10, 5);
            vec![Visible {
                picture: key(1),
                id: 7,
                rect,
                crop,
                placeholders: false,
            }]
        };
        assert!(text(&gallery.place(&at(rect))).contains("\x1b[3;4H\x1b_Ga=p,i=7"));
        assert!(gallery.place(&at(rect)).is_empty());
        let moved = text(&gallery.place(&at(Rect::new(4, 2, 10, 5))));
        assert!(moved.contains("a=d,d=i,i=7") && moved.contains("\x1b[3;5H"));
        let away = text(&gallery.place(&Vec::new()));
        assert!(away.contains("a=d,d=i,i=7") && !away.contains("a=p"));
    }
}
