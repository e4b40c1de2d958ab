//! What a model does not take is refused in the provider's words, in both styles; what it takes is taken.

use serde_json::{Value, json};
use tintype::demo::Style;

use super::{address, ask, events, message, parts, post, result, serve, stream};

/// The request with a value at a path of keys.
fn with(path: &[&str], value: Value) -> Value {
    let mut body = ask("hills");
    let mut place = &mut body;
    for key in path {
        place = &mut place[*key];
    }
    *place = value;
    body
}

fn config(key: &str, value: Value) -> Value {
    with(&["generationConfig", key], value)
}

fn image(key: &str, value: &str) -> Value {
    with(&["generationConfig", "imageConfig", key], json!(value))
}

fn references(count: usize, mime: &str, bytes: &[u8]) -> Value {
    let data = base64_simd::STANDARD.encode_to_string(bytes);
    let mut parts = vec![json!({"text": "hills"})];
    parts.extend(vec![
        json!({"inlineData": {"mimeType": mime, "data": data}});
        count
    ]);
    let mut body = ask("hills");
    body["contents"][0]["parts"] = json!(parts);
    body
}

fn png() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(16, 16, image::Rgb([9, 99, 199]));
    picture.write_to(&mut file, image::ImageFormat::Png).unwrap();
    file.into_inner()
}

#[tokio::test]
async fn what_the_table_refuses_is_refused_in_both_styles() {
    let (flash, pro) = ("gemini-3.1-flash-image", "gemini-3-pro-image");
    let (lite, old) = ("gemini-3.1-flash-lite-image", "gemini-2.5-flash-image");
    let thinking = |value: Value| {
        let mut body = config("thinkingConfig", value);
        body["generationConfig"]["imageConfig"] = json!({});
        body
    };
    let search = json!([{"googleSearch": {}}]);
    let without_size = |mut body: Value| {
        body["generationConfig"]["imageConfig"] = json!({});
        body
    };
    #[rustfmt::skip]
    let cases = [
        (flash, image("aspectRatio", "16x9"), "aspect_ratio must be one of '1:1'"),
        (pro, image("aspectRatio", "1:8"), "aspect_ratio must be one of '1:1'"),
        (pro, image("imageSize", "512"), "image_size must be one of '1K', '2K', '4K'"),
        (lite, image("imageSize", "2K"), "image_size must be one of '1K'"),
        (flash, image("imageSize", "1k"), "image_size must be one of '512', '1K'"),
        (old, image("imageSize", "1K"), "Image size is not enabled for this model"),
        (flash, config("aspectRatio", json!("1:1")), "Unknown name \"aspectRatio\" at 'generation_config'"),
        (flash, config("candidateCount", json!(2)), "Multiple candidates is not enabled for this model"),
        (flash, references(15, "image/png", &png()), "at most 14 images"),
        (flash, references(1, "image/gif", b"GIF89a\x01\0\x01\0\0\0\0;"), "Unsupported MIME type: image/gif"),
        (flash, references(1, "image/png", b"GIF89a\x01\0\x01\0\0\0\0;"), "Unable to process input image"),
        (flash, references(1, "image/png", b""), "empty inlineData parameter"),
        (old, thinking(json!({"includeThoughts": true})), "Thinking is not enabled for models/gemini-2.5-flash-image"),
        (pro, thinking(json!({"thinkingLevel": "high"})), "Thinking level is not supported for this model"),
        (flash, thinking(json!({"thinkingLevel": "medium"})), "Thinking level MEDIUM is not supported"),
        (flash, thinking(json!({"thinkingLevel": "high", "thinkingBudget": 9})), "only one of thinking budget and thinking level"),
        (lite, without_size(with(&["tools"], search.clone())), "Search Grounding is not supported"),
        (flash, with(&["tools"], json!([{"functionDeclarations": []}])), "Function calling is not enabled"),
        (flash, config("candidateCount", json!(0)), "candidate_count must be in the range [1, 1]"),
        (flash, config("candidateCount", json!("two")), "Invalid value at 'generation_config.candidate_count'"),
        (flash, config("responseModalities", json!("IMAGE")), "Invalid value at 'generation_config.response_modalities'"),
        (flash, config("responseModalities", json!(["IMAGE", "AUDIO"])), "combination of response modalities is not supported"),
        (flash, config("responseModalities", json!(["TEXT", "PAINTING"])), "Invalid value at 'generation_config.response_modalities[1]'"),
        (flash, with(&["tools"], json!({"googleSearch": {}})), "Invalid value at 'tools'"),
        (flash, with(&["tools"], json!(["googleSearch"])), "Invalid value at 'tools[0]'"),
        (flash, with(&["tools"], json!([{"urlContext": {}}])), "Tool 'url_context' is not supported"),
        (flash, with(&["tools"], json!([{"sparkle": {}}])), "Unknown name \"sparkle\" at 'tools[0]'"),
        (pro, with(&["tools"], json!([{"google_search": {"search_types": {"image_search": {}}}}])), "Image search is not supported"),
        (flash, config("temperature", json!(2.5)), "temperature must be in the range [0, 2]"),
        (flash, config("topP", json!(1.5)), "top_p must be in the range [0, 1]"),
        (flash, config("topK", json!(0)), "top_k must be in the range [1, 64]"),
        (flash, config("seed", json!(4_000_000_000_u64)), "seed must be in the range"),
        (flash, config("maxOutputTokens", json!(0)), "max_output_tokens must be in the range [1, 32768]"),
        (flash, config("temperature", json!("hot")), "Invalid value at 'generation_config.temperature'"),
        (flash, with(&["systemInstruction"], json!("be brief")), "Invalid value at 'system_instruction'"),
        (flash, with(&["safetySettings"], json!([{"category": "HARM_CATEGORY_RUDE", "threshold": "OFF"}])), "Invalid value at 'safety_settings[0].category'"),
        (flash, with(&["safetySettings"], json!([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "MAYBE"}])), "Invalid value at 'safety_settings[0].threshold'"),
    ];
    for style in [Style::Relay, Style::Google] {
        let server = serve(style, 0.0).await;
        for (model, body, words) in &cases {
            let (status, answer) = stream(&server, model, body).await;
            assert_eq!(status, 400, "{style} {model} {words}: {answer:.300}");
            assert!(message(&answer).contains(words), "{style}: {answer}");
        }
    }
}

#[tokio::test]
async fn everything_that_a_request_may_say_is_taken() {
    let mut body = ask("a lighthouse at dusk");
    body["systemInstruction"] = json!({"parts": [{"text": "Paint in blue only"}]});
    body["safetySettings"] =
        json!([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}]);
    body["tools"] = json!([{"googleSearch": {"searchTypes": {"webSearch": {}, "imageSearch": {}}}}]);
    for (key, value) in [
        ("temperature", json!(0.5)),
        ("topP", json!(0.9)),
        ("topK", json!(40)),
        ("seed", json!(-7)),
        ("maxOutputTokens", json!(8192)),
        (
            "thinkingConfig",
            json!({"includeThoughts": true, "thinkingLevel": "high"}),
        ),
    ] {
        body["generationConfig"][key] = value;
    }
    for (style, end) in [(Style::Relay, "\n"), (Style::Google, "\r\n")] {
        let server = serve(style, 0.0).await;
        let (status, answer) = stream(&server, "gemini-3.1-flash-image", &body).await;
        assert_eq!(status, 200, "{answer:.300}");
        let events = events(&answer, end);
        result(&events);
        let grounded =
            |event: &Value| event["candidates"][0]["groundingMetadata"]["groundingChunks"].is_array();
        assert!(events.iter().any(grounded), "a search has sources");
        let (status, answer) = stream(
            &server,
            "gemini-3.1-flash-image",
            &references(14, "image/png", &png()),
        )
        .await;
        assert_eq!(status, 200, "{answer:.300}");
    }
}

#[tokio::test]
async fn a_budget_too_small_for_a_picture_ends_before_there_is_one() {
    let server = serve(Style::Google, 0.0).await;
    let (status, answer) = stream(
        &server,
        "gemini-3.1-flash-image",
        &config("maxOutputTokens", json!(100)),
    )
    .await;
    let events = events(&answer, "\r\n");
    assert_eq!(status, 200);
    assert_eq!(
        events.last().unwrap()["candidates"][0]["finishReason"],
        "MAX_TOKENS"
    );
    assert!(parts(&events).iter().all(|part| part["inlineData"].is_null()));
}

#[tokio::test]
async fn names_that_nobody_knows_are_refused_by_google_and_dropped_by_a_relay() {
    for (body, words) in [
        (
            with(&["sparkle"], json!(1)),
            "Unknown name \"sparkle\": Cannot find field",
        ),
        (
            config("sparkle", json!(1)),
            "Unknown name \"sparkle\" at 'generation_config'",
        ),
    ] {
        let google = serve(Style::Google, 0.0).await;
        let (status, answer) = stream(&google, "gemini-3.1-flash-image", &body).await;
        assert_eq!(status, 400);
        assert!(message(&answer).contains(words), "{answer}");
        let relay = serve(Style::Relay, 0.0).await;
        assert_eq!(stream(&relay, "gemini-3.1-flash-image", &body).await.0, 200);
    }
}

#[tokio::test]
async fn without_thoughts_google_sends_neither_thoughts_nor_drafts() {
    let server = serve(Style::Google, 0.0).await;
    let body = config(
        "thinkingConfig",
        json!({"includeThoughts": false, "thinkingLevel": "minimal"}),
    );
    let (status, answer) = stream(&server, "gemini-3.1-flash-image", &body).await;
    assert_eq!(status, 200);
    assert!(
        parts(&events(&answer, "\r\n"))
            .iter()
            .all(|part| part["thought"] != true)
    );
}

/// The candidates of an answer by their indices: text, and images that are no drafts.
fn by_candidate(events: &[Value]) -> Vec<(u64, String, usize)> {
    let mut found: Vec<(u64, String, usize)> = Vec::new();
    let all = events.iter().filter_map(|event| event["candidates"].as_array());
    for candidate in all.flatten() {
        let index = candidate["index"].as_u64().unwrap_or(0);
        if found.iter().all(|(known, ..)| *known != index) {
            found.push((index, String::new(), 0));
        }
        let of_index = found.iter_mut().find(|(known, ..)| *known == index).unwrap();
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            if part["thought"] != true {
                of_index.1.push_str(part["text"].as_str().unwrap_or_default());
                of_index.2 += usize::from(part["inlineData"].is_object());
            }
        }
    }
    found
}

#[tokio::test]
async fn a_relay_gives_as_many_candidates_as_the_table_says_each_with_an_image_of_its_own() {
    let server = serve(Style::Relay, 0.0).await;
    let mut body = config("candidateCount", json!(3));
    body["generationConfig"]["imageConfig"] = json!({"aspectRatio": "1:1"});
    let model = "gemini-2.5-flash-image";
    let (status, answer) = stream(&server, model, &body).await;
    assert_eq!(status, 200, "{answer:.300}");
    let streamed = events(&answer, "\n");
    let unary = post(&address(&server, model, "generateContent"), &body).await;
    let unary: Value = serde_json::from_str(&unary.1).unwrap();
    for events in [streamed, vec![unary]] {
        let images: Vec<(u64, usize)> = by_candidate(&events)
            .into_iter()
            .map(|(index, _, images)| (index, images))
            .collect();
        assert_eq!(images, [(0, 1), (1, 1), (2, 1)]);
        let usage = events.last().unwrap()["usageMetadata"]["candidatesTokensDetails"][0].clone();
        assert_eq!(usage, json!({"modality": "IMAGE", "tokenCount": 3870}));
    }
    body["generationConfig"]["candidateCount"] = json!(11);
    let (status, answer) = stream(&server, model, &body).await;
    assert_eq!(status, 400);
    assert!(
        message(&answer).contains("candidate_count must be in the range [1, 10]"),
        "{answer}"
    );
    let google = serve(Style::Google, 0.0).await;
    body["generationConfig"]["candidateCount"] = json!(2);
    let (_, answer) = stream(&google, model, &body).await;
    assert!(
        message(&answer).contains("Multiple candidates is not enabled"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_an_answer_is_made_of_follows_its_modalities() {
    let server = serve(Style::Relay, 0.0).await;
    for (prompt, modalities, text, images) in [
        ("a poem about hills", Some(json!(["TEXT", "IMAGE"])), None, 1),
        ("a poem about hills", Some(json!(["IMAGE"])), Some(false), 1),
        ("a poem about hills", Some(json!(["TEXT"])), Some(true), 0),
        ("a poem about hills", None, Some(true), 0),
        ("What is a hill?", Some(json!([])), Some(true), 0),
        ("hills", None, None, 1),
    ] {
        let mut body = ask(prompt);
        match modalities.clone() {
            Some(modalities) => body["generationConfig"]["responseModalities"] = modalities,
            None => drop(
                body["generationConfig"]
                    .as_object_mut()
                    .unwrap()
                    .remove("responseModalities"),
            ),
        }
        let (status, answer) = stream(&server, "gemini-3.1-flash-image", &body).await;
        assert_eq!(status, 200, "{answer:.300}");
        let found = by_candidate(&events(&answer, "\n"));
        let [(0, said, came)] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert_eq!(*came, images, "{prompt} {modalities:?}");
        let has_text = !said.is_empty();
        assert!(
            text.is_none_or(|text| text == has_text),
            "{prompt} {modalities:?}: {said}"
        );
    }
}

#[tokio::test]
async fn both_spellings_of_image_data_are_understood() {
    let server = serve(Style::Google, 0.0).await;
    let data = base64_simd::STANDARD.encode_to_string(png());
    for part in [
        json!({"inlineData": {"mimeType": "image/png", "data": data}}),
        json!({"inline_data": {"mime_type": "image/png", "data": data}}),
    ] {
        let mut body = ask("make it night");
        body["contents"][0]["parts"] = json!([{"text": "make it night"}, part]);
        let (status, answer) = stream(&server, "gemini-3.1-flash-image", &body).await;
        assert_eq!(status, 200, "{answer:.300}");
        let of_images = |event: &Value| event["usageMetadata"]["promptTokenCount"].as_u64() > Some(500);
        assert!(
            events(&answer, "\r\n").iter().any(of_images),
            "the image was seen"
        );
    }
}
