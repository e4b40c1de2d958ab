//! Every feature of every model, as the documents have it: the whole body where one is sent, and that nothing is sent
//! where a model does not take what was asked for.

use serde_json::{Value, json};

use super::documents::{Model, Provider, Search};
use super::{Asked, Capture};

const PROMPT: &str = "A lighthouse at dusk";
const EDIT: &str = "Put the person of the first picture into the street of the second";

/// Sends everything that can be asked of a model, and holds it against the documents.
pub(super) fn check(capture: &mut Capture, provider: &Provider, model: &Model) {
    capture.answer_for(model);
    capture.heading(&provider.name, &model.name);
    prompt_alone(capture, provider, model);
    edit(capture, provider, model);
    ratios_and_sizes(capture, provider, model);
    thinking(capture, provider, model);
    tools(capture, provider, model);
    candidates(capture, provider, model);
    outputs(capture, provider, model);
}

/// The body of a request without references: the user's message and what else is said.
fn body(prompt: &str, config: &Value, rest: &[(&str, Value)]) -> Value {
    let mut body = json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}]});
    if config != &json!({}) {
        body["generationConfig"] = config.clone();
    }
    for (name, value) in rest {
        body[*name] = value.clone();
    }
    body
}

/// Returns `generationConfig` as it is by itself, with these fields besides.
fn config(model: &Model, fields: &Value) -> Value {
    let mut config = json!({"responseModalities": ["TEXT", "IMAGE"]});
    if model.thinks_if_asked {
        config["thinkingConfig"] = json!({"includeThoughts": true});
    }
    for (name, value) in fields.as_object().unwrap() {
        config[name] = value.clone();
    }
    config
}

fn prompt_alone(capture: &mut Capture, provider: &Provider, model: &Model) {
    let sent = capture.send(provider, model, Asked::shown("a prompt", &[PROMPT]));
    assert_eq!(sent, body(PROMPT, &config(model, &json!({})), &[]));
}

/// References behind the text, in their order, in the spelling of the provider's document.
fn edit(capture: &mut Capture, provider: &Provider, model: &Model) {
    let mut args = vec![EDIT, "-a", "16:9", "-i", "person.png", "-i", "street.jpg"];
    let mut image = json!({"aspectRatio": "16:9"});
    let mut what = "a prompt, 16:9, two references".to_owned();
    if let Some(size) = model.sizes.iter().flatten().last() {
        args.extend(["-s", size]);
        image["imageSize"] = json!(size);
        what = format!("{what}, {size}");
    }
    let sent = capture.send(provider, model, Asked::shown(&what, &args));
    let mut expected = body(EDIT, &config(model, &json!({ "imageConfig": image })), &[]);
    let (object, mime) = if provider.is_snake {
        ("inline_data", "mime_type")
    } else {
        ("inlineData", "mimeType")
    };
    let parts = expected["contents"][0]["parts"].as_array_mut().unwrap();
    for (place, kind) in [(1, "image/png"), (2, "image/jpeg")] {
        let data = sent["contents"][0]["parts"][place][object]["data"].clone();
        assert!(
            data.as_str().is_some_and(|data| data.ends_with(" bytes>")),
            "{sent}"
        );
        parts.push(json!({object: {mime: kind, "data": data}}));
    }
    assert_eq!(sent, expected);
    args.push("--dry-run");
    assert_eq!(capture.dry_run(provider, model, &args), sent);
}

/// Each ratio with one of the sizes, and each size, as they are spelled in the documents.
fn ratios_and_sizes(capture: &mut Capture, provider: &Provider, model: &Model) {
    let ratios = model.ratios.as_deref().unwrap_or(&["1:1", "16:9"]);
    let sizes = model.sizes.as_deref().unwrap_or(&["1K", "2K", "4K"]);
    for place in 0..ratios.len().max(sizes.len()) {
        let ratio = ratios[place % ratios.len()];
        let mut args = vec![PROMPT, "-a", ratio];
        let mut image = json!({"aspectRatio": ratio});
        if !sizes.is_empty() {
            let size = sizes[place % sizes.len()];
            args.extend(["-s", size]);
            image["imageSize"] = json!(size);
        }
        let sent = capture.send(provider, model, Asked::unshown(&args));
        assert_eq!(
            sent,
            body(PROMPT, &config(model, &json!({ "imageConfig": image })), &[])
        );
    }
    let all = ["512", "1K", "2K", "4K"].into_iter();
    for size in all.filter(|size| model.sizes.is_some() && !sizes.contains(size)) {
        capture.refuses(provider, model, &[PROMPT, "-s", size]);
    }
    if model
        .ratios
        .as_ref()
        .is_some_and(|ratios| !ratios.contains(&"8:1"))
    {
        capture.refuses(provider, model, &[PROMPT, "-a", "8:1"]);
    }
}

fn thinking(capture: &mut Capture, provider: &Provider, model: &Model) {
    for level in &model.levels {
        let asked = [PROMPT, "--thinking", level];
        let what = format!("thinking {level}");
        let sent = capture.send(provider, model, Asked::shown(&what, &asked));
        let fields = json!({"thinkingConfig": {"includeThoughts": true, "thinkingLevel": level}});
        assert_eq!(sent, body(PROMPT, &config(model, &fields), &[]));
    }
    // Where the documents say nothing of sizes, they say nothing of levels either: then the server decides.
    if model.levels.is_empty() && model.sizes.is_some() {
        capture.refuses(provider, model, &[PROMPT, "--thinking", "high"]);
    }
    if model.thinks_if_asked {
        let sent = capture.send(provider, model, Asked::unshown(&[PROMPT, "--no-thoughts"]));
        let fields = json!({"thinkingConfig": {"includeThoughts": false}});
        assert_eq!(sent, body(PROMPT, &config(model, &fields), &[]));
    }
}

/// The search in the form that the model has, and tools as they are given.
fn tools(capture: &mut Capture, provider: &Provider, model: &Model) {
    let search = match model.search {
        Search::None => None,
        Search::Web => Some(json!({"googleSearch": {}})),
        Search::WebAndImages => {
            Some(json!({"googleSearch": {"searchTypes": {"webSearch": {}, "imageSearch": {}}}}))
        }
    };
    match search {
        Some(search) => {
            let sent = capture.send(provider, model, Asked::shown("search", &[PROMPT, "--search"]));
            assert_eq!(
                sent,
                body(PROMPT, &config(model, &json!({})), &[("tools", json!([search]))])
            );
        }
        None if model.sizes.is_some() => capture.refuses(provider, model, &[PROMPT, "--search"]),
        None => {}
    }
    let given = "[ {\"google_search\": {}},{\"urlContext\":{ }} ]";
    let args = [
        PROMPT,
        "--tools",
        given,
        "--safety",
        "harassment=block_only_high",
        "--system",
        "Paint flat",
    ];
    let what = "tools, safety settings and a system instruction";
    let sent = capture.send(provider, model, Asked::shown(what, &args));
    let rest = [
        ("systemInstruction", json!({"parts": [{"text": "Paint flat"}]})),
        (
            "safetySettings",
            json!([{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}]),
        ),
        ("tools", serde_json::from_str(given).unwrap()),
    ];
    assert_eq!(sent, body(PROMPT, &config(model, &json!({})), &rest));
}

fn candidates(capture: &mut Capture, provider: &Provider, model: &Model) {
    let most = model.candidates.to_string();
    if model.candidates > 1 {
        let asked = [PROMPT, "--candidates", &most];
        let sent = capture.send(provider, model, Asked::shown("candidates", &asked));
        let fields = json!({"candidateCount": model.candidates});
        assert_eq!(sent, body(PROMPT, &config(model, &fields), &[]));
    }
    let more = (model.candidates + 1).to_string();
    if model.sizes.is_some() {
        capture.refuses(provider, model, &[PROMPT, "--candidates", &more]);
    }
}

/// Images alone, words, and what the next turn sends of both.
fn outputs(capture: &mut Capture, provider: &Provider, model: &Model) {
    let args = [PROMPT, "--images-only"];
    let sent = capture.send(provider, model, Asked::shown("images only", &args));
    let images = config(model, &json!({"responseModalities": ["IMAGE"]}));
    assert_eq!(sent, body(PROMPT, &images, &[]));
    let args = ["Make it night", "-c", "--images-only"];
    let sent = capture.send(provider, model, Asked::shown("the next turn", &args));
    assert_eq!(sent["generationConfig"], images);
    let roles = |sent: &Value| -> Vec<String> {
        let messages = sent["contents"].as_array().unwrap().iter();
        messages
            .map(|message| message["role"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(roles(&sent), ["user", "model", "user"]);
    capture.answer_with("08-text-only-stop");
    let mut words = config(model, &json!({}));
    if !model.needs_modalities {
        words.as_object_mut().unwrap().remove("responseModalities");
    }
    let args = ["Write a poem about the sea", "--text"];
    let sent = capture.send(provider, model, Asked::shown("words", &args));
    assert_eq!(sent, body(args[0], &words, &[]));
    let args = ["And one about hills", "--text", "-c"];
    let sent = capture.send(provider, model, Asked::shown("words, the next turn", &args));
    assert_eq!(roles(&sent), ["user", "model", "user"]);
    let said = "Okay, here is an image that should work for your article.\n\n";
    assert_eq!(sent["contents"][1]["parts"], json!([{"text": said}]));
}
