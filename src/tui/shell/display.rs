//! What the terminal can show, and what it shows and holds already: facts, numbers, previews. It makes bytes and
//! writes none.

use std::collections::{HashMap, HashSet};

use ratatui::buffer::Buffer;
use ratatui::layout::Size;

use super::gallery::Gallery;
use super::placer::{Placer, Stroke};
use super::preview::Encoding;
use crate::graphics::kitty::{self, Placement, Upload};
use crate::graphics::{Backdrop, Palette, Protocol, Strip};
use crate::tty::probe::{Form, query_background};
use crate::tty::{Fact, Facts, Hints, Window};
use crate::tui::msg::{Paint, Terminal};
use crate::tui::pixels::{ColourDepth, PictureKey, Pixels, Shown, Subject, Want};

/// Previews in half blocks that are kept; others are bounded by the gallery.
const KEPT: usize = 256;
/// A terminal that takes less than this a second is sent less, and a sketch first.
const QUICK: u64 = 4_000_000;

/// What is shown of a subject.
#[derive(Clone, Copy, Debug)]
struct Sight {
    area: Size,
    /// Something better is to come.
    sketch: bool,
    changed: Option<u16>,
}

#[derive(Debug)]
pub(crate) struct Display {
    hints: Hints,
    colours: ColourDepth,
    remote: bool,
    slow: bool,
    facts: Facts,
    encoding: Encoding,
    gallery: Gallery,
    placer: Placer,
    pixels: Pixels,
    sights: HashMap<Subject, Sight>,
    /// What cannot be shown: it is not tried again before the terminal or the wish is another one.
    failed: HashSet<Want>,
    /// What is to be seen now.
    wants: Vec<Want>,
    /// The client of the tmux in between.
    client: Option<String>,
    /// It is another one than before.
    stranger: bool,
    /// The form of the last question to the terminal.
    asked: Form,
    /// Takes the pictures out of the terminal in the way in which they were put there.
    parting: Vec<u8>,
}

impl Display {
    pub(crate) fn new(hints: Hints, colours: ColourDepth, remote: bool, window: Window) -> Self {
        let mut facts = Facts::new(hints.tmux);
        facts.set_window(window);
        let first = u8::try_from(std::process::id() % 251).unwrap_or(1);
        let encoding = encoding(&facts, &hints, colours, remote);
        let asked = facts.form(&hints);
        Self {
            gallery: Gallery::new(first),
            placer: Placer::default(),
            hints,
            colours,
            remote,
            slow: false,
            facts,
            encoding,
            pixels: Pixels::default(),
            sights: HashMap::new(),
            failed: HashSet::new(),
            wants: Vec::new(),
            client: None,
            stranger: false,
            asked,
            parting: Vec::new(),
        }
    }

    /// What the terminal is asked, at the start and whenever it may be another one.
    pub(crate) fn question(&mut self) -> Vec<u8> {
        self.facts.asked_again();
        self.asked = self.facts.form(&self.hints);
        self.asked.question()
    }

    /// Returns the question for a terminal that gains the focus, or says that its colors are others: tmux drops questions that
    /// it is asked before its pane is shown, and may have been attached from another terminal since. Any other is asked for its
    /// background alone, if it has one to tell.
    pub(crate) fn question_on_focus(&mut self) -> Vec<u8> {
        if self.asks_focus() {
            self.question()
        } else if self.facts.background().is_some() {
            query_background()
        } else {
            Vec::new()
        }
    }

    /// Whether it may be another terminal whenever the focus comes.
    fn asks_focus(&self) -> bool {
        self.facts.asks_focus()
    }

    /// Returns whether the `tmux` command can be asked about the terminal outside.
    pub(crate) fn has_tmux_command(&self) -> bool {
        self.facts.has_tmux_command(&self.hints)
    }

    /// Takes an answer; true if pictures, or colours, are to be made otherwise from now on.
    pub(crate) fn learn(&mut self, fact: &Fact) -> bool {
        let before = self.terminal();
        self.facts.learn(fact);
        let other = self.is_other_client(fact);
        // It is not what it was asked as, and can be asked more.
        self.stranger |= other || self.facts.form(&self.hints) != self.asked;
        self.changed() || self.terminal() != before || other
    }

    /// Returns whether there is another terminal than was asked what it can do; said once.
    pub(crate) fn meets_another(&mut self) -> bool {
        std::mem::take(&mut self.stranger)
    }

    /// Whether another terminal has been attached to the tmux in between since it was asked last: it may be just like the
    /// former, and still holds none of our pictures.
    fn is_other_client(&mut self, fact: &Fact) -> bool {
        let Fact::Tmux(client) = fact else { return false };
        let before = self.client.replace(client.which.clone());
        before.is_some_and(|before| before != client.which)
    }

    /// Takes another size; true if pictures are to be made otherwise from now on.
    pub(crate) fn resize(&mut self, window: Window) -> bool {
        self.facts.set_window(window);
        self.changed()
    }

    fn changed(&mut self) -> bool {
        let encoding = encoding(&self.facts, &self.hints, self.colours, self.remote);
        let changed = self.encoding != encoding;
        if changed {
            let bytes = self.farewell();
            self.parting.extend(bytes);
            self.gallery.clear();
            self.encoding = encoding;
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
        let sharp = self.encoding.protocol.has_pixels() || self.hints.chosen.is_some();
        let known = self.facts.complete() && !sharp;
        Terminal {
            colours: depth(&self.facts, self.colours),
            pictures: self.encoding.protocol != Protocol::Off,
            cell: self.encoding.cell,
            mixes: !self.encoding.protocol.is_strips(),
            why: known.then(|| self.facts.way(&self.hints).why),
        }
    }

    /// What is known of the terminal.
    pub(crate) fn terminal_facts(&self) -> (&Facts, &Hints) {
        (&self.facts, &self.hints)
    }

    pub(crate) fn encoding(&self) -> Encoding {
        Encoding {
            remote: self.remote || self.slow,
            ..self.encoding
        }
    }

    /// What the terminal takes a second, once it is known: a link may be slow where no variable tells of SSH, as inside
    /// a tmux that was started elsewhere. It has to be twice as quick to be trusted again.
    pub(crate) fn takes(&mut self, rate: Option<u64>) {
        self.slow = match rate {
            Some(..QUICK) => true,
            Some(rate) if rate < 2 * QUICK => self.slow,
            Some(_) => false,
            None => self.slow,
        };
    }

    /// The cells that name pieces of pictures are text to this terminal.
    pub(crate) fn knows_placeholders(&self) -> bool {
        !matches!(
            self.encoding.protocol,
            Protocol::KittyClassic | Protocol::Iterm2 | Protocol::Sixel
        )
    }

    pub(crate) fn pixels(&self) -> &Pixels {
        &self.pixels
    }

    // ---- what is wanted and what is there

    /// Just these are to be seen from now on; the answer is those that are not, or not well enough.
    pub(crate) fn want(&mut self, wants: Vec<Want>) -> Vec<Want> {
        self.failed.retain(|want| wants.contains(want));
        if self.encoding.protocol.is_strips() {
            // What was made for a larger box would be painted beyond the new one.
            for want in &wants {
                self.forget_other_box(want);
            }
        }
        self.wants = wants;
        for want in &self.wants {
            if let Some(Shown::Pieces { id, .. }) = self.pixels.get(&want.subject) {
                self.gallery.touch(*id);
            }
        }
        let missing = self.wants.iter().filter(|want| !self.is_settled(want));
        missing.cloned().collect()
    }

    fn forget_other_box(&mut self, want: &Want) {
        let is_other = |sight: &Sight| sight.area != want.area;
        if self.sights.get(&want.subject).is_some_and(is_other) {
            self.sights.remove(&want.subject);
            self.pixels.remove(&want.subject);
        }
    }

    pub(crate) fn is_wanted(&self, want: &Want) -> bool {
        self.wants.contains(want)
    }

    fn is_settled(&self, want: &Want) -> bool {
        self.failed.contains(want) || self.shows(want) == Some(true)
    }

    /// Whether it is shown in its box, and if so whether as well as it can be.
    fn shows(&self, want: &Want) -> Option<bool> {
        let sight = self
            .sights
            .get(&want.subject)
            .filter(|sight| sight.area == want.area)?;
        let grows = matches!(want.subject, Subject::Whole(PictureKey::Growing(_)));
        self.pixels.get(&want.subject)?;
        Some(!grows && !sight.sketch)
    }

    /// What was said of this when it was painted, where it is shown already.
    pub(crate) fn paint(&self, want: &Want) -> Option<Paint> {
        self.shows(want)?;
        let changed = self.sights.get(&want.subject)?.changed;
        Some(Paint::Painted { rows: None, changed })
    }

    pub(crate) fn fails(&mut self, want: &Want) {
        self.pixels.fails(want.subject.clone());
        self.failed.insert(want.clone());
    }

    /// A number for a picture that is going to be shown.
    pub(crate) fn take(&mut self, cols: u16, rows: u16, pixels: (u32, u32), strips: Vec<Strip>) -> u8 {
        self.gallery.take(cols, rows, pixels, strips)
    }

    /// The sequences that bring a picture to kitty under a number.
    pub(crate) fn upload(&self, id: u8, cols: u16, rows: u16, png: &[u8]) -> Vec<Vec<u8>> {
        Upload {
            id,
            cols,
            rows,
            placement: self.placement(),
            wrap: self.encoding.wrap,
            step: 1,
        }
        .send(png)
    }

    fn placement(&self) -> Placement {
        if self.encoding.protocol == Protocol::KittyPlaceholders {
            Placement::Virtual
        } else {
            Placement::AtCursor
        }
    }

    /// A number is not needed after all; `cut` says that its upload broke off.
    pub(crate) fn release(&mut self, id: u8, cut: bool) -> Vec<u8> {
        self.gallery.release(id);
        if cut {
            kitty::abort(id, self.placement(), self.encoding.wrap)
        } else {
            self.delete(id)
        }
    }

    fn delete(&self, id: u8) -> Vec<u8> {
        if self.encoding.protocol.is_kitty() {
            kitty::delete(id, self.placement(), self.encoding.wrap)
        } else {
            Vec::new()
        }
    }

    /// It can be shown now. The bytes drop what stood for it before, and what is too much; they are for after the next
    /// frame.
    pub(crate) fn show(&mut self, want: Want, shown: Shown, sketch: bool, changed: Option<u16>) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Shown::Pieces { id, .. } = shown
            && let Some(former) = self.gallery.assign(id, &want.subject)
        {
            bytes.extend(self.delete(former));
        }
        let sight = Sight {
            area: want.area,
            sketch,
            changed,
        };
        self.sights.insert(want.subject.clone(), sight);
        self.pixels.put(want.subject, shown);
        let wants = &self.wants;
        let is_seen = |subject: &Subject| wants.iter().any(|want| want.subject == *subject);
        for (id, subject) in self.gallery.evict(is_seen) {
            self.pixels.remove(&subject);
            self.sights.remove(&subject);
            bytes.extend(self.delete(id));
        }
        self.forget_blocks();
        bytes
    }

    /// Half blocks cost nobody but us: the list of them is cut to what is seen when it is long.
    fn forget_blocks(&mut self) {
        if self.sights.len() < KEPT {
            return;
        }
        let wants = &self.wants;
        let is_blocks = |subject: &Subject| matches!(self.pixels.get(subject), Some(Shown::Blocks(_)) | None);
        let is_seen = |subject: &Subject| wants.iter().any(|want| want.subject == *subject);
        let unseen: Vec<_> = self
            .sights
            .keys()
            .filter(|subject| is_blocks(subject) && !is_seen(subject))
            .cloned()
            .collect();
        for subject in unseen {
            self.sights.remove(&subject);
            self.pixels.remove(&subject);
        }
    }

    // ---- pixels that are put up beside the text

    /// Takes in what a frame says of pictures.
    pub(crate) fn look(&mut self, frame: &Buffer) {
        if !self.knows_placeholders() {
            self.placer.look(frame);
        }
    }

    /// Whether [`Display::place`] has nothing to do.
    pub(crate) fn is_placed(&self) -> bool {
        self.encoding.protocol != Protocol::KittyClassic || self.placer.is_placed()
    }

    /// The bytes that put just the pictures of the frame at their places, after it.
    pub(crate) fn place(&mut self) -> Vec<u8> {
        if self.encoding.protocol != Protocol::KittyClassic {
            return Vec::new();
        }
        self.placer.place(&self.gallery, self.encoding.wrap)
    }

    /// The next strip to be painted, and its bytes; `repaint` writes the cells that it covers.
    pub(crate) fn stroke(
        &mut self,
        repaint: impl FnOnce(&[(u16, u16)]) -> Vec<u8>,
    ) -> Option<(Stroke, Vec<u8>)> {
        if !self.encoding.protocol.is_strips() {
            return None;
        }
        let stroke = self.placer.stroke(&self.gallery)?;
        let mut bytes = stroke.bytes(&self.gallery)?;
        bytes.extend(repaint(&self.placer.covered(&stroke)));
        bytes.extend_from_slice(b"\x1b8");
        self.placer.begun(&stroke);
        Some((stroke, bytes))
    }

    pub(crate) fn painted(&mut self, stroke: &Stroke) {
        self.placer.painted(stroke);
    }

    /// The screen was wiped: whatever was put up is gone, or is taken away by these bytes.
    pub(crate) fn wiped(&mut self) -> Vec<u8> {
        let bytes = if self.encoding.protocol == Protocol::KittyClassic {
            self.gallery
                .ids()
                .flat_map(|id| kitty::delete_placement(id, self.encoding.wrap))
                .collect()
        } else {
            Vec::new()
        };
        self.placer.forget();
        bytes
    }

    /// Forgets every preview; the bytes take them out of the terminal.
    pub(crate) fn forget_pictures(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.parting);
        bytes.extend(self.farewell());
        self.pixels.clear();
        self.sights.clear();
        self.failed.clear();
        self.placer.forget();
        self.gallery.clear();
        bytes
    }

    /// What has to be written to leave nothing behind.
    pub(crate) fn farewell(&self) -> Vec<u8> {
        self.gallery.ids().flat_map(|id| self.delete(id)).collect()
    }
}

fn encoding(facts: &Facts, hints: &Hints, colours: ColourDepth, remote: bool) -> Encoding {
    let way = facts.way(hints);
    Encoding {
        protocol: way.protocol,
        cell: facts.cell().0,
        wrap: way.wrap,
        remote,
        whole: facts.is_tmux(),
        palette: match depth(facts, colours) {
            ColourDepth::None | ColourDepth::True => None,
            ColourDepth::TwoFiftySix => Some(Palette::Xterm256),
            ColourDepth::Sixteen => Some(Palette::Ansi16),
        },
        backdrop: Backdrop::of_terminal(facts.background()),
    }
}

/// The colours there are: what the environment says is corrected by what the terminal does, which knows better over SSH
/// and inside tmux.
fn depth(facts: &Facts, colours: ColourDepth) -> ColourDepth {
    match (colours, facts.truecolour()) {
        (ColourDepth::TwoFiftySix | ColourDepth::Sixteen, Some(true)) => ColourDepth::True,
        (ColourDepth::True, Some(false)) => ColourDepth::TwoFiftySix,
        (colours, _) => colours,
    }
}
