//! What was asked against what came: pixels, the model that answered, the type of the bytes. Relays serve smaller
//! pictures and other models than they are asked for, and nobody else tells. It judges results only, not drafts.

use super::{Capability, table};
use crate::domain::{AspectRatio, Image, ImageKind, Mime, Request, Size, Turn};

/// Lengths and shapes that differ by no more than this, in thousandths, are taken for the same.
const SAME: u64 = 20;

/// As [`SAME`], for a picture whose ratio was left to the model: sizes mean areas then, and those differ by ratio.
const SAME_SIZE: u64 = 100;

impl Capability {
    /// Every way in which an answer is not what was asked for, a sentence each.
    pub fn truth(&self, turn: &Turn) -> Vec<String> {
        let mut found: Vec<String> = substitute(turn).into_iter().chain(fewer(turn)).collect();
        for image in turn.images.iter().filter(|image| image.kind == ImageKind::Result) {
            found.extend(self.misshapen(&turn.request, image));
            found.extend(mislabelled(image));
        }
        let mut said = Vec::new();
        for sentence in found {
            if !said.contains(&sentence) {
                said.push(sentence);
            }
        }
        said
    }

    fn misshapen(&self, request: &Request, image: &Image) -> Option<String> {
        let (width, height) = (image.width, image.height);
        if width == 0 || height == 0 {
            return None;
        }
        let (ratio, size) = (request.aspect_ratio.as_ref(), request.size.as_ref());
        let expected = self.pixels(ratio, size);
        let fits = match (ratio, size) {
            (None, None) => true,
            // The ratio follows a picture that the model was given.
            (None, Some(size)) => {
                let root = (u64::from(width) * u64::from(height)).isqrt();
                differ(root, u64::from(table::side(size))) <= SAME_SIZE
            }
            (Some(_), size) => {
                let shape = |(wide, high): (u32, u32)| u64::from(wide) * 1_000_000 / u64::from(high.max(1));
                let shapes = differ(shape((width, height)), shape(expected));
                let long = |(width, height): (u32, u32)| u64::from(width.max(height));
                let sides = differ(long((width, height)), long(expected));
                // How large the pictures of an unknown model are by themselves, nobody says.
                shapes <= SAME && (sides <= SAME || (size.is_none() && !self.verified))
            }
        };
        if fits {
            return None;
        }
        let asked = [size.map(Size::as_str), ratio.map(AspectRatio::as_str)];
        let asked: Vec<&str> = asked.into_iter().flatten().collect();
        let meant = match ratio {
            Some(_) => format!(" ({}\u{d7}{})", expected.0, expected.1),
            None => String::new(),
        };
        Some(format!(
            "Asked {}{meant}, got {width}\u{d7}{height}",
            asked.join(" ")
        ))
    }
}

/// Another model than the one that was asked, if one answered.
fn substitute(turn: &Turn) -> Option<String> {
    let version = turn.model_version.as_deref()?.trim();
    let (asked, answered) = (plain(&turn.request.model), plain(version));
    if answered.is_empty() || answered.starts_with(&asked) {
        return None;
    }
    Some(format!(
        "Asked {}, and {version} answered",
        turn.request.model.trim_start_matches("models/")
    ))
}

/// Fewer images than candidates, if some came at all.
fn fewer(turn: &Turn) -> Option<String> {
    let asked = usize::try_from(turn.request.tuning.candidates?).ok()?;
    let results = turn.images.iter().filter(|image| image.kind == ImageKind::Result);
    let came = results.count();
    (0 < came && came < asked).then(|| format!("Asked for {asked} candidates, got {came} of their pictures"))
}

/// By how much two lengths differ, in thousandths of the second.
fn differ(one: u64, other: u64) -> u64 {
    one.abs_diff(other) * 1000 / other.max(1)
}

/// A model's own name without what only tells its place or its edition: `models/`, `-preview…`, `-001`.
fn plain(name: &str) -> String {
    let name = name
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let name = table::own_name(&name);
    let name = name.split("-preview").next().unwrap_or_default();
    let edition = name
        .rsplit_once('-')
        .filter(|(_, tail)| tail.len() == 3 && tail.bytes().all(|byte| byte.is_ascii_digit()));
    edition.map_or(name, |(model, _)| model).to_owned()
}

fn mislabelled(image: &Image) -> Option<String> {
    let declared = image
        .declared_mime
        .as_deref()?
        .split(';')
        .next()?
        .trim()
        .to_ascii_lowercase();
    let real = image.mime;
    let alias = match declared.as_str() {
        "" | "application/octet-stream" | "binary/octet-stream" => return None,
        "image/jpg" | "image/pjpeg" => "image/jpeg",
        "image/x-png" => "image/png",
        other => other,
    };
    (real != Mime::Unknown && alias != real.as_str())
        .then(|| format!("The picture was declared as {declared}, and its bytes are {real}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{SessionId, TurnId};
    use crate::provider::capability::find;

    fn image(width: u32, height: u32) -> Image {
        Image {
            kind: ImageKind::Result,
            path: "/pictures/fox.png".into(),
            mime: Mime::Png,
            declared_mime: Some("image/png".to_owned()),
            width,
            height,
            bytes: 10,
            sha256: String::new(),
        }
    }

    fn turn(model: &str, ratio: &str, size: &str, images: Vec<Image>) -> Turn {
        let request = Request {
            provider: "google".to_owned(),
            model: model.to_owned(),
            aspect_ratio: ratio.parse().ok(),
            size: size.parse().ok(),
            ..Request::default()
        };
        let mut turn = Turn::new(TurnId::new(1, 0), SessionId::new(0, 0), 1, 0, request);
        turn.images = images;
        turn
    }

    fn truth(turn: &Turn) -> Vec<String> {
        find(&turn.request.provider, &turn.request.model).truth(turn)
    }

    #[test]
    fn pixels_are_measured_against_the_documented_table() {
        let flash = "gemini-3.1-flash-image";
        for (ratio, size, got, says) in [
            ("16:9", "4K", (5504, 3072), ""),
            (
                "16:9",
                "4K",
                (1024, 1024),
                "Asked 4K 16:9 (5504\u{d7}3072), got 1024\u{d7}1024",
            ),
            (
                "16:9",
                "4K",
                (1376, 768),
                "Asked 4K 16:9 (5504\u{d7}3072), got 1376\u{d7}768",
            ),
            ("16:9", "", (1376, 768), ""),
            ("16:9", "", (1360, 768), ""),
            (
                "16:9",
                "",
                (768, 1376),
                "Asked 16:9 (1376\u{d7}768), got 768\u{d7}1376",
            ),
            // Only the size was asked for: the ratio is the model's, or that of a reference.
            ("", "2K", (2752, 1536), ""),
            ("", "2K", (6144, 768), ""),
            ("", "2K", (1024, 1024), "Asked 2K, got 1024\u{d7}1024"),
            ("", "", (333, 444), ""),
            ("1:1", "4K", (0, 0), ""),
        ] {
            let said = truth(&turn(flash, ratio, size, vec![image(got.0, got.1)]));
            let expected: Vec<&str> = Some(says).into_iter().filter(|says| !says.is_empty()).collect();
            assert_eq!(said, expected, "{ratio} {size} {got:?}");
        }
        // Nobody says how large the pictures of an unknown model are.
        assert!(truth(&turn("gemini-9-image", "1:1", "", vec![image(2048, 2048)])).is_empty());
        assert_eq!(
            truth(&turn("gemini-9-image", "1:1", "4K", vec![image(2048, 2048)])).len(),
            1
        );
    }

    #[test]
    fn drafts_are_not_judged_and_nothing_is_said_twice() {
        let mut draft = image(10, 10);
        draft.kind = ImageKind::Draft;
        let flash = "gemini-3.1-flash-image";
        let mut two = turn(flash, "1:1", "1K", vec![draft, image(512, 512), image(512, 512)]);
        assert_eq!(truth(&two), ["Asked 1K 1:1 (1024\u{d7}1024), got 512\u{d7}512"]);
        two.images.truncate(1);
        assert!(truth(&two).is_empty());
    }

    #[test]
    fn fewer_images_than_candidates_are_told() {
        let mut three = turn("gemini-2.5-flash-image", "", "", vec![image(1024, 1024); 2]);
        three.request.tuning.candidates = Some(3);
        assert_eq!(truth(&three), ["Asked for 3 candidates, got 2 of their pictures"]);
        three.images.push(image(1024, 1024));
        assert!(truth(&three).is_empty());
    }

    #[test]
    fn another_model_than_the_one_that_was_asked_is_named() {
        for (asked, answered, same) in [
            ("gemini-3-pro-image", "gemini-3-pro-image", true),
            ("gemini-3-pro-image", "models/gemini-3-pro-image-preview", true),
            ("gemini-3-pro-image-preview", "gemini-3-pro-image", true),
            (
                "gemini-3.1-flash-image-preview-c",
                "gemini-3.1-flash-image-001",
                true,
            ),
            ("gemini-3-pro-image", "", true),
            ("gemini-3-pro-image", "gemini-3.1-flash-image", false),
            ("gemini-3.1-flash-lite-image", "gemini-3.1-flash-image", false),
            ("gemini-2.5-flash-image", "gemini-2.5-flash", false),
            ("nano-banana-pro-preview", "gemini-3-pro-image", true),
            ("gemini-3-pro-image", "models/nano-banana-pro-preview", true),
            ("nano-banana-pro-preview", "gemini-3.1-flash-image", false),
        ] {
            let mut turn = turn(asked, "", "", Vec::new());
            turn.model_version = Some(answered.to_owned());
            let expected = (!same).then(|| format!("Asked {asked}, and {answered} answered"));
            assert_eq!(truth(&turn), Vec::from_iter(expected));
        }
    }

    #[test]
    fn a_label_that_is_not_what_the_bytes_are_is_said() {
        let mut odd = image(1024, 1024);
        odd.mime = Mime::Jpeg;
        let said = truth(&turn("gemini-3-pro-image", "", "", vec![odd.clone()]));
        assert_eq!(
            said,
            ["The picture was declared as image/png, and its bytes are image/jpeg"]
        );
        odd.declared_mime = Some("image/JPG; q=1".to_owned());
        assert!(truth(&turn("gemini-3-pro-image", "", "", vec![odd.clone()])).is_empty());
        odd.mime = Mime::Unknown;
        assert!(truth(&turn("gemini-3-pro-image", "", "", vec![odd])).is_empty());
    }
}
