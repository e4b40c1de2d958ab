//! The contact sheet: every node of the session as a tile.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::history::{MARKED, mark};
use super::{Words, cells, frame, rows_below, words_in_the_middle};
use crate::domain::{Turn, TurnStatus, clean_line};
use crate::tui::layout::Panes;
use crate::tui::model::{Model, still};
use crate::tui::pixels::{Pixels, Subject};
use crate::tui::sheet::{self, Sheet, Tile};
use crate::tui::text;
use crate::tui::theme::Theme;

pub(super) fn draw(
    model: &Model,
    pixels: &Pixels,
    sheet: &Sheet,
    panes: &Panes,
    theme: &Theme,
    frame: &mut Frame<'_>,
) {
    let grid = sheet::grid(model, sheet, panes);
    let at = format!("{} of {}", grid.cursor + 1, grid.len);
    let facts = match rows_below(grid.rows_below()) {
        Some(below) => format!("{at} · {below}"),
        None => at,
    };
    frame::overlay(frame, grid.area, "Contact sheet", &facts, theme);
    for (index, tile, place) in &grid.shown {
        if let Some(turn) = model.at(tile.place) {
            let is_here = *index == grid.cursor;
            picture(model, pixels, turn, sheet::picture_in(*place), theme, frame);
            label(model, turn, *tile, *place, is_here, theme, frame);
        }
    }
}

/// The picture, or why there is none.
fn picture(model: &Model, pixels: &Pixels, turn: &Turn, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let image = turn.picture().filter(|_| model.terminal.pictures);
    let subject = image.map(|image| Subject::Thumbnail(still(image)));
    if let Some(shown) = subject.as_ref().and_then(|subject| pixels.get(subject)) {
        return cells::draw(frame.buffer_mut(), area, shown, theme.depth);
    }
    let text = match turn.status {
        _ if subject.is_some_and(|subject| pixels.is_broken(&subject)) => "cannot be shown",
        _ if image.is_some() => "…",
        TurnStatus::Running => "running",
        TurnStatus::Failed => "failed",
        TurnStatus::Cancelled => "stopped",
        TurnStatus::Interrupted => "interrupted",
        TurnStatus::Finished if turn.picture().is_some() => "pictures are off",
        TurnStatus::Finished if !turn.text.trim().is_empty() => "text",
        TurnStatus::Finished => "no picture",
    };
    let style = theme.quiet;
    words_in_the_middle(frame, area, &[Words { text, style }]);
}

/// `● 4 ◆ 1/3 add a moon` below it; the bar of the selected one is as high as its tile.
fn label(
    model: &Model,
    turn: &Turn,
    tile: Tile,
    place: Rect,
    is_here: bool,
    theme: &Theme,
    frame: &mut Frame<'_>,
) {
    let buffer = frame.buffer_mut();
    if is_here {
        for y in place.y..place.bottom() {
            buffer.set_string(place.x, y, "▌", theme.accent);
        }
    }
    let style = if is_here { theme.selected } else { theme.text };
    let marked = if model.is_marked(&turn.id) { MARKED } else { "" };
    let among = match tile.among {
        Some((which, all)) => format!("{which}/{all} "),
        None => String::new(),
    };
    let number = format!(" {} ", turn.number);
    let used = 1 + text::width(&number) + text::width(marked) + text::width(&among);
    let room = usize::from(place.width.saturating_sub(2));
    let prompt = text::fit(&clean_line(&turn.request.prompt), room.saturating_sub(used));
    let line = Line::from(vec![
        Span::styled(mark(model, turn, is_here), style),
        Span::styled(number, style),
        Span::styled(marked, theme.strong),
        Span::styled(among, theme.quiet),
        Span::styled(prompt, style),
    ]);
    let width = place.width.saturating_sub(2);
    buffer.set_line(place.x + 1, place.bottom() - 1, &line, width);
}
