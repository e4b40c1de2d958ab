//! Plain http to another machine: refused unless the user allows it, and the refusal names both ways to do so.

use std::path::Path;

use crate::error::Error;

/// The same refusal with the ways to allow plain http, whoever gave the address; any other error as it is.
pub(super) fn with_ways(mut error: Error, provider: Option<&str>, file: Option<&Path>) -> Error {
    if error.message.ends_with("by plain http") {
        // The demo takes no settings; another address is another provider's.
        let name = provider.filter(|name| *name != "demo").unwrap_or("NAME");
        let file = file.map_or("config.toml".to_owned(), |file| file.display().to_string());
        error.hint = format!(
            "Use https: over http the key travels in the clear. Where that is acceptable, as in a network of your own, \
             --allow-http allows it for this run, and allow_http = true in [providers.{name}] of {file} for good"
        );
    }
    error
}
