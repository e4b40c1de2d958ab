//! References made into what a model takes. What is sent is always a file of the store's own.

use std::fs::File;
use std::io::Read;

use crate::domain::{Header, Mime, Reference, Request, amount, clean_line};
use crate::error::{Error, Kind, Result, reason};
use crate::graphics::{self, Converted, READABLE, Wish};
use crate::provider::capability::Capability;
use crate::store::Store;

/// A heavier picture is scaled down: one hop on the way of many takes no more than this in one piece.
pub(super) const HEAVY: u64 = 7_000_000;

/// The longer side of a picture that was too heavy.
const LONGEST: u32 = 2048;

/// Makes the references of a request into what the model takes: converts a type that it does not take, scales down what
/// is too heavy to send. Returns a sentence for each change, also for those that were made when they were attached. Blocks.
pub(super) fn fit(store: &Store, request: &mut Request, cap: &Capability) -> Result<Vec<String>> {
    let mut said = Vec::new();
    for reference in &mut request.references {
        said.extend(reference.note.take());
        said.extend(fit_one(store, reference, cap)?);
    }
    Ok(said)
}

fn fit_one(store: &Store, reference: &mut Reference, cap: &Capability) -> Result<Option<String>> {
    let (mime, before) = (reference.mime, reference.bytes);
    let taken = cap.references.mimes.contains(&mime);
    let sealed = matches!(mime, Mime::Heic | Mime::Heif | Mime::Avif | Mime::Unknown);
    if sealed {
        return if taken {
            Ok(None)
        } else {
            Err(unreadable_here(reference, cap))
        };
    }
    let heavy = before > HEAVY;
    if taken && !heavy && is_upright(reference)? {
        return Ok(None);
    }
    let bytes = read(reference)?;
    let convert = |longest: Option<u32>, quality: u8| {
        let wish = Wish {
            may: &cap.references.mimes,
            longest,
            quality,
        };
        graphics::convert(&bytes, &wish).map_err(|why| unusable(reference, &why))
    };
    let mut made = if heavy {
        convert(Some(LONGEST), 90)?
    } else {
        convert(None, 95)?
    };
    // Some kinds are packed better than what they become.
    if made.bytes.len() as u64 > HEAVY && made.size.0.max(made.size.1) > LONGEST {
        made = convert(Some(LONGEST), 90)?;
    }
    let sentence = changed(&shown(store, reference), reference, &made);
    let kept = store.reference_from(&made.bytes)?;
    *reference = Reference {
        name: std::mem::take(&mut reference.name),
        ..kept
    };
    Ok(Some(sentence))
}

/// `scan.png was scaled from 9000×6000 to 2048×1365 (24.1 MB to 1.1 MB)`.
fn changed(name: &str, before: &Reference, made: &Converted) -> String {
    let now = amount(made.bytes.len() as u64);
    let sizes = format!("{} to {now}", amount(before.bytes));
    let kind = made.mime.name();
    if made.from == made.size {
        let weight = if before.bytes > HEAVY { sizes } else { now };
        let what = if before.mime == made.mime {
            "encoded anew, upright".to_owned()
        } else {
            format!("converted to {kind}")
        };
        return format!("{name} was {what} ({weight})");
    }
    let also = if before.mime == made.mime {
        String::new()
    } else {
        format!(" and converted to {kind}")
    };
    let ((from_width, from_height), (width, height)) = (made.from, made.size);
    format!("{name} was scaled from {from_width}\u{d7}{from_height} to {width}\u{d7}{height}{also} ({sizes})")
}

/// What a user calls it; a file of the store's own has no name that anybody knows.
fn shown(store: &Store, reference: &Reference) -> String {
    if !reference.name.is_empty() {
        return clean_line(&reference.name);
    }
    let known = reference
        .path
        .file_name()
        .filter(|_| !reference.path.starts_with(store.folder()));
    known.map_or_else(
        || "The reference".to_owned(),
        |name| clean_line(&name.to_string_lossy()),
    )
}

/// Returns true if the pixels stand as they are seen. A picture that is sent as it is need not be decoded, but it must look like
/// one.
fn is_upright(reference: &Reference) -> Result<bool> {
    let mut file = File::open(&reference.path).map_err(|error| unusable(reference, &reason(&error)))?;
    match (Header::read(&mut file), reference.mime) {
        (None, Mime::Png | Mime::Jpeg | Mime::Webp | Mime::Gif) => {
            Err(unusable(reference, "its header is damaged"))
        }
        (header, _) => Ok(header.is_none_or(|header| header.orientation.is_upright())),
    }
}

fn read(reference: &Reference) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(&reference.path)
        .and_then(|file| file.take(READABLE + 1).read_to_end(&mut bytes))
        .map_err(|error| unusable(reference, &reason(&error)))?;
    if bytes.len() as u64 > READABLE {
        let why = format!("it is larger than {}", amount(READABLE));
        return Err(unusable(reference, &why));
    }
    Ok(bytes)
}

fn unusable(reference: &Reference, why: &str) -> Error {
    let shown = named(reference);
    Error::new(
        Kind::BadInput,
        format!("The reference {shown} cannot be used: {why}"),
    )
    .hint("Save it anew with an image program, or leave it out; nothing was sent")
}

fn named(reference: &Reference) -> String {
    if reference.name.is_empty() {
        clean_line(&reference.path.to_string_lossy())
    } else {
        clean_line(&reference.name)
    }
}

/// A kind that is only passed on, and is not taken.
fn unreadable_here(reference: &Reference, cap: &Capability) -> Error {
    let (shown, name) = (named(reference), reference.mime.name());
    let message = format!(
        "{shown} is {name}, which {} at {} does not take and tintype cannot convert",
        cap.name, cap.provider
    );
    let tool = match reference.mime {
        Mime::Avif => "avifdec",
        _ => "heif-convert",
    };
    Error::new(Kind::BadInput, message).hint(format!(
        "Convert it first, for example with \u{201c}{tool} FILE picture.png\u{201d} or ImageMagick; it takes {}",
        cap.reference_kinds()
    ))
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

    use super::*;
    use crate::provider::capability;

    struct Desk {
        dir: tempfile::TempDir,
        store: Store,
    }

    impl Desk {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let store = Store::open(&dir.path().join("data")).unwrap();
            Self { dir, store }
        }

        fn put(&self, name: &str, bytes: &[u8]) -> Reference {
            let path = self.dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            Reference {
                path,
                mime: Mime::sniff(bytes),
                bytes: bytes.len() as u64,
                ..Reference::default()
            }
        }

        fn fit(&self, references: Vec<Reference>, provider: &str) -> Result<(Request, Vec<String>)> {
            let mut request = Request {
                references,
                ..Request::default()
            };
            let cap = capability::find(provider, "gemini-3-pro-image");
            let said = fit(&self.store, &mut request, &cap)?;
            cap.check(&request)?;
            Ok((request, said))
        }
    }

    fn noise(width: u32, height: u32) -> RgbImage {
        let mut state = 0x9e37_79b9_u32;
        RgbImage::from_fn(width, height, |_, _| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            let [red, green, blue, _] = state.to_le_bytes();
            Rgb([red, green, blue])
        })
    }

    fn written(picture: RgbImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        DynamicImage::from(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn what_a_model_takes_is_left_as_it_is() {
        let desk = Desk::new();
        let png = desk.put("fox.png", &written(noise(30, 20), ImageFormat::Png));
        let heic = desk.put("fox.heic", b"\0\0\0\x20ftypheic and so on");
        let given = vec![png, heic];
        let (request, said) = desk.fit(given.clone(), "google").unwrap();
        assert_eq!((request.references, said), (given, Vec::new()));
    }

    #[test]
    fn other_kinds_are_converted_with_a_word() {
        let desk = Desk::new();
        let tiff = desk.put("photo.tiff", &written(noise(400, 300), ImageFormat::Tiff));
        let gif = desk.put("icon.png", &written(noise(30, 20), ImageFormat::Gif));
        let (request, said) = desk.fit(vec![tiff, gif], "anyfast").unwrap();
        let kinds: Vec<_> = request
            .references
            .iter()
            .map(|reference| reference.mime)
            .collect();
        assert_eq!(kinds, [Mime::Jpeg, Mime::Png]);
        for (said, start) in said.iter().zip([
            "photo.tiff was converted to JPEG (",
            "icon.png was converted to PNG (",
        ]) {
            assert!(said.starts_with(start) && said.ends_with("KB)"), "{said}");
        }
        for made in &request.references {
            assert!(made.path.starts_with(desk.store.folder()));
            assert_eq!(std::fs::metadata(&made.path).unwrap().len(), made.bytes);
        }
        // What was made is taken as it is the next time.
        let (again, said) = desk.fit(request.references.clone(), "anyfast").unwrap();
        assert_eq!((again.references, said), (request.references, Vec::new()));
    }

    #[test]
    fn what_is_too_heavy_is_scaled_down_with_a_word() {
        let desk = Desk::new();
        let scan = desk.put("scan.png", &written(noise(2400, 1600), ImageFormat::Png));
        assert!(scan.bytes > HEAVY);
        let (request, said) = desk.fit(vec![scan], "google").unwrap();
        assert_eq!(request.references[0].mime, Mime::Jpeg);
        assert!(
            said[0].starts_with(
                "scan.png was scaled from 2400\u{d7}1600 to 2048\u{d7}1365 and converted to JPEG (11."
            ),
            "{said:?}"
        );
    }

    #[test]
    fn what_cannot_be_used_is_named_and_nothing_is_changed() {
        let desk = Desk::new();
        let heic = desk.put("fox.heic", b"\0\0\0\x20ftypheic and so on");
        let error = desk.fit(vec![heic], "anyfast").unwrap_err();
        assert_eq!(error.kind, Kind::BadInput);
        assert!(
            error.message.ends_with(
                "fox.heic is HEIC, which gemini-3-pro-image at anyfast does not take and tintype cannot convert"
            ),
            "{error}"
        );
        assert!(error.hint.contains("heif-convert"), "{}", error.hint);
        for (name, bytes) in [
            ("cut.gif", &b"GIF89a\x01\0\x01\0\0\0\0;"[..]),
            ("cut.png", b"\x89PNG\r\n\x1a\n"),
        ] {
            let broken = desk.put(name, bytes);
            let error = desk.fit(vec![broken], "google").unwrap_err();
            assert!(
                error.kind == Kind::BadInput && error.message.contains(&format!("{name} cannot be used: ")),
                "{error}"
            );
            assert!(error.hint.ends_with("nothing was sent"));
        }
    }
}
