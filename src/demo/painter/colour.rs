//! Colours as three floats of sRGB, 0 to 1: what is mixed here is mixed as it is seen.

pub(super) type Rgb = [f32; 3];

/// A colour from its usual six hexadecimal digits.
pub(super) const fn hex(value: u32) -> Rgb {
    [
        (value >> 16 & 0xff) as f32 / 255.0,
        (value >> 8 & 0xff) as f32 / 255.0,
        (value & 0xff) as f32 / 255.0,
    ]
}

pub(super) fn mix(one: Rgb, other: Rgb, share: f32) -> Rgb {
    std::array::from_fn(|channel| one[channel] + (other[channel] - one[channel]) * share)
}

pub(super) fn scale(colour: Rgb, factor: f32) -> Rgb {
    colour.map(|channel| channel * factor)
}

pub(super) fn multiply(one: Rgb, other: Rgb) -> Rgb {
    std::array::from_fn(|channel| one[channel] * other[channel])
}

/// Adds light without ever leaving the range: 1 - (1 - one)(1 - other).
pub(super) fn screen(one: Rgb, light: Rgb) -> Rgb {
    std::array::from_fn(|channel| 1.0 - (1.0 - one[channel]) * (1.0 - light[channel].clamp(0.0, 1.0)))
}

pub(super) fn luma(colour: Rgb) -> f32 {
    colour[0] * 0.299 + colour[1] * 0.587 + colour[2] * 0.114
}

pub(super) fn saturate(colour: Rgb, amount: f32) -> Rgb {
    mix([luma(colour); 3], colour, amount)
}

/// Gives `colour` the hue of `hue` and keeps its own lightness, by a share.
pub(super) fn tint(colour: Rgb, hue: Rgb, share: f32) -> Rgb {
    let light = luma(colour) / luma(hue).max(0.08);
    mix(colour, scale(hue, light.min(1.9)), share).map(|channel| channel.min(1.0))
}

/// 0 below `low`, 1 above `high`, smooth between.
pub(super) fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A colour of a hue (0 to 1), by saturation and lightness.
pub(super) fn hsl(hue: f32, saturation: f32, lightness: f32) -> Rgb {
    let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
    let channel = |offset: f32| {
        let sector = (hue * 6.0 + offset).rem_euclid(6.0);
        lightness + chroma * ((sector - 3.0).abs() - 1.0).clamp(0.0, 1.0) - chroma / 2.0
    };
    [channel(0.0), channel(4.0), channel(2.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hues_are_where_they_belong() {
        let near = |one: Rgb, other: Rgb| one.iter().zip(other).all(|(a, b)| (a - b).abs() < 0.01);
        assert!(near(hsl(0.0, 1.0, 0.5), [1.0, 0.0, 0.0]));
        assert!(near(hsl(1.0 / 3.0, 1.0, 0.5), [0.0, 1.0, 0.0]));
        assert!(near(hex(0x00_80_ff), [0.0, 0.502, 1.0]));
    }
}
