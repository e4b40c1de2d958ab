//! What a user's settings add to the table: rows of their own, and terms that hold for a whole provider.

use std::collections::BTreeMap;

use super::table::{self, Catalog};
use super::{Capability, Price, Spelling};
use crate::domain::Size;

/// What holds for every model of one provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Terms {
    /// What a picture costs there; it stands in for Google's list.
    pub picture: Option<PicturePrice>,
    /// False where the provider streams nothing.
    pub stream: Option<bool>,
    /// The most bytes that a request may have.
    pub request_limit: Option<u64>,
    /// How the data of images is spelled in a request.
    pub inline_data: Option<Spelling>,
}

/// The price of a picture in US dollars.
#[derive(Clone, Debug, PartialEq)]
pub enum PicturePrice {
    /// Whatever its size.
    Any(f64),
    /// By size, as the API spells sizes.
    BySize(BTreeMap<String, f64>),
}

impl PicturePrice {
    /// The price as a row holds it: by picture alone, nothing by token.
    pub fn of(&self, row: &Capability) -> Price {
        let picture = match self {
            Self::BySize(prices) => prices.clone(),
            Self::Any(usd) => {
                // What came may have another size than what was asked for.
                let usual = ["512", "1K", "2K", "4K"];
                let sizes = row.sizes.iter().map(Size::as_str).chain(usual);
                sizes.map(|size| (size.to_owned(), *usd)).collect()
            }
        };
        Price {
            picture,
            ..Price::default()
        }
    }
}

impl Terms {
    /// Puts a row on these terms.
    pub fn hold(&self, row: &mut Capability) {
        if let Some(price) = &self.picture {
            row.price = Some(price.of(row));
        }
        if self.stream == Some(false) {
            row.stream = false;
        }
        if self.request_limit.is_some() {
            row.request_limit = self.request_limit;
        }
        row.inline_data = self.inline_data.unwrap_or(row.inline_data);
    }
}

/// The row that a user's row of this provider and name begins as: a copy of the table's row `like`, else the table's
/// own row of that name, else what models usually accept. `None` where the table has no row `like`.
pub fn seed(provider: &str, name: &str, like: Option<&str>) -> Option<Capability> {
    let blank = Capability {
        source: "the settings".to_owned(),
        note: String::new(),
        ..table::unverified(provider, name)
    };
    let Some(like) = like else {
        let known = table::models(provider).find(|row| row.name == name);
        return Some(known.cloned().unwrap_or(blank));
    };
    let like = like.strip_prefix("models/").unwrap_or(like);
    let here = table::models(provider).find(|row| row.name == like);
    let row = here.or_else(|| table::rows().iter().find(|row| row.name == like))?;
    Some(Capability {
        provider: blank.provider,
        name: blank.name,
        alias_of: None,
        verified: true,
        // A limit and a spelling belong to the provider, an end to the name.
        request_limit: blank.request_limit,
        inline_data: blank.inline_data,
        modalities_required: blank.modalities_required,
        retires: None,
        disputed: None,
        successor: None,
        source: blank.source,
        note: blank.note,
        ..row.clone()
    })
}

/// What a provider that names no models is taken to serve: Google's, under Google's names, none of it verified.
pub fn assumed(provider: &str) -> Vec<Capability> {
    let names = table::models("google").filter(|row| row.alias_of.is_none());
    names
        .map(|row| row.name.as_str())
        .filter_map(|name| seed(provider, name, Some(name)))
        .map(|row| Capability {
            verified: false,
            note: "Assumed: the settings name no models of this provider".to_owned(),
            ..row
        })
        .collect()
}

impl Catalog {
    /// The same with terms that hold for all models of a provider but those of the user's rows, which have their own.
    #[must_use]
    pub fn on_terms(mut self, provider: &str, terms: Terms) -> Self {
        for row in table::models(provider) {
            if !self
                .own
                .iter()
                .any(|own| own.provider == row.provider && own.name == row.name)
            {
                let mut row = row.clone();
                terms.hold(&mut row);
                self.own.push(row);
            }
        }
        self.terms.insert(provider.to_owned(), terms);
        self
    }

    /// A model that no row knows, on its provider's terms.
    pub(super) fn unlisted(&self, provider: &str, name: &str) -> Capability {
        let mut row = table::find(provider, name);
        if let Some(terms) = self.terms.get(provider) {
            terms.hold(&mut row);
        }
        row
    }

    /// Returns the spelling of the data of images in requests to this provider.
    pub fn inline_data(&self, provider: &str) -> Spelling {
        let own = self.terms.get(provider).and_then(|terms| terms.inline_data);
        own.unwrap_or_else(|| table::inline_data(provider))
    }

    /// The model that a provider starts with on the day `today` (`YYYY-MM-DD`), never one that is retired by then.
    pub fn default_model(&self, provider: &str, today: &str) -> Option<&str> {
        let live = |name: &str| {
            self.models(provider)
                .find(|row| row.name == name && !row.retired(today))
        };
        let preferred = table::default_model(provider, today).and_then(live);
        preferred
            .or_else(|| self.models(provider).find(|row| !row.retired(today)))
            .map(|row| row.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_ones_own_begins_as_the_row_it_is_like() {
        let row = seed("relay", "nb-pro", Some("models/gemini-3-pro-image")).unwrap();
        assert_eq!((row.provider.as_str(), row.name.as_str()), ("relay", "nb-pro"));
        assert!(row.verified && row.retires.is_none() && row.ratios.len() == 10);
        assert_eq!(row.estimate(None), Some(0.134));
        assert_eq!(
            row.pixels("16:9".parse().ok().as_ref(), "2K".parse().ok().as_ref()),
            (2752, 1536)
        );
        assert_eq!(seed("relay", "x", Some("gemini-9")), None);
        assert!(!seed("relay", "x", None).unwrap().verified);
        // The provider's own row of that name comes before Google's.
        let row = seed("starrise", "mine", Some("gemini-2.5-flash-image")).unwrap();
        assert_eq!(row.sizes.len(), 3);
    }

    #[test]
    fn terms_hold_for_every_model_of_the_provider_but_for_rows_of_ones_own() {
        let own = seed("anyfast", "mine", Some("gemini-3-pro-image")).unwrap();
        let terms = Terms {
            picture: Some(PicturePrice::Any(0.02)),
            stream: Some(false),
            request_limit: Some(7),
            inline_data: None,
        };
        let catalog = Catalog::new(vec![own]).on_terms("anyfast", terms);
        for name in ["gemini-3-pro-image", "nobody-knows-it"] {
            let row = catalog.find("anyfast", name);
            assert_eq!(row.estimate("4K".parse().ok().as_ref()), Some(0.02), "{name}");
            assert!(!row.stream && row.request_limit == Some(7));
        }
        assert_eq!(catalog.find("anyfast", "mine").estimate(None), Some(0.134));
        assert_eq!(
            catalog.find("google", "gemini-3-pro-image").estimate(None),
            Some(0.134)
        );
        assert_eq!(
            catalog.models("anyfast").count(),
            table::models("anyfast").count() + 1
        );
        assert_eq!(
            catalog.default_model("anyfast", "2026-11-20"),
            Some("gemini-3.1-flash-image")
        );
    }

    #[test]
    fn a_provider_without_models_is_taken_to_serve_googles() {
        let catalog = Catalog::new(assumed("relay"));
        assert!(
            catalog
                .models("relay")
                .all(|row| !row.verified && row.retires.is_none())
        );
        assert_eq!(
            catalog.default_model("relay", "2026-11-20"),
            Some("gemini-nano-banana-2.1")
        );
        assert_eq!(catalog.default_model("nobody", "2026-11-20"), None);
    }
}
