//! Conversations, signatures, and changes to given pictures.

use serde_json::{Value, json};
use tintype::demo::{Server, Style};

use super::{ask, bytes, events, message, pixels, result, serve, stream};

/// The second turn of a conversation, with what the first one answered.
fn follow_up(first: &str, model_parts: &Value, then: &str) -> Value {
    let mut body = ask(then);
    body["contents"] = json!([
        {"role": "user", "parts": [{"text": first}]},
        {"role": "model", "parts": model_parts},
        {"role": "user", "parts": [{"text": then}]},
    ]);
    body
}

#[tokio::test]
async fn google_style_wants_its_signatures_back_unaltered() {
    let (model, prompt) = ("gemini-3.1-flash-image", "the moon over hills at night");
    let first = serve(Style::Google, 0.0).await;
    let (_, answer) = stream(&first, model, &ask(prompt)).await;
    let picture = result(&events(&answer, "\r\n"));
    drop(first);
    // Another process of the same program must know its own signatures.
    let server = serve(Style::Google, 0.0).await;
    let (status, answer) = stream(
        &server,
        model,
        &follow_up(prompt, &json!([picture]), "make the moon larger"),
    )
    .await;
    assert_eq!(status, 200, "{answer}");
    let larger = pixels(&bytes(&result(&events(&answer, "\r\n"))));
    let bright = |image: &image::RgbImage| {
        image
            .pixels()
            .filter(|pixel| pixel.0.iter().all(|byte| *byte > 150))
            .count()
    };
    assert!(
        bright(&larger) > bright(&pixels(&bytes(&picture))) * 3 / 2,
        "the moon has grown"
    );

    let mut missing = picture.clone();
    missing.as_object_mut().unwrap().remove("thoughtSignature");
    let (status, body) = stream(&server, model, &follow_up(prompt, &json!([missing]), "larger")).await;
    assert_eq!(status, 400);
    assert_eq!(
        message(&body),
        "Image part is missing a thought_signature in content position 2, part position 1."
    );
    let mut altered = picture.clone();
    altered["thoughtSignature"] = json!(
        picture["thoughtSignature"]
            .as_str()
            .unwrap()
            .replace(['A', 'B', 'C'], "D")
    );
    altered["thoughtSignature"] = json!(format!("{}AAAA", altered["thoughtSignature"].as_str().unwrap()));
    let (status, body) = stream(&server, model, &follow_up(prompt, &json!([altered]), "larger")).await;
    assert_eq!(
        (status, message(&body).as_str()),
        (400, "Thought signature is not valid.")
    );
    let (status, _) = stream(
        &server,
        model,
        &follow_up("another question", &json!([picture]), "larger"),
    )
    .await;
    assert_eq!(status, 400, "a signature belongs to its question");
}

#[tokio::test]
async fn a_relay_forgives_a_missing_signature_but_not_a_wrong_one() {
    let (model, prompt) = ("any-image-model", "a castle in the morning");
    let server = serve(Style::Relay, 0.0).await;
    let (_, answer) = stream(&server, model, &ask(prompt)).await;
    let mut picture = result(&events(&answer, "\n"));
    let before = pixels(&bytes(&picture));
    picture.as_object_mut().unwrap().remove("thoughtSignature");
    let (status, answer) = stream(
        &server,
        model,
        &follow_up(prompt, &json!([picture]), "make it night"),
    )
    .await;
    assert_eq!(status, 200);
    let after = pixels(&bytes(&result(&events(&answer, "\n"))));
    assert!(light(&after) < light(&before) * 0.7);
    picture["thoughtSignature"] = json!("bm90IG1pbmU=");
    let (status, _) = stream(
        &server,
        model,
        &follow_up(prompt, &json!([picture]), "make it night"),
    )
    .await;
    assert_eq!(status, 400);
}

fn light(image: &image::RgbImage) -> f64 {
    image
        .pixels()
        .flat_map(|pixel| pixel.0)
        .map(f64::from)
        .sum::<f64>()
        / (image.len() as f64)
}

/// A picture that no painter made: four fields of colour.
fn fields() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(300, 200, |x, y| {
        image::Rgb(match (x < 150, y < 100) {
            (true, true) => [220, 60, 50],
            (false, true) => [240, 200, 60],
            (true, false) => [60, 160, 90],
            (false, false) => [50, 90, 200],
        })
    });
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

async fn edit(server: &Server, words: &str) -> image::RgbImage {
    let data = base64_simd::STANDARD.encode_to_string(fields());
    let body = json!({"contents": [{"role": "user", "parts": [
        {"text": words},
        {"inlineData": {"mimeType": "image/png", "data": data}},
    ]}], "generationConfig": {"imageConfig": {"imageSize": "512"}}});
    let (status, answer) = stream(server, "gemini-3.1-flash-image", &body).await;
    assert_eq!(status, 200, "{answer}");
    pixels(&bytes(&result(&events(&answer, "\n"))))
}

#[tokio::test]
async fn a_given_picture_stays_recognisable_and_visibly_changes() {
    let server = serve(Style::Relay, 0.0).await;
    let original = light(&pixels(&fields()));
    for words in [
        "make it night",
        "as a watercolour",
        "add a moon",
        "black and white",
        "xyzzy",
        "warmer",
        "sketch",
    ] {
        let picture = edit(&server, words).await;
        assert_eq!(picture.dimensions(), (632, 424), "3:2 stays 3:2: {words}");
        let corner = |x: u32, y: u32| picture.get_pixel(x, y).0;
        let quarters = [
            corner(158, 150),
            corner(474, 150),
            corner(158, 300),
            corner(474, 300),
        ];
        let distinct = quarters.iter().enumerate().all(|(index, one)| {
            let apart = |other: &[u8; 3]| {
                one.iter()
                    .zip(other)
                    .map(|(a, b)| u32::from(a.abs_diff(*b)))
                    .sum::<u32>()
            };
            quarters[..index].iter().all(|other| apart(other) > 6)
        });
        assert!(
            distinct || words == "sketch",
            "the four fields can still be told apart: {words} {quarters:?}"
        );
    }
    assert!(light(&edit(&server, "make it night").await) < original * 0.7);
    let grey = edit(&server, "black and white").await;
    assert!(
        grey.pixels()
            .all(|pixel| pixel.0.iter().max().unwrap() - pixel.0.iter().min().unwrap() < 4)
    );
}
