//! The settings picker: three columns, only what this provider and this model accept.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::frame;
use crate::domain::clean_line;
use crate::tui::layout;
use crate::tui::lists;
use crate::tui::model::{Column, Model, Picker};
use crate::tui::text;
use crate::tui::theme::Theme;

/// Cells that the columns of ratios and sizes take.
const RATIO: u16 = 8;
const SIZE: u16 = 6;

pub(super) fn draw(model: &Model, picker: &Picker, theme: &Theme, frame: &mut Frame<'_>) -> Rect {
    let mut lists = lists_of(model, picker);
    let screen = frame.area();
    let longest = lists.iter().map(|list| list.rows.len()).max().unwrap_or(0);
    // Frame, headings, and the line of words below with its gap.
    let height = u16::try_from(longest).unwrap_or(u16::MAX).saturating_add(5);
    let widest = lists[0]
        .rows
        .iter()
        .map(|name| text::width(name))
        .max()
        .unwrap_or(0);
    let width = u16::try_from(widest)
        .unwrap_or(u16::MAX)
        .saturating_add(RATIO + SIZE + 7);
    let width = width.clamp(48, 76).min(screen.width - 2);
    let area = layout::centred(screen, width, height.min(screen.height - 2));
    let provider = clean_line(&model.settings.provider);
    let inner = frame::overlay(frame, area, "Settings", &provider, theme);
    let first = inner.width.saturating_sub(RATIO + SIZE);
    if usize::from(first) < widest + 2 {
        // What all of them begin with says the least.
        for name in &mut lists[0].rows {
            *name = name.strip_prefix("gemini-").unwrap_or(name).to_owned();
        }
    }
    let mut x = inner.x;
    for (list, width) in lists.iter().zip([first, RATIO, SIZE]) {
        let height = inner.height.saturating_sub(2);
        list.draw(
            Rect {
                x,
                width,
                height,
                ..inner
            },
            theme,
            frame,
        );
        x += width;
    }
    let room = usize::from(inner.width.saturating_sub(2));
    let wordings = [
        "any: the model decides · Tab or Left Right: the next column",
        "any: the model decides",
    ];
    let words = wordings.iter().find(|words| text::width(words) <= room);
    let words = words.copied().unwrap_or_default();
    frame
        .buffer_mut()
        .set_string(inner.x + 1, inner.bottom() - 1, words, theme.quiet);
    area
}

/// Models, and the ratios and sizes of the one under the cursor.
fn lists_of(model: &Model, picker: &Picker) -> [List; 3] {
    let offers = &model.settings.offers;
    let offer = offers.get(picker.model);
    let any = || vec!["any".to_owned()];
    let mut ratios = any();
    ratios.extend(
        offer
            .into_iter()
            .flat_map(|offer| &offer.ratios)
            .map(ToString::to_string),
    );
    let mut sizes = any();
    sizes.extend(
        offer
            .into_iter()
            .flat_map(|offer| &offer.sizes)
            .map(ToString::to_string),
    );
    let models = offers
        .iter()
        .map(|offer| name(&offer.model, &offer.note))
        .collect();
    let list = |heading, column, rows, cursor| List {
        heading,
        rows,
        cursor,
        has_keys: picker.column == column,
    };
    [
        list("model", Column::Model, models, picker.model),
        list("ratio", Column::Ratio, ratios, picker.ratio),
        list("size", Column::Size, sizes, picker.size),
    ]
}

fn name(model: &str, note: &str) -> String {
    if note.is_empty() {
        clean_line(model)
    } else {
        format!("{} ({})", clean_line(model), clean_line(note))
    }
}

struct List {
    heading: &'static str,
    rows: Vec<String>,
    cursor: usize,
    has_keys: bool,
}

impl List {
    fn draw(&self, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
        let buffer = frame.buffer_mut();
        let heading = if self.has_keys {
            theme.accent.patch(theme.strong)
        } else {
            theme.quiet
        };
        buffer.set_string(area.x + 1, area.y, self.heading, heading);
        let height = usize::from(area.height.saturating_sub(1));
        let first = lists::first_visible(self.cursor, self.rows.len(), height);
        for ((index, row), y) in self
            .rows
            .iter()
            .enumerate()
            .skip(first)
            .zip(area.y + 1..area.bottom())
        {
            let is_here = index == self.cursor;
            if is_here {
                let bar = if self.has_keys { theme.accent } else { theme.quiet };
                buffer.set_string(area.x, y, "▌", bar);
            }
            let style = if is_here { theme.selected } else { theme.text };
            let room = usize::from(area.width.saturating_sub(2));
            buffer.set_string(area.x + 1, y, text::fit(row, room), style);
        }
    }
}
