//! Heads: ears, eyes, cheeks, noses, whiskers.

use super::super::super::brush::{Brush, both, ellipse};
use super::super::super::colour::hex;
use super::super::super::words::Thing;
use super::{Coat, Ears};

#[rustfmt::skip] // One outline a line reads better than one point a line.
pub(super) fn ears(coat: &Coat, brush: &mut Brush<'_>) {
    for side in [-1.0, 1.0] {
        let at = |x: f32, y: f32| [side * x, y];
        match coat.ears {
            Ears::Pointed => {
                brush.curve(
                    &[at(0.05, 0.82), at(0.115, 0.92), at(0.185, 1.0), at(0.215, 0.90), at(0.21, 0.77)],
                    coat.fur,
                );
                brush.curve(
                    &[at(0.095, 0.84), at(0.14, 0.91), at(0.18, 0.955), at(0.19, 0.88), at(0.18, 0.80)],
                    coat.dark,
                );
            }
            Ears::Round => {
                let fill = if coat.belly[0] > 0.95 && coat.dark[0] < 0.2 {
                    coat.dark
                } else {
                    coat.fur
                };
                brush.ellipse(at(0.155, 0.885), [0.075, 0.075], fill);
                brush.ellipse(at(0.155, 0.88), [0.042, 0.042], coat.dark);
            }
            Ears::Floppy => {
                brush.curve(
                    &[
                        at(0.10, 0.87), at(0.19, 0.86), at(0.25, 0.72), at(0.235, 0.58), at(0.18, 0.60),
                        at(0.17, 0.74),
                    ],
                    coat.dark,
                );
            }
            Ears::Long => {
                brush.curve(
                    &[at(0.03, 0.82), at(0.03, 1.02), at(0.075, 1.16), at(0.125, 1.06), at(0.125, 0.84)],
                    coat.fur,
                );
                brush.curve(
                    &[at(0.055, 0.86), at(0.055, 1.01), at(0.08, 1.10), at(0.10, 1.02), at(0.10, 0.86)],
                    hex(0xe2_b3_a8),
                );
            }
        }
    }
}

#[rustfmt::skip] // One outline a line reads better than one point a line.
pub(super) fn face(thing: Thing, coat: &Coat, brush: &mut Brush<'_>) {
    let head: &[[f32; 2]] = if coat.pointed {
        &[
            [0.0, 0.865], [0.11, 0.85], [0.18, 0.77], [0.255, 0.665], [0.14, 0.612], [0.055, 0.545],
            [0.0, 0.53],
        ]
    } else {
        &[
            [0.0, 0.88], [0.12, 0.865], [0.205, 0.78], [0.22, 0.68], [0.155, 0.595], [0.06, 0.56],
            [0.0, 0.555],
        ]
    };
    brush.curve(&both(head), coat.fur);
    for side in [-1.0, 1.0] {
        let at = |x: f32, y: f32| [side * x, y];
        if coat.pointed {
            brush.curve(
                &[
                    at(0.012, 0.60), at(0.075, 0.655), at(0.15, 0.685), at(0.25, 0.664), at(0.14, 0.612),
                    at(0.055, 0.545), at(0.012, 0.533),
                ],
                coat.belly,
            );
        } else {
            brush.ellipse(at(0.05, 0.625), [0.066, 0.052], coat.belly);
        }
        if thing == Thing::Panda {
            brush.ellipse(at(0.095, 0.72), [0.058, 0.07], coat.dark);
        }
        eye(thing, coat, brush, side);
        if thing == Thing::Cat || thing == Thing::Rabbit {
            for drop in [-0.03, 0.005, 0.035] {
                brush.stroke(
                    &[at(0.06, 0.63 + drop * 0.4), at(0.29, 0.635 + drop)],
                    0.005,
                    hex(0xe8_e2_da),
                );
            }
        }
    }
    let nose_y = if coat.pointed { 0.553 } else { 0.645 };
    brush.curve(
        &both(&[
            [0.0, nose_y + 0.022], [0.034, nose_y + 0.014], [0.018, nose_y - 0.014], [0.0, nose_y - 0.022],
        ]),
        coat.dark.map(|c| c * 0.6),
    );
    if !coat.pointed {
        brush.stroke(
            &[[0.0, nose_y - 0.01], [0.0, nose_y - 0.045]],
            0.008,
            coat.dark.map(|c| c * 0.7),
        );
    }
}

fn eye(thing: Thing, coat: &Coat, brush: &mut Brush<'_>, side: f32) {
    let y = if coat.pointed { 0.715 } else { 0.73 };
    let at = |x: f32, y: f32| [side * x, y];
    let pale = thing == Thing::Cat || thing == Thing::Wolf;
    let radii = if pale { [0.032, 0.036] } else { [0.024, 0.029] };
    brush.ellipse(at(0.095, y), radii, coat.eyes);
    if pale {
        brush.flat(&ellipse(at(0.095, y), [0.011, 0.029]), hex(0x10_0c_0c));
    }
    brush.lamp(
        &ellipse([side * 0.095 - 0.009, y + 0.011], [0.008, 0.009]),
        [0.96; 3],
    );
}
