//! What a project's file chose for the next prompt, and what it costs beside the user's own default. Shared by update,
//! which asks before it sends, and view, which shows the question.

use super::model::Model;
use super::money::Price;
use super::settings::Settings;
use crate::domain::Size;
use crate::provider::capability::may_cost_more;

/// The model and the size of a project's file, and what would hold without it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectChoice {
    /// Where the file is.
    pub file: String,
    /// The provider that the user's own model is meant for.
    pub provider: String,
    /// `None` where the file does not choose it, or a flag does.
    pub model: Option<String>,
    pub size: Option<Size>,
    pub own_model: String,
    pub own_size: Option<Size>,
}

/// A prompt that a project's file makes dearer, all its images together.
#[derive(Clone, Debug, PartialEq)]
pub struct Dearer {
    pub price: Price,
    /// What the prompt would be sent with without the file.
    pub own: Settings,
    pub own_price: Price,
}

impl Model {
    /// What the project's file still makes dearer, until the user has consented to it or chosen otherwise.
    pub fn dearer(&self) -> Option<Dearer> {
        let project = self.project.as_ref()?;
        let settings = &self.settings;
        let mut own = settings.clone();
        if project.model.as_ref() == Some(&settings.model) {
            own.model = if settings.provider == project.provider {
                project.own_model.clone()
            } else {
                self.model_at(&settings.provider, &project.own_model)
            };
        }
        if project.size.is_some() && project.size == settings.size {
            own.size.clone_from(&project.own_size);
        }
        let cap = self.capability(&own.provider, &own.model);
        own.fit(&cap);
        let (price, own_price) = (settings.price(&self.chosen()), own.price(&cap));
        let is_other = (&own.model, &own.size) != (&settings.model, &settings.size);
        (is_other && may_cost_more(price.usd(), own_price.usd())).then_some(Dearer {
            price,
            own,
            own_price,
        })
    }
}
