//! The rows of History: how high they are, which of them are in sight, and where each one's thumbnail goes. Shared by
//! update (clicks, moves), by what is wanted of pictures, and by view.

use ratatui::layout::{Rect, Size};

use super::layout::Pane;
use super::lists;
use super::model::Model;
use super::text;
use super::tree::{self, Row};

/// The rows of a node with a thumbnail; below the picture is one row of air.
const TALL: u16 = 4;
/// The box of a thumbnail in a wide column and in a narrow one.
const WIDE: Size = Size { width: 10, height: 3 };
const NARROW: Size = Size { width: 6, height: 3 };
/// From this width on a column is wide.
const ROOMY: u16 = 30;

/// The rows of History in a pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nodes {
    pub rows: Vec<Row>,
    /// The first in sight.
    pub first: usize,
    /// Screen rows of each.
    pub height: u16,
    /// The box of a thumbnail, where they are shown.
    pub thumbnail: Option<Size>,
    area: Rect,
}

/// How many rows of the screen each node takes.
pub fn row_height(model: &Model) -> u16 {
    if model.looking.thumbnails && model.terminal.pictures {
        TALL
    } else {
        1
    }
}

/// What History shows in this pane: the selected node stands in the middle where it can.
pub fn nodes(model: &Model, pane: Pane) -> Nodes {
    let area = pane.inner;
    let rows = tree::rows(&model.open.turns, area.width);
    let height = row_height(model);
    let is_selected = |row: &Row| Some(&row.turn) == model.open.selected.as_ref();
    let selected = rows.iter().position(is_selected).unwrap_or(0);
    let box_of = if area.width < ROOMY { NARROW } else { WIDE };
    let mut nodes = Nodes {
        first: 0,
        thumbnail: (height > 1).then_some(box_of),
        rows,
        height,
        area,
    };
    nodes.first = lists::first_visible(selected, nodes.rows.len(), nodes.page());
    nodes
}

impl Nodes {
    /// How many nodes are in sight from top to bottom.
    pub fn page(&self) -> usize {
        usize::from(self.area.height / self.height).max(1)
    }

    /// The nodes in sight with the place of each; the last may be cut.
    pub fn visible(&self) -> impl Iterator<Item = (usize, &Row, Rect)> {
        let (area, height) = (self.area, self.height);
        let rows = self.rows.iter().enumerate().skip(self.first);
        let tops = (area.y..area.bottom()).step_by(usize::from(height));
        rows.zip(tops).map(move |((index, row), y)| {
            let place = Rect {
                y,
                height: height.min(area.bottom() - y),
                ..area
            };
            (index, row, place)
        })
    }

    /// The node at this row of the pane.
    pub fn at(&self, row: usize) -> Option<&Row> {
        self.rows.get(self.first + row / usize::from(self.height))
    }

    /// Where a node's thumbnail goes within its place: behind the lines and its mark.
    pub fn thumbnail_in(&self, row: &Row, place: Rect) -> Option<Rect> {
        let size = self.thumbnail?;
        let left = u16::try_from(text::width(&row.lines)).unwrap_or(u16::MAX);
        let rect = Rect {
            x: place.x.saturating_add(left).saturating_add(3),
            y: place.y,
            width: size.width,
            height: size.height.min(place.height),
        };
        (rect.right() < place.right()).then_some(rect)
    }

    /// What goes on below a node, in the lines left of it: its own children, and those of the nodes above it.
    pub fn lines_below(&self, model: &Model, index: usize) -> String {
        let Some(row) = self.rows.get(index) else {
            return String::new();
        };
        let next = self.rows.get(index + 1).and_then(|next| model.turn(&next.turn));
        let has_child = next.is_some_and(|next| next.parent.as_ref() == Some(&row.turn));
        let mut below = row.lines.replace("├─", "│ ").replace("└─", "  ");
        below.push_str(if has_child { "│" } else { " " });
        below
    }
}
