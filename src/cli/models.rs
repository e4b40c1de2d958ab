//! `tintype models`: every model that may be asked, as the program knows it: the table, and what the settings add.

use std::collections::BTreeMap;

use serde::Serialize;

use super::output;
use super::prose::{counted, dollars, paragraph};
use super::report::json;
use crate::config::Settings;
use crate::domain::{AspectRatio, Size};
use crate::error::{Error, Kind, Result};
use crate::provider::capability::{self, Capability, Thinking};

/// What a picture has that no size is asked for.
const NO_SIZE: &str = "default";

#[derive(Serialize)]
struct Row<'a> {
    model: &'a str,
    #[serde(flatten)]
    capability: &'a Capability,
    default_size: Option<&'a Size>,
    /// US dollars a picture, by size.
    price_per_picture: BTreeMap<&'a str, f64>,
    as_of: &'static str,
    retired: bool,
    /// Width and height by ratio, then by size.
    pixels: BTreeMap<&'a str, BTreeMap<&'a str, (u32, u32)>>,
}

impl<'a> Row<'a> {
    fn new(model: &'a Capability, today: &str) -> Self {
        let pixels = model.ratios.iter().map(|ratio| {
            let by_size = sizes(model).into_iter().map(|size| {
                let name = size.map_or(NO_SIZE, Size::as_str);
                (name, model.pixels(Some(ratio), size))
            });
            (ratio.as_str(), by_size.collect())
        });
        Self {
            model: &model.name,
            capability: model,
            default_size: model.default_size(),
            price_per_picture: prices(model).into_iter().collect(),
            as_of: capability::as_of(),
            retired: model.retired(today),
            pixels: pixels.collect(),
        }
    }
}

/// The sizes that can be asked for; where there are none, the one that comes.
fn sizes(model: &Capability) -> Vec<Option<&Size>> {
    if model.sizes.is_empty() {
        return vec![None];
    }
    model.sizes.iter().map(Some).collect()
}

fn prices(model: &Capability) -> Vec<(&str, f64)> {
    let priced = sizes(model).into_iter().filter_map(|size| {
        let usd = model.estimate(size)?;
        Some((size.map_or(NO_SIZE, Size::as_str), usd))
    });
    priced.collect()
}

/// Prints every model, those of one provider, or one in full; `today` (`YYYY-MM-DD`) tells which are gone.
pub fn run(
    settings: &Settings,
    provider: Option<&str>,
    model: Option<&str>,
    as_json: bool,
    today: &str,
) -> Result<u8> {
    let models = wanted(settings, provider, model)?;
    if as_json {
        let rows: Vec<_> = models.iter().map(|model| Row::new(model, today)).collect();
        output::json(&json(&rows));
        return Ok(0);
    }
    let mut heading = "";
    for row in &models {
        if row.provider != heading {
            heading = &row.provider;
            output::line(heading);
        }
        print(row, today, model.is_some());
    }
    output::note(&format!(
        "As of {}; prices are Google's list, a relay bills by its own terms. Any other model may be asked for and is marked unverified",
        capability::as_of()
    ));
    Ok(0)
}

/// The rows to show, those of a provider together.
fn wanted(settings: &Settings, provider: Option<&str>, model: Option<&str>) -> Result<Vec<Capability>> {
    let provider = match provider {
        Some(name) => Some(settings.providers.lookup(name)?.endpoint.name.as_str()),
        None => None,
    };
    let model = model.map(|name| name.strip_prefix("models/").unwrap_or(name));
    if let (Some(provider), Some(model)) = (provider, model) {
        return Ok(vec![settings.catalog.find(provider, model)]);
    }
    let names = settings
        .providers
        .iter()
        .map(|known| known.endpoint.name.as_str())
        .filter(|name| provider.is_none_or(|provider| provider == *name));
    let rows: Vec<_> = names
        .flat_map(|name| settings.catalog.models(name))
        .filter(|row| model.is_none_or(|model| model == row.name))
        .cloned()
        .collect();
    match model {
        Some(model) if rows.is_empty() => Err(Error::new(
            Kind::ModelNotFound,
            format!("No provider is known to have a model named \u{201c}{model}\u{201d}"),
        )
        .hint("`tintype models` lists those that are known; any other may be asked for with -p and -m")),
        _ => Ok(rows),
    }
}

fn print(row: &Capability, today: &str, in_full: bool) {
    let mark = match (row.verified, row.retired(today)) {
        (_, true) => "  (switched off)",
        (false, _) => "  (unverified)",
        _ => "",
    };
    output::line(&format!("  {}{mark}", row.name));
    let ratios: Vec<_> = row.ratios.iter().map(AspectRatio::as_str).collect();
    let mut told = vec![
        format!("{} \u{b7} {}", sized(row), ratios.join(" ")),
        facts(row).join(" \u{b7} "),
        priced(row),
    ];
    let alias = row.alias_of.as_ref();
    told.extend(alias.map(|name| format!("Another name of {name}")));
    told.extend(row.retirement(today));
    told.extend((!row.note.is_empty()).then(|| row.note.clone()));
    if in_full {
        told.extend(tokens(row));
        told.extend((!row.source.is_empty()).then(|| format!("Source: {}", row.source)));
    }
    for line in told.iter().flat_map(|text| paragraph(6, text)) {
        output::line(&line);
    }
    if in_full {
        pixels(row);
    }
}

/// `1K 2K 4K (1K unless asked)`.
fn sized(row: &Capability) -> String {
    let sizes: Vec<_> = row.sizes.iter().map(Size::as_str).collect();
    match (sizes.as_slice(), row.default_size()) {
        ([], _) => {
            let (width, height) = row.pixels(None, None);
            format!("no sizes ({width}\u{d7}{height})")
        }
        ([only], _) => (*only).to_owned(),
        (sizes, default) => {
            let default = default.map_or("", Size::as_str);
            format!("{} ({default} unless asked)", sizes.join(" "))
        }
    }
}

fn facts(row: &Capability) -> Vec<String> {
    let types: Vec<_> = row.references.mimes.iter().map(|mime| mime.extension()).collect();
    let types = types.join(" ");
    let mut facts = vec![match row.references.max {
        Some(0) => "no references".to_owned(),
        Some(max) => format!("up to {} ({types})", counted(max, "reference")),
        None => format!("references ({types})"),
    }];
    let levels = row.levels.join(", ");
    facts.push(match (row.thinking, row.default_level.as_deref()) {
        (Thinking::None, _) => "no thoughts".to_owned(),
        (_, Some(default)) => format!("thinking {levels} ({default} unless asked)"),
        (_, None) if !levels.is_empty() => format!("thinking {levels}"),
        (Thinking::Unasked | Thinking::Asked, None) => "thinks".to_owned(),
    });
    facts.extend(row.search.then(|| "searches the web".to_owned()));
    facts.extend(row.candidates.map(|most| format!("up to {most} candidates")));
    facts.push(if row.stream { "streams" } else { "in one piece" }.to_owned());
    facts
}

/// `131,072 tokens in, 32,768 out`.
fn tokens(row: &Capability) -> Option<String> {
    let most = [(row.max_input, "in"), (row.max_output, "out")];
    let told = most.into_iter().filter_map(|(most, way)| {
        let most = grouped(most?);
        Some(format!("{most} {way}"))
    });
    let told: Vec<_> = told.collect();
    (!told.is_empty()).then(|| format!("Tokens: at most {}", told.join(", ")))
}

/// `131,072`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn priced(row: &Capability) -> String {
    let prices = prices(row);
    if prices.is_empty() {
        return "price not known".to_owned();
    }
    if prices.iter().all(|(_, usd)| *usd <= 0.0) {
        return "free".to_owned();
    }
    let unknown = sizes(row).into_iter().flatten().map(Size::as_str);
    let unknown = unknown.filter(|size| prices.iter().all(|(priced, _)| priced != size));
    let unknown: Vec<_> = unknown.collect();
    let each = prices.iter().map(|(size, usd)| match *size {
        NO_SIZE => dollars(*usd),
        size => {
            let derived = row
                .price
                .as_ref()
                .is_some_and(|price| price.derived.iter().any(|derived| derived == size));
            let about = if derived { "\u{2248} " } else { "" };
            format!("{about}{} {size}", dollars(*usd))
        }
    });
    let known = each.collect::<Vec<_>>().join(", ");
    if unknown.is_empty() {
        return known;
    }
    format!("{known} ({} not known)", unknown.join(", "))
}

/// The pixels of every ratio at every size.
fn pixels(row: &Capability) {
    let sizes = sizes(row);
    let cell = |text: &str| format!("{text:<12}");
    let head = sizes.iter().map(|size| cell(size.map_or("pixels", Size::as_str)));
    let head: String = head.collect();
    output::line(format!("      {:<8}{head}", "ratio").trim_end());
    for ratio in &row.ratios {
        let cells = sizes.iter().map(|size| {
            let (width, height) = row.pixels(Some(ratio), *size);
            cell(&format!("{width}\u{d7}{height}"))
        });
        let cells: String = cells.collect();
        output::line(format!("      {:<8}{cells}", ratio.as_str()).trim_end());
    }
}
