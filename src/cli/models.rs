//! `tintype models`: the table of models, as the program reads it.

use serde::Serialize;

use super::output;
use super::report::json;
use crate::error::Result;
use crate::provider::capability::{self, Capability};
use crate::provider::endpoint;

#[derive(Serialize)]
struct Row<'a> {
    provider: &'a str,
    model: &'a str,
    ratios: Vec<&'a str>,
    sizes: Vec<&'a str>,
    stream: bool,
    references: Option<usize>,
    retires: Option<&'a str>,
    successor: Option<&'a str>,
    note: &'a str,
    source: &'a str,
}

impl<'a> Row<'a> {
    fn new(model: &'a Capability) -> Self {
        Self {
            provider: &model.provider,
            model: &model.name,
            ratios: model
                .ratios
                .iter()
                .map(crate::domain::AspectRatio::as_str)
                .collect(),
            sizes: model.sizes.iter().map(crate::domain::Size::as_str).collect(),
            stream: model.stream,
            references: model.references.max,
            retires: model.retires.as_deref(),
            successor: model.successor.as_deref(),
            note: &model.note,
            source: &model.source,
        }
    }
}

/// Prints every model, or those of one provider; `today` (`YYYY-MM-DD`) tells which are gone.
pub fn run(provider: Option<&str>, as_json: bool, today: &str) -> Result<u8> {
    let provider = provider
        .map(endpoint::lookup)
        .transpose()?
        .map(|provider| provider.name);
    let wanted = |model: &&Capability| provider.is_none_or(|provider| provider == model.provider);
    let models: Vec<&Capability> = capability::rows().iter().filter(wanted).collect();
    if as_json {
        output::line(&json(
            &models.iter().map(|model| Row::new(model)).collect::<Vec<_>>(),
        ));
        return Ok(0);
    }
    let widest = |text: fn(&Capability) -> &str| {
        models
            .iter()
            .map(|model| text(model).len())
            .max()
            .unwrap_or_default()
    };
    let (names, providers) = (widest(|model| &model.name), widest(|model| &model.provider));
    for model in models {
        let list = |items: Vec<&str>| {
            if items.is_empty() {
                "\u{2013}".to_owned()
            } else {
                items.join(" ")
            }
        };
        let row = Row::new(model);
        let mut line = format!(
            "{:providers$}  {:names$}  {:<11}  {}",
            row.provider,
            row.model,
            list(row.sizes),
            list(row.ratios)
        );
        if let Some(word) = model.retirement(today) {
            line.push_str("  \u{b7} ");
            line.push_str(&word);
        }
        output::line(&line);
    }
    output::note(&format!(
        "As of {}; any other model may be asked for and is marked unverified",
        capability::as_of()
    ));
    Ok(0)
}
