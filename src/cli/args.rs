//! The command line's shape, as types for clap. It parses and decides nothing.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The flags of `generate` that few prompts need.
const TUNING: &str = "What the model is told beside the prompt";

/// What every command takes, apart from its own flags in the help.
const EVERYWHERE: &str = "Options of every command";

/// A terminal darkroom for Gemini image models.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "tintype",
    version,
    about,
    args_conflicts_with_subcommands = false,
    disable_help_subcommand = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    /// Use the built-in demo provider: pictures painted on this machine, no key, no cost.
    #[arg(long)]
    pub demo: bool,
    /// How many times faster than real life the demo answers; 0 answers at once.
    #[arg(long, global = true, value_name = "X", default_value_t = 1.0, help_heading = EVERYWHERE)]
    pub demo_speed: f64,
    /// Open this session.
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Whether standard output is for a program.
    pub fn wants_json(&self) -> bool {
        match &self.command {
            Some(Command::Generate(generate)) => generate.json,
            Some(
                Command::Models(table)
                | Command::Keys(table)
                | Command::Doctor(table)
                | Command::Providers(Providers { table, .. })
                | Command::Config(Config::Show(table))
                | Command::Sessions(
                    Sessions::List { table, .. }
                    | Sessions::Show { table, .. }
                    | Sessions::Search { table, .. }
                    | Sessions::Rm { table, .. }
                    | Sessions::Restore { table, .. },
                ),
            ) => table.json,
            Some(Command::Costs(costs)) => costs.table.json,
            Some(
                Command::DemoServer(_)
                | Command::Show(_)
                | Command::Config(Config::Path | Config::Init)
                | Command::Sessions(
                    Sessions::Rename { .. } | Sessions::Export { .. } | Sessions::Import { .. },
                ),
            )
            | None => false,
        }
    }
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Global {
    /// The provider to ask: google, anyfast, starrise, tokaify, demo, or one of the settings.
    #[arg(short, long, global = true, value_name = "NAME", help_heading = EVERYWHERE)]
    pub provider: Option<String>,
    /// The model, as the provider spells it (`tintype models` lists them).
    #[arg(short, long, global = true, value_name = "NAME", help_heading = EVERYWHERE)]
    pub model: Option<String>,
    /// Another address for the chosen provider.
    #[arg(long, global = true, value_name = "URL", help_heading = EVERYWHERE)]
    pub base_url: Option<String>,
    /// Send requests also by plain http to another machine, where the key travels in the clear.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub allow_http: bool,
    /// Read this settings file instead of the usual one.
    #[arg(long, global = true, value_name = "FILE", help_heading = EVERYWHERE)]
    pub config: Option<PathBuf>,
    /// Keep sessions and pictures in this folder.
    #[arg(long, global = true, value_name = "DIR", help_heading = EVERYWHERE)]
    pub data_dir: Option<PathBuf>,
    /// How pictures are shown: auto, kitty, iterm2, sixel, halfblocks or off.
    #[arg(long, global = true, value_name = "PROTOCOL", help_heading = EVERYWHERE)]
    pub preview: Option<String>,
    /// Say more in the log (-vv: most), and with an error print the server's answer as it came.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = EVERYWHERE)]
    pub verbose: u8,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Make a picture and print where it was saved.
    Generate(Box<Generate>),
    /// List the models, with what each accepts and costs; -m shows one in full.
    Models(Table),
    /// List the providers, which of them have a key, and where it comes from.
    Providers(Providers),
    /// Show the settings and where each comes from, or write a file to begin with.
    #[command(subcommand)]
    Config(Config),
    /// List, search, show, rename, export, import, delete and restore sessions.
    #[command(subcommand)]
    Sessions(Sessions),
    /// Print a picture: a file, or one of the library.
    Show(Show),
    /// Sum up what was spent, by day, provider and model.
    Costs(Costs),
    /// Print every key and what it does.
    Keys(Table),
    /// Examine terminal, keys, folders and store, and say what to do; nothing is sent, nothing costs.
    Doctor(Table),
    /// Serve the demo provider on the loopback, for any Gemini client.
    #[command(after_help = super::demo_server::failures())]
    DemoServer(DemoServer),
}

#[derive(Clone, Debug, Args)]
pub struct Table {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Generate {
    /// What to make; `-` reads it from standard input.
    pub prompt: Option<String>,
    /// Read the prompt from a file.
    #[arg(short = 'f', long, value_name = "FILE", conflicts_with = "prompt")]
    pub prompt_file: Option<PathBuf>,
    /// A reference picture; may be given several times, `-` reads one from standard input.
    #[arg(short, long = "image", value_name = "FILE")]
    pub images: Vec<PathBuf>,
    /// Keep what is written in references beside their pixels: position, camera, software, texts.
    #[arg(long)]
    pub keep_metadata: bool,
    /// Such as 1:1, 16:9 or 3:4; `any` leaves it to the model.
    #[arg(short, long, value_name = "RATIO")]
    pub aspect_ratio: Option<String>,
    /// Such as 1K, 2K or 4K; `any` leaves it to the model.
    #[arg(short, long, value_name = "SIZE")]
    pub size: Option<String>,
    /// Copy the picture to this file or folder; `-` writes its bytes to standard output.
    #[arg(short, long, value_name = "FILE|DIR|-")]
    pub output: Option<PathBuf>,
    /// Overwrite the output file.
    #[arg(long)]
    pub force: bool,
    /// Continue from the last turn of the session (the newest one, without --session), with the settings of that turn.
    #[arg(short, long = "continue")]
    pub continue_last: bool,
    /// Add the turn to this session.
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// Continue from this turn, with its settings: its number in the session, or its name.
    #[arg(long, value_name = "TURN")]
    pub from: Option<String>,
    /// Begin with the settings of the files instead of those of the turn that it continues from.
    #[arg(long)]
    pub fresh_settings: bool,
    /// Make this many pictures, each by a request of its own, two at a time.
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub count: Option<u32>,
    /// Instructions that hold for the whole conversation.
    #[arg(long, value_name = "TEXT", help_heading = TUNING)]
    pub system: Option<String>,
    /// 0 to 2; image models are made for 1.
    #[arg(long, value_name = "T", help_heading = TUNING)]
    pub temperature: Option<f64>,
    #[arg(long, value_name = "P", help_heading = TUNING, help = "Above 0, at most 1")]
    pub top_p: Option<f64>,
    #[arg(long, value_name = "K", help_heading = TUNING, help = "How many candidates each token is chosen from")]
    pub top_k: Option<u32>,
    /// The most tokens of output, thoughts included; too few cut the picture off.
    #[arg(long, value_name = "N", help_heading = TUNING)]
    pub max_tokens: Option<u32>,
    /// A whole number; the same one makes answers more alike.
    #[arg(long, value_name = "N", allow_negative_numbers = true, help_heading = TUNING)]
    pub seed: Option<i32>,
    /// Thinking level of the model, such as minimal or high; `any` leaves it to the model.
    #[arg(long, value_name = "LEVEL", help_heading = TUNING)]
    pub thinking: Option<String>,
    /// Do not ask for the model's thoughts.
    #[arg(long, help_heading = TUNING)]
    pub no_thoughts: bool,
    #[arg(long, value_name = "CATEGORY=THRESHOLD", help_heading = TUNING,
          help = "Such as harassment=block_only_high; may be given several times")]
    pub safety: Vec<String>,
    /// Let the model search the web first, where it can.
    #[arg(long, help_heading = TUNING)]
    pub search: bool,
    /// Do not let it search, though the turn that it continues from did.
    #[arg(long, help_heading = TUNING, conflicts_with = "search")]
    pub no_search: bool,
    /// More tools, as a JSON array that is passed on as it is; `@FILE` reads it from a file.
    #[arg(long, value_name = "JSON|@FILE", help_heading = TUNING)]
    pub tools: Option<String>,
    /// Ask for images without text.
    #[arg(long, help_heading = TUNING, conflicts_with = "text")]
    pub images_only: bool,
    /// Take text for an answer as well, and print it.
    #[arg(long, help_heading = TUNING)]
    pub text: bool,
    /// Ask for images and text, whatever the settings say.
    #[arg(long, help_heading = TUNING, conflicts_with_all = ["text", "images_only"])]
    pub text_and_images: bool,
    /// So many answers to the one request, where the model gives more than one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10), help_heading = TUNING)]
    pub candidates: Option<u32>,
    /// Send it even where the model table says that it is refused.
    #[arg(long)]
    pub unchecked: bool,
    /// Fetch the picture where the answer only points at one; not from this machine or a private network, unless the
    /// provider itself is there.
    #[arg(long)]
    pub follow_links: bool,
    /// Send it again this often where nothing can have been generated [default: 3].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=20))]
    pub retries: Option<u32>,
    /// Refuse to send what would cost more than this, by the table of prices.
    #[arg(long, value_name = "USD", value_parser = dollars)]
    pub max_cost: Option<f64>,
    /// Send it without asking where a project's settings make it dearer than your own would.
    #[arg(long)]
    pub yes: bool,
    /// Give up after this long without a byte [default: 300].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: Option<u64>,
    /// Print one JSON object instead of the path.
    #[arg(long)]
    pub json: bool,
    /// Print what happens as it happens, one JSON object a line.
    #[arg(long, conflicts_with = "json")]
    pub events: bool,
    /// Print the request instead of sending it.
    #[arg(long, conflicts_with = "output")]
    pub dry_run: bool,
    /// The global flag, for whoever tells the errors of a generation.
    #[arg(skip)]
    pub verbose: bool,
    /// No progress on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}

/// An amount of money above nothing.
fn dollars(text: &str) -> Result<f64, String> {
    let amount = text.trim().trim_start_matches('$').parse::<f64>().ok();
    amount
        .filter(|amount| amount.is_finite() && *amount > 0.0)
        .ok_or_else(|| "it is not an amount in dollars, such as 0.50".to_owned())
}

#[derive(Clone, Debug, Subcommand)]
pub enum Sessions {
    /// The newest sessions first.
    List {
        #[command(flatten)]
        table: Table,
        /// At most this many.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// One session with its turns, as a tree.
    Show {
        /// The session's name, or the beginning of it.
        id: String,
        /// Also print the thoughts and the replies; so does -v.
        #[arg(long)]
        full: bool,
        #[command(flatten)]
        table: Table,
    },
    /// Find turns and titles by their words: prompts, replies and thoughts, newest first.
    Search {
        /// All of them must occur in one turn, or in one title; the last may be the beginning of a word.
        #[arg(required = true, value_name = "WORDS")]
        words: Vec<String>,
        #[command(flatten)]
        table: Table,
        /// At most this many.
        #[arg(long, value_name = "N", default_value_t = 20)]
        limit: u32,
    },
    /// Give a session another title.
    Rename {
        /// The session's name, or the beginning of it.
        id: String,
        #[arg(help = "The new title")]
        title: String,
    },
    /// Write a session to a folder: its pictures under readable names, session.json and a contact sheet.
    Export {
        /// The session's name, or the beginning of it.
        id: String,
        /// The folder; it is made where it is missing, and must be empty without --force.
        dir: PathBuf,
        /// Add prompt, model and settings to the copies that are PNG, as text in the file.
        #[arg(long)]
        embed: bool,
        /// Write over files that are there already.
        #[arg(long)]
        force: bool,
    },
    /// Take in a session that was exported.
    Import {
        /// The folder of an export, or its session.json.
        path: PathBuf,
        /// As another session, also where it is here already.
        #[arg(long)]
        again: bool,
    },
    /// Move a session or a turn to the trash, which keeps it for 30 days.
    Rm {
        /// The session's name, or the beginning of it.
        #[arg(required_unless_present = "list")]
        id: Option<String>,
        /// Only this turn, and everything that grew from it.
        #[arg(long, value_name = "N")]
        turn: Option<u32>,
        /// Show what is in the trash.
        #[arg(long, conflicts_with_all = ["id", "turn"])]
        list: bool,
        #[command(flatten)]
        table: Table,
    },
    /// Bring back what was deleted last; again, and what was deleted before that.
    Restore {
        /// What was last deleted of this session.
        id: Option<String>,
        /// Show what is in the trash.
        #[arg(long, conflicts_with = "id")]
        list: bool,
        #[command(flatten)]
        table: Table,
    },
}

#[derive(Clone, Debug, Args)]
pub struct Providers {
    #[command(flatten)]
    pub table: Table,
    /// Ask each that has a key, or the one named with -p, for its list of models, which is free.
    #[arg(long)]
    pub check: bool,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Config {
    /// Every setting with its value and where it came from; of keys, only where they are.
    Show(Table),
    /// The settings file that is, or would be, read.
    Path,
    /// Write a settings file to begin with, all of it commented out; an existing one is left as it is.
    Init,
}

#[derive(Clone, Debug, Args)]
pub struct Show {
    /// A file, or `-` for standard input; or SESSION/4 for a turn, SESSION for its latest picture, a picture's name.
    #[arg(value_name = "FILE|IMAGE")]
    pub picture: PathBuf,
    /// How: auto, kitty, iterm2, sixel or halfblocks; needed where standard output is no terminal.
    #[arg(long, value_name = "PROTOCOL", value_parser = ["auto", "kitty", "iterm2", "sixel", "halfblocks"],
          hide_possible_values = true)]
    pub protocol: Option<String>,
    /// At most so many cells wide [default: as the terminal].
    #[arg(long, value_name = "CELLS", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub width: Option<u16>,
    /// At most so many cells high [default: as the terminal].
    #[arg(long, value_name = "CELLS", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub height: Option<u16>,
}

#[derive(Clone, Debug, Args)]
pub struct Costs {
    #[command(flatten)]
    pub table: Table,
    /// Sum up by this alone.
    #[arg(long)]
    pub by: Option<By>,
    /// So many days, today included.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: u32,
}

/// What costs are summed up by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    Day,
    Model,
    Provider,
}

#[derive(Clone, Debug, Args)]
pub struct DemoServer {
    /// The port on 127.0.0.1; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Whose manners to have: a relay's or Google's.
    #[arg(long, default_value = "relay", value_parser = ["relay", "google"])]
    pub style: String,
    /// How many times faster than real life; 0 answers at once.
    #[arg(long, default_value_t = 1.0)]
    pub speed: f64,
}
