//! Looking closely, comparing, and small pictures: what is asked for, and what the keys and the mouse do.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect, Size};
use tintype::domain::{ImageKind, Session, TurnStatus};
use tintype::tui::closer::Zoom;
use tintype::tui::compare::{Against, Mode};
use tintype::tui::effect::Effect;
use tintype::tui::layout::panes;
use tintype::tui::model::{Focus, Overlay, still};
use tintype::tui::msg::{JobEvent, Msg, Paint, Terminal};
use tintype::tui::pixels::{CellSize, Still, Subject, Want, Window};

use super::stage::*;
use super::{BOX, arriving, opened, show, stored};

/// The fox session with the keys in its picture.
fn looking() -> Stage {
    let mut stage = opened();
    stage.keys("<ctrl+s><tab><tab>");
    assert_eq!(stage.model.focus, Focus::Picture);
    stage
}

fn picture(number: u32) -> Still {
    still(&image(number, ImageKind::Result))
}

fn window(x: u32, y: u32, width: u32, height: u32) -> Window {
    Window { x, y, width, height }
}

fn part(number: u32, x: u32, y: u32, width: u32, height: u32) -> Subject {
    Subject::Part(picture(number), window(x, y, width, height))
}

fn wanted(stage: &Stage) -> Vec<Subject> {
    let wants = &stage.model.preview.wants;
    wants.iter().map(|want| want.subject.clone()).collect()
}

fn painted(subject: Subject) -> Msg {
    Msg::Preview {
        subject,
        paint: Paint::Painted {
            rows: None,
            changed: None,
        },
    }
}

fn mouse(stage: &mut Stage, kind: MouseEventKind, x: u16, y: u16) {
    stage.tell(Msg::Mouse(MouseEvent {
        kind,
        column: x,
        row: y,
        modifiers: KeyModifiers::NONE,
    }));
}

const PRESS: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);
const LET_GO: MouseEventKind = MouseEventKind::Up(MouseButton::Left);

#[test]
fn actual_pixels_ask_for_as_many_as_the_pane_has() {
    let mut stage = looking();
    stage.keys("=");
    // A cell has 10×20 pixels, and the picture 1344×768.
    assert_eq!(stage.effects, [show(part(4, 282, 204, 780, 360))]);
    stage.keys("l");
    assert_eq!(stage.effects, [show(part(4, 477, 204, 780, 360))]);
    stage.keys("llllk");
    assert_eq!(wanted(&stage), [part(4, 564, 114, 780, 360)]);
    stage.keys("<shift+left><shift+down>");
    assert_eq!(wanted(&stage), [part(4, 525, 132, 780, 360)]);
    stage.keys("0");
    assert_eq!(stage.effects, [show(stored(4))]);
}

#[test]
fn zooming_stops_at_both_ends_and_says_so() {
    let mut stage = looking();
    assert_eq!(stage.keys("-").effects, []);
    assert_eq!(stage.model.notice.as_deref(), Some("this is the whole picture"));
    stage.keys("+");
    assert_eq!(stage.model.looking.closer.unwrap().zoom, Zoom::Percent(50));
    stage.keys("+++++++++++");
    assert_eq!(stage.model.looking.closer.unwrap().zoom, Zoom::Percent(1600));
    assert_eq!(stage.model.notice.as_deref(), Some("this is as close as it gets"));
    // 49 pixels fill the 78 columns.
    assert!(matches!(
        &wanted(&stage)[..],
        [Subject::Part(_, Window { width: 49, .. })]
    ));
    stage.keys("-----------");
    assert_eq!(wanted(&stage), [stored(4)]);
    stage.keys("h");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("this is the whole picture: + looks closer")
    );
}

#[test]
fn what_was_painted_last_stays_until_the_new_part_is_there() {
    let mut stage = looking();
    stage.tell(painted(stored(4))).keys("=");
    assert_eq!(stage.model.preview.painted, Some((turn_id("t4"), stored(4))));
    let part = wanted(&stage)[0].clone();
    stage.tell(painted(part.clone())).keys("l");
    assert_eq!(stage.model.preview.painted, Some((turn_id("t4"), part)));
}

#[test]
fn the_same_part_is_seen_of_the_next_node_but_not_of_another_size() {
    let mut stage = looking();
    stage.keys("=l<pgup>");
    assert_eq!(wanted(&stage), [part(2, 477, 204, 780, 360)]);
    stage.keys("n");
    assert_eq!(wanted(&stage), [part(4, 477, 204, 780, 360)]);
    stage.edit(1, |turn| turn.images[0].width = 1024);
    stage.keys("p");
    assert!(matches!(&wanted(&stage)[..], [Subject::Whole(_)]));
    stage.keys("n");
    assert!(matches!(&wanted(&stage)[..], [Subject::Whole(_)]));
}

#[test]
fn what_cannot_be_looked_at_closely_says_why() {
    let (mut stage, _) = arriving();
    stage.keys("<ctrl+s><tab><tab>+");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("#1 is still arriving: it can be looked at closely when it is there")
    );
    let mut stage = looking();
    stage.edit(3, |turn| turn.images[0].width = 0);
    stage.keys("=");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("how many pixels #4 has is not known")
    );
    stage.edit(3, |turn| turn.images.clear());
    stage.keys("=");
    assert_eq!(stage.model.notice.as_deref(), Some("#4 has no picture"));
    assert_eq!(stage.model.looking.closer, None);
}

#[test]
fn a_full_screen_is_all_picture_until_something_else_is_wanted() {
    let all = Size::new(80, 23);
    let mut stage = looking();
    stage.keys("f");
    assert_eq!(
        stage.effects,
        [Effect::Show(vec![Want {
            subject: stored(4),
            area: all
        }])]
    );
    // Everything goes on working.
    stage.keys("=");
    assert!(matches!(
        &wanted(&stage)[..],
        [Subject::Part(
            _,
            Window {
                width: 800,
                height: 460,
                ..
            }
        )]
    ));
    stage.keys("?");
    assert!(matches!(stage.model.overlay, Some(Overlay::Help { .. })));
    stage.keys("<esc>");
    assert!(panes(stage.model.size, &stage.model).full);
    stage.keys("<esc>");
    assert!(!panes(stage.model.size, &stage.model).full);
    assert_eq!(stage.model.focus, Focus::Picture);
    stage.keys("f");
    assert!(panes(stage.model.size, &stage.model).full);
    stage.keys("f");
    assert!(!panes(stage.model.size, &stage.model).full);
    // Another pane is seen when it gets the keys, and the picture does not grow again by itself.
    stage.keys("f<enter>");
    assert_eq!(stage.model.focus, Focus::Prompt);
    stage.keys("<ctrl+s><tab><tab>");
    assert!(!panes(stage.model.size, &stage.model).full);
    // History leads there too.
    stage.keys("<shift+tab>f");
    assert_eq!(panes(stage.model.size, &stage.model).picture.inner.as_size(), all);
}

#[test]
fn the_mouse_zooms_where_it_is_and_drags() {
    let mut stage = looking();
    stage.keys("=");
    let inner = panes(stage.model.size, &stage.model).picture.inner;
    let at = Position::new(inner.x + 10, inner.y + 3);
    // 105 pixels from the left of what is seen, 70 from its top: there they stay.
    mouse(&mut stage, MouseEventKind::ScrollUp, at.x, at.y);
    mouse(&mut stage, MouseEventKind::ScrollUp, at.x, at.y);
    let [Subject::Part(_, seen)] = &wanted(&stage)[..] else {
        panic!("{:?}", wanted(&stage))
    };
    assert_eq!(
        (
            seen.x.abs_diff(282 + 105 - 52) <= 2,
            seen.y.abs_diff(204 + 70 - 35) <= 2
        ),
        (true, true),
        "{seen:?}"
    );
    assert_eq!((seen.width, seen.height), (390, 180));
    let before = *seen;
    mouse(&mut stage, PRESS, at.x, at.y);
    mouse(&mut stage, DRAG, at.x + 4, at.y);
    mouse(&mut stage, DRAG, at.x + 8, at.y + 1);
    let moved = window(before.x - 40, before.y - 10, 390, 180);
    assert_eq!(wanted(&stage), [Subject::Part(picture(4), moved)]);
    mouse(&mut stage, LET_GO, at.x + 8, at.y + 1);
    mouse(&mut stage, DRAG, at.x, at.y);
    assert_eq!(wanted(&stage), [Subject::Part(picture(4), moved)]);
}

#[test]
fn a_node_is_compared_with_what_it_grew_from_or_with_the_marked_one() {
    let mut stage = looking();
    stage.keys("c");
    let comparison = stage.model.looking.comparison;
    assert_eq!(
        (comparison.against, comparison.mode),
        (Some(Against::Parent), Mode::Beside)
    );
    assert_eq!(wanted(&stage), [stored(4), stored(2)]);
    // A step along the branch compares the next pair.
    stage.keys("p");
    assert_eq!(wanted(&stage), [stored(2), stored(1)]);
    stage.keys("<esc>");
    assert_eq!(wanted(&stage), [stored(2)]);
    stage.keys("<shift+tab>m");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("#2 is marked: c on another node compares the two")
    );
    stage.keys("c");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("#2 is the marked node: c on another one compares the two")
    );
    stage.keys("Gc");
    assert_eq!(wanted(&stage), [stored(3), stored(2)]);
    assert_eq!(stage.model.focus, Focus::Picture);
    stage.keys("c");
    assert_eq!(wanted(&stage), [stored(3)]);
    stage.keys("<shift+tab>gc");
    assert_eq!(wanted(&stage), [stored(1), stored(2)]);
    stage.keys("<esc><shift+tab>jm");
    assert_eq!(stage.model.notice.as_deref(), Some("#2 is no longer marked"));
    stage.keys("gc");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("#1 grew from no picture: m marks it, then c on another node compares the two")
    );
}

#[test]
fn an_ancestor_without_a_picture_is_passed_over() {
    let mut stage = looking();
    stage.edit(1, |turn| turn.images.clear());
    stage.keys("c");
    assert_eq!(wanted(&stage), [stored(4), stored(1)]);
}

#[test]
fn blinking_switches_without_asking_for_anything() {
    let mut stage = looking();
    stage.keys("cb");
    let both = [stored(4), stored(2)].map(|subject| Want { subject, area: BOX });
    assert_eq!(stage.effects, [Effect::Show(both.to_vec())]);
    for key in ["b", "<space>", "b"] {
        let before = stage.model.looking.comparison.turned;
        assert_eq!(stage.keys(key).effects, []);
        assert_ne!(stage.model.looking.comparison.turned, before);
    }
    assert!(!stage.model.needs_tick(), "nothing moves by itself");
}

#[test]
fn a_wipe_s_edge_moves_by_keys_and_by_the_mouse() {
    let mut stage = looking();
    stage.keys("cw");
    assert_eq!(wanted(&stage), [stored(4), stored(2)]);
    assert_eq!(stage.keys("h<left>").effects, []);
    assert_eq!(stage.model.looking.comparison.edge, 420);
    stage.keys("lll<right>");
    assert_eq!(stage.model.looking.comparison.edge, 580);
    mouse(&mut stage, PRESS, 40, 8);
    assert_eq!(stage.model.looking.comparison.edge, 580, "a click is no drag");
    // The picture has the 63 columns from 8 on.
    mouse(&mut stage, DRAG, 8 + 21, 8);
    assert_eq!(stage.model.looking.comparison.edge, 333);
    mouse(&mut stage, DRAG, 0, 8);
    assert_eq!(stage.model.looking.comparison.edge, 0);
    mouse(&mut stage, DRAG, 79, 8);
    assert_eq!(stage.model.looking.comparison.edge, 1000);
}

#[test]
fn where_cells_of_two_pictures_cannot_be_mixed_a_wipe_is_made_of_them() {
    let mut stage = looking();
    stage.tell(Msg::Terminal(Terminal {
        mixes: false,
        ..Terminal::default()
    }));
    stage.keys("cw");
    let wipe = |edge| Subject::Wipe {
        left: picture(2),
        right: picture(4),
        edge,
        window: None,
    };
    assert_eq!(stage.effects, [show(wipe(500))]);
    assert_eq!(stage.keys("l").effects, [show(wipe(540))]);
}

#[test]
fn what_is_made_of_two_is_looked_at_closely_like_one() {
    let mut stage = looking();
    stage.tell(Msg::Terminal(Terminal {
        mixes: false,
        ..Terminal::default()
    }));
    // The window counts in the pixels of the selected one, whatever the other one's size is.
    stage.edit(1, |turn| {
        let half = &mut turn.images[0];
        (half.width, half.height) = (672, 384);
    });
    let wipe = |window| Subject::Wipe {
        left: picture(2),
        right: picture(4),
        edge: 500,
        window,
    };
    let difference = |window| Subject::Difference(picture(2), picture(4), window);
    let middle = window(282, 204, 780, 360);
    stage.keys("cw=");
    assert_eq!(stage.effects, [show(wipe(Some(middle)))]);
    assert_eq!(stage.model.notice, None);
    stage.keys("j");
    assert_eq!(wanted(&stage), [wipe(Some(window(282, 294, 780, 360)))]);
    stage.keys("k").keys("x");
    assert_eq!(stage.effects, [show(difference(Some(middle)))]);
    stage.keys("l");
    assert_eq!(wanted(&stage), [difference(Some(window(477, 204, 780, 360)))]);
    // The mouse takes it along, and the wheel zooms where it is.
    mouse(&mut stage, PRESS, 40, 8);
    mouse(&mut stage, DRAG, 42, 8);
    mouse(&mut stage, LET_GO, 42, 8);
    assert_eq!(wanted(&stage), [difference(Some(window(457, 204, 780, 360)))]);
    mouse(&mut stage, MouseEventKind::ScrollUp, 40, 8);
    assert!(matches!(
        &wanted(&stage)[..],
        [Subject::Difference(.., Some(Window { width: 520, .. }))]
    ));
    // Less than a pane's width of the picture takes the cells that it fills.
    stage.keys("0-");
    assert_eq!(wanted(&stage), [difference(None)]);
    stage.keys("+");
    let area = stage.model.preview.wants[0].area;
    assert_eq!(area, Size::new(67, 18));
    stage.keys("0w");
    assert_eq!(wanted(&stage), [wipe(None)]);
}

#[test]
fn a_difference_says_how_much_of_the_picture_it_is() {
    let mut stage = looking();
    stage.keys("cx");
    let difference = |window| Subject::Difference(picture(2), picture(4), window);
    assert_eq!(stage.effects, [show(difference(None))]);
    stage.tell(Msg::Preview {
        subject: difference(None),
        paint: Paint::Painted {
            rows: None,
            changed: Some(123),
        },
    });
    assert_eq!(stage.model.preview.changed, Some(123));
    // It is the share of the whole picture, whichever part of it is seen.
    stage.keys("=");
    assert_eq!(
        stage.effects,
        [show(difference(Some(window(282, 204, 780, 360))))]
    );
    assert_eq!(stage.model.preview.changed, Some(123));
    stage.keys("pn");
    assert_eq!(stage.model.preview.changed, None);
    stage.keys("s");
    assert_eq!(stage.model.preview.changed, None);
}

#[test]
fn both_are_looked_at_closely_in_the_same_place_whatever_their_sizes() {
    let mut stage = looking();
    stage.edit(1, |turn| {
        let half = &mut turn.images[0];
        (half.width, half.height) = (672, 384);
    });
    stage.keys("cb=");
    assert_eq!(
        wanted(&stage),
        [part(4, 282, 204, 780, 360), part(2, 141, 102, 390, 180)]
    );
    let areas: Vec<_> = stage.model.preview.wants.iter().map(|want| want.area).collect();
    assert_eq!(areas, [BOX, BOX]);
    // The whole of another shape is brought into the same cells.
    stage.edit(1, |turn| {
        let square = &mut turn.images[0];
        (square.width, square.height) = (512, 512);
    });
    stage.keys("0");
    assert_eq!(wanted(&stage), [stored(4), part(2, 0, 0, 512, 512)]);
    // Beside each other, each keeps its own.
    stage.keys("s");
    assert_eq!(wanted(&stage), [stored(4), stored(2)]);
}

#[test]
fn two_beside_each_other_share_the_pane_so_that_they_are_large() {
    let areas = |stage: &Stage| -> Vec<Size> {
        let wants = stage.model.preview.wants.iter();
        wants.map(|want| want.area).collect()
    };
    let mut stage = looking();
    stage.keys("c");
    assert_eq!(areas(&stage), [Size::new(38, 18); 2]);
    // A tall pane has more room for wide pictures below each other.
    stage.resize(60, 50);
    assert_eq!(areas(&stage), [Size::new(58, 21); 2]);
}

#[test]
fn what_develops_ends_a_comparison() {
    let mut stage = looking();
    stage.keys("c<shift+tab><shift+tab><shift+tab>larger<enter>");
    assert_eq!(stage.model.compares(), Some(Mode::Beside));
    let job = stage.model.jobs[0].id;
    stage.job(job, JobEvent::Started(Box::new(running(5, Some(4), "larger"))));
    assert_eq!(stage.model.looking.comparison.against, None);
}

#[test]
fn a_mark_goes_with_its_node() {
    let mut stage = looking();
    stage.keys("<shift+tab>gmGc");
    assert_eq!(stage.model.compares(), Some(Mode::Beside));
    let mut session = fox();
    session.turns.remove(0);
    stage.tell(Msg::StoreChanged).answer_session(session);
    assert_eq!(stage.model.looking.marked, None);
    assert_eq!(wanted(&stage), [stored(3)]);
}

/// A session of so many nodes in one chain.
fn long(nodes: u32) -> Session {
    let mut session = fox();
    session.turns = (1..=nodes)
        .map(|number| finished(number, (number > 1).then(|| number - 1), "again"))
        .collect();
    session
}

#[test]
fn history_wants_only_the_small_pictures_in_sight_and_the_large_one_first() {
    let mut stage = opened();
    stage.tell(Msg::StoreChanged).answer_session(long(40));
    stage.resize(120, 40).keys("<ctrl+s><tab>t");
    let wants = wanted(&stage);
    assert_eq!(wants[0], stored(40 - 36), "still the node that was selected");
    let small = &wants[1..];
    assert!((4..=8).contains(&small.len()), "{}", small.len());
    assert!(
        small
            .iter()
            .all(|subject| matches!(subject, Subject::Thumbnail(_)))
    );
    assert!(small.contains(&Subject::Thumbnail(picture(4))));
    stage.keys("G");
    assert!(wanted(&stage).contains(&Subject::Thumbnail(picture(40))));
    assert!(!wanted(&stage).contains(&Subject::Thumbnail(picture(4))));
    // What is small is no reason to think that the large one is painted.
    stage.tell(painted(Subject::Thumbnail(picture(40))));
    assert_eq!(stage.model.preview.painted, None);
    // A click still selects the node that it is on.
    let history = panes(stage.model.size, &stage.model).history.unwrap().inner;
    mouse(&mut stage, PRESS, history.x + 3, history.y + 5);
    let selected = stage.model.selected().unwrap().number;
    assert!((30..40).contains(&selected), "{selected}");
    stage.keys("t");
    assert_eq!(wanted(&stage).len(), 1);
    // Nothing of a column that is not in sight.
    stage.keys("t<alt+s>");
    assert_eq!(wanted(&stage).len(), 1);
}

fn cursor(stage: &Stage) -> Option<String> {
    match &stage.model.overlay {
        Some(Overlay::Sheet(sheet)) => Some(sheet.cursor.to_string()),
        _ => None,
    }
}

#[test]
fn the_contact_sheet_is_walked_by_keys_and_wants_nothing_under_it() {
    let mut stage = looking();
    stage.tell(Msg::StoreChanged).answer_session(long(60));
    stage.keys("<pgdn>C");
    assert_eq!(cursor(&stage).as_deref(), Some("t5"));
    let wants = wanted(&stage);
    assert!(
        wants
            .iter()
            .all(|subject| matches!(subject, Subject::Thumbnail(_)))
    );
    assert!((8..=40).contains(&wants.len()), "{}", wants.len());
    // Four beside each other at 80 columns.
    for (key, there) in [
        ("g", "t1"),
        ("l", "t2"),
        ("j", "t6"),
        ("<right>", "t7"),
        ("<up>", "t3"),
        ("h", "t2"),
        ("G", "t60"),
        ("j", "t60"),
        ("k", "t56"),
        ("<pgup>", "t44"),
        ("<home>", "t1"),
        ("<left>", "t1"),
    ] {
        stage.keys(key);
        assert_eq!(cursor(&stage).as_deref(), Some(there), "{key}");
    }
    stage.keys("jl<enter>");
    assert_eq!(
        (stage.model.open.selected.clone(), stage.model.overlay.clone()),
        (Some(turn_id("t6")), None)
    );
    assert_eq!(wanted(&stage), [stored(6)]);
    stage.keys("C<esc>");
    assert_eq!(wanted(&stage), [stored(6)]);
}

#[test]
fn few_pictures_are_as_large_on_a_sheet_as_all_of_them_fit() {
    let mut stage = looking();
    for (turns, size) in [
        (1, (76, 20)),
        (2, (37, 13)),
        (6, (24, 9)),
        (8, (17, 6)),
        (60, (17, 6)),
    ] {
        stage.tell(Msg::StoreChanged).answer_session(long(turns));
        stage.keys("C");
        let area = stage.model.preview.wants[0].area;
        assert_eq!((area.width, area.height), size, "of {turns}");
        stage.keys("<esc>");
    }
}

#[test]
fn a_sheet_wants_no_more_pictures_than_a_terminal_has_numbers_for() {
    let mut stage = looking();
    stage.tell(Msg::StoreChanged).answer_session(long(400));
    stage.resize(120, 500).keys("C");
    assert!((100..=200).contains(&wanted(&stage).len()));
}

#[test]
fn the_contact_sheet_marks_compares_and_takes_clicks() {
    let mut stage = looking();
    stage.keys("Cgm");
    assert_eq!(stage.model.looking.marked, Some(turn_id("t1")));
    stage.keys("c");
    assert_eq!(
        stage.model.notice.as_deref(),
        Some("#1 is the marked node: c on another one compares the two")
    );
    assert_eq!(cursor(&stage).as_deref(), Some("t1"));
    stage.keys("llc");
    assert_eq!(stage.model.overlay, None);
    assert_eq!(wanted(&stage), [stored(3), stored(1)]);
    stage.keys("<esc>C");
    // The second tile.
    mouse(&mut stage, PRESS, 30, 3);
    assert_eq!(cursor(&stage).as_deref(), Some("t2"));
    mouse(&mut stage, PRESS, 30, 3);
    assert_eq!(cursor(&stage), None);
    assert_eq!(stage.model.open.selected, Some(turn_id("t2")));
}

#[test]
fn results_of_one_prompt_stand_together_on_the_sheet() {
    let mut stage = looking();
    let mut session = fox();
    let twin = |number| finished(number, Some(1), "make it night");
    session.turns.extend([twin(5), twin(6)]);
    stage.tell(Msg::StoreChanged).answer_session(session);
    stage.keys("Cg");
    let mut order = vec![cursor(&stage).unwrap()];
    for _ in 0..5 {
        stage.keys("l");
        order.extend(cursor(&stage));
    }
    assert_eq!(order, ["t1", "t2", "t5", "t6", "t3", "t4"]);
}

#[test]
fn a_sheet_whose_session_went_goes_nowhere() {
    let mut stage = looking();
    stage.keys("C");
    stage.model.open.turns.edit(Vec::clear);
    stage.model.open.selected = None;
    stage.keys("<enter>");
    assert_eq!(
        (stage.model.overlay.clone(), stage.model.open.selected.clone()),
        (None, None)
    );
}

#[test]
fn an_empty_session_has_no_sheet() {
    let mut stage = super::fresh();
    stage.keys("<ctrl+s><tab>C");
    assert_eq!(stage.model.overlay, None);
    assert!(stage.model.notice.is_some());
    stage.keys("<tab>cm+=0fnp");
    assert_eq!(stage.model.overlay, None);
}

#[test]
fn a_smaller_screen_sees_less_and_never_outside() {
    let mut stage = looking();
    stage.keys("=lllljjjj");
    for (width, height) in [(200, 60), (40, 10), (81, 23), (400, 200), (30, 5), (120, 40)] {
        stage.resize(width, height);
        for want in &stage.model.preview.wants {
            if let Subject::Part(_, seen) = &want.subject {
                assert!(seen.x + seen.width <= 1344 && seen.y + seen.height <= 768);
                let pane = panes(stage.model.size, &stage.model).picture.inner;
                assert!(Rect::from((Position::ORIGIN, want.area)).width <= pane.width);
            }
        }
    }
}

#[test]
fn cells_of_another_size_see_another_part() {
    let mut stage = looking();
    stage.tell(Msg::Terminal(Terminal {
        cell: CellSize { width: 5, height: 10 },
        ..Terminal::default()
    }));
    stage.keys("=");
    assert!(matches!(
        &wanted(&stage)[..],
        [Subject::Part(
            _,
            Window {
                width: 390,
                height: 180,
                ..
            }
        )]
    ));
}

#[test]
fn a_failed_node_can_be_passed_without_losing_the_place() {
    let mut stage = looking();
    stage.edit(1, |turn| {
        turn.images.clear();
        turn.status = TurnStatus::Failed;
    });
    stage.keys("=lpp");
    assert_eq!(wanted(&stage), [part(1, 477, 204, 780, 360)]);
}
