//! Animals that do not sit, and people.

use super::super::brush::{Brush, both, ellipse};
use super::super::colour::{Rgb, hex, mix, scale};
use super::super::noise::Dice;

#[rustfmt::skip] // One outline a line reads better than one point a line.
pub(super) fn owl(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let fur = colour.unwrap_or(hex(0x7a_5a_3e));
    brush.shadow(0.34);
    brush.curve(
        &both(&[
            [0.0, 0.94], [0.16, 0.95], [0.29, 1.0], [0.27, 0.80], [0.30, 0.48], [0.22, 0.12], [0.0, 0.02],
        ]),
        fur,
    );
    brush.curve(
        &both(&[[0.0, 0.60], [0.14, 0.55], [0.17, 0.34], [0.10, 0.12], [0.0, 0.08]]),
        mix(fur, hex(0xf0_e2_c8), 0.65),
    );
    for row in 0..4u8 {
        for column in -1..=1i8 {
            let (x, y) = (
                f32::from(column) * 0.085 + f32::from(row % 2) * 0.042 - 0.02,
                0.48 - f32::from(row) * 0.10,
            );
            brush.ellipse([x, y], [0.024, 0.018], scale(fur, 0.8));
        }
    }
    for side in [-1.0, 1.0] {
        let at = |x: f32, y: f32| [side * x, y];
        brush.curve(
            &[at(0.25, 0.66), at(0.325, 0.45), at(0.28, 0.20), at(0.19, 0.10), at(0.19, 0.40)],
            scale(fur, 0.72),
        );
        brush.ellipse(at(0.115, 0.74), [0.118, 0.122], mix(fur, hex(0xf4_e8_d0), 0.75));
        brush.ellipse(at(0.11, 0.74), [0.074, 0.076], hex(0xe9_a9_2c));
        brush.ellipse(at(0.105, 0.74), [0.042, 0.044], hex(0x12_0e_0c));
        brush.lamp(&ellipse([side * 0.105 - 0.016, 0.758], [0.013, 0.014]), [0.97; 3]);
        brush.ellipse(at(0.09, 0.03), [0.06, 0.03], hex(0xd9_9a_3c));
    }
    brush.curve(&both(&[[0.0, 0.70], [0.034, 0.66], [0.0, 0.58]]), hex(0xdf_a4_3c));
}

pub(super) fn bird(brush: &mut Brush<'_>, colour: Option<Rgb>, dice: &mut Dice) {
    let ink = colour.unwrap_or(if brush.light.dark {
        hex(0x20_20_2c)
    } else {
        hex(0x2c_30_3a)
    });
    let beat = dice.range(-0.25, 0.45);
    for side in [-1.0f32, 1.0] {
        let at = |x: f32, y: f32| [side * x, y];
        brush.curve(
            &[
                at(0.0, 0.52),
                at(0.42, 0.78 + beat),
                at(1.05, 0.62 + beat * 0.4),
                at(0.45, 0.66 + beat),
                at(0.0, 0.36),
            ],
            ink,
        );
    }
    brush.ellipse([0.0, 0.44], [0.13, 0.12], ink);
}

#[rustfmt::skip] // One outline a line reads better than one point a line.
pub(super) fn fish(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let scales = colour.unwrap_or(hex(0xe2_7a_34));
    brush.curve(
        &[
            [-0.95, 0.55], [-0.55, 0.86], [0.0, 0.98], [0.5, 0.80], [0.72, 0.62], [1.1, 0.92], [1.04, 0.55],
            [1.1, 0.2], [0.72, 0.46], [0.5, 0.32], [0.0, 0.14], [-0.55, 0.28],
        ],
        scales,
    );
    brush.curve(
        &[[-0.9, 0.48], [-0.5, 0.30], [0.0, 0.16], [0.5, 0.33], [0.0, 0.36], [-0.5, 0.44]],
        mix(scales, [1.0; 3], 0.55),
    );
    brush.curve(&[[-0.2, 0.92], [0.05, 1.2], [0.4, 1.12], [0.38, 0.84]], scale(scales, 0.8));
    brush.curve(&[[-0.1, 0.42], [0.15, 0.46], [0.3, 0.3], [0.1, 0.26]], scale(scales, 0.85));
    brush.ellipse([-0.62, 0.62], [0.075, 0.08], hex(0xf8_f4_e8));
    brush.ellipse([-0.63, 0.62], [0.042, 0.046], hex(0x14_12_12));
}

#[rustfmt::skip] // One outline a line reads better than one point a line.
pub(super) fn whale(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let skin = colour.unwrap_or(hex(0x3d_55_70));
    let spray = hex(0xe6_f2_f6);
    for (x, lean) in [(-0.72, -0.16), (-0.72, 0.0), (-0.72, 0.16)] {
        brush.curve(
            &[
                [x - 0.02, 0.52], [x + lean * 0.8 - 0.02, 0.8], [x + lean * 1.6, 1.02],
                [x + lean * 1.1 + 0.04, 0.78], [x + 0.03, 0.52],
            ],
            spray,
        );
    }
    brush.curve(
        &[
            [-1.45, 0.0], [-1.42, 0.25], [-1.1, 0.46], [-0.6, 0.52], [0.0, 0.42], [0.55, 0.2], [0.9, 0.0],
            [0.6, -0.06], [-0.9, -0.06],
        ],
        skin,
    );
    brush.curve(
        &[[-1.42, 0.02], [-1.36, 0.12], [-0.9, 0.13], [-0.4, 0.04], [-0.4, -0.05], [-1.2, -0.05]],
        mix(skin, [0.95; 3], 0.6),
    );
    brush.curve(
        &[
            [1.02, -0.02], [1.16, 0.34], [0.92, 0.62], [1.22, 0.54], [1.34, 0.42], [1.5, 0.60], [1.76, 0.62],
            [1.44, 0.36], [1.26, -0.02],
        ],
        skin,
    );
    brush.ellipse([-1.06, 0.2], [0.035, 0.04], hex(0x12_14_18));
}

#[rustfmt::skip] // One outline a line reads better than one point a line.
pub(super) fn person(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let dress = colour.unwrap_or(hex(0xb2_3a_34));
    brush.shadow(0.2);
    for x in [-0.055, 0.055] {
        brush.curve(
            &[
                [x - 0.045, 0.42], [x + 0.045, 0.42], [x + 0.035, 0.05], [x + 0.055, 0.0], [x - 0.045, 0.0],
                [x - 0.035, 0.05],
            ],
            hex(0x2e_34_44),
        );
    }
    for side in [-1.0, 1.0] {
        let at = |x: f32, y: f32| [side * x, y];
        brush.curve(
            &[
                at(0.10, 0.78), at(0.165, 0.72), at(0.195, 0.52), at(0.18, 0.40), at(0.145, 0.42),
                at(0.14, 0.56), at(0.09, 0.68),
            ],
            scale(dress, 0.88),
        );
    }
    brush.curve(
        &both(&[[0.0, 0.81], [0.09, 0.79], [0.145, 0.70], [0.13, 0.54], [0.165, 0.33], [0.0, 0.31]]),
        dress,
    );
    brush.rect([-0.03, 0.78, 0.03, 0.85], hex(0xd9_a8_88));
    brush.ellipse([0.0, 0.905], [0.072, 0.088], hex(0xe6_b8_98));
    brush.curve(
        &both(&[[0.0, 1.01], [0.07, 0.985], [0.088, 0.90], [0.07, 0.86], [0.055, 0.935], [0.0, 0.955]]),
        hex(0x3c_28_20),
    );
}
