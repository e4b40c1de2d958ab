//! A request sent until it is answered: again where nothing can have been generated, from the picture alone where the
//! server refuses the signatures of the history. It decides when, and never sends after something has arrived.

use std::pin::pin;
use std::time::Duration;

use super::plan::Plan;
use super::recording::Recording;
use super::task::{Ending, Stop};
use super::{Event, Order, Shared, redact};
use crate::domain::Secrets;
use crate::error::{Error, Kind, Result, Retry};
use crate::provider::gemini::failure;
use crate::provider::gemini::request::Body;
use crate::provider::http;

/// Where the server names no delay: the first wait is at most this long, each further one at most twice the last.
const FIRST_WAIT: f64 = 2.0;
const LONGEST_WAIT: f64 = 60.0;
/// No wait is shorter: a server that says "at once" has just failed.
const SHORTEST_WAIT: f64 = 0.05;

const AFRESH: &str = "The server does not accept the signatures of the earlier turns: the request goes on from the \
                      last picture alone";
const AFRESH_SIZE: &str = "The server finds the request with its earlier turns too large: it goes on from the last \
                           picture alone";

/// Sends the plan's request and records its answer until the body ends.
pub(super) async fn converse(
    shared: &Shared,
    order: &Order,
    plan: &Plan,
    recording: &mut Recording,
    stop: &mut Stop,
) -> Ending {
    let last = order.retries.saturating_add(1);
    let mut afresh = false;
    loop {
        if let Err(stopped) = hold(shared, order, recording, stop).await {
            return Ending::Broken(stopped);
        }
        let body = match body(plan, recording, afresh) {
            Ok(body) => body,
            Err(error) => return Ending::Broken(error),
        };
        let mut error = match receive(shared, order, plan, body, recording, stop).await {
            Ending::Broken(error) if recording.is_untouched() => error,
            Ending::Body => match recording.refused().await {
                Ok(Some(error)) if remedy(&error, plan, afresh).is_some() => {
                    recording.rewind();
                    error
                }
                Ok(_) => return Ending::Body,
                Err(unwritable) => return Ending::Broken(unwritable),
            },
            ending => return ending,
        };
        if let Some(word) = remedy(&error, plan, afresh) {
            afresh = true;
            recording.notice(word);
            continue;
        }
        let attempt = recording.turn().attempts;
        // A server that gave up waiting for the request is given one more chance.
        let last = if error.http_status == Some(408) {
            last.min(2)
        } else {
            last
        };
        let Some(wait) = wait(&error, attempt) else {
            return Ending::Broken(error);
        };
        // Also where this request gives up: the others would only be refused as well.
        if error.kind == Kind::RateLimited {
            shared.pauses.pause(&order.endpoint.name, wait);
        }
        if attempt >= last {
            return Ending::Broken(error);
        }
        redact::error(&mut error, &order.secrets());
        tracing::warn!(
            turn = %recording.turn().id,
            attempt,
            kind = %error.kind,
            http = error.http_status,
            wait_ms = milliseconds(wait),
            "it is sent again"
        );
        recording.tell(Event::Retry {
            attempt: attempt + 1,
            of: last,
            wait_ms: milliseconds(wait),
            error: Box::new(error.clone()),
        });
        tokio::select! {
            biased;
            () = stop.requested() => return Ending::Broken(stopped_waiting(Some(error))),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// Waits for as long as the provider is to be left alone.
async fn hold(shared: &Shared, order: &Order, recording: &Recording, stop: &mut Stop) -> Result<()> {
    while let Some(left) = shared.pauses.left(&order.endpoint.name) {
        recording.tell(Event::Paused {
            wait_ms: milliseconds(left),
        });
        tokio::select! {
            biased;
            () = stop.requested() => return Err(stopped_waiting(None)),
            () = tokio::time::sleep(left) => {}
        }
    }
    Ok(())
}

fn body(plan: &Plan, recording: &Recording, afresh: bool) -> Result<Body> {
    // The turn's own request names the store's copies of the references: those cannot vanish meanwhile.
    let request = &recording.turn().request;
    if afresh {
        Ok(plan.afresh(request))
    } else {
        plan.fitted(request).map(|fitted| fitted.body)
    }
}

/// The sentence with which the request is sent once more without its history, where that can help.
fn remedy(error: &Error, plan: &Plan, afresh: bool) -> Option<&'static str> {
    if afresh || plan.history.is_empty() {
        return None;
    }
    match error.kind {
        Kind::Signature => Some(AFRESH),
        Kind::TooLarge => Some(AFRESH_SIZE),
        _ => None,
    }
}

/// How long to wait before attempt number `attempt + 1`; `None` where it must not be sent again.
fn wait(error: &Error, attempt: u32) -> Option<Duration> {
    let Retry::Safe { after_seconds } = error.retry else {
        return None;
    };
    let seconds = after_seconds.unwrap_or_else(|| {
        let doubled = FIRST_WAIT * 2f64.powi(i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX));
        doubled.min(LONGEST_WAIT) * chance()
    });
    Duration::try_from_secs_f64(seconds.max(SHORTEST_WAIT)).ok()
}

/// From 0 to 1: many programs that failed at once must not come back at once.
fn chance() -> f64 {
    getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX))
}

fn milliseconds(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

/// Stopped while nothing was under way: nothing is owed.
pub(super) fn stopped_waiting(after: Option<Error>) -> Error {
    let error = Error::new(Kind::Cancelled, "Stopped while it waited to be sent");
    match after {
        Some(after) => error.hint(format!("It was waiting because: {after}")),
        None => error.hint("Nothing is owed for it"),
    }
}

/// Sends one body and records its answer until that ends. Only the waits on the network can be stopped: what has been
/// read is always recorded to its end.
async fn receive(
    shared: &Shared,
    order: &Order,
    plan: &Plan,
    body: Body,
    recording: &mut Recording,
    stop: &mut Stop,
) -> Ending {
    let model = &plan.request.model;
    recording.attempt();
    let sent = shared
        .http
        .send(&order.endpoint, order.key.as_ref(), model, plan.stream, body);
    let mut answer = match wait_for(sent, recording, stop).await {
        Some(Ok(answer)) => answer,
        Some(Err(error)) => return Ending::Broken(error),
        None => return Ending::Stopped,
    };
    recording.first_byte(answer.request_id());
    if !answer.is_success() {
        return tokio::select! {
            biased;
            () = stop.requested() => Ending::Stopped,
            error = refusal(answer, order.secrets()) => Ending::Broken(error),
        };
    }
    loop {
        let Some(read) = wait_for(answer.next(), recording, stop).await else {
            return Ending::Stopped;
        };
        match read {
            Ok(Some(bytes)) => match recording.push(&bytes).await {
                Ok(true) => {}
                // The decoder gave up, and its reason is among the events: reading on is of no use.
                Ok(false) => return Ending::Body,
                Err(error) => return Ending::Broken(error),
            },
            Ok(None) => return Ending::Body,
            Err(error) => return Ending::Broken(error),
        }
    }
}

/// Waits for the network, and sends to the disk meanwhile what was written; `None` where it has to end early.
async fn wait_for<T>(
    network: impl Future<Output = T>,
    recording: &mut Recording,
    stop: &mut Stop,
) -> Option<T> {
    let mut network = pin!(network);
    loop {
        tokio::select! {
            biased;
            () = stop.requested() => return None,
            done = &mut network => return Some(done),
            () = recording.sync_due() => recording.start_sync(),
        }
    }
}

/// Returns the error for a status other than 2xx. Secrets are taken out of the body first, which is cut to sentences.
async fn refusal(mut answer: http::Answer, secrets: Secrets) -> Error {
    let (status, head, body) = (answer.status(), answer.head(), answer.error_body().await);
    failure::classify(status, &head, &secrets.redact_bytes(&body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(after_seconds: Option<f64>) -> Error {
        let mut error = Error::new(Kind::RateLimited, "x");
        error.retry = Retry::Safe { after_seconds };
        error
    }

    #[test]
    fn the_servers_delay_counts_and_without_one_the_wait_doubles_up_to_a_minute() {
        assert_eq!(wait(&failed(Some(7.5)), 1), Some(Duration::from_secs_f64(7.5)));
        assert_eq!(
            wait(&failed(Some(0.0)), 1),
            Some(Duration::from_secs_f64(SHORTEST_WAIT))
        );
        for (attempt, most) in [(1, 2.0), (2, 4.0), (3, 8.0), (9, 60.0), (u32::MAX, 60.0)] {
            let longest = (0..64)
                .filter_map(|_| wait(&failed(None), attempt))
                .max()
                .unwrap();
            assert!(longest <= Duration::from_secs_f64(most), "{attempt}: {longest:?}");
            assert!(
                longest >= Duration::from_secs_f64(most / 4.0),
                "{attempt}: {longest:?}"
            );
        }
        assert_eq!(wait(&Error::new(Kind::Quota, "x"), 1), None);
    }
}
