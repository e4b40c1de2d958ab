//! What the project's file makes dearer than the user's own defaults are: a repository that was cloned must not spend
//! unasked. It compares prices by the table; it asks nobody.

use std::path::{Path, PathBuf};

use super::{Settings, Source};
use crate::domain::{Size, clean_line};
use crate::provider::capability::{Capability, may_cost_more};

/// A model and a size, with the price of one image in US dollars; `None` where the table does not have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Priced {
    pub model: String,
    /// `None` where the size is the model's own.
    pub size: Option<Size>,
    pub usd: Option<f64>,
}

/// A choice of the project's file that may cost more than the user's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Dearer {
    /// The project's file.
    pub file: PathBuf,
    pub chosen: Priced,
    pub own: Priced,
    /// Whose list the prices are from, where it isn't the provider's.
    list: &'static str,
}

impl Settings {
    /// What the project's file makes dearer, where it chose the model or the size. A size that the user gave for this
    /// call takes the place of both files'.
    pub fn dearer(&self, given: Option<&Size>) -> Option<Dearer> {
        let provider = self.name()?;
        let model = self.model.as_ref()?;
        let row = self.catalog.find(provider, &model.value);
        let size = self.wishes.for_model(&row).1.filter(|_| given.is_none());
        let of_project = |source: &Source| matches!(source, Source::Project(_));
        let chose_model = of_project(&model.source);
        let chose_size = size.is_some()
            && self
                .wishes
                .size
                .as_ref()
                .is_some_and(|size| of_project(&size.source));
        if !chose_model && !chose_size {
            return None;
        }
        let chosen = Priced::of(&row, given.cloned().or(size));
        let own = match &self.own_model {
            Some(own) => {
                let row = self.catalog.find(provider, &own.value);
                let size = given.cloned().or_else(|| self.wishes.own_size_for(&row));
                Priced::of(&row, size)
            }
            // Nothing would be sent at all.
            None => Priced {
                model: String::new(),
                size: None,
                usd: None,
            },
        };
        let is_same = chosen.model == own.model && chosen.size_or(&row) == own.size_or(&row);
        if is_same || !may_cost_more(chosen.usd, own.usd) {
            return None;
        }
        Some(Dearer {
            file: self.project_file.clone()?,
            chosen,
            own,
            list: if row.has_own_price() {
                ""
            } else {
                " by Google's list"
            },
        })
    }
}

impl Priced {
    fn of(row: &Capability, size: Option<Size>) -> Self {
        Self {
            model: row.name.clone(),
            usd: row.estimate(size.as_ref()),
            size,
        }
    }

    fn size_or<'a>(&'a self, row: &'a Capability) -> Option<&'a Size> {
        self.size.as_ref().or(row.default_size())
    }

    /// `gemini-3-pro-image at 4K`.
    fn name(&self) -> String {
        let model = clean_line(&self.model);
        match &self.size {
            Some(size) => format!("{model} at {size}"),
            None => model,
        }
    }
}

impl Dearer {
    /// Says what the file chose and what so many images of it cost, beside what one's own choice costs.
    pub fn says(&self, count: u32) -> String {
        let (file, list) = (shown(&self.file), self.list);
        let chosen = match self.chosen.usd {
            None => "whose price is not known".to_owned(),
            Some(usd) if count > 1 => {
                format!(
                    "about ${usd:.3} an image{list}, ${:.3} for {count}",
                    usd * f64::from(count)
                )
            }
            Some(usd) => format!("about ${usd:.3} an image{list}"),
        };
        let own = match (self.own.model.is_empty(), self.own.usd) {
            (true, _) => "you have no default of your own".to_owned(),
            (_, None) => format!("the price of your own default, {}, is not known", self.own.name()),
            (_, Some(usd)) => format!("your own default, {}, costs about ${usd:.3}", self.own.name()),
        };
        format!("{file} chooses {}, {chosen}; {own}", self.chosen.name())
    }
}

fn shown(path: &Path) -> String {
    clean_line(&path.to_string_lossy())
}
