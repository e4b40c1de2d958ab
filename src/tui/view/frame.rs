//! The lines around panes and overlays, and the titles in them.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::widgets::{Clear, Widget};

use crate::tui::layout::Pane;
use crate::tui::text;
use crate::tui::theme::Theme;

/// What the title line says.
pub(super) struct Title<'a> {
    pub(super) name: &'a str,
    /// It has the keys: its title stands out.
    pub(super) focused: bool,
    /// The facts for the right end, in ever shorter wordings; the first that fits is shown.
    pub(super) facts: &'a [String],
}

/// Where a pane stands in its column: the line between two panes is the upper line of the lower one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Top,
    Middle,
    Bottom,
}

/// Draws the lines of a pane and its title.
pub(super) fn pane(buffer: &mut Buffer, pane: Pane, place: Place, title: &Title<'_>, theme: &Theme) {
    let area = pane.area;
    let (left, right) = if place == Place::Top {
        ("┌", "┐")
    } else {
        ("├", "┤")
    };
    rule(buffer, area, area.y, left, right, theme.quiet);
    for y in pane.inner.y..pane.inner.bottom() {
        buffer.set_string(area.x, y, "│", theme.quiet);
        buffer.set_string(area.right() - 1, y, "│", theme.quiet);
    }
    if place == Place::Bottom {
        rule(buffer, area, area.bottom() - 1, "└", "┘", theme.quiet);
    }
    titles(buffer, area, title, theme);
}

fn rule(buffer: &mut Buffer, area: Rect, y: u16, left: &str, right: &str, style: Style) {
    buffer.set_string(area.x, y, left, style);
    for x in area.x + 1..area.right() - 1 {
        buffer.set_string(x, y, "─", style);
    }
    buffer.set_string(area.right() - 1, y, right, style);
}

fn titles(buffer: &mut Buffer, area: Rect, title: &Title<'_>, theme: &Theme) {
    let room = usize::from(area.width).saturating_sub(4);
    let name = text::fit(title.name, room);
    // The line below is dim; what stands in it is not.
    let text = theme.text.remove_modifier(Modifier::DIM);
    let style = if title.focused {
        text.patch(theme.accent).add_modifier(Modifier::BOLD)
    } else {
        text
    };
    buffer.set_string(area.x + 1, area.y, format!(" {name} "), style);
    // A piece of line between name and facts, and one cell of it before the corner.
    let room = room.saturating_sub(text::width(&name) + 3);
    let fitting = title.facts.iter().find(|facts| text::width(facts) <= room);
    let cut = || {
        title
            .facts
            .last()
            .filter(|_| room >= 8)
            .map(|facts| text::fit(facts, room))
    };
    if let Some(facts) = fitting.cloned().or_else(cut).filter(|facts| !facts.is_empty()) {
        let width = u16::try_from(text::width(&facts)).unwrap_or(0);
        let x = area.right().saturating_sub(width + 3);
        buffer.set_string(x, area.y, format!(" {facts} "), text);
    }
}

/// Colours the lines around the focused pane, shared ones included; titles keep their looks.
pub(super) fn light(buffer: &mut Buffer, pane: Option<Pane>, theme: &Theme) {
    let Some(Pane { area, .. }) = pane else { return };
    let style = theme.accent.remove_modifier(Modifier::DIM);
    for position in area.positions().filter(|at| is_edge(area, *at)) {
        if let Some(cell) = buffer.cell_mut(position)
            && matches!(cell.symbol(), "─" | "│" | "┌" | "┐" | "└" | "┘" | "├" | "┤")
        {
            cell.set_style(style);
        }
    }
}

fn is_edge(area: Rect, at: Position) -> bool {
    at.x == area.x || at.x == area.right() - 1 || at.y == area.y || at.y == area.bottom() - 1
}

/// Empties a box. A wide character that reaches into it from the left goes altogether: half of it would push the box
/// a cell to the right.
pub(super) fn clear(buffer: &mut Buffer, area: Rect) {
    Clear.render(area, buffer);
    for y in area.y..area.bottom() {
        if let Some(x) = area.x.checked_sub(1)
            && let Some(cell) = buffer.cell_mut((x, y))
            && text::width(cell.symbol()) > 1
        {
            cell.set_symbol(" ");
        }
    }
}

/// Clears a box and draws the lines and title of an overlay, which always has the keys. Returns its inside.
pub(super) fn overlay(frame: &mut Frame<'_>, area: Rect, name: &str, facts: &str, theme: &Theme) -> Rect {
    let buffer = frame.buffer_mut();
    clear(buffer, area);
    let inner = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    };
    let facts = [facts.to_owned()];
    let title = Title {
        name,
        focused: true,
        facts: &facts,
    };
    let whole = Pane { area, inner };
    pane(buffer, whole, Place::Top, &title, theme);
    rule(buffer, area, area.bottom() - 1, "└", "┘", theme.quiet);
    light(buffer, Some(whole), theme);
    inner
}
