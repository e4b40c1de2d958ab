//! The settings picker: on the left what can be set and how it stands, on the right what can be chosen for the setting
//! under the cursor, only what this provider and this model accept.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::frame;
use crate::domain::clean_line;
use crate::tui::choices::Choice;
use crate::tui::layout;
use crate::tui::lists;
use crate::tui::model::Model;
use crate::tui::money;
use crate::tui::settings::{self, Picker, Setting};
use crate::tui::text;
use crate::tui::theme::Theme;

/// Cells that the names of the settings take, with the bar before them and a gap behind.
const NAMES: u16 = 11;
/// From this width on the values stand beside the names.
const WIDE: u16 = 60;

pub(super) fn draw(model: &Model, picker: &Picker, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let choices = model.choices(&picker.chosen, picker.setting);
    let width = screen.width.saturating_sub(2).min(90);
    let most = usize::from(screen.height.saturating_sub(4));
    // Every setting stays in sight; the words below have what is left.
    let room = most.saturating_sub(Setting::ALL.len()).max(1);
    let words = below(model, picker, usize::from(width.saturating_sub(4)), room);
    let gap = usize::from(words.len() < room);
    let list_height = choices.len().max(10).min(most.saturating_sub(words.len() + gap));
    let cells = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX);
    let height = cells(list_height + gap + words.len() + 2);
    let area = layout::centred(screen, width, height);
    let inner = frame::overlay(frame, area, "Settings", "", theme);
    let list_height = cells(list_height);
    let values = if width >= WIDE { 22 } else { 0 };
    let left = Rect {
        width: NAMES + values,
        height: list_height,
        ..inner
    };
    let right = Rect {
        x: left.right(),
        width: inner.width - left.width,
        ..left
    };
    names(model, picker, left, theme, frame);
    list(model, picker, &choices, right, theme, frame);
    for ((row, is_refusal), y) in words.iter().rev().zip((inner.y..inner.bottom()).rev()) {
        let style = if *is_refusal { theme.error } else { theme.quiet };
        frame.buffer_mut().set_string(inner.x + 1, y, row, style);
    }
}

/// The settings with their values; the one under the cursor has the bar.
fn names(model: &Model, picker: &Picker, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let here = Setting::ALL.iter().position(|one| *one == picker.setting);
    let first = lists::first_visible(here.unwrap_or(0), Setting::ALL.len(), usize::from(area.height));
    for (setting, y) in Setting::ALL.iter().skip(first).zip(area.y..area.bottom()) {
        let is_here = *setting == picker.setting;
        if is_here {
            buffer.set_string(area.x, y, "▌", theme.accent);
        }
        let style = if is_here {
            theme.accent.patch(theme.strong)
        } else {
            theme.text
        };
        buffer.set_string(area.x + 1, y, setting.name(), style);
        let room = usize::from(area.width.saturating_sub(NAMES + 1));
        let choices = model.choices(&picker.chosen, *setting);
        let row = model.chosen_row(&picker.chosen, *setting);
        if let Some(choice) = choices.get(row).filter(|_| room > 0) {
            let value = text::fit(money::short_name(&choice.name), room);
            buffer.set_string(area.x + NAMES, y, value, theme.quiet);
        }
    }
}

/// The choices of the setting under the cursor.
fn list(
    model: &Model,
    picker: &Picker,
    choices: &[Choice],
    area: Rect,
    theme: &Theme,
    frame: &mut Frame<'_>,
) {
    let buffer = frame.buffer_mut();
    for y in area.y..area.bottom() {
        buffer.set_string(area.x, y, "│", theme.quiet);
    }
    let cursor = model.chosen_row(&picker.chosen, picker.setting);
    let first = lists::first_visible(cursor, choices.len(), usize::from(area.height));
    let width = usize::from(area.width.saturating_sub(4));
    // What all of them begin with says the least.
    let widest = |shorten: bool| {
        let names = choices.iter().map(|choice| text::width(named(choice, shorten)));
        names.max().unwrap_or(0)
    };
    let facts_wanted = choices
        .iter()
        .filter_map(|choice| choice.facts.first())
        .map(|facts| text::width(facts));
    let shorten = widest(false) + 2 + facts_wanted.max().unwrap_or(0) > width;
    let column = widest(shorten).min(width);
    let visible = choices.iter().enumerate().skip(first);
    for ((index, choice), y) in visible.zip(area.y..area.bottom()) {
        let is_here = index == cursor;
        if is_here {
            buffer.set_string(area.x + 2, y, "▌", theme.accent);
        }
        let style = match (is_here, choice.closed) {
            (true, false) => theme.selected,
            (false, false) => theme.text,
            (_, true) => theme.quiet,
        };
        let name = text::fit(named(choice, shorten), width);
        let gap = " ".repeat(column.saturating_sub(text::width(&name)) + 2);
        let room = width.saturating_sub(column + 2);
        let fitting = choice.facts.iter().find(|facts| text::width(facts) <= room);
        let facts = fitting.cloned().unwrap_or_else(|| {
            let last = choice.facts.last();
            last.filter(|_| room > 4)
                .map(|facts| text::fit(facts, room))
                .unwrap_or_default()
        });
        let line = Line::from(vec![
            Span::styled(name, style),
            Span::raw(gap),
            Span::styled(facts, theme.quiet),
        ]);
        buffer.set_line(area.x + 3, y, &line, area.width.saturating_sub(4));
    }
}

fn named(choice: &Choice, shorten: bool) -> &str {
    if shorten {
        money::short_name(&choice.name)
    } else {
        &choice.name
    }
}

/// What the choice gives and costs, what is to be known of the model, and the keys, as far as there is room: a refusal
/// goes before everything else, and stands out.
fn below(model: &Model, picker: &Picker, width: usize, room: usize) -> Vec<(String, bool)> {
    let chosen = &picker.chosen;
    let cap = model.capability(&chosen.provider, &chosen.model);
    let pixels = settings::pixels(&cap, chosen.ratio.as_ref(), chosen.size.as_ref());
    let count = match chosen.count() {
        1 => String::new(),
        count => format!(" ×{count}"),
    };
    let price = chosen.price(&cap);
    let sums = [
        format!("{pixels}{count} · {}", price.long()),
        format!("{pixels}{count} · {}", price.short()),
    ];
    let sum = sums.iter().find(|sum| text::width(sum) <= width);
    let sum = (sum.unwrap_or(&sums[1]).clone(), false);
    let unverified = || {
        let words = "Unverified: the server decides what it accepts";
        (!cap.verified).then(|| words.to_owned())
    };
    let note = match &picker.refusal {
        Some(refusal) => refusal.clone(),
        None => cap
            .retirement(&model.today)
            .or_else(unverified)
            .unwrap_or_else(|| cap.note.clone()),
    };
    let is_refusal = picker.refusal.is_some();
    let note = clean_line(&note);
    let note = text::wrap(&note, width)
        .into_iter()
        .filter(|row| !row.is_empty())
        .map(|row| (row.to_owned(), is_refusal));
    let keys = [
        "Left Right: the setting · Up Down: the choice · Enter uses them",
        "←→ the setting · ↑↓ the choice",
    ];
    let keys = keys.iter().find(|words| text::width(words) <= width);
    let keys = keys.map(|words| ((*words).to_owned(), false));
    let mut rows: Vec<_> = if is_refusal {
        note.chain([sum]).collect()
    } else {
        std::iter::once(sum).chain(note.take(2)).collect()
    };
    rows.extend(keys);
    rows.truncate(room);
    rows
}
