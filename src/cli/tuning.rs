//! What `generate`'s flags say beyond prompt, ratio and size. It parses; the model table judges.

use super::args::Generate;
use super::input;
use crate::domain::{Output, Safety, Tuning};
use crate::error::{Error, Kind, Result};

/// The tuning that the flags ask for; `thinking` is the settings' own wish, where no flag says otherwise.
pub(super) fn tuning(args: &Generate) -> Result<Tuning> {
    let safety = args.safety.iter().map(|text| text.parse::<Safety>());
    let safety: Vec<Safety> = safety
        .collect::<std::result::Result<_, String>>()
        .map_err(|problem| {
            Error::new(Kind::BadInput, problem)
                .hint("Such as --safety HARASSMENT=BLOCK_ONLY_HIGH; nothing was sent")
        })?;
    Ok(Tuning {
        system: args.system.clone().filter(|text| !text.trim().is_empty()),
        temperature: args.temperature,
        top_p: args.top_p,
        top_k: args.top_k,
        seed: args.seed,
        max_tokens: args.max_tokens,
        thinking: args
            .thinking
            .as_deref()
            .map(|level| level.trim().to_ascii_lowercase()),
        no_thoughts: args.no_thoughts,
        safety,
        search: args.search,
        tools: args.tools.as_deref().map(input::tools).transpose()?,
        output: output(args).unwrap_or_default(),
        candidates: args.candidates,
        unchecked: args.unchecked,
    })
}

/// What the flags ask for, if they say it.
pub fn output(args: &Generate) -> Option<Output> {
    let flags = [
        (args.images_only, Output::Images),
        (args.text, Output::Text),
        (args.text_and_images, Output::TextAndImages),
    ];
    flags
        .into_iter()
        .find_map(|(given, output)| given.then_some(output))
}
