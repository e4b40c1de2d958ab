//! The contact sheet: all nodes of the open session as tiles, results of one prompt next to each other. It decides where
//! each is; what they look like is the view's.

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pub turn: TurnId,
    /// Which it is of how many results of one prompt, where there are several.
    pub among: Option<(usize, usize)>,
}

/// Where everything on the sheet is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    pub tiles: Vec<Tile>,
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
    /// A tile: the picture, one row of words below it, and a gap on its right.
    size: Size,
}

impl Grid {
    /// Rows of tiles below what is in sight.
    pub fn rows_below(&self) -> usize {
        let rows = self.tiles.len().div_ceil(self.across);
        rows.saturating_sub(self.first + self.down)
    }

    /// The tiles in sight, with the index of each and its place.
    pub fn visible(&self) -> impl Iterator<Item = (usize, &Tile, Rect)> {
        let from = self.first * self.across;
        let tiles = self.tiles.iter().enumerate().skip(from);
        tiles.take(self.down * self.across).map(move |(index, tile)| {
            let cells = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
            let (row, column) = ((index - from) / self.across, (index - from) % self.across);
            let place = Rect {
                x: self.area.x + 1 + cells(column) * self.size.width,
                y: self.area.y + 1 + cells(row) * self.size.height,
                width: self.size.width,
                height: self.size.height,
            };
            (index, tile, place)
        })
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
    let tiles = tiles(&model.open.turns);
    let rows = |across: u16| tiles.len().div_ceil(usize::from(across));
    let size = |across: u16| tile(inside / across, tall, model.terminal.cell);
    // Few are shown as large as all of them can be seen at once; many are walked through.
    let wish = (inside / ACROSS).clamp(NARROWEST, WIDEST);
    let most = (inside / wish).max(1);
    let fits = |across: &u16| rows(*across) * usize::from(size(*across).height) <= usize::from(tall);
    let across = (1..most).find(fits).unwrap_or(most);
    let size = size(across);
    let cursor = tiles.iter().position(|tile| tile.turn == sheet.cursor);
    let cursor = cursor.unwrap_or(0);
    let rows = rows(across);
    let (across, down) = (usize::from(across), usize::from((tall / size.height).max(1)));
    Grid {
        first: lists::first_visible(cursor / across, rows, down),
        tiles,
        cursor,
        across,
        down,
        area,
        size,
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

/// Everything in the order in which it was made, but for results of one prompt, which stand together.
fn tiles(turns: &[Turn]) -> Vec<Tile> {
    let mut groups: Vec<Vec<&Turn>> = Vec::new();
    for turn in turns {
        let same = |group: &&mut Vec<&Turn>| {
            let first = group.first();
            first.is_some_and(|first| first.parent == turn.parent && first.request == turn.request)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(turn),
            None => groups.push(vec![turn]),
        }
    }
    let tiles = groups.iter().flat_map(|group| {
        let among = |which: usize| (group.len() > 1).then_some((which, group.len()));
        (1..).zip(group).map(move |(which, turn)| Tile {
            turn: turn.id.clone(),
            among: among(which),
        })
    });
    tiles.collect()
}

/// What the sheet shows of pictures.
pub fn wants(model: &Model, sheet: &Sheet, panes: &Panes) -> Vec<Want> {
    let grid = grid(model, sheet, panes);
    let wants = grid.visible().filter_map(|(_, tile, place)| {
        let turn = model.turn(&tile.turn)?;
        let area = picture_in(place).as_size();
        let subject = Subject::Thumbnail(still(turn.picture()?));
        (area.width > 0 && area.height > 0).then_some(Want { subject, area })
    });
    wants.collect()
}
