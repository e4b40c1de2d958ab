use ratatui::style::Style;

use super::*;
use crate::graphics::Strip;
use crate::graphics::kitty::placeholder;
use crate::tui::pixels::Subject;

/// A screen of 20 by 10 cells on which these parts of pictures are drawn in turn: number, place, first row and column.
fn frame(parts: &[(u8, Rect, u16, u16)]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 10));
    for &(id, rect, row, col) in parts {
        for at in rect.positions() {
            let symbol = if id == 0 {
                "x".to_owned()
            } else {
                placeholder(row + at.y - rect.y, col + at.x - rect.x)
            };
            let style = Style::reset().fg(Color::Indexed(id));
            buffer[at].set_symbol(&symbol).set_style(style);
        }
    }
    buffer
}

/// A gallery with a picture of 8 by 6 cells, in strips of two rows, under the number 5.
fn gallery() -> Gallery {
    let mut gallery = Gallery::new(5);
    let strip = |row: u16| Strip {
        row,
        rows: 2,
        bytes: format!("<{row}>").into_bytes(),
    };
    let id = gallery.take(8, 6, (160, 120), vec![strip(0), strip(2), strip(4)]);
    gallery.assign(id, &Subject::stored("/5.png"));
    gallery
}

const PLACE: Rect = Rect {
    x: 4,
    y: 1,
    width: 8,
    height: 6,
};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\x1b', "^")
}

#[test]
fn a_popup_leaves_the_rest_of_a_placed_picture_where_it_is() {
    let (gallery, mut placer) = (gallery(), Placer::default());
    placer.look(&frame(&[(5, PLACE, 0, 0)]));
    assert!(!placer.is_placed());
    assert_eq!(
        text(&placer.place(&gallery, Wrap::None)),
        "^7^[2;5H^_Ga=p,i=5,p=1,x=0,y=0,w=160,h=120,c=8,r=6,C=1,q=2^\\^8"
    );
    assert!(placer.is_placed() && placer.place(&gallery, Wrap::None).is_empty());

    // Over its lower right corner.
    placer.look(&frame(&[(5, PLACE, 0, 0), (0, Rect::new(8, 4, 9, 4), 0, 0)]));
    assert_eq!(
        text(&placer.place(&gallery, Wrap::None)),
        "^7^[2;5H^_Ga=p,i=5,p=2,x=0,y=0,w=160,h=60,c=8,r=3,C=1,q=2^\\^8\
         ^7^[5;5H^_Ga=p,i=5,p=3,x=0,y=60,w=80,h=60,c=4,r=3,C=1,q=2^\\^8\
         ^_Ga=d,d=i,i=5,p=1,q=2^\\"
    );
    placer.look(&frame(&[]));
    let gone = text(&placer.place(&gallery, Wrap::None));
    assert_eq!(gone, "^_Ga=d,d=i,i=5,p=2,q=2^\\^_Ga=d,d=i,i=5,p=3,q=2^\\");
}

#[test]
fn two_pictures_beside_each_other_are_two_patches() {
    let mut placer = Placer::default();
    let left = Rect { width: 3, ..PLACE };
    let right = Rect {
        x: 7,
        width: 5,
        ..PLACE
    };
    placer.look(&frame(&[(5, left, 0, 0), (6, right, 0, 3)]));
    let patches = placer.patches();
    let seen: Vec<_> = patches
        .iter()
        .map(|patch| (patch.id, patch.on_screen, patch.col))
        .collect();
    assert_eq!(seen, [(5, left, 0), (6, right, 3)]);
}

/// Paints until nothing is owed; the rows of the strips.
fn paint(placer: &mut Placer, gallery: &Gallery) -> Vec<u16> {
    let mut rows = Vec::new();
    while let Some(stroke) = placer.stroke(gallery) {
        rows.push(stroke.area.y);
        placer.painted(&stroke);
        assert!(rows.len() < 20, "it never ends: {rows:?}");
    }
    rows
}

#[test]
fn only_the_strips_that_a_popup_touched_are_painted_again() {
    let (gallery, mut placer) = (gallery(), Placer::default());
    let whole = frame(&[(5, PLACE, 0, 0)]);
    placer.look(&whole);
    let first = placer.stroke(&gallery).unwrap();
    assert_eq!(text(&first.bytes(&gallery).unwrap()), "^7^[2;5H<0>");
    assert!(placer.covered(&first).is_empty());
    assert_eq!(paint(&mut placer, &gallery), [1, 3, 5]);

    let popup = Rect::new(10, 5, 6, 2);
    placer.look(&frame(&[(5, PLACE, 0, 0), (0, popup, 0, 0)]));
    assert_eq!(
        paint(&mut placer, &gallery),
        Vec::<u16>::new(),
        "the text has wiped away what it covers"
    );
    placer.look(&whole);
    assert_eq!(paint(&mut placer, &gallery), [5]);
}

#[test]
fn what_a_strip_covers_is_written_again() {
    let (gallery, mut placer) = (gallery(), Placer::default());
    let column = Rect::new(0, 0, 6, 10);
    placer.look(&frame(&[(5, PLACE, 0, 0), (0, column, 0, 0)]));
    let stroke = placer.stroke(&gallery).unwrap();
    assert_eq!(stroke.area, Rect { height: 2, ..PLACE });
    assert_eq!(placer.covered(&stroke), [(4, 1), (5, 1), (4, 2), (5, 2)]);
    assert_eq!(paint(&mut placer, &gallery), [1, 3, 5]);
}

#[test]
fn a_strip_that_was_overtaken_on_its_way_is_not_taken_for_what_was_there_before() {
    let (mut gallery, mut placer) = (gallery(), Placer::default());
    let strip = Strip {
        row: 0,
        rows: 6,
        bytes: b"<other>".to_vec(),
    };
    let other = gallery.take(8, 6, (160, 120), vec![strip]);
    placer.look(&frame(&[(5, PLACE, 0, 0)]));
    paint(&mut placer, &gallery);
    placer.look(&frame(&[(other, PLACE, 0, 0)]));
    let stroke = placer.stroke(&gallery).unwrap();
    placer.begun(&stroke);
    // It may have gone out all the same.
    placer.look(&frame(&[(5, PLACE, 0, 0)]));
    assert_eq!(paint(&mut placer, &gallery), [1, 3, 5]);
}

#[test]
fn a_screen_that_was_wiped_is_painted_anew() {
    let (gallery, mut placer) = (gallery(), Placer::default());
    placer.look(&frame(&[(5, PLACE, 0, 0)]));
    paint(&mut placer, &gallery);
    placer.forget();
    placer.look(&frame(&[(5, PLACE, 0, 0)]));
    assert_eq!(paint(&mut placer, &gallery), [1, 3, 5]);
}
