//! The corpus of hostile texts, and what must not be in what a terminal gets.

/// The texts of `tests/fixtures/hostile.txt` by name, as bytes; raw C1 bytes are no UTF-8.
pub(crate) fn corpus() -> Vec<(String, Vec<u8>)> {
    let text = include_str!("../fixtures/hostile.txt");
    let mut all: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (name, text) = line.split_once(' ').unwrap();
            (name.to_owned(), unescaped(text))
        })
        .collect();
    assert!(all.len() > 40);
    let tower = format!("z{}", "\u{337}\u{321}\u{35c}".repeat(2_000));
    all.push(("zalgo".to_owned(), tower.into_bytes()));
    all
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        if let Some(hex) = rest.strip_prefix('x') {
            bytes.push(u8::from_str_radix(&hex[..2], 16).unwrap());
            rest = &hex[2..];
        } else if let Some(braced) = rest.strip_prefix("u{") {
            let (hex, after) = braced.split_once('}').unwrap();
            let letter = char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap();
            bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            rest = after;
        } else if let Some(after) = rest.strip_prefix('r') {
            bytes.push(b'\r');
            rest = after;
        } else {
            bytes.push(b'\\');
            rest = rest.strip_prefix('\\').unwrap();
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// All texts that are text, in one.
pub(crate) fn everything() -> String {
    let texts = corpus()
        .into_iter()
        .filter_map(|(_, text)| String::from_utf8(text).ok());
    texts.collect::<Vec<_>>().join(" ")
}

/// What of these bytes a terminal would obey, or a reader not see; `None` where nothing.
pub(crate) fn teeth(bytes: &[u8]) -> Option<String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Some("it is no UTF-8".to_owned());
    };
    let found = text.chars().find(|&letter| {
        (letter.is_control() && letter != '\n')
            || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
    })?;
    let at = text.find(found).unwrap();
    let around: String = text[..at]
        .chars()
        .rev()
        .take(60)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    Some(format!("{found:?} after {around:?}"))
}

pub(crate) fn assert_toothless(what: &str, bytes: &[u8]) {
    if let Some(found) = teeth(bytes) {
        panic!("{what}: {found}");
    }
}

/// Whatever a server says, all of it hostile: a picture with everything around it.
pub(crate) fn answer(evil: &str) -> Vec<u8> {
    use base64::Engine as _;
    let data = base64::engine::general_purpose::STANDARD.encode(super::pictures::png(4, 4));
    let event = serde_json::json!({
        "candidates": [{
            "content": {"role": "model", "parts": [
                {"text": format!("thought {evil}"), "thought": true},
                {"text": format!("reply {evil}")},
                {"fileData": {"fileUri": format!("https://evil.example/{evil}"), "mimeType": format!("image/{evil}")}},
                {"inlineData": {"mimeType": format!("image/png{evil}"), "data": data}},
            ]},
            "finishReason": "STOP",
            "finishMessage": format!("finished {evil}"),
            "groundingMetadata": {"groundingChunks": [{"web": {"uri": format!("https://evil.example/?{evil}"), "title": format!("title {evil}")}}]},
        }],
        "modelVersion": format!("version {evil}"),
        "responseId": format!("id {evil}"),
        "promptFeedback": {"blockReasonMessage": format!("feedback {evil}")},
    });
    let mut response = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: ".to_vec();
    response.extend(header(evil));
    response.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
    response.extend_from_slice(format!("data: {event}\n\n").as_bytes());
    response
}

/// A refusal whose status, sentence and header values are hostile.
pub(crate) fn refusal(evil: &str, status: u16) -> Vec<u8> {
    let body = serde_json::json!({"error": {"code": status, "message": format!("no {evil}"), "status": format!("S {evil}"),
        "details": [{"reason": evil, "metadata": {"model": evil}}]}})
    .to_string();
    let mut response =
        format!("HTTP/1.1 {status} No\r\ncontent-type: application/json\r\nx-request-id: ").into_bytes();
    response.extend(header(evil));
    response.extend_from_slice(b"\r\nretry-after: ");
    response.extend(header(evil));
    response.extend_from_slice(b"\r\nlocation: https://");
    response.extend(header(evil));
    response.extend_from_slice(
        format!(
            "/\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
    response
}

/// What of a text may stand in a header: HTTP itself takes no C0 there, and every byte above.
fn header(evil: &str) -> Vec<u8> {
    let mut bytes = evil.as_bytes().to_vec();
    bytes.retain(|byte| *byte >= 0x20 && *byte != 0x7f);
    bytes.truncate(4_000);
    bytes.extend_from_slice(b"\x9b2J\x9d0;x\x9c");
    bytes
}
