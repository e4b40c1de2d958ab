//! iTerm2's pictures: a whole file at the cursor, in one sequence or in several.

use base64::Engine as _;

use super::{CELL, Painting};

/// A file that comes in parts.
pub(super) struct Multipart {
    arguments: String,
    data: Vec<u8>,
}

pub(super) struct Shown {
    pub(super) picture: Painting,
    /// The cursor stays where it was.
    pub(super) stays: bool,
}

/// One OSC 1337; a picture, once there is a whole one.
pub(super) fn command(body: &[u8], open: &mut Option<Multipart>) -> Result<Option<Shown>, String> {
    if let Some(file) = body.strip_prefix(b"File=") {
        let colon = memchr::memchr(b':', file).ok_or("A picture without data")?;
        let arguments = String::from_utf8_lossy(&file[..colon]);
        return show(&arguments, &file[colon + 1..]).map(Some);
    }
    if let Some(arguments) = body.strip_prefix(b"MultipartFile=") {
        let arguments = String::from_utf8_lossy(arguments).into_owned();
        let before = open.replace(Multipart {
            arguments,
            data: Vec::new(),
        });
        return before.map_or(Ok(None), |_| Err("A picture begins in another".to_owned()));
    }
    if let Some(part) = body.strip_prefix(b"FilePart=") {
        let file = open.as_mut().ok_or("A part of no picture")?;
        file.data.extend_from_slice(part);
        return Ok(None);
    }
    if body.starts_with(b"FileEnd") {
        let file = open.take().ok_or("The end of no picture")?;
        return show(&file.arguments, &file.data).map(Some);
    }
    Ok(None)
}

fn show(arguments: &str, data: &[u8]) -> Result<Shown, String> {
    let argument = |name: &str| {
        let mut pairs = arguments.split(';').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    if argument("inline") != Some("1") {
        return Err("A picture goes to the downloads".to_owned());
    }
    let file = base64::engine::general_purpose::STANDARD
        .decode(data)
        .map_err(|error| format!("A picture that is no base64: {error}"))?;
    let picture = image::load_from_memory(&file)
        .map_err(|error| format!("A picture that is none: {error}"))?
        .to_rgb8();
    let pixels = |name: &str, own: u32, cell: u16| {
        let Some(value) = argument(name).filter(|value| *value != "auto") else {
            return Ok(own);
        };
        let (count, each) = value
            .strip_suffix("px")
            .map_or((value, cell), |pixels| (pixels, 1));
        let count: u32 = count.parse().map_err(|_| format!("{name}={value}"))?;
        Ok::<_, String>(count * u32::from(each))
    };
    let (width, height) = (
        pixels("width", picture.width(), CELL.0)?,
        pixels("height", picture.height(), CELL.1)?,
    );
    let (mut across, mut down) = (width, height);
    if argument("preserveAspectRatio") != Some("0") {
        let factor = f64::from(width) / f64::from(picture.width());
        let factor = factor.min(f64::from(height) / f64::from(picture.height()));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "sizes of pictures"
        )]
        let scaled = |side: u32| (f64::from(side) * factor).round() as u32;
        (across, down) = (scaled(picture.width()), scaled(picture.height()));
    }
    let scaled = image::imageops::resize(&picture, across, down, image::imageops::FilterType::Triangle);
    Ok(Shown {
        picture: Painting {
            width: across as usize,
            height: down as usize,
            pixels: scaled.pixels().map(|pixel| Some(pixel.0)).collect(),
        },
        stays: argument("doNotMoveCursor") == Some("1"),
    })
}
