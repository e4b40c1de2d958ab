//! Small things and plain figures.

use super::super::brush::{Brush, ellipse};
use super::super::colour::{Rgb, hex, mix, scale};

pub(super) fn robot(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let metal = colour.unwrap_or(hex(0x8c_a4_b0));
    let joint = hex(0x3e_46_50);
    brush.shadow(0.34);
    for side in [-1.0f32, 1.0] {
        let (a, b) = if side < 0.0 { (-0.17, -0.05) } else { (0.05, 0.17) };
        brush.rect([a, 0.05, b, 0.24], joint);
        brush.curve(
            &[
                [a - 0.03, 0.0],
                [b + 0.03, 0.0],
                [b + 0.02, 0.08],
                [a - 0.02, 0.08],
            ],
            scale(metal, 0.8),
        );
        brush.stroke(
            &[[side * 0.22, 0.50], [side * 0.33, 0.40], [side * 0.33, 0.26]],
            0.055,
            joint,
        );
        brush.ellipse([side * 0.33, 0.235], [0.05, 0.05], metal);
    }
    rounded(brush, [-0.23, 0.2, 0.23, 0.56], 0.06, metal);
    rounded(brush, [-0.13, 0.29, 0.13, 0.46], 0.03, hex(0x2a_32_3c));
    for (index, colour) in [0xe8_5c_44, 0xf0_c0_40, 0x5c_c8_7c].into_iter().enumerate() {
        brush.lamp(
            &ellipse([-0.075 + 0.075 * index as f32, 0.375], [0.024, 0.024]),
            hex(colour),
        );
    }
    brush.rect([-0.05, 0.54, 0.05, 0.62], joint);
    rounded(brush, [-0.25, 0.6, 0.25, 0.9], 0.08, scale(metal, 1.08));
    rounded(brush, [-0.19, 0.66, 0.19, 0.84], 0.06, hex(0x1e_26_30));
    for x in [-0.09, 0.09] {
        brush.lamp(&ellipse([x, 0.755], [0.042, 0.046]), hex(0x7c_ec_f0));
        brush.glow([x, 0.755], 0.09, hex(0x7c_ec_f0), 0.7);
    }
    brush.stroke(&[[0.0, 0.89], [0.0, 0.97]], 0.014, joint);
    brush.lamp(&ellipse([0.0, 0.985], [0.026, 0.026]), hex(0xf0_5c_44));
}

fn rounded(brush: &mut Brush<'_>, sides: [f32; 4], radius: f32, colour: Rgb) {
    let [l, b, r, t] = sides;
    let mut points = Vec::new();
    for (x, y, start) in [
        (r - radius, t - radius, 0.0f32),
        (l + radius, t - radius, 1.0),
        (l + radius, b + radius, 2.0),
        (r - radius, b + radius, 3.0),
    ] {
        for step in 0..=6u8 {
            let angle = (start + f32::from(step) / 6.0) * std::f32::consts::FRAC_PI_2;
            points.push([x + radius * angle.cos(), y + radius * angle.sin()]);
        }
    }
    brush.poly(&points, colour);
}

pub(super) fn cup(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let glaze = colour.unwrap_or(hex(0xe8_e2_d6));
    brush.shadow(0.5);
    brush.ellipse([0.0, 0.045], [0.52, 0.065], scale(glaze, 0.94));
    brush.ellipse([0.0, 0.06], [0.36, 0.04], scale(glaze, 0.82));
    brush.ellipse([0.42, 0.40], [0.15, 0.17], scale(glaze, 0.92));
    brush.ellipse(
        [0.42, 0.40],
        [0.085, 0.105],
        mix(brush.light.stops[2], glaze, 0.3),
    );
    brush.curve(
        &[
            [-0.40, 0.66],
            [-0.38, 0.36],
            [-0.27, 0.13],
            [-0.12, 0.06],
            [0.12, 0.06],
            [0.27, 0.13],
            [0.38, 0.36],
            [0.40, 0.66],
        ],
        glaze,
    );
    brush.ellipse([0.0, 0.655], [0.402, 0.082], mix(glaze, [1.0; 3], 0.35));
    brush.ellipse([0.0, 0.648], [0.355, 0.064], hex(0x4e_2c_1a));
    brush.ellipse([-0.08, 0.655], [0.17, 0.026], hex(0x8a_58_36));
    for (x, lean) in [(-0.12f32, 0.05f32), (0.04, -0.05), (0.17, 0.045)] {
        for step in 0..16u8 {
            let t = f32::from(step) / 16.0;
            let at = [x + lean * (t * 7.0).sin(), 0.72 + t * 0.36];
            let (at, radius) = (at, 0.03 + 0.02 * t);
            let size = brush.size;
            let pixel = [brush.at[0] + at[0] * size, brush.at[1] - at[1] * size];
            brush.items.push(super::super::shape::Item::Glow {
                at: pixel,
                radius: radius * size,
                colour: [0.95; 3],
                strength: 0.10 * (1.0 - t),
            });
        }
    }
}

pub(super) fn apple(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let skin = colour.unwrap_or(hex(0xc6_2f_2c));
    brush.shadow(0.42);
    brush.curve(
        &[
            [0.0, 0.80],
            [0.16, 0.86],
            [0.36, 0.78],
            [0.44, 0.54],
            [0.36, 0.22],
            [0.19, 0.03],
            [0.0, 0.06],
            [-0.19, 0.03],
            [-0.36, 0.22],
            [-0.44, 0.54],
            [-0.36, 0.78],
            [-0.16, 0.86],
        ],
        skin,
    );
    brush.ellipse([0.0, 0.79], [0.13, 0.035], scale(skin, 0.62));
    brush.stroke(&[[0.0, 0.78], [0.015, 0.9], [0.05, 1.0]], 0.028, hex(0x4e_34_22));
    brush.curve(
        &[[0.03, 0.90], [0.14, 0.99], [0.30, 0.98], [0.22, 0.89]],
        hex(0x5c_96_3e),
    );
    let side = if brush.flip {
        -brush.light.side
    } else {
        brush.light.side
    };
    let shine = mix(skin, [1.0; 3], 0.55);
    brush.curve(
        &[
            [side * 0.22, 0.72],
            [side * 0.31, 0.60],
            [side * 0.32, 0.46],
            [side * 0.25, 0.54],
        ],
        shine,
    );
}

pub(super) fn lantern(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let paper = colour.unwrap_or(hex(0xd8_3c_2c));
    brush.shadow(0.14);
    let post = hex(0x2e_2a_2c);
    brush.stroke(&[[-0.2, 0.0], [-0.2, 0.98]], 0.035, post);
    brush.stroke(&[[-0.23, 0.95], [0.14, 0.95]], 0.03, post);
    brush.stroke(&[[0.08, 0.95], [0.08, 0.86]], 0.012, post);
    brush.glow([0.08, 0.68], 0.42, hex(0xff_b0_60), 0.9);
    brush.lamp(
        &ellipse([0.08, 0.68], [0.16, 0.19]),
        mix(paper, hex(0xff_c8_70), 0.35),
    );
    for x in [-0.09, -0.03, 0.03, 0.09] {
        brush.stroke(
            &[
                [0.08 + x * 0.6, 0.86],
                [0.08 + x * 1.4, 0.68],
                [0.08 + x * 0.6, 0.50],
            ],
            0.007,
            scale(paper, 0.8),
        );
    }
    brush.rect([0.02, 0.855, 0.14, 0.885], post);
    brush.rect([0.02, 0.475, 0.14, 0.505], post);
}

pub(super) fn square(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let colour = colour.unwrap_or(hex(0x2f_66_c4));
    brush.shadow(0.6);
    brush.rect([-0.5, 0.0, 0.5, 1.0], colour);
}

pub(super) fn circle(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let colour = colour.unwrap_or(hex(0xd2_36_2b));
    brush.shadow(0.45);
    brush.ellipse([0.0, 0.5], [0.5, 0.5], colour);
}

pub(super) fn triangle(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let colour = colour.unwrap_or(hex(0xf2_c9_3b));
    brush.shadow(0.6);
    brush.poly(&[[-0.58, 0.0], [0.58, 0.0], [0.0, 1.0]], colour);
}

pub(super) fn star(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let colour = colour.unwrap_or(hex(0xf2_c0_3b));
    let points: Vec<[f32; 2]> = (0..10u8)
        .map(|step| {
            let angle = std::f32::consts::FRAC_PI_2 + f32::from(step) / 10.0 * std::f32::consts::TAU;
            let radius = if step % 2 == 0 { 0.55 } else { 0.23 };
            [radius * angle.cos(), 0.46 + radius * angle.sin()]
        })
        .collect();
    brush.shadow(0.42);
    brush.poly(&points, colour);
}

pub(super) fn heart(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let colour = colour.unwrap_or(hex(0xd2_2f_45));
    let points: Vec<[f32; 2]> = (0..60u8)
        .map(|step| {
            let t = f32::from(step) / 60.0 * std::f32::consts::TAU;
            let x = 16.0 * t.sin().powi(3);
            let y = 13.0 * t.cos() - 5.0 * (2.0 * t).cos() - 2.0 * (3.0 * t).cos() - (4.0 * t).cos();
            [x / 31.0, (y + 17.0) / 29.5]
        })
        .collect();
    brush.shadow(0.34);
    brush.poly(&points, colour);
}
