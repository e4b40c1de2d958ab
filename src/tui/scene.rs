//! What the picture pane shows of which pictures, and where: one, or two that are compared. One pure function of the
//! model that both the list of what is wanted and the view follow.

use ratatui::layout::{Position, Rect, Size};

use super::closer::{Closer, Room, Sight, Zoom, scaled};
use super::compare::Mode;
use super::layout::Panes;
use super::model::{Model, still};
use super::pixels::{CellSize, PictureKey, Still, Subject, Want, Window, fit};
use crate::domain::{Image, Turn};

/// What is shown. Of two, the one that stands first is the other one and the second the selected one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    One(Want),
    /// Each in its own box.
    Beside([(Rect, Want); 2]),
    /// Both in the whole pane, one of them in sight.
    Blink {
        wants: [Want; 2],
        /// The first one is in sight.
        turned: bool,
    },
    /// Both in the whole pane, the first one left of the edge.
    Wipe {
        wants: [Want; 2],
        edge: u16,
    },
}

impl Scene {
    /// What it needs, the selected picture first; which of them is in sight makes no difference, so that turning from
    /// one to the other asks for nothing.
    pub fn wants(self) -> Vec<Want> {
        match self {
            Self::One(want) => vec![want],
            Self::Beside([(_, before), (_, after)])
            | Self::Blink {
                wants: [before, after],
                ..
            }
            | Self::Wipe {
                wants: [before, after],
                ..
            } => vec![after, before],
        }
    }
}

/// What the picture pane shows; nothing where there is no picture.
pub fn scene(model: &Model, panes: &Panes) -> Option<Scene> {
    let area = panes.picture.inner;
    if area.is_empty() {
        return None;
    }
    if let Some(pair) = model.pair() {
        return two(model, pair, area);
    }
    let (_, picture) = model.picture()?;
    let want = match (picture, closer(model)) {
        (PictureKey::Stored(still), Some(closer)) => close(model, still, closer, area.as_size()),
        (picture, _) => whole(picture, area.as_size()),
    };
    Some(Scene::One(want))
}

fn two(model: &Model, [before, after]: [&Turn; 2], area: Rect) -> Option<Scene> {
    let [first, second] = [before.picture()?, after.picture()?];
    let size = area.as_size();
    let comparison = &model.looking.comparison;
    let edge = comparison.edge;
    let cell = model.terminal.cell;
    let sight = closer(model).map(|closer| closer.sight(Room { size, cell }));
    let window = sight.map(|sight| sight.window);
    let made = |subject| {
        let area = sight.map_or(size, |sight| sight.area);
        Scene::One(Want { subject, area })
    };
    Some(match comparison.mode {
        Mode::Beside => {
            let boxes = boxes(area, [first, second], cell);
            let [left, right] = boxes.map(Rect::as_size);
            // Each has its own box, so that sizes may differ; what is seen closely is the same part of both.
            let wants = match closer(model) {
                None => [all(first, left), all(second, right)],
                Some(closer) => closely(model, [first, second], closer, right),
            };
            let [before, after] = wants;
            Scene::Beside([(boxes[0], before), (boxes[1], after)])
        }
        Mode::Blink => Scene::Blink {
            wants: in_one_place(model, [first, second], size),
            turned: comparison.turned,
        },
        Mode::Wipe if model.terminal.mixes => Scene::Wipe {
            wants: in_one_place(model, [first, second], size),
            edge,
        },
        Mode::Wipe => made(Subject::Wipe {
            left: still(first),
            right: still(second),
            edge,
            window,
        }),
        Mode::Difference => made(Subject::Difference(still(first), still(second), window)),
    })
}

/// How closely the pictures are looked at, where it is more closely than all at once.
fn closer(model: &Model) -> Option<Closer> {
    let closer = model.looking.closer?;
    let image = model.selected()?.picture()?;
    let fits = closer.zoom == Zoom::Fit || closer.of != (image.width, image.height);
    (!fits).then_some(closer)
}

/// The room in which each picture is looked at.
pub fn room(model: &Model, panes: &Panes) -> Room {
    Room {
        size: frame_at(model, panes, Position::ORIGIN).as_size(),
        cell: model.terminal.cell,
    }
}

/// Where a picture is: the whole pane; of two beside each other the box that is there, else the selected one's.
pub fn frame_at(model: &Model, panes: &Panes, at: Position) -> Rect {
    let area = panes.picture.inner;
    let pair = model.pair().filter(|_| model.compares() == Some(Mode::Beside));
    let images = pair.and_then(|[before, after]| Some([before.picture()?, after.picture()?]));
    images.map_or(area, |images| {
        let [first, second] = boxes(area, images, model.terminal.cell);
        if first.contains(at) { first } else { second }
    })
}

/// The columns that the picture in the whole pane has there, from the left edge of the screen.
pub fn columns(model: &Model, panes: &Panes) -> (u16, u16) {
    let area = panes.picture.inner;
    let width = match (closer(model), model.selected().and_then(Turn::picture)) {
        (Some(closer), _) => closer.sight(room(model, panes)).area.width,
        (None, Some(image)) => cells(image, area.as_size(), model.terminal.cell).width,
        (None, None) => area.width,
    };
    let width = width.min(area.width);
    (area.x + (area.width - width) / 2, width)
}

fn whole(picture: PictureKey, area: Size) -> Want {
    Want {
        subject: Subject::Whole(picture),
        area,
    }
}

fn all(image: &Image, area: Size) -> Want {
    whole(PictureKey::Stored(still(image)), area)
}

fn close(model: &Model, still: Still, closer: Closer, size: Size) -> Want {
    let cell = model.terminal.cell;
    let Sight { window, area } = closer.sight(Room { size, cell });
    Want {
        subject: Subject::Part(still, window),
        area,
    }
}

/// The same part of both, in equally many cells.
fn closely(model: &Model, [first, second]: [&Image; 2], closer: Closer, size: Size) -> [Want; 2] {
    let cell = model.terminal.cell;
    let Sight { window, area } = closer.sight(Room { size, cell });
    let same = scaled(window, closer.of, pixels(first));
    let part = |image: &Image, window: Window| Want {
        subject: Subject::Part(still(image), window),
        area,
    };
    [part(first, same), part(second, window)]
}

/// Both where the second one is, cell by cell, whatever the size of the first.
fn in_one_place(model: &Model, [first, second]: [&Image; 2], size: Size) -> [Want; 2] {
    if let Some(closer) = closer(model) {
        return closely(model, [first, second], closer, size);
    }
    let cell = model.terminal.cell;
    let area = cells(second, size, cell);
    let is_known = first.width > 0 && first.height > 0;
    if !is_known || cells(first, size, cell) == area {
        return [all(first, size), all(second, size)];
    }
    let stretched = Want {
        subject: Subject::Part(still(first), Window::whole(pixels(first))),
        area,
    };
    [stretched, all(second, size)]
}

fn pixels(image: &Image) -> (u32, u32) {
    (image.width, image.height)
}

/// The cells that all of a picture takes.
fn cells(image: &Image, area: Size, cell: CellSize) -> Size {
    let (width, height) = fit(pixels(image), area.width, area.height, cell);
    Size { width, height }
}

/// Two boxes of one size with a line between them: beside each other, or below each other where the pictures are larger
/// so.
fn boxes(area: Rect, images: [&Image; 2], cell: CellSize) -> [Rect; 2] {
    let width = area.width.saturating_sub(1) / 2;
    let height = area.height.saturating_sub(1) / 2;
    let beside = [area.x, area.x + area.width - width].map(|x| Rect { x, width, ..area });
    let below = [area.y, area.y + area.height - height].map(|y| Rect { y, height, ..area });
    let scale = |boxes: &[Rect; 2]| -> u64 {
        let room = Room {
            size: boxes[0].as_size(),
            cell,
        };
        images.iter().map(|image| room.fit(pixels(image))).sum()
    };
    if scale(&below) > scale(&beside) && height > 0 {
        below
    } else {
        beside
    }
}
