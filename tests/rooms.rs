//! The walls of the house: who may name whom, how long a file and a function may be, and how a module opens. It reads
//! the sources as tokens, so that macros hide nothing, and proves itself on planted trespasses. Code under
//! `#[cfg(test)]` is exempt: tests may look at anything.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "helpers of tests: they read the sources"
)]

#[path = "rooms/reading.rs"]
mod reading;
#[path = "rooms/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use reading::Reading;
use table::{ROOMS, judge, lies_in};

/// Lines of code a file may have, by its place; the last entry is for all others.
const LONGEST_FILES: &[(&str, usize)] = &[("main.rs", 40), ("tui/update/mod.rs", 40), ("", 500)];
/// A function is said to be long from here on …
const LONG_FUNCTION: usize = 60;
/// … and refused from here on.
const LONGEST_FUNCTION: usize = 80;
/// Comments say why; what remains to be done is said elsewhere, or done.
const NOT_IN_COMMENTS: &[&str] = &["TODO", "FIXME", "issue #", "Issue #"];

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Trespass {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Trespass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Functions with their first and last line, tests left out.
#[derive(Default)]
struct Functions(Vec<(String, usize, usize)>);

impl Functions {
    fn note(&mut self, signature: &syn::Signature, end: Span) {
        self.0.push((
            signature.ident.to_string(),
            signature.fn_token.span.start().line,
            end.end().line,
        ));
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        syn::Meta::NameValue(_) => false,
    })
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test(&item.attrs) {
            self.note(&item.sig, item.block.span());
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig, item.block.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.note(&item.sig, item.span());
        visit::visit_trait_item_fn(self, item);
    }
}

/// Everything that is wrong with a file of `src/`, and the functions that are long but not too long.
fn inspect(file: &str, source: &str) -> (Vec<Trespass>, Vec<String>) {
    let mut found = Vec::new();
    let mut report = |line: usize, what: String| {
        found.push(Trespass {
            file: file.to_owned(),
            line,
            what,
        });
    };
    let mut reading = Reading::new(file);
    reading.read(source.parse().unwrap());
    if file.ends_with("tests.rs") || file.contains("/tests/") {
        return (comments(file, source, &reading), Vec::new());
    }
    for mention in &reading.mentions {
        if let Some(what) = judge(file, mention) {
            report(mention.line, what);
        }
    }
    if !ROOMS.iter().any(|(place, _)| lies_in(file, place)) {
        report(1, "is in no room that the table knows".to_owned());
    }
    if !source.trim_start().starts_with("//! ") {
        report(1, "does not open with //!".to_owned());
    }
    let length = reading.lines.len();
    let longest = LONGEST_FILES
        .iter()
        .find(|(place, _)| lies_in(file, place))
        .map_or(500, |(_, longest)| *longest);
    if length > longest {
        report(1, format!("has {length} lines of code, {longest} at most"));
    }
    let mut functions = Functions::default();
    functions.visit_file(&syn::parse_file(source).unwrap());
    let mut long = Vec::new();
    for (name, start, end) in functions.0 {
        let length = reading.lines.range(start..=end).count();
        if length > LONGEST_FUNCTION {
            report(
                start,
                format!("fn {name} has {length} lines, {LONGEST_FUNCTION} at most"),
            );
        } else if length > LONG_FUNCTION {
            long.push(format!("{file}:{start}: fn {name} has {length} lines"));
        }
    }
    found.extend(comments(file, source, &reading));
    found.sort();
    found.dedup();
    (found, long)
}

/// Comments that speak of work instead of the code.
fn comments(file: &str, source: &str, reading: &Reading) -> Vec<Trespass> {
    let in_literal = |line: usize, column: usize| {
        let here = (line, column);
        reading
            .literals
            .iter()
            .any(|literal| (literal.0, literal.1) <= here && here < (literal.2, literal.3))
    };
    let mut found = Vec::new();
    for (index, text) in source.lines().enumerate() {
        let line = index + 1;
        let starts = text.match_indices("//").chain(text.match_indices("/*"));
        let comment = starts
            .map(|(byte, _)| byte)
            .filter(|byte| !in_literal(line, text[..*byte].chars().count()))
            .min();
        let comment = comment.map_or(String::new(), |byte| text[byte..].to_owned());
        for word in NOT_IN_COMMENTS {
            if comment.contains(word) {
                let what = format!("a comment says \u{201c}{word}\u{201d}");
                found.push(Trespass {
                    file: file.to_owned(),
                    line,
                    what,
                });
            }
        }
    }
    found
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn nobody_trespasses() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let src = root.join("src");
    let files = sources(&src);
    assert!(
        files.len() > 20,
        "the sources are not where they were: {}",
        src.display()
    );
    let mut trespasses = Vec::new();
    for path in files {
        let file = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
        let (found, long) = inspect(&file, &fs::read_to_string(&path).unwrap());
        trespasses.extend(found.iter().map(|trespass| format!("src/{trespass}")));
        for warning in long {
            println!("warning: src/{warning}, better {LONG_FUNCTION}");
        }
    }
    for path in ["tests", "benches"]
        .iter()
        .flat_map(|folder| sources(&root.join(folder)))
    {
        let source = fs::read_to_string(&path).unwrap();
        let mut reading = Reading::default();
        reading.read(source.parse().unwrap());
        let file = path.strip_prefix(root).unwrap().display().to_string();
        trespasses.extend(comments(&file, &source, &reading).iter().map(ToString::to_string));
    }
    assert!(trespasses.is_empty(), "\n{}\n", trespasses.join("\n"));
}

/// The lines that are reported of a planted source.
fn lines_reported(file: &str, source: &str) -> Vec<usize> {
    let (found, _) = inspect(file, source);
    found
        .iter()
        .map(|trespass| trespass.line)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

#[test]
fn every_planted_trespass_is_reported_and_nothing_else() {
    let mut planted = 0;
    for case in include_str!("rooms/planted.txt").split("\n== ").skip(1) {
        let (file, rest) = case.split_once('\n').unwrap();
        let source = rest.split("\n####").next().unwrap();
        let source = format!("//! Planted.\n{source}");
        let marked = source
            .lines()
            .enumerate()
            .filter(|(_, line)| line.ends_with("//~"));
        let marked: Vec<usize> = marked.map(|(index, _)| index + 1).collect();
        planted += marked.len();
        assert_eq!(lines_reported(file, &source), marked, "src/{file} with\n{source}");
    }
    assert!(planted > 50, "only {planted} trespasses are planted");
}

#[test]
fn a_room_that_nobody_knows_is_reported() {
    assert_eq!(lines_reported("attic/mod.rs", "//! The attic.\n"), [1]);
}

#[test]
fn length_is_counted_in_lines_of_code() {
    let function =
        |name: &str, lines: usize| format!("fn {name}() {{\n{}}}\n", "    f();\n".repeat(lines - 2));
    let first = |file: &str, source: &str| inspect(file, source).0.first().map(ToString::to_string);

    assert_eq!(
        first("store/a.rs", &format!("//! A.\n\n{}", function("f", 80))),
        None
    );
    assert_eq!(
        inspect("store/a.rs", &format!("//! A.\n{}", function("f", 61)))
            .1
            .len(),
        1
    );
    assert_eq!(
        first("store/a.rs", &format!("//! A.\n\n{}", function("f", 81))).unwrap(),
        "store/a.rs:3: fn f has 81 lines, 80 at most"
    );
    let method = format!("//! A.\nimpl A {{\n{}}}\n", function("f", 81));
    assert_eq!(
        first("store/a.rs", &method).unwrap(),
        "store/a.rs:3: fn f has 81 lines, 80 at most"
    );

    let file = |lines: usize| format!("//! A.\n{}", "const A: u8 = 1; // a\n\n// b\n".repeat(lines));
    assert_eq!(first("store/a.rs", &file(500)), None);
    assert_eq!(
        first("store/a.rs", &file(501)).unwrap(),
        "store/a.rs:1: has 501 lines of code, 500 at most"
    );
    assert_eq!(first("tui/update/mod.rs", &file(40)), None);
    assert!(first("tui/update/mod.rs", &file(41)).is_some());
    assert!(first("main.rs", &file(41)).is_some());
    let tests = format!("//! A.\n#[cfg(test)]\nmod tests {{\n{}}}\n", function("f", 600));
    assert_eq!(first("main.rs", &tests), None);

    assert_eq!(
        first("store/a.rs", "fn f() {}\n").unwrap(),
        "store/a.rs:1: does not open with //!"
    );
    assert_eq!(first("store/a.rs", "//! A.\nfn f() {}\n"), None);
}
