//! Animals that sit and look at us. They share one build; ears, tail, muzzle and coat make the kind.

mod face;

use super::super::brush::{Brush, both};
use super::super::colour::{Rgb, hex, mix, scale};
use super::super::words::Thing;
use face::{ears, face};

#[derive(Clone, Copy, PartialEq)]
enum Ears {
    Pointed,
    Round,
    Floppy,
    Long,
}

#[derive(Clone, Copy, PartialEq)]
enum Tail {
    Bushy,
    Thin,
    Short,
}

struct Coat {
    fur: Rgb,
    belly: Rgb,
    dark: Rgb,
    ears: Ears,
    tail: Tail,
    /// A pointed face with white cheeks; a round one otherwise.
    pointed: bool,
    mane: bool,
    eyes: Rgb,
}

#[rustfmt::skip] // A table.
fn coat(thing: Thing, colour: Option<Rgb>) -> Coat {
    let plain = Coat {
        fur: colour.unwrap_or(hex(0xd8_6a_26)), belly: hex(0xf7_ee_e0), dark: hex(0x35_22_1e),
        ears: Ears::Pointed, tail: Tail::Bushy, pointed: true, mane: false, eyes: hex(0x1e_14_10),
    };
    let fur = |value: u32| colour.unwrap_or(hex(value));
    match thing {
        Thing::Wolf => Coat { fur: fur(0x78_80_8a), dark: hex(0x3a_40_48), eyes: hex(0xd9_a4_34), ..plain },
        Thing::Cat => Coat {
            fur: fur(0x4a_46_4c), belly: mix(fur(0x4a_46_4c), hex(0xf4_ee_e6), 0.75), tail: Tail::Thin,
            pointed: false, dark: scale(fur(0x4a_46_4c), 0.6), eyes: hex(0x9c_c2_4e), ..plain
        },
        Thing::Dog => Coat {
            fur: fur(0xc0_8a_4e), dark: scale(fur(0xc0_8a_4e), 0.6), ears: Ears::Floppy, tail: Tail::Thin,
            pointed: false, ..plain
        },
        Thing::Bear => Coat {
            fur: fur(0x6a_45_2e), belly: scale(fur(0x6a_45_2e), 1.25), dark: hex(0x35_22_18),
            ears: Ears::Round, tail: Tail::Short, pointed: false, ..plain
        },
        Thing::Panda => Coat {
            fur: fur(0xf1_ef_ea), belly: hex(0xfa_f8_f4), dark: hex(0x20_20_24), ears: Ears::Round,
            tail: Tail::Short, pointed: false, eyes: hex(0x10_10_12), ..plain
        },
        Thing::Rabbit => Coat {
            fur: fur(0xb9_a3_8e), dark: scale(fur(0xb9_a3_8e), 0.72), ears: Ears::Long, tail: Tail::Short,
            pointed: false, ..plain
        },
        Thing::Lion => Coat {
            fur: fur(0xd9_a2_50), belly: hex(0xf2_d9_ac), dark: hex(0x8a_50_22), ears: Ears::Round,
            tail: Tail::Thin, pointed: false, mane: true, ..plain
        },
        _ => plain,
    }
}

pub(super) fn sitting(thing: Thing, brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let coat = coat(thing, colour);
    brush.shadow(0.42);
    tail(&coat, brush);
    body(thing, &coat, brush);
    if coat.mane {
        brush.ellipse([0.0, 0.71], [0.30, 0.27], coat.dark);
        brush.ellipse([0.0, 0.71], [0.25, 0.225], mix(coat.dark, coat.fur, 0.4));
    }
    ears(&coat, brush);
    face(thing, &coat, brush);
}

#[rustfmt::skip] // One outline a line reads better than one point a line.
fn tail(coat: &Coat, brush: &mut Brush<'_>) {
    match coat.tail {
        Tail::Bushy => {
            brush.curve(
                &[
                    [0.10, 0.06], [0.30, 0.0], [0.49, 0.08], [0.57, 0.27], [0.53, 0.47], [0.46, 0.54],
                    [0.41, 0.44], [0.40, 0.30], [0.33, 0.19], [0.18, 0.16],
                ],
                coat.fur,
            );
            brush.curve(
                &[
                    [0.565, 0.30], [0.54, 0.47], [0.46, 0.545], [0.41, 0.45], [0.405, 0.35], [0.45, 0.38],
                    [0.49, 0.33], [0.53, 0.36],
                ],
                coat.belly,
            );
        }
        Tail::Thin => {
            brush.curve(
                &[
                    [0.12, 0.03], [0.30, 0.01], [0.42, 0.08], [0.45, 0.22], [0.39, 0.33], [0.41, 0.40],
                    [0.36, 0.40], [0.34, 0.31], [0.39, 0.21], [0.36, 0.11], [0.28, 0.07], [0.14, 0.10],
                ],
                scale(coat.fur, 0.94),
            );
        }
        Tail::Short => brush.ellipse([0.23, 0.09], [0.07, 0.06], coat.belly),
    }
}

#[rustfmt::skip] // One outline a line reads better than one point a line.
fn body(thing: Thing, coat: &Coat, brush: &mut Brush<'_>) {
    let wide = if matches!(thing, Thing::Bear | Thing::Panda) {
        1.25
    } else {
        1.0
    };
    let half = [
        [0.0, 0.63], [0.10, 0.60], [0.165, 0.46], [0.215, 0.28], [0.245, 0.13], [0.19, 0.015], [0.0, 0.0],
    ];
    brush.curve(&both(&half.map(|point| [point[0] * wide, point[1]])), coat.fur);
    for side in [-1.0, 1.0] {
        brush.ellipse([side * 0.165 * wide, 0.115], [0.095, 0.12], scale(coat.fur, 0.93));
        brush.ellipse([side * 0.165 * wide, 0.022], [0.095, 0.03], scale(coat.fur, 0.82));
    }
    let chest = [[0.0, 0.60], [0.085, 0.56], [0.115, 0.44], [0.075, 0.29], [0.0, 0.21]];
    brush.curve(&both(&chest), coat.belly);
    let legs = if thing == Thing::Panda {
        coat.dark
    } else {
        mix(coat.fur, coat.dark, 0.12)
    };
    for side in [-1.0, 1.0] {
        let x = side * 0.065;
        brush.curve(
            &[
                [x - 0.05, 0.36], [x + 0.05, 0.36], [x + 0.042, 0.16], [x + 0.05, 0.02], [x, 0.0],
                [x - 0.05, 0.02], [x - 0.042, 0.16],
            ],
            legs,
        );
        if coat.pointed {
            brush.curve(
                &[
                    [x - 0.043, 0.17], [x, 0.20], [x + 0.043, 0.17], [x + 0.052, 0.02], [x, -0.005],
                    [x - 0.052, 0.02],
                ],
                coat.dark,
            );
        }
    }
    if thing == Thing::Panda {
        for side in [-1.0, 1.0] {
            brush.curve(
                &[
                    [side * 0.10, 0.58], [side * 0.20, 0.47], [side * 0.21, 0.30], [side * 0.12, 0.28],
                    [side * 0.10, 0.42],
                ],
                coat.dark,
            );
        }
    }
}
