//! A picture like those that models make, for the benches: made here, so that none has to be kept.

use tintype::graphics::Pixmap;

/// Layers of smooth noise, each twice as fine and half as strong as the last, with a grain on top: about as hard to
/// compress as a photograph.
pub(crate) fn photograph(side: u32) -> Pixmap {
    let hash = |x: u32, y: u32, seed: u32| {
        let mut bits =
            x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77) ^ seed.wrapping_mul(0xc2b2_ae3d);
        bits = (bits ^ (bits >> 15)).wrapping_mul(0x2c1b_3c6d);
        f64::from((bits ^ (bits >> 12)) & 0xffff) / 65_535.0
    };
    let smooth = |x: f64, y: f64, seed: u32| {
        let (left, top) = (x.floor(), y.floor());
        let ease = |t: f64| t * t * (3.0 - 2.0 * t);
        let (across, down) = (ease(x - left), ease(y - top));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a grid of at most 4096"
        )]
        let corner = |dx: u32, dy: u32| hash(left as u32 + dx, top as u32 + dy, seed);
        let row = |dy: u32| corner(0, dy) + (corner(1, dy) - corner(0, dy)) * across;
        row(0) + (row(1) - row(0)) * down
    };
    let pixel = |x: u32, y: u32| {
        let (mut light, mut hue, mut strength) = (0.0, 0.0, 0.5);
        for octave in 0..8_u32 {
            let scale = f64::from(1 << octave) * 3.0 / f64::from(side);
            let (x, y) = (f64::from(x) * scale, f64::from(y) * scale);
            light += smooth(x, y, octave) * strength;
            hue += smooth(x, y, octave + 100) * strength;
            strength *= 0.55;
        }
        let grain = hash(x, y, 999) * 6.0;
        [(1.0, 0.5), (0.8, 0.0), (0.5, -0.5)].map(|(gain, shift)| {
            let value = (light * gain + hue * shift) * 210.0 + grain;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to a byte's range"
            )]
            let byte = value.clamp(0.0, 255.0) as u8;
            byte
        })
    };
    let rgb = (0..side)
        .flat_map(|y| (0..side).flat_map(move |x| pixel(x, y)))
        .collect();
    Pixmap {
        width: side,
        height: side,
        rgb,
    }
}
