//! The composition root: settings, store, engine, demo, then the command line or the terminal UI. It decides nothing
//! but which of them is asked for.
#![expect(
    clippy::disallowed_methods,
    reason = "the day it is enters the program here, as the zone's own file has it"
)]

mod limits;
mod terminal;

use std::path::Path;
use std::time::Duration;

use clap::Parser;
use jiff::tz::TimeZone;
use rustix::process::{Resource, Rlimit};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::cli::args::{
    Cli, Command, Config, Costs, DemoServer, Generate, Global, Providers, Sessions, Show,
};
use crate::cli::{self, generate, output};
use crate::config::{self, Environment, Flags, Settings};
use crate::demo::{self, Options, Server};
use crate::domain::{Output, Secret};
use crate::engine::{Budget, Engine, Folders};
use crate::error::{Error, Kind, Result};
use crate::logs;
use crate::provider::capability::Capability;
use crate::provider::endpoint::Endpoint;
use crate::provider::http::Http;
use crate::store::Store;
use crate::tty;
use crate::tui::pixels::ColourDepth;

/// Runs the program as its arguments say; the result is the exit code.
pub fn main() -> u8 {
    report_panics();
    dump_no_core();
    let json_wanted = || std::env::args_os().any(|argument| argument == "--json");
    match Cli::try_parse() {
        Ok(cli) => run(&cli),
        Err(said) => cli::usage::told(&said, json_wanted()),
    }
}

/// What a command needs before it begins; nothing where it only prints.
fn needs(command: Option<&Command>) -> Option<limits::Needs> {
    match command {
        None => Some(limits::SCREEN),
        Some(Command::Generate(_) | Command::DemoServer(_)) => Some(limits::GENERATION),
        Some(Command::Providers(_) | Command::Sessions(_) | Command::Show(_) | Command::Costs(_)) => {
            Some(limits::OTHERS)
        }
        Some(Command::Doctor(_) | Command::Models(_) | Command::Config(_) | Command::Keys(_)) => None,
    }
}

fn run(cli: &Cli) -> u8 {
    if let Some(Err(error)) = needs(cli.command.as_ref()).map(limits::check) {
        return generate::refuse(&error, cli.wants_json(), false);
    }
    let environment = Environment::of_process("");
    let today = now(&environment).strftime("%Y-%m-%d").to_string();
    let environment = environment.on(today);
    let outcome = match &cli.command {
        None => terminal::run(cli, &environment),
        Some(Command::Generate(args)) => {
            let args = Generate {
                verbose: cli.global.verbose > 0,
                ..args.as_ref().clone()
            };
            return generate(cli, &args, &environment);
        }
        Some(Command::Models(table)) => settings(cli, &environment).and_then(|settings| {
            let Global { provider, model, .. } = &cli.global;
            let (provider, model) = (provider.as_deref(), model.as_deref());
            cli::models::run(&settings, provider, model, table.json, environment.today())
        }),
        Some(Command::Providers(args)) => providers(cli, args, &environment),
        Some(Command::Config(command)) => config(cli, command, &environment),
        Some(Command::Sessions(command)) => sessions(cli, command, &environment),
        Some(Command::Show(args)) => show(cli, args, &environment),
        Some(Command::Costs(args)) => costs(cli, args, &environment),
        Some(Command::Keys(table)) => Ok(cli::keys::run(table.json)),
        Some(Command::Doctor(table)) => Ok(doctor(cli, table.json, &environment)),
        Some(Command::DemoServer(args)) => demo_server(args),
    };
    outcome.unwrap_or_else(|error| generate::refuse(&error, cli.wants_json(), false))
}

/// The time here. The zone is read from its own file where `TZ` names none: to look it up by its name, all zones that
/// there are would be listed first, which takes longer than anything else between the start and the first frame.
fn now(environment: &Environment) -> jiff::Zoned {
    let file = if environment.text("TZ").is_none() {
        std::fs::read("/etc/localtime").ok()
    } else {
        None
    };
    let here = file.and_then(|zone| TimeZone::tzif("here", &zone).ok());
    jiff::Timestamp::now().to_zoned(here.unwrap_or_else(TimeZone::system))
}

fn flags(cli: &Cli) -> Flags {
    let global = &cli.global;
    Flags {
        provider: if cli.demo {
            Some("demo".to_owned())
        } else {
            global.provider.clone()
        },
        model: global.model.clone(),
        base_url: global.base_url.clone(),
        config: global.config.clone(),
        data_dir: global.data_dir.clone(),
        preview: global.preview.clone(),
        allow_http: global.allow_http,
    }
}

fn settings(cli: &Cli, environment: &Environment) -> Result<Settings> {
    let settings = Settings::load(&flags(cli), environment)?;
    logs::begin(&settings.folders.state.value, cli.global.verbose);
    output::link_paths(settings.wishes.links.value && terminal::links(&environment.terminal()));
    Ok(settings)
}

/// The store, and the first line of the log: what keeps nothing, logs nothing.
fn store(settings: &Settings) -> Result<Store> {
    let name = |setting: &Option<config::Sourced<String>>| {
        let value = setting.as_ref().map(|setting| setting.value.clone());
        value.unwrap_or_default()
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        provider = name(&settings.provider),
        model = name(&settings.model),
        data = %settings.folders.data.value.display(),
        "start"
    );
    let opened = Store::open(&settings.folders.data.value);
    if let Err(error) = &opened {
        tracing::error!(kind = %error.kind, "the store cannot be opened: {}", error.message);
    }
    opened
}

/// The store, with what was left of generations that were cut off brought in.
fn whole_store(settings: &Settings) -> Result<Store> {
    let (store, runtime) = (store(settings)?, small_runtime()?);
    let engine = engine(runtime.handle(), settings, &store, None);
    cli::recovered::tell(&runtime.block_on(engine.recover()));
    store.notices().iter().for_each(|note| output::note(note));
    Ok(store)
}

/// The way out, as patient as the settings say where the command line does not.
fn http(settings: &Settings, timeout: Option<u64>) -> Http {
    let idle = timeout.unwrap_or(settings.wishes.timeout.value);
    Http::new()
        .through(settings.network.clone())
        .idle_timeout(Duration::from_secs(idle))
}

fn engine(runtime: &Handle, settings: &Settings, store: &Store, timeout: Option<u64>) -> Engine {
    let journals = |state: &Path| state.join("journal");
    let folders = Folders {
        spool: store.folder().join("spool"),
        journal: journals(&settings.folders.state.value),
    };
    let earlier = settings.folders.default_state.iter();
    Engine::new(
        runtime.clone(),
        store.clone(),
        http(settings, timeout),
        folders,
        settings.catalog.clone(),
    )
    .with_journals_in(earlier.map(|state| journals(state)).collect())
}

fn small_runtime() -> Result<Runtime> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| no_runtime(&error))
}

fn no_runtime(error: &std::io::Error) -> Error {
    Error::new(
        Kind::Internal,
        format!("The program cannot start its tasks: {error}"),
    )
    .hint("The machine may be out of file descriptors or threads")
}

/// Where requests go, with the demo started in this process if it is what was chosen. The demo lives as long as the
/// server that comes along.
async fn route(settings: &Settings, speed: f64) -> Result<(Endpoint, Option<Secret>, Option<Server>)> {
    if settings.wants_demo() {
        let server = demo::start(Options {
            speed,
            ..Options::default()
        })
        .await?;
        return Ok((Endpoint::demo(server.base_url()), None, Some(server)));
    }
    let (endpoint, key) = settings.route()?;
    logs::hide(&endpoint.secrets(key.as_ref()));
    Ok((endpoint, key, None))
}

fn generate(cli: &Cli, args: &Generate, environment: &Environment) -> u8 {
    let prepared = settings(cli, environment).and_then(|settings| {
        // Nothing but the key can be missing from here on, and that is worth saying before a folder is made.
        if !settings.wants_demo() && !args.dry_run {
            settings.route()?;
        }
        if settings.provider.is_some() {
            settings.model_name()?;
        }
        let store = store(&settings)?;
        // What could not be written down must not be paid for.
        if let Some(refusal) = store.read_only().filter(|_| !args.dry_run) {
            let hint = format!("{}; nothing was sent", refusal.hint);
            return Err(refusal.hint(hint));
        }
        Ok((settings, store, small_runtime()?))
    });
    let (mut settings, store, runtime) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return generate::refuse(&error, args.json, args.verbose),
    };
    let engine = engine(runtime.handle(), &settings, &store, args.timeout);
    let code = runtime.block_on(async {
        let route = match (args.dry_run, settings.wants_demo()) {
            // What sends nothing needs no key; one that is there tells whose signatures go along.
            (true, false) => settings
                .route()
                .or_else(|_| Ok((settings.endpoint()?, None)))
                .map(|(endpoint, key)| (endpoint, key, None)),
            _ => route(&settings, cli.demo_speed).await,
        };
        let (endpoint, key, _demo) = match route {
            Ok(route) => route,
            Err(error) => return generate::refuse(&error, args.json, args.verbose),
        };
        let place = match generate::place(&store, args) {
            Ok(place) => place,
            Err(error) => return generate::refuse(&error, args.json, args.verbose),
        };
        let row = row(&settings);
        let (args, not_inherited) =
            cli::inherited::settle(args, &mut settings.wishes, place.parent.as_ref(), &row);
        let given = args.size.as_deref().and_then(|size| size.parse().ok());
        let dearer = settings.dearer(given.as_ref());
        let (args, left_out) = wished(&args, &settings, &row);
        let notices = store.notices();
        let key_note = settings.key_note(&endpoint.name);
        let notes = settings.notes.iter().chain(&key_note).chain(&not_inherited);
        let notes = notes.chain(&left_out).chain(&notices);
        for note in notes.filter(|_| !args.quiet) {
            output::note(note);
        }
        let model = settings
            .model
            .as_ref()
            .map(|model| model.value.clone())
            .unwrap_or_default();
        let context = generate::Context {
            place,
            store: &store,
            engine: &engine,
            endpoint,
            key,
            model,
            today: environment.today(),
            state: &settings.folders.state.value,
            budget: budget(&settings, args.max_cost, environment),
            dearer,
            finish_within: Duration::from_secs(settings.wishes.finish_within.value),
        };
        let (code, recovered) = tokio::join!(generate::run(context, &args), engine.recover());
        if !args.quiet {
            cli::recovered::tell(&recovered);
        }
        code
    });
    // What is still at work has been waited for as long as it may.
    runtime.shutdown_background();
    code
}

fn value<T: Copy>(setting: Option<&config::Sourced<T>>) -> Option<T> {
    setting.map(|setting| setting.value)
}

/// What may be spent: by the settings, where the command line does not say it.
fn budget(settings: &Settings, max_cost: Option<f64>, environment: &Environment) -> Budget {
    let now = now(environment);
    let midnight = now.start_of_day().unwrap_or(now).timestamp();
    Budget {
        order: max_cost.or(value(settings.wishes.max_cost.as_ref())),
        daily: value(settings.wishes.daily_limit.as_ref()),
        day_began_ms: midnight.as_millisecond(),
    }
}

/// Returns the capability of the chosen model.
fn row(settings: &Settings) -> Capability {
    let name = |setting: &Option<config::Sourced<String>>| {
        setting
            .as_ref()
            .map(|setting| setting.value.clone())
            .unwrap_or_default()
    };
    settings
        .catalog
        .find(&name(&settings.provider), &name(&settings.model))
}

/// The arguments with what the settings wish for where they say nothing, and what of it this model does not take.
fn wished(args: &Generate, settings: &Settings, row: &Capability) -> (Generate, Vec<String>) {
    let mut wishes = settings.wishes.clone();
    wishes.aspect_ratio.take_if(|_| args.aspect_ratio.is_some());
    wishes.size.take_if(|_| args.size.is_some());
    let (ratio, size, left_out) = wishes.for_model(row);
    let thinking = wishes.thinking.as_ref().map(|level| level.value.clone());
    // A level in a file is meant for the models that have it.
    let thinking = thinking.filter(|level| row.level(level).is_some());
    let output = cli::tuning::output(args).unwrap_or(wishes.output.value);
    let filled = Generate {
        images_only: output == Output::Images,
        text: output == Output::Text,
        aspect_ratio: args
            .aspect_ratio
            .clone()
            .or_else(|| ratio.map(|ratio| ratio.to_string())),
        size: args.size.clone().or_else(|| size.map(|size| size.to_string())),
        count: args.count.or(Some(wishes.count.value).filter(|count| *count > 1)),
        thinking: args.thinking.clone().or(thinking),
        retries: args.retries.or(Some(wishes.retries.value)),
        keep_metadata: args.keep_metadata || wishes.keep_metadata.value,
        ..args.clone()
    };
    (filled, left_out)
}

fn providers(cli: &Cli, args: &Providers, environment: &Environment) -> Result<u8> {
    let settings = settings(cli, environment)?;
    settings.notes.iter().for_each(|note| output::note(note));
    let http = http(&settings, None);
    let only = flags(cli).provider;
    let ask = async |endpoint: &Endpoint, key: Option<&Secret>| {
        logs::hide(&endpoint.secrets(key));
        http.list_models(endpoint, key).await
    };
    small_runtime()?.block_on(cli::providers::run(&settings, only.as_deref(), args, ask))
}

/// What the settings are, or where they would be: the latter also where the file cannot be read.
fn config(cli: &Cli, command: &Config, environment: &Environment) -> Result<u8> {
    let file = || flags(cli).config_file(environment);
    match command {
        Config::Show(table) => {
            settings(cli, environment).map(|settings| cli::config::show(&settings, table.json))
        }
        Config::Path => cli::config::path(file()),
        Config::Init => cli::config::init(file()),
    }
}

fn sessions(cli: &Cli, command: &Sessions, environment: &Environment) -> Result<u8> {
    let store = whole_store(&settings(cli, environment)?)?;
    cli::sessions::run(&store, command, cli.global.verbose > 0)
}

fn show(cli: &Cli, args: &Show, environment: &Environment) -> Result<u8> {
    let settings = settings(cli, environment)?;
    let hints = environment.terminal();
    let colours = terminal::colours(&hints);
    let context = cli::show::Context {
        remote: hints.ssh,
        colourless: colours == ColourDepth::None,
        truecolour: colours == ColourDepth::True,
        hints: terminal::hints(hints, terminal::protocol(settings.preview.value)),
    };
    cli::show::run(&context, args, || store(&settings))
}

fn costs(cli: &Cli, args: &Costs, environment: &Environment) -> Result<u8> {
    let store = whole_store(&settings(cli, environment)?)?;
    let utc_offset_s = now(environment).offset().seconds();
    cli::costs::run(&store, args, environment.today(), utc_offset_s)
}

fn doctor(cli: &Cli, json: bool, environment: &Environment) -> u8 {
    // It looks at what it can all the same, and this is why the rest may fail.
    if let Err(error) = limits::check(limits::OTHERS) {
        output::error(&error, false);
    }
    let settings = settings(cli, environment);
    let hints = environment.terminal();
    let chosen = settings.as_ref().ok().map(|settings| settings.preview.value);
    let patient = cli::doctor::Patient {
        environment,
        colours: match terminal::colours(&hints) {
            ColourDepth::None => "none",
            ColourDepth::Sixteen => "16",
            ColourDepth::TwoFiftySix => "256",
            ColourDepth::True => "16 million",
        },
        hints: terminal::hints(hints, chosen.and_then(terminal::protocol)),
        settings,
    };
    cli::doctor::run(&patient, json)
}

fn demo_server(args: &DemoServer) -> Result<u8> {
    small_runtime()?.block_on(cli::demo_server::run(args))
}

/// Makes panics give the terminal back and leave a readable report.
fn report_panics() {
    logs::report_panics(|error| {
        tty::guard::restore();
        output::error(error, false);
    });
}

/// A core file would hold keys and pictures, readable by whoever collects such files.
fn dump_no_core() {
    let limit = rustix::process::getrlimit(Resource::Core);
    let _kept = rustix::process::setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            ..limit
        },
    );
}
