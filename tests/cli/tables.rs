//! The tables that the program prints, and that the pages in `docs/` repeat.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::house::House;

/// Compares the text of a page between `<!-- NAME -->` and `<!-- /NAME -->` with a table; writes it with `TINTYPE_UPDATE=1`.
fn check(page: &str, name: &str, table: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text
        .find(&begin)
        .unwrap_or_else(|| panic!("{page} has no {begin}"))
        + begin.len();
    let length = text[start..].find(&end).unwrap();
    if std::env::var_os("TINTYPE_UPDATE").is_some() {
        let (before, after) = (&text[..start], &text[start + length..]);
        std::fs::write(&path, format!("{before}{table}{after}")).unwrap();
        return;
    }
    let found = &text[start..start + length];
    assert!(
        found == table,
        "{page}, {name}: the program says\n{table}\nTINTYPE_UPDATE=1 writes it"
    );
}

fn list(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap())
        .collect()
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap()
}

#[test]
fn the_pages_say_what_the_program_does() {
    let house = House::new();
    check("keys.md", "keys", &keys(&house.json(&["keys", "--json"])));
    check(
        "providers.md",
        "models",
        &models(&house.json(&["models", "--json"])),
    );
    check("providers.md", "providers", &providers());
    check("demo.md", "failures", &failures());
    let help = house.run(&["generate", "--help"]).stdout;
    check(
        "cli.md",
        "generate",
        &format!("```text\n{}```\n", String::from_utf8(help).unwrap()),
    );
}

/// A row for each action in each place, its keys together, in the order of `tintype keys`.
fn keys(bindings: &Value) -> String {
    let mut rows: Vec<(&str, Vec<String>, &str)> = Vec::new();
    for binding in bindings.as_array().unwrap() {
        let (context, does) = (text(binding, "context"), text(binding, "does"));
        let key = format!("`{}`", text(binding, "key"));
        match rows.iter_mut().find(|row| row.0 == context && row.2 == does) {
            Some(row) => row.1.push(key),
            None => rows.push((context, vec![key], does)),
        }
    }
    let mut table = "| where | keys | what they do |\n|---|---|---|\n".to_owned();
    for (context, keys, does) in rows {
        let _ = writeln!(table, "| {context} | {} | {does} |", keys.join(" "));
    }
    table
}

fn models(models: &Value) -> String {
    let mut table =
        "| provider | model | sizes | ratios | switched off |\n|---|---|---|---|---|\n".to_owned();
    for model in models
        .as_array()
        .unwrap()
        .iter()
        .filter(|model| model["provider"] != "demo")
    {
        let sizes = list(&model["sizes"]).join(" ");
        let sizes = if sizes.is_empty() { "–" } else { &sizes };
        let mut retires = model["retires"].as_str().unwrap_or("").to_owned();
        if let Some(other) = model["disputed"].as_str() {
            let _ = write!(retires, ", reports differ ({other})");
        }
        let (provider, name) = (text(model, "provider"), text(model, "model"));
        let _ = writeln!(
            table,
            "| {provider} | `{name}` | {sizes} | {} | {retires} |",
            list(&model["ratios"]).join(" ")
        );
    }
    table
}

fn providers() -> String {
    let mut table = "| provider | key in | address |\n|---|---|---|\n".to_owned();
    for provider in tintype::provider::endpoint::builtin()
        .iter()
        .filter(|provider| !provider.key_env.is_empty())
    {
        let variables = provider
            .key_env
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(" or ");
        let _ = writeln!(
            table,
            "| {} | {variables} | {} |",
            provider.name, provider.base_url
        );
    }
    table
}

fn failures() -> String {
    let mut table = "| prompt | what happens |\n|---|---|\n".to_owned();
    for (name, happens) in tintype::demo::failures() {
        let _ = writeln!(table, "| `fail:{name}` | {happens} |");
    }
    table
}

#[test]
fn the_help_of_the_demo_lists_every_failure_that_it_knows() {
    let help = String::from_utf8(House::new().run(&["demo-server", "--help"]).stdout).unwrap();
    let mut known = 0;
    for (name, _) in tintype::demo::failures() {
        let listed = help
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("fail:{name} ")));
        assert!(listed, "{name}:\n{help}");
        known += 1;
    }
    assert!(known > 50 && help.contains("fail:429*2"), "{help}");
}

#[test]
fn the_tables_are_printed_for_people_and_for_programs() {
    let house = House::new();
    for command in ["models", "keys"] {
        let said = house.run(&[command]);
        assert_eq!(said.code, Some(0));
        let lines = String::from_utf8(said.stdout).unwrap().lines().count();
        let rows = house.json(&[command, "--json"]);
        assert!(
            rows.as_array().unwrap().len() > 10 && lines >= rows.as_array().unwrap().len(),
            "{command}"
        );
    }
    let rows = house.json(&["models", "-p", "Google", "--json"]);
    assert!(
        rows.as_array()
            .unwrap()
            .iter()
            .all(|row| row["provider"] == "google")
    );
}
