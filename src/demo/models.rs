//! Which models the demo serves, and what each of them takes: what the program's own table of models says of the demo,
//! so that it refuses what the table says is refused. How many pixels a picture has is the server's own knowledge.

use serde_json::{Value, json};

use super::Style;
use crate::domain::{AspectRatio, Mime, Size};
use crate::provider::capability::{self, Capability};

/// Ratios of the Gemini 3 family with the pixels of 1K; 512, 2K and 4K are a half, two and four times as many on
/// each side (for 21:9 at 512 too, where the documented 792×168 contradicts its own ratio).
const RATIOS: [(&str, u32, u32); 14] = [
    ("1:1", 1024, 1024),
    ("2:3", 848, 1264),
    ("3:2", 1264, 848),
    ("3:4", 896, 1200),
    ("4:3", 1200, 896),
    ("4:5", 928, 1152),
    ("5:4", 1152, 928),
    ("9:16", 768, 1376),
    ("16:9", 1376, 768),
    ("21:9", 1584, 672),
    ("1:4", 512, 2048),
    ("4:1", 2048, 512),
    ("1:8", 384, 3072),
    ("8:1", 3072, 384),
];
/// The same for Gemini 2.5, which has one size of its own.
const RATIOS_25: [(&str, u32, u32); 10] = [
    ("1:1", 1024, 1024),
    ("2:3", 832, 1248),
    ("3:2", 1248, 832),
    ("3:4", 864, 1184),
    ("4:3", 1184, 864),
    ("4:5", 896, 1152),
    ("5:4", 1152, 896),
    ("9:16", 768, 1344),
    ("16:9", 1344, 768),
    ("21:9", 1536, 672),
];

/// How a model takes `thinkingConfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Any `thinkingConfig` is refused.
    Never,
    /// `includeThoughts` only.
    Always,
    /// `includeThoughts` and `thinkingLevel`.
    Levels,
}

/// A model as it is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) name: String,
    /// Ratios that it accepts, in the order of the documentation.
    pub(super) ratios: Vec<String>,
    /// Empty where it takes no size.
    pub(super) sizes: Vec<String>,
    pub(super) thinking: Thinking,
    /// The levels of its thinking; empty for any where it has [`Thinking::Levels`].
    pub(super) levels: Vec<String>,
    /// How many references it takes.
    pub(super) references: Option<usize>,
    pub(super) mimes: Vec<Mime>,
    pub(super) search: bool,
    /// Whether it finds images as well.
    pub(super) image_search: bool,
    /// The most candidates that one request may have.
    pub(super) candidates: u32,
    /// Tokens.
    pub(super) max_output: u32,
    /// The only `topK` it takes, where there is but one.
    pub(super) top_k: Option<u32>,
    /// Whether its pictures are JPEG unless the request says otherwise.
    pub(super) jpeg: bool,
}

/// What Google's own list holds; a relay's has more.
const SERVED: [(&str, &str); 5] = [
    ("gemini-3-pro-image", "Nano Banana Pro (demo)"),
    ("gemini-nano-banana-2.1", "Nano Banana 2.1 (demo)"),
    ("gemini-3.1-flash-image", "Nano Banana 2 (demo)"),
    ("gemini-3.1-flash-lite-image", "Nano Banana 2 Lite (demo)"),
    ("gemini-2.5-flash-image", "Nano Banana (demo)"),
];

/// The model of this name, `None` where this style does not serve it.
pub(super) fn find(name: &str, style: Style) -> Option<Model> {
    let row = capability::find("demo", name);
    let is_served = SERVED.iter().any(|(served, _)| *served == name);
    match style {
        // Google gives one candidate, whatever a relay makes of it.
        Style::Google => is_served.then(|| Model {
            candidates: 1,
            ..Model::of(&row)
        }),
        Style::Relay if row.verified => Some(Model::of(&row)),
        Style::Relay => Some(Model::any(name)),
    }
}

impl Model {
    fn of(row: &Capability) -> Self {
        let thinking = match row.thinking {
            capability::Thinking::None => Thinking::Never,
            _ if row.levels.is_empty() => Thinking::Always,
            _ => Thinking::Levels,
        };
        let pro = row.name.starts_with("gemini-3-pro-image");
        Self {
            name: row.name.clone(),
            ratios: row.ratios.iter().map(AspectRatio::to_string).collect(),
            sizes: row.sizes.iter().map(Size::to_string).collect(),
            thinking,
            levels: row.levels.clone(),
            references: row.references.max,
            mimes: row.references.mimes.clone(),
            search: row.search,
            image_search: row.image_search,
            candidates: row.candidates.unwrap_or(1),
            max_output: row.max_output.unwrap_or(65_536),
            top_k: row.top_k,
            jpeg: pro,
        }
    }

    /// What a relay makes of a name that nobody knows: it never says no, and it offers what relays document.
    fn any(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ratios: RATIOS.iter().map(|(ratio, ..)| (*ratio).to_owned()).collect(),
            sizes: ["512", "1K", "2K", "4K"].map(str::to_owned).to_vec(),
            thinking: Thinking::Levels,
            levels: Vec::new(),
            references: None,
            mimes: vec![Mime::Png, Mime::Jpeg, Mime::Webp],
            search: true,
            image_search: true,
            candidates: 10,
            max_output: 65_536,
            top_k: None,
            jpeg: name.starts_with("gemini-3-pro-image"),
        }
    }

    /// Another model than this one.
    pub(super) fn stand_in(&self) -> &'static str {
        let other = SERVED.iter().rev().find(|(name, _)| *name != self.name);
        other.map_or("", |(name, _)| name)
    }

    /// The pixels of a picture; a ratio or a size that does not exist counts as 1:1 and 1K.
    pub(super) fn pixels(&self, ratio: &str, size: &str) -> (u32, u32) {
        let rows: &[_] = if self.name == "gemini-2.5-flash-image" {
            &RATIOS_25
        } else {
            &RATIOS
        };
        let (_, wide, high) = rows
            .iter()
            .find(|row| row.0 == ratio)
            .copied()
            .unwrap_or(RATIOS[0]);
        match size {
            "512" => (wide / 2, high / 2),
            "2K" => (wide * 2, high * 2),
            "4K" => (wide * 4, high * 4),
            _ => (wide, high),
        }
    }

    /// The ratio that comes closest to a picture of this many pixels.
    pub(super) fn nearest_ratio(&self, width: u32, height: u32) -> &'static str {
        let wanted = (f64::from(width.max(1)) / f64::from(height.max(1))).ln();
        let distance = |row: &(&str, u32, u32)| ((f64::from(row.1) / f64::from(row.2)).ln() - wanted).abs();
        RATIOS
            .iter()
            .filter(|row| self.ratios.iter().any(|ratio| ratio == row.0))
            .min_by(|one, other| distance(one).total_cmp(&distance(other)))
            .map_or("1:1", |row| row.0)
    }
}

/// The tokens that a picture of this size is billed as.
pub(super) fn picture_tokens(model: &str, size: &str) -> u64 {
    match (model, size) {
        ("gemini-2.5-flash-image", _) => 1290,
        (_, "512") => 747,
        (name, "4K") if name.starts_with("gemini-3-pro") => 2000,
        ("gemini-nano-banana-2.1", "4K") => 3780,
        (name, "2K") if !name.starts_with("gemini-3-pro") => 1680,
        (_, "4K") => 2520,
        _ => 1120,
    }
}

fn describe(name: &str, title: &str, style: Style) -> Value {
    let row = capability::find("demo", name);
    match style {
        Style::Google => json!({
            "name": format!("models/{name}"),
            "version": "demo",
            "displayName": title,
            "description": "Painted on this machine by tintype's demo provider",
            "inputTokenLimit": row.max_input.unwrap_or(65_536),
            "outputTokenLimit": row.max_output.unwrap_or(32_768),
            "supportedGenerationMethods": ["generateContent"],
            "thinking": row.thinking != capability::Thinking::None,
        }),
        // new-api fills two fields and leaves the rest null.
        Style::Relay => json!({
            "name": name,
            "version": null,
            "displayName": title,
            "description": null,
            "inputTokenLimit": null,
            "outputTokenLimit": null,
            "supportedGenerationMethods": null,
        }),
    }
}

/// The answer to `GET models`.
pub(super) fn list(style: Style) -> Value {
    let models: Vec<_> = SERVED
        .iter()
        .map(|(name, title)| describe(name, title, style))
        .collect();
    match style {
        Style::Google => json!({"models": models}),
        Style::Relay => json!({"models": models, "nextPageToken": null}),
    }
}

/// The answer to `GET models/NAME`.
pub(super) fn one(name: &str, style: Style) -> Option<Value> {
    let (name, title) = SERVED.iter().find(|(served, _)| *served == name)?;
    Some(describe(name, title, style))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_the_documented_ones() {
        let model = find("gemini-3.1-flash-image", Style::Google).unwrap();
        for (ratio, size, pixels) in [
            ("16:9", "1K", (1376, 768)),
            ("16:9", "4K", (5504, 3072)),
            ("1:8", "512", (192, 1536)),
            ("21:9", "4K", (6336, 2688)),
            ("4:3", "2K", (2400, 1792)),
            ("2:3", "512", (424, 632)),
        ] {
            assert_eq!(model.pixels(ratio, size), pixels, "{ratio} {size}");
        }
        let old = find("gemini-2.5-flash-image", Style::Google).unwrap();
        assert_eq!(old.pixels("16:9", "1K"), (1344, 768));
    }

    #[test]
    fn a_picture_keeps_its_ratio_where_none_is_asked() {
        let model = find("anything", Style::Relay).unwrap();
        assert_eq!(model.nearest_ratio(1920, 1080), "16:9");
        assert_eq!(model.nearest_ratio(5504, 3072), "16:9");
        assert_eq!(model.nearest_ratio(300, 300), "1:1");
        let pro = find("gemini-3-pro-image", Style::Google).unwrap();
        assert_eq!(pro.nearest_ratio(100, 800), "9:16");
    }

    #[test]
    fn google_serves_its_own_models_and_a_relay_every_name() {
        assert_eq!(find("gpt-image", Style::Google), None);
        for (name, _) in SERVED {
            assert!(capability::find("demo", name).verified, "{name}");
        }
        assert!(find("gpt-image", Style::Relay).is_some());
    }
}
