//! Requests take over the settings of the turn that they grow from, each command a process of its own.

use serde_json::{Value, json};

use crate::house::House;

/// Everything that can be said of a turn and is taken over.
const ALL: [&str; 22] = [
    "--system",
    "Paint flat",
    "-a",
    "16:9",
    "-s",
    "2K",
    "--thinking",
    "high",
    "--no-thoughts",
    "--temperature",
    "0.5",
    "--top-p",
    "0.9",
    "--top-k",
    "10",
    "--seed",
    "7",
    "--max-tokens",
    "9000",
    "--safety",
    "harassment=block_none",
    "--search",
];

/// Makes a turn with these flags.
fn made(house: &House, args: &[&str]) {
    let said = house.run(&[&["generate", "a fox", "-q"], args].concat());
    assert_eq!(said.code, Some(0), "{}", said.stderr);
}

/// The request that these flags would send without its messages, and what is said about it.
fn would_send(house: &House, args: &[&str]) -> (Value, String) {
    let said = house.run(&[&["generate", "a cat", "--dry-run"], args].concat());
    assert_eq!(said.code, Some(0), "{args:?}: {}", said.stderr);
    let mut body: Value = serde_json::from_slice(&said.stdout).unwrap();
    body.as_object_mut().unwrap().remove("contents");
    (body, said.stderr)
}

fn search() -> Value {
    json!([{"googleSearch": {"searchTypes": {"webSearch": {}, "imageSearch": {}}}}])
}

/// Returns everything that `ALL` asks for, as it is sent.
fn everything() -> Value {
    json!({
        "systemInstruction": {"parts": [{"text": "Paint flat"}]},
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            "temperature": 0.5, "topP": 0.9, "topK": 10, "seed": 7, "maxOutputTokens": 9000,
            "thinkingConfig": {"includeThoughts": false, "thinkingLevel": "high"},
        },
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        "tools": search(),
    })
}

/// A home with a first turn that has every setting, and a second that has none of them.
fn two_turns() -> House {
    let house = House::new();
    made(&house, &[&ALL[..], &["--images-only"]].concat());
    made(&house, &["-c", "--fresh-settings"]);
    house
}

fn plain() -> Value {
    let config =
        json!({"responseModalities": ["TEXT", "IMAGE"], "thinkingConfig": {"includeThoughts": true}});
    json!({ "generationConfig": config })
}

#[test]
fn a_turn_goes_on_with_the_settings_of_the_one_it_grows_from() {
    let house = two_turns();
    for args in [&["--from", "1"][..], &["--from", "#1", "-q"]] {
        assert_eq!(would_send(&house, args).0, everything(), "{args:?}");
    }
    assert_eq!(would_send(&house, &["-c"]).0, plain());
    assert_eq!(
        would_send(&house, &["--from", "1", "--fresh-settings"]).0,
        plain()
    );
    made(&house, &["--from", "1"]);
    assert_eq!(would_send(&house, &["-c"]).0, everything());
    // A turn of its own grows from none.
    assert_eq!(would_send(&house, &[]).0, plain());
}

#[test]
fn a_flag_has_the_last_word() {
    let house = two_turns();
    let with = |args: &[&str]| would_send(&house, &[&["--from", "1"], args].concat()).0;
    let mut expected = everything();
    expected["generationConfig"]["imageConfig"] = json!({"aspectRatio": "1:1", "imageSize": "1K"});
    expected["systemInstruction"]["parts"][0]["text"] = json!("Paint deep");
    expected["generationConfig"]["seed"] = json!(8);
    expected["generationConfig"]["thinkingConfig"]["thinkingLevel"] = json!("minimal");
    expected["generationConfig"]["responseModalities"] = json!(["TEXT", "IMAGE"]);
    expected["safetySettings"] =
        json!([{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_ONLY_HIGH"}]);
    let flags = [
        "-a",
        "1:1",
        "-s",
        "1k",
        "--system",
        "Paint deep",
        "--seed",
        "8",
        "--thinking",
        "minimal",
        "--text-and-images",
        "--safety",
        "hate_speech=block_only_high",
    ];
    assert_eq!(with(&flags), expected);
    let mut expected = everything();
    let config = expected["generationConfig"].as_object_mut().unwrap();
    config.remove("imageConfig");
    config["thinkingConfig"] = json!({"includeThoughts": false});
    expected.as_object_mut().unwrap().remove("systemInstruction");
    expected.as_object_mut().unwrap().remove("tools");
    let flags = [
        "-a",
        "any",
        "-s",
        "Any",
        "--thinking",
        "any",
        "--system",
        "",
        "--no-search",
    ];
    assert_eq!(with(&flags), expected);
}

#[test]
fn the_files_hold_for_what_grows_from_nothing() {
    let house = two_turns();
    let folder = house.home().join(".config/tintype");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("config.toml"),
        "aspect_ratio = '4:3'\nsize = '4K'\noutput = 'images'\n",
    )
    .unwrap();
    let mut by_file = plain();
    by_file["generationConfig"]["imageConfig"] = json!({"aspectRatio": "4:3", "imageSize": "4K"});
    by_file["generationConfig"]["responseModalities"] = json!(["IMAGE"]);
    assert_eq!(would_send(&house, &[]).0, by_file);
    assert_eq!(
        would_send(&house, &["--from", "1", "--fresh-settings"]).0,
        by_file
    );
    assert_eq!(would_send(&house, &["--from", "1"]).0, everything());
    assert_eq!(would_send(&house, &["-c"]).0, plain());
    by_file["generationConfig"]["imageConfig"] = json!({"aspectRatio": "4:3"});
    assert_eq!(would_send(&house, &["-s", "any"]).0, by_file);
}

#[test]
fn what_the_chosen_model_does_not_take_is_left_out_and_said() {
    let house = two_turns();
    let (sent, told) = would_send(&house, &["--from", "1", "-m", "gemini-2.5-flash-image"]);
    let mut expected = everything();
    expected.as_object_mut().unwrap().remove("tools");
    let config = expected["generationConfig"].as_object_mut().unwrap();
    config.remove("thinkingConfig");
    config["imageConfig"] = json!({"aspectRatio": "16:9"});
    assert_eq!(sent, expected);
    for what in ["size 2K", "thinking level high", "search"] {
        let sentence = format!("The {what} of #1 is not for gemini-2.5-flash-image, and is left out");
        assert!(told.contains(&sentence), "{told}");
    }
    // Of what a flag says instead nothing is said, and the turn itself still has it all.
    let args = [
        "--from",
        "1",
        "-m",
        "gemini-2.5-flash-image",
        "-s",
        "any",
        "--no-search",
    ];
    let told = would_send(&house, &args).1;
    assert!(!told.contains("size 2K") && !told.contains("search"), "{told}");
    made(&house, &["--from", "1", "-m", "gemini-2.5-flash-image"]);
    assert_eq!(
        would_send(&house, &["-c"]).0["generationConfig"]["imageConfig"],
        json!({"aspectRatio": "16:9"})
    );
    assert_eq!(would_send(&house, &["--from", "1"]).0, everything());
}

#[test]
fn candidates_and_a_missing_check_are_for_one_request() {
    let house = House::new();
    let model = ["-m", "gemini-2.5-flash-image"];
    made(&house, &[&model[..], &["--candidates", "3"]].concat());
    let next = would_send(&house, &[&model[..], &["-c"]].concat()).0;
    assert_eq!(next["generationConfig"]["candidateCount"], Value::Null);
    let model = ["-m", "gemini-3-pro-image"];
    let grown = |args: &[&str]| would_send(&house, &[&model[..], &["-c"], args].concat());
    // The demo refuses it, as the table would have; there is a turn all the same.
    let refused = house.run(&[&["generate", "a fox", "-s", "512", "--unchecked"], &model[..]].concat());
    assert_eq!(refused.code, Some(2));
    let (next, told) = grown(&[]);
    assert_eq!(next["generationConfig"]["imageConfig"], Value::Null);
    assert!(
        told.contains("The size 512 of #1 is not for gemini-3-pro-image"),
        "{told}"
    );
    let insisted = grown(&["--unchecked"]).0;
    assert_eq!(insisted["generationConfig"]["imageConfig"]["imageSize"], "512");
}

#[test]
fn an_import_keeps_the_settings_of_its_turns() {
    let house = two_turns();
    let list = house.json(&["sessions", "list", "--json"]);
    let session = list[0]["id"].as_str().unwrap();
    for args in [
        &["sessions", "export", session, "exported"][..],
        &["--data-dir", "elsewhere", "sessions", "import", "exported"],
    ] {
        let said = house.run(args);
        assert_eq!(said.code, Some(0), "{args:?}: {}", said.stderr);
    }
    let there = would_send(&house, &["--data-dir", "elsewhere", "--from", "1"]).0;
    assert_eq!(there, everything());
}
