//! The settings that a request takes over from the turn that it grows from, put under what its flags say.

use super::args::Generate;
use super::tuning;
use crate::config::Wishes;
use crate::domain::{Output, Request, Safety, Tuning, Turn};
use crate::provider::capability::Capability;

/// The word for a ratio, a size or a level that is left to the model.
const ANY: &str = "any";

/// The arguments with the settings of `parent` where no flag says otherwise, and a sentence for each that the model does
/// not take. The settings files are for requests that grow from nothing, or begin afresh.
pub fn settle(
    args: &Generate,
    wishes: &mut Wishes,
    parent: Option<&Turn>,
    row: &Capability,
) -> (Generate, Vec<String>) {
    let Some(parent) = parent.filter(|_| !args.fresh_settings) else {
        return (without_any(args, wishes), Vec::new());
    };
    wishes.forget_format();
    let from = unsaid(args, &parent.request);
    let inherited = row.inherit(&from, args.unchecked);
    let notes = inherited.notes(parent.number, &row.name);
    let args = without_any(args, wishes);
    let Tuning {
        system,
        temperature,
        top_p,
        top_k,
        seed,
        max_tokens,
        thinking,
        no_thoughts,
        safety,
        search,
        tools,
        output,
        candidates: _,
        unchecked: _,
    } = inherited.tuning;
    let output = tuning::output(&args).unwrap_or(output);
    let safety: Vec<String> = safety
        .iter()
        .map(|Safety { category, threshold }| format!("{category}={threshold}"))
        .collect();
    let filled = Generate {
        aspect_ratio: args
            .aspect_ratio
            .or_else(|| inherited.aspect_ratio.map(|ratio| ratio.to_string())),
        size: args.size.or_else(|| inherited.size.map(|size| size.to_string())),
        system: args.system.or(system),
        temperature: args.temperature.or(temperature),
        top_p: args.top_p.or(top_p),
        top_k: args.top_k.or(top_k),
        seed: args.seed.or(seed),
        max_tokens: args.max_tokens.or(max_tokens),
        thinking: args.thinking.or(thinking),
        no_thoughts: args.no_thoughts || no_thoughts,
        safety: if args.safety.is_empty() {
            safety
        } else {
            args.safety
        },
        search: args.search || search,
        tools: args.tools.or(tools),
        images_only: output == Output::Images,
        text: output == Output::Text,
        text_and_images: output == Output::TextAndImages,
        ..args
    };
    (filled, notes)
}

/// Returns the settings of a turn without those that a flag replaces.
fn unsaid(args: &Generate, request: &Request) -> Request {
    let mut from = request.clone();
    from.aspect_ratio.take_if(|_| args.aspect_ratio.is_some());
    from.size.take_if(|_| args.size.is_some());
    let tuning = &mut from.tuning;
    tuning.system.take_if(|_| args.system.is_some());
    tuning.temperature.take_if(|_| args.temperature.is_some());
    tuning.top_p.take_if(|_| args.top_p.is_some());
    tuning.top_k.take_if(|_| args.top_k.is_some());
    tuning.seed.take_if(|_| args.seed.is_some());
    tuning.max_tokens.take_if(|_| args.max_tokens.is_some());
    tuning.thinking.take_if(|_| args.thinking.is_some());
    tuning.tools.take_if(|_| args.tools.is_some());
    if !args.safety.is_empty() {
        tuning.safety.clear();
    }
    tuning.search &= !args.search && !args.no_search;
    from
}

/// The arguments without the word that leaves a ratio, a size or a level to the model: the settings do not say it either.
fn without_any(args: &Generate, wishes: &mut Wishes) -> Generate {
    let mut args = args.clone();
    let is_any = |given: &mut String| given.trim().eq_ignore_ascii_case(ANY);
    if args.aspect_ratio.take_if(is_any).is_some() {
        wishes.aspect_ratio = None;
    }
    if args.size.take_if(is_any).is_some() {
        (wishes.size, wishes.own_size) = (None, None);
    }
    if args.thinking.take_if(is_any).is_some() {
        wishes.thinking = None;
    }
    args
}
