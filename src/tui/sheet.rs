//! The contact sheet: all nodes of the open session as tiles, results of one prompt next to each other. It decides where
//! each is; what they look like is the view's.

use std::collections::HashMap;

use ratatui::layout::{Rect, Size};

use super::layout::Panes;
use super::lists;
use super::model::{Model, still};
use super::pixels::{CellSize, Subject, Want};
use crate::domain::{Turn, TurnId};

/// Tiles beside each other where there are many and there is room.
const ACROSS: u16 = 6;
/// The columns of a tile, its gap to the next one included.
const NARROWEST: u16 = 18;
const WIDEST: u16 = 42;

/// The contact sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub cursor: TurnId,
}

/// A node on the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Where its turn is among those of the session.
    pub place: usize,
    /// Which it is of how many results of one prompt, where there are several.
    pub among: Option<(usize, usize)>,
}

/// All nodes in the order of the sheet: that in which they were made, but for results of one prompt, which stand
/// together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tiles {
    list: Vec<Tile>,
    /// The index of each turn's tile, by the place of the turn.
    indices: Vec<usize>,
}

impl Tiles {
    pub fn new(turns: &[Turn]) -> Self {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        // What can be hashed of a request parts nearly all groups; the rest is compared.
        let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
        for (place, turn) in turns.iter().enumerate() {
            let request = &turn.request;
            let key = (&turn.parent, &request.prompt, &request.model, request.tuning.seed);
            let candidates = alike.entry(key).or_default();
            let is_one = |group: &&usize| {
                let first = groups[**group].first().and_then(|first| turns.get(*first));
                first.is_some_and(|first| first.request == *request)
            };
            if let Some(group) = candidates.iter().find(is_one) {
                groups[*group].push(place);
            } else {
                candidates.push(groups.len());
                groups.push(vec![place]);
            }
        }
        let mut tiles = Self {
            list: Vec::with_capacity(turns.len()),
            indices: vec![0; turns.len()],
        };
        for group in groups {
            let among = |which: usize| (group.len() > 1).then_some((which, group.len()));
            for (which, &place) in (1..).zip(&group) {
                tiles.indices[place] = tiles.list.len();
                let among = among(which);
                tiles.list.push(Tile { place, among });
            }
        }
        tiles
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn get(&self, index: usize) -> Option<Tile> {
        self.list.get(index).copied()
    }

    /// The index of the tile of the turn at this place.
    pub fn index(&self, place: usize) -> Option<usize> {
        self.indices.get(place).copied()
    }
}

/// Where everything on the sheet is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// How many tiles there are.
    pub len: usize,
    /// Those in sight, with the index of each and its place.
    pub shown: Vec<(usize, Tile, Rect)>,
    /// The index of the tile under the cursor.
    pub cursor: usize,
    /// Tiles beside each other.
    pub across: usize,
    /// Rows of tiles that fit below each other.
    pub down: usize,
    /// The first row of tiles in sight.
    pub first: usize,
    /// With its frame.
    pub area: Rect,
}

impl Grid {
    /// Rows of tiles below what is in sight.
    pub fn rows_below(&self) -> usize {
        let rows = self.len.div_ceil(self.across);
        rows.saturating_sub(self.first + self.down)
    }
}

/// Where the picture of a tile goes: the bar of the selected one is left of it.
pub fn picture_in(place: Rect) -> Rect {
    Rect {
        x: place.x + 1,
        y: place.y,
        width: place.width.saturating_sub(2),
        height: place.height.saturating_sub(1),
    }
}

/// Lays out the sheet.
pub fn grid(model: &Model, sheet: &Sheet, panes: &Panes) -> Grid {
    let screen = panes.screen;
    let area = Rect {
        height: screen.height.saturating_sub(1),
        ..screen
    };
    let (inside, tall) = (area.width.saturating_sub(2), area.height.saturating_sub(2));
    let tiles = model.open.turns.tiles();
    let rows = |across: u16| tiles.len().div_ceil(usize::from(across));
    let size = |across: u16| tile(inside / across, tall, model.terminal.cell);
    // Few are shown as large as all of them can be seen at once; many are walked through.
    let wish = (inside / ACROSS).clamp(NARROWEST, WIDEST);
    let most = (inside / wish).max(1);
    let fits = |across: &u16| rows(*across) * usize::from(size(*across).height) <= usize::from(tall);
    let across = (1..most).find(fits).unwrap_or(most);
    let size = size(across);
    let place = model.open.turns.place(&sheet.cursor);
    let cursor = place.and_then(|place| tiles.index(place)).unwrap_or(0);
    let rows = rows(across);
    let (across, down) = (usize::from(across), usize::from((tall / size.height).max(1)));
    let first = lists::first_visible(cursor / across, rows, down);
    let cells = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let place = |at: usize| Rect {
        x: area.x + 1 + cells(at % across) * size.width,
        y: area.y + 1 + cells(at / across) * size.height,
        width: size.width,
        height: size.height,
    };
    let shown = (0..down * across).map_while(|at| {
        let index = first * across + at;
        Some((index, tiles.get(index)?, place(at)))
    });
    Grid {
        len: tiles.len(),
        shown: shown.collect(),
        cursor,
        across,
        down,
        first,
        area,
    }
}

/// A tile of this width: as high as a picture of four by three is, because most are wider than high.
fn tile(width: u16, tall: u16, cell: CellSize) -> Size {
    let square =
        u32::from(width.saturating_sub(2)) * u32::from(cell.width.max(1)) / u32::from(cell.height.max(1));
    let height = u16::try_from(square * 3 / 4).unwrap_or(u16::MAX);
    let height = height.max(3).saturating_add(1).min(tall.max(1));
    Size { width, height }
}

/// What the sheet shows of pictures.
pub fn wants(model: &Model, sheet: &Sheet, panes: &Panes) -> Vec<Want> {
    let grid = grid(model, sheet, panes);
    let wants = grid.shown.iter().filter_map(|(_, tile, place)| {
        let turn = model.at(tile.place)?;
        let area = picture_in(*place).as_size();
        let subject = Subject::Thumbnail(still(turn.picture()?));
        (area.width > 0 && area.height > 0).then_some(Want { subject, area })
    });
    wants.collect()
}
