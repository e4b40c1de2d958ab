//! Pictures in their pane: one, whole or closely; or two that are compared; and the facts of what is seen of them.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{cells, has_keys, picture};
use crate::domain::Turn;
use crate::tui::closer::{Closer, Zoom};
use crate::tui::compare::{Mode, WIDTH};
use crate::tui::layout::Panes;
use crate::tui::model::{Focus, Model};
use crate::tui::pixels::{Pixels, Shown, Subject, Want};
use crate::tui::scene::{self, Scene};
use crate::tui::theme::Theme;

/// Draws what is to be seen, as far as it is there; false if nothing of it is.
pub(super) fn draw(
    model: &Model,
    pixels: &Pixels,
    panes: &Panes,
    theme: &Theme,
    frame: &mut Frame<'_>,
) -> bool {
    let area = panes.picture.inner;
    let Some(scene) = scene::scene(model, panes).filter(|_| model.terminal.pictures) else {
        return false;
    };
    let first = |want: &Want| other(model, pixels, want);
    let second = |want: &Want| selected(model, pixels, want);
    let buffer = frame.buffer_mut();
    match scene {
        Scene::One(want) => {
            let Some(shown) = second(&want) else { return false };
            cells::draw(buffer, area, shown, theme.depth);
        }
        Scene::Blink { wants, turned } => {
            let shown = if turned {
                first(&wants[0])
            } else {
                second(&wants[1])
            };
            match shown {
                Some(shown) => cells::draw(buffer, area, shown, theme.depth),
                None if turned => instead(model, 0, area, theme, frame),
                None => return false,
            }
        }
        Scene::Beside([before, after]) => {
            between(before.0, after.0, theme, frame);
            match first(&before.1) {
                Some(shown) => cells::draw(frame.buffer_mut(), before.0, shown, theme.depth),
                None => instead(model, 0, before.0, theme, frame),
            }
            match second(&after.1) {
                Some(shown) => cells::draw(frame.buffer_mut(), after.0, shown, theme.depth),
                None => instead(model, 1, after.0, theme, frame),
            }
        }
        Scene::Wipe { wants, edge } => {
            let Some(after) = second(&wants[1]) else {
                return false;
            };
            match first(&wants[0]) {
                Some(before) => wipe(before, after, edge, area, theme, frame),
                None if model.preview.beside_problem.is_some() => instead(model, 0, area, theme, frame),
                None => cells::draw(buffer, area, after, theme.depth),
            }
        }
    }
    true
}

/// The selected picture as it is asked for, else as it was last painted.
fn selected<'a>(model: &Model, pixels: &'a Pixels, want: &Want) -> Option<&'a Shown> {
    // A picture that has only begun would replace a finished draft by next to nothing.
    let has_begun = model.preview.rows.is_none_or(|(painted, _)| painted > 0);
    let asked = if has_begun {
        pixels.get(&want.subject)
    } else {
        None
    };
    let of_two = |subject: &Subject| matches!(subject, Subject::Difference(..) | Subject::Wipe { .. });
    let last = model.preview.painted.as_ref().map(|(_, subject)| subject);
    // What was made of two pictures stands for neither.
    let last = last.filter(|last| of_two(&want.subject) || !of_two(last));
    asked.or_else(|| pixels.get(last?))
}

/// The same for the one that it is compared with.
fn other<'a>(model: &Model, pixels: &'a Pixels, want: &Want) -> Option<&'a Shown> {
    let last = model.preview.beside.as_ref().map(|(_, subject)| subject);
    pixels.get(&want.subject).or_else(|| pixels.get(last?))
}

/// One of two is not there yet, or cannot be shown.
fn instead(model: &Model, which: usize, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let Some(turn) = model.pair().and_then(|pair| pair.get(which).copied()) else {
        return;
    };
    let problem = match which {
        0 => &model.preview.beside_problem,
        _ => &model.preview.problem,
    };
    let paragraphs = match problem {
        Some(problem) => picture::unshowable(turn, problem, theme),
        None => vec![picture::drawing(turn, theme)],
    };
    picture::paragraphs_in_the_middle(frame, area, &paragraphs);
}

/// The line between two boxes.
fn between(first: Rect, second: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    if first.y == second.y {
        for y in first.y..first.bottom() {
            buffer.set_string(first.right(), y, "│", theme.quiet);
        }
    } else {
        for x in first.x..first.right() {
            buffer.set_string(x, first.bottom(), "─", theme.quiet);
        }
    }
}

/// The one left of the edge and the other right of it; the edge itself is a line, but at the ends.
fn wipe(before: &Shown, after: &Shown, edge: u16, area: Rect, theme: &Theme, frame: &mut Frame<'_>) {
    let buffer = frame.buffer_mut();
    let (rect, _) = cells::place(area, after);
    let columns = u32::from(rect.width) * u32::from(edge) / u32::from(WIDTH);
    let at = rect.x + u16::try_from(columns).unwrap_or(rect.width).min(rect.width);
    cells::draw_columns(buffer, area, before, 0..at, theme.depth);
    cells::draw_columns(buffer, area, after, at..u16::MAX, theme.depth);
    if rect.x < at && at < rect.right() {
        for y in rect.y..rect.bottom() {
            if let Some(cell) = buffer.cell_mut((at, y)) {
                cell.reset();
            }
            buffer.set_string(at, y, "│", theme.accent);
        }
    }
}

/// Facts of what is seen, in ever shorter wordings: where two are compared, or one is looked at closely.
pub(super) fn facts(model: &Model, panes: &Panes) -> Option<Vec<String>> {
    if let Some([before, after]) = model.pair() {
        return Some(compared(model, panes, [before, after]));
    }
    let turn = model.selected()?;
    let number = format!("#{}", turn.number);
    let (size, percent, part) = closely(model, panes)?;
    Some(vec![
        format!("{number} · {size} · {percent} · {part}"),
        format!("{number} · {percent} · {part}"),
        format!("{number} · {percent}"),
    ])
}

fn compared(model: &Model, panes: &Panes, [before, after]: [&Turn; 2]) -> Vec<String> {
    let mode = model.looking.comparison.mode;
    let both = format!("#{} | #{}", before.number, after.number);
    let how = match (mode, model.preview.changed) {
        (Mode::Difference, Some(changed)) => share(changed),
        (Mode::Blink, _) => {
            let seen = if model.looking.comparison.turned {
                before
            } else {
                after
            };
            format!("{} · now #{}", mode.name(), seen.number)
        }
        _ => mode.name().to_owned(),
    };
    let mut wordings = vec![format!("{both} · {how}")];
    if let (Mode::Difference, Some(changed)) = (mode, model.preview.changed) {
        wordings.push(format!("{both} · {} %", percent(changed)));
    }
    wordings.push(both.clone());
    if let Some((size, percent, part)) = closely(model, panes) {
        let less = format!("{both} · {how} · {percent}");
        wordings.splice(
            0..0,
            [format!("{both} · {how} · {size} · {percent} · {part}"), less],
        );
    } else if let [Some(first), Some(second)] = [before.picture(), after.picture()]
        && (first.width, first.height) != (second.width, second.height)
    {
        let size = |image: &crate::domain::Image| format!("{}×{}", image.width, image.height);
        wordings.insert(0, format!("{both} · {how} · {} | {}", size(first), size(second)));
    }
    wordings
}

/// `changed 12 % of the picture`, from thousandths.
fn share(changed: u16) -> String {
    match changed {
        0 => "nothing changed that can be seen".to_owned(),
        changed => format!("changed {} % of the picture", percent(changed)),
    }
}

/// Thousandths in percent; less than one of them is still not nothing.
fn percent(changed: u16) -> String {
    match changed {
        0..=9 => format!("0.{changed}"),
        changed => ((changed + 5) / 10).to_string(),
    }
}

/// Size, scale and part of the selected picture, where it is looked at more closely than all at once.
fn closely(model: &Model, panes: &Panes) -> Option<(String, String, String)> {
    let image = model.selected()?.picture()?;
    let of = (image.width, image.height);
    let is_close = |closer: &Closer| closer.zoom != Zoom::Fit && closer.of == of;
    let closer = model.looking.closer.filter(is_close)?;
    let room = scene::room(model, panes);
    let seen = closer.sight(room).window;
    Some((
        format!("{}×{}", of.0, of.1),
        format!("{} %", (closer.scale(room) + 5) / 10),
        format!("{}×{} at {},{}", seen.width, seen.height, seen.x, seen.y),
    ))
}

/// Adds the scale at which all of the picture is seen, and why it is not compared, for whoever looks at it.
pub(super) fn with_scale(model: &Model, panes: &Panes, wordings: Vec<String>) -> Vec<String> {
    let image = model.selected().and_then(Turn::picture);
    let known = image.filter(|image| image.width > 0 && image.height > 0);
    let looks = has_keys(model, Focus::Picture) && model.terminal.pictures;
    let Some(image) = known.filter(|_| looks) else {
        return wordings;
    };
    let scale = scene::room(model, panes).fit((image.width, image.height));
    let alone = match model.looking.comparison.against {
        Some(_) => " · nothing to compare it with",
        None => "",
    };
    let fit = format!(" · fit {} %{alone}", (scale + 5) / 10);
    let mut all: Vec<String> = wordings.iter().map(|words| format!("{words}{fit}")).collect();
    all.extend(wordings.into_iter().next_back());
    all
}
