//! Which models the demo serves, with which ratios and sizes, and how many pixels each of them has.
//! The program's own table of models is `provider::capability`; this one is the server's side of the same facts.

use serde_json::{Value, json};

use super::Style;

/// Ratios of the Gemini 3 family with the pixels of 1K; 512, 2K and 4K are a half, two and four times as many on
/// each side (for 21:9 at 512 too, where the documented 792×168 contradicts its own ratio).
/// The first [`COMMON`] are those that every model has.
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
const COMMON: usize = 10;

/// The same for Gemini 2.5, which has one size of its own.
const RATIOS_25: [(&str, u32, u32); COMMON] = [
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

/// A model as Google serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Model {
    pub(super) name: &'static str,
    title: &'static str,
    /// How many of the ratios it has.
    ratios: usize,
    pub(super) sizes: &'static [&'static str],
    pub(super) thinking: Thinking,
    /// Whether its pictures are JPEG unless the request says otherwise.
    pub(super) jpeg: bool,
}

const MODELS: [Model; 5] = [
    Model {
        name: "gemini-3-pro-image",
        title: "Nano Banana Pro (demo)",
        ratios: COMMON,
        sizes: &["1K", "2K", "4K"],
        thinking: Thinking::Always,
        jpeg: true,
    },
    Model {
        name: "gemini-nano-banana-2.1",
        title: "Nano Banana 2.1 (demo)",
        ratios: RATIOS.len(),
        sizes: &["1K", "2K", "4K"],
        thinking: Thinking::Levels,
        jpeg: false,
    },
    Model {
        name: "gemini-3.1-flash-image",
        title: "Nano Banana 2 (demo)",
        ratios: RATIOS.len(),
        sizes: &["512", "1K", "2K", "4K"],
        thinking: Thinking::Levels,
        jpeg: false,
    },
    Model {
        name: "gemini-3.1-flash-lite-image",
        title: "Nano Banana 2 Lite (demo)",
        ratios: RATIOS.len(),
        sizes: &["1K"],
        thinking: Thinking::Levels,
        jpeg: false,
    },
    Model {
        name: "gemini-2.5-flash-image",
        title: "Nano Banana (demo)",
        ratios: COMMON,
        sizes: &["1K"],
        thinking: Thinking::Never,
        jpeg: false,
    },
];

/// What a relay makes of a name: it never says no, and it offers what its seeds document.
const ANY: Model = Model {
    name: "",
    title: "",
    ratios: RATIOS.len(),
    sizes: &["512", "1K", "2K", "4K"],
    thinking: Thinking::Levels,
    jpeg: false,
};

/// The model of this name, `None` where this style does not serve it.
pub(super) fn find(name: &str, style: Style) -> Option<Model> {
    let known = MODELS.into_iter().find(|model| model.name == name);
    match style {
        Style::Google => known,
        Style::Relay => Some(Model {
            jpeg: known.is_some_and(|model| model.jpeg) || name.starts_with("gemini-3-pro-image"),
            ..ANY
        }),
    }
}

impl Model {
    /// The ratios that it accepts, in the order of the documentation.
    pub(super) fn ratios(&self) -> impl Iterator<Item = &'static str> + use<> {
        RATIOS.into_iter().take(self.ratios).map(|(ratio, ..)| ratio)
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
            .take(self.ratios)
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
        (name, "2K") if !name.starts_with("gemini-3-pro") => 1680,
        (_, "4K") => 2520,
        _ => 1120,
    }
}

fn describe(model: &Model, style: Style) -> Value {
    match style {
        Style::Google => json!({
            "name": format!("models/{}", model.name),
            "version": "demo",
            "displayName": model.title,
            "description": "Painted on this machine by tintype's demo provider",
            "inputTokenLimit": 65_536,
            "outputTokenLimit": 32_768,
            "supportedGenerationMethods": ["generateContent"],
            "thinking": model.thinking != Thinking::Never,
        }),
        // new-api fills two fields and leaves the rest null.
        Style::Relay => json!({
            "name": model.name,
            "version": null,
            "displayName": model.title,
            "description": null,
            "inputTokenLimit": null,
            "outputTokenLimit": null,
            "supportedGenerationMethods": null,
        }),
    }
}

/// The answer to `GET models`.
pub(super) fn list(style: Style) -> Value {
    let models: Vec<_> = MODELS.iter().map(|model| describe(model, style)).collect();
    match style {
        Style::Google => json!({"models": models}),
        Style::Relay => json!({"models": models, "nextPageToken": null}),
    }
}

/// The answer to `GET models/NAME`.
pub(super) fn one(name: &str, style: Style) -> Option<Value> {
    let model = MODELS.iter().find(|model| model.name == name)?;
    Some(describe(model, style))
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
        assert!(find("gpt-image", Style::Relay).is_some());
    }
}
