//! Husks in every spelling that was seen, and some that were not.

use super::*;

fn said(husk: &str) -> Vec<Event> {
    events(husk.as_bytes())
}

fn parts(parts: &str) -> Vec<Event> {
    said(&format!(
        r#"{{"candidates":[{{"content":{{"parts":{parts}}}}}]}}"#
    ))
}

const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mO4oyEHAAMGASOxLw1cAAAAAElFTkSuQmCC";

#[test]
fn camel_and_snake_say_the_same() {
    let camel = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"inlineData":{{"mimeType":"image/png","data":"{PNG}"}},"thoughtSignature":"S"}},
        {{"fileData":{{"mimeType":"image/png","fileUri":"https://a/b.png"}}}}]}},"finishReason":"STOP","finishMessage":"m"}}],
        "usageMetadata":{{"promptTokenCount":1,"candidatesTokenCount":2,"thoughtsTokenCount":3,"totalTokenCount":6,
        "candidatesTokensDetails":[{{"modality":"IMAGE","tokenCount":2}}]}},"modelVersion":"v","responseId":"r"}}"#
    );
    let mut snake = camel.clone();
    for (from, to) in [
        ("inlineData", "inline_data"),
        ("mimeType", "mime_type"),
        ("thoughtSignature", "thought_signature"),
        ("fileData", "file_data"),
        ("fileUri", "file_uri"),
        ("finishReason", "finish_reason"),
        ("finishMessage", "finish_message"),
        ("usageMetadata", "usage_metadata"),
        ("promptTokenCount", "prompt_token_count"),
        ("candidatesTokenCount", "candidates_token_count"),
        ("thoughtsTokenCount", "thoughts_token_count"),
        ("totalTokenCount", "total_token_count"),
        ("candidatesTokensDetails", "candidates_tokens_details"),
        ("tokenCount", "token_count"),
        ("modelVersion", "model_version"),
        ("responseId", "response_id"),
    ] {
        snake = snake.replace(&format!("\"{from}\""), &format!("\"{to}\""));
    }
    let events = said(&camel);
    assert_eq!(events.len(), 5);
    assert_eq!(events, said(&snake));
}

#[test]
fn nothing_is_required_and_nulls_are_nothing() {
    for husk in [
        "{}",
        "null",
        r#"{"candidates":null,"usageMetadata":null,"error":null}"#,
        r#"{"candidates":[]}"#,
        r#"{"candidates":[{}]}"#,
        r#"{"candidates":[{"content":{}}]}"#,
        r#"{"candidates":[{"content":{"parts":null}}]}"#,
        r#"{"candidates":[{"content":null,"finishReason":null,"safetyRatings":null}]}"#,
        r#"{"candidates":[{"content":{"parts":[{},null,7,{"text":null},{"text":""},{"inlineData":{}},{"functionCall":{}}]}}]}"#,
        r#"{"usageMetadata":{"trafficType":"ON_DEMAND"}}"#,
    ] {
        assert_eq!(said(husk), [], "{husk}");
    }
}

#[test]
fn an_answer_inside_another_object_is_found() {
    let inner = r#"{"candidates":[{"content":{"parts":[{"text":"hi"}]}}]}"#;
    let expected = said(inner);
    assert_eq!(said(&format!("[{inner}]")), expected);
    assert_eq!(said(&format!(r#"{{"response":{inner}}}"#)), expected);
    assert_eq!(
        said(&serde_json::Value::String(inner.to_owned()).to_string()),
        expected
    );
}

#[test]
fn signatures_stay_on_what_they_came_with() {
    let signature = || Some(SignaturePayload::Inline("S".to_owned()));
    let text = |text: &str, signature| Event::Text {
        text: text.to_owned(),
        signature,
    };
    assert_eq!(
        parts(r#"[{"text":"a","thoughtSignature":"S"}]"#),
        [text("a", signature())]
    );
    assert_eq!(
        parts(r#"[{"text":"","thoughtSignature":"S"}]"#),
        [text("", signature())]
    );
    assert_eq!(parts(r#"[{"thoughtSignature":"S"}]"#), [text("", signature())]);
    assert_eq!(parts(r#"[{"thought":true,"thoughtSignature":"S"}]"#), []);
    let both = parts(&format!(
        r#"[{{"text":"a","inlineData":{{"data":"{PNG}"}},"thoughtSignature":"S"}}]"#
    ));
    assert_eq!(both[0], text("a", None));
    assert!(matches!(
        &both[1],
        Event::Picture {
            signature: Some(_),
            ..
        }
    ));
}

#[test]
fn links_are_offered_wherever_they_stand_but_not_in_thoughts() {
    let link = |url: &str| Event::Link {
        url: url.to_owned(),
        mime: None,
    };
    assert_eq!(
        parts(r#"[{"inlineData":{"data":"HTTPS://a/b"}}]"#),
        [link("HTTPS://a/b")]
    );
    let found = parts(r#"[{"text":"![x](https://a/1.png \"t\") ![y](<http://b/2>) ![z](ftp://c)"}]"#);
    assert_eq!(found[..2], [link("https://a/1.png"), link("http://b/2")]);
    assert_eq!(found.len(), 3);
    assert_eq!(
        parts(r#"[{"text":"![x](https://a/1.png)","thought":true}]"#).len(),
        1
    );
}

#[test]
fn pictures_in_short_text_leave_their_markdown() {
    let found = parts(&format!(
        r#"[{{"text":"One ![a](data:image/png;base64,{PNG}) two data:image/png;base64,{PNG}\nthree data:image/x"}}]"#
    ));
    let texts: Vec<&str> = found
        .iter()
        .filter_map(|event| match event {
            Event::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(texts, ["One ", " two ", "\nthree data:image/x"]);
    assert_eq!(found.len(), 5);
}

#[test]
fn sources_and_notices_are_told() {
    let found = said(
        r#"{"candidates":[{"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://w","title":"W"}},
        {"image":{"sourceUri":"https://s","domain":"d"}},{"web":{}}]}}],"modelStatus":{"message":"retires soon"}}"#,
    );
    let source = |url: &str, title: &str| Source {
        url: url.to_owned(),
        title: Some(title.to_owned()),
    };
    assert_eq!(
        found[0],
        Event::Sources(vec![source("https://w", "W"), source("https://s", "d")])
    );
    assert_eq!(
        found[1],
        Event::Notice {
            text: "retires soon".to_owned()
        }
    );
}

#[test]
fn what_is_no_answer_is_named() {
    assert!(matches!(said("nonsense")[..], [Event::Unknown { .. }]));
    assert!(matches!(said("[7]")[..], [Event::Unknown { .. }]));
    assert!(matches!(said(r#"{"a":1}"#)[..], [Event::Unknown { .. }]));
    assert!(matches!(said(r#"{"success":false}"#)[..], [Event::Error(_)]));
    assert!(matches!(
        said(r#"{"error":{"message":"x"},"candidates":[]}"#)[..],
        [Event::Error(_)]
    ));
}

#[test]
fn what_a_further_candidate_says_is_marked_as_its_own() {
    let said = |candidates: &str| events(format!("{{\"candidates\":{candidates}}}").as_bytes());
    let text = |text: &str| Event::Text {
        text: text.to_owned(),
        signature: None,
    };
    let part = |text: &str| format!("\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}]}}");
    let (a, b) = (part("a"), part("b"));
    let both = [text("a"), Event::Candidate(1), text("b"), Event::Candidate(0)];
    // With an index, without the one that is 0, and without any.
    for candidates in [
        format!("[{{{a},\"index\":0}},{{{b},\"index\":1}}]"),
        format!("[{{{a}}},{{{b},\"index\":\"1\"}}]"),
        format!("[{{{a}}},{{{b}}}]"),
    ] {
        assert_eq!(said(&candidates), both, "{candidates}");
    }
    assert_eq!(
        said(&format!("[{{{b},\"index\":3}}]")),
        [Event::Candidate(3), text("b"), Event::Candidate(0)]
    );
    assert_eq!(said(&format!("[{{{a},\"index\":0}}]")), [text("a")]);
}
