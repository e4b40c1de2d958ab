//! Trees and what grows beside them.

use super::super::brush::Brush;
use super::super::colour::{Rgb, hex, mix, scale};
use super::super::noise::Dice;

pub(super) fn pine(brush: &mut Brush<'_>, colour: Option<Rgb>, dice: &mut Dice) {
    let green = colour.unwrap_or(hex(0x2f_62_48));
    brush.shadow(0.24);
    brush.rect([-0.022, 0.0, 0.022, 0.2], hex(0x4c_36_2a));
    let tiers = 7u8;
    for tier in 0..tiers {
        let t = f32::from(tier) / f32::from(tiers);
        let (bottom, half) = (0.10 + t * 0.78, 0.235 * (1.0 - t).powf(0.85) + 0.02);
        let top = bottom + 0.30 * (1.0 - t * 0.45);
        let sway = dice.range(-0.012, 0.012);
        let mut points = vec![[sway, top.min(1.02)]];
        // A fringe of branches along the lower edge of each tier.
        for step in 0..=10u8 {
            let across = 1.0 - f32::from(step) / 5.0;
            let droop = if step % 2 == 0 { -0.022 } else { 0.012 };
            points.push([across * half + sway, bottom + across.abs() * -0.02 + droop]);
        }
        brush.poly(&points, mix(scale(green, 0.72), scale(green, 1.15), t));
    }
}

pub(super) fn palm(brush: &mut Brush<'_>, colour: Option<Rgb>, dice: &mut Dice) {
    let green = colour.unwrap_or(hex(0x3c_85_43));
    let lean = dice.range(0.06, 0.24);
    brush.shadow(0.16);
    let trunk = |t: f32| [lean * t * t, 0.8 * t];
    let mut left = Vec::new();
    let mut right = Vec::new();
    for step in 0..=12u8 {
        let t = f32::from(step) / 12.0;
        let [x, y] = trunk(t);
        let half = 0.034 - 0.017 * t + if step % 2 == 0 { 0.003 } else { 0.0 };
        left.push([x - half, y]);
        right.push([x + half, y]);
    }
    right.reverse();
    left.extend(right);
    brush.poly(&left, hex(0x8a_68_48));
    let crown = trunk(1.0);
    for (index, angle) in [-0.62f32, 3.7, 0.1, 3.05, 0.72, 2.45, 1.25, 1.9, -0.3, 3.42]
        .into_iter()
        .enumerate()
    {
        let length = dice.range(0.36, 0.45);
        let shade = 0.68 + 0.06 * index as f32;
        frond(
            brush,
            crown,
            angle + dice.range(-0.1, 0.1),
            length,
            scale(green, shade),
        );
    }
    for x in [-0.025, 0.02, 0.0] {
        brush.ellipse(
            [crown[0] + x, crown[1] - 0.025 - x.abs()],
            [0.024, 0.026],
            hex(0x5c_3c_24),
        );
    }
}

fn frond(brush: &mut Brush<'_>, from: [f32; 2], angle: f32, length: f32, colour: Rgb) {
    const STEPS: u8 = 26;
    let spine = |t: f32| {
        let (x, y) = (angle.cos() * length * t, angle.sin() * length * t);
        [from[0] + x, from[1] + y - 0.62 * length * t * t]
    };
    let mut points = Vec::new();
    let leaf = |t: f32, step: u8, width: f32| {
        let tip = if step.is_multiple_of(2) { 1.0 } else { 0.55 };
        width * (t * 5.0).min(1.0) * (1.0 - t * t).max(0.0).sqrt() * tip
    };
    for step in 0..=STEPS {
        let t = f32::from(step) / f32::from(STEPS);
        let [x, y] = spine(t);
        points.push([x, y + leaf(t, step, 0.022)]);
    }
    for step in (0..=STEPS).rev() {
        let t = f32::from(step) / f32::from(STEPS);
        let [x, y] = spine(t);
        let hang = leaf(t, step, 0.085);
        points.push([x + angle.cos() * hang * 0.3, y - hang]);
    }
    brush.poly(&points, colour);
}

pub(super) fn tree(brush: &mut Brush<'_>, colour: Option<Rgb>, dice: &mut Dice) {
    let green = colour.unwrap_or(hex(0x5c_8f_3f));
    brush.shadow(0.34);
    brush.curve(
        &[
            [-0.05, 0.0],
            [0.055, 0.0],
            [0.03, 0.2],
            [0.035, 0.42],
            [-0.03, 0.42],
            [-0.028, 0.2],
        ],
        hex(0x5a_41_30),
    );
    brush.stroke(&[[0.0, 0.3], [0.13, 0.5]], 0.022, hex(0x5a_41_30));
    brush.stroke(&[[0.0, 0.32], [-0.12, 0.52]], 0.022, hex(0x5a_41_30));
    for (round, tone) in [(14, 0.66), (14, 0.86), (12, 1.06), (8, 1.25)] {
        for _ in 0..round {
            let angle = dice.range(0.0, std::f32::consts::TAU);
            let far = dice.unit().sqrt() * (1.35 - tone * 0.35);
            let (x, y) = (
                angle.cos() * far * 0.27,
                0.66 + angle.sin() * far * 0.23 + (tone - 0.9) * 0.14,
            );
            let size = dice.range(0.05, 0.10);
            brush.ellipse(
                [x - brush.light.side.abs() * 0.02 * tone, y],
                [size * 1.1, size],
                scale(green, tone * dice.range(0.94, 1.06)),
            );
        }
    }
}

pub(super) fn cactus(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let green = colour.unwrap_or(hex(0x4c_7f_52));
    brush.shadow(0.2);
    let arm = |side: f32, low: f32, high: f32| {
        [
            [side * 0.06, low],
            [side * 0.24, low + 0.02],
            [side * 0.30, low + 0.10],
            [side * 0.30, high],
            [side * 0.255, high + 0.045],
            [side * 0.21, high],
            [side * 0.205, low + 0.15],
            [side * 0.06, low + 0.12],
        ]
    };
    brush.curve(&arm(1.0, 0.38, 0.70), scale(green, 0.92));
    brush.curve(&arm(-1.0, 0.27, 0.56), scale(green, 0.92));
    brush.curve(
        &[
            [-0.085, 0.0],
            [0.085, 0.0],
            [0.095, 0.5],
            [0.085, 0.92],
            [0.0, 1.0],
            [-0.085, 0.92],
            [-0.095, 0.5],
        ],
        green,
    );
    for x in [-0.05, 0.0, 0.05] {
        brush.stroke(&[[x, 0.02], [x, 0.93]], 0.008, scale(green, 0.72));
    }
}

pub(super) fn flower(brush: &mut Brush<'_>, colour: Option<Rgb>, dice: &mut Dice) {
    let petals =
        colour.unwrap_or([hex(0xd8_3a_34), hex(0xf0_a0_c0), hex(0xf4_c8_40), hex(0x8a_5c_c4)][dice.below(4)]);
    let lean = dice.range(-0.1, 0.1);
    brush.stroke(
        &[[0.0, 0.0], [lean * 0.4, 0.4], [lean, 0.78]],
        0.028,
        hex(0x3f_76_3c),
    );
    brush.curve(
        &[[0.0, 0.2], [0.14, 0.36], [0.24, 0.5], [0.12, 0.42]],
        hex(0x4c_88_44),
    );
    brush.curve(
        &[[0.0, 0.12], [-0.14, 0.30], [-0.22, 0.42], [-0.10, 0.34]],
        hex(0x44_7c_40),
    );
    for step in 0..8u8 {
        let angle = f32::from(step) / 8.0 * std::f32::consts::TAU;
        let (dx, dy) = (angle.cos() * 0.13, angle.sin() * 0.13);
        brush.ellipse(
            [lean + dx, 0.80 + dy],
            [0.085, 0.085],
            scale(petals, 0.86 + 0.18 * angle.sin()),
        );
    }
    brush.ellipse([lean, 0.80], [0.075, 0.075], hex(0xf2_c2_3c));
}

pub(super) fn mushroom(brush: &mut Brush<'_>, colour: Option<Rgb>) {
    let cap = colour.unwrap_or(hex(0xc8_33_2a));
    brush.shadow(0.3);
    brush.curve(
        &[
            [-0.11, 0.0],
            [0.11, 0.0],
            [0.09, 0.3],
            [0.12, 0.56],
            [-0.12, 0.56],
            [-0.09, 0.3],
        ],
        hex(0xf0_e6_d2),
    );
    brush.curve(
        &[
            [-0.17, 0.46],
            [0.0, 0.40],
            [0.17, 0.46],
            [0.11, 0.52],
            [-0.11, 0.52],
        ],
        hex(0xd9_cb_b2),
    );
    brush.curve(
        &[
            [-0.48, 0.52],
            [-0.42, 0.76],
            [-0.2, 0.95],
            [0.0, 1.0],
            [0.2, 0.95],
            [0.42, 0.76],
            [0.48, 0.52],
            [0.24, 0.55],
            [0.0, 0.56],
            [-0.24, 0.55],
        ],
        cap,
    );
    for (x, y, size) in [
        (-0.2f32, 0.76f32, 0.062f32),
        (0.05, 0.87, 0.055),
        (0.25, 0.72, 0.066),
        (-0.33, 0.62, 0.04),
        (0.04, 0.67, 0.048),
    ] {
        brush.ellipse([x, y], [size, size * 0.82], hex(0xf6_f0_e4));
    }
}
