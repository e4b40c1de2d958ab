//! Towers, mills, bridges, tents.

use super::super::brush::Brush;
use super::super::colour::{Rgb, hex, mix, scale};
use super::buildings::LAMP;

pub(super) fn tower(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let iron = colour.unwrap_or(hex(0x6e_5a_4e));
    brush.shadow(0.3);
    let half = |y: f32| 0.012 + 0.21 * (1.0 - y).powf(2.6);
    for side in [-1.0f32, 1.0] {
        let mut points = Vec::new();
        for step in 0..=16u8 {
            let y = f32::from(step) / 16.0 * 0.96;
            points.push([side * half(y), y]);
        }
        for step in (0..=16u8).rev() {
            let y = f32::from(step) / 16.0 * 0.96;
            points.push([side * half(y) * 0.62, y]);
        }
        brush.poly(&points, iron);
    }
    for step in 1..15u8 {
        let (low, high) = (f32::from(step) / 16.0, f32::from(step + 1) / 16.0);
        let (a, b) = (half(low), half(high));
        brush.stroke(&[[-a, low], [b, high]], 0.008, scale(iron, 0.85));
        brush.stroke(&[[a, low], [-b, high]], 0.008, scale(iron, 0.85));
    }
    for y in [0.24, 0.5, 0.86] {
        brush.rect([-half(y) - 0.02, y, half(y) + 0.02, y + 0.025], scale(iron, 1.1));
    }
    brush.stroke(&[[0.0, 0.94], [0.0, 1.06]], 0.012, iron);
    brush.glow([0.0, 1.05], 0.06, hex(0xff_d0_80), 0.8);
}

pub(super) fn windmill(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let wall = colour.unwrap_or(hex(0xec_e4_d4));
    brush.shadow(0.3);
    brush.poly(&[[-0.2, 0.0], [0.2, 0.0], [0.12, 0.58], [-0.12, 0.58]], wall);
    brush.curve(
        &[
            [-0.14, 0.57],
            [0.14, 0.57],
            [0.10, 0.68],
            [0.0, 0.74],
            [-0.10, 0.68],
        ],
        hex(0x6a_40_34),
    );
    brush.rect([-0.05, 0.0, 0.05, 0.17], hex(0x4a_32_28));
    brush.lamp(
        &[[-0.03, 0.32], [0.03, 0.32], [0.03, 0.40], [-0.03, 0.40]],
        hex(LAMP),
    );
    for blade in 0..4u8 {
        let angle = 0.42 + f32::from(blade) * std::f32::consts::FRAC_PI_2;
        let (c, s) = (angle.cos(), angle.sin());
        let at = |along: f32, across: f32| [c * along - s * across, 0.64 + s * along + c * across];
        brush.stroke(&[at(0.0, 0.0), at(0.40, 0.0)], 0.014, hex(0x4a_36_2c));
        brush.flat(
            &[at(0.08, 0.0), at(0.40, 0.0), at(0.40, 0.075), at(0.08, 0.06)],
            hex(0xf0_ea_dc),
        );
        for step in 1..6u8 {
            let along = 0.08 + 0.32 * f32::from(step) / 6.0;
            brush.stroke(&[at(along, 0.0), at(along, 0.068)], 0.005, hex(0x7a_64_54));
        }
    }
    brush.ellipse([0.0, 0.64], [0.022, 0.022], hex(0x3a_2a_24));
}

pub(super) fn bridge(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let stone = colour.unwrap_or(hex(0x9a_8c_80));
    let deck = |x: f32| 0.52 - 0.16 * x * x;
    let mut points = Vec::new();
    for step in 0..=40u8 {
        let x = -1.5 + 3.0 * f32::from(step) / 40.0;
        points.push([x, deck(x) + 0.1]);
    }
    for step in (0..=72u8).rev() {
        let x = -1.5 + 3.0 * f32::from(step) / 72.0;
        let arch = (x / 0.75 + 0.5).rem_euclid(1.0) * 2.0 - 1.0;
        let rise = (1.0 - (arch * 1.18).powi(2)).max(0.0).sqrt() * (deck(x) - 0.06);
        points.push([
            x,
            if arch.abs() < 0.847 {
                rise.max(-0.04)
            } else {
                -0.04
            },
        ]);
    }
    brush.poly(&points, stone);
    for step in 0..20u8 {
        let x = -1.45 + 2.9 * f32::from(step) / 19.0;
        brush.stroke(
            &[[x, deck(x) + 0.1], [x, deck(x) + 0.17]],
            0.02,
            scale(stone, 0.85),
        );
    }
    let rail: Vec<[f32; 2]> = (0..=20u8)
        .map(|step| -1.5 + 3.0 * f32::from(step) / 20.0)
        .map(|x| [x, deck(x) + 0.175])
        .collect();
    brush.stroke(&rail, 0.022, scale(stone, 1.08));
}

pub(super) fn tent(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let cloth = colour.unwrap_or(hex(0xd9_7a_2e));
    brush.shadow(0.8);
    brush.glow([0.0, 0.35], 0.8, hex(0xff_c0_60), 0.5);
    brush.poly(&[[-0.85, 0.0], [0.2, 0.0], [-0.02, 1.0]], cloth);
    brush.poly(&[[0.2, 0.0], [0.95, 0.06], [-0.02, 1.0]], scale(cloth, 0.75));
    brush.lamp(
        &[[-0.42, 0.0], [-0.12, 0.0], [-0.06, 0.72]],
        mix(cloth, hex(0xff_e0_90), 0.7),
    );
    brush.stroke(&[[-0.02, 1.0], [-0.85, 0.0]], 0.018, scale(cloth, 1.15));
    brush.stroke(&[[-0.02, 1.0], [0.2, 0.0]], 0.018, scale(cloth, 0.62));
}
