//! The embedded demo provider: the Gemini API on the loopback, with pictures painted from the words of the prompt.
//!
//! It answers as a provider would, byte for byte on the wire: thoughts, a draft, the picture, a signature that it
//! checks when it comes back, usage, and any failure that a prompt asks for (`fail:429`; [`failures`] lists them).
//! It keeps no history and asks for no key: all that it knows of a conversation is what the request holds.
//!
//! A follow-up whose pictures are all the demo's own, by their signatures, is painted again from the words of the whole
//! conversation, so that "make the moon larger" does just that. Any other picture, a reference or one whose signature
//! did not come back, is changed pixel by pixel, and stays recognisable. Of several references, the last one counts.
//!
//! What it does not do: reach the network, write files, or know anything of the program that calls it.

#![expect(
    clippy::disallowed_methods,
    reason = "the demo is a server: it starts tasks, paints on the blocking pool and paces its answers by the clock"
)]

mod answer;
mod failure;
mod link;
mod models;
mod pace;
mod painter;
mod request;
mod script;
mod server;
mod signature;
mod thoughts;
mod wire;

use std::fmt;
use std::future::Future;
use std::str::FromStr;

use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use failure::failures;

use crate::error::{Error, Kind, Result};

/// Whose manners the server has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// A relay with Vertex AI behind it: LF line ends, SSE whatever `alt` says, thoughts always, every model served,
    /// usage in an event of its own at the end, a missing signature forgiven but an altered one refused.
    #[default]
    Relay,
    /// The Gemini API itself: CRLF line ends, a JSON array without `alt=sse`, thoughts on request, its own models
    /// only, usage on every event, a missing signature refused.
    Google,
}

impl FromStr for Style {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "relay" => Ok(Self::Relay),
            "google" => Ok(Self::Google),
            _ => Err(format!("\u{201c}{text}\u{201d} is neither relay nor google")),
        }
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Relay => "relay",
            Self::Google => "google",
        })
    }
}

/// How to start the server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    pub style: Style,
    /// How many times faster than the watchable pace; 0 sends everything at once.
    pub speed: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            style: Style::default(),
            speed: 1.0,
        }
    }
}

/// How far the server is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Open,
    /// No new connections; running answers may finish.
    Draining,
    /// Running answers are cut.
    Closed,
}

/// A running server; it stops, and cuts what is still running, when it is dropped.
#[derive(Debug)]
pub struct Server {
    base_url: String,
    phase: watch::Sender<Phase>,
    /// Ends when the last connection has.
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// The address to give to a client, such as `http://127.0.0.1:40123`, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Serves until `stop` is done, then ends as [`Server::shutdown`] does.
    pub async fn run_until(self, stop: impl Future<Output = ()>) {
        stop.await;
        self.shutdown().await;
    }

    /// Accepts nothing new, lets running answers finish for a short while, then cuts them.
    pub async fn shutdown(mut self) {
        let Some(mut task) = self.task.take() else { return };
        self.phase.send_replace(Phase::Draining);
        if tokio::time::timeout(server::DRAIN, &mut task).await.is_err() {
            self.phase.send_replace(Phase::Closed);
            // A client that neither reads nor hangs up must not hold the exit: the task is left to the runtime.
            let _ = tokio::time::timeout(server::DRAIN, task).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.phase.send_replace(Phase::Closed);
    }
}

/// Starts the server on the loopback; it runs on the current tokio runtime until the [`Server`] is dropped.
pub async fn start(options: Options) -> Result<Server, Error> {
    let refused = |error: &std::io::Error| {
        let message = format!(
            "The demo server could not listen on 127.0.0.1:{}: {error}",
            options.port
        );
        if options.port == 0 {
            Error::new(Kind::Internal, message)
        } else {
            Error::new(Kind::Usage, message)
                .hint("Choose another --port, or leave it out to take any that is free")
        }
    };
    let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, options.port))
        .await
        .map_err(|error| refused(&error))?;
    let address = listener.local_addr().map_err(|error| refused(&error))?;
    let (phase, watching) = watch::channel(Phase::Open);
    let task = tokio::spawn(server::serve(listener, options, watching));
    Ok(Server {
        base_url: format!("http://{address}"),
        phase,
        task: Some(task),
    })
}
