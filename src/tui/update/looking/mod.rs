//! Looking at pictures: closer and further away, moving about, alone on the screen, small ones.

mod compare;
mod mouse;
mod sheet;

use crate::domain::TurnStatus;
use crate::keys::Action;
use crate::tui::closer::{Closer, Room, Way, Zoom};
use crate::tui::compare::{Against, Mode};
use crate::tui::layout;
use crate::tui::model::{Focus, Model};
use crate::tui::scene;

use super::moves;

pub(super) use mouse::{drag, grip, let_go, wheel};
pub(super) use sheet::{act as act_on_sheet, click as click_sheet};

/// What an action does to how pictures are looked at; false if it is about something else.
pub(super) fn act(model: &mut Model, action: Action) -> bool {
    match action {
        Action::ZoomIn => zoom(model, true),
        Action::ZoomOut => zoom(model, false),
        Action::ZoomFit => set_zoom(model, Zoom::Fit),
        Action::ActualPixels => set_zoom(model, Zoom::Percent(100)),
        Action::PanLeft => pan(model, Way::Left, false),
        Action::PanRight => pan(model, Way::Right, false),
        Action::PanUp => pan(model, Way::Up, false),
        Action::PanDown => pan(model, Way::Down, false),
        Action::NudgeLeft => pan(model, Way::Left, true),
        Action::NudgeRight => pan(model, Way::Right, true),
        Action::NudgeUp => pan(model, Way::Up, true),
        Action::NudgeDown => pan(model, Way::Down, true),
        Action::FullScreen => full_screen(model),
        Action::PreviousNode => moves::step(model, Action::Up),
        Action::NextNode => moves::step(model, Action::Down),
        Action::Mark => {
            let selected = model.open.selected.clone();
            compare::mark(model, selected.as_ref());
        }
        Action::Compare => compare::begin(model),
        Action::SideBySide => compare::set_mode(model, Mode::Beside),
        Action::Blink => compare::blink(model),
        Action::Wipe => compare::set_mode(model, Mode::Wipe),
        Action::Difference => compare::set_mode(model, Mode::Difference),
        Action::EdgeLeft => compare::move_edge(model, false),
        Action::EdgeRight => compare::move_edge(model, true),
        Action::Thumbnails => thumbnails(model),
        Action::ContactSheet => sheet::open(model),
        _ => return false,
    }
    true
}

/// Gets out of comparing, else of the full screen; false if there is neither.
pub(super) fn leave(model: &mut Model) -> bool {
    model.looking.comparison.against.take().is_some() || std::mem::take(&mut model.looking.full)
}

/// What no longer fits what is selected goes: followed after every message.
pub(super) fn settle(model: &mut Model) {
    if model.focus != Focus::Picture {
        model.looking.full = false;
    }
    let selected = model.selected();
    let runs = selected.is_some_and(|turn| model.job_of(&turn.id).is_some());
    let image = selected.and_then(|turn| turn.picture());
    let size = image.map(|image| (image.width, image.height));
    let of = model.looking.closer.map(|closer| closer.of);
    let is_unmarked = model.marked().is_none();
    let is_other = of.is_some() && size.is_some() && of != size;
    if is_other || selected.is_none() {
        model.looking.closer = None;
    }
    if is_unmarked {
        model.looking.marked = None;
    }
    let comparison = &mut model.looking.comparison;
    let lost = is_unmarked && comparison.against == Some(Against::Marked);
    // What is developing is to be seen.
    if runs || lost || model.open.selected.is_none() {
        comparison.against = None;
    }
}

/// The selected picture and its room, to be looked at closely, or why not.
fn closely(model: &Model) -> Result<(Closer, Room), String> {
    let turn = model.selected().ok_or("there is no picture yet")?;
    let number = turn.number;
    if model.job_of(&turn.id).is_some_and(|job| job.growing.is_some()) {
        return Err(format!(
            "#{number} is still arriving: it can be looked at closely when it is there"
        ));
    }
    let Some(image) = turn.picture() else {
        return Err(match turn.status {
            TurnStatus::Running => format!("#{number} has no picture yet"),
            _ => format!("#{number} has no picture"),
        });
    };
    if !model.terminal.pictures {
        return Err("pictures are switched off".to_owned());
    }
    if image.width == 0 || image.height == 0 {
        return Err(format!("how many pixels #{number} has is not known"));
    }
    let of = (image.width, image.height);
    let closer = model.looking.closer.filter(|closer| closer.of == of);
    let panes = layout::panes(model.size, model);
    let closer = closer.unwrap_or_else(|| Closer::new(of));
    Ok((closer, scene::room(model, &panes)))
}

/// Looks differently, or says why that cannot be.
fn look(model: &mut Model, change: impl FnOnce(&mut Closer, Room) -> Result<(), &'static str>) {
    let changed = closely(model).and_then(|(mut closer, room)| {
        change(&mut closer, room)?;
        Ok(closer)
    });
    match changed {
        Ok(closer) => model.looking.closer = Some(closer),
        Err(why) => model.notice = Some(why),
    }
}

fn zoom(model: &mut Model, nearer: bool) {
    look(model, |closer, room| match (closer.step(room, nearer), nearer) {
        (true, _) => Ok(()),
        (false, true) => Err("this is as close as it gets"),
        (false, false) => Err("this is the whole picture"),
    });
}

fn set_zoom(model: &mut Model, zoom: Zoom) {
    look(model, |closer, _| {
        *closer = match zoom {
            Zoom::Fit => Closer::new(closer.of),
            zoom @ Zoom::Percent(_) => Closer { zoom, ..*closer },
        };
        Ok(())
    });
}

fn pan(model: &mut Model, way: Way, finely: bool) {
    look(model, |closer, room| {
        if closer.zoom == Zoom::Fit {
            return Err("this is the whole picture: + looks closer");
        }
        closer.pan(room, way, finely);
        Ok(())
    });
}

fn full_screen(model: &mut Model) {
    if model.focus == Focus::Picture {
        model.looking.full = !model.looking.full;
    } else {
        model.focus = Focus::Picture;
        model.looking.full = true;
    }
}

fn thumbnails(model: &mut Model) {
    model.looking.thumbnails = !model.looking.thumbnails;
    if model.looking.thumbnails && !model.terminal.pictures {
        model.notice = Some("pictures are switched off".to_owned());
    }
}
