//! The terminal UI put together: what it knows before it has a terminal, and the ways to the providers that may be
//! chosen in it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Handle};

use super::{engine, no_runtime, now, route, settings, small_runtime, store, value};
use crate::cli::args::Cli;
use crate::cli::output;
use crate::config::{self, Environment, KeyState, Listed, Preview, Settings, Source, Sourced};
use crate::demo::{self, Options, Server};
use crate::engine::Attaching;
use crate::error::{Error, Kind, Result};
use crate::graphics::Protocol;
use crate::logs;
use crate::provider::endpoint::{self, Endpoint};
use crate::tty::{Device, Hints, foreground};
use crate::tui;
use crate::tui::consent::ProjectChoice;
use crate::tui::model::Setup;
use crate::tui::pixels::ColourDepth;
use crate::tui::settings::Settings as Chosen;

/// The terminal UI.
pub(super) fn run(cli: &Cli, environment: &Environment) -> Result<u8> {
    wait_for_terminal()?;
    let mut settings = settings(cli, environment)?;
    let first_run = settings.provider.is_none().then(first_run);
    if first_run.is_some() {
        settings = settings.with_provider("demo")?;
    }
    if !settings.wants_demo() {
        settings.route()?;
    }
    settings.model_name()?;
    let store = store(&settings)?;
    let session = cli
        .session
        .as_deref()
        .map(|name| store.find_session(name))
        .transpose()?;
    // The engine has a thread of its own: a slow screen never slows a generation.
    let workers = Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("engine")
        .enable_all()
        .build();
    let workers = workers.map_err(|error| no_runtime(&error))?;
    let (endpoint, key, _demo) = workers.block_on(route(&settings, cli.demo_speed))?;
    let hints = environment.terminal();
    let (colours, remote) = (colours(&hints), hints.ssh);
    let house = tui::House {
        setup: Setup {
            session: session.map(|session| session.id),
            first_run,
            notices: store.notices(),
            read_only: store.read_only(),
            named: cli.demo || cli.global.provider.is_some() || cli.global.model.is_some(),
            ..setup(&settings, environment)
        },
        engine: engine(workers.handle(), &settings, &store, None),
        store,
        route: tui::Route {
            endpoint,
            key,
            note: None,
        },
        routes: routes(&settings, workers.handle(), cli.demo_speed),
        limits: tui::Limits {
            retries: settings.wishes.retries.value,
            order: value(settings.wishes.max_cost.as_ref()),
            daily: value(settings.wishes.daily_limit.as_ref()),
        },
        colours,
        remote,
        notify: settings.wishes.notify.value,
        progress: settings.wishes.progress.value,
        attaching: Attaching::by_hand(settings.wishes.keep_metadata.value),
        cache_dir: settings.folders.cache.value.clone(),
        hints: self::hints(hints, protocol(settings.preview.value)),
        note: output::aside,
        finish_within: Duration::from_secs(settings.wishes.finish_within.value),
        panic: environment.wants_panic(),
    };
    let screen = small_runtime()?;
    let code = screen.block_on(tui::run(house));
    // What still runs has been waited for as long as it may.
    screen.shutdown_background();
    workers.shutdown_background();
    code
}

/// Waits in the background until a shell gives the terminal to us, before anything is opened that others may want. That
/// there is none is said when it is needed.
fn wait_for_terminal() -> Result<()> {
    let Ok(device) = Device::open() else {
        return Ok(());
    };
    foreground::hold_stops();
    if !device.is_foreground() && foreground::has_shell() {
        output::aside("tintype waits in the background: `fg` brings it to the screen");
    }
    foreground::wait(&device).map_err(|error| {
        Error::new(Kind::Usage, format!("There is no terminal to draw on: {error}"))
            .hint("Start tintype in the foreground, or use `tintype generate` in scripts")
    })
}

/// Why it opens on the demo, and how to leave it.
fn first_run() -> String {
    let variables: Vec<_> = endpoint::builtin()
        .iter()
        .flat_map(|provider| provider.key_env)
        .copied()
        .collect();
    format!(
        "No key was found, so this is the demo: it paints here, on this machine, for free. For a real provider set one of {}.",
        variables.join(", ")
    )
}

/// What the terminal UI knows before it has a terminal.
fn setup(settings: &Settings, environment: &Environment) -> Setup {
    let provider = settings
        .provider
        .as_ref()
        .map(|provider| provider.value.clone())
        .unwrap_or_default();
    let model = settings
        .model
        .as_ref()
        .map(|model| model.value.clone())
        .unwrap_or_default();
    let (ratio, size, _) = settings
        .wishes
        .for_model(&settings.catalog.find(&provider, &model));
    let of_project = |source: &Source| matches!(source, Source::Project(_));
    let project = settings.project_file.as_ref().map(|file| ProjectChoice {
        file: file.display().to_string(),
        provider: provider.clone(),
        model: chosen_by(settings.model.as_ref(), of_project),
        size: chosen_by(settings.wishes.size.as_ref(), of_project),
        own_model: chosen_by(settings.own_model.as_ref(), |_| true).unwrap_or_default(),
        own_size: chosen_by(settings.wishes.own_size.as_ref(), |_| true),
    });
    let mut chosen = Chosen {
        provider,
        model,
        ratio,
        size,
        count: settings.wishes.count.value,
        ..Chosen::default()
    };
    chosen.tuning.output = settings.wishes.output.value;
    chosen.tuning.thinking = settings.wishes.thinking.as_ref().map(|level| level.value.clone());
    chosen.fit(&settings.catalog.find(&chosen.provider, &chosen.model));
    Setup {
        project,
        notice: notice(settings, &chosen.provider),
        utc_offset_s: now(environment).offset().seconds(),
        today: environment.today().to_owned(),
        settings: chosen,
        providers: settings.listed().into_iter().map(choice).collect(),
        catalog: settings.catalog.clone(),
        ..Setup::default()
    }
}

/// Returns the notes on the settings, in one line.
fn notice(settings: &Settings, provider: &str) -> Option<String> {
    let notes = [settings.wishes.count_note(), settings.key_note(provider)];
    let notes: Vec<String> = notes.into_iter().flatten().collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// A setting, if its source is one of these.
fn chosen_by<T: Clone>(setting: Option<&Sourced<T>>, source: impl Fn(&Source) -> bool) -> Option<T> {
    let setting = setting.filter(|setting| source(&setting.source))?;
    Some(setting.value.clone())
}

/// A provider as the picker offers it.
fn choice(listed: Listed) -> tui::settings::Provider {
    let missing = match listed.key {
        _ if listed.endpoint.is_loopback() => None,
        KeyState::Missing(variables) => Some(variables.join(" or ")),
        KeyState::NotNeeded | KeyState::Set(_) => None,
    };
    tui::settings::Provider {
        name: listed.endpoint.name,
        missing,
    }
}

/// The ways to the providers that may be chosen while it runs. The demo is started when it is first wanted, and lives
/// as long as these ways.
fn routes(settings: &Settings, runtime: &Handle, speed: f64) -> tui::Routes {
    let (settings, runtime) = (settings.clone(), runtime.clone());
    let demos: Arc<Mutex<Vec<Server>>> = Arc::default();
    let endpoints = settings
        .listed()
        .into_iter()
        .map(|listed| listed.endpoint)
        .collect();
    tui::Routes::new(endpoints, move |provider| {
        let (settings, demos, blocking) = (settings.clone(), Arc::clone(&demos), runtime.clone());
        // The demo has to run where the engine does, and a key command may take its time.
        let finding = runtime.spawn(async move {
            if settings.endpoint_of(&provider)?.base_url.is_empty() {
                let server = demo::start(Options {
                    speed,
                    ..Options::default()
                })
                .await?;
                let endpoint = Endpoint::demo(server.base_url());
                demos.lock().unwrap_or_else(PoisonError::into_inner).push(server);
                return Ok(tui::Route {
                    endpoint,
                    key: None,
                    note: None,
                });
            }
            let found = blocking
                .spawn_blocking(move || {
                    let (endpoint, key) = settings.route_of(&provider)?;
                    let note = settings.key_note(&provider);
                    Ok::<_, Error>((endpoint, key, note))
                })
                .await;
            let (endpoint, key, note) = found.map_err(|panic| lost(&panic))??;
            logs::hide(&endpoint.secrets(key.as_ref()));
            Ok(tui::Route { endpoint, key, note })
        });
        async move { finding.await.map_err(|panic| lost(&panic))? }
    })
}

fn lost(panic: &tokio::task::JoinError) -> Error {
    logs::worker_failed(panic)
}

/// What the environment says about colours.
pub(super) fn colours(hints: &config::Terminal) -> ColourDepth {
    let term = hints.term.as_deref().unwrap_or_default();
    match hints.colorterm.as_deref() {
        _ if hints.no_color => ColourDepth::None,
        Some("truecolor" | "24bit") => ColourDepth::True,
        _ if term.ends_with("-direct") => ColourDepth::True,
        _ if ["xterm-kitty", "xterm-ghostty", "foot", "alacritty", "wezterm"].contains(&term) => {
            ColourDepth::True
        }
        _ if term.contains("256color") => ColourDepth::TwoFiftySix,
        _ => ColourDepth::Sixteen,
    }
}

/// Whether paths can be links, by the environment's word: commands that do not ask the terminal go by its own `TERM`,
/// which a multiplexer replaces.
pub(super) fn links(hints: &config::Terminal) -> bool {
    let term = hints.term.as_deref().unwrap_or_default();
    let known = [
        "alacritty",
        "contour",
        "foot",
        "wezterm",
        "xterm-ghostty",
        "xterm-kitty",
    ];
    let is_known = |name: &&str| {
        term.strip_prefix(*name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    !hints.tmux && !hints.screen && known.iter().any(is_known)
}

/// What the environment says of the terminal, with what the user has chosen.
pub(super) fn hints(terminal: config::Terminal, chosen: Option<Protocol>) -> Hints {
    Hints {
        tmux: terminal.tmux,
        screen: terminal.screen,
        term: terminal.term.unwrap_or_default(),
        program: terminal.term_program.unwrap_or_default(),
        lc_terminal: terminal.lc_terminal.unwrap_or_default(),
        chosen,
    }
}

pub(super) fn protocol(preview: Preview) -> Option<Protocol> {
    match preview {
        Preview::Auto => None,
        Preview::Kitty => Some(Protocol::KittyPlaceholders),
        Preview::Iterm2 => Some(Protocol::Iterm2),
        Preview::Sixel => Some(Protocol::Sixel),
        Preview::HalfBlocks => Some(Protocol::HalfBlocks),
        Preview::Off => Some(Protocol::Off),
    }
}
