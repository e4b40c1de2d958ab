//! The routes: takes a request apart as far as its address, its key and its bytes, and hands the rest on.
//! It knows nothing of pictures.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use futures_util::StreamExt;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::failure::{Failure, Said};
use super::wire::Framing;
use super::{Options, Phase, Style, answer, link, models};

/// How long running answers may take once the server is told to stop.
pub(super) const DRAIN: Duration = Duration::from_secs(3);

/// The largest request body that is taken.
pub(super) const LIMIT: usize = 20_000_000;

/// How much of a body that is too large is read and thrown away, so that a client in the middle of sending it gets
/// the refusal and not a reset connection.
const PATIENCE: usize = 256 << 20;

/// A key that is refused, so that a client's path for wrong keys can be walked.
const BAD_KEY: &str = "bad-key";

/// What every request shares.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) phase: watch::Receiver<Phase>,
    /// Answers so far.
    pub(super) count: AtomicU64,
    /// How often a prompt that wants some failures only has had one; prompts as hashes.
    pub(super) failed: Mutex<HashMap<u64, u32>>,
}

/// Serves until the phase leaves [`Phase::Open`] and the last connection has ended.
pub(super) async fn serve(listener: TcpListener, options: Options, phase: watch::Receiver<Phase>) {
    let mut stop = phase.clone();
    let shared = Arc::new(Shared {
        options,
        phase,
        count: AtomicU64::new(0),
        failed: Mutex::default(),
    });
    let router = Router::new()
        .route("/{version}/models", get(list))
        .route("/{version}/models/{call}", get(one).post(call))
        .route("/pictures/{size}/{name}", get(picture))
        .fallback(lost)
        .with_state(shared);
    let stopped = async move {
        // An error means that the server was dropped, which is a reason to stop as well.
        let _ = stop.wait_for(|phase| *phase != Phase::Open).await;
    };
    let serving = axum::serve(listener, router).with_graceful_shutdown(stopped);
    let _ = serving.await;
}

async fn list(State(shared): State<Arc<Shared>>, Path(version): Path<String>) -> Response {
    if is_version(&version) {
        json(200, &models::list(shared.options.style))
    } else {
        refuse(&nowhere(), false)
    }
}

async fn one(State(shared): State<Arc<Shared>>, Path((version, name)): Path<(String, String)>) -> Response {
    match models::one(&name, shared.options.style).filter(|_| is_version(&version)) {
        Some(model) => json(200, &model),
        None => refuse(&Failure::not_found(format!("models/{name} is not found.")), false),
    }
}

async fn picture(Path((size, name)): Path<(String, String)>) -> Response {
    let painted = tokio::task::spawn_blocking(move || link::picture(&size, &name));
    match painted.await.ok().flatten() {
        Some(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
            response
        }
        None => refuse(&nowhere(), false),
    }
}

async fn lost() -> Response {
    refuse(&nowhere(), false)
}

fn nowhere() -> Failure {
    Failure::not_found("The requested URL was not found on this server.")
}

fn is_version(version: &str) -> bool {
    matches!(version, "v1beta" | "v1" | "v1alpha")
}

/// `POST /v1beta/models/MODEL:METHOD`.
async fn call(
    State(shared): State<Arc<Shared>>,
    Path((version, call)): Path<(String, String)>,
    request: Request,
) -> Response {
    let style = shared.options.style;
    let carriers = Carriers::read(&request);
    let Some((model, method)) = call.rsplit_once(':').filter(|_| is_version(&version)) else {
        return refuse(&nowhere(), false);
    };
    let framing = match method {
        "streamGenerateContent" if carriers.sse || style == Style::Relay => Framing::Sse,
        "streamGenerateContent" => Framing::Array,
        "generateContent" => Framing::Single,
        _ => return refuse(&nowhere(), false),
    };
    let array = framing == Framing::Array;
    let body = match read(request.into_body()).await {
        Ok(Some(body)) => body,
        Ok(None) => return refuse(&Failure::too_large(LIMIT), array),
        Err(failure) => return refuse(&failure, array),
    };
    if carriers.bad_key {
        return refuse(&Failure::bad_key(style == Style::Relay), array);
    }
    match answer::begin(&shared, model.to_owned(), framing, body, carriers.host).await {
        Ok((content_type, body)) => stream(content_type, body),
        Err(failure) => refuse(&failure, array),
    }
}

/// What is read from the address and the headers; the key itself is not kept.
struct Carriers {
    bad_key: bool,
    sse: bool,
    /// What the client calls this server.
    host: Option<String>,
}

impl Carriers {
    fn read(request: &Request) -> Self {
        let pairs = request.uri().query().unwrap_or_default().split('&');
        let query: Vec<(&str, &str)> = pairs.filter_map(|pair| pair.split_once('=')).collect();
        let header = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let bearer = header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        Self {
            bad_key: header("x-goog-api-key") == Some(BAD_KEY)
                || bearer == Some(BAD_KEY)
                || query.contains(&("key", BAD_KEY)),
            sse: query.contains(&("alt", "sse")),
            host: header("host").map(str::to_owned),
        }
    }
}

/// The whole body; `None` when it is larger than [`LIMIT`], after the client has had time to send it.
async fn read(body: Body) -> Result<Option<Bytes>, Failure> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    let mut length = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Failure::invalid("The request body ended before it was complete."))?;
        length += chunk.len();
        if length > PATIENCE {
            break;
        } else if length > LIMIT {
            whole = Vec::new();
        } else {
            whole.extend_from_slice(&chunk);
        }
    }
    Ok((length <= LIMIT).then(|| Bytes::from(whole)))
}

fn json(status: u16, body: &serde_json::Value) -> Response {
    // Google indents; clients must not care.
    let text = serde_json::to_string_pretty(body).unwrap_or_default();
    typed(status, "application/json; charset=UTF-8", text + "\n")
}

fn typed(status: u16, content_type: &'static str, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// A refusal; `array` wraps it in an array of one, as the Gemini API does where it would have sent one.
fn refuse(failure: &Failure, array: bool) -> Response {
    let mut response = match &failure.body {
        Said::Json(value) if array => json(failure.status, &serde_json::json!([value])),
        Said::Json(value) => json(failure.status, value),
        // new-api has already said that a stream follows.
        Said::Relay(value) => typed(failure.status, "text/event-stream", value.to_string()),
        Said::Page(page) => typed(failure.status, "text/html; charset=UTF-8", page.clone()),
        Said::Nothing => typed(failure.status, "application/json", String::new()),
    };
    if let Some(seconds) = failure.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn stream(content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // The end of the connection ends an answer: there is no other terminator.
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
