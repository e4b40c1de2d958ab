//! Transcripts: files of commands with what they print. A line that begins with `$ ` is run; what stood below it is
//! compared with what it prints now: standard output as it is, standard error after `! `, then the exit code and how
//! often the server was called. Lines that begin with `# ` are for the reader.
//!
//! `TINTYPE_UPDATE=1 cargo test --test cli` writes the files anew.
//!
//! A command is words, `'…'` around a word with spaces, `NAME=VALUE` before the program for its environment (nothing
//! after `=` unsets it), `< FILE`, `> FILE`. Besides `tintype` there are `ls FOLDER`, `look FILE` (what a picture file
//! is) and `put FILE LINE…` (writes it). `ID1` stands for the first session or turn that was named.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use crate::house::House;
use crate::volatile::Names;

/// Runs `transcripts/NAME.txt` in a house of its own.
pub(crate) fn play(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cli/transcripts/{name}.txt"));
    let expected = std::fs::read_to_string(&path).unwrap();
    let house = House::new();
    let mut names = Names::new(&house);
    let mut played = String::new();
    let mut printed = false;
    for line in expected.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            let _ = writeln!(played, "{line}");
            let said = run(&house, &names, command);
            played.push_str(&names.normal(&said));
            printed = true;
        } else if line.is_empty() || line.starts_with("# ") {
            // What a command printed ends at the first empty line.
            if line.is_empty() || !printed {
                let _ = writeln!(played, "{line}");
            }
            printed = printed && !line.is_empty();
        } else {
            assert!(printed, "{}: stray line {line:?}", path.display());
        }
    }
    if std::env::var_os("TINTYPE_UPDATE").is_some() {
        std::fs::write(&path, played).unwrap();
        return;
    }
    let differs = expected
        .lines()
        .zip(played.lines())
        .find(|(expected, played)| expected != played);
    assert!(
        expected == played,
        "{} is not what happens now. First difference:\n- {}\n+ {}\nAll of it:\n{played}",
        path.display(),
        differs.map_or("", |pair| pair.0),
        differs.map_or("", |pair| pair.1),
    );
}

fn run(house: &House, names: &Names, command: &str) -> String {
    let words = words(command);
    let mut words = words.iter().map(|word| names.meant(word)).peekable();
    let mut variables = Vec::new();
    while let Some(variable) = words.next_if(|word| word.contains('=')) {
        variables.push(variable.split_once('=').unwrap());
    }
    match words.next().unwrap() {
        "ls" => list(&house.work().join(words.next().unwrap())),
        "look" => look(&house.work(), words.next().unwrap()),
        "put" => {
            let path = house.work().join(words.next().unwrap());
            let lines: Vec<&str> = words.collect();
            std::fs::write(path, lines.join("\n") + "\n").unwrap();
            String::new()
        }
        "tintype" => tintype(house, &variables, words),
        other => panic!("no such command here: {other}"),
    }
}

fn tintype<'a>(house: &House, variables: &[(&str, &str)], words: impl Iterator<Item = &'a str>) -> String {
    let mut words = words;
    let mut command = house.tintype(&[]);
    let mut into_file = false;
    command.envs(variables.iter().copied());
    for (name, _) in variables.iter().filter(|(_, value)| value.is_empty()) {
        command.env_remove(name);
    }
    while let Some(word) = words.next() {
        match word {
            "<" => command.stdin(File::open(house.work().join(words.next().unwrap())).unwrap()),
            ">" => {
                into_file = true;
                let path = house.work().join(words.next().unwrap());
                command.stdout(File::create(path).unwrap())
            }
            word => command.arg(word),
        };
    }
    if !into_file {
        command.stdout(Stdio::piped());
    }
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let output = child.wait_with_output().unwrap();
    let mut text = String::from_utf8(output.stdout).expect("standard output is not text");
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        let _ = writeln!(text, "! {line}");
    }
    for (name, value) in variables.iter().filter(|(name, _)| name.ends_with("_API_KEY")) {
        assert!(
            value.len() < 6 || !text.contains(value),
            "the key of {name} is printed:\n{text}"
        );
    }
    let calls = match house.server.calls() {
        0 => "nothing sent".to_owned(),
        1 => "1 call".to_owned(),
        calls => format!("{calls} calls"),
    };
    let code = output.status.code().unwrap();
    let _ = writeln!(text, "[exit {code}, {calls}]");
    text
}

fn list(folder: &Path) -> String {
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap() + "\n").collect();
    names.sort();
    names.concat()
}

/// What a picture file is by its bytes, as a decoder sees it.
fn look(work: &Path, name: &str) -> String {
    let bytes = std::fs::read(work.join(name)).unwrap();
    let format = image::guess_format(&bytes).unwrap();
    let picture = image::load_from_memory(&bytes).unwrap();
    format!(
        "{name} is {format:?}, {}\u{d7}{}\n",
        picture.width(),
        picture.height()
    )
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}
