//! Paths in pasted text: what terminals paste when a file is dropped on them, in all their quotings. It looks at no
//! file.

/// Names of files that hold pictures, by their endings. What a file is, its bytes tell later.
const ENDINGS: [&str; 11] = [
    "png", "jpg", "jpeg", "webp", "gif", "avif", "heic", "heif", "bmp", "tif", "tiff",
];

/// Whether a file of this name should be offered as a picture.
pub fn is_picture(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// The paths that a pasted text is made of, or nothing when it is anything else.
pub fn pasted(text: &str) -> Vec<String> {
    let text = text.trim();
    let has_control = text
        .chars()
        .any(|character| character.is_control() && character != '\n' && character != '\r');
    if text.is_empty() || has_control || text.len() > 16_384 {
        return Vec::new();
    }
    let words: Option<Vec<String>> = words(text).map(|words| words.iter().map(|word| plain(word)).collect());
    if let Some(words) = words.filter(|words| words.iter().all(|word| is_path(word))) {
        return words;
    }
    // Some terminals paste a path as it is, spaces and all.
    let is_plain = !text.contains(['\n', '\r', '\\', '"']);
    if is_plain && is_path(text) && is_picture(text) {
        vec![text.to_owned()]
    } else {
        Vec::new()
    }
}

fn is_path(text: &str) -> bool {
    ["/", "~/", "./", "../"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Splits as a shell does; `None` where a quotation is not closed.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next()? {
                        quote if quote == character => break,
                        '\\' if character == '"' => word.push(characters.next()?),
                        other => word.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(characters.next()?),
            space if space.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// The path in a `file://` address; anything else as it is.
fn plain(word: &str) -> String {
    let Some(rest) = word.strip_prefix("file://") else {
        return word.to_owned();
    };
    // A host may stand before the path; whether it is this one, the file itself will tell.
    let path = rest.find('/').map_or(rest, |slash| &rest[slash..]);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, behind @ ..] = rest {
        let escaped = behind
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_files_are_read_in_every_quoting() {
        for (text, path) in [
            ("/home/me/fox.png", "/home/me/fox.png"),
            ("  /home/me/fox.png \n", "/home/me/fox.png"),
            ("'/home/me/my fox.png' ", "/home/me/my fox.png"),
            ("\"/home/me/my \\\"fox\\\".png\"", "/home/me/my \"fox\".png"),
            ("/home/me/my\\ fox\\(1\\).png", "/home/me/my fox(1).png"),
            ("/home/me/my fox.png", "/home/me/my fox.png"),
            ("file:///home/me/my%20fox%C3%A9.png", "/home/me/my foxé.png"),
            ("file://box/home/me/100%.png", "/home/me/100%.png"),
            ("~/fox.jpeg", "~/fox.jpeg"),
            ("/home/me/it's a fox.png", "/home/me/it's a fox.png"),
            ("'/home/me/it'\\''s.png'", "/home/me/it's.png"),
        ] {
            assert_eq!(pasted(text), [path], "{text}");
        }
        assert_eq!(
            pasted("/a/1.png '/b/2 3.png'\nfile:///c/4.png"),
            ["/a/1.png", "/b/2 3.png", "/c/4.png"]
        );
    }

    #[test]
    fn what_is_no_path_stays_text() {
        for text in [
            "",
            "a red fox",
            "fox.png",
            "/imagine a red fox",
            "it's a fox",
            "/a/fox.png\x1b[31m",
            "https://example.com/fox.png",
            "'/unclosed.png",
        ] {
            assert_eq!(pasted(text), Vec::<String>::new(), "{text}");
        }
    }
}
