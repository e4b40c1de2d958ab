//! `tintype demo-server`: the demo provider on its own, for any Gemini client.

use std::fmt::Write as _;

use super::args::DemoServer;
use super::interrupt::Interrupt;
use super::output;
use crate::demo::{self, Options, Style};
use crate::error::Result;

/// Serves until it is interrupted.
pub async fn run(args: &DemoServer) -> Result<u8> {
    let style = if args.style == "google" {
        Style::Google
    } else {
        Style::Relay
    };
    let server = demo::start(Options {
        port: args.port,
        style,
        speed: args.speed,
    })
    .await?;
    output::line(server.base_url());
    output::note("The demo provider listens; any key is accepted. Ctrl+C ends it");
    Interrupt::new().wait().await;
    Ok(0)
}

/// What a prompt may ask for, from the demo's own table: the end of the help.
pub(super) fn failures() -> String {
    let mut text =
        "A word in the prompt makes an answer fail; `*N` behind it, only N times (`fail:429*2`):\n"
            .to_owned();
    let longest = demo::failures().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, says) in demo::failures() {
        let _ = write!(text, "\n  fail:{name:longest$}  {says}");
    }
    text
}
