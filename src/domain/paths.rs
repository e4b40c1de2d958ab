//! Paths as people type, paste and drop them: what terminals, file managers and shells make of a name, in all their
//! quotings. It looks at no file.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::percent_decoded;

/// Names of files that hold images, by their endings. What a file is, its bytes tell later.
const ENDINGS: [&str; 11] = [
    "png", "jpg", "jpeg", "webp", "gif", "avif", "heic", "heif", "bmp", "tif", "tiff",
];

/// A longer text is no list of paths.
const LONGEST: usize = 16_384;

/// Returns true for a name that should be offered as an image.
pub fn is_image_name(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// The paths that a pasted text is made of; none where it is anything else.
pub fn pasted(text: &str) -> Vec<PathBuf> {
    let text = text.trim();
    let has_control = text
        .chars()
        .any(|character| character.is_control() && character != '\n' && character != '\r');
    if text.is_empty() || has_control || text.len() > LONGEST {
        return Vec::new();
    }
    if let Some(words) = words(text).filter(|words| words.iter().all(|word| is_path(word))) {
        return words.iter().map(|word| plain(word.as_bytes())).collect();
    }
    // Some terminals paste a path as it is, spaces and all, and some several, a line each.
    let lines = text
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let paths: Option<Vec<PathBuf>> = lines.map(unquoted_line).collect();
    paths.unwrap_or_default()
}

/// The image that a line names whose spaces are part of the name. The other characters may be escaped: macOS puts a
/// narrow space before the `PM` of a screenshot, which nothing escapes and some things turn into a plain one.
fn unquoted_line(line: &str) -> Option<PathBuf> {
    let is_quoted = line.contains('"') || line.starts_with('\'');
    if is_quoted || !is_path(line) || !is_image_name(line) {
        return None;
    }
    Some(plain(unescaped(line).as_bytes()))
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.extend(characters.next()),
            other => plain.push(other),
        }
    }
    plain
}

/// The paths that may be meant by what was typed or given as an argument, the likeliest first: the name as it is, then
/// without the quotes, escapes and the `file://` that were pasted with it.
pub fn readings(given: &OsStr) -> Vec<PathBuf> {
    let mut readings = vec![PathBuf::from(given)];
    let mut add = |path: PathBuf| {
        if !readings.contains(&path) {
            readings.push(path);
        }
    };
    let Some(text) = given.to_str() else {
        add(plain(given.as_bytes()));
        return readings;
    };
    let text = text.trim();
    if let Some([word]) = words(text).as_deref() {
        add(plain(word.as_bytes()));
    }
    add(plain(text.as_bytes()));
    add(plain(unescaped(text).as_bytes()));
    readings
}

/// A path that begins with `~` or `~/`, in this home; others as they are.
pub fn at_home(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// Returns true if the path means standard input, by any of its names.
pub fn is_stdin(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]
        .iter()
        .any(|name| path.as_os_str() == *name)
}

fn is_path(text: &str) -> bool {
    ["/", "~/", "./", "../", "file:/"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Splits as a shell does; `None` where a quotation is not closed. Only ASCII spaces part words: a name may hold others.
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
            space if space.is_ascii_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Some(words)
}

/// The path in a `file:` address, which need not be UTF-8; anything else as it is.
fn plain(word: &[u8]) -> PathBuf {
    let path = match word {
        // A host may stand before the path; whether it is this one, the file itself will tell.
        [b'f', b'i', b'l', b'e', b':', b'/', b'/', rest @ ..] => {
            let slash = rest.iter().position(|byte| *byte == b'/');
            &rest[slash.unwrap_or(0)..]
        }
        [b'f', b'i', b'l', b'e', b':', rest @ ..] if rest.starts_with(b"/") => rest,
        _ => return PathBuf::from(OsString::from_vec(word.to_vec())),
    };
    // No name has a NUL, and no call would take one.
    PathBuf::from(OsString::from_vec(percent_decoded(path, |byte| byte != 0)))
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
            ("'file:///home/me/my%20fox.png'", "/home/me/my fox.png"),
            ("file:/home/me/my%20fox.png", "/home/me/my fox.png"),
            ("file://box/home/me/100%.png", "/home/me/100%.png"),
            ("~/fox.jpeg", "~/fox.jpeg"),
            ("/home/me/it's a fox.png", "/home/me/it's a fox.png"),
            ("'/home/me/it'\\''s.png'", "/home/me/it's.png"),
            // A screenshot of macOS: as it is, escaped by its terminal, escaped all over, and with a plain space.
            ("/me/Shot at 3.04\u{202f}PM.png", "/me/Shot at 3.04\u{202f}PM.png"),
            (
                "/me/Shot\\ at\\ 3.04\u{202f}PM.png",
                "/me/Shot at 3.04\u{202f}PM.png",
            ),
            (
                "/me/Shot\\ at\\ 3.04\\\u{202f}PM.png",
                "/me/Shot at 3.04\u{202f}PM.png",
            ),
            ("/me/Shot\\ at\\ 3.04 PM.png", "/me/Shot at 3.04 PM.png"),
            (
                "'/me/Shot at 3.04\u{202f}PM.png'",
                "/me/Shot at 3.04\u{202f}PM.png",
            ),
        ] {
            assert_eq!(pasted(text), [Path::new(path)], "{text}");
        }
        assert_eq!(
            pasted("/a/1.png '/b/2 3.png'\nfile:///c/4.png"),
            ["/a/1.png", "/b/2 3.png", "/c/4.png"].map(PathBuf::from)
        );
        assert_eq!(
            pasted("/a/my fox.png\r\n/b/3\u{202f}PM.jpg\n"),
            ["/a/my fox.png", "/b/3\u{202f}PM.jpg"].map(PathBuf::from)
        );
        let bytes = OsStr::from_bytes(b"/me/caf\xe9.png");
        assert_eq!(pasted("file:///me/caf%E9.png"), [PathBuf::from(bytes)]);
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
            "/a/my fox.png\nmake it red",
        ] {
            assert_eq!(pasted(text), Vec::<PathBuf>::new(), "{text}");
        }
    }

    #[test]
    fn an_argument_is_first_of_all_the_name_that_it_is() {
        for (given, meant) in [
            ("fox.png", "fox.png"),
            ("'my fox.png'", "my fox.png"),
            ("\"my fox.png\"", "my fox.png"),
            ("my\\ fox.png", "my fox.png"),
            ("my\\ fox at 3 PM.png", "my fox at 3 PM.png"),
            ("file:///a/my%20fox.png", "/a/my fox.png"),
            (" fox.png\n", "fox.png"),
            ("it's.png", "it's.png"),
        ] {
            let readings = readings(OsStr::new(given));
            assert_eq!(readings[0], Path::new(given));
            assert!(readings.contains(&PathBuf::from(meant)), "{given}: {readings:?}");
        }
        let bytes = OsStr::from_bytes(b"caf\xe9.png");
        assert_eq!(readings(bytes), [PathBuf::from(bytes)]);
        assert_eq!(
            at_home(Path::new("~/a b"), Some(Path::new("/me"))),
            Path::new("/me/a b")
        );
        for same in ["~you/a", "/~/a", "a"] {
            assert_eq!(at_home(Path::new(same), Some(Path::new("/me"))), Path::new(same));
        }
    }
}
