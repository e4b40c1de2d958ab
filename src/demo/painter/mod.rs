//! The painter: words to a picture, and a picture and words to a changed picture. Deterministic and the same picture
//! at every size; rows are painted from the top down. It does not know of requests, models or the network.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::many_single_char_names,
    reason = "pixels: coordinates go between floats and indices all the time, and x, y, w, h are their names"
)]

mod brush;
mod city;
mod colour;
mod compose;
mod edit;
mod encode;
mod finish;
mod frame;
mod land;
mod light;
mod medium;
mod noise;
mod objects;
mod plan;
mod scene;
mod shape;
mod sky;
mod studio;
mod tone;
mod water;
mod weather;
mod words;

pub(super) use plan::Plan;
pub(super) use words::{Filter, Land, Thing, Time, Water};

use edit::Edit;
use frame::Frame;
use scene::{Scene, Scratch};
use studio::Studio;

use super::request::Subject;

/// The longest side of a given picture.
const LARGEST: u32 = 16_384;
/// The most that a given picture takes while it is read.
const MEMORY: u64 = 120_000_000;

/// The longer side of a draft.
const DRAFT: u32 = 640;

/// Pixels, three bytes each, sRGB, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) rgb: Vec<u8>,
}

/// What the words of a request ask for.
pub(super) fn plan(subject: &Subject) -> Plan {
    match subject {
        Subject::Words(texts) => Plan::of(texts),
        Subject::Picture { words, .. } => Plan::edit(words),
    }
}
/// A given file as pixels; `None` when it cannot be decoded or is absurdly large.
pub(super) fn read(bytes: &[u8]) -> Option<Picture> {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(LARGEST);
    limits.max_image_height = Some(LARGEST);
    // The demo shares its process with whoever asks it.
    limits.max_alloc = Some(MEMORY);
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    reader.limits(limits);
    let rgb = reader.decode().ok()?.into_rgb8();
    let (width, height) = rgb.dimensions();
    Some(Picture {
        width,
        height,
        rgb: rgb.into_raw(),
    })
}

/// The picture, in the file format that was asked for; empty only if the encoder fails.
pub(super) fn finished(
    plan: &Plan,
    given: Option<&Picture>,
    width: u32,
    height: u32,
    jpeg: bool,
) -> Option<Vec<u8>> {
    let picture = paint(plan, given, width, height);
    if jpeg {
        encode::jpeg(&picture, 93)
    } else {
        encode::png(&picture).ok()
    }
}

/// The interim picture: the composition as an underpainting, small, as JPEG.
pub(super) fn draft(plan: &Plan, given: Option<&Picture>, width: u32, height: u32) -> Option<Vec<u8>> {
    let long = width.max(height);
    let side =
        |length: u32| (u64::from(length) * u64::from(DRAFT.min(long)) / u64::from(long)).max(16) as u32;
    let mut picture = paint(plan, given, side(width), side(height));
    let (earth, paper) = (colour::hex(0x5a_3d_2c), colour::hex(0xf2_e6_d0));
    for pixel in picture.rgb.as_chunks_mut::<3>().0 {
        let colour = pixel.map(|byte| f32::from(byte) / 255.0);
        let wash = colour::mix(earth, paper, (colour::luma(colour) * 1.1).min(1.0));
        *pixel =
            colour::mix(wash, colour, 0.42).map(|channel| (channel * 255.0 + 0.5).clamp(0.0, 255.0) as u8);
    }
    encode::jpeg(&picture, 84)
}

/// What a picture is painted from.
enum Base<'a> {
    Scene(Box<Scene>),
    Studio(Studio),
    Given(Box<Edit<'a>>),
}

/// Paints a picture of this size.
fn paint(plan: &Plan, given: Option<&Picture>, width: u32, height: u32) -> Picture {
    let frame = Frame::new(width, height);
    let base = match given {
        Some(given) => Base::Given(Box::new(Edit::new(plan, given, width, height))),
        None if plan.studio => Base::Studio(Studio::new(plan, frame)),
        None => Base::Scene(Box::new(compose::scene(plan, frame))),
    };
    // The leaves of a scene have their season already.
    let tones: Vec<Filter> = match base {
        Base::Given(_) => plan.filters.clone(),
        _ => plan
            .filters
            .iter()
            .copied()
            .filter(|filter| *filter != Filter::Autumn)
            .collect(),
    };
    let columns = frame.columns();
    let mut scratch = Scratch::new(&frame);
    let mut row = vec![[0.0; 3]; columns];
    let mut rgb = vec![0; columns * height as usize * 3];
    let vignette = if matches!(base, Base::Given(_)) { 0.0 } else { 0.30 };
    for (y, bytes) in rgb.chunks_exact_mut(columns * 3).enumerate() {
        match &base {
            Base::Scene(scene) => scene.row(y, &mut scratch, &mut row),
            Base::Studio(studio) => studio.row(y, &mut scratch.shape, &mut row),
            Base::Given(edit) => edit.row(y, &mut scratch.shape, &mut row),
        }
        tone::row(&tones, &mut row);
        finish::row(y, &frame, plan.seed, vignette, &row, bytes);
    }
    medium::apply(&plan.filters, Picture { width, height, rgb })
}

#[cfg(test)]
mod tests;
