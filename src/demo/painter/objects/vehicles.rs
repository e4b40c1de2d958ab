//! What carries people over water, land and sky.

use super::super::brush::{Brush, ellipse, smooth};
use super::super::colour::{Rgb, hex, scale};

pub(super) fn sailboat(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let sail = colour.unwrap_or(hex(0xf6_ee_de));
    brush.stroke(&[[0.0, 0.1], [0.0, 1.0]], 0.014, hex(0x4a_38_2c));
    brush.poly(
        &smooth(&[
            [0.02, 0.97],
            [0.20, 0.60],
            [0.38, 0.20],
            [0.2, 0.18],
            [0.02, 0.19],
        ]),
        sail,
    );
    brush.poly(
        &smooth(&[
            [-0.02, 0.90],
            [-0.14, 0.52],
            [-0.30, 0.20],
            [-0.15, 0.185],
            [-0.02, 0.20],
        ]),
        scale(sail, 0.9),
    );
    brush.stroke(&[[0.0, 0.17], [0.38, 0.175]], 0.014, hex(0x4a_38_2c));
    brush.curve(
        &[
            [-0.42, 0.13],
            [-0.1, 0.11],
            [0.44, 0.13],
            [0.36, 0.02],
            [0.2, -0.03],
            [-0.24, -0.03],
            [-0.36, 0.03],
        ],
        hex(0x7e_3e_30),
    );
    brush.stroke(&[[-0.41, 0.125], [0.43, 0.125]], 0.016, hex(0xec_e0_cc));
}

pub(super) fn ship(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let hull = colour.unwrap_or(hex(0x2c_3a_52));
    brush.rect([-0.7, 0.30, 0.72, 0.48], hex(0xf2_ee_e6));
    brush.rect([-0.5, 0.47, 0.5, 0.62], hex(0xea_e6_de));
    brush.poly(
        &[[0.0, 0.6], [0.2, 0.6], [0.16, 1.0], [-0.02, 1.0]],
        hex(0xc2_40_34),
    );
    brush.rect([-0.02, 0.92, 0.165, 1.0], hex(0x24_24_2a));
    brush.poly(&[[-1.25, 0.34], [1.12, 0.34], [0.98, -0.05], [-1.0, -0.05]], hull);
    for step in 0..12u8 {
        let x = -0.62 + 0.11 * f32::from(step);
        brush.lamp(
            &[[x, 0.37], [x + 0.05, 0.37], [x + 0.05, 0.43], [x, 0.43]],
            hex(0xff_d4_7e),
        );
        brush.lamp(&ellipse([x, 0.18], [0.022, 0.026]), hex(0xff_d4_7e));
    }
    brush.glow([0.0, 0.4], 0.5, hex(0xff_d4_7e), 0.35);
}

pub(super) fn balloon(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let cloth = colour.unwrap_or(hex(0xd2_48_38));
    let half = |y: f32| {
        let t = (y - 0.22) / 0.78;
        0.36 * (t * std::f32::consts::PI * 0.93 + 0.16).sin().max(0.0).powf(0.72)
    };
    let gore = |brush: &mut Brush<'_>, from: f32, to: f32, colour: Rgb| {
        let mut points = Vec::new();
        for step in 0..=20u8 {
            let y = 0.22 + 0.78 * f32::from(step) / 20.0;
            points.push([half(y) * from, y]);
        }
        for step in (0..=20u8).rev() {
            let y = 0.22 + 0.78 * f32::from(step) / 20.0;
            points.push([half(y) * to, y]);
        }
        brush.poly(&points, colour);
    };
    let edges = [-1.0, -0.74, -0.3, 0.3, 0.74, 1.0];
    for (index, pair) in edges.windows(2).enumerate() {
        let colour = if index % 2 == 0 { cloth } else { hex(0xf2_e2_c4) };
        gore(brush, pair[0], pair[1], colour);
    }
    for x in [-0.055, 0.055] {
        brush.stroke(&[[x * 1.6, 0.235], [x, 0.10]], 0.007, hex(0x3a_2c_24));
    }
    brush.glow([0.0, 0.2], 0.1, hex(0xff_b0_50), 0.6);
    brush.poly(
        &[[-0.06, 0.10], [0.06, 0.10], [0.05, 0.0], [-0.05, 0.0]],
        hex(0x7e_54_34),
    );
    brush.stroke(&[[-0.064, 0.098], [0.064, 0.098]], 0.014, hex(0x5a_3a_24));
}

pub(super) fn rocket(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let trim = colour.unwrap_or(hex(0xc8_3a_33));
    brush.glow([0.0, 0.02], 0.3, hex(0xff_a0_40), 1.0);
    brush.push(
        &smooth(&[
            [-0.075, 0.15],
            [0.075, 0.15],
            [0.06, 0.03],
            [0.0, -0.2],
            [-0.06, 0.03],
        ]),
        super::super::shape::Fill::Flat(hex(0xff_b8_4c)),
    );
    brush.push(
        &smooth(&[[-0.035, 0.15], [0.035, 0.15], [0.0, -0.06]]),
        super::super::shape::Fill::Flat(hex(0xff_f2_c8)),
    );
    for side in [-1.0f32, 1.0] {
        brush.poly(
            &[
                [side * 0.09, 0.36],
                [side * 0.21, 0.16],
                [side * 0.20, 0.06],
                [side * 0.08, 0.16],
            ],
            trim,
        );
    }
    brush.curve(
        &[
            [-0.09, 0.14],
            [0.09, 0.14],
            [0.125, 0.4],
            [0.115, 0.66],
            [0.06, 0.9],
            [0.0, 1.0],
            [-0.06, 0.9],
            [-0.115, 0.66],
            [-0.125, 0.4],
        ],
        hex(0xee_ee_ec),
    );
    brush.curve(
        &[
            [-0.085, 0.80],
            [0.085, 0.80],
            [0.05, 0.92],
            [0.0, 1.0],
            [-0.05, 0.92],
        ],
        trim,
    );
    brush.ellipse([0.0, 0.62], [0.056, 0.056], hex(0x4a_52_60));
    brush.lamp(&ellipse([0.0, 0.62], [0.04, 0.04]), hex(0xbf_e6_ff));
    brush.rect([-0.09, 0.14, 0.09, 0.175], hex(0x4a_4e_58));
}

pub(super) fn car(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let paint = colour.unwrap_or(hex(0xd8_a0_2c));
    brush.shadow(1.3);
    brush.curve(
        &[
            [-0.62, 0.52],
            [-0.40, 0.86],
            [0.0, 0.94],
            [0.42, 0.88],
            [0.72, 0.54],
            [0.3, 0.5],
            [-0.3, 0.5],
        ],
        scale(paint, 0.95),
    );
    brush.lamp(
        &smooth(&[[-0.50, 0.56], [-0.34, 0.80], [-0.02, 0.85], [-0.02, 0.56]]),
        hex(0xbc_d8_e4),
    );
    brush.lamp(
        &smooth(&[[0.06, 0.56], [0.06, 0.85], [0.36, 0.80], [0.56, 0.56]]),
        hex(0xbc_d8_e4),
    );
    brush.curve(
        &[
            [-1.15, 0.22],
            [-1.12, 0.46],
            [-0.7, 0.56],
            [0.0, 0.58],
            [0.8, 0.56],
            [1.12, 0.48],
            [1.18, 0.24],
            [1.0, 0.14],
            [-1.0, 0.14],
        ],
        paint,
    );
    brush.stroke(&[[-1.1, 0.34], [1.12, 0.34]], 0.02, scale(paint, 0.72));
    for x in [-0.66, 0.68] {
        brush.ellipse([x, 0.17], [0.215, 0.215], hex(0x20_20_24));
        brush.ellipse([x, 0.17], [0.11, 0.11], hex(0xb4_b8_be));
    }
    brush.lamp(&ellipse([-1.08, 0.40], [0.055, 0.065]), hex(0xff_f0_c0));
    brush.glow([-1.12, 0.40], 0.35, hex(0xff_ec_b0), 0.8);
    brush.lamp(&ellipse([1.12, 0.42], [0.04, 0.06]), hex(0xf0_40_34));
}
