//! Which picture is asked for, in which box: followed after every message, so that no change can forget to ask.

use ratatui::layout::Size;

use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::model::{Model, Preview};
use crate::tui::msg::{Ask, Paint, Terminal};

/// Asks for the picture that should be on screen, when it is not the one last asked for.
pub(super) fn follow(model: &mut Model) -> Option<Effect> {
    let panes = layout::panes(model.size, model);
    let area = Size::from(panes.picture.inner);
    let can_show = model.terminal.pictures && !panes.too_small && area.width > 0 && area.height > 0;
    let wanted = if can_show { model.picture() } else { None };
    let Some((turn, picture)) = wanted else {
        return model.preview.asked.take().map(|_| {
            model.preview = Preview::default();
            Effect::StopPreview
        });
    };
    let asked = model.preview.asked.as_ref();
    if asked.is_some_and(|(_, asked, box_)| *asked == picture && *box_ == area) {
        return None;
    }
    let same_picture = asked.is_some_and(|(_, asked, _)| *asked == picture);
    let same_turn = model
        .preview
        .painted
        .as_ref()
        .is_some_and(|(painted, _)| painted == turn);
    if !same_turn {
        model.preview.painted = None;
    }
    if !same_picture {
        model.preview.rows = None;
        model.preview.problem = None;
    }
    let ask = model.next_ask();
    model.preview.asked = Some((ask, picture.clone(), area));
    Some(Effect::Preview { ask, picture, area })
}

pub(super) fn painted(model: &mut Model, ask: Ask, paint: Paint) -> Vec<Effect> {
    let asked = model.preview.asked.as_ref().filter(|(asked, ..)| *asked == ask);
    let Some((_, picture, _)) = asked else {
        return Vec::new();
    };
    match paint {
        Paint::Painted { rows } => {
            let shown = model.open.selected.clone().map(|turn| (turn, picture.clone()));
            model.preview.painted = shown;
            model.preview.rows = rows;
            model.preview.problem = None;
        }
        Paint::Failed(error) => model.preview.problem = Some(error),
    }
    Vec::new()
}

/// The terminal may be another one: whatever was painted for the last is asked for again.
pub(super) fn terminal(model: &mut Model, terminal: Terminal) -> Vec<Effect> {
    model.terminal = terminal;
    model.preview = Preview::default();
    Vec::new()
}
