//! The rows of History: how high they are, which of them are in sight, and where each one's thumbnail goes. Shared by
//! update (clicks, moves), by what is wanted of pictures, and by view.

use ratatui::layout::{Rect, Size};

use super::layout::Pane;
use super::lists;
use super::model::Model;
use super::text;
use crate::domain::TurnId;

/// The rows of a node with a thumbnail; below the picture is one row of air.
const TALL: u16 = 4;
/// The box of a thumbnail in a wide column and in a narrow one.
const WIDE: Size = Size { width: 10, height: 3 };
const NARROW: Size = Size { width: 6, height: 3 };
/// From this width on a column is wide.
const ROOMY: u16 = 30;

/// A node in sight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub turn: TurnId,
    /// The lines left of its mark, and left of what stands below it.
    pub lines: String,
    pub lines_below: String,
}

/// The rows of History in a pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nodes {
    /// How many nodes there are, in sight or not.
    pub len: usize,
    /// Those in sight; no others are formatted.
    pub shown: Vec<Row>,
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
    let height = row_height(model);
    let box_of = if area.width < ROOMY { NARROW } else { WIDE };
    let mut nodes = Nodes {
        len: model.open.turns.tree().len(),
        shown: Vec::new(),
        thumbnail: (height > 1).then_some(box_of),
        height,
        area,
    };
    let selected = model
        .open
        .selected
        .as_ref()
        .and_then(|id| model.open.turns.row(id));
    let first = lists::first_visible(selected.unwrap_or(0), nodes.len, nodes.page());
    // The last may be cut.
    let in_sight = usize::from(area.height.div_ceil(height));
    let row = |row: usize| {
        let tree = model.open.turns.tree();
        Some(Row {
            turn: model.open.turns.in_row(row)?.id.clone(),
            lines: tree.lines(row, area.width),
            lines_below: tree.lines_below(row, area.width),
        })
    };
    nodes.shown = (first..first + in_sight).map_while(row).collect();
    nodes
}

impl Nodes {
    /// How many nodes are in sight from top to bottom.
    pub fn page(&self) -> usize {
        usize::from(self.area.height / self.height).max(1)
    }

    /// The nodes in sight with the place of each; the last may be cut.
    pub fn visible(&self) -> impl Iterator<Item = (&Row, Rect)> {
        let (area, height) = (self.area, self.height);
        let tops = (area.y..area.bottom()).step_by(usize::from(height));
        self.shown.iter().zip(tops).map(move |(row, y)| {
            let place = Rect {
                y,
                height: height.min(area.bottom() - y),
                ..area
            };
            (row, place)
        })
    }

    /// The node at this row of the pane.
    pub fn at(&self, row: usize) -> Option<&Row> {
        self.shown.get(row / usize::from(self.height))
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
}
