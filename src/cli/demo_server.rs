//! `tintype demo-server`: the demo provider on its own, for any Gemini client.

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
