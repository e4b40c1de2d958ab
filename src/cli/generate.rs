//! `tintype generate`: one picture from the command line.

use std::path::Path;
use std::time::Duration;

use super::args::Generate;
use super::delivery::Delivery;
use super::follow::follow;
use super::input;
use super::interrupt::Patience;
use super::report::{Refusal, json};
use super::{consent, output, told, tuning};
use crate::config::Dearer;
use crate::domain::{Request, Secret, SessionId, Turn, TurnId};
use crate::engine::{Budget, Engine, Order};
use crate::error::{Error, Kind, Result};
use crate::provider::capability::Capability;
use crate::provider::endpoint::Endpoint;
use crate::store::{self, Store};

/// How often a request is sent again where neither flag nor setting says so.
const RETRIES: u32 = 3;

/// What the composition root has made ready.
pub struct Context<'a> {
    /// The session and the parent of the new turn.
    pub place: Place,
    pub store: &'a Store,
    pub engine: &'a Engine,
    pub endpoint: Endpoint,
    pub key: Option<Secret>,
    pub model: String,
    /// The local day, `YYYY-MM-DD`: it tells which models are gone.
    pub today: &'a str,
    /// The state folder, which remembers what the user has been told.
    pub state: &'a Path,
    pub budget: Budget,
    /// What a project's file makes dearer.
    pub dearer: Option<Dearer>,
    /// How long it may go on once nobody can be told anything.
    pub finish_within: Duration,
}

/// Runs the command; the exit code says how it went.
pub async fn run(context: Context<'_>, args: &Generate) -> u8 {
    match generate(&context, args).await {
        Ok(code) => code,
        Err(error) => refuse(&error, args.json, args.verbose),
    }
}

/// Prints an error that kept the command from making a turn, and gives its exit code.
pub fn refuse(error: &Error, json_wanted: bool, verbose: bool) -> u8 {
    if json_wanted {
        output::json(&json(&Refusal::new(error, verbose)));
    }
    output::error(error, verbose);
    error.exit_code()
}

async fn generate(context: &Context<'_>, args: &Generate) -> Result<u8> {
    let to_stdout = args.output.as_deref() == Some(Path::new("-"));
    let count = args.count.unwrap_or(1);
    if to_stdout {
        check_stdout(args, count)?;
    } else if let Some(path) = args.output.as_deref() {
        store::check_out(path)?;
    }
    let order = Order {
        session: context.place.session.clone(),
        parent: context.place.parent.as_ref().map(|turn| turn.id.clone()),
        request: request(context, args)?,
        endpoint: context.endpoint.clone(),
        key: context.key.clone(),
        retries: args.retries.unwrap_or(RETRIES),
        budget: context.budget,
        follow_links: args.follow_links,
    };
    let capability = context
        .engine
        .catalog()
        .find(&order.request.provider, &order.request.model);
    let word = caution(&capability, context.today).filter(|_| !args.quiet);
    if let Some(word) = word.filter(|_| is_due(context, &capability)) {
        output::note(&word);
    }
    if args.dry_run {
        if let Some(dearer) = &context.dearer {
            output::note(&dearer.says(count));
        }
        return dry_run(context, &order, &capability, count);
    }
    if let Some(dearer) = &context.dearer {
        consent::obtain(dearer, count, args).await?;
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    // From here on no reader may hold up what is read from the network.
    output::from_a_thread();
    let mut patience = Patience::new(context.finish_within);
    let jobs = context.engine.start_several(&order, count);
    let mut delivery = Delivery::new(args, context.engine, to_stdout, count);
    follow(jobs, args.quiet, args.events, &mut delivery, &mut patience).await;
    patience.saved();
    Ok(delivery.finish(&mut patience).await)
}

/// Standard output takes the bytes of one picture and nothing else.
fn check_stdout(args: &Generate, count: u32) -> Result<()> {
    let refused = |message: &str| Err(Error::new(Kind::Usage, message).hint("Give -o a file or a folder"));
    if args.json {
        return refused("-o - and --json both want standard output");
    }
    if args.events {
        return refused("-o - and --events both want standard output");
    }
    if count > 1 || args.candidates.is_some_and(|candidates| candidates > 1) {
        return refused("-o - takes one picture, and more were asked for");
    }
    if args.text {
        return refused("-o - and --text both want standard output");
    }
    Ok(())
}

/// Whether a caution is due: one that rests on reports that differ is said once and never again.
fn is_due(context: &Context<'_>, capability: &Capability) -> bool {
    let Capability {
        provider,
        name,
        retires,
        disputed,
        ..
    } = capability;
    if disputed.is_none() || capability.retired(context.today) {
        return true;
    }
    let day = retires.as_deref().unwrap_or_default();
    told::is_news(context.state, &format!("end-of {provider} {name} {day}"))
}

/// What a user should know of the model before it is asked.
fn caution(capability: &Capability, today: &str) -> Option<String> {
    if capability.verified {
        return capability.retirement(today);
    }
    let Capability { name, provider, .. } = capability;
    Some(format!(
        "{name} at {provider} is unverified: it is not in the table of models, and the server decides what it accepts"
    ))
}

/// The session and the turn that a new one grows from.
#[derive(Clone, Debug, Default)]
pub struct Place {
    pub session: Option<SessionId>,
    pub parent: Option<Turn>,
}

/// Returns what `-c`, `--session` and `--from` name.
pub fn place(store: &Store, args: &Generate) -> Result<Place> {
    let session = match &args.session {
        Some(name) => Some(store.find_session(name)?.id),
        None if args.continue_last || args.from.as_deref().is_some_and(|from| number(from).is_some()) => {
            let latest = store.latest_session()?;
            let none = || {
                Error::new(Kind::BadInput, "There is no session to continue")
                    .hint("Leave -c and --from away to begin one")
            };
            Some(latest.ok_or_else(none)?.id)
        }
        None => None,
    };
    let parent = match (&args.from, &session) {
        (Some(from), session) => Some(turn_named(store, session.as_ref(), from)?),
        (None, Some(session)) if args.continue_last => store.latest_turn(session)?,
        (None, _) => None,
    };
    Ok(Place {
        session: parent.as_ref().map(|turn| turn.session.clone()).or(session),
        parent,
    })
}

/// The number of a turn, as `2` or `#2`.
fn number(name: &str) -> Option<u32> {
    name.trim_start_matches('#').parse().ok()
}

/// A turn by its number in the session, or by its own name.
fn turn_named(store: &Store, session: Option<&SessionId>, name: &str) -> Result<Turn> {
    let turn = match (number(name), session) {
        (Some(number), Some(session)) => store.turn_numbered(session, number)?,
        _ => store.turn(&TurnId::from(name.to_owned()))?,
    };
    let turn = turn.filter(|turn| session.is_none_or(|session| *session == turn.session));
    turn.ok_or_else(|| {
        Error::new(
            Kind::BadInput,
            format!("There is no turn \u{201c}{name}\u{201d} to continue from"),
        )
        .hint("`tintype sessions show ID` lists the turns of a session")
    })
}

fn request(context: &Context<'_>, args: &Generate) -> Result<Request> {
    let bad = |problem: String| {
        Error::new(Kind::BadInput, problem).hint("`tintype models` lists what each model accepts")
    };
    let prompt = input::prompt(args)?;
    let references = input::references(context.store, args)?;
    Ok(Request {
        prompt,
        provider: context.endpoint.name.clone(),
        model: context.model.clone(),
        aspect_ratio: args
            .aspect_ratio
            .as_deref()
            .map(str::parse)
            .transpose()
            .map_err(bad)?,
        size: args.size.as_deref().map(str::parse).transpose().map_err(bad)?,
        references,
        tuning: tuning::tuning(args)?,
    })
}

/// Prints the request as it would be sent, and what it would cost.
fn dry_run(context: &Context<'_>, order: &Order, capability: &Capability, count: u32) -> Result<u8> {
    let prepared = context.engine.prepare(order)?;
    for notice in &prepared.notices {
        output::note(notice);
    }
    output::note(&format!(
        "POST {}",
        order.endpoint.display_url(&order.request.model, prepared.stream)
    ));
    let times = if count > 1 {
        format!(", {count} times")
    } else {
        String::new()
    };
    output::note(&format!(
        "{} bytes{times} \u{b7} {}",
        prepared.body.len(),
        price(capability, &order.request, count)
    ));
    output::json(&prepared.body.dry_run());
    Ok(0)
}

fn price(capability: &Capability, request: &Request, count: u32) -> String {
    let all = |each: f64| each * f64::from(count);
    match capability.estimate_of(request).map(all) {
        None => "its price is not known".to_owned(),
        Some(usd) if usd <= 0.0 => "costs nothing".to_owned(),
        Some(usd) if capability.provider == "google" => format!("about ${usd:.3}"),
        Some(usd) => format!(
            "about ${usd:.3} by Google's list; {} has its own",
            capability.provider
        ),
    }
}
