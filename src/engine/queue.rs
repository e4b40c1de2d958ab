//! Who may send now: the requests of one order go two at a time, and a provider that asked to wait is left alone by
//! all of them. It sends nothing itself.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};

use super::Order;
use super::plan::Plan;
use super::workers::blocking;
use crate::domain::SessionId;
use crate::error::Result;
use crate::provider::capability::Catalog;
use crate::store::Store;

/// A relay's pool and a user's rate limit are small: more at once only earns refusals.
const AT_ONCE: usize = 2;

/// The requests of one order.
#[derive(Debug)]
pub(super) struct Batch {
    /// How many there are.
    count: usize,
    /// What they all send.
    plan: OnceCell<Plan>,
    slots: Semaphore,
    begun: AtomicBool,
    /// The session that the first of them began, for the others.
    pub(super) session: tokio::sync::Mutex<Option<SessionId>>,
}

impl Batch {
    pub(super) fn new(count: usize, session: Option<SessionId>) -> Self {
        Self {
            count,
            plan: OnceCell::new(),
            slots: Semaphore::new(AT_ONCE),
            begun: AtomicBool::new(false),
            session: tokio::sync::Mutex::new(session),
        }
    }

    /// How many requests there are, for the first of them that begins; `None` for the others, so that what is said of all
    /// of them is said once.
    pub(super) fn begin_first(&self) -> Option<usize> {
        (!self.begun.swap(true, Ordering::Relaxed)).then_some(self.count)
    }

    /// The plan that they share, made by the first of them.
    pub(super) async fn plan(&self, store: &Store, catalog: &Catalog, order: &Order) -> Result<Plan> {
        let plan = self.plan.get_or_try_init(async || {
            let (store, catalog, order, count) = (store.clone(), catalog.clone(), order.clone(), self.count);
            blocking(move || Plan::of(&store, &catalog, &order, count)).await
        });
        plan.await.cloned()
    }

    /// A place among those that run; free again when it is dropped. Cancel safe.
    pub(super) async fn slot(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.slots.acquire().await.ok()
    }
}

/// Until when each provider is left alone.
#[derive(Debug, Default)]
pub(super) struct Pauses(Mutex<HashMap<String, Instant>>);

impl Pauses {
    /// Leaves a provider alone for at least this long from now.
    pub(super) fn pause(&self, provider: &str, wait: Duration) {
        let until = Instant::now() + wait;
        let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = pauses.entry(provider.to_owned()).or_insert(until);
        *known = until.max(*known);
    }

    /// How long a provider is still to be left alone.
    pub(super) fn left(&self, provider: &str) -> Option<Duration> {
        let pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = pauses.get(provider)?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_pause_counts_and_each_provider_has_its_own() {
        let pauses = Pauses::default();
        pauses.pause("google", Duration::from_mins(1));
        pauses.pause("google", Duration::from_secs(1));
        assert!(
            pauses
                .left("google")
                .is_some_and(|left| left > Duration::from_secs(50))
        );
        assert_eq!(pauses.left("anyfast"), None);
        pauses.pause("anyfast", Duration::ZERO);
        assert_eq!(pauses.left("anyfast"), None);
    }

    #[tokio::test]
    async fn two_go_at_once() {
        let batch = Batch::new(3, None);
        let first = batch.slot().await;
        let _second = batch.slot().await;
        assert!(futures_util::FutureExt::now_or_never(batch.slot()).is_none());
        drop(first);
        assert!(futures_util::FutureExt::now_or_never(batch.slot()).is_some());
    }
}
