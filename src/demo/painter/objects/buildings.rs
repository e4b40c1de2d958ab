//! Houses and other things with walls.

use super::super::brush::Brush;
use super::super::colour::{Rgb, hex, scale};

/// The colour of lit windows.
pub(super) const LAMP: u32 = 0xff_d4_7e;

pub(super) fn house(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let wall = colour.unwrap_or(hex(0xe6_dc_c8));
    let roof = hex(0x8c_3f_34);
    brush.shadow(0.62);
    brush.rect([0.18, 0.66, 0.30, 1.0], hex(0x7a_4a_40));
    brush.rect([-0.5, 0.0, 0.5, 0.52], wall);
    brush.poly(&[[-0.58, 0.5], [0.58, 0.5], [0.36, 0.9], [-0.36, 0.9]], roof);
    for line in 1..6u8 {
        let t = f32::from(line) / 6.0;
        let half = 0.58 - 0.22 * t;
        brush.stroke(
            &[[-half, 0.5 + 0.4 * t], [half, 0.5 + 0.4 * t]],
            0.007,
            scale(roof, 0.78),
        );
    }
    brush.rect([-0.08, 0.0, 0.10, 0.34], hex(0x4e_34_28));
    brush.ellipse([0.07, 0.16], [0.012, 0.012], hex(0xd9_b4_5c));
    for x in [-0.38, 0.22] {
        brush.rect([x - 0.015, 0.17, x + 0.195, 0.40], hex(0xf2_ec_e0));
        brush.lamp(
            &[[x, 0.19], [x + 0.18, 0.19], [x + 0.18, 0.385], [x, 0.385]],
            hex(LAMP),
        );
        brush.stroke(&[[x + 0.09, 0.19], [x + 0.09, 0.385]], 0.012, hex(0xf2_ec_e0));
        brush.stroke(&[[x, 0.29], [x + 0.18, 0.29]], 0.012, hex(0xf2_ec_e0));
        brush.glow([x + 0.09, 0.28], 0.2, hex(LAMP), 0.45);
    }
}

pub(super) fn lighthouse(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let stripe = colour.unwrap_or(hex(0xc2_38_30));
    let white = hex(0xf0_ec_e4);
    let lamp = [0.0, 0.865];
    beam(brush, lamp);
    brush.shadow(0.24);
    brush.rect([-0.30, 0.0, -0.06, 0.13], white);
    brush.poly(
        &[[-0.33, 0.12], [-0.03, 0.12], [-0.09, 0.21], [-0.27, 0.21]],
        hex(0x7d_3a_33),
    );
    let half = |y: f32| 0.125 - 0.055 * (y / 0.78);
    for band in 0..6u8 {
        let (low, high) = (f32::from(band) * 0.13, f32::from(band + 1) * 0.13);
        let colour = if band % 2 == 0 { white } else { stripe };
        brush.poly(
            &[
                [-half(low), low],
                [half(low), low],
                [half(high), high],
                [-half(high), high],
            ],
            colour,
        );
    }
    for y in [0.2, 0.46] {
        brush.lamp(
            &[[-0.016, y], [0.016, y], [0.016, y + 0.045], [-0.016, y + 0.045]],
            hex(LAMP),
        );
    }
    brush.rect([-0.105, 0.775, 0.105, 0.797], hex(0x33_36_3e));
    for x in [-0.095, -0.048, 0.048, 0.095] {
        brush.stroke(&[[x, 0.79], [x, 0.835]], 0.008, hex(0x33_36_3e));
    }
    brush.stroke(&[[-0.1, 0.835], [0.1, 0.835]], 0.008, hex(0x33_36_3e));
    brush.lamp(
        &[[-0.055, 0.797], [0.055, 0.797], [0.055, 0.92], [-0.055, 0.92]],
        hex(0xff_ee_b4),
    );
    brush.stroke(&[[-0.02, 0.797], [-0.02, 0.92]], 0.008, hex(0x33_36_3e));
    brush.stroke(&[[0.02, 0.797], [0.02, 0.92]], 0.008, hex(0x33_36_3e));
    brush.poly(
        &[
            [-0.075, 0.915],
            [0.075, 0.915],
            [0.02, 0.975],
            [0.0, 1.0],
            [-0.02, 0.975],
        ],
        stripe,
    );
    brush.glow(lamp, 0.16, hex(0xff_e9_a6), 1.0);
}

/// The beam of a lighthouse: lights along a line that grow and fade.
fn beam(brush: &mut Brush<'_>, lamp: [f32; 2]) {
    if !brush.light.dark {
        return;
    }
    for side in [-1.0f32, 1.0] {
        for step in 0..46u8 {
            let t = f32::from(step) / 46.0;
            let reach = t * t * 1.9 + t * 0.5;
            let at = [lamp[0] + side * reach, lamp[1] + side * 0.10 * reach];
            brush.glow(at, 0.022 + 0.062 * t, hex(0xff_ec_b6), 0.17 * (1.0 - t));
        }
    }
}

pub(super) fn castle(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let stone = colour.unwrap_or(hex(0xa8_9f_96));
    let roof = hex(0x3c_4c_74);
    brush.shadow(0.75);
    turret(brush, 0.32, 0.10, 0.78, scale(stone, 0.86), roof);
    turret(brush, -0.12, 0.11, 0.86, scale(stone, 0.9), roof);
    wall(brush, [-0.5, 0.0, 0.5, 0.40], stone);
    turret(brush, -0.52, 0.13, 0.56, stone, roof);
    turret(brush, 0.52, 0.13, 0.62, stone, roof);
    wall(brush, [-0.17, 0.0, 0.17, 0.48], scale(stone, 1.05));
    brush.curve(
        &[
            [-0.08, -0.01],
            [-0.08, 0.15],
            [0.0, 0.25],
            [0.08, 0.15],
            [0.08, -0.01],
        ],
        hex(0x3a_28_20),
    );
    for (x, y) in [(-0.34f32, 0.24f32), (0.34, 0.24), (0.0, 0.36)] {
        brush.lamp(
            &[
                [x - 0.018, y],
                [x + 0.018, y],
                [x + 0.018, y + 0.07],
                [x, y + 0.09],
                [x - 0.018, y + 0.07],
            ],
            hex(LAMP),
        );
        brush.glow([x, y + 0.04], 0.09, hex(LAMP), 0.4);
    }
}

fn wall(brush: &mut Brush<'_>, sides: [f32; 4], stone: Rgb) {
    let [left, bottom, right, top] = sides;
    brush.rect(sides, stone);
    let teeth = ((right - left) / 0.075).round().max(3.0) as u8;
    let pitch = (right - left) / f32::from(teeth);
    for tooth in (0..teeth).step_by(2) {
        let x = left + f32::from(tooth) * pitch;
        brush.rect([x, top - 0.005, x + pitch, top + 0.045], stone);
    }
    for course in 1..5u8 {
        let y = bottom + (top - bottom) * f32::from(course) / 5.0;
        brush.stroke(&[[left, y], [right, y]], 0.005, scale(stone, 0.86));
    }
}

fn turret(brush: &mut Brush<'_>, x: f32, half: f32, top: f32, stone: Rgb, roof: Rgb) {
    wall(brush, [x - half, 0.0, x + half, top - 0.18], stone);
    brush.poly(
        &[
            [x - half * 1.25, top - 0.16],
            [x + half * 1.25, top - 0.16],
            [x, top + 0.13],
        ],
        roof,
    );
    brush.stroke(&[[x, top + 0.12], [x, top + 0.18]], 0.008, hex(0x3a_34_34));
    brush.poly(
        &[[x, top + 0.18], [x + 0.075, top + 0.158], [x, top + 0.136]],
        hex(0xc2_3c_34),
    );
    brush.lamp(
        &[
            [x - 0.016, top - 0.30],
            [x + 0.016, top - 0.30],
            [x + 0.016, top - 0.23],
            [x - 0.016, top - 0.23],
        ],
        hex(LAMP),
    );
}

pub(super) fn church(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let wall = colour.unwrap_or(hex(0xf0_ec_e2));
    let roof = hex(0x56_5e_6c);
    brush.shadow(0.5);
    brush.rect([-0.08, 0.0, 0.48, 0.34], scale(wall, 0.95));
    brush.poly(&[[-0.1, 0.33], [0.53, 0.33], [0.44, 0.52], [-0.1, 0.52]], roof);
    brush.rect([-0.25, 0.0, -0.02, 0.60], wall);
    brush.poly(&[[-0.28, 0.59], [0.01, 0.59], [-0.135, 0.93]], roof);
    brush.stroke(&[[-0.135, 0.92], [-0.135, 1.0]], 0.012, hex(0x3a_36_34));
    brush.stroke(&[[-0.165, 0.972], [-0.105, 0.972]], 0.012, hex(0x3a_36_34));
    brush.curve(
        &[
            [-0.18, 0.0],
            [-0.18, 0.13],
            [-0.135, 0.2],
            [-0.09, 0.13],
            [-0.09, 0.0],
        ],
        hex(0x4a_30_26),
    );
    brush.ellipse([-0.135, 0.48], [0.042, 0.042], hex(0x3c_40_48));
    for x in [0.06, 0.20, 0.34] {
        brush.lamp(
            &[
                [x, 0.1],
                [x + 0.06, 0.1],
                [x + 0.06, 0.21],
                [x + 0.03, 0.255],
                [x, 0.21],
            ],
            hex(LAMP),
        );
        brush.glow([x + 0.03, 0.17], 0.09, hex(LAMP), 0.35);
    }
}
