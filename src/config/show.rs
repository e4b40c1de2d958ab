//! Every setting with its value and where it came from, as words. A key is never among them, only where it is.

use std::fmt::Display;

use super::{KeyState, Settings, Source, Sourced};

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub name: String,
    /// `None` where nothing says it.
    pub value: Option<String>,
    pub source: String,
}

fn unset() -> String {
    "not set".to_owned()
}

fn row<T: Display>(name: &str, setting: Option<&Sourced<T>>) -> Shown {
    Shown {
        name: name.to_owned(),
        value: setting.map(|setting| setting.value.to_string()),
        source: setting.map_or_else(unset, |setting| setting.source.to_string()),
    }
}

impl Settings {
    /// All settings, in the order of the file.
    pub fn shown(&self) -> Vec<Shown> {
        let wishes = &self.wishes;
        let path = |name: &str, folder: &Sourced<std::path::PathBuf>| Shown {
            name: name.to_owned(),
            value: Some(folder.value.display().to_string()),
            source: folder.source.to_string(),
        };
        let folders = wishes.prompt_folders.as_ref().map(|folders| {
            let names: Vec<_> = folders
                .value
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            Sourced::new(names.join(", "), folders.source.clone())
        });
        let mut rows = vec![
            row("provider", self.provider.as_ref()),
            row("model", self.model.as_ref()),
            self.address(),
            row("aspect_ratio", wishes.aspect_ratio.as_ref()),
            row("size", wishes.size.as_ref()),
            row("count", Some(&wishes.count)),
            row("thinking", wishes.thinking.as_ref()),
            row("output", Some(&wishes.output)),
            row("retries", Some(&wishes.retries)),
            row("timeout", Some(&wishes.timeout)),
            row("finish_within", Some(&wishes.finish_within)),
            row("max_cost", wishes.max_cost.as_ref()),
            row("daily_limit", wishes.daily_limit.as_ref()),
            row("prompt_folders", folders.as_ref()),
            row("preview", Some(&self.preview)),
            row("notify", Some(&wishes.notify)),
            row("progress", Some(&wishes.progress)),
            row("links", Some(&wishes.links)),
            row("keep_metadata", Some(&wishes.keep_metadata)),
            path("data_dir", &self.folders.data),
            path("state_dir", &self.folders.state),
            path("cache_dir", &self.folders.cache),
        ];
        rows.extend(self.listed().into_iter().filter_map(|listed| {
            let (value, source) = match listed.key {
                KeyState::NotNeeded => return None,
                KeyState::Set(place) => (Some("set".to_owned()), place.to_string()),
                KeyState::Missing(variables) => (None, format!("none in {}", variables.join(" or "))),
            };
            Some(Shown {
                name: format!("key of {}", listed.endpoint.name),
                value,
                source,
            })
        }));
        rows
    }

    fn address(&self) -> Shown {
        if self.base_url.is_some() {
            return row("base_url", self.base_url.as_ref());
        }
        let known = self
            .provider
            .as_ref()
            .and_then(|name| self.providers.find(&name.value));
        Shown {
            name: "base_url".to_owned(),
            value: known
                .map(|provider| provider.endpoint.display_base())
                .filter(|base| !base.is_empty()),
            source: match known {
                None => unset(),
                Some(known) => known
                    .file
                    .as_ref()
                    .map_or_else(|| Source::Default.to_string(), |path| path.display().to_string()),
            },
        }
    }
}
