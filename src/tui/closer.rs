//! How closely a picture is looked at: which of its pixels are seen in which cells, and how zooming and panning change
//! that. Numbers in, numbers out: it knows neither the picture nor the pane.

use ratatui::layout::Size;

use super::pixels::{CellSize, MAX_CELLS, Window};

/// Where zooming stops on its way, in percent; where the whole picture just fits is one more stop.
const STOPS: [u16; 15] = [
    6, 12, 25, 33, 50, 67, 100, 150, 200, 300, 400, 600, 800, 1200, 1600,
];
/// The share of what is seen that one step pans by, and the finer one.
const PAN: u32 = 4;
const NUDGE: u32 = 20;
/// The largest scale, in thousandths, at which a small picture fills its room: `MAX_ENLARGEMENT` of `graphics`.
const LARGEST_FIT: u64 = 4000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zoom {
    /// The whole picture, as large as it can be seen.
    #[default]
    Fit,
    /// Pixels of the terminal for a hundred of the picture's.
    Percent(u16),
}

/// How closely pictures of one size are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closer {
    pub zoom: Zoom,
    /// The pixel in the middle. Near an edge less of the picture may be moved into sight than it asks for.
    pub centre: (u32, u32),
    /// The pixels of the pictures that it was made for.
    pub of: (u32, u32),
}

/// Where a picture is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub size: Size,
    pub cell: CellSize,
}

/// What is seen: these pixels, in that many cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    pub window: Window,
    pub area: Size,
}

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Left,
    Right,
    Up,
    Down,
}

impl Room {
    /// The pixels of so many columns and rows.
    fn pixels(self, cells: Size) -> (u64, u64) {
        let pixels = |cells: u16, pixels: u16| u64::from(cells) * u64::from(pixels.max(1));
        (
            pixels(cells.width, self.cell.width),
            pixels(cells.height, self.cell.height),
        )
    }

    fn cells(self) -> Size {
        Size {
            width: self.size.width.clamp(1, MAX_CELLS),
            height: self.size.height.clamp(1, MAX_CELLS),
        }
    }

    /// The scale, in thousandths, at which all of such a picture is seen.
    pub fn fit(self, (width, height): (u32, u32)) -> u64 {
        let (across, down) = self.pixels(self.cells());
        let scale = |room: u64, pixels: u32| room * 1000 / u64::from(pixels.max(1));
        scale(across, width)
            .min(scale(down, height))
            .clamp(1, LARGEST_FIT)
    }
}

impl Closer {
    /// The whole of such a picture.
    pub fn new(of: (u32, u32)) -> Self {
        Self {
            zoom: Zoom::Fit,
            centre: (of.0 / 2, of.1 / 2),
            of,
        }
    }

    /// The pixels of the terminal for a thousand of the picture's.
    pub fn scale(&self, room: Room) -> u64 {
        match self.zoom {
            Zoom::Fit => room.fit(self.of),
            Zoom::Percent(percent) => u64::from(percent.max(1)) * 10,
        }
    }

    /// What is seen there. The cells are whole ones, and no pixel is stretched to fill them: the last cell that a
    /// picture would fill only partly shows nothing of it.
    pub fn sight(&self, room: Room) -> Sight {
        if self.zoom == Zoom::Fit {
            return Sight {
                window: Window::whole(self.of),
                area: room.cells(),
            };
        }
        let scale = self.scale(room);
        let cells = |pixels: u32, cell: u16, most: u16| {
            let cells = u64::from(pixels) * scale / 1000 / u64::from(cell.max(1));
            u16::try_from(cells).unwrap_or(u16::MAX).clamp(1, most)
        };
        let most = room.cells();
        let area = Size {
            width: cells(self.of.0, room.cell.width, most.width),
            height: cells(self.of.1, room.cell.height, most.height),
        };
        let (across, down) = room.pixels(area);
        let seen = |pixels: u64| u32::try_from((pixels * 1000 + scale / 2) / scale).unwrap_or(u32::MAX);
        let (width, height) = (seen(across).max(1), seen(down).max(1));
        let window = Window {
            x: self.centre.0.saturating_sub(width / 2),
            y: self.centre.1.saturating_sub(height / 2),
            width,
            height,
        };
        Sight {
            window: window.within(self.of),
            area,
        }
    }

    /// One stop nearer, or further away; false where there is no further one.
    pub fn step(&mut self, room: Room, nearer: bool) -> bool {
        let fit = room.fit(self.of);
        let least = fit.min(1000);
        let stops = STOPS.map(|percent| (u64::from(percent) * 10, Zoom::Percent(percent)));
        // Nobody sees a step of a hundredth.
        let differs = |scale: u64| scale.abs_diff(fit) * 100 > fit;
        let stops = stops
            .into_iter()
            .filter(|(scale, _)| *scale >= least && differs(*scale))
            .chain([(fit, Zoom::Fit)]);
        let now = self.scale(room);
        let next = if nearer {
            stops.filter(|(scale, _)| *scale > now).min_by_key(|stop| stop.0)
        } else {
            stops.filter(|(scale, _)| *scale < now).max_by_key(|stop| stop.0)
        };
        let Some((_, zoom)) = next else { return false };
        self.zoom = zoom;
        true
    }

    /// [`Self::step`] so that what is under the pointer stays there: `(column, row)` of the room.
    pub fn step_at(&mut self, room: Room, nearer: bool, (column, row): (u16, u16)) -> bool {
        let (middle, scale) = (self.middle(room), self.scale(room));
        if !self.step(room, nearer) {
            return false;
        }
        if self.zoom != Zoom::Fit {
            let after = self.scale(room);
            // Twice the way from the middle of the room to that of the cell, in pixels of the terminal.
            let off = |at: u16, cells: u16, cell: u16| {
                (i64::from(at) * 2 + 1 - i64::from(cells)) * i64::from(cell.max(1))
            };
            let moved = |middle: u32, off: i64| {
                let at = |scale: u64| off * 500 / i64::try_from(scale).unwrap_or(i64::MAX);
                i64::from(middle) + at(scale) - at(after)
            };
            let x = moved(middle.0, off(column, room.size.width, room.cell.width));
            let y = moved(middle.1, off(row, room.size.height, room.cell.height));
            self.move_to(room, x, y);
        }
        true
    }

    /// Pans by a part of what is seen; false where that leads nowhere.
    pub fn pan(&mut self, room: Room, way: Way, finely: bool) -> bool {
        let before = self.middle(room);
        let window = self.sight(room).window;
        let share = if finely { NUDGE } else { PAN };
        let by = |pixels: u32| i64::from((pixels / share).max(1));
        let (x, y) = (i64::from(before.0), i64::from(before.1));
        match way {
            Way::Left => self.move_to(room, x - by(window.width), y),
            Way::Right => self.move_to(room, x + by(window.width), y),
            Way::Up => self.move_to(room, x, y - by(window.height)),
            Way::Down => self.move_to(room, x, y + by(window.height)),
        }
        self.middle(room) != before
    }

    /// The picture follows the pointer, which has gone so many cells since it had `from` in the middle.
    pub fn drag(&mut self, room: Room, from: (u32, u32), (columns, rows): (i32, i32)) {
        let scale = i64::try_from(self.scale(room)).unwrap_or(i64::MAX);
        let by = |cells: i32, cell: u16| i64::from(cells) * i64::from(cell.max(1)) * 1000 / scale;
        let x = i64::from(from.0) - by(columns, room.cell.width);
        let y = i64::from(from.1) - by(rows, room.cell.height);
        self.move_to(room, x, y);
    }

    /// The pixel in the middle of what is seen.
    pub fn middle(&self, room: Room) -> (u32, u32) {
        let window = self.sight(room).window;
        (window.x + window.width / 2, window.y + window.height / 2)
    }

    /// This pixel into the middle, or as near to it as the picture's edges let it.
    fn move_to(&mut self, room: Room, x: i64, y: i64) {
        let inside = |at: i64, pixels: u32| {
            let last = pixels.saturating_sub(1);
            u32::try_from(at.max(0)).unwrap_or(last).min(last)
        };
        self.centre = (inside(x, self.of.0), inside(y, self.of.1));
        self.centre = self.middle(room);
    }
}

/// The same part of a picture of another size.
pub fn scaled(window: Window, from: (u32, u32), to: (u32, u32)) -> Window {
    if from == to {
        return window;
    }
    let scale = |value: u32, from: u32, to: u32| {
        let scaled = u64::from(value) * u64::from(to) / u64::from(from.max(1));
        u32::try_from(scaled).unwrap_or(u32::MAX)
    };
    let window = Window {
        x: scale(window.x, from.0, to.0),
        y: scale(window.y, from.1, to.1),
        width: scale(window.width, from.0, to.0),
        height: scale(window.height, from.1, to.1),
    };
    window.within(to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::pixels::fit;

    const PICTURES: [(u32, u32); 7] = [
        (1024, 1024),
        (2304, 1728),
        (12_288, 1536),
        (1536, 12_288),
        (40, 30),
        (1, 3000),
        (848, 1264),
    ];

    fn rooms() -> impl Iterator<Item = Room> {
        let cells = [(9, 19), (10, 20), (1, 1), (16, 33)];
        let sizes = [(78, 18), (200, 60), (1, 1), (38, 5), (500, 300)];
        cells.into_iter().flat_map(move |(width, height)| {
            sizes.into_iter().map(move |(cols, rows)| Room {
                size: Size::new(cols, rows),
                cell: CellSize { width, height },
            })
        })
    }

    /// Every picture in every room, at every stop from the whole of it on.
    fn everywhere(mut check: impl FnMut(Closer, Room)) {
        for room in rooms() {
            for picture in PICTURES {
                let mut closer = Closer::new(picture);
                check(closer, room);
                while closer.step(room, true) {
                    check(closer, room);
                }
            }
        }
    }

    #[test]
    fn what_is_seen_is_never_outside_the_picture_or_the_room() {
        everywhere(|closer, room| {
            for way in [Way::Left, Way::Up, Way::Right, Way::Down] {
                let mut closer = closer;
                for _ in 0..9 {
                    let Sight { window, area } = closer.sight(room);
                    assert!(window.width > 0 && window.height > 0);
                    assert!(window.x + window.width <= closer.of.0, "{closer:?} {room:?}");
                    assert!(window.y + window.height <= closer.of.1, "{closer:?} {room:?}");
                    assert!(area.width <= room.size.width && area.height <= room.size.height);
                    if !closer.pan(room, way, false) {
                        break;
                    }
                }
            }
        });
    }

    #[test]
    fn zooming_in_and_out_comes_back() {
        everywhere(|closer, room| {
            let mut there = closer;
            if there.step(room, true) {
                assert!(there.scale(room) > closer.scale(room));
                assert!(there.step(room, false));
                assert_eq!(
                    (there.scale(room), there.centre),
                    (closer.scale(room), closer.centre)
                );
            } else {
                assert_eq!(closer.zoom, Zoom::Percent(1600));
            }
        });
    }

    #[test]
    fn the_middle_stays_while_the_zoom_changes() {
        let room = Room {
            size: Size::new(78, 18),
            cell: CellSize {
                width: 10,
                height: 20,
            },
        };
        let mut closer = Closer {
            centre: (1500, 700),
            ..Closer::new((2304, 1728))
        };
        closer.zoom = Zoom::Percent(100);
        while closer.step(room, true) {
            assert_eq!(closer.middle(room), (1500, 700));
        }
    }

    #[test]
    fn actual_pixels_are_one_of_the_picture_for_one_of_the_terminal() {
        for room in rooms() {
            for picture in PICTURES {
                let mut closer = Closer::new(picture);
                closer.zoom = Zoom::Percent(100);
                let Sight { window, area } = closer.sight(room);
                let exact = |seen: u32, cells: u16, cell: u16, all: u32| {
                    seen == u32::from(cells * cell) || seen == all
                };
                assert!(exact(window.width, area.width, room.cell.width, picture.0));
                assert!(exact(window.height, area.height, room.cell.height, picture.1));
            }
        }
    }

    #[test]
    fn nothing_is_stretched_but_by_the_rounding_of_a_pixel() {
        everywhere(|closer, room| {
            let Sight { window, area } = closer.sight(room);
            let thin = u64::from(closer.of.0) * closer.scale(room) / 1000 < u64::from(room.cell.width)
                || u64::from(closer.of.1) * closer.scale(room) / 1000 < u64::from(room.cell.height);
            if closer.zoom == Zoom::Fit || thin {
                return;
            }
            let off = |seen: u32, cells: u16, cell: u16| {
                let pixels = u64::from(cells) * u64::from(cell) * 1000 / closer.scale(room);
                u64::from(seen).abs_diff(pixels)
            };
            assert!(off(window.width, area.width, room.cell.width) <= 1);
            assert!(off(window.height, area.height, room.cell.height) <= 1);
        });
    }

    #[test]
    fn what_is_under_the_pointer_stays_there() {
        let room = Room {
            size: Size::new(80, 40),
            cell: CellSize {
                width: 10,
                height: 20,
            },
        };
        let under = |closer: &Closer, column: u16| {
            let window = closer.sight(room).window;
            window.x + window.width * u32::from(column * 2 + 1) / 160
        };
        let mut closer = Closer::new((8000, 8000));
        closer.zoom = Zoom::Percent(50);
        for column in [3, 40, 71] {
            let before = under(&closer, column);
            assert!(closer.step_at(room, true, (column, 20)));
            assert!(under(&closer, column).abs_diff(before) <= 2);
        }
        // And a drag takes it along.
        let (before, from) = (under(&closer, 50), closer.middle(room));
        closer.drag(room, from, (-20, 0));
        assert!(under(&closer, 30).abs_diff(before) <= 2);
    }

    #[test]
    fn the_whole_takes_as_many_cells_as_it_is_given_elsewhere() {
        for room in rooms() {
            for picture in PICTURES {
                let scale = room.fit(picture);
                if scale < 100 {
                    // Thousandths are too coarse to count cells by; nothing does.
                    continue;
                }
                let cells = |pixels: u32, cell: u16| {
                    let cells = u64::from(pixels) * scale / 1000 / u64::from(cell);
                    u16::try_from(cells).unwrap().max(1)
                };
                let (width, height) = fit(picture, room.size.width, room.size.height, room.cell);
                assert!(width.abs_diff(cells(picture.0, room.cell.width)) <= 1 + width / 100);
                assert!(height.abs_diff(cells(picture.1, room.cell.height)) <= 1 + height / 100);
            }
        }
    }

    #[test]
    fn small_pictures_can_be_seen_pixel_by_pixel_and_never_smaller() {
        let room = Room {
            size: Size::new(80, 40),
            cell: CellSize {
                width: 10,
                height: 20,
            },
        };
        let mut closer = Closer::new((100, 100));
        assert_eq!(closer.scale(room), 4000);
        while closer.step(room, false) {}
        assert_eq!(closer.zoom, Zoom::Percent(100));
    }

    #[test]
    fn the_same_part_of_another_size() {
        let window = Window {
            x: 100,
            y: 50,
            width: 200,
            height: 100,
        };
        let twice = Window {
            x: 200,
            y: 100,
            width: 400,
            height: 200,
        };
        assert_eq!(scaled(window, (1000, 500), (2000, 1000)), twice);
        assert_eq!(scaled(twice, (2000, 1000), (1000, 500)), window);
        assert_eq!(scaled(window, (1000, 500), (1, 1)), Window::whole((1, 1)));
    }
}
