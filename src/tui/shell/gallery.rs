//! What the terminal holds of our pictures, or what is held here to be painted by the strip: their numbers, and which
//! may be dropped. It makes no bytes.

use std::collections::VecDeque;

use crate::graphics::Strip;
use crate::tui::pixels::Subject;

/// How many pixels stay with the terminal, which holds four bytes of each: forty pictures of 80 by 40 cells.
const PIXELS: u64 = 40 * 800 * 800;
/// The most numbers in use: some stay free for what is on its way.
const NUMBERS: usize = 240;
/// The most bytes of strips that are held here.
const STRIPS: usize = 24_000_000;

/// A picture under its number.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) id: u8,
    /// What it shows; nothing while it is on its way.
    pub(crate) subject: Option<Subject>,
    pub(crate) cols: u16,
    pub(crate) rows: u16,
    /// Its size in pixels.
    pub(crate) pixels: (u32, u32),
    /// How it is painted where the terminal does not keep it.
    pub(crate) strips: Vec<Strip>,
}

impl Held {
    fn cost(&self) -> u64 {
        u64::from(self.pixels.0) * u64::from(self.pixels.1)
    }

    fn weight(&self) -> usize {
        self.strips.iter().map(|strip| strip.bytes.len()).sum()
    }
}

/// The pictures of this program, the least recently used first.
#[derive(Debug)]
pub(crate) struct Gallery {
    next: u8,
    held: VecDeque<Held>,
}

impl Gallery {
    /// Numbers begin at `first`, so that two programs in one terminal seldom use the same.
    pub(crate) fn new(first: u8) -> Self {
        Self {
            next: first.max(1),
            held: VecDeque::new(),
        }
    }

    pub(crate) fn get(&self, id: u8) -> Option<&Held> {
        self.held.iter().find(|held| held.id == id)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = u8> {
        self.held.iter().map(|held| held.id)
    }

    /// Takes a picture in, under a number of its own.
    pub(crate) fn take(&mut self, cols: u16, rows: u16, pixels: (u32, u32), strips: Vec<Strip>) -> u8 {
        // Less is wanted than there are numbers; were it more, one shown twice is better than a search without an end.
        for _ in 0..u8::MAX {
            if self.get(self.next).is_none() {
                break;
            }
            self.next = self.next.checked_add(1).unwrap_or(1);
        }
        let id = self.next;
        self.next = self.next.checked_add(1).unwrap_or(1);
        self.held.push_back(Held {
            id,
            subject: None,
            cols,
            rows,
            pixels,
            strips,
        });
        id
    }

    /// The number shows this now; the one that did before is let go.
    pub(crate) fn assign(&mut self, id: u8, subject: &Subject) -> Option<u8> {
        let is_former = |held: &Held| held.id != id && held.subject.as_ref() == Some(subject);
        let former = self.held.iter().position(is_former);
        let former = former.and_then(|at| self.held.remove(at)).map(|former| former.id);
        if let Some(held) = self.held.iter_mut().find(|held| held.id == id) {
            held.subject = Some(subject.clone());
        }
        self.touch(id);
        former
    }

    /// It is looked at: others are dropped before it.
    pub(crate) fn touch(&mut self, id: u8) {
        if let Some(at) = self.held.iter().position(|held| held.id == id)
            && let Some(held) = self.held.remove(at)
        {
            self.held.push_back(held);
        }
    }

    /// Lets a number go; false if it was not in use.
    pub(crate) fn release(&mut self, id: u8) -> bool {
        let before = self.held.len();
        self.held.retain(|held| held.id != id);
        self.held.len() != before
    }

    /// What is too much, but for what is on its way or `seen`: it is let go.
    pub(crate) fn evict(&mut self, seen: impl Fn(&Subject) -> bool) -> Vec<(u8, Subject)> {
        let mut gone = Vec::new();
        loop {
            let pixels: u64 = self.held.iter().map(Held::cost).sum();
            let weight: usize = self.held.iter().map(Held::weight).sum();
            if pixels <= PIXELS && weight <= STRIPS && self.held.len() <= NUMBERS {
                return gone;
            }
            let may_go = |held: &Held| held.subject.as_ref().is_some_and(|subject| !seen(subject));
            let Some(at) = self.held.iter().position(may_go) else {
                return gone;
            };
            let held = self.held.remove(at);
            gone.extend(held.and_then(|held| Some((held.id, held.subject?))));
        }
    }

    /// Lets everything go.
    pub(crate) fn clear(&mut self) {
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(number: usize) -> Subject {
        Subject::stored(format!("/{number}.png"))
    }

    #[test]
    fn what_was_not_looked_at_for_the_longest_goes_first_and_never_what_is_seen() {
        let mut gallery = Gallery::new(250);
        let ids: Vec<u8> = (0..45)
            .map(|number| {
                let id = gallery.take(80, 40, (800, 800), Vec::new());
                assert_eq!(gallery.assign(id, &subject(number)), None);
                id
            })
            .collect();
        assert_eq!(ids[..8], [250, 251, 252, 253, 254, 255, 1, 2], "0 is no number");
        gallery.touch(ids[1]);
        let gone: Vec<u8> = gallery
            .evict(|seen| *seen == subject(2))
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        assert_eq!(gone, [ids[0], ids[3], ids[4], ids[5], ids[6]]);
        assert!(gallery.evict(|_| false).is_empty());
    }

    #[test]
    fn one_subject_has_one_number() {
        let mut gallery = Gallery::new(1);
        let coarse = gallery.take(80, 40, (160, 160), Vec::new());
        assert_eq!(gallery.assign(coarse, &subject(1)), None);
        let fine = gallery.take(80, 40, (800, 800), Vec::new());
        assert_eq!(gallery.assign(fine, &subject(1)), Some(coarse));
        assert!(!gallery.release(coarse) && gallery.release(fine));
        assert_eq!(gallery.ids().count(), 0);
    }

    #[test]
    fn strips_are_weighed_as_well() {
        let mut gallery = Gallery::new(1);
        for number in 0..3 {
            let strip = Strip {
                row: 0,
                rows: 1,
                bytes: vec![0; STRIPS / 2],
            };
            let id = gallery.take(1, 1, (1, 1), vec![strip]);
            gallery.assign(id, &subject(number));
        }
        assert_eq!(gallery.evict(|_| false).len(), 1);
    }
}
