//! What differs from run to run, replaced by words: folders, names, days, ports, sizes in bytes, and how long things
//! took. Each session and turn keeps its own word through a transcript.

use crate::house::House;

pub(crate) struct Names {
    folders: Vec<(String, &'static str)>,
    ids: Vec<String>,
}

impl Names {
    pub(crate) fn new(house: &House) -> Self {
        let text = |path: std::path::PathBuf| path.display().to_string();
        let folders = vec![
            (text(house.home()), "HOME"),
            (text(house.work()), "WORK"),
            (
                house.server.base_url.trim_start_matches("http://").to_owned(),
                "SERVER",
            ),
        ];
        Self {
            folders,
            ids: Vec::new(),
        }
    }

    /// What a word of this transcript stands for.
    pub(crate) fn meant<'a>(&'a self, word: &'a str) -> &'a str {
        let number = word
            .strip_prefix("ID")
            .and_then(|number| number.parse::<usize>().ok());
        number.map_or(word, |number| &self.ids[number - 1])
    }

    pub(crate) fn normal(&mut self, text: &str) -> String {
        let mut text = text.to_owned();
        for (folder, name) in &self.folders {
            text = text.replace(folder, name);
        }
        let lines: Vec<String> = text.lines().map(|line| self.line(line) + "\n").collect();
        lines.concat()
    }

    fn line(&mut self, line: &str) -> String {
        let line = json_values(line);
        let mut normal = String::new();
        for word in pieces(&line) {
            match word {
                _ if is_id(word) => normal.push_str(&self.id(word)),
                _ if is_day(word) => normal.push_str("DAY"),
                _ if is_picture(word) => normal.push_str(&picture_name(word)),
                _ => normal.push_str(word),
            }
        }
        let normal = after(&normal, "broke before the answer was complete: ", "WHY");
        let normal = before(&normal, " bytes", "N");
        port(&normal)
    }

    fn id(&mut self, id: &str) -> String {
        let known = self.ids.iter().position(|known| known == id);
        let number = known.unwrap_or_else(|| {
            self.ids.push(id.to_owned());
            self.ids.len() - 1
        });
        format!("ID{}", number + 1)
    }
}

/// The line cut where letters and digits end and begin; `-` belongs to a word, so that days are one.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    let of_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    while let Some(first) = rest.chars().next() {
        let inside = of_word(first);
        let end = rest
            .find(|letter| of_word(letter) != inside)
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Sessions and turns are named by fifteen digits and small letters, the first of them digits for a while yet.
fn is_id(word: &str) -> bool {
    word.len() == 15
        && word.starts_with(|letter: char| letter.is_ascii_digit())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

fn is_day(word: &str) -> bool {
    let shape: String = word
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect();
    shape == "0000-00-00"
}

/// `234003-red-fox-bfa3`: six digits, words of the prompt, four digits of chance, or six in the same second.
fn is_picture(word: &str) -> bool {
    let digits =
        |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<_> = word.split('-').collect();
    let last = parts[parts.len() - 1];
    parts.len() > 2 && digits(parts[0], 6) && (digits(last, 4) || digits(last, 6))
}

fn picture_name(word: &str) -> String {
    let (words, _) = word.rsplit_once('-').unwrap_or((word, ""));
    format!("TIME{}-XXXX", &words[6..])
}

/// The values in JSON that no two runs share, and the demo's own words.
fn json_values(line: &str) -> String {
    const VOLATILE: [&str; 18] = [
        "thoughts",
        "thoughtSignature",
        "response_id",
        "sha256",
        "bytes",
        "first_byte",
        "first_thought",
        "image",
        "total",
        "created_ms",
        "made_ms",
        "deleted_ms",
        "until_ms",
        "updated_ms",
        "thought_tokens",
        "total_tokens",
        "prompt_tokens",
        "output_tokens",
    ];
    let mut line = line.to_owned();
    for name in VOLATILE {
        let key = format!("\"{name}\":");
        let mut normal = String::new();
        let mut rest = line.as_str();
        while let Some(found) = rest.find(&key) {
            let (before, value) = rest.split_at(found + key.len());
            normal.push_str(before);
            let value = value
                .strip_prefix(' ')
                .inspect(|_| normal.push(' '))
                .unwrap_or(value);
            let length = value_length(value);
            let (value, after) = value.split_at(length);
            normal.push_str(match value {
                "null" | "\"\"" => value,
                text if text.starts_with('"') => "\"…\"",
                _ => "N",
            });
            rest = after;
        }
        line = normal + rest;
    }
    line
}

/// How long the string, number or word at the beginning is.
fn value_length(text: &str) -> usize {
    if !text.starts_with('"') {
        return text.find([',', '}', ']']).unwrap_or(text.len());
    }
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Replaces what follows `marker`, to the end of the line or of the string.
fn after(line: &str, marker: &str, word: &str) -> String {
    match line.split_once(marker) {
        Some((head, tail)) => {
            let end = tail.find('"').unwrap_or(tail.len());
            format!("{head}{marker}{word}{}", &tail[end..])
        }
        None => line.to_owned(),
    }
}

/// Replaces the numbers that stand before `marker`.
fn before(line: &str, marker: &str, word: &str) -> String {
    let mut pieces = line.split(marker).map(str::to_owned).collect::<Vec<_>>();
    let last = pieces.len() - 1;
    for piece in &mut pieces[..last] {
        let kept = piece
            .trim_end_matches(|letter: char| letter.is_ascii_digit())
            .len();
        if kept < piece.len() {
            piece.truncate(kept);
            piece.push_str(word);
        }
    }
    pieces.join(marker)
}

/// `127.0.0.1:41947` becomes `127.0.0.1:PORT`.
fn port(line: &str) -> String {
    let mut pieces = line.split("127.0.0.1:");
    let mut normal = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = piece.trim_start_matches(|letter: char| letter.is_ascii_digit());
        normal.push_str("127.0.0.1:");
        normal.push_str(if rest.len() < piece.len() { "PORT" } else { "" });
        normal.push_str(rest);
    }
    normal
}
