//! What a prompt may ask for as `fail:NAME`: the one table, which the demo obeys and every list is printed from.

use serde_json::json;

use super::wish::Scene;
use super::{Failure, Mishap, Place, Said, Wanted};

/// A failure that may be asked for.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// Another name for it, or nothing.
    pub(super) also: &'static str,
    says: &'static str,
    /// How often, where it is not always.
    pub(super) times: Option<u32>,
    pub(super) what: fn(&Scene<'_>) -> Wanted,
}

/// The failures that a prompt may ask for as `fail:NAME`, each with what happens.
pub fn failures() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLE.iter().map(|row| (row.name, row.says))
}

const fn row(name: &'static str, says: &'static str, what: fn(&Scene<'_>) -> Wanted) -> Row {
    Row {
        name,
        also: "",
        says,
        times: None,
        what,
    }
}

/// An error that is no event.
fn raw(thoughts: bool, before: &str, failure: &Failure, indented: bool) -> Wanted {
    let json = if indented {
        format!("{:#}", failure.json())
    } else {
        failure.json().to_string()
    };
    Wanted::Mishap(Mishap::Raw {
        thoughts,
        text: format!("{before}{json}\n\n"),
    })
}

#[rustfmt::skip]
pub(super) const TABLE: &[Row] = &[
    row("429", "rate limited, with a delay of two seconds to wait", |_| Wanted::Refusal(Failure::rate_limited(2))),
    row("429-empty", "rate limited, with an empty body", |_| Wanted::Refusal(Failure::new(429, Said::Nothing))),
    row("429-long", "rate limited for an hour, which nobody waits for", |_| Wanted::Refusal(Failure::rate_limited(3600))),
    row("relay-429", "the relay's own limit of requests, in Chinese", |_| Wanted::Refusal(Failure::relay_rate())),
    row("upstream-429", "the relay's upstream is rate limited", |_| Wanted::Refusal(Failure::upstream_rate())),
    row("quota", "the daily quota is used up", |_| Wanted::Refusal(Failure::daily_quota())),
    row("no-quota", "the key has no quota for pictures at all", |_| Wanted::Refusal(Failure::no_quota())),
    Row { also: "key", ..row("401", "the key is not accepted (status 400 in google style)", |scene| Wanted::Refusal(Failure::bad_key(scene.relay))) },
    row("leaked", "the key was reported as leaked", |_| Wanted::Refusal(Failure::leaked_key())),
    Row { also: "403", ..row("permission", "the key may not use the model", |scene| Wanted::Refusal(Failure::no_permission(scene))) },
    row("region", "the provider does not serve the region", |_| Wanted::Refusal(Failure::region())),
    row("gate", "a gateway's challenge page, status 403", |_| Wanted::Refusal(Failure::page(403, "Just a moment..."))),
    row("balance", "the relay's balance is used up", |_| Wanted::Refusal(Failure::no_balance())),
    row("402", "the prepaid credits are used up", |_| Wanted::Refusal(Failure::no_credit())),
    row("billing", "the project has no billing", |_| Wanted::Refusal(Failure::no_billing())),
    row("channel", "the relay's token group lacks the model", |scene| Wanted::Refusal(Failure::no_channel(scene.model))),
    row("400", "a field is invalid", |_| Wanted::Refusal(Failure::invalid("Request contains an invalid argument."))),
    row("field", "a field is unknown, and named", |_| Wanted::Refusal(Failure::unknown("aspectRatio", Some("generation_config")))),
    row("reference", "a reference cannot be read", |_| Wanted::Refusal(Failure::unreadable_reference())),
    Row { times: Some(1), ..row("signature", "the history's signature is rejected once, whatever it is", |scene| Wanted::Refusal(Failure::bad_signature(scene.relay))) },
    Row { also: "model", ..row("404", "there is no such model", |scene| Wanted::Refusal(Failure::no_model(scene.model))) },
    row("route", "a relay without the native interface", |scene| Wanted::Refusal(Failure::no_route(scene.model))),
    row("413", "the request is too large (a web page in relay style)", |scene| Wanted::Refusal(Failure::size_refused(scene.relay))),
    row("500", "an internal error", |_| Wanted::Refusal(Failure::internal())),
    row("upstream", "the relay could not read its upstream's 503", |_| Wanted::Refusal(Failure::upstream_status())),
    row("words", "the relay's word filter", |_| Wanted::Refusal(Failure::word_filter())),
    row("double", "an error inside the message of an error", |_| Wanted::Refusal(Failure::doubled())),
    row("502", "a gateway's page", |_| Wanted::Refusal(Failure::page(502, "502 Bad Gateway"))),
    Row { also: "overloaded", ..row("503", "the model is overloaded", |_| Wanted::Refusal(Failure::overloaded())) },
    row("relay-503", "the relay itself is overloaded", |_| Wanted::Refusal(Failure::relay(503, "system_cpu_overloaded", "system cpu overloaded"))),
    Row { times: Some(1), ..row("once", "overloaded at the first try, an answer at the second", |_| Wanted::Refusal(Failure::overloaded())) },
    row("499", "the upstream cancelled it", |_| Wanted::Refusal(Failure::cancelled())),
    row("504", "it took too long (a web page in relay style)", |scene| Wanted::Refusal(Failure::deadline(scene.relay))),
    row("520", "Cloudflare cannot reach the relay", |_| Wanted::Refusal(Failure::page(520, "demo | 520: Web server is returning an unknown error"))),
    row("524", "Cloudflare gave up waiting", |_| Wanted::Refusal(Failure::page(524, "demo | 524: A timeout occurred"))),
    row("html", "a web console where the API should be, status 200", |_| Wanted::Refusal(Failure::page(200, "Console"))),
    Row { also: "refused", ..row("safety", "the picture is withheld by a safety filter", |_| Wanted::Mishap(Mishap::Finish("IMAGE_SAFETY".to_owned()))) },
    row("finish=REASON", "the end with any reason, such as `fail:finish=IMAGE_OTHER`, and no picture; `fail:IMAGE_OTHER` does the same for known ones", |_| Wanted::Mishap(Mishap::Finish("OTHER".to_owned()))),
    row("blocked", "the prompt is blocked", |_| Wanted::Mishap(Mishap::Blocked)),
    row("no-image", "the model makes no picture", |_| Wanted::Mishap(Mishap::Finish("NO_IMAGE".to_owned()))),
    Row { also: "text-only", ..row("text", "words only", |_| Wanted::Mishap(Mishap::Text)) },
    row("empty", "a clean end without picture or words", |_| Wanted::Mishap(Mishap::Finish("STOP".to_owned()))),
    row("nothing", "status 200 and an empty body", |_| Wanted::Mishap(Mishap::Nothing)),
    row("draft-only", "a draft and no picture", |_| Wanted::Mishap(Mishap::Draft("STOP".to_owned()))),
    row("draft-refused", "a draft, then a safety filter", |_| Wanted::Mishap(Mishap::Draft("IMAGE_SAFETY".to_owned()))),
    row("cut", "the connection drops in the middle of the picture", |_| Wanted::Mishap(Mishap::Cut)),
    row("cut-before", "the connection drops before the picture", |_| Wanted::Mishap(Mishap::CutBefore)),
    row("stall", "some thoughts, then silence for ever", |_| Wanted::Mishap(Mishap::Silence { thoughts: true })),
    row("silence", "silence from the beginning, for ever", |_| Wanted::Mishap(Mishap::Silence { thoughts: false })),
    row("slow", "a minute of silence before the picture", |_| Wanted::Mishap(Mishap::Slow)),
    row("error", "some thoughts, then an error as an event", |_| Wanted::Mishap(Mishap::Error(Failure::internal()))),
    Row { also: "bare", ..row("bare-error", "some thoughts, then an error as bare JSON", |_| raw(true, "", &Failure::cancelled(), true)) },
    row("event-error", "some thoughts, then `event: error`", |_| raw(true, "event: error\ndata: ", &Failure::flattened(500, "server_error", json!("internal_server_error"), "upstream stream closed before completion"), false)),
    Row { also: "ping", ..row("ping-error", "pings, then an error as bare JSON", |_| raw(false, ": PING\n\n: PING\n\n", &Failure::upstream_rate(), false)) },
    row("link", "a link to the picture, in Markdown", |_| Wanted::Mishap(Mishap::Link(Place::Markdown))),
    row("link-file", "a link to the picture, as `fileData`", |_| Wanted::Mishap(Mishap::Link(Place::FileData))),
    row("link-data", "a link to the picture, in the place of its data", |_| Wanted::Mishap(Mishap::Link(Place::InlineData))),
    row("repeat", "no failure: every event repeats those before it", |_| Wanted::Mishap(Mishap::Repeat)),
    row("wrong-type", "no failure: the picture's label lies", |_| Wanted::Mishap(Mishap::WrongType)),
    row("wrong-size", "no failure: fewer pixels than were asked for", |_| Wanted::Mishap(Mishap::WrongSize)),
    row("wrong-model", "no failure: another model answers", |_| Wanted::Mishap(Mishap::WrongModel)),
    row("grounded", "no failure: the answer names its sources", |_| Wanted::Mishap(Mishap::Grounded)),
];
