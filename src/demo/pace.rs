//! The way out: sends pieces of an answer at a watchable pace, and notices when nobody listens any more or the
//! server is to close.

use std::io;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::Phase;
use super::wire::Piece;

/// Nobody listens: the client hung up, or the server is closing.
pub(super) struct Gone;

/// How often a picture's bytes go out, at most.
const TICK: f64 = 0.025;

/// The most that is turned into base64 at a time; a multiple of three, so that only the last one is padded.
const STRETCH: usize = 3 << 16;

/// The sending end of an answer's body.
pub(super) struct Line {
    sender: mpsc::Sender<io::Result<Bytes>>,
    phase: watch::Receiver<Phase>,
    /// Times faster than the default pace; 0 for no pauses at all.
    speed: f64,
}

impl Line {
    pub(super) fn new(
        sender: mpsc::Sender<io::Result<Bytes>>,
        phase: watch::Receiver<Phase>,
        speed: f64,
    ) -> Self {
        let speed = if speed.is_finite() { speed.max(0.0) } else { 0.0 };
        Self { sender, phase, speed }
    }

    /// Waits for this many seconds of the default pace.
    pub(super) async fn pause(&mut self, seconds: f64) -> Result<(), Gone> {
        match self.real(seconds) {
            Some(duration) => self.until(Instant::now() + duration).await,
            None => Ok(()),
        }
    }

    /// Seconds of the default pace as time; `None` where nothing is to be waited for.
    fn real(&self, seconds: f64) -> Option<Duration> {
        let seconds = if self.speed > 0.0 {
            seconds / self.speed
        } else {
            0.0
        };
        Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|duration| !duration.is_zero())
    }

    async fn until(&mut self, deadline: Instant) -> Result<(), Gone> {
        tokio::select! {
            () = tokio::time::sleep_until(deadline) => Ok(()),
            () = self.sender.closed() => Err(Gone),
            _ = self.phase.wait_for(|phase| *phase == Phase::Closed) => Err(Gone),
        }
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Gone> {
        tokio::select! {
            sent = self.sender.send(Ok(bytes)) => sent.map_err(|_| Gone),
            _ = self.phase.wait_for(|phase| *phase == Phase::Closed) => Err(Gone),
        }
    }

    pub(super) async fn piece(&mut self, piece: Piece) -> Result<(), Gone> {
        self.pieces(vec![piece], 0.0).await
    }

    /// Sends the pieces, their base64 spread over this many seconds of the default pace.
    pub(super) async fn pieces(&mut self, pieces: Vec<Piece>, seconds: f64) -> Result<(), Gone> {
        let data = |piece: &Piece| match piece {
            Piece::Base64(bytes) => bytes.len(),
            Piece::Literal(_) => 0,
        };
        let total: usize = pieces.iter().map(data).sum();
        let spread = self.real(seconds);
        let begun = Instant::now();
        let stretch = match spread {
            Some(spread) => stretch(total, spread),
            None => STRETCH,
        };
        let mut sent = 0;
        for piece in pieces {
            match piece {
                Piece::Literal(text) => self.send(text).await?,
                Piece::Base64(bytes) => {
                    for part in bytes.chunks(stretch) {
                        let text = base64_simd::STANDARD.encode_to_string(part);
                        self.send(Bytes::from(text)).await?;
                        sent += part.len();
                        if let Some(spread) = spread {
                            self.until(begun + spread.mul_f64(share(sent, total))).await?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Sends nothing and keeps the connection, until the client or the server ends it.
    pub(super) async fn silence(&mut self) -> Result<(), Gone> {
        tokio::select! {
            () = self.sender.closed() => {}
            _ = self.phase.wait_for(|phase| *phase != Phase::Open) => {}
        }
        Err(Gone)
    }

    /// Ends the connection without ending the answer.
    pub(super) async fn drop_connection(&mut self) -> Result<(), Gone> {
        // What was sent must have left before the connection is torn down, or it is lost with it.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let error = io::Error::new(io::ErrorKind::ConnectionReset, "the demo drops this connection");
        self.sender.send(Err(error)).await.map_err(|_| Gone)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of a picture's bytes, for pacing"
)]
fn share(sent: usize, total: usize) -> f64 {
    sent as f64 / total.max(1) as f64
}

/// How many bytes go out at a time: small enough to be seen arriving, large enough not to tick for nothing.
fn stretch(total: usize, spread: Duration) -> usize {
    let ticks = (spread.as_secs_f64() / TICK).clamp(1.0, 1000.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 1..=1000"
    )]
    let ticks = ticks as usize;
    let even = total.div_ceil(ticks).clamp(3, STRETCH);
    even - even % 3
}
