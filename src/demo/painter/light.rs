//! The light of a picture: the colours of its sky by the time of day, and what that light does to things.

use super::colour::{Rgb, hex, luma, mix, saturate, scale, tint};
use super::noise::Dice;
use super::plan::Plan;
use super::words::Time;

#[derive(Clone, Debug)]
pub(super) struct Light {
    /// The sky from the zenith down to the horizon.
    pub(super) stops: [Rgb; 5],
    /// The colour of the light itself.
    pub(super) sun: Rgb,
    /// What the distance fades into.
    pub(super) haze: Rgb,
    /// What a white thing looks like.
    pub(super) ambient: Rgb,
    /// The colour of shadows.
    pub(super) shade: Rgb,
    /// Where the light comes from: -1 left, 1 right.
    pub(super) side: f32,
    /// How high the sun stands over the horizon, in parts of the sky; negative below it.
    pub(super) height: f32,
    /// Whether lamps are lit.
    pub(super) dark: bool,
    /// How strongly the sky glows around the sun.
    pub(super) glow: f32,
}

struct Palette {
    stops: [u32; 5],
    sun: u32,
    ambient: u32,
    shade: u32,
    height: f32,
    dark: bool,
    glow: f32,
}

#[rustfmt::skip] // A table.
fn palette(time: Time) -> Palette {
    match time {
        Time::Dawn => Palette {
            stops: [0x36_48_7e, 0x6f_78_ad, 0xc4_9d_b6, 0xf3_bd_a4, 0xff_e4_b8], sun: 0xff_e2_b0,
            ambient: 0xd6_bd_c4, shade: 0x3f_43_70, height: 0.06, dark: false, glow: 0.75,
        },
        Time::Morning => Palette {
            stops: [0x3f_85_bd, 0x6d_ab_d4, 0xa4_cf_e2, 0xd8_e8_e2, 0xf8_ee_d2], sun: 0xff_f2_d0,
            ambient: 0xf2_ec_e2, shade: 0x46_5f_86, height: 0.5, dark: false, glow: 0.55,
        },
        Time::Noon => Palette {
            stops: [0x14_5d_a8, 0x2f_86_cb, 0x63_b0_e2, 0xa2_d6_ee, 0xd9_f0_f4], sun: 0xff_fb_ea,
            ambient: 0xff_fc_f4, shade: 0x3a_62_8a, height: 0.82, dark: false, glow: 0.45,
        },
        Time::Sunset => Palette {
            stops: [0x2c_25_58, 0x73_35_6f, 0xcb_4f_5b, 0xf7_8d_45, 0xff_d0_6e], sun: 0xff_d9_86,
            ambient: 0xc9_8d_84, shade: 0x35_22_4c, height: 0.1, dark: true, glow: 1.0,
        },
        Time::Dusk => Palette {
            stops: [0x15_1a_42, 0x36_33_6c, 0x74_4c_88, 0xc9_70_83, 0xf5_ac_7a], sun: 0xe8_a8_a0,
            ambient: 0x86_78_9e, shade: 0x1d_1c_40, height: -0.04, dark: true, glow: 0.7,
        },
        Time::Night => Palette {
            stops: [0x04_07_18, 0x09_11_2e, 0x10_20_49, 0x1b_36_66, 0x2f_55_80], sun: 0xcf_de_f2,
            ambient: 0x5c_74_a4, shade: 0x08_0e_24, height: 0.6, dark: true, glow: 0.3,
        },
        Time::Storm => Palette {
            stops: [0x1c_23_2b, 0x2c_37_41, 0x44_52_5b, 0x6d_7c_80, 0xa9_b3_ac], sun: 0xdf_e6_dc,
            ambient: 0x86_90_98, shade: 0x1b_24_2e, height: 0.3, dark: true, glow: 0.2,
        },
        Time::Overcast => Palette {
            stops: [0x7e_90_9e, 0x97_a7_b2, 0xb2_be_c5, 0xcb_d3_d5, 0xdf_e2_df], sun: 0xf4_f2_ea,
            ambient: 0xc9_d0_d4, shade: 0x4b_59_68, height: 0.6, dark: false, glow: 0.25,
        },
    }
}

impl Light {
    pub(super) fn of(plan: &Plan) -> Self {
        let time = plan.time.unwrap_or(Time::Morning);
        let palette = palette(time);
        let mut dice = Dice::new(plan.seed ^ 0x11);
        let side = if dice.chance(0.5) { -1.0 } else { 1.0 };
        // Two dusks are never the same dusk.
        let drift: Rgb = std::array::from_fn(|_| dice.range(0.93, 1.07));
        let mut stops = palette.stops.map(|stop| {
            let colour = hex(stop);
            std::array::from_fn(|channel| (colour[channel] * drift[channel]).min(1.0))
        });
        let mut ambient = hex(palette.ambient);
        if plan.storm && time != Time::Storm {
            stops = stops.map(|stop| scale(saturate(stop, 0.5), 0.78));
            ambient = scale(saturate(ambient, 0.6), 0.85);
        }
        if plan.fog > 0.0 {
            let share = (plan.fog * 0.5).min(0.7);
            let middle = stops[4];
            stops = stops.map(|stop| mix(stop, saturate(middle, 0.6), share));
        }
        if let Some(colour) = plan.sky_tint {
            let share = [0.75, 0.7, 0.6, 0.5, 0.35];
            stops = std::array::from_fn(|index| tint(stops[index], colour, share[index]));
        }
        let haze = mix(mix(stops[4], stops[3], 0.6), stops[1], 0.24);
        Self {
            stops,
            sun: hex(palette.sun),
            haze,
            ambient,
            shade: hex(palette.shade),
            side,
            height: palette.height,
            dark: palette.dark || plan.storm,
            glow: if plan.storm {
                palette.glow * 0.3
            } else {
                palette.glow
            },
        }
    }

    /// The light that is already in a picture: from its mean colour.
    pub(super) fn in_picture(mean: Rgb, plan: &Plan) -> Self {
        let mut light = Self::of(plan);
        if plan.time.is_none() {
            let bright = luma(mean);
            light.ambient = mix(
                scale([1.0; 3], (bright * 1.5).clamp(0.25, 1.0)),
                scale(mean, 1.4),
                0.35,
            )
            .map(|channel| channel.min(1.0));
            light.shade = scale(mean, 0.35);
            light.haze = mix(mean, [1.0; 3], 0.2);
            light.dark = bright < 0.4;
            light.sun = if light.dark {
                hex(0xcf_de_f2)
            } else {
                hex(0xff_f2_d8)
            };
        }
        light
    }
}
