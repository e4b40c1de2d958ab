//! `tintype generate`: one picture from the command line.

use std::path::Path;

use super::args::Generate;
use super::delivery;
use super::input;
use super::interrupt::{self, Interrupt};
use super::output::{self, Progress};
use super::report::{Refusal, json};
use crate::domain::{ImageKind, Request, Secret, SessionId, Tuning, Turn, TurnId};
use crate::engine::{Budget, Engine, Event, Job, Order};
use crate::error::{Error, Kind, Result};
use crate::provider::capability::{self, Capability};
use crate::provider::endpoint::Endpoint;
use crate::provider::gemini;
use crate::store::{self, Store};

/// What the composition root has made ready.
pub struct Context<'a> {
    pub store: &'a Store,
    pub engine: &'a Engine,
    pub endpoint: Endpoint,
    pub key: Option<Secret>,
    pub model: String,
    /// The local day, `YYYY-MM-DD`: it tells which models are gone.
    pub today: &'a str,
}

/// Runs the command; the exit code says how it went.
pub async fn run(context: Context<'_>, args: &Generate) -> u8 {
    match generate(&context, args).await {
        Ok(code) => code,
        Err(error) => refuse(&error, args.json),
    }
}

/// Prints an error that kept the command from making a turn, and gives its exit code.
pub fn refuse(error: &Error, json_wanted: bool) -> u8 {
    if json_wanted {
        output::line(&json(&Refusal::new(error)));
    }
    output::error(error);
    error.exit_code()
}

async fn generate(context: &Context<'_>, args: &Generate) -> Result<u8> {
    let to_stdout = args.output.as_deref() == Some(Path::new("-"));
    if to_stdout && args.json {
        return Err(
            Error::new(Kind::Usage, "-o - and --json both want standard output")
                .hint("Give -o a file, or leave --json away"),
        );
    }
    if let Some(path) = args.output.as_deref().filter(|_| !to_stdout) {
        store::check_out(path)?;
    }
    let (session, parent) = place(context.store, args)?;
    let order = Order {
        session,
        parent: parent.clone(),
        request: request(context, args)?,
        endpoint: context.endpoint.clone(),
        key: context.key.clone(),
        retries: 0,
        budget: Budget::default(),
        follow_links: false,
    };
    let capability = capability::find(&order.request.provider, &order.request.model);
    if let Some(word) = caution(&capability, context.today).filter(|_| !args.quiet) {
        output::note(&word);
    }
    if args.dry_run {
        return dry_run(context, &order, &capability);
    }
    let job = context.engine.start(order);
    let turn = follow(job, args.quiet).await?;
    Ok(delivery::deliver(&turn, args, to_stdout))
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

/// The session and the turn that the new one grows from.
fn place(store: &Store, args: &Generate) -> Result<(Option<SessionId>, Option<TurnId>)> {
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
    let turn = match (&args.from, session) {
        (Some(from), session) => Some(turn_named(store, session.as_ref(), from)?),
        (None, Some(session)) => {
            let turn = if args.continue_last {
                store.latest_turn(&session)?
            } else {
                None
            };
            return Ok((Some(session), turn.map(|turn| turn.id)));
        }
        (None, None) => None,
    };
    Ok(turn.map_or((None, None), |turn| (Some(turn.session), Some(turn.id))))
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
    let references = input::references(context.store, &args.images)?;
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
        tuning: Tuning::default(),
    })
}

/// Prints the request as it would be sent, and what it would cost.
fn dry_run(context: &Context<'_>, order: &Order, capability: &Capability) -> Result<u8> {
    capability.check(&order.request)?;
    let history = match &order.parent {
        Some(parent) => context.store.path_to_root(parent)?,
        None => Vec::new(),
    };
    let body = gemini::request::body(&order.request, &history, capability);
    let stream = order.endpoint.stream && capability.stream;
    output::note(&format!(
        "POST {}",
        order.endpoint.display_url(&order.request.model, stream)
    ));
    output::note(&format!(
        "{} bytes \u{b7} {}",
        body.len(),
        price(capability, &order.request)
    ));
    output::line(&body.dry_run());
    Ok(0)
}

fn price(capability: &Capability, request: &Request) -> String {
    match capability.estimate(request.size.as_ref()) {
        None => "its price is not known".to_owned(),
        Some(usd) if usd <= 0.0 => "costs nothing".to_owned(),
        Some(usd) if capability.provider == "google" => format!("about ${usd:.3}"),
        Some(usd) => format!(
            "about ${usd:.3} by Google's list; {} has its own",
            capability.provider
        ),
    }
}

/// Follows a generation to its end; Ctrl+C and SIGTERM stop it, and what had arrived is kept.
async fn follow(job: Job, quiet: bool) -> Result<Turn> {
    let mut progress = Progress::new(quiet);
    let Job {
        mut events,
        progress: mut bytes,
        leash,
    } = job;
    let mut leash = Some(leash);
    let mut interrupt = Interrupt::new();
    interrupt::outlive_terminal();
    let mut thinking = String::new();
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = interrupt.wait(), if leash.is_some() => {
                leash = None;
                continue;
            }
            Ok(()) = bytes.changed() => {
                let received = bytes.borrow_and_update().received;
                progress.status(&format!("{thinking} \u{b7} {} KB", received / 1000));
                continue;
            }
        };
        match event {
            Some(Event::Rejected(error)) => return Err(error),
            Some(Event::Started(turn)) => {
                progress.say(&format!(
                    "asking {} at {}",
                    turn.request.model, turn.request.provider
                ));
            }
            Some(Event::Notice(text)) => progress.say(&text),
            Some(Event::Retry { wait_ms, error, .. }) => {
                progress.say(&format!("{error}; again in {} s", wait_ms.div_ceil(1000)));
            }
            Some(Event::Paused { wait_ms }) => {
                progress.say(&format!("waiting {} s for the provider", wait_ms.div_ceil(1000)));
            }
            Some(Event::Thought(text)) => {
                if let Some(line) = text.lines().find(|line| !line.trim().is_empty()) {
                    thinking = line.replace("**", "");
                    progress.say(&thinking);
                }
            }
            Some(Event::PictureBegan { .. }) => "a picture arrives".clone_into(&mut thinking),
            Some(Event::PictureEnded { image, .. }) => {
                let what = if image.kind == ImageKind::Draft {
                    "draft"
                } else {
                    "picture"
                };
                progress.say(&format!(
                    "{what} {}\u{d7}{}, {} bytes",
                    image.width, image.height, image.bytes
                ));
            }
            Some(Event::Finished(turn) | Event::Failed(turn)) => return Ok(*turn),
            Some(Event::Text(_) | Event::Usage(_)) => {}
            None => {
                return Err(Error::new(Kind::Internal, "The generation ended without a word").maybe_billed());
            }
        }
    }
}
