//! The outlines of layers: crests, dunes, slopes, rises and the trees on them.

use super::super::colour::smoothstep;
use super::super::frame::Frame;
use super::super::noise::{Dice, line, ridged, rough};
use super::{Ground, Recipe};

pub(super) fn outline(recipe: &Recipe, at: f32, teeth: bool) -> f32 {
    let seed = recipe.seed;
    match recipe.ground {
        Ground::Rock => {
            let mass = ridged(seed, at, 3);
            let peaks = if teeth {
                ridged(seed ^ 3, at * 3.1, 4) * 0.22 + rough(seed, at * 17.0, 3) * 0.018
            } else {
                ridged(seed ^ 3, at * 3.1, 2) * 0.22
            };
            (mass * 0.8 + peaks - 0.12).max(0.0)
        }
        Ground::Dune => {
            // Sharp crests on the lee side: a triangle wave bent by noise.
            let bent = at + line(seed, at * 0.6) * 0.5;
            let t = bent - bent.floor();
            let crest = if t < 0.68 { t / 0.68 } else { (1.0 - t) / 0.32 };
            let soft = crest * crest * (3.0 - 2.0 * crest);
            soft * 0.55 * (0.6 + 0.4 * line(seed ^ 2, bent.floor() + 0.5))
                + (line(seed ^ 9, at * 0.7) + 1.0) * 0.22
        }
        Ground::Slope | Ground::Woods => {
            let small = if teeth {
                rough(seed ^ 8, at * 9.0, 3) * 0.025
            } else {
                0.0
            };
            (rough(seed, at, 3) * 0.5 + 0.5).clamp(0.0, 1.2) + small
        }
        Ground::Grass | Ground::Sand | Ground::Snow => rough(seed, at, 2) * 0.5 + 0.5,
    }
}

/// How far a rise lifts the outline.
pub(super) fn raised(recipe: &Recipe, x: f32, frame: &Frame, teeth: bool) -> f32 {
    let Some(rise) = recipe.rise else { return 0.0 };
    let d = ((x - rise.centre) / rise.half).abs();
    let swell = 1.0 + 0.12 * line(recipe.seed ^ 4, x / frame.u * 4.0);
    let hump = (1.0 - smoothstep(0.2, 1.0, d)) * rise.height * swell;
    let rugged = matches!(recipe.ground, Ground::Rock | Ground::Slope);
    if rugged && teeth && d < 1.0 {
        hump + rough(recipe.seed ^ 5, x / frame.u * 22.0, 4) * 0.06 * rise.height * (1.0 - d)
    } else {
        hump
    }
}

/// Sets trees on the outline: serrated cones of differing height.
pub(super) fn spires(top: &mut [f32], recipe: &Recipe, frame: &Frame) {
    let mut dice = Dice::new(recipe.seed ^ 0x7ee);
    let near = 1.0 - recipe.haze;
    let tall = frame.u * (0.018 + 0.085 * near * near);
    let bare = top.to_vec();
    let mut x = -tall;
    while x < frame.w + tall {
        let height = tall * dice.range(0.55, 1.35);
        let half = height * dice.range(0.17, 0.24);
        let foot = bare[(x.max(0.0) as usize).min(bare.len() - 1)] + tall * 0.12;
        let left = (x - half).max(0.0) as usize;
        let right = ((x + half).max(0.0) as usize).min(top.len().saturating_sub(1));
        for (column, value) in top.iter_mut().enumerate().take(right + 1).skip(left) {
            let d = ((column as f32 + 0.5 - x) / half).abs();
            if d < 1.0 {
                let teeth = 0.055 * ((d * 21.0).sin() + 1.0) * d;
                *value = value.min(foot - height * (1.0 - d.powf(0.82) - teeth).max(0.0));
            }
        }
        x += half * dice.range(0.6, 1.9);
    }
}
