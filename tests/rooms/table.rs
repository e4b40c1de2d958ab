//! The table of the house: what architecture calls "Rooms". It decides which names a file of `src/` may use.

use crate::reading::Mention;

/// The rooms, and which other rooms each may name; `!` takes a part of that back. The longest place that fits a file
/// counts. `error`, `domain` and one's own room may be named by everybody.
#[rustfmt::skip]
pub(crate) const ROOMS: &[(&str, &[&str])] = &[
    ("lib.rs",        &["*"]),
    ("main.rs",       &["*"]),
    ("app",           &["*"]),
    ("error.rs",      &[]),
    ("domain",        &[]),
    ("keys",          &[]),
    ("logs",          &["store"]),
    ("config",        &["keys", "provider", "!provider::http"]),
    ("provider",      &["!provider::http"]),
    ("provider/http", &[]),
    ("demo",          &["provider::capability"]),
    ("store",         &[]),
    ("engine",        &["graphics", "logs", "provider", "store"]),
    ("graphics",      &[]),
    ("tty",           &["graphics"]),
    ("cli",           &["config", "demo", "engine", "graphics", "keys", "logs", "provider", "!provider::http", "store", "tty::guard",
                        "tty::osc", "tty::probe"]),
    ("tui",           &["keys", "provider::capability", "!tui::shell"]),
    ("tui/pixels.rs", &["graphics", "!tui::shell"]),
    ("tui/view",      &["graphics", "keys", "!tui::shell", "!tui::update"]),
    ("tui/run",    &["config", "engine", "graphics", "keys", "logs", "provider", "!provider::http", "store", "tty"]),
    ("tui/mod.rs",    &["keys", "provider::capability"]),
    ("tui/shell",     &["config", "engine", "graphics", "keys", "logs", "provider", "!provider::http", "store", "tty"]),
];

/// Every room that is not a function of its arguments: time, tasks and the outside come in here.
const BUSY: &[&str] = &[
    "app",
    "cli",
    "demo",
    "engine",
    "logs",
    "provider/http",
    "tty",
    "tui/run",
    "tui/shell",
];

/// Names, and the only places that may use them. `a::b` is a path that begins so, `*::a::b` one that has it anywhere,
/// `a!` a macro, `.a` a method.
#[rustfmt::skip]
const WALLS: &[(&[&str], &[&str])] = &[
    // Crates: one room knows each of them.
    (&["compression_codecs", "h2", "http", "hyper_util", "reqwest", "rustls", "rustls_native_certs",
       "rustls_platform_verifier", "webpki", "webpki_roots"], &["provider/http"]),
    (&["rusqlite"],                          &["store"]),
    (&["icu_normalizer"],                    &["engine", "store"]),
    (&["axum", "hmac"],                      &["demo"]),
    (&["tokio", "futures_util"],             BUSY),
    (&["crossterm"],                         &["keys", "tty", "tui"]),
    (&["ratatui"],                           &["tty", "tui"]),
    (&["ratatui_textarea"],                  &["tui/editor.rs"]),
    (&["viuer"],                             &["cli/output"]),
    (&["clap"],                              &["app", "cli", "main.rs"]),
    (&["color_eyre", "tracing_subscriber"],  &["logs"]),
    (&["tracing"], &["app", "engine", "logs", "provider/http", "store", "tty", "tui/run", "tui/shell"]),
    (&["directories"],                       &["config"]),
    (&["toml"],                              &["config", "provider"]),
    (&["image", "png", "jpeg_encoder", "zune_jpeg", "fast_image_resize"], &["demo", "graphics"]),
    (&["getrandom"],                         &["demo", "engine", "store"]),
    (&["notify"],                            &["store"]),
    (&["nix"],                               &["tty"]),
    (&["rustix"], &["app", "cli", "config", "engine", "logs", "store", "tty", "tui/run", "tui/shell"]),
    // Files. The demo provider keeps nothing, and pictures come to `graphics` as bytes.
    (&["std::fs", "tokio::fs", ".exists", ".try_exists", ".is_file", ".is_dir", ".canonicalize", ".read_dir",
       ".read_link", ".symlink_metadata"],
     &["app", "cli", "config", "engine", "logs", "provider/http", "store", "tty", "tui/run", "tui/shell"]),
    // The environment, which every room but one gets as settings.
    (&["*::env::var", "*::env::var_os", "*::env::vars", "*::env::vars_os"], &["config"]),
    (&["std::env"], &["app", "cli", "config", "engine", "logs", "main.rs", "tui/shell"]),
    // Clocks.
    (&["*::Instant::now", "*::SystemTime::now", "*::Timestamp::now", "*::Zoned::now", ".elapsed"], BUSY),
    // Tasks and threads.
    (&["tokio::spawn", "*::task::spawn", "*::spawn_blocking", "*::spawn_local", "*::JoinSet", "*::LocalSet"],
     &["demo", "engine", "tui/shell"]),
    (&["*::thread::spawn", "*::thread::Builder", "*::thread::scope"],
     &["app", "cli/output", "demo", "engine", "store/watch.rs", "tty", "tui/run", "tui/shell"]),
    // What is shared and locked has no place in data, nor in what computes or reads it.
    (&["*::Mutex", "*::RwLock", "*::Condvar"],
     &["app", "cli", "demo", "engine", "graphics", "logs", "provider/http", "store", "tty", "tui/run",
       "tui/shell"]),
    (&["*::Arc"],
     &["app", "cli", "config", "demo", "engine", "graphics", "logs", "provider/http", "store", "tty", "tui/run",
       "tui/pixels.rs", "tui/shell", "tui/view"]),
    // Ways out of the program.
    (&["println!", "print!", "eprintln!", "eprint!"], &["cli/output"]),
    (&["*::io::stdout", "*::io::stderr"], &["cli/output", "tty"]),
    (&["*::process::exit", "*::process::abort", "*::process::ExitCode"], &["main.rs"]),
    (&["*::process::Command"], &["config", "tty", "tui/shell"]),
    (&["*::TcpListener", "*::TcpStream", "*::UdpSocket", "*::UnixListener", "*::UnixStream"],
     &["demo", "provider/http"]),
    // What would leave these walls standing in the air.
    (&["std::*", "include!", "dbg!", "todo!", "unimplemented!"], &[]),
];

/// Whether a file lies in a place: the file itself, or a folder (also one that is still a single file).
pub(crate) fn lies_in(file: &str, place: &str) -> bool {
    place.is_empty()
        || file == place
        || file
            .strip_prefix(place)
            .is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
}

fn begins_with(path: &[String], start: &str) -> bool {
    let mut words = path.iter();
    start
        .split("::")
        .all(|word| words.next().is_some_and(|there| there == word))
}

fn is_named(mention: &Mention, name: &str) -> bool {
    match name.strip_prefix("*::") {
        Some(tail) => (0..mention.path.len()).any(|at| begins_with(&mention.path[at..], tail)),
        None => (mention.in_use || mention.path.len() > 1) && begins_with(&mention.path, name),
    }
}

/// What a mention does wrong in a file of `src/`, if anything.
pub(crate) fn judge(file: &str, mention: &Mention) -> Option<String> {
    let path = mention.path.join("::");
    for (names, places) in WALLS {
        if names.iter().any(|name| is_named(mention, name))
            && !places.iter().any(|place| lies_in(file, place))
        {
            return Some(format!("must not name {path}: only {places:?} may"));
        }
    }
    if path == "&mut Model" && lies_in(file, "tui/view") {
        return Some("must not take &mut Model: view reads".to_owned());
    }
    let named = mention.path.strip_prefix(&["crate".to_owned()])?;
    let own = file.trim_end_matches(".rs").split('/').next()?;
    let fits = |room: &&(&str, &[&str])| lies_in(file, room.0);
    let (place, others) = ROOMS.iter().filter(fits).max_by_key(|room| room.0.len())?;
    let is_meant = |name: &str| name == "*" || begins_with(named, name);
    let is_taken_back = others
        .iter()
        .any(|name| name.strip_prefix('!').is_some_and(is_meant));
    let is_familiar = named.is_empty() || [own, "error", "domain"].into_iter().any(is_meant);
    let is_allowed = is_familiar || others.iter().any(|name| is_meant(name));
    (is_taken_back || !is_allowed).then(|| format!("{place} must not name {path}"))
}
