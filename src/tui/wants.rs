//! What is to be seen of pictures, and in which boxes: one pure function of the model. It asks for nothing; `update`
//! follows it after every message.

use super::layout::Panes;
use super::model::{Model, Overlay, still};
use super::nodes;
use super::pixels::{Subject, Want};
use super::scene::{self, Scene};
use super::sheet;

/// A terminal tells 255 pictures of ours apart, and some numbers are for what is on its way.
const MOST: usize = 200;

/// Everything that is to be seen, the most important first: what the picture pane shows.
pub fn wants(model: &Model, panes: &Panes) -> Vec<Want> {
    if !model.terminal.pictures || panes.too_small {
        return Vec::new();
    }
    let mut wants = all(model, panes);
    wants.truncate(MOST);
    wants
}

fn all(model: &Model, panes: &Panes) -> Vec<Want> {
    if let Some(Overlay::Sheet(sheet)) = &model.overlay {
        return sheet::wants(model, sheet, panes);
    }
    let mut wants = scene::scene(model, panes).map_or_else(Vec::new, Scene::wants);
    wants.extend(thumbnails(model, panes));
    wants
}

/// What the picture pane shows, of what is wanted.
pub fn main(wants: &[Want]) -> Option<&Want> {
    let is_small = |want: &&Want| matches!(want.subject, Subject::Thumbnail(_));
    wants.first().filter(|want| !is_small(want))
}

/// What History shows in small: only of the nodes in sight.
fn thumbnails(model: &Model, panes: &Panes) -> Vec<Want> {
    let is_tall = nodes::row_height(model) > 1;
    let Some(pane) = panes.history.filter(|_| is_tall) else {
        return Vec::new();
    };
    let nodes = nodes::nodes(model, pane);
    let Some(area) = nodes.thumbnail else {
        return Vec::new();
    };
    let wants = nodes.visible().filter_map(|(row, place)| {
        nodes.thumbnail_in(row, place)?;
        let subject = Subject::Thumbnail(still(model.turn(&row.turn)?.picture()?));
        Some(Want { subject, area })
    });
    wants.collect()
}
