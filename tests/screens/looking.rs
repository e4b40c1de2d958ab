//! Pictures looked at closely, compared and in small. A terminal that shows pixels gets a letter for each piece of a
//! picture here, the same for all of one.

use tintype::domain::TurnStatus;
use tintype::error::{Error, Kind};
use tintype::tui::msg::{Msg, Paint};
use tintype::tui::pixels::{Blocks, Shown, Subject, Want, fit};

use super::stage::*;
use super::{opened, shows};

const SIZES: [(u16, u16); 4] = [(80, 24), (100, 30), (120, 40), (40, 12)];

/// Whether a made-up picture is in pieces or in half blocks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Made {
    Pieces,
    Blocks,
}

/// Shows everything that is wanted.
fn paint_all(stage: &mut Stage, made: Made) {
    let wants = stage.model.preview.wants.clone();
    for (id, Want { subject, area }) in (1..).zip(wants) {
        let (cols, rows) = match subject {
            Subject::Part(..) | Subject::Difference(.., Some(_)) | Subject::Wipe { window: Some(_), .. } => {
                (area.width, area.height)
            }
            _ => fit((1344, 768), area.width, area.height, stage.model.terminal.cell),
        };
        let cells = usize::from(cols) * usize::from(rows);
        let shown = match made {
            Made::Pieces => Shown::Pieces { id, cols, rows },
            Made::Blocks => Shown::Blocks(Blocks {
                cols,
                rows,
                cells: vec![([200, 90, 30], [40, 60, 90]); cells],
            }),
        };
        stage.pixels.put(subject.clone(), shown);
        let changed = matches!(subject, Subject::Difference(..)).then_some(123);
        let paint = Paint::Painted { rows: None, changed };
        stage.tell(Msg::Preview { subject, paint });
    }
}

/// A scene of the fox session at every size, in pieces; and at one size in half blocks.
fn scene(name: &str, keys: &str) {
    let blocks = (Made::Blocks, (100, 30), "_blocks");
    let all = SIZES.map(|size| (Made::Pieces, size, ""));
    for (made, (width, height), suffix) in all.into_iter().chain([blocks]) {
        let mut stage = Stage::new(setup());
        stage.resize(width, height).answer_sessions(Vec::new());
        opened(&mut stage);
        several(&mut stage);
        stage.keys("<ctrl+s><tab><tab>").keys(keys);
        paint_all(&mut stage, made);
        shows(&stage, &format!("{name}{suffix}"));
    }
}

/// Three results of one prompt and a failure grew from the fox.
fn several(stage: &mut Stage) {
    let mut turns: Vec<_> = [5, 6]
        .map(|number| finished(number, Some(1), "as watercolor"))
        .into();
    let mut failed = running(7, Some(4), "add a hat");
    failed.status = TurnStatus::Failed;
    failed.error = Some(Error::new(
        Kind::RateLimited,
        "The provider is rate limiting this key",
    ));
    turns.push(failed);
    stage.model.open.turns.edit(|known| known.extend(turns));
}

#[test]
fn whole() {
    scene("looking_whole", "");
}

#[test]
fn closely() {
    scene("looking_closely", "=l");
}

#[test]
fn alone_on_the_screen() {
    scene("looking_alone", "f+");
}

#[test]
fn side_by_side() {
    scene("comparing_beside", "c");
}

#[test]
fn closely_side_by_side() {
    scene("comparing_closely", "c=");
}

#[test]
fn blinking() {
    scene("comparing_blink", "cb");
}

#[test]
fn wiping() {
    scene("comparing_wipe", "cwhh");
}

#[test]
fn differing() {
    scene("comparing_difference", "cx");
}

#[test]
fn differing_closely() {
    scene("comparing_difference_closely", "cx=l");
}

#[test]
fn alone_and_compared() {
    scene("comparing_alone", "fcw+");
}

/// Of two, the one that the selected one is compared with is broken.
#[test]
fn one_of_two_cannot_be_shown() {
    for (name, keys) in [
        ("comparing_broken_beside", "c"),
        ("comparing_broken_blink", "cb"),
        ("comparing_broken_wipe", "cw"),
    ] {
        let mut stage = Stage::new(setup());
        stage.resize(100, 30).answer_sessions(Vec::new());
        opened(&mut stage);
        stage.keys("<ctrl+s><tab><tab>").keys(keys);
        paint_all(&mut stage, Made::Pieces);
        let subject = stage.model.preview.wants[1].subject.clone();
        stage.pixels.remove(&subject);
        let error = Error::new(Kind::BadAnswer, "The picture is damaged: unexpected end of file");
        let paint = Paint::Failed(error);
        stage.tell(Msg::Preview { subject, paint });
        shows(&stage, name);
    }
}

#[test]
fn small_pictures_in_history() {
    scene("thumbnails", "<shift+tab>gmjt");
}

#[test]
fn contact_sheet() {
    scene("contact_sheet", "m<pgdn>C");
}

#[test]
fn what_is_broken_says_so_on_the_sheet() {
    let mut stage = Stage::new(setup());
    stage.resize(100, 30).answer_sessions(Vec::new());
    opened(&mut stage);
    stage.keys("<ctrl+s><tab><tab>C");
    paint_all(&mut stage, Made::Pieces);
    let subject = stage.model.preview.wants[1].subject.clone();
    stage.pixels.remove(&subject);
    stage.pixels.fails(subject);
    shows(&stage, "contact_sheet_broken");
}
