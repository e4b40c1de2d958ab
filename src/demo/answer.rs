//! One answer, from the request's bytes to the last byte sent: understands it off the async threads, starts the
//! painter, and tells the script at its pace while the painter works.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{Body, Bytes};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use tokio::sync::{mpsc, oneshot};

use super::failure::{self, Failure, Mishap, Place, Wanted};
use super::link;
use super::models::Thinking;
use super::pace::{Gone, Line};
use super::painter::{self, Plan};
use super::request::{self, Ask, Subject};
use super::script::{self, Beat};
use super::server::Shared;
use super::wire::{Event, Finish, Framing, Part, Piece, Tally, Wire};
use super::{Style, signature};

/// Seconds over which a picture's bytes are spread at the default pace.
const DEVELOPING: f64 = 1.7;

/// Checks a request and begins its answer: the content type and the body of a 200, or a refusal.
pub(super) async fn begin(
    shared: &Arc<Shared>,
    model: String,
    framing: Framing,
    body: Bytes,
    host: Option<String>,
) -> Result<(&'static str, Body), Failure> {
    let style = shared.options.style;
    let understood = tokio::task::spawn_blocking(move || {
        let ask = request::parse(&body, &model, style)?;
        let plan = painter::plan(&ask.subject);
        Ok((ask, plan))
    });
    let (mut ask, plan) = understood.await.map_err(|_| Failure::internal())??;
    let wish = failure::wanted(&ask.prompt, &ask.model_name, style == Style::Relay);
    let granted = wish.filter(|wish| wish.times.is_none_or(|times| count(shared, &ask.prompt) < times));
    let mishap = match granted.map(|wish| wish.what) {
        Some(Wanted::Refusal(failure)) => return Err(failure),
        Some(Wanted::Mishap(mishap)) => Some(mishap),
        // A budget that is too small for a picture ends before there is one.
        None => ask.starved().then(|| Mishap::Finish("MAX_TOKENS".to_owned())),
    };
    if mishap == Some(Mishap::WrongSize) {
        (ask.width, ask.height) = ask.fewer_pixels();
    }
    let (created, id) = identity(shared);
    let served = if mishap == Some(Mishap::WrongModel) {
        ask.model.stand_in()
    } else {
        &ask.model_name
    };
    let wire = Wire::new(style, framing, served, created, id);
    let content_type = wire.content_type();
    let (sender, receiver) = mpsc::channel(4);
    let line = Line::new(sender, shared.phase.clone(), shared.options.speed);
    let address = host.map(|host| link::to(&host, &ask));
    tokio::spawn(perform(line, wire, ask, plan, mishap, address));
    let chunks = futures_util::stream::unfold(receiver, async |mut receiver| {
        receiver
            .recv()
            .await
            .map(|chunk: io::Result<Bytes>| (chunk, receiver))
    });
    Ok((content_type, Body::from_stream(chunks)))
}

/// How often this prompt has failed before; it is counted.
fn count(shared: &Shared, prompt: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    prompt.hash(&mut hasher);
    // A thread that panicked while it held the counts left them whole.
    let mut counts = shared
        .failed
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let count: &mut u32 = counts.entry(hasher.finish()).or_default();
    let before = *count;
    *count = count.saturating_add(1);
    before
}

/// When the answer began, and its name.
fn identity(shared: &Shared) -> (String, String) {
    let now = jiff::Timestamp::now();
    let count = shared.count.fetch_add(1, Ordering::Relaxed);
    let mut hasher = DefaultHasher::new();
    (now.as_nanosecond(), count, std::process::id()).hash(&mut hasher);
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&hasher.finish().to_be_bytes());
    count.hash(&mut hasher);
    bytes[8..].copy_from_slice(&hasher.finish().to_be_bytes());
    let id = BASE64_URL_SAFE_NO_PAD.encode(bytes);
    (now.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string(), id)
}

/// The pictures of an answer, as the painter finishes them.
struct Easel {
    draft: oneshot::Receiver<Vec<u8>>,
    /// One for each candidate.
    pictures: mpsc::Receiver<Vec<u8>>,
}

impl Easel {
    fn start(ask: &Ask, plan: Plan) -> Self {
        let (tell_draft, draft) = oneshot::channel();
        let (tell_picture, pictures) = mpsc::channel(1);
        let (subject, width, height, jpeg) = (ask.subject.clone(), ask.width, ask.height, ask.jpeg);
        let candidates = ask.candidates;
        tokio::task::spawn_blocking(move || {
            let given = match &subject {
                Subject::Picture { bytes, .. } => match painter::read(bytes) {
                    Some(given) => Some(given),
                    // Both senders are dropped: the answer says that the picture could not be made.
                    None => return,
                },
                Subject::Words(_) => None,
            };
            if let Some(draft) = painter::draft(&plan, given.as_ref(), width, height) {
                // An answer without thoughts has no use for its draft.
                let _ = tell_draft.send(draft);
            }
            if tell_picture.is_closed() {
                return;
            }
            for number in 0..candidates {
                let plan = plan.varied(number);
                let painted = painter::finished(&plan, given.as_ref(), width, height, jpeg);
                // Nobody waits for the next one, or this one cannot be encoded.
                if painted.is_none_or(|picture| tell_picture.blocking_send(picture).is_err()) {
                    return;
                }
            }
        });
        Self { draft, pictures }
    }
}

async fn perform(
    mut line: Line,
    wire: Wire,
    ask: Ask,
    plan: Plan,
    mishap: Option<Mishap>,
    address: Option<String>,
) {
    let beats = script::beats(&ask, &plan, mishap.clone());
    let easel = Easel::start(&ask, plan);
    let stage = Stage {
        tally: Tally {
            prompt: ask.prompt_tokens,
            ..Tally::default()
        },
        held: Event::default(),
        signed: wire.style == Style::Relay || ask.model.thinking != Thinking::Never,
        ask,
        wire,
        mishap,
        address: address.unwrap_or_default(),
    };
    // `Gone` means that nobody listens: there is nobody to tell.
    let _ = stage.tell(&mut line, beats, easel).await;
}

/// An answer while it is being told.
struct Stage {
    ask: Ask,
    wire: Wire,
    tally: Tally,
    /// What has been said so far, where everything goes out as one object.
    held: Event,
    signed: bool,
    mishap: Option<Mishap>,
    /// Where the picture can be fetched.
    address: String,
}

impl Stage {
    async fn tell(mut self, line: &mut Line, beats: Vec<(f64, Beat)>, easel: Easel) -> Result<(), Gone> {
        let Easel {
            mut draft,
            mut pictures,
        } = easel;
        for (pause, beat) in beats {
            line.pause(pause).await?;
            match beat {
                Beat::Thought(text) => {
                    self.tally.thoughts += text.len() as u64 / 4;
                    self.part(line, Part::Thought(text)).await?;
                }
                Beat::Text(text) => {
                    self.tally.text += text.len() as u64 / 4;
                    let signature = self.sign(text.as_bytes());
                    self.part(line, Part::Text { text, signature }).await?;
                }
                Beat::Draft => {
                    if let Ok(bytes) = (&mut draft).await {
                        let draft = Part::Picture {
                            bytes: Bytes::from(bytes),
                            mime: "image/jpeg",
                            thought: true,
                            signature: None,
                        };
                        self.part(line, draft).await?;
                    }
                }
                Beat::Picture => match pictures.recv().await {
                    Some(bytes) => self.pictures(line, Bytes::from(bytes), &mut pictures).await?,
                    None => return self.error(line, &Failure::internal()).await,
                },
                Beat::CutPicture => {
                    if let Some(bytes) = pictures.recv().await {
                        self.cut(line, Bytes::from(bytes)).await?;
                    }
                    return Ok(());
                }
                Beat::End(finish) => self.finish(line, Vec::new(), Some(finish)).await?,
                Beat::Blocked(reason) => {
                    self.held.blocked = Some(reason);
                    self.finish(line, Vec::new(), None).await?;
                }
                Beat::Error(failure) => return self.error(line, &failure).await,
                Beat::Raw(text) => return line.piece(self.wire.raw(&text)).await,
                Beat::Drop => return line.drop_connection().await,
                Beat::Link(place) => {
                    let part = self.link(place);
                    self.part(line, part).await?;
                }
                Beat::Silence => return line.silence().await,
            }
        }
        match self.wire.end() {
            Some(piece) => line.piece(piece).await,
            None => Ok(()),
        }
    }

    fn sign(&self, answered: &[u8]) -> Option<String> {
        self.signed.then(|| signature::sign(&self.ask.prompt, answered))
    }

    /// Sends a part at once, or keeps it for the end.
    async fn part(&mut self, line: &mut Line, part: Part) -> Result<(), Gone> {
        if self.wire.framing == Framing::Single {
            self.held.parts.push(part);
            return Ok(());
        }
        let event = Event {
            parts: vec![part],
            tally: self.tally,
            ..Event::default()
        };
        line.pieces(self.wire.event(&event), 0.0).await
    }

    fn result(&self, bytes: Bytes) -> Part {
        let lies = self.mishap == Some(Mishap::WrongType);
        Part::Picture {
            signature: self.sign(&bytes),
            bytes,
            mime: if self.ask.jpeg == lies {
                "image/png"
            } else {
                "image/jpeg"
            },
            thought: false,
        }
    }

    fn link(&self, place: Place) -> Part {
        let url = self.address.clone();
        match place {
            Place::Markdown => Part::Text {
                text: format!("![image]({url})"),
                signature: None,
            },
            Place::FileData => Part::Link { url, as_data: false },
            Place::InlineData => Part::Link { url, as_data: true },
        }
    }

    /// The pictures of all candidates, the first of which is there. A stream has an event for each; one object has them all.
    async fn pictures(
        &mut self,
        line: &mut Line,
        first: Bytes,
        others: &mut mpsc::Receiver<Vec<u8>>,
    ) -> Result<(), Gone> {
        self.tally.picture += self.ask.picture_tokens;
        let mut part = self.result(first);
        if self.mishap == Some(Mishap::Repeat) {
            self.part(line, part.clone()).await?;
        }
        for candidate in 1..self.ask.candidates {
            if self.wire.framing != Framing::Single {
                let event = Event {
                    parts: vec![part.clone()],
                    finish: Some(script::finish("STOP")),
                    candidate: candidate - 1,
                    tally: self.tally,
                    ..Event::default()
                };
                line.pieces(self.wire.event(&event), DEVELOPING).await?;
            }
            let Some(bytes) = others.recv().await else {
                return self.error(line, &Failure::internal()).await;
            };
            self.tally.picture += self.ask.picture_tokens;
            let next = self.result(Bytes::from(bytes));
            if self.wire.framing == Framing::Single {
                self.held.others.push(next);
            } else {
                self.held.candidate = candidate;
                part = next;
            }
        }
        self.finish(line, vec![part], Some(script::finish("STOP"))).await
    }

    /// The last parts with the reason for the end and the usage, in one event or two.
    async fn finish(
        &mut self,
        line: &mut Line,
        parts: Vec<Part>,
        finish: Option<Finish>,
    ) -> Result<(), Gone> {
        let mut event = std::mem::take(&mut self.held);
        event.parts.extend(parts);
        event.finish = finish;
        let grounded = self.mishap == Some(Mishap::Grounded);
        event.searched = self
            .ask
            .searched
            .clone()
            .or(grounded.then(|| self.ask.prompt.clone()));
        event.tally = self.tally;
        event.last = self.wire.style == Style::Google || self.wire.framing == Framing::Single;
        line.pieces(self.wire.event(&event), DEVELOPING).await?;
        if event.last {
            return Ok(());
        }
        let usage = Event {
            tally: self.tally,
            last: true,
            ..Event::default()
        };
        line.pieces(self.wire.event(&usage), 0.0).await
    }

    /// Sends a part of the picture's event, then drops the connection.
    async fn cut(&mut self, line: &mut Line, bytes: Bytes) -> Result<(), Gone> {
        let keep = bytes.len() * 2 / 5;
        let mut event = std::mem::take(&mut self.held);
        event.parts.push(self.result(bytes));
        event.tally = self.tally;
        let mut pieces = self.wire.event(&event);
        // The result's data is the last picture of the event: what follows it never goes out.
        while matches!(pieces.last(), Some(Piece::Literal(_))) {
            pieces.pop();
        }
        if let Some(Piece::Base64(data)) = pieces.last_mut() {
            data.truncate(keep - keep % 3);
        }
        line.pieces(pieces, DEVELOPING / 2.0).await?;
        line.drop_connection().await
    }

    async fn error(&mut self, line: &mut Line, failure: &Failure) -> Result<(), Gone> {
        let pieces = self.wire.error(&failure.json());
        line.pieces(pieces, 0.0).await?;
        match self.wire.end() {
            Some(piece) => line.piece(piece).await,
            None => Ok(()),
        }
    }
}
