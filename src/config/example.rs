//! Writes a settings file to begin with: every key there is, each commented out, each with a word about it.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::error::{Error, Kind, Result, reason};

const EXAMPLE: &str = r#"# Settings of tintype. Flags and the environment come before this file, and so does a project's .tintype.toml, which
# may set model, aspect_ratio, size, count (only 1) and prompt_folders. `tintype config show` says what holds, and why.

# provider = "anyfast"               # -p, TINTYPE_PROVIDER
# model = "gemini-3.1-flash-image"   # -m, TINTYPE_MODEL; belongs to the provider above
# base_url = "https://relay.example" # --base-url, TINTYPE_BASE_URL; belongs to the provider above

# What a picture is like where nothing else says it
# aspect_ratio = "16:9"
# size = "2K"
# count = 1                          # 1 to 16 pictures at a time
# thinking = "high"                  # one of the model's levels
# output = "images"                  # text-and-images, images, or text, which counts as an answer then

# What may be tried and spent
# retries = 3                        # 0 to 10, only where nothing can have been generated
# timeout = 300                      # seconds without a byte
# finish_within = 900                # seconds for what runs after the terminal is lost or left
# max_cost = 1.00                    # US dollars for one order
# daily_limit = 5.00                 # US dollars for one day

# Where things are
# prompt_folders = ["~/prompts"]
# preview = "auto"                   # auto, kitty, iterm2, sixel, halfblocks or off
# notify = true                      # say when a picture is ready while the terminal has not the focus
# progress = true                    # show on the terminal's tab that a picture is being made
# links = true                       # paths are links where the terminal has them
# keep_metadata = false              # send references with position, camera, software and texts in them
# data_dir = "~/pictures/tintype"
# state_dir = "~/.local/state/tintype"
# cache_dir = "~/.cache/tintype"

# A relay of your own, or another address for one that tintype knows
# [providers.relay]
# base_url = "https://relay.example" # a final /v1beta is taken off; a query goes along with every call
# models_path = "/v1beta/models"     # where models are below it; /v1/publishers/google/models at Vertex
# auth = "x-goog-api-key"            # query, x-goog-api-key, bearer or none
# api_key_env = "RELAY_API_KEY"      # one of api_key_env, api_key_command and api_key_file
## api_key_command = ["pass", "show", "relay"]  # run without a shell; its first line is the key
## api_key_file = "~/.config/tintype/relay.key" # with mode 0600
# stream = true
# inline_data = "camel"              # or snake, where the relay documents inline_data
# request_limit_mb = 20
# price_per_picture = 0.04           # US dollars, or by size: { "1K" = 0.04, "4K" = 0.12 }
# allow_http = false                 # plain http to another machine
# hint = "Tokens of the group Direct stream"

# [[providers.relay.models]]
# name = "nano-banana-pro"           # as the relay spells it
# like = "gemini-3-pro-image"        # begins as a copy of this row of `tintype models`
# ratios = ["1:1", "16:9", "9:16"]
# sizes = ["1K", "2K"]
# references = { max = 4, types = ["png", "jpeg", "webp"] }
# thinking = "asked"                 # none, unasked or asked
# levels = ["low", "high"]
# candidates = 4                     # answers to one request, where the model gives more than one
# stream = true
# price_per_picture = { "1K" = 0.05, "2K" = 0.08 }
# retires = "2027-06-30"
# note = "Daytime only"
"#;

/// Writes the file with mode 0600, and its folder with mode 0700 where there is none; what is there stays as it is.
pub fn init(path: &Path) -> Result<()> {
    let refuse = |error: &std::io::Error| {
        let message = format!("Cannot write {}: {}", path.display(), reason(error));
        Error::new(Kind::Usage, message).hint("Name another file with --config or TINTYPE_CONFIG")
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true).mode(0o700);
        let facts = builder.create(folder).and_then(|()| std::fs::metadata(folder));
        let mode = facts.map_err(|error| refuse(&error))?.permissions().mode();
        // A umask can take away what even its owner needs.
        if mode & 0o700 != 0o700 {
            let owned = std::fs::Permissions::from_mode(0o700);
            std::fs::set_permissions(folder, owned).map_err(|error| refuse(&error))?;
        }
    }
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match file {
        Ok(mut file) => file
            .write_all(EXAMPLE.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(|error| refuse(&error)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let message = format!("{} is there already and is left as it is", path.display());
            Err(Error::new(Kind::Usage, message)
                .hint("Edit it, or name another file with --config or TINTYPE_CONFIG"))
        }
        Err(error) => Err(refuse(&error)),
    }
}

/// The example with everything in it switched on.
#[cfg(test)]
pub(super) fn switched_on() -> String {
    let is_setting = |line: &str| line.contains(" = ") || line.starts_with('[');
    EXAMPLE
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| is_setting(line))
        .map(|line| line.to_owned() + "\n")
        .collect()
}
