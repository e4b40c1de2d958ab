#![expect(
    clippy::disallowed_methods,
    reason = "tests write the files that bodies are made of"
)]

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::domain::{
    ImageKind, Mime, Output, Part, Reference, SessionId, Signature, Tuning, TurnId, TurnStatus,
};
use crate::provider::capability;

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn reference(&self, name: &str, mime: Mime, bytes: &[u8]) -> Reference {
        Reference {
            path: self.put(name, bytes),
            mime,
            bytes: bytes.len() as u64,
            ..Reference::default()
        }
    }

    fn image(&self, name: &str, kind: ImageKind, declared: Option<&str>, bytes: &[u8]) -> Image {
        Image {
            kind,
            path: self.put(name, bytes),
            mime: Mime::Jpeg,
            declared_mime: declared.map(str::to_owned),
            width: 1,
            height: 1,
            bytes: bytes.len() as u64,
            sha256: String::new(),
        }
    }
}

fn request(prompt: &str) -> Request {
    Request {
        prompt: prompt.to_owned(),
        provider: "anyfast".to_owned(),
        model: "gemini-3.1-flash-image".to_owned(),
        ..Request::default()
    }
}

fn turn(number: u32, prompt: &str, status: TurnStatus) -> Turn {
    let mut turn = Turn::new(
        TurnId::new(u64::from(number), 0),
        SessionId::new(0, 0),
        number,
        0,
        request(prompt),
    );
    turn.status = status;
    turn
}

/// A finished turn with one signed picture.
fn pictured(files: &Files, number: u32, prompt: &str) -> Turn {
    let mut turn = turn(number, prompt, TurnStatus::Finished);
    let name = format!("picture-{number}");
    turn.images = vec![files.image(&name, ImageKind::Result, Some("image/png"), name.as_bytes())];
    turn.parts = vec![Part::Image {
        image: 0,
        signature: Some(Signature::Inline(format!("sig-{number}"))),
    }];
    turn
}

fn sent(body: &Body) -> Vec<u8> {
    let mut bytes = Vec::new();
    for segment in body.segments() {
        let read = |path: &Path| std::fs::read(path).unwrap();
        match segment {
            Segment::Literal(literal) => bytes.extend_from_slice(literal),
            Segment::Base64File { path, .. } => bytes.extend(BASE64_STANDARD.encode(read(path)).into_bytes()),
            Segment::TextFile { path, .. } => bytes.extend(read(path)),
        }
    }
    assert_eq!(
        body.len(),
        bytes.len() as u64,
        "the length that is promised is the length that is sent"
    );
    bytes
}

fn value(body: &Body) -> Value {
    serde_json::from_slice(&sent(body)).unwrap()
}

fn of(request: &Request, history: &[Turn]) -> Value {
    value(&body(
        request,
        history,
        &capability::find(&request.provider, &request.model),
    ))
}

fn contents(request: &Request, history: &[Turn]) -> Value {
    of(request, history)["contents"].clone()
}

fn picture(mime: &str, bytes: &str) -> Value {
    json!({"mime_type": mime, "data": BASE64_STANDARD.encode(bytes)})
}

#[test]
fn the_smallest_request() {
    assert_eq!(
        of(&request("A lighthouse at dusk"), &[]),
        json!({"contents": [{"role": "user", "parts": [{"text": "A lighthouse at dusk"}]}],
               "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]}})
    );
}

#[test]
fn references_follow_the_words_in_their_order_and_prompts_survive_escaping() {
    let files = Files::new();
    let prompt = "a \"fox\"\\ \u{0}\u{1f}\t\n\u{2028} 狐 🦊 </script>";
    let mut request = request(prompt);
    request.references = vec![
        files.reference("a", Mime::Jpeg, b"1234"),
        files.reference("b", Mime::Webp, b"12345"),
        files.reference("c", Mime::Png, b"123456"),
    ];
    assert_eq!(
        contents(&request, &[]),
        json!([{"role": "user", "parts": [
            {"text": prompt},
            {"inline_data": picture("image/jpeg", "1234")},
            {"inline_data": picture("image/webp", "12345")},
            {"inline_data": picture("image/png", "123456")}]}])
    );
    request.prompt.clear();
    assert_eq!(contents(&request, &[])[0]["parts"].as_array().unwrap().len(), 3);
}

#[test]
fn the_settings_say_only_what_the_model_takes() {
    let config = |provider: &str, model: &str, ratio: &str, size: &str| {
        let request = Request {
            provider: provider.to_owned(),
            model: model.to_owned(),
            aspect_ratio: ratio.parse().ok(),
            size: size.parse().ok(),
            ..request("x")
        };
        let mut config = of(&request, &[])["generationConfig"].take();
        assert_eq!(config["responseModalities"], json!(["TEXT", "IMAGE"]));
        config.as_object_mut().unwrap().remove("responseModalities");
        config
    };
    let thinks = json!({"includeThoughts": true});
    for (provider, model, ratio, size, expected) in [
        (
            "google",
            "gemini-3-pro-image",
            "16:9",
            "2K",
            json!({"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}, "thinkingConfig": thinks}),
        ),
        (
            "google",
            "gemini-3.1-flash-lite-image",
            "",
            "1K",
            json!({"imageConfig": {"imageSize": "1K"}, "thinkingConfig": thinks}),
        ),
        (
            "google",
            "gemini-2.5-flash-image",
            "21:9",
            "",
            json!({"imageConfig": {"aspectRatio": "21:9"}}),
        ),
        (
            "anyfast",
            "gemini-3.1-flash-image",
            "",
            "4K",
            json!({"imageConfig": {"imageSize": "4K"}}),
        ),
        (
            "anyfast",
            "gemini-3.1-flash-lite-image",
            "4:5",
            "1K",
            json!({"imageConfig": {"aspectRatio": "4:5", "imageSize": "1K"}}),
        ),
        ("anyfast", "gemini-3.1-flash-lite-image", "", "", json!({})),
        ("starrise", "gemini-2.5-flash-image", "", "", json!({})),
        ("tokaify", "gemini-2.5-flash-image", "", "", json!({})),
        (
            "google",
            "gemini-9-image",
            "1:1",
            "1K",
            json!({"imageConfig": {"aspectRatio": "1:1", "imageSize": "1K"}}),
        ),
    ] {
        assert_eq!(
            config(provider, model, ratio, size),
            expected,
            "{model} at {provider}"
        );
    }
}

#[test]
fn a_history_goes_back_part_by_part_as_it_came() {
    let files = Files::new();
    let mut first = turn(1, "A red square", TurnStatus::Finished);
    first.request.references = vec![files.reference("ref", Mime::Png, b"ref")];
    first.images = vec![
        files.image("draft", ImageKind::Draft, None, b"draft"),
        files.image(
            "one",
            ImageKind::Result,
            Some("image/png"),
            b"jpeg bytes, called png",
        ),
        files.image("two", ImageKind::Result, None, b"two"),
    ];
    let long = "Sig/+==".repeat(20_000);
    let path = files.put("signature", long.as_bytes());
    let bytes = long.len() as u64;
    first.parts = vec![
        Part::Text {
            text: "Here it is. ".to_owned(),
            signature: Some(Signature::Inline("S1+/=".to_owned())),
        },
        Part::Text {
            text: String::new(),
            signature: None,
        },
        Part::Image {
            image: 1,
            signature: Some(Signature::File { path, bytes }),
        },
        Part::Image {
            image: 2,
            signature: None,
        },
        Part::Image {
            image: 9,
            signature: None,
        },
        Part::Text {
            text: String::new(),
            signature: Some(Signature::Inline("S3".to_owned())),
        },
    ];
    let second = pictured(&files, 2, "Make it blue");
    assert_eq!(
        contents(&request("Now green"), &[first, second]),
        json!([
            {"role": "user", "parts": [{"text": "A red square"}, {"inline_data": picture("image/png", "ref")}]},
            {"role": "model", "parts": [
                {"text": "Here it is. ", "thoughtSignature": "S1+/="},
                {"inline_data": picture("image/png", "jpeg bytes, called png"), "thoughtSignature": long},
                {"inline_data": picture("image/jpeg", "two")},
                {"text": "", "thoughtSignature": "S3"}]},
            {"role": "user", "parts": [{"text": "Make it blue"}]},
            {"role": "model", "parts": [
                {"inline_data": picture("image/png", "picture-2"), "thoughtSignature": "sig-2"}]},
            {"role": "user", "parts": [{"text": "Now green"}]}])
    );
}

/// Who speaks, and the first words of each message.
fn outline(contents: &Value) -> Vec<String> {
    let messages = contents.as_array().unwrap().iter();
    messages
        .map(|message| {
            let parts = message["parts"].as_array().unwrap();
            let data = |part: &Value| {
                let spelled = [&part["inline_data"]["data"], &part["inlineData"]["data"]];
                spelled.into_iter().find(|data| data.is_string()).cloned()
            };
            let said = parts.iter().map(|part| match data(part) {
                Some(Value::String(data)) => {
                    String::from_utf8(BASE64_STANDARD.decode(data).unwrap()).unwrap()
                }
                _ => part["text"].as_str().unwrap().to_owned(),
            });
            let said: Vec<_> = said.collect();
            format!("{}: {}", message["role"].as_str().unwrap(), said.join(" + "))
        })
        .collect()
}

#[test]
fn turns_that_left_nothing_behind_are_skipped_in_pairs() {
    let files = Files::new();
    let mut refused = turn(2, "too much", TurnStatus::Failed);
    refused.finish_reason = Some("IMAGE_SAFETY".to_owned());
    refused.parts = vec![Part::Text {
        text: "I cannot".to_owned(),
        signature: None,
    }];
    let mut broken = turn(3, "cut", TurnStatus::Interrupted);
    broken.parts = vec![Part::Text {
        text: "Here is yo".to_owned(),
        signature: None,
    }];
    let history = [
        turn(0, "rate limited", TurnStatus::Failed),
        pictured(&files, 1, "a fox"),
        refused,
        broken,
        turn(4, "stopped", TurnStatus::Cancelled),
    ];
    assert_eq!(
        outline(&contents(&request("at night"), &history)),
        ["user: a fox", "model: picture-1", "user: at night"]
    );
    assert_eq!(
        outline(&contents(&request("again"), &history[..1])),
        ["user: again"]
    );
}

#[test]
fn words_with_which_the_model_ended_are_part_of_the_talk() {
    let files = Files::new();
    let mut asked = turn(2, "make it nicer", TurnStatus::Failed);
    asked.finish_reason = Some("STOP".to_owned());
    asked.parts = vec![Part::Text {
        text: "Which colour?".to_owned(),
        signature: None,
    }];
    let history = [pictured(&files, 1, "a fox"), asked];
    assert_eq!(
        outline(&contents(&request("red"), &history)),
        [
            "user: a fox",
            "model: picture-1",
            "user: make it nicer",
            "model: Which colour?",
            "user: red"
        ]
    );
}

#[test]
fn a_draft_that_stands_for_a_stopped_turn_goes_along_as_a_reference() {
    let files = Files::new();
    let mut stopped = turn(2, "add a moon", TurnStatus::Cancelled);
    stopped.images = vec![files.image("draft", ImageKind::Draft, None, b"the draft")];
    let mut next = pictured(&files, 3, "larger");
    let history = [pictured(&files, 1, "a fox"), stopped.clone()];
    let mut request = request("larger");
    request.references = vec![files.reference("ref", Mime::Png, b"ref")];
    next.request = request.clone();
    let before = contents(&request, &history);
    assert_eq!(
        outline(&before),
        [
            "user: a fox",
            "model: picture-1",
            "user: larger + the draft + ref"
        ]
    );
    // The turn that was sent this way is sent back this way: its signature belongs to these very messages.
    let history = [history[0].clone(), stopped, next];
    let after = contents(&super::tests::request("and red"), &history);
    assert_eq!(after.as_array().unwrap()[..3], before.as_array().unwrap()[..]);
    assert_eq!(outline(&after)[3..], ["model: picture-3", "user: and red"]);
}

#[test]
fn another_provider_or_model_starts_from_the_picture_without_signatures() {
    let files = Files::new();
    let history = [pictured(&files, 1, "a fox"), pictured(&files, 2, "at night")];
    for (provider, model) in [
        ("google", "gemini-3.1-flash-image"),
        ("anyfast", "gemini-3-pro-image"),
    ] {
        let mut request = request("larger");
        request.provider = provider.to_owned();
        request.model = model.to_owned();
        let sent = contents(&request, &history);
        assert_eq!(outline(&sent), ["user: larger + picture-2"]);
        assert!(!sent.to_string().contains("thoughtSignature"));
        // And back again: what the other one made is the start of a new talk.
        let mut other = pictured(&files, 3, "larger");
        other.request = request;
        let history = [history[0].clone(), history[1].clone(), other];
        assert_eq!(
            outline(&contents(&super::tests::request("red"), &history)),
            ["user: red + picture-3"]
        );
    }
    // A failure elsewhere is no break.
    let mut failed = turn(3, "x", TurnStatus::Failed);
    failed.request.provider = "google".to_owned();
    let history = [history[0].clone(), failed];
    assert_eq!(
        outline(&contents(&request("red"), &history)),
        ["user: a fox", "model: picture-1", "user: red"]
    );
}

#[test]
fn afresh_needs_no_signature() {
    let files = Files::new();
    let history = [
        pictured(&files, 1, "a fox"),
        pictured(&files, 2, "at night"),
        turn(3, "x", TurnStatus::Failed),
    ];
    let request = request("larger");
    let cap = capability::find(&request.provider, &request.model);
    let sent = value(&body_afresh(&request, &history, &cap));
    assert_eq!(outline(&sent["contents"]), ["user: larger + picture-2"]);
    assert!(!sent.to_string().contains("thoughtSignature"));
}

#[test]
fn a_dry_run_is_the_request_with_sizes_for_files() {
    let files = Files::new();
    let mut request = request("say \"{[,:]}\" \\");
    request.size = "2K".parse().ok();
    request.references = vec![files.reference("a", Mime::Png, &[7; 1234])];
    let mut before = pictured(&files, 1, "a fox");
    let path = files.put("signature", b"sss");
    before.parts = vec![Part::Image {
        image: 0,
        signature: Some(Signature::File { path, bytes: 3 }),
    }];
    let shown = body(&request, &[before], &capability::find("anyfast", &request.model)).dry_run();
    assert_eq!(
        shown,
        r#"{
  "contents": [
    {
      "role": "user",
      "parts": [
        {
          "text": "a fox"
        }
      ]
    },
    {
      "role": "model",
      "parts": [
        {
          "inline_data": {
            "mime_type": "image/png",
            "data": "<9 bytes>"
          },
          "thoughtSignature": "<3 bytes>"
        }
      ]
    },
    {
      "role": "user",
      "parts": [
        {
          "text": "say \"{[,:]}\" \\"
        },
        {
          "inline_data": {
            "mime_type": "image/png",
            "data": "<1234 bytes>"
          }
        }
      ]
    }
  ],
  "generationConfig": {
    "responseModalities": [
      "TEXT",
      "IMAGE"
    ],
    "imageConfig": {
      "imageSize": "2K"
    }
  }
}"#
    );
    assert!(serde_json::from_str::<Value>(&shown).is_ok());
}

/// A model at a provider that takes no more than this.
fn taking(bytes: u64) -> Capability {
    let mut cap = capability::find("anyfast", "gemini-3.1-flash-image");
    cap.request_limit = Some(bytes);
    cap
}

#[test]
fn a_path_that_fits_to_the_byte_is_sent_whole_and_nothing_is_said() {
    let files = Files::new();
    let history = [pictured(&files, 1, "a fox"), pictured(&files, 2, "at night")];
    let request = request("larger");
    let whole = body(&request, &history, &taking(1 << 20));
    let Fitted { body, notice } = fitted(&request, &history, &taking(whole.len())).unwrap();
    assert_eq!((body, notice), (whole.clone(), None));

    let short = fitted(&request, &history, &taking(whole.len() - 1)).unwrap();
    assert_eq!(
        outline(&value(&short.body)["contents"]),
        ["user: at night", "model: picture-2", "user: larger"]
    );
    assert!(value(&short.body).to_string().contains("sig-2"));
    let notice = short.notice.unwrap();
    assert!(
        notice.contains("that anyfast takes: the first one is left out"),
        "{notice}"
    );
    assert_eq!(fitted(&request, &[], &taking(1 << 20)).unwrap().notice, None);
}

#[test]
fn signatures_that_outweigh_their_pictures_push_whole_turns_out() {
    let files = Files::new();
    let mut history: Vec<Turn> = (1..=5)
        .map(|n| pictured(&files, n, &format!("step {n}")))
        .collect();
    let signature = "S".repeat(1_000_000);
    let path = files.put("signature", signature.as_bytes());
    for turn in &mut history {
        turn.parts = vec![Part::Image {
            image: 0,
            signature: Some(Signature::File {
                path: path.clone(),
                bytes: 1_000_000,
            }),
        }];
    }
    let request = request("larger");
    let fitted = |limit: u64| super::fitted(&request, &history, &taking(limit));
    let two = fitted(2_500_000).unwrap();
    assert_eq!(
        outline(&value(&two.body)["contents"]),
        [
            "user: step 4",
            "model: picture-4",
            "user: step 5",
            "model: picture-5",
            "user: larger"
        ]
    );
    assert_eq!(
        two.notice.unwrap(),
        "With its earlier turns the request would have 5 MB, more than the 2.5 MB that anyfast takes: \
         the first 3 are left out, and 2 MB are sent"
    );
    let afresh = fitted(900_000).unwrap();
    assert_eq!(
        outline(&value(&afresh.body)["contents"]),
        ["user: larger + picture-5"]
    );
    let notice = afresh.notice.unwrap();
    assert!(
        notice.starts_with("With its earlier turns the request would have 5 MB, more than the 900 KB")
            && notice.contains("it goes on from the last picture alone ("),
        "{notice}"
    );
    let error = fitted(100).unwrap_err();
    assert_eq!(error.kind, crate::error::Kind::TooLarge);
    assert!(
        error.message.ends_with("that anyfast takes; nothing was sent"),
        "{error}"
    );
    assert!(error.hint.contains("without the earlier turns"));
}

#[test]
fn references_that_no_request_can_hold_are_refused_before_anything_is_sent() {
    let files = Files::new();
    let mut request = request("a fox");
    request.references = vec![files.reference("a", Mime::Png, &[7; 3000])];
    let length = body(&request, &[], &taking(1 << 20)).len();
    assert!(fitted(&request, &[], &taking(length)).is_ok());
    let error = fitted(&request, &[], &taking(length - 1)).unwrap_err();
    assert_eq!(
        error.message,
        format!("The request has {length} bytes, more than the 4 KB that anyfast takes; nothing was sent")
    );
    assert_eq!(error.hint, "Give fewer or smaller references");
    // The limit is the table's word, and the user may know better.
    request.tuning.unchecked = true;
    assert!(fitted(&request, &[], &taking(10)).is_ok());
}

#[test]
fn a_change_of_provider_or_model_is_said_once() {
    let files = Files::new();
    let mut first = pictured(&files, 1, "a fox");
    first.request.provider = "google".to_owned();
    first.request.model = "gemini-3-pro-image".to_owned();
    let cap = taking(1 << 20);
    let after = fitted(&request("larger"), &[first.clone()], &cap).unwrap();
    assert_eq!(
        outline(&value(&after.body)["contents"]),
        ["user: larger + picture-1"]
    );
    assert_eq!(
        after.notice.unwrap(),
        "The earlier turns were made by gemini-3-pro-image at google, whose signatures mean nothing here: \
         the request goes on from the last picture alone"
    );

    // Its own turns go back, whichever key made them.
    let mut second = pictured(&files, 2, "larger");
    second.route = Some("a".to_owned());
    let history = [first, second];
    let next = fitted(&request("red"), &history, &cap).unwrap();
    assert_eq!(
        outline(&value(&next.body)["contents"]),
        ["user: larger + picture-1", "model: picture-2", "user: red"]
    );
    assert_eq!(next.notice, None);
}

#[test]
fn a_history_without_a_signature_goes_whole_to_any_provider_of_the_model() {
    let files = Files::new();
    let cap = taking(1 << 20);
    let mut first = pictured(&files, 1, "a fox");
    first.request.provider = "google".to_owned();
    for part in &mut first.parts {
        match part {
            Part::Text { signature, .. } | Part::Image { signature, .. } => *signature = None,
        }
    }
    let next = fitted(&request("larger"), &[first.clone()], &cap).unwrap();
    assert_eq!(
        outline(&value(&next.body)["contents"]),
        ["user: a fox", "model: picture-1", "user: larger"]
    );
    assert_eq!(next.notice, None);
    first.request.model = "gemini-3-pro-image".to_owned();
    let next = fitted(&request("larger"), &[first], &cap).unwrap();
    assert_eq!(
        outline(&value(&next.body)["contents"]),
        ["user: larger + picture-1"]
    );
}

#[test]
fn everything_that_a_user_may_say_has_its_place() {
    let mut request = request("a fox");
    request.provider = "google".to_owned();
    request.aspect_ratio = "16:9".parse().ok();
    request.tuning = Tuning {
        system: Some("Paint \"flat\"".to_owned()),
        temperature: Some(0.5),
        top_p: Some(1.0),
        top_k: Some(40),
        seed: Some(-7),
        max_tokens: Some(2048),
        thinking: Some("High".to_owned()),
        safety: vec![
            "harassment=block_none".parse().unwrap(),
            "HATE_SPEECH=OFF".parse().unwrap(),
        ],
        search: true,
        ..Tuning::default()
    };
    let cap = capability::find("google", &request.model);
    let bytes = String::from_utf8(sent(&body(&request, &[], &cap))).unwrap();
    assert_eq!(
        bytes,
        concat!(
            r#"{"contents":[{"role":"user","parts":[{"text":"a fox"}]}],"#,
            r#""systemInstruction":{"parts":[{"text":"Paint \"flat\""}]},"#,
            r#""generationConfig":{"responseModalities":["TEXT","IMAGE"],"imageConfig":{"aspectRatio":"16:9"},"#,
            r#""temperature":0.5,"topP":1,"topK":40,"seed":-7,"maxOutputTokens":2048,"#,
            r#""thinkingConfig":{"includeThoughts":true,"thinkingLevel":"high"}},"#,
            r#""safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"},"#,
            r#"{"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"OFF"}],"#,
            r#""tools":[{"googleSearch":{"searchTypes":{"webSearch":{},"imageSearch":{}}}}]}"#,
        )
    );
    let shown = body(&request, &[], &cap).dry_run();
    assert!(shown.contains("\"thinkingLevel\": \"high\"") && shown.contains("\"seed\": -7"));
    request.model = "gemini-3-pro-image".to_owned();
    assert_eq!(of(&request, &[])["tools"], json!([{"googleSearch": {}}]));
}

#[test]
fn thoughts_are_spoken_of_only_where_the_model_or_the_user_does() {
    let config = |provider: &str, model: &str, tuning: Tuning| {
        let request = Request {
            provider: provider.to_owned(),
            model: model.to_owned(),
            tuning,
            ..request("x")
        };
        of(&request, &[])["generationConfig"]["thinkingConfig"].take()
    };
    let silent = || Tuning {
        no_thoughts: true,
        ..Tuning::default()
    };
    let high = |unchecked: bool| Tuning {
        thinking: Some("HIGH".to_owned()),
        unchecked,
        ..Tuning::default()
    };
    let flash = "gemini-3.1-flash-image";
    let old = "gemini-2.5-flash-image";
    assert_eq!(
        config("google", flash, silent()),
        json!({"includeThoughts": false})
    );
    // No level where none is listed, unless the user overrules the table.
    assert_eq!(
        config("google", "gemini-3-pro-image", high(false)),
        json!({"includeThoughts": true})
    );
    assert_eq!(
        config("google", "gemini-3-pro-image", high(true)),
        json!({"includeThoughts": true, "thinkingLevel": "HIGH"})
    );
    for (provider, model) in [("google", old), ("starrise", old), ("anyfast", flash)] {
        for tuning in [Tuning::default(), silent(), high(false)] {
            assert_eq!(
                config(provider, model, tuning),
                Value::Null,
                "{model} at {provider}"
            );
        }
        assert_eq!(
            config(provider, model, high(true)),
            json!({"includeThoughts": true, "thinkingLevel": "HIGH"})
        );
    }
    assert_eq!(config("google", "gemini-9-image", Tuning::default()), Value::Null);
    assert_eq!(
        config("google", "gemini-9-image", high(false)),
        json!({"includeThoughts": true, "thinkingLevel": "HIGH"})
    );
}

/// The body of a request to this model with this tuning.
fn tuned(provider: &str, model: &str, tuning: Tuning) -> Value {
    let request = Request {
        provider: provider.to_owned(),
        model: model.to_owned(),
        tuning,
        ..request("A poem about the sea")
    };
    of(&request, &[])
}

#[test]
fn modalities_are_left_out_where_text_will_do_and_the_provider_does_not_want_them() {
    for (provider, model) in [
        ("google", "gemini-3-pro-image"),
        ("anyfast", "gemini-3.1-flash-image"),
        ("anyfast", "gemini-9-image"),
        ("starrise", "gemini-2.5-flash-image"),
        ("tokaify", "gemini-2.5-flash-image"),
        ("relay", "gemini-2.5-flash-image"),
        ("demo", "gemini-2.5-flash-image"),
    ] {
        let modalities = |output: Output| {
            let tuning = Tuning {
                output,
                ..Tuning::default()
            };
            tuned(provider, model, tuning)["generationConfig"]["responseModalities"].take()
        };
        assert_eq!(modalities(Output::TextAndImages), json!(["TEXT", "IMAGE"]));
        assert_eq!(modalities(Output::Images), json!(["IMAGE"]), "{provider}");
        let required = ["anyfast", "starrise"].contains(&provider);
        let text = if required {
            json!(["TEXT", "IMAGE"])
        } else {
            Value::Null
        };
        assert_eq!(modalities(Output::Text), text, "{provider}");
    }
    // Nothing else is said, so nothing is.
    let text = Tuning {
        output: Output::Text,
        ..Tuning::default()
    };
    assert_eq!(
        tuned("tokaify", "gemini-2.5-flash-image", text),
        json!({"contents": [{"role": "user", "parts": [{"text": "A poem about the sea"}]}]})
    );
}

#[test]
fn candidates_and_tools_are_passed_on() {
    let tools = |tools: &str, search: bool| {
        let tuning = Tuning {
            tools: Some(tools.to_owned()),
            search,
            candidates: Some(4),
            ..Tuning::default()
        };
        let mut body = tuned("google", "gemini-3-pro-image", tuning);
        assert_eq!(body["generationConfig"]["candidateCount"], json!(4));
        body["tools"].take()
    };
    let maps = json!({"googleMaps": {"x": [1, 2.50]}});
    let search = json!({"googleSearch": {}});
    assert_eq!(
        tools(" [ {\"googleMaps\":{\"x\":[1, 2.50]}} ]\n", false),
        json!([maps])
    );
    assert_eq!(
        tools("[{\"googleMaps\":{\"x\":[1, 2.50]}}]", true),
        json!([maps, search])
    );
    assert_eq!(tools("[]", false), json!([]));
    assert_eq!(tools("[]", true), json!([search]));
    // A search of the user's own is not asked for twice.
    assert_eq!(
        tools("[{\"google_search\":{\"y\":1}}]", true),
        json!([{"google_search": {"y": 1}}])
    );
    assert_eq!(
        tuned("google", "gemini-3-pro-image", Tuning::default())["tools"],
        Value::Null
    );
}

#[test]
fn the_data_of_images_is_spelled_as_the_provider_documents_it() {
    let files = Files::new();
    for (provider, snake) in [
        ("google", false),
        ("anyfast", true),
        ("starrise", true),
        ("tokaify", true),
        ("relay", false),
        ("demo", false),
    ] {
        let mut request = request("larger");
        request.provider = provider.to_owned();
        request.references = vec![files.reference("ref", Mime::Png, b"ref")];
        let mut first = pictured(&files, 1, "a fox");
        first.request.provider = provider.to_owned();
        let (data, mime) = if snake {
            ("inline_data", "mime_type")
        } else {
            ("inlineData", "mimeType")
        };
        let image = |bytes: &str| json!({mime: "image/png", "data": BASE64_STANDARD.encode(bytes)});
        assert_eq!(
            contents(&request, &[first]),
            json!([
                {"role": "user", "parts": [{"text": "a fox"}]},
                {"role": "model", "parts": [{data: image("picture-1"), "thoughtSignature": "sig-1"}]},
                {"role": "user", "parts": [{"text": "larger"}, {data: image("ref")}]}]),
            "{provider}"
        );
    }
}
