//! What is to be seen of pictures, and in which boxes: one pure function of the model. It asks for nothing; `update`
//! follows it after every message.

use ratatui::layout::Size;

use super::layout::Panes;
use super::model::Model;
use super::pixels::{Subject, Want};

/// Everything that is to be seen, the most important first: what the picture pane shows.
pub fn wants(model: &Model, panes: &Panes) -> Vec<Want> {
    if !model.terminal.pictures || panes.too_small {
        return Vec::new();
    }
    Vec::from_iter(main(model, panes))
}

/// What the picture pane shows.
fn main(model: &Model, panes: &Panes) -> Option<Want> {
    let area = Size::from(panes.picture.inner);
    let (_, picture) = model.picture()?;
    (area.width > 0 && area.height > 0).then_some(Want {
        subject: Subject::Whole(picture),
        area,
    })
}
