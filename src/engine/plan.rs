//! From an order to what will be sent: affordable, with references that the model takes, fitted to what the provider
//! takes, checked by the model table. Nothing here sends anything.

use sha2::{Digest, Sha256};

use super::{Budget, Order, reference};
use crate::domain::{Request, Secret, Turn, hexadecimal};
use crate::error::{Error, Kind, Result};
use crate::provider::capability::{Capability, Catalog};
use crate::provider::gemini::request::{self, Body, Fitted};
use crate::store::Store;

/// What will be sent, as `--dry-run` shows it.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub body: Body,
    /// What the user should know first, a sentence each.
    pub notices: Vec<String>,
    /// Whether the answer comes as a stream.
    pub stream: bool,
}

/// An order that can be sent.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// With references as they will be sent.
    pub(super) request: Request,
    /// The turns from the root to the parent.
    pub(super) history: Vec<Turn>,
    pub(super) capability: Capability,
    pub(super) route: Option<String>,
    pub(super) notices: Vec<String>,
    pub(super) stream: bool,
}

impl Plan {
    /// Makes a plan of one of `count` like orders, or says why it cannot be sent.
    pub(super) fn of(store: &Store, catalog: &Catalog, order: &Order, count: usize) -> Result<Self> {
        let mut request = order.request.clone();
        let capability = catalog.find(&request.provider, &request.model);
        let mut notices = reference::fit(store, &mut request, &capability)?;
        capability.check(&request)?;
        afford(store, &capability, &request, order.budget, count)?;
        let history = match &order.parent {
            Some(parent) => store.path_to_root(parent)?,
            None => Vec::new(),
        };
        let route = order.key.as_ref().map(fingerprint);
        let stream = order.endpoint.stream && capability.stream;
        let mut plan = Self {
            request,
            history,
            capability,
            route,
            notices: Vec::new(),
            stream,
        };
        notices.extend(plan.fitted(&plan.request)?.notice);
        plan.notices = notices;
        Ok(plan)
    }

    /// The body for `request`, which is this plan's own or the store's copy of it.
    pub(super) fn fitted(&self, request: &Request) -> Result<Fitted> {
        request::fitted(request, &self.history, &self.capability)
    }

    /// The body without any signature: what helps when a server refuses those of the history.
    pub(super) fn afresh(&self, request: &Request) -> Body {
        request::body_afresh(request, &self.history, &self.capability)
    }
}

/// Tells one key from another without telling anything of either.
fn fingerprint(key: &Secret) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tintype route\0");
    hash.update(key.reveal());
    hexadecimal(&hash.finalize()[..4])
}

fn afford(
    store: &Store,
    capability: &Capability,
    request: &Request,
    budget: Budget,
    count: usize,
) -> Result<()> {
    if budget.order.is_none() && budget.daily.is_none() {
        return Ok(());
    }
    let over = |message: String, hint: &str| Err(Error::new(Kind::OverBudget, message).hint(hint));
    let Some(each) = capability.estimate_of(request) else {
        let Capability { name, provider, .. } = capability;
        return over(
            format!("What {name} costs at {provider} is not known, and a limit is set"),
            "Set price_per_picture for the provider in the settings, or lift the limit; nothing was sent",
        );
    };
    let estimate = each * f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if let Some(limit) = budget.order.filter(|limit| estimate > *limit) {
        return over(
            format!("This would cost about ${estimate:.3}, and at most ${limit:.3} is allowed"),
            "Choose a smaller size, fewer pictures or another model, or raise --max-cost; nothing was sent",
        );
    }
    if let Some(limit) = budget.daily {
        let spent = store.spent_since(budget.day_began_ms)?.usd;
        if spent + estimate > limit {
            return over(
                format!(
                    "Today has cost ${spent:.3} so far, and with about ${estimate:.3} more it would be over the daily \
                     limit of ${limit:.3}"
                ),
                "Raise daily_limit in the settings, or go on tomorrow; nothing was sent",
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_keys_apart_and_holds_nothing_of_them() {
        let one = fingerprint(&Secret::new("sk-one"));
        assert_eq!(one, fingerprint(&Secret::new("sk-one")));
        assert_ne!(one, fingerprint(&Secret::new("sk-two")));
        assert_eq!(one.len(), 8);
    }
}
