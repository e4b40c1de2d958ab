//! What `generate` reads before it asks: the prompt and the reference pictures, from arguments, files and standard
//! input. It sends nothing and prints nothing.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use super::args::Generate;
use crate::domain::Reference;
use crate::domain::paths::is_stdin;
use crate::engine::{self, Attaching, Origin};
use crate::error::{Error, Kind, Result, reason};
use crate::store::Store;

/// A prompt longer than this is not one.
const PROMPT_LIMIT: u64 = 1 << 20;
/// Longer tools are none.
const TOOLS_LIMIT: u64 = 1 << 20;
/// A reference from standard input larger than this is not one: no provider takes it.
const REFERENCE_LIMIT: u64 = 64 << 20;

/// The prompt from the argument, a file or standard input.
pub(super) fn prompt(args: &Generate) -> Result<String> {
    let bytes = match (args.prompt.as_deref(), args.prompt_file.as_deref()) {
        (Some(prompt), _) if prompt != "-" => prompt.as_bytes().to_vec(),
        (None, Some(path)) if !is_stdin(path) => from_file(path, "prompt file", PROMPT_LIMIT)?,
        (None, None) if takes_reference(args) || std::io::stdin().is_terminal() => Vec::new(),
        _ if takes_reference(args) => return Err(twice()),
        _ => from_stdin(PROMPT_LIMIT)?,
    };
    if longer(&bytes, PROMPT_LIMIT) {
        return Err(Error::new(Kind::BadInput, "The prompt is longer than 1 MiB")
            .hint("Give pictures with --image, not in the prompt"));
    }
    let prompt = String::from_utf8(bytes).map_err(|_| {
        Error::new(Kind::BadInput, "The prompt is not UTF-8 text")
            .hint("Save it as UTF-8; give pictures with --image")
    })?;
    let prompt = prompt.trim();
    if prompt.is_empty() {
        return Err(Error::new(Kind::Usage, "There is no prompt")
            .hint("Say what to make: tintype generate \"a red fox\", or -f FILE, or - for standard input"));
    }
    Ok(prompt.to_owned())
}

/// The tools of `--tools`: JSON, or `@FILE` with the JSON in it. What is in it is judged with the rest of the request; only the
/// space between its values is taken out.
pub(super) fn tools(given: &str) -> Result<String> {
    let Some(path) = given.strip_prefix('@') else {
        return Ok(compact(given));
    };
    let bytes = from_file(Path::new(path), "tools", TOOLS_LIMIT)?;
    let unfit = |what: &str| {
        Error::new(Kind::BadInput, format!("The tools in {path} are {what}"))
            .hint("Give a file with a JSON array; nothing was sent")
    };
    if longer(&bytes, TOOLS_LIMIT) {
        return Err(unfit("longer than 1 MiB"));
    }
    let text = String::from_utf8(bytes).map_err(|_| unfit("not UTF-8 text"))?;
    Ok(compact(&text))
}

/// JSON without a byte order mark and without the space between its values.
fn compact(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for letter in json.trim_start_matches('\u{feff}').chars() {
        if in_string || !matches!(letter, ' ' | '\t' | '\n' | '\r') {
            compact.push(letter);
        }
        in_string = if in_string {
            escaped || letter != '"'
        } else {
            letter == '"'
        };
        escaped = in_string && letter == '\\' && !escaped;
    }
    compact
}

/// The references, each taken into the store as it is now and examined before anything is sent.
pub(super) fn references(store: &Store, args: &Generate) -> Result<Vec<Reference>> {
    if args.images.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(twice());
    }
    let how = Attaching {
        keep_metadata: args.keep_metadata,
        patience: None,
    };
    let reference = |path: &PathBuf| {
        if !is_stdin(path) {
            return engine::attach(store, path.as_os_str(), how);
        }
        let bytes = from_stdin(REFERENCE_LIMIT)?;
        if longer(&bytes, REFERENCE_LIMIT) {
            return Err(Error::new(
                Kind::BadInput,
                "The reference on standard input is larger than 64 MiB",
            )
            .hint("Give a smaller picture; nothing was sent"));
        }
        engine::attach_bytes(store, &bytes, Origin::StandardInput, how)
    };
    args.images.iter().map(reference).collect()
}

/// A picture on standard input.
pub(super) fn picture() -> Result<Vec<u8>> {
    if std::io::stdin().is_terminal() {
        return Err(Error::new(Kind::Usage, "There is no picture on standard input")
            .hint("Pipe one in, or give a file"));
    }
    let bytes = from_stdin(REFERENCE_LIMIT)?;
    if longer(&bytes, REFERENCE_LIMIT) {
        return Err(Error::new(
            Kind::BadInput,
            "The picture on standard input is larger than 64 MiB",
        )
        .hint("Give it as a file"));
    }
    Ok(bytes)
}

fn takes_reference(args: &Generate) -> bool {
    args.images.iter().any(|path| is_stdin(path))
}

fn twice() -> Error {
    Error::new(Kind::Usage, "Standard input is asked for twice")
        .hint("Give all but one of the prompt and the references as files")
}

fn longer(bytes: &[u8], limit: u64) -> bool {
    u64::try_from(bytes.len()).is_ok_and(|length| length > limit)
}

/// Everything on standard input; one byte more than the limit tells that there is more.
fn from_stdin(limit: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| {
        Error::new(
            Kind::BadInput,
            format!("Cannot read standard input: {}", reason(&error)),
        )
        .hint("Give it as a file; nothing was sent")
    })?;
    Ok(bytes)
}

/// A file, which is called `what`; one byte more than the limit tells that there is more.
fn from_file(path: &Path, what: &str, limit: u64) -> Result<Vec<u8>> {
    let path = &engine::locate(path.as_os_str());
    let unreadable = |error: std::io::Error| {
        let why = engine::why_unreadable(path, &error);
        let message = format!("Cannot read the {what} {}: {why}", path.display());
        Error::new(Kind::BadInput, message).hint("Check the path; nothing was sent")
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::compact;

    #[test]
    fn only_the_space_between_values_is_taken_out() {
        for (json, compacted) in [
            (
                "\u{feff}[ {\n\t\"a b\" : [1.50 , \"x \\\" y\"] } ]\r\n",
                r#"[{"a b":[1.50,"x \" y"]}]"#,
            ),
            (r#"["\\", " "]"#, r#"["\\"," "]"#),
            ("[ \"open ", "[\"open "),
            ("", ""),
        ] {
            assert_eq!(compact(json), compacted);
        }
    }
}
