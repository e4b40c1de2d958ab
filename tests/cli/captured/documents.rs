//! The rows of `tests/fixtures/providers.md`, as far as they say what a request may hold. Nothing here comes from the
//! program's own table.

use std::path::Path;

/// A provider: where it is, and the header or the query that carries its key.
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) base: String,
    pub(super) carrier: Carrier,
    /// The documents of the three relays show `inline_data{mime_type,data}`, Google's `inlineData{mimeType,data}`.
    pub(super) is_snake: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    Query,
    XGoogApiKey,
    Bearer,
}

/// A model at a provider.
pub(super) struct Model {
    pub(super) provider: String,
    pub(super) name: String,
    /// `None` where the documents do not say.
    pub(super) ratios: Option<Vec<&'static str>>,
    /// Empty where the model takes none, `None` where the documents do not say.
    pub(super) sizes: Option<Vec<&'static str>>,
    pub(super) streams: bool,
    /// Thoughts come when `includeThoughts` asks for them.
    pub(super) thinks_if_asked: bool,
    pub(super) levels: Vec<&'static str>,
    /// The provider's pages call `responseModalities` required.
    pub(super) needs_modalities: bool,
    pub(super) search: Search,
    pub(super) candidates: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    None,
    Web,
    WebAndImages,
}

const R5: &str = "1:1 4:3 3:4 16:9 9:16";
const R10: &str = "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9";
const R14: &str = "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:4 4:1 1:8 8:1";

fn fixture() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/providers.md");
    std::fs::read_to_string(path).unwrap()
}

/// The cells of the table whose heading has this second column.
fn rows(second: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let inside = line.trim_matches('|').split('|');
        inside.map(|cell| cell.trim().to_owned()).collect()
    };
    let text = fixture();
    let is_heading = |line: &&str| line.starts_with('|') && cells(line)[1] == second;
    let from_heading = text.lines().skip_while(|line| !is_heading(line));
    let table = from_heading.take_while(|line| line.starts_with('|'));
    table.skip(2).map(cells).collect()
}

pub(super) fn providers() -> Vec<Provider> {
    let provider = |row: Vec<String>| {
        let name = row[0].split(' ').next().unwrap().to_ascii_lowercase();
        Provider {
            is_snake: name != "google",
            name,
            base: row[1].trim_matches('`').to_owned(),
            carrier: match row[2].as_str() {
                text if text.starts_with("header `x-goog-api-key: KEY`") => Carrier::XGoogApiKey,
                text if text.starts_with("header `Authorization: Bearer KEY`") => Carrier::Bearer,
                text if text.starts_with("query `key=KEY`") => Carrier::Query,
                other => panic!("{other}"),
            },
        }
    };
    rows("base").into_iter().map(provider).collect()
}

pub(super) fn models() -> Vec<Model> {
    let rows = rows("model");
    let requires = |row: &[String]| {
        let says_so = |other: &&Vec<String>| other[0] == row[0] && other[7].starts_with("required");
        rows.iter().any(|other| says_so(&other))
    };
    rows.iter()
        .flat_map(|row| models_of(row, requires(row)))
        .collect()
}

/// A row may be about several models.
fn models_of(row: &[String], needs_modalities: bool) -> Vec<Model> {
    let provider = row[0].to_ascii_lowercase();
    let is_google = provider == "google";
    let about = row[1].split(" (").next().unwrap();
    let mut names: Vec<String> = about.split(", ").map(str::to_owned).collect();
    if row[1].contains("(and -preview)") {
        names.push(format!("{about}-preview"));
    }
    let thinking = &row[6];
    let levels = ["minimal", "medium", "high"].into_iter();
    let levels: Vec<&str> = levels.filter(|level| thinking.contains(level)).collect();
    let model = |name: String| Model {
        ratios: ratios(&row[2]),
        sizes: sizes(&row[3]),
        streams: row[4].starts_with("SSE"),
        thinks_if_asked: is_google && !thinking.starts_with("none"),
        levels: levels.clone(),
        needs_modalities,
        search: if is_google { search(&name) } else { Search::None },
        // By the reference's table of fields: "Tokaify's page says default 1, up to 10".
        candidates: if row[8] == "seed 004" { 10 } else { 1 },
        provider: provider.clone(),
        name,
    };
    names.into_iter().map(model).collect()
}

/// Reads the ratios; where two pages disagree, the one that names more counts.
fn ratios(cell: &str) -> Option<Vec<&'static str>> {
    let sets = [("R14", R14), ("R10", R10), ("R5", R5)];
    let set = sets.into_iter().find(|(name, _)| cell.contains(name));
    set.map(|(_, ratios)| ratios.split(' ').collect())
}

fn sizes(cell: &str) -> Option<Vec<&'static str>> {
    if cell == "unknown" {
        return None;
    }
    let listed = cell.split('(').next().unwrap();
    let all = ["512", "1K", "2K", "4K"].into_iter();
    Some(all.filter(|size| listed.contains(size)).collect())
}

/// By the line on limits and extras.
fn search(model: &str) -> Search {
    let text = fixture();
    let line = text
        .lines()
        .find(|line| line.starts_with("Limits and extras"))
        .unwrap();
    let about = match model {
        "gemini-3-pro-image" => "3 Pro Image ",
        "gemini-3.1-flash-image" => "3.1 Flash Image ",
        "gemini-3.1-flash-lite-image" => "3.1 Flash Lite ",
        "gemini-nano-banana-2.1" => "NB 2.1 ",
        _ => return Search::None,
    };
    let said = line.split("; ").find(|clause| clause.contains(about)).unwrap();
    if said.contains("web and image search") {
        Search::WebAndImages
    } else if said.contains("web search") {
        Search::Web
    } else {
        assert!(said.contains("no search"), "{said}");
        Search::None
    }
}
