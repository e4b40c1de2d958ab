//! The embedded table, parsed once. A mistake in it is found by the tests; a release build cannot meet one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Capability, Price, References, Spelling, Thinking};
use crate::domain::{Mime, Size};

const SOURCE: &str = include_str!("../models.toml");

/// The file as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) as_of: String,
    /// Providers.
    pub(super) modalities_required: Vec<String>,
    pub(super) ratios: BTreeMap<String, Vec<String>>,
    pub(super) pixels: BTreeMap<String, BTreeMap<String, (u32, u32)>>,
    pub(super) prices: BTreeMap<String, Price>,
    pub(super) limits: BTreeMap<String, u64>,
    /// By provider.
    pub(super) inline_data: BTreeMap<String, Spelling>,
    pub(super) defaults: BTreeMap<String, Vec<String>>,
    pub(super) models: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Row {
    pub(super) provider: String,
    pub(super) name: String,
    /// Other names of the same model.
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default = "yes")]
    verified: bool,
    pub(super) ratios: String,
    pub(super) sizes: Vec<String>,
    pub(super) pixels: String,
    /// The model whose price it has, where that is another name for the same thing.
    pub(super) price: Option<String>,
    #[serde(default = "yes")]
    stream: bool,
    references: References,
    thinking: Thinking,
    #[serde(default)]
    levels: Vec<String>,
    default_level: Option<String>,
    #[serde(default)]
    search: bool,
    #[serde(default)]
    image_search: bool,
    max_input: Option<u32>,
    max_output: Option<u32>,
    top_k: Option<u32>,
    candidates: Option<u32>,
    pub(super) retires: Option<String>,
    pub(super) disputed: Option<String>,
    pub(super) successor: Option<String>,
    source: String,
    #[serde(default)]
    note: String,
}

fn yes() -> bool {
    true
}

struct Table {
    file: File,
    rows: Vec<Capability>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let file = parse().unwrap_or_default();
    let mut rows: Vec<Capability> = file.models.iter().flat_map(|row| named(&file, row)).collect();
    let demo = demo_rows(&file, &rows);
    rows.extend(demo);
    Table { file, rows }
});

pub(super) fn parse() -> Result<File, toml::de::Error> {
    toml::from_str(SOURCE)
}

/// A row under its own name and under each of its other names.
fn named(file: &File, row: &Row) -> Vec<Capability> {
    let model = capability(file, row);
    let alias = |name: &String| Capability {
        name: name.clone(),
        alias_of: Some(model.name.clone()),
        ..model.clone()
    };
    let aliases: Vec<_> = row.aliases.iter().map(alias).collect();
    std::iter::once(model).chain(aliases).collect()
}

fn capability(file: &File, row: &Row) -> Capability {
    let ratios = file.ratios.get(&row.ratios).map_or(&[][..], Vec::as_slice);
    Capability {
        provider: row.provider.clone(),
        name: row.name.clone(),
        alias_of: None,
        verified: row.verified,
        ratios: ratios.iter().filter_map(|ratio| ratio.parse().ok()).collect(),
        sizes: row.sizes.iter().filter_map(|size| size.parse().ok()).collect(),
        stream: row.stream,
        references: row.references.clone(),
        thinking: row.thinking,
        levels: row.levels.clone(),
        default_level: row.default_level.clone(),
        price: file.prices.get(row.price.as_ref().unwrap_or(&row.name)).cloned(),
        request_limit: limit(file, &row.provider),
        inline_data: spelling(file, &row.provider),
        modalities_required: file.modalities_required.contains(&row.provider),
        search: row.search,
        image_search: row.image_search,
        max_input: row.max_input,
        max_output: row.max_output,
        top_k: row.top_k,
        candidates: row.candidates,
        retires: row.retires.clone(),
        disputed: row.disputed.clone(),
        successor: row.successor.clone(),
        source: row.source.clone(),
        note: row.note.clone(),
        pixels: row.pixels.clone(),
    }
}

/// What a request to this provider may weigh; a provider that the table does not name is taken for a relay.
fn limit(file: &File, provider: &str) -> Option<u64> {
    file.limits
        .get(provider)
        .or_else(|| file.limits.get("relay"))
        .copied()
}

fn spelling(file: &File, provider: &str) -> Spelling {
    file.inline_data.get(provider).copied().unwrap_or_default()
}

/// The demo serves every model of the table as its first row says, which is Google's where Google has it, with as many
/// candidates as any provider gives; it is free and nothing retires.
fn demo_rows(file: &File, rows: &[Capability]) -> Vec<Capability> {
    let mut demo: Vec<Capability> = Vec::new();
    for row in rows {
        if demo.iter().any(|known| known.name == row.name) {
            continue;
        }
        let mut references = row.references.clone();
        // It paints over the pictures it is given, and it has no decoder for the others.
        references
            .mimes
            .retain(|mime| matches!(mime, Mime::Png | Mime::Jpeg | Mime::Webp));
        demo.push(Capability {
            provider: "demo".to_owned(),
            verified: true,
            stream: true,
            references,
            price: Some(Price::default()),
            request_limit: limit(file, "demo"),
            inline_data: spelling(file, "demo"),
            modalities_required: false,
            candidates: rows
                .iter()
                .filter(|other| other.name == row.name)
                .filter_map(|other| other.candidates)
                .max(),
            retires: None,
            disputed: None,
            successor: None,
            source: "tintype itself".to_owned(),
            note: String::new(),
            ..row.clone()
        });
    }
    demo
}

/// Returns the spelling of the data of an image in a provider's documents.
pub(super) fn inline_data(provider: &str) -> Spelling {
    spelling(&TABLE.file, provider)
}

/// The day on which the table was true, `YYYY-MM-DD`.
pub fn as_of() -> &'static str {
    &TABLE.file.as_of
}

/// Every model of every provider, the demo's last.
pub fn rows() -> &'static [Capability] {
    &TABLE.rows
}

/// The models of one provider.
pub fn models(provider: &str) -> impl Iterator<Item = &'static Capability> {
    rows().iter().filter(move |row| row.provider == provider)
}

/// Every model that may be asked: the embedded table, and what a user's settings add to it or say otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    pub(super) own: Vec<Capability>,
    pub(super) terms: BTreeMap<String, super::Terms>,
}

impl Catalog {
    /// The embedded table with a user's rows, which stand in for rows of the same provider and name.
    pub fn new(own: Vec<Capability>) -> Self {
        Self {
            own,
            ..Self::default()
        }
    }

    /// Every model: the user's first, then the table's.
    pub fn rows(&self) -> impl Iterator<Item = &Capability> {
        let same = |a: &Capability, b: &Capability| a.provider == b.provider && a.name == b.name;
        let table = rows()
            .iter()
            .filter(move |row| !self.own.iter().any(|own| same(own, row)));
        self.own.iter().chain(table)
    }

    /// The models of one provider.
    pub fn models(&self, provider: &str) -> impl Iterator<Item = &Capability> {
        self.rows().filter(move |row| row.provider == provider)
    }

    /// As [`find`], the user's rows first.
    pub fn find(&self, provider: &str, model: &str) -> Capability {
        let name = model.strip_prefix("models/").unwrap_or(model);
        let own = self
            .own
            .iter()
            .find(|row| row.provider == provider && row.name == name);
        own.cloned().unwrap_or_else(|| self.unlisted(provider, name))
    }
}

/// What is known of a model. One that the table does not know may be used all the same: `verified` is false then and
/// the ratios and sizes are only what such models usually take.
pub fn find(provider: &str, model: &str) -> Capability {
    let name = model.strip_prefix("models/").unwrap_or(model);
    models(provider)
        .find(|row| row.name == name)
        .cloned()
        .unwrap_or_else(|| unverified(provider, name))
}

pub(super) fn unverified(provider: &str, name: &str) -> Capability {
    let ratios = TABLE.file.ratios.get("R10").map_or(&[][..], Vec::as_slice);
    Capability {
        provider: provider.to_owned(),
        name: name.to_owned(),
        alias_of: None,
        verified: false,
        ratios: ratios.iter().filter_map(|ratio| ratio.parse().ok()).collect(),
        sizes: ["1K", "2K", "4K"]
            .iter()
            .filter_map(|size| size.parse().ok())
            .collect(),
        stream: true,
        references: References {
            max: None,
            mimes: vec![Mime::Png, Mime::Jpeg, Mime::Webp, Mime::Heic, Mime::Heif],
        },
        thinking: Thinking::None,
        levels: Vec::new(),
        default_level: None,
        price: None,
        request_limit: limit(&TABLE.file, provider),
        inline_data: spelling(&TABLE.file, provider),
        modalities_required: TABLE.file.modalities_required.iter().any(|name| name == provider),
        search: false,
        image_search: false,
        max_input: None,
        max_output: None,
        top_k: None,
        candidates: None,
        retires: None,
        disputed: None,
        successor: None,
        source: String::new(),
        note: "Not in the table: the server decides what it accepts".to_owned(),
        pixels: if name.contains("2.5") { "2.5" } else { "3" }.to_owned(),
    }
}

/// The name that the table has for a model: of one of its other names, its own.
pub(super) fn own_name(name: &str) -> &str {
    let alias = rows()
        .iter()
        .find(|row| row.name == name && row.alias_of.is_some());
    alias.and_then(|row| row.alias_of.as_deref()).unwrap_or(name)
}

/// The model that a provider starts with on the day `today` (`YYYY-MM-DD`), never one that is retired by then; `None`
/// for a provider that the table does not know.
pub fn default_model(provider: &str, today: &str) -> Option<&'static str> {
    let preferred = TABLE.file.defaults.get(provider).map_or(&[][..], Vec::as_slice);
    let live = |name: &str| models(provider).find(|row| row.name == name && !row.retired(today));
    preferred
        .iter()
        .find_map(|name| live(name))
        .or_else(|| models(provider).find(|row| !row.retired(today)))
        .map(|row| row.name.as_str())
}

/// The side of a square picture of this size, in pixels: `512` is 512, `2K` is 2048.
pub(super) fn side(size: &Size) -> u32 {
    let text = size.as_str();
    let digits = text.strip_suffix('K').unwrap_or(text);
    let number: u32 = digits.parse().unwrap_or(1).clamp(1, 65_536);
    if text.ends_with('K') {
        number.saturating_mul(1024)
    } else {
        number
    }
}

/// The pixels of a ratio at 1K. A ratio that no table holds gets the documented rule of thumb: one megapixel, in
/// multiples of eight.
pub(super) fn pixels(table: &str, ratio: &str) -> (u32, u32) {
    let documented = TABLE.file.pixels.get(table).and_then(|table| table.get(ratio));
    documented.copied().unwrap_or_else(|| computed(ratio))
}

fn computed(ratio: &str) -> (u32, u32) {
    let number = |text: &str| text.parse::<u64>().unwrap_or(1).clamp(1, 10_000);
    let (wide, high) = ratio
        .split_once(':')
        .map_or((1, 1), |(wide, high)| (number(wide), number(high)));
    let side = |long: u64, short: u64| {
        let pixels = (1024 * 1024 * long / short).isqrt();
        u32::try_from((pixels + 4) / 8 * 8).unwrap_or(u32::MAX).max(8)
    };
    (side(wide, high), side(high, wide))
}
