//! `[[providers.NAME.models]]` of the user's `config.toml`: what a model accepts, in the user's words, as a row of the
//! catalogue. Mistakes come back as what is wrong and what to do; whoever knows the file says where.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::{AspectRatio, Mime, Size, clean_line};
use crate::provider::capability::{self, Capability, PicturePrice, Terms, Thinking};

/// What is wrong, and what to do about it.
type Mistake = (String, String);

/// One model as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    name: String,
    like: Option<String>,
    ratios: Option<Vec<String>>,
    sizes: Option<Vec<String>>,
    stream: Option<bool>,
    references: Option<References>,
    thinking: Option<String>,
    levels: Option<Vec<String>>,
    candidates: Option<u32>,
    price_per_picture: Option<Price>,
    retires: Option<String>,
    note: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct References {
    max: Option<usize>,
    types: Option<Vec<String>>,
}

/// US dollars for a picture.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "a number, or a table of numbers by size")]
pub(super) enum Price {
    Any(f64),
    BySize(BTreeMap<String, f64>),
}

pub(super) fn price(price: &Price) -> Result<PicturePrice, Mistake> {
    let fits = |usd: f64| {
        let usable = usd.is_finite() && (0.0..=1000.0).contains(&usd);
        let mistake = || {
            (
                format!("has price_per_picture = {usd}, which is no price"),
                "Give US dollars, such as 0.04".to_owned(),
            )
        };
        usable.then_some(usd).ok_or_else(mistake)
    };
    match price {
        Price::Any(usd) => Ok(PicturePrice::Any(fits(*usd)?)),
        Price::BySize(prices) => {
            let mut by_size = BTreeMap::new();
            for (name, usd) in prices {
                by_size.insert(size(name)?.as_str().to_owned(), fits(*usd)?);
            }
            Ok(PicturePrice::BySize(by_size))
        }
    }
}

/// What a provider is taken to serve that names no models.
pub(super) fn assumed(provider: &str, terms: &Terms) -> Vec<Capability> {
    let mut rows = capability::assumed(provider);
    for row in &mut rows {
        terms.hold(row);
    }
    rows
}

/// The rows of one provider, on its terms where they say nothing themselves.
pub(super) fn rows(provider: &str, rows: Vec<Row>, terms: &Terms) -> Result<Vec<Capability>, Mistake> {
    let mut known: Vec<Capability> = Vec::new();
    for row in rows {
        let model = capability(provider, row, terms)?;
        if known.iter().any(|other| other.name == model.name) {
            return Err((
                format!("has the model {} twice", model.name),
                "Keep one of the two".to_owned(),
            ));
        }
        known.push(model);
    }
    Ok(known)
}

fn capability(provider: &str, row: Row, terms: &Terms) -> Result<Capability, Mistake> {
    let name = row.name.trim();
    let name = name.strip_prefix("models/").unwrap_or(name);
    if name.is_empty()
        || name
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return Err((
            "has a model whose name is no name".to_owned(),
            "Write it as the provider spells it".to_owned(),
        ));
    }
    let mut model = capability::seed(provider, name, row.like.as_deref()).ok_or_else(|| {
        let like = row.like.as_deref().unwrap_or_default();
        (
            format!("has the model {name} like \u{201c}{like}\u{201d}, which the table does not know"),
            "Choose a name that `tintype models` lists, or leave like out".to_owned(),
        )
    })?;
    let listed = row.ratios.is_some() && row.sizes.is_some();
    model.verified = model.verified || listed;
    if let Some(given) = row.ratios {
        model.ratios = each(&given, ratio)?;
    }
    if let Some(given) = row.sizes {
        model.sizes = each(&given, size)?;
    }
    if let Some(references) = row.references {
        model.references.max = references.max.or(model.references.max);
        if let Some(types) = references.types {
            model.references.mimes = each(&types, mime)?;
        }
    }
    if let Some(thinking) = row.thinking {
        model.thinking = way(&thinking)?;
        if model.thinking == Thinking::None {
            model.levels.clear();
        }
    }
    if let Some(levels) = row.levels {
        model.levels = levels.iter().map(|level| level.trim().to_lowercase()).collect();
    }
    model.default_level = model.default_level.filter(|level| model.levels.contains(level));
    if let Some(day) = row.retires {
        model.retires = Some(date(&day)?);
        model.disputed = None;
    }
    if let Some(most) = row.candidates {
        model.candidates = Some(candidates(most)?).filter(|most| *most > 1);
    }
    if let Some(note) = row.note {
        model.note = clean_line(&note);
    }
    terms.hold(&mut model);
    // What the row itself says comes before what holds for the whole provider.
    model.stream = row.stream.unwrap_or(model.stream);
    if let Some(given) = &row.price_per_picture {
        model.price = Some(price(given)?.of(&model));
    }
    Ok(model)
}

fn each<T>(given: &[String], read: fn(&str) -> Result<T, Mistake>) -> Result<Vec<T>, Mistake> {
    given.iter().map(|text| read(text)).collect()
}

fn ratio(text: &str) -> Result<AspectRatio, Mistake> {
    text.parse().map_err(|why: String| {
        (
            format!("has a ratio that is none: {why}"),
            "Correct it".to_owned(),
        )
    })
}

fn size(text: &str) -> Result<Size, Mistake> {
    text.parse()
        .map_err(|why: String| (format!("has a size that is none: {why}"), "Correct it".to_owned()))
}

fn mime(text: &str) -> Result<Mime, Mistake> {
    let name = text.trim().to_ascii_lowercase();
    match name.strip_prefix("image/").unwrap_or(&name) {
        "png" => Ok(Mime::Png),
        "jpeg" | "jpg" => Ok(Mime::Jpeg),
        "webp" => Ok(Mime::Webp),
        "gif" => Ok(Mime::Gif),
        "avif" => Ok(Mime::Avif),
        "heic" => Ok(Mime::Heic),
        "heif" => Ok(Mime::Heif),
        _ => Err((
            format!("has references of the type \u{201c}{text}\u{201d}, which is not known"),
            "Choose from png, jpeg, webp, heic, heif, gif, avif".to_owned(),
        )),
    }
}

fn way(text: &str) -> Result<Thinking, Mistake> {
    match text.trim().to_ascii_lowercase().as_str() {
        "none" => Ok(Thinking::None),
        "unasked" => Ok(Thinking::Unasked),
        "asked" => Ok(Thinking::Asked),
        _ => Err((
            format!("has thinking = \u{201c}{text}\u{201d}"),
            "Choose none, unasked (thoughts come by themselves) or asked (they come when asked for)"
                .to_owned(),
        )),
    }
}

/// The API's own limit is 10.
fn candidates(most: u32) -> Result<u32, Mistake> {
    let fits = (1..=10).contains(&most).then_some(most);
    fits.ok_or_else(|| {
        (
            format!("has candidates = {most}, which no model gives"),
            "Choose a number from 1 to 10".to_owned(),
        )
    })
}

fn date(text: &str) -> Result<String, Mistake> {
    let shape: String = text
        .trim()
        .chars()
        .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
        .collect();
    if shape == "0000-00-00" {
        return Ok(text.trim().to_owned());
    }
    Err((
        format!("has retires = \u{201c}{text}\u{201d}, which is no day"),
        "Write it as \"2027-01-31\"".to_owned(),
    ))
}
