//! What the terminal can show, and what it shows and holds already: facts, numbers, previews. It makes bytes and
//! writes none.

use std::collections::HashMap;

use ratatui::layout::Size;

use super::gallery::Gallery;
use super::preview::{Encoding, placement};
use crate::graphics::Protocol;
use crate::graphics::kitty::Wrap;
use crate::tty::{Fact, Facts, Hints, Window, probe};
use crate::tui::msg::Terminal;
use crate::tui::pixels::{ColourDepth, PictureKey, Pixels, Placements, Shown};

/// Errors up to half of this are not seen, and half the bytes of a picture are saved; see `near_lossless`.
const COARSE: u8 = 6;

/// Previews in half blocks that are kept; those of kitty are bounded by what the terminal holds.
const KEPT: usize = 64;

#[derive(Debug)]
pub(crate) struct Display {
    hints: Hints,
    colours: ColourDepth,
    remote: bool,
    facts: Facts,
    encoding: Encoding,
    gallery: Gallery,
    pixels: Pixels,
    /// The area that each shown picture was made for.
    areas: HashMap<PictureKey, Size>,
}

impl Display {
    pub(crate) fn new(hints: Hints, colours: ColourDepth, remote: bool, window: Window) -> Self {
        let mut facts = Facts::new(hints.tmux);
        facts.set_window(window);
        let wrap = if hints.tmux { Wrap::Tmux } else { Wrap::None };
        let first = u8::try_from(std::process::id() % 251).unwrap_or(1);
        let encoding = encoding(&facts, &hints, remote);
        Self {
            gallery: Gallery::new(wrap, first),
            hints,
            colours,
            remote,
            facts,
            encoding,
            pixels: Pixels::default(),
            areas: HashMap::new(),
        }
    }

    /// What the terminal is asked, at the start and whenever it may be another one.
    pub(crate) fn question(&mut self) -> Vec<u8> {
        self.facts.asked_again();
        probe::query(self.hints.tmux)
    }

    /// What it is asked when it gains the focus: tmux drops questions that it is asked before its pane is shown, and
    /// may have been attached from another terminal since.
    pub(crate) fn question_on_focus(&mut self) -> Vec<u8> {
        if self.hints.tmux {
            self.question()
        } else {
            Vec::new()
        }
    }

    /// Takes an answer; true if pictures, or colours, are to be made otherwise from now on.
    pub(crate) fn learn(&mut self, fact: &Fact) -> bool {
        let before = self.terminal();
        self.facts.learn(fact);
        self.changed() || self.terminal() != before
    }

    /// Takes another size; true if pictures are to be made otherwise from now on.
    pub(crate) fn resize(&mut self, window: Window) -> bool {
        self.facts.set_window(window);
        self.changed()
    }

    fn changed(&mut self) -> bool {
        let encoding = encoding(&self.facts, &self.hints, self.remote);
        let changed = std::mem::replace(&mut self.encoding, encoding) != encoding;
        if changed {
            tracing::info!(
                name = self.facts.name(),
                tmux = self.facts.multiplexer(),
                protocol = ?encoding.protocol,
                "the terminal"
            );
        }
        changed
    }

    /// What the model is told of the terminal.
    pub(crate) fn terminal(&self) -> Terminal {
        let sharp = self.encoding.protocol.is_kitty() || self.hints.chosen.is_some();
        let known = self.facts.complete() && !sharp;
        Terminal {
            colours: match self.colours {
                ColourDepth::TwoFiftySix | ColourDepth::Sixteen if self.facts.truecolour() == Some(true) => {
                    ColourDepth::True
                }
                colours => colours,
            },
            pictures: self.encoding.protocol != Protocol::Off,
            why: known.then(|| self.facts.explain(&self.hints)),
        }
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(crate) fn pixels(&self) -> &Pixels {
        &self.pixels
    }

    /// Whether the picture is shown for this area already.
    pub(crate) fn shows(&self, picture: &PictureKey, area: Size) -> bool {
        let stored = matches!(picture, PictureKey::Stored(_));
        stored && self.areas.get(picture) == Some(&area) && self.pixels.get(picture).is_some()
    }

    /// Numbers for a preview of this picture, and the bytes that make room for them; zeros where none are needed. One
    /// preview is made at a time, and nothing of an earlier one is on its way to the terminal any more.
    pub(crate) fn reserve(&mut self, picture: &PictureKey) -> ([u8; 2], Vec<u8>) {
        if !self.encoding.protocol.is_kitty() {
            return ([0, 0], Vec::new());
        }
        self.gallery.forget_unused();
        let (first, mut bytes) = self.gallery.reserve(&mut self.pixels);
        if matches!(picture, PictureKey::Stored(_)) {
            return ([first, first], bytes);
        }
        let (second, more) = self.gallery.reserve(&mut self.pixels);
        bytes.extend(more);
        ([first, second], bytes)
    }

    /// A number is not needed after all; `cut` says that its upload broke off.
    pub(crate) fn release(&mut self, id: u8, cut: bool) -> Vec<u8> {
        self.gallery.release(id, cut)
    }

    pub(crate) fn kitty(&self, id: u8, cols: u16, rows: u16) -> Shown {
        let placeholders = self.encoding.protocol == Protocol::KittyPlaceholders;
        Shown::Kitty {
            id,
            cols,
            rows,
            placeholders,
        }
    }

    /// The picture can be shown now. The bytes drop what stood for it before; they are for after the next frame.
    pub(crate) fn show(&mut self, picture: PictureKey, area: Size, id: u8, shown: Shown) -> Vec<u8> {
        let bytes = match shown {
            Shown::Kitty { .. } => self.gallery.assign(id, &picture, &mut self.pixels),
            Shown::Blocks(_) => Vec::new(),
        };
        if self.areas.len() >= KEPT {
            self.areas.retain(|shown, _| {
                self.pixels
                    .get(shown)
                    .is_some_and(|at| matches!(at, Shown::Kitty { .. }))
            });
            let areas = &self.areas;
            let forgotten: Vec<_> = self
                .pixels
                .keys()
                .filter(|key| !areas.contains_key(*key))
                .cloned()
                .collect();
            for key in forgotten {
                self.pixels.remove(&key);
            }
        }
        self.areas.insert(picture.clone(), area);
        self.pixels.put(picture, shown);
        bytes
    }

    /// Whether just these pictures are at their places already.
    pub(crate) fn is_placed(&self, placements: &Placements) -> bool {
        self.gallery.is_placed(placements)
    }

    /// The bytes that put just these pictures at their places, after their frame.
    pub(crate) fn place(&mut self, placements: &Placements) -> Vec<u8> {
        self.gallery.place(placements)
    }

    /// Forgets every preview; the bytes take them out of the terminal.
    pub(crate) fn forget_pictures(&mut self) -> Vec<u8> {
        self.pixels.clear();
        self.areas.clear();
        self.gallery.start_over(placement(self.encoding.protocol))
    }

    /// What has to be written to leave nothing behind.
    pub(crate) fn farewell(&self) -> Vec<u8> {
        self.gallery.farewell()
    }
}

fn encoding(facts: &Facts, hints: &Hints, remote: bool) -> Encoding {
    Encoding {
        protocol: facts.protocol(hints),
        cell: facts.cell().0,
        wrap: if hints.tmux { Wrap::Tmux } else { Wrap::None },
        step: if remote { COARSE } else { 1 },
        background: facts.background().unwrap_or_default(),
    }
}
