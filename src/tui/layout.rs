//! Where everything is, as one pure function that both update (clicks, page sizes, preview boxes) and view ask. It draws
//! nothing.

use ratatui::layout::{Position, Rect, Size};

use super::lists;
use super::model::{Focus, Model};
use super::nodes;
use super::sending;
use super::text;
use super::words;

/// Below this nothing is drawn but a word.
pub const SMALLEST: Size = Size {
    width: 40,
    height: 10,
};
/// From this width on the left column stands beside the picture instead of lying over it.
const WIDE: u16 = 100;
/// Below this height the thoughts fold unless the user opens them.
const TALL: u16 = 24;
/// Below this height the thoughts cannot be unfolded at all.
const UNFOLDED: u16 = 16;

/// A pane with its frame. Panes below each other share the line between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pane {
    /// With the frame on all four sides.
    pub area: Rect,
    /// Without it.
    pub inner: Rect,
}

impl Pane {
    /// Where running text goes: one cell of air on both sides.
    pub fn text(&self) -> Rect {
        Rect {
            x: self.inner.x + 1,
            width: self.inner.width.saturating_sub(2),
            ..self.inner
        }
    }
}

/// The whole screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panes {
    pub screen: Rect,
    /// The screen is too small for anything.
    pub too_small: bool,
    pub sessions: Option<Pane>,
    pub history: Option<Pane>,
    /// The left column lies over the others.
    pub over: bool,
    /// The picture is alone, without a frame.
    pub full: bool,
    pub picture: Pane,
    /// Folded when its inside has no height: its title line is all there is.
    pub thoughts: Pane,
    pub prompt: Pane,
    /// Rows of the prompt's pane that are above the text: references and notices.
    pub above: u16,
    /// Where the undismissed error stands.
    pub problem: Option<Rect>,
    pub status: Rect,
}

impl Panes {
    /// The pane at a cell, the topmost first.
    pub fn at(&self, position: Position) -> Option<(Focus, Pane)> {
        let left = [(Focus::Sessions, self.sessions), (Focus::History, self.history)];
        let left = left.into_iter().filter_map(|(focus, pane)| Some((focus, pane?)));
        let right = [
            (Focus::Prompt, self.prompt),
            (Focus::Thoughts, self.thoughts),
            (Focus::Picture, self.picture),
        ];
        // A shared line is the title line of the lower pane.
        let is_hit = |(_, pane): &(Focus, Pane)| {
            let mut area = pane.area;
            area.height = pane.inner.height + 1;
            area.contains(position)
        };
        left.chain(right).find(is_hit)
    }

    /// Where the prompt's text goes.
    pub fn editor(&self) -> Rect {
        let text = self.prompt.text();
        Rect {
            y: text.y + self.above,
            height: text.height - self.above,
            ..text
        }
    }

    pub fn of(&self, focus: Focus) -> Option<Pane> {
        match focus {
            Focus::Prompt => Some(self.prompt),
            Focus::Sessions => self.sessions,
            Focus::History => self.history,
            Focus::Picture => Some(self.picture),
            Focus::Thoughts => Some(self.thoughts),
        }
    }
}

/// Whether nothing is in sight but a word of why.
pub fn is_too_small(size: Size) -> bool {
    size.width < SMALLEST.width || size.height < SMALLEST.height
}

/// The width of the prompt's text.
pub fn editor_width(size: Size, model: &Model) -> usize {
    let left = if stands_beside(size, model) {
        left_width(size.width)
    } else {
        0
    };
    usize::from((size.width - left).saturating_sub(4))
}

fn stands_beside(size: Size, model: &Model) -> bool {
    can_stand_beside(size) && !model.left_folded
}

/// Lays out a screen of this size.
pub fn panes(size: Size, model: &Model) -> Panes {
    let screen = Rect::from((Position::ORIGIN, size));
    let mut panes = Panes {
        screen,
        ..Panes::default()
    };
    if is_too_small(size) {
        panes.too_small = true;
        return panes;
    }
    let [mut body, status] = split_bottom(screen, 1);
    panes.status = status;
    let problem = problem_height(model, body);
    if problem > 0 {
        let [above, below] = split_bottom(body, problem);
        body = above;
        panes.problem = Some(below);
    }
    if model.looking.full && model.focus == Focus::Picture {
        panes.full = true;
        panes.picture = Pane {
            area: body,
            inner: body,
        };
        return panes;
    }
    let on_left = matches!(model.focus, Focus::Sessions | Focus::History);
    let beside = stands_beside(size, model);
    panes.over = on_left && !beside;
    let mut right = body;
    if beside || panes.over {
        let width = left_width(body.width);
        let column = Rect { width, ..body };
        let (sessions, history) = left(column, model);
        panes.sessions = Some(sessions);
        panes.history = Some(history);
        if beside {
            right.x += width;
            right.width -= width;
        }
    }
    let (heights, above) = right_heights(right, model);
    [panes.picture, panes.thoughts, panes.prompt] = stack(right, heights);
    panes.above = above;
    panes
}

/// Whether the left column has room beside the others.
pub fn can_stand_beside(size: Size) -> bool {
    size.width >= WIDE
}

fn left_width(screen: u16) -> u16 {
    if screen < WIDE {
        // An overlay: wide enough to read, with the picture still in sight.
        (screen * 3 / 5).clamp(30, 44)
    } else {
        (screen / 4).clamp(22, 40)
    }
}

/// The sessions take what they need, the history at least what it needs of one half.
fn left(column: Rect, model: &Model) -> (Pane, Pane) {
    let inside = column.height.saturating_sub(3);
    let wanted = |rows: usize| u16::try_from(rows.max(2)).unwrap_or(u16::MAX);
    let sessions = wanted(lists::session_row_count(model, usize::from(inside)));
    let history = wanted(model.open.turns.len() * usize::from(nodes::row_height(model)));
    let sessions = sessions.min(inside - history.min(inside / 2)).max(inside / 3);
    let [sessions, history] = stack(column, [sessions, inside - sessions]);
    (sessions, history)
}

/// Heights inside picture, thoughts and prompt, and the rows above the prompt's text.
fn right_heights(column: Rect, model: &Model) -> ([u16; 3], u16) {
    let inside = column.height.saturating_sub(4);
    let width = usize::from(column.width.saturating_sub(4));
    let height = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX);
    let above = height(sending::above(model, width).len());
    let most = (inside / 3).clamp(1, 8).max(1 + above.min(1));
    let above = above.min(most - 1);
    let prompt = above + height(model.editor.rows(width).len()).clamp(1, most - above);
    let thoughts = if is_thoughts_open(model) {
        (inside / 4).clamp(3, 10).min(inside - prompt)
    } else {
        0
    };
    ([inside - prompt - thoughts, thoughts, prompt], above)
}

/// Open where the user opened it; else while it has the focus, or the selected turn runs and there is room.
pub fn is_thoughts_open(model: &Model) -> bool {
    let runs = model
        .selected()
        .is_some_and(|turn| model.job_of(&turn.id).is_some());
    let follows = runs && model.size.height >= TALL;
    let wanted = model
        .thoughts
        .open
        .unwrap_or(follows || model.focus == Focus::Thoughts);
    wanted && model.size.height >= UNFOLDED
}

/// The first visible row of the prompt: the cursor's row is always visible.
pub fn prompt_first_row(model: &Model, panes: &Panes) -> usize {
    let editor = panes.editor();
    let (cursor, _) = model.editor.cursor_cell(usize::from(editor.width));
    (cursor + 1).saturating_sub(usize::from(editor.height))
}

/// Panes of these inner heights below each other, sharing the lines between them.
fn stack<const N: usize>(column: Rect, heights: [u16; N]) -> [Pane; N] {
    let mut y = column.y;
    heights.map(|height| {
        let area = Rect {
            y,
            height: height + 2,
            ..column
        };
        let inner = Rect {
            x: column.x + 1,
            y: y + 1,
            width: column.width.saturating_sub(2),
            height,
        };
        y += height + 1;
        Pane { area, inner }
    })
}

fn split_bottom(area: Rect, height: u16) -> [Rect; 2] {
    let height = height.min(area.height);
    let top = Rect {
        height: area.height - height,
        ..area
    };
    let bottom = Rect {
        y: area.y + top.height,
        height,
        ..area
    };
    [top, bottom]
}

/// The rows of the undismissed error: what happened, then what to do next.
pub fn problem_rows(model: &Model, width: u16) -> Vec<String> {
    let Some(problem) = model.problems.first() else {
        return Vec::new();
    };
    let width = usize::from(width).saturating_sub(4).max(1);
    let (happened, next) = words::error(&problem.error);
    let happened = match problem.about.as_str() {
        "" => happened,
        about => format!("{about}: {happened}"),
    };
    let mut rows: Vec<String> = text::wrap(&happened, width)
        .into_iter()
        .map(str::to_owned)
        .collect();
    if !next.is_empty() {
        rows.extend(text::wrap(&next, width).into_iter().map(str::to_owned));
    }
    rows
}

fn problem_height(model: &Model, body: Rect) -> u16 {
    let rows = problem_rows(model, body.width).len();
    if rows == 0 {
        return 0;
    }
    // The panes keep the rows that they need at the smallest screen; one more row says how to dismiss it.
    let spare = body.height.saturating_sub(SMALLEST.height - 2);
    u16::try_from(rows + 1).unwrap_or(u16::MAX).min(spare.max(2))
}

/// A box of this size in the middle of the screen, cut to it.
pub fn centred(screen: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(screen.width);
    let height = height.min(screen.height);
    Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_tile_the_screen_at_every_size() {
        for width in 40..140 {
            for height in 10..50 {
                let size = Size { width, height };
                let mut model = Model {
                    size,
                    ..Model::default()
                };
                for open in [None, Some(true)] {
                    model.thoughts.open = open;
                    let panes = panes(size, &model);
                    let right = panes.picture.area;
                    assert_eq!(right.y, 0);
                    assert_eq!(panes.picture.area.bottom() - 1, panes.thoughts.area.y);
                    assert_eq!(panes.thoughts.area.bottom() - 1, panes.prompt.area.y);
                    assert_eq!(panes.prompt.area.bottom(), panes.status.y);
                    assert_eq!(right.right(), width);
                    assert!(panes.prompt.inner.height >= 1);
                    assert!(panes.picture.inner.height >= 3, "{width}×{height}");
                    if let (Some(sessions), Some(history)) = (panes.sessions, panes.history) {
                        assert_eq!(sessions.area.right(), right.x);
                        assert_eq!(sessions.area.bottom() - 1, history.area.y);
                        assert_eq!(history.area.bottom(), panes.status.y);
                    }
                }
            }
        }
    }

    #[test]
    fn the_left_column_lies_over_a_narrow_screen_only_while_it_has_the_focus() {
        let size = Size {
            width: 80,
            height: 24,
        };
        let mut model = Model {
            size,
            ..Model::default()
        };
        assert_eq!(panes(size, &model).sessions, None);
        model.focus = Focus::History;
        let over = panes(size, &model);
        assert!(over.over && over.history.is_some());
        assert_eq!(over.picture.area.width, 80);
        assert!(
            panes(
                Size {
                    width: 39,
                    height: 24
                },
                &model
            )
            .too_small
        );
    }
}
