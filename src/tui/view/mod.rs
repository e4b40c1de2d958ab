//! Draws the model: reads, decides nothing, remembers nothing. One file per pane or overlay.

mod cells;
mod details;
mod files;
mod frame;
mod help;
mod history;
mod looking;
mod picture;
mod problem;
mod prompt;
mod question;
mod search;
mod sessions;
mod settings;
mod sheet;
mod status;
mod thoughts;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::layout::{self, Panes, SMALLEST};
use super::model::{Focus, Model, Overlay};
use super::pixels::Pixels;
use super::text;
use super::theme::Theme;

/// Draws everything. A cell that shows a piece of a picture names it, as kitty's placeholders do.
pub fn view(model: &Model, pixels: &Pixels, frame: &mut Frame<'_>) {
    let panes = layout::panes(frame.area().as_size(), model);
    let theme = Theme::of(model.terminal.colours);
    if panes.too_small {
        return too_small(frame, panes.screen);
    }
    picture::draw(model, pixels, &panes, &theme, frame);
    if !panes.full {
        around(model, pixels, &panes, &theme, frame);
    }
    problem::draw(model, &panes, &theme, frame);
    status::draw(model, &panes, &theme, frame);
    if panes.over {
        left(model, pixels, &panes, &theme, frame);
        frame::light(frame.buffer_mut(), panes.of(model.focus), &theme);
    }
    match &model.overlay {
        None => {}
        Some(Overlay::Help { scroll, about }) => help::draw(*scroll, *about, &theme, frame),
        Some(Overlay::Settings(picker)) => settings::draw(model, picker, &theme, frame),
        Some(Overlay::Files(files)) => files::draw(files, &theme, frame),
        Some(Overlay::Details { scroll, about }) => {
            details::draw(model, *scroll, about.as_ref(), &theme, frame);
        }
        Some(Overlay::Fetch(turn)) => question::fetch(model, turn, &theme, frame),
        Some(Overlay::Search(search)) => search::draw(model, search, &theme, frame),
        Some(Overlay::Sheet(sheet)) => sheet::draw(model, pixels, sheet, &panes, &theme, frame),
        Some(Overlay::Delete(what)) => question::delete(model, what, &theme, frame),
        Some(Overlay::Dearer) => question::dearer(model, &theme, frame),
        Some(Overlay::Unsaved) => question::unsaved(model, &theme, frame),
        Some(Overlay::Quit) => question::quit(model, &theme, frame),
        Some(Overlay::Stop(job)) => question::stop(model, *job, &theme, frame),
    }
}

/// The panes around the picture.
fn around(model: &Model, pixels: &Pixels, panes: &Panes, theme: &Theme, frame: &mut Frame<'_>) {
    thoughts::draw(model, panes.thoughts, theme, frame);
    prompt::draw(model, panes, theme, frame);
    if !panes.over {
        left(model, pixels, panes, theme, frame);
        frame::light(frame.buffer_mut(), panes.of(model.focus), theme);
    }
}

fn left(model: &Model, pixels: &Pixels, panes: &Panes, theme: &Theme, frame: &mut Frame<'_>) {
    if let (Some(sessions), Some(history)) = (panes.sessions, panes.history) {
        if panes.over {
            frame::clear(frame.buffer_mut(), sessions.area.union(history.area));
        }
        sessions::draw(model, sessions, theme, frame);
        history::draw(model, pixels, history, theme, frame);
    }
}

fn too_small(frame: &mut Frame<'_>, screen: Rect) {
    let words = format!(
        "tintype needs {}×{} cells; this is {}×{}. Nothing is lost.",
        SMALLEST.width, SMALLEST.height, screen.width, screen.height
    );
    words_in_the_middle(
        frame,
        screen,
        &[Words {
            text: &words,
            style: Style::new(),
        }],
    );
}

/// A paragraph of words in the middle of a pane.
struct Words<'a> {
    text: &'a str,
    style: Style,
}

/// Paragraphs below each other with a row between, wrapped, in the middle of `area`.
fn words_in_the_middle(frame: &mut Frame<'_>, area: Rect, paragraphs: &[Words<'_>]) {
    let width = usize::from(area.width.saturating_sub(2).min(76));
    let mut rows: Vec<(String, Style)> = Vec::new();
    for words in paragraphs.iter().filter(|words| !words.text.is_empty()) {
        if !rows.is_empty() {
            rows.push((String::new(), Style::new()));
        }
        rows.extend(
            text::wrap(words.text, width)
                .into_iter()
                .map(|row| (row.to_owned(), words.style)),
        );
    }
    if rows.len() > usize::from(area.height) {
        // Gaps go first when there is little room.
        rows.retain(|(row, _)| !row.is_empty());
    }
    let widest = rows.iter().map(|(row, _)| text::width(row)).max().unwrap_or(0);
    let used = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let left = u16::try_from(widest).unwrap_or(u16::MAX).min(area.width);
    let x = area.x + (area.width - left) / 2;
    let y = area.y + area.height.saturating_sub(used) / 2;
    let height = usize::from(area.height);
    if rows.len() > height
        && let Some((row, _)) = rows.get_mut(height.saturating_sub(1))
    {
        *row = text::fit(&format!("{row} …"), width);
    }
    for ((row, style), y) in rows.iter().zip(y..area.bottom()) {
        frame
            .buffer_mut()
            .set_line(x, y, &Line::from(Span::styled(row.as_str(), *style)), left);
    }
}

/// How much of a scrolled text is out of sight below, for its title.
fn rows_below(rows: usize) -> Option<String> {
    match rows {
        0 => None,
        1 => Some("1 row below".to_owned()),
        rows => Some(format!("{rows} rows below")),
    }
}

/// Whether this pane has the keys now.
fn has_keys(model: &Model, focus: Focus) -> bool {
    model.overlay.is_none() && model.focus == focus
}
